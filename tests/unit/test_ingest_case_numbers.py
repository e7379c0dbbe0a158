"""The columns of a case that has two numbers, as a file states them."""

from pathlib import Path
from typing import Literal

import pytest

from evidence.case_numbers import NumberFault, NumberRefusal
from evidence.cases import Case
from ingest.records import Known, Noun, RowsRefusedError, read_rows

CASES: Literal[Noun.CASES] = Noun.CASES


def cases(folder: Path, text: str, known: Known | None = None) -> tuple[Case, ...]:
    """Return the cases of a file."""
    file = folder / "cases.csv"
    file.write_text(text, encoding="utf-8")
    return read_rows(file, CASES, known=known or Known()).records


@pytest.mark.parametrize(
    ("cell", "said"),
    [("是", True), ("Yes", True), ("１", True), ("true", True), ("√", True), ("", False), ("否", False), ("No", False)],
)
def test_yes_and_no_in_both_languages(tmp_path: Path, cell: str, said: bool) -> None:
    """Full-width and capital letters are the same words; an empty cell is no."""
    [case] = cases(tmp_path, f"案号,先行启动,紧急启动时间\nL-1,{cell},2026-11-02 09:00\n")
    assert case.provisional is said


def test_true_in_json_is_yes(tmp_path: Path) -> None:
    """A program says it as its own truth."""
    [case] = cases(tmp_path, '[{"case_no": "L-1", "provisional": true, "urgent_at": "2026-11-02 09:00"}]')
    assert case.provisional


def test_another_word_is_refused(tmp_path: Path) -> None:
    """Whoever writes something else is asked for yes or no."""
    with pytest.raises(RowsRefusedError) as refused:
        cases(tmp_path, "case_no,provisional\nL-1,也许\n")
    assert [one.what.code for one in refused.value.verdicts] == ["import.not_yes_or_no"]


def test_the_opening_of_a_provisional_case_is_its_urgent_start(tmp_path: Path) -> None:
    """It has not been opened (立案) yet; with both times each is what it says."""
    text = (
        "case_no,provisional,opened_at,urgent_at\nL-1,是,2026-11-02 09:00,\nL-2,是,2026-11-02 12:00,2026-11-02 09:00\n"
    )
    first, second = cases(tmp_path, text)
    assert (first.opened_at, first.urgent_at) == (None, second.urgent_at)
    assert second.opened_at is not None
    assert second.urgent_at is not None
    assert (second.opened_at - second.urgent_at).total_seconds() == 3 * 3600


def test_a_row_that_names_its_provisional_number_is_of_that_case(tmp_path: Path) -> None:
    """The case is kept by its first number; the row's own is the official one."""
    [case] = cases(tmp_path, "案号,临时案号,立案时间\nHJ-7,L-1,2026-11-03\n")
    assert (case.case_no, case.official_no, case.provisional) == ("L-1", "HJ-7", True)
    assert case.urgent_at is None


def test_a_provisional_case_without_a_time_is_a_warning(tmp_path: Path) -> None:
    """It is taken: its hours cannot be counted until somebody says when it was begun."""
    file = tmp_path / "cases.csv"
    file.write_text("case_no,provisional\nL-1,是\n", encoding="utf-8")
    assert [one.what.code for one in read_rows(file, CASES).warnings] == ["import.urgent_start_missing"]


def test_what_the_register_says_against_a_number_is_a_verdict(tmp_path: Path) -> None:
    """The row is refused with the register's reason and what stands in the way."""
    asked: list[tuple[str, str]] = []

    def refusal(first: str, official: str) -> NumberRefusal:
        asked.append((first, official))
        return NumberRefusal(NumberFault.TAKEN, "L-9")

    with pytest.raises(RowsRefusedError) as refused:
        cases(tmp_path, "case_no,provisional_no\nHJ-7,L-1\n", Known(refusal=refusal))
    [said] = refused.value.verdicts
    assert (said.what.code, said.column, said.what.params["about"]) == ("import.number_taken", "provisional_no", "L-9")
    assert asked == [("L-1", "HJ-7")]


def test_two_rows_of_one_step_under_two_numbers_are_one_step_twice(tmp_path: Path) -> None:
    """A file that names a step under both numbers of its case is refused as one that names it twice."""
    file = tmp_path / "steps.csv"
    rows = (f"{case_no},1,SITE_CHECK,2026-11-02 09:00,2026-11-02 09:30" for case_no in ("L-1", "HJ-7"))
    file.write_text("\n".join(("case_no,step_no,procedure,started_at,ended_at", *rows)), encoding="utf-8")
    with pytest.raises(RowsRefusedError) as refused:
        read_rows(file, Noun.STEPS, known=Known(first_numbers={"HJ-7": "L-1"}))
    assert [one.what.code for one in refused.value.verdicts] == ["import.twice"]
