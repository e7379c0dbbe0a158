"""The judgement: a file's own statements, held against the history of its camera's clock.

Trusted is what was stated, adjusted what a witness measured to be off by no more than `ADJUSTS_S` or what a person
confirmed. Everything else is disputed or unknown and keeps the bounds within which the truth lies; no machine takes a
larger shift off.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf, isfinite

from evidence.claims import TimeClaim
from evidence.clips import Kind
from evidence.clock.camera import History, Placed, read_history
from evidence.clock.corrections import Correction
from evidence.clock.files import Recording
from evidence.clock.offsets import Bounds, hull, meet, middle
from evidence.clock.rules import history_notes, outcome_note
from evidence.clock.shifts import SYSTEMATIC_S, systematic
from evidence.clock.solving import Reset
from evidence.clock.statement import ADJUSTS_S, LONGEST_S, state
from evidence.clock.verdicts import ClockJudgement, ClockVerdict
from evidence.docking import DockRecord
from evidence.ids import Digest
from evidence.notes import unique
from evidence.spans import Span

JUDGEMENT = 4
"""Counted up when the same facts come to another judgement, of clock or camera: every home is then reviewed once."""

RIGHT_S = 1.0
"""A clock whose offset may be this small, in seconds, is right; the start stays as it was stated."""

UNSURE_S = 60.0
"""A file that may lie on either side of a jump of more than this is disputed, in seconds."""

ZONED_S = 28_800.0
"""A file system's times may be read this far off either way, having no zone, in seconds."""

OVERLAP_S = 2.0
"""Two files of one camera that seem to overlap by less only lie close, in seconds."""

FIRST = datetime(1, 1, 2, tzinfo=UTC).timestamp()
LAST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
"""Between these a time can be written down, in seconds since 1970."""

ALONE = Digest("")
"""Name of a recording that is judged without its camera."""


@dataclass(frozen=True)
class CameraJudgement:
    """What is believed of all files of a camera.

    Attributes:
        judgements: per clip.
        resets: jumps of the clock that are located between two files.
        history: how the offsets were found, for those who draw it.
    """

    judgements: Mapping[Digest, ClockJudgement]
    resets: tuple[Reset, ...] = ()
    history: History = field(default_factory=History)


def judge_camera(
    recordings: Sequence[Recording],
    dockings: Sequence[DockRecord],
    corrections: Sequence[Correction] = (),
    *,
    docks_set: bool = True,
    arrivals: Iterable[float] = (),
) -> CameraJudgement:
    """Judge the files of one camera together; arguments as in `read_history`. The order of either list is nothing."""
    history = read_history(recordings, dockings, corrections, docks_set=docks_set, arrivals=arrivals)
    starts = bounds_by_neighbours(list(history.placed.values()))
    judgements = {digest: judged(placed, starts[digest], history) for digest, placed in history.placed.items()}
    return CameraJudgement(judgements, tuple(history.resets), history)


def judge(
    claims: Sequence[TimeClaim], *, kind: Kind, duration_s: float | None, received_at: datetime, head_s: float = 0.0
) -> ClockJudgement:
    """Judge a file of which no camera is known, by its own statements; arguments as in `state`."""
    stated = state(claims, kind=kind, duration_s=duration_s, received_at=received_at, head_s=head_s)
    return judge_camera([Recording(ALONE, stated, received_at)], ()).judgements[ALONE]


def bounds_by_neighbours(placed: Sequence[Placed]) -> dict[Digest, Bounds]:
    """Bound the starts of files by those made before and after them: two files of one camera cannot overlap."""
    tight = {one.file.recording.digest: meet(one.file.start, start_within(one)) or one.file.start for one in placed}
    by_stay: dict[int, list[Placed]] = defaultdict(list)
    for one in placed:
        if one.file.ordered and not one.archived and not one.solution.unordered:
            by_stay[one.file.stay].append(one)
    for ordered in by_stay.values():
        tighten(ordered, tight)
    return tight


def tighten(ordered: Sequence[Placed], tight: dict[Digest, Bounds]) -> None:
    """Tighten the bounds of files of one stay, in the order they were made; bounds that contradict stay as they are."""
    low, high = -inf, inf
    for one in ordered:
        digest = one.file.recording.digest
        tight[digest] = meet(tight[digest], (low, inf)) or tight[digest]
        low = max(low, tight[digest][0] + one.file.length_s - OVERLAP_S)
    for one in reversed(ordered):
        digest = one.file.recording.digest
        tight[digest] = meet(tight[digest], (-inf, high - one.file.length_s + OVERLAP_S)) or tight[digest]
        high = min(high, tight[digest][1])


