"""Reads one cell by the form of its column; a cell that cannot be read says why, and what cures it."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import cast

from evidence.spans import Span
from ingest.records.columns import Form
from ingest.records.sheets import Broken, Formula, date_of
from ingest.records.tables import Cell
from ingest.records.times import FIRST_YEAR, LAST_YEAR, NotATimeError, read_time

MAX_ID_CHARACTERS = 64
MAX_NAME_CHARACTERS = 128
MAX_TEXT_CHARACTERS = 4000
COUNT_DIGITS = 4
YES = frozenset({"yes", "y", "true", "1", "是", "√"})
NO = frozenset({"", "no", "n", "false", "0", "否", "×"})
EXACT_UP_TO = 10**15
"""Excel keeps 15 digits of a number; the rest of a longer one is lost before we see it."""

_SEPARATORS = re.compile(r"[;；、\n]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""Characters that show nothing: an id with one looks like another id."""
_ACTS = re.compile(r"[=@]|[+\-].*[(|!]", re.DOTALL)
"""How a text begins that a spreadsheet would carry out. Source: OWASP, "CSV Injection"."""
_WIDE = {0xFF01 + shift: 0x21 + shift for shift in range(94) if chr(0x21 + shift).isalnum()}
"""Full-width letters and digits: in an id they are slips of an input method. Brackets are left as they are."""
_NOT_IN_ID = re.compile(r"[\x00-\x1f\x7f;；、,，\s]")
_NOT_IN_CASE_ID = re.compile(r"[\x00-\x1f\x7f;；]")
_ROUNDED = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)

_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")
_DAY = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?")

_TIMES = frozenset({Form.FROM, Form.UNTIL, Form.MOMENT})


@dataclass(frozen=True)
class Sittings:
    """Stretches of time out of one cell, in its order."""

    spans: tuple[Span, ...]


Value = str | tuple[str, ...] | Sittings | datetime | None


@dataclass(frozen=True)
class Read:
    """What a cell says. ``warning``: code and cure of something to look at, though it can be taken."""

    value: Value
    warning: tuple[str, str] | None = None


class CellRefusedError(ValueError):
    """A cell cannot be taken: ``import.<code>``, ``import.cure.<cure>``."""

    def __init__(self, code: str, cure: str) -> None:
        super().__init__(code)
        self.code = code
        self.cure = cure


def read_cell(cell: Cell, form: Form, zone: timezone) -> Read:
    """Return what a cell says; an empty one says "", () or None.

    Raises:
        CellRefusedError: it cannot be taken.
    """
    if type(cell) is not str and not (form is Form.YES and isinstance(cell, bool)):
        _refuse_what_is_no_content(cell)
    if form in _TIMES:
        return _time(cell, form, zone)
    if form in _PLAIN:
        return Read(_PLAIN[form](cell))
    if form is Form.SPANS:
        return Read(_sittings(cell, zone))
    if form is Form.NAME:
        return Read(_text(cell, MAX_NAME_CHARACTERS))
    return Read(_id(cell) if form is Form.ID else _text(cell))


def _refuse_what_is_no_content(cell: Cell) -> None:
    if isinstance(cell, Formula):
        raise CellRefusedError("formula", "paste_values")
    if isinstance(cell, Broken):
        raise CellRefusedError("cell_error", "cell_error")
    if isinstance(cell, bool):
        raise CellRefusedError("not_text", "not_text")


def _text(cell: Cell, longest: int = MAX_TEXT_CHARACTERS) -> str:
    if isinstance(cell, list | dict):
        raise CellRefusedError("not_text", "not_text")
    if isinstance(cell, float) and cell.is_integer():
        if abs(cell) >= EXACT_UP_TO:
            raise CellRefusedError("number_rounded", "format_as_text")
        return str(int(cell))
    if isinstance(cell, datetime):
        raise CellRefusedError("date_in_text", "format_as_text")
    if isinstance(cell, float) and not math.isfinite(cell):
        raise CellRefusedError("number_rounded", "format_as_text")
    text = "" if cell is None else str(cell).strip()
    if len(text) > longest:
        raise CellRefusedError("too_long", "shorten")
    _refuse_what_is_no_text(text)
    return text


def _refuse_what_is_no_text(text: str) -> None:
    if _CONTROL.search(text):
        raise CellRefusedError("control_characters", "control_characters")
    if "\ufffd" in text:
        raise CellRefusedError("characters_lost", "characters_lost")
    if _ACTS.match(text):
        raise CellRefusedError("formula", "paste_values")


def _id(cell: Cell) -> str:
    if isinstance(cell, datetime):
        raise CellRefusedError("date_in_id", "format_as_text")
    if isinstance(cell, float) and not cell.is_integer():
        raise CellRefusedError("number_rounded", "format_as_text")
    text = _text(cell).translate(_WIDE)
    if _UNSEEN.search(text):
        raise CellRefusedError("control_characters", "control_characters")
    if _ROUNDED.fullmatch(text):
        raise CellRefusedError("number_rounded", "format_as_text")
    if _NOT_IN_CASE_ID.search(text):
        raise CellRefusedError("id_characters", "id_characters")
    if len(text) > MAX_ID_CHARACTERS:
        raise CellRefusedError("too_long", "shorten")
    return text


