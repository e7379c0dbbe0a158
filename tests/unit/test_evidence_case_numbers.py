"""Provisional numbers: unit, Beijing day and the first free count, in a form that every list and file can hold."""

from datetime import UTC, datetime

import pytest

from evidence.case_numbers import NumberFault, NumberRefusal, provisional_number, refusal_error
from evidence.cases import Case
from evidence.changes import form_of
from evidence.ids import CaseNo

LATE = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)
"""Half past midnight of the 25th in Beijing."""


@pytest.mark.parametrize(
    ("unit", "taken", "number"),
    [
        ("执法大队", set(), "临-执法大队-20261125-1"),
        ("", set(), "临-20261125-1"),
        ("执法大队", {"临-执法大队-20261125-1", "临-执法大队-20261125-2"}, "临-执法大队-20261125-3"),
        ("执法大队", {"临-执法大队-20261125-2"}, "临-执法大队-20261125-1"),
        (" 执法/大队；一 中队\t", set(), "临-执法大队一中队-20261125-1"),
        ("-", set(), "临-20261125-1"),
        (
            "高昌区生态环境保护综合行政执法大队第一中队驻工业园区分队",
            set(),
            "临-高昌区生态环境保护综合行政执法大队第一中队驻工业-20261125-1",
        ),
    ],
)
def test_the_number_says_unit_and_beijing_day(unit: str, taken: set[str], number: str) -> None:
    """Blanks and separators are left out, a long unit is cut, and the count is the first that nobody has."""
    assert provisional_number(unit, LATE, taken) == number


def test_a_case_knows_its_numbers() -> None:
    """It waits until it has an official number; then that is its number, and the first is what it had before."""
    begun = Case(CaseNo("L-1"), provisional=True)
    numbered = Case(CaseNo("L-1"), provisional=True, official_no="HJ-7")
    plain = Case(CaseNo("HJ-1"))
    assert [(one.is_provisional, one.number, one.former_no) for one in (begun, numbered, plain)] == [
        (True, "L-1", ""),
        (False, "HJ-7", "L-1"),
        (False, "HJ-1", ""),
    ]


def test_a_mark_that_is_not_set_is_an_empty_cell() -> None:
    """An import says yes or nothing of it, so that files without the column change nothing."""
    forms = [form_of(Case(CaseNo("L-1"), provisional=said))["provisional"] for said in (True, False)]
    assert forms == ["yes", None]


@pytest.mark.parametrize("fault", NumberFault)
def test_every_refusal_says_what_to_do(fault: NumberFault) -> None:
    """The error names what was asked and what stands in the way, and has a cure."""
    error = refusal_error(NumberRefusal(fault, "HJ-404"), "L-1 → HJ-7")
    assert str(error).startswith("L-1 → HJ-7")
    assert error.cure
    assert "{" not in str(error)
