"""The times of steps as people amended them: both the record's and the person's stay, and the person's hold."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.cases import Step
from evidence.errors import NotFoundError, UsageError
from evidence.ids import CaseNo, StepNo
from evidence.ports import Scope, Transaction
from evidence.spans import Span
from evidence.zones import exact_iso, from_iso
from index import dialects, schema
from index.batches import batched
from index.decisions import Act, Decided, record
from index.journal import Told
from index.reach import reach_class
from index.tx import session_of

AMEND = "amend"


def amend(tx: Transaction, key: tuple[CaseNo, StepNo], window: Span | None, act: Act) -> Decided:
    """Set when a step really began and ended; None goes back to what its record says. It is matched and audited again.

    Raises:
        NotFoundError: no such step. UsageError: nothing was amended, or a sitting lies outside the new times.
    """
    session = session_of(tx)
    name = "/".join(key)
    step = session.get(schema.StepRow, key)
    if step is None:
        cure = "list the steps of the case to see which there are"
        raise NotFoundError("no step of that number", subject=name, cure=cure)
    standing = session.get(schema.AmendmentRow, key)
    if window is None and standing is None:
        raise UsageError("its times were not amended", subject=name, cure="nothing is left to take back")
    if window is not None and any(one.start < window.start or one.end > window.end for one in step.sittings):
        cure = "import its sittings anew first, or choose times that hold them"
        raise UsageError("a sitting of the step lies outside these times", subject=name, cure=cure)
    recorded = recorded_window(step, standing)
    about = {
        "case_no": key[0],
        "step_no": key[1],
        "started_at": exact_iso(window.start) if window else None,
        "ended_at": exact_iso(window.end) if window else None,
        "recorded_start": exact_iso(recorded.start),
        "recorded_end": exact_iso(recorded.end),
    }
    set_times(session, key, window, recorded, act.actor.name, act.reason, act.at)
    return record(session, act, name, Scope(cases=frozenset({key[0]})), about)


def recorded_window(step: schema.StepRow, standing: schema.AmendmentRow | None) -> Span:
    """Return when a step was by its record."""
    if standing is None:
        return Span(step.started_at, step.ended_at)
    return Span(standing.recorded_start, standing.recorded_end)


def set_times(
    session: Session, key: tuple[str, str], window: Span | None, recorded: Span, actor: str, reason: str, at: datetime
) -> None:
    """Write an amendment, or take it back, and let the step go by it."""
    row, step = schema.AmendmentRow, schema.StepRow
    if window is None:
        session.execute(sa.delete(row).where(row.case_no == key[0], row.step_no == key[1]))
    else:
        values = {"case_no": key[0], "step_no": key[1], "started_at": window.start, "ended_at": window.end}
        values |= {"recorded_start": recorded.start, "recorded_end": recorded.end}
        dialects.upsert(session, row, [{**values, "actor": actor, "reason": reason, "decided_at": at}])
    now = window or recorded
    times = {"started_at": now.start, "ended_at": now.end, "reach_class": reach_class(now)}
    session.execute(sa.update(step).where(step.case_no == key[0], step.step_no == key[1]).values(**times))
    session.expire_all()


def take_in(session: Session, told: Told) -> None:
    """Do again what an entry says of an amendment."""
    detail = told.detail
    window = Span(*_times(detail, "started_at", "ended_at")) if detail["started_at"] else None
    recorded = Span(*_times(detail, "recorded_start", "recorded_end"))
    key = (str(detail["case_no"]), str(detail["step_no"]))
    set_times(session, key, window, recorded, told.actor, told.reason, told.at)


def _times(detail: Mapping[str, object], *names: str) -> Iterator[datetime]:
    return (from_iso(str(detail[name])) for name in names)


def as_recorded(session: Session, steps: Collection[Step]) -> list[Step]:
    """Return steps with the times that their records state, whatever people amended."""
    standing = _standing(session, steps)
    found = ((one, standing.get((one.case_no, one.step_no))) for one in steps)
    return [
        one if row is None else replace(one, started_at=row.recorded_start, ended_at=row.recorded_end)
        for one, row in found
    ]


def _standing(session: Session, steps: Collection[Step]) -> dict[tuple[str, str], schema.AmendmentRow]:
    row = schema.AmendmentRow
    keys = [(one.case_no, one.step_no) for one in steps]
    return {
        (one.case_no, one.step_no): one
        for some in batched(keys)
        for one in session.scalars(sa.select(row).where(sa.tuple_(row.case_no, row.step_no).in_(some)))
    }


def held_to(session: Session, steps: Collection[Step]) -> list[Step]:
    """Return imported steps with the times that people amended, and keep what the record says now beside them."""
    standing = _standing(session, steps)
    held = []
    for one in steps:
        amended = standing.get((one.case_no, one.step_no))
        if amended is not None:
            amended.recorded_start, amended.recorded_end = one.started_at, one.ended_at
        held.append(one if amended is None else replace(one, started_at=amended.started_at, ended_at=amended.ended_at))
    session.flush()
    return held
