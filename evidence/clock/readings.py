"""The ways a time statement can be read – as start or end, as UTC or as local time – and how far readings lie apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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

UNSTATED = datetime.max.replace(tzinfo=UTC)
"""Stands for a time that is not stated where statements are put in order."""

LOCAL_AS_UTC_S = LOCAL_AS_UTC.total_seconds()

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
    ranked = [(rank, claim.precision_s, claim) for claim in claims if (rank := preference(claim)) is not None]
    first = min((entry[:2] for entry in ranked), default=None)
    return min((claim for *key, claim in ranked if tuple(key) == first), key=order_of, default=None)


def order_of(claim: TimeClaim) -> tuple[bool, datetime, str, str, str, str, str, str]:
    """Return a key that puts statements in one order, so that the judgement does not depend on how they came."""
    at = claim.at or UNSTATED
    return (claim.at is None, at, claim.source, claim.raw, claim.detail, claim.zone, claim.anchor, claim.tool)


def stepped(apart_s: float, precision_s: float) -> float:
    """Return by how many seconds a reading starts after (+) or before (−) a span, its own step allowed for."""
    return min(0.0, apart_s + precision_s) if apart_s < 0 else apart_s


def nearest(claim: TimeClaim, placed: Span) -> tuple[float, Reading] | None:
    """Return the reading of a statement that fits a placed span best, with its offset in seconds.

    A plain reading within `TOLERANCE_S` wins over one that needs local time to have been written for UTC.
    """
    sides = SIDES[claim.anchor]
    if claim.at is None or not sides:
        return None
    length_s, plain_s = placed.length_s, (claim.at - placed.start).total_seconds()
    options: list[tuple[bool, bool, float, int, float]] = []
    for as_local in (False, True) if is_utc_by_habit(claim) else (False,):
        for place, side in enumerate(sides):
            apart_s = plain_s - as_local * LOCAL_AS_UTC_S - (length_s if side is Anchor.END else 0.0)
            off_s = stepped(apart_s, claim.precision_s)
            options.append((abs(off_s) > TOLERANCE_S, as_local, abs(off_s), place, off_s))
    _, as_local, _, place, off_s = min(options)
    moment = claim.at - LOCAL_AS_UTC if as_local else claim.at
    return off_s, Reading(span_at(moment, sides[place], length_s), sides[place], as_local)


def supported_by_mtime(reading: Reading, mtimes: Sequence[datetime]) -> bool:
    """Whether a file system's modification time marks the end of this reading (cameras close the file then)."""
    return any(abs((mtime - reading.span.end).total_seconds()) <= TOLERANCE_S for mtime in mtimes)
