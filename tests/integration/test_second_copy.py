"""The second copy: everything sealed is there too, digest-checked; its disk may be full, away, or another."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.upkeep_state import state_of
from evidence.custody import Actor, Authenticated, Entry, EventType
from evidence.errors import ConfigError, IntegrityError, StorageError, StorageFullError, WithheldError
from evidence.ids import Digest
from evidence.merkle import root_at
from evidence.secrecy import Marked
from evidence.tlog import checkpoint_of, signed_note
from index.decisions import Act
from index.secrecy import CLASSIFY, classify
from storage.local_log import LocalLog
from storage.proofs import tile_node
from storage.second_copy import MARKER, full_paths, partial_paths
from tests.support.index import LI, PACK, WANG
from tests.support.storage import files_below, s3_log, s3_vault, sha256, small_disk
from tests.support.upkeep import SmallHome

MACHINE = Actor("system", Authenticated.MACHINE)


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Iterator[SmallHome]:
    home = SmallHome(tmp_path / "home", tmp_path / "second")
    yield home
    home.close()


def copied(home: SmallHome) -> list[str]:
    """Return every file of the second copy."""
    assert home.second is not None
    return [path for path in files_below(home.second) if path != MARKER]


def in_vault(home: SmallHome) -> list[str]:
    """Return every file of the vault that belongs into a second copy."""
    kept = ("originals", "records", "ledger")
    return [path for path in files_below(home.root / "vault") if path.startswith(kept)]


def test_originals_records_and_ledger_are_copied(home: SmallHome) -> None:
    """After a round the second copy has the vault's files, byte for byte, read-only, none of them a link."""
    home.vault.put_record("decisions", "000.json", b"{}")
    for number in range(3):
        home.arrive(f"MOV{number}.mp4", os.urandom(100_000))
    home.upkeep.tick()
    assert copied(home) == in_vault(home)
    assert home.second is not None
    for path in copied(home):
        copy, original = home.second / path, home.root / "vault" / path
        assert copy.read_bytes() == original.read_bytes()
        assert copy.stat().st_ino != original.stat().st_ino
        assert copy.stat().st_nlink == 1
        if path.startswith(("originals", "records")):
            assert copy.stat().st_mode & 0o777 == 0o444


def test_it_follows_what_comes_later_and_partial_tiles_go(home: SmallHome) -> None:
    """Each round brings it up to the newest checkpoint; what a wider tile has made superfluous goes there, too."""
    for number in range(130):
        home.arrive(f"MOV{number}.mp4", b"%d" % number)
        if number % 10 == 0:
            home.upkeep.tick()
    home.upkeep.tick()
    assert copied(home) == in_vault(home)
    assert home.second is not None
    log = LocalLog(home.second)
    head = checkpoint_of(signed_note(log.read("checkpoint")))
    assert root_at(head.size, tile_node(log, head.size)) == head.root
    assert head.size > 256


def test_a_home_that_gets_a_second_copy_later_is_copied_whole(tmp_path: Path) -> None:
    """The first round after the setting was made begins with the oldest original."""
    home = SmallHome(tmp_path / "home")
    digests = {home.arrive(f"MOV{number}.mp4", b"%d" % number) for number in range(5)}
    home.upkeep.tick()
    home.close()
    home = SmallHome(tmp_path / "home", tmp_path / "second")
    home.upkeep.tick()
    assert {Path(path).name for path in copied(home) if path.startswith("originals")} == digests
    assert state_of(home.upkeep).second_copy.behind == 0  # type: ignore[union-attr] # there is one
    home.close()


def test_a_round_that_ends_in_the_middle_of_a_file_goes_on_there(home: SmallHome) -> None:
    """Copying a long original may take many rounds; nothing half is ever under a digest."""
    body = os.urandom(5 * 1024 * 1024)
    digest = home.arrive("long.mp4", body)
    copies = home.upkeep.copies
    assert copies is not None
    copies.round(lambda: True)
    assert copied(home)[0].startswith("staging/")
    for _ in range(30):
        copies.round(lambda: True)
    assert home.second is not None
    assert home.place(digest, home.second).read_bytes() == body
    assert copied(home) == in_vault(home)


def test_a_full_second_disk_is_a_warning_and_stops_nothing(tmp_path: Path) -> None:
    """Without room the copy waits at that file; receipts are written all the same; with room it goes on."""
    with small_disk(tmp_path / "disk", 2 << 20) as disk:
        home = SmallHome(tmp_path / "home", disk / "second")
        small, big = home.arrive("small.mp4", b"small"), home.arrive("big.mp4", os.urandom(1 << 20))
        (disk / "ballast").write_bytes(b"x" * (1 << 20))
        home.upkeep.tick()
        assert len(home.receipts()) == 2
        assert home.place(small, home.second).is_file()
        assert not home.place(big, home.second).exists()
        assert state_of(home.upkeep).second_copy.behind > 0  # type: ignore[union-attr] # there is one
        assert home.upkeep.copies is not None
        with pytest.raises(StorageFullError):
            home.upkeep.copies.round(lambda: False)
        (disk / "ballast").unlink()
        home.upkeep.tick()
        assert home.place(big, home.second).is_file()
        assert copied(home) == in_vault(home)
        home.close()


