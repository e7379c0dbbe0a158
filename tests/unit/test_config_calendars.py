"""Calendars: the one that ships is sound, a region adds to it, and every mistake is named by file, key and cure."""

from pathlib import Path

import pytest

from config.calendars import NATIONAL, load_calendar, national_calendar
from evidence.errors import ConfigError
from tests.support.calendars import day

SMALL = """
calendar_id = "small"

[names]
zh-CN = "小历"
en = "Small"

[festivals]
fair = { zh-CN = "集市", en = "Fair" }

[years.2025]
notices = [{ title = "通知", number = "小办〔2024〕1号", date = 2024-11-01 }]
holidays = [{ of = ["fair"], first = 2025-06-06, last = 2025-06-10, days = 5 }]
make_up = [2025-06-14]
"""


def written(folder: Path, text: str, name: str = "calendar.toml") -> Path:
    """Write a calendar."""
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def test_the_calendar_that_ships_knows_2019_to_2026() -> None:
    """Eight years without a hole, each block with both names and the notice it rests on."""
    calendar = national_calendar()
    assert calendar.years == frozenset(range(2019, 2027))
    assert all(set(block.names) == {"zh-CN", "en"} for block in calendar.holidays)
    assert all("国办发明电〔" in block.source for block in calendar.holidays)


@pytest.mark.parametrize(("year", "spring", "labour"), [(2025, 8, 5), (2026, 9, 5)])
def test_from_2025_on_two_holidays_are_longer(year: int, spring: int, labour: int) -> None:
    """Spring Festival eight days at least and Labour Day five, without the days that were borrowed for it before."""
    lengths = {
        block.names["en"]: (block.last - block.first).days + 1
        for block in national_calendar().holidays
        if block.last.year == year
    }
    assert (lengths["Spring Festival"], lengths["Labour Day"]) == (spring, labour)


def test_a_year_that_was_changed_cites_both_notices() -> None:
    """The prolongation of 2020 stands beside the notice it changed."""
    holiday = national_calendar().holiday_on(day("2020-01-31"))
    assert holiday is not None
    assert "〔2019〕16号" in holiday.source
    assert "〔2020〕1号" in holiday.source


def test_a_calendar_is_read(tmp_path: Path) -> None:
    """Block, make-up day and year of a file of one's own."""
    calendar = load_calendar(written(tmp_path, SMALL))
    assert calendar.is_statutory_holiday(day("2025-06-10"))
    assert calendar.is_working_day(day("2025-06-14"))
    assert calendar.years == {2025}


def test_a_region_stands_beside_the_nation(tmp_path: Path) -> None:
    """Both files' holidays are off, and only years that both know are known."""
    calendar = load_calendar(NATIONAL, written(tmp_path, SMALL))
    assert calendar.is_rest_day(day("2025-06-09"))
    assert calendar.is_rest_day(day("2025-10-01"))
    assert calendar.years == {2025}


def test_files_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    """A region's block over a Sunday the nation works is no calendar: a person decides."""
    text = SMALL.replace("2025-06-06, last = 2025-06-10, days = 5", "2025-09-26, last = 2025-09-28, days = 3")
    with pytest.raises(ConfigError, match=r"calendar\.toml: 2025-09-28: worked by one file, off by another"):
        load_calendar(NATIONAL, written(tmp_path, text))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[2025-06-14]", "[2025-06-13]", "years.2025.make_up.0: .*2025-06-13 is no Saturday or Sunday"),
        ("last = 2025-06-10", "last = 2025-06-05", "years.2025.holidays.0: .*lies before first"),
        ("days = 5", "days = 4", "years.2025.holidays.0: .*are 5 days, and days says 4"),
        ("[2025-06-14]", "[2025-06-08]", "years.2025.make_up: 2025-06-08 stands in years.2025.holidays already"),
        ("[2025-06-14]", "[2025-06-14, 2025-06-14]", "2025-06-14 stands in years.2025.make_up already"),
        ("[2025-06-14]", "[2024-06-15]", "years.2025.make_up: 2024-06-15 is not of 2025"),
        ('of = ["fair"]', 'of = ["feast"]', "years.2025.holidays: there is no festival feast"),
        ('of = ["fair"]', 'of = ["fair", "fair"]', "years.2025.holidays: fair is named 2 times"),
        ("〔2024〕1号", "2024-1", "years.2025.notices.0.number: "),
        ('en = "Fair"', 'de = "Markt"', "festivals.fair: .*lacks en"),
        ('en = "Small"', "", "names: .*lacks en"),
        ("make_up", "makeup", "years.2025.makeup: "),
        ("[years.2025]", "[years.next]", "years.next"),
        ("first = 2025-06-06", 'first = "soon"', "years.2025.holidays.0.first: "),
        ('calendar_id = "small"', "", "calendar_id: "),
        ("[festivals]", "[festivals", "is not TOML"),
    ],
)
def test_a_mistake_is_named_by_file_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    """And the message says what to do."""
    assert old in SMALL
    with pytest.raises(ConfigError, match=said) as caught:
        load_calendar(written(tmp_path, SMALL.replace(old, new, 1)))
    assert caught.value.subject.endswith("calendar.toml")
    assert caught.value.cure


def test_a_year_may_not_leave_out_a_festival(tmp_path: Path) -> None:
    """A year is complete: a festival nobody entered would be counted as worked."""
    text = SMALL.replace("[years", 'feast = { zh-CN = "节", en = "Feast" }\n\n[years', 1)
    with pytest.raises(ConfigError, match="feast is named 0 times"):
        load_calendar(written(tmp_path, text))


def test_years_may_not_have_a_hole(tmp_path: Path) -> None:
    """2025 and 2027 without 2026 is a year somebody forgot."""
    year = SMALL[SMALL.index("[years") :].replace("2025", "2027").replace("[2027-06-14]", "[]")
    with pytest.raises(ConfigError, match=r"years\.2026: is missing"):
        load_calendar(written(tmp_path, SMALL + year))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """With what a calendar is."""
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read.*a calendar is a TOML file"):
        load_calendar(tmp_path / "none.toml")
