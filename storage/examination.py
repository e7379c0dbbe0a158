"""Reading one original again, from the disk and not from memory, and saying how it is."""

import hashlib
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from typing import BinaryIO

from evidence.errors import NotFoundError, StorageError
from evidence.ids import Digest
from evidence.ports import Vault

CHUNK_BYTES = 1024 * 1024


class Condition(StrEnum):
    """What reading an original again has shown."""

    WHOLE = "whole"
    DAMAGED = "damaged"  # its bytes do not give its digest
    UNREADABLE = "unreadable"  # the disk does not deliver them
    MISSING = "missing"


class Examination:
    """Reads one original to its end, so many bytes at a time; see ``condition`` when `advance` returns 0.

    Args:
        vault: where it lies.
        digest: what its bytes should give.
    """

    def __init__(self, vault: Vault, digest: Digest) -> None:
        self._digest = digest
        self._sha256 = hashlib.sha256()
        self._file: BinaryIO | None = None
        self.condition: Condition | None = None
        self.done_bytes = 0
        self._try(lambda: self._begin(vault))

    def advance(self, most_bytes: int) -> int:
        """Read on; return how many bytes that were, 0 when the end is reached."""
        file = self._file
        if file is None:
            return 0
        chunk = self._try(lambda: file.read(most_bytes)) or b""
        if chunk:
            self._sha256.update(chunk)
            self._forget_behind(file, len(chunk))
        elif self.condition is None:
            self.condition = Condition.WHOLE if self._sha256.hexdigest() == self._digest else Condition.DAMAGED
            self.close()
        return len(chunk)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self, vault: Vault) -> bytes:
        self._file = vault.open(self._digest)
        _forget(self._file, 0, 0)  # what the memory still holds says nothing of the disk
        return b""

    def _forget_behind(self, file: BinaryIO, read_bytes: int) -> None:
        _forget(file, self.done_bytes, read_bytes)
        self.done_bytes += read_bytes

    def _try(self, reading: Callable[[], bytes]) -> bytes | None:
        try:
            return reading()
        except NotFoundError:
            self.condition = Condition.MISSING
        except (StorageError, OSError):
            self.condition = Condition.UNREADABLE
        self.close()
        return None


def examine(vault: Vault, digest: Digest) -> Condition:
    """Read an original to its end at once and say how it is."""
    examination = Examination(vault, digest)
    while examination.advance(CHUNK_BYTES):
        pass
    examination.close()
    return examination.condition or Condition.UNREADABLE


def _forget(file: BinaryIO, start: int, length: int) -> None:
    """Take the file's bytes out of the page cache, so that it is the disk that is read and others keep their cache."""
    if sys.platform == "linux":
        with suppress(OSError):  # a stream that is no file of this machine
            os.posix_fadvise(file.fileno(), start, length, os.POSIX_FADV_DONTNEED)
