"""How long an original is kept: pure rules over a schedule; a promise, once made, is never shortened.

Periods are counted in calendar months of Beijing dates, from the day of the trusted intake or of the case's conclusion,
and end with the last moment of the day they lead to: 31 August and six months is the end of 28 February (29 in a leap
year), never a day of March. Kept is that end as a UTC instant, 16:00 Z of the last day.

Source: 民法典 201–203 (a period of months ends on the day of the same number, else on the last of the month; its last
day ends at 24:00).
"""

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from evidence.ids import CaseNo
from evidence.notes import Note, note
from evidence.ports import Lock
from evidence.schedules import RetentionClass, RunsFrom, Schedule
from evidence.zones import BEIJING, beijing

MONTHS_A_YEAR = 12


class Endless(StrEnum):
    """Why a promise has no end yet, or none at all."""

    UNCLASSIFIED = "unclassified"  # until somebody can say what it is
    OPEN_CASE = "open_case"  # until the case is concluded
    FOREVER = "forever"


RANK = {None: 0, Endless.UNCLASSIFIED: 1, Endless.OPEN_CASE: 2, Endless.FOREVER: 3}


@dataclass(frozen=True)
class CaseFacts:
    """What retention asks of a case.

    Attributes:
        procedures: codes of all its steps.
        concluded_at: None while it is open; a time that has not come yet is none either.
        promised_months: the longest period behind its conclusion that was promised to this original before.
    """

    case_no: CaseNo
    matter_type: str = ""
    procedures: frozenset[str] = frozenset()
    concluded_at: datetime | None = None
    promised_months: int = 0


@dataclass(frozen=True)
class Facts:
    """What the retention of one original rests on.

    Attributes:
        received_at: trusted intake time, UTC; of what was seen again, the newest.
        settled: time and officer are believed and nothing waits for a person, so that "no step" means no step.
        cases: those it hangs on, and those it was promised to follow before.
        steps: ``CASE/STEP`` of every step it hangs on or was promised to follow.
    """

    received_at: datetime
    settled: bool
    cases: tuple[CaseFacts, ...] = ()
    steps: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Retention:
    """A promise.

    Attributes:
        floor: kept to this instant at the least, whatever happens; UTC, exclusive, never falls.
        endless: why there is no end beyond the floor; None when the floor is the end.
        cases: case → months behind its conclusion that were promised.
        steps: ``CASE/STEP`` of the steps it follows; a hold on one holds it, also after an unlinking.
    """

    floor: datetime
    endless: Endless | None
    schedule_class: str
    why: Note
    rule_version: str
    cases: Mapping[CaseNo, int] = field(default_factory=dict)
    steps: frozenset[str] = frozenset()

    @property
    def until(self) -> datetime | None:
        """End of the promise; None while there is none."""
        return None if self.endless else self.floor


@dataclass(frozen=True)
class _End:
    """What one class says: no earlier than ``until``, and perhaps without an end.

    Attributes:
        months: what it promises behind the conclusion of a case. period: the class's own months, to tell equal ends by.
    """

    until: datetime
    endless: Endless | None
    schedule_class: str
    why: Note
    months: Mapping[CaseNo, int] = field(default_factory=dict)
    period: int = 0


def retention_of(facts: Facts, schedule: Schedule, at: datetime) -> Retention:
    """Return how long an original is to be kept by a schedule: the longest of all classes that apply.

    Args:
        facts: what is known of it now.
        schedule: in force here; a class not in force yet at ``at`` classifies nothing.
        at: now, trusted, UTC.
    """
    ends = list(_ends(facts, schedule, at))
    decisive = max(ends, key=lambda end: (RANK[end.endless], end.until, end.period))
    cases: dict[CaseNo, int] = {case.case_no: case.promised_months for case in facts.cases}
    for end in ends:
        cases = longest(cases, end.months)
    return Retention(
        floor=max(end.until for end in ends),
        endless=decisive.endless,
        schedule_class=decisive.schedule_class,
        why=decisive.why,
        rule_version=schedule.rule_version,
        cases=cases,
        steps=facts.steps,
    )


def extended(previous: Retention | None, new: Retention) -> Retention:
    """Return the promise that stands after a new one: the later end, everything followed, nothing shortened.

    "No end yet" gives way to an end when its cause has gone: the case is concluded, the original is classified. "For
    ever" never gives way. Equal promises keep the version they were made under.
    """
    if previous is None:
        return new
    return replace(
        _standing(previous, new),
        floor=max(previous.floor, new.floor),
        cases=longest(previous.cases, new.cases),
        steps=previous.steps | new.steps,
    )


def _standing(previous: Retention, new: Retention) -> Retention:
    """Return the one whose words stand."""
    same = (previous.endless, previous.schedule_class, previous.why) == (new.endless, new.schedule_class, new.why)
    if previous.endless is Endless.FOREVER or (same and new.floor <= previous.floor):
        return previous
    if new.endless or new.floor > previous.floor or (previous.endless and new.floor == previous.floor):
        return new
    if not previous.endless:
        return previous
    why = note("retention.promised_before", until_day=last_day(previous.floor), rule_version=previous.rule_version)
    return replace(new, why=why)


