"""A file on its way into a vault: written to scratch, digested beside it, then given its name for good."""

import hashlib
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from evidence.errors import IntegrityError, StorageError, StorageFullError
from evidence.ids import Digest
from evidence.ports import SealedObject
from storage.digesting import Chunk, ParallelDigest
from storage.durable import READ_ONLY, DurableTree, write_all
from storage.failures import storage_errors
from storage.immutable import make_immutable
from storage.scratch import Scratch

FLUSH_BYTES = 32 * 1024 * 1024
"""Writing to the disk begins each time this much has come in, so that the final flush finds little left to do."""

Passing = Callable[[str], None]
"""Told the name of each point at which a crash would be instructive; does nothing but in fault tests."""


def nothing(_point: str) -> None:
    """Pass every point untouched."""


class Spool:
    """A scratch file that grows while its SHA-256 is taken: what every staging does before its bytes get their name.

    Args:
        scratch: where the file lies.
    """

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._digest = ParallelDigest()
        self._written_bytes = 0
        self._flushed_bytes = 0
        self._sealed: SealedObject | None = None
        self._descriptor, self._path = scratch.create()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abandon()

    def write(self, chunk: Chunk) -> None:
        """Append bytes; a chunk that can change is free for reuse when this returns."""
        self._require_open()
        try:
            self._digest.update(chunk)
            with storage_errors(str(self._path)):
                write_all(self._descriptor, memoryview(chunk).cast("B"))
                self._written_bytes += len(chunk)
                self._flush_early()
            if not isinstance(chunk, bytes):
                self._digest.settle()
        except StorageError:
            self.abandon()
            raise

    def seal(self) -> SealedObject:
        """Give the bytes their name for good.

        Raises:
            IntegrityError: the vault holds something else under that digest; it was not touched.
            StorageFullError: the storage is full; nothing of this file stays. StorageError: it refused.
        """
        if self._sealed is None:
            self._require_open()
            try:
                self._sealed = self._sealed_now()
            finally:
                self.abandon()
        return self._sealed

    def abandon(self) -> None:
        """Close and remove the scratch file; an original it became keeps its bytes under its own name."""
        if self._descriptor < 0:
            return
        self._digest.close()
        descriptor, self._descriptor = self._descriptor, -1
        try:
            with storage_errors(str(self._path)):
                os.close(descriptor)
        finally:
            self._scratch.remove(self._path)

    def _sealed_now(self) -> SealedObject:
        raise NotImplementedError

    def _flush_early(self) -> None:
        """Ask the kernel to write out what has come in; without this the final flush doubles the time."""
        fresh_bytes = self._written_bytes - self._flushed_bytes
        if sys.platform == "linux" and fresh_bytes >= FLUSH_BYTES:
            os.posix_fadvise(self._descriptor, self._flushed_bytes, fresh_bytes, os.POSIX_FADV_DONTNEED)
            self._flushed_bytes = self._written_bytes

    def _require_open(self) -> None:
        if self._descriptor < 0:
            raise ValueError("this staging is over: it was sealed, abandoned, or ran out of space")


class LocalStaging(Spool):
    """Implements `evidence.ports.Staging` on a local file system; made by `LocalVault.stage`.

    Args:
        tree: the vault's files.
        place_of: where an original of a digest lies.
        immutable: set the immutable attribute after sealing.
        reached: told ``before-link`` and ``after-link``.
    """

    def __init__(
        self, tree: DurableTree, place_of: Callable[[Digest], Path], *, immutable: bool, reached: Passing
    ) -> None:
        super().__init__(tree.scratch)
        self._tree = tree
        self._place_of = place_of
        self._immutable = immutable
        self._reached = reached

    def _sealed_now(self) -> SealedObject:
        with storage_errors(str(self._path)):
            os.fchmod(self._descriptor, READ_ONLY)
            os.fsync(self._descriptor)
        digest = self._digest.digest()
        place = self._place_of(digest)
        self._reached("before-link")
        created = self._tree.publish(self._path, place)
        self._reached("after-link")
        if not created:
            _require_same(place, digest, self._written_bytes)
        self._tree.scratch.remove(self._path)
        if self._immutable and place.lstat().st_nlink == 1:
            make_immutable(place)
        return SealedObject(digest, self._written_bytes, already_there=not created)


def require_room(folder: Path, vault: str, expected_bytes: int) -> None:
    """See that bytes to come fit on the disk of a folder.

    Raises:
        StorageFullError: they do not. StorageError: the disk cannot be asked.
    """
    with storage_errors(vault):
        disk = os.statvfs(folder)
    free_blocks = disk.f_bavail if os.geteuid() else disk.f_bfree
    if disk.f_blocks and free_blocks * disk.f_frsize < expected_bytes:  # some network shares state no size at all
        raise StorageFullError(
            f"{expected_bytes} bytes are needed and {free_blocks * disk.f_frsize} are free on the vault's disk",
            subject=vault,
            cure="free space or extend the disk; it is tried again",
        )


def _require_same(place: Path, digest: Digest, size_bytes: int) -> None:
    """Refuse to call bytes sealed on the word of an original that no longer is what its name says."""
    with storage_errors(str(place)):
        found = place.lstat()
        whole = stat.S_ISREG(found.st_mode) and found.st_size == size_bytes
        if whole:
            with place.open("rb") as original:
                whole = hashlib.file_digest(original, "sha256").hexdigest() == digest
    if not whole:
        raise IntegrityError(
            "the vault holds other bytes under this digest",
            subject=digest,
            cure="leave the source where it is, run `evidock verify --deep`, and restore the original from backup",
        )
