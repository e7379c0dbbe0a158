"""What a file's own statements say of its start, before the history of its camera's clock is asked.

The order of belief: a camera's tag that names its own offset; the file name; sidecar, folder and on-screen clock; the
camera's local tags; GPS; the container; and the modification time, which alone proves nothing. Whatever else states a
time is held against the one that places the recording; more than `TOLERANCE_S` apart is a dispute, and only a person
settles it. A modification time never disputes, since copying changes it. A GPS track disputes only what is off by more
than a clock drifts or is set wrong by hand; less than that it measures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from evidence.claims import ClaimSource, TimeClaim, ZoneBasis
from evidence.clips import Kind
from evidence.clock.belief import LOCAL_AS_UTC, SATELLITE, is_utc_by_habit, sift
from evidence.clock.readings import (
    COARSE_S,
    TOLERANCE_S,
    Reading,
    best,
    nearest,
    order_of,
    readings_of,
    supported_by_mtime,
)
from evidence.clock.verdicts import ClockVerdict
from evidence.notes import Note, note, unique
from evidence.spans import Span

ADJUSTS_S = 600.0
"""A machine takes off what a witness measured up to this; more is a shift that a person has to confirm.

Ten minutes hold what a clock drifts in half a year at the standard's 3 s a day, and a hand that set it by another
clock; zones, days and years lie far beyond.
"""

LONGEST_S = 7 * 86400.0
"""A stated length beyond this is no length: no recorder runs a week into one file."""

ZONES_S = (7200.0, 21600.0, 28800.0)
"""Between Beijing time, Xinjiang custom and UTC, in seconds."""

QUARTER_S = 900.0
"""Zones lie whole quarters of an hour apart."""

BEIJING_H, WEST_H, EAST_H = 8.0, -12.0, 14.0
"""Zone a bare time is read in, and the outermost zones there are, in hours east of Greenwich."""

DAY_S = 86_400.0

XINJIANG_S = 7200.0
"""Local custom in Xinjiang runs two hours behind Beijing time; a clock off by just this was set to it."""

STALE_S = 4 * 3600.0
"""A receiver was seen to give a fix this old for the present, in seconds: one fix alone places a start no closer."""

FIX_AGE_S = 1.0
"""Receivers fix their place once a second: what a file holds is the last one, in seconds."""

STEP_S = 1.0
"""Least step of any stated time, in seconds."""

LEAST_HEAD_S = 3.0
"""Silence at the head from this on may be a pre-record buffer. Source: GA/T 947 (pre-record of at least 3 s)."""

HEARD_S = 0.5
"""How far the end of a silence is heard too early, in seconds."""

OWN_NAMES = frozenset({ClaimSource.FILE_NAME, ClaimSource.FOLDER, ClaimSource.ONSCREEN, ClaimSource.SIDECAR})
"""Where a camera writes its wall clock for people to read."""

SATELLITE_STEP_S = 1.0
"""How far a track's time may lie from the moment it is stated for, beside its own step."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What the statements of one file come to, each camera's clock read as Beijing time where it names no zone.

    Attributes:
        verdict: trusted, disputed or unknown, by the file alone.
        span: the stretch as stated, start first; None when nothing believable states one.
        step_s: the clock that stated the start stood between ``span.start`` and this many seconds later.
        early_s: the recording may have begun this much before: start or end was stated, or a buffer ran.
        own_clock: it was the camera's own wall clock; else a zone, a satellite or nobody vouches for it.
        others_s: further starts that are stated, each in seconds after (+) or before (−) ``span.start``.
        satellite: bounds of the camera's clock minus a GPS track's time, in seconds; None without a track.
        mixed: what the camera's own clock is said to have shown differs within the file: a name was changed.
        unbelieved_start: what the camera's clock showed when it shows a date it cannot have been, UTC.
        written_s: last written this long after (+) the stated end, whole zones put aside; None when that is unknown.
        length_s: length to reckon with, in seconds.
        rules: each rule that fired.
    """

    verdict: ClockVerdict
    span: Span | None
    step_s: float = 1.0
    early_s: float = 0.0
    own_clock: bool = True
    others_s: tuple[float, ...] = ()
    satellite: tuple[float, float] | None = None
    mixed: bool = False
    unbelieved_start: datetime | None = None
    written_s: float | None = None
    length_s: float = 0.0
    rules: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Placement:
    """The reading that places a recording, and what was found on the way.

    Attributes:
        disputed: more than one reading stands, or the reading is impossible.
        side_open: the statement may mean the start or the end, and nothing tells which.
        others_s: other starts that stand, in seconds after this one's.
    """

    reading: Reading
    rules: tuple[Note, ...] = ()
    disputed: bool = False
    side_open: bool = False
    others_s: tuple[float, ...] = ()


@dataclass(frozen=True)
class Compared:
    """What the other statements are, held against the span the primary one placed; fields as in `Statement`.

    Attributes:
        backed: another one states the same moment, and not just the day.
    """

    rules: tuple[Note, ...]
    others_s: tuple[float, ...]
    satellite: tuple[float, float] | None
    mixed: bool
    backed: bool = False


def state(
    claims: Sequence[TimeClaim],
    *,
    kind: Kind,
    duration_s: float | None,
    received_at: datetime,
    head_s: float = 0.0,
) -> Statement:
    """Say what a file's statements come to; the order they come in does not matter.

    Args:
        claims: every time statement about the clip, of any source.
        kind: what the file holds; a photo is an instant.
        duration_s: measured length in seconds; None makes the span an instant, and says so.
        received_at: intake time by this machine's clock, UTC: nothing ends later than it (by more than 5 minutes).
        head_s: silence at the head, in seconds: a pre-record buffer that ran before the button was pressed.
    """
    length_s, rules = known_length(kind, duration_s)
    ordered = sorted(claims, key=order_of)
    believed, doubts = sift(ordered, received_at)
    shown = unbelieved_start(ordered, believed)
    believed, fallen = without_fallen(believed, shown, length_s)
    primary = best(believed)
    rules += (*doubts, *fallen)
    if primary is None or (shown is not None and primary.source is ClaimSource.CONTAINER):
        nothing = (*rules, note("clock.nothing_states_time"))
        early_s, _ = silent_buffer(length_s, head_s)
        return Statement(
            ClockVerdict.UNKNOWN, None, early_s=early_s, unbelieved_start=shown, length_s=length_s, rules=nothing
        )
    if primary.source is ClaimSource.MTIME:
        span = readings_of(primary, length_s)[0].span
        mtime_only = (*rules, note("clock.mtime_only", stated_at=span.end))
        early_s, _ = silent_buffer(length_s, head_s)
        return Statement(
            ClockVerdict.UNKNOWN, span, early_s=early_s, unbelieved_start=shown, length_s=length_s, rules=mtime_only
        )
    placement = place(primary, believed, length_s, received_at)
    compared = compare(primary, [claim for claim in believed if claim != primary], placement.reading.span)
    alone = alone_notes(primary, compared)
    stale = primary.source is ClaimSource.GPS and bool(alone)
    step_s = max(STEP_S, primary.precision_s) + (FIX_AGE_S if primary.source is ClaimSource.GPS else 0.0)
    early_s, buffered = buffer_before(placement, length_s, head_s)
    seen = compared.satellite
    if primary.source is ClaimSource.GPS_TRACK and shown is not None:
        seen = shown_against(shown, placement.reading.span)
    satellite = (seen[0] - early_s, seen[1]) if seen is not None else None  # the track may have begun with the buffer
    return Statement(
        ClockVerdict.DISPUTED if placement.disputed or compared.others_s or alone else ClockVerdict.TRUSTED,
        placement.reading.span,
        step_s=STALE_S if stale else step_s,
        early_s=max(early_s, length_s) if stale else early_s,
        own_clock=primary.zone is not ZoneBasis.EXPLICIT and primary.source not in SATELLITE,
        others_s=(*placement.others_s, *compared.others_s),
        satellite=satellite,
        unbelieved_start=shown,
        written_s=written_after(believed, placement.reading.span),
        mixed=placement.disputed or compared.mixed,
        length_s=length_s,
        rules=(*rules, note(f"clock.from.{primary.source}"), *placement.rules, *alone, *buffered, *compared.rules),
    )


def without_fallen(
    believed: Sequence[TimeClaim], shown: datetime | None, length_s: float
) -> tuple[tuple[TimeClaim, ...], tuple[Note, ...]]:
    """Put aside what the camera wrote by a clock that shows a date it cannot have been.

    A header written when the file is closed states such a date minutes later, when it is no factory date any more.
    """
    if shown is None:
        return tuple(believed), ()
    fallen = {claim for claim in believed if is_of_clock(claim, shown, length_s)}
    kept = tuple(claim for claim in believed if claim not in fallen)
    return kept, tuple(note(f"clock.not_set.{one.source}", raw=one.raw) for one in believed if one in fallen)


def is_of_clock(claim: TimeClaim, shown: datetime, length_s: float) -> bool:
    """Whether a statement is of the clock that showed a start, read one way or another."""
    if claim.zone is ZoneBasis.EXPLICIT or claim.source in SATELLITE or claim.precision_s > COARSE_S:
        return False
    starts = [reading.span.start for reading in readings_of(claim, length_s)]
    return any(abs((start - shown).total_seconds()) <= TOLERANCE_S for start in starts)


def alone_notes(primary: TimeClaim, compared: Compared) -> tuple[Note, ...]:
    """Say that a lone statement is not to be believed: what a machine read off the picture, a fix that may be old."""
    if compared.backed or primary.source not in {ClaimSource.ONSCREEN, ClaimSource.GPS}:
        return ()
    return (note(f"clock.{primary.source}_alone"),)


def unbelieved_start(ordered: Sequence[TimeClaim], believed: Sequence[TimeClaim]) -> datetime | None:
    """Return what the camera's clock showed where that cannot have been: its files still tell their order by it."""
    own = [claim for claim in ordered if claim.source in OWN_NAMES and claim.at is not None]
    primary = best([claim for claim in own if claim not in believed])
    return primary.at if primary is not None else None


