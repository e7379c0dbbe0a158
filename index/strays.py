"""Footage that hangs nowhere, held against steps that miss footage: what a shifted clock would explain."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.cases import Step
from evidence.clips import ClipState, Kind
from evidence.clock import ShiftScope
from evidence.findings import StepState
from evidence.ids import DeviceId, Digest
from evidence.shifted import REACH, Stray, is_witnessed
from evidence.spans import Span
from index import facts, rows, schema
from index.batches import batched
from index.facts import StepKey, step_key
from index.reach import overlapping

UNMOVED = sorted({StepState.NO_DUTY, StepState.OUTSIDE_PACK, StepState.WAITING_UPLOAD})
"""States in which nothing is stated that stray footage could explain."""


@dataclass
class Strays:
    """Looks for the stray footage of steps, in one transaction."""

    session: Session

    def of(self, step: Step) -> list[Stray]:
        """Return the clips of a step's officers, within `REACH` of it, that hang on no step, in order of digest."""
        clip = schema.Clip
        mine = clip.officer_id.in_(sorted(step.officers))
        during = overlapping((clip.reach_class, clip.reach_start, clip.reach_end), near(step.window), mine)
        # said so that no database takes the index of all loose clips for it
        linked = sa.case((clip.linked, 1), else_=0) == 1
        loose = (~linked, clip.state != ClipState.SEALED, clip.kind != Kind.OTHER)
        found = sorted(self.session.scalars(sa.select(clip).where(during, *loose)), key=attrgetter("digest"))
        refused = refused_shifts(self.session, found)
        return [stray for row in found if (stray := stray_of(row, refused[row.digest])) is not None]

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
                keys = sa.select(step.case_no, step.step_no).join(worker, joined).where(step.state.not_in(UNMOVED))
                named = self.session.execute(keys.where(worker.officer_id == officer_id, during))
                found.update(step_key(*key) for key in named)
        return found


def near(window: Span) -> Span:
    """Return how far from a stretch its counterpart may be thought to lie."""
    return window.widened(REACH.total_seconds(), REACH.total_seconds())


def stray_of(clip: schema.Clip, refused_s: Sequence[float]) -> Stray | None:
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
        refused[one.scope, one.target].append(one)
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
    return [float(one.shift_s) for key in targets for one in refused.get(key, ()) if is_about(one, clip)]


def is_about(decision: schema.ClockDecisionRow, clip: schema.Clip) -> bool:
    """Whether a decision was made for a clip: it was looked at, or lies in the stretch where none was named."""
    if decision.files:
        return clip.digest in decision.files
    at = clip.span_start
    if at is None:
        return True
    return (decision.since is None or decision.since <= at) and (decision.until is None or at <= decision.until)
