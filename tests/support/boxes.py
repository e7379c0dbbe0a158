"""Boxes of an MP4 or MOV written by hand, so that a test states exactly what a file says."""

import struct
from datetime import UTC, datetime
from io import BytesIO

from evidence.claims import TimeClaim
from transcode.movie_times import BoxTimes, times_of_boxes

EPOCH = datetime(1904, 1, 1, tzinfo=UTC)


def box(kind: bytes, *content: bytes) -> bytes:
    """Return one box with its size."""
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def since_1904(moment: datetime) -> int:
    """Return a time as headers count it."""
    return int((moment - EPOCH).total_seconds())


def header(kind: bytes, created: int, modified: int, *, version: int = 0) -> bytes:
    """Return a movie, track or media header with these times; the rest of it is zeros."""
    form = ">QQ" if version else ">II"
    return box(kind, bytes([version, 0, 0, 0]), struct.pack(form, created, modified), bytes(80))


def international(kind: bytes, text: str) -> bytes:
    """Return a QuickTime user data item."""
    raw = text.encode()
    return box(kind, struct.pack(">HH", len(raw), 0x15C7), raw)


def keyed(name: str, text: str) -> bytes:
    """Return a QuickTime ``meta`` with one key and its value."""
    key = box(b"mdta", name.encode())
    keys = box(b"keys", bytes(4), struct.pack(">I", 1), key)
    item = box(b"\x00\x00\x00\x01", box(b"data", bytes(8), text.encode()))
    return box(b"meta", box(b"hdlr", bytes(24)), keys, box(b"ilst", item))


def read(content: bytes) -> BoxTimes:
    """Return what the boxes of these bytes state."""
    return times_of_boxes(BytesIO(content))


def stated(content: bytes) -> dict[str, TimeClaim]:
    """Return the claims of these bytes by what they were read from."""
    return {claim.detail: claim for claim in read(content).times}
