"""What ffprobe says of a file, as typed values; it opens only what the allowed demuxers read, and no other file.

The list of demuxers leaves out those that follow references into other files or hosts (playlists, concat scripts,
image sequences): a text renamed to ``.mp4`` must not make the tool read the machine.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evidence.errors import MediaError, MediaTimeoutError
from transcode.runner import Outcome, Runner

DEMUXERS = (
    "mov,mp4,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,h264,hevc,m4v,h263,ivf,dv,dhav,mxf,ogg,wav,w64,mp3,aac,"
    "amr,amrnb,amrwb,flac,aiff,au,caf,ac3,eac3,jpeg_pipe,png_pipe,webp_pipe,gif,tiff_pipe,bmp_pipe"
)
PROTOCOLS = "file,pipe"
_TIMEOUT_S = 120.0
_FIRST_PACKETS = ("-show_packets", "-read_intervals", "%+#6", "-show_entries", "packet=stream_index,side_data_list")
_SAID_CHARACTERS = 200
_PREFIX = re.compile(r"^\[[^\]]*\] ")
_LEAST_SCORE = 26  # ffprobe's own "try again with more data" is 25: no better than a guess

Tags = Mapping[str, str]


@dataclass(frozen=True)
class Track:
    """One stream of a container as ffprobe describes it; numbers are None where it says nothing.

    Attributes:
        start_s: time stamp of its first sample, which need not be 0 and may be negative.
    """

    index: int
    type: str
    codec: str
    codec_tag: str
    profile: str
    pixel_format: str
    width_px: int
    height_px: int
    rotation_deg: int
    rate: str
    transfer: str
    sample_rate_hz: int
    channels: int
    duration_s: float | None
    samples: int | None
    attached_picture: bool
    tags: Tags = field(default_factory=dict)
    start_s: float | None = None

    @property
    def has_samples(self) -> bool:
        """Whether the track holds media, as far as the container says."""
        return self.samples != 0 and self.duration_s != 0


@dataclass(frozen=True)
class Inspection:
    """An opened container.

    Attributes:
        container: the first name of the demuxer that opened it.
        encrypted: its first samples say that they are encrypted; what decodes of them is noise.
    """

    container: str
    duration_s: float | None
    tags: Tags
    tracks: tuple[Track, ...]
    encrypted: bool = False


@dataclass(frozen=True)
class Refusal:
    """The file did not open.

    Attributes:
        said: the tool's first complaint, without the file's path.
        over_limits: the tool was stopped because the file asked for more time than it may take.
    """

    said: str
    over_limits: bool = False


def inspect(runner: Runner, path: Path, *, demuxer: str = "") -> Inspection | Refusal:
    """Return what ffprobe says of a file.

    Raises:
        ToolMissingError: ffprobe is not there. MediaError: it gave no answer at all, which says nothing of the file.
    """
    forced = ["-f", demuxer] if demuxer else []
    args = [runner.ffprobe, "-v", "error", "-hide_banner", *guards(), *forced, "-print_format", "json"]
    args += ["-show_format", "-show_streams", *_FIRST_PACKETS, "-i", source(path)]
    try:
        outcome = runner.run(args, timeout_s=_TIMEOUT_S, check=False)
    except MediaTimeoutError:  # a file that keeps the tool busy so long was made to: that is a result, not a fault
        return Refusal("", over_limits=True)
    if outcome.returncode == 0 and not outcome.stdout:
        cure = "the original is sealed; the step is tried again"
        raise MediaError("ffprobe ended well and said nothing", subject=path.name, cure=cure)
    document = _document(outcome)
    opened = document.get("format")
    if not isinstance(opened, dict) or (not demuxer and _number(opened, "probe_score", 0) < _LEAST_SCORE):
        return Refusal(_first_complaint(outcome.stderr, path))
    return Inspection(
        container=_text(opened, "format_name").split(",")[0],
        duration_s=_seconds(opened, "duration"),
        tags=_tags(opened),
        tracks=tuple(_track(stream) for stream in _dicts(document.get("streams"))),
        encrypted=any(_is_encrypted(packet) for packet in _dicts(document.get("packets"))),
    )


def guards() -> list[str]:
    """Return the input options that keep a tool to this one file."""
    return ["-protocol_whitelist", PROTOCOLS, "-format_whitelist", DEMUXERS]


def source(path: Path) -> str:
    """Return the input's name with its protocol, so that no part of a file name is read as one."""
    return f"file:{path.absolute()}"


def _document(outcome: Outcome) -> Mapping[str, object]:
    try:
        document = json.loads(outcome.stdout.decode("utf-8", "replace"))
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _track(stream: Mapping[str, object]) -> Track:
    disposition = stream.get("disposition")
    sides = _dicts(stream.get("side_data_list"))
    return Track(
        index=int(_number(stream, "index", 0)),
        type=_text(stream, "codec_type"),
        codec=_text(stream, "codec_name").replace("unknown", ""),
        codec_tag=_text(stream, "codec_tag_string"),
        profile=_text(stream, "profile"),
        pixel_format=_text(stream, "pix_fmt"),
        width_px=int(_number(stream, "width", 0)),
        height_px=int(_number(stream, "height", 0)),
        rotation_deg=next((int(_number(side, "rotation", 0)) for side in sides if "rotation" in side), 0),
        rate=_rate(stream),
        transfer=_text(stream, "color_transfer"),
        sample_rate_hz=int(_number(stream, "sample_rate", 0)),
        channels=int(_number(stream, "channels", 0)),
        duration_s=_seconds(stream, "duration"),
        samples=int(_number(stream, "nb_frames", 0)) if "nb_frames" in stream else None,
        attached_picture=isinstance(disposition, dict) and disposition.get("attached_pic") == 1,
        tags=_tags(stream),
        start_s=_number(stream, "start_time", 0.0) if "start_time" in stream else None,
    )


def _rate(stream: Mapping[str, object]) -> str:
    rates = (_text(stream, name) for name in ("avg_frame_rate", "r_frame_rate"))
    return next((rate for rate in rates if rate and not rate.startswith("0/") and not rate.endswith("/0")), "")


def _dicts(value: object) -> Sequence[Mapping[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(holder: Mapping[str, object], name: str) -> str:
    value = holder.get(name, "")
    return value if isinstance(value, str) else str(value)


def _number(holder: Mapping[str, object], name: str, otherwise: float) -> float:
    value = holder.get(name)
    try:
        return float(value) if isinstance(value, str | int | float) else otherwise
    except ValueError:
        return otherwise


def _seconds(holder: Mapping[str, object], name: str) -> float | None:
    seconds = _number(holder, name, -1.0)
    return seconds if seconds >= 0 else None


def _tags(holder: Mapping[str, object]) -> Tags:
    tags = holder.get("tags")
    return {str(name): str(value) for name, value in tags.items()} if isinstance(tags, dict) else {}


def _is_encrypted(packet: Mapping[str, object]) -> bool:
    return any("ncryption" in _text(side, "side_data_type") for side in _dicts(packet.get("side_data_list")))


def _first_complaint(stderr: str, path: Path) -> str:
    lines = (_PREFIX.sub("", line) for line in stderr.splitlines())
    said = (line.replace(source(path), "").replace(str(path.absolute()), "").strip(": ") for line in lines)
    return next((line[:_SAID_CHARACTERS] for line in said if line), "")
