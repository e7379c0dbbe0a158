"""A file at a dock, opened so that reading leaves no trace on it, and watched for change while it is read."""

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from evidence.errors import SourceChangedError, SourceUnreadableError
from evidence.ports import Pickup
from ingest.pickups import to_native, version_of

CHUNK_BYTES = 1024 * 1024
"""Fits a core's second-level cache, so that the digest reads what the copy has just touched."""

FORGET_BYTES = 32 * 1024 * 1024
"""How much of the source stays in the page cache behind the reading: it is not read again."""

_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe without a writer must not hang us
_FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
_NO_ATIME = getattr(os, "O_NOATIME", 0)

_REASONS = {
    errno.ENOENT: "it is no longer there",
    errno.EACCES: "this account may not read it",
    errno.EPERM: "this account may not read it",
    errno.ELOOP: "it is a symbolic link, and what it points to may lie outside the dock",
    errno.ENOTDIR: "a folder on its path is a symbolic link or a file",
    errno.EIO: "the disk or the share could not deliver its bytes",
    errno.ESTALE: "the share was taken away while it was read",
    errno.ENXIO: "it is a socket, not a file",
}


class Source:
    """An open source, of which nothing but its bytes is touched: never written, and where permitted no access time.

    No symbolic link is followed below the watched root.

    Raises:
        SourceUnreadableError: it is gone, a link, not a regular file, or may not be read.
    """

    def __init__(self, pickup: Pickup) -> None:
        self._pickup = pickup
        self._subject = readable_path(pickup.source_path)
        with self._unreadable():
            self._descriptor = _opened(to_native(pickup.root), _parts(to_native(pickup.source_path)))

    def __enter__(self) -> Self:
        if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
            os.close(self._descriptor)
            raise SourceUnreadableError("it is not a regular file", subject=self._subject)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    def require_unchanged(self) -> None:
        """See that size and modification time still are those of the pickup.

        Raises:
            SourceChangedError: they are not; it is taken again when it has settled.
        """
        with self._unreadable():
            now = os.fstat(self._descriptor)
        if version_of(now) != (self._pickup.size_bytes, self._pickup.mtime_ns):
            raise self._changed(f"{self._pickup.size_bytes} bytes were announced, {now.st_size} are there")

    def chunks(self) -> Iterator[bytes]:
        """Iterate once over the bytes, front to back.

        Raises:
            SourceChangedError: there are more or fewer bytes than announced.
            SourceUnreadableError: the disk or the share could not deliver them.
        """
        self._advise_sequential()
        done_bytes = 0
        while chunk := self._read():
            done_bytes += len(chunk)
            if done_bytes > self._pickup.size_bytes:
                break
            yield chunk
            self._forget_behind(done_bytes, len(chunk))
        if done_bytes != self._pickup.size_bytes:
            raise self._changed(f"{self._pickup.size_bytes} bytes were announced, {done_bytes} were read")

    def _read(self) -> bytes:
        with self._unreadable():
            return os.read(self._descriptor, CHUNK_BYTES)

    def _advise_sequential(self) -> None:
        if sys.platform == "linux":
            os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)

    def _forget_behind(self, done_bytes: int, chunk_bytes: int) -> None:
        whole = done_bytes // FORGET_BYTES
        if sys.platform == "linux" and whole > (done_bytes - chunk_bytes) // FORGET_BYTES:
            os.posix_fadvise(self._descriptor, (whole - 1) * FORGET_BYTES, FORGET_BYTES, os.POSIX_FADV_DONTNEED)

    def _changed(self, what: str) -> SourceChangedError:
        return SourceChangedError(
            f"it changed while it was read ({what})",
            subject=self._subject,
            cure="it is taken again when it has settled",
        )

    @contextmanager
    def _unreadable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = _REASONS.get(error.errno or 0, f"it cannot be read ({error.strerror or error})")
            cure = "it stays where it is; see to it at the dock"
            raise SourceUnreadableError(reason, subject=self._subject, cure=cure) from error


def readable_path(source_path: str) -> str:
    """Return a path that can be printed: bytes that are no UTF-8 become the replacement character."""
    return source_path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _parts(source_path: str) -> list[str]:
    parts = source_path.split("/")
    if any(part in {"", ".", ".."} or "\0" in part for part in parts):
        raise SourceUnreadableError("this path leaves the watched folder", subject=readable_path(source_path))
    return parts


def _opened(root: str, parts: list[str]) -> int:
    """Open the file part by part, so that no link on the way is followed, whoever plants one at whatever moment."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            above, folder = folder, os.open(part, _FOLDER, dir_fd=folder)
            os.close(above)
        return _without_atime(lambda flags: os.open(parts[-1], flags, dir_fd=folder))
    finally:
        os.close(folder)


def _without_atime(opening: Callable[[int], int]) -> int:
    """Open without updating the access time where the file's owner permits it."""
    try:
        return opening(_FILE | _NO_ATIME)
    except PermissionError:
        return opening(_FILE)
