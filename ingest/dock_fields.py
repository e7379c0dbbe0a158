"""Reads the fields of a dock's record strictly: each is what the format says, or a note says why not and what to do.

Source: docs/dock-sidecar.md; RFC 8259 (JSON) and ISO 8601-1 §5.4 for how values are written.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar

from evidence.notes import Note, Parameter, note
from evidence.zones import BEIJING

MAX_NOTES = 20
"""A record with more than so many mistakes says how many more there are."""

MAX_CODE_CHARACTERS = 64
MAX_TEXT_CHARACTERS = 200
SHOWN_CHARACTERS = 60
DOCK_YEARS = range(2000, 2101)
"""A dock's clock outside these years is no clock."""

CAMERA_YEARS = range(1900, 2201)
"""A camera's clock may be wrong by decades, and that is worth knowing; these years can still be shown."""

_MOMENT = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))? ?(Z|([+-])(\d{2})(?::?(\d{2}))?)?",
    re.ASCII | re.IGNORECASE,
)
_MOMENT_CHARACTERS = 48
_FARTHEST_H = 14
_NOT_IN_TEXT = frozenset({"Cc", "Cs"})
_NOT_IN_CODES = frozenset({"Cc", "Cs", "Cf", "Zs", "Zl", "Zp"})

V = TypeVar("V")


