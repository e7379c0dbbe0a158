"""A witness over a real server and over a carried folder: it follows what grows, and refuses what does not continue."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.errors import ConfigError, IntegrityError, StorageError, UsageError
from evidence.tlog import VerifierKey, checkpoint_of, cosignature_time, signed_note
from storage.cosigned import newest
from storage.log_sources import FolderLog, HttpLog, Source, source_at
from storage.signing import verify_ed25519
from storage.witness import Look, Round, Witness
from storage.witness_state import WitnessState
from tests.support.watched import Clock, WatchedLog, later, served


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> WatchedLog:
    home = WatchedLog(tmp_path / "home")
    home.grow(300)
    return home


@pytest.fixture(name="address")
def _address(home: WatchedLog) -> Iterator[str]:
    with served(home) as address:
        yield address


class Post:
    """A witness with its state folder, on a machine of its own."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self.clock = clock

    def state(self, origin: str = "") -> WitnessState:
        """Return its state folder."""
        del origin
        return WitnessState(self.folder, "witness/post")

    def look(self, source: Source | str | Path, key: VerifierKey | None = None) -> Round:
        """Look once."""
        log = source_at(str(source)) if isinstance(source, str | Path) else source
        return Witness(log, self.state, self.clock, key).look()

    @property
    def vkey(self) -> VerifierKey:
        """Its public key."""
        return self.state().signer().vkey


@pytest.fixture(name="post")
def _post(tmp_path: Path, home: WatchedLog) -> Post:
    return Post(tmp_path / "post", home.clock)


# --- following --------------------------------------------------------------------------------------------------------


def test_a_log_on_the_net_is_cosigned_and_the_note_comes_home(address: str, home: WatchedLog, post: Post) -> None:
    """Looking over HTTP checks, cosigns, keeps and posts: the home then holds the witness's cosignature."""
    home.witnesses.append(post.vkey)
    done = post.look(address, home.keys.vkey)
    assert (done.look, done.checkpoint.size, done.before, done.by_hand) == (Look.COSIGNED, 300, None, None)
    note = newest(home.log)
    assert note.is_signed_by(post.vkey, verify_ed25519)
    made = note.by(post.vkey)
    assert made is not None
    assert cosignature_time(made) == int(home.clock().timestamp())
    assert signed_note(done.note.read_bytes()).text == home.newest.text


@pytest.mark.parametrize("more", [1, 256, 700, 70_000])
def test_a_growing_log_is_followed(address: str, home: WatchedLog, post: Post, more: int) -> None:
    """Every later checkpoint that continues the last one is cosigned, over one tile or over three levels of them."""
    home.witnesses.append(post.vkey)
    post.look(address, home.keys.vkey)
    home.grow(more)
    done = post.look(address)
    assert (done.look, done.before, done.checkpoint.size, done.by_hand) == (Look.COSIGNED, 300, 300 + more, None)
    assert sorted(path.name for path in (post.folder / "cosigned").iterdir()) == [
        f"{size:012}.note" for size in (300, 300 + more)
    ]
    assert len(list(home.log.paths("cosigned"))) == 2


def test_nothing_new_is_not_signed_again(address: str, home: WatchedLog, post: Post) -> None:
    """A log that stands still costs a look and no signature."""
    home.witnesses.append(post.vkey)
    post.look(address, home.keys.vkey)
    before = (post.folder / "checkpoint").read_bytes()
    later(home.clock, days=1)
    assert post.look(address).look is Look.UNCHANGED
    assert (post.folder / "checkpoint").read_bytes() == before


def test_only_the_tiles_of_the_proof_are_fetched(home: WatchedLog, post: Post) -> None:
    """The proof over 60,000 more entries takes a handful of tiles, no bundle, and none twice."""
    fetched: list[str] = []

    class Counted(FolderLog):
        def read(self, path: str) -> bytes:
            fetched.append(path)
            return super().read(path)

    post.look(home.ledger, home.keys.vkey)
    home.grow(60_000)
    post.look(Counted(home.ledger))
    tiles = [path for path in fetched if path.startswith("tile/")]
    assert not [path for path in tiles if "entries" in path]
    assert len(tiles) == len(set(tiles)) <= 8


