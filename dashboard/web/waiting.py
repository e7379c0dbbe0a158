"""How many suspected shifts wait, for the menu of every page: counted once a minute at most, never on a page's time."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from evidence.clock import Proposal
from evidence.ports import WallClock

FRESH_FOR = timedelta(seconds=60)


class WaitingShifts:
    """Keeps the last list of proposals; what is older than a minute is shown once more while it is asked for anew."""

    def __init__(self, ask: Callable[[], Sequence[Proposal]], clock: WallClock) -> None:
        """Ask nothing yet."""
        self._ask = ask
        self._clock = clock
        self._asked_at: datetime | None = None
        self._count = 0
        self._asking = threading.Lock()

    def count(self) -> int:
        """Return how many wait, as counted last."""
        if self._asked_at is None:
            return len(self.now())
        fresh = timedelta(0) <= self._clock() - self._asked_at < FRESH_FOR
        if not fresh and self._asking.acquire(blocking=False):
            threading.Thread(target=self._ask_anew, name="evidock-shifts", daemon=True).start()
        return self._count

    def now(self) -> Sequence[Proposal]:
        """Return the proposals as they are at this moment."""
        at = self._clock()
        found = self._ask()
        self._count, self._asked_at = len(found), at
        return found

    def _ask_anew(self) -> None:
        try:
            self.now()
        finally:
            self._asking.release()
