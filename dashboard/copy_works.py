"""Copies that are being prepared right now, each in a thread of its own: a browser waits for no gigabytes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from evidence.errors import EvidockError, StorageError, UsageError
from evidence.notes import note
from storage.packs import Copied

Work = Callable[[Copied], object]


@dataclass
class Preparing:
    """A preparation. ``failure``: why it ended without a folder; None while it runs, and when it was done."""

    total_bytes: int
    since: datetime
    copied_bytes: int = 0
    under_way: bool = True
    failure: EvidockError | None = None
    thread: threading.Thread | None = field(default=None, repr=False)

    @property
    def share(self) -> float:
        """How far it is, 0-1."""
        return min(1.0, self.copied_bytes / max(1, self.total_bytes))

    def advance(self, size_bytes: int) -> None:
        """Take note of bytes that were copied."""
        self.copied_bytes += size_bytes


class CopyWorks:
    """The preparations of one server, by the id of their request."""

    def __init__(self) -> None:
        """Begin with none."""
        self._works: dict[str, Preparing] = {}
        self._changing = threading.Lock()

    def of(self, request_id: str) -> Preparing | None:
        """Return the preparation of a request that runs, or the last that failed."""
        found = self._works.get(request_id)
        return found if found and (found.under_way or found.failure) else None

    def start(self, request_id: str, total_bytes: int, since: datetime, work: Work) -> None:
        """Begin to prepare a request.

        Raises:
            UsageError: that is under way already.
        """
        made = Preparing(total_bytes, since)
        with self._changing:
            running = self._works.get(request_id)
            if running and running.under_way:
                told = note("copies.under_way")
                raise UsageError("is being prepared already", subject=request_id, cure="wait for its end", reason=told)
            self._works[request_id] = made
        made.thread = threading.Thread(
            target=_run, args=(made, request_id, work), name=f"copies-{request_id}", daemon=True
        )
        made.thread.start()

    def wait(self, request_id: str) -> None:
        """Return when the preparation of a request has ended."""
        found = self._works.get(request_id)
        if found and found.thread:
            found.thread.join()


def _run(made: Preparing, request_id: str, work: Work) -> None:
    """Do the work; however it ends, it is said."""
    cure, told = "see the log, and prepare it again", note("copies.stopped")
    failure: EvidockError | None = StorageError("stopped unexpectedly", subject=request_id, cure=cure, reason=told)
    try:
        work(made.advance)
        failure = None
    except EvidockError as error:
        failure = error
    finally:
        made.failure, made.under_way = failure, False
