"""Which originals a browser plays as they are: our policy, held against a real Chromium by the tests.

It is narrower than what one Chromium build happens to play: 10-bit and 4:2:2 H.264 decode in software there but not in
hardware or in other browsers, and G.711 sound plays in no other browser. Everything outside the policy gets a proxy.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from evidence.clips import AudioStream, VideoStream

_MOVIE = "mov"
_MATROSKA = "matroska"
_PCM = frozenset({"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_f32le"})
_EIGHT_BIT_420 = frozenset({"yuv420p", "yuvj420p"})


@dataclass(frozen=True)
class _Holds:
    """What a container may hold to play."""

    video: frozenset[str]
    audio: frozenset[str]


_CONTAINERS: Mapping[str, _Holds] = {
    _MOVIE: _Holds(frozenset({"h264", "vp9", "av1"}), frozenset({"aac", "mp3", "opus", "flac"}) | _PCM),
    _MATROSKA: _Holds(
        frozenset({"h264", "vp8", "vp9", "av1"}), frozenset({"aac", "mp3", "opus", "vorbis", "flac"}) | _PCM
    ),
    "ogg": _Holds(frozenset(), frozenset({"opus", "vorbis", "flac"})),
    "wav": _Holds(frozenset(), _PCM),
    "mp3": _Holds(frozenset(), frozenset({"mp3"})),
    "aac": _Holds(frozenset(), frozenset({"aac"})),
    "flac": _Holds(frozenset(), frozenset({"flac"})),
}
PHOTO_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"})
"""Still images that browsers show."""

REMUXABLE_FROM = frozenset({_MOVIE, _MATROSKA, "mpegts"})
"""Containers with reliable time stamps: their H.264 goes into MP4 without being encoded again."""


def plays_as_is(container: str, video: VideoStream | None, audio: AudioStream | None) -> bool:
    """Whether a browser plays picture and sound of the file as it is; ``container`` is ffprobe's first demuxer name."""
    holds = _CONTAINERS.get(container)
    if holds is None or (video is None and audio is None):
        return False
    return _picture_plays(holds, video) and (audio is None or audio.codec in holds.audio)


def is_browser_h264(video: VideoStream) -> bool:
    """Whether the pictures play in MP4 without being encoded again."""
    return video.codec == "h264" and video.pixel_format in _EIGHT_BIT_420


def _picture_plays(holds: _Holds, video: VideoStream | None) -> bool:
    if video is None:
        return True
    return video.codec in holds.video and video.pixel_format in _EIGHT_BIT_420
