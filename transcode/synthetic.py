"""Sample clips made by ffmpeg: a moving scene, a burned-in clock, a voice-like sound, and the faults asked for.

For the demo and the tests: the same `ClipSpec` gives the same bytes on the same ffmpeg, so a made file has a
stable digest. The containers and codecs are those that recorders write (docs/devices.md): some play in a browser as
they are, some need a proxy.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from evidence.zones import beijing, to_utc_iso
from transcode.runner import Runner

SAMPLE_RATE_HZ = 16000


class Container(StrEnum):
    """What the made file is, named as recorders mix container and codecs."""

    MP4_H264 = "mp4_h264"  # H.264 + AAC: plays in a browser as it is
    MP4_HEVC = "mp4_hevc"
    TS = "ts"  # MPEG-TS, H.264 + AAC
    AVI_MJPEG = "avi_mjpeg"  # MJPEG + 16-bit PCM
    MOV_PCM = "mov_pcm"  # H.264 + 16-bit PCM
    MOV_G711 = "mov_g711"  # H.264 + G.711 A-law
    THREE_GP = "3gp"  # MPEG-4 part 2 + AAC
    WAV = "wav"
    JPEG = "jpeg"

    @property
    def has_picture(self) -> bool:
        """Whether the file holds moving pictures."""
        return self not in {Container.WAV, Container.JPEG}


class Sound(StrEnum):
    """What the audio track carries."""

    VOICE = "voice"
    SILENT = "silent"  # a track of zeros, as a muted microphone gives
    NONE = "none"  # no audio track


class CreationTag(StrEnum):
    """What the container's ``creation_time`` says."""

    ABSENT = "absent"
    UTC = "utc"
    LOCAL_AS_UTC = "local_as_utc"  # Beijing wall-clock time written where the format means UTC: 8 h ahead
    XINJIANG_AS_UTC = "xinjiang_as_utc"  # the same with a clock set to local Xinjiang time, UTC+6


@dataclass(frozen=True)
class ClipSpec:
    """One clip to make.

    Attributes:
        start: what the device's clock said at the first frame, UTC; burned in as Beijing time.
        duration_s: length in seconds; ignored for a photo.
        seed: chooses colours, motion and pitch.
        device, officer: numbers burned in beside the clock, as GA/T 947 cameras show them.
        caption: ASCII words at the foot of the picture.
        scene: number of a scene of sound that several cameras hear, each under its own voice; 0 is none.
        scene_from_s: where in it this one begins.
        black: stretch ``(from_s, to_s)`` in which the lens is covered; the clock stays readable.
        frozen_tail_s: the last seconds in which the picture, clock included, stands still.
        keep_share: share of the bytes that is kept; below 1 the file is cut as by a power failure. MP4 and MOV
            carry their index first, so a cut one still opens and declares its full length.
        width_px, height_px, rate_fps: of the picture.
    """

    container: Container
    start: datetime
    duration_s: float = 30.0
    seed: int = 1
    device: str = ""
    officer: str = ""
    caption: str = "generated demo footage"
    sound: Sound = Sound.VOICE
    creation_tag: CreationTag = CreationTag.ABSENT
    black: tuple[float, float] | None = None
    frozen_tail_s: float = 0.0
    keep_share: float = 1.0
    width_px: int = 640
    height_px: int = 360
    rate_fps: int = 5
    scene: int = 0
    scene_from_s: float = 0.0


def make_clip(spec: ClipSpec, path: Path, runner: Runner) -> None:
    """Make the clip at ``path``, replacing what is there; its folder must exist.

    Raises:
        ToolMissingError: ffmpeg is not there.
        MediaError: ffmpeg failed, or lacks a filter or encoder that the spec needs.
    """
    runner.run([runner.ffmpeg, *_arguments(spec), str(path)])
    if spec.container is Container.JPEG:
        path.write_bytes(with_exif(path.read_bytes(), _exif_times(spec.start)))
    if spec.keep_share < 1:
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * spec.keep_share)])


# --- arguments -------------------------------------------------------------------------------------------------------

_AAC = ("-c:a", "aac", "-b:a", "32k")
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "30", "-pix_fmt", "yuv420p", "-threads", "1")
_INDEX_FIRST = ("-movflags", "+faststart")
_CODECS: Mapping[Container, tuple[str, ...]] = {
    Container.MP4_H264: (*_H264, *_AAC, *_INDEX_FIRST, "-f", "mp4"),
    Container.MP4_HEVC: (
        *("-c:v", "libx265", "-preset", "ultrafast", "-crf", "32", "-pix_fmt", "yuv420p", "-tag:v", "hvc1"),
        *("-x265-params", "log-level=none:info=0:pools=none:frame-threads=1"),
        *(*_AAC, *_INDEX_FIRST, "-f", "mp4"),
    ),
    Container.TS: (*_H264, *_AAC, "-f", "mpegts"),
    Container.AVI_MJPEG: (
        *("-c:v", "mjpeg", "-q:v", "9", "-pix_fmt", "yuvj420p", "-threads", "1"),
        *("-c:a", "pcm_s16le", "-f", "avi"),
    ),
    Container.MOV_PCM: (*_H264, "-c:a", "pcm_s16le", *_INDEX_FIRST, "-f", "mov"),
    Container.MOV_G711: (*_H264, "-c:a", "pcm_alaw", "-ar", "8000", *_INDEX_FIRST, "-f", "mov"),
    Container.THREE_GP: (
        *("-c:v", "mpeg4", "-q:v", "8", "-pix_fmt", "yuv420p", "-threads", "1"),
        *(*_AAC, *_INDEX_FIRST, "-f", "3gp"),
    ),
    Container.WAV: ("-c:a", "pcm_s16le", "-f", "wav"),
    Container.JPEG: ("-frames:v", "1", "-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p", "-f", "image2"),
}


