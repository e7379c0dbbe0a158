"""What one ffmpeg run told: its log read line by line while it runs, and the files its filters wrote.

Times are seconds of media time from the container's first moment, as the filters give them.

Source: messages of ffmpeg 4.4 to 7 at level verbose, read with the flags ``repeat`` and ``level``.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from evidence.clips import QualityKind, QualitySpan

_BLACK = re.compile(r"^\[blackdetect @ \S+\] .*black_start:\s*(-?[\d.]+) black_end:\s*(-?[\d.]+)")
_EVENT = re.compile(
    r"^\[(?:freezedetect|silencedetect) @ \S+\] .*?(?P<what>freeze|silence)_(?P<edge>start|end): (?P<at>-?[\d.]+)"
)
_DECODED = re.compile(
    r"Input stream #\d+:(?P<index>\d+) \((?:video|audio)\): (?P<packets>\d+) packets read .*?"
    r"(?P<frames>\d+) frames decoded(?: \((?P<samples>\d+) samples\))?"
)
_FAILED_PACKET = re.compile(
    r"Error while decoding stream #|Error submitting (?:a )?packet to (?:the )?decoder|corrupt decoded frame"
)
_EXHAUSTED = re.compile(r"Cannot allocate memory|File too large")
_DISK_FULL = re.compile(r"No space left on device|Disk quota exceeded")
_PTS = re.compile(r"pts_time:(-?[\d.]+)")
_LEVEL = re.compile(r"Peak_level=(-?[\d.]+|-?inf|nan)")
_TAIL_BYTES = 4096
_GAP_S = 1.001  # one picture a second is a slow camera, not a gap
_LEAST_S = 2.0  # what the detectors were told
_DB_PER_DECADE = 20.0


@dataclass(frozen=True)
class Decoded:
    """How much of one stream came out of its decoder. ``samples`` counts sound per channel, 0 for pictures."""

    packets: int
    frames: int
    samples: int


@dataclass
class Log:
    """Collects what the log says; `read` is called with each line."""

    decoded: dict[int, Decoded] = field(default_factory=dict)
    failed_packets: int = 0
    exhausted: bool = False
    disk_full: bool = False
    _black: list[QualitySpan] = field(default_factory=list)
    _closed: list[QualitySpan] = field(default_factory=list)
    _open: dict[QualityKind, float] = field(default_factory=dict)

    def read(self, line: str) -> None:
        """Take in one line of the log."""
        if black := _BLACK.search(line):
            self._black.append(QualitySpan(QualityKind.BLACK, float(black.group(1)), float(black.group(2))))
        elif event := _EVENT.search(line):
            self._note(event)
        elif decoded := _DECODED.search(line):
            counts = Decoded(*(int(decoded.group(name) or 0) for name in ("packets", "frames", "samples")))
            self.decoded[int(decoded.group("index"))] = counts
        elif _FAILED_PACKET.search(line):
            self.failed_packets += 1
        self.exhausted = self.exhausted or bool(_EXHAUSTED.search(line))
        self.disk_full = self.disk_full or bool(_DISK_FULL.search(line))

    def spans(self, end_s: float, step_s: float) -> tuple[QualitySpan, ...]:
        """Return the marked stretches in order, those of a kind that touch as one.

        One still open, or closed within two steps of the end, lasts to the end of the clip.
        """
        left = [QualitySpan(kind, start_s, end_s) for kind, start_s in self._open.items()]
        bounded = [_bounded(span, end_s, step_s) for span in (*self._black, *self._closed, *left)]
        merged = (joined for kind in QualityKind for joined in _joined(bounded, kind, step_s))
        return tuple(sorted(merged, key=_order))

    def _note(self, event: re.Match[str]) -> None:
        kind = QualityKind.FROZEN if event.group("what") == "freeze" else QualityKind.SILENT
        at = float(event.group("at"))
        if event.group("edge") == "start":
            self._open[kind] = at
        elif kind in self._open:
            self._closed.append(QualitySpan(kind, self._open.pop(kind), at))


@dataclass(frozen=True)
class Frames:
    """Time stamps of the pictures that decoded, in seconds; ``end_s`` includes the last picture's own length."""

    first_s: float
    last_s: float
    count: int

    @property
    def end_s(self) -> float:
        """Return when the last picture ends, taking the average distance for its length."""
        return self.last_s + (self.last_s - self.first_s) / (self.count - 1) if self.count > 1 else self.last_s