def start_within(one: Placed) -> Bounds:
    """Return the bounds of a start by the offset of a clock that somebody saw; free when nobody did."""
    file = one.file
    if file.reading is None or file.vouched or not one.seen or not file.sound or file.stray or one.doubted:
        return -inf, inf
    if abs(middle(one.offset)) > ADJUSTS_S:
        return -inf, inf
    stated = file.recording.statement
    return file.reading - one.offset[1] - stated.early_s, file.reading + stated.step_s - one.offset[0]


def judged(one: Placed, start: Bounds, history: History) -> ClockJudgement:
    """Judge one file.

    Args:
        one: what its stretch says of it.
        start: bounds of its start by docking, arrival and neighbours.
        history: of its camera.
    """
    outcome = Outcome(one, start, history.on_card_since(one.file))
    stated = one.file.recording.statement
    rules = (*stated.rules, *history_notes(one, history), *outcome_note(one, outcome.verdict, outcome.offset_s))
    begin, bounds = writable(outcome.begin), outcome.bounds
    span = None if begin is None else span_from(begin, stated.length_s)
    return ClockJudgement(
        outcome.verdict,
        span,
        None if begin is None or not all(map(isfinite, bounds)) else spread(begin, bounds),
        unique(rules),
        moment(bounds[0]),
        moment(bounds[1]),
        outcome.offset_s,
        outcome.suspected_s,
    )


