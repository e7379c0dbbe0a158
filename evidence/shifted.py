"""Footage that would show a step if its camera's clock, or the step's record, were off by a setting.

Tested before a gap is called: a clock on Xinjiang time looks, to a window of Beijing time, just like a camera that was
never switched on. Nothing is moved by it; the step waits for a person who confirms or refuses.

Source: docs/devices.md (a constant two hours between a unit's steps and its footage), docs/law-reading.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from evidence.cases import Step
from evidence.clock import is_same, systematic
from evidence.clock.shifts import DAY_S, NEAR_S, ZONES_S
from evidence.ids import DeviceId, Digest
from evidence.notes import Note
from evidence.spans import Span, clip_to, total_s, union

EXPLAINS = 0.6
"""Footage explains a step when, moved, it would cover this share of what is missing."""

TESTED_S = tuple(sign * shift_s for shift_s in (*ZONES_S, DAY_S) for sign in (-1.0, 1.0))
"""Shifts that are tried on footage which nothing else speaks against; years show by docking and arrival alone."""

XINJIANG_PAPER_S = ZONES_S[0]
"""Footage on the right time lies this much after a record that was written in Xinjiang time, in seconds."""

REACH = timedelta(days=1, hours=1)
"""How far from a step its footage may be thought to lie."""

WITNESSED = frozenset(
    {
        "clock.agrees.gps_track",
        "clock.dock_read_ahead",
        "clock.dock_read_behind",
        "clock.dock_read_right",
        "clock.dock_set",
        "clock.satellite_ahead",
        "clock.satellite_behind",
    }
)
"""Rules that say that somebody else's clock stands behind a recording's."""

ARRIVAL_SLACK = timedelta(minutes=5)


@dataclass(frozen=True)
class Stray:
    """A clip of an officer of the step that hangs on no step.

    Attributes:
        span: as stated. received_at: when it came; it cannot end later.
        witnessed: a dock or a satellite read its camera's clock, so that rather the record is off.
        suspected_s: shifts that witnesses or other statements suggest already.
        refused_s: shifts that a person refused for it.
        taken: when its camera made other recordings, which hang on steps and are believed: it made no two at once.
    """

    digest: Digest
    device_id: DeviceId | None
    span: Span
    received_at: datetime
    witnessed: bool = False
    suspected_s: tuple[float, ...] = ()
    refused_s: tuple[float, ...] = ()
    taken: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Explained:
    """What one shift would explain of a step.

    Attributes:
        shift_s: camera's clock minus real time, in seconds.
        of_record: the cameras' clocks were seen to be right, so it is the record that is off, by as much the other way.
        share: share of what is missing that the clips would cover, 0–1.
    """

    shift_s: float
    of_record: bool
    clips: tuple[Digest, ...]
    share: float


def is_witnessed(rules: Iterable[Note]) -> bool:
    """Whether a clock that is not the camera's own stands behind a judgement."""
    return any(rule.code in WITNESSED for rule in rules)


def explained_by(step: Step, strays: Sequence[Stray], missing: Sequence[Span] | None = None) -> Explained | None:
    """Return the shift that explains most of what a step misses, None when none does; zones come before days.

    ``missing``: the stretches of its window that nothing shows; None is the whole window.
    """
    lacking = list(step.parts) if missing is None else list(missing)
    ways = [way for shift_s in shifts_of(strays) if (way := tried(step, strays, shift_s, lacking))]
    return min(ways, key=lambda way: (-round(way.share, 2), abs(way.shift_s), way.shift_s), default=None)


def shifts_of(strays: Iterable[Stray]) -> list[float]:
    """Return every shift worth trying, once."""
    suspected = (systematic(shift_s) or shift_s for stray in strays for shift_s in stray.suspected_s)
    return sorted({*TESTED_S, *suspected})


def tried(step: Step, strays: Sequence[Stray], shift_s: float, missing: Sequence[Span]) -> Explained | None:
    """Return what a shift would explain of what a step misses, None when it is too little."""
    fitting = [stray for stray in strays if fits(step, stray, shift_s)]
    if not fitting:
        return None
    shown = union(moved(stray.span, shift_s) for stray in fitting)
    lacking_s = total_s(missing)
    share = sum(total_s(clip_to(span, shown)) for span in missing) / lacking_s if lacking_s else 1.0
    if share < EXPLAINS:
        return None
    of_record = all(stray.witnessed for stray in fitting)
    return Explained(shift_s, of_record, tuple(sorted(stray.digest for stray in fitting)), share)


def fits(step: Step, stray: Stray, shift_s: float) -> bool:
    """Whether a clip, moved by a shift, could have been made, and would show some of the step."""
    if any(is_same(refused, shift_s) for refused in stray.refused_s):
        return False
    known = any(is_same(systematic(one) or one, shift_s) for one in stray.suspected_s)
    if stray.witnessed and not known and shift_s != XINJIANG_PAPER_S:
        return False
    real = moved(stray.span, shift_s)
    shared = [both for part in step.parts if (both := real.intersection(part))]
    if (
        not shared
        or lies_over(real, stray.taken)
        or (real.end > stray.received_at + ARRIVAL_SLACK and not stray.witnessed)
    ):
        return False
    return not stray.span.length_s or total_s(shared) > 0


def lies_over(real: Span, taken: Iterable[Span]) -> bool:
    """Whether a clip would share time with others of its camera, by more than a shift is known to."""
    shared = (real.intersection(other) for other in taken)
    return any(both is not None and both.length_s > NEAR_S for both in shared)


def moved(span: Span, shift_s: float) -> Span:
    """Return where a stretch lies when its clock was off by a shift."""
    off = timedelta(seconds=shift_s)
    return Span(span.start - off, span.end - off)
