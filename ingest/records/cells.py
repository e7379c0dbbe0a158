"""Reads one cell by the form of its column; a cell that cannot be read says why, and what cures it."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from ingest.records.columns import Form
from ingest.records.sheets import Broken, Formula, date_of
from ingest.records.tables import Cell
from ingest.records.times import FIRST_YEAR, LAST_YEAR, NotATimeError, read_time

MAX_ID_CHARACTERS = 64
MAX_TEXT_CHARACTERS = 4000
COUNT_DIGITS = 4
EXACT_UP_TO = 10**15
"""Excel keeps 15 digits of a number; the rest of a longer one is lost before we see it."""

_SEPARATORS = re.compile(r"[;；、\n]+")
_NOT_IN_ID = re.compile(r"[\x00-\x1f\x7f;；、,，\s]")
_NOT_IN_CASE_ID = re.compile(r"[\x00-\x1f\x7f;；]")
_ROUNDED = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)

_TIMES = frozenset({Form.FROM, Form.UNTIL, Form.MOMENT})

Value = str | tuple[str, ...] | datetime | None


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
    if type(cell) is not str:
        _refuse_what_is_no_content(cell)
    if form in _TIMES:
        return _time(cell, form, zone)
    if form is Form.IDS:
        return Read(_ids(cell))
    if form is Form.COUNT:
        return Read(_count(cell))
    return Read(_id(cell) if form is Form.ID else _text(cell))


def _refuse_what_is_no_content(cell: Cell) -> None:
    if isinstance(cell, Formula):
        raise CellRefusedError("formula", "paste_values")
    if isinstance(cell, Broken):
        raise CellRefusedError("cell_error", "cell_error")
    if isinstance(cell, bool):
        raise CellRefusedError("not_text", "not_text")


def _text(cell: Cell) -> str:
    if isinstance(cell, list | dict):
        raise CellRefusedError("not_text", "not_text")
    if isinstance(cell, float) and cell.is_integer():
        if abs(cell) >= EXACT_UP_TO:
            raise CellRefusedError("number_rounded", "format_as_text")
        return str(int(cell))
    text = "" if cell is None else str(cell).strip()
    if len(text) > MAX_TEXT_CHARACTERS:
        raise CellRefusedError("too_long", "shorten")
    return text


def _id(cell: Cell) -> str:
    if isinstance(cell, datetime):
        raise CellRefusedError("date_in_id", "format_as_text")
    if isinstance(cell, float) and not cell.is_integer():
        raise CellRefusedError("number_rounded", "format_as_text")
    text = _text(cell)
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


def _ids(cell: Cell) -> tuple[str, ...]:
    if isinstance(cell, list):
        if not all(isinstance(each, str | int) and not isinstance(each, bool) for each in cell):
            raise CellRefusedError("not_text", "not_text")
        parts = [str(each).strip() for each in cell]
    elif isinstance(cell, str):
        parts = [part.strip() for part in _SEPARATORS.split(cell)]
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