def _count(cell: Cell) -> str:
    """Return the digits of a whole number, "" for an empty cell."""
    text = unicodedata.normalize("NFKC", _text(cell))
    if text and not (text.isascii() and text.isdigit() and len(text) <= COUNT_DIGITS):
        raise CellRefusedError("not_a_count", "not_a_count")
    return text


def _yes(cell: Cell) -> str:
    """Return "yes", or "" for no and for an empty cell."""
    text = str(cell) if isinstance(cell, bool) else _text(cell)
    word = unicodedata.normalize("NFKC", text).strip().lower()
    if word not in YES | NO:
        raise CellRefusedError("not_yes_or_no", "not_yes_or_no")
    return "yes" if word in YES else ""


def _ids(cell: Cell) -> tuple[str, ...]:
    if isinstance(cell, list):
        if not all(isinstance(each, str | int) and not isinstance(each, bool) for each in cell):
            raise CellRefusedError("not_text", "not_text")
        parts = [_id(cast("Cell", each)) for each in cell]
    elif isinstance(cell, str):
        parts = [_id(part) for part in _SEPARATORS.split(cell)]
    else:
        parts = [_id(cell)]
    if any(_NOT_IN_ID.search(part) or len(part) > MAX_ID_CHARACTERS for part in parts):
        raise CellRefusedError("ids_separator", "ids_separator")
    return tuple(dict.fromkeys(part for part in parts if part))


def _time(cell: Cell, form: Form, zone: timezone) -> Read:
    if isinstance(cell, int | float):
        found = date_of(cell)
        if found is None:
            raise CellRefusedError("time_unreadable", "time")
        return _sheet_time(found, form, zone)
    if isinstance(cell, datetime):
        return _sheet_time(cell, form, zone)
    text = _text(cell)
    if not text:
        return Read(None)
    try:
        moment, has_clock = read_time(text, zone)
    except NotATimeError as error:
        cure = "zone" if error.code == "zone_unknown" else "time"
        raise CellRefusedError(error.code, cure) from error
    if form is Form.MOMENT and not has_clock:
        raise CellRefusedError("time_of_day_missing", "time")
    return Read(moment + _rest_of_day(form, bare_date=not has_clock))


def _sittings(cell: Cell, zone: timezone) -> Sittings:
    parts = map(str, cell) if isinstance(cell, list) else iter(re.split(r"[;；\n]+", _text(cell)))
    return Sittings(tuple(_span(part, zone) for part in parts if part.strip()))


def _span(text: str, zone: timezone) -> Span:
    """Read ``2026-11-22 09:00~11:30``: an end that is a time of day alone is of the start's day."""
    first, *rest = [part.strip() for part in re.split(r"[~至]", unicodedata.normalize("NFKC", text))]
    if len(rest) != 1:
        raise CellRefusedError("sitting_unreadable", "sitting")
    day = _DAY.match(first)
    last = f"{day[0]} {rest[0]}" if day and _CLOCK.fullmatch(rest[0]) else rest[0]
    start, end = (_sitting_bound(bound, zone) for bound in (first, last))
    if end <= start:
        raise CellRefusedError("sitting_unreadable", "sitting")
    return Span(start, end)


def _sitting_bound(text: str, zone: timezone) -> datetime:
    try:
        moment, has_clock = read_time(text, zone)
    except NotATimeError as error:
        raise CellRefusedError("sitting_unreadable", "sitting") from error
    if not has_clock:
        raise CellRefusedError("sitting_unreadable", "sitting")
    return moment


def _sheet_time(wall: datetime, form: Form, zone: timezone) -> Read:
    """Read a sheet's date; midnight sharp is what a cell shows that was given a date alone."""
    if not FIRST_YEAR <= wall.year <= LAST_YEAR:
        raise CellRefusedError("time_implausible", "time")
    bare_date = (wall.hour, wall.minute, wall.second) == (0, 0, 0)
    moment = wall.replace(tzinfo=zone).astimezone(UTC) + _rest_of_day(form, bare_date=bare_date)
    doubtful = bare_date and form is Form.MOMENT
    return Read(moment, ("midnight", "midnight") if doubtful else None)


def _rest_of_day(form: Form, *, bare_date: bool) -> timedelta:
    return timedelta(days=1) if bare_date and form is Form.UNTIL else timedelta(0)


_PLAIN: Mapping[Form, Callable[[Cell], str | tuple[str, ...]]] = {Form.IDS: _ids, Form.COUNT: _count, Form.YES: _yes}
"""Forms that say the same in every zone."""
