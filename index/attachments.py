"""Files attached to text records: decisions of named persons, and what stands by them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.attachments import Attachment, Paper, number_for, papers_of, slot_named, slots_at
from evidence.cases import Step
from evidence.custody import Actor
from evidence.documents import SIGNERS
from evidence.errors import NotFoundError, UsageError
from evidence.ids import CaseNo, StepNo
from evidence.law import DocumentSlot, LawPack
from evidence.ports import Scope, Transaction
from evidence.zones import exact_iso, from_iso
from index import dialects, facts, rows, schema
from index.case_files import documents_of
from index.case_numbers import key_of
from index.decisions import Act, Decided, record
from index.facts import StepKey, step_key
from index.intakes import clip_row
from index.journal import Told
from index.papers import attachments_of
from index.tx import session_of

ATTACH, DETACH = "attach", "detach"
SHORTEST_PREFIX = 6


@dataclass(frozen=True)
class Place:
    """Where a file is attached: the text record's key, as `Attachment` has it."""

    case_no: CaseNo
    step_no: StepNo
    slot: str
    document_no: str


def place_of(session: Session, pack: LawPack, key: StepKey, slot: str, document_no: str | None) -> Place:
    """Return the text record that a person means.

    Args:
        session: reads the register.
        pack: says which procedure asks for which text records.
        key: case and step; an empty step is the case as a whole.
        slot: its name, in any language, or another name of it.
        document_no: its number; None is the one that is there, or the first.

    Raises:
        NotFoundError: no such case or step. UsageError: the procedure has no such slot, or several of that kind.
    """
    case_no, step_no = key_of(session, key[0]), StepNo(key[1])
    slots = slots_for(session, pack, case_no, step_no)
    found = slot_named(slot, slots)
    if found is None:
        names = ", ".join(one.slot for one in slots) or "none"
        raise UsageError("has no place for such a text record", subject=slot, cure=f"the places are: {names}")
    papers = papers_at(session, pack, case_no, step_no)
    return Place(case_no, step_no, *number_for(papers, found, document_no))


def slots_for(session: Session, pack: LawPack, case_no: str, step_no: str) -> tuple[DocumentSlot, ...]:
    """Return the slots of a step, or (without one) all that the pack knows.

    Raises:
        NotFoundError: no such case or step.
    """
    case_no = key_of(session, case_no)
    if session.get(schema.CaseRow, case_no) is None:
        cure = "`evidock cases` lists which there are; import it first"
        raise NotFoundError("no case of that number", subject=case_no, cure=cure)
    if not step_no:
        return tuple(pack.documents.values())
    return slots_at(_step(session, case_no, step_no), pack)


def papers_at(session: Session, pack: LawPack, case_no: CaseNo, step_no: StepNo) -> tuple[Paper, ...]:
    """Return the text records of a step, or of the case as a whole."""
    case_no = key_of(session, case_no)
    key = step_key(case_no, step_no)
    slots = slots_for(session, pack, case_no, step_no)
    recorded = documents_of(session, [case_no]).get(key, ())
    return papers_of(recorded, attachments_of(session, [case_no]).get(key, ()), slots)


# --- decisions --------------------------------------------------------------------------------------------------------


def attach(tx: Transaction, pack: LawPack, wanted: Attachment, actor: Actor, reason: str, at: datetime) -> Decided:
    """Attach a sealed file to a text record; the same file may be attached to several, and several to one.

    Raises:
        UsageError: no reason was given, the procedure has no such slot, or a role is unknown.
        NotFoundError: no such case, step or original.
    """
    session = session_of(tx)
    act = Act(ATTACH, actor, reason, at)
    require_signers(wanted.signed_by)
    clip_row(session, wanted.digest)
    place = place_of(session, pack, step_key(wanted.case_no, wanted.step_no), wanted.slot, wanted.document_no)
    made = replace(wanted, slot=place.slot, document_no=place.document_no, active=True)
    return _decided(session, act, made)


