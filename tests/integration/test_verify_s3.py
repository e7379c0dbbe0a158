"""Verifying a vault in a bucket, on a real server with Object Lock: what its administrators can do is named."""

from pathlib import Path
from typing import Any, cast

import pytest

from storage.reading import FoundLock
from storage.reading_s3 import S3Reader, S3Reads
from storage.verify import Difference, DifferenceKind
from tests.support.cli import json_lines, run_cli
from tests.support.s3 import S3Server, s3_server
from tests.support.tampering import KEPT_UNTIL, TestVault, check, entry, flip, kinds, make_vault, sha256, tiles

PREFIX = "bureau/evidence"


class Bucketed:
    """A vault whose originals, records and ledger lie in a bucket; derivatives stay in its folder."""

    def __init__(self, server: S3Server, vault: TestVault) -> None:
        self.server = server
        self.vault = vault
        self.client: Any = server.client
        self.bucket = server.make_bucket()
        self.reader = S3Reader(cast("S3Reads", server.client), self.bucket, f"{PREFIX}/")
        for path in vault.files():
            below = path.relative_to(vault.root).as_posix()
            if not below.startswith(("derivatives/", "locks/")):
                self.put(below, path.read_bytes())

    def put(self, path: str, body: bytes) -> None:
        """Put an object, locked as its lock in the folder was."""
        lock = self.vault.locks.get(path.rpartition("/")[2]) if path.startswith("originals/") else None
        kept: dict[str, object] = {}
        if lock is not None:
            kept = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": lock.until}
            kept |= {"ObjectLockLegalHoldStatus": "ON"} if lock.held else {}
        self.client.put_object(Bucket=self.bucket, Key=f"{PREFIX}/{path}", Body=body, **kept)

    def key(self, pattern: str) -> str:
        """Return the path of the first object that a pattern names."""
        return min(
            path.relative_to(self.vault.root).as_posix() for path in self.vault.root.glob(pattern) if path.is_file()
        )

    def check(self) -> list[Difference]:
        """Verify deep."""
        return check(self.vault, reader=self.reader)


@pytest.fixture(name="bucketed")
def _bucketed(tmp_path: Path) -> Bucketed:
    return Bucketed(s3_server(), make_vault(tmp_path / "vault"))


def test_an_untouched_bucket_has_no_difference(bucketed: Bucketed) -> None:
    """Locks are read back from the server; a checkpoint that was replaced and a partial tile that went are no harm."""
    assert bucketed.check() == []
    bucketed.put("ledger/checkpoint", (bucketed.vault.root / "ledger/checkpoint").read_bytes())
    partials = {path: body for path, body in tiles(bucketed.vault.entries[:300]).items() if ".p/" in path}
    for path, body in partials.items():
        bucketed.put(f"ledger/{path}", body)
        bucketed.client.delete_object(Bucket=bucketed.bucket, Key=f"{PREFIX}/ledger/{path}")
    assert bucketed.check() == []


@pytest.mark.parametrize(
    ("pattern", "subject"),
    [
        ("originals/*/*/*", ""),
        ("records/decisions/*", "records/decisions/"),
        ("ledger/tile/0/001", "ledger/tile/0/001"),
        ("ledger/cosigned/*", "ledger/cosigned/"),
    ],
)
@pytest.mark.parametrize("deleted", [False, True])
def test_what_is_put_over_an_object_or_hides_it_is_named(
    bucketed: Bucketed, pattern: str, subject: str, deleted: bool
) -> None:
    """The first version is what counts, and it still agrees: nothing but the other version is named."""
    path = bucketed.key(pattern)
    if deleted:
        bucketed.client.delete_object(Bucket=bucketed.bucket, Key=f"{PREFIX}/{path}")
    else:
        bucketed.client.put_object(Bucket=bucketed.bucket, Key=f"{PREFIX}/{path}", Body=b"something else")
    [found] = bucketed.check()
    assert found.kind is DifferenceKind.VERSIONS
    assert found.subject.startswith(subject or path.rpartition("/")[2])
    assert found.found == ("1 + delete marker" if deleted else "2")


