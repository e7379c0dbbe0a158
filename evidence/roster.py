"""The roster: officers, cameras and who carried which, indexed for the questions the judgements ask."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from evidence.ids import DeviceId, OfficerId
from evidence.people import Assignment, Device, Officer, within
from evidence.spans import Span


class Roster:
    """All recorded officers, devices and assignments; build once per review, look up in constant time."""

    def __init__(
        self, officers: Iterable[Officer], devices: Iterable[Device], assignments: Iterable[Assignment]
    ) -> None:
        """Index the records."""
        self._officers = {officer.officer_id: officer for officer in officers}
        self._by_code: dict[str, list[Officer]] = defaultdict(list)
        for officer in self._officers.values():
            for code in dict.fromkeys(code.casefold() for code in officer.short_codes):
                self._by_code[code].append(officer)
        self._devices: dict[str, Device] = {}
        known = list(devices)
        for device in known:
            if device.serial:
                self._devices.setdefault(device.serial.casefold(), device)
        self._devices.update({device.device_id.casefold(): device for device in known})
        self._by_device: dict[DeviceId, list[Assignment]] = defaultdict(list)
        self._by_officer: dict[OfficerId, list[Assignment]] = defaultdict(list)
        for stated in assignments:
            assignment = replace(stated, device_id=self.named(stated.device_id))
            self._by_device[assignment.device_id].append(assignment)
            self._by_officer[assignment.officer_id].append(assignment)

    def officer(self, officer_id: str) -> Officer | None:
        """Return the officer of that id."""
        return self._officers.get(OfficerId(officer_id))

    def officers_by_code(self, code: str, at: datetime | None) -> tuple[Officer, ...]:
        """Return who carried that short code at that moment (at any time when ``at`` is None)."""
        found = self._by_code.get(code.casefold(), ())
        return tuple(o for o in found if at is None or within(at, o.valid_from, o.valid_to))

    def device(self, code: str) -> Device | None:
        """Return the device of that id or maker's serial, in any letter case."""
        return self._devices.get(code.casefold())

    def named(self, code: str) -> DeviceId:
        """Return the registered camera of that id or serial; one that is not registered has one name in any case."""
        device = self.device(code)
        return device.device_id if device else unregistered(code)

    def carriers(self, device_id: DeviceId, at: datetime | None) -> tuple[Assignment, ...]:
        """Return the assignments of a device that hold at that moment (all of them when ``at`` is None)."""
        return tuple(a for a in self._by_device.get(device_id, ()) if at is None or a.holds_at(at))

    def cameras_of(self, officer_id: OfficerId, window: Span) -> tuple[Assignment, ...]:
        """Return the assignments of an officer that share time with a window."""
        return tuple(
            a
            for a in self._by_officer.get(officer_id, ())
            if a.start <= window.end and (a.end is None or a.end > window.start)
        )


def unregistered(code: str) -> DeviceId:
    """Return the name of a camera that is in no register: `cam01` and `CAM01` are one."""
    return DeviceId(code.casefold().upper())
