"""The probe of a bucket: a good one passes every test, one that cannot lock is refused, and each lie is found."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from dashboard.texts import Texts
from storage.bucket_probe import FOLDER, BucketFinding, probe_bucket
from storage.s3_client import S3Client, S3Place, make_client
from storage.s3_objects import Bucket
from tests.support.s3 import s3_server
from tests.support.storage import utc_now

GOOD = {
    "bucket_versioning": "bucket.versioned",
    "bucket_lock": "bucket.lock",
    "bucket_clock": "bucket.clock",
    "bucket_retention": "bucket.kept",
    "bucket_hold": "bucket.hold",
    "bucket_parts": "bucket.parts",
    "bucket_digests": "bucket.digests",
    "bucket_exclusive": "bucket.exclusive",
}
"""What a bucket that does all it should is found to be."""


@pytest.fixture(name="place")
def _place() -> S3Place:
    server = s3_server()
    return server.place(server.make_bucket(), "evidence")


@pytest.fixture(name="client")
def _client(place: S3Place) -> Iterator[S3Client]:
    """A client of its own, whose requests and answers a test may change on their way."""
    client = make_client(place, s3_server().session)
    yield client
    client.close()


def codes(findings: tuple[BucketFinding, ...]) -> Mapping[str, str]:
    """Return what was found, by the name of the probe."""
    return {finding.name: finding.found.code for finding in findings}


def faults(findings: tuple[BucketFinding, ...]) -> list[str]:
    """Return the names of the probes that refuse the bucket."""
    return [finding.name for finding in findings if not finding.ok]


def on(client: S3Client, event: str, change: Any) -> None:  # noqa: ANN401 - botocore passes what an event has
    """Have every request of an operation, or its answer, changed on its way."""
    events: Any = client
    events.meta.events.register(event, change)


def test_a_bucket_that_locks_passes_every_test(client: S3Client, place: S3Place) -> None:
    """Nothing is refused, and each finding has its words in both languages."""
    findings = probe_bucket(client, place, utc_now)
    assert codes(findings) == GOOD
    assert faults(findings) == []
    for locale in ("zh-CN", "en"):
        said = [Texts(locale).say(finding.found) for finding in findings]
        assert [words for words in said if words.startswith("bucket.") or re.search(r"%\(", words)] == []


def test_the_probe_leaves_only_what_is_locked_and_takes_it_away_later(client: S3Client, place: S3Place) -> None:
    """Objects lie below the prefix's probe folder, two of them for the minute they are locked."""
    probe_bucket(client, place, utc_now)
    left = list(Bucket(client, place).walk(""))
    assert all(versions[0].path.startswith(f"{FOLDER}/") for versions in left)
    assert {versions[0].path.rpartition(".")[2] for versions in left} == {"bucket_retention", "bucket_parts"}
    assert list(Bucket(client, S3Place(place.bucket)).walk("")) != []


def test_a_bucket_without_a_lock_is_refused_at_once(client: S3Client, place: S3Place) -> None:
    """Without versions nothing else means anything, and nothing is put into it."""
    lockless = s3_server().place(s3_server().make_bucket(lock=False))
    findings = probe_bucket(client, lockless, utc_now)
    assert codes(findings) == {"bucket_versioning": "bucket.unversioned"}
    assert faults(findings) == ["bucket_versioning"]
    assert list(Bucket(client, place).walk("")) == []


def test_versions_without_a_lock_are_refused(client: S3Client) -> None:
    """Versioning alone keeps nobody from deleting."""
    versioned = s3_server().place(s3_server().make_bucket(lock=False))
    anyhow: Any = client
    anyhow.put_bucket_versioning(Bucket=versioned.bucket, VersioningConfiguration={"Status": "Enabled"})
    findings = probe_bucket(client, versioned, utc_now)
    assert faults(findings) == ["bucket_lock"]
    assert "has no Object Lock" in Texts("en").say(findings[-1].found)


def test_a_bucket_nobody_made_is_a_finding(client: S3Client) -> None:
    """Where the settings name no bucket that is there, the finding says what to do."""
    (finding,) = probe_bucket(client, s3_server().place("nobody-made-this"), utc_now)
    assert not finding.ok
    assert "make it with Object Lock" in Texts("en").say(finding.found)


@pytest.mark.parametrize(("skew_s", "ok"), [(0, True), (50, True), (-90, False), (120, False)])
def test_a_clock_that_differs_is_found(client: S3Client, place: S3Place, skew_s: int, ok: bool) -> None:
    """A minute apart is fine, more is not, whichever of the two is ahead."""
    findings = probe_bucket(client, place, lambda: utc_now() + timedelta(seconds=skew_s))
    clock = next(finding for finding in findings if finding.name == "bucket_clock")
    assert clock.ok is ok


def test_a_default_retention_is_reported(client: S3Client, place: S3Place) -> None:
    """It is no fault, and the operator learns what it costs."""
    anyhow: Any = client
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 3}}
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    anyhow.put_object_lock_configuration(Bucket=place.bucket, ObjectLockConfiguration=configuration)
    findings = probe_bucket(client, place, utc_now)
    assert codes(findings)["bucket_lock"] == "bucket.lock_default"
    assert "bucket_lock" not in faults(findings)


# --- servers that do less than they say ------------------------------------------------------------------------------


def without(*names: str) -> Any:  # noqa: ANN401 - botocore passes what an event has
    """Return what takes headers off a request before it is signed, as a server that ignores them does."""

    def take_off(params: dict[str, Any], **_rest: object) -> None:
        for name in names:
            params["headers"].pop(name, None)

    return take_off


LOCK_HEADERS = ("x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date")


def test_a_server_that_drops_locks_is_refused(client: S3Client, place: S3Place) -> None:
    """It took the object, said yes, and locked nothing."""
    on(client, "before-call.s3.PutObject", without(*LOCK_HEADERS))
    findings = probe_bucket(client, place, utc_now)
    assert codes(findings)["bucket_retention"] == "bucket.lock_dropped"
    assert "bucket_retention" in faults(findings)


def test_a_server_that_drops_the_lock_of_parts_is_served_all_the_same(client: S3Client, place: S3Place) -> None:
    """The lock is set afterwards, as the vault itself does it."""
    on(client, "before-call.s3.CreateMultipartUpload", without(*LOCK_HEADERS))
    findings = probe_bucket(client, place, utc_now)
    assert codes(findings)["bucket_parts"] == "bucket.parts_later"
    assert faults(findings) == []


def test_servers_that_look_at_less_are_reported(client: S3Client, place: S3Place) -> None:
    """No digest compared, nothing created exclusively: said, and no fault, as everything is read back."""
    on(client, "before-call.s3.PutObject", without("If-None-Match", "x-amz-checksum-sha256"))
    findings = probe_bucket(client, place, utc_now)
    assert codes(findings)["bucket_digests"] == "bucket.digests_ignored"
    assert codes(findings)["bucket_exclusive"] == "bucket.exclusive_ignored"
    assert faults(findings) == []


def test_an_account_that_may_not_hold_is_told_so(client: S3Client, place: S3Place) -> None:
    """A refusal is a finding with its cure, and the other tests go on."""

    def deny(**_rest: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObjectLegalHold")

    on(client, "before-call.s3.PutObjectLegalHold", deny)
    findings = probe_bucket(client, place, utc_now)
    assert faults(findings) == ["bucket_hold"]
    assert "rights" in str(next(f for f in findings if not f.ok).found.params["reason"])
    assert len(findings) == len(GOOD)
