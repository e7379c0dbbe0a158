"""What is particular to the vault in a bucket: what administrators try, what servers keep silent about, the cache."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest  # type: ignore[import-untyped]

from evidence.errors import (
    ConfigError,
    IntegrityError,
    LockedError,
    NotFoundError,
    ObjectConflictError,
    StorageFullError,
)
from evidence.ids import Digest
from storage.layout import original_path
from storage.s3_objects import Bucket, Version
from storage.s3_vault import LocalPlaces, S3Vault
from tests.support.s3 import s3_server
from tests.support.storage import HOUR, files_below, read, s3_vault, seal, sha256, utc_now

BODY = b"footage"
LARGE = bytes(range(255)) * 80_000
"""More than one part."""


@pytest.fixture(name="vault")
def _vault(tmp_path: Path) -> S3Vault:
    return s3_vault(tmp_path)


def original_of(vault: S3Vault, digest: Digest) -> Version:
    """Return the version that holds an original."""
    (found,) = vault.bucket.versions(original_path(digest))
    return found


def put_over(vault: S3Vault, path: str, body: bytes) -> None:
    """Do what somebody with an ordinary client does: put something under the same key."""
    vault.bucket.client.put_object(Bucket=vault.bucket.place.bucket, Key=vault.bucket.place.key(path), Body=body)


# --- administrators --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [BODY, LARGE], ids=["one put", "in parts"])
def test_the_administrator_cannot_delete_a_locked_version(vault: S3Vault, body: bytes) -> None:
    """With all rights there are, also that of bypassing governance, the server refuses; the bytes stay."""
    digest = seal(vault, body).digest
    version = original_of(vault, digest)
    with pytest.raises(ConfigError, match="does not allow"):
        vault.bucket.ask(
            vault.bucket.client.delete_object,
            version.path,
            VersionId=version.version_id,
            BypassGovernanceRetention=True,
        )
    assert read(vault, digest) == body


def test_the_administrator_cannot_shorten_a_retention(vault: S3Vault) -> None:
    """Asked for an earlier end the server refuses, and what is read back is the later one."""
    digest = seal(vault, BODY).digest
    before, version = vault.lock_of(digest), original_of(vault, digest)
    with pytest.raises(ConfigError, match="does not allow"):
        vault.bucket.retain(version.path, version.version_id, utc_now() + timedelta(minutes=1))
    assert vault.lock_of(digest) == before


def test_the_server_has_the_last_word_on_a_disposal(vault: S3Vault) -> None:
    """Who sets this machine's clock forward convinces the program, and still gets a LockedError."""
    digest = seal(vault, BODY).digest
    with pytest.raises(LockedError, match="the S3 server refuses"):
        vault.dispose(digest, utc_now() + timedelta(days=36500))
    assert read(vault, digest) == BODY


def test_what_is_put_over_an_original_changes_nothing_and_is_found(vault: S3Vault) -> None:
    """The first version is what is read; its lock, the next sealing and the listing all name the other one."""
    digest = seal(vault, BODY).digest
    put_over(vault, original_path(digest), b"forged!")
    assert read(vault, digest) == BODY
    assert vault.has(digest)
    with pytest.raises(IntegrityError, match="other bytes were put over it"):
        vault.lock_of(digest)
    assert list(vault.overlaid()) == [original_path(digest)]


def test_a_delete_marker_hides_nothing_and_is_found(vault: S3Vault) -> None:
    """A plain deletion leaves original and record readable and listed, and both are named."""
    digest = seal(vault, BODY).digest
    vault.put_record("imports", "cases.csv", b"rows")
    vault.bucket.hide(original_path(digest))
    vault.bucket.hide("records/imports/cases.csv")
    assert vault.has(digest)
    assert list(vault.originals()) == [digest]
    assert read(vault, digest) == BODY
    assert list(vault.records("imports")) == [("cases.csv", b"rows")]
    with pytest.raises(IntegrityError, match="delete marker"):
        vault.lock_of(digest)
    assert list(vault.overlaid()) == [original_path(digest), "records/imports/cases.csv"]
    assert seal(vault, BODY).already_there


def test_the_same_bytes_twice_under_a_key_are_one_original(vault: S3Vault) -> None:
    """Two writers at the same instant on a server that does not create exclusively leave no difference."""
    digest = seal(vault, BODY).digest
    put_over(vault, original_path(digest), BODY)
    assert vault.lock_of(digest).until is not None
    assert list(vault.originals()) == [digest]