def test_locks_are_those_of_the_server(bucketed: Bucketed) -> None:
    """A hold that was lifted, and a promise longer than the lock."""
    vault = bucketed.vault
    [held] = [digest for digest, lock in vault.locks.items() if lock.held]
    key = f"{PREFIX}/originals/{held[:2]}/{held[2:4]}/{held}"
    bucketed.client.put_object_legal_hold(Bucket=bucketed.bucket, Key=key, LegalHold={"Status": "OFF"})
    [found] = bucketed.check()
    assert (found.kind, found.subject) == (DifferenceKind.LOCK_CHANGED, held)
    vault.locks[held] = FoundLock(KEPT_UNTIL, held=False)
    assert bucketed.check() == []
    digest = next(one for one in vault.locks if one != held)
    vault.entries[-1] = entry(599, "policy assignment", digest, {"until": "2040-01-01T00:00:00Z"})
    for path, body in tiles(vault.entries).items():
        if path.endswith("/88") or path.startswith("tile/1"):
            bucketed.client.put_object(Bucket=bucketed.bucket, Key=f"{PREFIX}/ledger/{path}", Body=body)
    bucketed.put("ledger/checkpoint", vault.checkpoint().to_bytes())
    found = next(one for one in bucketed.check() if one.kind is not DifferenceKind.FORKED)
    assert (found.kind, found.subject, found.expected) == (DifferenceKind.LOCK_SHORT, digest, "2040-01-01T00:00:00Z")


def test_an_original_deleted_beneath_the_server_is_named(bucketed: Bucketed) -> None:
    """The owner of the disks can do it; so is one whose bytes came back other than they were, and without its lock."""
    one, two = sorted(bucketed.vault.locks)[:2]
    for digest in (one, two):
        bucketed.server.delete_below(bucketed.bucket, f"{PREFIX}/originals/{digest[:2]}/{digest[2:4]}/{digest}")
    path = f"originals/{two[:2]}/{two[2:4]}/{two}"
    body = (bucketed.vault.root / path).read_bytes()
    key = f"{PREFIX}/{path}"
    bucketed.client.put_object(Bucket=bucketed.bucket, Key=key, Body=bytes([body[0] ^ 1]) + body[1:])
    found = bucketed.check()
    assert {(each.kind.value, each.subject) for each in found} == {
        ("missing", one),
        ("digest", two),
        ("lock_short", two),
        ("lock_changed", two),
    }


def test_a_foreign_object_is_named(bucketed: Bucketed) -> None:
    """Among originals, records and the ledger, and beside them; the doctor's probes are known."""
    digest = sha256(b"foreign")
    for path in (f"originals/{digest[:2]}/{digest[2:4]}/{digest}", "records/x/y.json", "ledger/x", "odd/a"):
        bucketed.put(path, b"foreign")
    bucketed.put("probe/a", b"x")
    assert {(each.kind.value, each.subject) for each in bucketed.check()} == {
        ("unexpected", digest),
        ("record_unexpected", "x/y.json"),
        ("ledger_unexpected", "ledger/x"),
        ("unexpected", "odd"),
    }


def test_derivatives_are_those_of_the_folder(bucketed: Bucketed) -> None:
    """They stay on this machine, and their bytes are read there."""
    flip(min(bucketed.vault.root.glob("derivatives/*/*")))
    assert kinds(bucketed.check()) == ["derivative_digest"]


def test_a_bucket_of_many_pages_is_listed_whole(bucketed: Bucketed) -> None:
    """More than the thousand keys of one answer."""
    for number in range(1100):
        bucketed.client.put_object(Bucket=bucketed.bucket, Key=f"many/{number:04}", Body=b"")
    reader = S3Reader(cast("S3Reads", bucketed.client), bucketed.bucket)
    paths = [found.path for found in reader.below("many/")]
    assert paths == [f"many/{number:04}" for number in range(1100)]


@pytest.mark.slow
def test_a_home_in_a_bucket_is_verified_on_the_command_line(tmp_path: Path) -> None:
    """Whole, it agrees; with a delete marker over an original, that one is named."""
    server = s3_server()
    bucket = server.make_bucket()
    settings = {"KIND": "s3", "BUCKET": bucket, "ENDPOINT": server.endpoint, "PREFIX": "p"}
    env = {**server.environment, **{f"EVIDOCK_VAULT__{name}": value for name, value in settings.items()}}
    home, file = tmp_path / "home", tmp_path / "a.bin"
    file.write_bytes(b"a clip" * 1000)
    assert run_cli(home, "take-in", str(file), env=env).returncode == 0
    whole = run_cli(home, "verify", "--deep", env=env)
    assert whole.returncode == 0, whole.stdout
    digest = sha256(file.read_bytes())
    client: Any = server.client
    client.delete_object(Bucket=bucket, Key=f"p/originals/{digest[:2]}/{digest[2:4]}/{digest}")
    harmed = run_cli(home, "verify", "--json", env=env)
    assert harmed.returncode == 1
    [body] = json_lines(harmed)
    said = body["verify"]
    assert isinstance(said, dict)
    assert [(one["kind"], one["subject"]) for one in said["differences"]] == [("versions", digest)]
