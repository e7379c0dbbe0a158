"""What every store of the sealed ledger keeps to, whatever it stands on."""

from pathlib import Path

import pytest

from evidence.errors import NotFoundError, ObjectConflictError, StorageError
from evidence.ports import LogStore
from tests.support.storage import LOGS

CHECKPOINT = "checkpoint"
TILE = "tile/0/x001/x234/067"
PARTIAL = "tile/entries/000.p/17"
KINDS = [TILE, PARTIAL, "keys/0badc0de.vkey", "cosigned/000000000017.0123456789abcdef.note"]


@pytest.fixture(params=sorted(LOGS), name="log")
def _log(request: pytest.FixtureRequest, tmp_path: Path) -> LogStore:
    return LOGS[request.param](tmp_path)


@pytest.mark.parametrize("path", KINDS)
def test_an_object_is_created_and_read_back(log: LogStore, path: str) -> None:
    """The bytes come back, and creating the same again is fine."""
    log.create(path, b"hashes")
    log.create(path, b"hashes")
    assert log.read(path) == b"hashes"


@pytest.mark.parametrize("path", KINDS)
def test_other_bytes_under_a_taken_name_are_refused(log: LogStore, path: str) -> None:
    """The first ones stand."""
    log.create(path, b"first")
    with pytest.raises(ObjectConflictError):
        log.create(path, b"other")
    assert log.read(path) == b"first"


def test_the_checkpoint_is_replaced(log: LogStore) -> None:
    """Each newer one takes the place of the one before, an equal one too."""
    for body in (b"one", b"two", b"two", b"three"):
        log.replace(CHECKPOINT, body)
        assert log.read(CHECKPOINT) == body
    assert list(log.paths("")) == [CHECKPOINT]


def test_a_partial_tile_is_dropped(log: LogStore) -> None:
    """It is gone, dropping it again is fine, and so is creating it again."""
    log.create(PARTIAL, b"some")
    log.create(TILE, b"all")
    log.drop(PARTIAL)
    log.drop(PARTIAL)
    assert list(log.paths("tile")) == [TILE]
    with pytest.raises(NotFoundError):
        log.read(PARTIAL)
    log.create(PARTIAL, b"more")
    assert log.read(PARTIAL) == b"more"


@pytest.mark.parametrize("path", [TILE, CHECKPOINT, "keys/0badc0de.vkey"])
def test_nothing_else_can_be_dropped(log: LogStore, path: str) -> None:
    """What never changes, and the checkpoint, stay."""
    log.replace(CHECKPOINT, b"x")
    log.create(TILE, b"x")
    log.create("keys/0badc0de.vkey", b"x")
    with pytest.raises(StorageError):
        log.drop(path)
    assert log.read(path) == b"x"


def test_paths_come_in_order_and_only_those_below(log: LogStore) -> None:
    """A folder lists what is below it at any depth; one nobody wrote to is empty."""
    expected = [PARTIAL, "tile/0/000", "tile/0/001.p/3", "tile/0/x001/000", "tile/1/000.p/1"]
    for path in reversed(expected):
        log.create(path, path.encode())
    log.create("cosigned/x.note", b"")
    log.replace(CHECKPOINT, b"")
    assert list(log.paths("tile")) == sorted(expected)
    assert list(log.paths("tile/1")) == ["tile/1/000.p/1"]
    assert list(log.paths("")) == sorted([*expected, "cosigned/x.note", CHECKPOINT])
    assert list(log.paths("stamped")) == []


@pytest.mark.parametrize("path", ["tile/0/000", CHECKPOINT, "tile", "tile/0/000.p/1"])
def test_what_nobody_wrote_is_not_found(log: LogStore, path: str) -> None:
    """Asking for it is a NotFoundError, for the name of a folder too."""
    log.create("tile/0/001", b"")
    with pytest.raises(NotFoundError):
        log.read(path)


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../x", "tile/../../x", "tile//0", "tile/", ".hidden", "tile/.p/1"]
)
def test_no_path_leaves_the_ledger(log: LogStore, path: str) -> None:
    """A path that climbs, hides or is none is refused, for every call."""
    with pytest.raises(StorageError):
        log.create(path, b"")
    with pytest.raises(StorageError):
        log.replace(path, b"")
    with pytest.raises(StorageError):
        log.drop(path)
    with pytest.raises(StorageError):
        log.read(path)


def test_an_empty_object_is_an_object(log: LogStore) -> None:
    """No bytes are bytes."""
    log.create(TILE, b"")
    assert log.read(TILE) == b""
    with pytest.raises(ObjectConflictError):
        log.create(TILE, b"x")
