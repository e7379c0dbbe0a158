"""One camera: its clock, its counter, what lies on its card, and how it records."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from evidence.clips import Kind
from evidence.ids import OfficerId
from tests.support.fleet_card import CardFile, digest_of
from tests.support.fleet_claims import Stamped
from tests.support.fleet_clock import DAY_S, HOUR_S, MINUTE_S, CameraClock
from tests.support.fleet_days import Take
from tests.support.fleet_makers import Camera, Header, Satellite
from tests.support.fleet_nouns import Fault

LAST_COUNTER = 9999
SHORTEST_S = 1.0
TRACK_SHARE = 0.85
FIX_SHARE = 0.7
STALE_SHARE = 0.1
QUIET_SHARE = 0.03


@dataclass(frozen=True)
class Stretch:
    """What becomes one file: real moments, and how much of its head is the pre-record buffer."""

    kind: Kind
    start_s: float
    press_s: float
    end_s: float

    @property
    def buffer_s(self) -> float:
        """Length of the buffer before the press."""
        return self.press_s - self.start_s


class Recorder:
    """A camera at work; ``free_s``: real moment up to which it was busy or off, so no buffer reaches further back."""

    def __init__(self, seed: int, camera: Camera, clock: CameraClock, rng: Random, renamed_share: float = 0.0) -> None:
        """Start with an empty card; ``renamed_share``: of its files, a person renames so many."""
        self.camera, self.clock, self._rng, self._seed = camera, clock, rng, seed
        self.counter = camera.first_counter
        self.free_s = -DAY_S
        self.made = 0
        self.renamed_share = renamed_share

    def record(self, take: Take, officer_id: OfficerId, officer_code: str, fault: Fault | None) -> list[CardFile]:
        """Record one take; return its files in order."""
        files = []
        for stretch in self._stretches(take):
            file = self._file(stretch, officer_id, officer_code, fault)
            files.append(file)
            self.free_s = stretch.end_s
        return files

    def format_card(self) -> None:
        """Begin counting anew."""
        self.counter = 1

    def _stretches(self, take: Take) -> Iterator[Stretch]:
        if take.kind is not Kind.VIDEO:
            yield Stretch(take.kind, take.press_s, take.press_s, take.stop_s)
            return
        buffer_s = min(self.camera.buffer_s, max(0.0, take.press_s - self.free_s - 1))
        start_s = take.press_s - (buffer_s if buffer_s > SHORTEST_S else 0.0)
        press_s = take.press_s
        while take.stop_s - start_s > SHORTEST_S:
            end_s = min(take.stop_s, start_s + self.camera.segment_s)
            yield Stretch(take.kind, start_s, press_s, end_s)
            start_s = press_s = end_s + self._rng.uniform(0.0, self.camera.switch_s)

    def _file(self, stretch: Stretch, officer_id: OfficerId, officer_code: str, fault: Fault | None) -> CardFile:
        stamped, is_stale = self._stamp(stretch)
        off_s = self._rename_s() if fault is None else 0.0
        grave = fault or (Fault.RENAMED if off_s else Fault.STALE_GPS if is_stale else None)
        file = CardFile(
            digest_of(self._seed, self.camera.device_id, self.made),
            stretch.kind,
            officer_id,
            officer_code,
            self.counter,
            stretch.start_s,
            stretch.press_s,
            stretch.end_s,
            self._silence_s(stretch),
            stamped,
            stamped.named_s + off_s,
            self.clock.shown_s(stretch.start_s) - stretch.start_s,
            grave,
            important=self._rng.random() < 0.03,
        )
        self.made += 1
        self.counter = self.counter % LAST_COUNTER + 1
        return file

    def _stamp(self, stretch: Stretch) -> tuple[Stamped, bool]:
        """Return what the camera writes of the time, and whether its one fix is stale."""
        maker, clock, rng = self.camera.maker, self.clock, self._rng
        begun_s = stretch.press_s if maker.names_press else stretch.start_s
        closed_s = stretch.end_s + rng.uniform(0.0, 0.8)
        stamped = Stamped(clock.shown_s(begun_s), clock.shown_s(closed_s))
        if stretch.kind is Kind.VIDEO:
            header_s = self._header_s(closed_s if maker.at_end else begun_s)
            stamped = replace(stamped, header_s=header_s, header_unset=maker.header is Header.UNSET)
            if self.camera.overlay:
                width_s = rng.uniform(0.2, 1.0)
                shown_s = clock.shown_s(stretch.start_s) - rng.random() * width_s
                stamped = replace(stamped, overlay_s=shown_s, overlay_width_s=width_s)
        return self._with_satellites(stamped, stretch)

    def _header_s(self, moment_s: float) -> float | None:
        """Return what the header states when it is written at a real moment."""
        match self.camera.maker.header:
            case Header.UTC:
                keeps_utc = self.camera.maker.keeps_utc
                return (self.clock.base_s if keeps_utc else self.clock.shown_s)(moment_s)
            case Header.LOCAL:
                return self.clock.shown_s(moment_s) + 8 * HOUR_S
            case Header.NONE | Header.UNSET:
                return None

    def _with_satellites(self, stamped: Stamped, stretch: Stretch) -> tuple[Stamped, bool]:
        rng, satellite = self._rng, self.camera.satellite
        if stretch.kind is Kind.AUDIO or satellite is Satellite.NONE:
            return stamped, False
        if satellite is Satellite.TRACK and stretch.kind is Kind.VIDEO:
            if rng.random() > TRACK_SHARE:
                return stamped, False
            return replace(stamped, gps_s=stretch.start_s + rng.uniform(-1.0, 1.0), is_track=True), False
        if rng.random() > FIX_SHARE:
            return stamped, False
        is_stale = rng.random() < STALE_SHARE
        age_s = rng.uniform(30.0, 3 * HOUR_S) if is_stale else rng.uniform(0.0, 0.5)
        return replace(stamped, gps_s=stretch.press_s - age_s), is_stale

    def _silence_s(self, stretch: Stretch) -> float:
        """Return the silent head that is measured: the buffer, or once in a while a quiet place."""
        if stretch.buffer_s > SHORTEST_S:
            return round(stretch.buffer_s + self._rng.uniform(-0.2, 0.2), 3)
        is_quiet = stretch.kind is Kind.VIDEO and self._rng.random() < QUIET_SHARE
        return round(self._rng.uniform(2.0, min(60.0, stretch.end_s - stretch.start_s)), 3) if is_quiet else 0.0

    def _rename_s(self) -> float:
        if self._rng.random() >= self.renamed_share:
            return 0.0
        return float(round(self._rng.choice((-1, 1)) * self._rng.uniform(10 * MINUTE_S, 3 * DAY_S)))
