"""When one clip begins after another, by the sound both recorded: measured over many windows, believed when they agree.

Each window of b is looked for in a by what changes in 16 bands (`transcode.flux`). A window votes when its best place
is clearly better than every other one and than its own repetitions; three windows on one line decide. A claim that is
wrong must not find what it looks for, so places beyond the asked ones are looked at too.
"""

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

import numpy as np

from evidence.errors import MediaCancelledError, MediaError
from evidence.notes import Note, note
from evidence.ports import Cancelled, Report
from evidence.sound import NoSoundOffset, SoundOffset
from transcode.agreement import LEAST_VOTES, Line, agreed
from transcode.flux import STEP_S, FluxTrack, measure
from transcode.lags import WINDOW, Verdict, Vote, vote
from transcode.runner import Runner
from transcode.soundtrack import decode

_BEYOND_S = 60.0
_ENOUGH_VOTES = 10
_LEAST_S = LEAST_VOTES * WINDOW * STEP_S
_WORK_S2 = (
    150_000.0  # windows times places, in seconds: what is spent on one pair, about half a minute of processor time
)
_LEAST_WINDOWS = 24
_DECODED = 0.4


@dataclass(frozen=True)
class _Question:
    """What is asked of two sounds."""

    a: FluxTrack
    b: FluxTrack
    expected_s: float
    within_s: float

    @property
    def asked_s(self) -> tuple[float, float]:
        """The least and the greatest lag that the claims allow."""
        return self.expected_s - self.within_s, self.expected_s + self.within_s

    @property
    def lags_s(self) -> tuple[float, float]:
        """The lags that are looked at."""
        return _looked_at(self.expected_s, self.within_s)

    @property
    def overlap_s(self) -> float:
        """How long both may have recorded at most, at any lag that was asked for."""
        a_end_s, b_end_s = (track.from_s + track.length_s for track in (self.a, self.b))
        low_s, high_s = self.asked_s
        best_s = min(0.0, a_end_s - b_end_s), max(0.0, a_end_s - b_end_s)  # the shorter one lies whole in the longer
        lag_s = low_s if low_s > best_s[1] else high_s if high_s < best_s[0] else max(low_s, best_s[0])
        return min(a_end_s, lag_s + b_end_s) - max(0.0, lag_s)


class SoundComparer:
    """A `evidence.ports.SoundComparer` on ffmpeg and numpy; thread-safe, one pair per call, memory flat.

    Args:
        runner: the process runner, which knows where ffmpeg is.
        scratch: folder for decoded sound, 72 MB an hour and clip, removed at the end; None: the machine's.
    """

    def __init__(self, runner: Runner, scratch: PurePath | None = None) -> None:
        self._runner = runner
        self._scratch = scratch

    def offset(
        self,
        path_a: PurePath,
        path_b: PurePath,
        *,
        expected_s: float,
        within_s: float,
        report: Report,
        cancelled: Cancelled,
    ) -> SoundOffset | NoSoundOffset:
        """Return when b begins after a; see `evidence.ports.SoundComparer` for the contract and its errors."""
        low_s, high_s = _looked_at(expected_s, within_s)
        with tempfile.TemporaryDirectory(prefix="sound-", dir=self._scratch) as folder:
            tracks: list[FluxTrack] = []
            for clip, path, from_s in (("a", path_a, max(0.0, low_s)), ("b", path_b, max(0.0, -high_s))):
                scaled = _part(report, len(tracks) * _DECODED, (len(tracks) + 1) * _DECODED)
                track = self._track(Path(path), Path(folder) / clip, from_s, scaled, cancelled)
                if isinstance(track, Note):
                    return NoSoundOffset(track, clip, self._tool())
                tracks.append(track)
            question = _Question(tracks[0], tracks[1], expected_s, within_s)
            found = _answer(question, _part(report, 2 * _DECODED, 1.0), cancelled)
        report(1.0)
        return self._signed(found)

    def _track(self, path: Path, folder: Path, from_s: float, report: Report, cancelled: Cancelled) -> FluxTrack | Note:
        try:
            folder.mkdir()
            decoded = decode(self._runner, path, folder, from_s, report, cancelled)
            return decoded if isinstance(decoded, Note) else measure(decoded, folder)
        except OSError as error:
            cure = "free space, then retry"
            raise MediaError(f"no scratch for sound: {error.strerror}", subject=path.name, cure=cure) from error

    def _tool(self) -> str:
        return f"{self._runner.tool(self._runner.ffmpeg)}; numpy {np.__version__}"

    def _signed(self, found: Line | NoSoundOffset) -> SoundOffset | NoSoundOffset:
        if isinstance(found, NoSoundOffset):
            return replace(found, tool=self._tool())
        begins_s = found.later_begins_s
        return SoundOffset(
            offset_s=round(found.lag_at(begins_s), 4),
            error_s=round(found.error_at(begins_s), 4),
            score=round(min(vote.ratio for vote in found.votes), 2),
            windows=len(found.votes),
            tool=self._tool(),
            drift_ppm=round(found.drift * 1e6, 1),
        )


