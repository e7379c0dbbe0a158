"""The generated fleet is honest: its truth hangs together, and it states what real readers would."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from itertools import pairwise
from random import Random

import pytest

from config.law_packs import default_pack
from evidence.cases import Step
from evidence.claims import ClaimSource
from evidence.clips import Kind
from tests.support.fleet import XINJIANG_UNIT, make_big, make_fleet
from tests.support.fleet_clock import DAY_S, make_crystal
from tests.support.fleet_nouns import Fault, Fleet, FleetClip, Scope, Side

SEEDS = (1, 2)
FROM_PATH = {ClaimSource.FILE_NAME, ClaimSource.FOLDER, ClaimSource.MTIME, ClaimSource.ARRIVAL}
CAMERAS_CLOCK = {ClaimSource.FILE_NAME, ClaimSource.ONSCREEN}

fleet_of = cache(make_fleet)


@pytest.fixture(scope="module", params=SEEDS)
def fleet(request: pytest.FixtureRequest) -> Fleet:
    """Return a fleet of full size."""
    return fleet_of(request.param)


def by_device(fleet: Fleet) -> dict[str, list[FleetClip]]:
    """Return each camera's clips in the order they were made."""
    clips: dict[str, list[FleetClip]] = defaultdict(list)
    for clip in sorted(fleet.clips, key=lambda clip: clip.true_start):
        clips[clip.device_id].append(clip)
    return clips


def shown_minus_real_s(clip: FleetClip, source: ClaimSource = ClaimSource.FILE_NAME) -> float:
    """Return how far a claim lies from the real press."""
    at = next(claim.at for claim in clip.claims if claim.source is source)
    assert at is not None
    return (at - clip.press_at).total_seconds()


def test_the_same_seed_gives_the_same_fleet() -> None:
    """A figure that somebody measured can be measured again; another seed is another fleet."""
    assert make_fleet(7, cameras=6, days=8) == make_fleet(7, cameras=6, days=8)
    assert make_fleet(7, cameras=6, days=8).clips != make_fleet(8, cameras=6, days=8).clips


def test_a_fleet_has_its_size(fleet: Fleet) -> None:
    """Forty cameras over thirty days, two to fourteen recordings a working day."""
    days = {(clip.device_id, clip.true_start.date()) for clip in fleet.clips}
    assert len(by_device(fleet)) == 40
    assert len({day for _, day in days}) >= 30
    assert 5 < len(fleet.clips) / len(days) < 40


def test_no_two_files_of_a_camera_overlap(fleet: Fleet) -> None:
    """A camera does one thing at a time, in truth."""
    for clips in by_device(fleet).values():
        for earlier, later in pairwise(clips):
            assert earlier.true_start + timedelta(seconds=earlier.duration_s - 0.001) <= later.true_start


def test_nothing_arrives_before_it_ended(fleet: Fleet) -> None:
    """Every arrival lies after the end of the recording, and each file has a digest of its own."""
    for clip in fleet.clips:
        assert clip.received_at == min(clip.arrivals)
        assert clip.received_at > clip.true_start + timedelta(seconds=clip.duration_s)
    assert len({clip.digest for clip in fleet.clips}) == len(fleet.clips)


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_occurs(fault: Fault) -> None:
    """Whatever the seed, each kind of fault touches some files."""
    assert all(any(clip.fault is fault for clip in fleet_of(seed).clips) for seed in SEEDS)


def test_resets_stand_between_two_files(fleet: Fleet) -> None:
    """A reset names the neighbours in truth, and the files after it show a clock that is years off."""
    clips = by_device(fleet)
    assert len(fleet.resets) >= 20
    for reset in fleet.resets:
        order = [clip.digest for clip in clips[reset.device_id]]
        first = order.index(reset.after)
        assert (order[first - 1] if first else None) == reset.before
        assert tuple(order[first : first + len(reset.clips)]) == reset.clips
        for clip in clips[reset.device_id][first : first + len(reset.clips)]:
            assert clip.fault is reset.fault
            assert shown_minus_real_s(clip) < -300 * DAY_S


def test_jumps_are_all_there(fleet: Fleet) -> None:
    """Every reset is a jump of the clock, and so is the start of every shift that lasts."""
    jumps = {(jump.before, jump.after) for jump in fleet.jumps}
    assert {(reset.before, reset.after) for reset in fleet.resets} <= jumps
    after = {jump.after for jump in fleet.jumps}
    lasting = [shift for shift in fleet.shifts if shift.systematic and shift.side is Side.CLOCK]
    assert lasting
    first = {clips[0].digest for clips in by_device(fleet).values()}
    assert {shift.clips[0] for shift in lasting} <= after | first


def test_shifts_shift_what_they_say(fleet: Fleet) -> None:
    """Each file under a planted shift shows a clock that is off by it, within drift, setting and buffer."""
    clips = {clip.digest: clip for clip in fleet.clips}
    touched = [shift for shift in fleet.shifts if shift.side is Side.CLOCK]
    assert {shift.fault for shift in touched} == {Fault.ZONE, Fault.DAY_OFF, Fault.YEAR_OFF, Fault.HAND_SET}
    for shift in touched:
        for digest in shift.clips:
            apart_s = shown_minus_real_s(clips[digest]) - shift.shift_s
            assert -62 - 120 < apart_s < 120


