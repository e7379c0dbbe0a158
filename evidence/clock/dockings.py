"""The moments at which a camera stood in a dock: what its clock showed there, and what is known of it afterwards.

A dock that writes a record says both. Of one that writes none only the arrival of the files is known; whether it set
the camera's clock is then the bureau's own knowledge of its docks (``[dock] sets_clocks``), and an assumption.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evidence.clock.offsets import DAY_S, Anchor, Bounds, middle
from evidence.clock.readings import TOLERANCE_S
from evidence.clock.statement import QUARTER_S
from evidence.docking import DockRecord

COPYING_S = 12 * 3600.0
"""Files that arrive within this after a dock's record came out of that docking, in seconds."""

APART_S = 2 * 3600.0
"""Files whose arrivals lie no further apart than this came out of one docking, in seconds."""

LATENCY_S = 0.5
"""How long before or after its own time a dock may read or set a camera's clock, in seconds."""

SET_S = 0.75
"""How far off a camera's clock may be right after a dock set it to a whole second, in seconds."""

ASSUMED_S = 1.5
"""How far off a clock may be that a dock is only thought to have set, in seconds."""


@dataclass(frozen=True, slots=True)
class Docking:
    """One stay in a dock.

    Attributes:
        at: when it began, seconds since 1970.
        read: bounds of the camera's offset when the dock read its clock; None when it did not.
        was_set: the dock set the clock afterwards; None when nobody says.
        recorded: a dock's record tells of it; else only files arrived.
    """

    at: float
    read: Bounds | None = None
    was_set: bool | None = None
    recorded: bool = False

    def before(self) -> Anchor | None:
        """Return what is known of the clock up to here."""
        return Anchor(self.at, self.read) if self.read is not None else None

    def after(self, *, docks_set: bool) -> tuple[Anchor, ...]:
        """Return what may be known of the clock from here on, the likeliest first; nothing when it just ran on."""
        right = Anchor(self.at, (-SET_S, SET_S))
        unchanged = (Anchor(self.at, self.read),) if self.read is not None else ()
        if self.was_set:
            return (right, *self._but_for_its_zone(), *unchanged)
        if self.was_set is None and docks_set:
            return (Anchor(self.at, (-ASSUMED_S, ASSUMED_S), firm=False), *self._but_for_its_zone(), *unchanged)
        return unchanged

    def _but_for_its_zone(self) -> tuple[Anchor, ...]:
        """Return a clock that was set right and yet shows another zone's time, by what was read before it was set."""
        zone_s = zone_of(middle(self.read)) if self.read is not None else None
        return () if zone_s is None else (Anchor(self.at, (zone_s - ASSUMED_S, zone_s + ASSUMED_S)),)


def zone_of(off_s: float) -> float | None:
    """Return the zone that a clock so far off shows, but for its drift, in seconds; None when it shows none."""
    zone_s = round(off_s / QUARTER_S) * QUARTER_S
    if abs(zone_s) < QUARTER_S or abs(zone_s) > DAY_S or abs(off_s - zone_s) > TOLERANCE_S:
        return None
    return zone_s


def dockings_of(records: Iterable[DockRecord], arrivals: Iterable[float]) -> list[Docking]:
    """Return the dockings of a camera in order of time.

    Args:
        records: what docks wrote about it.
        arrivals: when its files came, seconds since 1970.
    """
    known = sorted((recorded(record) for record in records), key=lambda docking: docking.at)
    unrecorded = (Docking(first) for first, last in sessions(arrivals) if not covers(known, first, last))
    return sorted([*known, *unrecorded], key=lambda docking: docking.at)


def recorded(record: DockRecord) -> Docking:
    """Return the docking a record tells of."""
    at, offset_s = record.dock_time.timestamp(), record.offset_s
    if offset_s is None:
        return Docking(at, None, record.clock_set, recorded=True)
    # the camera showed the whole second it was in, and was asked a moment before or after the dock noted its own
    read = (offset_s - LATENCY_S, offset_s + record.precision_s + LATENCY_S)
    return Docking(at, read, record.clock_set, recorded=True)


def sessions(arrivals: Iterable[float]) -> list[tuple[float, float]]:
    """Return first and last arrival of each stay."""
    stays: list[tuple[float, float]] = []
    for at in sorted(arrivals):
        if stays and at - stays[-1][1] <= APART_S:
            stays[-1] = (stays[-1][0], at)
        else:
            stays.append((at, at))
    return stays


def covers(known: Sequence[Docking], first: float, last: float) -> bool:
    """Whether a record tells of the stay whose files arrived from ``first`` to ``last``."""
    return any(first - COPYING_S <= docking.at <= last for docking in known)
