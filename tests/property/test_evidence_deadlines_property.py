"""Deadlines for any beginning and any length: order, count, roll-over, and the mirror of due and before."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from evidence.deadlines import Term, Unit, before, due
from evidence.workdays import DAY
from evidence.zones import BEIJING
from tests.support.calendars import CHINA

ROLLING = (Unit.CALENDAR_DAYS, Unit.MONTHS, Unit.YEARS)

moments = st.datetimes(datetime(2018, 6, 1), datetime(2027, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bounds
amounts = st.integers(1, 40)
plain_terms = st.builds(Term, amounts, st.sampled_from(Unit))
rolling_terms = st.builds(Term, amounts, st.sampled_from(ROLLING), st.just(value=True))
day_terms = st.builds(Term, amounts, st.sampled_from([unit for unit in Unit if unit is not Unit.HOURS]))


def local_day(moment: datetime) -> date:
    """Return the day a moment has in Beijing."""
    return moment.astimezone(BEIJING).date()


@given(term=plain_terms | rolling_terms, start=moments, later=st.timedeltas(timedelta(0), timedelta(days=60)))
def test_who_begins_later_is_due_no_earlier(term: Term, start: datetime, later: timedelta) -> None:
    """Deadlines keep the order of their beginnings, and never lie before them."""
    assert start < due(term, start, CHINA).at <= due(term, start + later, CHINA).at


@given(amount=amounts, start=moments)
def test_as_many_working_days_lie_within_as_were_counted(amount: int, start: datetime) -> None:
    """From the day after the beginning to the last day, which is worked."""
    begun, last = local_day(start), due(Term(amount, Unit.WORKING_DAYS), start, CHINA).last_day
    within = [begun + n * DAY for n in range(1, (last - begun).days + 1)]
    assert sum(CHINA.is_working_day(day) for day in within) == amount
    assert CHINA.is_working_day(last)


@given(term=rolling_terms, start=moments)
def test_a_term_that_rolls_over_never_ends_on_a_rest_day(term: Term, start: datetime) -> None:
    """And moves over rest days only: as far as the first working day, and not at all from one."""
    rolled = due(term, start, CHINA).last_day
    counted = due(Term(term.amount, term.unit), start, CHINA).last_day
    assert CHINA.is_working_day(rolled)
    assert all(CHINA.is_rest_day(counted + n * DAY) for n in range((rolled - counted).days))


@given(term=day_terms, event=moments)
def test_before_mirrors_due(term: Term, event: datetime) -> None:
    """A term begun at the end of the found day has ended when the event comes; one begun the next day has not."""
    found = before(term, event, CHINA)
    assert due(term, found.at - timedelta(microseconds=1), CHINA).at <= event
    assert due(term, found.at, CHINA).at > event


@given(term=plain_terms | rolling_terms, start=moments)
def test_the_end_is_24_00_of_the_last_day(term: Term, start: datetime) -> None:
    """The moment before the end lies on the last day; for hours the end itself does."""
    ended = due(term, start, CHINA)
    inside = ended.at if term.unit is Unit.HOURS else ended.at - timedelta(microseconds=1)
    assert local_day(inside) == ended.last_day


@given(term=day_terms | rolling_terms, start=moments)
def test_a_known_calendar_is_never_called_incomplete(term: Term, start: datetime) -> None:
    """Where every day up to the end is known, so is the deadline; an unknown end it relied on is said."""
    ended = due(term, start, CHINA)
    begun = local_day(start)
    known = all(CHINA.known(begun + n * DAY) for n in range(1, (ended.last_day - begun).days + 1))
    relied = term.rolls_over or term.unit is Unit.WORKING_DAYS
    assert not (ended.calendar_incomplete and known)
    assert ended.calendar_incomplete or not relied or CHINA.known(ended.last_day)