class Complaints:
    """What is wrong with a record so far."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._notes: list[Note] = []
        self._more = 0

    def add(self, code: str, key: str, **params: Parameter) -> None:
        """Keep one complaint about a key; ``code`` is the whole code of the note."""
        if len(self._notes) < MAX_NOTES:
            self._notes.append(note(code, key=key, **params))
        else:
            self._more += 1

    @property
    def notes(self) -> tuple[Note, ...]:
        """All complaints, the last of them a count where there were too many."""
        rest = (note("intake.dock_record.more", count=self._more),) if self._more else ()
        return (*self._notes, *rest)


class Fields:
    """One object of the record; what it lacks or has wrong goes to the complaints, and an empty value stands for it.

    Args:
        found: the object as JSON gave it.
        at: where it stands, as in ``files[3]``; empty for the record itself.
        complaints: where mistakes go.
    """

    def __init__(self, found: Mapping[str, object], at: str, complaints: Complaints) -> None:
        self._found = found
        self._at = at
        self.complaints = complaints

    def key(self, name: str) -> str:
        """Return how a person finds a key: ``connection.dock_time``."""
        return f"{self._at}.{name}" if self._at else name

    def names(self) -> Sequence[str]:
        """Return the keys of this object, as written."""
        return tuple(self._found)

    def text(self, name: str, *, limit: int = MAX_TEXT_CHARACTERS, needed: bool = False) -> str:
        """Return a text without blanks at its ends; empty when it is not stated."""
        return self._plain(name, limit, _NOT_IN_TEXT, needed=needed)

    def code(self, name: str, *, needed: bool = False) -> str:
        """Return a number of a camera or a person: a text without blanks and invisible characters."""
        return self._plain(name, MAX_CODE_CHARACTERS, _NOT_IN_CODES, needed=needed)

    def _plain(self, name: str, limit: int, barred: frozenset[str], *, needed: bool) -> str:
        stated = self._stated(name, str, "intake.dock_record.not_text", needed=needed)
        text = (stated or "").strip()
        if needed and stated is not None and not text:
            self.complaints.add("intake.dock_record.missing", self.key(name))
        elif len(text) > limit:
            self.complaints.add("intake.dock_record.too_long", self.key(name), limit=limit)
        elif any(unicodedata.category(character) in barred for character in text):
            self.complaints.add("intake.dock_record.characters", self.key(name), value=shown(text))
        else:
            return text
        return ""

    def moment(self, name: str, years: range, *, needed: bool = False) -> datetime | None:
        """Return a time in UTC, a bare one read as Beijing time; None when it is not stated."""
        text = self._stated(name, str, "intake.dock_record.not_text", needed=needed)
        if text is None:
            return None
        try:
            moment = read_moment(text)
        except ValueError:
            self.complaints.add("intake.dock_record.time", self.key(name), value=shown(text))
            return None
        if moment.year not in years:
            self.complaints.add(
                "intake.dock_record.year", self.key(name), value=shown(text), least=years.start, most=years.stop - 1
            )
        return moment

    def whole(self, name: str, most: int) -> int | None:
        """Return a whole number from 0 to ``most``; None when it is not stated."""
        number = self._number(name)
        if isinstance(number, float) or (number is not None and not 0 <= number <= most):
            self._refuse_number(name, number, 0, most)
            return None
        return number

    def above_zero(self, name: str, most: float, otherwise: float) -> float:
        """Return a number above 0, up to ``most``; ``otherwise`` when it is not stated."""
        number = self._number(name)
        if number is None:
            return otherwise
        if not 0 < number <= most:
            self._refuse_number(name, number, 0, most)
            return otherwise
        return float(number)

    def _number(self, name: str) -> int | float | None:
        value = self._found.get(name)
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
            return value
        self.complaints.add("intake.dock_record.not_number", self.key(name), value=shown(value))
        return None

    def _refuse_number(self, name: str, number: float, least: float, most: float) -> None:
        code = "intake.dock_record.number"
        self.complaints.add(code, self.key(name), value=shown(number), least=least, most=most)

    def truth(self, name: str) -> bool | None:
        """Return true or false; None when it is not stated."""
        return self._stated(name, bool, "intake.dock_record.not_truth")

    def inner(self, name: str, *, needed: bool = False) -> "Fields":
        """Return the object below a key; an empty one when it is not stated."""
        found = self._stated(name, dict, "intake.dock_record.not_object", needed=needed)
        return Fields(found or {}, self.key(name), self.complaints)

    def items(self, name: str, most: int) -> Sequence["Fields"]:
        """Return the objects of a list; none when it is not stated or too long."""
        found = self._stated(name, list, "intake.dock_record.not_list") or []
        if len(found) > most:
            self.complaints.add("intake.dock_record.too_many", self.key(name), count=len(found), limit=most)
            return ()
        places = [(f"{self.key(name)}[{place}]", item) for place, item in enumerate(found)]
        for key, item in places:
            if not isinstance(item, dict):
                self.complaints.add("intake.dock_record.not_object", key, value=shown(item))
        return [Fields(item, key, self.complaints) for key, item in places if isinstance(item, dict)]

    def _stated(self, name: str, kind: type[V], code: str, *, needed: bool = False) -> V | None:
        value = self._found.get(name)
        if value is None:
            if needed:
                self.complaints.add("intake.dock_record.missing", self.key(name))
            return None
        if isinstance(value, kind):
            return value
        self.complaints.add(code, self.key(name), value=shown(value))
        return None


def read_moment(text: str) -> datetime:
    """Return the UTC time of an ISO 8601 date and time of day; full-width characters are read like plain ones.

    A time without an offset is Beijing time. ``24:00:00`` is the midnight at the end of the day (ISO 8601:2000).

    Raises:
        ValueError: it is not written so, or no calendar has it.
    """
    plain = unicodedata.normalize("NFKC", text[:_MOMENT_CHARACTERS]).strip()
    found = _MOMENT.fullmatch(plain) if len(text) <= _MOMENT_CHARACTERS else None
    if found is None:
        raise ValueError("no date and time of day in the form of ISO 8601")
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    micro = int((found[7] or "").ljust(6, "0")[:6])
    ends_day = (hour, minute, second, micro) == (24, 0, 0, 0)
    try:
        moment = datetime(year, month, day, 0 if ends_day else hour, minute, second, micro, tzinfo=_zone(found))
        return (moment + timedelta(days=int(ends_day))).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("beyond the calendar") from error


def _zone(found: re.Match[str]) -> timezone:
    if found[8] is None:
        return BEIJING
    if found[9] is None:
        return UTC
    hours, minutes = int(found[10]), int(found[11] or 0)
    length = timedelta(hours=hours, minutes=minutes)
    if minutes >= 60 or length > timedelta(hours=_FARTHEST_H):  # noqa: PLR2004 - minutes in an hour
        raise ValueError("no zone has this offset")
    return timezone(length if found[9] == "+" else -length)


def shown(value: object) -> str:
    """Return a wrong value as a note repeats it: short, one level deep, valid Unicode."""
    if isinstance(value, list | dict):
        return "[…]" if isinstance(value, list) else "{…}"
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    clean = text[: SHOWN_CHARACTERS + 1].encode("utf-8", "backslashreplace").decode("utf-8")
    return clean if len(clean) <= SHOWN_CHARACTERS else f"{clean[:SHOWN_CHARACTERS]}…"
