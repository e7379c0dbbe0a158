"""What a photo's own tags state about when it was taken, read by exifread within bounds, from any bytes.

``OffsetTime`` belongs to ``DateTime``, which the last program that changed the file wrote: it says nothing about the
camera. Only ``OffsetTimeOriginal`` places the camera's clock.

Source: CIPA DC-008 (Exif 2.32) §4.6.4–4.6.6: DateTimeOriginal, OffsetTimeOriginal, GPSDateStamp, GPSTimeStamp.
"""

import logging
import re
import struct
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from io import BufferedReader, FileIO
from pathlib import Path

import exifread
from exifread.core.exceptions import ExifError
from exifread.core.ifd_tag import IfdTag

from evidence.claims import Anchor, Claims, ClaimSource, TimeClaim, ZoneBasis
from evidence.gps_fixes import impossible_position, is_on_earth
from evidence.notes import Note, note
from evidence.zones import BEIJING

TOOL = f"exifread {exifread.__version__}"

READ_LIMIT_BYTES = 32 * 1024 * 1024
"""Tags lie at the head; what needs more than this to be found is not a photo of a camera."""

READ_LIMIT_CALLS = 200_000
"""Bounds the time a crafted directory can cost: each entry takes a handful of reads."""

_FAILURES = (
    ExifError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,
    EOFError,
    OSError,
    MemoryError,
    struct.error,
)
"""What exifread was seen to raise, or can, on bytes that are no photo; its own error is the rarest of them."""

_MOMENT = re.compile(r"(\d{4})[:\-/.](\d{2})[:\-/.](\d{2})[ T](\d{2}):(\d{2}):(\d{2})")
_DAY = re.compile(r"(\d{4})[:\-/.](\d{2})[:\-/.](\d{2})")
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")
_GPS_VOID = "V"

Tags = Mapping[str, IfdTag]

# exifread warns by logging about every odd tag; what matters of it comes back as a note.
logging.getLogger("exifread").setLevel(logging.CRITICAL)


class BudgetSpentError(OSError):
    """The photo asked for more reading than its bounds allow."""


