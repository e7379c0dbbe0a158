"""Small histories of one camera's clock, a file or a docking in a line: what it showed, and what really was."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from evidence.claims import Anchor, ClaimSource, TimeClaim, ZoneBasis
from evidence.clips import Kind
from evidence.clock import CameraJudgement, ClockJudgement, Correction, Recording, judge_camera, state
from evidence.docking import DockRecord
from evidence.ids import DeviceId, Digest
from evidence.zones import BEIJING

MONDAY = datetime(2026, 3, 2, tzinfo=BEIJING)
CAMERA = DeviceId("D1")
TEN_MINUTES = 600.0


def hour(count: float, day: int = 0) -> datetime:
    """Return so many hours into a day, counted from Monday."""
    return MONDAY + timedelta(days=day, hours=count)


@dataclass(frozen=True)
class Shot:
    """A file: real start, and how far its camera's clock was off. Arrives in the evening of its day by default.

    Attributes:
        real: of the start. off_s: camera's clock minus real time.
        named: what the name states instead; the clock's showing when None.
        gps: a satellite track runs along. written: when the file was last written; None: not known.
        copied: when it was copied, where a dock's record, listing it, tells when it came; None: when it came.
    """

    name: str
    real: datetime
    off_s: float = 0.0
    came: datetime | None = None
    number: int | None = None
    named: datetime | None = None
    gps: bool = False
    written: datetime | None = None
    head_s: float = 0.0
    length_s: float = TEN_MINUTES
    copied: datetime | None = None

    @property
    def arrival(self) -> datetime:
        """When it came in."""
        midnight = self.real.replace(hour=0, minute=0, second=0, microsecond=0)
        return self.came or midnight + timedelta(hours=19, minutes=10)

    def recording(self) -> Recording:
        """Return it as the judgement takes it."""
        shown = self.named or self.real + timedelta(seconds=self.off_s)
        claims = [claim(ClaimSource.FILE_NAME, shown)]
        if self.gps:
            claims.append(claim(ClaimSource.GPS_TRACK, self.real, ZoneBasis.EXPLICIT))
        if self.written:
            claims.append(replace(claim(ClaimSource.MTIME, self.written, ZoneBasis.SYSTEM), anchor=Anchor.END))
        came, head_s = self.arrival, self.head_s
        stated = state(claims, kind=Kind.VIDEO, duration_s=self.length_s, received_at=came, head_s=head_s)
        return Recording(Digest(self.name), stated, came, self.number, self.copied, listed=self.copied is not None)


def claim(source: ClaimSource, at: datetime, zone: ZoneBasis = ZoneBasis.LOCAL) -> TimeClaim:
    """Return what a source states of a start."""
    return TimeClaim(source, str(at), at, zone, Anchor.START)


def dock(at: datetime, off_s: float | None = 0.0, *, sets: bool | None = True) -> DockRecord:
    """Return the record of a docking: how far the camera's clock was off by it; None: it was not read."""
    shown = None if off_s is None else at + timedelta(seconds=off_s)
    return DockRecord(CAMERA, at, shown, sets)


def evening(day: int, off_s: float | None = 0.0, *, sets: bool | None = True) -> DockRecord:
    """Return the docking of a day, at seven in the evening."""
    return dock(hour(19, day), off_s, sets=sets)


def whole(
    shots: Sequence[Shot], docks: Sequence[DockRecord] = (), *corrections: Correction, docks_set: bool = True
) -> CameraJudgement:
    """Judge a camera."""
    return judge_camera([shot.recording() for shot in shots], docks, corrections, docks_set=docks_set)


def judged(
    shots: Sequence[Shot], docks: Sequence[DockRecord] = (), *corrections: Correction, docks_set: bool = True
) -> dict[str, ClockJudgement]:
    """Judge a camera; return the judgements by name."""
    return {str(name): one for name, one in whole(shots, docks, *corrections, docks_set=docks_set).judgements.items()}


def holds(judgement: ClockJudgement, real: datetime) -> bool:
    """Whether the bounds of a judgement hold the true start."""
    low, high = judgement.earliest, judgement.latest
    return (low is None or low <= real) and (high is None or real <= high)


def width_s(judgement: ClockJudgement) -> float:
    """Return how far apart the bounds lie, in seconds."""
    assert judgement.earliest is not None
    assert judgement.latest is not None
    return (judgement.latest - judgement.earliest).total_seconds()


def codes(judgement: ClockJudgement) -> set[str]:
    """Return the codes of the rules that fired."""
    return {rule.code for rule in judgement.rules}
