"""When a term of law ends, and until when something must be done that lies a term before something else.

The rules, and where they are written:

* The day of beginning is not counted; days, months and years begin to count on the next. Source: Civil Code 201(1),
  Civil Procedure Law (2023) 85(2).
* Hours count exactly, from the moment. The Civil Code says so (201(2)); the Civil Procedure Law 85(2) leaves out the
  hour of beginning, which would give the authority up to an hour more and is not taken here.
* "Two, three, five, seven days" of the Administrative Penalty Law are working days (85), and so are all terms up to ten
  days of the Administrative Compulsion Law (69): such a term is written in ``WORKING_DAYS``.
* Months and years end on the same day of the month, or on the last where there is none. Source: Civil Code 202.
* A last day that is a rest day gives way to the day after the holiday. Source: Civil Code 203(1), Civil Procedure Law
  85(3). That protects who must act; a limit on a measure of the authority (30 days of seizure, Compulsion Law 25) is
  not prolonged by it. So it is a property of the term (``rolls_over``), and off unless its data says so.
* The last day ends at 24:00, or when business closes. Source: Civil Code 203(2).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from evidence.workdays import DAY, WorkCalendar
from evidence.zones import BEIJING

MONTHS_A_YEAR = 12


class Unit(StrEnum):
    """What a term is counted in."""

    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"
    YEARS = "years"


EXACT = frozenset({Unit.HOURS, Unit.WORKING_DAYS})
"""Units whose end never moves: hours run through holidays, and the last of so many working days is one."""


@dataclass(frozen=True)
class Term:
    """A length of time as a law states it.

    Attributes:
        rolls_over: a last day that is a rest day gives way to the next working day; of calendar days, months, years.

    Raises:
        ValueError: the amount is less than one, or the unit cannot roll over.
    """

    amount: int
    unit: Unit
    rolls_over: bool = False

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise ValueError("a term is one unit long at least")
        if self.rolls_over and self.unit in EXACT:
            raise ValueError(f"a term in {self.unit} has no last day that could roll over")


@dataclass(frozen=True)
class Due:
    """When a term ends.

    Attributes:
        at: the end, UTC. 24:00 is the first moment of the next day, so a page writes ``last_day`` and 24:00.
        last_day: the last day of the term in its zone; for hours, the day on which ``at`` falls.
        calendar_incomplete: the reckoning asked about days whose notices are unknown, and counted weekends alone.
    """

    at: datetime
    last_day: date
    calendar_incomplete: bool


def due(
    term: Term, start: datetime, calendar: WorkCalendar, zone: tzinfo = BEIJING, *, closes: time | None = None
) -> Due:
    """Return when a term that begins at ``start`` ends.

    Args:
        term: the term.
        start: what sets it going; any zone.
        calendar: the working days.
        zone: whose days and months are counted.
        closes: when business closes, in that zone; None is 24:00. Hours do not heed it.

    Raises:
        ValueError: ``start`` has no zone.
    """
    begun = _local(start, zone)
    if term.unit is Unit.HOURS:
        return _at_moment(begun + timedelta(hours=term.amount))
    last = _last_day(term, begun.date(), calendar)
    rolled = calendar.next_working_day(last) if term.rolls_over and calendar.is_rest_day(last) else last
    asked_from = last if term.rolls_over else begun.date() + DAY
    asks = term.rolls_over or term.unit is Unit.WORKING_DAYS
    return Due(_end_of(rolled, zone, closes), rolled, asks and not _all_known(calendar, asked_from, rolled))


def before(term: Term, at: datetime, calendar: WorkCalendar, zone: tzinfo = BEIJING) -> Due:
    """Return the last moment that still lies a whole term before ``at`` ("seven days before the hearing").

    The strict reading: the days between are whole, neither the day of the notice nor that of ``at`` counts among them.
    It is the mirror of ``due``: a term that begins on ``last_day`` has ended when ``at`` comes, one that begins a day
    later has not. No rule of law moves a day backwards, so ``rolls_over`` is not heeded, and ``last_day`` may be a rest
    day.

    Raises:
        ValueError: ``at`` has no zone.
    """
    event = _local(at, zone)
    if term.unit is Unit.HOURS:
        return _at_moment(event - timedelta(hours=term.amount))
    limit = event.date() - DAY
    first = _first_day(term, limit, calendar)
    unknown = term.unit is Unit.WORKING_DAYS and not _all_known(calendar, first + DAY, limit)
    return Due(_end_of(first, zone, None), first, unknown)


def _last_day(term: Term, begun: date, calendar: WorkCalendar) -> date:
    """Return the last day by the count alone, before any roll-over."""
    if term.unit is Unit.CALENDAR_DAYS:
        return begun + term.amount * DAY
    if term.unit is Unit.WORKING_DAYS:
        for _ in range(term.amount):
            begun = calendar.next_working_day(begun)
        return begun
    return _months_on(begun, _months(term))


def _first_day(term: Term, limit: date, calendar: WorkCalendar) -> date:
    """Return the latest day of beginning whose count ends on ``limit`` or earlier."""
    if term.unit is Unit.CALENDAR_DAYS:
        return limit - term.amount * DAY
    if term.unit is Unit.WORKING_DAYS:
        return _before_working_days(limit, term.amount, calendar)
    months = _months(term)
    first = _months_on(limit, -months)
    while _months_on(first + DAY, months) <= limit:  # 29 to 31 January and a month all end on 28 February
        first += DAY
    return first


def _before_working_days(limit: date, amount: int, calendar: WorkCalendar) -> date:
    """Return the day before the last ``amount`` working days up to ``limit``."""
    day = limit + DAY
    while amount:
        day -= DAY
        amount -= calendar.is_working_day(day)
    return day - DAY


def _months(term: Term) -> int:
    return term.amount * (MONTHS_A_YEAR if term.unit is Unit.YEARS else 1)


def _months_on(day: date, months: int) -> date:
    """Return the same day so many months on, or the last of that month. Source: Civil Code 202."""
    year, month = divmod(day.year * MONTHS_A_YEAR + day.month - 1 + months, MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _all_known(calendar: WorkCalendar, first: date, last: date) -> bool:
    return all(calendar.known(first + n * DAY) for n in range((last - first).days + 1))


def _local(moment: datetime, zone: tzinfo) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone has no day to count from")
    return moment.astimezone(zone)


def _at_moment(moment: datetime) -> Due:
    return Due(moment.astimezone(UTC), moment.date(), calendar_incomplete=False)


def _end_of(day: date, zone: tzinfo, closes: time | None) -> datetime:
    """Return 24:00 of a day, or its close of business. Source: Civil Code 203(2)."""
    end = datetime.combine(day, closes, zone) if closes else datetime.combine(day + DAY, time.min, zone)
    return end.astimezone(UTC)
