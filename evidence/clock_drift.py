"""How fast a camera's clock runs off, from what docks read of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from evidence.clock_views import ClockReading

DAY_S = 86_400.0
LEAST_S = 6 * 3600.0
"""Two readings closer than this say nothing of a drift: their steps alone would make seconds a day."""

LARGEST_S_PER_DAY = 60.0
"""More than this a day is a jump, not a drift, in seconds."""


@dataclass(frozen=True)
class Drift:
    """What a clock ran off between two readings.

    Attributes:
        since, until: of the two readings, UTC.
        s_per_day: positive: it runs ahead.
        step_s_per_day: how far that may be off by the steps in which the clock was told.
    """

    since: datetime
    until: datetime
    s_per_day: float
    step_s_per_day: float


def latest_drift(readings: Sequence[ClockReading]) -> Drift | None:
    """Return the drift between the last two readings that show one; None when no two do.

    A dock that set the clock left it right; one that does not say so left it as it read it.
    """
    read = [one for one in sorted(readings, key=lambda one: one.at) if one.offset_s is not None]
    for before, after in reversed(list(pairwise(read))):
        days = (after.at - before.at).total_seconds() / DAY_S
        if days * DAY_S < LEAST_S or before.offset_s is None or after.offset_s is None:
            continue
        left_s = 0.0 if before.clock_set else before.offset_s
        drift = (after.offset_s - left_s) / days
        if abs(drift) <= LARGEST_S_PER_DAY:
            return Drift(before.at, after.at, drift, (before.precision_s + after.precision_s) / days)
    return None
