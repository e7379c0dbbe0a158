"""What a docking station says of a connection: what the camera's clock showed, and which files it held.

A dock's record is a claim like any other: it is kept as it came, held against everything else, and never changed.
Source: docs/dock-sidecar.md (the format we define).
"""

from dataclasses import dataclass
from datetime import datetime

from evidence.ids import DeviceId

DOCK_STEP_S = 1.0
"""Cameras tell their clock in whole seconds."""


@dataclass(frozen=True)
class DockedFile:
    """One file of a camera as the dock lists it.

    Attributes:
        name: file name, or a path below the folder the record lies in, ``/`` between parts.
        sequence: the camera's file counter; None when it has none.
        officer_code: short code the camera carried for it; empty when none.
        recorded_at: start by the camera's clock, UTC (a bare time was read as Beijing time); None when not stated.
        digests: what camera or dock computed of its bytes: algorithm in lower case (``sha256``, ``sm3``, ``md5``) and
            hexadecimal value, in order of algorithm.
    """

    name: str
    sequence: int | None = None
    officer_code: str = ""
    recorded_at: datetime | None = None
    digests: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DockRecord:
    """A connection of a camera to a dock.

    Attributes:
        device_id: as the dock names the camera.
        dock_time: the dock's clock at the moment the camera's clock was read, UTC.
        device_time: the camera's clock at that moment, UTC (a bare time was read as Beijing time); None when the
            dock could not read it.
        clock_set: the dock set the camera's clock right afterwards; None when it does not say.
        precision_s: step in which the camera told its clock, in seconds.
        officer_code: short code of who carried the camera; empty when the dock does not say.
        files: what the camera held.
        tool: dock program and version, as it names itself.
    """

    device_id: DeviceId
    dock_time: datetime
    device_time: datetime | None = None
    clock_set: bool | None = None
    precision_s: float = DOCK_STEP_S
    officer_code: str = ""
    files: tuple[DockedFile, ...] = ()
    tool: str = ""

    @property
    def offset_s(self) -> float | None:
        """Camera's clock minus dock's clock in seconds; positive: the camera ran ahead. None when it was not read."""
        return None if self.device_time is None else (self.device_time - self.dock_time).total_seconds()
