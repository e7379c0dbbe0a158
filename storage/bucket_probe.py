"""Can this bucket keep evidence? Every promise is put to the test with objects that lock for a minute.

What a vault needs and the bucket cannot do makes a finding with ``ok`` False. What a vault does without, because it
reads back and digests everything, is reported and no fault.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial

from evidence.errors import ConfigError, EvidockError, NotFoundError, StorageError
from evidence.notes import Note, note
from evidence.ports import WallClock
from storage.s3_client import Answer, S3Client, S3Place
from storage.s3_failures import code_of, s3_errors
from storage.s3_objects import COMPLIANCE, Bucket
from storage.s3_sealed import whole_second
from storage.s3_upload import ONLY_IF_NEW, BytesParcel, Uploader

FOLDER = "probe"
LOCKED_FOR = timedelta(seconds=60)
MOST_SKEW_S = 60.0
BODY = b"evidock probe"


@dataclass(frozen=True)
class BucketFinding:
    """What one probe found. ``ok`` False: this bucket must not hold evidence before it is mended."""

    name: str
    ok: bool
    found: Note


def probe_bucket(client: S3Client, place: S3Place, clock: WallClock) -> tuple[BucketFinding, ...]:
    """Put a bucket to the test below ``<prefix>probe/``; what expired of earlier probes is removed.

    Returns:
        What was found, in order; it ends with the first thing without which the others mean nothing. A server that
        refuses or does not answer is a finding, too.
    """
    probing = _Probing(Bucket(client, place), clock)
    findings: list[BucketFinding] = []
    for name, probe, is_needed in _PROBES:
        findings.append(_found(probing, name, probe))
        if is_needed and not findings[-1].ok:
            return tuple(findings)
    probing.tidy()
    return tuple(findings)


def _found(probing: "_Probing", name: str, probe: "Callable[[_Probing, str], BucketFinding]") -> BucketFinding:
    try:
        return probe(probing, name)
    except EvidockError as error:
        return BucketFinding(name, ok=False, found=note("bucket.refused", reason=str(error)))


class _Probing:
    """One run over a bucket: makes objects of its own and asks for what should be refused."""

    def __init__(self, bucket: Bucket, clock: WallClock) -> None:
        self.bucket = bucket
        self.client = bucket.client
        self.clock = clock
        self._run = secrets.token_hex(8)

    def of_bucket(self, operation: Callable[..., Answer]) -> Answer:
        """Ask for something of the bucket itself."""
        name = self.bucket.place.bucket
        with s3_errors(name):
            return operation(Bucket=name)

    def path(self, name: str) -> str:
        """Return where an object of this run lies."""
        return f"{FOLDER}/{self._run}.{name}"

    def until(self) -> datetime:
        """Return the time until which an object of this run is locked."""
        return whole_second(self.clock() + LOCKED_FOR)

    def put(self, name: str, **more: object) -> str:
        """Put a small object and return its version."""
        request = {"Body": BODY, "ChecksumSHA256": _sha256(BODY), **more}
        return str(self.bucket.ask(self.client.put_object, self.path(name), **request).get("VersionId", ""))

    def is_kept(self, name: str, version_id: str) -> bool:
        """Whether a version cannot be deleted, not even by bypassing: each is refused, and it is there afterwards."""
        path = self.path(name)
        delete = partial(self.bucket.ask, self.client.delete_object, path, VersionId=version_id)
        refused = [is_refused(delete), is_refused(partial(delete, BypassGovernanceRetention=True))]
        try:
            self.bucket.head(path, version_id)
        except NotFoundError:
            return False
        return all(refused)

    def tidy(self) -> None:
        """Remove what this and earlier probes left and the bucket lets go."""
        for versions in list(self.bucket.walk(f"{FOLDER}/")):
            for version in versions:
                with suppress(ConfigError, StorageError):  # still locked: a later probe removes it
                    self.bucket.remove(version)


def is_refused(asked: Callable[[], object]) -> bool:
    """Whether the server answers a request with a refusal; no answer at all is an error as ever."""
    try:
        asked()
    except EvidockError as error:
        if not code_of(error):
            raise
        return True
    return False


def _versioning(probing: _Probing, name: str) -> BucketFinding:
    status = str(probing.of_bucket(probing.client.get_bucket_versioning).get("Status", "Off"))
    ok = status == "Enabled"
    return BucketFinding(name, ok, note("bucket.versioned" if ok else "bucket.unversioned", status=status))


def _lock(probing: _Probing, name: str) -> BucketFinding:
    said = probing.of_bucket(probing.client.get_object_lock_configuration)["ObjectLockConfiguration"]
    if said.get("ObjectLockEnabled") != "Enabled":
        return BucketFinding(name, ok=False, found=note("bucket.lockless"))
    default = said.get("Rule", {}).get("DefaultRetention")
    if default:
        days = int(default.get("Days") or 0) or int(default.get("Years") or 0) * 365
        return BucketFinding(name, ok=True, found=note("bucket.lock_default", mode=str(default["Mode"]), days=days))
    return BucketFinding(name, ok=True, found=note("bucket.lock"))


def _clock(probing: _Probing, name: str) -> BucketFinding:
    answer = probing.of_bucket(probing.client.get_bucket_versioning)
    server = parsedate_to_datetime(str(answer["ResponseMetadata"]["HTTPHeaders"]["date"]))
    skew_s = abs((probing.clock() - server).total_seconds())
    ok = skew_s <= MOST_SKEW_S
    return BucketFinding(name, ok, note("bucket.clock" if ok else "bucket.clock_differs", skew_s=round(skew_s)))


def _retention(probing: _Probing, name: str) -> BucketFinding:
    """See that a locked object is neither deleted nor its time shortened, with all rights this account has."""
    until = probing.until()
    version_id = probing.put(name, ObjectLockMode=COMPLIANCE, ObjectLockRetainUntilDate=until)
    path, sooner = probing.path(name), until - LOCKED_FOR / 2
    if not _is_locked(probing, name, version_id, until):
        return BucketFinding(name, ok=False, found=note("bucket.lock_dropped"))
    is_refused(lambda: probing.bucket.retain(path, version_id, sooner))
    if not _is_locked(probing, name, version_id, until):
        return BucketFinding(name, ok=False, found=note("bucket.shortened"))
    kept = probing.is_kept(name, version_id)
    return BucketFinding(name, kept, note("bucket.kept" if kept else "bucket.deleted"))


def _hold(probing: _Probing, name: str) -> BucketFinding:
    version_id, path = probing.put(name), probing.path(name)
    probing.bucket.hold(path, version_id, on=True)
    held = probing.bucket.lock(path, version_id).held and probing.is_kept(name, version_id)
    if not held:
        return BucketFinding(name, ok=False, found=note("bucket.holdless"))
    probing.bucket.hold(path, version_id, on=False)
    lifted = not probing.bucket.lock(path, version_id).held
    return BucketFinding(name, lifted, note("bucket.hold" if lifted else "bucket.hold_stays"))


def _parts(probing: _Probing, name: str) -> BucketFinding:
    """See whether what comes in parts keeps the lock it was begun with, or at least takes one afterwards."""
    until, path = probing.until(), probing.path(name)
    version_id = Uploader(probing.bucket).upload_in_parts(path, BytesParcel(BODY), until).version_id
    if _is_locked(probing, name, version_id, until):
        return BucketFinding(name, ok=True, found=note("bucket.parts"))
    probing.bucket.retain(path, version_id, until)
    ok = _is_locked(probing, name, version_id, until) and probing.is_kept(name, version_id)
    return BucketFinding(name, ok, note("bucket.parts_later" if ok else "bucket.parts_lockless"))


def _digests(probing: _Probing, name: str) -> BucketFinding:
    looks = is_refused(lambda: probing.put(name, ChecksumSHA256=_sha256(b"other bytes")))
    return BucketFinding(name, ok=True, found=note("bucket.digests" if looks else "bucket.digests_ignored"))


def _exclusive(probing: _Probing, name: str) -> BucketFinding:
    probing.put(name)
    honoured = is_refused(lambda: probing.put(name, **ONLY_IF_NEW))
    return BucketFinding(name, ok=True, found=note("bucket.exclusive" if honoured else "bucket.exclusive_ignored"))


def _is_locked(probing: _Probing, name: str, version_id: str, until: datetime) -> bool:
    found = probing.bucket.lock(probing.path(name), version_id).until
    return found is not None and found >= until


def _sha256(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


_PROBES: Sequence[tuple[str, Callable[[_Probing, str], BucketFinding], bool]] = (
    ("bucket_versioning", _versioning, True),
    ("bucket_lock", _lock, True),
    ("bucket_clock", _clock, False),
    ("bucket_retention", _retention, False),
    ("bucket_hold", _hold, False),
    ("bucket_parts", _parts, False),
    ("bucket_digests", _digests, False),
    ("bucket_exclusive", _exclusive, False),
)
"""Name, probe, and whether the later ones mean nothing without it."""
