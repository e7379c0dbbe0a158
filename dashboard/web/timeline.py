"""Geometry of the case timeline: steps, footage by officer and camera, and the uncovered stretches, day by day.

A case may last weeks and its steps minutes, so each Beijing day with something on it is a sheet of its own, and long
idle stretches within a day are cut out. Places are percentages of the sheet's width; the template draws and words them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from evidence.clips import Kind
from evidence.findings import FindingState, StepState
from evidence.ids import OfficerId
from evidence.spans import Span, union
from evidence.views import ClipView, StepView
from evidence.zones import BEIJING, beijing

IDLE_S = 15 * 60
MARGIN_S = 2 * 60
CUT_WIDTH = 2.0
TICKS_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 240)
TICK_WIDTH = 9.0
LEAST_WIDTH = 0.25
WITHOUT_DUTY = frozenset({StepState.NO_DUTY, StepState.OUTSIDE_PACK})
SHOWN_GAPS = frozenset({FindingState.OPEN, FindingState.EXPLAIN_CLAIMED, FindingState.EXPLAINED, FindingState.REFUSED})


@dataclass(frozen=True)
class StepMark:
    """A step's window. ``label``: its name stands ``inside``, ``beside`` (to the right) or ``before`` it."""

    x: float
    width: float
    lane: int
    view: StepView
    label: str


@dataclass(frozen=True)
class FootageMark:
    """A clip's recorded span; a photo is a dot at ``x``."""

    x: float
    width: float
    clip: ClipView
    photo: bool


@dataclass(frozen=True)
class GapMark:
    """A stretch of a window that the rule wants covered and nothing covers."""

    x: float
    width: float
    span: Span
    view: StepView


@dataclass(frozen=True)
class FootageRow:
    """The footage of one camera and who carried it; empty when an officer of a step with a duty recorded nothing.

    Attributes:
        waiting: nothing is there yet because a camera has not docked.
    """

    officer: str
    device: str
    marks: Sequence[FootageMark]
    waiting: bool = False


@dataclass(frozen=True)
class Tick:
    """A time on the axis."""

    x: float
    text: str


@dataclass(frozen=True)
class Sheet:
    """One day of a case.

    Attributes:
        cuts: places where idle time is cut out, with how long, in seconds.
        lanes: rows that the steps need so that none hides another.
    """

    day: date
    steps: Sequence[StepMark]
    lanes: int
    rows: Sequence[FootageRow]
    gaps: Sequence[GapMark]
    ticks: Sequence[Tick]
    cuts: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Axis:
    """Maps times to percent across the pieces of a day, with a cut between neighbours."""

    pieces: Sequence[Span]
    scale: float = field(init=False)

    def __post_init__(self) -> None:
        """Fix the scale in percent per second."""
        room = 100 - CUT_WIDTH * (len(self.pieces) - 1)
        object.__setattr__(self, "scale", room / max(1.0, sum(piece.length_s for piece in self.pieces)))

    def x(self, moment: datetime) -> float:
        """Return where a moment lies; one in a cut lies at the cut's start."""
        left = 0.0
        for piece in self.pieces:
            if moment < piece.start:
                break
            left += min((moment - piece.start).total_seconds(), piece.length_s) * self.scale
            if moment <= piece.end:
                break
            left += CUT_WIDTH
        return round(min(left, 100.0), 3)

    def place(self, span: Span) -> tuple[float, float]:
        """Return x and width of a span; never too narrow to see, never over the edge."""
        x = self.x(span.start)
        width = max(self.x(span.end) - x, LEAST_WIDTH)
        return min(x, 100 - width), round(width, 3)

    def cuts(self) -> Sequence[tuple[float, float]]:
        """Return the cuts: place and seconds left out."""
        pairs = zip(self.pieces, self.pieces[1:], strict=False)
        return [(self.x(a.end) + CUT_WIDTH / 2, (b.start - a.end).total_seconds()) for a, b in pairs]

    def ticks(self) -> Sequence[Tick]:
        """Return round times, close enough to read and far enough apart not to touch."""
        step_s = 60 * next((m for m in TICKS_MINUTES if m * 60 * self.scale >= TICK_WIDTH), TICKS_MINUTES[-1])
        return [Tick(self.x(at), f"{beijing(at):%H:%M}") for piece in self.pieces for at in _round_times(piece, step_s)]


def draw(
    steps: Sequence[StepView], clips: Sequence[ClipView], officers: Mapping[OfficerId, str], locale: str
) -> Sequence[Sheet]:
    """Return the sheets of a case, one for each day with a step or a clip, in order."""
    placed = [(clip, clip.clock.span) for clip in clips if clip.clock.span]
    spans = [*(view.step.window for view in steps), *(span for _, span in placed)]
    pieces = union((span.widened(MARGIN_S, MARGIN_S) for span in spans), join_within_s=IDLE_S)
    days = sorted({_day(piece) for piece in pieces})
    return [
        _sheet(day, Axis([piece for piece in pieces if _day(piece) == day]), steps, clips, officers, locale)
        for day in days
    ]


