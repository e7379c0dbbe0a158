"""Rows of an XLSX sheet, read as a stream: formulas are seen as formulas, dates as dates, bombs refused.

Excel keeps a date as a count of days in one of two calendars (1900, 1904) and says so in the cell's number format; a
count without such a format is a plain number here, and a time column turns it into a date (`date_of`). Since such a
count means another day in the 1904 calendar, workbooks of that calendar are refused.
"""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from openpyxl import load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, from_excel
from openpyxl.workbook import Workbook

from ingest.records.columns import Noun

MAX_UNPACKED_BYTES = 512 * 1024 * 1024
SERIAL_DAYS = (30_000, 75_000)
"""Counts of days that are a date between 1982 and 2105; outside, a number is a slip and not a date."""

SHEET_NAMES = {
    Noun.OFFICERS: "人员",
    Noun.DEVICES: "设备",
    Noun.ASSIGNMENTS: "领用记录",
    Noun.CASES: "案件",
    Noun.STEPS: "执法环节",
    Noun.DOCUMENTS: "文书",
}

SheetCell = str | int | float | bool | datetime | None


class Formula(str):
    """A cell that holds a formula: what it shows is not in the file for certain."""

    __slots__ = ()


class Broken(str):
    """A cell that shows an Excel error such as ``#N/A``."""

    __slots__ = ()


def sheet_rows(data: bytes, noun: Noun) -> Iterator[tuple[int, tuple[SheetCell, ...]]]:
    """Yield row number and cells of the sheet named for the noun, else of the first.

    Raises:
        zipfile.BadZipFile, ValueError, KeyError: it is no workbook, or unpacks to more than it may.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED_BYTES:
            raise ValueError("it unpacks to more than a table of records needs")
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    try:
        yield from _rows(book, noun)
    finally:
        book.close()


def _rows(book: Workbook, noun: Noun) -> Iterator[tuple[int, tuple[SheetCell, ...]]]:
    if book.epoch == CALENDAR_MAC_1904:
        raise ValueError("it counts days from 1904: set the 1900 calendar in the options of the workbook")
    wanted = {noun.value, SHEET_NAMES[noun]}
    sheet = next((each for each in book.worksheets if each.title.strip().lower() in wanted), book.worksheets[0])
    sheet.reset_dimensions()  # a wrong size written in the file would hide rows
    for line, cells in enumerate(sheet.iter_rows(), 1):
        yield line, tuple(_value(cell.data_type, cell.value) for cell in cells)


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
