"""Camera models of a generated fleet: how each names files, and what its headers state.

Source: docs/devices.md (families of names, container habits, pre-record); the profiles are those of config/devices/.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from random import Random

from evidence.clips import Kind
from evidence.ids import DeviceId

SUFFIX_OF = {Kind.AUDIO: "wav", Kind.PHOTO: "jpg"}
"""Sound and stills are files of their own whatever the model; video has the maker's suffix."""


class Naming(StrEnum):
    """How a model names its files; the value is the profile that reads the name."""

    DEVICE_OFFICER = "gat-device-officer"
    OFFICER_DEVICE = "gat-officer-device"
    PATH_BORNE = "path-borne"  # codes in the folders, the name has the time alone
    TIME_ONLY = "time-only"  # in the tree the dock makes
    DASHCAM = "dashcam-derived"  # likewise


class Header(StrEnum):
    """What the movie header of a model's videos states."""

    NONE = "none"  # MPEG-TS and AVI have no such field
    UNSET = "unset"  # 1904 or 1970
    UTC = "utc"
    LOCAL = "local"  # the wall clock, written where the format says UTC


class Satellite(StrEnum):
    """What a camera writes of satellites."""

    NONE = "none"
    FIX = "fix"  # the last fix the receiver had
    TRACK = "track"


@dataclass(frozen=True)
class Maker:
    """A model.

    Attributes:
        counter: names carry the file counter.
        at_end: the header is written when the file is closed.
        keeps_utc: the camera counts UTC and adds its zone for show, so that a wrong zone leaves the header right.
        names_press: the first file of a recording is named by the button press; else by the head of the buffer.
    """

    model: str
    naming: Naming
    suffix: str
    header: Header
    counter: bool = True
    at_end: bool = False
    keeps_utc: bool = False
    names_press: bool = True


MAKERS = (
    Maker("DSJ-A1", Naming.DEVICE_OFFICER, "MOV", Header.UTC, at_end=True),
    Maker("DSJ-A2", Naming.DEVICE_OFFICER, "mp4", Header.LOCAL, counter=False, names_press=False),
    Maker("DSJ-A3", Naming.DEVICE_OFFICER, "ts", Header.NONE),
    Maker("DSJ-B1", Naming.OFFICER_DEVICE, "mp4", Header.LOCAL, at_end=True),
    Maker("DSJ-C1", Naming.PATH_BORNE, "mp4", Header.UTC, keeps_utc=True, names_press=False),
    Maker("DSJ-C2", Naming.PATH_BORNE, "mp4", Header.UTC, counter=False, at_end=True),
    Maker("DSJ-D1", Naming.TIME_ONLY, "mp4", Header.UNSET),
    Maker("WL-E1", Naming.DASHCAM, "MP4", Header.LOCAL, names_press=False),
)


@dataclass(frozen=True)
class Camera:
    """One camera and how it is set up.

    Attributes:
        segment_s: length after which it goes on in a new file.
        switch_s: longest gap between two such files.
        buffer_s: length of the pre-record buffer, whose sound is not kept.
        overlay: its on-screen clock is read.
    """

    device_id: DeviceId
    unit: str
    maker: Maker
    segment_s: float
    switch_s: float
    buffer_s: float
    satellite: Satellite
    overlay: bool
    first_counter: int = 1


def make_camera(rng: Random, number: int, unit: str) -> Camera:
    """Return the ``number``-th camera of the fleet; every model comes in turn."""
    return Camera(
        DeviceId(f"FL{number:05}"),
        unit,
        MAKERS[number % len(MAKERS)],
        segment_s=rng.choice((5, 10, 15, 30)) * 60.0,
        switch_s=rng.choice((0.04, 0.04, 0.04, 2.0)),
        buffer_s=rng.choice((0.0, 0.0, 15.0, 30.0, 60.0)),
        satellite=rng.choice((Satellite.NONE,) * 5 + (Satellite.TRACK,) * 3 + (Satellite.FIX,) * 2),
        overlay=rng.random() < 0.3,
        first_counter=rng.choice((1, 1, rng.randint(2, 9000), rng.randint(9700, 9990))),
    )


@dataclass(frozen=True)
class Name:
    """What a camera, or a person after it, puts into a path.

    Attributes:
        wall: the time in it, Beijing time.
        officer_code: 6 characters.
        counter: None when the model writes none.
        important: the wearer marked the file.
    """

    wall: datetime
    officer_code: str
    counter: int | None
    important: bool = False


def path_of(camera: Camera, kind: Kind, name: Name) -> str:
    """Return the path of a file below its station's folder."""
    naming, device = camera.maker.naming, camera.device_id
    suffix = SUFFIX_OF.get(kind, camera.maker.suffix)
    count = "" if name.counter is None else f"_{name.counter:04}"
    mark = ("" if count else "_") + "IMP" if name.important else ""
    day, time = f"{name.wall:%Y%m%d}", f"{name.wall:%Y%m%d%H%M%S}"
    match naming:
        case Naming.DEVICE_OFFICER:
            return f"{device}_{name.officer_code}_{time}{count}{mark}.{suffix}"
        case Naming.OFFICER_DEVICE:
            return f"{name.officer_code}_{device}_{time}{count}{mark}.{suffix}"
        case Naming.PATH_BORNE:
            bucket = "101ANDRO" if name.important else "100ANDRO"
            return f"DCIM/{bucket}/{device}/{name.officer_code}/{day}/{time}{count}{mark}.{suffix}"
        case Naming.TIME_ONLY:
            return f"pedata/{device}/{day}/{time}{count}{mark}.{suffix}"
        case Naming.DASHCAM:
            lens = "A" if count else ""
            return f"{device}/{day}/{name.wall:%Y_%m%d_%H%M%S}{count}{lens}.{suffix}"
