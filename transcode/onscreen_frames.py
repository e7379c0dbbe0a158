"""A few frames of an original at known media times, cut to the strips at top and bottom where overlays stand.

The original goes through the caged process runner; a frame that does not decode is left out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence.clips import Measurement
from evidence.errors import MediaTimeoutError
from transcode import pictures
from transcode.ffprobe import guards, source
from transcode.pictures import Frame
from transcode.runner import Runner

FRAMES = 5
LONGEST_S = 600.0
"""How far into a file frames are taken: beyond, the frame rate of cheap recorders drifts from the clock."""

SHORTEST_S = 6.0
"""Where frames are taken again when a file that was cut off lacks its later ones, and where no length is known."""

SEAM_PX = 16
_LONG_SIDE_PX = 1920
_FIRST_S = 0.1
_TIMEOUT_S = 30.0
_PTS = re.compile(r"showinfo.* pts_time:(-?[0-9.]+)")
_STRIPS = (
    f"scale=w='min({_LONG_SIDE_PX},iw)':h='min({_LONG_SIDE_PX},ih)':force_original_aspect_ratio=decrease,"
    "format=bgr24,split[upper][lower];"
    "[upper]crop=iw:ceil(ih/5):0:0[top];"
    f"[lower]crop=iw:ceil(ih/5):0:ih-ceil(ih/5),pad=iw:ih+{SEAM_PX}:0:{SEAM_PX}[foot];[top][foot]vstack"
)


@dataclass(frozen=True)
class Taken:
    """One frame.

    Attributes:
        media_s: its time from the start of the file, in seconds.
        strips: top fifth over bottom fifth of the picture, a black seam between; uint8[H, W, 3], BGR, long side of
            the whole picture at most 1920 px.
    """

    media_s: float
    strips: Frame


def frame_times(duration_s: float | None) -> tuple[float, ...]:
    """Return when to take frames: spread over the file, each at another fraction of a second to narrow the start."""
    length_s = min(duration_s or SHORTEST_S, LONGEST_S)
    apart_s = max(0.0, length_s - 0.5) / FRAMES
    if apart_s < 1.0:
        return tuple(round(length_s * (at + 0.2) / FRAMES, 3) for at in range(FRAMES))
    return tuple(int(apart_s * at) + _FIRST_S + at / FRAMES for at in range(FRAMES))


def take_frames(runner: Runner, path: Path, measured: Measurement) -> tuple[Taken, ...]:
    """Return the frames of a video that decode, at most `FRAMES`, in the order of time.

    Raises:
        ToolMissingError: ffmpeg is not there.
    """
    track = measured.video.index if measured.video else 0
    taken = tuple(_frames(runner, path, track, frame_times(measured.declared_duration_s)))
    if len(taken) < FRAMES and (measured.declared_duration_s or 0) > SHORTEST_S:
        taken = max(taken, tuple(_frames(runner, path, track, frame_times(SHORTEST_S))), key=len)
    return taken


def _frames(runner: Runner, path: Path, track: int, times: Sequence[float]) -> Iterator[Taken]:
    seen: set[float] = set()
    for at_s in times:
        taken = _frame(runner, path, track, at_s)
        if taken and taken.media_s not in seen:
            seen.add(taken.media_s)
            yield taken


def _frame(runner: Runner, path: Path, track: int, at_s: float) -> Taken | None:
    """Return the first frame at or after ``at_s``."""
    args = [runner.ffmpeg, "-v", "info", "-hide_banner", "-nostdin", "-nostats", *guards(), "-threads", "1"]
    args += ["-ss", f"{at_s:.3f}", "-i", source(path), "-map", f"0:{track}", "-an", "-frames:v", "1"]
    args += ["-vf", f"showinfo=checksum=0,{_STRIPS}", "-c:v", "bmp", "-f", "image2pipe", "-"]
    try:
        outcome = runner.run(args, timeout_s=_TIMEOUT_S, check=False)
    except MediaTimeoutError:  # a file that keeps the tool busy so long was made to
        return None
    picture = pictures.decode(outcome.stdout) if outcome.stdout and not outcome.cut else None
    shown = _PTS.search(outcome.stderr)
    if picture is None or shown is None:
        return None
    return Taken(round(at_s + float(shown[1]), 3), picture)
