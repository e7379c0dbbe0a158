"""What the vault's tests share: the adapters under contract, sealing in one line, small disks, child processes."""

import hashlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from evidence.ids import Digest, StationId
from evidence.ports import LogStore, Pickup, SealedObject, Vault
from storage.healing_vault import HealingVault
from storage.local_log import LocalLog
from storage.local_vault import LocalVault
from storage.s3_client import S3Client
from storage.s3_log import S3Log
from storage.s3_vault import LocalPlaces, S3Vault
from storage.staging import Passing, nothing
from tests.support.s3 import S3Server, s3_server

REPOSITORY = Path(__file__).parents[2]
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)

HOUR = timedelta(hours=1)
PATIENCE_S = 20.0
POLL_S = 0.1


class MakeVault(Protocol):
    """Makes an empty vault of one kind."""

    def __call__(self, home: Path, keep: timedelta = HOUR) -> Vault:
        """Make it; ``home`` is this test's folder."""
        ...


def utc_now() -> datetime:
    """Return the time: a bucket's locks run by the server's clock, so its tests run by the real one."""
    return datetime.now(UTC)


def local_vault(home: Path, keep: timedelta = HOUR) -> LocalVault:
    """Make an empty local vault."""
    return LocalVault(home / "vault", home / "work", keep=keep)


def s3_vault(
    home: Path,
    keep: timedelta = HOUR,
    *,
    server: S3Server | None = None,
    client: S3Client | None = None,
    reached: Passing = nothing,
) -> S3Vault:
    """Make an empty vault in a bucket of this process's S3 server, or of another one, under a prefix of its own."""
    server = server or s3_server()
    place = server.place(server.bucket, secrets.token_hex(6))
    local = LocalPlaces(home / "work", home / "cache")
    return S3Vault(client or server.client, place, local, keep=keep, clock=utc_now, reached=reached)


def s3_log(home: Path) -> S3Log:
    """Make an empty log there."""
    del home
    server = s3_server()
    return S3Log(server.client, server.place(server.bucket, secrets.token_hex(6)), keep=HOUR, clock=utc_now)


VAULTS: Mapping[str, MakeVault] = {
    "local": local_vault,
    "s3": s3_vault,
    "healing": lambda home, keep=HOUR: HealingVault(local_vault(home, keep), lambda _digest: False),
}
"""Every adapter of the Vault port; a new one is one line here."""

LOGS: Mapping[str, Callable[[Path], LogStore]] = {"local": lambda home: LocalLog(home / "vault"), "s3": s3_log}
"""Every adapter of the LogStore port."""


def eventually(attempt: Callable[[], bool]) -> bool:
    """Try again until it succeeds or `PATIENCE_S` have passed: for what only the server's clock can bring about."""
    deadline = time.monotonic() + PATIENCE_S
    while not (done := attempt()) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    return done


def seal(vault: Vault, body: bytes, *, chunk_bytes: int = 1 << 20) -> SealedObject:
    """Seal bytes, chunk by chunk."""
    with vault.stage(len(body)) as staging:
        for start in range(0, len(body), chunk_bytes):
            staging.write(body[start : start + chunk_bytes])
        return staging.seal()


def read(vault: Vault, digest: Digest) -> bytes:
    """Read an original back."""
    with vault.open(digest) as original:
        return original.read()


def sha256(body: bytes) -> Digest:
    """Return the digest as the standard library sees it."""
    return Digest(hashlib.sha256(body).hexdigest())


def pickup_of(root: Path, source_path: str, *, key: str = "") -> Pickup:
    """Return the pickup of a file that has settled."""
    found = os.lstat(os.path.join(root, source_path))  # noqa: PTH118 - a Path would tidy the odd names under test
    made = sha256(f"{source_path}:{found.st_size}:{found.st_mtime_ns}".encode("utf-8", "surrogateescape"))
    return Pickup(key or made, StationId("S1"), str(root), source_path, found.st_size, found.st_mtime_ns)


def files_below(folder: Path) -> list[str]:
    """Return every file below a folder, whatever it is called."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def run_child(code: str, *arguments: str, kill_at: str = "") -> int:
    """Run Python code in a process of its own and return its exit code; negative: the signal that ended it."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    if kill_at:
        environment["EVIDOCK_KILL_AT"] = kill_at
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=environment, check=False, timeout=60).returncode


@contextmanager
def small_disk(mount_point: Path, size_bytes: int) -> Iterator[Path]:
    """Mount a file system of ``size_bytes``; skip the test where this account may not."""
    mount_point.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", str(mount_point)]
    if subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs a privilege this account does not have")
    try:
        yield mount_point
    finally:
        subprocess.run(["umount", str(mount_point)], check=True)
