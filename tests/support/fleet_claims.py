"""What the readers state of a generated file, without a file: the same claims, to the letter.

Paths and arrival as `ingest.claims` states them, headers as `transcode.container_times`, photo tags as `ingest.exif`,
the on-screen clock with the width within which its frames agree. Times shown and headers are captured while a file is
made, since the clock may be set before the file is copied.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from evidence.claims import Anchor, ClaimSource, TimeClaim, ZoneBasis
from evidence.clips import Kind
from evidence.zones import BEIJING, to_utc_iso
from tests.support.fleet_clock import DAY_S, Calendar
from tests.support.fleet_makers import Camera, Naming

PROBE_TOOL = "ffprobe 7.1 sha256:0f1e2d3c4b5a6978"
EXIF_TOOL = "exifread 3.5"
SCREEN_TOOL = "rapidocr 1.4"

FAT_ZERO = datetime(1980, 1, 1, tzinfo=BEIJING).astimezone(UTC)
"""A FAT card knows no earlier time."""

NOT_SET_YEARS = frozenset({1904, 1970})
FAT_STEP_S = 2.0


@dataclass(frozen=True)
class Stamped:
    """What a camera wrote of the time while it made a file, in seconds since the first midnight.

    Attributes:
        named_s: the clock when the file got its name.
        overlay_s: the clock on the first frame; None when the overlay is not read.
        overlay_width_s: within which the frames that were read agree.
        header_s: what the header states, read as UTC, since the first midnight; None when the format has no field.
        header_unset: the header is blank.
        closed_s: the clock when the file was closed.
        gps_s: real time of the fix or of the track's start; None without.
        is_track: the fixes advance with the recording.
    """

    named_s: float
    closed_s: float
    overlay_s: float | None = None
    overlay_width_s: float = 1.0
    header_s: float | None = None
    header_unset: bool = False
    gps_s: float | None = None
    is_track: bool = False


def name_claims(calendar: Calendar, camera: Camera, named_s: float) -> Iterator[TimeClaim]:
    """Return what folder and name state."""
    naming, wall = camera.maker.naming, calendar.wall(named_s)
    if naming in {Naming.PATH_BORNE, Naming.TIME_ONLY, Naming.DASHCAM}:
        midnight = wall.replace(hour=0, minute=0, second=0)
        profile = "path-borne" if naming is Naming.PATH_BORNE else "dock-tree"
        yield _local(ClaimSource.FOLDER, f"{wall:%Y%m%d}", midnight, profile, DAY_S)
    raw = f"{wall:%Y_%m%d %H%M%S}" if naming is Naming.DASHCAM else f"{wall:%Y%m%d%H%M%S}"
    profile = "time-only" if naming is Naming.PATH_BORNE else naming.value
    yield _local(ClaimSource.FILE_NAME, raw, wall, profile)


def _local(source: ClaimSource, raw: str, wall: datetime, detail: str, precision_s: float = 1.0) -> TimeClaim:
    return TimeClaim(source, raw, wall.astimezone(UTC), ZoneBasis.LOCAL, Anchor.START, precision_s, detail)


def card_mtime(calendar: Calendar, closed_s: float) -> datetime:
    """Return the modification time a FAT card gives, as a file system in Beijing reads it."""
    return max(FAT_ZERO, calendar.second(closed_s // FAT_STEP_S * FAT_STEP_S))


def intake_claims(mtime: datetime, received_at: datetime) -> Iterator[TimeClaim]:
    """Return what modification time and arrival state."""
    yield TimeClaim(ClaimSource.MTIME, to_utc_iso(mtime), mtime, ZoneBasis.SYSTEM, Anchor.END, FAT_STEP_S)
    yield TimeClaim(ClaimSource.ARRIVAL, to_utc_iso(received_at), received_at, ZoneBasis.SYSTEM, Anchor.NOT_AFTER)


def content_claims(calendar: Calendar, kind: Kind, stamped: Stamped) -> Iterator[TimeClaim]:
    """Return what header, tags, satellites and overlay state."""
    if kind is Kind.VIDEO:
        yield from _header_claims(calendar, stamped)
    if kind is Kind.PHOTO:
        wall = calendar.wall(stamped.named_s)
        tag = "EXIF DateTimeOriginal"
        yield TimeClaim(
            ClaimSource.EXIF,
            f"{wall:%Y:%m:%d %H:%M:%S}",
            wall.astimezone(UTC),
            ZoneBasis.LOCAL,
            Anchor.START,
            detail=tag,
            tool=EXIF_TOOL,
        )
    if stamped.gps_s is not None:
        yield _gps_claim(calendar, kind, stamped.gps_s, is_track=stamped.is_track)
    if stamped.overlay_s is not None:
        yield TimeClaim(
            ClaimSource.ONSCREEN,
            f"{calendar.wall(stamped.overlay_s):%Y-%m-%d %H:%M:%S}",
            calendar.at(stamped.overlay_s),
            ZoneBasis.LOCAL,
            Anchor.START,
            round(stamped.overlay_width_s, 3),
            "frames 0.5 s, 20.0 s, 40.0 s, score 0.97",
            SCREEN_TOOL,
        )


def _header_claims(calendar: Calendar, stamped: Stamped) -> Iterator[TimeClaim]:
    if stamped.header_unset:
        raw, at = "1970-01-01T00:00:00.000000Z", None
    elif stamped.header_s is not None:
        stated = calendar.second(stamped.header_s)
        raw = f"{stated:%Y-%m-%dT%H:%M:%S}.000000Z"
        at = None if stated.year in NOT_SET_YEARS and (stated.month, stated.day) == (1, 1) else stated
    else:
        return
    for place in ("format", "stream:0", "stream:1"):
        detail = f"{place}:creation_time"
        yield TimeClaim(ClaimSource.CONTAINER, raw, at, ZoneBasis.UTC_BY_FORMAT, Anchor.EITHER, 1.0, detail, PROBE_TOOL)


def _gps_claim(calendar: Calendar, kind: Kind, gps_s: float, *, is_track: bool) -> TimeClaim:
    at = calendar.at(gps_s) if is_track else calendar.second(gps_s)
    source = ClaimSource.GPS_TRACK if is_track else ClaimSource.GPS
    photo = "GPS GPSDate, GPS GPSTimeStamp"
    detail, tool = (photo, EXIF_TOOL) if kind is Kind.PHOTO else ("track" if is_track else "fix", PROBE_TOOL)
    return TimeClaim(source, to_utc_iso(at), at, ZoneBasis.EXPLICIT, Anchor.START, 1.0, detail, tool)
