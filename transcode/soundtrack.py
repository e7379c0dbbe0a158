"""The sound of a clip as samples on the clip's own time, decoded in the cage into scratch."""

from dataclasses import dataclass
from pathlib import Path

from evidence.notes import Note, note
from evidence.ports import Cancelled, Report
from transcode.attempts import judge_end
from transcode.ffprobe import Inspection, Refusal, Track, guards, inspect, source
from transcode.progress import Progress
from transcode.readings import Log
from transcode.runner import Runner

RATE_HZ = 8000
LONGEST_S = 6 * 3600.0

_SAMPLES = "samples.raw"
_LEAST_TIME_S = 120.0
_SLOWEST_BYTES_PER_S = 100_000
_FILL_ABOVE_S = 0.02
"""How far the samples may stray from their time stamps before silence is put in or samples are taken out."""


@dataclass(frozen=True)
class Soundtrack:
    """Where the decoded sound lies: int16, mono, `RATE_HZ`.

    Attributes:
        from_s: what the first sample's time is, counted from the clip's beginning.
    """

    path: Path
    from_s: float


def decode(
    runner: Runner, path: Path, folder: Path, from_s: float, report: Report, cancelled: Cancelled
) -> Soundtrack | Note:
    """Decode a clip's first sound track from ``from_s`` after the clip's beginning on, at most `LONGEST_S`.

    Gaps in the track are filled with silence, so that a sample's place is its time. The beginning is the first
    picture's time stamp, without pictures the first sound's.

    Returns:
        The soundtrack in ``folder``, or why there is none.

    Raises:
        MediaTimeoutError, MediaCancelledError: as the runner says.
        MediaError: the tool was killed from outside, or the disk is full.
    """
    opened = inspect(runner, path)
    if isinstance(opened, Refusal) or opened.encrypted:
        return note("sound.unreadable")
    sound = _first(opened, "audio")
    if sound is None:
        return note("sound.no_track")
    begin_s = _begin_s(opened, sound) + from_s
    log, progress = Log(), Progress(opened.duration_s, report)
    outcome = runner.run(
        [runner.ffmpeg, *_arguments(path, sound.index, begin_s)],
        timeout_s=_time_for(path, opened.duration_s),
        cancelled=cancelled,
        on_stdout_line=progress.read,
        on_stderr_line=log.read,
        cwd=folder,
        check=False,
    )
    judge_end(outcome, log, path.name)
    samples = folder / _SAMPLES
    decoded = samples.is_file() and samples.stat().st_size > 0
    if not decoded and outcome.returncode != 0:
        return note("sound.unreadable")
    samples.touch()
    return Soundtrack(samples, from_s)


def _first(opened: Inspection, kind: str) -> Track | None:
    fit = (track for track in opened.tracks if track.type == kind and track.codec and not track.attached_picture)
    return next((track for track in fit if track.has_samples), None)


def _begin_s(opened: Inspection, sound: Track) -> float:
    picture = _first(opened, "video")
    return (picture.start_s if picture else None) or (0.0 if picture else sound.start_s or 0.0)


def _arguments(path: Path, index: int, begin_s: float) -> list[str]:
    """Return ffmpeg's arguments: time stamps as they are, cut at the beginning, or silence put before the first sample.

    The rate is changed first: ``first_pts`` counts samples as they come in.
    """
    cut = f"atrim=start={begin_s:.6f}:end={begin_s + LONGEST_S:.6f}"
    placed = f"aresample=async=1:min_hard_comp={_FILL_ABOVE_S}:first_pts={round(begin_s * RATE_HZ)}"
    quiet = ["-hide_banner", "-nostdin", "-nostats", "-v", "error", "-y", "-progress", "pipe:1", "-threads", "1"]
    read = ["-copyts", *guards(), "-i", source(path), "-map", f"0:{index}", "-vn", "-sn", "-dn"]
    write = ["-af", f"aresample={RATE_HZ},{cut},{placed}", "-ac", "1", "-c:a", "pcm_s16le", "-f", "s16le", _SAMPLES]
    return [*quiet, *read, *write]


def _time_for(path: Path, duration_s: float | None) -> float:
    return _LEAST_TIME_S + (duration_s or 0.0) + path.stat().st_size / _SLOWEST_BYTES_PER_S
