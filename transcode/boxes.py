"""The boxes of an MP4, MOV or 3GP file, walked within bounds: whatever the bytes are, the walk ends and never raises.

Only boxes that lead to a stated time or place are entered, and each only where the format puts it, so boxes nested
inside themselves (a real file nests 1,000 ``moov``) lead nowhere.

Source: ISO/IEC 14496-12 §4.2 (box), §8.2.1 (movie), QuickTime File Format (atoms, user data, metadata).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import SEEK_END
from typing import BinaryIO

TOOL = "evidock boxes 1"
"""Reader and version kept with each claim; the number rises when the same bytes would be read differently."""

MOST_BOXES = 20_000
MOST_DEPTH = 8
MOST_READ_BYTES = 8 << 20
LONGEST_PAYLOAD = 1 << 16
"""No box that states a time or a place is longer; more of it is not read."""

_HEADER, _LONG_HEADER = 8, 16
_TO_THE_END, _LONG = 0, 1
_INSIDE: dict[str, frozenset[bytes]] = {
    "": frozenset({b"moov"}),
    "moov": frozenset({b"trak", b"udta", b"meta"}),
    "moov/trak": frozenset({b"mdia", b"udta", b"meta"}),
    "moov/trak/mdia": frozenset({b"minf"}),
    "moov/trak/mdia/minf": frozenset({b"stbl"}),
    "moov/udta": frozenset({b"meta"}),
    "moov/trak/udta": frozenset({b"meta"}),
}
"""What is entered, by the path of what it lies in."""


@dataclass(frozen=True)
class Box:
    """One box.

    Attributes:
        path: where it lies, tracks numbered from 1: ``moov/trak[1]/tkhd``; bytes that are not ASCII as Latin-1.
        kind: its four letters.
        at: where its content starts in the file; size_bytes: how long the content is, within what holds it.
    """

    path: str
    kind: bytes
    at: int
    size_bytes: int


class BoxFile:
    """Walks the boxes of an open file, with one budget of boxes and bytes for all that is read of it."""

    def __init__(self, file: BinaryIO) -> None:
        """Begin at the start of ``file``."""
        self._file = file
        self._size_bytes = file.seek(0, SEEK_END)
        self._bytes_left = MOST_READ_BYTES
        self._boxes_left = MOST_BOXES

    def boxes(self) -> Iterator[Box]:
        """Yield the boxes that are entered or lie beside those, in the order of the file."""
        yield from self._walk("", "", 0, self._size_bytes, 0)

    def content(self, box: Box, most_bytes: int = LONGEST_PAYLOAD) -> bytes:
        """Return what a box holds, at most so many bytes of it."""
        return self.read(box.at, min(box.size_bytes, most_bytes))

    def read(self, at: int, size_bytes: int) -> bytes:
        """Return bytes of the file, fewer at its end or when the budget is spent."""
        wanted = min(size_bytes, self._bytes_left, max(0, self._size_bytes - at))
        if wanted <= 0 or at < 0:
            return b""
        self._file.seek(at)
        data = self._file.read(wanted)
        self._bytes_left -= len(data)
        return data

    def children(self, box: Box, skip_bytes: int = 0) -> Iterator[Box]:
        """Yield the boxes directly inside a box, after so many bytes of its content."""
        yield from self._level(box.path, box.at + skip_bytes, box.at + box.size_bytes)

    def _walk(self, path: str, plain: str, begin: int, end: int, depth: int) -> Iterator[Box]:
        tracks = 0
        for box in self._level(path, begin, end):
            tracks += box.kind == b"trak"
            numbered = f"{box.path}[{tracks}]" if box.kind == b"trak" else box.path
            here = Box(numbered, box.kind, box.at, box.size_bytes)
            yield here
            if depth < MOST_DEPTH and self._is_entered(plain, box.kind):
                below = f"{plain}/{box.kind.decode('latin-1')}".lstrip("/")
                inside = box.at + (self._meta_head(box) if box.kind == b"meta" else 0)
                yield from self._walk(numbered, below, inside, box.at + box.size_bytes, depth + 1)

    def _is_entered(self, plain: str, kind: bytes) -> bool:
        return kind in _INSIDE.get(plain, ())

    def _meta_head(self, box: Box) -> int:
        """Return the length of a full box's version and flags: QuickTime's ``meta`` has none, ISO's has."""
        return 0 if self.read(box.at + 4, 4) == b"hdlr" else 4

    def _level(self, path: str, begin: int, end: int) -> Iterator[Box]:
        """Yield the boxes of one level; one that reaches beyond what holds it is cut there and is the last."""
        at = begin
        while at + _HEADER <= end and self._boxes_left > 0:
            self._boxes_left -= 1
            head = self.read(at, _LONG_HEADER)
            if len(head) < _HEADER:
                return
            size_bytes, head_bytes = _size_of(head, at, end, top=not path)
            if size_bytes < head_bytes:
                return
            stop = min(at + size_bytes, end)
            kind = head[4:8]
            name = f"{path}/{kind.decode('latin-1')}".lstrip("/")
            yield Box(name, kind, at + head_bytes, max(0, stop - at - head_bytes))
            at = stop


def _size_of(head: bytes, at: int, end: int, *, top: bool) -> tuple[int, int]:
    """Return the size a header states and its own length; 0 where no box can follow."""
    size_bytes = int.from_bytes(head[:4], "big")
    if size_bytes == _LONG:
        return (int.from_bytes(head[8:16], "big"), _LONG_HEADER) if len(head) == _LONG_HEADER else (0, _HEADER)
    if size_bytes == _TO_THE_END and top:
        return end - at, _HEADER
    return size_bytes, _HEADER
