"""A camera's month: days of recording, faults that befall it, and connections to its dock."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

from evidence.docking import DockRecord
from evidence.ids import Digest, OfficerId
from tests.support.fleet_camera import Recorder
from tests.support.fleet_card import CardFile, come_in, listed, source_path
from tests.support.fleet_claims import card_mtime
from tests.support.fleet_clock import DAY_S, DEFAULT_DATES, FIRMWARE_DATES, HOUR_S, MINUTE_S, Calendar
from tests.support.fleet_days import WEEK_DAYS, WEEKEND, DayPlan, Take, takes_of_day
from tests.support.fleet_faults import LASTING, RESETS, Strike
from tests.support.fleet_nouns import (
    Fault,
    FleetClip,
    FleetDocking,
    FleetStation,
    PlantedRename,
    PlantedReset,
    PlantedShift,
    Scope,
)

LOST_RECORD_SHARE = 0.03
UNREAD_CLOCK_SHARE = 0.02
LEFT_SHARE = 0.015
TWICE_SHARE = 0.01
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
    clips: list[Digest] = field(default_factory=list)
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
        self._left_share = LEFT_SHARE
        self._usual_fault = usual_fault

    def live(self, plans: Sequence[DayPlan], strikes: Sequence[Strike]) -> Past:
        """Live through the days; return what came of it."""
        self._dock(-5 * HOUR_S, longest_s=HOUR_S)
        due = sorted(strikes, key=lambda strike: strike.day)
        for day, plan in enumerate(plans):
            self._begin(day)
            takes = takes_of_day(self._rng, day) if plan.works else []
            today = [strike for strike in due if strike.day <= day] if takes else []
            due = [strike for strike in due if strike not in today]
            self._work(day, takes, today)
            self._end(day, plan)
        if self._docks_next_morning:
            self._dock(len(plans) * DAY_S + 8.5 * HOUR_S, longest_s=HOUR_S)
        self._left_share = 0.0
        self._copy((len(plans) + 1) * DAY_S, HOUR_S)
        self._close_spell()
        self._finish()
        return self.past

    @property
    def _leaves_order(self) -> bool:
        """Whether the order in which files were made shows, whatever their times say."""
        return self._recorder.camera.maker.counter or not self._station.by_name

    def _begin(self, day: int) -> None:
        if self._docks_next_morning and day % WEEK_DAYS < WEEKEND:
            self._dock(day * DAY_S + self._rng.uniform(8.3, 8.8) * HOUR_S, longest_s=HOUR_S)
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
                self._spell.clips += [file.digest for file in files]
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
            evening_s = day * DAY_S + 18.5 * HOUR_S
            self._dock(max(evening_s, self._recorder.free_s + self._rng.uniform(10, 60) * MINUTE_S), 1.5 * HOUR_S)

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
        elif strike.fault is Fault.ZONE:
            clock.zone_s = strike.by_s
        else:  # a person set it by a watch, and mistook hour, day or year
            clock.set_ahead(at_s, strike.by_s)
        self._recorder.free_s = next_press_s - 0.5 * pause_s
        if strike.fault is not Fault.ZONE and not self._station.sets:
            lasts = self._rng.choice((99, 8)) if strike.fault in LASTING else self._rng.randint(1, 3)
            self._mend_day = strike.day + lasts

    def _dock(self, at_s: float, longest_s: float) -> None:
        """Connect: the dock reads the clock, writes its record, sets the clock, and copies what is on the card."""
        witnessed = self._write_record(at_s)
        self._connections.append((at_s, witnessed))
        if self._station.sets:
            self._set(at_s + 0.2, self._rng.uniform(-0.5, 0.5))
            if self._spell and self._spell.strike.fault is not Fault.ZONE:
                self._close_spell()
        self._copy(at_s + MINUTE_S, self._rng.uniform(5 * MINUTE_S, longest_s) - MINUTE_S)
        if not self._card and self._rng.random() < FORMAT_SHARE:
            self._recorder.format_card()

    def _write_record(self, at_s: float) -> bool:
        """Write the dock's record, unless it is lost; return whether it tells the camera's clock."""
        rng, station, camera = self._rng, self._station, self._recorder.camera
        read_s = at_s - rng.uniform(0.0, 0.5)
        if not station.writes or rng.random() < LOST_RECORD_SHARE:
            return False
        is_read = rng.random() >= UNREAD_CLOCK_SHARE
        shown = self._calendar.second(self._recorder.clock.shown_s(read_s)) if is_read else None
        names = (listed(file, camera, self._calendar, with_digest=station.lists_digests) for file in self._card)
        record = DockRecord(
            camera.device_id,
            self._calendar.at(round(at_s, 3)),
            shown,
            station.sets if station.says_set else None,
            officer_code=self._carrier(at_s // DAY_S).code,
            files=tuple(names),
            tool="DockSoft 4.2",
        )
        received_at = self._calendar.at(at_s + rng.uniform(5, 60))
        self.past.dockings.append(FleetDocking(record, station.station, received_at))
        if is_read and self._spell:
            self._spell.witnessed = True
        return is_read

    def _set(self, at_s: float, ahead_s: float) -> None:
        self._recorder.clock.set_ahead(at_s, ahead_s)

    def _copy(self, from_s: float, length_s: float) -> None:
        """Copy the card in the dock's order; now and then a file stays for the next time, or is copied again then."""
        rng, camera = self._rng, self._recorder.camera
        queue = sorted(self._card, key=lambda file: source_path(file, camera, self._calendar).rpartition("/")[2])
        queue = queue if self._station.by_name else list(self._card)
        total_s = sum(file.end_s - file.start_s + 1 for file in queue)
        done_s, stays = 0.0, []
        for file in queue:
            if not file.seen and rng.random() < self._left_share:
                stays.append(file)
                continue
            done_s += (file.end_s - file.start_s + 1) / total_s * length_s
            copied = self._calendar.at(round(from_s + done_s, 3))
            mtime = card_mtime(self._calendar, file.stamped.closed_s) if self._station.keeps_mtime else copied
            file.seen.append((mtime, self._calendar.at(round(from_s + done_s + rng.uniform(3, 30), 3))))
            if len(file.seen) == 1 and rng.random() < TWICE_SHARE:
                stays.append(file)
        self._card = stays

    def _close_spell(self) -> None:
        """Write down the fault that has ended, when it touched any file."""
        spell, self._spell = self._spell, None
        if spell is None or not spell.clips:
            return
        strike, device_id = spell.strike, self._recorder.camera.device_id
        if strike.fault in RESETS:
            at, clips = self._calendar.at(spell.happened_s), tuple(spell.clips)
            reset = PlantedReset(strike.fault, device_id, spell.before, clips[0], at, clips, spell.decidable)
            self.past.resets.append(reset)
            return
        self.past.shifts.append(
            PlantedShift(
                strike.fault,
                Scope.DEVICE,
                device_id,
                strike.by_s,
                tuple(spell.clips),
                systematic=strike.fault in LASTING,
                witnessed=spell.witnessed,
            )
        )

    def _finish(self) -> None:
        camera, calendar = self._recorder.camera, self._calendar
        for file in self._files:
            daily = file.fault is None and self._is_docked_daily(file)
            self.past.clips.append(come_in(file, camera, self._station, calendar, docked_daily=daily))
            if file.is_renamed:
                off_s = file.name_s - file.stamped.named_s
                self.past.renames.append(PlantedRename(file.digest, off_s))

    def _is_docked_daily(self, file: CardFile) -> bool:
        before = [known for at_s, known in self._connections if file.start_s - DAY_S <= at_s <= file.start_s]
        after = [known for at_s, known in self._connections if file.end_s <= at_s <= file.end_s + DAY_S]
        return bool(before and after) and before[-1] and after[0]
