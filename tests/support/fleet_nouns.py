"""What a generated fleet consists of: files with their truth, docks, people, and the faults that were planted.

The truth is for whoever measures the clock judgement; the judgement itself sees `CameraFiles` without it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evidence.cases import Case, Step
from evidence.claims import TimeClaim
from evidence.clips import Kind
from evidence.docking import DockRecord
from evidence.ids import DeviceId, Digest, OfficerId, StationId
from evidence.people import Assignment, Device, Officer


class Fault(StrEnum):
    """What is wrong with a file's time; the gravest one when there are several."""

    BATTERY = "battery"  # the clock fell to a default date and ran on from there
    FIRMWARE = "firmware"  # the same, to the date its firmware was built
    HAND_SET = "hand_set"  # set by hand, wrong by minutes
    ZONE = "zone"  # the camera's zone is not Beijing's, and every setting keeps it so
    DAY_OFF = "day_off"  # set by hand to the wrong day
    YEAR_OFF = "year_off"
    RENAMED = "renamed"  # a person gave the file a name with a wrong time
    STALE_GPS = "stale_gps"  # its one fix was kept from earlier
    CRYSTAL = "crystal"  # the clock runs off faster than the standard allows


class Scope(StrEnum):
    """What a planted shift is common to."""

    CLIP = "clip"
    DEVICE = "device"
    UNIT = "unit"


class Side(StrEnum):
    """Which side of a comparison is shifted."""

    CLOCK = "clock"
    STEPS = "steps"


@dataclass(frozen=True)
class FleetStation:
    """A dock, and what its software does.

    Attributes:
        writes: a record of each connection.
        sets: the camera's clock, at each connection.
        says_set: the record tells whether it set the clock.
        keeps_mtime: a copied file keeps the card's modification time; else it carries the time of the copy.
        by_name: files are copied in order of their names; else in the order they were made.
        lists_digests: the record lists SHA-256 of each file.
    """

    station: StationId
    writes: bool
    sets: bool
    says_set: bool = True
    keeps_mtime: bool = True
    by_name: bool = False
    lists_digests: bool = False


@dataclass(frozen=True)
class FleetClip:
    """One file as it came in, and the truth about it.

    Attributes:
        unit: of the camera.
        source_path, mtimes: as found at the dock, the modification time for each time the file came in.
        duration_s: measured; 0 for a photo.
        head_s: length of silence measured at the head; 0 when there is none.
        arrivals: each time the file came in; the first is ``received_at``.
        sequence: the counter in the name; None when it has none.
        true_start: real time of the first frame.
        press_at: real time of the button press, or of the switch to this file.
        witnessed: something other than the clock at fault speaks of it: a dock's reading, a satellite track, a header,
            an overlay. False: only the steps, or nobody, can tell. A clock that fell, or moved by a day or
            more, tells itself by order and arrival.
        docked_daily: without fault, between two connections no more than 24 h away that both left a record with the
            camera's clock.
    """

    digest: Digest
    device_id: DeviceId
    officer_id: OfficerId
    unit: str
    station: StationId
    source_path: str
    mtimes: tuple[datetime, ...]
    kind: Kind
    duration_s: float
    head_s: float
    claims: tuple[TimeClaim, ...]
    received_at: datetime
    arrivals: tuple[datetime, ...]
    sequence: int | None
    true_start: datetime
    press_at: datetime
    docked_daily: bool
    fault: Fault | None
    witnessed: bool


@dataclass(frozen=True)
class FleetDocking:
    """A dock's record, where it was written and when it came in."""

    record: DockRecord
    station: StationId
    received_at: datetime


@dataclass(frozen=True)
class PlantedReset:
    """A camera's clock fell to a default date.

    Attributes:
        before, after: the last file made before it (None: there was none) and the first one after it.
        happened_at: real time.
        clips: every file made on the fallen clock, in the order they were made.
        decidable: the files tell the order they were made in; not so when a camera without counter falls twice before
            a dock copies by name, nor when it falls once more to the date it still shows and seems to have run on.
    """

    fault: Fault
    device_id: DeviceId
    before: Digest | None
    after: Digest
    happened_at: datetime
    clips: tuple[Digest, ...]
    decidable: bool = True


@dataclass(frozen=True)
class PlantedShift:
    """Times that are all wrong by the same.

    Attributes:
        target: digest, device or unit.
        shift_s: shifted side minus real time in seconds.
        clips: the files it touches (SIDE.STEPS: those of the unit, whose clocks are right).
        systematic: it lasts for days until somebody sees it (zone, day, year, a unit's clerks).
        witnessed: at least one dock record reads the shifted clock.
    """

    fault: Fault | None
    scope: Scope
    target: str
    shift_s: float
    clips: tuple[Digest, ...]
    side: Side = Side.CLOCK
    systematic: bool = True
    witnessed: bool = False


@dataclass(frozen=True)
class PlantedRename:
    """A file whose name states a time its camera never showed; ``off_s``: name minus camera's clock in seconds."""

    digest: Digest
    off_s: float


@dataclass(frozen=True)
class Jump:
    """Two files of a camera that follow each other, between which its clock was moved by more than a minute."""

    before: Digest
    after: Digest
    by_s: float


@dataclass(frozen=True)
class CameraFiles:
    """One camera as the judgement is given it; ``docks_set``: the docks it is put in set its clock."""

    device_id: DeviceId
    clips: tuple[FleetClip, ...]
    dockings: tuple[DockRecord, ...]
    docks_set: bool


@dataclass(frozen=True)
class Fleet:
    """Everything that came in, in order of arrival, and everything that was planted."""

    clips: tuple[FleetClip, ...]
    dock_records: tuple[FleetDocking, ...]
    stations: tuple[FleetStation, ...]
    station_of: dict[DeviceId, FleetStation]
    officers: tuple[Officer, ...]
    devices: tuple[Device, ...]
    assignments: tuple[Assignment, ...]
    cases: tuple[Case, ...]
    steps: tuple[Step, ...]
    resets: tuple[PlantedReset, ...]
    shifts: tuple[PlantedShift, ...]
    renames: tuple[PlantedRename, ...]
    jumps: tuple[Jump, ...]

    def cameras(self) -> Iterator[CameraFiles]:
        """Return each camera with its files and its dock records, both in order of arrival."""
        clips: dict[DeviceId, list[FleetClip]] = defaultdict(list)
        for clip in self.clips:
            clips[clip.device_id].append(clip)
        records: dict[DeviceId, list[DockRecord]] = defaultdict(list)
        for docking in self.dock_records:
            records[docking.record.device_id].append(docking.record)
        for device_id, own in clips.items():
            yield CameraFiles(device_id, tuple(own), tuple(records[device_id]), self.station_of[device_id].sets)