def buffer_before(placement: Placement, length_s: float, head_s: float) -> tuple[float, tuple[Note, ...]]:
    """Return how much earlier than stated the recording may have begun, in seconds, and why."""
    buffer_s, silent = silent_buffer(length_s, head_s)
    return max(length_s if placement.side_open else 0.0, buffer_s), silent


def silent_buffer(length_s: float, head_s: float) -> tuple[float, tuple[Note, ...]]:
    """Return how long a buffer may have run before the button was pressed, in seconds, and the note that says so."""
    head_s = min(head_s, TOLERANCE_S, length_s)
    if head_s < LEAST_HEAD_S:
        return 0.0, ()
    return head_s + HEARD_S, (note("clock.silent_head", head_s=round(head_s, 1)),)


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
    local_s = (-LOCAL_AS_UTC.total_seconds(),)
    return Placement(side.reading, (both, *side.rules), disputed=True, side_open=side.side_open, others_s=local_s)


def compare(primary: TimeClaim, others: Sequence[TimeClaim], placed: Span) -> Compared:
    """Hold every other statement against the span the primary one placed."""
    notes: list[Note] = []
    apart: list[float] = []
    satellite: tuple[float, float] | None = None
    mixed = backed = False
    told: set[tuple[object, ...]] = set()
    for claim in others:
        same = claim.source, claim.at, claim.zone, claim.anchor, claim.precision_s
        if same in told:  # a header states it once more for each stream
            continue
        told.add(same)
        fit = nearest(claim, placed)
        if fit is None:
            continue
        if claim.source is ClaimSource.GPS_TRACK and satellite is None:
            satellite = against_satellite(primary, claim, placed, fit[1])
        if abs(fit[0]) <= TOLERANCE_S:
            notes.append(agreement_note(claim, fit[1]))
            backed |= primary.source is not ClaimSource.GPS or claim.precision_s <= COARSE_S
        elif claim.source is ClaimSource.GPS_TRACK and abs(fit[0]) <= ADJUSTS_S:
            notes.append(measurement_note(claim, fit[0]))
        elif claim.source is not ClaimSource.MTIME or written_before(claim, placed):
            apart.extend(starts_apart(claim, fit[1], placed))
            notes.extend(dispute_notes(primary, claim, fit[0]))
            mixed |= claim.source not in SATELLITE and claim.zone is not ZoneBasis.EXPLICIT
    return Compared(unique(notes), tuple(dict.fromkeys(apart)), satellite, mixed, backed)


