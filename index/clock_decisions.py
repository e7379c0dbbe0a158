"""What people decide on shifts of clocks: confirmed, they are taken off; refused, they are not proposed again."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.clock import Shift, ShiftScope
from evidence.custody import Actor
from evidence.errors import NotFoundError, UsageError
from evidence.ids import CaseNo, DeviceId, Digest
from evidence.ports import Scope, Transaction
from evidence.zones import exact_iso
from index import dialects, ledger, schema
from index.batches import batched
from index.decisions import Act, Decided, record
from index.journal import Told, time_of
from index.tx import session_of

CONFIRM = "confirm_shift"
REFUSE = "refuse_shift"

LONGEST_S = 40 * 366 * 86_400
"""A shift beyond this is no clock's: the oldest date a camera falls back to lies not that far away."""


def decide_shift(tx: Transaction, shift: Shift, actor: Actor, reason: str, at: datetime, *, confirm: bool) -> Decided:
    """Confirm or refuse that a clock was shifted; return what must be reviewed.

    Raises:
        UsageError: no reason or name, or a shift of nothing. NotFoundError: no such clip, device or unit.
    """
    session = session_of(tx)
    act = Act(CONFIRM if confirm else REFUSE, actor, reason, at)
    if not 1 <= abs(shift.shift_s) <= LONGEST_S:
        cure = "give seconds: -7200 is two hours behind"
        raise UsageError("is no shift of a clock", subject=f"{shift.shift_s} s", cure=cure)
    if shift.since is not None and shift.until is not None and shift.until < shift.since:
        subject = f"{shift.since} – {shift.until}"
        raise UsageError("ends before it begins", subject=subject, cure="give the earlier time first")
    affected = _scope(session, shift.scope, shift.target)
    about = {
        "scope": shift.scope.value,
        "target_name": shift.target,
        "shift_s": round(shift.shift_s),
        "since": exact_iso(shift.since) if shift.since else None,
        "until": exact_iso(shift.until) if shift.until else None,
        "files": list(shift.files),
    }
    number = ledger.locked_size(session)
    values = _values(number, about, act.actor.name, reason, at, confirmed=confirm)
    dialects.upsert(session, schema.ClockDecisionRow, [values])
    session.expire_all()
    subject = shift.target if shift.scope is ShiftScope.CLIP else ""
    target = f"{shift.scope.value} {shift.target} {round(shift.shift_s):+d} s"
    return record(session, act, target, affected, about, subject=subject)


def project_shift(told: Told) -> dict[str, Any]:
    """Return the columns of the decision that an entry tells of."""
    confirmed = told.detail["decision"] == CONFIRM
    return _values(told.number, told.detail, told.actor, told.reason, told.at, confirmed=confirmed)


def _values(
    number: int,
    about: Any,  # noqa: ANN401 - an entry's map
    actor: str,
    reason: str,
    at: datetime,
    *,
    confirmed: bool,
) -> dict[str, Any]:
    return {
        "ledger_number": number,
        "files": about["files"],
        "scope": ShiftScope(about["scope"]),
        "target": about["target_name"],
        "shift_s": about["shift_s"],
        "since": time_of(about["since"]),
        "until": time_of(about["until"]),
        "confirmed": confirmed,
        "actor": actor,
        "reason": reason,
        "decided_at": at,
    }


def _scope(session: Session, scope: ShiftScope, target: str) -> Scope:
    """Return what a decision touches: clips that move, and the steps that wait for it."""
    clip, device = schema.Clip, schema.DeviceRow
    if scope is ShiftScope.CLIP:
        if session.get(clip, target) is None:
            raise NotFoundError("no clip of that digest", subject=target, cure="list the clips to see which there are")
        digests = {target}
        return Scope(clips=frozenset({Digest(target)}), cases=_suspected(session, digests))
    if scope is ShiftScope.DEVICE:
        devices = [target]
    else:
        devices = list(session.scalars(sa.select(device.device_id).where(device.unit == target)))
    found = {
        digest
        for some in batched(sorted(devices))
        for digest in session.scalars(sa.select(clip.digest).where(clip.device_id.in_(some)))
    }
    if not found:
        cure = "list the clips to see which cameras and units there are"
        raise NotFoundError(f"no clip of that {scope.value}", subject=target, cure=cure)
    return Scope(devices=frozenset(DeviceId(one) for one in devices), cases=_suspected(session, found))


def _suspected(session: Session, digests: set[str]) -> frozenset[CaseNo]:
    """Return the cases whose findings speak of clips."""
    named, finding = schema.FindingClip, schema.FindingRow
    joined = sa.select(finding.case_no).join(named, named.finding_id == finding.finding_id)
    return frozenset(
        CaseNo(case_no)
        for some in batched(sorted(digests))
        for case_no in session.scalars(joined.where(named.digest.in_(some), finding.case_no.is_not(None)))
        if case_no is not None
    )
