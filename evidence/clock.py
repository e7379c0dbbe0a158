"""Which time do we believe, how far, and why: the judgement over a clip's time claims.

The order of belief: a camera's tag that names its own offset; the file name; sidecar and folder; the camera's local
tags; GPS; the container; and the modification time, which alone proves nothing. Whatever else states a time is held
against the one that places the recording; more than `TOLERANCE_S` apart is a dispute, and only a person settles it.
A modification time never disputes, since copying changes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import isfinite

from evidence.claims import ClaimSource, TimeClaim, ZoneBasis
from evidence.clips import Kind
from evidence.clock_belief import LOCAL_AS_UTC, is_utc_by_habit, sift
from evidence.clock_readings import TOLERANCE_S, Reading, best, nearest, order_of, readings_of, supported_by_mtime
from evidence.notes import Note, note
from evidence.spans import Span

STEP_S = 1.0
"""Least uncertainty of any stated time, in seconds."""

DRIFT_S_PER_DAY = 3.0
"""How far a camera's clock may run off in a day. Source: GA/T 947, 6.4.17."""

DRIFT_DAYS = 30.0
"""Days after which drift counts no further: nobody knows when the clock was last set."""

LONGEST_S = 7 * 86400.0
"""A stated length beyond this is no length: no recorder runs a week into one file."""

XINJIANG_S = 7200.0
"""Local custom in Xinjiang runs two hours behind Beijing time; a clock off by just this was set to it."""


class ClockVerdict(StrEnum):
    """How far the recorded time is believed."""

    TRUSTED = "trusted"
    ADJUSTED = "adjusted"
    DISPUTED = "disputed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ClockJudgement:
    """The judged start and end of a recording.

    Attributes:
        span: judged start and end, None when nothing believable states them.
        uncertainty_s: the true start lies within ± this of ``span.start``.
        rules: each rule that fired, in words a person reads.
    """

    verdict: ClockVerdict
    span: Span | None
    uncertainty_s: float | None
    rules: tuple[Note, ...] = ()

    @property
    def start(self) -> datetime | None:
        """Judged start, UTC."""
        return self.span.start if self.span else None


@dataclass(frozen=True)
class Placement:
    """The reading that places a recording, and what was found on the way.

    Attributes:
        disputed: more than one reading stands, or the reading is impossible.
        side_open: the statement may mean the start or the end, and nothing tells which.
    """

    reading: Reading
    rules: tuple[Note, ...] = ()
    disputed: bool = False
    side_open: bool = False


def judge(
    claims: Sequence[TimeClaim], *, kind: Kind, duration_s: float | None, received_at: datetime
) -> ClockJudgement:
    """Judge when a recording was made, from all that states a time; the order of the claims does not matter.

    Args:
        claims: every time statement about the clip, of any source.
        kind: what the file holds; a photo is an instant.
        duration_s: measured length in seconds; None makes the span an instant, and says so.
        received_at: intake time by this machine's clock, UTC: nothing ends later than it (by more than 5 minutes).
    """
    length_s, rules = known_length(kind, duration_s)
    believed, doubts = sift(sorted(claims, key=order_of), received_at)
    primary = best(believed)
    rules += doubts
    if primary is None:
        return ClockJudgement(ClockVerdict.UNKNOWN, None, None, (*rules, note("clock.nothing_states_time")))
    if primary.source is ClaimSource.MTIME:
        span = readings_of(primary, length_s)[0].span
        return ClockJudgement(ClockVerdict.UNKNOWN, span, None, (*rules, note("clock.mtime_only", stated_at=span.end)))
    placement = place(primary, believed, length_s, received_at)
    others = [claim for claim in believed if claim != primary]
    agreement, disputed = compare(primary, others, placement.reading.span)
    return ClockJudgement(
        ClockVerdict.DISPUTED if placement.disputed or disputed else ClockVerdict.TRUSTED,
        placement.reading.span,
        uncertainty_of(primary, placement, received_at),
        (*rules, note(f"clock.from.{primary.source}"), *placement.rules, *agreement),
    )


def known_length(kind: Kind, duration_s: float | None) -> tuple[float, tuple[Note, ...]]:
    """Return the length to reckon with in seconds, and a note when it is not known."""
    if kind is Kind.PHOTO:
        return 0.0, ()
    if duration_s is None or not isfinite(duration_s) or not 0 <= duration_s <= LONGEST_S:
        return 0.0, (note("clock.length_unknown"),) if kind in {Kind.VIDEO, Kind.AUDIO} else ()
    return duration_s, ()


