"""Files of one camera on their way through the judgement: what its clock showed, and when each can have been made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from evidence.claims import ClaimSource
from evidence.clock.corrections import Correction, correction_for
from evidence.clock.offsets import FREE, LEAP_S, Bounds, Node
from evidence.clock.readings import TOLERANCE_S
from evidence.clock.statement import Statement
from evidence.clock.verdicts import ClockVerdict
from evidence.docking import DockRecord
from evidence.ids import Digest

BACKING = frozenset(
    f"clock.{way}.{source}"
    for way in ("agrees", "local_as_utc")
    for source in (ClaimSource.CONTAINER, ClaimSource.EXIF, ClaimSource.MAKER, ClaimSource.ONSCREEN)
)
"""Rules that say that something else the camera wrote by its clock agrees with the file's name."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A file of a camera, as far as its clock is concerned.

    Attributes:
        statement: what the file itself says (`evidence.clock.state`).
        received_at: when it had left the camera at the latest, UTC: by its dock's record, else by its first intake.
        sequence: the camera's file counter; None when it has none.
        came_at: when it first came in, UTC, which tells its place in the copying; None is ``received_at``.
        listed: a dock's record lists it among what the camera held.
    """

    digest: Digest
    statement: Statement
    received_at: datetime
    sequence: int | None = None
    came_at: datetime | None = None
    listed: bool = False


@dataclass(slots=True)
class File:
    """A recording on its way through the judgement; times in seconds since 1970.

    Attributes:
        reading: what the camera's clock showed at the start, a confirmed shift taken off; None when it showed nothing.
        sound: the reading stands alone and undisputed, so that others may lean on it.
        real: the reading can be a real time.
        vouched: something other than the camera's clock places the recording: satellites, a tag with its own zone.
        stay: which docking it was made before; came: which one it came out of.
        kept: copying left the modification times of nearly all files alone that came with it.
        start: bounds of its true start, by docking and arrival.
        fell: its clock shows a time before the docking before it, and yet it was made after that.
        as_read: with the offset that the dock read, it lies between the docking before and this one.
        found_set: the dock found its camera's clock at no factory date.
        ordered: its place among the files of its stay is certain; by_clock: its clock is all that tells it.
        stray: it lies out of the order of the counters.
        lapse: how many seconds passed for each second of the file, where its neighbours say that it is no real time.
    """

    recording: Recording
    reading: float | None
    length_s: float
    arrival: float
    correction: Correction | None
    sound: bool
    real: bool
    vouched: bool
    stay: int = 0
    came: int = 0
    kept: bool = False
    start: Bounds = FREE
    fell: bool = False
    as_read: bool = False
    found_set: bool = False
    ordered: bool = False
    by_clock: bool = False
    stray: bool = False
    lapse: float | None = None

    @property
    def was_reset(self) -> bool:
        """Whether its clock had fallen back by its own showing."""
        return self.fell or (not self.real and self.reading is not None and self.reading < self.arrival - LEAP_S)

    @property
    def written_apart(self) -> bool:
        """Whether it was last written at another time than it is said to have ended; copying may have done that."""
        apart_s = self.recording.statement.written_s
        return apart_s is not None and abs(apart_s) > TOLERANCE_S

    @property
    def is_backed(self) -> bool:
        """Whether its camera wrote the same time elsewhere too, so that nobody gave the file another name."""
        written = self.kept and self.recording.statement.written_s is not None and not self.written_apart
        return written or any(rule.code in BACKING for rule in self.recording.statement.rules)

    @property
    def satellite(self) -> Bounds | None:
        """Bounds of the clock's offset by the file's own satellites, a confirmed shift taken off."""
        seen = self.recording.statement.satellite
        shift_s = self.correction.shift_s if self.correction else 0.0
        return None if seen is None else (seen[0] - shift_s, seen[1] - shift_s)

    def node(self, *, satellite: bool = True) -> Node:
        """Return the file as the arithmetic takes it; only with a reading."""
        stated = self.recording.statement
        start = (self.start[0], self.start[1] + stated.early_s)
        offset = self.satellite if satellite and self.satellite is not None else FREE
        step_s = 1.0 if self.vouched else stated.step_s
        return Node(self.reading or 0.0, step_s, self.length_s, start, offset, self.real)


def file_of(recording: Recording, corrections: Sequence[Correction]) -> File:
    """Return a recording with a confirmed shift taken off its clock."""
    stated = recording.statement
    vouched = not stated.own_clock and stated.verdict is not ClockVerdict.UNKNOWN
    shown = stated.span.start if stated.span else None
    shown = stated.unbelieved_start if vouched or stated.verdict is ClockVerdict.UNKNOWN else shown
    correction = correction_for(corrections, shown, recording.digest)
    reading = None if shown is None else shown.timestamp() - (correction.shift_s if correction else 0.0)
    sound = reading is not None and (not stated.mixed or correction is not None)
    real = shown is not None and (shown != stated.unbelieved_start or correction is not None)
    arrival = recording.received_at.timestamp()
    return File(recording, reading, stated.length_s, arrival, correction, sound, real, vouched)


def shifted(record: DockRecord, corrections: Sequence[Correction]) -> DockRecord:
    """Return a dock's record with a confirmed shift taken off what the camera's clock showed."""
    correction = correction_for(corrections, record.device_time)
    if correction is None or record.device_time is None:
        return record
    return replace(record, device_time=record.device_time - timedelta(seconds=correction.shift_s))
