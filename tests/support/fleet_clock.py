"""A camera's clock as physics has it: a crystal that runs off, a zone, and people and docks that set it.

Moments are seconds since the fleet's first midnight (Beijing), real or as a clock shows them: names say which.
Source: GA/T 947, 6.4.17 (3 s a day); docs/devices.md (dates after a reset).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import cos, pi
from random import Random

from evidence.zones import BEIJING

DAY_S = 86_400.0
HOUR_S = 3600.0
MINUTE_S = 60.0

STANDARD_S_PER_DAY = 3.0
WOBBLE_S_PER_DAY = 0.7

DEFAULT_DATES = tuple(datetime(year, 1, 1, tzinfo=BEIJING) for year in (1970, 1980, 2000, 2010, 2012, 2015, 2016))
"""Wall clocks that cameras start from when their battery ran flat."""

FIRMWARE_DATES = (
    datetime(2018, 7, 3, 9, 0, tzinfo=BEIJING),
    datetime(2021, 3, 18, 0, 0, tzinfo=BEIJING),
    datetime(2023, 8, 15, 12, 0, tzinfo=BEIJING),
)


@dataclass(frozen=True)
class Crystal:
    """How fast a clock runs off real time: constant, and a slow swing with the temperature.

    Attributes:
        rate_s_per_day: positive: it runs ahead.
        wobble_s_per_day: height of the swing.
        period_s, phase_rad: of the swing.
    """

    rate_s_per_day: float
    wobble_s_per_day: float
    period_s: float
    phase_rad: float

    def gain_s(self, begin_s: float, end_s: float) -> float:
        """Return how far the clock runs off between two real moments, in seconds."""
        turn = 2 * pi / self.period_s
        swing = (cos(self.phase_rad + turn * begin_s) - cos(self.phase_rad + turn * end_s)) / turn
        return (self.rate_s_per_day * (end_s - begin_s) + self.wobble_s_per_day * swing) / DAY_S


def make_crystal(rng: Random, *, beyond_standard: bool) -> Crystal:
    """Return a crystal within the standard's 3 s a day, or one of 6 to 12 s a day."""
    rate = rng.uniform(6.0, 12.0) * rng.choice((-1, 1)) if beyond_standard else rng.gauss(0.0, 1.3)
    if not beyond_standard:
        rate = max(-STANDARD_S_PER_DAY, min(STANDARD_S_PER_DAY, rate))
    wobble = rng.uniform(0.1, WOBBLE_S_PER_DAY)
    return Crystal(rate, wobble, rng.uniform(4.0, 12.0) * DAY_S, rng.uniform(0.0, 2 * pi))


@dataclass
class CameraClock:
    """A clock that was last set at a real moment, by how much it was ahead then, and the zone it is told in.

    Attributes:
        zone_s: what the camera's zone adds to what it shows; 0 for Beijing time.
    """

    crystal: Crystal
    set_s: float
    set_ahead_s: float
    zone_s: float = field(default=0.0)

    def base_s(self, real_s: float) -> float:
        """Return what the clock would show at a real moment with its zone at Beijing time."""
        return real_s + self.set_ahead_s + self.crystal.gain_s(self.set_s, real_s)

    def shown_s(self, real_s: float) -> float:
        """Return what the clock shows at a real moment, finer than it tells."""
        return self.base_s(real_s) + self.zone_s

    def set_ahead(self, real_s: float, ahead_s: float) -> None:
        """Set it to real time plus ``ahead_s`` (the zone comes on top)."""
        self.set_s, self.set_ahead_s = real_s, ahead_s

    def fall_to(self, real_s: float, shown_s: float) -> None:
        """Let it show ``shown_s`` now and run on from there."""
        self.set_ahead(real_s, shown_s - self.zone_s - real_s)


@dataclass(frozen=True)
class Calendar:
    """Turns seconds since the fleet's first midnight into times; ``origin`` is that midnight, UTC."""

    origin: datetime

    def at(self, moment_s: float) -> datetime:
        """Return a moment as UTC, to the microsecond."""
        return self.origin + timedelta(seconds=moment_s)

    def second(self, moment_s: float) -> datetime:
        """Return a moment as UTC, in whole seconds as clocks tell them."""
        return self.origin + timedelta(seconds=moment_s // 1)

    def seconds_of(self, moment: datetime) -> float:
        """Return a time as seconds since the first midnight."""
        return (moment - self.origin).total_seconds()

    def wall(self, moment_s: float) -> datetime:
        """Return a shown moment as a Beijing wall clock in whole seconds."""
        return self.second(moment_s).astimezone(BEIJING)