def test_a_carried_folder_is_cosigned_and_accepted(home: WatchedLog, post: Post, tmp_path: Path) -> None:
    """A copied ledger, vault or home is read alike; the note that is carried back is accepted."""
    shutil.copytree(home.ledger, tmp_path / "stick" / "ledger")
    done = post.look(tmp_path / "stick", home.keys.vkey)
    assert done.by_hand is not None
    assert done.by_hand.code == "witness.carry"
    home.grow(20)
    home.witnesses.append(post.vkey)
    assert home.take_cosigned(done.note.read_bytes()).size == 300
    assert [post.look(place).checkpoint.size for place in (home.ledger, home.ledger.parent, home.folder)] == [320] * 3


def test_a_home_that_does_not_take_the_note_yet_gets_it_later(address: str, home: WatchedLog, post: Post) -> None:
    """Until its key stands in the home's settings the note waits at the witness; then the next look brings it."""
    refused = post.look(address, home.keys.vkey)
    assert refused.by_hand is not None
    assert "ledger.witnesses" in str(refused.by_hand.params["words"])
    home.witnesses.append(post.vkey)
    assert post.look(address).by_hand is None
    assert newest(home.log).is_signed_by(post.vkey, verify_ed25519)


def test_a_partial_tile_that_vanishes_is_no_alarm(home: WatchedLog, post: Post) -> None:
    """A log that grows between its checkpoint and its tiles, where none can be listed, is read at its newer one."""

    class Growing(FolderLog):
        grown = False

        def read(self, path: str) -> bytes:
            if path.startswith("tile") and not self.grown:
                self.grown = True
                home.grow(10)
            return super().read(path)

        def paths(self, below: str) -> Iterator[str]:
            del below
            yield from ()

    assert post.look(Growing(home.ledger), home.keys.vkey).checkpoint.size == 310


# --- trust ------------------------------------------------------------------------------------------------------------


def test_trust_on_first_use_is_reported(address: str, home: WatchedLog, post: Post) -> None:
    """Without a key from paper the first one met is trusted, once, and the round says which."""
    assert post.look(address).first_trusted == (home.keys.vkey,)
    home.grow(1)
    assert post.look(address).first_trusted == ()
    assert post.state().trusted == (home.keys.vkey,)


def test_a_key_from_paper_is_the_only_one_that_counts(home: WatchedLog, post: Post, tmp_path: Path) -> None:
    """A log signed by another key than the one that was told is refused, and nothing is cosigned."""
    other = WatchedLog(tmp_path / "other")
    imposter = VerifierKey(home.keys.origin, other.keys.vkey.algorithm, other.keys.vkey.public)
    with pytest.raises(IntegrityError, match="not signed by the key that is trusted"):
        post.look(home.ledger, imposter)
    assert not (post.folder / "checkpoint").exists()


def test_the_state_of_one_log_is_not_used_for_another(home: WatchedLog, post: Post, tmp_path: Path) -> None:
    """Pointed at another home's log, a witness says so instead of calling it a fork."""
    other = WatchedLog(tmp_path / "other")
    other.grow(400)
    post.look(home.ledger, home.keys.vkey)
    with pytest.raises(IntegrityError, match="this is not the log evidock/"):
        post.look(other.ledger)
    assert checkpoint_of(post.state().last or home.newest).size == 300


def test_a_log_without_its_key_beside_it_asks_for_one(home: WatchedLog, post: Post) -> None:
    """Where no key lies beside the log and none was told, the witness asks for one."""
    shutil.rmtree(home.ledger / "keys")
    with pytest.raises(ConfigError, match="--key"):
        post.look(home.ledger)


# --- what does not continue -------------------------------------------------------------------------------------------


def conflicts(post: Post) -> list[Path]:
    """Return the folders with evidence."""
    return sorted(post.folder.glob("conflict-*"))


@pytest.mark.parametrize("grown", [0, 3, 200])
def test_a_rolled_back_log_is_detected(address: str, home: WatchedLog, post: Post, tmp_path: Path, grown: int) -> None:
    """A vault restored from before, and then grown otherwise, is never cosigned again; both checkpoints are kept."""
    home.back_up(tmp_path / "backup")
    home.grow(200)
    post.look(address, home.keys.vkey)
    seen = home.newest
    home.roll_back(tmp_path / "backup")
    home.grow(grown, "decision")
    with pytest.raises(IntegrityError, match=r"500 entries when it was cosigned \(2026-11-23T01:00:00Z\)") as caught:
        post.look(address)
    assert caught.value.exit_code == 60
    (evidence,) = conflicts(post)
    assert str(evidence) in str(caught.value)
    assert signed_note((evidence / "seen.note").read_bytes()).text == seen.text
    assert signed_note((evidence / "found.note").read_bytes()).text == home.newest.text
    assert (evidence / "what.txt").read_text().strip() in str(caught.value)
    assert (post.state().last or home.newest).text == seen.text


