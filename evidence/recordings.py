"""Recordings: the files that a camera cut one session into, put together again.

A camera that records for an hour leaves four files, or twelve. Files of one camera and one form whose judged times
follow each other with no more than a short break between them are one recording; so are files that overlap, as those
with a pre-record buffer do. Each camera's own clock places them, so what it is off by moves them all alike.
Source: docs/devices.md (segment lengths, pre-record buffers); docs/decisions/0012-one-recording-many-files.md.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from evidence.clips import Kind
from evidence.ids import Digest
from evidence.spans import Span, union

GAP_S = 2.0
"""A break this long is the camera changing files, where a law pack says nothing else, in seconds."""

LONGEST_S = 12 * 3600.0
"""A longer file is part of nothing, in seconds: no camera makes one, and so what may touch a file is bounded."""

CONTINUED = frozenset({Kind.VIDEO, Kind.AUDIO})
"""Forms in which a recording may go on from file to file."""


@dataclass(frozen=True)
class Part:
    """A file as far as putting recordings together is concerned. ``sequence``: the camera's counter, where known."""

    digest: Digest
    span: Span
    sequence: int | None = None


@dataclass(frozen=True)
class PartView:
    """A clip's place in its recording.

    Attributes:
        recording_id: digest of the first part; another when an earlier part comes.
        part: its number, from 1. span: of the whole recording.
        digests: of all parts, in order.
    """

    recording_id: Digest
    part: int
    span: Span
    digests: tuple[Digest, ...]

    @property
    def parts(self) -> int:
        """How many there are."""
        return len(self.digests)

    @property
    def before(self) -> Digest | None:
        """The part before, None at the beginning."""
        return self.digests[self.part - 2] if self.part > 1 else None

    @property
    def after(self) -> Digest | None:
        """The part after, None at the end."""
        return self.digests[self.part] if self.part < self.parts else None


def takes_part(span: Span) -> bool:
    """Whether a file of this length can be part of a recording."""
    return 0 < span.length_s <= LONGEST_S


def in_order(parts: Iterable[Part]) -> list[Part]:
    """Return parts in the order in which they were recorded."""
    return sorted(parts, key=lambda one: (one.span.start, one.sequence or 0, one.span.end, one.digest))


def recordings(parts: Iterable[Part], gap_s: float) -> list[tuple[Part, ...]]:
    """Return the files of one camera and one form as recordings, in order; a file that stands alone is one too."""
    ordered = in_order(parts)
    runs = union((one.span for one in ordered), join_within_s=gap_s)
    found: list[tuple[Part, ...]] = []
    place = 0
    for run in runs:
        begin = place
        while place < len(ordered) and ordered[place].span.start <= run.end:
            place += 1
        found.extend(counted_on(ordered[begin:place]))
    return found


def counted_on(run: Sequence[Part]) -> Iterator[tuple[Part, ...]]:
    """Yield a run of files, parted where the counter falls back: times may touch by chance, counters do not."""
    cuts = [place for place, pair in enumerate(pairwise(run), 1) if falls_back(*pair)]
    for begin, end in pairwise([0, *cuts, len(run)]):
        yield tuple(run[begin:end])


def falls_back(one: Part, following: Part) -> bool:
    """Whether the counter of the following file is a lower one, and not that of a count begun anew."""
    if one.sequence is None or following.sequence is None:
        return False
    return 1 < following.sequence < one.sequence


def reach_of(span: Span, gap_s: float) -> Span:
    """Return in which time the files begin that may touch a stretch."""
    return Span(span.start - timedelta(seconds=gap_s + LONGEST_S), span.end + timedelta(seconds=gap_s))


def place_in(digest: Digest, recording: Sequence[Part]) -> PartView | None:
    """Return a clip's place among the parts of a recording, None where it stands alone."""
    if len(recording) < 2:  # noqa: PLR2004 - one file is no recording of several
        return None
    ordered = in_order(recording)
    digests = tuple(one.digest for one in ordered)
    whole = Span(ordered[0].span.start, max(one.span.end for one in ordered))
    return PartView(digests[0], digests.index(digest) + 1, whole, digests)
