"""The lock files of a local vault: their bytes, what they mean, and what damaged ones do."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from evidence.errors import IntegrityError, LockedError, NotFoundError, StorageError
from evidence.ports import Lock
from storage.immutable import is_immutable
from storage.local_vault import LocalVault
from tests.support.storage import files_below, seal, sha256

UNTIL = datetime(2031, 3, 2, 4, 0, tzinfo=UTC)
DIGEST = sha256(b"footage")
LOCK_FILE = f"{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}.json"


@pytest.fixture(name="vault")
def _vault(tmp_path: Path) -> LocalVault:
    vault = LocalVault(tmp_path / "vault", tmp_path / "work")
    seal(vault, b"footage")
    return vault


def lock_file(vault: LocalVault) -> Path:
    """Return where the lock of the footage lies."""
    return vault.root / "locks" / LOCK_FILE


def test_a_lock_is_a_small_canonical_file(vault: LocalVault) -> None:
    """Its layout is a documented format: sorted keys, no white space, UTC."""
    vault.retain(DIGEST, UNTIL)
    vault.hold(DIGEST, on=True)
    assert lock_file(vault).read_bytes() == b'{"held":true,"until":"2031-03-02T04:00:00Z","v":1}'


def test_without_a_keep_nothing_is_locked_until_somebody_asks(vault: LocalVault) -> None:
    """A vault that was told to keep nothing makes no lock file, and its lock says none."""
    assert vault.lock_of(DIGEST) == Lock(None, held=False)
    assert not (vault.root / "locks").exists()
    assert vault.hold(DIGEST, on=True) == Lock(None, held=True)
    assert lock_file(vault).read_bytes() == b'{"held":true,"until":null,"v":1}'


def test_the_initial_lock_runs_from_when_the_original_was_written(vault: LocalVault, tmp_path: Path) -> None:
    """It runs from the file's own time, so that a vault looked at by another process says the same."""
    written = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    os.utime(vault.locate(DIGEST), (written.timestamp(), written.timestamp()))
    keeping = LocalVault(tmp_path / "vault", tmp_path / "work", keep=timedelta(days=180))
    assert keeping.lock_of(DIGEST) == Lock(written + timedelta(days=180), held=False)


def test_a_longer_keep_counts_for_what_has_a_lock_file_too(vault: LocalVault, tmp_path: Path) -> None:
    """Of two times the later one counts: a schedule that grew applies to what was sealed before."""
    vault.retain(DIGEST, datetime(2026, 3, 3, tzinfo=UTC))
    longer = LocalVault(tmp_path / "vault", tmp_path / "work", keep=timedelta(days=36500))
    until = longer.lock_of(DIGEST).until
    assert until is not None
    assert until.year > 2100


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{}",
        b'{"held":1,"until":null,"v":1}',
        b'{"held":false,"until":null,"v":2}',
        b'{"held":false, "until":null}',
    ],
    ids=["empty", "nothing said", "no boolean", "unknown version", "not canonical"],
)
def test_a_lock_that_cannot_be_understood_locks(vault: LocalVault, damage: bytes) -> None:
    """Damage never frees an original: nobody reads a lock into it, and nothing is removed."""
    vault.hold(DIGEST, on=True)
    lock_file(vault).write_bytes(damage)
    with pytest.raises(IntegrityError, match="nothing that can be understood"):
        vault.lock_of(DIGEST)
    with pytest.raises(IntegrityError):
        vault.dispose(DIGEST, UNTIL)
    assert vault.has(DIGEST)


def test_disposal_leaves_neither_original_nor_lock(vault: LocalVault) -> None:
    """After its time both files are gone, and what is not its own stays."""
    vault.retain(DIGEST, UNTIL)
    with pytest.raises(LockedError, match="2031-03-02"):
        vault.dispose(DIGEST, UNTIL - timedelta(microseconds=1))
    vault.dispose(DIGEST, UNTIL)
    assert files_below(vault.root) == ["locks/guard"]


def test_a_disposal_that_was_cut_off_is_finished_by_the_next(vault: LocalVault) -> None:
    """The original is gone and its lock is not: asked again, it says that there is no original, and tidies up."""
    vault.hold(DIGEST, on=True)
    vault.locate(DIGEST).unlink()
    with pytest.raises(NotFoundError):
        vault.dispose(DIGEST, UNTIL)
    assert files_below(vault.root) == ["locks/guard"]


def test_reading_a_lock_writes_nothing(vault: LocalVault, tmp_path: Path) -> None:
    """A vault that is only looked at stays as it is, so that a copy on a read-only disk can be."""
    before = sorted(tmp_path.rglob("*"))
    LocalVault(vault.root, tmp_path / "elsewhere", keep=timedelta(days=1)).lock_of(DIGEST)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_disposal_is_flushed(vault: LocalVault, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power cut an original whose disposal was reported does not come back: its folder is flushed."""
    flushed: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        flushed.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr("os.fsync", fsync)
    vault.dispose(DIGEST, UNTIL)
    assert str(vault.root / "originals" / DIGEST[:2] / DIGEST[2:4]) in flushed


def test_changes_at_the_same_time_lose_nothing(vault: LocalVault) -> None:
    """A hold set while the retention is extended again and again is still there, and so is the longest time."""
    times = [UNTIL + timedelta(days=day) for day in range(40)]
    extending = Thread(target=lambda: [vault.retain(DIGEST, until) for until in times])
    extending.start()
    for on in (True, False) * 10 + (True,):
        vault.hold(DIGEST, on=on)
    extending.join()
    assert vault.lock_of(DIGEST) == Lock(times[-1], held=True)


def test_disposal_lifts_the_immutable_attribute(tmp_path: Path) -> None:
    """What even root could not remove goes when its time has come."""
    vault = LocalVault(tmp_path / "vault", tmp_path / "work", immutable=True)
    try:
        digest = seal(vault, b"footage").digest
    except StorageError as error:
        pytest.skip(f"not on this file system or account: {error}")
    assert is_immutable(vault.locate(digest))
    vault.dispose(digest, UNTIL)
    assert not vault.has(digest)