def test_a_forked_log_is_detected(home: WatchedLog, post: Post, tmp_path: Path) -> None:
    """A larger tree in which one early entry differs does not continue what was seen."""
    home.back_up(tmp_path / "backup")
    home.grow(1)
    post.look(home.ledger, home.keys.vkey)
    home.roll_back(tmp_path / "backup")
    home.grow(1, "decision")
    home.grow(1000)
    with pytest.raises(IntegrityError, match="forked"):
        post.look(home.ledger)
    assert len(conflicts(post)) == 1


def test_the_same_conflict_is_kept_once(home: WatchedLog, post: Post, tmp_path: Path) -> None:
    """Looking again at the same fork adds no second folder, and the log that continues is cosigned as before."""
    home.back_up(tmp_path / "backup")
    home.grow(10)
    post.look(home.ledger, home.keys.vkey)
    home.back_up(tmp_path / "sound")
    home.roll_back(tmp_path / "backup")
    for _ in range(2):
        with pytest.raises(IntegrityError, match="rolled back"):
            post.look(home.ledger)
    assert len(conflicts(post)) == 1
    home.roll_back(tmp_path / "sound")
    home.grow(1)
    assert post.look(home.ledger).look is Look.COSIGNED


def test_a_root_that_its_tiles_do_not_give_is_refused(home: WatchedLog, post: Post) -> None:
    """A checkpoint over other tiles than those that lie there is not cosigned, even the first time."""
    text = home.newest.text.replace("\n300\n", "\n299\n")
    home.log.replace("checkpoint", home.keys.sign(text).to_bytes())
    with pytest.raises(IntegrityError, match="do not give the root"):
        post.look(home.ledger, home.keys.vkey)
    assert not (post.folder / "checkpoint").exists()


def test_a_flipped_byte_in_a_tile_of_the_proof_is_refused(home: WatchedLog, post: Post) -> None:
    """A damaged tile leads to no signature."""
    post.look(home.ledger, home.keys.vkey)
    home.grow(300)
    place = home.ledger / "tile/0/002.p/88"
    body = bytearray(place.read_bytes())
    body[5] ^= 1
    place.chmod(0o644)
    place.write_bytes(bytes(body))
    with pytest.raises(IntegrityError, match="do not give the root"):
        post.look(home.ledger)


# --- change of keys ---------------------------------------------------------------------------------------------------


def test_a_witness_follows_a_change_of_keys(address: str, home: WatchedLog, post: Post) -> None:
    """Trusting the old key it learns the new one from the entry, and goes on when the old one is gone."""
    home.witnesses.append(post.vkey)
    post.look(address, home.keys.vkey)
    old, new = home.change_key(days=30)
    home.grow(700)
    done = post.look(address)
    assert (done.learned, done.unknown) == ((new,), ())
    assert post.state().trusted == (old, new)
    later(home.clock, days=31)
    assert home.keys.retire_due()
    home.grow(5)
    done = post.look(address)
    assert (done.look, done.learned, done.by_hand) == (Look.COSIGNED, (), None)
    assert home.newest.by(old) is None


def test_a_key_that_no_entry_introduces_is_not_learned(home: WatchedLog, post: Post) -> None:
    """A second signature in the log's name counts for nothing before an entry introduces its key."""
    post.look(home.ledger, home.keys.vkey)
    old, new = home.change_key(introduced=False)
    home.grow(600)
    fetched: list[str] = []

    class Counted(FolderLog):
        def read(self, path: str) -> bytes:
            fetched.append(path)
            return super().read(path)

    done = post.look(Counted(home.ledger))
    assert (done.look, done.learned, done.unknown) == (Look.COSIGNED, (), (new.key_id.hex(),))
    assert len([path for path in fetched if "entries" in path]) == 4
    fetched.clear()
    home.grow(1)
    post.look(Counted(home.ledger))
    assert len([path for path in fetched if "entries" in path]) == 1
    assert post.state().trusted == (old,)
    later(home.clock, days=31)
    home.keys.retire_due()
    home.grow(1)
    with pytest.raises(IntegrityError, match="--key"):
        post.look(home.ledger)
    assert post.look(home.ledger, new).look is Look.COSIGNED


