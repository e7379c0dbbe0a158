"""Two numbers, one case: the records that came under the official number go over to the case they belong to.

Only records go over: steps, text records, the case's own row. What the machine concluded from them is taken back in the
ledger and concluded anew under the number that stays; where people have decided, nothing is moved and they are asked.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.case_numbers import NumberFault, NumberRefusal
from evidence.changes import Form, form_of
from evidence.custody import Actor, Entry, EventType
from evidence.findings import FindingState
from evidence.holds import HoldScope, step_name
from evidence.ids import SYSTEM_ACTOR, CaseNo, Digest
from evidence.secrecy import Marked
from index import facts, journal, ledger, schema
from index.amendments import as_recorded
from index.case_files import documents_of
from index.reconcile import RECORD, Audited, Reconciler

NOT_ANSWERED = (FindingState.OPEN, FindingState.RESOLVED)


def clash_of(session: Session, case_no: CaseNo, official: str) -> NumberRefusal | None:
    """Return why the records of two numbers cannot become one case's; None when they can."""
    decided = next(_decided_on(session, official), None)
    if decided is not None:
        return NumberRefusal(NumberFault.DECIDED, decided)
    ours, theirs = _forms(session, case_no), _forms(session, official)
    differing = next((key for key, form in sorted(theirs.items()) if ours.get(key, form) != form), None)
    return NumberRefusal(NumberFault.STEPS_DIFFER, "/".join(one for one in differing if one)) if differing else None


def let_go(session: Session, official: str, case_no: CaseNo, actor: Actor, at: datetime) -> frozenset[Digest]:
    """Take back in the ledger what the machine concluded under a number that becomes another case's.

    Returns the clips that hung on it; they are to be reviewed with the case that stays. Nothing is done where no case
    was known by that number.
    """
    if official == case_no:
        return frozenset()
    touched = set[str]()
    entries: list[Entry] = []
    link = schema.Link
    for one in session.scalars(sa.select(link).where(link.case_no == official, link.active).order_by(link.digest)):
        one.active = False
        touched.add(one.digest)
        detail = {"action": "unlink", **journal.linked(one)}
        entries.append(Entry(EventType.LINKED, actor, at, one.digest, detail=detail))
    for action, model in (("unsuggest", schema.SuggestionRow), ("undoubt", schema.Doubt)):
        for digest, step_no in _waiting(session, model, official):
            touched.add(digest)
            detail = {"action": action, "by": SYSTEM_ACTOR, "case_no": official, "step_no": step_no}
            entries.append(Entry(EventType.LINKED, actor, at, digest, detail=detail))
        session.execute(sa.delete(model).where(model.case_no == official))
    session.flush()
    ledger.append_all(session, entries)
    _resolve(session, official, actor, at)
    return frozenset(map(Digest, touched))


def fold(session: Session, official: str, case_no: CaseNo) -> None:
    """Hang the steps and text records of a number on the case it belongs to, and let the number be no case by itself.

    A step or text record that both have is the same one; its verdict and its history stay those of the case that stays.
    """
    step, paper = schema.StepRow, schema.DocumentRow
    ours = set(session.scalars(sa.select(step.step_no).where(step.case_no == case_no)))
    for model in (step, schema.StepOfficer, schema.StepWaiting):
        _copy(session, model, official, case_no, model.step_no.not_in(ours))
    named = sa.tuple_(paper.step_no, paper.slot, paper.document_no)
    papers = sa.select(paper.step_no, paper.slot, paper.document_no).where(paper.case_no == case_no)
    known = [tuple(one) for one in session.execute(papers)]
    _copy(session, paper, official, case_no, named.not_in(known))
    for gone in (schema.StepWaiting, schema.StepOfficer, step, paper, schema.CaseRow):
        session.execute(sa.delete(gone).where(gone.case_no == official))
    session.expire_all()


def _copy(session: Session, model: type[Any], official: str, case_no: CaseNo, wanted: sa.ColumnElement[bool]) -> None:
    found = session.scalars(sa.select(model).where(model.case_no == official, wanted)).all()
    copied = [{**_columns(one), "case_no": case_no} for one in found]
    if copied:
        session.execute(sa.insert(model), copied)


def _columns(row: schema.Base) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in sa.inspect(type(row)).column_attrs}


def _waiting(session: Session, model: type[Any], official: str) -> list[tuple[str, str]]:
    wanted = sa.select(model.digest, model.step_no).where(model.case_no == official)
    return [(digest, step_no) for digest, step_no in session.execute(wanted.order_by(model.digest, model.step_no))]


def _resolve(session: Session, official: str, actor: Actor, at: datetime) -> None:
    """Let the findings of a number that is no case by itself any more be resolved; they stay to be read."""
    row = schema.FindingRow
    owners = sorted(set(session.scalars(sa.select(row.owner).where(row.case_no == official))))
    Reconciler(session, actor, at).reconcile([Audited(owner, ()) for owner in owners])


def _forms(session: Session, case_no: str) -> Mapping[tuple[str, ...], Form]:
    """Return the steps and text records of a case by what names them in it, without the number of the case."""
    found = session.scalars(sa.select(schema.StepRow).where(schema.StepRow.case_no == case_no)).all()
    steps: dict[tuple[str, ...], Form] = {
        (one.step_no,): form_of(one) for one in as_recorded(session, facts.nouns_of(session, found))
    }
    papers: dict[tuple[str, ...], Form] = {
        (one.step_no, one.slot, one.document_no): form_of(one)
        for some in documents_of(session, [case_no]).values()
        for one in some
    }
    return {key: {**form, "case_no": None} for key, form in {**steps, **papers}.items()}


def _decided_on(session: Session, case_no: str) -> Iterator[str]:
    """Yield what people have decided on a case: its steps, its findings, itself."""
    link, finding, held = schema.Link, schema.FindingRow, schema.HoldRow
    steps = [
        *session.scalars(sa.select(link.step_no).where(link.case_no == case_no, link.human)),
        *session.scalars(sa.select(schema.ExemptionRow.step_no).where(schema.ExemptionRow.case_no == case_no)),
        *session.scalars(sa.select(schema.AmendmentRow.step_no).where(schema.AmendmentRow.case_no == case_no)),
        *session.scalars(sa.select(schema.AttachmentRow.step_no).where(schema.AttachmentRow.case_no == case_no)),
        *session.scalars(sa.select(schema.ClaimFile.step_no).where(schema.ClaimFile.case_no == case_no)),
    ]
    yield from (step_name(case_no, step_no) if step_no else case_no for step_no in sorted(steps))
    answered = sa.select(finding.finding_id).where(finding.case_no == case_no, finding.state.not_in(NOT_ANSWERED))
    yield from session.scalars(answered.where(finding.claimed_by != RECORD).order_by(finding.finding_id))
    on_case = sa.and_(held.scope == HoldScope.CASE, held.target == case_no)
    on_step = sa.and_(held.scope == HoldScope.STEP, held.target.startswith(f"{case_no}/", autoescape=True))
    yield from session.scalars(sa.select(held.target).where(sa.or_(on_case, on_step)).order_by(held.hold_id))
    secret, copy = schema.SecrecyRow, schema.CopyRequestRow
    wanted = sa.select(secret.target).where(secret.scope == Marked.CASE.value, secret.target == case_no)
    yield from session.scalars(wanted)
    yield from session.scalars(sa.select(copy.request_id).where(copy.case_no == case_no))
