"""One ffmpeg command per clip, built with ffmpeg-python: proxy, stills, quality and waveform in one decode.

::

    input ─ video ─ frames counted ─┬─ yadif ─ 540p ─┬─ H.264 ──────────────────────────────┐
              │                     │  (tone-mapped) └─ 5 frames/s ─ 320 px ─ black, frozen ─ stills
              │                     └─ (original plays) 5 frames/s ─ 320 px ─ black, frozen ─ stills
              └───── (H.264 in a container browsers do not open: copied) ────────────────────┤ proxy.mp4
           ─ audio ─┬─ AAC ──────────────────────────────────────────────────────────────────┘
                    └─ silence ─ peak of every tenth of a second

The tool works in a scratch folder, so outputs have fixed names and no path of this machine stands in the arguments.
Frames are thinned by selecting, never by a constant rate: time stamps stay as they were, a gap is not filled with
repeated frames (which would look frozen), and a time stamp years ahead costs nothing.

A frozen picture is not identical in every frame: an encoder takes one to three seconds to come to rest on it, so
a frozen stretch is seen to begin that much late. A laxer threshold (-54 dB) sees it sooner, but of a real camera that
stood still at one picture a second it marked 42 of 55 s as frozen, where -60 dB marks 18: so the strict one is used.

Source: ffmpeg-filters(1): blackdetect, freezedetect, silencedetect, astats, select, zscale, tonemap.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from evidence.clips import AudioStream, Measurement, VideoStream
from transcode.ffprobe import DEMUXERS, PROTOCOLS
from transcode.graph import Node, Options, compiled, sink, source
from transcode.playability import REMUXABLE_FROM, is_browser_h264

INPUT = "{input}"
"""Stands for the original in recorded arguments."""

VIDEO_PROXY = "proxy.mp4"
AUDIO_PROXY = "proxy.m4a"
PHOTO_PROXY = "proxy.jpg"
FRAMES = "frames.txt"
LEVELS = "levels.txt"
STILLS = "still-%010d.jpg"
MOST_STILLS = 100

_PROXY_LONG_PX = 960
_PROXY_SHORT_PX = 540
_ANALYSIS_PX = 320
ANALYSIS_STEP_S = 0.2
_UNKNOWN_STILL_STEP_S = 2.0
_SLACK_S = 0.001  # time stamps are rounded to the container's clock
_STILL_TICKS_PER_S = 1000
_PROXY_TICKS_PER_S = 90000
_GOP_S = 2
_LEVELS_PER_S = 10
_BLACK: Options = {"d": 2, "pic_th": 0.98, "pix_th": 0.10}
_FROZEN: Options = {"n": "-60dB", "d": 2}
_SILENT: Options = {"n": "-60dB", "d": 2}
_MONO, _STEREO = 1, 2
_PROXY_RATE_HZ = 48000


class ProxyWay(StrEnum):
    """How the picture of a proxy comes about."""

    NONE = "none"  # the original plays
    COPY = "copy"  # the same H.264, in MP4
    ENCODE = "encode"


@dataclass(frozen=True)
class Plan:
    """What one command is to do.

    Attributes:
        still_step_s: media time between two stills.
        threads: how many threads each decoder, filter graph and encoder may use.
    """

    video: VideoStream | None
    audio: AudioStream | None
    way: ProxyWay
    still_step_s: float
    threads: int

    @property
    def proxy_name(self) -> str:
        """Name of the proxy in the scratch folder, empty when none is made."""
        if self.way is ProxyWay.NONE:
            return ""
        return VIDEO_PROXY if self.video else AUDIO_PROXY

    @property
    def tone_maps(self) -> bool:
        """Whether high dynamic range is brought down to what every screen shows."""
        return self.video is not None and bool(self.video.transfer) and self.way is ProxyWay.ENCODE


def plans(measured: Measurement, threads: int) -> Iterator[Plan]:
    """Yield the plan for a clip, then what is left to try when it fails: encode, picture alone, sound alone."""
    video, audio = measured.video, measured.audio
    step_s = still_step_s((video.declared_duration_s if video else None) or measured.declared_duration_s)
    best = Plan(video, audio, _way(measured), step_s, threads)
    yield best
    if best.way is ProxyWay.COPY:
        yield replace(best, way=ProxyWay.ENCODE)
    if video and audio:
        yield replace(best, audio=None)
        yield replace(best, video=None, way=ProxyWay.NONE if best.way is ProxyWay.NONE else ProxyWay.ENCODE)


def still_step_s(duration_s: float | None) -> float:
    """Return the time between stills: at most `MOST_STILLS` of them, on the grid of the analysis."""
    if not duration_s:
        return _UNKNOWN_STILL_STEP_S
    return max(1, math.ceil(duration_s / MOST_STILLS / ANALYSIS_STEP_S)) * ANALYSIS_STEP_S


def arguments(plan: Plan) -> list[str]:
    """Return ffmpeg's arguments for a plan, without the program; `INPUT` stands for the original.

    The same plan always gives the same arguments.
    """
    opened = source(INPUT, {"protocol_whitelist": PROTOCOLS, "format_whitelist": DEMUXERS, "threads": plan.threads})
    return [*_GENERAL, "-progress", "pipe:1", *compiled([*_video_outputs(plan, opened), *_audio_outputs(plan, opened)])]


def photo_arguments(demuxer: str, longest_px: int) -> list[str]:
    """Return ffmpeg's arguments for a JPEG of a photo that browsers do not show."""
    opened = source(INPUT, {"protocol_whitelist": PROTOCOLS, "f": demuxer})
    box: Options = {
        "w": f"min({longest_px},iw)",
        "h": f"min({longest_px},ih)",
        "force_original_aspect_ratio": "decrease",
    }
    return [*_GENERAL, *compiled([sink([opened["0"].filter("scale", **box)], PHOTO_PROXY, _PHOTO)])]


