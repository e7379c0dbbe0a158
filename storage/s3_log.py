"""The sealed ledger in a bucket: what never changes is locked, what grows is not.

Of an object that never changes the first version counts, whatever was put over it; of the checkpoint and of partial
tiles, what the key stands for now.
"""

from collections.abc import Iterator
from datetime import timedelta

from evidence.errors import EvidockError, IntegrityError, NotFoundError, StorageError
from evidence.ports import WallClock
from storage.layout import CHECKPOINT, LEDGER, PARTIAL, log_path, require_partial
from storage.s3_client import S3Client, S3Place
from storage.s3_failures import DENIED, TAKEN, code_of
from storage.s3_objects import Bucket, Version, first_of
from storage.s3_sealed import SealedObjects, conflict, standing
from storage.s3_upload import BytesParcel, Uploaded, Uploader


class S3Log:
    """Implements `evidence.ports.LogStore` on a bucket with Object Lock.

    Args:
        client: see `storage.s3_client.make_client`; may be the vault's.
        place: the bucket.
        keep: how long what never changes is kept at least, from when it was written; more than nothing.
        clock: this machine's time.
    """

    def __init__(self, client: S3Client, place: S3Place, *, keep: timedelta, clock: WallClock) -> None:
        self._bucket = Bucket(client, place)
        self._uploader = Uploader(self._bucket)
        self._sealed = SealedObjects(self._bucket, self._uploader, keep, clock)

    def create(self, path: str, body: bytes) -> None:
        """Create an object, locked unless it is a partial tile or bundle; the same bytes again are fine.

        Raises:
            ObjectConflictError: it has other bytes. IntegrityError: what is read back is not what was sent.
            StorageFullError, StorageError, ConfigError: the server refused.
        """
        place = _place_of(path)
        if _may_change(path):
            self._create_unlocked(place, body)
        else:
            self._sealed.create(place, BytesParcel(body))

    def replace(self, path: str, body: bytes) -> None:
        """Make the key stand for these bytes, and remove the versions before where the bucket lets them go.

        Raises:
            StorageError: the object is one that never changes, or the server refused.
        """
        if not _may_change(path):
            raise StorageError("an object of the ledger that never changes cannot be replaced", subject=path)
        place = _place_of(path)
        self._require_arrived(place, self._uploader.overwrite(place, body), body)
        for version in self._bucket.versions(place):
            if not version.is_latest:
                self._remove_if_free(version)

    def drop(self, path: str) -> None:
        """Remove a partial tile or bundle; gone already is fine.

        Raises:
            StorageError: it is no such thing, or the server refused.
        """
        require_partial(path)
        versions = self._bucket.versions(_place_of(path))
        removed = [self._remove_if_free(version) for version in versions if not version.is_marker]
        if not all(removed) and not any(version.is_marker and version.is_latest for version in versions):
            self._bucket.hide(_place_of(path))  # a bucket that locks whatever is put into it lets nothing go

    def read(self, path: str) -> bytes:
        place = _place_of(path)
        try:
            version_id = "" if _may_change(path) else standing(self._bucket, place)[0].version_id
            return self._bucket.read(place, version_id)
        except NotFoundError as error:
            raise NotFoundError("no such object is in the ledger", subject=path) from error

    def paths(self, below: str) -> Iterator[str]:
        found = []
        for versions in self._bucket.walk(f"{log_path(below)}/"):
            path = versions[0].path.removeprefix(f"{LEDGER}/")
            if _stands(path, versions):
                found.append(path)
        yield from sorted(found)

    def _create_unlocked(self, place: str, body: bytes) -> None:
        """Create what will be removed again; looked for first, as not every server creates exclusively."""
        if any(version.is_latest and not version.is_marker for version in self._bucket.versions(place)):
            return self._require_same(place, body)
        try:
            uploaded = self._uploader.upload(place, BytesParcel(body), None)
        except EvidockError as error:
            if code_of(error) not in TAKEN:
                raise
            return self._require_same(place, body)
        return self._require_arrived(place, uploaded, body)

    def _require_same(self, place: str, body: bytes) -> None:
        if self._bucket.read(place) != body:
            raise conflict(place)

    def _require_arrived(self, place: str, uploaded: Uploaded, body: bytes) -> None:
        """Read back what the server made of an upload."""
        found = self._bucket.head(place, uploaded.version_id)
        same = found.sha256 == uploaded.sha256 or self._bucket.read(place, uploaded.version_id) == body
        if found.size_bytes != len(body) or not same:
            cure = "run `evidock status --doctor` to see what this bucket can do"
            raise IntegrityError("the S3 server has other bytes than were sent", subject=place, cure=cure)

    def _remove_if_free(self, version: Version) -> bool:
        """Remove a version; return False when the server keeps it."""
        try:
            self._bucket.remove(version)
        except NotFoundError:
            return True
        except EvidockError as error:
            if code_of(error) not in DENIED:
                raise
            return False
        return True


def _place_of(path: str) -> str:
    if not path:
        raise StorageError("an object of the ledger needs a name", cure="see the ledger format")
    return log_path(path)


def _may_change(path: str) -> bool:
    return path == CHECKPOINT or PARTIAL in path


def _stands(path: str, versions: list[Version]) -> bool:
    """Whether an object is to be seen: one that never changes always, one that may unless it was taken away."""
    if _may_change(path):
        return any(version.is_latest and not version.is_marker for version in versions)
    return first_of(versions) is not None