def _arguments(spec: ClipSpec) -> list[str]:
    """Return ffmpeg's arguments without its name and the target."""
    inputs: list[str] = []
    if spec.container is not Container.WAV:
        inputs += ["-f", "lavfi", "-i", _picture(spec)]
    if spec.container is not Container.JPEG and spec.sound is not Sound.NONE:
        inputs += ["-f", "lavfi", "-i", _sound(spec)]
    length = [] if spec.container is Container.JPEG else ["-t", f"{spec.duration_s:g}"]
    quiet = ["-hide_banner", "-nostdin", "-v", "error", "-y", "-filter_threads", "1", "-filter_complex_threads", "1"]
    exact = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1"]
    return [*quiet, *inputs, *length, *_CODECS[spec.container], *_key_frames(spec), *exact, *_creation(spec)]


def _key_frames(spec: ClipSpec) -> list[str]:
    """Return how far key frames lie apart: 2 s for quick seeking; none in a still picture, where each would flicker."""
    if not spec.container.has_picture:
        return []
    apart_s = spec.duration_s if spec.frozen_tail_s else 2
    return ["-g", str(max(1, round(apart_s * spec.rate_fps)))]


_TAG_SHIFT = {
    CreationTag.UTC: timedelta(0),
    CreationTag.LOCAL_AS_UTC: timedelta(hours=8),
    CreationTag.XINJIANG_AS_UTC: timedelta(hours=6),
}


def _creation(spec: ClipSpec) -> list[str]:
    """Return the tag that states when the recording began, right or shifted by a zone mistake."""
    if spec.creation_tag is CreationTag.ABSENT:
        return []
    return ["-metadata", f"creation_time={to_utc_iso(spec.start + _TAG_SHIFT[spec.creation_tag])}"]


def _picture(spec: ClipSpec) -> str:
    """Return the lavfi graph: a drifting ground, two moving bodies, a caption, and the burned-in line."""
    width, height, rate, seed = spec.width_px, spec.height_px, spec.rate_fps, spec.seed
    box = f"{width * 3 // 20}x{height // 6}"
    person = f"{width // 16}x{height // 4}"
    ground = f"gradients=s=48x26:r={rate}:speed=0.06:n=4:seed={seed}:{_colours(seed)},scale={width}:{height},setsar=1"
    body = f"color=c=0xc05030:s={box}:r={rate}"
    walker = f"color=c=0xe0d8c0:s={person}:r={rate}"
    return (
        f"{ground}[ground];{body}[body];{walker}[walker];"
        f"[ground][body]overlay=x='mod(t*{31 + seed % 17},W+w)-w':y='H*0.55+20*sin(t*0.8+{seed})'[moving];"
        f"[moving][walker]overlay=x='W*0.5+W*0.35*sin(t*0.43+{seed})':y='H*0.45+6*sin(t*3)'"
        f",{_caption(spec)}{_covered(spec)},{_burned_in(spec)}{_stalled(spec)}"
    )


def _covered(spec: ClipSpec) -> str:
    """Return the filter that blackens the picture while the lens is covered."""
    if spec.black is None:
        return ""
    from_s, to_s = spec.black
    return f",drawbox=c=black:t=fill:enable='between(t,{from_s:g},{to_s:g})'"


def _stalled(spec: ClipSpec) -> str:
    """Return the filters that repeat one frame to the end."""
    if not spec.frozen_tail_s:
        return ""
    moving_s = spec.duration_s - spec.frozen_tail_s
    return f",trim=end={moving_s:g},tpad=stop_mode=clone:stop_duration={spec.frozen_tail_s:g}"


def _burned_in(spec: ClipSpec) -> str:
    """Return the filter that writes clock, device and officer over everything.

    Source: docs/devices.md (time, date and officer number are burned in).
    """
    wall_clock = int((spec.start + timedelta(hours=8)).timestamp())
    clock = rf"%{{pts\:gmtime\:{wall_clock}\:%Y-%m-%d %H\\\:%M\\\:%S}}"
    head = f"drawtext=text='{clock} {_plain(spec.device)} {_plain(spec.officer)}':x=10:y=10:fontsize=h/18"
    return f"{head}:fontcolor=white:box=1:boxcolor=black@0.5:boxborderw=4"