def _answer(question: _Question, report: Report, cancelled: Cancelled) -> Line | NoSoundOffset:
    refused = _refusal(question)
    if refused:
        return refused
    votes = _votes(question, 0, report, cancelled)
    line = agreed(votes)
    if line is None and any(vote.verdict is Verdict.MATCH for vote in votes):  # a short overlap may fit the other grid
        votes = _votes(question, WINDOW // 2, lambda _share: None, cancelled)
        line = agreed(votes)
    if line is None:
        return NoSoundOffset(_doubt(votes))
    low_s, high_s = question.asked_s
    lag_s = line.lag_at(line.later_begins_s)
    error_s = line.error_at(line.later_begins_s)
    if not low_s - error_s <= lag_s <= high_s + error_s:
        return NoSoundOffset(note("sound.unexpected", found_s=round(lag_s, 1)))
    return line


def _refusal(question: _Question) -> NoSoundOffset | None:
    """Return why it is not worth looking."""
    if question.overlap_s < _LEAST_S:
        common_s = round(max(0.0, question.overlap_s), 1)
        return NoSoundOffset(note("sound.too_short", common_s=common_s, least_s=round(_LEAST_S)))
    for clip, track in (("a", question.a), ("b", question.b)):
        if track.audible_s < _LEAST_S:
            return NoSoundOffset(note("sound.silent", heard_s=round(track.audible_s, 1), least_s=round(_LEAST_S)), clip)
    return None


def _votes(question: _Question, shift: int, report: Report, cancelled: Cancelled) -> list[Vote]:
    """Ask windows of b, spread ever more closely, until enough agree or all within the budget are asked."""
    votes: list[Vote] = []
    firsts = _windows(question, shift)
    for first in firsts:
        if cancelled():
            raise MediaCancelledError("stopped on purpose", subject="sound", cure="retry it when it is wanted")
        votes.append(vote(question.a, question.b, first, question.lags_s))
        report(len(votes) / len(firsts))
        line = agreed(votes)
        if line and len(line.votes) >= _ENOUGH_VOTES:
            break
    return votes


def _windows(question: _Question, shift: int) -> list[int]:
    """Return the first frames of b's windows that may lie in a, in the order in which they are asked."""
    low_s, high_s = question.asked_s
    firsts = range(shift, question.b.frames - WINDOW + 1, WINDOW)
    from_s, to_s = question.a.from_s - high_s, question.a.from_s + question.a.length_s - WINDOW * STEP_S - low_s
    fit = [first for first in firsts if from_s <= question.b.from_s + first * STEP_S <= to_s]
    looked_s = min(question.a.length_s, question.lags_s[1] - question.lags_s[0])
    return _spread(fit)[: max(_LEAST_WINDOWS, int(_WORK_S2 / looked_s))]


def _spread(firsts: Sequence[int]) -> list[int]:
    """Return the same numbers so that any head of the list is spread evenly over all of them."""
    width = max(1, len(firsts) - 1).bit_length()
    order = sorted(range(len(firsts)), key=lambda place: f"{place:0{width}b}"[::-1])
    return [firsts[place] for place in order]


def _doubt(votes: Sequence[Vote]) -> Note:
    """Return why the windows decide nothing: they say different things, or nothing that could be told apart."""
    counted = Counter(vote.verdict for vote in votes)
    few = counted[Verdict.MATCH] + counted[Verdict.UNSURE] < LEAST_VOTES
    if few and counted[Verdict.STEADY] <= len(votes) / 2:
        return note("sound.no_common_sound", windows=len(votes))
    return note("sound.ambiguous", windows=len(votes))


def _looked_at(expected_s: float, within_s: float) -> tuple[float, float]:
    return expected_s - within_s - _BEYOND_S, expected_s + within_s + _BEYOND_S


def _part(report: Report, begin: float, end: float) -> Report:
    """Return a report that fills one part of the whole."""
    return lambda share: report(begin + share * (end - begin))
