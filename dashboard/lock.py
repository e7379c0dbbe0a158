"""One process serves a home: the lock that two ``up`` fight for, and that frees itself when its holder dies."""

import fcntl
import os
import time
from io import TextIOWrapper
from pathlib import Path

from evidence.errors import HomeBusyError

PATIENCE_S = 2.0


class ServingLock:
    """An advisory lock on a file; the kernel lets go of it however the holder ends."""

    def __init__(self, path: Path, purpose: str) -> None:
        """Lock ``path``; ``purpose`` is what others are told is running."""
        self._path = path
        self._purpose = purpose
        self._file: TextIOWrapper | None = None

    def take(self) -> bool:
        """Take the lock; False when another process holds it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        file.truncate(0)
        file.write(f"{self._purpose} (pid {os.getpid()})")
        file.flush()
        self._file = file
        return True

    def holder(self) -> str:
        """Return what the holder wrote of itself."""
        try:
            return self._path.read_text(encoding="utf-8").strip() or "another Evidock"
        except OSError:
            return "another Evidock"

    def free(self) -> None:
        """Let go."""
        if self._file:
            self._file.close()
            self._file = None

    def require(self) -> None:
        """Take the lock, waiting a moment for a command that is about to end.

        Raises:
            HomeBusyError: another process serves this home.
        """
        deadline = time.monotonic() + PATIENCE_S
        while not self.take():
            if time.monotonic() > deadline:
                raise HomeBusyError(
                    f"{self.holder()} already serves this home",
                    subject=str(self._path.parent.parent),
                    cure="stop that one first, or name another folder with --home",
                )
            time.sleep(0.1)
