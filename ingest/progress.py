"""Where each file is right now, for the terminal's bars and the live page; lost with the process, and may be."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from evidence.ports import Report, WallClock


@dataclass(frozen=True)
class FileProgress:
    """A file on its way.

    Attributes:
        key: digest once known, else the pickup's key.
        share: 0–1 of the stage.
        since: when the stage began, UTC.
    """

    key: str
    station: str
    source_path: str
    stage: str
    share: float
    since: datetime


class ProgressBoard:
    """Thread-safe board that the stages write and the front desk reads."""

    def __init__(self, clock: WallClock) -> None:
        """Use ``clock`` for when a stage began."""
        self._clock = clock
        self._lock = threading.Lock()
        self._files: dict[str, FileProgress] = {}

    def begin(self, key: str, station: str, source_path: str, stage: str) -> Report:
        """Put a file on the board at the start of a stage; the returned report moves its share."""
        with self._lock:
            self._files[key] = FileProgress(key, station, source_path, stage, 0.0, self._clock())

        def report(share: float) -> None:
            with self._lock:
                if key in self._files:
                    self._files[key] = replace(self._files[key], share=min(1.0, max(0.0, share)))

        return report

    def end(self, key: str) -> None:
        """Take a file off the board."""
        with self._lock:
            self._files.pop(key, None)

    def files(self) -> Sequence[FileProgress]:
        """Return what is under way, oldest stage first."""
        with self._lock:
            return sorted(self._files.values(), key=lambda f: (f.since, f.key))