class Outcome:
    """What follows for one file. ``begin``: judged start, seconds since 1970; ``bounds``: of the true start."""

    def __init__(self, one: Placed, start: Bounds, since: float) -> None:
        """Work it out; ``since``: before it the file was hardly made."""
        self.one, self.start, self.since = one, start, since
        self.stated = one.file.recording.statement
        self.suspected_s: tuple[float, ...] = ()
        self.offset_s = 0.0
        self.begin: float | None = None
        if one.file.reading is None or one.file.vouched:
            self._by_itself()
        else:
            self._by_camera(one.file.reading)
        if one.archived and self.verdict is ClockVerdict.DISPUTED:
            self.bounds = -inf, self.start[1]
        self._keep_to_bounds()

    def _keep_to_bounds(self) -> None:
        """Move a start that is believed to where docking, arrival and neighbours leave room for it."""
        if self.begin is not None and self.verdict in {ClockVerdict.TRUSTED, ClockVerdict.ADJUSTED}:
            self.begin = min(max(self.begin, self.bounds[0]), self.bounds[1])

    def _by_itself(self) -> None:
        """Judge what no camera's clock stands behind: a tag with its own zone, a satellite's time, nothing at all."""
        span = self.stated.span
        if span is None or self.stated.verdict is ClockVerdict.UNKNOWN:
            self.begin = span.start.timestamp() if span else None
            self.verdict, self.bounds = ClockVerdict.UNKNOWN, self.start
            return
        self.begin = span.start.timestamp()
        self.suspected_s = tuple(self._suspected_itself())
        own = (self.begin - self.stated.early_s - self.stated.step_s, self.begin + self.stated.step_s)
        self._bound(self._with_others(own))
        possible = meet(own, self.start) is not None
        self.verdict = self.stated.verdict if possible else ClockVerdict.DISPUTED

    def _suspected_itself(self) -> Iterator[float]:
        """Yield the shifts that other statements suggest, and what its camera's clock showed against satellites."""
        if self.one.file.correction is not None:
            return
        shown = self.stated.unbelieved_start
        off_s = () if shown is None or self.begin is None else (shown.timestamp() - self.begin,)
        for shift_s in (*(-other_s for other_s in self.stated.others_s), *off_s):
            if (known_s := systematic(shift_s)) is not None:
                yield known_s

    def _by_camera(self, reading: float) -> None:
        """Judge what a camera's clock states."""
        one, stated = self.one, self.stated
        offset = one.offset if one.seen else (-RIGHT_S, RIGHT_S)
        center_s = middle(offset)
        shifted = one.seen and (abs(center_s) > ADJUSTS_S or one.is_one_sided)
        corrected = self._starts(reading, offset)
        bounds = self._with_others(corrected)
        if shifted:
            half_s = (offset[1] - offset[0]) / 2
            bounds = hull(bounds, self._starts(reading, (-half_s, half_s)))
        if not one.seen or one.file.stray:
            bounds = self.start
        self._bound(bounds)
        self.verdict = self._verdict(offset, shifted=shifted, possible=meet(corrected, self.start) is not None)
        self._suspect(center_s, shifted=shifted)
        self._begin(reading, offset)
        del stated

    def _starts(self, reading: float, offset: Bounds) -> Bounds:
        return reading - offset[1] - self.stated.early_s, reading + self.stated.step_s - offset[0]

    def _with_others(self, own: Bounds) -> Bounds:
        """Return bounds that hold what every statement says, until a person has said which holds."""
        bounds = own
        if self.one.file.correction is None:
            doubts = (-shift_s for shift_s in self.one.suspect_s)
            apart_s = self.stated.written_s or 0.0
            written = (apart_s - ZONED_S, apart_s + ZONED_S) if self.one.written_apart else ()
            seen = [-shift_s for shift_s in self.one.file.satellite or ()] if self.one.put_aside else ()
            for other_s in (*self.stated.others_s, *doubts, *written, *seen):
                bounds = hull(bounds, (own[0] + other_s, own[1] + other_s))
        return bounds

    def _bound(self, bounds: Bounds) -> None:
        """Cut by docking, arrival and neighbours; where they leave nothing of what is stated, they stand alone."""
        cut = meet(bounds, self.start)
        self.bounds = cut if cut is not None else self.start

    def _verdict(self, offset: Bounds, *, shifted: bool, possible: bool) -> ClockVerdict:
        one, stated = self.one, self.stated
        if stated.verdict is ClockVerdict.UNKNOWN and one.file.correction is None:
            return ClockVerdict.DISPUTED if one.seen else ClockVerdict.UNKNOWN
        unsure = one.jump and offset[1] - offset[0] > UNSURE_S
        if not possible or not one.seen or shifted or unsure or one.file.stray:
            return ClockVerdict.DISPUTED
        if one.file.correction is not None:
            return ClockVerdict.ADJUSTED
        if one.doubted or one.file.lapse is not None:
            return ClockVerdict.DISPUTED
        if stated.verdict is ClockVerdict.DISPUTED:
            return ClockVerdict.DISPUTED
        return ClockVerdict.TRUSTED if offset[0] - RIGHT_S <= 0 <= offset[1] + RIGHT_S else ClockVerdict.ADJUSTED

    def _suspect(self, center_s: float, *, shifted: bool) -> None:
        """Name the shifts that would explain the file; those of a decided file are decided."""
        if self.one.file.correction is None:
            measured = (round(center_s),) if shifted else ()
            stated = (shift_s for other in self.stated.others_s if (shift_s := systematic(-other)) is not None)
            every = (*measured, *stated, *self.one.suspect_s, *self._fitting())
            self.suspected_s = tuple(dict.fromkeys(every))

    def _fitting(self) -> Iterator[float]:
        """Yield the settings that would bring an impossible reading between docking and arrival."""
        file = self.one.file
        if self.one.seen or file.reading is None or not (file.fell or not file.real):
            return
        since = self.start[0] if isfinite(self.start[0]) else self.since
        for shift_s in SYSTEMATIC_S:
            if since <= file.reading - shift_s <= self.start[1]:
                yield shift_s

    def _begin(self, reading: float, offset: Bounds) -> None:
        """Place the start: as stated where the clock is right or nobody knows, else where it was measured to be."""
        correction = self.one.file.correction
        decided_s = correction.shift_s if correction else 0.0
        if self.verdict is ClockVerdict.ADJUSTED and not offset[0] - RIGHT_S <= 0 <= offset[1] + RIGHT_S:
            measured_s = round(middle(offset) - self.stated.step_s / 2, 1)
            self.begin, self.offset_s = reading - measured_s, decided_s + measured_s
        elif self.stated.verdict is ClockVerdict.UNKNOWN and self.one.seen:
            self.begin = reading - round(middle(offset), 1)
        elif self.stated.verdict is ClockVerdict.UNKNOWN:
            self.begin = self.stated.span.start.timestamp() if self.stated.span else None
        else:
            self.begin, self.offset_s = reading, decided_s


def writable(begin: float | None) -> float | None:
    """Return a start that can be written down; a dock that read a wild date can put one beyond all calendars."""
    return begin if begin is not None and FIRST < begin < LAST - LONGEST_S else None


def span_from(begin: float, length_s: float) -> Span:
    """Return the stretch that begins so many seconds after 1970."""
    start = datetime.fromtimestamp(round(begin, 6), UTC)
    return Span(start, start + timedelta(seconds=length_s))


def spread(begin: float, bounds: Bounds) -> float:
    """Return how far the true start may lie from the judged one, in seconds."""
    return round(max(begin - bounds[0], bounds[1] - begin, 0.0), 3)


def moment(at: float) -> datetime | None:
    """Return a time, None when nothing bounds it."""
    return datetime.fromtimestamp(round(at, 3), UTC) if FIRST < at < LAST else None
