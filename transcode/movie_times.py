"""Times and places that the boxes of an MP4, MOV or 3GP state, each with the box it was read from.

A header counts seconds since 1904 in UTC, and many makers write their local time into it all the same: the basis says
UTC *by format*. A modification time is kept beside its creation time in ``detail`` and never stands for it.

Source: ISO/IEC 14496-12 §8.2.2 (movie header), §8.3.2 (track header), §8.4.2 (media header), §8.4.3 (handler);
QuickTime File Format (user data ``©day``, metadata keys); 3GPP TS 26.244 §8.2 (loci).
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from evidence.claims import Anchor, ClaimSource, TimeClaim, ZoneBasis
from evidence.gps_fixes import impossible_position, is_on_earth
from evidence.notes import Note
from evidence.zones import to_utc_iso
from transcode.boxes import TOOL, Box, BoxFile
from transcode.dates import basis_of, read_date
from transcode.timecode import TimecodeTrack

EPOCH = datetime(1904, 1, 1, tzinfo=UTC)

_HEADERS = frozenset({b"mvhd", b"tkhd", b"mdhd"})
_DATE_KEYS = frozenset({"com.apple.quicktime.creationdate", "com.android.capture.time"})
_PLACE_KEYS = frozenset({"com.apple.quicktime.location.ISO6709"})
_MOST_KEYS = 1000
_ISO_6709 = re.compile(r"^([+-]\d{1,3}(?:\.\d{1,12})?)([+-]\d{1,3}(?:\.\d{1,12})?)")
_FIXED_POINT = 65536


@dataclass(frozen=True)
class BoxTimes:
    """What the boxes state.

    Attributes:
        has_movie: a movie header was there, so that what another tool says of creation times repeats it.
    """

    times: tuple[TimeClaim, ...] = ()
    notes: tuple[Note, ...] = ()
    has_movie: bool = False


def movie_times(path: Path) -> BoxTimes:
    """Return what the boxes of a file state; nothing for a file that has none, whatever its bytes are.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return times_of_boxes(file)


def times_of_boxes(file: BinaryIO) -> BoxTimes:
    """Return what the boxes of an open file state; see `movie_times`."""
    return _MovieReader(BoxFile(file)).read()


class _MovieReader:
    """Collects the claims of one file, box by box."""

    def __init__(self, boxes: BoxFile) -> None:
        self._boxes = boxes
        self._keys: list[str] = []
        self._places: list[tuple[float, float]] = []
        self._has_movie = False

    def read(self) -> BoxTimes:
        times: list[TimeClaim] = []
        timecode = TimecodeTrack(self._boxes)
        for box in self._boxes.boxes():
            times.extend(self._of(box))
            times.extend(timecode.meet(box))
        bad = [place for place in self._places if not is_on_earth(*place)]
        notes = tuple(dict.fromkeys(impossible_position(*place) for place in bad))
        return BoxTimes(tuple(dict.fromkeys(times)), notes, self._has_movie)

    def _of(self, box: Box) -> Iterator[TimeClaim]:
        if box.kind in _HEADERS:
            self._has_movie = self._has_movie or box.kind == b"mvhd"
            yield from _header(box, self._boxes.content(box, 32))
        elif box.kind == b"keys":
            self._keys = _key_names(self._boxes.content(box))
        elif box.kind == b"ilst":
            yield from self._items(box)
        elif box.path.startswith("moov/udta/"):
            yield from self._user_data(box)

    def _items(self, items: Box) -> Iterator[TimeClaim]:
        for item in self._boxes.children(items):
            name = self._name_of(item.kind)
            if name not in _DATE_KEYS | _PLACE_KEYS | {"©day"}:
                continue
            for data in self._boxes.children(item):
                text = _text(self._boxes.content(data)[8:])
                if data.kind == b"data" and name in _PLACE_KEYS:
                    self._place(text)
                elif data.kind == b"data":
                    yield from _written(text, f"{items.path}/{name}")

    def _name_of(self, kind: bytes) -> str:
        """Return an item's name: by number in the list of keys (QuickTime), or its own four letters (iTunes)."""
        number = int.from_bytes(kind, "big")
        return self._keys[number - 1] if 1 <= number <= len(self._keys) else kind.decode("latin-1")

    def _user_data(self, box: Box) -> Iterator[TimeClaim]:
        if box.kind == b"\xa9day":
            for text in _international(self._boxes.content(box)):
                yield from _written(text, box.path)
        elif box.kind == b"date":
            yield from _written(_text(self._boxes.content(box)), box.path)
        elif box.kind == b"\xa9xyz":
            for text in _international(self._boxes.content(box)):
                self._place(text)
        elif box.kind == b"loci":
            self._places.extend(_loci(self._boxes.content(box)))

    def _place(self, text: str) -> None:
        found = _ISO_6709.match(text)
        if found:
            self._places.append((float(found[1]), float(found[2])))


