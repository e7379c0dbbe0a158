"""Judging clips: which time, which device, which officer. Writes the judgement beside the facts, never over them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence import clock
from evidence.claims import Identity
from evidence.clips import ClipState
from evidence.clock import ClockJudgement, ClockVerdict
from evidence.identity import identify
from evidence.ids import OfficerId
from evidence.roster import Roster
from index import facts, schema
from index.batches import batched
from index.columns import to_us
from index.intakes import BEFORE_ALL_TIMES
from index.reach import reach_class


@dataclass(frozen=True)
class Standing:
    """Where a clip stands among the files of its device."""

    digest: str
    device_id: str | None
    sequence: int | None
    start: datetime | None
    end: datetime | None
    verdict: ClockVerdict
    last_received_at: datetime


@dataclass(frozen=True)
class Judged:
    """A clip's standing before and after it was judged."""

    before: Standing
    after: Standing

    @property
    def moved(self) -> bool:
        """Whether it stands elsewhere now."""
        return self.before != self.after


def judge_clips(session: Session, digests: Collection[str], roster: Roster) -> list[Judged]:
    """Judge clips from all that is claimed of them, and keep the judgement in their rows."""
    judged: list[Judged] = []
    for some in batched(sorted(digests)):
        claims = facts.claims_of(session, some)
        decided = _decided(session, some)
        for clip in facts.clip_rows(session, some):
            before = standing(clip)
            stated = claims[clip.digest].all
            judgement = clock.judge(
                stated.times, kind=clip.kind, duration_s=clip.duration_s, received_at=clip.received_at
            )
            whose = identify(stated.identities, judgement.start, roster, decided=decided.get(clip.digest))
            _keep(clip, judgement, whose)
            judged.append(Judged(before, standing(clip)))
        session.flush()
    return judged


def standing(clip: schema.Clip) -> Standing:
    """Return where a clip stands."""
    return Standing(
        clip.digest,
        clip.device_id,
        clip.sequence,
        clip.span_start,
        clip.span_end,
        clip.verdict,
        clip.last_received_at,
    )


def _decided(session: Session, digests: Collection[str]) -> dict[str, OfficerId]:
    row = schema.ClipOverride
    found = session.execute(sa.select(row.digest, row.officer_id).where(row.digest.in_(digests)))
    return {digest: OfficerId(officer_id) for digest, officer_id in found}


def _keep(clip: schema.Clip, judgement: ClockJudgement, whose: Identity) -> None:
    clip.device_id, clip.officer_id = whose.device_id, whose.officer_id
    clip.officer_source, clip.sequence = whose.officer_source, whose.sequence
    clip.important, clip.disagreements = whose.important, whose.disagreements
    clip.verdict, clip.rules, clip.uncertainty_s = judgement.verdict, judgement.rules, judgement.uncertainty_s
    if clip.state is ClipState.DERIVED:
        clip.state = ClipState.REVIEWED
    span = judgement.span
    clip.span_start, clip.span_end = (span.start, span.end) if span else (None, None)
    clip.sort_us = to_us(span.start) if span else BEFORE_ALL_TIMES
    reach = span.widened(judgement.uncertainty_s or 0.0, judgement.uncertainty_s or 0.0) if span else None
    clip.reach_start, clip.reach_end = (reach.start, reach.end) if reach else (None, None)
    clip.reach_class = reach_class(reach) if reach else None