def test_an_unplugged_disk_is_waited_for_and_nothing_is_written_in_its_place(home: SmallHome, tmp_path: Path) -> None:
    """A mount point that is empty is not taken for the copy: nothing goes there; plugged in again it catches up."""
    assert home.second is not None
    home.arrive("a.mp4", b"one")
    home.upkeep.tick()
    home.second.rename(tmp_path / "unplugged")
    home.second.mkdir()
    home.arrive("b.mp4", b"two")
    home.upkeep.tick()
    assert list(home.second.iterdir()) == []
    state = state_of(home.upkeep)
    assert state.second_copy is not None
    assert (state.second_copy.connected, state.second_copy.behind > 0, state.is_well) == (False, True, False)
    home.second.rmdir()
    (tmp_path / "unplugged").rename(home.second)
    home.upkeep.tick()
    assert copied(home) == in_vault(home)
    assert state_of(home.upkeep).is_well


def test_a_copy_on_the_vault_s_own_disk_is_named(tmp_path: Path) -> None:
    """Two copies on one disk are lost together: the state says so, and does not of one on another disk."""
    with small_disk(tmp_path / "disk", 4 << 20) as disk:
        for root, same in ((tmp_path / "second", True), (disk / "second", False)):
            home = SmallHome(tmp_path / f"home{same}", root)
            home.arrive("a.mp4", b"one")
            home.upkeep.tick()
            state = state_of(home.upkeep).second_copy
            assert state is not None
            assert state.same_disk is same
            home.close()


def test_another_disk_is_taken_only_when_told_so(home: SmallHome) -> None:
    """A new disk at the same place waits for its empty marker, and is then filled from the beginning."""
    assert home.second is not None
    assert home.upkeep.copies is not None
    home.arrive("a.mp4", b"one")
    home.upkeep.tick()
    shutil.rmtree(home.second)
    home.second.mkdir()
    with pytest.raises(StorageError, match=MARKER):
        home.upkeep.copies.round(lambda: False)
    (home.second / MARKER).touch()
    home.upkeep.tick()
    assert copied(home) == in_vault(home)


def test_the_second_copy_of_another_home_is_left_alone(tmp_path: Path) -> None:
    """A disk that holds another second copy is refused by its marker."""
    first = SmallHome(tmp_path / "one", tmp_path / "second")
    first.arrive("a.mp4", b"one")
    first.upkeep.tick()
    (tmp_path / "second" / MARKER).write_text("ab" * 16)
    assert first.upkeep.copies is not None
    with pytest.raises(StorageError, match="another second copy"):
        first.upkeep.copies.round(lambda: False)
    first.close()


def test_damaged_bytes_are_never_copied_and_hold_nothing_up(home: SmallHome) -> None:
    """An original that no longer gives its digest is passed over; those after it are copied."""
    bad, good = home.arrive("a.mp4", b"footage"), home.arrive("b.mp4", b"more")
    home.damage(bad)
    home.upkeep.tick()
    assert home.second is not None
    names = {path.name for path in home.second.rglob("*") if path.is_file()}
    assert good in names
    assert bad not in names
    assert sha256(b"damaged") not in names


def test_a_ledger_that_was_set_back_does_not_replace_its_copy(home: SmallHome, tmp_path: Path) -> None:
    """The copy is a witness: a vault rolled back to an earlier ledger is named, and the copy stays as it is."""
    assert home.second is not None
    home.arrive("a.mp4", b"one")
    shutil.copytree(home.root / "vault" / "ledger", tmp_path / "earlier")
    home.arrive("b.mp4", b"two")
    home.upkeep.tick()
    before = {path: (home.second / path).read_bytes() for path in copied(home)}
    shutil.rmtree(home.root / "vault" / "ledger")
    shutil.copytree(tmp_path / "earlier", home.root / "vault" / "ledger")
    assert home.upkeep.copies is not None
    with pytest.raises(IntegrityError, match="does not continue"):
        home.upkeep.copies.round(lambda: False)
    assert {path: (home.second / path).read_bytes() for path in copied(home)} == before


def test_what_was_disposed_of_goes_from_the_second_copy(home: SmallHome) -> None:
    """A tombstone is followed: the copy's original goes, the record of what happened stays."""
    digest = home.arrive("a.mp4", b"one")
    home.upkeep.tick()
    assert home.second is not None
    home.time.pass_(days=2000)
    home.append(Entry(EventType.DISPOSED, MACHINE, home.time.now, digest))
    home.vault.dispose(digest, home.time.now)
    home.upkeep.tick()
    assert not home.place(digest, home.second).exists()
    assert not home.upkeep.mender.try_heal(digest)
    assert not home.place(digest).exists()