class BoundedFile(BufferedReader):
    """A file that stops giving bytes after a number of them, or of calls."""

    def __init__(self, path: Path, limit_bytes: int = READ_LIMIT_BYTES, limit_calls: int = READ_LIMIT_CALLS) -> None:
        """Open ``path`` for reading."""
        super().__init__(FileIO(path))
        self._bytes_left = limit_bytes
        self._calls_left = limit_calls

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to ``size`` bytes.

        Raises:
            BudgetSpentError: the bounds are reached.
        """
        wanted = self._bytes_left + 1 if size is None or size < 0 else min(size, self._bytes_left + 1)
        data = super().read(wanted)
        self._bytes_left -= len(data)
        self._calls_left -= 1
        if self._bytes_left < 0 or self._calls_left < 0:
            raise BudgetSpentError("the tags ask for more reading than a camera's photo needs")
        return data


def claims_of_photo(path: Path) -> tuple[Claims, tuple[Note, ...]]:
    """Return what the tags state, and what was wrong with them; a file without tags states nothing.

    Never raises for what the bytes are: damaged tags are a note ``intake.photo_tags_unreadable``.
    """
    try:
        with BoundedFile(path) as photo:
            read = exifread.process_file(photo, details=False, extract_thumbnail=False)
        tags = {name: tag for name, tag in read.items() if isinstance(tag, IfdTag)}
        return Claims(times=tuple(_times(tags))), tuple(_place_notes(tags))
    except BudgetSpentError as error:
        return Claims(), (note("intake.photo_tags_endless", reason=str(error), tool=TOOL),)
    except _FAILURES as error:
        reason = f"{type(error).__name__}: {error}"[:200]
        return Claims(), (note("intake.photo_tags_unreadable", reason=reason, tool=TOOL),)


def _times(tags: Tags) -> Iterator[TimeClaim]:
    taken = [
        *_camera_time(tags, "EXIF DateTimeOriginal", "EXIF OffsetTimeOriginal", "EXIF SubSecTimeOriginal"),
        *_camera_time(tags, "EXIF DateTimeDigitized", "EXIF OffsetTimeDigitized", "EXIF SubSecTimeDigitized"),
    ]
    yield from taken or _camera_time(tags, "Image DateTime", "EXIF OffsetTime", "EXIF SubSecTime", anchor=Anchor.EITHER)
    yield from _gps_time(tags)


def _camera_time(
    tags: Tags, name: str, offset_name: str, fraction_name: str, *, anchor: Anchor = Anchor.START
) -> Iterator[TimeClaim]:
    if name not in tags:
        return
    raw, offset = _text(tags[name]), _text(tags.get(offset_name))
    zone = read_offset(offset)
    basis = ZoneBasis.EXPLICIT if zone else ZoneBasis.LOCAL
    at = read_moment(raw, zone or BEIJING, _text(tags.get(fraction_name)))
    written = f"{raw} {offset}".rstrip() if zone else raw
    yield TimeClaim(ClaimSource.EXIF, written, at, basis, anchor, detail=name, tool=TOOL)


def _gps_time(tags: Tags) -> Iterator[TimeClaim]:
    day, clock = tags.get("GPS GPSDate"), tags.get("GPS GPSTimeStamp")
    if day is None and clock is None:
        return
    status = _text(tags.get("GPS GPSStatus"))
    at = None if status == _GPS_VOID else read_gps(_text(day), clock.values if clock else ())
    raw = f"{_text(day)} {clock.printable if clock else ''}".strip()
    detail = "GPS GPSDate, GPS GPSTimeStamp" + (f", GPS GPSStatus {status}" if status else "")
    yield TimeClaim(ClaimSource.GPS, raw, at, ZoneBasis.EXPLICIT, Anchor.START, detail=detail, tool=TOOL)


def _place_notes(tags: Tags) -> Iterator[Note]:
    """Yield a note on a position that no place on earth has; the time beside it counts all the same."""
    latitude, longitude = (_degrees(tags.get(f"GPS GPS{name}")) for name in ("Latitude", "Longitude"))
    if latitude is not None and longitude is not None and not is_on_earth(latitude, longitude):
        yield impossible_position(latitude, longitude)


def _degrees(tag: IfdTag | None) -> float | None:
    """Return degrees of the three fractions of a GPS coordinate, without their side; None when they are none."""
    parts = tag.values if tag is not None else ()
    if not isinstance(parts, list | tuple) or len(parts) != 3:  # noqa: PLR2004 - degrees, minutes, seconds
        return None
    if any(not isinstance(part, Fraction | int) or not getattr(part, "denominator", 0) for part in parts):
        return None
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600


def _text(tag: IfdTag | None) -> str:
    if tag is None:
        return ""
    value = tag.values if isinstance(tag.values, str) else tag.printable
    return str(value).replace("\0", " ").rstrip()


def read_moment(text: str, zone: timezone, fraction: str = "") -> datetime | None:
    """Return the UTC time of an Exif date and time; blanks, zeros and impossible dates give None."""
    found = _MOMENT.fullmatch(text.strip())
    if not found:
        return None
    try:
        year, month, day, hour, minute, second = map(int, found.groups())
        moment = datetime(year, month, day, hour, minute, second, tzinfo=zone)
        return (moment + timedelta(seconds=_fraction(fraction))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _fraction(digits: str) -> float:
    clean = digits.strip()
    return float(f"0.{clean}") if clean.isascii() and clean.isdigit() else 0.0


def read_offset(text: str) -> timezone | None:
    """Return the zone of an Exif offset such as ``+08:00``; blanks and offsets no zone has give None."""
    found = _OFFSET.fullmatch(text.strip())
    if not found:
        return None
    length = timedelta(hours=int(found[2]), minutes=int(found[3]))
    if length > timedelta(hours=14) or int(found[3]) >= 60:  # noqa: PLR2004 - UTC+14 is the farthest zone
        return None
    return timezone(length if found[1] == "+" else -length)


def read_gps(day: str, clock: object) -> datetime | None:
    """Return the UTC time of GPSDateStamp and the three fractions of GPSTimeStamp; None when they are no time."""
    found = _DAY.fullmatch(day.strip())
    parts = _clock_parts(clock)
    if not found or parts is None:
        return None
    try:
        midnight = datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC)
    except ValueError:
        return None
    return midnight + timedelta(hours=parts[0], minutes=parts[1], seconds=float(parts[2]))


def _clock_parts(clock: object) -> tuple[int, int, Fraction] | None:
    if not isinstance(clock, list | tuple) or len(clock) != 3:  # noqa: PLR2004 - hours, minutes, seconds
        return None
    if any(not isinstance(part, Fraction | int) or not getattr(part, "denominator", 0) for part in clock):
        return None
    hours, minutes, seconds = (Fraction(part.numerator, part.denominator) for part in clock)
    whole = hours.denominator == minutes.denominator == 1
    valid = whole and 0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds < 60  # noqa: PLR2004 - a day's clock
    return (int(hours), int(minutes), seconds) if valid else None
