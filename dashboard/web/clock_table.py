"""A camera's clock as a table: what the drift plot shows, one row for each docking and file, the newest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.camera_clock_words import is_by_satellite
from dashboard.web.drift import offset_bounds, real_start
from evidence.clock_views import CameraClock, ClockFile, ClockReading


@dataclass(frozen=True)
class HistoryRow:
    """A docking or a file.

    Attributes:
        at: when it was, by real time as far as that is known.
        bounds: offsets of the camera's clock; None when nothing bounds them.
        seen: somebody witnessed the clock.
        shown: what the camera's clock showed, UTC; None when that is not known.
        reset: ``before`` or ``after`` when the clock was reset before or after this file, else empty.
    """

    at: datetime
    shown: datetime | None = None
    reading: ClockReading | None = None
    file: ClockFile | None = None
    bounds: tuple[float, float] | None = None
    seen: bool = True
    satellite: bool = False
    reset: str = ""


def history_rows(clock: CameraClock, files: Sequence[ClockFile]) -> list[HistoryRow]:
    """Return the rows of a camera's history for some of its files, the newest first."""
    rows = [*file_rows(clock, files), *(reading_row(one) for one in clock.readings)]
    first = min((row.at for row in rows if row.file is not None), default=None)
    kept = [row for row in rows if first is None or len(files) == len(clock.files) or row.at >= first]
    return sorted(kept, key=lambda row: row.at, reverse=True)


def reading_row(reading: ClockReading) -> HistoryRow:
    """Return the row of a docking."""
    shown = None if reading.offset_s is None else reading.at + timedelta(seconds=reading.offset_s)
    return HistoryRow(reading.at, shown, reading=reading)


def file_rows(clock: CameraClock, files: Sequence[ClockFile]) -> Iterator[HistoryRow]:
    """Yield a row for each file."""
    jumps = {after: "before" for _, after in clock.resets if after}
    jumps = {before: "after" for before, after in clock.resets if before and not after} | jumps
    for file in files:
        yield HistoryRow(
            real_start(file),
            file.shown,
            file=file,
            bounds=offset_bounds(file),
            seen=file.offset is not None,
            satellite=is_by_satellite(file.clock.rules),
            reset=jumps.get(file.digest, ""),
        )
