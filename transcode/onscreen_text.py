"""What the text of an on-screen line states: a moment on the camera's clock, and the codes of device and officer.

Only fields of full width are read: a month of one digit may be two of which one was lost. What can mean two moments
states none.

Source: docs/devices.md (overlays; device codes have 7 characters, officer codes 6).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from evidence.claims import IdentityKind, ZoneBasis
from evidence.zones import BEIJING

_DIGIT = "[0-9OoQIl|]"
_LOOKS_LIKE = str.maketrans("OoQIl|", "000111")
_TWO = f"{_DIGIT}{{2}}"
_YEAR = f"(?P<year>2[0Oo]{_TWO}|19[789]{_DIGIT})"
_GAP = r"[^0-9A-Za-z\u4e00-\u9fff]{0,2}"
_WORDS = r"(?P<words>(?:[^0-9]|(?<=[A-Za-z])0(?=[A-Za-z])){0,14}?)"  # MON is read as M0N
_HALF = r"[AaPp][Mm]|上午|下午"
_CLOCK = (
    rf"(?P<hour>{_TWO})(?P<colon>{_GAP}[时]?{_GAP})(?P<minute>{_TWO}){_GAP}[分]?{_GAP}(?P<second>{_TWO})秒?"
    rf"(?P<fraction>[.,][0-9]{{1,3}}(?![0-9]))?(?P<half_after>\s?(?:{_HALF})(?![A-Za-z]))?"
    r"(?P<zone>Z|\s?(?:UTC|GMT)\s?[+-][0-9]{1,2}(?::?[0-9]{2})?(?![0-9])|\s?[+-][0-9]{2}:[0-9]{2}(?![0-9]))?"
)
_YEAR_FIRST = rf"{_YEAR}(?P<dash>{_GAP}[年]?{_GAP})(?P<month>{_TWO}){_GAP}[月]?{_GAP}(?P<day>{_TWO})日?"
_YEAR_LAST = rf"(?P<one>{_TWO})[-/.](?P<two>{_TWO})[-/.]{_YEAR}"
_FORMS = tuple(re.compile(rf"(?<![0-9]){date}{_WORDS}{_CLOCK}") for date in (_YEAR_FIRST, _YEAR_LAST))
_WEEKDAY_ZH = re.compile("(?:星期|周|礼拜)([一二三四五六日天])")
_WEEKDAY_EN = re.compile("(mon|tue|wed|thu|fri|sat|sun)", re.IGNORECASE)
_ORDER_ZH, _ORDER_EN = "一二三四五六日", ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_OFFSET = re.compile(r"([+-])([0-9]{1,2})(?::?([0-9]{2}))?$")
_FARTHEST = timedelta(hours=14)
_NOON = 12
_CLOCK_DIGITS = 8
_CODE = re.compile(r"(?<![0-9A-Za-z.:+-])[0-9A-Za-z]{6,7}(?![0-9A-Za-z.:+-])")
_CODE_KINDS = {7: IdentityKind.DEVICE, 6: IdentityKind.OFFICER_CODE}
_CODE_DIGITS = 2
_MISTAKABLE = frozenset("OoQIl")


@dataclass(frozen=True)
class Stamp:
    """A moment as a line states it.

    Attributes:
        at: in UTC; a clock without a zone is read as Beijing time.
        begin, end: where it stands in the text.
    """

    at: datetime
    zone: ZoneBasis
    begin: int
    end: int


@dataclass(frozen=True)
class Code:
    """A code as a line shows it, and where it stands in the text."""

    kind: IdentityKind
    value: str
    begin: int
    end: int


def read_stamp(text: str) -> Stamp | None:
    """Return the one moment a text states to the second; None for none, for two, and for one that is ambiguous."""
    plain = text.translate({0xFF1A: ":", 0xFF0D: "-", 0xFF0F: "/", 0x3000: " "})
    found = [stamp for form in _FORMS for match in form.finditer(plain) if (stamp := _stamp(plain, match))]
    return found[0] if len(found) == 1 else None


def shows_clock(text: str) -> bool:
    """Whether a text has so many digits that it may be a clock nobody could read."""
    return sum(char.isdigit() for char in text) >= _CLOCK_DIGITS


def read_codes(text: str, stamp: Stamp | None) -> tuple[Code, ...]:
    """Return the device code and the officer code beside the moment; none where two fit, or a letter may be a digit."""
    outside = [code for code in _codes(text) if stamp is None or code.end <= stamp.begin or code.begin >= stamp.end]
    values = {kind: {code.value for code in outside if code.kind is kind} for kind in _CODE_KINDS.values()}
    return tuple(code for code in outside if len(values[code.kind]) == 1)


def _codes(text: str) -> Iterator[Code]:
    for match in _CODE.finditer(text):
        value = match[0]
        if sum(char.isdigit() for char in value) >= _CODE_DIGITS and not _MISTAKABLE.intersection(value):
            yield Code(_CODE_KINDS[len(value)], value, match.start(), match.end())


def _stamp(text: str, match: re.Match[str]) -> Stamp | None:
    zone = _zone(match)
    wall = _wall(match)
    if zone is None or wall is None or _runs_on(text, match) or not _fits_weekday(wall, match["words"]):
        return None
    basis = ZoneBasis.EXPLICIT if match["zone"] else ZoneBasis.LOCAL
    try:
        return Stamp(wall.replace(tzinfo=zone).astimezone(UTC), basis, match.start(), match.end())
    except OverflowError:
        return None


def _runs_on(text: str, match: re.Match[str]) -> bool:
    """Whether digits without any mark between them go on behind the seconds: then where they begin is a guess."""
    compact = not match["colon"]
    return compact and text[match.end() : match.end() + 1].isdigit()


def _wall(match: re.Match[str]) -> datetime | None:
    day = _year_first(match) if "month" in match.re.groupindex else _year_last(match)
    hour = _hour(match)
    if day is None or hour is None:
        return None
    try:
        return datetime(*day, hour, _number(match["minute"]), _number(match["second"]))  # noqa: DTZ001 – zone follows
    except ValueError:
        return None


def _year_first(match: re.Match[str]) -> tuple[int, int, int]:
    return _number(match["year"]), _number(match["month"]), _number(match["day"])


def _year_last(match: re.Match[str]) -> tuple[int, int, int] | None:
    """Return year, month and day of 23-11-2026 or 11/23/2026; None when both could be the month."""
    year, one, two = (_number(match[name]) for name in ("year", "one", "two"))
    if one > _NOON >= two or one == two:
        return year, two, one
    return (year, one, two) if two > _NOON >= one else None


def _hour(match: re.Match[str]) -> int | None:
    hour = _number(match["hour"])
    half = next((mark for mark in ("pm", "下午", "am", "上午") if mark in _marks(match)), "")
    if not half:
        return hour
    if not 1 <= hour <= _NOON:
        return None
    return hour % _NOON + (_NOON if half in {"pm", "下午"} else 0)


def _marks(match: re.Match[str]) -> str:
    return f"{match['words']} {match['half_after'] or ''}".lower()


def _number(digits: str) -> int:
    return int(digits.translate(_LOOKS_LIKE))


def _zone(match: re.Match[str]) -> timezone | None:
    """Return the zone stated, or Beijing's; None when the form calls for one that was not read.

    Clocks of the form 2026-11-23T08:52:07.123Z always name their zone: one without it lost it in reading.
    """
    named = (match["zone"] or "").strip().upper()
    if not named:
        iso = match["words"].strip().upper() == "T" or match["fraction"]
        return None if iso else BEIJING
    if named == "Z":
        return UTC
    found = _OFFSET.search(named)
    if not found:
        return None
    length = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(-length if found[1] == "-" else length) if length <= _FARTHEST else None


def _fits_weekday(wall: datetime, words: str) -> bool:
    """Whether the weekday that stands between date and time, if any, is the date's."""
    chinese, english = _WEEKDAY_ZH.search(words), _WEEKDAY_EN.search(words.replace("0", "O"))
    if chinese:
        return _ORDER_ZH.index(chinese[1].replace("天", "日")) == wall.weekday()
    return english is None or _ORDER_EN.index(english[1].lower()) == wall.weekday()
