"""Stretches of time and their arithmetic: the ground of matching and of the audit.

A span is closed at its start and open at its end, ``[start, end)``; both are aware ``datetime`` values. A photo is a
span of zero length: it overlaps a window that contains its instant, and covers nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of time ``[start, end)``.

    Raises:
        ValueError: if a bound has no zone, or the end lies before the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse what is not a stretch of real time."""
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a span needs bounds with a zone")
        if self.end < self.start:
            raise ValueError(f"a span cannot end ({self.end}) before it starts ({self.start})")

    @property
    def length_s(self) -> float:
        """Length in seconds."""
        return (self.end - self.start).total_seconds()

    def widened(self, before_s: float, after_s: float) -> "Span":
        """Return the span with ``before_s`` and ``after_s`` seconds added at its ends."""
        return Span(self.start - timedelta(seconds=before_s), self.end + timedelta(seconds=after_s))

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share time; an instant counts when it lies inside or on the other's bound."""
        if self.start == self.end or other.start == other.end:
            return self.start <= other.end and other.start <= self.end
        return self.start < other.end and other.start < self.end

    def intersection(self, other: "Span") -> "Span | None":
        """Return what both have in common, or None."""
        if not self.overlaps(other):
            return None
        return Span(max(self.start, other.start), min(self.end, other.end))


def union(spans: Iterable[Span], *, join_within_s: float = 0.0) -> tuple[Span, ...]:
    """Return the spans merged and in order; neighbours no more than ``join_within_s`` seconds apart become one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and (span.start - merged[-1].end).total_seconds() <= join_within_s:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def subtract(window: Span, covered: Iterable[Span]) -> tuple[Span, ...]:
    """Return the stretches of ``window`` that no span of ``covered`` holds, in order."""
    gaps: list[Span] = []
    cursor = window.start
    for span in union(covered):
        if span.end <= cursor:
            continue
        if span.start >= window.end:
            break
        if span.start > cursor:
            gaps.append(Span(cursor, span.start))
        cursor = max(cursor, span.end)
    if cursor < window.end:
        gaps.append(Span(cursor, window.end))
    return tuple(gaps)


def clip_to(window: Span, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the merged parts of ``spans`` that lie inside ``window``."""
    parts = (window.intersection(span) for span in spans)
    return union(part for part in parts if part is not None)


def total_s(spans: Iterable[Span]) -> float:
    """Return the length of the union in seconds."""
    return sum(span.length_s for span in union(spans))
