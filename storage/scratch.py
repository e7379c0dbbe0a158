"""The scratch folder: half-written files whose names say whose they are, so that what a crash leaves can be swept.

Whoever writes a scratch file holds a lock on it, which ends with the process, however it ends. A sweep takes only what
nobody holds, so it can run while others work on the same folder.
"""

import fcntl
import os
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path

from storage.failures import storage_errors

SUFFIX = ".part"
_TAG = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Scratch:
    """Names, opens and sweeps the scratch files of one executor.

    Args:
        folder: where they lie; made when first needed.
        executor: who writes here: 1–64 letters, digits, ``_`` or ``-``.

    Raises:
        ValueError: the executor's name cannot be part of a file name.
    """

    def __init__(self, folder: Path, executor: str) -> None:
        if not _TAG.fullmatch(executor):
            raise ValueError(f"an executor is named by letters, digits, _ and -, not {executor!r}")
        self.folder = folder
        self._executor = executor

    def create(self) -> tuple[int, Path]:
        """Create a scratch file; return its descriptor, open for reading and writing, and its path.

        The file is safe from sweeps until the descriptor is closed.
        """
        with storage_errors(str(self.folder)):
            self.folder.mkdir(parents=True, exist_ok=True)
            while True:
                path = self.free_path()
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                if hold(descriptor) and os.fstat(descriptor).st_nlink:
                    return descriptor, path
                os.close(descriptor)  # swept between being made and being held: take another

    def free_path(self) -> Path:
        """Return a path of this executor that nobody uses."""
        return self.folder / f"{self._executor}.{secrets.token_hex(8)}{SUFFIX}"

    def remove(self, path: Path) -> None:
        """Remove a scratch file; gone already is fine."""
        with storage_errors(str(path)):
            path.unlink(missing_ok=True)

    def sweep(self, *, before: datetime | None = None) -> int:
        """Remove what earlier processes left and return how many files that were.

        Args:
            before: also remove other executors' files last written before this time (aware). Without it only files
                of this executor's own tag go. What a living process holds stays in either case.
        """
        with storage_errors(str(self.folder)):
            if not self.folder.is_dir():
                return 0
            with os.scandir(self.folder) as entries:
                stale = [Path(entry.path) for entry in entries if self._may_sweep(entry, before)]
            return sum(_removed_unless_held(path) for path in stale)

    def _may_sweep(self, entry: os.DirEntry[str], before: datetime | None) -> bool:
        if not entry.name.endswith(SUFFIX):
            return False
        if entry.name.startswith(f"{self._executor}."):
            return True
        return before is not None and _written_at(entry) < before


def hold(descriptor: int) -> bool:
    """Lock an open file against sweeps until it is closed; False when somebody else holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _removed_unless_held(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        if not hold(descriptor):
            return False
        path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)
    return True


def _written_at(entry: os.DirEntry[str]) -> datetime:
    return datetime.fromtimestamp(entry.stat(follow_symlinks=False).st_mtime, UTC)
