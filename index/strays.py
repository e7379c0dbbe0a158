"""Footage that hangs nowhere, held against steps that miss footage: what a shifted clock would explain."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.cases import Step
from evidence.claims import OfficerSource
from evidence.clips import ClipState, Kind
from evidence.clock import ShiftScope
from evidence.findings import StepState
from evidence.ids import DeviceId, Digest
from evidence.matching import BELIEVED
from evidence.people import Assignment
from evidence.roster import Roster
from evidence.shifted import REACH, Stray, is_witnessed
from evidence.spans import Span, union
from index import facts, rows, schema
from index.batches import batched
from index.facts import StepKey, step_key
from index.filters import shared_with
from index.reach import overlapping
from index.reconcile import step_owner

UNMOVED = sorted({StepState.NO_DUTY, StepState.OUTSIDE_PACK, StepState.WAITING_UPLOAD, StepState.EXEMPT})
"""States in which nothing is stated that stray footage could explain."""


@dataclass
class Strays:
    """Looks for the stray footage of steps, in one transaction. ``roster``: who carried which camera."""

    session: Session
    roster: Roster

    def of(self, step: Step) -> list[Stray]:
        """Return the clips of a step's officers, within `REACH` of it, that hang on no step, in order of digest."""
        clip = schema.Clip
        officers = sorted(step.officers)
        found = {row.digest: row for row in self._loose(step.window, clip.officer_id.in_(officers))}
        for shared in (shared_with(officers), *self._carried(step)):
            found |= {row.digest: row for row in self._loose(step.window, shared)}
        return self._strays(step, [found[digest] for digest in sorted(found)])

    def _loose(self, window: Span, mine: sa.ColumnElement[bool]) -> Sequence[schema.Clip]:
        """Return the recordings near a stretch that hang on no step."""
        return self.session.scalars(sa.select(schema.Clip).where(~facts.placed(), *recorded_near(window, mine))).all()

    def _strays(self, step: Step, found: Sequence[schema.Clip]) -> list[Stray]:
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
        mine = recorded_near(step.window, clip.device_id.in_(devices))
        hung = (facts.placed(), clip.verdict.in_(sorted(BELIEVED)), *mine)
        taken: dict[str, list[Span]] = defaultdict(list)
        wanted = sa.select(clip.device_id, clip.span_start, clip.span_end).where(*hung)
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
            for window in union(map(near, mine)):
                found |= self._steps_of(officer_id, window)
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
        """Return the steps of an officer that share time with a stretch, and of which something is stated."""
        step, worker = schema.StepRow, schema.StepOfficer
        joined = sa.and_(worker.case_no == step.case_no, worker.step_no == step.step_no)
        shared = overlapping((step.reach_class, step.started_at, step.ended_at), during)
        keys = sa.select(step.case_no, step.step_no, step.state).join(worker, joined).where(step.state.not_in(UNMOVED))
        found = self.session.execute(keys.where(worker.officer_id == officer_id, shared)).all()
        covered = {step_key(one[0], one[1]) for one in found if one[2] is StepState.COVERED}
        whole = covered - self._lacking(covered)
        return {step_key(one[0], one[1]) for one in found} - whole

    def _lacking(self, keys: Collection[StepKey]) -> set[StepKey]:
        """Return the steps that findings are kept of."""
        owners = {step_owner(*key): key for key in keys}
        row = schema.FindingRow
        return {
            owners[owner]
            for some in batched(sorted(owners))
            for owner in self.session.scalars(sa.select(row.owner).where(row.owner.in_(some)).distinct())
        }


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


def recorded_near(window: Span, of: sa.ColumnElement[bool] | None = None) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions under which a clip is a recording of about a time; ``of``: of whom, or of what."""
    clip = schema.Clip
    during = overlapping((clip.reach_class, clip.reach_start, clip.reach_end), near(window), of)
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


Refusals = Mapping[tuple[ShiftScope, str], Sequence[schema.ClockDecisionRow]]
"""Decisions that refused a shift, by what they were made for."""


def refused_shifts(session: Session, clips: Sequence[schema.Clip]) -> dict[str, list[float]]:
    """Return the shifts that people refused for clips, their cameras or the cameras' units."""
    if not clips:
        return {}
    refused, units = refusals(session), units_of(session, {clip.device_id for clip in clips if clip.device_id})
    return {clip.digest: refused_for(clip, refused, units) for clip in clips}


def refusals(session: Session) -> Refusals:
    """Return every refusal, in the order of the ledger."""
    row = schema.ClockDecisionRow
    refused: dict[tuple[ShiftScope, str], list[schema.ClockDecisionRow]] = defaultdict(list)
    for one in session.scalars(sa.select(row).where(row.confirmed.is_(False)).order_by(row.ledger_number)):
        refused[one.scope, named(one.scope, one.target)].append(one)
    return dict(refused)


def units_of(session: Session, device_ids: Collection[str] | None = None) -> dict[str, str]:
    """Return the units of cameras, of all where none are named."""
    device = schema.DeviceRow
    wanted = sa.select(device.device_id, device.unit)
    if device_ids is not None:
        wanted = wanted.where(device.device_id.in_(sorted(device_ids)))
    return dict(session.execute(wanted).all())


def refused_for(clip: schema.Clip, refused: Refusals, units: Mapping[str, str]) -> list[float]:
    """Return the shifts that people refused for a clip, its camera or the camera's unit."""
    if not refused:
        return []
    device_id = clip.device_id or ""
    targets = (
        (ShiftScope.CLIP, clip.digest),
        (ShiftScope.DEVICE, device_id),
        (ShiftScope.UNIT, units.get(device_id, "")),
    )
    stated = (one for scope, target in targets for one in refused.get((scope, named(scope, target)), ()))
    return [float(one.shift_s) for one in stated if is_about(one, clip)]


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
