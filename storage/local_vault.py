"""The vault in a local folder: originals under their SHA-256, records under their names, each written once.

::

    <root>/originals/ab/cd/abcd…   the bytes as they came, mode 0444; the name is their SHA-256
    <root>/records/<folder>/<name> sidecars, imported records, decisions: mode 0444
    <root>/locks/                  retention and holds, see `storage.locks`
    <root>/staging/                used when the scratch folder lies on another disk; swept

There is no way here to replace an original, and none to remove one before its time.
"""

import hashlib
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from evidence.errors import LockedError, NotFoundError, StorageError
from evidence.ids import Digest
from evidence.ports import Lock
from evidence.zones import to_utc_iso
from storage.durable import DurableTree, links_reach, sync_folder
from storage.failures import storage_errors
from storage.immutable import is_immutable, make_immutable
from storage.layout import ORIGINALS, is_digest, original_path, record_path
from storage.locks import LocalLocks, extended
from storage.scratch import Scratch
from storage.staging import LocalStaging, Passing, nothing, require_room

_STAGING = "staging"


class LocalVault:
    """Implements `evidence.ports.Vault` on a local file system with hard links.

    Args:
        root: the vault's folder, absolute; made when first written to.
        scratch: where files lie until they are sealed. When its file system is not the vault's, a sealed file could
            only be copied across, doubling the work, so files are then staged in ``root/staging`` instead.
        executor: tag of this process's scratch files, by which its successor sweeps them.
        immutable: also set the file system's immutable attribute on originals (needs the privilege to do so).
        keep: how long an original is kept at least, from the time it was written here.
        reached: told the points at which a crash would be instructive; for fault tests.
    """

    def __init__(
        self,
        root: Path,
        scratch: Path,
        *,
        executor: str = "local",
        immutable: bool = False,
        keep: timedelta = timedelta(0),
        reached: Passing = nothing,
    ) -> None:
        self.root = root
        self._wanted_scratch = Scratch(scratch, executor)
        self._inner_scratch = Scratch(root / _STAGING, executor)
        self._immutable = immutable
        self._keep = keep
        self._reached = reached

    def stage(self, expected_bytes: int = 0) -> LocalStaging:
        """Open a staging, after seeing that ``expected_bytes`` fit on the disk.

        Raises:
            StorageFullError: they do not; nothing was written. StorageError: the disk refused.
        """
        require_room(self.staging_folder, str(self.root), expected_bytes)
        return LocalStaging(self._tree, self._place_of, immutable=self._immutable, reached=self._reached)

    def put_record(self, folder: str, name: str, body: bytes) -> Digest:
        path = self._record_path(folder, name)
        self._tree.create_idempotently(path, body)
        return _digest_of(body)

    def record(self, folder: str, name: str) -> bytes:
        path = self._record_path(folder, name)
        try:
            with storage_errors(str(path)):
                return path.read_bytes()
        except StorageError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise NotFoundError("no such record", subject=f"{folder}/{name}") from error
            raise

    def records(self, folder: str) -> Iterator[tuple[str, bytes]]:
        path = self._record_path(folder)
        for name in _names(path):
            with storage_errors(str(path / name)):
                regular = stat.S_ISREG((path / name).lstat().st_mode)
                body = (path / name).read_bytes() if regular else b""
            if regular:
                yield name, body

    def has(self, digest: Digest) -> bool:
        with storage_errors(digest):
            return _is_regular(self._place_of(digest))

    def locate(self, digest: Digest) -> Path:
        if not self.has(digest):
            raise NotFoundError("no such original is sealed", subject=digest)
        return self._place_of(digest)

    def open(self, digest: Digest) -> BinaryIO:
        place = self.locate(digest)
        with storage_errors(digest):
            return place.open("rb")

    def originals(self) -> Iterator[Digest]:
        for outer in _names(self.root / ORIGINALS):
            for inner in _names(self.root / ORIGINALS / outer):
                folder = self.root / ORIGINALS / outer / inner
                yield from (Digest(n) for n in _names(folder) if is_digest(n) and n.startswith(outer + inner))

    def lock_of(self, digest: Digest) -> Lock:
        return self._locks.of(digest, self.locate(digest))

    def retain(self, digest: Digest, until: datetime) -> Lock:
        with self._locks.guarded():
            original = self.locate(digest)
            lock = self._locks.of(digest, original)
            longer = extended(lock, until)
            return lock if longer == lock else self._locks.put(digest, original, longer)

    def hold(self, digest: Digest, *, on: bool) -> Lock:
        with self._locks.guarded():
            original = self.locate(digest)
            lock = self._locks.of(digest, original)
            return lock if lock.held == on else self._locks.put(digest, original, replace(lock, held=on))

    def dispose(self, digest: Digest, at: datetime) -> None:
        with self._locks.guarded():
            if not self.has(digest):
                self._locks.forget(digest)  # a disposal that was cut off leaves it
            original = self.locate(digest)
            require_unlocked(digest, self._locks.of(digest, original), at)
            _remove(original)
            self._locks.forget(digest)

    def sweep(self, *, before: datetime | None = None) -> int:
        """Remove scratch files that an earlier process of this executor left; return how many.

        Args:
            before: also those of other executors last written before this time.
        """
        return sum(scratch.sweep(before=before) for scratch in (self._wanted_scratch, self._inner_scratch))

    @property
    def staging_folder(self) -> Path:
        """Where files are staged: the scratch folder, or ``root/staging`` when that is on another file system."""
        return self._tree.scratch.folder

    @cached_property
    def _tree(self) -> DurableTree:
        tree = DurableTree(self.root, self._wanted_scratch)
        with storage_errors(str(self.root)):
            tree.make_folders(self.root)
        if not links_reach(self._wanted_scratch, self._inner_scratch):
            tree.scratch = self._inner_scratch
            if not links_reach(self._inner_scratch, self._inner_scratch):
                raise StorageError(
                    "this file system has no hard links, so nothing could be sealed without a risk of overwriting",
                    subject=str(self.root),
                    cure="put the vault on ext4, XFS, Btrfs, ZFS, APFS or NFS",
                )
        return tree

    @cached_property
    def _locks(self) -> LocalLocks:
        return LocalLocks(self.root, lambda: self._tree, self._keep)

    def _place_of(self, digest: Digest) -> Path:
        return self.root / original_path(digest)

    def _record_path(self, *parts: str) -> Path:
        return self.root / record_path(*parts)


def _remove(original: Path) -> None:
    """Take an original away, and its immutable attribute before."""
    if is_immutable(original):
        make_immutable(original, on=False)
    with storage_errors(str(original)):
        original.unlink()
        sync_folder(original.parent)


def require_unlocked(digest: Digest, lock: Lock, at: datetime) -> None:
    """Refuse to remove what is held, or to be kept beyond ``at``.

    Raises:
        LockedError: it is.
    """
    if lock.held:
        raise LockedError("it is under a legal hold", subject=digest, cure="lift the hold first, if it may be lifted")
    if lock.until is not None and lock.until > at:
        cure = f"it may be removed after {to_utc_iso(lock.until)}"
        raise LockedError("its retention has not run out", subject=digest, cure=cure)


def _names(folder: Path) -> list[str]:
    with storage_errors(str(folder)):
        try:
            return sorted(entry.name for entry in folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def _digest_of(body: bytes) -> Digest:
    return Digest(hashlib.sha256(body).hexdigest())
