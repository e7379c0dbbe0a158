"""Reads a record file into rows of cells, whatever form it came in; the form is told by the bytes, not the suffix."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath

from evidence.errors import SourceUnreadableError
from ingest.records.columns import Heading, Noun, read_heading
from ingest.records.sheets import sheet_rows
from ingest.records.verdicts import RowsRefusedError, Verdict, verdict

MAX_ROWS = 100_000
MAX_BYTES = 64 * 1024 * 1024
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
ZIP = b"PK\x03\x04"
DELIMITERS = (",", ";", "\t")

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


class _FileRefusedError(Exception):
    """The file as a whole cannot be read; carries the one verdict that says why."""

    def __init__(self, why: Verdict) -> None:
        super().__init__(why.what.code)
        self.why = why


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
        raise RowsRefusedError(
            str(path), (verdict(0, "", path.name, "too_large", cure="split", limit_mb=MAX_BYTES >> 20),)
        )
    return RecordFile(str(path), body)


def read_table(file: RecordFile, noun: Noun) -> Table:
    """Read a CSV, XLSX or JSON file.

    Raises:
        RowsRefusedError: it is none of these forms, or is damaged.
    """
    try:
        return _read_form(file.body, noun, file)
    except _FileRefusedError as refused:
        raise RowsRefusedError(file.subject, (refused.why,)) from refused


def _read_form(data: bytes, noun: Noun, file: RecordFile) -> Table:
    if data.startswith(OLD_EXCEL):
        raise _FileRefusedError(verdict(0, "", file.name, "old_excel", cure="save_as_xlsx"))
    if data.startswith(ZIP):
        return _from_lines(noun, _sheet(data, noun, file))
    text = _decoded(data, file)
    if text.lstrip()[:1] in {"[", "{"}:
        return _from_json(noun, text, file)
    return _from_lines(noun, _csv(noun, text))


def _decoded(data: bytes, file: RecordFile) -> str:
    """Decode UTF-16 with its mark, UTF-8 or GB18030, each with or without mark."""
    for encoding in ("utf-16",) if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _FileRefusedError(verdict(0, "", file.name, "encoding", cure="save_as_utf8"))


def _csv(noun: Noun, text: str) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    delimiter, start = _delimiter(noun, text)
    reader = csv.reader(io.StringIO(text[start:], newline=""), delimiter=delimiter, strict=True)
    before = text[:start].count("\n")
    while True:
        line = before + reader.line_num + 1
        try:
            yield line, tuple(next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            raise _FileRefusedError(verdict(line, "", str(error), "csv_broken", cure="quotes")) from error


def _delimiter(noun: Noun, text: str) -> tuple[str, int]:
    """Return the delimiter whose reading of the heading knows most columns, and where the heading begins."""
    start = 0
    first = text.partition("\n")[0].strip()
    if first.lower().startswith("sep=") and len(first) == len("sep=,"):  # a line Excel writes for itself
        return first[-1], text.index("\n") + 1
    while start < len(text) and text[start] in "\r\n":
        start += 1
    line = text[start:].partition("\n")[0].strip("\r")

    def known(delimiter: str) -> int:
        cells = tuple(cell.strip(' "') for cell in line.split(delimiter))
        return sum(1 for column in read_heading(noun, cells).columns if column)

    return max(DELIMITERS, key=known), start


def _sheet(data: bytes, noun: Noun, file: RecordFile) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    try:
        yield from sheet_rows(data, noun)
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        SyntaxError,
        OSError,
        EOFError,
        zipfile.BadZipFile,
    ) as error:
        why = verdict(0, "", file.name, "xlsx_broken", cure="save_again", reason=str(error)[:200])
        raise _FileRefusedError(why) from error


def _from_lines(noun: Noun, lines: Iterable[tuple[int, tuple[Cell, ...]]]) -> Table:
    filled = ((line, cells) for line, cells in lines if any(_has_content(cell) for cell in cells))
    line, cells = next(filled, (1, ()))
    heading = read_heading(noun, tuple("" if cell is None else str(cell) for cell in cells))
    wrong = _heading_verdicts(line, heading)
    if wrong:
        return Table((), wrong)
    rows: list[Row] = []
    verdicts: list[Verdict] = []
    for line, cells in filled:
        if len(rows) >= MAX_ROWS:
            return Table((), (verdict(line, "", "", "too_many_rows", cure="split", limit=MAX_ROWS),))
        verdicts += _surplus(line, cells, heading)
        named = zip(heading.columns, cells, strict=False)
        rows.append(Row(line, {column: cell for column, cell in named if column}))
    return Table(tuple(rows), tuple(verdicts))


def _heading_verdicts(line: int, heading: Heading) -> tuple[Verdict, ...]:
    return (
        *(verdict(line, name, name, "column_unknown", cure="column_unknown") for name in heading.unknown),
        *(verdict(line, name, name, "column_twice", cure="column_twice") for name in heading.twice),
        *(verdict(line, name, "", "column_missing", cure="column_missing") for name in heading.missing),
    )


def _surplus(line: int, cells: tuple[Cell, ...], heading: Heading) -> Iterator[Verdict]:
    for place, cell in enumerate(cells):
        if _has_content(cell) and (place >= len(heading.columns) or heading.columns[place] is None):
            yield verdict(line, "", cell, "cell_without_column", cure="cell_without_column", place=place + 1)


def _has_content(cell: Cell) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _from_json(noun: Noun, text: str, file: RecordFile) -> Table:
    try:
        content = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise _FileRefusedError(verdict(error.lineno, "", error.msg, "json_broken", cure="json_broken")) from error
    except (ValueError, RecursionError) as error:
        raise _FileRefusedError(verdict(0, "", str(error)[:80], "json_broken", cure="json_broken")) from error
    rows = content.get(noun.value) if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise _FileRefusedError(verdict(0, "", file.name, "json_shape", cure="json_shape", noun=noun.value))
    if len(rows) > MAX_ROWS:
        raise _FileRefusedError(verdict(0, "", "", "too_many_rows", cure="split", limit=MAX_ROWS))
    return _json_rows(noun, rows)


def _json_rows(noun: Noun, items: list[object]) -> Table:
    rows: list[Row] = []
    verdicts: list[Verdict] = []
    for line, item in enumerate(items, 1):
        if not isinstance(item, dict):
            verdicts.append(verdict(line, "", item, "json_row", cure="json_shape", noun=noun.value))
            continue
        heading = read_heading(noun, tuple(str(key) for key in item))
        wrong = _heading_verdicts(line, heading)
        verdicts += wrong
        if not wrong:
            cells = zip(heading.columns, item.values(), strict=True)
            rows.append(Row(line, {column: cell for column, cell in cells if column}))
    return Table(tuple(rows), tuple(verdicts))


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for key, _ in pairs if [k for k, _ in pairs].count(key) > 1)
        raise ValueError(f"the key {twice} comes twice")
    return found


def _no_constant(text: str) -> object:
    raise ValueError(f"{text} is no value of JSON")
