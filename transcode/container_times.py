"""Times that a container states, each kept apart with where it was read; none is judged here.

A movie header counts seconds since 1904 in UTC, and many makers write their local time into it all the same: the basis
says UTC *by format*. ffprobe's trailing ``Z`` repeats the format, it is no knowledge of ours.

Source: ISO/IEC 14496-12 §8.2.2 (movie header), QuickTime File Format (com.apple.quicktime.creationdate),
RIFF INFO (ICRD), EBU Tech 3285 (OriginationDate), RFC 9559 (DateUTC).
"""

from collections.abc import Iterator
from datetime import datetime

from evidence.claims import Anchor, ClaimSource, TimeClaim, ZoneBasis
from transcode.dates import basis_of, read_date
from transcode.ffprobe import Inspection, Tags

_MAKER_TAGS = ("com.apple.quicktime.creationdate", "com.android.capture.time")
_LOCAL_TAGS = ("date", "creation_date", "DateTimeOriginal")


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
    at, precision_s = read_date(raw, basis)
    return _claim(raw, at, basis, precision_s, detail, tool)


def _stated_time(raw: str, name: str, detail: str, tool: str) -> TimeClaim:
    """Return the claim of a tag that people or makers write: explicit when it carries an offset, local when not."""
    basis = basis_of(raw)
    at, precision_s = read_date(raw, basis)
    is_maker = name in _MAKER_TAGS or basis is ZoneBasis.EXPLICIT
    source, anchor = (ClaimSource.MAKER, Anchor.START) if is_maker else (ClaimSource.CONTAINER, Anchor.EITHER)
    return TimeClaim(source, raw, at, basis, anchor, precision_s, detail, tool)


def _claim(raw: str, at: datetime | None, basis: ZoneBasis, precision_s: float, detail: str, tool: str) -> TimeClaim:
    return TimeClaim(ClaimSource.CONTAINER, raw, at, basis, Anchor.EITHER, precision_s, detail, tool)
