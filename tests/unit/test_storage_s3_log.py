"""What is particular to the ledger in a bucket: what is locked and what is not, and what is put over it."""

import secrets
from typing import Any

import pytest

from evidence.errors import StorageError
from storage.s3_client import S3Place
from storage.s3_log import S3Log
from storage.s3_objects import Bucket
from tests.support.s3 import s3_server
from tests.support.storage import HOUR, utc_now

CHECKPOINT, TILE, PARTIAL = "checkpoint", "tile/0/000", "tile/0/000.p/17"


@pytest.fixture(name="place")
def _place() -> S3Place:
    server = s3_server()
    return server.place(server.bucket, secrets.token_hex(6))


@pytest.fixture(name="log")
def _log(place: S3Place) -> S3Log:
    return S3Log(s3_server().client, place, keep=HOUR, clock=utc_now)


@pytest.fixture(name="bucket")
def _bucket(place: S3Place) -> Bucket:
    return Bucket(s3_server().client, place)


@pytest.mark.parametrize(
    ("path", "locked"),
    [
        (TILE, True),
        ("tile/entries/000", True),
        ("keys/0badc0de.vkey", True),
        ("cosigned/000000000017.0123456789abcdef.note", True),
        ("stamped/000000000017.0123456789abcdef.tsr", True),
        (PARTIAL, False),
        ("tile/entries/000.p/17", False),
    ],
)
def test_what_never_changes_is_locked(log: S3Log, bucket: Bucket, path: str, locked: bool) -> None:
    """What is removed again by a newer one is not."""
    log.create(path, b"x")
    (version,) = bucket.versions(f"ledger/{path}")
    assert (bucket.lock(version.path, version.version_id).until is not None) is locked


def test_superseded_checkpoints_do_not_pile_up(log: S3Log, bucket: Bucket) -> None:
    """A checkpoint a second would be a version a second; the newest one is what stays, without a lock."""
    for body in (b"one", b"two", b"three"):
        log.replace(CHECKPOINT, body)
    (version,) = bucket.versions("ledger/checkpoint")
    assert bucket.lock(version.path, version.version_id).until is None


def test_a_dropped_tile_leaves_no_version(log: S3Log, bucket: Bucket) -> None:
    """What is superfluous is not paid for."""
    log.create(PARTIAL, b"x")
    log.drop(PARTIAL)
    assert bucket.versions(f"ledger/{PARTIAL}") == []


def test_what_is_put_over_a_tile_changes_nothing(log: S3Log, bucket: Bucket) -> None:
    """Its first version is what is read, under a delete marker too, and it is still listed."""
    log.create(TILE, b"first")
    place = bucket.place
    bucket.client.put_object(Bucket=place.bucket, Key=place.key(f"ledger/{TILE}"), Body=b"forged")
    assert log.read(TILE) == b"first"
    bucket.hide(f"ledger/{TILE}")
    assert log.read(TILE) == b"first"
    assert list(log.paths("tile")) == [TILE]


def test_what_never_changes_cannot_be_replaced(log: S3Log) -> None:
    """Only the checkpoint and partial tiles may hold other bytes than before."""
    log.create(TILE, b"first")
    with pytest.raises(StorageError, match="never changes"):
        log.replace(TILE, b"second")
    assert log.read(TILE) == b"first"


def test_a_bucket_that_locks_everything_is_served_too() -> None:
    """Where a default retention lets nothing go, what is dropped is hidden, may come again, and replacing works."""
    server = s3_server()
    anyhow: Any = server.client
    place = server.place(server.make_bucket())
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
    anyhow.put_object_lock_configuration(
        Bucket=place.bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    log = S3Log(server.client, place, keep=HOUR, clock=utc_now)
    log.create(PARTIAL, b"some")
    log.drop(PARTIAL)
    log.drop(PARTIAL)
    assert list(log.paths("tile")) == []
    log.create(PARTIAL, b"more")
    assert log.read(PARTIAL) == b"more"
    for body in (b"one", b"two"):
        log.replace(CHECKPOINT, body)
        assert log.read(CHECKPOINT) == body
    assert list(log.paths("")) == [CHECKPOINT, PARTIAL]
