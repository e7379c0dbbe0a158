"""Rows of an XLSX sheet, read as a stream: formulas are seen as formulas, dates as dates, bombs refused.

Excel keeps a date as a count of days in one of two calendars (1900, 1904) and says so in the cell's number format; a
count without such a format is a plain number here, and a time column turns it into a date (`date_of`). Since such a
count means another day in the 1904 calendar, workbooks of that calendar are refused. So is all that a person who looks
at the workbook would understand otherwise than a program: several sheets to choose from, hidden ones, merged cells.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import IO, Any, Protocol, cast

from openpyxl import load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, from_excel
from openpyxl.workbook import Workbook

from ingest.records.columns import Noun
from ingest.records.verdicts import file_refused

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
LAST_ROW = 1_048_576
"""Excel has no more; a row of a higher number is a trap."""
SERIAL_DAYS = (30_000, 75_000)
"""Counts of days that are a date between 1982 and 2105; outside, a number is a slip and not a date."""
AT_ONCE = 1 << 20
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]+)([0-9]+):[A-Z]+[0-9]+[\"']")
LONGEST_MERGE = 120
"""Bytes that one mention of merged cells may take."""

SHEET_NAMES = {
    Noun.OFFICERS: "人员",
    Noun.DEVICES: "设备",
    Noun.ASSIGNMENTS: "领用记录",
    Noun.CASES: "案件",
    Noun.STEPS: "执法环节",
    Noun.DOCUMENTS: "文书",
}

SheetCell = str | int | float | bool | datetime | None
Line = tuple[int, tuple[SheetCell, ...]]


class _Streamed(Protocol):
    """What is used of a sheet that is read as a stream; the library's types know the other kind alone."""

    title: str
    sheet_state: str

    def iter_rows(self, *, values_only: bool = False) -> Iterator[tuple[Any, ...]]: ...
    def reset_dimensions(self) -> None: ...
    def _get_source(self) -> IO[bytes]: ...


class Formula(str):
    """A cell that holds a formula: what it shows is not in the file for certain."""

    __slots__ = ()


class Broken(str):
    """A cell that shows an Excel error such as ``#N/A``, or a JSON value that is none, such as ``NaN``."""

    __slots__ = ()


@dataclass(frozen=True)
class Sheet:
    """The sheet that is read.

    Attributes:
        lines: row number and cells, as a stream. merged: column and row where merged cells begin.
        passed_over: hidden sheets with content that were not read.
    """

    lines: Iterable[Line]
    merged: tuple[tuple[int, int], ...]
    passed_over: tuple[str, ...]


def open_sheet(data: bytes, noun: Noun) -> Sheet:
    """Return the sheet named for the noun, else the one visible sheet with content.

    Raises:
        FileRefusedError: it unpacks to more than it may, counts days from 1904, or which sheet is meant is not plain.
        zipfile.BadZipFile, ValueError, KeyError: it is no workbook.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED_BYTES:
            raise file_refused("", "unpacks_too_large", "split", limit_mb=MAX_UNPACKED_BYTES >> 20)
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    if book.epoch == CALENDAR_MAC_1904:
        raise file_refused("", "calendar_1904", "calendar_1904")
    sheets = cast("list[_Streamed]", book.worksheets)
    for one in sheets:
        one.reset_dimensions()  # a wrong size written in the file would hide rows
    sheet, passed_over = _chosen(sheets, noun)
    return Sheet(_lines(book, sheet), tuple(_merged(sheet)), passed_over)


def _chosen(sheets: list[_Streamed], noun: Noun) -> tuple[_Streamed, tuple[str, ...]]:
    names = {noun.value, SHEET_NAMES[noun]}
    named = [one for one in sheets if one.title.strip().lower() in names]
    filled = named or [one for one in sheets if _has_content(one)]
    hidden = [one for one in filled if one.sheet_state != "visible"]
    shown = [one for one in filled if one not in hidden]
    if len(shown) > 1:
        titles = "、".join(one.title for one in shown)
        raise file_refused(titles, "sheets_several", "sheet_name", name=f"{noun.value} / {SHEET_NAMES[noun]}")
    if hidden and not shown:
        raise file_refused(hidden[0].title, "sheet_hidden", "sheet_hidden")
    return (shown or sheets)[0], () if named else tuple(one.title for one in hidden)


def _has_content(sheet: _Streamed) -> bool:
    return any(value not in (None, "") for cells in sheet.iter_rows(values_only=True) for value in cells)


def _lines(book: Workbook, sheet: _Streamed) -> Iterator[Line]:
    try:
        for line, cells in enumerate(sheet.iter_rows(), 1):
            if line > LAST_ROW:
                raise ValueError(f"a row has a number above {LAST_ROW}")
            yield line, tuple(_value(cell.data_type, cell.value) for cell in cells)
    finally:
        book.close()


def _merged(sheet: _Streamed) -> Iterator[tuple[int, int]]:
    """Yield where merged cells begin; a sheet that is read as a stream does not tell by itself."""
    rest = b""
    with sheet._get_source() as part:  # noqa: SLF001 – the library reads merged cells only without streaming
        while some := part.read(AT_ONCE):
            for found in MERGED.finditer(rest + some):
                yield _column_number(found[1]), int(found[2])
            whole = max((found.end() for found in MERGED.finditer(rest + some)), default=0)
            rest = (rest + some)[max(whole, len(rest + some) - LONGEST_MERGE) :]


def _column_number(letters: bytes) -> int:
    number = 0
    for each in letters:
        number = number * 26 + each - ord("A") + 1
    return number


def _value(kind: str, value: object) -> SheetCell:
    if kind == "f":
        return Formula(value)
    if kind == "e":
        return Broken(value)
    if isinstance(value, datetime):
        return _to_second(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a sheet's date has no zone
    if isinstance(value, time | timedelta):
        return str(value)  # a time of day without its day: refused where a time is wanted
    return value if isinstance(value, str | int | float | bool) else None if value is None else str(value)


def date_of(number: float) -> datetime | None:
    """Return the wall clock that Excel's count of days stands for, to the second; None when it is no likely date."""
    if not SERIAL_DAYS[0] <= number <= SERIAL_DAYS[1]:
        return None
    found = from_excel(number)
    return _to_second(found) if isinstance(found, datetime) else None


def _to_second(moment: datetime) -> datetime:
    """Round to the second: a day's fraction as a float misses it by microseconds."""
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0)
