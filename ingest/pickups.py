"""What identifies a watched file: its path as text, its idempotency key, and the way back to the file.

Paths are kept as found (no Unicode normalisation), ``/`` between parts. A name that is not UTF-8 – an old dock writes
GB18030, a card's directory is damaged – still has to go into registers and JSON, which hold valid text alone. So each
byte that is not part of valid UTF-8 is written ``%XX`` (upper case, 80–FF), and a ``%`` that would read like such an
escape is written ``%25``. Every other name stays as it is, and `to_native` leads back to the very bytes.
"""

import hashlib
import os
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from evidence.errors import SourceUnreadableError
from evidence.ids import StationId
from evidence.ports import Pickup

_LONE_BYTE = 0xDC00
"""``os.fsdecode`` turns byte ``b`` that is not UTF-8 into the code point ``0xDC00 + b`` (PEP 383)."""

_TO_ESCAPE = re.compile(r"[\udc80-\udcff]|%(?=25|[89A-F][0-9A-F])")
_ESCAPED = re.compile(r"%(25|[89A-F][0-9A-F])")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)
_FIRST_NS, _LAST_NS = -(1 << 63), (1 << 63) - 1

Version = tuple[int, int]
"""Size in bytes and modification time in nanoseconds: what tells one state of a file from the next."""


def to_text(native: str) -> str:
    """Return a name as ``os.fsdecode`` gives it as valid text; names that are valid already stay unchanged."""
    return _TO_ESCAPE.sub(lambda found: "%25" if found[0] == "%" else f"%{ord(found[0]) - _LONE_BYTE:02X}", native)


def to_native(text: str) -> str:
    """Return the name that `to_text` was given, ready for ``open``."""
    return _ESCAPED.sub(lambda found: "%" if found[1] == "25" else chr(_LONE_BYTE + int(found[1], 16)), text)


def local_path(pickup: Pickup) -> Path:
    """Return where the file of a pickup lies on this machine."""
    return Path(to_native(pickup.root)) / to_native(pickup.source_path)


def pickup_key(station: StationId, root: str, source_path: str, size_bytes: int, mtime_ns: int) -> str:
    """Return the idempotency key: SHA-256 of station, root, path, size and mtime, NUL (which no name holds) between.

    The root belongs to it: two cards of one station hold files of the same name, size and – after a reset – time.
    """
    fields = (station, root, source_path, str(size_bytes), str(mtime_ns))
    return hashlib.sha256("\0".join(fields).encode()).hexdigest()


def version_of(found: os.stat_result) -> Version:
    """Return what tells one state of a file from the next; a time beyond `_LAST_NS` (year 2262) becomes that one.

    A card whose clock is far off may say year 2400, for which registers, whose integers have 64 bits, have no room.
    """
    return found.st_size, min(max(found.st_mtime_ns, _FIRST_NS), _LAST_NS)


def pickup_from(station: StationId, root: str, source_path: str, found: os.stat_result) -> Pickup:
    """Return the pickup of a file whose ``stat`` is at hand; ``root`` and ``source_path`` are valid text."""
    size_bytes, mtime_ns = version_of(found)
    key = pickup_key(station, root, source_path, size_bytes, mtime_ns)
    return Pickup(key, station, root, source_path, size_bytes, mtime_ns)


def pickup_of(station: StationId, root: Path, file: Path) -> Pickup:
    """Return the pickup of a file below ``root``, without waiting for it to settle.

    Raises:
        SourceUnreadableError: it is not there, or not a regular file.
        ValueError: the file does not lie below the root.
    """
    below = file.relative_to(root).as_posix()
    try:
        found = file.lstat()
    except OSError as error:
        raise SourceUnreadableError(
            f"cannot be read: {error.strerror}",
            subject=to_text(str(file)),
            cure="see that the dock is connected and the file still there",
        ) from error
    if not stat.S_ISREG(found.st_mode):
        cure = "name a file, not a folder, link or device"
        raise SourceUnreadableError("is not a regular file", subject=to_text(str(file)), cure=cure)
    return pickup_from(station, to_text(str(root)), to_text(below), found)


def moment_of_ns(mtime_ns: int) -> datetime:
    """Return a modification time in UTC; what no calendar holds becomes its first or last moment."""
    try:
        return _EPOCH + timedelta(microseconds=mtime_ns // 1000)
    except OverflowError:
        return _FIRST if mtime_ns < 0 else _LAST
