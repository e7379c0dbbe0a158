"""Working days, rest days and statutory holidays, day by day, at the edges of every block of eight years."""

from datetime import date, timedelta

import pytest

from evidence.workdays import Holiday, WorkCalendar
from tests.support.calendars import CHINA, NOWHERE, day

# Each row: the block's first day and last day, then the working day before it and the one after it.
BLOCKS = [
    ("2018-12-30", "2019-01-01", "2018-12-29", "2019-01-02"),  # before it: a make-up Saturday of the year before
    ("2019-02-04", "2019-02-10", "2019-02-03", "2019-02-11"),
    ("2019-04-05", "2019-04-07", "2019-04-04", "2019-04-08"),
    ("2019-05-01", "2019-05-04", "2019-04-30", "2019-05-05"),
    ("2019-06-07", "2019-06-09", "2019-06-06", "2019-06-10"),
    ("2019-09-13", "2019-09-15", "2019-09-12", "2019-09-16"),
    ("2019-10-01", "2019-10-07", "2019-09-30", "2019-10-08"),
    ("2020-01-01", "2020-01-01", "2019-12-31", "2020-01-02"),
    ("2020-01-24", "2020-02-02", "2020-01-23", "2020-02-03"),
    ("2020-04-04", "2020-04-06", "2020-04-03", "2020-04-07"),
    ("2020-05-01", "2020-05-05", "2020-04-30", "2020-05-06"),
    ("2020-06-25", "2020-06-27", "2020-06-24", "2020-06-28"),
    ("2020-10-01", "2020-10-08", "2020-09-30", "2020-10-09"),
    ("2021-01-01", "2021-01-03", "2020-12-31", "2021-01-04"),
    ("2021-02-11", "2021-02-17", "2021-02-10", "2021-02-18"),
    ("2021-04-03", "2021-04-05", "2021-04-02", "2021-04-06"),
    ("2021-05-01", "2021-05-05", "2021-04-30", "2021-05-06"),
    ("2021-06-12", "2021-06-14", "2021-06-11", "2021-06-15"),
    ("2021-09-19", "2021-09-21", "2021-09-18", "2021-09-22"),
    ("2021-10-01", "2021-10-07", "2021-09-30", "2021-10-08"),
    ("2022-01-01", "2022-01-03", "2021-12-31", "2022-01-04"),
    ("2022-01-31", "2022-02-06", "2022-01-30", "2022-02-07"),
    ("2022-04-03", "2022-04-05", "2022-04-02", "2022-04-06"),
    ("2022-04-30", "2022-05-04", "2022-04-29", "2022-05-05"),
    ("2022-06-03", "2022-06-05", "2022-06-02", "2022-06-06"),
    ("2022-09-10", "2022-09-12", "2022-09-09", "2022-09-13"),
    ("2022-10-01", "2022-10-07", "2022-09-30", "2022-10-08"),
    ("2022-12-31", "2023-01-02", "2022-12-30", "2023-01-03"),
    ("2023-01-21", "2023-01-27", "2023-01-20", "2023-01-28"),
    ("2023-04-05", "2023-04-05", "2023-04-04", "2023-04-06"),
    ("2023-04-29", "2023-05-03", "2023-04-28", "2023-05-04"),
    ("2023-06-22", "2023-06-24", "2023-06-21", "2023-06-25"),
    ("2023-09-29", "2023-10-06", "2023-09-28", "2023-10-07"),
    ("2023-12-30", "2024-01-01", "2023-12-29", "2024-01-02"),
    ("2024-02-10", "2024-02-17", "2024-02-09", "2024-02-18"),
    ("2024-04-04", "2024-04-06", "2024-04-03", "2024-04-07"),
    ("2024-05-01", "2024-05-05", "2024-04-30", "2024-05-06"),
    ("2024-06-08", "2024-06-10", "2024-06-07", "2024-06-11"),
    ("2024-09-15", "2024-09-17", "2024-09-14", "2024-09-18"),
    ("2024-10-01", "2024-10-07", "2024-09-30", "2024-10-08"),
    ("2025-01-01", "2025-01-01", "2024-12-31", "2025-01-02"),
    ("2025-01-28", "2025-02-04", "2025-01-27", "2025-02-05"),
    ("2025-04-04", "2025-04-06", "2025-04-03", "2025-04-07"),
    ("2025-05-01", "2025-05-05", "2025-04-30", "2025-05-06"),
    ("2025-05-31", "2025-06-02", "2025-05-30", "2025-06-03"),
    ("2025-10-01", "2025-10-08", "2025-09-30", "2025-10-09"),
    ("2026-01-01", "2026-01-03", "2025-12-31", "2026-01-04"),
    ("2026-02-15", "2026-02-23", "2026-02-14", "2026-02-24"),
    ("2026-04-04", "2026-04-06", "2026-04-03", "2026-04-07"),
    ("2026-05-01", "2026-05-05", "2026-04-30", "2026-05-06"),
    ("2026-06-19", "2026-06-21", "2026-06-18", "2026-06-22"),
    ("2026-09-25", "2026-09-27", "2026-09-24", "2026-09-28"),
    ("2026-10-01", "2026-10-07", "2026-09-30", "2026-10-08"),
]

