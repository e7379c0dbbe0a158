"""Is a clip whole: what decoded, held against what it declares. An exit code is no verdict, nor is a line on stderr.

A clip is damaged when a track it declares gives nothing, ends more than a second *and* 5 % early, or more than a few of
its packets are broken. A few are normal: recorders cut segments between key frames.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from evidence.clips import AudioStream, Measurement, VideoStream
from evidence.notes import Note, note
from transcode.readings import Frames, Log

_SHORT_S = 1.0
_SHORT_SHARE = 0.05
_BROKEN_PACKETS = 5
_DAMAGE = frozenset(
    {
        "media.decode_errors",
        "media.no_samples",
        "media.photo_undecodable",
        "media.sound_truncated",
        "media.sound_undecodable",
        "media.truncated",
        "media.undecodable",
    }
)


@dataclass(frozen=True)
class Figures:
    """What decoded: pictures, and how far the sound went in seconds; None where there was no such track or nothing."""

    frames: Frames | None
    sound_end_s: float | None
    failed_packets: int

    @property
    def end_s(self) -> float | None:
        """End of the last picture or sample that decoded, in seconds; None when nothing did."""
        ends = [self.frames.end_s if self.frames else None, self.sound_end_s]
        return max((end for end in ends if end is not None), default=None)


def figures(log: Log, measured: Measurement, frames: Frames | None, last_level_s: float | None) -> Figures:
    """Gather the figures of a run; the sound's end is where its time stamps or its samples say, whichever is later."""
    heard = log.decoded.get(measured.audio.index) if measured.audio else None
    sound_s: float | None = None
    if measured.audio and heard and heard.samples:
        sound_s = max(heard.samples / max(1, measured.audio.sample_rate_hz), last_level_s or 0.0)
    return Figures(frames, sound_s, log.failed_packets)


def problems(measured: Measurement, found: Figures) -> tuple[Note, ...]:
    """Return what is wrong with the clip by the figures."""
    if found.end_s is None:
        return (_nothing(measured.declared_duration_s),)
    return tuple(_problems(measured, found, found.end_s))


def is_damage(problem: Note) -> bool:
    """Whether a problem means that media is missing or broken."""
    return problem.code in _DAMAGE


def _problems(measured: Measurement, found: Figures, end_s: float) -> Iterable[Note]:
    declared_s = measured.declared_duration_s
    if measured.video:
        yield from _picture_problems(measured.video, found, declared_s)
    if measured.audio:
        yield from _sound_problems(measured.audio, found)
    if not measured.video and _is_short(declared_s, end_s):
        yield _short("media.truncated", declared_s, end_s)
    if found.failed_packets > _BROKEN_PACKETS:
        yield note("media.decode_errors", packets=found.failed_packets)


def _picture_problems(video: VideoStream, found: Figures, container_s: float | None) -> Iterable[Note]:
    declared_s = video.declared_duration_s or container_s
    if found.frames is None:
        yield _nothing(declared_s)
    elif _is_short(declared_s, found.frames.end_s):
        yield _short("media.truncated", declared_s, found.frames.end_s)


def _sound_problems(audio: AudioStream, found: Figures) -> Iterable[Note]:
    if found.sound_end_s is None:
        yield note("media.sound_undecodable")
    elif found.frames and _is_short(audio.declared_duration_s, found.sound_end_s):
        yield _short("media.sound_truncated", audio.declared_duration_s, found.sound_end_s)


def _nothing(declared_s: float | None) -> Note:
    return note("media.undecodable", declared_s=round(declared_s, 2)) if declared_s else note("media.no_samples")


def _is_short(declared_s: float | None, decoded_s: float) -> bool:
    return declared_s is not None and declared_s - decoded_s > max(_SHORT_S, _SHORT_SHARE * declared_s)


def _short(code: str, declared_s: float | None, decoded_s: float) -> Note:
    return note(code, declared_s=round(declared_s or 0.0, 2), decoded_s=round(decoded_s, 2))
