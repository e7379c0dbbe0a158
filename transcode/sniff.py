"""What a file is by its first bytes; the suffix is never looked at.

Source: ISO/IEC 14496-12 (ftyp and the boxes a movie can start with), ISO/IEC 23008-12 (HEIF brands), RFC 4867 §5 (AMR),
RFC 9559 (Matroska), ISO/IEC 13818-1 (transport stream sync bytes, program stream pack header), RIFF (AVI, WAVE, WebP).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evidence.clips import Kind

HEAD_BYTES = 4096

_MOVIE_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"moof", b"styp"})
_STILL_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_AUDIO_BRANDS = frozenset({b"M4A ", b"M4B ", b"F4A "})
_TS_PACKETS = ((188, 0), (192, 4), (204, 0))
_SYNC_BYTE = 0x47
_SYNC_RUN = 4
_NAL_TYPES_264 = frozenset({1, 5, 6, 7, 9})
_NAL_TYPES_265 = frozenset({32, 33, 34, 35, 39})
_BOM = b"\xef\xbb\xbf"
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x1b")
_SPACE = 0x20


@dataclass(frozen=True)
class Look:
    """What the bytes look like.

    Attributes:
        media_type: IANA media type.
        demuxer: ffmpeg's name for the only demuxer allowed to open it; empty leaves the choice to its own sniffing.
    """

    kind: Kind
    media_type: str
    demuxer: str = ""


_VIDEO_MP4 = Look(Kind.VIDEO, "video/mp4")
_JPEG = Look(Kind.PHOTO, "image/jpeg", "jpeg_pipe")
_PNG = Look(Kind.PHOTO, "image/png", "png_pipe")
_GIF = Look(Kind.PHOTO, "image/gif", "gif")
_TIFF = Look(Kind.PHOTO, "image/tiff", "tiff_pipe")
TEXT = Look(Kind.OTHER, "text/plain")

_PREFIXES: Sequence[tuple[bytes, Look]] = (
    (b"\xff\xd8\xff", _JPEG),
    (b"\x89PNG\r\n\x1a\n", _PNG),
    (b"GIF87a", _GIF),
    (b"GIF89a", _GIF),
    (b"II*\x00", _TIFF),
    (b"MM\x00*", _TIFF),
    (b"\x1a\x45\xdf\xa3", Look(Kind.VIDEO, "video/x-matroska")),
    (b"OggS", Look(Kind.VIDEO, "application/ogg")),
    (b"FLV\x01", Look(Kind.VIDEO, "video/x-flv")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Look(Kind.VIDEO, "video/x-ms-asf")),
    (b"DHAV", Look(Kind.VIDEO, "video/x-dhav")),
    (b"\x00\x00\x01\xba", Look(Kind.VIDEO, "video/mpeg")),
    (b"\x00\x00\x01\xb3", Look(Kind.VIDEO, "video/mpeg")),
    (b"#!AMR", Look(Kind.AUDIO, "audio/amr")),
    (b"fLaC", Look(Kind.AUDIO, "audio/flac")),
    (b"ID3", Look(Kind.AUDIO, "audio/mpeg")),
    (b"caff", Look(Kind.AUDIO, "audio/x-caf")),
    (b".snd", Look(Kind.AUDIO, "audio/basic")),
    (b"%PDF-", Look(Kind.OTHER, "application/pdf")),
    (b"PK\x03\x04", Look(Kind.OTHER, "application/zip")),
    (b"SQLite format 3\x00", Look(Kind.OTHER, "application/vnd.sqlite3")),
)
_AUDIO_FRAMES: Sequence[tuple[re.Pattern[bytes], Look]] = (
    (re.compile(rb"\xff[\xf0\xf1\xf8\xf9]", re.DOTALL), Look(Kind.AUDIO, "audio/aac")),  # ADTS
    (
        re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][^\xf0-\xff]", re.DOTALL),
        Look(Kind.AUDIO, "audio/mpeg"),
    ),  # layer III
)
_RIFF_FORMS = {
    b"AVI ": Look(Kind.VIDEO, "video/x-msvideo"),
    b"WAVE": Look(Kind.AUDIO, "audio/wav"),
    b"WEBP": Look(Kind.PHOTO, "image/webp", "webp_pipe"),
}


def look_at(head: bytes) -> Look | None:
    """Return what the first `HEAD_BYTES` of a file look like, None when nothing known begins so."""
    return next((look for sniffer in _SNIFFERS if (look := sniffer(head))), None)


def is_text(head: bytes) -> bool:
    """Whether the bytes read as text, in UTF-8 or GB18030; a character cut at the end is forgiven."""
    if not head or any(byte < _SPACE and byte not in _TEXT_CONTROLS for byte in head):
        return False
    return any(_decodes(head.removeprefix(_BOM), encoding) for encoding in ("utf-8", "gb18030"))


def _decodes(head: bytes, encoding: str) -> bool:
    for cut in range(min(4, len(head))):
        try:
            head[: len(head) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def _by_prefix(head: bytes) -> Look | None:
    return next((look for prefix, look in _PREFIXES if head.startswith(prefix)), None)


def _by_riff(head: bytes) -> Look | None:
    return _RIFF_FORMS.get(head[8:12]) if head.startswith((b"RIFF", b"RF64")) else None


def _by_box(head: bytes) -> Look | None:
    if head[4:8] not in _MOVIE_BOXES:
        return None
    if head[4:8] != b"ftyp":
        return _VIDEO_MP4
    brand = head[8:12]
    if brand in _STILL_BRANDS:
        return Look(Kind.PHOTO, "image/heic", "mov")
    if brand in _AVIF_BRANDS:
        return Look(Kind.PHOTO, "image/avif", "mov")
    if brand in _AUDIO_BRANDS:
        return Look(Kind.AUDIO, "audio/mp4")
    return {b"qt  ": Look(Kind.VIDEO, "video/quicktime")}.get(brand) or _by_3gpp(brand)


def _by_3gpp(brand: bytes) -> Look:
    return Look(Kind.VIDEO, "video/3gpp") if brand.startswith((b"3gp", b"3gr", b"3gs")) else _VIDEO_MP4


def _by_bitmap(head: bytes) -> Look | None:
    is_bitmap = (
        head.startswith(b"BM")
        and head[6:10] == b"\x00\x00\x00\x00"
        and head[14:15] in {b"\x0c", b"\x28", b"\x6c", b"\x7c"}
    )
    return Look(Kind.PHOTO, "image/bmp", "bmp_pipe") if is_bitmap else None


def _by_transport_packets(head: bytes) -> Look | None:
    for size, offset in _TS_PACKETS:
        syncs = head[offset : size * _SYNC_RUN : size]
        if len(syncs) == _SYNC_RUN and all(byte == _SYNC_BYTE for byte in syncs):
            return Look(Kind.VIDEO, "video/mp2t")
    return None


def _by_start_code(head: bytes) -> Look | None:
    at = 4 if head.startswith(b"\x00\x00\x00\x01") else 3 if head.startswith(b"\x00\x00\x01") else 0
    if not at or len(head) <= at or head[at] & 0x80:
        return None
    if (head[at] >> 1) & 0x3F in _NAL_TYPES_265 and head[at] & 1 == 0:
        return Look(Kind.VIDEO, "video/h265")
    return Look(Kind.VIDEO, "video/h264") if head[at] & 0x1F in _NAL_TYPES_264 else None


def _by_audio_frame(head: bytes) -> Look | None:
    return next((look for header, look in _AUDIO_FRAMES if header.match(head)), None)


_SNIFFERS: Sequence[Callable[[bytes], Look | None]] = (
    _by_prefix,
    _by_riff,
    _by_box,
    _by_bitmap,
    _by_transport_packets,
    _by_start_code,
    _by_audio_frame,
)
