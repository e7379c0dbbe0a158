"""From a record file to nouns: every row judged, nothing half-imported."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from itertools import pairwise
from pathlib import Path
from typing import Generic, Literal, TypeVar, cast, overload

from evidence.cases import Case, Step
from evidence.people import Assignment, Device, Officer
from evidence.zones import BEIJING
from ingest.records.build import Known, Record, Values, build, canonical, identity, judge
from ingest.records.cells import CellRefusedError, Value, read_cell
from ingest.records.columns import COLUMNS, Noun
from ingest.records.tables import RecordFile, Row, open_records, read_table
from ingest.records.verdicts import RowsRefusedError, Verdict, Weight, shown, verdict

R = TypeVar("R", bound=Record)
NOTHING_KNOWN = Known()

_TOLD_BY: Mapping[Noun, tuple[str, ...]] = {
    Noun.OFFICERS: ("officer_id",),
    Noun.DEVICES: ("device_id",),
    Noun.ASSIGNMENTS: ("from",),
    Noun.CASES: ("case_no",),
    Noun.STEPS: ("step_no",),
    Noun.DOCUMENTS: ("document_no", "document"),
}
"""The column in which two rows of one identity are most likely to differ when they should."""

_EMPTY: tuple[Value, ...] = ("", (), None)


@dataclass(frozen=True)
class RowVerdicts(Generic[R]):
    """A judged file.

    Attributes:
        records: one noun a row; empty when any row is refused.
        verdicts: refusals and warnings, in order of line.
        rows: how many rows the file has.
    """

    noun: Noun
    records: tuple[R, ...]
    verdicts: tuple[Verdict, ...]
    rows: int

    @property
    def refusals(self) -> tuple[Verdict, ...]:
        """What stops the import."""
        return tuple(each for each in self.verdicts if each.weight is Weight.REFUSED)

    @property
    def warnings(self) -> tuple[Verdict, ...]:
        """What a person should look at; the import goes on."""
        return tuple(each for each in self.verdicts if each.weight is Weight.WARNING)


@overload
def read_rows(
    path: Path, noun: Literal[Noun.OFFICERS], zone: timezone = ..., known: Known = ...
) -> RowVerdicts[Officer]: ...
@overload
def read_rows(
    path: Path, noun: Literal[Noun.DEVICES], zone: timezone = ..., known: Known = ...
) -> RowVerdicts[Device]: ...
@overload
def read_rows(
    path: Path, noun: Literal[Noun.ASSIGNMENTS], zone: timezone = ..., known: Known = ...
) -> RowVerdicts[Assignment]: ...
@overload
def read_rows(path: Path, noun: Literal[Noun.CASES], zone: timezone = ..., known: Known = ...) -> RowVerdicts[Case]: ...
@overload
def read_rows(path: Path, noun: Literal[Noun.STEPS], zone: timezone = ..., known: Known = ...) -> RowVerdicts[Step]: ...
@overload
def read_rows(path: Path, noun: Noun, zone: timezone = ..., known: Known = ...) -> RowVerdicts[Record]: ...


def read_rows(
    path: Path, noun: Noun, zone: timezone = BEIJING, known: Known = NOTHING_KNOWN
) -> (
    RowVerdicts[Officer]
    | RowVerdicts[Device]
    | RowVerdicts[Assignment]
    | RowVerdicts[Case]
    | RowVerdicts[Step]
    | RowVerdicts[Record]
):
    """Return every row as a noun, with the warnings.

    Args:
        path: CSV (UTF-8, GB18030, UTF-16), XLSX or JSON; told by its bytes.
        noun: what the rows are.
        zone: of times that name none.
        known: what rows may refer to.

    Raises:
        RowsRefusedError: a row, or the file, cannot be taken; carries every verdict, and nothing is returned.
        SourceUnreadableError: the file cannot be read.
    """
    return taken_rows(open_records(path), noun, zone, known)


def taken_rows(
    file: RecordFile, noun: Noun, zone: timezone = BEIJING, known: Known = NOTHING_KNOWN
) -> RowVerdicts[Record]:
    """Return every row of a file that was read or sent, as `read_rows` does.

    Raises:
        RowsRefusedError: a row, or the file, cannot be taken; carries every verdict, and nothing is returned.
    """
    judged = judge_file(file, noun, zone, known)
    if judged.refusals:
        raise RowsRefusedError(file.subject, judged.verdicts)
    return judged


def judge_rows(path: Path, noun: Noun, zone: timezone = BEIJING, known: Known = NOTHING_KNOWN) -> RowVerdicts[Record]:
    """Judge a file without refusing it: what an import would say.

    Raises:
        RowsRefusedError: the file as a whole cannot be read as a table.
        SourceUnreadableError: the file cannot be read.
    """
    return judge_file(open_records(path), noun, zone, known)


def judge_file(file: RecordFile, noun: Noun, zone: timezone, known: Known) -> RowVerdicts[Record]:
    """Judge a file that was read or sent.

    Raises:
        RowsRefusedError: the file as a whole cannot be read as a table.
    """
    table = read_table(file, noun)
    verdicts = list(table.verdicts)
    values: list[tuple[int, Values]] = []
    said: set[tuple[str, str, str]] = set()
    for row in table.rows:
        read, wrong = _read_row(noun, row, zone, known)
        verdicts += _not_said_before(wrong, said)
        if not any(each.weight is Weight.REFUSED for each in wrong):
            values.append((row.line, read))
    verdicts += _across(noun, values, known)
    refused = any(each.weight is Weight.REFUSED for each in verdicts)
    records = () if refused else tuple(build(noun, each) for _, each in values)
    return RowVerdicts(noun, records, tuple(sorted(verdicts, key=lambda each: each.line)), len(table.rows))


def template(noun: Noun | str) -> bytes:
    """Return an empty CSV file with the columns of a noun, in UTF-8 with the mark that makes Excel keep Chinese."""
    return (",".join(COLUMNS[Noun(noun)]) + "\r\n").encode("utf-8-sig")


def _read_row(noun: Noun, row: Row, zone: timezone, known: Known) -> tuple[Values, list[Verdict]]:
    values: dict[str, Value] = {}
    verdicts: list[Verdict] = []
    for name, column in COLUMNS[noun].items():
        cell = row.cells.get(name)
        try:
            read = read_cell(cell, column.form, zone)
        except CellRefusedError as refused:
            verdicts.append(verdict(row.line, name, cell, refused.code, cure=refused.cure))
            continue
        values[name] = read.value
        if read.warning:
            code, cure = read.warning
            verdicts.append(verdict(row.line, name, cell, code, cure=cure, weight=Weight.WARNING))
        if column.required and read.value in _EMPTY:
            verdicts.append(verdict(row.line, name, "", "value_missing", cure="value_missing"))
    verdicts += (_as_written(each, values, row) for each in judge(noun, row.line, values, known))
    procedure = values.get("procedure")
    if isinstance(procedure, str) and known.procedures:
        values["procedure"] = canonical(procedure, known.procedures) or procedure
    return values, verdicts


def _not_said_before(found: Iterable[Verdict], said: set[tuple[str, str, str]]) -> Iterator[Verdict]:
    """Yield verdicts, but of somebody or something unknown only the first that names it."""
    for each in found:
        about = (each.what.code, each.column, each.value)
        is_doubt = each.weight is Weight.WARNING and each.what.code.endswith("_unknown")
        if not is_doubt:
            yield each
        elif about not in said:
            said.add(about)
            yield each


def _as_written(said: Verdict, values: Values, row: Row) -> Verdict:
    """Return a verdict that repeats a time as the file has it, not as it was understood."""
    understood = isinstance(values.get(said.column), datetime)
    return replace(said, value=shown(row.cells.get(said.column))) if understood else said


def _across(noun: Noun, rows: Iterable[tuple[int, Values]], known: Known) -> Iterator[Verdict]:
    """Yield what only several rows together show."""
    rows = list(rows)
    first_line: dict[tuple[str, ...], int] = {}
    for line, values in rows:
        key = identity(noun, values, known)
        if key in first_line:
            column = next(name for name in _TOLD_BY[noun] if values[name])
            yield verdict(line, column, " ".join(key).strip(), "twice", cure="twice", first=first_line[key])
        first_line.setdefault(key, line)
    if noun is Noun.CASES:
        yield from _numbered_twice(rows)
    if noun is Noun.OFFICERS:
        yield from _shared_codes(rows)
    if noun is Noun.ASSIGNMENTS:
        yield from _carried_twice(rows)


def _numbered_twice(rows: Iterable[tuple[int, Values]]) -> Iterator[Verdict]:
    """Yield a refusal where one provisional case is given two official numbers."""
    given: dict[str, str] = {}
    for line, values in rows:
        first, official = str(values["provisional_no"]), str(values["case_no"])
        other = given.setdefault(first, official) if first else official
        if other != official:
            code = "numbered_twice"
            yield verdict(line, "provisional_no", first, code, cure=code, about=other, official=official)


def _shared_codes(rows: Iterable[tuple[int, Values]]) -> Iterator[Verdict]:
    first_line: dict[str, int] = {}
    for line, values in rows:
        codes = cast("tuple[str, ...]", values["short_codes"])
        for code in codes:
            first = first_line.setdefault(code, line)
            if first != line:
                yield verdict(
                    line, "short_codes", code, "code_shared", cure="code_shared", weight=Weight.WARNING, first=first
                )


def _carried_twice(rows: Iterable[tuple[int, Values]]) -> Iterator[Verdict]:
    """Yield a warning where one camera is in two hands at once."""
    made = sorted(
        ((line, cast("Assignment", build(Noun.ASSIGNMENTS, values))) for line, values in rows),
        key=lambda each: (each[1].device_id, each[1].start, each[0]),
    )
    for (first, earlier), (line, later) in pairwise(made):
        if earlier.device_id == later.device_id and (earlier.end is None or later.start < earlier.end):
            yield verdict(
                line,
                "from",
                later.device_id,
                "carried_twice",
                cure="carried_twice",
                weight=Weight.WARNING,
                first=first,
                other=earlier.officer_id,
            )
