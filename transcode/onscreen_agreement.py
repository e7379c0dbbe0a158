"""Do several readings of an on-screen clock agree: it must go on as the media goes on, or no time is taken from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from evidence.notes import Note, note

STEP_S = 1.0
"""Step of an on-screen clock: a fraction of a second, where one is shown, is not relied upon."""

LEAST_FRAMES = 3
RATE_FRAMES = 4
LEAST_ADVANCE_S = 2.0
"""A clock must be seen to go on for so long: a date on a wall does not."""

_SLACK_S = 0.05
_STILL = 0.02


@dataclass(frozen=True)
class Reading:
    """What one frame's clock says.

    Attributes:
        media_s: the frame's place in the file; at: the moment it shows, UTC.
    """

    media_s: float
    at: datetime


@dataclass(frozen=True)
class Start:
    """When the file begins: at ``at`` at the earliest, ``width_s`` later at the latest."""

    at: datetime
    width_s: float


def agree(readings: Sequence[Reading]) -> Start | Note:
    """Return the start all readings agree on, or why none can be taken.

    A clock that shows ``r`` at media time ``m`` puts the start into [r − m, r − m + step); all such intervals must
    meet. One reading that is out is enough to take none: it may be the clock that was set while recording.
    """
    if len(readings) < LEAST_FRAMES:
        return note("intake.onscreen_unreadable", frames=len(readings), needed=LEAST_FRAMES)
    starts = [reading.at - timedelta(seconds=reading.media_s) for reading in readings]
    earliest, latest = max(starts), min(starts) + timedelta(seconds=STEP_S)
    advance_s = (max(r.at for r in readings) - min(r.at for r in readings)).total_seconds()
    if (earliest - latest).total_seconds() > _SLACK_S:
        return _disagreement(readings)
    if advance_s < LEAST_ADVANCE_S:
        return note("intake.onscreen_too_short", advance_s=advance_s)
    low, high = sorted((earliest, latest))
    return Start(low, round((high - low).total_seconds(), 3))


def _disagreement(readings: Sequence[Reading]) -> Note:
    """Say how readings disagree: the clock stands still, runs at a rate of its own, or jumps."""
    rate = _rate(readings)
    if rate is None:
        return note("intake.onscreen_disagrees", frames=len(readings))
    if abs(rate) < _STILL:
        return note("intake.onscreen_stands_still", frames=len(readings))
    return note("clock.onscreen_rate", ratio=round(rate, 3))


def _rate(readings: Sequence[Reading]) -> float | None:
    """Return how many seconds the clock goes on per second of media; None where it does not go evenly."""
    first = readings[0].at
    points = [(r.media_s, (r.at - first).total_seconds()) for r in readings]
    if len({shown for _, shown in points}) == 1:
        return 0.0
    mean_m, mean_r = (sum(column) / len(points) for column in zip(*points, strict=True))
    spread = sum((m - mean_m) ** 2 for m, _ in points)
    if len(points) < RATE_FRAMES or not spread:
        return None
    rate = sum((m - mean_m) * (r - mean_r) for m, r in points) / spread
    worst = max(abs(r - mean_r - rate * (m - mean_m)) for m, r in points)
    return rate if rate > 0 and worst <= STEP_S else None
