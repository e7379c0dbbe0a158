"""The clock burnt into the picture: read from a few frames, believed only where it goes on as the recording does.

A wrong time is worse than none. A frame counts when two looks at it give the same moment, each digit sure and whole; a
place in the picture counts when at least three frames agree, none contradicts and one at most cannot be read: an
overlay stands in every frame. Two places must not differ.

Source: docs/devices.md (time, date and officer number are burnt in, changeable by authorised software alone).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence.claims import Anchor, Claims, ClaimSource, IdentityClaim, IdentityKind, TimeClaim, ZoneBasis
from evidence.clips import Measurement
from evidence.notes import Note, note
from transcode.onscreen_agreement import LEAST_FRAMES, Reading, Start, agree
from transcode.onscreen_frames import Taken, take_frames
from transcode.onscreen_ink import is_whole
from transcode.onscreen_ocr import Box, Line, Recogniser, version
from transcode.onscreen_places import cut_out, second_look, steady_places
from transcode.onscreen_text import Stamp, read_codes, read_stamp, shows_clock
from transcode.pictures import Frame
from transcode.runner import Runner

LEAST_SCORE = 0.4
"""A digit less sure than this in either look is not read."""

CODE_SCORE = 0.8
Placeholders = Mapping[IdentityKind, frozenset[str]]


@dataclass(frozen=True)
class Sight:
    """One line of one frame, looked at twice.

    Attributes:
        whole: nothing covers part of a digit.
    """

    taken: Taken
    first: Line
    second: Line
    whole: bool = True

    @property
    def stamp(self) -> Stamp | None:
        """The moment that both looks state, each digit sure and whole."""
        if not self.whole:
            return None
        one, two = read_stamp(self.first.text), read_stamp(self.second.text)
        if one is None or two is None or (one.at, one.zone) != (two.at, two.zone):
            return None
        sure = min(self.first.score(one.begin, one.end), self.second.score(two.begin, two.end))
        return one if sure >= LEAST_SCORE else None

    @property
    def codes(self) -> frozenset[tuple[IdentityKind, str]]:
        """The codes that both looks state, each character sure."""
        return _sure_codes(self.first) & _sure_codes(self.second)


def _sure_codes(line: Line) -> frozenset[tuple[IdentityKind, str]]:
    codes = read_codes(line.text, read_stamp(line.text))
    return frozenset((code.kind, code.value) for code in codes if line.score(code.begin, code.end) >= CODE_SCORE)


@dataclass(frozen=True)
class Clock:
    """A place whose readings agree."""

    start: Start
    zone: ZoneBasis
    sights: Sequence[Sight]


class OnscreenClock:
    """Reads the overlay of a video; thread-safe, changes nothing.

    Args:
        runner: the process runner, which knows where ffmpeg is.
        placeholders: codes that cameras show when nobody set them.
    """

    def __init__(self, runner: Runner, placeholders: Placeholders | None = None) -> None:
        self._runner = runner
        self._placeholders = placeholders or {}
        self._recogniser = Recogniser()

    def claims(self, path: Path, measured: Measurement) -> tuple[Claims, tuple[Note, ...]]:
        """Return what the overlay states, and why no time was taken from a clock that was seen.

        Raises:
            ToolMissingError: ffmpeg is not there.
        """
        frames = take_frames(self._runner, path, measured)
        if len(frames) < LEAST_FRAMES:
            return Claims(), ()
        lines = self._read(frames)
        outcome = _clock(lines)
        identities = tuple(self._identities(lines))
        if isinstance(outcome, Clock):
            return Claims((_claim(outcome),), identities), ()
        return Claims(identities=identities), () if outcome is None else (outcome,)

    def _read(self, frames: Sequence[Taken]) -> list[list[Sight]]:
        """Return for each steady line what each frame shows there; lines without digits are left out."""
        height, width = frames[0].strips.shape[:2]
        places = steady_places([self._recogniser.find(frame.strips) for frame in frames], (height, width))
        return [self._look(frames, place) for place in places if self._has_digits(frames, place)]

    def _has_digits(self, frames: Sequence[Taken], place: Box) -> bool:
        first = self._recogniser.read([cut_out(frame.strips, place) for frame in frames[:2]])
        return any(sum(char.isdigit() for char in line.text) >= LEAST_FRAMES for line in first)

    def _look(self, frames: Sequence[Taken], place: Box) -> list[Sight]:
        crops = [cut_out(frame.strips, place) for frame in frames]
        firsts = self._recogniser.read(crops)
        seconds = self._recogniser.read([second_look(crop) for crop in crops])
        whole = [_is_whole(crop, line) for crop, line in zip(crops, firsts, strict=True)]
        return [Sight(*sight) for sight in zip(frames, firsts, seconds, whole, strict=True)]

    def _identities(self, lines: Sequence[Sequence[Sight]]) -> Iterator[IdentityClaim]:
        """Yield each code that at least three frames show alike; none of a kind of which there are two."""
        seen = Counter(code for line in lines for sight in line for code in sight.codes)
        often = [code for code, count in seen.items() if count >= LEAST_FRAMES]
        kinds = Counter(kind for kind, _ in often)
        for kind, value in often:
            if kinds[kind] == 1:
                placeholder = value in self._placeholders.get(kind, frozenset())
                yield IdentityClaim(kind, ClaimSource.ONSCREEN, value, placeholder, version())


def _is_whole(crop: Frame, line: Line) -> bool:
    """Whether the digits of the moment, or of a line without one all digits, are whole."""
    stamp = read_stamp(line.text)
    begin, end = (stamp.begin, stamp.end) if stamp else (0, len(line.text))
    part = zip(line.text[begin:end], line.places[begin:end], strict=True)
    return is_whole(crop, [place for char, place in part if char.isdigit()])


def _clock(lines: Sequence[Sequence[Sight]]) -> Clock | Note | None:
    """Return the one clock that goes on as the media does; else why there is none; None where no clock is seen."""
    judged = [_judge(line) for line in [*lines, *_pairs(lines)]]
    clocks = [each for each in judged if isinstance(each, Clock)]
    if not clocks:
        notes = [each for each in judged if isinstance(each, Note)]
        return min(notes, key=lambda each: each.code == "intake.onscreen_unreadable", default=None)
    first = clocks[0]
    apart_s = max(abs((other.start.at - first.start.at).total_seconds()) for other in clocks)
    return first if apart_s <= 1.0 else note("intake.onscreen_two_clocks", apart_s=apart_s)


def _pairs(lines: Sequence[Sequence[Sight]]) -> Iterator[list[Sight]]:
    """Yield lines put together two by two, where neither states a moment: date and time stand apart."""
    bare = [line for line in lines if not any(sight.stamp for sight in line)]
    for one in bare:
        for two in bare:
            if one is not two:
                joined = [_together(a, b) for a, b in zip(one, two, strict=True)]
                if any(sight.stamp for sight in joined):
                    yield joined


def _together(one: Sight, two: Sight) -> Sight:
    whole = one.whole and two.whole
    return Sight(one.taken, _spliced(one.first, two.first), _spliced(one.second, two.second), whole)


def _spliced(one: Line, two: Line) -> Line:
    return Line(f"{one.text} {two.text}", (*one.scores, 1.0, *two.scores), (*one.places, 1.0, *two.places))


def _judge(line: Sequence[Sight]) -> Clock | Note | None:
    read = [(sight, stamp) for sight in line if (stamp := sight.stamp)]
    if not read and not any(shows_clock(sight.first.text) for sight in line):
        return None
    zones = {stamp.zone for _, stamp in read}
    if len(zones) > 1:
        return note("intake.onscreen_disagrees", frames=len(read))
    needed = max(LEAST_FRAMES, len(line) - 1)
    if len(read) < needed:
        return note("intake.onscreen_unreadable", frames=len(read), needed=needed)
    agreed = agree([Reading(sight.taken.media_s, stamp.at) for sight, stamp in read])
    return agreed if isinstance(agreed, Note) else Clock(agreed, zones.pop(), [sight for sight, _ in read])


def _claim(clock: Clock) -> TimeClaim:
    score = min(min(sight.first.score(), sight.second.score()) for sight in clock.sights)
    times = ", ".join(f"{sight.taken.media_s:.1f} s" for sight in clock.sights)
    return TimeClaim(
        ClaimSource.ONSCREEN,
        clock.sights[0].first.text,
        clock.start.at,
        clock.zone,
        Anchor.START,
        precision_s=clock.start.width_s,
        detail=f"frames {times}, score {score:.2f}",
        tool=version(),
    )
