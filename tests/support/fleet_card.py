"""A file from the moment it is recorded until it has come in, once or twice."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from evidence.clips import Kind
from evidence.docking import DockedFile
from evidence.ids import Digest, OfficerId
from tests.support.fleet_claims import Stamped, content_claims, intake_claims, name_claims
from tests.support.fleet_clock import Calendar
from tests.support.fleet_makers import Camera, Name, path_of
from tests.support.fleet_nouns import Fault, FleetClip, FleetStation


@dataclass
class CardFile:
    """A file on a card, real moments in seconds since the first midnight.

    Attributes:
        name_s: the time in its name, shown seconds; differs from ``stamped.named_s`` when a person renamed it.
        ahead_s: the camera's clock minus real time.
        witnessed: as in `FleetClip`.
        seen: modification time and arrival of each time it came in.
    """

    digest: Digest
    kind: Kind
    officer_id: OfficerId
    officer_code: str
    counter: int
    start_s: float
    press_s: float
    end_s: float
    head_s: float
    stamped: Stamped
    name_s: float
    ahead_s: float
    fault: Fault | None
    important: bool = False
    witnessed: bool = True
    seen: list[tuple[datetime, datetime]] = field(default_factory=list)

    @property
    def is_renamed(self) -> bool:
        """Whether the name is not the camera's own."""
        return self.name_s != self.stamped.named_s


def digest_of(*parts: object) -> Digest:
    """Return a digest that no other parts have."""
    return Digest(hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest())


def counter_of(file: CardFile, camera: Camera) -> int | None:
    """Return the counter its name carries."""
    return file.counter if camera.maker.counter else None


def source_path(file: CardFile, camera: Camera, calendar: Calendar) -> str:
    """Return the path it comes in under."""
    name = Name(calendar.wall(file.name_s), file.officer_code, counter_of(file, camera), file.important)
    return path_of(camera, file.kind, name)


def tells_itself(file: CardFile, camera: Camera) -> bool:
    """Whether something in the file itself speaks against its camera's clock, or against its name."""
    stamped = file.stamped
    if file.fault is Fault.RENAMED:
        return stamped.header_s is not None or stamped.overlay_s is not None or file.kind is Kind.PHOTO
    keeps_utc = file.fault is Fault.ZONE and camera.maker.keeps_utc and stamped.header_s is not None
    return stamped.is_track or keeps_utc


def listed(file: CardFile, camera: Camera, calendar: Calendar, *, with_digest: bool) -> DockedFile:
    """Return how a dock lists it; of a renamed file the dock finds no start in the camera's own list."""
    recorded_at = None if file.is_renamed else calendar.second(file.stamped.named_s)
    digests = (("sha256", str(file.digest)),) if with_digest else ()
    path = source_path(file, camera, calendar)
    return DockedFile(path, counter_of(file, camera), file.officer_code, recorded_at, digests)


def come_in(
    file: CardFile, camera: Camera, station: FleetStation, calendar: Calendar, *, docked_daily: bool
) -> FleetClip:
    """Return the file as the pipeline has it, with the claims of every time it came in."""
    mtimes, arrivals = zip(*file.seen, strict=True)
    claims = [
        *name_claims(calendar, camera, file.name_s),
        *(claim for mtime, arrival in file.seen for claim in intake_claims(mtime, arrival)),
        *content_claims(calendar, file.kind, file.stamped),
    ]
    return FleetClip(
        digest=file.digest,
        device_id=camera.device_id,
        officer_id=file.officer_id,
        unit=camera.unit,
        station=station.station,
        source_path=source_path(file, camera, calendar),
        mtimes=mtimes,
        kind=file.kind,
        duration_s=round(file.end_s - file.start_s, 3),
        head_s=file.head_s,
        claims=tuple(dict.fromkeys(claims)),
        received_at=arrivals[0],
        arrivals=arrivals,
        sequence=counter_of(file, camera),
        true_start=calendar.at(file.start_s),
        press_at=calendar.at(file.press_s),
        docked_daily=docked_daily,
        fault=file.fault,
        witnessed=file.witnessed,
    )
