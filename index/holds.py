"""Legal holds in the register: laid and lifted by named persons, each with a reason and a whole entry."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.custody import Actor
from evidence.errors import NotFoundError, UsageError
from evidence.holds import Hold, HoldScope, covers, parted
from evidence.ids import Digest
from evidence.ports import Scope, Transaction
from evidence.retention import Retention
from evidence.zones import exact_iso
from index import schema
from index.case_numbers import key_of
from index.decisions import Act, Decided, record
from index.intakes import clip_row
from index.journal import Told, time_of
from index.retention import steps_of
from index.tx import session_of

ID_LENGTH = 8
PLACE, LIFT = "hold", "lift_hold"


def place(tx: Transaction, scope: HoldScope, target: str, actor: Actor, reason: str, at: datetime) -> Decided:
    """Lay a hold on a case, clip or step; what is linked to it later is held too.

    Raises:
        UsageError: no reason was given. NotFoundError: no such case, clip or step.
    """
    session = session_of(tx)
    act = Act(PLACE, actor, reason, at)
    target = _required(session, scope, target)
    row = schema.HoldRow(
        hold_id=short_id(scope, target, actor.name, exact_iso(at)),
        scope=scope,
        target=target,
        reason=reason,
        set_by=actor.name,
        set_at=at,
    )
    session.add(row)
    return _recorded(session, act, row)


def lift(tx: Transaction, hold_id: str, actor: Actor, reason: str, at: datetime) -> Decided:
    """Lift a hold; what another hold covers stays held.

    Raises:
        UsageError: no reason was given, or it was lifted already. NotFoundError: no such hold.
    """
    session = session_of(tx)
    act = Act(LIFT, actor, reason, at)
    row = _row(session, hold_id)
    if row.lifted_at is not None:
        raise UsageError(
            f"the hold was lifted by {row.lifted_by} already", subject=hold_id, cure="nothing is left to do"
        )
    row.lifted_by, row.lifted_at, row.lift_reason = actor.name, at, reason
    return _recorded(session, act, row)


def hold_of(session: Session, hold_id: str) -> Hold:
    """Return a hold.

    Raises:
        NotFoundError: no such hold.
    """
    return hold_from(_row(session, hold_id))


def holds(session: Session, *, active_only: bool = False) -> list[Hold]:
    """Return the holds, newest first."""
    row = schema.HoldRow
    wanted = sa.select(row).order_by(row.set_at.desc(), row.hold_id)
    wanted = wanted.where(row.lifted_at.is_(None)) if active_only else wanted
    return [hold_from(one) for one in session.scalars(wanted)]


@dataclass(frozen=True)
class Holding:
    """The holds laid on an original: ids of those that are on, and whether any was lifted."""

    on: tuple[str, ...] = ()
    lifted: bool = False


NOT_HELD = Holding()


def holding(session: Session, digests: Sequence[str], promised: Mapping[Digest, Retention]) -> dict[Digest, Holding]:
    """Return for each original that a hold is or was laid on how it stands; the others are left out."""
    known = holds(session)
    if not known:
        return {}
    hanging = steps_of(session, digests)
    found: dict[Digest, Holding] = {}
    for digest in map(Digest, digests):
        followed = promised[digest].steps if digest in promised else frozenset()
        steps = hanging.get(digest, frozenset()) | followed
        if laid := [one for one in known if covers(one, digest, steps)]:
            on = tuple(sorted(one.hold_id for one in laid if one.active))
            found[digest] = Holding(on, lifted=any(not one.active for one in laid))
    return found


def covered_by(session: Session, hold: Hold) -> list[Digest]:
    """Return the originals that a hold may cover: what belongs, or once belonged, to what it is laid on."""
    if hold.scope is HoldScope.CLIP:
        return [Digest(hold.target)]
    return belonging(session, *((hold.target,) if hold.scope is HoldScope.CASE else parted(hold.target)))


def belonging(session: Session, case_no: str, step_no: str | None = None) -> list[Digest]:
    """Return the originals that belong, or once belonged, to a case or to a step of it: footage, records, claims."""
    found: set[str] = set()
    for row in (schema.Link, schema.AttachmentRow, schema.ClaimFile):
        wanted = sa.select(row.digest).where(row.case_no == case_no)
        found.update(session.scalars(wanted.where(row.step_no == step_no) if step_no is not None else wanted))
    return [Digest(digest) for digest in sorted(found)]


def short_id(*subject: str) -> str:
    """Return eight hex digits that name a hold or a disposal."""
    return hashlib.sha256("\x1f".join(subject).encode()).hexdigest()[:ID_LENGTH]


def hold_from(row: schema.HoldRow) -> Hold:
    """Return the hold a row keeps."""
    return Hold(
        hold_id=row.hold_id,
        scope=row.scope,
        target=row.target,
        reason=row.reason,
        set_by=row.set_by,
        set_at=row.set_at,
        lifted_by=row.lifted_by,
        lifted_at=row.lifted_at,
        lift_reason=row.lift_reason,
    )


def project_hold(told: Told) -> dict[str, object]:
    """Return the columns of the `schema.HoldRow` that a decision on a hold tells of; the newest is the row."""
    said = told.detail["hold"]
    if not isinstance(said, Mapping):
        raise TypeError(f"a hold must be a map, not {type(said).__name__}")
    times = {name: time_of(said.get(name)) for name in ("set_at", "lifted_at")}
    unsaid = dict.fromkeys(("lifted_by", "lift_reason"))
    return {**unsaid, **said, **times, "scope": HoldScope(str(said["scope"]))}


def _recorded(session: Session, act: Act, row: schema.HoldRow) -> Decided:
    session.flush()
    subject = row.target if row.scope is HoldScope.CLIP else ""
    return record(session, act, f"{row.scope.value} {row.target}", Scope(), {"hold": _said(row)}, subject=subject)


def _said(row: schema.HoldRow) -> dict[str, object]:
    """Return every column that says something, JSON-ready."""
    said = {
        "hold_id": row.hold_id,
        "scope": row.scope.value,
        "target": row.target,
        "reason": row.reason,
        "set_by": row.set_by,
        "set_at": exact_iso(row.set_at),
        "lifted_by": row.lifted_by,
        "lifted_at": exact_iso(row.lifted_at) if row.lifted_at else None,
        "lift_reason": row.lift_reason,
    }
    return {name: value for name, value in said.items() if value is not None}


def _row(session: Session, hold_id: str) -> schema.HoldRow:
    found = session.get(schema.HoldRow, hold_id)
    if found is None:
        raise NotFoundError("no hold of that id", subject=hold_id, cure="`evidock hold list` shows which there are")
    return found


def _required(session: Session, scope: HoldScope, target: str) -> str:
    """Return what a hold is laid on, a case and its steps under the number by which the register keeps the case."""
    if scope is HoldScope.CLIP:
        clip_row(session, target)
        return target
    if scope is HoldScope.CASE:
        model: type[schema.Base] = schema.CaseRow
        key: tuple[str, ...] = (key_of(session, target),)
    else:
        case_no, step_no = parted(target)
        model, key = schema.StepRow, (key_of(session, case_no), step_no)
    if session.get(model, key) is None:
        cure = "`evidock cases` and `evidock steps` show which there are"
        raise NotFoundError(f"no {scope.value} of that number", subject=target, cure=cure)
    return "/".join(key)
