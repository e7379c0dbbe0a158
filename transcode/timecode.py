"""The timecode track of an MP4 or MOV: a time of day by frames, without a date.

Source: QuickTime File Format (timecode sample description and sample), SMPTE ST 12-1 (drop-frame compensation).
"""

import struct
from collections.abc import Iterator
from fractions import Fraction

from evidence.claims import Anchor, ClaimSource, TimeClaim, ZoneBasis
from transcode.boxes import TOOL, Box, BoxFile


class TimecodeTrack:
    """Follows the timecode track: description, then where its one sample lies, then the sample's frame number."""

    _ENTRY = struct.Struct(">4x4x4x4s6x2x4xIIIB")  # box: version, count; entry: size, name, …, flags, scale, step, rate
    _DROP_FRAME = 1

    def __init__(self, boxes: BoxFile) -> None:
        self._boxes = boxes
        self._description: tuple[int, int, int, int] | None = None

    def meet(self, box: Box) -> Iterator[TimeClaim]:
        """Yield the timecode once the box is met that says where the track's sample lies."""
        if box.kind == b"trak":
            self._description = None
        elif box.kind == b"stsd":
            self._description = self._described(self._boxes.content(box, self._ENTRY.size))
        elif box.kind in {b"stco", b"co64"} and self._description:
            width = 4 if box.kind == b"stco" else 8
            at = int.from_bytes(self._boxes.content(box, 16)[8 : 8 + width], "big")
            sample = self._boxes.read(at, 4) if at else b""
            if len(sample) == 4:  # noqa: PLR2004 – one frame number
                yield self._claim(box.path.partition("/mdia")[0], int.from_bytes(sample, "big"))

    def _described(self, content: bytes) -> tuple[int, int, int, int] | None:
        if len(content) < self._ENTRY.size:
            return None
        name, flags, scale, step, rate = self._ENTRY.unpack(content)
        return (flags, scale, step, rate) if name == b"tmcd" and scale and step and rate else None

    def _claim(self, track: str, frames: int) -> TimeClaim:
        flags, scale, step, rate = self._description or (0, 1, 1, 1)
        drop = bool(flags & self._DROP_FRAME)
        raw = f"{timecode_of(frames, rate, drop=drop)} @ {Fraction(scale, step)}"
        return TimeClaim(
            ClaimSource.CONTAINER, raw, None, ZoneBasis.LOCAL, Anchor.START, step / scale, f"{track}/tmcd", TOOL
        )


def timecode_of(frames: int, rate: int, *, drop: bool) -> str:
    """Return ``HH:MM:SS:FF`` of a frame number; drop-frame code leaves out two numbers a minute but every tenth.

    Source: SMPTE ST 12-1 (drop-frame compensation).
    """
    if drop:
        left_out = 2 * max(1, rate // 30)
        minute, ten = rate * 60 - left_out, rate * 600 - 9 * left_out
        tens, rest = divmod(frames, ten)
        frames += 9 * left_out * tens + (left_out * ((rest - left_out) // minute) if rest > left_out else 0)
    seconds, frame = divmod(frames, rate)
    hours, minutes, second = seconds // 3600 % 24, seconds // 60 % 60, seconds % 60
    return f"{hours:02d}:{minutes:02d}:{second:02d}{';' if drop else ':'}{frame:02d}"
