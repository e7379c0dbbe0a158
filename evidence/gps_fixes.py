"""What a satellite receiver's fixes say of a recording: a track where three of them advance, else a lone fix.

A receiver may repeat an old fix while it waits (one phone kept a fix 101 s old), and the first of a log may be wrong:
only fixes that advance with the recording are a track. A position that cannot be is rejected, its time is kept.

Source: docs/media.md (times).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median_low

from evidence.claims import Anchor, ClaimSource, TimeClaim, ZoneBasis
from evidence.notes import Note, note
from evidence.zones import to_utc_iso

LEAST_FIXES = 3
"""Fewer advancing fixes are no track."""

JUMP_S = 10.0
"""A step longer than this, and than ten usual ones, is a leap of the receiver's clock, not the passing of time."""

STEPS_OF_A_JUMP = 10
AGREEMENT_S = 2.0
"""Satellite time and media time that pass within this of each other pass alike, however long the step."""

REAL_RATE = 0.1
"""A track within this share of the recording's own pace runs at that pace; sampling explains the rest."""

COUNT_ERROR = 0.1
"""How far elapsed time may be off, as a share, where only the number of rows before the first good fix tells it."""

MOST_LATITUDE_DEG = 90.0
MOST_LONGITUDE_DEG = 180.0


GPS_LOGS = frozenset({".nmea", ".gps", ".gpx", ".txt", ".log"})
"""Endings of the logs that receivers write beside a video. Source: docs/devices.md."""


