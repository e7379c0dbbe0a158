"""The ways a time statement can be read – as start or end, as UTC or as local time – and how far readings lie apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from evidence.claims import Anchor, ClaimSource, TimeClaim, ZoneBasis
from evidence.clock.belief import ARRIVAL_SLACK, LOCAL_AS_UTC, is_utc_by_habit
from evidence.spans import Span

TOLERANCE_S = 120.0
"""Statements this close mean the same moment: a file's start may be the button press or the pre-record buffer.

Source: docs/devices.md (pre-record up to 120 s).
"""

COARSE_S = 120.0
"""A statement with steps longer than this (a folder's day) supports others and places nothing by itself."""

PREFERENCE = {
    ClaimSource.FILE_NAME: 1,
    ClaimSource.SIDECAR: 2,
    ClaimSource.ONSCREEN: 2,
    ClaimSource.FOLDER: 2,
    ClaimSource.MAKER: 3,
    ClaimSource.EXIF: 3,
    ClaimSource.GPS_TRACK: 4,
    ClaimSource.GPS: 4,
    ClaimSource.CONTAINER: 5,
    ClaimSource.MTIME: 6,
}
"""Which source places the recording, best first; 0 is a camera tag that names its own offset."""

NAMES_OFFSET = frozenset({ClaimSource.MAKER, ClaimSource.EXIF, ClaimSource.CONTAINER})

SIDES = {
    Anchor.START: (Anchor.START,),
    Anchor.END: (Anchor.END,),
    Anchor.EITHER: (Anchor.START, Anchor.END),
    Anchor.NOT_AFTER: (),
}


@dataclass(frozen=True)
class Reading:
    """One way to read a statement: the span it gives, the side it states, and whether local time was read for UTC."""

    span: Span
    side: Anchor
    as_local: bool

    def fits_arrival(self, received_at: datetime) -> bool:
        """Whether a recording of this span can have arrived by then."""
        return self.span.end <= received_at + ARRIVAL_SLACK


def readings_of(claim: TimeClaim, length_s: float) -> tuple[Reading, ...]:
    """Return every way to read a believable statement, the plainest first."""
    if claim.at is None:
        return ()
    shifts = (timedelta(), LOCAL_AS_UTC) if is_utc_by_habit(claim) else (timedelta(),)
    return tuple(
        Reading(span_at(claim.at - shift, side, length_s), side, bool(shift))
        for shift in shifts
        for side in SIDES[claim.anchor]
    )


def span_at(moment: datetime, side: Anchor, length_s: float) -> Span:
    """Return the span of that length that starts, or ends, at a moment."""
    length = timedelta(seconds=length_s)
    return Span(moment - length, moment) if side is Anchor.END else Span(moment, moment + length)


def preference(claim: TimeClaim) -> int | None:
    """Return how well a statement places a recording (0 is best), or None when it cannot."""
    if claim.precision_s > COARSE_S or claim.anchor is Anchor.NOT_AFTER:
        return None
    if claim.zone is ZoneBasis.EXPLICIT and claim.source in NAMES_OFFSET:
        return 0
    return PREFERENCE.get(claim.source)


def best(claims: Sequence[TimeClaim]) -> TimeClaim | None:
    """Return the statement that places the recording, whatever the order they come in."""
    ranked = [
        (rank, claim.precision_s, order_of(claim), claim) for claim in claims if (rank := preference(claim)) is not None
    ]
    return min(ranked, key=lambda entry: entry[:3])[3] if ranked else None


def order_of(claim: TimeClaim) -> tuple[str, ...]:
    """Return a key that puts statements in one order, so that the judgement does not depend on how they came."""
    return (str(claim.at), claim.source, claim.raw, claim.detail, claim.zone, claim.anchor, claim.tool)


def offset_s(reading: Reading, placed: Span, precision_s: float) -> float:
    """Return by how many seconds a reading starts after (+) or before (−) the placed span, its own step allowed for."""
    apart = (reading.span.start - placed.start).total_seconds()
    return min(0.0, apart + precision_s) if apart < 0 else apart


def nearest(claim: TimeClaim, placed: Span) -> tuple[float, Reading] | None:
    """Return the reading of a statement that fits a placed span best, with its offset in seconds.

    A plain reading within `TOLERANCE_S` wins over one that needs local time to have been written for UTC.
    """
    options = [
        (offset_s(reading, placed, claim.precision_s), reading) for reading in readings_of(claim, placed.length_s)
    ]
    return min(options, key=lambda o: (abs(o[0]) > TOLERANCE_S, o[1].as_local, abs(o[0])), default=None)


def supported_by_mtime(reading: Reading, mtimes: Sequence[datetime]) -> bool:
    """Whether a file system's modification time marks the end of this reading (cameras close the file then)."""
    return any(abs((mtime - reading.span.end).total_seconds()) <= TOLERANCE_S for mtime in mtimes)