def written_before(mtime: TimeClaim, placed: Span) -> bool:
    """Whether a file was last written before it is said to begin; copying only ever makes a modification time later.

    A card's times have no zone; a difference of whole zones says how they were read, and nothing of the recording.
    """
    if mtime.at is None:
        return False
    early_s = (placed.start - mtime.at).total_seconds()
    zoned = any(abs((placed.end - mtime.at).total_seconds() - shift_s) <= TOLERANCE_S + 60 for shift_s in ZONES_S)
    return early_s > TOLERANCE_S and not zoned


def written_after(believed: Sequence[TimeClaim], placed: Span) -> float | None:
    """Return how long after its stated end a file was last written, in seconds; whole zones are how times were read."""
    ends = [
        (claim.at - placed.end).total_seconds() for claim in believed if claim.source is ClaimSource.MTIME and claim.at
    ]
    if not ends:
        return None
    apart_s = min(ends, key=abs)
    zones = (0.0, *ZONES_S, *(-zone_s for zone_s in ZONES_S))
    return min((apart_s - zone_s for zone_s in zones), key=abs) if abs(apart_s) > TOLERANCE_S else apart_s


def starts_apart(claim: TimeClaim, nearest_reading: Reading, placed: Span) -> list[float]:
    """Return how far from the placed start a disputing statement puts it, read as start or as end, in seconds."""
    plain = [one for one in readings_of(claim, placed.length_s) if one.as_local is nearest_reading.as_local]
    return [(one.span.start - placed.start).total_seconds() for one in plain]


