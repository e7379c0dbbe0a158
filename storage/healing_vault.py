"""The vault as readers see it: a read that fails as the original is gone or its disk is dying mends it, and goes on.

Bytes that are delivered and wrong are not noticed here (that would be a digest at every read): `storage.fixity` and
``verify --deep`` find those.
"""

import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import PurePath
from typing import BinaryIO, TypeVar, cast

from evidence.errors import EvidockError, NotFoundError, StorageError
from evidence.ids import Digest
from evidence.ports import Lock, Staging, Vault

T = TypeVar("T")

Heal = Callable[[Digest], bool]
"""Mends an original, records that it did, and says whether it is whole now. Raises an EvidockError when it cannot."""

_DYING = frozenset({errno.EIO, errno.EBADMSG, getattr(errno, "EUCLEAN", errno.EIO)})
"""What a disk or its file system says when it lost bytes."""


class HealingVault:
    """Implements `evidence.ports.Vault` over another vault; reads mend, everything else is passed on.

    Args:
        inner: the vault itself.
        heal: asked once for each read that failed; the failed read's own error stands when it cannot help.
    """

    def __init__(self, inner: Vault, heal: Heal) -> None:
        self.inner = inner
        self._heal = heal

    def stage(self, expected_bytes: int = 0) -> AbstractContextManager[Staging]:
        return self.inner.stage(expected_bytes)

    def put_record(self, folder: str, name: str, body: bytes) -> Digest:
        return self.inner.put_record(folder, name, body)

    def record(self, folder: str, name: str) -> bytes:
        return self.inner.record(folder, name)

    def records(self, folder: str) -> Iterator[tuple[str, bytes]]:
        return self.inner.records(folder)

    def has(self, digest: Digest) -> bool:
        return self.inner.has(digest)

    def locate(self, digest: Digest) -> PurePath:
        return self._mending(digest, self.inner.locate)

    def open(self, digest: Digest) -> BinaryIO:
        raw = _HealingFile(lambda: self._mending(digest, self.inner.open), lambda: self._mended(digest))
        return cast("BinaryIO", io.BufferedReader(raw))

    def originals(self) -> Iterator[Digest]:
        return self.inner.originals()

    def lock_of(self, digest: Digest) -> Lock:
        return self.inner.lock_of(digest)

    def retain(self, digest: Digest, until: datetime) -> Lock:
        return self.inner.retain(digest, until)

    def hold(self, digest: Digest, *, on: bool) -> Lock:
        return self.inner.hold(digest, on=on)

    def dispose(self, digest: Digest, at: datetime) -> None:
        self.inner.dispose(digest, at)

    def _mending(self, digest: Digest, reading: Callable[[Digest], T]) -> T:
        try:
            return reading(digest)
        except (NotFoundError, StorageError) as error:
            if not (isinstance(error, NotFoundError) or _is_dying(error.__cause__)) or not self._mended(digest):
                raise
        return reading(digest)

    def _mended(self, digest: Digest) -> bool:
        try:
            return self._heal(digest)
        except EvidockError:  # the reader is told what failed for it; whoever heals has logged why it could not
            return False


class _HealingFile(io.RawIOBase):
    """An original that is read on from the mended file when the disk fails in the middle."""

    def __init__(self, opening: Callable[[], BinaryIO], mended: Callable[[], bool]) -> None:
        super().__init__()
        self._opening = opening
        self._mended = mended
        self._file = opening()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._file.fileno()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # any writable buffer will do
        at = self._file.tell()
        try:
            chunk = self._file.read(len(buffer))
        except OSError as error:
            if not _is_dying(error) or not self._mended():
                raise
            self._file.close()
            self._file = self._opening()
            self._file.seek(at)
            chunk = self._file.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def _is_dying(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno in _DYING
