"""How much of a step's window continuous video covers, and which stretches it leaves out.

Only video on a believed clock covers time. Files of one camera no further apart than the hole tolerance are one
recording: the device was changing files. Tolerances excuse a stretch only while the share the policy asks for is met.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from evidence.clips import Kind
from evidence.law import Coverage
from evidence.matching import BELIEVED, Footage
from evidence.spans import Span, clip_to, subtract, total_s, union

EDGE_SHARE = 0.25
"""Tolerance at an edge is at most this share of the window, or it would excuse the step itself."""

SAME_CLOCK_S = 1.0
"""Uncertainty of the distance between two files of one camera, in seconds: both carry the same error."""


class GapKind(StrEnum):
    """Where in the window a stretch without video lies."""

    HEAD = "head"
    TAIL = "tail"
    INNER = "inner"


@dataclass(frozen=True)
class Gap:
    """A stretch of the window that no video covers, longer than its allowance.

    Attributes:
        before: clips that end where it starts; after: clips that start where it ends.
        allowance_s: how long it might have been without counting, in seconds, uncertainty included; 0 when nothing
            is excused because the policy's share is not met.
    """

    kind: GapKind
    span: Span
    before: tuple[Footage, ...]
    after: tuple[Footage, ...]
    allowance_s: float


@dataclass(frozen=True)
class Cover:
    """What footage does for a window.

    Attributes:
        share: share of the window that video covers, 0–1; 1 for an instant that video runs through.
        covered, uncovered: the window in two, without overlap, by the judged times.
        certain: what is covered however far each clock is off; possible: what may be. What is possible and not certain
            nobody can tell: with `certain` and what is not possible it makes up the window, each second once.
        gaps: the uncovered stretches that count.
        objects: audio-visual objects of the step: those within lead and lag, and those only a person can have linked.
        beside: the objects on a believed clock that lie wholly before or after the window, within lead and lag.
    """

    share: float
    covered: tuple[Span, ...]
    uncovered: tuple[Span, ...]
    gaps: tuple[Gap, ...]
    objects: tuple[Footage, ...]
    beside: tuple[Footage, ...] = ()
    certain: tuple[Span, ...] = ()
    possible: tuple[Span, ...] = ()

    @property
    def inside(self) -> tuple[Footage, ...]:
        """The objects that reach into the window, or of which no clock says that they do not."""
        outside = {item.digest for item in self.beside}
        return tuple(item for item in self.objects if item.digest not in outside)

    @property
    def videos(self) -> tuple[Footage, ...]:
        """The objects inside that are video on a believed clock."""
        return tuple(item for item in self.inside if is_continuous(item))


def is_continuous(footage: Footage) -> bool:
    """Whether a clip covers time: moving pictures, of some length, on a believed clock."""
    moving = footage.kind is Kind.VIDEO and footage.has_video and footage.span.start < footage.span.end
    return moving and footage.verdict in BELIEVED


def is_sound(footage: Footage) -> bool:
    """Whether a clip holds sound alone, on a believed clock."""
    sounding = footage.kind is Kind.AUDIO or (footage.kind is Kind.VIDEO and not footage.has_video)
    return sounding and footage.has_audio and footage.verdict in BELIEVED


def measure(window: Span, policy: Coverage, footage: Sequence[Footage]) -> Cover:
    """Measure what linked footage does for a step's window under the bureau's policy."""
    objects = tuple(item for item in footage if is_object(item, window, policy))
    videos = [item for item in objects if is_continuous(item)]
    beside = tuple(item for item in objects if is_beside(item, window))
    if window.length_s == 0:
        met = any(not is_beside(item, window) for item in videos)
        return Cover(1.0 if met else 0.0, (), (), (), objects, beside)
    joined = union((item.span for item in videos), join_within_s=policy.hole_tolerance_s)
    covered, uncovered = clip_to(window, joined), subtract(window, joined)
    share = 1.0 - total_s(uncovered) / window.length_s
    gaps = tuple(gap for span in uncovered if (gap := gap_at(span, window, policy, videos)))
    if not gaps and policy.min_share is not None and share < policy.min_share:
        gaps = tuple(unexcused_gap(span, window, policy, videos) for span in uncovered)
    certain, possible = bounds_of(window, videos, covered, policy)
    return Cover(share, covered, uncovered, gaps, objects, beside, certain, possible)


def bounds_of(
    window: Span, videos: Iterable[Footage], covered: Sequence[Span], policy: Coverage
) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return which stretches of a window are covered for certain, and which may be.

    The files of one recording carry one error, so that only its two ends are unsure.
    """
    sure: list[Span] = []
    maybe = [*covered]
    for run, off_s in recordings(videos, policy):
        maybe.append(run.widened(off_s, off_s))
        if run.length_s > 2 * off_s:
            sure.append(run.widened(-off_s, -off_s))
    return clip_to(window, union(sure)), clip_to(window, union(maybe))


def recordings(videos: Iterable[Footage], policy: Coverage) -> Iterator[tuple[Span, float]]:
    """Yield each recording of a camera, its files joined, with how far its clock may be off, in seconds."""
    by_camera: dict[str, list[Footage]] = defaultdict(list)
    for item in videos:
        by_camera[item.device_id or item.digest].append(item)
    for files in by_camera.values():
        for run in union((item.span for item in files), join_within_s=policy.hole_tolerance_s):
            yield run, max(item.uncertainty_s for item in files if item.span.overlaps(run))