@dataclass(frozen=True)
class Fix:
    """One row of a receiver's log.

    Attributes:
        at: the satellites' time, UTC.
        latitude_deg, longitude_deg: as stated, even when no place on earth has them; see `position`.
        valid: the receiver says that it sees satellites (NMEA status A).
        media_s: where in the recording the row lies, in seconds from its first frame; None when nothing tells.
    """

    at: datetime
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    valid: bool = True
    media_s: float | None = None

    @property
    def position(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees; None when not stated or impossible."""
        if self.latitude_deg is None or self.longitude_deg is None:
            return None
        return (self.latitude_deg, self.longitude_deg) if is_on_earth(self.latitude_deg, self.longitude_deg) else None


@dataclass(frozen=True)
class Run:
    """Fixes that advance one after the other.

    Attributes:
        first: how many rows of the log come before it.
        step_s: the usual step between them, seconds.
    """

    fixes: tuple[Fix, ...]
    first: int
    step_s: float

    @property
    def span_s(self) -> float:
        """Satellite time from the first fix to the last, seconds."""
        return (self.fixes[-1].at - self.fixes[0].at).total_seconds()

    @property
    def media_span_s(self) -> float | None:
        """Media time over the same fixes, seconds; None when the log does not tell it."""
        first, last = self.fixes[0].media_s, self.fixes[-1].media_s
        return None if first is None or last is None or last <= first else last - first


def is_on_earth(latitude_deg: float, longitude_deg: float) -> bool:
    """Whether a place has these coordinates; 213° of latitude were seen in a real file."""
    return abs(latitude_deg) <= MOST_LATITUDE_DEG and abs(longitude_deg) <= MOST_LONGITUDE_DEG


def track_claim(fixes: Sequence[Fix], *, detail: str, tool: str = "") -> TimeClaim | None:
    """Return what a log of fixes states of the recording's start; None for an empty log.

    At least `LEAST_FIXES` advancing fixes are a GPS_TRACK; fewer are a GPS statement of the last fresh one; a log in
    which no row is valid is kept as a GPS statement without an instant.

    Args:
        fixes: in the order of the log.
        detail: track, box or file the log was read from.
        tool: program and version that read it.
    """
    if not fixes:
        return None
    run = advancing(fixes)
    if run is not None:
        at, precision_s = _start_of(run)
        raw = f"{to_utc_iso(run.fixes[0].at)} – {to_utc_iso(run.fixes[-1].at)} ({len(run.fixes)})"
        return _claim(ClaimSource.GPS_TRACK, raw, at, precision_s, detail, tool)
    fresh = _fresh([fix for fix in fixes if fix.valid])
    if not fresh:
        return _claim(ClaimSource.GPS, f"{to_utc_iso(fixes[0].at)} (V)", None, 1.0, detail, tool)
    last = fresh[-1]
    return _claim(ClaimSource.GPS, to_utc_iso(last.at), _earlier(last.at, last.media_s or 0.0), 1.0, detail, tool)


def track_notes(fixes: Sequence[Fix], length_s: float | None) -> tuple[Note, ...]:
    """Return what a person should know of a log: positions that cannot be, and a pace that is not the recording's.

    Args:
        fixes: in the order of the log.
        length_s: length of the recording in seconds, None when not known.
    """
    stated = [(fix.latitude_deg, fix.longitude_deg) for fix in fixes]
    whole = ((lat, lon) for lat, lon in stated if lat is not None and lon is not None)
    bad = next((place for place in whole if not is_on_earth(*place)), None)
    notes = () if bad is None else (impossible_position(*bad),)
    run = advancing(fixes)
    ratio = None if run is None else rate_of(run, length_s)
    return notes if ratio is None else (*notes, note("clock.track_rate", ratio=f"{ratio:.4g}"))


def impossible_position(latitude_deg: float, longitude_deg: float) -> Note:
    """Say that a stated position is no place on earth."""
    return note("clock.position_impossible", latitude=f"{latitude_deg:.6g}", longitude=f"{longitude_deg:.6g}")


def rate_of(run: Run, length_s: float | None) -> float | None:
    """Return how many seconds pass by the satellites in one second of the recording, None where it is one or unknown.

    Without media times only a track that is longer than the recording tells: a shorter one may have begun late.
    """
    media_s = run.media_span_s
    if media_s is not None:
        ratio = run.span_s / media_s
        return ratio if abs(ratio - 1) > REAL_RATE else None
    if not length_s or length_s <= 0:
        return None
    ratio = (run.span_s + run.step_s) / length_s
    return ratio if ratio > 1 + REAL_RATE and run.span_s > length_s + JUMP_S else None


def advancing(fixes: Sequence[Fix]) -> Run | None:
    """Return the first run of at least `LEAST_FIXES` valid fixes that advance without a leap; None when there is none.

    Repeated fixes count once.
    """
    rows = _fresh_rows(fixes)
    steps = [(later.at - sooner.at).total_seconds() for (_, sooner), (_, later) in pairwise(rows)]
    forward = [step for step in steps if step > 0]
    if len(forward) < LEAST_FIXES - 1:
        return None
    usual_s = median_low(forward)
    begin = 0
    for end in range(1, len(rows) + 1):
        if end < len(rows) and _goes_on(rows[end - 1][1], rows[end][1], usual_s):
            continue
        if end - begin >= LEAST_FIXES:
            return Run(tuple(fix for _, fix in rows[begin:end]), rows[begin][0], usual_s)
        begin = end
    return None


def _fresh_rows(fixes: Sequence[Fix]) -> list[tuple[int, Fix]]:
    """Return the valid fixes with their row numbers, without those that repeat the time before them."""
    rows: list[tuple[int, Fix]] = []
    for row, fix in enumerate(fixes):
        if fix.valid and (not rows or rows[-1][1].at != fix.at):
            rows.append((row, fix))
    return rows


def _fresh(fixes: Sequence[Fix]) -> list[Fix]:
    return [fix for _, fix in _fresh_rows(fixes)]


def _goes_on(sooner: Fix, later: Fix, usual_s: float) -> bool:
    step_s = (later.at - sooner.at).total_seconds()
    if step_s <= 0:
        return False
    if step_s <= max(JUMP_S, STEPS_OF_A_JUMP * usual_s):
        return True
    if sooner.media_s is None or later.media_s is None:
        return False
    return abs(step_s - (later.media_s - sooner.media_s)) <= AGREEMENT_S


def _start_of(run: Run) -> tuple[datetime, float]:
    """Return when the recording of a run started, and how coarsely that is known in seconds."""
    step_s = max(1.0, run.step_s)
    media_s = run.fixes[0].media_s
    if media_s is not None:
        return _earlier(run.fixes[0].at, media_s * (rate_of(run, None) or 1.0)), step_s
    lead_s = run.first * run.step_s
    return _earlier(run.fixes[0].at, lead_s), round(step_s + COUNT_ERROR * lead_s, 3)


def _earlier(moment: datetime, seconds: float) -> datetime:
    """Return the moment that many seconds before; the moment itself where the calendar ends."""
    try:
        return moment - timedelta(seconds=seconds)
    except OverflowError:
        return moment


def _claim(source: ClaimSource, raw: str, at: datetime | None, precision_s: float, detail: str, tool: str) -> TimeClaim:
    return TimeClaim(source, raw, at, ZoneBasis.EXPLICIT, Anchor.START, precision_s, detail, tool)
