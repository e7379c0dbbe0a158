"""What is particular to the ledger in a local folder: modes, flushing, empty folders, what lies beside it."""

import os
from pathlib import Path

import pytest

from storage.local_log import LocalLog
from tests.support.storage import files_below

CHECKPOINT, TILE, PARTIAL = "checkpoint", "tile/0/000", "tile/0/000.p/17"


@pytest.fixture(name="log")
def _log(tmp_path: Path) -> LocalLog:
    return LocalLog(tmp_path / "vault")


def test_the_ledger_lies_in_its_folder_and_nothing_in_scratch(log: LocalLog, tmp_path: Path) -> None:
    """The layout is a documented format."""
    log.create(TILE, b"x")
    log.replace(CHECKPOINT, b"x")
    assert files_below(tmp_path) == [f"vault/ledger/{CHECKPOINT}", f"vault/ledger/{TILE}"]


def test_what_never_changes_is_read_only(log: LocalLog, tmp_path: Path) -> None:
    """Nobody has the right to write, the owner included; a partial tile is removed whole, never written to."""
    for path in (TILE, PARTIAL):
        log.create(path, b"x")
        assert oct((tmp_path / "vault" / "ledger" / path).stat().st_mode & 0o777) == "0o444"


def test_an_empty_folder_of_partial_tiles_goes_with_the_last(log: LocalLog, tmp_path: Path) -> None:
    """What is superfluous leaves nothing behind, and what is not stays."""
    for width in (17, 18):
        log.create(f"tile/0/000.p/{width}", b"x")
    folder = tmp_path / "vault" / "ledger" / "tile" / "0"
    log.drop("tile/0/000.p/17")
    assert files_below(folder) == ["000.p/18"]
    log.drop("tile/0/000.p/18")
    assert list(folder.iterdir()) == []


def test_file_and_folder_are_flushed(log: LocalLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tile is on the disk before its name is, and its name before the call returns; so is a checkpoint."""
    log.create("tile/0/001", b"x")  # makes the folders
    flushed: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        flushed.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr("os.fsync", fsync)
    log.create(TILE, b"x")
    log.replace(CHECKPOINT, b"x")
    ledger = str(tmp_path / "vault" / "ledger")
    assert [name for name in flushed if not name.endswith(".part")] == [f"{ledger}/tile/0", ledger]
    assert [name.endswith(".part") for name in flushed] == [True, False, True, False]


def test_a_reader_of_the_old_checkpoint_reads_it_to_its_end(log: LocalLog, tmp_path: Path) -> None:
    """Replacing gives the name to other bytes; it does not write into what somebody reads."""
    log.replace(CHECKPOINT, b"old")
    with (tmp_path / "vault" / "ledger" / CHECKPOINT).open("rb") as reader:
        log.replace(CHECKPOINT, b"new")
        assert reader.read() == b"old"
    assert log.read(CHECKPOINT) == b"new"
