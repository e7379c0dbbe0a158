"""Geometry of the drift plot: how far a camera's clock was off, over real time.

Places across are percentages of the plot's width, places down are pixels, so that words keep their size whatever the
width; the template draws and words them. The scale is even where all offsets are small; else it narrows with distance
(a logarithm on either side of zero), so that seconds of drift and years of a reset fit on one sheet.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import copysign, isfinite, log10

from dashboard.camera_clock_words import is_by_satellite
from dashboard.texts import revived
from evidence.clock import ClockVerdict
from evidence.clock_views import CameraClock, ClockFile, ClockReading, ShiftDecision
from evidence.zones import BEIJING, beijing

HEIGHT_PX = 352
TOP_PX, BOTTOM_PX = 50, 320
EVEN_UP_TO_S = 150.0
TICKS_EVEN_S = (1, 2, 5, 10, 20, 30, 60)
TICKS_BENT_S = (7200, 8 * 3600, 86_400, 365 * 86_400, 10, 60, 600, 1, 30 * 86_400, 3650 * 86_400, 3600)
"""Offsets that may be named beside zero; those that settings make come first, so that they are when room is short."""

TICK_ROOM_PX = 17
X_STEPS_H = (1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 720, 2160, 8760, 17_520, 43_800, 87_600)
X_TICKS = 8
DAY_H = 24
LEAST_WIDTH = 0.5
LEAST_HEIGHT_PX = 4.0
WIDE = timedelta(days=3)
STRAY = timedelta(days=100)
STRAYS_SHARE = 20
"""One moment in so many may be a stray."""

LABEL_WIDTH = 10.0
LABEL_ROWS = 3
FAR_S = 60 * 366 * 86_400.0


@dataclass(frozen=True)
class YAxis:
    """Maps offsets in seconds to pixels from the top; ``even``: a straight scale."""

    low_s: float
    high_s: float
    even: bool

    def y(self, offset_s: float) -> float:
        """Return where an offset lies; one off the sheet lies at its edge."""
        low, high = self._bent(self.low_s), self._bent(self.high_s)
        share = (high - self._bent(max(self.low_s, min(offset_s, self.high_s)))) / (high - low)
        return round(TOP_PX + share * (BOTTOM_PX - TOP_PX), 1)

    def ticks(self) -> Sequence[float]:
        """Return round offsets far enough apart to be read, zero among them, the largest first."""
        steps = self._even_ticks() if self.even else [sign * one for one in TICKS_BENT_S for sign in (-1.0, 1.0)]
        kept = [0.0]
        for one in steps:
            room = all(abs(self.y(one) - self.y(other)) >= TICK_ROOM_PX for other in kept)
            if self.low_s <= one <= self.high_s and room:
                kept.append(one)
        return sorted(kept, reverse=True)

    def _even_ticks(self) -> list[float]:
        most = (BOTTOM_PX - TOP_PX) / (2 * TICK_ROOM_PX)
        wide_s = self.high_s - self.low_s
        step = next((one for one in TICKS_EVEN_S if wide_s / one <= most), TICKS_EVEN_S[-1])
        first = int(self.low_s // step)
        return [float(number * step) for number in range(first, int(self.high_s // step) + 1)]

    def _bent(self, offset_s: float) -> float:
        return offset_s if self.even else copysign(log10(1 + abs(offset_s)), offset_s)


@dataclass(frozen=True)
class XAxis:
    """Maps moments to percent from the left."""

    start: datetime
    end: datetime

    def x(self, moment: datetime) -> float:
        """Return where a moment lies; one off the sheet lies at its edge."""
        share = (moment - self.start) / (self.end - self.start)
        return round(100 * max(0.0, min(share, 1.0)), 3)

    def ticks(self) -> Sequence[tuple[float, str]]:
        """Return round Beijing times."""
        hours = (self.end - self.start).total_seconds() / 3600
        step_h = next((one for one in X_STEPS_H if hours / one <= X_TICKS), X_STEPS_H[-1])
        midnight = beijing(self.start).replace(hour=0, minute=0, second=0, microsecond=0)
        moments = (midnight + timedelta(hours=step_h * number) for number in range(int(hours / step_h) + DAY_H + 2))
        pattern = "%m-%d %H:%M" if step_h < DAY_H else "%Y-%m-%d" if self.start.year != self.end.year else "%m-%d"
        return [(self.x(at), f"{at.astimezone(BEIJING):{pattern}}") for at in moments if self.start <= at <= self.end]


@dataclass(frozen=True)
class FileMark:
    """The offsets within which a camera's clock stood at a file. ``seen``: somebody witnessed it."""

    x: float
    width: float
    y: float
    height: float
    bounds: tuple[float, float]
    file: ClockFile
    at: datetime
    seen: bool
    satellite: bool


