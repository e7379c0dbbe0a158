"""How each statement stands to the time that is believed: for it, against it, or not to be believed itself."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from evidence.claims import ClaimSource, TimeClaim, ZoneBasis
from evidence.clock.belief import NOT_ABOUT_RECORDING, doubts_of
from evidence.clock.readings import TOLERANCE_S, nearest
from evidence.clock.verdicts import ClockJudgement
from evidence.spans import Span

CAMERAS_OWN = frozenset({ZoneBasis.LOCAL, ZoneBasis.UTC_BY_FORMAT})
"""Bases of what the camera's own clock states."""


class Stance(StrEnum):
    """How a statement stands to the judged time."""

    FOR = "for"
    AGAINST = "against"
    UNBELIEVED = "unbelieved"  # blank, a factory date, or later than the arrival
    BESIDE = "beside"  # says nothing of when this was recorded


@dataclass(frozen=True)
class ClaimStance:
    """A statement and how it stands.

    Attributes:
        apart_s: how much later (+) or earlier (−) than the judged start it places the start; None when it places none.
        local_as_utc: it fits only when local time was written where the format asks for UTC.
    """

    claim: TimeClaim
    stance: Stance
    apart_s: float | None = None
    local_as_utc: bool = False


def stances(claims: Sequence[TimeClaim], judgement: ClockJudgement, received_at: datetime) -> tuple[ClaimStance, ...]:
    """Say of every statement how it stands to a judgement, in the order given."""
    unbelieved = doubts_of(claims, received_at)
    return tuple(stance_of(claim, judgement, unbelieved) for claim in claims)


def stance_of(claim: TimeClaim, judgement: ClockJudgement, unbelieved: Collection[TimeClaim]) -> ClaimStance:
    """Say how one statement stands; what the camera's clock states may be off by just what was taken off it."""
    if claim.source in NOT_ABOUT_RECORDING:
        return ClaimStance(claim, Stance.BESIDE)
    if claim in unbelieved:
        return ClaimStance(claim, Stance.UNBELIEVED)
    span = judgement.span
    fit = nearest(claim, span) if span is not None else None
    if span is None or fit is None:
        return ClaimStance(claim, Stance.BESIDE)
    own = nearest(claim, by_cameras_clock(span, judgement.offset_s)) if claim.zone in CAMERAS_OWN else None
    agrees = abs(fit[0]) <= TOLERANCE_S or (own is not None and abs(own[0]) <= TOLERANCE_S)
    apart_s = (fit[1].span.start - span.start).total_seconds()
    if agrees:
        return ClaimStance(claim, Stance.FOR, apart_s, fit[1].as_local)
    against = Stance.BESIDE if claim.source is ClaimSource.MTIME else Stance.AGAINST
    return ClaimStance(claim, against, apart_s, fit[1].as_local)


def by_cameras_clock(span: Span, offset_s: float) -> Span:
    """Return the stretch as the camera's clock showed it."""
    off = timedelta(seconds=offset_s)
    return Span(span.start + off, span.end + off)
