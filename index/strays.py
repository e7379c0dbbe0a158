"""Footage that hangs nowhere, held against steps that miss footage: what a shifted clock would explain."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.cases import Step
from evidence.claims import OfficerSource
from evidence.clips import ClipState, Kind
from evidence.clock import ShiftScope
from evidence.ids import DeviceId, Digest
from evidence.matching import BELIEVED
from evidence.people import Assignment
from evidence.roster import Roster
from evidence.shifted import REACH, Stray, is_witnessed
from evidence.spans import Span
from index import facts, rows, schema
from index.batches import batched
from index.facts import StepKey, step_key
from index.filters import carried_by
from index.reach import overlapping


@dataclass
class Strays:
    """Looks for the stray footage of steps, in one transaction. ``roster``: who carried which camera."""

    session: Session
    roster: Roster

    def of(self, step: Step) -> list[Stray]:
        """Return the clips of a step's officers, within `REACH` of it, that hang on no step, in order of digest."""
        clip = schema.Clip
        mine = sa.or_(carried_by(sorted(step.officers)), *self._carried(step))
        loose = (clip.linked.is_(False), *recorded_near(step.window))
        found = self.session.scalars(sa.select(clip).where(mine, *loose).order_by(clip.digest)).all()
        refused, taken = refused_shifts(self.session, found), self._taken(step, found)
        strays = (stray_of(row, refused[row.digest], taken[row.device_id or ""]) for row in found)
        return [stray for stray in strays if stray is not None]

    def _carried(self, step: Step) -> list[sa.ColumnElement[bool]]:
        """Return which clips may be the officers' though their clocks deny it: of the cameras they carried then."""
        carried = [one for officer_id in step.officers for one in self.roster.cameras_of(officer_id, step.window)]
        devices = sorted({one.device_id for one in carried})
        return [sa.and_(schema.Clip.device_id.in_(devices), misplaced())] if devices else []

    def _taken(self, step: Step, strays: Sequence[schema.Clip]) -> dict[str, list[Span]]:
        """Return when cameras made what hangs on steps and is believed, as far as that may meet a stray clip."""
        clip = schema.Clip
        devices = sorted({row.device_id for row in strays if row.device_id})
        hung = (clip.linked.is_(True), clip.verdict.in_(sorted(BELIEVED)), *recorded_near(step.window))
        taken: dict[str, list[Span]] = defaultdict(list)
        wanted = sa.select(clip.device_id, clip.span_start, clip.span_end).where(clip.device_id.in_(devices), *hung)
        for device_id, start, end in self.session.execute(wanted.order_by(clip.span_start, clip.digest)):
            if start is not None and end is not None:
                taken[str(device_id)].append(Span(start, end))
        return taken

    def steps_near(self, digests: Collection[str]) -> set[StepKey]:
        """Return the steps that clips may explain, or no longer explain: those of their officers close by."""
        spans: dict[str, list[Span]] = defaultdict(list)
        for some in batched(sorted(digests)):
            for officer_id, span in self._theirs(some):
                spans[officer_id].append(span)
        found: set[StepKey] = set()
        for officer_id, mine in sorted(spans.items()):
            found |= self._steps_of(officer_id, near(facts.hull(mine)))
        return found

    def _theirs(self, digests: Sequence[str]) -> Iterator[tuple[str, Span]]:
        """Yield who may have made clips, and when by their clocks: their officers, and who had the camera then."""
        clip = schema.Clip
        wanted = sa.select(clip.officer_id, clip.device_id, clip.reach_start, clip.reach_end)
        for officer_id, device_id, start, end in self.session.execute(wanted.where(clip.digest.in_(digests))):
            if start is None or end is None:
                continue
            span = Span(start, end)
            carriers = self.roster.carriers(DeviceId(device_id), None) if device_id is not None else ()
            theirs = {str(each.officer_id) for each in carriers if meets(each, near(span))}
            for one in sorted(theirs if officer_id is None else theirs | {officer_id}):
                yield one, span

    def _steps_of(self, officer_id: str, during: Span) -> set[StepKey]:
        """Return the steps of an officer that share time with a stretch."""
        step, worker = schema.StepRow, schema.StepOfficer
        joined = sa.and_(worker.case_no == step.case_no, worker.step_no == step.step_no)
        shared = overlapping((step.reach_class, step.started_at, step.ended_at), during)
        keys = sa.select(step.case_no, step.step_no).join(worker, joined)
        return {step_key(*key) for key in self.session.execute(keys.where(worker.officer_id == officer_id, shared))}


