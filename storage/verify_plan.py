"""How objects are verified: how deep, who is told, and what is looked at again."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from storage.reading import FoundLock, VaultReader
from storage.verify import Difference


@dataclass(frozen=True)
class Plan:
    """How objects are checked.

    Attributes:
        deep: read every byte.
        now: this machine's time: a lock that has run out need not be there.
        said: what the register last heard of an original's lock; None when it never asked.
        refresh: take in what the ledger tells by now. pause: wait a moment before looking again.
        read_before: whether an earlier part of this run has read a file already, by path and number of its entry.
        read_now: told the path of each file that was read whole. report: told bytes as they are done.
    """

    deep: bool
    now: datetime
    said: Callable[[str], FoundLock | None] = lambda _digest: None
    refresh: Callable[[], None] = lambda: None
    pause: Callable[[], None] = lambda: None
    read_before: Callable[[str, int], bool] = lambda _path, _number: False
    read_now: Callable[[str], None] = lambda _path: None
    report: Callable[[int], None] = lambda _bytes: None


@dataclass(frozen=True)
class Doubt:
    """A difference, and how to look at its subject again."""

    difference: Difference
    again: Callable[[], Iterator[Difference]]


def doubted(look: Callable[[], Iterator[Difference]]) -> Iterator[Doubt]:
    """Look at something, and yield what was found with the look that found it."""
    for difference in look():
        yield Doubt(difference, look)


def sha256_of(reader: VaultReader, path: str, report: Callable[[int], None]) -> str:
    """Return the digest of a file's bytes, telling how many were read.

    Raises:
        NotFoundError: nothing is there. StorageError: it cannot be read.
    """
    sha256 = hashlib.sha256()
    for chunk in reader.chunks(path):
        sha256.update(chunk)
        report(len(chunk))
    return sha256.hexdigest()
