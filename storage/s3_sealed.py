"""Objects of a bucket that are written once: created, then read back, because no server is believed.

Servers differ: some ignore ``If-None-Match``, some drop the lock of what came in parts, some look at no checksum. So
after every put the size, the digest, the lock and the number of versions are read back, and what is not so is an error.
"""

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from evidence.errors import EvidockError, IntegrityError, NotFoundError, ObjectConflictError, StorageError
from evidence.ids import Digest
from evidence.ports import Lock, WallClock
from storage.s3_failures import RACING, TAKEN, code_of
from storage.s3_objects import Bucket, Version, first_of
from storage.s3_upload import Parcel, Uploaded, Uploader


class SealedObjects:
    """Creates objects exclusively or idempotently, and sees to their locks.

    Args:
        bucket: where they lie.
        uploader: puts them there.
        keep: how long each is kept at least, from when it was written; more than nothing.
        clock: this machine's time.

    Raises:
        ValueError: ``keep`` is nothing: an object without a lock is not sealed.
    """

    def __init__(self, bucket: Bucket, uploader: Uploader, keep: timedelta, clock: WallClock) -> None:
        if keep <= timedelta(0):
            raise ValueError("objects in a bucket are kept for some time: keep is to be more than nothing")
        self._bucket = bucket
        self._uploader = uploader
        self._keep = keep
        self._clock = clock

    def create(self, path: str, parcel: Parcel) -> bool:
        """Create a locked object; return False when exactly these bytes were there already.

        Raises:
            ObjectConflictError: an object of that name has other bytes; it was not touched.
            IntegrityError: what is read back is not what was sent. StorageFullError, StorageError, ConfigError.
        """
        until = whole_second(self._clock() + self._keep)
        standing = first_of(self._bucket.versions(path))
        if standing is None:
            try:
                uploaded = self._uploader.upload(path, parcel, until)
            except EvidockError as error:
                if code_of(error) not in TAKEN | RACING:
                    raise
                standing = self._taken_meanwhile(path, error)
            else:
                self._confirm(path, parcel, uploaded, until)
                return self._is_first(path, parcel, uploaded)
        self._require_same(standing, parcel)
        self._require_locked(standing, until)
        return False

    def retain(self, version: Version, until: datetime) -> Lock:
        """Keep a version until then at least and return its lock as read back; an earlier time changes nothing.

        Raises:
            IntegrityError: the server did not keep what was asked of it.
        """
        wanted, lock = whole_second(until), self._bucket.lock(version.path, version.version_id)
        if wanted <= self._clock() or (lock.until is not None and lock.until >= wanted):
            return lock
        self._bucket.retain(version.path, version.version_id, wanted)
        found = self._bucket.lock(version.path, version.version_id)
        if found.until is None or found.until < wanted:
            raise _unkept(version.path, f"keeps it until {found.until or 'no time'} instead of {wanted}")
        return found

    def hold(self, version: Version, *, on: bool) -> Lock:
        """Set or lift the legal hold of a version and return its lock as read back. Raises as `retain`."""
        self._bucket.hold(version.path, version.version_id, on=on)
        found = self._bucket.lock(version.path, version.version_id)
        if found.held != on:
            raise _unkept(version.path, f"did not {'set' if on else 'lift'} its legal hold")
        return found

    def _confirm(self, path: str, parcel: Parcel, uploaded: Uploaded, until: datetime) -> None:
        """Read back what the server made of an upload: size, digest and lock."""
        found = self._bucket.head(path, uploaded.version_id)
        version = Version(path, found.version_id, found.size_bytes)
        stated = {uploaded.sha256, base64.b64encode(bytes.fromhex(parcel.digest)).decode()}
        whole = found.sha256 in stated or self._digest_of(version) == parcel.digest
        if found.size_bytes != parcel.size_bytes or not whole:
            raise _unkept(path, "has other bytes than were sent")
        if found.until is None or found.until < until:
            self.retain(version, until)

    def _require_locked(self, version: Version, until: datetime) -> None:
        """See that a version cannot be removed: one without a lock gets it now, an earlier one's time stands."""
        if self._bucket.lock(version.path, version.version_id).until is None:
            self.retain(version, until)

    def _is_first(self, path: str, parcel: Parcel, uploaded: Uploaded) -> bool:
        """Tell whether an upload made the first version; where somebody else was faster, the bytes must be the same."""
        versions = [version for version in self._bucket.versions(path) if not version.is_marker]
        if not any(version.version_id == uploaded.version_id for version in versions):
            raise _unkept(path, "does not list what it has just taken")
        self.require_alike(parcel.digest, (each for each in versions if each.version_id != uploaded.version_id))
        return versions[0].version_id == uploaded.version_id

    def require_alike(self, digest: Digest, versions: Iterable[Version]) -> None:
        """See that every one of these versions has the bytes of a digest; each is read.

        Raises:
            ObjectConflictError: one has others.
        """
        for version in versions:
            if self._digest_of(version) != digest:
                raise conflict(version.path)

    def _require_same(self, standing: Version, parcel: Parcel) -> None:
        """Read what is there already: nothing is called sealed on the word of an object that may be damaged."""
        if standing.size_bytes != parcel.size_bytes:
            raise conflict(standing.path)
        self.require_alike(parcel.digest, [standing])

    def _digest_of(self, version: Version) -> Digest:
        digest = hashlib.sha256()
        for chunk in self._bucket.chunks(version.path, version.version_id):
            digest.update(chunk)
        return Digest(digest.hexdigest())

    def _taken_meanwhile(self, path: str, error: EvidockError) -> Version:
        standing = first_of(self._bucket.versions(path))
        if standing is None:
            raise StorageError(
                "somebody else is writing it at this moment", subject=path, cure="it is tried again"
            ) from error
        return standing


def standing(bucket: Bucket, path: str) -> list[Version]:
    """Return the versions of a key, without markers, the first one first.

    Raises:
        NotFoundError: there is none.
    """
    found = [version for version in bucket.versions(path) if not version.is_marker]
    if not found:
        raise NotFoundError("no such object is in the bucket", subject=path)
    return found


def whole_second(moment: datetime) -> datetime:
    """Return the next whole second: servers keep no fractions, and a lock must not end early by one."""
    return moment if not moment.microsecond else moment.replace(microsecond=0) + timedelta(seconds=1)


def conflict(path: str) -> ObjectConflictError:
    """Return the error for other bytes under a taken name."""
    return ObjectConflictError(
        "it exists with other bytes", subject=path, cure="neither was touched: compare them, keep both"
    )


def _unkept(path: str, what: str) -> IntegrityError:
    cure = "leave the source where it is, and run `evidock status --doctor` to see what this bucket can do"
    return IntegrityError(f"the S3 server {what}", subject=path, cure=cure)
