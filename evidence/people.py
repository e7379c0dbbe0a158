"""Who and with what: officers, devices, and who carried which camera when. All are `recorded` facts (imported)."""

from dataclasses import dataclass
from datetime import datetime

from evidence.ids import DeviceId, OfficerId


def within(moment: datetime, start: datetime | None, end: datetime | None) -> bool:
    """Whether ``moment`` lies in ``[start, end)``; a missing bound is open."""
    return (start is None or moment >= start) and (end is None or moment < end)


@dataclass(frozen=True)
class Officer:
    """A person who records.

    Attributes:
        short_codes: the 6-character codes that cameras carry for this person (GA/T 947 user number).
        valid_from: when the officer began, UTC; None is open.
    """

    officer_id: OfficerId
    name: str
    unit: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    short_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Device:
    """A camera. ``profile`` names a file of ``config/devices/``; ``serial`` is the maker's number."""

    device_id: DeviceId
    model: str = ""
    profile: str = ""
    unit: str = ""
    serial: str = ""


@dataclass(frozen=True)
class Assignment:
    """Who carried which camera in ``[start, end)``; ``end`` None while the camera is still handed out."""

    device_id: DeviceId
    officer_id: OfficerId
    start: datetime
    end: datetime | None = None

    def holds_at(self, moment: datetime) -> bool:
        """Whether the camera was in this officer's hands at that moment."""
        return within(moment, self.start, self.end)
