"""When terms end: hours, days, working days, months and years, over midnights, holidays and the ends of months."""

from datetime import UTC, datetime, time, timedelta

import pytest

from evidence.deadlines import Due, Term, Unit, before, due
from tests.support.calendars import CHINA, NOWHERE, beijing_time, day

HOURS, DAYS, WORKING, MONTHS, YEARS = (
    Unit.HOURS,
    Unit.CALENDAR_DAYS,
    Unit.WORKING_DAYS,
    Unit.MONTHS,
    Unit.YEARS,
)

# Each row: amount, unit, beginning (Beijing) and the last day, which ends at 24:00 Beijing.
LAST_DAYS = [
    # working days (Penalty Law 85, Compulsion Law 69)
    (7, WORKING, "2025-09-26 10:00", "2025-10-13"),  # over National Day 2025, with both its make-up days
    (7, WORKING, "2025-09-30 23:59", "2025-10-16"),  # begun on the eve
    (7, WORKING, "2025-10-03 09:00", "2025-10-16"),  # begun inside the block
    (7, WORKING, "2025-10-08 09:00", "2025-10-16"),  # begun on its last day
    (5, WORKING, "2025-11-03 09:00", "2025-11-10"),  # an ordinary week
    (2, WORKING, "2025-11-07 17:00", "2025-11-11"),  # Friday to Tuesday
    (3, WORKING, "2025-11-08 17:00", "2025-11-12"),  # begun on a Saturday
    (1, WORKING, "2026-02-13 17:00", "2026-02-14"),  # Friday to a make-up Saturday
    (1, WORKING, "2026-02-14 17:00", "2026-02-24"),  # from there over the nine days of Spring Festival 2026
    (10, WORKING, "2026-02-13 08:00", "2026-03-05"),  # with both make-up Saturdays of Spring Festival 2026
    (3, WORKING, "2020-01-23 08:00", "2020-02-05"),  # over the prolonged Spring Festival of 2020
    (2, WORKING, "2019-04-30 08:00", "2019-05-06"),  # Labour Day 2019 as changed: 5 May was worked
    (1, WORKING, "2018-12-31 08:00", "2019-01-02"),
    (5, WORKING, "2024-02-08 08:00", "2024-02-21"),  # the eve of 2024 was worked, and so was Sunday 18 February
    # calendar days
    (30, DAYS, "2025-01-15 10:00", "2025-02-14"),  # across a month of 31 days
    (30, DAYS, "2025-02-15 10:00", "2025-03-17"),  # across a February
    (30, DAYS, "2024-02-15 10:00", "2024-03-16"),  # across a February of 29 days
    (30, DAYS, "2025-09-01 10:00", "2025-10-01"),  # ends on National Day and stays there
    (60, DAYS, "2025-12-01 10:00", "2026-01-30"),
    (90, DAYS, "2025-11-30 10:00", "2026-02-28"),
    (1, DAYS, "2025-12-31 23:59", "2026-01-01"),
    # months and years (Civil Code 202)
    (1, MONTHS, "2025-01-31 10:00", "2025-02-28"),
    (1, MONTHS, "2024-01-31 10:00", "2024-02-29"),
    (1, MONTHS, "2025-02-28 10:00", "2025-03-28"),  # the same day, not the month's end
    (3, MONTHS, "2025-11-30 10:00", "2026-02-28"),
    (3, MONTHS, "2025-05-31 10:00", "2025-08-31"),
    (6, MONTHS, "2025-08-31 10:00", "2026-02-28"),
    (1, MONTHS, "2025-12-15 10:00", "2026-01-15"),
    (12, MONTHS, "2025-12-31 10:00", "2026-12-31"),
    (1, YEARS, "2024-02-29 10:00", "2025-02-28"),
    (4, YEARS, "2020-02-29 10:00", "2024-02-29"),
    (2, YEARS, "2023-06-15 10:00", "2025-06-15"),
]

