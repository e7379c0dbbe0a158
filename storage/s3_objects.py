"""The objects of one bucket, version by version: what is there, what locks it, and the bytes of it.

A vault's object is the first version of its key, whatever was put over it later and whatever delete marker hides it:
neither changes what is read here, and both are found by looking for them.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from evidence.errors import EvidockError, NotFoundError
from evidence.ports import Lock
from storage.s3_client import Answer, S3Client, S3Place, body_of
from storage.s3_failures import UNLOCKED, code_of, s3_errors

CHUNK_BYTES = 1024 * 1024
COMPLIANCE = "COMPLIANCE"


@dataclass(frozen=True)
class Version:
    """One version of an object, or a marker that hides those before it."""

    path: str
    version_id: str
    size_bytes: int = 0
    is_marker: bool = False
    is_latest: bool = False


@dataclass(frozen=True)
class Head:
    """What the server states of a version.

    Attributes:
        sha256: base64, with ``-<parts>`` behind it when it is one over the parts' digests; empty: it states none.
        until: until when nobody, its administrator included, can remove it; None also where it may not tell.
    """

    version_id: str
    size_bytes: int
    sha256: str
    until: datetime | None


class Bucket:
    """Reads, locks and removes the objects of a bucket; every error is one of `evidence.errors`.

    Args:
        client: see `storage.s3_client.make_client`.
        place: the bucket and the prefix all keys begin with; paths here are without it.
        page_size: objects in one answer of a listing.
    """

    def __init__(self, client: S3Client, place: S3Place, *, page_size: int = 1000) -> None:
        self.client = client
        self.place = place
        self._page_size = page_size

    def ask(self, operation: Callable[..., Answer], path: str, **request: object) -> Answer:
        """Carry out an operation on the object at a path."""
        with s3_errors(path):
            return operation(Bucket=self.place.bucket, Key=self.place.key(path), **request)

    def head(self, path: str, version_id: str = "") -> Head:
        """Return what the server states of a version, else of the one that the key stands for now.

        Raises:
            NotFoundError: there is none, or it is hidden.
        """
        said = self.ask(self.client.head_object, path, ChecksumMode="ENABLED", **_of(version_id))
        return Head(
            version_id=str(said.get("VersionId", "")),
            size_bytes=int(said["ContentLength"]),
            sha256=str(said.get("ChecksumSHA256", "")),
            until=_until(said.get("ObjectLockMode"), said.get("ObjectLockRetainUntilDate")),
        )

    def lock(self, path: str, version_id: str) -> Lock:
        """Return what keeps a version from being removed, asked for by itself where a head keeps silent about it.

        Raises:
            NotFoundError: there is no such version.
        """
        said = self.ask(self.client.head_object, path, **_of(version_id))
        if "ObjectLockMode" not in said:
            said = {**said, **self._retention(path, version_id)}
        held = said.get("ObjectLockLegalHoldStatus") or self._legal_hold(path, version_id)
        return Lock(_until(said.get("ObjectLockMode"), said.get("ObjectLockRetainUntilDate")), held=held == "ON")

    def exists(self, path: str) -> bool:
        """Whether the key stands for an object now."""
        try:
            self.ask(self.client.head_object, path)
        except NotFoundError:
            return False
        return True

    def versions(self, path: str) -> list[Version]:
        """Return every version of a key, the first one first, and every marker over it."""
        return next((found for found in self.walk(path) if found[0].path == path), [])

    def walk(self, below: str) -> Iterator[list[Version]]:
        """Yield, for each key whose path begins so, its versions, the first one first, and markers; in order of key."""
        for _, found in groupby(self._listed(below), key=lambda version: version.path):
            yield list(reversed(list(found)))

    def chunks(self, path: str, version_id: str = "", *, start: int = 0) -> Generator[bytes, None, None]:
        """Yield the bytes of a version from an offset on; the connection is let go when this is closed.

        Raises:
            NotFoundError: there is none. StorageError: the server stopped in the middle.
        """
        only = {"Range": f"bytes={start}-"} if start else {}
        body = body_of(self.ask(self.client.get_object, path, **only, **_of(version_id)))
        try:
            with s3_errors(path):
                yield from body.iter_chunks(CHUNK_BYTES)
        finally:
            body.close()

    def read(self, path: str, version_id: str = "") -> bytes:
        """Return all bytes of a version. Raises as `chunks`."""
        return b"".join(self.chunks(path, version_id))

    def retain(self, path: str, version_id: str, until: datetime) -> None:
        """Ask the server to keep a version until then, whoever asks it to remove it."""
        retention = {"Mode": COMPLIANCE, "RetainUntilDate": until}
        self.ask(self.client.put_object_retention, path, Retention=retention, **_of(version_id))

    def hold(self, path: str, version_id: str, *, on: bool) -> None:
        """Ask the server to set or lift the legal hold of a version."""
        status = {"Status": "ON" if on else "OFF"}
        self.ask(self.client.put_object_legal_hold, path, LegalHold=status, **_of(version_id))

    def remove(self, version: Version) -> None:
        """Ask the server to remove a version, or a marker, for good."""
        self.ask(self.client.delete_object, version.path, VersionId=version.version_id)

    def hide(self, path: str) -> None:
        """Put a delete marker over a key."""
        self.ask(self.client.delete_object, path)

    def _retention(self, path: str, version_id: str) -> Answer:
        try:
            said = self.ask(self.client.get_object_retention, path, **_of(version_id)).get("Retention", {})
        except EvidockError as error:
            if code_of(error) not in UNLOCKED:
                raise
            return {}
        return {"ObjectLockMode": said.get("Mode"), "ObjectLockRetainUntilDate": said.get("RetainUntilDate")}

    def _legal_hold(self, path: str, version_id: str) -> str:
        try:
            said = self.ask(self.client.get_object_legal_hold, path, **_of(version_id)).get("LegalHold", {})
        except EvidockError as error:
            if code_of(error) not in UNLOCKED:
                raise
            return ""
        return str(said.get("Status", ""))

    def _listed(self, below: str) -> Iterator[Version]:
        """Yield versions and markers as the server lists them: by key, the newest of a key first."""
        with s3_errors(below):
            pages = self.client.get_paginator("list_object_versions").paginate(
                Bucket=self.place.bucket,
                Prefix=self.place.key(below),
                PaginationConfig={"PageSize": self._page_size},
            )
            for page in pages:
                found = [(each, False) for each in page.get("Versions", ())]
                found += [(each, True) for each in page.get("DeleteMarkers", ())]
                found.sort(key=lambda pair: str(pair[0]["Key"]))
                yield from (self._version(each, is_marker=is_marker) for each, is_marker in found)

    def _version(self, said: Answer, *, is_marker: bool) -> Version:
        path = self.place.path(str(said["Key"]))
        is_latest = bool(said.get("IsLatest"))
        return Version(path, str(said["VersionId"]), int(said.get("Size", 0)), is_marker=is_marker, is_latest=is_latest)


def first_of(versions: list[Version]) -> Version | None:
    """Return the version that a vault's key stands for; None when there is none."""
    return next((version for version in versions if not version.is_marker), None)


def _until(mode: object, until: datetime | None) -> datetime | None:
    """Return the end of a retention that nobody can shorten; one that an administrator can lift keeps nothing."""
    return until.astimezone(UTC) if mode == COMPLIANCE and until is not None else None


def _of(version_id: str) -> dict[str, str]:
    return {"VersionId": version_id} if version_id else {}
