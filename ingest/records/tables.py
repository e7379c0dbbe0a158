"""Reads a record file into rows of cells, whatever form it came in; the form is told by the bytes, not the suffix."""

import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath
from typing import cast

from evidence.errors import SourceUnreadableError
from ingest.records.columns import Heading, Noun, read_heading
from ingest.records.decoding import decoded
from ingest.records.lines import csv_lines
from ingest.records.objects import heading_verdicts, json_items, json_row
from ingest.records.sheets import Sheet, open_sheet
from ingest.records.verdicts import FileRefusedError, RowsRefusedError, Verdict, Weight, file_refused, verdict

MAX_ROWS = 100_000
MAX_BYTES = 64 * 1024 * 1024
OLE = b"\xd0\xcf\x11\xe0"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The stream that an Office file with a password holds instead of its own. Source: [MS-OFFCRYPTO] 2.3.4."""
ZIP = b"PK"
DAMAGED = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    SyntaxError,
    RuntimeError,
    OSError,
    EOFError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
)
"""What reading a damaged or forged workbook raises."""

Cell = str | int | float | bool | datetime | list[object] | None


@dataclass(frozen=True)
class Row:
    """One row: where it is, and its cells by our column names."""

    line: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Table:
    """All rows of a file that have any content, and what was wrong with its form."""

    rows: tuple[Row, ...]
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True)
class RecordFile:
    """A record file as it came. ``subject``: what people call it, a path or a name; ``name``: without folders."""

    subject: str
    body: bytes

    @property
    def name(self) -> str:
        """Its name without folders."""
        return PurePath(self.subject).name


def open_records(path: Path) -> RecordFile:
    """Read a record file whole.

    Raises:
        SourceUnreadableError: the file is not there or may not be read. RowsRefusedError: it is too large.
    """
    try:
        size = path.stat().st_size
        body = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        cure = "name a file that this account may read"
        raise SourceUnreadableError(f"cannot be read: {error.strerror}", subject=str(path), cure=cure) from error
    if size > MAX_BYTES:
        raise too_large(str(path))
    return RecordFile(str(path), body)


def too_large(subject: str) -> RowsRefusedError:
    """Return the refusal of a file that is not even read."""
    why = verdict(0, "", PurePath(subject).name, "too_large", cure="split", limit_mb=MAX_BYTES >> 20)
    return RowsRefusedError(subject, (why,))


def read_table(file: RecordFile, noun: Noun) -> Table:
    """Read a CSV, XLSX or JSON file.

    Raises:
        RowsRefusedError: it is none of these forms, is damaged, or has no rows.
    """
    try:
        if len(file.body) > MAX_BYTES:
            raise too_large(file.subject)
        return _read_form(file.body, noun, file.name)
    except FileRefusedError as refused:
        raise RowsRefusedError(file.subject, (refused.why,)) from refused


def _read_form(data: bytes, noun: Noun, name: str) -> Table:
    if data.startswith(OLE):
        code, cure = ("encrypted", "decrypt") if ENCRYPTED in data else ("old_excel", "save_as_xlsx")
        raise file_refused(name, code, cure)
    if data.startswith(ZIP):
        return _from_sheet(noun, data, name)
    text = decoded(data, name)
    if not text.strip():
        raise file_refused(name, "empty", "empty")
    if text.lstrip()[:1] in {"[", "{"}:
        return _from_json(noun, text, name)
    if text.lstrip()[:1] == "<":
        raise file_refused(name, "markup", "save_as_xlsx")
    return _from_lines(noun, csv_lines(noun, text), whole=True)


def _from_sheet(noun: Noun, data: bytes, name: str) -> Table:
    try:
        sheet = open_sheet(data, noun)
        return _from_lines(noun, sheet.lines, sheet=sheet)
    except DAMAGED as error:
        why = verdict(0, "", name, "xlsx_broken", cure="save_again", reason=str(error)[:200])
        raise FileRefusedError(why) from error


def _from_lines(
    noun: Noun, lines: Iterable[tuple[int, tuple[Cell, ...]]], *, sheet: Sheet | None = None, whole: bool = False
) -> Table:
    """Read a heading and rows; ``whole``: a row that is shorter than the heading has lost a separator."""
    filled = ((line, cells) for line, cells in lines if any(_has_content(cell) for cell in cells))
    first, cells = next(filled, (0, ()))
    if not first:
        raise file_refused("", "empty", "empty")
    heading = read_heading(noun, tuple("" if cell is None else str(cell) for cell in cells))
    wrong = tuple(heading_verdicts(first, heading))
    if wrong:
        return Table((), wrong)
    rows: list[Row] = []
    verdicts = list(_of_sheet(sheet, first, heading)) if sheet else []
    for line, cells in filled:
        if len(rows) >= MAX_ROWS:
            return Table((), (verdict(line, "", "", "too_many_rows", cure="split", limit=MAX_ROWS),))
        verdicts += _misfits(line, cells, heading, whole=whole)
        named = zip(heading.columns, cells, strict=False)
        rows.append(Row(line, {column: cell for column, cell in named if column}))
    return _with_rows(rows, verdicts, first)


def _with_rows(rows: list[Row], verdicts: list[Verdict], line: int) -> Table:
    if not rows and not verdicts:
        verdicts = [verdict(line, "", "", "no_rows", cure="empty")]
    return Table(tuple(rows), tuple(verdicts))


def _of_sheet(sheet: Sheet, first: int, heading: Heading) -> Iterator[Verdict]:
    """Yield what a person who sees the sheet would take otherwise: merged cells, hidden sheets."""
    for column, line in sheet.merged:
        if line >= first:
            name = heading.columns[column - 1] if column <= len(heading.columns) else None
            yield verdict(line, name or "", "", "merged", cure="unmerge")
    for title in sheet.passed_over:
        yield verdict(0, "", title, "sheet_passed_over", cure="sheet_passed_over", weight=Weight.WARNING)


def _misfits(line: int, cells: tuple[Cell, ...], heading: Heading, *, whole: bool) -> Iterator[Verdict]:
    for place, cell in enumerate(cells):
        if _has_content(cell) and (place >= len(heading.columns) or heading.columns[place] is None):
            yield verdict(line, "", cell, "cell_without_column", cure="cell_without_column", place=place + 1)
    lost = [column for column in heading.columns[len(cells) :] if column] if whole else []
    if lost:
        found, wanted = len(cells), len(heading.columns)
        yield verdict(line, lost[0], "", "fields_missing", cure="fields_missing", found=found, wanted=wanted)


def _has_content(cell: Cell) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _from_json(noun: Noun, text: str, name: str) -> Table:
    items = json_items(noun, text, name)
    if len(items) > MAX_ROWS:
        raise file_refused("", "too_many_rows", "split", limit=MAX_ROWS)
    rows: list[Row] = []
    verdicts: list[Verdict] = []
    for place, item in enumerate(items, 1):
        read, wrong = json_row(noun, place, item)
        verdicts += wrong
        if read:
            line, heading, values = read
            cells = zip(heading.columns, cast("tuple[Cell, ...]", values), strict=True)
            rows.append(Row(line, {column: cell for column, cell in cells if column}))
    return _with_rows(rows, verdicts, 0)
