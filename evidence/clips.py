"""The clip: an original as it was received, what was measured of it, what was derived from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from evidence.claims import Claims
from evidence.docking import DockRecord
from evidence.ids import Digest, StationId
from evidence.notes import Note


class Kind(StrEnum):
    """What a file holds, by its content; the suffix is never trusted."""

    VIDEO = "video"
    AUDIO = "audio"
    PHOTO = "photo"
    OTHER = "other"  # a log, a text, an empty or unreadable file: kept, never a recording


class Playable(StrEnum):
    """How a browser can play the clip."""

    ORIGINAL = "original"
    PROXY = "proxy"
    NO = "no"


class ClipState(StrEnum):
    """How far a clip has come; a failed stage keeps the state it failed in and carries a failure beside it."""

    SEALED = "sealed"
    MEASURED = "measured"
    DERIVED = "derived"
    REVIEWED = "reviewed"


class Role(StrEnum):
    """What a derivative is for."""

    PROXY = "proxy"  # 540p H.264/AAC MP4 (video), AAC M4A (audio), JPEG (photo a browser cannot show)
    POSTER = "poster"  # one JPEG still for lists
    SPRITE = "sprite"  # JPEG mosaic of stills for the scrub bar
    CUES = "cues"  # WebVTT with ``#xywh=`` cues into the sprite
    WAVEFORM = "waveform"  # JSON list of peak levels 0–1, ten per second at most


@dataclass(frozen=True)
class Sighting:
    """One time a file was seen at a dock: where, as what, and when it was read.

    Attributes:
        source_path: path below the watched root, ``/`` between parts, NFC not applied (as found).
        mtime: the source's modification time, UTC as the file system gave it.
        received_at: intake time by this machine's clock, UTC; the trusted time retention runs from.
        sidecar: digest of the record that was sealed about it; empty before that, and of old ones.
    """

    digest: Digest
    size_bytes: int
    station: StationId
    source_path: str
    mtime: datetime
    received_at: datetime
    sidecar: str = ""


@dataclass(frozen=True)
class VideoStream:
    """What ffprobe says of the video track with samples.

    Attributes:
        rate: an exact fraction ("30000/1001").
        index: which stream of the container it is, from 0; files have empty extra tracks before the one with samples.
        declared_duration_s: as the track says, which may differ from what the container says.
    """

    codec: str
    profile: str
    pixel_format: str
    width_px: int
    height_px: int
    rotation_deg: int = 0
    rate: str = ""
    transfer: str = ""  # "arib-std-b67" (HLG), "smpte2084" (PQ) … when tone mapping is due
    index: int = 0
    declared_duration_s: float | None = None


@dataclass(frozen=True)
class AudioStream:
    """What ffprobe says of the first audio track; ``index`` and ``declared_duration_s`` as in `VideoStream`."""

    codec: str
    sample_rate_hz: int
    channels: int
    index: int = 0
    declared_duration_s: float | None = None


@dataclass(frozen=True)
class Measurement:
    """What the prober measured of a file's bytes.

    Attributes:
        media_type: IANA media type by content ("video/mp4", "image/jpeg", "application/octet-stream").
        container: the demuxer's name, empty when nothing could open it.
        declared_duration_s: as the container says; None when it says nothing.
        playable_as_is: a current Chromium plays the original (policy on codec, pixel format and container).
        claims: times and identities read inside the file (container, maker, EXIF are all `claimed`).
        problems: what is wrong with the file, as catalogue notes ("media.truncated" …).
        damaged: the bytes are incomplete or undecodable (finding FILE_DAMAGED).
        tool: program and version, kept with every measured value.
        docking: what a dock's record in this file says; None for every other file.
    """

    kind: Kind
    media_type: str
    container: str = ""
    declared_duration_s: float | None = None
    video: VideoStream | None = None
    audio: AudioStream | None = None
    playable_as_is: bool = False
    claims: Claims = field(default_factory=Claims)
    problems: tuple[Note, ...] = ()
    damaged: bool = False
    tool: str = ""
    docking: DockRecord | None = None


class QualityKind(StrEnum):
    """What a detector saw in a stretch of a clip."""

    BLACK = "black"
    FROZEN = "frozen"
    SILENT = "silent"


@dataclass(frozen=True)
class QualitySpan:
    """A stretch of media time, in seconds from the clip's first frame."""

    kind: QualityKind
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Derivative:
    """A file made from an original.

    Attributes:
        digest: SHA-256 of the derivative; parent: of the original it was made from.
        tool: program and version; parameters: what it was called with, enough to make it again.
    """

    digest: Digest
    parent: Digest
    role: Role
    media_type: str
    size_bytes: int
    tool: str
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class Derivation:
    """What one pass over an original gave.

    Attributes:
        decoded_duration_s: end of the last frame or sample that decoded; None when nothing did.
        damaged: fewer media decoded than declared, or none at all.
        claims: what the picture itself states: its on-screen clock.
    """

    derivatives: tuple[Derivative, ...]
    playable: Playable
    decoded_duration_s: float | None = None
    decoded_frames: int | None = None
    quality: tuple[QualitySpan, ...] = ()
    problems: tuple[Note, ...] = ()
    damaged: bool = False
    tool: str = ""
    claims: Claims = field(default_factory=Claims)