# Each row: amount, unit, beginning, the last day by the count, the last day rolled over.
ROLLED = [
    (30, DAYS, "2025-09-01 10:00", "2025-10-01", "2025-10-09"),  # National Day: the day after the whole block
    (15, DAYS, "2025-09-12 10:00", "2025-09-27", "2025-09-28"),  # Saturday before a make-up Sunday: that Sunday
    (15, DAYS, "2025-09-13 10:00", "2025-09-28", "2025-09-28"),  # the make-up Sunday itself stays
    (10, DAYS, "2025-11-05 10:00", "2025-11-15", "2025-11-17"),  # an ordinary weekend
    (10, DAYS, "2025-11-04 10:00", "2025-11-14", "2025-11-14"),  # an ordinary Friday stays
    (30, DAYS, "2020-01-01 10:00", "2020-01-31", "2020-02-03"),  # inside the prolongation of 2020
    (1, MONTHS, "2026-01-20 10:00", "2026-02-20", "2026-02-24"),
    (6, MONTHS, "2025-04-05 10:00", "2025-10-05", "2025-10-09"),
    (1, YEARS, "2025-01-01 10:00", "2026-01-01", "2026-01-04"),  # New Year 2026: Sunday the 4th was worked
    (60, DAYS, "2025-12-17 10:00", "2026-02-15", "2026-02-24"),
]

# Each row: amount, unit, the event (Beijing) and the last day on which a notice is early enough.
NOTICES = [
    (7, WORKING, "2025-10-13 10:00", "2025-09-25"),  # a hearing after National Day 2025
    (7, WORKING, "2025-11-14 10:00", "2025-11-04"),  # Wednesday to Thursday of the next week lie between
    (3, WORKING, "2025-11-12 00:00", "2025-11-06"),
    (3, WORKING, "2026-02-24 09:00", "2026-02-11"),  # the three before Spring Festival: 12, 13 and 14 February
    (7, DAYS, "2025-11-14 10:00", "2025-11-06"),
    (30, DAYS, "2025-03-17 10:00", "2025-02-14"),
    (1, MONTHS, "2025-03-01 10:00", "2025-01-31"),  # a month from the 28th, 29th, 30th and 31st all end on 28 February
    (1, MONTHS, "2025-03-31 10:00", "2025-02-28"),
    (1, YEARS, "2025-03-01 10:00", "2024-02-29"),
]


def at_24(text: str) -> datetime:
    """Return 24:00 Beijing of a day."""
    return beijing_time(f"{text} 00:00") + timedelta(days=1)


@pytest.mark.parametrize(("amount", "unit", "start", "last"), LAST_DAYS)
def test_a_term_ends_at_24_00_of_its_last_day(amount: int, unit: Unit, start: str, last: str) -> None:
    """The day of beginning is not counted, and nothing moves a last day unless the term says so."""
    ended = due(Term(amount, unit), beijing_time(start), CHINA)
    assert (ended.last_day, ended.at) == (day(last), at_24(last))


@pytest.mark.parametrize(("amount", "unit", "start", "counted", "rolled"), ROLLED)
def test_a_term_that_rolls_over_ends_on_a_working_day(
    amount: int, unit: Unit, start: str, counted: str, rolled: str
) -> None:
    """Civil Code 203: a last day on holiday gives way; a seizure's 30 days, whose term does not roll over, stay."""
    began = beijing_time(start)
    assert due(Term(amount, unit), began, CHINA).last_day == day(counted)
    assert due(Term(amount, unit, rolls_over=True), began, CHINA) == Due(at_24(rolled), day(rolled), False)


@pytest.mark.parametrize(
    ("amount", "start", "end"),
    [
        (24, "2025-11-14 22:30", "2025-11-15 22:30"),  # over midnight into a Saturday
        (24, "2025-09-30 17:05", "2025-10-01 17:05"),  # into National Day: hours do not wait
        (24, "2024-02-28 12:00", "2024-02-29 12:00"),
        (24, "2025-12-31 23:59", "2026-01-01 23:59"),
        (2, "2025-11-14 23:00", "2025-11-15 01:00"),
        (48, "2025-02-27 08:00", "2025-03-01 08:00"),
    ],
)
def test_hours_count_exactly(amount: int, start: str, end: str) -> None:
    """From the moment, over midnights and holidays; the calendar is not asked."""
    ended = due(Term(amount, HOURS), beijing_time(start), NOWHERE)
    assert ended == Due(beijing_time(end), day(end[:10]), calendar_incomplete=False)


@pytest.mark.parametrize(("amount", "unit", "event", "last"), NOTICES)
def test_a_notice_is_given_a_whole_term_before(amount: int, unit: Unit, event: str, last: str) -> None:
    """Neither the day of the notice nor that of the event counts among the days between."""
    found = before(Term(amount, unit), beijing_time(event), CHINA)
    assert found == Due(at_24(last), day(last), calendar_incomplete=False)


def test_hours_before_count_exactly() -> None:
    """48 hours before is that moment two days earlier."""
    found = before(Term(48, HOURS), beijing_time("2025-10-02 09:30"), CHINA)
    assert found == Due(beijing_time("2025-09-30 09:30"), day("2025-09-30"), calendar_incomplete=False)


