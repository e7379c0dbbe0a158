"""Times that a container states, each kept apart with where it was read; none is judged here.

A movie header counts seconds since 1904 in UTC, and many makers write their local time into it all the same: the basis
says UTC *by format*. ffprobe's trailing ``Z`` repeats the format, it is no knowledge of ours.

Source: ISO/IEC 14496-12 §8.2.2 (movie header), QuickTime File Format (com.apple.quicktime.creationdate),
RIFF INFO (ICRD), EBU Tech 3285 (OriginationDate), RFC 9559 (DateUTC).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from evidence.claims import Anchor, ClaimSource, TimeClaim, ZoneBasis
from evidence.zones import BEIJING
from transcode.ffprobe import Inspection, Tags

_MAKER_TAGS = ("com.apple.quicktime.creationdate", "com.android.capture.time")
_LOCAL_TAGS = ("date", "creation_date", "DateTimeOriginal")
_NOT_SET_YEARS = frozenset({1904, 1970})
_DIGITS = re.compile(r"^\D*(\d{4})\D?(\d{2})\D?(\d{2})(?:\D(\d{2})\D?(\d{2})(?:\D?(\d{2})(?:\.(\d+))?)?)?")
_OFFSET = re.compile(r"([+-]\d{2}:?\d{2})$")
_DAY_S = 86400.0
_MINUTE_S = 60.0


def time_claims(inspection: Inspection, tool: str) -> tuple[TimeClaim, ...]:
    """Return every time the container states, in the order it states them."""
    return tuple(_claims(inspection, tool))


def _claims(inspection: Inspection, tool: str) -> Iterator[TimeClaim]:
    yield from _of(inspection.tags, "format", tool)
    for track in inspection.tracks:
        yield from _of(track.tags, f"stream:{track.index}", tool)


def _of(tags: Tags, place: str, tool: str) -> Iterator[TimeClaim]:
    if "creation_time" in tags:
        yield _header_time(tags["creation_time"], f"{place}:creation_time", tool)
    for name in (*_MAKER_TAGS, *_LOCAL_TAGS):
        if name in tags:
            yield _stated_time(tags[name], name, f"{place}:{name}", tool)
    if "origination_date" in tags:
        stated = f"{tags['origination_date']} {tags.get('origination_time', '')}".strip()
        yield _stated_time(stated, "date", f"{place}:origination_date", tool)
    if "timecode" in tags:
        yield _claim(tags["timecode"], None, ZoneBasis.LOCAL, 1.0, f"{place}:timecode", tool)


def _header_time(raw: str, detail: str, tool: str) -> TimeClaim:
    basis = ZoneBasis.UTC_BY_FORMAT if raw.rstrip().endswith("Z") else ZoneBasis.LOCAL
    at, precision_s = _read(raw, basis)
    return _claim(raw, at, basis, precision_s, detail, tool)


def _stated_time(raw: str, name: str, detail: str, tool: str) -> TimeClaim:
    """Return the claim of a tag that people or makers write: explicit when it carries an offset, local when not."""
    basis = ZoneBasis.EXPLICIT if _OFFSET.search(raw.strip()) or raw.strip().endswith("Z") else ZoneBasis.LOCAL
    at, precision_s = _read(raw, basis)
    is_maker = name in _MAKER_TAGS or basis is ZoneBasis.EXPLICIT
    source, anchor = (ClaimSource.MAKER, Anchor.START) if is_maker else (ClaimSource.CONTAINER, Anchor.EITHER)
    return TimeClaim(source, raw, at, basis, anchor, precision_s, detail, tool)


def _claim(raw: str, at: datetime | None, basis: ZoneBasis, precision_s: float, detail: str, tool: str) -> TimeClaim:
    return TimeClaim(ClaimSource.CONTAINER, raw, at, basis, Anchor.EITHER, precision_s, detail, tool)


def _read(raw: str, basis: ZoneBasis) -> tuple[datetime | None, float]:
    """Return the instant in UTC and its step in seconds; None when it says "not set" or is no time."""
    text = raw.strip()
    found = _DIGITS.match(text)
    if not found:
        return None, 1.0
    year, month, day, hour, minute, second, fraction = found.groups()
    precision_s = _DAY_S if hour is None else _MINUTE_S if second is None else 1.0
    try:
        wall = datetime(  # noqa: DTZ001 – the zone is put on two lines further down
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), _micro(fraction)
        )
        at = wall.replace(tzinfo=UTC if basis is ZoneBasis.UTC_BY_FORMAT else BEIJING)
        at = _with_offset(wall, text) if basis is ZoneBasis.EXPLICIT else at
        at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None, precision_s
    return (None if _is_epoch(wall) else at), precision_s


def _with_offset(wall: datetime, text: str) -> datetime:
    offset = _OFFSET.search(text)
    return datetime.fromisoformat(f"{wall.isoformat()}{offset.group(1) if offset else '+00:00'}")


def _micro(fraction: str | None) -> int:
    return int((fraction or "0")[:6].ljust(6, "0"))


def _is_epoch(wall: datetime) -> bool:
    return wall.year in _NOT_SET_YEARS and (wall.month, wall.day) == (1, 1)
