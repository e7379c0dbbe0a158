"""A dock at a connection: it reads the camera's clock, writes its record, and copies the card."""

from collections.abc import Sequence
from random import Random

from evidence.docking import DockRecord
from tests.support.fleet_camera import Recorder
from tests.support.fleet_card import CardFile, listed, source_path
from tests.support.fleet_claims import card_mtime
from tests.support.fleet_clock import Calendar
from tests.support.fleet_makers import Camera
from tests.support.fleet_nouns import FleetDocking, FleetStation

LATENCY_S = 0.5
LOST_RECORD_SHARE = 0.03
UNREAD_CLOCK_SHARE = 0.02
LEFT_SHARE = 0.015
TWICE_SHARE = 0.01


class Dock:
    """One station; ``left_share``: so many files stay on the card until the next connection."""

    def __init__(self, station: FleetStation, calendar: Calendar, rng: Random) -> None:
        """Take up work; the dock's own clock is right."""
        self.left_share = LEFT_SHARE
        self._station, self._calendar, self._rng = station, calendar, rng

    def connect(
        self, recorder: Recorder, card: Sequence[CardFile], at_s: float, officer_code: str
    ) -> FleetDocking | None:
        """Return the record of a connection; None when the software writes none, or it is lost."""
        rng, station, calendar, camera = self._rng, self._station, self._calendar, recorder.camera
        read_s = at_s - rng.uniform(0.0, LATENCY_S)
        if not station.writes or rng.random() < LOST_RECORD_SHARE:
            return None
        is_read = rng.random() >= UNREAD_CLOCK_SHARE
        record = DockRecord(
            camera.device_id,
            calendar.at(round(at_s, 3)),
            calendar.second(recorder.clock.shown_s(read_s)) if is_read else None,
            station.sets if station.says_set else None,
            officer_code=officer_code,
            files=tuple(listed(file, camera, calendar, with_digest=station.lists_digests) for file in card),
            tool="DockSoft 4.2",
        )
        return FleetDocking(record, station.station, calendar.at(at_s + rng.uniform(5, 60)))

    def copy(self, camera: Camera, card: Sequence[CardFile], from_s: float, length_s: float) -> list[CardFile]:
        """Copy the card in the dock's order; return what stays on it, not yet copied or to be copied again."""
        queue = self._queue(camera, card)
        total_s = sum(file.end_s - file.start_s + 1 for file in queue)
        done_s, stays = 0.0, []
        for file in queue:
            if not file.seen and self._rng.random() < self.left_share:
                stays.append(file)
                continue
            done_s += (file.end_s - file.start_s + 1) / total_s * length_s
            self._take(file, from_s + done_s)
            if len(file.seen) == 1 and self._rng.random() < TWICE_SHARE:
                stays.append(file)
        return stays

    def _queue(self, camera: Camera, card: Sequence[CardFile]) -> list[CardFile]:
        if not self._station.by_name:
            return list(card)
        return sorted(card, key=lambda file: source_path(file, camera, self._calendar).rpartition("/")[2])

    def _take(self, file: CardFile, copied_s: float) -> None:
        """Copy one file; the watched folder picks it up once it has settled."""
        copied = self._calendar.at(round(copied_s, 3))
        mtime = card_mtime(self._calendar, file.stamped.closed_s) if self._station.keeps_mtime else copied
        file.seen.append((mtime, self._calendar.at(round(copied_s + self._rng.uniform(3, 30), 3))))