def unplaced(clips: Iterable[ClipView]) -> Sequence[ClipView]:
    """Return the clips that no believable time puts on the timeline."""
    return [clip for clip in clips if clip.clock.span is None]


def _day(piece: Span) -> date:
    return beijing(piece.start + timedelta(seconds=MARGIN_S)).date()


def _sheet(
    day: date,
    axis: Axis,
    steps: Sequence[StepView],
    clips: Sequence[ClipView],
    officers: Mapping[OfficerId, str],
    locale: str,
) -> Sheet:
    here = [view for view in steps if _on(axis, view.step.window)]
    marks = _step_marks(axis, here, locale)
    return Sheet(
        day=day,
        steps=marks,
        lanes=max((mark.lane for mark in marks), default=0) + 1,
        rows=_rows(axis, here, clips, officers),
        gaps=_gaps(axis, here),
        ticks=axis.ticks(),
        cuts=axis.cuts(),
    )


def _on(axis: Axis, span: Span) -> bool:
    return any(piece.start <= span.start <= piece.end for piece in axis.pieces)


def _step_marks(axis: Axis, steps: Sequence[StepView], locale: str) -> Sequence[StepMark]:
    lanes: list[float] = []
    marks = []
    for view in sorted(steps, key=lambda item: (item.step.started_at, item.step.ended_at)):
        x, width = axis.place(view.step.window)
        label, left, right = _labelled(x, width, _text_width(view.names.get(locale, view.step.procedure)))
        lane = next((number for number, end in enumerate(lanes) if end <= left), len(lanes))
        lanes[lane : lane + 1] = [right]
        marks.append(StepMark(x, width, lane, view, label))
    return marks


def _labelled(x: float, width: float, text: float) -> tuple[str, float, float]:
    """Return where a name of this width goes, and from where to where box and name reach."""
    if text <= width:
        return "inside", x, x + width
    if x + width + text <= 100:  # noqa: PLR2004 – percent
        return "beside", x, x + width + text
    return "before", x - text, x + width


def _text_width(text: str) -> float:
    """Return how wide a name is, in percent of a sheet on a tablet."""
    return 2 + sum(1.9 if ord(character) > 0x2E80 else 1.05 for character in text)  # noqa: PLR2004 – CJK is wide


def _rows(
    axis: Axis, steps: Sequence[StepView], clips: Sequence[ClipView], officers: Mapping[OfficerId, str]
) -> Sequence[FootageRow]:
    rows: dict[tuple[str, str], list[FootageMark]] = {}
    seen: set[str] = set()
    for clip in clips:
        span = clip.clock.span
        if span is None or not _on(axis, span):
            continue
        x, width = axis.place(span)
        mark = FootageMark(x, width, clip, photo=clip.kind is Kind.PHOTO)
        rows.setdefault((clip.carried_by, clip.device_id or ""), []).append(mark)
        seen.update(clip.officer_names or (clip.officer_name or clip.officer_id or "",))
    there = [FootageRow(officer, device, marks) for (officer, device), marks in sorted(rows.items())]
    return [*there, *_absent(steps, officers, seen)]


def _absent(steps: Sequence[StepView], officers: Mapping[OfficerId, str], seen: set[str]) -> Sequence[FootageRow]:
    waiting: dict[str, bool] = {}
    for view in steps:
        for officer in () if view.state in WITHOUT_DUTY else view.step.officers:
            name = officers.get(officer, officer)
            waiting[name] = waiting.get(name, True) and view.state is StepState.WAITING_UPLOAD
    return [FootageRow(name, "", (), waits) for name, waits in sorted(waiting.items()) if name not in seen]


def _gaps(axis: Axis, steps: Sequence[StepView]) -> Sequence[GapMark]:
    found = {
        (span, view.step.step_no): view
        for view in steps
        for finding in view.findings
        if finding.state in SHOWN_GAPS
        for span in finding.finding.uncovered
    }
    return [GapMark(*axis.place(span), span, view) for (span, _), view in sorted(found.items(), key=lambda p: p[0])]


def _round_times(piece: Span, step_s: int) -> Iterable[datetime]:
    midnight = datetime.combine(beijing(piece.start).date(), datetime.min.time(), BEIJING)
    first = -(-(piece.start - midnight).total_seconds() // step_s) * step_s
    moment = midnight + timedelta(seconds=first)
    while moment <= piece.end:
        yield moment
        moment += timedelta(seconds=step_s)
