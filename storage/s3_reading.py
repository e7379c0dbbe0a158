"""An object of a bucket as a file to read and to seek in, straight from the server."""

import io
import os
from typing import TYPE_CHECKING

from storage.s3_objects import Bucket, Version

if TYPE_CHECKING:
    from collections.abc import Generator


class ObjectFile(io.RawIOBase):
    """A version of an object; bytes come from the server as they are read, from a new request after a seek.

    Every refusal of the server, also in the middle, is an error of `evidence.errors`.
    """

    def __init__(self, bucket: Bucket, version: Version) -> None:
        super().__init__()
        self._bucket = bucket
        self._version = version
        self._at = 0
        self._chunks: Generator[bytes, None, None] | None = None
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._version.size_bytes}[whence]
        wanted = max(0, base + offset)
        if wanted != self._at:
            self._let_go()
            self._at = wanted
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # any writable buffer will do
        if not self._rest and self._at < self._version.size_bytes:
            self._rest = memoryview(self._next_chunk())
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        self._at += count
        return count

    def close(self) -> None:
        self._let_go()
        super().close()

    def _next_chunk(self) -> bytes:
        if self._chunks is None:
            self._chunks = self._bucket.chunks(self._version.path, self._version.version_id, start=self._at)
        return next(self._chunks, b"")

    def _let_go(self) -> None:
        chunks, self._chunks, self._rest = self._chunks, None, memoryview(b"")
        if chunks is not None:
            chunks.close()
