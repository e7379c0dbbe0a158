"""Imported records of cases that have two numbers: whichever a file names, they are of the one case."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from evidence.case_numbers import joined, refusal_error
from evidence.cases import Case
from evidence.errors import ImportRefusedError
from evidence.ids import CaseNo
from index import rows, schema
from index.case_numbers import keys_of, renew_numbers
from index.folding import fold
from index.numbering import refusal_of

Folded = tuple[str, CaseNo]
"""An official number under which records had come, and the case that they are of."""


def as_known(session: Session, noun: str, records: Collection[Any]) -> Sequence[Any]:
    """Return imported records under the numbers their cases are kept by; of two records of a case one is made."""
    if noun in {"steps", "documents"}:
        keys = keys_of(session, {one.case_no for one in records})
        return [one if keys[one.case_no] == one.case_no else replace(one, case_no=keys[one.case_no]) for one in records]
    return list(_cases(session, records)) if noun == "cases" else list(records)


def _cases(session: Session, records: Collection[Case]) -> Iterator[Case]:
    keys = keys_of(session, {one.case_no for one in records})
    known: dict[str, Case] = {}
    for one in records:
        key = keys[one.case_no]
        standing = known.get(key) or _standing(session, key, one.official_no)
        has_two = one.provisional or one.official_no or standing.provisional
        known[key] = joined(standing, one) if has_two else replace(one, case_no=key)
    yield from known.values()


def _standing(session: Session, key: CaseNo, official: str) -> Case:
    """Return what stands of a case, with what came under its official number meanwhile."""
    row, other = session.get(schema.CaseRow, key), session.get(schema.CaseRow, official) if official != key else None
    case = rows.case(row) if row is not None else Case(key)
    return joined(case, rows.case(other)) if other is not None else case


def require_numbers(session: Session, cases: Collection[Case]) -> None:
    """Refuse official numbers that cannot be given.

    Raises:
        ImportRefusedError: nothing was imported.
    """
    for one in cases:
        refusal = refusal_of(session, one.case_no, one.official_no) if one.official_no else None
        if refusal is not None:
            error = refusal_error(refusal, f"{one.case_no} → {one.official_no}")
            raise ImportRefusedError(error.message, subject=error.subject, cure=error.cure) from error


def fold_all(session: Session, cases: Collection[Case]) -> frozenset[Folded]:
    """Let official numbers that came with cases be the cases' own; return those under which records had come."""
    numbered = [one for one in cases if one.official_no]
    if numbered:
        renew_numbers(session)
    found = [one for one in numbered if one.official_no != one.case_no]
    came = [(one.official_no, one.case_no) for one in found if session.get(schema.CaseRow, one.official_no)]
    for official, case_no in came:
        fold(session, official, case_no)
    return frozenset(came)