def test_an_untouched_vault_has_nothing_overlaid(vault: S3Vault) -> None:
    """No false alarm."""
    seal(vault, BODY)
    vault.put_record("imports", "cases.csv", b"rows")
    assert list(vault.overlaid()) == []


def test_another_object_under_an_originals_key_is_never_called_sealed(vault: S3Vault) -> None:
    """Sealing bytes whose key holds others is an IntegrityError: a dock must not let go of the source."""
    put_over(vault, original_path(sha256(BODY)), b"FOOTAGE")
    with pytest.raises(IntegrityError, match="other bytes"):
        seal(vault, BODY)
    assert len(vault.bucket.versions(original_path(sha256(BODY)))) == 1


def test_an_object_found_without_a_lock_is_locked(vault: S3Vault) -> None:
    """What a sealing cut off before its lock left behind is locked by the next one."""
    put_over(vault, original_path(sha256(BODY)), BODY)
    assert vault.lock_of(sha256(BODY)).until is None
    assert seal(vault, BODY).already_there
    assert vault.lock_of(sha256(BODY)).until is not None


def test_records_are_locked_as_long_as_originals(vault: S3Vault) -> None:
    """A sidecar cannot be deleted before the original it describes."""
    vault.put_record("sidecars", "a.json", b"{}")
    (version,) = vault.bucket.versions("records/sidecars/a.json")
    until = vault.bucket.lock(version.path, version.version_id).until
    assert until is not None
    assert until > utc_now() + HOUR / 2


# --- requests --------------------------------------------------------------------------------------------------------


@pytest.fixture(name="sent")
def _sent(vault: S3Vault) -> Iterator[list[tuple[str, dict[str, str]]]]:
    """Name and headers of every request as it leaves."""
    requests: list[tuple[str, dict[str, str]]] = []

    def note_down(request: AWSPreparedRequest, event_name: str = "", **_rest: object) -> None:
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        requests.append((event_name.rpartition(".")[2], headers))

    client: Any = vault.bucket.client
    client.meta.events.register("before-send.s3", note_down)
    yield requests
    client.meta.events.unregister("before-send.s3", note_down)


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def test_every_locked_put_and_every_part_says_what_its_bytes_are(
    vault: S3Vault, sent: list[tuple[str, dict[str, str]]]
) -> None:
    """A put with a lock and a part without its SHA-256 would be refused by one server and believed by another."""
    seal(vault, BODY)
    seal(vault, LARGE)
    vault.put_record("imports", "cases.csv", b"rows")
    names = [name for name, _ in sent]
    assert (names.count("PutObject"), names.count("UploadPart")) == (2, 2)
    for name, headers in sent:
        if name in {"PutObject", "UploadPart"}:
            assert len(headers["x-amz-checksum-sha256"]) == 44
        if name in {"PutObject", "CreateMultipartUpload"}:
            assert headers["x-amz-object-lock-mode"] == "COMPLIANCE"
        if name in {"PutObject", "CompleteMultipartUpload"}:
            assert headers["if-none-match"] == "*"
        assert "aws-chunked" not in headers.get("content-encoding", "")


def test_listings_are_read_to_their_last_page(vault: S3Vault) -> None:
    """With three objects a page nothing is missed and nothing comes twice."""
    digests = [seal(vault, bytes([n])).digest for n in range(8)]
    pages = Bucket(vault.bucket.client, vault.bucket.place, page_size=3)
    assert [versions[0].path for versions in pages.walk("originals/")] == sorted(map(original_path, digests))


# --- this machine ----------------------------------------------------------------------------------------------------


def test_nothing_stays_in_scratch(vault: S3Vault, tmp_path: Path) -> None:
    """Sealed or abandoned, the scratch file is gone."""
    seal(vault, LARGE)
    with vault.stage() as staging:
        staging.write(b"half")
    assert files_below(tmp_path / "work") == []


def test_a_file_larger_than_the_free_space_is_refused_before_a_byte_is_written(vault: S3Vault) -> None:
    """It would not fit on the disk where it lies until it is sealed."""
    with pytest.raises(StorageFullError, match="are needed and"):
        vault.stage(1 << 60)