def longest(one: Mapping[CaseNo, int], other: Mapping[CaseNo, int]) -> dict[CaseNo, int]:
    """Return the longer period of each case."""
    return {case_no: max(one.get(case_no, 0), other.get(case_no, 0)) for case_no in sorted({*one, *other})}


def end_after(start: datetime, months: int) -> datetime:
    """Return the end of the Beijing day so many calendar months after the Beijing day of ``start``, as UTC."""
    day = beijing(start).date()
    years, month = divmod(day.month - 1 + months, MONTHS_A_YEAR)
    year, month = day.year + years, month + 1
    last = date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    return (datetime.combine(last, time(), BEIJING) + timedelta(days=1)).astimezone(UTC)


def day_of(moment: datetime) -> str:
    """Return the Beijing date of an instant, ``2026-08-31``."""
    return beijing(moment).date().isoformat()


def last_day(end: datetime) -> str:
    """Return the last Beijing day that an end includes."""
    return day_of(end - timedelta(microseconds=1))


def lock_wanted(promise: Retention, lock: Lock, at: datetime, ahead_months: int) -> datetime | None:
    """Return until when the storage is to be told to keep an original; None when its lock reaches far enough.

    What has no end is locked ``ahead_months`` ahead, and again when less than half of that is left. A promise that has
    run out asks for nothing: a lock cannot be set into the past.
    """
    least, target = promise.floor, promise.floor
    if promise.endless:
        least = max(least, end_after(at, ahead_months // 2))
        target = max(target, end_after(at, ahead_months))
    if least <= at or (lock.until is not None and lock.until >= least):
        return None
    return target


# --- what each class says ---------------------------------------------------------------------------------------------


def _ends(facts: Facts, schedule: Schedule, at: datetime) -> Iterator[_End]:
    """Yield what every class that applies says; that of unlinked footage is the least for all."""
    base = _unlinked(facts, schedule, at)
    yield base
    for case in sorted(facts.cases, key=lambda case: case.case_no):
        yield from _case_ends(facts, case, schedule, at, base.until)


def _unlinked(facts: Facts, schedule: Schedule, at: datetime) -> _End:
    rule = schedule.class_named(schedule.unlinked, beijing(at).date())
    if rule is None:
        return _unclassified(facts.received_at, schedule, note("retention.not_in_force"))
    if rule.months is None:
        return _End(facts.received_at, Endless.FOREVER, rule.code, note("retention.for_ever"))
    until = end_after(facts.received_at, rule.months)
    if not facts.settled and not facts.cases:
        return _unclassified(until, schedule, note("retention.unsettled"))
    return _End(until, None, rule.code, _counted("retention.unlinked", facts.received_at, rule.months, until))


def _case_ends(facts: Facts, case: CaseFacts, schedule: Schedule, at: datetime, least: datetime) -> Iterator[_End]:
    open_yet = case.concluded_at is None or case.concluded_at > at
    case = replace(case, concluded_at=None if open_yet else case.concluded_at)
    named = schedule.matter_types.get(case.matter_type)
    if named is None:
        params = {"case_no": case.case_no, "matter_type": case.matter_type}
        yield _unclassified(least, schedule, note("retention.unknown_matter", **params))
    for code in dict.fromkeys(_codes(case, schedule)):
        rule = schedule.class_named(code, beijing(at).date())
        if rule is None:
            yield _unclassified(least, schedule, note("retention.not_in_force"))
        else:
            yield _case_end(facts.received_at, case, rule)


def _codes(case: CaseFacts, schedule: Schedule) -> Iterator[str]:
    yield from schedule.matter_types.get(case.matter_type, ())
    for procedure in sorted(case.procedures):
        yield from schedule.procedures.get(procedure, ())


def _case_end(received_at: datetime, case: CaseFacts, rule: RetentionClass) -> _End:
    if rule.months is None:
        return _End(received_at, Endless.FOREVER, rule.code, note("retention.for_ever_case", case_no=case.case_no))
    from_conclusion = rule.runs_from is RunsFrom.CONCLUSION
    months = max(rule.months, case.promised_months) if from_conclusion else rule.months
    promised = {case.case_no: months} if from_conclusion else {}
    if case.concluded_at is None:
        why = note("retention.open_case", case_no=case.case_no)
        return _End(end_after(received_at, months), Endless.OPEN_CASE, rule.code, why, promised, rule.months)
    start = max(received_at, case.concluded_at) if from_conclusion else received_at
    until = end_after(start, months)
    key = "retention.case" if from_conclusion else "retention.case_from_intake"
    return _End(until, None, rule.code, _counted(key, start, months, until, case.case_no), promised, rule.months)


def _unclassified(least: datetime, schedule: Schedule, why: Note) -> _End:
    return _End(least, Endless.UNCLASSIFIED, schedule.unclassified, why)


def _counted(code: str, start: datetime, months: int, until: datetime, case_no: str = "") -> Note:
    params: dict[str, str | int] = {"months": months, "start_day": day_of(start), "until_day": last_day(until)}
    return note(code, **params, **({"case_no": case_no} if case_no else {}))
