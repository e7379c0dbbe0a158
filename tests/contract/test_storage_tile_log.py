"""The sealed ledger grows as the standard says, whatever it is sealed in, and never signs what does not continue it."""

import secrets
from pathlib import Path

import pytest

from evidence.errors import IntegrityError, NotFoundError, StorageError
from evidence.merkle import leaf_hash, root_of
from evidence.ports import LogStore
from evidence.tlog import NoteSignature, SignedNote, bundle_path, from_bundle, signed_note, tile_path
from storage.local_log import LocalLog
from storage.proofs import tile_node
from storage.sealed_entries import entries_ahead, sealed_entries
from storage.tile_log import CHECKPOINT, TileLog

ORIGIN = "evidock/test"
SIZES = (1, 2, 255, 256, 257, 600, 65_536 + 300)


def sign(text: str) -> SignedNote:
    """Return a text with a signature that only its origin tells of."""
    return SignedNote(text, (NoteSignature(ORIGIN, b"0000", b"s" * 64),))


def is_ours(note: SignedNote) -> bool:
    """Whether `sign` made it."""
    return [one.name for one in note.signatures] == [ORIGIN]


def entries(count: int, start: int = 0) -> list[bytes]:
    """Return distinct entries."""
    return [f"entry {number}".encode() for number in range(start, start + count)]


@pytest.fixture(name="log")
def _log(tmp_path: Path) -> LogStore:
    return LocalLog(tmp_path)


def opened(log: LogStore) -> TileLog:
    """Return the log as a fresh process opens it."""
    return TileLog(log, ORIGIN, sign, is_ours)


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_is_read_back_and_gives_the_root(log: LogStore, size: int) -> None:
    """In one go or in pieces by several processes, the same entries give the same tiles and the same root."""
    whole = entries(size)
    cut = size // 3
    opened(log).append(whole[:cut])
    tiles = opened(log)
    tiles.append(whole[cut : 2 * cut])
    head = tiles.append(whole[2 * cut :])
    assert (head.size, head.root) == (size, root_of(map(leaf_hash, whole)))
    assert opened(log).head() == head
    assert [one.canonical for one in sealed_entries(log, size)] == whole
    assert [one.number for one in sealed_entries(log, size, start=size - 1)] == [size - 1]


@pytest.mark.parametrize("size", SIZES)
def test_exactly_the_tiles_of_the_size_are_there(log: LogStore, size: int) -> None:
    """Full tiles, one partial tile a level, and the same of bundles; nothing that a newer one has replaced."""
    tiles = opened(log)
    for start in range(0, size, 200):
        tiles.append(entries(min(200, size - start), start))
    wanted = set()
    for level in range(3):
        hashes = size >> 8 * level
        wanted |= {tile_path(level, index) for index in range(hashes >> 8)}
        wanted |= {tile_path(level, hashes >> 8, hashes & 255)} if hashes & 255 else set()
    wanted |= {path.replace("tile/0/", "tile/entries/") for path in wanted if path.startswith("tile/0/")}
    assert set(log.paths("tile")) == wanted
    assert from_bundle(log.read(bundle_path(0, min(size, 256)))) == entries(min(size, 256))


def test_any_node_is_found_in_the_tiles(log: LogStore) -> None:
    """The nodes proofs are made of are those of the definition."""
    size = 700
    opened(log).append(entries(size))
    node, leaves = tile_node(log, size), [leaf_hash(one) for one in entries(size)]
    for level in range(9):
        for index in {0, (size >> level) - 1}:
            assert node(level, index) == root_of(leaves[index << level : index + 1 << level])


def test_an_empty_log_has_the_empty_root(log: LogStore) -> None:
    """Before anything is sealed the head is that of no entries, unsigned."""
    assert opened(log).head().size == 0
    with pytest.raises(NotFoundError):
        log.read(CHECKPOINT)


def test_a_foreign_checkpoint_stops_everything(log: LogStore) -> None:
    """Whoever puts another checkpoint there: nothing is signed after it."""
    opened(log).append(entries(3))
    log.replace(CHECKPOINT, SignedNote("other\n3\nx\n", (NoteSignature("other", b"0000", b"s"),)).to_bytes())
    for act in (opened(log).head, lambda: opened(log).append(entries(1))):
        with pytest.raises(IntegrityError):
            act()


@pytest.mark.parametrize("path", [tile_path(0, 0, 3), bundle_path(0, 3)])
def test_damaged_tiles_are_not_signed_over(tmp_path: Path, path: str) -> None:
    """The last tiles are read before they grow: if they do not give the signed root, nothing is signed."""
    log = LocalLog(tmp_path)
    opened(log).append(entries(3))
    file = tmp_path / "ledger" / path
    file.chmod(0o644)
    body = bytearray(file.read_bytes())
    body[-1] ^= 1
    file.write_bytes(body)
    with pytest.raises(IntegrityError):
        opened(log).append(entries(1))
    file.unlink()
    with pytest.raises(IntegrityError, match="missing"):
        opened(log).append(entries(1))


class Stopping:
    """A log store that refuses at the n-th write, as a full disk does or a process that ends there."""

    def __init__(self, log: LogStore, after: int) -> None:
        self._log, self._left = log, after
        self.read, self.paths = log.read, log.paths

    def _spend(self) -> None:
        if self._left == 0:
            raise StorageError("full")
        self._left -= 1

    def create(self, path: str, body: bytes) -> None:
        self._spend()
        self._log.create(path, body)

    def replace(self, path: str, body: bytes) -> None:
        self._spend()
        self._log.replace(path, body)

    def drop(self, path: str) -> None:
        self._spend()
        self._log.drop(path)


def test_a_sealing_cut_off_anywhere_is_done_again(tmp_path: Path) -> None:
    """At each write: the old checkpoint stands over what it needs, the next sealing ends as if nothing had been."""
    cut_off = 0
    for number in range(40):
        log = LocalLog(tmp_path / str(number))
        opened(log).append(entries(100))
        try:
            TileLog(Stopping(log, number), ORIGIN, sign, is_ours).append(entries(400, 100))
        except StorageError:
            cut_off += 1
        head = opened(log).head()
        ahead = [one.canonical for one in entries_ahead(log, head.size)]
        assert ahead == entries(len(ahead), head.size)
        assert [one.canonical for one in sealed_entries(log, head.size)] == entries(head.size)
        tiles = opened(log)
        tiles.sweep()
        assert len([path for path in log.paths("tile") if ".p/" in path]) == (2 if head.size == 100 else 3)
        assert tiles.append(entries(500 - head.size, head.size)).root == root_of(map(leaf_hash, entries(500)))
        tiles.sweep()
        assert len(list(log.paths("tile"))) == 5
    assert 5 <= cut_off < 40


def test_a_key_is_signed_with_again(log: LogStore) -> None:
    """After a change of keys the newest checkpoint is signed anew, over the same tree."""
    head = opened(log).append(entries(5))
    fresh = secrets.token_bytes(64)

    def other(text: str) -> SignedNote:
        return SignedNote(text, (NoteSignature(ORIGIN, b"1111", fresh),))

    assert TileLog(log, ORIGIN, other, is_ours).resign() == head
    assert signed_note(log.read(CHECKPOINT)).signatures[0].blob == fresh