def _caption(spec: ClipSpec) -> str:
    """Return the filter that writes the caption at the foot; a covered lens hides it."""
    return f"drawtext=text='{_plain(spec.caption)}':x=10:y=h-th-10:fontsize=h/24:fontcolor=white@0.8"


def _plain(text: str) -> str:
    """Return the text with everything that a filter graph would read as its own left out."""
    return "".join(char for char in text if char.isascii() and (char.isalnum() or char in " _-/."))


def _sound(spec: ClipSpec) -> str:
    """Return the lavfi graph of the track: a hum with an overtone in the beat of syllables, never silent, or zeros.

    Where cameras hear one scene, it is noise that never repeats, and the hum lies under it.
    """
    if spec.sound is Sound.SILENT:
        return f"anullsrc=r={SAMPLE_RATE_HZ}:cl=mono"
    pitch_hz = 140 + spec.seed * 13 % 110
    voice = f"sine=f={pitch_hz}:b=4:r={SAMPLE_RATE_HZ},tremolo=f=2.7:d=0.8,tremolo=f=0.31:d=0.5,volume=3"
    if not spec.scene:
        return voice
    wind = f"anoisesrc=r={SAMPLE_RATE_HZ}:c=pink:a=0.6:seed={spec.scene}"
    heard = f"{wind},atrim=start={spec.scene_from_s:g},asetpts=PTS-STARTPTS"
    return f"{heard}[scene];{voice}[voice];[scene][voice]amix=inputs=2:weights=1 0.3:normalize=0"


_PALETTE = (
    *("28435c", "6f7f5a", "b9a27a", "2f3a34", "8a6f52", "4f6d7a", "9aa58c", "c2b280"),
    *("5b6e4e", "7b8794", "a3785a", "394b5a", "d0c4a8", "6b5847", "86a0a8", "454f3e"),
)
"""Colours of roads, yards, water and dust, so that made footage looks like outdoor work and clips differ."""


def _colours(seed: int) -> str:
    """Return four colours of the ground as options of ``gradients``."""
    return ":".join(f"c{index}={_colour(seed * 5 + index * 3)}" for index in range(4))


def _colour(number: int) -> str:
    """Return a colour, the same for the same number."""
    return "0x" + _PALETTE[number % len(_PALETTE)]


# --- EXIF ------------------------------------------------------------------------------------------------------------

_ASCII_TYPE = 2
_LONG_TYPE = 4
_DATE_TIME = 0x0132
_EXIF_IFD = 0x8769
_DATE_TIME_ORIGINAL = 0x9003
_OFFSET_TIME_ORIGINAL = 0x9011


@dataclass(frozen=True)
class ExifTimes:
    """Times of a photo as EXIF writes them: ``YYYY:MM:DD HH:MM:SS``, and the offset, ``+08:00``, empty for none."""

    original: str
    offset: str = ""


def with_exif(jpeg: bytes, times: ExifTimes) -> bytes:
    """Return the JPEG with an EXIF segment right after its start marker.

    Raises:
        ValueError: the bytes are no JPEG.

    Source: CIPA DC-008 (Exif 3.0) §4.5 and §4.6; TIFF 6.0 §2.
    """
    if not jpeg.startswith(b"\xff\xd8"):
        raise ValueError("not a JPEG: no start marker")
    body = b"Exif\x00\x00" + _tiff(times)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def _exif_times(start: datetime) -> ExifTimes:
    """Return the wall-clock time of a camera that keeps Beijing time and names no offset."""
    return ExifTimes(beijing(start).strftime("%Y:%m:%d %H:%M:%S"))


def _tiff(times: ExifTimes) -> bytes:
    """Return a little-endian TIFF of two directories: the main one and the EXIF one it points to."""
    main_size = 2 + 2 * 12 + 4 + 20
    main = _directory(8, [(_DATE_TIME, _text(times.original)), (_EXIF_IFD, 8 + main_size)])
    exif: list[tuple[int, bytes | int]] = [(_DATE_TIME_ORIGINAL, _text(times.original))]
    if times.offset:
        exif.append((_OFFSET_TIME_ORIGINAL, _text(times.offset)))
    return b"II*\x00" + struct.pack("<I", 8) + main + _directory(8 + main_size, exif)


def _text(value: str) -> bytes:
    """Return an ASCII value with its closing zero."""
    return value.encode("ascii") + b"\x00"


def _directory(offset: int, entries: Sequence[tuple[int, bytes | int]]) -> bytes:
    """Return a directory that starts at ``offset``, its texts behind it; an ``int`` value is a pointer."""
    data_at = offset + 2 + 12 * len(entries) + 4
    rows, data = b"", b""
    for tag, value in entries:
        if isinstance(value, int):
            rows += struct.pack("<HHII", tag, _LONG_TYPE, 1, value)
        else:
            rows += struct.pack("<HHII", tag, _ASCII_TYPE, len(value), data_at + len(data))
            data += value
    return struct.pack("<H", len(entries)) + rows + struct.pack("<I", 0) + data
