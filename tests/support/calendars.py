"""The calendar that ships, days as tests write them, and calendars that say something else."""

from datetime import UTC, date, datetime

from config.calendars import national_calendar
from evidence.workdays import WorkCalendar
from evidence.zones import BEIJING

CHINA = national_calendar()

NOWHERE = WorkCalendar("nowhere", frozenset(), (), frozenset())
"""A calendar that knows no year: weekends alone."""


def day(text: str) -> date:
    """Return the day a test writes as ``2025-10-01``."""
    return date.fromisoformat(text)


def beijing_time(text: str) -> datetime:
    """Return the UTC moment of a Beijing time written as ``2025-09-30 10:20``."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)