@pytest.mark.parametrize(
    ("term", "start", "incomplete"),
    [
        (Term(7, WORKING), "2026-12-14 09:00", False),  # ends on 23 December
        (Term(8, WORKING), "2026-12-14 09:00", False),  # ends on the last day that is known
        (Term(9, WORKING), "2026-12-14 09:00", True),  # reaches the week the next notice may change
        (Term(7, WORKING), "2027-03-01 09:00", True),
        (Term(7, WORKING), "2018-12-20 09:00", True),
        (Term(30, DAYS), "2026-12-20 09:00", False),  # the calendar is not asked
        (Term(30, DAYS, rolls_over=True), "2026-12-20 09:00", True),
        (Term(5, DAYS, rolls_over=True), "2026-12-19 09:00", False),  # ends on Thursday 24 December
        (Term(1, YEARS, rolls_over=True), "2025-06-01 09:00", False),
        (Term(2, YEARS, rolls_over=True), "2025-06-01 09:00", True),
        (Term(24, HOURS), "2027-03-01 09:00", False),
    ],
)
def test_a_reckoning_over_an_unknown_year_says_so(term: Term, start: str, incomplete: bool) -> None:
    """Incomplete exactly when a day was asked about whose notices are not here."""
    assert due(term, beijing_time(start), CHINA).calendar_incomplete is incomplete


@pytest.mark.parametrize(
    ("term", "event", "incomplete"),
    [
        (Term(7, WORKING), "2027-01-11 09:00", True),
        (Term(7, WORKING), "2026-12-25 09:00", False),
        (Term(7, DAYS), "2027-01-11 09:00", False),
    ],
)
def test_a_notice_over_an_unknown_year_says_so(term: Term, event: str, incomplete: bool) -> None:
    """The same of reckoning backwards."""
    assert before(term, beijing_time(event), CHINA).calendar_incomplete is incomplete


def test_an_unknown_year_counts_weekends_alone() -> None:
    """Seven working days over a National Day nobody told us of: a date to go on with, and that it is not sure."""
    ended = due(Term(7, WORKING), beijing_time("2025-09-26 10:00"), NOWHERE)
    assert ended == Due(at_24("2025-10-07"), day("2025-10-07"), calendar_incomplete=True)


def test_business_hours_end_the_last_day_earlier() -> None:
    """Civil Code 203(2): where there are business hours, their end is the end; hours of a term do not heed them."""
    began = beijing_time("2025-11-03 09:00")
    ended = due(Term(5, WORKING), began, CHINA, closes=time(19, 30))
    assert ended.at == beijing_time("2025-11-10 19:30")
    assert due(Term(24, HOURS), began, CHINA, closes=time(19, 30)).at == beijing_time("2025-11-04 09:00")


def test_the_day_of_beginning_is_that_of_the_zone() -> None:
    """17:00 UTC is the next day in Beijing already, and another zone counts its own days."""
    began = datetime(2025, 11, 3, 17, 0, tzinfo=UTC)
    assert due(Term(1, DAYS), began, CHINA).last_day == day("2025-11-05")
    assert due(Term(1, DAYS), began, CHINA, UTC).at == datetime(2025, 11, 5, tzinfo=UTC)


def test_times_come_back_in_utc() -> None:
    """24:00 Beijing is 16:00 UTC of the same day."""
    ended = due(Term(1, DAYS), beijing_time("2025-11-03 09:00"), CHINA)
    assert ended.at == datetime(2025, 11, 4, 16, 0, tzinfo=UTC)
    assert ended.at.tzinfo is UTC


@pytest.mark.parametrize("amount", [0, -1])
def test_a_term_has_a_length(amount: int) -> None:
    """Nothing is due at once, or before it began."""
    with pytest.raises(ValueError, match="one unit"):
        Term(amount, DAYS)


@pytest.mark.parametrize("unit", [HOURS, WORKING])
def test_what_cannot_roll_over_may_not_say_so(unit: Unit) -> None:
    """The last of so many working days is one, and hours have no last day: a term that says otherwise is a mistake."""
    with pytest.raises(ValueError, match="roll over"):
        Term(3, unit, rolls_over=True)


def test_a_time_without_a_zone_is_refused() -> None:
    """A day can only be counted from where it is."""
    naive = datetime(2025, 11, 3, 9, 0)  # noqa: DTZ001  # the mistake that is tested
    for reckon in (due, before):
        with pytest.raises(ValueError, match="without a zone"):
            reckon(Term(1, DAYS), naive, CHINA)
