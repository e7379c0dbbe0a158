"""What the file system says when it refuses, in words and types a caller can act on."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from evidence.errors import StorageError, StorageFullError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""No block left on the disk, or none left in the quota."""

_CURES = {
    errno.EROFS: "mount the vault's disk writable",
    errno.EACCES: "give the service's account write access to the vault",
    errno.EPERM: "give the service's account write access to the vault",
    errno.EFBIG: "raise the file size limit of the service or move the vault to a file system without one",
    errno.EIO: "check the disk before anything else is written to it",
    errno.ENAMETOOLONG: "use a shorter name",
}


@contextmanager
def storage_errors(subject: str) -> Iterator[None]:
    """Translate every `OSError` raised inside.

    Raises:
        StorageFullError: the disk or the quota is full.
        StorageError: any other refusal, with the system's own words.
    """
    try:
        yield
    except OSError as error:
        raise translated(error, subject) from error


def translated(error: OSError, subject: str) -> StorageError:
    """Return the storage error that says what a refusal of the system means for ``subject``."""
    if error.errno in FULL:
        return StorageFullError(
            "no space is left on the vault's disk",
            subject=subject,
            cure="free space or extend the disk; it is tried again",
        )
    number = error.errno or 0
    words = os.strerror(number) if number else str(error)
    return StorageError(f"the vault's disk refused ({words})", subject=subject, cure=_CURES.get(number, ""))
