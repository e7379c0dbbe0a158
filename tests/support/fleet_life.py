"""A camera's month: days of recording, faults that befall it, and connections to its dock."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random

from evidence.ids import Digest, OfficerId
from tests.support.fleet_camera import Recorder
from tests.support.fleet_card import CardFile, come_in, tells_itself
from tests.support.fleet_clock import DAY_S, DEFAULT_DATES, FIRMWARE_DATES, HOUR_S, MINUTE_S, Calendar
from tests.support.fleet_days import WEEK_DAYS, WEEKEND, DayPlan, Take, takes_of_day
from tests.support.fleet_dock import Dock
from tests.support.fleet_faults import LASTING, RESETS, Strike
from tests.support.fleet_makers import Satellite
from tests.support.fleet_nouns import (
    Fault,
    FleetClip,
    FleetDocking,
    FleetStation,
    Jump,
    PlantedRename,
    PlantedReset,
    PlantedShift,
    Scope,
)

FORMAT_SHARE = 0.02
CHECK_DAYS = 14


@dataclass(frozen=True)
class Carrier:
    """Who carries a camera from a day on."""

    officer_id: OfficerId
    code: str
    from_day: int = 0


@dataclass(frozen=True)
class Visit:
    """A recording that starts a site visit, in real seconds."""

    officer_id: OfficerId
    press_s: float
    stop_s: float


@dataclass
class Spell:
    """A fault from when it struck until the clock is right again."""

    strike: Strike
    before: Digest | None
    happened_s: float
    files: list[CardFile] = field(default_factory=list)
    witnessed: bool = False
    decidable: bool = True


@dataclass
class Past:
    """What a camera leaves behind."""

    clips: list[FleetClip] = field(default_factory=list)
    dockings: list[FleetDocking] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    resets: list[PlantedReset] = field(default_factory=list)
    shifts: list[PlantedShift] = field(default_factory=list)
    renames: list[PlantedRename] = field(default_factory=list)
    jumps: list[Jump] = field(default_factory=list)


class Life:
    """Runs one camera through its days, in the order in which things happen."""

    def __init__(
        self,
        recorder: Recorder,
        station: FleetStation,
        carriers: Sequence[Carrier],
        calendar: Calendar,
        rng: Random,
        usual_fault: Fault | None = None,
    ) -> None:
        """Begin on the evening before the first day; ``usual_fault`` is what ails the camera all the time."""
        self.past = Past()
        self._recorder, self._station, self._carriers = recorder, station, carriers
        self._calendar, self._rng = calendar, rng
        self._in_the_morning = rng.random() < 0.2
        self._card: list[CardFile] = []
        self._files: list[CardFile] = []
        self._connections: list[tuple[float, bool]] = []
        self._spell: Spell | None = None
        self._mend_day: int | None = None
        self._docks_next_morning = False
        self._dock = Dock(station, calendar, rng)
        self._usual_fault = usual_fault

    def live(self, plans: Sequence[DayPlan], strikes: Sequence[Strike]) -> Past:
        """Live through the days; return what came of it."""
        self._put_in(-5 * HOUR_S, longest_s=HOUR_S)
        due = sorted(strikes, key=lambda strike: strike.day)
        for day, plan in enumerate(plans):
            self._begin(day)
            takes = takes_of_day(self._rng, day) if plan.works else []
            today = [strike for strike in due if strike.day <= day] if takes else []
            due = [strike for strike in due if strike not in today]
            self._work(day, takes, today)
            self._end(day, plan)
        if self._docks_next_morning:
            self._put_in(len(plans) * DAY_S + 8.5 * HOUR_S, longest_s=HOUR_S)
        self._dock.left_share = 0.0
        self._dock.copy(self._recorder.camera, self._card, (len(plans) + 1) * DAY_S, HOUR_S)
        self._close_spell()
        self._finish()
        return self.past

    @property
    def _leaves_order(self) -> bool:
        """Whether the order in which files were made shows, whatever their times say."""
        return self._recorder.camera.maker.counter or not self._station.by_name

    def _begin(self, day: int) -> None:
        if self._docks_next_morning and day % WEEK_DAYS < WEEKEND:
            self._put_in(day * DAY_S + self._rng.uniform(8.3, 8.8) * HOUR_S, longest_s=HOUR_S)
            self._docks_next_morning = False
        is_due = self._mend_day is not None and day >= self._mend_day
        is_checked = not self._station.sets and not self._station.writes and day % CHECK_DAYS == 0
        if is_due or (is_checked and self._spell is None):
            self._set(day * DAY_S + 9.8 * HOUR_S, self._rng.uniform(-8.0, 8.0))
            self._close_spell()
            self._mend_day = None

    def _work(self, day: int, takes: Sequence[Take], strikes: Sequence[Strike]) -> None:
        for number, take in enumerate(takes):
            for strike in strikes:
                if int(strike.place * len(takes)) == number:
                    self._strike(replace(strike, day=day), take.press_s)
            carrier = self._carrier(day)
            fault = self._spell.strike.fault if self._spell else self._usual_fault
            files = self._recorder.record(take, carrier.officer_id, carrier.code, fault)
            self._card += files
            self._files += files
            if self._spell:
                self._spell.files += files
            if take.starts_visit:
                self.past.visits.append(Visit(carrier.officer_id, take.press_s, take.stop_s))

    def _carrier(self, day: float) -> Carrier:
        return [carrier for carrier in self._carriers if carrier.from_day <= max(0.0, day)][-1]

    def _end(self, day: int, plan: DayPlan) -> None:
        if not plan.docks:
            return
        if self._in_the_morning:
            self._docks_next_morning = True
        else:
            done_s = max(day * DAY_S + 18.4 * HOUR_S, self._recorder.free_s)
            self._put_in(done_s + self._rng.uniform(10, 60) * MINUTE_S, longest_s=1.5 * HOUR_S)

    def _strike(self, strike: Strike, next_press_s: float) -> None:
        """Let a fault befall the camera in the pause before its next recording."""
        pause_s = next_press_s - max(self._recorder.free_s, next_press_s - HOUR_S)
        at_s = next_press_s - 0.7 * pause_s
        fell_before = self._spell is not None and self._spell.strike.fault in RESETS
        self._close_spell()
        before = self._files[-1].digest if self._files else None
        self._spell = Spell(strike, before, at_s, decidable=not fell_before or self._leaves_order)
        clock = self._recorder.clock
        if strike.fault in RESETS:
            dates = DEFAULT_DATES if strike.fault is Fault.BATTERY else FIRMWARE_DATES
            clock.fall_to(at_s, self._calendar.seconds_of(self._rng.choice(dates)) + self._rng.uniform(0.0, 9.0))
            self._spell.decidable &= not (fell_before and self._seems_to_run_on(clock.shown_s(next_press_s)))
        elif strike.fault is Fault.ZONE:
            clock.zone_s = strike.by_s
        else:  # a person set it by a watch, and mistook hour, day or year
            clock.set_ahead(at_s, strike.by_s)
        self._recorder.free_s = next_press_s - 0.5 * pause_s
        if strike.fault is not Fault.ZONE and not self._station.sets:
            lasts = self._rng.choice((99, 8)) if strike.fault in LASTING else self._rng.randint(1, 3)
            self._mend_day = strike.day + lasts

    def _seems_to_run_on(self, shown_s: float) -> bool:
        """Whether a clock that fell once more shows a time after its last file: no witness tells it from one that ran.

        Satellites would, as they tell how much time passed.
        """
        has_track = self._recorder.camera.satellite is Satellite.TRACK
        return not has_track and bool(self._files) and shown_s > self._files[-1].stamped.closed_s

    def _put_in(self, at_s: float, longest_s: float) -> None:
        """Connect: the dock reads the clock, writes its record, sets the clock, and copies what is on the card."""
        docking = self._dock.connect(self._recorder, self._card, at_s, self._carrier(at_s // DAY_S).code)
        is_read = docking is not None and docking.record.device_time is not None
        self._connections.append((at_s, is_read))
        self.past.dockings += [docking] if docking else []
        if is_read and self._spell:
            self._spell.witnessed = True
        if self._station.sets:
            self._set(at_s + 0.2, self._rng.uniform(-0.5, 0.5))
            if self._spell and self._spell.strike.fault is not Fault.ZONE:
                self._close_spell()
        length_s = self._rng.uniform(5 * MINUTE_S, longest_s) - MINUTE_S
        self._card = self._dock.copy(self._recorder.camera, self._card, at_s + MINUTE_S, length_s)
        if not self._card and self._rng.random() < FORMAT_SHARE:
            self._recorder.format_card()

    def _set(self, at_s: float, ahead_s: float) -> None:
        self._recorder.clock.set_ahead(at_s, ahead_s)

    def _close_spell(self) -> None:
        """Write down the fault that has ended, when it touched any file."""
        spell, self._spell = self._spell, None
        if spell is None or not spell.files:
            return
        strike, device_id = spell.strike, self._recorder.camera.device_id
        clips = tuple(file.digest for file in spell.files)
        if strike.fault in RESETS:
            at = self._calendar.at(spell.happened_s)
            reset = PlantedReset(strike.fault, device_id, spell.before, clips[0], at, clips, spell.decidable)
            self.past.resets.append(reset)
            return
        for file in spell.files:
            is_plain = strike.fault in {Fault.DAY_OFF, Fault.YEAR_OFF}
            file.witnessed = is_plain or spell.witnessed or tells_itself(file, self._recorder.camera)
        self.past.shifts.append(
            PlantedShift(
                strike.fault,
                Scope.DEVICE,
                device_id,
                strike.by_s,
                clips,
                systematic=strike.fault in LASTING,
                witnessed=spell.witnessed,
            )
        )

    def _finish(self) -> None:
        camera, calendar = self._recorder.camera, self._calendar
        for file in self._files:
            if file.fault is Fault.CRYSTAL:
                file.witnessed = self._station.writes or tells_itself(file, camera)
            if file.fault is Fault.RENAMED:
                file.witnessed = self._station.keeps_mtime or tells_itself(file, camera)
            daily = file.fault is None and self._is_docked_daily(file)
            self.past.clips.append(come_in(file, camera, self._station, calendar, docked_daily=daily))
            if file.is_renamed:
                off_s = file.name_s - file.stamped.named_s
                self.past.renames.append(PlantedRename(file.digest, off_s))

        for before, after in pairwise(self._files):
            if abs(after.ahead_s - before.ahead_s) > MINUTE_S:
                self.past.jumps.append(Jump(before.digest, after.digest, after.ahead_s - before.ahead_s))

    def _is_docked_daily(self, file: CardFile) -> bool:
        before = [known for at_s, known in self._connections if file.start_s - DAY_S <= at_s <= file.start_s]
        after = [known for at_s, known in self._connections if file.end_s <= at_s <= file.end_s + DAY_S]
        return bool(before and after) and before[-1] and after[0]