def test_an_introduction_in_place_of_another_key_does_not_count(home: WatchedLog, post: Post, tmp_path: Path) -> None:
    """An entry that names another old key than the trusted one introduces nothing."""
    post.look(home.ledger, home.keys.vkey)
    stranger = WatchedLog(tmp_path / "stranger").keys.vkey
    _, new = home.change_key(introduced=False)
    detail = f'{{"detail":{{"new":"{new}","old":"{stranger}"}},"event":"digital signature generation","number":300}}'
    home.seal([detail.encode()])
    assert post.look(home.ledger).unknown == (new.key_id.hex(),)


def test_an_introduction_outside_the_tree_does_not_count(home: WatchedLog, post: Post) -> None:
    """A bundle that holds an introduction which the signed tree does not hold is refused."""
    post.look(home.ledger, home.keys.vkey)
    old, new = home.change_key(introduced=False)
    home.grow(300)
    forged = (
        f'{{"detail":{{"new":"{new}","old":"{old}"}},"event":"digital signature generation","number":256}}'.encode()
    )
    place = home.ledger / "tile/entries/001"
    body = place.read_bytes()
    first = int.from_bytes(body[:2], "big")
    place.chmod(0o644)
    place.write_bytes(len(forged).to_bytes(2, "big") + forged + body[2 + first :])
    with pytest.raises(IntegrityError, match="is not in the tree"):
        post.look(home.ledger)
    assert post.state().trusted == (old,)


# --- what goes wrong on the way ---------------------------------------------------------------------------------------


def test_a_log_that_cannot_be_reached_is_said_so(post: Post) -> None:
    """No server, a closed port, a wrong page: one kind of error, with the address and the cure."""
    with pytest.raises(StorageError, match="gives no answer") as caught:
        post.look("http://127.0.0.1:1")
    assert "try again" in str(caught.value)


def test_a_page_that_is_no_log_is_said_so(home: WatchedLog, post: Post) -> None:
    """A server that answers something else than a checkpoint is not taken for a log that broke."""
    home.log.replace("checkpoint", b"<html>Please sign in</html>")
    with served(home) as address, pytest.raises(StorageError, match="shows no checkpoint"):
        post.look(address)


@pytest.mark.parametrize("named", ["ftp://127.0.0.1/x", "file:///etc", "nowhere", "http//x"])
def test_what_is_neither_address_nor_folder_is_refused(named: str) -> None:
    """A source is http, https or a folder that holds a ledger."""
    with pytest.raises(UsageError):
        source_at(named)


def test_a_link_in_a_carried_folder_is_not_followed(home: WatchedLog, post: Post, tmp_path: Path) -> None:
    """A stick cannot make the witness read something else, or wait for ever on a pipe."""
    tile = home.ledger / "tile/1/000.p/1"
    tile.rename(tmp_path / "elsewhere")
    tile.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError):
        post.look(home.ledger, home.keys.vkey)
    tile.unlink()
    os.mkfifo(tile)
    with pytest.raises(StorageError, match="no file of a log"):
        post.look(home.ledger, home.keys.vkey)


def test_a_log_that_is_watched_is_never_written(home: WatchedLog, address: str) -> None:
    """Neither kind of source can create, replace or remove anything."""
    sources: tuple[Source, ...] = (FolderLog(home.ledger), HttpLog(address))
    for source in sources:
        with pytest.raises(StorageError, match="only read"):
            source.create("x", b"")
        with pytest.raises(StorageError, match="only read"):
            source.replace("checkpoint", b"")
        with pytest.raises(StorageError, match="only read"):
            source.drop("checkpoint")


@pytest.mark.parametrize("damaged", ["checkpoint", "log.vkeys"])
def test_a_damaged_state_is_named(home: WatchedLog, post: Post, damaged: str) -> None:
    """A witness that has lost its memory says so, and does not begin a new one in silence."""
    post.look(home.ledger, home.keys.vkey)
    (post.folder / damaged).write_bytes(b"\xff\x00")
    with pytest.raises(ConfigError, match="restore the witness's state"):
        post.look(home.ledger)


def test_the_note_is_kept_before_anybody_gets_it(home: WatchedLog, post: Post) -> None:
    """When the sending fails, the cosigned note lies in the state, and is offered again at the next look."""

    class Lost(FolderLog):
        def send(self, cosigned: bytes) -> None:
            assert (post.folder / "checkpoint").read_bytes() == cosigned
            raise StorageError("the line is dead")

    done = post.look(Lost(home.ledger), home.keys.vkey)
    assert done.by_hand is not None
    assert done.by_hand.code == "witness.not_sent"
    assert post.state().delivered == -1
