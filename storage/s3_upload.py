"""Bytes on their way into a bucket: one put when they are few, else parts from disk, each with its SHA-256.

What the bytes are is said with every request, so that a server which looks at it refuses what changed on the way.
"""

import base64
import hashlib
import io
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol, cast

from evidence.errors import EvidockError
from evidence.ids import Digest
from storage.s3_failures import UNKNOWN_CONDITION, code_of
from storage.s3_objects import CHUNK_BYTES, COMPLIANCE, Bucket
from storage.staging import Passing, nothing

MIB = 1024 * 1024
SINGLE_BELOW_BYTES = 8 * MIB
PART_BYTES = 16 * MIB
MOST_PARTS = 10_000
AT_ONCE = 4
"""Parts under way at the same time."""

ONLY_IF_NEW = {"IfNoneMatch": "*"}


class Parcel(Protocol):
    """Bytes whose digest is known and that may be read more than once, from several threads."""

    @property
    def digest(self) -> Digest:
        """The SHA-256 of all bytes."""
        ...

    @property
    def size_bytes(self) -> int:
        """How many bytes there are."""
        ...

    def slice(self, start: int, length: int) -> io.BufferedIOBase:
        """Open some of the bytes."""
        ...


@dataclass(frozen=True)
class BytesParcel:
    """A parcel in memory."""

    body: bytes

    @property
    def digest(self) -> Digest:
        return Digest(hashlib.sha256(self.body).hexdigest())

    @property
    def size_bytes(self) -> int:
        return len(self.body)

    def slice(self, start: int, length: int) -> io.BufferedIOBase:
        return io.BytesIO(self.body[start : start + length])


@dataclass(frozen=True)
class FileParcel:
    """A parcel in an open file, which stays the caller's."""

    descriptor: int
    digest: Digest
    size_bytes: int

    def slice(self, start: int, length: int) -> io.BufferedIOBase:
        return io.BufferedReader(_FileSlice(self.descriptor, start, length), CHUNK_BYTES)


class _FileSlice(io.RawIOBase):
    """Some bytes of a file, read without moving anybody else's place in it."""

    def __init__(self, descriptor: int, start: int, length: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._start = start
        self._length = length
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._length}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # any writable buffer will do
        wanted = min(len(buffer), max(0, self._length - self._at))
        count = os.preadv(self._descriptor, [memoryview(buffer)[:wanted]], self._start + self._at) if wanted else 0
        self._at += count
        return count


@dataclass(frozen=True)
class Part:
    """One part of an upload, numbered from 1."""

    number: int
    start: int
    length: int


