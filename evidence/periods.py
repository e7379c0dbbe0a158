"""Months and days as a bureau counts them: in Beijing."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from evidence.spans import Span
from evidence.zones import BEIJING, beijing

MONTHS_A_YEAR = 12
_MONTH = re.compile(r"\d{4}-\d{2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Period:
    """A stretch of whole Beijing days, the first and the last of them counted."""

    first: date
    last: date

    @property
    def begins(self) -> datetime:
        """Its first moment, UTC."""
        return midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The moment after its last, UTC."""
        return midnight(self.last + timedelta(days=1))

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.begins <= moment < self.ends

    @property
    def span(self) -> Span:
        """Its stretch of time."""
        return Span(self.begins, self.ends)

    @property
    def month(self) -> str:
        """The month it is, ``2026-11``; empty when it is no whole month."""
        whole = month_of(self.first)
        return f"{self.first:%Y-%m}" if self == whole else ""

    @property
    def text(self) -> str:
        """How it is written: its month, or its first and last day."""
        return self.month or f"{self.first.isoformat()} – {self.last.isoformat()}"


def midnight(day: date) -> datetime:
    """Return the first moment of a Beijing day, UTC."""
    return datetime.combine(day, time.min, BEIJING).astimezone(UTC)


def month_of(day: date) -> Period:
    """Return the month that a day lies in."""
    return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def month_at(moment: datetime) -> Period:
    """Return the Beijing month that a moment lies in."""
    return month_of(beijing(moment).date())


def read_period(text: str) -> Period:
    """Return the month (``2026-11``) or day (``2026-11-23``) that a text names.

    Raises:
        ValueError: it names neither.
    """
    if _MONTH.fullmatch(text):
        return month_of(date.fromisoformat(f"{text}-01"))
    if _DAY.fullmatch(text):
        day = date.fromisoformat(text)
        return Period(day, day)
    raise ValueError(f"{text} is neither a month nor a day")


def months_up_to(last: date, count: int) -> Iterator[Period]:
    """Yield so many months up to the one a day lies in, the oldest first."""
    latest = last.year * MONTHS_A_YEAR + last.month - 1
    for number in range(latest - count + 1, latest + 1):
        year, month = divmod(number, MONTHS_A_YEAR)
        yield month_of(date(year, month + 1, 1))
