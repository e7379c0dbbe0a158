"""Who is in the demo: invented officers of an invented bureau, and the cameras they carry."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from evidence.ids import DeviceId, OfficerId, StationId
from evidence.people import Assignment, Device, Officer
from transcode.synthetic import Container, CreationTag

COUNTY_HALL = StationId("county-hall")
NORTH_POST = StationId("north-post")
STATIONS = (COUNTY_HALL, NORTH_POST)

BRIGADE = "执法大队"
NORTH = "北部中队"


def _officer(number: int, name: str, unit: str) -> Officer:
    return Officer(OfficerId(f"ZF01{number:02}"), name, unit, short_codes=(f"0101{number:02}",))


ZHANG = _officer(1, "张晓峰", BRIGADE)
AYNUR = _officer(2, "阿依努尔·艾尼", BRIGADE)
MA = _officer(3, "马志远", NORTH)
LIU = _officer(4, "刘文静", BRIGADE)
ERKIN = _officer(5, "艾尔肯·买买提", NORTH)
CHEN = _officer(6, "陈海涛", NORTH)
ZHAO = _officer(7, "赵明", BRIGADE)
GULI = _officer(8, "古丽娜尔·吾守尔", BRIGADE)
OFFICERS = (ZHANG, AYNUR, MA, LIU, ERKIN, CHEN, ZHAO, GULI)


class Naming(StrEnum):
    """How a camera, with its dock, names folders and files. Source: docs/devices.md."""

    DOCK_TREE = "dock_tree"  # A in the tree of a dock: pedata/<device>/<day>/<device>_<officer>_<time>_<counter>
    DEVICE_OFFICER = "device_officer"  # A, flat
    OFFICER_DEVICE = "officer_device"  # B
    PATH_BORNE = "path_borne"  # C: codes in the folders
    TIME_ONLY = "time_only"  # D, in the dock's <device>/<day>
    DASHCAM = "dashcam"  # E, in the dock's <device>/<day>

    @property
    def has_counter(self) -> bool:
        """Whether its videos carry the device's file counter."""
        return self is not Naming.TIME_ONLY


@dataclass(frozen=True)
class Camera:
    """A camera of the demo.

    Attributes:
        station: the dock it is read at.
        container, suffix, tag: what its videos are.
        width_px, height_px: of its videos.
        gains_s: what its clock gains in a day, in seconds; its dock sets it right each evening.
    """

    device: Device
    station: StationId
    naming: Naming
    container: Container
    suffix: str
    tag: CreationTag = CreationTag.ABSENT
    width_px: int = 640
    height_px: int = 360
    gains_s: float = 0.0

    @property
    def device_id(self) -> DeviceId:
        """Number of the camera, which its names carry."""
        return self.device.device_id


def _device(number: int, model: str, profile: str, unit: str) -> Device:
    return Device(DeviceId(f"EV{number:05}"), model, profile, unit, f"SN{number:05}-26")


CAM_TREE = Camera(
    _device(1, "DSJ-A1", "gat-device-officer", BRIGADE),
    COUNTY_HALL,
    Naming.DOCK_TREE,
    Container.MP4_H264,
    "mp4",
    gains_s=1.0,
)
CAM_HEVC = Camera(
    _device(2, "DSJ-B2", "gat-officer-device", BRIGADE),
    COUNTY_HALL,
    Naming.OFFICER_DEVICE,
    Container.MP4_HEVC,
    "mp4",
    CreationTag.UTC,
    480,  # HEVC is slow to make
    270,
    gains_s=2.0,
)
CAM_PATH = Camera(
    _device(3, "DSJ-C3", "path-borne", NORTH),
    NORTH_POST,
    Naming.PATH_BORNE,
    Container.TS,
    "ts",
    gains_s=-2.0,
)
CAM_TIME = Camera(
    _device(4, "DSJ-D4", "time-only", BRIGADE),
    COUNTY_HALL,
    Naming.TIME_ONLY,
    Container.MOV_PCM,
    "MOV",
    CreationTag.UTC,
)
CAM_DASH = Camera(
    _device(5, "HD-E5", "dashcam-derived", NORTH),
    NORTH_POST,
    Naming.DASHCAM,
    Container.MP4_H264,
    "MP4",
    CreationTag.LOCAL_AS_UTC,
    gains_s=3.0,
)
CAM_G711 = Camera(
    _device(6, "DSJ-A6", "gat-device-officer", NORTH),
    NORTH_POST,
    Naming.DEVICE_OFFICER,
    Container.MOV_G711,
    "mov",
    gains_s=-1.0,
)
CAM_AWAY = Camera(
    _device(7, "DSJ-A1", "gat-device-officer", BRIGADE), COUNTY_HALL, Naming.DOCK_TREE, Container.MP4_H264, "mp4"
)
CAMERAS = (CAM_TREE, CAM_HEVC, CAM_PATH, CAM_TIME, CAM_DASH, CAM_G711, CAM_AWAY)

_BEARERS = ((CAM_TREE, ZHANG), (CAM_HEVC, AYNUR), (CAM_PATH, MA), (CAM_TIME, LIU), (CAM_DASH, ERKIN), (CAM_AWAY, ZHAO))


def assignments(midnight: datetime) -> tuple[Assignment, ...]:
    """Return who carried what up to the day that begins at ``midnight``; one camera changed hands ten days before.

    Every camera is still handed out; the one of `ZHAO` has not docked.
    """
    month_ago, changed = midnight - timedelta(days=30), midnight - timedelta(days=10)
    kept = tuple(Assignment(camera.device_id, officer.officer_id, month_ago) for camera, officer in _BEARERS)
    former = Assignment(CAM_G711.device_id, GULI.officer_id, month_ago, changed)
    return (*kept, former, Assignment(CAM_G711.device_id, CHEN.officer_id, changed))