def against_satellite(primary: TimeClaim, claim: TimeClaim, placed: Span, reading: Reading) -> tuple[float, float]:
    """Return bounds of the camera's clock minus the satellites', in seconds."""
    ahead_s = (placed.start - reading.span.start).total_seconds()
    slack_s = SATELLITE_STEP_S + max(0.0, claim.precision_s - 1.0)
    return ahead_s - slack_s, ahead_s + max(STEP_S, primary.precision_s) + slack_s


def shown_against(shown: datetime, placed: Span) -> tuple[float, float]:
    """Return bounds of what the camera's clock showed minus the satellites' time, in seconds."""
    ahead_s = (shown - placed.start).total_seconds()
    return ahead_s - 2 * SATELLITE_STEP_S, ahead_s + STEP_S + 2 * SATELLITE_STEP_S


def measurement_note(claim: TimeClaim, apart_s: float) -> Note:
    """Say by how much a track measured the camera's clock to be off."""
    way = "behind" if apart_s > 0 else "ahead"
    return note(f"clock.satellite_{way}", offset_s=round(abs(apart_s), 3), source=str(claim.source))


def agreement_note(claim: TimeClaim, reading: Reading) -> Note:
    """Say that a statement agrees, and when it only does so read as local time."""
    return note(f"clock.local_as_utc.{claim.source}") if reading.as_local else note(f"clock.agrees.{claim.source}")


def dispute_notes(primary: TimeClaim, claim: TimeClaim, apart_s: float) -> tuple[Note, ...]:
    """Say by how much a statement disagrees, and which setting of a wall clock would explain it."""
    way = "later" if apart_s > 0 else "earlier"
    stated = {} if claim.at is None else {"stated_at": claim.at}
    off = Note(f"clock.{way}.{claim.source}", {**stated, "offset_s": round(abs(apart_s), 3)})
    behind = primary if apart_s > 0 else claim
    two_hours = behind.zone is ZoneBasis.LOCAL and abs(abs(apart_s) - XINJIANG_S) <= TOLERANCE_S
    notes = (off, note("clock.xinjiang_time")) if two_hours else (off,)
    if primary.zone is ZoneBasis.LOCAL and claim.source in SATELLITE and not two_hours:
        return (*notes, *zone_notes(apart_s))
    return notes


def zone_notes(apart_s: float) -> tuple[Note, ...]:
    """Say in which zone a wall clock would agree with the satellites, or be off by whole days, by the time of day.

    A wall clock that names no zone was read as Beijing time; ``apart_s``: satellites' time minus that reading.
    """
    quarters = round(apart_s / QUARTER_S)
    if abs(apart_s - quarters * QUARTER_S) > TOLERANCE_S:
        return ()
    for days in (0, 1, -1):
        zone_h = BEIJING_H - (quarters * QUARTER_S - days * DAY_S) / 3600
        if WEST_H <= zone_h <= EAST_H:
            sign, minutes = ("-" if zone_h < 0 else "+"), round(abs(zone_h) * 60)
            zone = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
            way = {0: "agrees", 1: "day_slow", -1: "day_fast"}[days]
            rest_s = round(apart_s - quarters * QUARTER_S, 1)
            return (note(f"clock.zone_{way}", zone=zone, rest_s=abs(rest_s)),)
    return ()