# fmt: off
MAKE_UP_DAYS = [
    "2018-12-29", "2019-02-02", "2019-02-03", "2019-04-28", "2019-05-05", "2019-09-29", "2019-10-12",
    "2020-01-19", "2020-04-26", "2020-05-09", "2020-06-28", "2020-09-27", "2020-10-10",
    "2021-02-07", "2021-02-20", "2021-04-25", "2021-05-08", "2021-09-18", "2021-09-26", "2021-10-09",
    "2022-01-29", "2022-01-30", "2022-04-02", "2022-04-24", "2022-05-07", "2022-10-08", "2022-10-09",
    "2023-01-28", "2023-01-29", "2023-04-23", "2023-05-06", "2023-06-25", "2023-10-07", "2023-10-08",
    "2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12",
    "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
    "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
]
# fmt: on


@pytest.mark.parametrize(("first", "last", "eve", "after"), BLOCKS)
def test_a_block_is_off_from_edge_to_edge(first: str, last: str, eve: str, after: str) -> None:
    """Every day of a block is a statutory holiday and off; the days before and after it are worked and are none."""
    days = [day(first) + timedelta(days=n) for n in range((day(last) - day(first)).days + 1)]
    assert all(CHINA.is_statutory_holiday(one) and CHINA.is_rest_day(one) for one in days)
    for edge in (eve, after):
        assert CHINA.is_working_day(day(edge))
        assert not CHINA.is_statutory_holiday(day(edge))
    assert CHINA.next_working_day(day(eve)) == CHINA.next_working_day(day(last)) == day(after)


def test_no_block_is_left_out_of_the_table() -> None:
    """The table above is the whole calendar, and says nothing the calendar does not."""
    assert [(str(one.first), str(one.last)) for one in sorted(CHINA.holidays, key=lambda one: one.first)] == [
        (first, last) for first, last, _, _ in BLOCKS
    ]


@pytest.mark.parametrize("text", MAKE_UP_DAYS)
def test_a_make_up_day_is_a_weekend_day_that_is_worked(text: str) -> None:
    """调休上班: by the week off, by the notice worked; no holiday by any reading."""
    assert day(text).weekday() >= 5
    assert CHINA.is_working_day(day(text))
    assert not CHINA.is_statutory_holiday(day(text))


def test_no_other_weekend_day_is_worked() -> None:
    """The make-up days above are all there are."""
    assert sorted(str(one) for one in CHINA.make_up_days) == MAKE_UP_DAYS


