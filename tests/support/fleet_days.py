"""What officers do with cameras: working days, site visits, what they record, and when the camera is put in a dock.

Source: docs/devices.md (offices in Xinjiang work about 10:00–14:00 and 16:00–20:00 Beijing time).
"""

from dataclasses import dataclass
from random import Random

from evidence.clips import Kind
from tests.support.fleet_clock import DAY_S, HOUR_S, MINUTE_S

WEEK_DAYS = 7
WEEKEND = 5
OPENS_S = 10 * HOUR_S
CLOSES_S = 19.5 * HOUR_S
FEWEST, MOST = 2, 14


@dataclass(frozen=True)
class Take:
    """One use of the button, in real seconds since the first midnight; a photo stops when it starts."""

    kind: Kind
    press_s: float
    stop_s: float
    starts_visit: bool = False


@dataclass(frozen=True)
class DayPlan:
    """A day of one camera.

    Attributes:
        works: something is recorded.
        docks: the camera is put in the dock after it (in the evening, or on the next morning).
    """

    works: bool
    docks: bool


def plan_days(rng: Random, days: int) -> list[DayPlan]:
    """Return the days from a Monday on: weekends, days it is forgotten, and field trips of up to six days."""
    plans = [_plan_day(rng, day) for day in range(days)]
    for _ in range(rng.choice((0, 1, 1, 2))):
        first = rng.randrange(max(1, days - 6))
        last = min(days - 1, first + rng.randint(1, 5))
        for day in range(first, last + 1):
            plans[day] = DayPlan(works=True, docks=day == last)
    plans[-1] = DayPlan(works=plans[-1].works, docks=True)
    return plans


def _plan_day(rng: Random, day: int) -> DayPlan:
    if day % WEEK_DAYS >= WEEKEND:
        return DayPlan(works=rng.random() < 0.12, docks=False)
    return DayPlan(works=rng.random() < 0.92, docks=rng.random() < 0.94)


def takes_of_day(rng: Random, day: int) -> list[Take]:
    """Return what is recorded on a working day, in order: visits, and what is taken beside them."""
    count = rng.randint(FEWEST, MOST)
    visits = set(rng.sample(range(count), k=min(4, max(1, round(count / 4)))))
    cursor_s = day * DAY_S + OPENS_S + rng.uniform(0, 40 * MINUTE_S)
    takes: list[Take] = []
    for number in range(count):
        take = _visit(rng, cursor_s) if number in visits else _aside(rng, cursor_s)
        if take.stop_s > day * DAY_S + CLOSES_S:
            break
        takes.append(take)
        cursor_s = take.stop_s
    return takes


def _visit(rng: Random, free_s: float) -> Take:
    press_s = free_s + rng.uniform(15, 60) * MINUTE_S
    return Take(Kind.VIDEO, press_s, press_s + rng.uniform(12, 70) * MINUTE_S, starts_visit=True)


def _aside(rng: Random, free_s: float) -> Take:
    press_s = free_s + rng.choice((rng.uniform(5, 90), rng.uniform(1, 15) * MINUTE_S))
    kind = rng.choices((Kind.VIDEO, Kind.PHOTO, Kind.AUDIO), (75, 15, 10))[0]
    length_s = {Kind.VIDEO: rng.uniform(20, 480), Kind.PHOTO: 0.0, Kind.AUDIO: rng.uniform(60, 1200)}[kind]
    return Take(kind, press_s, press_s + length_s)
