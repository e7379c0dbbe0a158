"""Runs one plan on one original: what the file did is a result, what may pass by itself is raised."""

import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence.clips import Measurement, QualityKind, QualitySpan
from evidence.errors import MediaError
from evidence.notes import Note, note
from evidence.ports import Cancelled
from transcode import plans
from transcode.ffprobe import source
from transcode.plans import ANALYSIS_STEP_S, Plan
from transcode.progress import Progress
from transcode.readings import Log, read_frames, read_gaps, read_levels, without_gaps
from transcode.runner import Outcome, Runner
from transcode.verdict import Figures, figures

_LEAST_TIME_S = 120.0
_TIME_PER_MEDIA = 30.0
_SLOWEST_BYTES_PER_S = 100_000
_CRASHES = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL})
_LIMITS = frozenset({signal.SIGXCPU, signal.SIGXFSZ})


@dataclass(frozen=True)
class Attempt:
    """What came of a plan.

    Attributes:
        folder: where the outputs lie; arguments: what ffmpeg was called with, `plans.INPUT` for the original.
        complete: the tool came to a regular end, so its outputs are whole.
        levels: (seconds, peak 0–1) of the sound.
    """

    plan: Plan
    folder: Path
    arguments: tuple[str, ...]
    complete: bool
    figures: Figures
    levels: tuple[tuple[float, float], ...]
    quality: tuple[QualitySpan, ...]
    problems: tuple[Note, ...]

    @property
    def succeeded(self) -> bool:
        """Whether nothing is left to try: whole outputs, and pictures where pictures were asked for."""
        return self.complete and self.figures.end_s is not None and bool(self.figures.frames or not self.plan.video)


@dataclass(frozen=True)
class Task:
    """One original to work on, and who watches."""

    path: Path
    measured: Measurement
    folder: Path
    progress: Progress
    cancelled: Cancelled


def attempt(runner: Runner, task: Task, plan: Plan) -> Attempt:
    """Run a plan in an empty folder.

    Raises:
        MediaTimeoutError, MediaCancelledError: as the runner says.
        MediaError: the tool was killed from outside, or the disk is full.
    """
    _empty(task.folder)
    log = Log()
    arguments = plans.arguments(plan)
    outcome = runner.run(
        [runner.ffmpeg, *with_input(arguments, task.path)],
        timeout_s=_time_for(task),
        cancelled=task.cancelled,
        on_stdout_line=task.progress.read,
        on_stderr_line=log.read,
        cwd=task.folder,
        check=False,
    )
    return _read(task, plan, arguments, outcome, log)


def with_input(arguments: Sequence[str], path: Path) -> list[str]:
    """Return the arguments with the original in its place."""
    return [source(path) if argument == plans.INPUT else argument for argument in arguments]


def judge_end(outcome: Outcome, log: Log, subject: str) -> tuple[Note, ...]:
    """Return what the way the tool ended says of the file.

    Raises:
        MediaError: it was killed from outside, or the disk is full: nothing is known of the file, retry.
    """
    if log.disk_full:
        raise MediaError("no space left for derivatives", subject=subject, cure="free space, then retry")
    if outcome.returncode >= 0:
        return (note("media.over_limits"),) if outcome.returncode and log.exhausted else ()
    ended_by = -outcome.returncode
    if ended_by in _CRASHES:
        return (note("media.tool_crashed", signal=signal.Signals(ended_by).name),)
    if ended_by in _LIMITS:
        return (note("media.over_limits"),)
    raise MediaError(f"the media tool was killed (signal {ended_by})", subject=subject, cure="retry")


def _read(task: Task, plan: Plan, arguments: list[str], outcome: Outcome, log: Log) -> Attempt:
    ends = judge_end(outcome, log, task.path.name)
    seen = log.decoded.get(plan.video.index) if plan.video else None
    frames = read_frames(task.folder / plans.FRAMES, seen.frames if seen else 0)
    levels = tuple(read_levels(task.folder / plans.LEVELS))
    found = figures(log, task.measured, frames, levels[-1][0] if levels else None)
    return Attempt(
        plan=plan,
        folder=task.folder,
        arguments=tuple(arguments),
        complete=outcome.returncode == 0,
        figures=found,
        levels=levels,
        quality=_quality(task.folder, log, found.end_s),
        problems=ends,
    )


def _quality(folder: Path, log: Log, end_s: float | None) -> tuple[QualitySpan, ...]:
    spans = log.spans(end_s, ANALYSIS_STEP_S) if end_s else ()
    if not any(span.kind is QualityKind.FROZEN for span in spans):
        return spans
    return without_gaps(spans, read_gaps(folder / plans.FRAMES))


def _time_for(task: Task) -> float:
    """Return the wall time a run may take: by the clip's length and size, on a machine thirty times too slow."""
    by_size_s = task.path.stat().st_size / _SLOWEST_BYTES_PER_S
    return _LEAST_TIME_S + _TIME_PER_MEDIA * (task.measured.declared_duration_s or 0.0) + by_size_s


def _empty(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
