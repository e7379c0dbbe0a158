"""Originals of a bucket as files of this machine, for the tools that need a path; bounded, and never a second truth.

::

    <folder>/ab/<digest>   mode 0444; its bytes gave its name when it came; last use: its mtime
    <folder>/staging/      scratch; swept
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from evidence.errors import IntegrityError
from evidence.ids import Digest
from evidence.ports import WallClock
from storage.durable import READ_ONLY, write_all
from storage.failures import storage_errors
from storage.layout import is_digest
from storage.scratch import Scratch

LEASE = timedelta(minutes=1)
"""What was asked for within this time stays even when the cache is full: a tool is about to open it."""


@dataclass(frozen=True)
class _Cached:
    path: Path
    size_bytes: int
    used_at_ns: int


class OriginalsCache:
    """The originals that were used last.

    Args:
        folder: where they lie; made when first needed.
        most_bytes: the least recently used go when there are more; 0 keeps none beyond `LEASE`.
        executor: tag of this process's scratch files.
        clock: this machine's time.
    """

    def __init__(self, folder: Path, most_bytes: int, executor: str, clock: WallClock) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._scratch = Scratch(folder / "staging", executor)
        self._clock = clock

    def find(self, digest: Digest) -> Path | None:
        """Return where an original lies here, None when it does not; it counts as used now."""
        place = self._place_of(digest)
        try:
            self._touch(place)
        except FileNotFoundError:
            return None
        return place

    def fetch(self, digest: Digest, chunks: Iterable[bytes]) -> Path:
        """Write an original's bytes here and return where; others go to make room.

        Raises:
            IntegrityError: they do not give its digest; nothing stays. StorageFullError, StorageError.
        """
        descriptor, path = self._scratch.create()
        try:
            found = hashlib.sha256()
            for chunk in chunks:
                found.update(chunk)
                with storage_errors(str(path)):
                    write_all(descriptor, memoryview(chunk))
            if found.hexdigest() != digest:
                cure = "run `evidock verify --deep`, and restore the original from a second copy"
                raise IntegrityError("the bucket holds other bytes under this digest", subject=digest, cure=cure)
            return self._named(descriptor, path, digest)
        finally:
            os.close(descriptor)
            self._scratch.remove(path)

    def adopt(self, descriptor: int, path: Path, digest: Digest, size_bytes: int) -> None:
        """Give a whole scratch file a second name here; one too large, or on another file system, is left alone."""
        if size_bytes > self._most_bytes:
            return
        with storage_errors(str(path)):
            self._scratch.folder.mkdir(parents=True, exist_ok=True)
            if path.stat().st_dev == self._folder.stat().st_dev:
                linked = self._scratch.free_path()
                os.link(path, linked)
                try:
                    self._named(descriptor, linked, digest)
                finally:
                    self._scratch.remove(linked)

    def forget(self, digest: Digest) -> None:
        """Remove an original from here; not there is fine."""
        place = self._place_of(digest)
        with storage_errors(str(place)):
            place.unlink(missing_ok=True)

    def sweep(self, *, before: datetime | None = None) -> int:
        """Remove what earlier processes left half-written, and what is too much; return how many files went."""
        return self._scratch.sweep(before=before) + self._shrink()

    def _named(self, descriptor: int, path: Path, digest: Digest) -> Path:
        """Flush a whole file and give it its name: what a power cut tore must not be found under a digest."""
        place = self._place_of(digest)
        with storage_errors(str(place)):
            os.fchmod(descriptor, READ_ONLY)
            os.fsync(descriptor)
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)
            self._touch(place)
        self._shrink()
        return place

    def _touch(self, place: Path) -> None:
        now_ns = int(self._clock().timestamp() * 1e9)
        os.utime(place, ns=(now_ns, now_ns))

    def _shrink(self) -> int:
        """Remove the least recently used beyond the bound; return how many."""
        leased_ns = int((self._clock() - LEASE).timestamp() * 1e9)
        with storage_errors(str(self._folder)):
            cached = sorted(self._cached(), key=lambda each: each.used_at_ns)
            surplus_bytes, removed = sum(each.size_bytes for each in cached) - self._most_bytes, 0
            for each in cached:
                if surplus_bytes <= 0 or each.used_at_ns > leased_ns:
                    break
                each.path.unlink(missing_ok=True)
                surplus_bytes, removed = surplus_bytes - each.size_bytes, removed + 1
        return removed

    def _cached(self) -> Iterable[_Cached]:
        for path in self._folder.glob("??/*"):
            if is_digest(path.name):
                try:
                    found = path.stat()
                except FileNotFoundError:
                    continue  # another process removed it meanwhile
                yield _Cached(path, found.st_size, found.st_mtime_ns)

    def _place_of(self, digest: Digest) -> Path:
        return self._folder / digest[:2] / digest
