"""Which faults befall which cameras: dealt out over the fleet, so that every kind occurs whatever the seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.support.fleet_clock import DAY_S, HOUR_S, MINUTE_S
from tests.support.fleet_nouns import Fault, FleetStation

ZONES_S = (-2 * HOUR_S, -8 * HOUR_S, 6 * HOUR_S, -6 * HOUR_S)
"""Urumqi, UTC, and a zone set six hours off either way, against Beijing time."""

RESETS = frozenset({Fault.BATTERY, Fault.FIRMWARE})
LASTING = frozenset({Fault.ZONE, Fault.DAY_OFF, Fault.YEAR_OFF})


@dataclass(frozen=True)
class Strike:
    """A fault that befalls a camera on a day, between two of its recordings.

    Attributes:
        place: where among the day's recordings, 0 before the first to 1.
        by_s: what it adds to what the clock shows; unused by resets.
    """

    fault: Fault
    day: int
    place: float
    by_s: float = 0.0


@dataclass
class Lot:
    """What one camera is dealt."""

    strikes: list[Strike] = field(default_factory=list)
    fast_crystal: bool = False
    renamed_share: float = 0.0

    @property
    def is_lasting(self) -> bool:
        """Whether a fault is among it that stays for days."""
        return any(strike.fault in LASTING for strike in self.strikes)


def deal(rng: Random, stations: Sequence[FleetStation], days: int) -> list[Lot]:
    """Return what befalls each camera, given the station each is docked at."""
    lots = [Lot() for _ in stations]
    count = len(stations)
    _deal_lasting(rng, lots, stations, days)
    plain = [number for number in range(count) if not lots[number].is_lasting]
    for fault, share, most in ((Fault.BATTERY, 3, 4), (Fault.FIRMWARE, 6, 2), (Fault.HAND_SET, 6, 2)):
        for number in _some(rng, plain, max(1, count // share)):
            lots[number].strikes += _passing(rng, fault, rng.randint(1, most), days)
    told = [number for number, station in enumerate(stations) if station.writes]
    for number in _some(rng, told, max(1, count // 20)):  # elsewhere nothing at all could tell
        lots[number].fast_crystal = True
    for number in _some(rng, range(count), max(1, count // 8)):
        lots[number].renamed_share = 0.03
    for lot in lots:
        lot.strikes = list({strike.day: strike for strike in lot.strikes}.values())
    return lots


def _some(rng: Random, numbers: Sequence[int] | range, count: int) -> list[int]:
    return rng.sample(list(numbers), k=min(count, len(numbers)))


def _deal_lasting(rng: Random, lots: Sequence[Lot], stations: Sequence[FleetStation], days: int) -> None:
    """Deal wrong zones to cameras at setting docks, wrong days and years to those whose clock no dock sets.

    One wrong zone falls where no dock writes records, late in the month: only steps can tell it.
    """
    recorded = [number for number, station in enumerate(stations) if station.sets and station.writes]
    silent = [number for number, station in enumerate(stations) if station.sets and not station.writes]
    other = [number for number, station in enumerate(stations) if not station.sets]
    count = len(lots)
    first = max(1, days // 3)
    told = _some(rng, recorded, max(1, count // 10 - 1))
    for place, number in enumerate([*told, *_some(rng, silent, 1)]):
        day = rng.randint(1, first) if number in told else max(1, days - 8)
        lots[number].strikes.append(Strike(Fault.ZONE, day, 0.0, ZONES_S[place % len(ZONES_S)]))
    each = max(1, count // 20)
    for place, number in enumerate(_some(rng, other, 2 * each)):
        fault, span_days = (Fault.DAY_OFF, 1) if place % 2 == 0 else (Fault.YEAR_OFF, 365)
        by_s = rng.choice((-1, 1)) * span_days * DAY_S
        lots[number].strikes.append(Strike(fault, rng.randint(1, first), 0.0, by_s))


def _passing(rng: Random, fault: Fault, times: int, days: int) -> Iterator[Strike]:
    for day in rng.sample(range(1, days), k=min(times, days - 1)):
        by_s = rng.choice((-1, 1)) * rng.uniform(MINUTE_S, 40 * MINUTE_S) if fault is Fault.HAND_SET else 0.0
        yield Strike(fault, day, rng.random(), by_s)