# --- headers ---------------------------------------------------------------------------------------------------------


def _header(box: Box, content: bytes) -> Iterator[TimeClaim]:
    """Yield the creation time of a header; a modification time that differs is named in the detail."""
    form = ">QQ" if content[:1] == b"\x01" else ">II"
    if len(content) < 4 + struct.calcsize(form):
        return
    created, modified = struct.unpack_from(form, content, 4)
    detail = box.path if modified == created else f"{box.path} (modified {_named(modified)})"
    at = header_time(created) if created else None
    yield TimeClaim(
        ClaimSource.CONTAINER, _raw(created), at, ZoneBasis.UTC_BY_FORMAT, Anchor.EITHER, detail=detail, tool=TOOL
    )


def header_time(seconds: int) -> datetime | None:
    """Return the instant so many seconds after the start of 1904; None beyond the calendar."""
    try:
        return EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _raw(seconds: int) -> str:
    """Return a header's number as the time it means by the format, and as the number it is."""
    return f"{_named(seconds)} ({seconds})" if header_time(seconds) else str(seconds)


def _named(seconds: int) -> str:
    at = header_time(seconds)
    return to_utc_iso(at) if at else str(seconds)


# --- dates people and makers write -----------------------------------------------------------------------------------


def _written(text: str, detail: str) -> Iterator[TimeClaim]:
    """Yield the claim of a written date: the maker's when it names its offset, else a wall clock's."""
    if not text:
        return
    basis = basis_of(text)
    at, precision_s = read_date(text, basis)
    explicit = basis is ZoneBasis.EXPLICIT
    source, anchor = (ClaimSource.MAKER, Anchor.START) if explicit else (ClaimSource.CONTAINER, Anchor.EITHER)
    yield TimeClaim(source, text, at, basis, anchor, precision_s, detail, TOOL)


def _text(content: bytes) -> str:
    return content[:200].split(b"\x00", 1)[0].decode("utf-8", "replace").strip()


def _international(content: bytes) -> Iterator[str]:
    """Yield the texts of a QuickTime user data item: length, language, text, one after the other."""
    at = 0
    while at + 4 <= len(content):
        length = int.from_bytes(content[at : at + 2], "big")
        text = _text(content[at + 4 : at + 4 + length])
        if text:
            yield text
        at += 4 + length


def _key_names(content: bytes) -> list[str]:
    """Return the names of a ``keys`` box in the order items number them."""
    names: list[str] = []
    at, count = 8, min(int.from_bytes(content[4:8], "big"), _MOST_KEYS)
    while len(names) < count and at + 8 <= len(content):
        size_bytes = int.from_bytes(content[at : at + 4], "big")
        if size_bytes < 8:  # noqa: PLR2004 – size and namespace
            break
        names.append(content[at + 8 : at + size_bytes].decode("utf-8", "replace"))
        at += size_bytes
    return names


def _loci(content: bytes) -> Iterator[tuple[float, float]]:
    """Yield latitude and longitude of a location information box."""
    name = content[6:]
    wide = name[:2] in {b"\xfe\xff", b"\xff\xfe"}
    ends = next((i for i in range(0, len(name) - 1, 2) if name[i : i + 2] == b"\0\0"), -1) if wide else name.find(b"\0")
    rest = name[ends + (2 if wide else 1) :]
    if ends >= 0 and len(rest) >= 9:  # noqa: PLR2004 – role, longitude, latitude
        longitude, latitude = struct.unpack_from(">ii", rest, 1)
        yield latitude / _FIXED_POINT, longitude / _FIXED_POINT