def place(primary: TimeClaim, believed: Sequence[TimeClaim], length_s: float, received_at: datetime) -> Placement:
    """Choose the reading of the best statement that is possible and best supported."""
    readings = readings_of(primary, length_s)
    possible = [reading for reading in readings if reading.fits_arrival(received_at)]
    if not possible:
        late = readings[-1]
        excess = note("clock.ends_after_arrival", end_at=late.span.end, received_at=received_at)
        return Placement(late, (excess,), disputed=True)
    mtimes = [claim.at for claim in believed if claim.source is ClaimSource.MTIME and claim.at]
    if not is_utc_by_habit(primary):
        return choose_side(possible, mtimes)
    return choose_zone(possible, mtimes)


def choose_side(possible: Sequence[Reading], mtimes: Sequence[datetime]) -> Placement:
    """Choose between start and end: what arrival rules out, what the modification time marks, else the start."""
    supported = [reading for reading in possible if supported_by_mtime(reading, mtimes)]
    if supported and len(possible) > 1:
        closest = min(supported, key=lambda r: min(abs((m - r.span.end).total_seconds()) for m in mtimes))
        return Placement(closest, (note(f"clock.mtime_marks_{closest.side}"),))
    side_open = len(possible) > 1 and possible[0].span.length_s > 0
    return Placement(possible[0], (note("clock.start_or_end"),) if side_open else (), side_open=side_open)


def choose_zone(possible: Sequence[Reading], mtimes: Sequence[datetime]) -> Placement:
    """Choose between UTC and local time written as UTC, for a statement that stands alone."""
    zones = {reading.as_local for reading in possible}
    if len(zones) == 1:
        reason = "arrival"
    else:
        zones = {reading.as_local for reading in possible if supported_by_mtime(reading, mtimes)}
        reason = "mtime"
    as_local = zones == {True}
    side = choose_side([reading for reading in possible if reading.as_local is as_local], mtimes)
    if len(zones) == 1:
        rule = note(f"clock.read_as_{'local' if as_local else 'utc'}_by_{reason}")
        return Placement(side.reading, (rule, *side.rules), side_open=side.side_open)
    utc_at = side.reading.span.start
    both = note("clock.two_readings", utc_at=utc_at, local_at=utc_at - LOCAL_AS_UTC)
    return Placement(side.reading, (both, *side.rules), disputed=True, side_open=side.side_open)


def compare(primary: TimeClaim, others: Sequence[TimeClaim], placed: Span) -> tuple[tuple[Note, ...], bool]:
    """Hold every other statement against the span the primary one placed; return notes, and whether any disputes."""
    notes: list[Note] = []
    disputed = False
    for claim in others:
        fit = nearest(claim, placed)
        if fit is None:
            continue
        if abs(fit[0]) <= TOLERANCE_S:
            notes.append(agreement_note(claim, fit[1]))
        elif claim.source is not ClaimSource.MTIME:
            disputed = True
            notes.extend(dispute_notes(primary, claim, fit[0]))
    return tuple(dict.fromkeys(notes)), disputed


def agreement_note(claim: TimeClaim, reading: Reading) -> Note:
    """Say that a statement agrees, and when it only does so read as local time."""
    return note(f"clock.local_as_utc.{claim.source}") if reading.as_local else note(f"clock.agrees.{claim.source}")


def dispute_notes(primary: TimeClaim, claim: TimeClaim, apart_s: float) -> tuple[Note, ...]:
    """Say by how much a statement disagrees, and what a wall clock just two hours behind suggests."""
    way = "later" if apart_s > 0 else "earlier"
    stated = {} if claim.at is None else {"stated_at": claim.at}
    off = Note(f"clock.{way}.{claim.source}", {**stated, "offset_s": round(abs(apart_s), 3)})
    behind = primary if apart_s > 0 else claim
    two_hours = behind.zone is ZoneBasis.LOCAL and abs(abs(apart_s) - XINJIANG_S) <= TOLERANCE_S
    return (off, note("clock.xinjiang_time")) if two_hours else (off,)


def uncertainty_of(primary: TimeClaim, placement: Placement, received_at: datetime) -> float:
    """Return how far the true start may lie from the judged one, in seconds."""
    uncertainty_s = max(STEP_S, primary.precision_s)
    if primary.zone is not ZoneBasis.EXPLICIT and primary.source is not ClaimSource.GPS:
        days = (received_at - placement.reading.span.start).total_seconds() / 86400
        uncertainty_s += DRIFT_S_PER_DAY * min(max(days, 0.0), DRIFT_DAYS)
    if placement.side_open:
        uncertainty_s += placement.reading.span.length_s
    return round(uncertainty_s, 3)
