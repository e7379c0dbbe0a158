"""Is a still picture whole: its structure walked to the end, then decoded.

A picture that was cut off still decodes (the rest is grey), so decoding alone does not show it; and a picture may carry
more behind its end (a motion photo), so its length does not either.

Source: ITU-T T.81 annex B (JPEG markers), PNG §5 (chunks, IEND), GIF89a (trailer), WebP container (RIFF size),
ISO/IEC 14496-12 §4.2 and ISO/IEC 23008-12 (boxes of an AVIF).
"""

import re
from collections.abc import Callable, Mapping

from evidence.notes import Note, note
from transcode import pictures

_ENTROPY_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
_MARKER_BYTES = 2
_STANDALONE = frozenset(range(0xD0, 0xD9)) | {0x01, 0xFF}
_END_OF_IMAGE = 0xD9
_START_OF_SCAN = 0xDA
_PNG_CHUNK_FRAME = 12
_RIFF_HEADER = 8
_BOX_HEADER, _LONG_BOX_HEADER = 8, 16
_PICTURE_BOXES = frozenset({b"ftyp", b"meta", b"mdat", b"moov"})


def photo_problems(content: bytes | None, media_type: str) -> tuple[Note, ...]:
    """Return what is wrong with a JPEG, PNG, WebP, GIF or AVIF; nothing when it is whole and decodes.

    Args:
        content: its bytes, None when there are more than `pictures.MOST_BYTES`.
        media_type: which of them it is.
    """
    if content is None:
        return (note("media.over_limits"),)
    ends = _WHOLE.get(media_type)
    if ends is not None and not ends(content):
        return (note("media.photo_truncated"),)
    return (note("media.photo_undecodable"),) if pictures.decode(content) is None else ()


def _jpeg_ends(content: bytes) -> bool:
    at = _MARKER_BYTES
    while at + _MARKER_BYTES <= len(content):
        if content[at] != 0xFF:  # noqa: PLR2004 – every marker begins so
            at += 1  # stray bytes between segments: decoders skip them, so do we
            continue
        marker = content[at + 1]
        if marker == _END_OF_IMAGE:
            return True
        if marker in _STANDALONE:
            at += 1 if marker == 0xFF else _MARKER_BYTES  # noqa: PLR2004 – fill bytes before a marker
            continue
        at += _MARKER_BYTES + int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == _START_OF_SCAN:
            found = _ENTROPY_END.search(content, at)
            at = found.start() if found else len(content)
    return False


def _png_ends(content: bytes) -> bool:
    at = 8
    while at + _PNG_CHUNK_FRAME <= len(content):
        if content[at + 4 : at + 8] == b"IEND":
            return True
        at += _PNG_CHUNK_FRAME + int.from_bytes(content[at : at + 4], "big")
    return False


def _gif_ends(content: bytes) -> bool:
    return content.rstrip(b"\x00").endswith(b"\x3b")


def _webp_ends(content: bytes) -> bool:
    return int.from_bytes(content[4:8], "little") + _RIFF_HEADER <= len(content)


def _avif_ends(content: bytes) -> bool:
    """Whether no box of the picture reaches beyond the end; bytes that are no such box are left to the decoder."""
    at = 0
    while content[at + 4 : at + _BOX_HEADER] in _PICTURE_BOXES:
        size_bytes = int.from_bytes(content[at : at + 4], "big")
        if size_bytes == 1:
            size_bytes = int.from_bytes(content[at + _BOX_HEADER : at + _LONG_BOX_HEADER], "big")
        if size_bytes < _BOX_HEADER:  # 0 reaches to the end, less is no box
            return True
        at += size_bytes
    return at <= len(content)


_WHOLE: Mapping[str, Callable[[bytes], bool]] = {
    "image/jpeg": _jpeg_ends,
    "image/png": _png_ends,
    "image/gif": _gif_ends,
    "image/webp": _webp_ends,
    "image/avif": _avif_ends,
}
