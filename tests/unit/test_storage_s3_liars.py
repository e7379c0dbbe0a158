"""Servers that say yes and do less: what each puts right or refuses is shown by changing requests on their way."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence.errors import EvidockError, IntegrityError, ObjectConflictError
from storage.layout import original_path
from storage.s3_client import S3Client, S3Place, make_client
from storage.s3_vault import S3Vault
from tests.support.s3 import s3_server
from tests.support.storage import HOUR, read, s3_vault, seal, sha256, utc_now

BODY = b"footage"
LARGE = bytes(range(255)) * 80_000
LOCK_HEADERS = ("x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date")
CHECKSUM = "x-amz-checksum-sha256"

Change = Callable[..., None]


@pytest.fixture(name="client")
def _client() -> Iterator[S3Client]:
    server = s3_server()
    client = make_client(S3Place("", server.endpoint), server.session)
    yield client
    client.close()


@pytest.fixture(name="vault")
def _vault(tmp_path: Path, client: S3Client) -> S3Vault:
    return s3_vault(tmp_path, client=client)


def on(client: S3Client, event: str, change: Change) -> None:
    """Have every request of an operation, or its answer, changed on its way."""
    anyhow: Any = client
    anyhow.meta.events.register(event, change)


def without(*names: str) -> Change:
    """Return what takes headers off a request, as a server that ignores them does."""

    def take_off(params: dict[str, Any], **_rest: object) -> None:
        for name in names:
            params["headers"].pop(name, None)

    return take_off


def silent(*names: str) -> Change:
    """Return what takes fields out of an answer, as a server that does not state them."""

    def take_out(parsed: dict[str, Any], **_rest: object) -> None:
        for name in names:
            parsed.pop(name, None)

    return take_out


@pytest.mark.parametrize(
    ("operation", "body"), [("PutObject", BODY), ("CreateMultipartUpload", LARGE)], ids=["one put", "in parts"]
)
def test_a_lock_that_was_dropped_is_set_afterwards(vault: S3Vault, operation: str, body: bytes) -> None:
    """The lock is read back, found missing, set by itself, and read back again."""
    on(vault.bucket.client, f"before-call.s3.{operation}", without(*LOCK_HEADERS))
    until = vault.lock_of(seal(vault, body).digest).until
    assert until is not None
    assert until > utc_now() + HOUR / 2


def test_a_lock_that_cannot_be_set_at_all_is_an_integrity_error(vault: S3Vault) -> None:
    """A server that forgets every lock must not be told that the dock may let go."""
    on(vault.bucket.client, "after-call.s3.HeadObject", silent("ObjectLockMode", "ObjectLockRetainUntilDate"))
    on(vault.bucket.client, "after-call.s3.GetObjectRetention", silent("Retention"))
    with pytest.raises(IntegrityError, match="keeps it until no time"):
        seal(vault, BODY)


def test_a_head_that_keeps_silent_about_locks_is_not_the_last_word(vault: S3Vault) -> None:
    """An account that may not see locks in a head asks for retention and hold by themselves."""
    digest = seal(vault, BODY).digest
    vault.hold(digest, on=True)
    told = vault.lock_of(digest)
    names = ("ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus")
    on(vault.bucket.client, "after-call.s3.HeadObject", silent(*names))
    assert vault.lock_of(digest) == told
    assert told.held


@pytest.mark.parametrize("body", [BODY, LARGE], ids=["one put", "in parts"])
def test_where_no_digest_is_stated_the_bytes_are_read_back(vault: S3Vault, body: bytes) -> None:
    """A server that states no SHA-256 is asked for the bytes, and these decide."""
    fetched: list[str] = []
    on(vault.bucket.client, "after-call.s3.HeadObject", silent("ChecksumSHA256"))
    on(vault.bucket.client, "before-call.s3.GetObject", lambda **_rest: fetched.append("GetObject"))
    assert seal(vault, body).digest == sha256(body)
    assert fetched == ["GetObject"]


def test_bytes_that_changed_on_the_way_are_never_called_sealed(vault: S3Vault) -> None:
    """Where no digest is looked at, what arrived differently is found by reading it back."""

    def corrupt(params: dict[str, Any], **_rest: object) -> None:
        params["headers"].pop(CHECKSUM)
        params["body"] = b"FOOTAGE"

    on(vault.bucket.client, "before-call.s3.PutObject", corrupt)
    with pytest.raises(IntegrityError, match="other bytes than were sent"):
        seal(vault, BODY)


def test_a_size_that_differs_is_never_called_sealed(vault: S3Vault) -> None:
    """What the server says it holds has to be as long as what was sent."""

    def shorten(parsed: dict[str, Any], **_rest: object) -> None:
        parsed["ContentLength"] = 3

    on(vault.bucket.client, "after-call.s3.HeadObject", shorten)
    with pytest.raises(IntegrityError, match="other bytes than were sent"):
        seal(vault, BODY)


def racing(vault: S3Vault, path: str, body: bytes) -> None:
    """Have somebody else put a body under a path in the very moment before this vault does; nothing is exclusive."""
    client, place = vault.bucket.client, vault.bucket.place
    waiting = [body]

    def put_first(params: dict[str, Any], **_rest: object) -> None:
        params["headers"].pop("If-None-Match", None)
        if waiting:
            client.put_object(Bucket=place.bucket, Key=place.key(path), Body=waiting.pop())

    on(client, "before-call.s3.PutObject", put_first)


def test_a_race_for_the_same_original_is_no_harm(vault: S3Vault) -> None:
    """On a server that creates nothing exclusively two writers leave two versions of the same bytes: one original."""
    racing(vault, original_path(sha256(BODY)), BODY)
    assert seal(vault, BODY).already_there
    assert list(vault.originals()) == [sha256(BODY)]
    assert read(vault, sha256(BODY)) == BODY


def test_a_race_with_other_bytes_is_a_conflict(vault: S3Vault) -> None:
    """Whoever comes second on such a server is told, and the first one's bytes are what is read."""
    racing(vault, "records/imports/cases.csv", b"theirs")
    with pytest.raises(ObjectConflictError):
        vault.put_record("imports", "cases.csv", b"ours")
    assert vault.record("imports", "cases.csv") == b"theirs"


@pytest.mark.parametrize("code", ["PreconditionFailed", "ConditionalRequestConflict"])
def test_a_name_taken_in_the_same_moment_is_looked_at_again(vault: S3Vault, code: str) -> None:
    """A refusal because it is there already ends in comparing what is there; nothing there: try again later."""
    from botocore.exceptions import ClientError  # type: ignore[import-untyped]

    def refuse(**_rest: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "taken"}}, "PutObject")

    on(vault.bucket.client, "before-call.s3.PutObject", refuse)
    with pytest.raises(EvidockError, match="somebody else is writing it"):
        seal(vault, BODY)


@pytest.mark.parametrize(
    ("operation", "body"), [("PutObject", BODY), ("CompleteMultipartUpload", LARGE)], ids=["one put", "in parts"]
)
def test_a_server_that_cannot_create_exclusively_is_served_without(vault: S3Vault, operation: str, body: bytes) -> None:
    """One that answers that it does not know the condition is asked again without it."""
    from botocore.exceptions import ClientError

    def refuse_condition(params: dict[str, Any], **_rest: object) -> None:
        if "If-None-Match" in params["headers"]:
            raise ClientError({"Error": {"Code": "NotImplemented", "Message": "what?"}}, operation)

    on(vault.bucket.client, f"before-call.s3.{operation}", refuse_condition)
    digest = seal(vault, body).digest
    assert read(vault, digest) == body
