"""Retention and holds of a local vault's originals: what an S3 bucket keeps itself, in small files beside them.

::

    <root>/locks/ab/cd/<digest>.json   {"held":false,"until":"2031-03-02T04:00:00Z","v":1}
    <root>/locks/guard                 held by whoever changes a lock or removes an original

An original without such a file has the lock it was sealed with: kept until the time it was written plus ``keep``.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from evidence.errors import IntegrityError
from evidence.ids import Digest
from evidence.ports import Lock
from evidence.zones import exact_iso
from storage.durable import DurableTree, sync_folder
from storage.failures import storage_errors
from storage.layout import LOCKS, spread

VERSION = 1


class LocalLocks:
    """The locks of one vault; every change is read back.

    Args:
        root: the vault's folder.
        tree: asked for the vault's files when something is to be written: a lock can be read where nothing can.
        keep: how long an original is kept at least, from the time it was written here.
    """

    def __init__(self, root: Path, tree: Callable[[], DurableTree], keep: timedelta) -> None:
        self._root = root
        self._tree = tree
        self._keep = keep

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Keep everybody else, in any process, from changing a lock or removing an original."""
        folder = self._root / LOCKS
        with storage_errors(str(folder)):
            self._tree().make_folders(folder)
            descriptor = os.open(folder / "guard", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with storage_errors(str(folder)):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def of(self, digest: Digest, original: Path) -> Lock:
        """Return the lock of an original that is there; of two times the later counts.

        Raises:
            IntegrityError: the lock's file cannot be understood. StorageError: it cannot be read.
        """
        place = self._place_of(digest)
        with storage_errors(str(place)):
            written = datetime.fromtimestamp(original.lstat().st_mtime, UTC)
            try:
                body = place.read_bytes()
            except FileNotFoundError:
                body = b""
        initial = Lock(written + self._keep if self._keep else None, held=False)
        return _longer(_understood(place, body), initial.until) if body or place.is_file() else initial

    def put(self, digest: Digest, original: Path, lock: Lock) -> Lock:
        """Write a lock, flushed, and return it as read back; to be called `guarded`.

        Raises:
            IntegrityError: what is read back is not what was written. StorageError: the disk refused.
        """
        place = self._place_of(digest)
        self._tree().overwrite_atomically(place, _written(lock))
        found = self.of(digest, original)
        if found != lock:
            raise IntegrityError("the lock did not hold", subject=digest, cure=f"look at {place} and at its disk")
        return found

    def forget(self, digest: Digest) -> None:
        """Remove the lock's file of an original that is gone; none there is fine."""
        place = self._place_of(digest)
        with storage_errors(str(place)):
            if place.is_file():
                place.unlink()
                sync_folder(place.parent)

    def _place_of(self, digest: Digest) -> Path:
        return self._root / LOCKS / f"{spread(digest)}.json"


def extended(lock: Lock, until: datetime) -> Lock:
    """Return the lock kept until ``until`` at least; an earlier time changes nothing."""
    return _longer(lock, until.astimezone(UTC))


def _longer(lock: Lock, until: datetime | None) -> Lock:
    times = [time for time in (lock.until, until) if time is not None]
    return replace(lock, until=max(times, default=None))


def _written(lock: Lock) -> bytes:
    body = {"held": lock.held, "until": exact_iso(lock.until) if lock.until else None, "v": VERSION}
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def _understood(place: Path, body: bytes) -> Lock:
    try:
        said = json.loads(body)
        until = datetime.fromisoformat(said["until"]) if said["until"] is not None else None
        lock = Lock(until.astimezone(UTC) if until else None, held=said["held"] is True)
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged(place) from error
    if _written(lock) != body:
        raise _damaged(place)
    return lock


def _damaged(place: Path) -> IntegrityError:
    return IntegrityError(
        "this lock says nothing that can be understood, so its original counts as locked",
        subject=str(place),
        cure="restore the file from backup, or set the retention and the hold again as the ledger states them",
    )
