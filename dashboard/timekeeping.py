"""This machine's clock, watched for jumps while a home is served; the ledger keeps them."""

from collections.abc import Callable

from config.machine_zone import machine_zone
from config.system_clock import steady_s, synchronisation
from dashboard.logs import LOG
from dashboard.wiring import House, utc_now
from evidence.custody import Entry
from evidence.timekeeping import (
    SUBJECT,
    ClockHealth,
    Jump,
    Reading,
    compare,
    jump_entry,
    jump_of,
    read_together,
    set_back_before,
)
from evidence.views import Library
from evidence.zones import to_utc_iso
from index.upkeep import UpkeepRegister
from ingest.pipeline_stages import MACHINE

EVERY_S = 5.0
"""How often the two clocks are compared."""

LOOKED_BACK = 1000
"""Entries looked at when a start asks whether the clock was set back meanwhile."""

SHOWN_JUMPS = 10


def read_clocks() -> Reading:
    """Read this machine's wall clock and its steady one."""
    return read_together(utc_now, steady_s)


class Timekeeper:
    """Compares the two clocks now and then and records what is no slew; `tick` is a round.

    Attributes:
        append: writes a ledger entry; a jump that it fails with is tried again at the next round.
    """

    def __init__(
        self, library: Library, append: Callable[[Entry], object], read: Callable[[], Reading] = read_clocks
    ) -> None:
        """Begin to watch; a clock that was set back while nobody did is recorded by the first `tick`."""
        self._append = append
        self._read = read
        self._anchor = read()
        newest = reversed(library.ledger(limit=LOOKED_BACK, newest=True))
        set_back = set_back_before(self._anchor.wall, newest)
        self._waiting: list[Jump] = [set_back] if set_back else []

    def tick(self) -> None:
        """Look once.

        Raises:
            EvidockError: a jump cannot be written into the ledger; it waits.
        """
        self._anchor, jump = compare(self._anchor, self._read())
        if jump:
            self._waiting.append(jump)
        while self._waiting:
            found = self._waiting[0]
            self._append(jump_entry(found, MACHINE))
            del self._waiting[0]
            LOG.warning("the system clock jumped", jump_s=found.jump_s, shown=to_utc_iso(found.end))


def timekeeper_of(house: House) -> Timekeeper:
    """Return what watches the clock for a house."""
    return Timekeeper(house.library, UpkeepRegister(house.register).append)


def clock_health(library: Library) -> ClockHealth:
    """Return how this machine's clock stands, with the newest jumps that the ledger keeps."""
    told = library.ledger(subject=SUBJECT, limit=SHOWN_JUMPS, newest=True)
    return ClockHealth(machine_zone(), synchronisation(), tuple(jump_of(entry) for entry in reversed(told)))
