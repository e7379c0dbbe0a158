"""The tables are whole: enough cases, every procedure in three of them, every kind of finding both ways."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.law_packs import default_pack
from evidence.findings import FindingKind
from tests.support.case_rows import rows_of, text, texts
from tests.support.case_tables import read_files
from tests.support.clip_tables import read_clips
from tests.support.law_cases import read_cases

PROCEDURES = Path(__file__).parents[3] / "shared" / "law" / "procedures.csv"
CLIP = "(clip)"
ENOUGH = 3


@dataclass(frozen=True)
class Row:
    """A row of any of the tables: where it stands, the procedures it tries, and the kinds that it expects."""

    table: str
    says: str
    procedures: frozenset[str]
    kinds: frozenset[str]


def every_row() -> Iterator[Row]:
    """Yield the rows of all tables: steps with their footage, files of cases, and clips."""
    for one in read_cases():
        expected = frozenset(written.split()[0] for written in one.texts("findings"))
        yield Row(one.file, one.says, frozenset({one.text("procedure")}), expected)
    for case in read_files():
        tried = frozenset(text(step, "procedure") for step in rows_of(case.facts, "step"))
        expected = frozenset(written.split()[1] for written in texts(case.facts, "findings", []))
        yield Row(case.file, case.says, tried, expected)
    for clip in read_clips():
        expected = frozenset(written.split()[0] for written in texts(clip, "findings", []))
        yield Row("clips", text(clip, "says"), frozenset({CLIP}), expected)


ROWS = tuple(every_row())


def test_there_are_enough_cases() -> None:
    """More than a hundred and fifty cases, none stated twice."""
    assert len(ROWS) >= 150
    assert [says for says, times in Counter(row.says for row in ROWS).items() if times > 1] == []


def test_every_procedure_is_tried_three_times() -> None:
    """Each procedure of the pack stands in three cases at least."""
    tried = Counter(code for row in ROWS for code in row.procedures)
    assert {code: tried[code] for code in default_pack().rules if tried[code] < ENOUGH} == {}


def test_every_row_of_the_reading_is_tried_three_times() -> None:
    """The same, counted by the table of procedures that the pack was written from."""
    if not PROCEDURES.is_file():
        pytest.skip("the table of procedures is not beside this checkout")
    with PROCEDURES.open(encoding="utf-8-sig", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    tried = Counter(code for row in ROWS for code in row.procedures)
    assert {code: tried[code] for code in codes if tried[code] < ENOUGH} == {}


@pytest.mark.parametrize("kind", list(FindingKind))
def test_every_kind_is_tried_both_ways(kind: FindingKind) -> None:
    """In one table, and for one procedure, a row must raise the kind and another must not."""
    flagged = {(row.table, code) for row in ROWS if kind.value in row.kinds for code in row.procedures}
    spared = {(row.table, code) for row in ROWS if kind.value not in row.kinds for code in row.procedures}
    assert flagged
    assert flagged & spared


@pytest.mark.parametrize("code", list(default_pack().deadlines))
def test_every_time_limit_is_tried_both_ways(code: str) -> None:
    """The article of each time limit is broken in one case, and kept in another of the same table."""
    deadline = default_pack().deadlines[code]
    rows = [(case.file, texts(case.facts, "findings", [])) for case in read_files()]
    mark = f"{deadline.kind} {deadline.severity} [{deadline.article}]"
    broken = {table for table, findings in rows if any(mark in written for written in findings)}
    kept = {table for table, findings in rows if not any(mark in written for written in findings)}
    assert broken & kept
