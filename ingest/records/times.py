"""Times as people and programs write them in record files.

ISO 8601, ``2026/11/23 9:05``, ``2026年11月23日9时05分``, full-width digits, ``24:00``. A bare time is in the zone the
import was told (Beijing time unless it says otherwise); an offset or a word such as 新疆时间 in the cell wins.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from evidence.errors import UsageError
from evidence.zones import BEIJING

FIRST_YEAR = 1990
LAST_YEAR = 2100
"""No record of this bureau's kind lies outside; a typing slip in the year does."""

URUMQI = timezone(timedelta(hours=6), "新疆时间")
"""Local custom in Xinjiang, two hours behind legal time; handwritten records use it."""

_WORDS = {"北京时间": BEIJING, "新疆时间": URUMQI, "乌鲁木齐时间": URUMQI, "utc": UTC, "gmt": UTC, "z": UTC}
_SPOKEN = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日?\s*(?:(\d{1,2})[时点](?:(\d{1,2})分(?:(\d{1,2})秒)?)?)?")
_PLAIN = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\s*(\d{1,2}):(\d{1,2})(?::(\d{1,2}(?:[.,]\d{1,9})?))?)?", re.IGNORECASE
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?", re.IGNORECASE)
_ZONED = re.compile(
    r"(.*?\d[日时点分秒]?)\s*([+-]\d{2}:?\d{2}|[a-z]{1,4}|\(?[\u4e00-\u9fff]{2,4}时间\)?)", re.IGNORECASE
)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")


class NotATimeError(ValueError):
    """A text states no time; ``code`` is the ``import.…`` code that says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def zone_of(text: str) -> timezone:
    """Return the zone a person names: ``+08:00``, ``UTC``, ``北京时间``.

    Raises:
        UsageError: nobody knows it.
    """
    zone = _zone(unicodedata.normalize("NFKC", text).strip())
    if zone is None:
        raise UsageError("is not a zone", subject=text, cure="write it as an offset from UTC, such as +08:00")
    return zone


@lru_cache(maxsize=65_536)
def read_time(text: str, assumed: timezone) -> tuple[datetime, bool]:
    """Return the UTC time a text states, and whether it names a time of day.

    Raises:
        NotATimeError: ``time_unreadable``, ``time_impossible``, ``time_implausible`` or ``zone_unknown``.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    parts, zone_text = _parts(plain)
    zone = _zone(zone_text) if zone_text else assumed
    if zone is None:
        raise NotATimeError("zone_unknown")
    year, month, day, hour, minute = parts[:5]
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotATimeError("time_implausible")
    has_clock = hour is not None
    seconds = parts[5]
    ends_day = hour == 24 and not minute and not seconds  # noqa: PLR2004 - 24:00 is the midnight at a day's end
    try:
        local = datetime(year, month, day, 0 if ends_day else hour or 0, minute or 0, tzinfo=zone)
    except ValueError as error:
        raise NotATimeError("time_impossible") from error
    if seconds >= 60:  # noqa: PLR2004 - seconds in a minute; a leap second is on no paper
        raise NotATimeError("time_impossible")
    return (local + timedelta(days=int(ends_day), seconds=seconds)).astimezone(UTC), has_clock


def _parts(plain: str) -> tuple[tuple[int, int, int, int | None, int | None, float], str]:
    bare, zone = plain, ""
    found = _match(bare)
    if not found and (zoned := _ZONED.fullmatch(plain)):
        bare, zone = zoned[1], zoned[2]
        found = _match(bare)
    if not found:
        raise NotATimeError("time_unreadable")
    year, month, day, hour, minute, second = found.groups()
    clock = (int(hour) if hour else None, int(minute) if minute else None)
    return (int(year), int(month), int(day), *clock, float((second or "0").replace(",", "."))), zone


def _match(bare: str) -> re.Match[str] | None:
    return _PLAIN.fullmatch(bare) or _COMPACT.fullmatch(bare) or _SPOKEN.fullmatch(bare)


def _zone(text: str) -> timezone | None:
    found = _OFFSET.fullmatch(text)
    if not found:
        return _WORDS.get(text.lower().strip("()"))
    length = timedelta(hours=int(found[2]), minutes=int(found[3]))
    if length > timedelta(hours=14) or int(found[3]) >= 60:  # noqa: PLR2004 - UTC+14 is the farthest zone
        return None
    return timezone(length if found[1] == "+" else -length)
