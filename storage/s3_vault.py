"""The vault in a bucket with Object Lock: the same keys as in a local folder, and the locks are the server's own.

What lies under a key is its first version. Neither what is put over it later nor a delete marker changes what is read
here; both make `S3Vault.lock_of` an IntegrityError.
"""

import io
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast

from evidence.errors import EvidockError, IntegrityError, LockedError, NotFoundError, ObjectConflictError
from evidence.ids import Digest
from evidence.ports import Lock, WallClock
from storage.failures import storage_errors
from storage.layout import ORIGINALS, RECORDS, is_digest, original_path, record_path
from storage.local_vault import require_unlocked
from storage.s3_cache import OriginalsCache
from storage.s3_client import Answer, S3Client, S3Place
from storage.s3_failures import DENIED, code_of, s3_errors
from storage.s3_objects import CHUNK_BYTES, Bucket, Version, first_of
from storage.s3_reading import ObjectFile
from storage.s3_sealed import SealedObjects, standing
from storage.s3_staging import S3Staging
from storage.s3_upload import BytesParcel, Uploader
from storage.scratch import Scratch
from storage.staging import Passing, nothing, require_room

AHEAD = 16
"""Records fetched before they are asked for."""

SEALED_FOLDERS = (ORIGINALS, RECORDS)

STALE = timedelta(days=1)
"""An upload begun longer ago than this was given up."""


@dataclass(frozen=True)
class LocalPlaces:
    """Folders of this machine that a vault in a bucket needs.

    Attributes:
        scratch: where files lie until they are sealed.
        cache: copies for tools that need a path; best on the file system of ``scratch``.
        cache_bytes: how much the cache may hold.
    """

    scratch: Path
    cache: Path
    cache_bytes: int = 20_000_000_000


