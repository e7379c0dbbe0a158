"""Who carries the cameras of a generated fleet, and what the clerks write down of their visits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from evidence.cases import Case, Step
from evidence.ids import CaseNo, DeviceId, OfficerId, StepNo
from evidence.people import Assignment, Officer
from tests.support.fleet_clock import HOUR_S, MINUTE_S, Calendar
from tests.support.fleet_life import Carrier, Visit

PROCEDURES = ("SITE_CHECK", "SITE_CHECK", "SITE_SURVEY", "SAMPLING", "SEIZE", "SVC_LIEN", "RECTIFY_CHECK")
XINJIANG_S = -2 * HOUR_S
"""What a clerk by Xinjiang's customary time writes, against Beijing time."""

WRITTEN_SHARE = 0.85
UNFILMED_SHARE = 0.05
CHANGES_HANDS_SHARE = 0.12
PARTNER_SHARE = 0.4


@dataclass(frozen=True)
class Desk:
    """How a unit writes: its name, the partners of each officer, and what its clerks' clock adds to real time."""

    unit: str
    colleagues: tuple[OfficerId, ...]
    shift_s: float = 0.0


def carriers_of(rng: Random, number: int, days: int) -> tuple[Carrier, ...]:
    """Return who carries the ``number``-th camera; now and then it changes hands in the middle of the month."""
    first = Carrier(OfficerId(f"ZF{2 * number:04}"), f"F{2 * number:05}")
    if rng.random() >= CHANGES_HANDS_SHARE:
        return (first,)
    return first, Carrier(OfficerId(f"ZF{2 * number + 1:04}"), f"F{2 * number + 1:05}", days // 2)


def officers_of(carriers: Sequence[Carrier], unit: str) -> Iterator[Officer]:
    """Return the officers as the roster has them."""
    for carrier in carriers:
        yield Officer(carrier.officer_id, f"officer {carrier.code}", unit, short_codes=(carrier.code,))


def assignments_of(device_id: DeviceId, carriers: Sequence[Carrier], calendar: Calendar) -> Iterator[Assignment]:
    """Return who carried the camera when, as the register has it; handed over at midnight."""
    starts = [calendar.origin + timedelta(days=carrier.from_day or -30) for carrier in carriers]
    for carrier, start, end in zip(carriers, starts, [*starts[1:], None], strict=True):
        yield Assignment(device_id, carrier.officer_id, start, end)


def write_up(rng: Random, desk: Desk, visits: Sequence[Visit], calendar: Calendar) -> tuple[list[Case], list[Step]]:
    """Return the cases and steps a unit's clerks write of its visits, and of some that nobody filmed."""
    cases: list[Case] = []
    steps: list[Step] = []
    open_cases: dict[OfficerId, list[Case]] = {}
    for visit in visits:
        if rng.random() > WRITTEN_SHARE:
            continue
        if not open_cases.get(visit.officer_id):
            cases.append(_case(desk, len(cases), calendar.at(visit.press_s)))
            open_cases[visit.officer_id] = [cases[-1]] * rng.randint(1, 3)
        case = open_cases[visit.officer_id].pop()
        steps.append(_step(rng, desk, case, visit, calendar, number=len(steps)))
        if rng.random() < UNFILMED_SHARE:
            unfilmed = replace(visit, press_s=visit.stop_s + 2 * HOUR_S, stop_s=visit.stop_s + 3 * HOUR_S)
            steps.append(_step(rng, desk, case, unfilmed, calendar, number=len(steps)))
    return cases, steps


def _case(desk: Desk, number: int, opened_at: datetime) -> Case:
    case_no = CaseNo(f"{desk.unit}-{number:04}")
    return Case(case_no, f"site visits {number}", "检查", desk.unit, opened_at)


def _step(rng: Random, desk: Desk, case: Case, visit: Visit, calendar: Calendar, *, number: int) -> Step:
    """Return a step whose true window lies inside the visit's footage, written to the minute by a person."""
    length_s = visit.stop_s - visit.press_s
    begun_s = visit.press_s + rng.uniform(30, 180)
    ended_s = visit.stop_s - min(rng.uniform(20, 120), length_s / 4)
    started_at = _written(rng, desk, begun_s, calendar)
    ended_at = max(started_at + timedelta(minutes=1), _written(rng, desk, ended_s, calendar))
    partners = [other for other in desk.colleagues if other != visit.officer_id]
    beside = (rng.choice(partners),) if partners and rng.random() < PARTNER_SHARE else ()
    officers = (visit.officer_id, *beside)
    step_no = StepNo(f"{number + 1}")
    return Step(case.case_no, step_no, rng.choice(PROCEDURES), started_at, ended_at, "yard", officers, "works")


def _written(rng: Random, desk: Desk, real_s: float, calendar: Calendar) -> datetime:
    """Return a moment as a clerk writes it: a few minutes off, to the minute, by the unit's habit."""
    slip_s = max(-4 * MINUTE_S, min(4 * MINUTE_S, rng.gauss(0.0, 90.0)))
    return calendar.at((real_s + slip_s + desk.shift_s) // MINUTE_S * MINUTE_S)
