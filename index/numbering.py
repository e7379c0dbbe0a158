"""Opening a case before its approval, and giving it its official number: decisions of named persons.

What an import states of the same goes the same way (`index.numbered_imports`), so that both lead to one register.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.case_numbers import (
    NumberFault,
    NumberRefusal,
    UrgentCase,
    joined,
    provisional_number,
    provisional_stem,
    refusal_error,
)
from evidence.cases import Case
from evidence.errors import NotFoundError, UsageError
from evidence.ids import CaseNo
from evidence.ports import Scope, Transaction
from evidence.zones import exact_iso
from index import dialects, journal, ledger, rows, schema
from index.case_numbers import key_of, renew_numbers
from index.decisions import Act, Decided, record
from index.folding import clash_of, fold, let_go
from index.journal import Told, time_of
from index.tx import session_of

OPEN_CASE, NUMBER_CASE = "open_case", "number_case"
CASE_FORM = journal.Form(Case)


def open_case(tx: Transaction, wanted: UrgentCase, act: Act) -> Decided:
    """Open a case under a provisional number, which the decision returns as its ``case_no``.

    Raises:
        UsageError: no title or no reason was given, or it is to have begun in the future.
    """
    session = session_of(tx)
    if not wanted.title.strip():
        raise UsageError("a case needs a title", subject=act.verb, cure="say in a line what it is about")
    if wanted.urgent_at > act.at:
        cure = "give the time at which the procedure was begun"
        raise UsageError("cannot have begun in the future", subject=exact_iso(wanted.urgent_at), cure=cure)
    ledger.locked_size(session)  # two that open a case at once must not find the same number free
    taken = _numbers_like(session, provisional_stem(wanted.unit, wanted.urgent_at))
    case_no = provisional_number(wanted.unit, wanted.urgent_at, taken)
    title, unit, matter = wanted.title.strip(), wanted.unit.strip(), wanted.matter_type.strip()
    case = Case(case_no, title, matter, unit, provisional=True, urgent_at=wanted.urgent_at)
    _put(session, case)
    about = {"case_no": case_no, "case": CASE_FORM.write(case)}
    return record(session, act, case_no, Scope(cases=frozenset({case_no})), about)


def number_case(tx: Transaction, provisional: str, official: str, approved_at: datetime | None, act: Act) -> Decided:
    """Give a provisional case its official number; a case that was imported under that number becomes the same case.

    Raises:
        NotFoundError: no such case. UsageError: no reason, or the number cannot be given; it says why and what to do.
    """
    session = session_of(tx)
    official = official.strip()
    if not official:
        raise UsageError("no official number was given", subject=provisional, cure="name the number it was filed under")
    case_no = key_of(session, provisional.strip())
    standing = session.get(schema.CaseRow, case_no)
    if standing is None:
        cure = "`evidock cases --provisional` lists the cases that wait for a number"
        raise NotFoundError("no case of that number", subject=provisional, cure=cure)
    refusal = refusal_of(session, case_no, official)
    if refusal is None and standing.official_no:
        refusal = NumberRefusal(NumberFault.TWICE, standing.official_no)
    if refusal is not None:
        raise refusal_error(refusal, f"{provisional} → {official}")
    about = {
        "case_no": case_no,
        "official_no": official,
        "approved_at": exact_iso(approved_at) if approved_at else None,
    }
    touched = let_go(session, official, case_no, act.actor, act.at)
    give_number(session, case_no, official, approved_at)
    scope = Scope(clips=touched, cases=frozenset({case_no}))
    return record(session, act, case_no, scope, about)


def refusal_of(session: Session, case_no: CaseNo, official: str) -> NumberRefusal | None:
    """Return why a case cannot be given an official number; None when it can be, or has it already.

    A case that only steps or text records have named so far may be: nobody has said yet what it is.
    """
    row = session.get(schema.CaseRow, case_no)
    if row is not None and row.official_no and row.official_no != official:
        return NumberRefusal(NumberFault.TWICE, row.official_no)
    if row is not None and not row.provisional and rows.case(row) != Case(case_no):
        return NumberRefusal(NumberFault.NOT_PROVISIONAL, case_no)
    has_it = session.scalar(sa.select(schema.CaseRow.case_no).where(schema.CaseRow.official_no == official))
    if has_it is not None:
        return None if has_it == case_no else NumberRefusal(NumberFault.TAKEN, has_it)
    other = session.get(schema.CaseRow, official)
    if other is None or official == case_no:
        return None
    return NumberRefusal(NumberFault.TAKEN, official) if other.provisional else clash_of(session, case_no, official)


def give_number(session: Session, case_no: CaseNo, official: str, approved_at: datetime | None = None) -> None:
    """Write an official number; the records of the case that was known by it go over to this one."""
    standing = session.get(schema.CaseRow, case_no)
    case = rows.case(standing) if standing is not None else Case(case_no)
    other = session.get(schema.CaseRow, official) if official != case_no else None
    case = joined(case, rows.case(other)) if other is not None else case
    case = replace(case, provisional=True, official_no=official, opened_at=approved_at or case.opened_at)
    _put(session, case)
    if other is not None:
        fold(session, official, case_no)
    renew_numbers(session)


def take_in(session: Session, told: Told) -> None:
    """Do again what an entry says of a case that was opened or numbered."""
    detail = told.detail
    if detail["decision"] == OPEN_CASE:
        _put(session, CASE_FORM.read(detail["case"]))
        return
    case_no, official = CaseNo(str(detail["case_no"])), str(detail["official_no"])
    give_number(session, case_no, official, time_of(detail["approved_at"]))


def opened_number(decided: Mapping[str, object]) -> CaseNo:
    """Return the number under which a decision opened a case."""
    return CaseNo(str(decided["case_no"]))


def _put(session: Session, case: Case) -> None:
    dialects.upsert(session, schema.CaseRow, [rows.case_values(case)])
    session.expire_all()


def _numbers_like(session: Session, stem: str) -> frozenset[str]:
    """Return the numbers in use that begin so."""
    row = schema.CaseRow
    columns = (row.case_no, row.official_no)
    wanted = (sa.select(one).where(one.startswith(stem, autoescape=True)) for one in columns)
    return frozenset(str(number) for one in wanted for number in session.scalars(one))