def parts_of(size_bytes: int, part_bytes: int = PART_BYTES) -> list[Part]:
    """Cut a size into parts of equal length, the last one shorter; longer ones where there would be too many."""
    least = -(-size_bytes // MOST_PARTS)
    length = max(part_bytes, -(-least // MIB) * MIB)
    starts = range(0, size_bytes, length)
    return [Part(n, start, min(length, size_bytes - start)) for n, start in enumerate(starts, 1)]


@dataclass(frozen=True)
class Uploaded:
    """What an upload made.

    Attributes:
        sha256: what the server should state of it, in base64 as `storage.s3_objects.Head.sha256`.
    """

    version_id: str
    sha256: str
    is_multipart: bool


class Uploader:
    """Puts parcels into a bucket; whether they arrived is for the caller to read back.

    Args:
        bucket: where to.
        reached: told ``part <n>`` before each part, ``complete`` before the parts become an object.
    """

    def __init__(self, bucket: Bucket, reached: Passing = nothing) -> None:
        self._bucket = bucket
        self._client = bucket.client
        self._reached = reached

    def upload(self, path: str, parcel: Parcel, until: datetime | None) -> Uploaded:
        """Put a parcel at a path, only if nothing is there (where the server honours that), locked when asked to.

        Raises:
            StorageFullError, StorageError, ConfigError: the server refused; nothing stays of the parts sent.
        """
        if parcel.size_bytes < SINGLE_BELOW_BYTES:
            return self._put(path, parcel, until)
        return self.upload_in_parts(path, parcel, until)

    def upload_in_parts(self, path: str, parcel: Parcel, until: datetime | None) -> Uploaded:
        """Put a parcel at a path in parts, however small it is. Raises as `upload`."""
        with self._upload(path, until) as upload_id:
            sent = self._send_all(partial(self._send_part, path, upload_id, parcel), parts_of(parcel.size_bytes))
            self._reached("complete")
            version_id = self._complete(path, upload_id, sent)
        raw = [base64.b64decode(part["ChecksumSHA256"]) for part in sent]
        over_all = base64.b64encode(hashlib.sha256(b"".join(raw)).digest()).decode()
        return Uploaded(version_id, f"{over_all}-{len(sent)}", is_multipart=True)

    def overwrite(self, path: str, body: bytes) -> Uploaded:
        """Put a small body at a path, over whatever is there, without a lock."""
        parcel = BytesParcel(body)
        return self._sent(path, parcel, {})

    def _put(self, path: str, parcel: Parcel, until: datetime | None) -> Uploaded:
        try:
            return self._sent(path, parcel, {**_locked(until), **ONLY_IF_NEW})
        except EvidockError as error:
            if code_of(error) not in UNKNOWN_CONDITION:
                raise
            return self._sent(path, parcel, _locked(until))

    def _sent(self, path: str, parcel: Parcel, more: dict[str, object]) -> Uploaded:
        sha256 = base64.b64encode(bytes.fromhex(parcel.digest)).decode()
        body = parcel.slice(0, parcel.size_bytes)
        said = self._bucket.ask(self._client.put_object, path, Body=body, ChecksumSHA256=sha256, **more)
        return Uploaded(str(said.get("VersionId", "")), sha256, is_multipart=False)

    @contextmanager
    def _upload(self, path: str, until: datetime | None) -> Iterator[str]:
        """Begin an upload in parts; abort it when anything fails before its end."""
        create = self._client.create_multipart_upload
        upload_id = str(self._bucket.ask(create, path, ChecksumAlgorithm="SHA256", **_locked(until))["UploadId"])
        with ExitStack() as undo:
            undo.callback(self._abort, path, upload_id)
            yield upload_id
            undo.pop_all()

    def _abort(self, path: str, upload_id: str) -> None:
        with suppress(EvidockError):  # a server that is gone cannot abort either: the sweep does it later
            self._bucket.ask(self._client.abort_multipart_upload, path, UploadId=upload_id)

    def _send_all(self, send: "partial[dict[str, object]]", parts: list[Part]) -> list[dict[str, str]]:
        """Send parts, some at a time; the first failure keeps those not yet begun from being sent."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="part") as pool:
            try:
                return cast("list[dict[str, str]]", list(pool.map(send, parts)))
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _send_part(self, path: str, upload_id: str, parcel: Parcel, part: Part) -> dict[str, object]:
        self._reached(f"part {part.number}")
        with parcel.slice(part.start, part.length) as body:
            sha256 = base64.b64encode(hashlib.file_digest(body, "sha256").digest()).decode()
            body.seek(0)
            said = self._bucket.ask(
                self._client.upload_part,
                path,
                UploadId=upload_id,
                PartNumber=part.number,
                Body=body,
                ChecksumSHA256=sha256,
            )
        return {"PartNumber": part.number, "ETag": said["ETag"], "ChecksumSHA256": sha256}

    def _complete(self, path: str, upload_id: str, sent: list[dict[str, str]]) -> str:
        complete = partial(
            self._bucket.ask,
            self._client.complete_multipart_upload,
            path,
            UploadId=upload_id,
            MultipartUpload={"Parts": sent},
        )
        try:
            said = complete(**ONLY_IF_NEW)
        except EvidockError as error:
            if code_of(error) not in UNKNOWN_CONDITION:
                raise
            said = complete()
        return str(said.get("VersionId", ""))


def _locked(until: datetime | None) -> dict[str, object]:
    return {"ObjectLockMode": COMPLIANCE, "ObjectLockRetainUntilDate": until} if until else {}
