"""Retention holds for any history: no order of events shortens a promise, more facts never mean less, twice is once."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from config.retention_schedules import default_schedule
from evidence.ids import CaseNo
from evidence.retention import CaseFacts, Endless, Facts, Retention, end_after, extended, retention_of
from evidence.schedules import RetentionClass, Schedule
from evidence.zones import beijing

START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=365 * 12)
DEFAULT = default_schedule()
MATTERS = ["检查", "处罚", "许可", "协调", ""]
PROCEDURES = ["SITE_CHECK", "SEIZE", "DECISION", "HEARING"]
FAR = datetime(9000, 1, 1, tzinfo=UTC)

moments = st.integers(0, 365 * 8 * 24).map(lambda hours: START + timedelta(hours=hours))
cases = st.builds(
    CaseFacts,
    case_no=st.sampled_from(["A", "B", "C"]).map(CaseNo),
    matter_type=st.sampled_from(MATTERS),
    procedures=st.frozensets(st.sampled_from(PROCEDURES)),
    concluded_at=st.none() | moments,
)
some_cases = st.lists(cases, max_size=3, unique_by=lambda case: case.case_no).map(tuple)
facts = st.builds(Facts, received_at=moments, settled=st.booleans(), cases=some_cases)


def scaled(share: int) -> Schedule:
    """Return the schedule that ships with every period multiplied by so many tenths."""

    def other(one: RetentionClass) -> RetentionClass:
        return replace(one, months=one.months and max(1, one.months * share // 10))

    classes = {code: other(one) for code, one in DEFAULT.classes.items()}
    return replace(DEFAULT, version=f"{share}", classes=classes)


schedules = st.integers(1, 30).map(scaled)


@dataclass(frozen=True)
class Event:
    """Something that happens: what is known then, under which schedule, and when."""

    facts: Facts
    schedule: Schedule
    at: datetime


events = st.builds(Event, facts, schedules, moments.map(lambda moment: moment + timedelta(days=365)))


def remembered(event: Event, before: Retention | None) -> Facts:
    """Return the facts as the register hands them over: with what was promised to be followed before."""
    if before is None:
        return event.facts
    known = {case.case_no: case for case in event.facts.cases}
    followed = {**{case_no: known.get(case_no, CaseFacts(case_no)) for case_no in before.cases}, **known}
    joined = tuple(
        replace(case, promised_months=before.cases.get(case_no, 0)) for case_no, case in sorted(followed.items())
    )
    return replace(event.facts, cases=joined, steps=event.facts.steps | before.steps)


def after(event: Event, before: Retention | None) -> Retention:
    """Return the promise after an event."""
    return extended(before, retention_of(remembered(event, before), event.schedule, event.at))


@given(st.lists(events, min_size=1, max_size=8))
def test_no_order_of_events_shortens_a_promise(history: list[Event]) -> None:
    """Whatever is linked, unlinked, concluded, opened again or rescheduled: floor, cases and months only grow."""
    promise: Retention | None = None
    for event in history:
        following = after(event, promise)
        if promise is not None:
            assert following.floor >= promise.floor
            assert following.steps >= promise.steps
            assert all(following.cases.get(case_no, -1) >= months for case_no, months in promise.cases.items())
            assert promise.endless is not Endless.FOREVER or following.endless is Endless.FOREVER
            assert following.until is None or promise.until is None or following.until >= promise.until
        promise = following


@given(st.lists(events, min_size=1, max_size=6))
def test_an_open_case_is_never_forgotten(history: list[Event]) -> None:
    """While a case that was ever followed is not concluded, there is no end, whatever was unlinked since."""
    promise: Retention | None = None
    for event in history:
        facts_now = remembered(event, promise)
        promise = after(event, promise)
        unconcluded = any(case.concluded_at is None or case.concluded_at > event.at for case in facts_now.cases)
        assert not unconcluded or promise.until is None


@given(events, st.none() | events)
def test_twice_is_once(event: Event, earlier: Event | None) -> None:
    """The same event again changes nothing: no second entry, no other words."""
    before = after(earlier, None) if earlier else None
    once = after(event, before)
    assert after(event, once) == once


@given(facts, moments, st.integers(0, 4000))
def test_a_later_intake_is_never_kept_shorter(known: Facts, at: datetime, days: int) -> None:
    """Moving the intake later moves no end earlier."""
    later = replace(known, received_at=known.received_at + timedelta(days=days))
    assert ending(retention_of(known, DEFAULT, at)) <= ending(retention_of(later, DEFAULT, at))


@given(facts, cases, moments)
def test_one_more_case_never_shortens(known: Facts, more: CaseFacts, at: datetime) -> None:
    """Linked to a case more, an original is kept as long or longer; so it is when less is settled."""
    if any(case.case_no == more.case_no for case in known.cases):
        return
    settled = replace(known, settled=True)
    added = replace(settled, cases=(*settled.cases, more))
    assert ending(retention_of(settled, DEFAULT, at)) <= ending(retention_of(added, DEFAULT, at))
    unsettled = replace(known, settled=False)
    assert ending(retention_of(settled, DEFAULT, at)) <= ending(retention_of(unsettled, DEFAULT, at))


@given(facts, st.integers(10, 30), moments)
def test_a_longer_schedule_is_never_shorter(known: Facts, share: int, at: datetime) -> None:
    """Longer periods in the schedule mean later ends."""
    assert ending(retention_of(known, DEFAULT, at)) <= ending(retention_of(known, scaled(share), at))


@given(facts, moments)
def test_nothing_is_promised_less_than_the_least(known: Facts, at: datetime) -> None:
    """Six months from the intake is the floor under everything."""
    assert retention_of(known, DEFAULT, at).floor >= end_after(known.received_at, 6)


@given(moments, st.integers(1, 600), moments)
def test_calendar_months_keep_order(start: datetime, months: int, other: datetime) -> None:
    """A later start never ends earlier, a longer period never either, and the end lies on a Beijing midnight."""
    first, second = sorted((start, other))
    assert end_after(first, months) <= end_after(second, months)
    assert end_after(start, months) <= end_after(start, months + 1)
    assert end_after(start, months) > start
    assert beijing(end_after(start, months)).strftime("%H:%M:%S.%f") == "00:00:00.000000"


def ending(promise: Retention) -> datetime:
    """Return the end of a promise, far away when it has none."""
    return promise.until or FAR
