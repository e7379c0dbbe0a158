"""Dates as tags write them, read without guessing: what the statement names, and how coarse it is."""

import re
from datetime import UTC, datetime

from evidence.claims import ZoneBasis
from evidence.zones import BEIJING

DAY_S = 86400.0
MINUTE_S = 60.0

_NOT_SET_YEARS = frozenset({1904, 1970})
_DIGITS = re.compile(r"^\D*(\d{4})\D?(\d{2})\D?(\d{2})(?:\D(\d{2})\D?(\d{2})(?:\D?(\d{2})(?:\.(\d+))?)?)?")
_OFFSET = re.compile(r"[T ]\d{2}:?\d{2}(?::?\d{2}(?:\.\d+)?)?\s?([+-]\d{2}:?\d{2})$")


def basis_of(raw: str) -> ZoneBasis:
    """Return EXPLICIT when a written date names its offset, or says UTC with a Z; else LOCAL."""
    text = raw.strip()
    return ZoneBasis.EXPLICIT if _OFFSET.search(text) or text.endswith("Z") else ZoneBasis.LOCAL


def read_date(raw: str, basis: ZoneBasis) -> tuple[datetime | None, float]:
    """Return the instant in UTC and its step in seconds; None when it says "not set" or is no time."""
    text = raw.strip()
    offset = _OFFSET.search(text)
    found = _DIGITS.match(text[: offset.start(1)] if offset else text)
    if not found:
        return None, 1.0
    year, month, day, hour, minute, second, fraction = found.groups()
    precision_s = DAY_S if hour is None else MINUTE_S if second is None else 1.0
    try:
        wall = datetime(  # noqa: DTZ001 – the zone is put on two lines further down
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), _micro(fraction)
        )
        at = wall.replace(tzinfo=UTC if basis is ZoneBasis.UTC_BY_FORMAT else BEIJING)
        at = _with_offset(wall, offset) if basis is ZoneBasis.EXPLICIT else at
        at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None, precision_s
    return (None if _is_epoch(wall) else at), precision_s


def _with_offset(wall: datetime, offset: re.Match[str] | None) -> datetime:
    return datetime.fromisoformat(f"{wall.isoformat()}{offset.group(1) if offset else '+00:00'}")


def _micro(fraction: str | None) -> int:
    return int((fraction or "0")[:6].ljust(6, "0"))


def _is_epoch(wall: datetime) -> bool:
    return wall.year in _NOT_SET_YEARS and (wall.month, wall.day) == (1, 1)