def test_marks_that_were_lost_are_found_again(home: SmallHome) -> None:
    """A register made again knows the disk by its marker and copies nothing twice."""
    digest = home.arrive("a.mp4", b"one")
    home.upkeep.tick()
    assert home.second is not None
    before = home.place(digest, home.second).stat()
    home.upkeep.register.recall()
    home.opened_upkeep().tick()
    after = home.place(digest, home.second).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert state_of(home.upkeep).second_copy.behind == 0  # type: ignore[union-attr] # there is one


def test_a_bucket_is_copied_too(tmp_path: Path) -> None:
    """With the vault on S3 the copy has the same layout, and damage in the copy is mended from the bucket."""
    home = SmallHome(tmp_path / "home", tmp_path / "second", settings={"vault": {"fixity_days": 10}})
    bucket, log = s3_vault(home.root), s3_log(home.root)
    home.stand_on(bucket, log)
    bucket.put_record("decisions", "000.json", b"{}")
    digest = home.arrive("a.mp4", b"footage" * 1000)
    home.upkeep.tick()
    wanted = {f"originals/{digest[:2]}/{digest[2:4]}/{digest}", "records/decisions/000.json", "ledger/checkpoint"}
    assert wanted < set(copied(home))
    assert len(home.receipts()) == 1
    home.damage(digest, home.second)
    home.time.pass_(days=10)
    home.upkeep.tick()
    assert home.place(digest, home.second).read_bytes() == b"footage" * 1000
    assert [one.detail["copy"] for one in home.told(EventType.HEALED)] == ["second"]
    with pytest.raises(StorageError, match="bucket"):
        home.upkeep.mender.heal(digest)
    home.close()


@pytest.mark.parametrize("inside", ["home/vault", "home/vault/second", "."])
def test_a_copy_inside_the_vault_is_no_copy(tmp_path: Path, inside: str) -> None:
    """A second copy in the vault, or around it, is refused as a setting."""
    with pytest.raises(ConfigError, match="in one another"):
        SmallHome(tmp_path / "home", tmp_path / inside)


@pytest.mark.parametrize("old", [0, 1, 255, 256, 300, 65_536])
@pytest.mark.parametrize("new", [256, 257, 511, 65_536, 65_600, 131_072 + 300])
def test_the_paths_of_a_longer_ledger_are_those_of_the_layout(old: int, new: int) -> None:
    """What is copied from one size to the next is what the layout says a tree of that size has."""
    from storage.tile_log import _Edge, _partials

    edge, rest = _Edge(new, bundle=[b""] * (new % 256)), new
    while rest:
        edge.levels.append([b""] * (rest % 256))
        rest //= 256
    assert partial_paths(new) == set(_partials(edge))
    if old <= new:
        assert set(full_paths(0, new)) - set(full_paths(0, old)) == set(full_paths(old, new))
        tiles = [path for path in full_paths(0, new) if path.startswith("tile/0/")]
        assert len(tiles) == new // 256


def test_what_is_secret_is_kept_back_until_the_mark_is_lifted(home: SmallHome) -> None:
    """Its original stays out, its record and the ledger do not; its absence is no damage; afterwards it catches up."""
    open_one, secret = home.arrive("open.mp4", b"open" * 99), home.take(home.dock("secret.mp4", b"secret" * 99))
    mark(home, secret, "机密", LI)
    home.upkeep.tick()
    assert home.second is not None
    assert home.place(open_one, home.second).exists()
    assert not home.place(secret, home.second).exists()
    assert home.upkeep.copies is not None
    assert home.upkeep.copies.behind() == 0
    home.time.pass_(days=200)
    home.upkeep.tick()
    assert not [told.detail for told in home.told(EventType.CHECKED) if told.detail["damaged_copies"]]
    with pytest.raises(WithheldError):
        home.upkeep.mender.mend_second(secret)
    mark(home, secret, "", WANG)
    home.upkeep.tick()
    assert home.place(secret, home.second).read_bytes() == b"secret" * 99
    assert copied(home) == in_vault(home)


def test_what_was_kept_back_is_found_again_by_the_next_process(home: SmallHome) -> None:
    """Also by one whose register was made again, and whose marks of how far it was are gone."""
    secret = home.take(home.dock("secret.mp4", b"secret" * 99))
    mark(home, secret, "机密", LI)
    home.upkeep.tick()
    home.upkeep.register.recall()
    home.upkeep = home.opened_upkeep()
    home.upkeep.tick()
    assert home.upkeep.register.withheld() == [secret]
    mark(home, secret, "", WANG)
    home.upkeep = home.opened_upkeep()
    home.upkeep.tick()
    assert home.second is not None
    assert home.place(secret, home.second).exists()
    assert home.upkeep.register.withheld() == []


def mark(home: SmallHome, digest: Digest, word: str, who: Actor) -> None:
    """Mark a clip as confidential, or take the mark away, and seal the entry."""
    with home.register.transaction() as tx:
        classify(tx, Marked.CLIP, digest, word, Act(CLASSIFY, who, "涉密", home.time.now), PACK)
    home.sealer.seal()