def read_frames(path: Path, count: int) -> Frames | None:
    """Return first and last time stamp of the frames file; None when nothing decoded."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        head = file.read(_TAIL_BYTES)
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        tail = file.read()
    stamps = [_PTS.findall(part.decode("ascii", "replace")) for part in (head, tail)]
    if not all(stamps):
        return None
    return Frames(float(stamps[0][0]), float(stamps[1][-1]), count)


def read_gaps(path: Path) -> Iterator[tuple[float, float]]:
    """Yield start and end of each stretch longer than a second without any picture."""
    before_s: float | None = None
    with path.open("r", encoding="ascii", errors="replace") as file:
        for stamp in (_PTS.search(line) for line in file):
            if stamp is None:
                continue
            at_s = float(stamp.group(1))
            if before_s is not None and at_s - before_s > _GAP_S:
                yield before_s, at_s
            before_s = at_s


def without_gaps(spans: Iterable[QualitySpan], gaps: Iterable[tuple[float, float]]) -> tuple[QualitySpan, ...]:
    """Return the stretches less the frozen ones that are mostly a gap: no picture came, which is not a still one.

    A camera of variable rate leaves such gaps; the detector only sees that two seconds passed between two pictures.
    """
    held = tuple(gaps)
    return tuple(span for span in spans if span.kind is not QualityKind.FROZEN or _pictured_s(span, held) >= _LEAST_S)


def _pictured_s(span: QualitySpan, gaps: Iterable[tuple[float, float]]) -> float:
    empty_s = sum(max(0.0, min(span.end_s, end_s) - max(span.start_s, start_s)) for start_s, end_s in gaps)
    return span.end_s - span.start_s - empty_s


def read_levels(path: Path) -> Iterator[tuple[float, float]]:
    """Yield (time in seconds, peak 0–1) for each stretch of sound the levels file holds."""
    if not path.is_file():
        return
    at_s = 0.0
    with path.open("r", encoding="ascii", errors="replace") as file:
        for line in file:
            if stamp := _PTS.search(line):
                at_s = float(stamp.group(1))
            elif level := _LEVEL.search(line):
                yield at_s, _share(float(level.group(1)))


def _share(level_db: float) -> float:
    return min(1.0, 10 ** (level_db / _DB_PER_DECADE)) if level_db == level_db else 0.0  # noqa: PLR0124 – not a number


def _bounded(span: QualitySpan, end_s: float, step_s: float) -> QualitySpan:
    end = end_s if span.end_s > end_s - 2 * step_s else span.end_s
    return QualitySpan(span.kind, round(max(0.0, span.start_s), 3), round(max(0.0, end), 3))


def _joined(spans: Iterable[QualitySpan], kind: QualityKind, step_s: float) -> list[QualitySpan]:
    """Return the spans of a kind with neighbours joined: a detector starts anew when it has named a stretch."""
    joined: list[QualitySpan] = []
    for span in sorted((span for span in spans if span.kind is kind and span.end_s > span.start_s), key=_order):
        if joined and span.start_s - joined[-1].end_s <= step_s:
            joined[-1] = QualitySpan(kind, joined[-1].start_s, max(joined[-1].end_s, span.end_s))
        else:
            joined.append(span)
    return joined


def _order(span: QualitySpan) -> tuple[float, float, str]:
    return span.start_s, span.end_s, span.kind.value
