"""Writing a pack: whole under its name, or nothing at all; and proofs out of whatever tiles are there."""

import fcntl
import io
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence import merkle, tlog
from evidence.errors import IntegrityError, StorageError, StorageFullError, UsageError
from storage.packs import Source, new_pack, proofs, require_room, sealed_head
from storage.proofs import tile_node
from tests.support.packs import ORIGIN, DictLog, TestKey, tiles_of
from tests.support.storage import files_below, sha256, small_disk

ABOUT = Source("a.mp4", "cure")


def _unheard(_size_bytes: int) -> None:
    """Count nothing."""


# --- folder ----------------------------------------------------------------------------------------------------------


def test_a_pack_gets_its_name_at_the_end(tmp_path: Path) -> None:
    """While it is written there is no folder of that name; then there is, and no scratch."""
    with new_pack(tmp_path, "case") as folder:
        folder.put("data/a.json", b"{}")
        assert not (tmp_path / "case").exists()
        bag_sha256 = folder.close({"External-Identifier": "1\n2"})
    assert files_below(tmp_path / "case") == [
        "bag-info.txt",
        "bagit.txt",
        "data/a.json",
        "manifest-sha256.txt",
        "tagmanifest-sha256.txt",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["case"]
    assert bag_sha256 == sha256((tmp_path / "case/tagmanifest-sha256.txt").read_bytes())
    assert (tmp_path / "case/bag-info.txt").read_text("utf-8") == "External-Identifier: 1 2\nPayload-Oxum: 2.1\n"


def test_a_wrong_digest_leaves_nothing(tmp_path: Path) -> None:
    """A copy that does not give its digest is named with its cure, and the scratch folder goes."""
    with pytest.raises(IntegrityError, match=r"a\.mp4.*cure"), new_pack(tmp_path, "case") as folder:
        folder.copy("data/a.mp4", lambda: io.BytesIO(b"other"), sha256(b"bytes"), ABOUT, _unheard)
    assert list(tmp_path.iterdir()) == []


def test_copying_counts_and_makes_read_only(tmp_path: Path) -> None:
    """Every byte is counted once, and nobody changes a copied original by accident."""
    counted: list[int] = []
    body = b"x" * (3 << 20)
    with new_pack(tmp_path, "case") as folder:
        folder.copy("data/a.mp4", lambda: io.BytesIO(body), sha256(body), ABOUT, counted.append)
    assert sum(counted) == len(body)
    assert (tmp_path / "case/data/a.mp4").stat().st_mode & 0o777 == 0o444


def test_what_is_there_stays(tmp_path: Path) -> None:
    """A file, folder or dangling link of that name is an error before anything is written."""
    (tmp_path / "case").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="is there already"), new_pack(tmp_path, "case"):
        pytest.fail("nothing may be written")
    assert (tmp_path / "case").is_symlink()


def test_what_a_killed_export_left_is_swept(tmp_path: Path) -> None:
    """A scratch folder nobody holds goes with the next export; one that is still written stays, as do other files."""
    abandoned, held, other = (tmp_path / f".evidock-pack-{sign * 16}.part" for sign in "abz")
    for left in (abandoned, held, other):
        (left / "data").mkdir(parents=True)
    descriptor = os.open(held, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        with new_pack(tmp_path, "case") as folder:
            folder.put("data/a", b"")
    finally:
        os.close(descriptor)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([held.name, other.name, "case"])


def test_a_full_disk_is_foreseen(tmp_path: Path) -> None:
    """A pack that cannot fit is refused before a byte of it is written, with both figures."""
    with pytest.raises(StorageFullError, match="nothing was written"):
        require_room(tmp_path / "not" / "there", 1 << 60)
    require_room(tmp_path / "not" / "there", 1)


def test_a_disk_that_fills_up_leaves_nothing(tmp_path: Path) -> None:
    """Out of space in the middle, the export says so and takes away what it wrote."""
    body = b"x" * (2 << 20)
    with small_disk(tmp_path / "small", 1 << 20) as disk:
        with pytest.raises(StorageFullError, match="no space is left for the pack"), new_pack(disk, "case") as folder:
            folder.copy("data/a.mp4", lambda: io.BytesIO(body), sha256(body), ABOUT, _unheard)
        assert list(disk.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file in the place of the folder is a storage error with a cure."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="--to"), new_pack(tmp_path / "file" / "below", "case"):
        pytest.fail("nothing may be written")


# --- proofs ----------------------------------------------------------------------------------------------------------

LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(66_000)]


def _log(size: int) -> DictLog:
    log = DictLog()
    log.objects = dict(tiles_of(LEAVES[:size]))
    return log


@settings(deadline=None)
@given(size=st.sampled_from([1, 2, 255, 256, 257, 511, 512, 65_536, 65_537, 66_000]), data=st.data())
def test_tiles_give_every_path(size: int, data: st.DataObject) -> None:
    """Across full and partial tiles of three levels, audit paths lead to the root of exactly that size."""
    node = tile_node(_log(size), size)
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_path(index, size, node)
    merkle.check_inclusion(LEAVES[index], index, size, path, merkle.root_of(LEAVES[:size]))


@pytest.mark.parametrize("grown", [301, 511, 512, 700])
def test_a_partial_tile_may_have_been_replaced(grown: int) -> None:
    """The tree of an older checkpoint is read from the wider or full tiles that took the place of its own."""
    node = tile_node(_log(grown), 300)
    assert merkle.root_at(300, node) == merkle.root_of(LEAVES[:300])


def test_a_missing_or_short_tile_is_damage() -> None:
    """A tile that is not there in full is named."""
    log = _log(300)
    path = tlog.tile_path(0, 1, 44)
    log.objects[path] = log.objects[path][:-32]
    with pytest.raises(IntegrityError, match=path):
        tile_node(log, 300)(0, 290)
    del log.objects[path]
    with pytest.raises(IntegrityError, match=path):
        tile_node(log, 300)(0, 290)


def test_a_node_beyond_the_tree_is_a_mistake() -> None:
    """Asking for what is not complete in a tree of that size is the caller's error."""
    node = tile_node(_log(300), 300)
    for level, index in ((0, 300), (2, 75), (9, 0), (-1, 0)):
        with pytest.raises(ValueError, match="not complete"):
            node(level, index)


def test_only_what_is_sealed_is_proven() -> None:
    """An entry beyond the checkpoint, or with other bytes than the sealed ones, gets no proof."""
    log, entries = DictLog(), [b"%d" % number for number in range(300)]
    log.seal(entries, TestKey(ORIGIN).sign)
    head = sealed_head(log)
    made = dict(proofs(log, head, [(7, b"7"), (299, b"299")]))
    assert tlog.proof_from(made[299]).index == 299
    for number, body in ((300, b"300"), (7, b"8")):
        with pytest.raises(IntegrityError, match="ledger entry"):
            list(proofs(log, head, [(number, body)]))