_GENERAL = ["-hide_banner", "-nostdin", "-nostats", "-y", "-v", "repeat+level+verbose"]
_PHOTO: Options = {
    "f": "image2",
    "c:v": "mjpeg",
    "q:v": 3,
    "frames:v": 1,
    "update": 1,
    "pix_fmt": "yuvj420p",
    "map_metadata": -1,
    "flags:v": "+bitexact",
}
_BARE: Options = {"map_metadata": -1, "map_chapters": -1, "fflags": "+bitexact"}
_FOR_WEB: Options = {"f": "mp4", "movflags": "+faststart", **_BARE}


def _way(measured: Measurement) -> ProxyWay:
    if measured.playable_as_is:
        return ProxyWay.NONE
    copies = measured.video and measured.container in REMUXABLE_FROM and is_browser_h264(measured.video)
    return ProxyWay.COPY if copies else ProxyWay.ENCODE


# --- picture ---------------------------------------------------------------------------------------------------------


def _video_outputs(plan: Plan, opened: Node) -> Sequence[Node]:
    if plan.video is None:
        return ()
    counted = (
        opened[str(plan.video.index)]
        .filter("metadata", mode="add", key="seen", value="1")
        .filter("metadata", mode="print", file=FRAMES)
    )
    if plan.way is not ProxyWay.ENCODE:
        copied = (_copied(plan, plan.video, opened),) if plan.way is ProxyWay.COPY else ()
        return (*copied, _analysed(plan, counted))
    both = _proxy_picture(plan.video, counted).filter_multi_output("split")
    return (_encoded(plan, both[0], opened), _analysed(plan, both[1]))


def _proxy_picture(video: VideoStream, frames: Node) -> Node:
    width, height = proxy_size_px(video)
    scaled = frames.filter("yadif", deint="interlaced").filter("scale", width, height)
    return (_tone_mapped(video, scaled) if video.transfer else scaled).filter("format", "yuv420p")


def proxy_size_px(video: VideoStream) -> tuple[int, int]:
    """Return width and height of the proxy as shown (rotation applied): 540p, even, never larger than the original."""
    width, height = video.width_px, video.height_px
    if video.rotation_deg % 180:
        width, height = height, width
    share = min(1.0, _PROXY_LONG_PX / max(width, height), _PROXY_SHORT_PX / min(width, height))
    return _even(width * share), _even(height * share)


def _even(pixels: float) -> int:
    return max(2, int(round(pixels, 6) / 2) * 2)


