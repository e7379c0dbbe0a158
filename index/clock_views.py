"""Clocks as people see them: one camera's history, and the shifts that wait for a person."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence import clock
from evidence.clock import ClockVerdict, Proposal, ShiftScope, Suspicion
from evidence.clock.camera import History
from evidence.clock_views import CameraClock, ClockFile, ClockReading, ShiftDecision
from evidence.errors import NotFoundError
from evidence.findings import FindingKind
from evidence.ids import CaseNo, DeviceId, Digest, StepNo
from evidence.roster import Roster
from index import facts, rows, schema
from index.filters import OPEN_STATES
from index.judging import ClipJudge, recording_of
from index.strays import refused_shifts


def suspicions(session: Session) -> list[Suspicion]:
    """Return every file that a shift would explain and nobody has decided on: by witnesses, and by steps."""
    clip, finding = schema.Clip, schema.FindingRow
    stated = sa.select(clip).where(clip.suspected_s.is_not(None))
    found: list[tuple[schema.Clip, float, schema.FindingRow | None]]
    found = [(row, shift_s, None) for row in session.scalars(stated) for shift_s in row.suspected_s or ()]
    kind = finding.kind == FindingKind.CLOCK_SHIFT_SUSPECTED
    raised = session.scalars(sa.select(finding).where(kind, finding.state.in_(OPEN_STATES))).all()
    named = {row.digest: row for row in facts.clip_rows(session, {one for row in raised for one in row.clips})}
    found += [(named[one], shift_of(row), row) for row in raised for one in row.clips if one in named]
    refused = refused_shifts(session, [row for row, _, _ in found])
    units = {row.device_id: row.unit for row in session.scalars(sa.select(schema.DeviceRow))}
    return [
        suspicion(row, shift_s, units.get(row.device_id or "", ""), step)
        for row, shift_s, step in found
        if starts(row) and not any(clock.is_same(one, canonical(shift_s)) for one in refused[row.digest])
    ]


def shift_of(finding: schema.FindingRow) -> float:
    """Return the shift of camera against record that a finding suspects, in seconds."""
    return float(str(finding.what.params["offset_s"]))


def canonical(shift_s: float) -> float:
    """Return the systematic shift that a measured one comes to, else the measured one to the second."""
    known = clock.systematic(shift_s)
    return known if known is not None else round(shift_s)


def suspicion(clip: schema.Clip, shift_s: float, unit: str, step: schema.FindingRow | None) -> Suspicion:
    """Return one file that a shift would explain."""
    return Suspicion(
        Digest(clip.digest),
        DeviceId(clip.device_id) if clip.device_id is not None else None,
        unit,
        canonical(shift_s),
        shown_of(clip),
        CaseNo(step.case_no) if step is not None and step.case_no is not None else None,
        StepNo(step.step_no) if step is not None and step.step_no is not None else None,
        of_record=step is not None and ".what_record" in step.what.code,
    )


def starts(clip: schema.Clip) -> bool:
    """Whether anything states when a clip began, believable or not."""
    return clip.span_start is not None or shown_or_none(clip) is not None


def shown_of(clip: schema.Clip) -> datetime:
    """Return the start by the camera's own clock."""
    shown = shown_or_none(clip) or clip.span_start
    assert shown is not None  # noqa: S101 - a suspicion is raised of a clip with a span alone
    return shown


def shift_proposals(session: Session) -> tuple[Proposal, ...]:
    """Return the shifts that wait for a person, those of the widest scope first."""
    return clock.proposals(suspicions(session))


def shift_decisions(session: Session) -> list[ShiftDecision]:
    """Return what people decided on shifts, newest first."""
    row = schema.ClockDecisionRow
    found = session.scalars(sa.select(row).order_by(row.ledger_number.desc()))
    return [
        ShiftDecision(
            one.scope,
            one.target,
            float(one.shift_s),
            one.since,
            one.until,
            one.confirmed,
            one.actor,
            one.reason,
            one.decided_at,
        )
        for one in found
    ]


def camera_clock(session: Session, name: str, *, docks_set: bool = True) -> CameraClock:
    """Return the history of one camera's clock.

    Raises:
        NotFoundError: the camera is not registered, none of its clips was measured, and no dock's record speaks of it.
    """
    roster = Roster(facts.officers(session), facts.devices(session), facts.assignments(session))
    known = roster.device(name)
    device_id = roster.named(name)
    judge = ClipJudge(session, roster, docks_set)
    history, records, clips = judge.history(device_id)
    if known is None and not clips and not records:
        cure = "list the clips to see which cameras there are"
        raise NotFoundError("no such camera, no footage and no dock's record of it", subject=name, cure=cure)
    readings = [ClockReading(one.dock_time, one.offset_s, one.precision_s, one.clock_set, one.tool) for one in records]
    decided = [
        one
        for one in shift_decisions(session)
        if (one.scope is ShiftScope.DEVICE and one.target.casefold() == device_id.casefold())
        or (one.scope is ShiftScope.UNIT and known is not None and one.target == known.unit)
    ]
    return CameraClock(
        device_id,
        known.unit if known else "",
        tuple(readings),
        tuple(clock_files(clips, history)),
        tuple((reset.before, reset.after) for reset in history.resets),
        tuple(decided),
    )


def clock_files(clips: Sequence[schema.Clip], history: History) -> Iterable[ClockFile]:
    """Yield the files of a camera in the order they were made, with how far its clock was off."""
    by_digest = {clip.digest: clip for clip in clips}
    for digest, placed in history.placed.items():
        clip = by_digest[digest]
        bounds = placed.offset if placed.seen else None
        yield ClockFile(
            digest,
            clip.sequence,
            shown_or_none(clip),
            clip.received_at,
            rows.clock(clip),
            bounds,
            placed.file.correction.shift_s if placed.file.correction else 0.0,
        )


def shown_or_none(clip: schema.Clip) -> datetime | None:
    """Return the start by the camera's own clock, None when nothing shows it or nobody has read it yet."""
    if clip.stated is None:
        return None
    stated = recording_of(clip).statement
    if stated.verdict is ClockVerdict.UNKNOWN and stated.unbelieved_start is not None:
        return stated.unbelieved_start
    return stated.span.start if stated.span else None
