"""A generated fleet of cameras, the adversary of the clock judgement: honest physics, and faults whose truth is known.

Cameras drift, are docked or forgotten, fall back to default dates, are set wrong by hand, carry a wrong zone; files are
renamed, left on cards, copied twice; satellites' fixes are stale, docks write no record; clerks write by another clock.
Nothing here knows how times are judged. The same seed gives the same fleet. Figures it is made with that no manual
states (how often a record is lost, how wrong people set clocks) are named constants of the modules beside this one.

Source: docs/devices.md; GA/T 947 (6.4.17 clock, 0.04 s between segments).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from evidence.cases import Case, Step
from evidence.ids import StationId
from evidence.people import Device
from evidence.zones import BEIJING
from tests.support.fleet_camera import Recorder
from tests.support.fleet_clock import DAY_S, Calendar, CameraClock, make_crystal
from tests.support.fleet_days import plan_days
from tests.support.fleet_faults import Lot, deal
from tests.support.fleet_life import Carrier, Life, Past
from tests.support.fleet_makers import Camera, make_camera
from tests.support.fleet_nouns import (
    CameraFiles,
    Fault,
    Fleet,
    FleetClip,
    FleetStation,
    PlantedShift,
    Scope,
    Side,
)
from tests.support.fleet_people import XINJIANG_S, Desk, assignments_of, carriers_of, officers_of, write_up

FIRST_MONDAY = datetime(2026, 3, 2, tzinfo=BEIJING).astimezone(UTC)
UNIT_SIZE = 5
XINJIANG_UNIT = "unit-1"
"""The unit whose clerks write by Xinjiang's customary time."""

HALLS = (
    FleetStation(StationId("hall-east"), writes=True, sets=True),
    FleetStation(StationId("hall-west"), writes=True, sets=True, keeps_mtime=False, lists_digests=True),
    FleetStation(StationId("hall-south"), writes=True, sets=True, says_set=False, by_name=True),
)
SILENT = FleetStation(StationId("post-silent"), writes=False, sets=True)
READER = FleetStation(StationId("post-reader"), writes=True, sets=False, lists_digests=True)
BARE = FleetStation(StationId("post-bare"), writes=False, sets=False, by_name=True)

BIG_DAYS = 40


@dataclass(frozen=True)
class Lived:
    """A camera after its days."""

    camera: Camera
    station: FleetStation
    carriers: tuple[Carrier, ...]
    past: Past


def station_for(number: int) -> FleetStation:
    """Return where the ``number``-th camera is docked: of twenty, 13 at full docks, 3 silent, 3 readers, 1 bare."""
    special = {4: SILENT, 12: SILENT, 18: SILENT, 2: READER, 13: READER, 16: READER, 19: BARE}
    return special.get(number % 20, HALLS[number % len(HALLS)])


def make_fleet(seed: int, *, cameras: int = 40, days: int = 30) -> Fleet:
    """Return a fleet of that many cameras over that many days, from a Monday on."""
    calendar = Calendar(FIRST_MONDAY + timedelta(weeks=seed % 26))
    stations = [station_for(number) for number in range(cameras)]
    lots = deal(Random(f"faults/{seed}"), stations, days)
    lived = [_live(seed, number, lot, calendar, days) for number, lot in enumerate(lots)]
    cases, steps = _write_up(seed, lived, calendar)
    clips = sorted((clip for one in lived for clip in one.past.clips), key=lambda clip: (clip.received_at, clip.digest))
    dockings = sorted(
        (d for one in lived for d in one.past.dockings), key=lambda d: (d.received_at, d.record.device_id)
    )
    return Fleet(
        clips=tuple(clips),
        dock_records=tuple(dockings),
        stations=(*HALLS, SILENT, READER, BARE),
        station_of={one.camera.device_id: one.station for one in lived},
        officers=tuple(officer for one in lived for officer in officers_of(one.carriers, one.camera.unit)),
        devices=tuple(_device(one.camera) for one in lived),
        assignments=tuple(a for one in lived for a in assignments_of(one.camera.device_id, one.carriers, calendar)),
        cases=tuple(cases),
        steps=tuple(steps),
        resets=tuple(reset for one in lived for reset in one.past.resets),
        shifts=(*(shift for one in lived for shift in one.past.shifts), *_clerks_shift(clips)),
        renames=tuple(rename for one in lived for rename in one.past.renames),
        jumps=tuple(jump for one in lived for jump in one.past.jumps),
    )


def make_big(seed: int, clips: int) -> Iterator[CameraFiles]:
    """Return cameras one by one, without faults and at full docks, until they hold that many files."""
    calendar = Calendar(FIRST_MONDAY)
    left = clips
    number = 0
    while left > 0:
        one = _live(seed, number, Lot(), calendar, BIG_DAYS, station=HALLS[0])
        files = sorted(one.past.clips, key=lambda clip: (clip.received_at, clip.digest))[:left]
        yield CameraFiles(
            one.camera.device_id, tuple(files), tuple(d.record for d in one.past.dockings), docks_set=True
        )
        left -= len(files)
        number += 1


def _live(
    seed: int, number: int, lot: Lot, calendar: Calendar, days: int, *, station: FleetStation | None = None
) -> Lived:
    """Let one camera live; what befalls it depends on the seed and its own number alone."""
    rng = Random(f"camera/{seed}/{number}")
    camera = make_camera(rng, number, f"unit-{number // UNIT_SIZE}")
    carriers = carriers_of(rng, number, days)
    clock = CameraClock(make_crystal(rng, beyond_standard=lot.fast_crystal), -DAY_S, rng.uniform(-20.0, 20.0))
    recorder = Recorder(seed, camera, clock, rng, lot.renamed_share)
    where = station or station_for(number)
    life = Life(recorder, where, carriers, calendar, rng, Fault.CRYSTAL if lot.fast_crystal else None)
    return Lived(camera, where, carriers, life.live(plan_days(rng, days), lot.strikes))


def _write_up(seed: int, lived: Sequence[Lived], calendar: Calendar) -> tuple[list[Case], list[Step]]:
    units: dict[str, list[Lived]] = defaultdict(list)
    for one in lived:
        units[one.camera.unit].append(one)
    cases: list[Case] = []
    steps: list[Step] = []
    for unit, members in units.items():
        shift_s = XINJIANG_S if unit == XINJIANG_UNIT else 0.0
        desk = Desk(unit, tuple(carrier.officer_id for one in members for carrier in one.carriers), shift_s)
        visits = [visit for one in members for visit in one.past.visits]
        written = write_up(Random(f"desk/{seed}/{unit}"), desk, visits, calendar)
        cases += written[0]
        steps += written[1]
    return cases, steps


def _clerks_shift(clips: Sequence[FleetClip]) -> Iterator[PlantedShift]:
    digests = tuple(clip.digest for clip in clips if clip.unit == XINJIANG_UNIT)
    if digests:
        yield PlantedShift(None, Scope.UNIT, XINJIANG_UNIT, XINJIANG_S, digests, side=Side.STEPS)


def _device(camera: Camera) -> Device:
    return Device(camera.device_id, camera.maker.model, camera.maker.naming.value, camera.unit, f"SN{camera.device_id}")