def measure_parts(parts: Sequence[Span], policy: Coverage, footage: Sequence[Footage]) -> Cover:
    """Measure what footage does for a step that was broken off: each sitting by itself, the share over all of them."""
    covers = [measure(part, policy, footage) for part in parts]
    if len(covers) == 1:
        return covers[0]
    covers = [cover if cover.videos else replace(cover, gaps=as_holes(cover.gaps)) for cover in covers]
    whole_s = total_s(parts)
    lengths = [part.length_s if whole_s else 1.0 for part in parts]
    objects = {item.digest: item for cover in covers for item in cover.objects}
    inside = {item.digest for cover in covers for item in cover.inside}
    return Cover(
        sum(cover.share * length for cover, length in zip(covers, lengths, strict=True)) / sum(lengths),
        tuple(span for cover in covers for span in cover.covered),
        tuple(span for cover in covers for span in cover.uncovered),
        tuple(gap for cover in covers for gap in cover.gaps),
        tuple(objects.values()),
        tuple(item for digest, item in objects.items() if digest not in inside),
        tuple(span for cover in covers for span in cover.certain),
        tuple(span for cover in covers for span in cover.possible),
    )


def as_holes(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Return the gap of a sitting without footage as a break in the recording of the whole."""
    return tuple(replace(gap, kind=GapKind.INNER) for gap in gaps)


def is_object(footage: Footage, window: Span, policy: Coverage) -> bool:
    """Whether a linked clip is an audio-visual object of the step; on a doubtful clock a person has said so."""
    if footage.kind is Kind.OTHER:
        return False
    if footage.verdict not in BELIEVED:
        return True
    if footage.span.overlaps(window):
        return True
    reach = window.widened(policy.lead_s + footage.uncertainty_s, policy.lag_s + footage.uncertainty_s)
    return footage.span.overlaps(reach)


def is_beside(footage: Footage, window: Span) -> bool:
    """Whether an object lies wholly before or after the window; of a doubtful clock nobody can say so."""
    return footage.verdict in BELIEVED and not footage.span.overlaps(window)


def gap_at(span: Span, window: Span, policy: Coverage, videos: Sequence[Footage]) -> Gap | None:
    """Return the uncovered stretch as a gap, or None when it is within what the policy allows."""
    if span == window:
        return whole_gap(window, videos)
    before, after = neighbours(span, videos)
    kind, allowance_s = judge_stretch(span, window, policy, before, after)
    return Gap(kind, span, before, after, allowance_s) if span.length_s > allowance_s else None


def unexcused_gap(span: Span, window: Span, policy: Coverage, videos: Sequence[Footage]) -> Gap:
    """Return the uncovered stretch as a gap however short it is: what is missing altogether is too much."""
    before, after = neighbours(span, videos)
    kind, _ = judge_stretch(span, window, policy, before, after)
    return Gap(kind, span, before, after, 0.0)


def neighbours(span: Span, videos: Sequence[Footage]) -> tuple[tuple[Footage, ...], tuple[Footage, ...]]:
    """Return the clips that end where a stretch starts, and those that start where it ends."""
    before = tuple(item for item in videos if item.span.end == span.start)
    return before, tuple(item for item in videos if item.span.start == span.end)


def whole_gap(window: Span, videos: Sequence[Footage]) -> Gap:
    """Return the gap of a window that no video reaches into: it stopped before, starts after, or lies around it."""
    before = tuple(item for item in videos if item.span.end <= window.start)
    after = tuple(item for item in videos if item.span.start >= window.end)
    kind = GapKind.INNER if before and after else GapKind.TAIL if before else GapKind.HEAD
    return Gap(kind, window, before, after, 0.0)


def judge_stretch(
    span: Span, window: Span, policy: Coverage, before: Sequence[Footage], after: Sequence[Footage]
) -> tuple[GapKind, float]:
    """Return where a stretch lies and how long it may be, in seconds."""
    edge_s = min(policy.edge_tolerance_s, EDGE_SHARE * window.length_s)
    if span.start == window.start:
        return GapKind.HEAD, edge_s + least_uncertainty_s(after)
    if span.end == window.end:
        return GapKind.TAIL, edge_s + least_uncertainty_s(before)
    hole_s = policy.hole_tolerance_s + distance_uncertainty_s(before, after)
    head_s, tail_s = edge_s + least_uncertainty_s(after), edge_s + least_uncertainty_s(before)
    return GapKind.INNER, span.length_s if is_at_edge(span, window, head_s, tail_s) else hole_s


def is_at_edge(span: Span, window: Span, head_s: float, tail_s: float) -> bool:
    """Whether a break lies where a late start or an early stop would be excused: more footage never makes it worse."""
    from_start_s = (span.end - window.start).total_seconds()
    to_end_s = (window.end - span.start).total_seconds()
    return from_start_s <= head_s or to_end_s <= tail_s


def least_uncertainty_s(footage: Iterable[Footage]) -> float:
    """Return the uncertainty of the surest clip, in seconds."""
    return min((item.uncertainty_s for item in footage), default=0.0)


def distance_uncertainty_s(before: Sequence[Footage], after: Sequence[Footage]) -> float:
    """Return how unsure the distance between two files is, in seconds; two files of one camera share their error."""
    pairs = ((a, b) for a in before for b in after)
    return min((pair_uncertainty_s(a, b) for a, b in pairs), default=0.0)


def pair_uncertainty_s(a: Footage, b: Footage) -> float:
    """Return how unsure the distance between two clips is, in seconds."""
    own_s = a.uncertainty_s + b.uncertainty_s
    return min(SAME_CLOCK_S, own_s) if a.device_id is not None and a.device_id == b.device_id else own_s


def sound_within(cover: Cover, policy: Coverage) -> tuple[Span, ...]:
    """Return the recordings of sound alone, merged."""
    return union((item.span for item in cover.objects if is_sound(item)), join_within_s=policy.hole_tolerance_s)
