"""Cleaning up docks: a file goes from the home's own dock folder once it is proved that nothing is lost by it.

Before a file is removed its receipt is there, the original has been read again from the vault and from the second copy
where there is one, its lock has been read back, and the dock's file has been read again: same bytes, still the same
file, nobody writing to it. Then the removal is recorded, and only then the name goes. Links are never followed; what
lies outside ``dock/<station>/`` is never touched.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from evidence.errors import EvidockError, IntakeError, SourceChangedError, SourceUnreadableError
from evidence.ids import Digest
from evidence.ports import Cancelled, Lock, Pickup, Vault, WallClock
from evidence.receipts import Receipt
from ingest.faults import reached
from ingest.pickups import pickup_from, to_native, version_of
from ingest.scan import scan
from ingest.source import CHUNK_BYTES, readable_path
from ingest.stations import Root, place_of
from ingest.writers import Writing, WritingProbe, is_written

TRY_AGAIN_AFTER = timedelta(hours=1)
"""What could not be removed is not looked at again sooner: each look reads the file and its original."""

_FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_STAYS = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY, errno.EACCES, errno.EPERM, errno.ENOENT})
"""Why a folder may stay: something is in it, it is mounted on, it belongs to somebody else, or it is gone."""


@dataclass(frozen=True)
class Cleared:
    """What a round has done. ``kept``: why a file that was due had to stay, by its path."""

    removed: tuple[Pickup, ...] = ()
    kept: tuple[tuple[str, EvidockError], ...] = ()


@dataclass(frozen=True)
class Proofs:
    """What has to hold before a file may go; each is asked anew for every file.

    Attributes:
        receipt: the receipt for a state of a file, None when there is none.
        is_sealed: whether the register knows this state as sealed under this digest.
        read_back: reads the original of a receipt again, in the vault and in the second copy where there is to be
            one; raises an EvidockError when one of them does not give its digest.
        record: records the removal in the ledger; once for the same file, told by inode and change time (the last
            argument), however often it is called: one that was docked anew is another.
    """

    receipt: Callable[[Pickup], Receipt | None]
    is_sealed: Callable[[Pickup, Digest], bool]
    read_back: Callable[[Receipt], None]
    record: Callable[[Pickup, Digest, str], None]


class CleanUp:
    """Removes dock files that are proved to be safe.

    Args:
        dock: the home's own dock folder; nothing outside it is looked at.
        vault: where locks are read back.
        after: a file stays for so long after it was received.
        never: folders below ``dock`` that are watched under settings of their own.
    """

    def __init__(
        self,
        dock: Path,
        vault: Vault,
        proofs: Proofs,
        clock: WallClock,
        after: timedelta,
        *,
        never: Collection[Path] = (),
        written: WritingProbe = is_written,
    ) -> None:
        self._dock = Path(os.path.abspath(dock))  # noqa: PTH100 - as the watcher writes it; resolve() follows links
        self._vault = vault
        self._proofs = proofs
        self._clock = clock
        self._after = after
        self._never = tuple(f"{path}/" for path in never)
        self._written = written
        self._not_before: dict[str, datetime] = {}

    def round(self, enough: Cancelled) -> Cleared:
        """Remove what is due until ``enough`` says so; a file under way is finished."""
        removed: list[Pickup] = []
        kept: list[tuple[str, EvidockError]] = []
        for pickup in self._pickups():
            if enough():
                break
            receipt = self._due(pickup)
            if receipt is None:
                continue
            try:
                self._clear(pickup, receipt)
                removed.append(pickup)
            except EvidockError as error:
                self._not_before[pickup.key] = self._clock() + TRY_AGAIN_AFTER
                kept.append((readable_path(f"{pickup.station}/{pickup.source_path}"), error))
        return Cleared(tuple(removed), tuple(kept))

    def _pickups(self) -> Iterator[Pickup]:
        root, base = Root(self._dock), str(self._dock)
        for native, found in scan(base, _pass_over):
            place = place_of(root, native)
            if place.root != base and not native.startswith(self._never):
                yield pickup_from(place.station, place.root, place.source_path, found)

    def _due(self, pickup: Pickup) -> Receipt | None:
        """Return the receipt of a file whose time has come; None for every other."""
        now = self._clock()
        if now < self._not_before.get(pickup.key, now):
            return None
        receipt = self._proofs.receipt(pickup)
        if receipt is None or receipt.received_at + self._after > now:
            return None
        return receipt if self._proofs.is_sealed(pickup, receipt.digest) else None

    def _clear(self, pickup: Pickup, receipt: Receipt) -> None:
        with DockFile(self._dock, pickup) as file:
            self._require_unwritten(pickup)
            self._proofs.read_back(receipt)
            self._require_locked(receipt.digest, self._vault.lock_of(receipt.digest))
            if file.digest() != receipt.digest:
                raise SourceChangedError("its bytes are not those that were sealed", subject=file.readable)
            self._require_unwritten(pickup)
            file.require_same()
            reached("clear-verified")
            self._proofs.record(pickup, receipt.digest, file.copy)
            reached("clear-recorded")
            file.remove()

    def _require_unwritten(self, pickup: Pickup) -> None:
        native = f"{to_native(pickup.root)}/{to_native(pickup.source_path)}"
        if self._written(native) is Writing.YES:
            raise SourceChangedError("somebody has it open for writing", subject=readable_path(pickup.source_path))

    def _require_locked(self, digest: Digest, lock: Lock) -> None:
        if not lock.held and (lock.until is None or lock.until <= self._clock()):
            cure = "see `retention` in docs/operations.md; the dock's file stays until its original is locked"
            raise IntakeError(
                "its original is not locked, so the dock's file is not removed", subject=digest, cure=cure
            )


class DockFile:
    """A file below the dock folder, held open with every folder above it, so that no link can lead elsewhere.

    Raises:
        SourceUnreadableError: it is gone, a link, not a regular file, or may not be read.
        SourceChangedError: it is not of the size and time that were announced.
    """

    def __init__(self, dock: Path, pickup: Pickup) -> None:
        self.readable = readable_path(f"{pickup.station}/{pickup.source_path}")
        self._pickup = pickup
        self._parts = [to_native(pickup.station), *to_native(pickup.source_path).split("/")]
        self._folders: list[int] = []
        self._file = -1
        if any(part in {"", ".", ".."} or "\0" in part for part in self._parts):
            raise SourceUnreadableError("this path leaves the dock", subject=self.readable)
        with self._unreadable():
            self._open(dock)
        self._found = os.fstat(self._file)

    def __enter__(self) -> Self:
        try:
            self.require_same()
        except EvidockError:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file and its folders."""
        for descriptor in [self._file, *self._folders] if self._file >= 0 else self._folders:
            os.close(descriptor)
        self._file, self._folders = -1, []

    @property
    def copy(self) -> str:
        """Which copy of the file this is: its inode and change time; the next one at this path has others."""
        return f"{self._found.st_ino}.{self._found.st_ctime_ns}"

    def digest(self) -> Digest:
        """Read all its bytes and return their digest."""
        sha256 = hashlib.sha256()
        with self._unreadable():
            os.lseek(self._file, 0, os.SEEK_SET)
            while chunk := os.read(self._file, CHUNK_BYTES):
                sha256.update(chunk)
        return Digest(sha256.hexdigest())

    def require_same(self) -> None:
        """See that the name still stands for the file that is open, and that it is as it was announced.

        Raises:
            SourceChangedError: it is another, or has changed.
        """
        with self._unreadable():
            named = os.stat(self._parts[-1], dir_fd=self._folders[-1], follow_symlinks=False)
            opened = os.fstat(self._file)
        announced = (self._pickup.size_bytes, self._pickup.mtime_ns)
        as_announced = stat.S_ISREG(opened.st_mode) and version_of(opened) == announced
        if not (_identity(named) == _identity(opened) == _identity(self._found) and as_announced):
            raise SourceChangedError("it is no longer the file that was sealed", subject=self.readable)

    def remove(self) -> None:
        """Take the name away, flushed, and every folder that has become empty by it, but the station's own.

        Raises:
            SourceChangedError: it is no longer the same file; it was left alone. SourceUnreadableError: it was refused.
        """
        self.require_same()
        with self._unreadable():
            os.unlink(self._parts[-1], dir_fd=self._folders[-1])
            reached("clear-removed")
            os.fsync(self._folders[-1])
            for depth in range(len(self._folders) - 1, 1, -1):
                if not _removed(self._folders[depth - 1], self._parts[depth - 1]):
                    return

    def _open(self, dock: Path) -> None:
        try:
            self._folders.append(os.open(dock, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
            for part in self._parts[:-1]:
                self._folders.append(os.open(part, _FOLDER, dir_fd=self._folders[-1]))
            self._file = os.open(self._parts[-1], _FILE, dir_fd=self._folders[-1])
        except OSError:
            self.close()
            raise

    @contextmanager
    def _unreadable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            message = f"it cannot be read or removed ({error.strerror or error})"
            raise SourceUnreadableError(message, subject=self.readable, cure="it stays where it is") from error


def _identity(found: os.stat_result) -> tuple[int, ...]:
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _removed(parent: int, name: str) -> bool:
    try:
        os.rmdir(name, dir_fd=parent)
    except OSError as error:
        if error.errno not in _STAYS:
            raise
        return False
    with suppress(OSError):
        os.fsync(parent)
    return True


def _pass_over(folder: str, error: OSError) -> None:
    """Pass over what cannot be read: the watcher reports that; what is not seen is not removed."""
    del folder, error
