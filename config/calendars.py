r"""Reads calendars of working days: one TOML file that a clerk can carry on when the year's notice comes out.

::

    calendar_id
    [names]                          # zh-CN, en
    [festivals]                      # CODE = { zh-CN, en }: every year names each of them once
    [years.YYYY]
      notices                        # { title, number, date }: what the year rests on
      holidays                       # { of, first, last, days }: festivals, block of days off, its length
      make_up                        # weekend days that are worked

A region's own holidays are a file of the same form, given beside the national one. Every mistake is named by file and
key, and a calendar is taken whole or not at all.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache, reduce
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from config.data_files import read_toml
from evidence.errors import ConfigError
from evidence.workdays import NEW_YEAR_REACH, SATURDAY, Holiday, WorkCalendar

CALENDAR_FOLDER = Path(__file__).parent / "calendars"
"""The calendars that ship with the product, a file per place."""

NATIONAL = CALENDAR_FOLDER / "cn.toml"
LOCALES = frozenset({"zh-CN", "en"})
CURE = "mend or remove that key; config/calendars.py shows the form"

Filled = Annotated[str, Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]


def _in_every_locale(words: dict[str, str]) -> dict[str, str]:
    missing = sorted(LOCALES - words.keys())
    if missing:
        raise ValueError(f"lacks {' and '.join(missing)}")
    return words


def _on_a_weekend(day: date) -> date:
    if day.weekday() < SATURDAY:
        raise ValueError(f"{day} is no Saturday or Sunday, and is worked anyway")
    return day


Words = Annotated[dict[str, Filled], AfterValidator(_in_every_locale)]
MakeUpDay = Annotated[date, AfterValidator(_on_a_weekend)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Notice(_File):
    title: Filled
    number: Annotated[str, Field(pattern=r"^\S+〔\d{4}〕\d+号$")]
    date: date

    @property
    def cited(self) -> str:
        return f"{self.title}（{self.number}，{self.date}）"


class _Block(_File):
    of: Annotated[tuple[Code, ...], Field(min_length=1)]
    first: date
    last: date
    days: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def is_as_long_as_it_says(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"last ({self.last}) lies before first ({self.first})")
        if len(self.dates) != self.days:
            raise ValueError(f"{self.first} to {self.last} are {len(self.dates)} days, and days says {self.days}")
        return self

    @property
    def dates(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


class _Year(_File):
    notices: Annotated[tuple[_Notice, ...], Field(min_length=1)]
    holidays: Annotated[tuple[_Block, ...], Field(min_length=1)]
    make_up: tuple[MakeUpDay, ...] = ()

    @property
    def days_off(self) -> list[date]:
        return [day for block in self.holidays for day in block.dates]

    @property
    def source(self) -> str:
        return "；".join(notice.cited for notice in self.notices)


class _Calendar(_File):
    calendar_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=100)]
    names: Words
    festivals: Annotated[dict[Code, Words], Field(min_length=1)]
    years: Annotated[dict[int, _Year], Field(min_length=1)]

    def block_names(self, block: _Block) -> dict[str, str]:
        """Return the name of a block that one festival or several share."""
        joins = {"zh-CN": "、", "en": " and "}
        return {locale: join.join(self.festivals[code][locale] for code in block.of) for locale, join in joins.items()}

    def as_calendar(self) -> WorkCalendar:
        """Return the calendar of the core."""
        return WorkCalendar(
            calendar_id=self.calendar_id,
            years=frozenset(self.years),
            holidays=tuple(
                Holiday(self.block_names(block), block.first, block.last, year.source)
                for year in self.years.values()
                for block in year.holidays
            ),
            make_up_days=frozenset(day for year in self.years.values() for day in year.make_up),
        )


_CALENDAR = TypeAdapter(_Calendar)
Fault = tuple[str, str]
"""The key that is wrong, and what is wrong with it."""


@lru_cache(maxsize=1)
def national_calendar() -> WorkCalendar:
    """Return the calendar that ships with the product."""
    return load_calendar(NATIONAL)


def load_calendar(file: Path, *local: Path) -> WorkCalendar:
    """Read a calendar, and what regions add to it.

    Raises:
        ConfigError: a file is missing or wrong; names the file, the key and what to do.
    """
    calendar = reduce(WorkCalendar.with_local, [_read(one).as_calendar() for one in (file, *local)])
    for day in sorted(calendar.make_up_days):
        if calendar.is_statutory_holiday(day):
            raise ConfigError(f"{day}: worked by one file, off by another", subject=str(local[-1]), cure=CURE)
    return calendar


def _read(file: Path) -> _Calendar:
    unreadable = "a calendar is a TOML file as in config/calendars/"
    read = read_toml(file, _CALENDAR, unreadable=unreadable, wrong=CURE)
    for key, what in _faults(read):
        raise ConfigError(f"{key}: {what}", subject=str(file), cure=CURE)
    return read


def _faults(read: _Calendar) -> Iterator[Fault]:
    """Yield what is wrong across keys."""
    for missing in sorted(set(range(min(read.years), max(read.years))) - read.years.keys()):
        yield f"years.{missing}", "is missing between other years"
    for number, year in sorted(read.years.items()):
        yield from _festival_faults(f"years.{number}.holidays", year, read)
        yield from _strays(f"years.{number}", number, year)
    yield from _clashes(read)


def _festival_faults(key: str, year: _Year, read: _Calendar) -> Iterator[Fault]:
    named = Counter(code for block in year.holidays for code in block.of)
    for code in sorted(named.keys() - read.festivals.keys()):
        yield key, f"there is no festival {code}"
    for code in read.festivals:
        if named[code] != 1:
            yield key, f"{code} is named {named[code]} times, and each festival has one block a year"


def _strays(key: str, number: int, year: _Year) -> Iterator[Fault]:
    """Yield days outside their year; the New Year block and what is worked for it may lie a week before."""
    for name, days in (("holidays", year.days_off), ("make_up", year.make_up)):
        for day in days:
            if number not in {day.year, (day + NEW_YEAR_REACH).year}:
                yield f"{key}.{name}", f"{day} is not of {number}"


def _clashes(read: _Calendar) -> Iterator[Fault]:
    """Yield days that stand in two blocks, twice among the worked, or in both."""
    seen: dict[date, str] = {}
    for number, year in sorted(read.years.items()):
        for name, days in (("holidays", year.days_off), ("make_up", year.make_up)):
            for day in days:
                if day in seen:
                    yield f"years.{number}.{name}", f"{day} stands in {seen[day]} already"
                seen[day] = f"years.{number}.{name}"