@dataclass(frozen=True)
class ReadingMark:
    """What a dock read, with the step in which the camera told its clock as bar."""

    x: float
    y: float
    top: float
    bottom: float
    reading: ClockReading


@dataclass(frozen=True)
class ResetMark:
    """A jump of the clock between two files, each None at a docking; ``row``: of its label, from below."""

    x: float
    row: int
    before: ClockFile | None
    after: ClockFile | None


@dataclass(frozen=True)
class ShiftMark:
    """A stretch of real time for which a person confirmed a shift."""

    x: float
    width: float
    decision: ShiftDecision


@dataclass(frozen=True)
class Plot:
    """A drift plot. ``assumed``: settings that nobody wrote down, each place and moment."""

    x_axis: XAxis
    y_axis: YAxis
    files: Sequence[FileMark]
    readings: Sequence[ReadingMark]
    assumed: Sequence[tuple[float, datetime]]
    resets: Sequence[ResetMark]
    shifts: Sequence[ShiftMark]
    height: int = HEIGHT_PX
    top: int = TOP_PX
    bottom: int = BOTTOM_PX


def draw_drift(clock: CameraClock, files: Sequence[ClockFile]) -> Plot | None:
    """Return the plot of a camera's clock over some of its files; None when nothing can be placed."""
    placed = [(file, real_start(file)) for file in files]
    moments = [at for _, at in placed]
    readings = [one for one in clock.readings if not moments or one.at >= min(moments) - timedelta(days=2)]
    moments += [one.at for one in readings]
    if not moments:
        return None
    x_axis = x_axis_of(moments)
    banded = [(file, at, bounds) for file, at in placed if (bounds := offset_bounds(file)) is not None]
    read_s = [one.offset_s for one in readings if one.offset_s is not None]
    y_axis = y_axis_of([*read_s, *(bound for _, _, bounds in banded for bound in bounds)])
    return Plot(
        x_axis,
        y_axis,
        [file_mark(x_axis, y_axis, *one) for one in banded],
        [reading_mark(x_axis, y_axis, one) for one in readings],
        [(x_axis.x(at), at) for at in assumed_settings(files)],
        reset_marks(clock, {file.digest: (file, at) for file, at in placed}, x_axis),
        [shift_mark(x_axis, one) for one in clock.decisions if one.confirmed],
    )


def real_start(file: ClockFile) -> datetime:
    """Return where a file is drawn: its judged start where that is believed, else the middle of what bounds it.

    Where that is wide, its end tells more: files come to a dock soon after they are made.
    """
    judged = file.clock
    if judged.span is not None and judged.verdict in {ClockVerdict.TRUSTED, ClockVerdict.ADJUSTED}:
        return judged.span.start
    if judged.earliest is not None and judged.latest is not None and judged.latest - judged.earliest < WIDE:
        return judged.earliest + (judged.latest - judged.earliest) / 2
    return judged.latest or file.received_at


def offset_bounds(file: ClockFile) -> tuple[float, float] | None:
    """Return the offsets a file's clock can have had, the whole of them; None when nothing bounds both sides.

    Where nobody witnessed the clock, what it showed is held against the bounds of the file's true start.
    """
    if file.offset is not None and all(map(isfinite, file.offset)):
        return file.offset[0] + file.decided_s, file.offset[1] + file.decided_s
    earliest, latest = file.clock.earliest, file.clock.latest
    if file.shown is None or earliest is None or latest is None:
        return None
    return (file.shown - latest).total_seconds(), (file.shown - earliest).total_seconds()


def x_axis_of(moments: Sequence[datetime]) -> XAxis:
    """Return the axis that holds all moments, with a margin."""
    ordered = sorted(moments)
    first, last = without_strays(ordered)[0], ordered[-1]
    margin = max((last - first) / 40, timedelta(minutes=30))
    return XAxis(first - margin, last + margin)