@pytest.mark.parametrize(
    ("year", "statutory"),
    [
        (2019, 11),
        (2020, 13),  # 11, one working Friday more by the prolongation, and the make-up Saturday it took away
        (2021, 11),
        (2022, 11),
        (2023, 11),
        (2024, 11),
        (2025, 13),  # Spring Festival and Labour Day one day longer each
        (2026, 13),
    ],
)
def test_the_year_loses_as_many_working_days_as_the_law_gives_holidays(year: int, statutory: int) -> None:
    """Weekdays off less weekend days worked are the statutory holidays: those that fall on weekends are made good.

    Source: Measures on Public Holidays 2, 6.
    """
    notice = [one for one in CHINA.holidays if one.last.year == year]
    dates = [one.first + timedelta(days=n) for one in notice for n in range((one.last - one.first).days + 1)]
    # The New Year block's make-up Saturday may lie in the December before; no other block reaches over a year.
    worked = [one for one in CHINA.make_up_days if (one + timedelta(days=7)).year == year]
    assert sum(one.weekday() < 5 for one in dates) - len(worked) == statutory


@pytest.mark.parametrize(
    ("text", "rest", "statutory"),
    [
        ("2025-09-27", True, False),  # an ordinary Saturday: no enforcement, but no holiday by name
        ("2025-10-04", True, True),  # a Saturday inside the National Day block
        ("2025-10-11", False, False),  # a make-up Saturday
        ("2025-10-06", True, True),  # a Monday inside the block
        ("2025-10-13", False, False),  # an ordinary Monday
        ("2020-02-01", True, True),  # made a working Saturday, then prolonged into the holiday
        ("2024-02-09", False, False),  # New Year's Eve 2024: encouraged, not given
    ],
)
def test_rest_days_and_statutory_holidays_are_two_notions(text: str, rest: bool, statutory: bool) -> None:
    """A rest day bars enforcement and moves deadlines; a statutory holiday is a day of a notice's block."""
    assert (CHINA.is_rest_day(day(text)), CHINA.is_statutory_holiday(day(text))) == (rest, statutory)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("2018-12-24", False),
        ("2018-12-29", False),  # a day of the notice for 2019, in a year whose own notice is not here
        ("2019-01-01", True),
        ("2025-12-31", True),
        ("2026-12-24", True),
        ("2026-12-25", False),  # the notice for 2027 may make it a working Saturday or a day off
        ("2027-01-01", False),
    ],
)
def test_a_day_is_known_when_every_notice_that_can_speak_of_it_is_here(text: str, known: bool) -> None:
    """The last week of the last December waits for the next year's notice."""
    assert CHINA.known(day(text)) is known


def test_an_unknown_year_has_weekends_alone() -> None:
    """Nothing is guessed: 1 October of an unknown year is worked when it is a weekday, and the day is not known."""
    assert NOWHERE.is_working_day(day("2025-10-01"))
    assert NOWHERE.is_rest_day(day("2025-10-11"))
    assert not NOWHERE.known(day("2025-10-01"))


def test_a_holiday_names_itself_and_its_notice() -> None:
    """A shared block bears both names, and cites title, number and date."""
    holiday = CHINA.holiday_on(day("2025-10-06"))
    assert holiday is not None
    assert holiday.names == {"zh-CN": "国庆节、中秋节", "en": "National Day and Mid-Autumn Festival"}
    assert holiday.source == "国务院办公厅关于2025年部分节假日安排的通知（国办发明电〔2024〕12号，2024-11-12）"
    assert CHINA.holiday_on(day("2025-10-11")) is None


def test_a_region_adds_its_holidays_and_takes_away_what_it_does_not_know() -> None:
    """With a region's file a day is off that the nation works, and a year only one of them knows is unknown."""
    feast = Holiday({"zh-CN": "古尔邦节", "en": "Corban"}, date(2025, 6, 6), date(2025, 6, 10), "自治区通知")
    joined = CHINA.with_local(WorkCalendar("region", frozenset({2025}), (feast,), frozenset()))
    assert CHINA.is_working_day(day("2025-06-09"))
    assert joined.is_statutory_holiday(day("2025-06-09"))
    assert joined.next_working_day(day("2025-06-05")) == day("2025-06-11")
    assert joined.is_working_day(day("2025-10-11"))
    assert joined.known(day("2025-06-09"))
    assert not joined.known(day("2024-06-09"))
