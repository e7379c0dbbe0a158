"""Zones and how times are written: stored in UTC, read by people in Beijing time, and saying so.

Fixed offsets, not the zone database: China has kept UTC+8 without daylight saving since 1991-09-15, and the core
reads no files.
"""

from datetime import UTC, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "北京时间")


def to_utc_iso(moment: datetime) -> str:
    """Return ``2026-11-23T08:52:07.250Z``: UTC, ISO 8601; milliseconds only where there are any.

    Raises:
        ValueError: if the time has no zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    utc = moment.astimezone(UTC)
    text = utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def exact_iso(moment: datetime) -> str:
    """Return ``2026-11-23T08:52:07.250113Z``: UTC, ISO 8601, to the microsecond where there are any.

    Raises:
        ValueError: if the time has no zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def from_iso(text: str, *, assumed: timezone = BEIJING) -> datetime:
    """Return the UTC time an ISO 8601 text states; a bare time is read in the ``assumed`` zone.

    Raises:
        ValueError: if the text is not a time.
    """
    moment = datetime.fromisoformat(text.strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=assumed)).astimezone(UTC)


def beijing(moment: datetime) -> datetime:
    """Return the same instant as Beijing time."""
    return moment.astimezone(BEIJING)