def test_what_was_just_sealed_needs_no_fetching(vault: S3Vault, sent: list[tuple[str, dict[str, str]]]) -> None:
    """The tools that come next find the file on this machine."""
    place = vault.locate(seal(vault, LARGE).digest)
    assert hashlib.sha256(place.read_bytes()).hexdigest() == sha256(LARGE)
    assert "GetObject" not in [name for name, _ in sent]


def test_opening_reads_from_the_bucket_whatever_the_cache_holds(vault: S3Vault) -> None:
    """A fixity check that reads what `open` returns checks the storage and not a copy of it."""
    digest = seal(vault, BODY).digest
    place = vault.locate(digest)
    place.chmod(0o644)
    place.write_bytes(b"another")
    assert read(vault, digest) == BODY


def test_bytes_that_do_not_give_the_digest_are_not_cached(vault: S3Vault, tmp_path: Path) -> None:
    """An object that somebody put under a digest is an IntegrityError, and no tool gets to see it."""
    put_over(vault, original_path(sha256(BODY)), b"FOOTAGE")
    with pytest.raises(IntegrityError, match="other bytes"):
        vault.locate(sha256(BODY))
    assert files_below(tmp_path / "cache") == []


def test_a_disposed_original_is_not_served_from_the_cache(tmp_path: Path) -> None:
    """Another machine's disposal counts here at once."""
    vault = s3_vault(tmp_path)
    digest = seal(vault, BODY).digest
    elsewhere = S3Vault(
        vault.bucket.client,
        s3_server().place(vault.bucket.place.bucket, "somewhere-else"),
        LocalPlaces(tmp_path / "work", tmp_path / "cache"),
        keep=HOUR,
        clock=utc_now,
    )
    with pytest.raises(NotFoundError, match="no such original"):
        elsewhere.locate(digest)


def test_a_record_put_over_is_refused_and_the_first_one_read(vault: S3Vault) -> None:
    """A record's first version counts, whatever lies over it."""
    vault.put_record("imports", "cases.csv", b"first")
    put_over(vault, "records/imports/cases.csv", b"other")
    assert vault.record("imports", "cases.csv") == b"first"
    with pytest.raises(ObjectConflictError):
        vault.put_record("imports", "cases.csv", b"other")


def test_a_vault_that_keeps_nothing_is_refused(tmp_path: Path) -> None:
    """Without a time there is no lock, and without a lock nothing is sealed."""
    with pytest.raises(ValueError, match="more than nothing"):
        s3_vault(tmp_path, timedelta(0))


def test_a_failure_in_the_middle_leaves_no_upload_behind(tmp_path: Path) -> None:
    """What came in parts is aborted at once: parts nobody finishes are paid for and seen by no listing."""

    def fail(point: str) -> None:
        if point == "part 2":
            raise KeyError("reader failed")

    vault = s3_vault(tmp_path, reached=fail)
    with pytest.raises(KeyError):
        seal(vault, LARGE)
    assert not vault.has(sha256(LARGE))
    assert vault.sweep(before=utc_now() + HOUR) == 0


def test_sweeping_aborts_uploads_that_were_given_up(vault: S3Vault) -> None:
    """Those begun before the time given go, younger ones stay, and what is not the vault's is left alone."""
    client, place = vault.bucket.client, vault.bucket.place
    for path in (original_path(sha256(BODY)), "records/imports/large.csv", "elsewhere/foreign"):
        client.create_multipart_upload(Bucket=place.bucket, Key=place.key(path))
    assert vault.sweep() == 0
    assert vault.sweep(before=utc_now() - HOUR) == 0
    assert vault.sweep(before=utc_now() + HOUR) == 2
    assert vault.sweep(before=utc_now() + HOUR) == 0


# --- below the server ------------------------------------------------------------------------------------------------


def test_an_original_deleted_behind_the_servers_back_is_missing(vault: S3Vault) -> None:
    """Who owns the disks can delete what is locked: then it is not there, nothing says otherwise, it comes again."""
    digest = seal(vault, BODY).digest
    s3_server().delete_below(vault.bucket.place.bucket, vault.bucket.place.key(original_path(digest)))
    assert not vault.has(digest)
    assert list(vault.originals()) == []
    for refused in (vault.lock_of, vault.open, vault.locate):
        with pytest.raises(NotFoundError):
            refused(digest)
    assert not seal(vault, BODY).already_there
