"""Readings of footage past its page: each goes into the ledger once a minute, however many pieces it is read in."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from evidence.ids import Digest
from evidence.ports import WallClock

ONE_READING = timedelta(minutes=1)
REMEMBERED = 4096


class Viewings:
    """Records that somebody reads a clip; a player's next pieces within a minute belong to the same reading.

    The minute runs from the entry and is not drawn out by further pieces, so a long reading leaves an entry a minute.
    When more than `REMEMBERED` readings are under way, the oldest is forgotten: an entry too many, never one too few.
    """

    def __init__(self, record: Callable[[Digest, str], None], clock: WallClock) -> None:
        """Write with ``record`` and tell the time by ``clock``."""
        self._record = record
        self._clock = clock
        self._lock = Lock()
        self._written: OrderedDict[tuple[str, Digest], datetime] = OrderedDict()

    def note(self, digest: Digest, actor: str) -> None:
        """Return when the reading is in the ledger; what cannot be written is raised and not remembered.

        The lock spans the writing, so that no piece of a reading is sent before its entry stands.
        """
        with self._lock:
            now = self._clock()
            if self._is_under_way((actor, digest), now):
                return
            self._record(digest, actor)
            self._remember((actor, digest), now)

    def _is_under_way(self, reading: tuple[str, Digest], now: datetime) -> bool:
        written = self._written.get(reading)
        return written is not None and timedelta() <= now - written < ONE_READING  # a clock set back begins anew

    def _remember(self, reading: tuple[str, Digest], now: datetime) -> None:
        self._written[reading] = now
        self._written.move_to_end(reading)
        while len(self._written) > REMEMBERED:
            self._written.popitem(last=False)
