"""Where a camera of the demo writes: folder and name, in the way of its family."""

from datetime import datetime

from dashboard.demo.people import Camera, Naming
from evidence.zones import beijing


def source_path(
    camera: Camera, start: datetime, officer_code: str, suffix: str, *, counter: int | None, important: bool = False
) -> str:
    """Return the path below the dock's folder, ``/`` between parts.

    Args:
        camera: the camera that writes.
        start: what its clock says at the first frame, UTC.
        officer_code: the code it was set to, which need not be its bearer's.
        suffix: of the file, without the dot.
        counter: the device's file counter; None for a photo, which carries none.
        important: the wearer marked the file.
    """
    at = beijing(start)
    tail = ("" if counter is None else f"_{counter:04}") + ("IMP" if important else "") + f".{suffix}"
    time, day = f"{at:%Y%m%d%H%M%S}", f"{at:%Y%m%d}"
    device = camera.device_id
    match camera.naming:
        case Naming.DOCK_TREE:
            return f"pedata/{device}/{day}/{device}_{officer_code}_{time}{tail}"
        case Naming.DEVICE_OFFICER:
            return f"{device}_{officer_code}_{time}{tail}"
        case Naming.OFFICER_DEVICE:
            return f"record/{officer_code}_{device}_{time}{tail}"
        case Naming.PATH_BORNE:
            bucket = "101ANDRO" if important else "100ANDRO"
            return f"DCIM/{bucket}/{device}/{officer_code}/{day}/{time}{tail}"
        case Naming.TIME_ONLY:
            return f"{device}/{day}/{time}.{suffix}"
        case Naming.DASHCAM:
            return f"{device}/{day}/{dashcam_name(start, counter, suffix)}"


def dashcam_name(start: datetime, counter: int | None, suffix: str) -> str:
    """Return a name as white-label recorders on dashcam boards write it; the letter names the lens."""
    number = "" if counter is None else f"_{counter:03}A"
    return f"{beijing(start):%Y_%m%d_%H%M%S}{number}.{suffix}"