def _tone_mapped(video: VideoStream, frames: Node) -> Node:
    """Bring HLG or PQ down to BT.709; the input is named because files leave out parts of what they are."""
    stated: Options = {"tin": video.transfer, "pin": "2020", "min": "2020_ncl", "rin": "tv"}
    linear = frames.filter("zscale", t="linear", npl=100, **stated).filter("format", "gbrpf32le")
    mapped = linear.filter("zscale", p="709").filter("tonemap", "hable", desat=0)
    return mapped.filter("zscale", t="709", m="709", r="tv")


def _encoded(plan: Plan, frames: Node, opened: Node) -> Node:
    options: Options = {
        "c:v": "libx264",
        "preset": "veryfast",
        "crf": 25,
        "maxrate": "2M",
        "bufsize": "4M",
        "force_key_frames": f"expr:gte(t,n_forced*{_GOP_S})",
        "fps_mode": "passthrough",
        "enc_time_base": f"1:{_PROXY_TICKS_PER_S}",
        "threads:v": plan.threads,
        "flags:v": "+bitexact",
    }
    return sink([frames, *_sound(plan, opened)], VIDEO_PROXY, {**options, **_sound_options(plan), **_FOR_WEB})


def _copied(plan: Plan, video: VideoStream, opened: Node) -> Node:
    kept = opened[str(video.index)]
    return sink([kept, *_sound(plan, opened)], VIDEO_PROXY, {"c:v": "copy", **_sound_options(plan), **_FOR_WEB})


def _analysed(plan: Plan, frames: Node) -> Node:
    thinned = frames.filter("select", _every(ANALYSIS_STEP_S))
    looked_at = (
        thinned.filter("scale", w=f"min({_ANALYSIS_PX},iw)", h=-2, flags="fast_bilinear")
        .filter("format", "yuv420p")
        .filter("blackdetect", **_BLACK)
        .filter("freezedetect", **_FROZEN)
    )
    stills = looked_at.filter("select", _every(plan.still_step_s)).filter("format", "yuvj420p")
    options: Options = {
        "f": "image2",
        "frame_pts": 1,
        "c:v": "mjpeg",
        "q:v": 4,
        "fps_mode": "passthrough",
        "enc_time_base": f"1:{_STILL_TICKS_PER_S}",
        "threads:v": 1,
        "flags:v": "+bitexact",
    }
    return sink([stills], STILLS, {**options, **_BARE})


def _every(step_s: float) -> str:
    """Return the selection of the first frame and then of one frame each ``step_s`` seconds of media time."""
    return f"isnan(prev_selected_t)+gte(t-prev_selected_t,{step_s - _SLACK_S:.3f})"


# --- sound -----------------------------------------------------------------------------------------------------------


def _audio_outputs(plan: Plan, opened: Node) -> Sequence[Node]:
    if plan.audio is None:
        return ()
    levels = (
        opened[str(plan.audio.index)]
        .filter("silencedetect", **_SILENT)
        .filter("asetnsamples", n=max(1, plan.audio.sample_rate_hz // _LEVELS_PER_S), p=0)
        .filter("astats", metadata=1, reset=1, measure_perchannel="none", measure_overall="Peak_level")
        .filter("ametadata", mode="print", key="lavfi.astats.Overall.Peak_level", file=LEVELS)
    )
    listened = sink([levels], "-", {"f": "null"})
    if plan.video is not None or plan.way is ProxyWay.NONE:
        return (listened,)
    return (sink(_sound(plan, opened), AUDIO_PROXY, {**_sound_options(plan), **_FOR_WEB}), listened)


def _sound(plan: Plan, opened: Node) -> Sequence[Node]:
    return (opened[str(plan.audio.index)],) if plan.audio else ()


def _sound_options(plan: Plan) -> Options:
    if plan.audio is None:
        return {}
    if plan.way is ProxyWay.COPY and plan.audio.codec == "aac":
        return {"c:a": "copy"}
    channels = _MONO if plan.audio.channels == _MONO else _STEREO
    options: Options = {
        "c:a": "aac",
        "ar": _PROXY_RATE_HZ,
        "ac": channels,
        "b:a": "128k" if channels == _STEREO else "96k",
    }
    return {**options, "af": "aresample=async=1", "flags:a": "+bitexact"}