def test_what_is_docked_daily_lies_between_two_readings(fleet: Fleet) -> None:
    """A record with the camera's clock exists within 24 hours on either side."""
    read_at = defaultdict(list)
    for docking in fleet.dock_records:
        if docking.record.device_time is not None:
            read_at[docking.record.device_id].append(docking.record.dock_time)
    daily = [clip for clip in fleet.clips if clip.docked_daily]
    assert len(daily) > len(fleet.clips) / 4
    for clip in daily:
        near = [(moment - clip.true_start).total_seconds() for moment in read_at[clip.device_id]]
        assert any(-DAY_S <= apart_s <= 0 for apart_s in near)
        assert any(clip.duration_s <= apart_s <= clip.duration_s + DAY_S for apart_s in near)


def test_docks_read_what_the_clock_showed(fleet: Fleet) -> None:
    """At a dock that sets clocks, a camera without fault is off by its drift since then; no record is read late."""
    sound = set(by_device(fleet)) - {clip.device_id for clip in fleet.clips if clip.fault}
    offsets = [
        abs(docking.record.offset_s)
        for docking in fleet.dock_records[len(fleet.station_of) :]
        if docking.record.device_id in sound and docking.record.clock_set and docking.record.offset_s is not None
    ]
    assert offsets
    assert max(offsets) < 7 * 3.7 + 2


def test_some_witnesses_are_missing(fleet: Fleet) -> None:
    """There are docks that write nothing, records without the camera's clock, and docks that set nothing."""
    with_records = {docking.station for docking in fleet.dock_records}
    used = set(fleet.station_of.values())
    assert {station.station for station in used} - with_records
    assert any(docking.record.device_time is None for docking in fleet.dock_records)
    assert {docking.record.clock_set for docking in fleet.dock_records} == {True, False, None}
    assert any(not station.sets and not station.writes for station in used)


def test_files_come_late_and_twice(fleet: Fleet) -> None:
    """Some files stay on the card for a day, some come in a second time with the same bytes."""
    assert any(len(clip.arrivals) == 2 for clip in fleet.clips)
    lists = Counter(file.name for docking in fleet.dock_records for file in docking.record.files)
    assert max(lists.values()) >= 2


def test_counters_rise(fleet: Fleet) -> None:
    """A camera's counter rises by one with each file, wraps after 9999, and begins anew when a card is formatted."""
    steps: Counter[int] = Counter()
    for clips in by_device(fleet).values():
        counts = [clip.sequence for clip in clips if clip.sequence is not None]
        steps.update(later - earlier for earlier, later in pairwise(counts))
    assert all(step == 1 or step < 0 for step in steps)
    assert steps[1 - 9999] >= 1
    assert sum(steps.values()) - steps[1] < 100


def filmed_share(fleet: Fleet, steps: Sequence[Step], shift_s: float) -> float:
    """Return how many of the steps begin within six minutes of their officer's footage, put later by ``shift_s``."""
    spans = defaultdict(list)
    for clip in fleet.clips:
        begun = clip.true_start - timedelta(minutes=6)
        spans[clip.officer_id].append((begun, clip.true_start + timedelta(seconds=clip.duration_s)))
    shifted = [(step.officers[0], step.started_at + timedelta(seconds=shift_s)) for step in steps]
    return sum(any(begun <= at <= ended for begun, ended in spans[who]) for who, at in shifted) / len(steps)


def test_steps_tell_a_shift(fleet: Fleet) -> None:
    """Steps lie in their officer's footage; those of the unit that writes Xinjiang time lie two hours before it."""
    unit_of = {officer.officer_id: officer.unit for officer in fleet.officers}
    rules = default_pack().rules
    for unit, as_written, shifted in ((XINJIANG_UNIT, (0.0, 0.7), (0.85, 1.0)), ("unit-3", (0.85, 1.0), (0.0, 0.7))):
        own = [step for step in fleet.steps if unit_of[step.officers[0]] == unit]
        assert all(step.procedure in rules and step.ended_at > step.started_at for step in own)
        for shift_s, (least, most) in ((0.0, as_written), (7200.0, shifted)):
            assert least <= filmed_share(fleet, own, shift_s) <= most
    assert [shift.target for shift in fleet.shifts if shift.scope is Scope.UNIT] == [XINJIANG_UNIT]


def test_people_hold_together(fleet: Fleet) -> None:
    """Who carried a camera by the register is whom its clips name, and every step belongs to a case."""
    held = defaultdict(list)
    for assignment in fleet.assignments:
        held[assignment.device_id].append(assignment)
    for clip in fleet.clips:
        assert [a.officer_id for a in held[clip.device_id] if a.holds_at(clip.true_start)] == [clip.officer_id]
    assert len({case.case_no for case in fleet.cases}) == len(fleet.cases)
    assert {step.case_no for step in fleet.steps} <= {case.case_no for case in fleet.cases}
    assert len({(step.case_no, step.step_no) for step in fleet.steps}) == len(fleet.steps)


def test_crystals_keep_to_the_standard() -> None:
    """A crystal runs off at most three seconds a day and its swing, and a planted fast one beyond that."""
    rng = Random(3)
    for _ in range(200):
        within = make_crystal(rng, beyond_standard=False)
        beyond = make_crystal(rng, beyond_standard=True)
        for day in range(30):
            assert abs(within.gain_s(day * DAY_S, (day + 1) * DAY_S)) <= 3.7 + 1e-9
            assert abs(beyond.gain_s(day * DAY_S, (day + 1) * DAY_S)) > 3.7


def test_a_big_fleet_is_plain_and_of_size() -> None:
    """It gives exactly as many files as asked for, no digest twice, none with a fault."""
    cameras = list(make_big(1, 2500))
    clips = [clip for camera in cameras for clip in camera.clips]
    assert len(clips) == len({clip.digest for clip in clips}) == 2500
    assert {clip.fault for clip in clips} <= {None, Fault.STALE_GPS}
    assert {clip.kind for clip in clips} == {Kind.VIDEO, Kind.AUDIO, Kind.PHOTO}