def detach(tx: Transaction, wanted: Attachment, actor: Actor, reason: str, at: datetime) -> Decided:
    """Take a file off a text record; the file and both decisions stay.

    Raises:
        UsageError: no reason was given. NotFoundError: it is not attached there.
    """
    session = session_of(tx)
    act = Act(DETACH, actor, reason, at)
    case_no = key_of(session, wanted.case_no)
    key = (case_no, wanted.step_no, wanted.slot, wanted.document_no, wanted.digest)
    row = session.get(schema.AttachmentRow, key)
    if row is None or not row.active:
        raise _not_attached(wanted.digest)
    return _decided(session, act, replace(rows.attachment(row), active=False))


def standing(session: Session, pack: LawPack, place: Place, digest: str) -> Attachment:
    """Return the one attached file of a text record whose digest begins so.

    Raises:
        NotFoundError: none, or more than one, is attached there.
    """
    papers = papers_at(session, pack, place.case_no, place.step_no)
    here = [one for paper in papers if place.slot == paper.document.slot for one in paper.files]
    mine = [one for one in here if one.document_no == place.document_no and one.digest.startswith(digest.lower())]
    if len(mine) != 1 or len(digest) < SHORTEST_PREFIX:
        raise _not_attached(digest)
    return mine[0]


def require_signers(roles: Collection[str]) -> None:
    """Refuse roles that nobody signs in.

    Raises:
        UsageError: with the roles there are.
    """
    strange = [role for role in roles if role not in SIGNERS]
    if strange:
        cure = f"roles are: {', '.join(SIGNERS)}"
        raise UsageError("is no role in which somebody signs", subject=", ".join(strange), cure=cure)


def _decided(session: Session, act: Act, one: Attachment) -> Decided:
    one = replace(one, actor=act.actor.name, attached_at=act.at)
    dialects.upsert(session, schema.AttachmentRow, [rows.attachment_values(one)])
    session.expire_all()
    scope = Scope(clips=frozenset({one.digest}), cases=frozenset({one.case_no}))
    target = f"{one.case_no}/{one.step_no} {one.slot} {one.document_no}".strip()
    return record(session, act, target, scope, said(one), subject=one.digest)


def said(one: Attachment) -> dict[str, object]:
    """Return what a decision says of an attachment: every value it sets."""
    return {
        "digest": one.digest,
        "case_no": one.case_no,
        "step_no": one.step_no,
        "slot": one.slot,
        "document_no": one.document_no,
        "title": one.title,
        "dated_at": exact_iso(one.dated_at) if one.dated_at else None,
        "signed_by": list(one.signed_by),
    }


def project_attachment(told: Told) -> dict[str, object]:
    """Return the columns of the attachment that a decision tells of; the newest is the row."""
    detail = told.detail
    names = ("case_no", "step_no", "slot", "document_no", "title", "signed_by")
    dated_at = detail["dated_at"]
    return {
        **{name: detail[name] for name in names},
        "digest": told.subject,
        "dated_at": from_iso(str(dated_at)) if dated_at else None,
        "active": detail["decision"] == ATTACH,
        "actor": told.actor,
        "attached_at": told.at,
    }


def _step(session: Session, case_no: str, step_no: str) -> Step:
    found = session.get(schema.StepRow, (case_no, step_no))
    if found is None:
        row = schema.StepRow
        there = session.scalars(sa.select(row.step_no).where(row.case_no == case_no).order_by(row.step_no))
        cure = f"its steps are: {', '.join(there) or 'none'}"
        raise NotFoundError("no step of that number", subject=f"{case_no}/{step_no}", cure=cure)
    return facts.nouns_of(session, [found])[0]


def _not_attached(digest: str) -> NotFoundError:
    cure = "`evidock attachments CASE` lists what is attached; give at least 6 digits that name one file"
    return NotFoundError("no such file is attached there", subject=digest, cure=cure)
