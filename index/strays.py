"""Footage that hangs nowhere, held against steps that miss footage: what a shifted clock would explain."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.cases import Step
from evidence.clips import ClipState, Kind
from evidence.clock import ShiftScope
from evidence.ids import DeviceId, Digest
from evidence.matching import BELIEVED
from evidence.shifted import REACH, Stray, is_witnessed
from evidence.spans import Span
from index import facts, rows, schema
from index.batches import batched
from index.facts import StepKey, step_key
from index.reach import overlapping


@dataclass
class Strays:
    """Looks for the stray footage of steps, in one transaction."""

    session: Session

    def of(self, step: Step) -> list[Stray]:
        """Return the clips of a step's officers, within `REACH` of it, that hang on no step, in order of digest."""
        clip = schema.Clip
        mine = clip.officer_id.in_(sorted(step.officers))
        loose = (clip.linked.is_(False), *recorded_near(step.window))
        found = self.session.scalars(sa.select(clip).where(mine, *loose).order_by(clip.digest)).all()
        refused, taken = refused_shifts(self.session, found), self._taken(step, found)
        strays = (stray_of(row, refused[row.digest], taken[row.device_id or ""]) for row in found)
        return [stray for stray in strays if stray is not None]

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
        step, worker, clip = schema.StepRow, schema.StepOfficer, schema.Clip
        found: set[StepKey] = set()
        for some in batched(sorted(digests)):
            spans: dict[str, list[Span]] = defaultdict(list)
            wanted = sa.select(clip.officer_id, clip.reach_start, clip.reach_end).where(clip.digest.in_(some))
            for officer_id, start, end in self.session.execute(wanted.where(clip.officer_id.is_not(None))):
                if start is not None and end is not None:
                    spans[str(officer_id)].append(Span(start, end))
            for officer_id, mine in sorted(spans.items()):
                joined = sa.and_(worker.case_no == step.case_no, worker.step_no == step.step_no)
                during = overlapping((step.reach_class, step.started_at, step.ended_at), near(facts.hull(mine)))
                keys = sa.select(step.case_no, step.step_no).join(worker, joined)
                named = self.session.execute(keys.where(worker.officer_id == officer_id, during))
                found.update(step_key(*key) for key in named)
        return found


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
