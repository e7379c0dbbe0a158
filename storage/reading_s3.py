"""Reading a vault in a bucket without any way to write. What counts is the first version of each key.

Source: the S3 API reference; docs/operations.md, section "The vault on S3".
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from evidence.errors import NotFoundError, StorageError
from storage.reading import CHUNK_BYTES, Found, FoundLock

MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "NotFound", "404", "405", "MethodNotAllowed"})
NO_LOCK = frozenset({
    "NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError", "NoSuchObjectLegalHold", "InvalidRequest",
})  # fmt: skip
"""How servers say that a version was never locked or held; the first two are those of AWS."""


class S3Reads(Protocol):
    """The operations a verification needs; none of them writes."""

    def get_object(self, **request: object) -> Mapping[str, Any]: ...
    def head_object(self, **request: object) -> Mapping[str, Any]: ...
    def get_object_retention(self, **request: object) -> Mapping[str, Any]: ...
    def get_object_legal_hold(self, **request: object) -> Mapping[str, Any]: ...
    def list_object_versions(self, **request: object) -> Mapping[str, Any]: ...


class S3Reader:
    """Reads a vault in a bucket.

    Args:
        client: a boto3 client; safe to share between threads.
        bucket: its name. prefix: what all keys begin with, with or without a slash at its end.
    """

    at_once = 16

    def __init__(self, client: S3Reads, bucket: str, prefix: str = "") -> None:
        self._client = client
        self._bucket = bucket
        trimmed = prefix.strip("/")
        self._prefix = f"{trimmed}/" if trimmed else ""

    def shelves(self) -> list[str]:
        names: set[str] = set()
        for page in self._pages("", Delimiter="/"):
            names |= {str(each["Prefix"])[len(self._prefix) :].rstrip("/") for each in page.get("CommonPrefixes", ())}
            names |= {str(each["Key"])[len(self._prefix) :] for each in page.get("Versions", ())}
        return sorted(names)

    def below(self, prefix: str) -> Iterator[Found]:
        for versions in self._keys(prefix):
            yield _found(self._path(versions), versions)

    def look(self, path: str) -> Found | None:
        return next((_found(path, versions) for versions in self._keys(path) if self._path(versions) == path), None)

    def read(self, path: str) -> bytes:
        return b"".join(self.chunks(path))

    def chunks(self, path: str) -> Iterator[bytes]:
        request = {"Bucket": self._bucket, "Key": self._prefix + path, **self._first(path)}
        with _answers(path):
            body = self._client.get_object(**request)["Body"]
        try:
            with _answers(path):
                yield from body.iter_chunks(CHUNK_BYTES)
        finally:
            body.close()

    def lock(self, path: str) -> FoundLock | None:
        request = {"Bucket": self._bucket, "Key": self._prefix + path, **self._first(path)}
        with _answers(path):
            said = self._client.head_object(**request)
        mode, until = said.get("ObjectLockMode"), said.get("ObjectLockRetainUntilDate")
        if mode is None:
            stated = self._asked(path, self._client.get_object_retention, request).get("Retention", {})
            mode, until = stated.get("Mode"), stated.get("RetainUntilDate")
        held = said.get("ObjectLockLegalHoldStatus")
        if held is None:
            held = self._asked(path, self._client.get_object_legal_hold, request).get("LegalHold", {}).get("Status")
        kept = until.astimezone(UTC) if mode == "COMPLIANCE" and isinstance(until, datetime) else None
        return FoundLock(kept, held == "ON") if kept or held == "ON" else None

    def _asked(self, path: str, ask: Any, request: Mapping[str, object]) -> Mapping[str, Any]:  # noqa: ANN401 - boto3
        try:
            answer: Mapping[str, Any] = ask(**request)
        except ClientError as error:
            if _code(error) in NO_LOCK | MISSING:
                return {}
            raise _refused(path, error) from error
        except BotoCoreError as error:
            raise _refused(path, error) from error
        return answer

    def _first(self, path: str) -> dict[str, str]:
        """Name the version that was sealed; of what changes, the newest."""
        if path == "ledger/checkpoint" or ".p/" in path:
            return {}
        for versions in self._keys(path):
            if self._path(versions) == path:
                sealed = [each for each in versions if "Size" in each]
                return {"VersionId": str(sealed[-1]["VersionId"])} if sealed else {}
        raise NotFoundError("nothing is there", subject=path)

    def _path(self, versions: list[Mapping[str, Any]]) -> str:
        return str(versions[0]["Key"])[len(self._prefix) :]

    def _keys(self, prefix: str) -> Iterator[list[Mapping[str, Any]]]:
        """Yield, for each key, its versions and markers, the newest first."""
        for _, found in groupby(self._versions(prefix), key=lambda each: each["Key"]):
            yield sorted(found, key=lambda each: not each.get("IsLatest"))

    def _versions(self, prefix: str) -> Iterator[Mapping[str, Any]]:
        for page in self._pages(prefix):
            both = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            yield from sorted(both, key=lambda each: str(each["Key"]))

    def _pages(self, prefix: str, **more: object) -> Iterator[Mapping[str, Any]]:
        request: dict[str, object] = {"Bucket": self._bucket, "Prefix": self._prefix + prefix, **more}
        while True:
            with _answers(prefix or "/"):
                page = self._client.list_object_versions(**request)
            yield page
            if not page.get("IsTruncated"):
                return
            request |= {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page.get("NextVersionIdMarker", "")}


def _found(path: str, versions: list[Mapping[str, Any]]) -> Found:
    """Return what a key stands for; its markers have no size."""
    sealed = [each for each in versions if "Size" in each]
    size_bytes = int(sealed[-1]["Size"]) if sealed else 0
    return Found(path, size_bytes, versions=len(sealed), hidden=len(sealed) < len(versions))


@contextmanager
def _answers(path: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if _code(error) in MISSING:
            raise NotFoundError("nothing is there", subject=path) from error
        raise _refused(path, error) from error
    except BotoCoreError as error:
        raise _refused(path, error) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _refused(path: str, error: Exception) -> StorageError:
    return StorageError(str(error), subject=path, cure="see that the bucket can be reached and read")