def misplaced() -> sa.ColumnElement[bool]:
    """Return the condition that a clip's officer, by who carried its camera, is none or another's for its clock alone.

    That nobody carried a camera while it recorded is a sign of a wrong clock. That another did is none, in a unit
    that hands its cameras on, unless something else speaks against the clock.
    """
    clip = schema.Clip
    doubted = sa.and_(clip.officer_source == OfficerSource.ASSIGNMENT, clip.suspected_s.is_not(None))
    return sa.or_(clip.officer_id.is_(None), doubted)


def meets(assignment: Assignment, window: Span) -> bool:
    """Whether a camera was in somebody's hands at some time of a stretch."""
    return assignment.start <= window.end and (assignment.end is None or assignment.end > window.start)


def recorded_near(window: Span) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions under which a clip is a recording of about a time."""
    clip = schema.Clip
    during = overlapping((clip.reach_class, clip.reach_start, clip.reach_end), near(window))
    return clip.state != ClipState.SEALED, clip.kind != Kind.OTHER, during


def near(window: Span) -> Span:
    """Return how far from a stretch its counterpart may be thought to lie."""
    return window.widened(REACH.total_seconds(), REACH.total_seconds())


def stray_of(clip: schema.Clip, refused_s: Sequence[float], taken: Sequence[Span]) -> Stray | None:
    """Return a clip as the audit takes it."""
    span = rows.span(clip.span_start, clip.span_end)
    if span is None:
        return None
    return Stray(
        Digest(clip.digest),
        DeviceId(clip.device_id) if clip.device_id is not None else None,
        span,
        clip.received_at,
        is_witnessed(clip.rules),
        tuple(clip.suspected_s or ()),
        tuple(refused_s),
        tuple(taken),
    )


def refused_shifts(session: Session, clips: Sequence[schema.Clip]) -> dict[str, list[float]]:
    """Return the shifts that people refused for clips, their cameras or the cameras' units."""
    row, device = schema.ClockDecisionRow, schema.DeviceRow
    units = dict(
        session.execute(
            sa.select(device.device_id, device.unit).where(
                device.device_id.in_(sorted({clip.device_id for clip in clips if clip.device_id}))
            )
        ).all()
    )
    refused: dict[tuple[ShiftScope, str], list[schema.ClockDecisionRow]] = defaultdict(list)
    if clips:
        for one in session.scalars(sa.select(row).where(row.confirmed.is_(False)).order_by(row.ledger_number)):
            refused[one.scope, named(one.scope, one.target)].append(one)
    return {
        clip.digest: [
            float(one.shift_s)
            for key in (
                (ShiftScope.CLIP, clip.digest),
                (ShiftScope.DEVICE, clip.device_id or ""),
                (ShiftScope.UNIT, units.get(clip.device_id or "", "")),
            )
            for one in refused[key[0], named(*key)]
            if is_about(one, clip)
        ]
        for clip in clips
    }


def named(scope: ShiftScope, target: str) -> str:
    """Return what decisions on a target are looked up by: a camera's letter case is nothing."""
    return target.casefold() if scope is ShiftScope.DEVICE else target


def is_about(decision: schema.ClockDecisionRow, clip: schema.Clip) -> bool:
    """Whether a decision was made for a clip: it was looked at, or lies in the stretch where none was named."""
    if decision.files:
        return clip.digest in decision.files
    at = clip.span_start
    if at is None:
        return True
    return (decision.since is None or decision.since <= at) and (decision.until is None or at <= decision.until)