class S3Vault:
    """Implements `evidence.ports.Vault` on a bucket.

    Args:
        client: see `storage.s3_client.make_client`; the vault closes it.
        place: the bucket.
        local: folders of this machine.
        keep: how long an original or a record is kept at least, from when it was written; more than nothing.
        clock: this machine's time.
        executor: tag of this process's scratch files.
        reached: told the points at which a crash would be instructive; for fault tests.
    """

    def __init__(
        self,
        client: S3Client,
        place: S3Place,
        local: LocalPlaces,
        *,
        keep: timedelta,
        clock: WallClock,
        executor: str = "local",
        reached: Passing = nothing,
    ) -> None:
        self.bucket = Bucket(client, place)
        self._scratch = Scratch(local.scratch, executor)
        self._cache = OriginalsCache(local.cache, local.cache_bytes, executor, clock)
        self._sealed = SealedObjects(self.bucket, Uploader(self.bucket, reached), keep, clock)
        self._clock = clock
        self._reached = reached

    def stage(self, expected_bytes: int = 0) -> S3Staging:
        """Open a staging, after seeing that ``expected_bytes`` fit on the disk where they lie until they are sealed."""
        folder = self._scratch.folder
        with storage_errors(str(folder)):
            folder.mkdir(parents=True, exist_ok=True)
        require_room(folder, str(folder), expected_bytes)
        return S3Staging(self._scratch, self._sealed, self._cache, self._reached)

    def put_record(self, folder: str, name: str, body: bytes) -> Digest:
        parcel = BytesParcel(body)
        self._sealed.create(record_path(folder, name), parcel)
        return parcel.digest

    def record(self, folder: str, name: str) -> bytes:
        version = standing(self.bucket, record_path(folder, name))[0]
        return self.bucket.read(version.path, version.version_id)

    def records(self, folder: str) -> Iterator[tuple[str, bytes]]:
        below = f"{record_path(folder)}/"
        found = (first_of(versions) for versions in self.bucket.walk(below))
        records = (version for version in found if version is not None and "/" not in version.path[len(below) :])
        for version, body in _ahead(records, lambda each: self.bucket.read(each.path, each.version_id)):
            yield version.path[len(below) :], body

    def has(self, digest: Digest) -> bool:
        """Whether an original of this digest is sealed; one that a delete marker hides is."""
        path = original_path(digest)
        return self.bucket.exists(path) or first_of(self.bucket.versions(path)) is not None

    def locate(self, digest: Digest) -> Path:
        """Return where the original can be read here: fetched first, and digested on its way, unless it was before.

        Raises:
            NotFoundError: no such original. IntegrityError: the bucket delivers other bytes.
        """
        path = original_path(digest)
        cached = self._cache.find(digest) if self.has(digest) else None
        if cached is not None:
            return cached
        return self._cache.fetch(digest, self.bucket.chunks(path, self._first(digest).version_id))

    def open(self, digest: Digest) -> BinaryIO:
        """Open the original as the bucket delivers it, never a copy: what is read here is what a fixity check reads."""
        file = ObjectFile(self.bucket, self._first(digest))
        return cast("BinaryIO", io.BufferedReader(file, CHUNK_BYTES))

    def originals(self) -> Iterator[Digest]:
        for versions in self.bucket.walk(f"{ORIGINALS}/"):
            version = first_of(versions)
            name = version.path.rpartition("/")[2] if version else ""
            if version and is_digest(name) and version.path == original_path(Digest(name)):
                yield Digest(name)

    def lock_of(self, digest: Digest) -> Lock:
        """Return the lock of an original.

        Raises:
            NotFoundError: no such original. IntegrityError: other bytes were put over it, or a marker hides it.
        """
        version = self._first(digest)
        self._require_bare(digest, version)
        return self.bucket.lock(version.path, version.version_id)

    def retain(self, digest: Digest, until: datetime) -> Lock:
        self._sealed.retain(self._first(digest), until)
        return self.lock_of(digest)

    def hold(self, digest: Digest, *, on: bool) -> Lock:
        self._sealed.hold(self._first(digest), on=on)
        return self.lock_of(digest)

    def dispose(self, digest: Digest, at: datetime) -> None:
        """Remove every version of an original; the server has the last word on whether it may be.

        Raises:
            LockedError: a version is held or to be kept; the original is still there. NotFoundError: no such original.
            IntegrityError: the server says that it removed it, and still has it.
        """
        first, path = self._first(digest), original_path(digest)
        versions = sorted(self.bucket.versions(path), key=lambda version: version == first)
        for version in versions:
            if not version.is_marker:
                require_unlocked(digest, self.bucket.lock(path, version.version_id), at)
        for version in versions:  # the original itself goes last
            self._remove(digest, version)
        if self.bucket.versions(path):
            cure = "look at what the bucket does with deletions, and dispose of it again"
            raise IntegrityError("it is still there after its disposal", subject=digest, cure=cure)
        self._cache.forget(digest)

    def overlaid(self) -> Iterator[str]:
        """Yield the paths of originals and records that other versions lie over, or that a delete marker hides."""
        for folder in SEALED_FOLDERS:
            for versions in self.bucket.walk(f"{folder}/"):
                if len(versions) > 1:
                    yield versions[0].path

    def sweep(self, *, before: datetime | None = None) -> int:
        """Remove what was left half-made, here and in the bucket; return how many things that were.

        Args:
            before: scratch files of other executors last written before this time go too; so do uploads begun before
                it (without it: more than a day ago).
        """
        aborted = self._abort_uploads(before or self._clock() - STALE)
        return self._scratch.sweep(before=before) + self._cache.sweep(before=before) + aborted

    def close(self) -> None:
        """Let go of the connections."""
        self.bucket.client.close()

    def _first(self, digest: Digest) -> Version:
        try:
            return standing(self.bucket, original_path(digest))[0]
        except NotFoundError as error:
            raise NotFoundError("no such original is sealed", subject=digest) from error

    def _require_bare(self, digest: Digest, first: Version) -> None:
        """See that nothing lies over an original but the same bytes, as two writers at the same time leave them."""
        others = [version for version in self.bucket.versions(first.path) if version != first]
        cure = "the original itself is untouched: find out who did this, and remove what they put over it"
        if any(version.is_marker for version in others):
            raise IntegrityError("a delete marker hides it", subject=digest, cure=cure)
        try:
            self._sealed.require_alike(digest, others)
        except ObjectConflictError as error:
            raise IntegrityError("other bytes were put over it", subject=digest, cure=cure) from error

    def _remove(self, digest: Digest, version: Version) -> None:
        try:
            self.bucket.remove(version)
        except NotFoundError:
            return  # somebody else was faster
        except EvidockError as error:
            if code_of(error) not in DENIED:
                raise
            cure = "wait until its retention has run out; where it has, allow the account s3:DeleteObjectVersion"
            raise LockedError("the S3 server refuses to remove it", subject=digest, cure=cure) from error

    def _abort_uploads(self, before: datetime) -> int:
        """Abort uploads that nobody finished; return how many."""
        found: list[Answer] = []
        for folder in SEALED_FOLDERS:
            with s3_errors(folder):
                pages = self.bucket.client.get_paginator("list_multipart_uploads").paginate(
                    Bucket=self.bucket.place.bucket, Prefix=self.bucket.place.key(f"{folder}/")
                )
                found += [each for page in pages for each in page.get("Uploads", ()) if each["Initiated"] < before]
        for each in found:
            with suppress(NotFoundError):  # finished or aborted meanwhile
                path = self.bucket.place.path(str(each["Key"]))
                self.bucket.ask(self.bucket.client.abort_multipart_upload, path, UploadId=each["UploadId"])
        return len(found)


def _ahead(items: Iterator[Version], fetch: Callable[[Version], bytes]) -> Iterator[tuple[Version, bytes]]:
    """Yield each item with what is fetched for it, in order, while the next ones are on their way."""
    waiting: deque[tuple[Version, Future[bytes]]] = deque()
    with ThreadPoolExecutor(AHEAD // 2, thread_name_prefix="record") as pool:
        try:
            for item in items:
                waiting.append((item, pool.submit(fetch, item)))
                if len(waiting) >= AHEAD:
                    ready, future = waiting.popleft()
                    yield ready, future.result()
            while waiting:
                ready, future = waiting.popleft()
                yield ready, future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