def without_strays(ordered: Sequence[datetime]) -> Sequence[datetime]:
    """Leave out the few earliest moments that lie far before all others: they stand at the edge of the sheet."""
    most = len(ordered) // STRAYS_SHARE
    gaps = [at for at in range(1, most + 1) if ordered[at] - ordered[at - 1] > STRAY]
    return ordered[gaps[-1] :] if gaps else ordered


def y_axis_of(offsets: Iterable[float]) -> YAxis:
    """Return the axis that holds all offsets and zero, with a margin."""
    known = [max(-FAR_S, min(one, FAR_S)) for one in offsets] or [0.0]
    low, high = min(*known, 0.0, 0.0), max(*known, 0.0, 0.0)
    if max(-low, high) <= EVEN_UP_TO_S:
        margin = max(2.0, (high - low) * 0.08)
        return YAxis(low - margin, high + margin, even=True)
    return YAxis(min(low * 2, -2.0), max(high * 2, 2.0), even=False)


def file_mark(x_axis: XAxis, y_axis: YAxis, file: ClockFile, at: datetime, bounds: tuple[float, float]) -> FileMark:
    """Return the band of a file; never too small to see."""
    span = file.clock.span
    x = x_axis.x(at)
    width = max(x_axis.x(at + (span.end - span.start)) - x if span else 0.0, LEAST_WIDTH)
    top, bottom = y_axis.y(bounds[1]), y_axis.y(bounds[0])
    slack = max(0.0, LEAST_HEIGHT_PX - (bottom - top)) / 2
    seen = file.offset is not None and all(map(isfinite, file.offset))
    return FileMark(
        min(x, 100 - width),
        round(width, 3),
        round(top - slack, 1),
        round(bottom - top + 2 * slack, 1),
        bounds,
        file,
        at,
        seen,
        is_by_satellite(file.clock.rules),
    )


def reading_mark(x_axis: XAxis, y_axis: YAxis, reading: ClockReading) -> ReadingMark:
    """Return the point of a reading; one that read nothing stands at zero, for the setting alone."""
    offset_s = reading.offset_s or 0.0
    top, bottom = y_axis.y(offset_s + reading.precision_s), y_axis.y(offset_s)
    return ReadingMark(x_axis.x(reading.at), y_axis.y(offset_s), top, bottom, reading)


def assumed_settings(files: Iterable[ClockFile]) -> Sequence[datetime]:
    """Return when docks are thought to have set the clock though none wrote it down."""
    told = (rule for file in files for rule in file.clock.rules if rule.code == "clock.dock_thought_to_set")
    moments = (revived("docked_at", rule.params["docked_at"]) for rule in told)
    return sorted({at for at in moments if isinstance(at, datetime)})


def reset_marks(
    clock: CameraClock, placed: Mapping[str, tuple[ClockFile, datetime]], x_axis: XAxis
) -> Sequence[ResetMark]:
    """Return the resets beside at least one drawn file, halfway between the two they lie between."""
    found = []
    for before, after in clock.resets:
        ends = [placed.get(digest) if digest else None for digest in (before, after)]
        places = [x_axis.x(end[1]) for end in ends if end is not None]
        if places:
            files = [end[0] if end is not None else None for end in ends]
            found.append((round(sum(places) / len(places), 3), files[0], files[1]))
    return list(labelled(sorted(found, key=lambda one: one[0])))


def labelled(found: Iterable[tuple[float, ClockFile | None, ClockFile | None]]) -> Iterator[ResetMark]:
    """Yield marks with their labels in rows, so that none hides its neighbour."""
    ends = [-LABEL_WIDTH] * LABEL_ROWS
    for x, before, after in found:
        row = next((row for row, end in enumerate(ends) if end <= x), ends.index(min(ends)))
        ends[row] = x + LABEL_WIDTH
        yield ResetMark(x, row, before, after)


def shift_mark(x_axis: XAxis, decision: ShiftDecision) -> ShiftMark:
    """Return the stretch of real time that a confirmed shift holds for."""
    off = timedelta(seconds=decision.shift_s)
    start = x_axis.x(decision.since - off) if decision.since else 0.0
    end = x_axis.x(decision.until - off) if decision.until else 100.0
    width = max(end - start, LEAST_WIDTH)
    return ShiftMark(min(start, 100 - width), round(width, 3), decision)
