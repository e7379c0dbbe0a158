"""Fixes out of the text a receiver logs beside a video: NMEA 0183 sentences and GPX, from any text, never failing.

A log cut by a power failure gives what it holds; a sentence whose checksum is wrong is passed over.

Source: NMEA 0183 (RMC: recommended minimum data), GPX 1.1 (trkpt, time, fix); docs/devices.md (sidecars .nmea .gps
.txt .log).
"""

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import reduce
from itertools import islice

from evidence.gps_fixes import Fix

MOST_FIXES = 200_000
"""Five and a half hours at ten fixes a second; a longer log is read so far."""

MOST_CHARACTERS = 64 * 1024 * 1024

_RMC = re.compile(
    r"\$(?P<body>[A-Z]{2}RMC,"
    r"(?P<clock>\d{6}(?:\.\d{1,9})?)?,(?P<status>[AV])?,"
    r"(?P<lat>\d{1,7}(?:\.\d{1,9})?)?,(?P<ns>[NS])?,(?P<lon>\d{1,7}(?:\.\d{1,9})?)?,(?P<ew>[EW])?,"
    r"[^,$*\r\n]{0,20},[^,$*\r\n]{0,20},(?P<day>\d{6})?[^$*\r\n]{0,60})(?:\*(?P<sum>[0-9A-Fa-f]{2}))?"
)
_POINT = re.compile(r"<(?:\w{1,20}:)?(?:trkpt|rtept|wpt)\b([^<>]{0,400})>")
_ATTRIBUTE = re.compile(r"""\b(lat|lon)\s{0,5}=\s{0,5}["']([^"']{1,40})["']""")
_TIME = re.compile(r"<(?:\w{1,20}:)?time>\s{0,40}([0-9T:.,+\-Z ]{10,40}?)\s{0,40}</")
_NO_FIX = re.compile(r"<(?:\w{1,20}:)?fix>\s{0,40}none\s{0,40}</")
_CENTURY_TURN = 80


def fixes_of_text(text: str) -> tuple[Fix, ...]:
    """Return the fixes of an NMEA log or a GPX track in the order of the text; none when it is neither."""
    within = text[:MOST_CHARACTERS]
    reader = _gpx if "<trkpt" in within or "<gpx" in within or ":trkpt" in within else _nmea
    return tuple(islice(reader(within), MOST_FIXES))


def _nmea(text: str) -> Iterator[Fix]:
    for found in _RMC.finditer(text):
        at = _nmea_time(found["day"], found["clock"])
        if at is not None and _sum_holds(found["body"], found["sum"]):
            latitude, longitude = _degrees(found["lat"], found["ns"]), _degrees(found["lon"], found["ew"])
            yield Fix(at, latitude, longitude, valid=found["status"] == "A")


def _sum_holds(body: str, stated: str | None) -> bool:
    """Whether the checksum is right, or not written."""
    return stated is None or reduce(lambda left, right: left ^ ord(right), body, 0) == int(stated, 16)


def _nmea_time(day: str | None, clock: str | None) -> datetime | None:
    if day is None or clock is None:
        return None
    year = int(day[4:6])
    fraction = f"{clock[7:]:0<6}"[:6]
    try:
        return datetime(
            (1900 if year >= _CENTURY_TURN else 2000) + year,
            int(day[2:4]),
            int(day[:2]),
            int(clock[:2]),
            int(clock[2:4]),
            int(clock[4:6]),
            int(fraction),
            tzinfo=UTC,
        )
    except ValueError:
        return None


def _degrees(stated: str | None, side: str | None) -> float | None:
    """Return decimal degrees of ``dddmm.mmmm``; south and west are negative."""
    if stated is None:
        return None
    degrees, minutes = divmod(float(stated), 100)
    value = degrees + minutes / 60
    return -value if side in {"S", "W"} else value


def _gpx(text: str) -> Iterator[Fix]:
    """Yield points that state a time; each reaches to the next, so that a cut log needs no closing tag."""
    points = list(islice(_POINT.finditer(text), MOST_FIXES))
    ends = [point.start() for point in points[1:]] + [len(text)]
    for point, end in zip(points, ends, strict=True):
        inside = text[point.end() : min(end, point.end() + 4000)]
        at = _gpx_time(inside)
        if at is not None:
            place = {name: _number(value) for name, value in _ATTRIBUTE.findall(point[1])}
            yield Fix(at, place.get("lat"), place.get("lon"), valid=_NO_FIX.search(inside) is None)


def _gpx_time(inside: str) -> datetime | None:
    """Return the UTC time of a point: GPX times are UTC, with or without saying so."""
    found = _TIME.search(inside)
    try:
        at = datetime.fromisoformat(found[1].strip()) if found else None
        return at and (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
