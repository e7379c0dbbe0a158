"""What the vault's tests share: the adapters under contract, sealing in one line, small disks, child processes."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.ids import Digest, StationId
from evidence.ports import Pickup, SealedObject, Vault
from storage.local_vault import LocalVault

REPOSITORY = Path(__file__).parents[2]
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)

MakeVault = Callable[[Path], Vault]

VAULTS: Mapping[str, MakeVault] = {
    "local": lambda home: LocalVault(home / "vault", home / "work"),
}
"""Every adapter of the Vault port; a new one is one line here."""


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
