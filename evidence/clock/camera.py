"""The history of one camera's clock: its files, its dockings, and what each says of the others.

Files lie between *anchors*, moments at which the clock was read or set. Each stretch between two anchors is judged by
itself, so that a new file needs no more than its own stretch looked at, and the order in which things became known
never matters.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from math import inf

from evidence.clock.corrections import Correction, correction_for
from evidence.clock.dockings import Docking, dockings_of
from evidence.clock.offsets import (
    DAY_S,
    FAR_S,
    FREE,
    LEAP_S,
    STANDARD,
    Anchor,
    Bounds,
    Node,
    Rate,
    Solution,
    meet,
    middle,
    misfits,
    out_of_order,
    rate_between,
    rate_from,
    solve,
    solve_jump,
    solve_run,
)
from evidence.clock.readings import TOLERANCE_S
from evidence.clock.shifts import systematic
from evidence.clock.statement import Statement
from evidence.clock.verdicts import ClockVerdict
from evidence.docking import DockRecord
from evidence.ids import Digest

UNSEEN_S = 22.0
"""How far a clock may be off of which no docking is known: a week at the standard's 3 s a day, in seconds."""

SLACK_S = 2.0
"""How far this machine's clock and a dock's may differ, in seconds."""

FRESH_S = 36 * 3600.0
"""Files that come this soon after they were made were just docked, in seconds."""

LEFT_BEHIND_S = 7 * 86_400.0
"""How long before the first docking that is known a file may have been made, in seconds."""

RATES_AROUND = 3
"""Stretches on either side whose measured rates speak for a stretch."""

KEPT = 4
KEPT_SHARE = 0.75
"""From so many files on, so many of which were last written as they ended, one that was not is remarkable."""

SHARED = 2
"""From so many files on that suggest the same shift, all files of their stretch are doubted."""

MISFITS = 0.2
"""Share of the files of a stretch that may be put aside when all others need no jump."""

COUNTERS = 1e7
"""More than any counter counts to."""

COUNT_SLACK = 3
"""Counters of files that begin within moments of each other may be this far out of order."""

WRAP = 5000
"""A file counter of four digits that fell by more than this has run round."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A file of a camera, as far as its clock is concerned.

    Attributes:
        statement: what the file itself says (`evidence.clock.state`).
        received_at: when it had left the camera at the latest, UTC: by its dock's record, else by its first intake.
        sequence: the camera's file counter; None when it has none.
    """

    digest: Digest
    statement: Statement
    received_at: datetime
    sequence: int | None = None


@dataclass(slots=True)
class File:
    """A recording on its way through the judgement; times in seconds since 1970.

    Attributes:
        reading: what the camera's clock showed at the start, a confirmed shift taken off; None when it showed nothing.
        sound: the reading stands alone and undisputed, so that others may lean on it.
        real: the reading can be a real time.
        vouched: something other than the camera's clock places the recording: satellites, a tag with its own zone.
        stay: which docking it came out of.
        start: bounds of its true start, by docking and arrival.
        fell: its clock shows a time before the docking before it, and yet it was made after that.
        as_read: with the offset that the dock read, it lies between the docking before and this one.
        ordered: its place among the files of its stay is certain.
        stray: it lies out of the order of the counters.
    """

    recording: Recording
    reading: float | None
    length_s: float
    arrival: float
    correction: Correction | None
    sound: bool
    real: bool
    vouched: bool
    stay: int = 0
    start: Bounds = FREE
    fell: bool = False
    as_read: bool = False
    ordered: bool = False
    stray: bool = False

    @property
    def was_reset(self) -> bool:
        """Whether its clock had fallen back by its own showing."""
        return self.fell or (not self.real and self.reading is not None and self.reading < self.arrival - LEAP_S)

    @property
    def satellite(self) -> Bounds | None:
        """Bounds of the clock's offset by the file's own satellites, a confirmed shift taken off."""
        seen = self.recording.statement.satellite
        shift_s = self.correction.shift_s if self.correction else 0.0
        return None if seen is None else (seen[0] - shift_s, seen[1] - shift_s)

    def node(self, *, satellite: bool = True) -> Node:
        """Return the file as the arithmetic takes it; only with a reading."""
        stated = self.recording.statement
        start = (self.start[0], self.start[1] + stated.early_s)
        offset = self.satellite if satellite and self.satellite is not None else FREE
        step_s = 1.0 if self.vouched else stated.step_s
        return Node(self.reading or 0.0, step_s, self.length_s, start, offset, self.real)


@dataclass(slots=True)
class Stretch:
    """The files between two anchors, in the order they were made.

    Attributes:
        left: what may be known of the clock at its beginning, the likeliest first; right: at its end.
        since: when the docking before it began; None when none is known.
        rate: bounds of how fast the clock runs off, in seconds a day.
        suspect_s: shifts that several of its files suggest, while nothing firm speaks for its clock.
        keeps_mtimes: nearly all its files were last written as they ended: copying left those times alone.
    """

    files: list[File]
    left: tuple[Anchor, ...]
    right: Anchor | None
    since: float | None
    until: float
    rate: Bounds = STANDARD
    suspect_s: tuple[float, ...] = ()
    keeps_mtimes: bool = False

    def heed(self, *, in_vain: bool) -> None:
        """Take the clock to be as the dock read it, where setting it had no effect before and nobody looked since."""
        if in_vain and self.right is None and len(self.left) > 1:
            self.left = self.left[::-1]

    def measured(self) -> Rate | None:
        """Return how fast the clock ran off in it, as far as anchors tell."""
        return rate_between(self.left[0], self.right) if self.left and self.right is not None else None


@dataclass(slots=True)
class Placed:
    """What the stretch says of one file.

    Attributes:
        offset: bounds of the camera's clock minus real time at its start.
        seen: a witness reaches it.
        jump: the clock jumped somewhere near, and the file may lie on either side.
        fell: the camera's clock had fallen back when this file began.
        put_aside: its own satellites' time contradicts everything else.
    """

    file: File
    stretch: Stretch
    solution: Solution
    offset: Bounds
    seen: bool
    jump: bool = False
    fell: bool = False
    put_aside: bool = False
    left: Anchor | None = None

    @property
    def written_apart(self) -> bool:
        """Whether it alone was last written at another time than it is said to have ended."""
        apart_s = self.file.recording.statement.written_s
        return self.stretch.keeps_mtimes and apart_s is not None and abs(apart_s) > TOLERANCE_S

    @property
    def doubted(self) -> bool:
        """Whether something beside the camera's clock speaks against it."""
        return bool(self.stretch.suspect_s) or self.written_apart


@dataclass(frozen=True, slots=True)
class Reset:
    """A jump of a camera's clock, between two files that follow each other.

    Attributes:
        before, after: the last file before it and the first after it; None at an anchor.
    """

    before: Digest | None
    after: Digest | None


@dataclass
class History:
    """Everything the stretches of a camera say.

    Attributes:
        placed: per file, in the order they were made.
        resets: jumps that are located between two files.
        stays: the dockings.
    """

    placed: dict[Digest, Placed] = field(default_factory=dict)
    resets: list[Reset] = field(default_factory=list)
    stays: list[Docking] = field(default_factory=list)


def read_history(
    recordings: Sequence[Recording],
    dockings: Sequence[DockRecord],
    corrections: Sequence[Correction] = (),
    *,
    docks_set: bool = True,
) -> History:
    """Say of every file of one camera how far its clock was off.

    Args:
        recordings: files of the camera, at least all of the stretches that are asked about.
        dockings: what docks wrote about it.
        corrections: shifts that people confirmed for it, for its unit or for single clips.
        docks_set: docks that write no record set a camera's clock when it is connected.
    """
    history = History()
    files = [file_of(recording, corrections) for recording in recordings]
    records = [shifted(record, corrections) for record in dockings]
    history.stays = dockings_of(records, (file.arrival for file in files))
    settle(files, history.stays)
    parts = list(stretches(files, history.stays, docks_set=docks_set))
    measured = [part.measured() for part in parts]
    last: File | None = None
    heed_later_readings(parts)
    for index, stretch in enumerate(parts):
        around = measured[max(0, index - RATES_AROUND) : index + RATES_AROUND + 1]
        stretch.rate = rate_from([rate for rate in around if rate is not None])
        stretch.heed(in_vain=index > 0 and set_in_vain(parts[index - 1]))
        for placed in place(stretch, history.resets, last):
            history.placed[placed.file.recording.digest] = placed
        last = stretch.files[-1] if stretch.files else last
    return history


def file_of(recording: Recording, corrections: Sequence[Correction]) -> File:
    """Return a recording with a confirmed shift taken off its clock."""
    stated = recording.statement
    vouched = not stated.own_clock and stated.verdict is not ClockVerdict.UNKNOWN
    shown = stated.span.start if stated.span else None
    shown = stated.unbelieved_start if vouched or stated.verdict is ClockVerdict.UNKNOWN else shown
    correction = correction_for(corrections, shown, recording.digest)
    reading = None if shown is None else shown.timestamp() - (correction.shift_s if correction else 0.0)
    sound = reading is not None and (not stated.mixed or correction is not None)
    real = shown is not None and (shown != stated.unbelieved_start or correction is not None)
    arrival = recording.received_at.timestamp()
    return File(recording, reading, stated.length_s, arrival, correction, sound, real, vouched)


def shifted(record: DockRecord, corrections: Sequence[Correction]) -> DockRecord:
    """Return a dock's record with a confirmed shift taken off what the camera's clock showed."""
    correction = correction_for(corrections, record.device_time)
    if correction is None or record.device_time is None:
        return record
    return replace(record, device_time=record.device_time - timedelta(seconds=correction.shift_s))


# --- which file lies where --------------------------------------------------------------------------------------------


def settle(files: list[File], stays: Sequence[Docking]) -> None:
    """Find out of which docking each file came, and between which bounds it was made; put the files in order."""
    begins = [stay.at for stay in stays]
    by_stay: dict[int, list[File]] = {}
    for file in files:
        file.stay = max(0, bisect_right(begins, file.arrival + SLACK_S) - 1)
        by_stay.setdefault(file.stay, []).append(file)
    before = Before()
    for index in sorted(by_stay):
        group = by_stay[index]
        for file in group:
            bound(file, stays, before)
        before = before.after(group, recorded=stays[index].recorded)
    put_in_order(files)


def put_in_order(files: list[File]) -> None:
    """Put files in the order they were made, stay by stay, and say of each whether its place is certain."""
    by_stay: dict[int, list[File]] = {}
    for file in files:
        by_stay.setdefault(file.stay, []).append(file)
    keys = {index: order_key(group) for index, group in by_stay.items()}
    for index, group in by_stay.items():
        for file in group:
            file.ordered = keys[index] is not by_clock or (file.sound and not file.fell)
    files.sort(key=lambda file: (file.stay, *keys[file.stay](file)))


@dataclass(frozen=True, slots=True)
class Before:
    """What the stay before tells of the files that came later.

    Attributes:
        highest: its highest counter; None when it has none.
        sure: it was a docking for certain: a record says so, or its files were fresh when they came. Files that are
            taken in from an archive come long after they left their camera.
    """

    highest: int | None = None
    sure: bool = False

    def after(self, group: Sequence[File], *, recorded: bool) -> "Before":
        """Return what a stay tells of those after it."""
        counters = [file.recording.sequence for file in group if file.recording.sequence is not None]
        fresh = any(file.sound and 0 <= file.arrival - (file.reading or 0.0) <= FRESH_S for file in group)
        return Before(max(counters, default=None), recorded or fresh)

    def is_after(self, file: File) -> bool:
        """Whether the files of that stay were made after a file: its counter lies behind theirs."""
        sequence = file.recording.sequence
        if self.highest is None or sequence is None:
            return False
        return 0 < (self.highest - sequence) % (2 * WRAP) < WRAP


def bound(file: File, stays: Sequence[Docking], before: Before) -> None:
    """Bound a file's start by docking and arrival after it, and where its clock says nothing by the docking before.

    A file may stay on its card while others are copied, so that no counter proves that it was made after a docking.
    """
    if file.stay and file.real and is_older(file, stays, file.stay - 1):
        long_gone = file.stay > 1 and is_older(file, stays, file.stay - 2)
        if not (long_gone and before.sure and not before.is_after(file)):
            file.stay -= 1
    latest = min(file.arrival, stays[file.stay].at + SLACK_S) - file.length_s + SLACK_S
    file.fell = bool(file.stay) and seems_older(file, stays[file.stay - 1].at)
    file.as_read = bool(file.stay) and lies_as_read(file, stays)
    bounded = file.stay and (file.fell or (before.sure and not file.sound))
    file.start = (on_card_since(file, stays) if bounded else -inf, latest)


def on_card_since(file: File, stays: Sequence[Docking]) -> float:
    """Return since when a file can have lain on its card: at one docking it may have been left behind."""
    if file.stay > 1:
        return stays[file.stay - 2].at - SLACK_S
    return stays[0].at - LEFT_BEHIND_S


def is_older(file: File, stays: Sequence[Docking], stay: int) -> bool:
    """Whether a file was made before a docking: by its clock as it stands, unless what a dock read explains it."""
    if not seems_older(file, stays[stay].at):
        return False
    return not lies_as_read(file, stays, stay)


def lies_as_read(file: File, stays: Sequence[Docking], since: int | None = None) -> bool:
    """Whether a file, its clock as far off as a dock read it, was made between a docking and the one it came out of."""
    read = stays[file.stay].read or stays[file.stay - 1].read
    if read is None or file.reading is None:
        return False
    real = file.reading + file.length_s - middle(read)
    begin = stays[file.stay - 1 if since is None else since].at
    return begin <= real <= stays[file.stay].at + SLACK_S


def seems_older(file: File, at: float) -> bool:
    """Whether a file had ended by a moment of its camera's own clock."""
    return file.reading is not None and file.sound and file.reading + file.length_s < at


def order_key(group: Sequence[File]) -> Callable[[File], tuple[float, float]]:
    """Return a key for the order in which files of one stay were made: their counter where all have one."""
    known = [counter for file in group if (counter := file.recording.sequence) is not None]
    if len(known) < len(group):
        return by_clock
    return partial(by_counter, runs=runs_of(group))


def runs_of(group: Sequence[File]) -> list[set[int]]:
    """Return the counters of each run: a counter that fell was set back when the card was formatted, or ran round."""
    runs: list[set[int]] = [set()]
    last = -1
    for file in sorted((file for file in group if not file.was_reset), key=by_clock):
        counter = file.recording.sequence or 0
        if counter < last - COUNT_SLACK:
            runs.append(set())
        runs[-1].add(counter)
        last = counter
    return runs


def by_clock(file: File) -> tuple[float, float]:
    """Return the place of a file by its camera's clock; what shows a date that cannot be was made last.

    Of several resets the one that the dock still read was the last.
    """
    late = 0.0 if file.real and not file.fell else 2.0 if file.as_read else 1.0
    return late, file.reading if file.reading is not None else inf


def by_counter(file: File, *, runs: Sequence[set[int]]) -> tuple[float, float]:
    """Return the place of a file by its counter, within the run that its counter goes on in."""
    counter = file.recording.sequence or 0
    reading = file.reading if file.reading is not None else inf
    own = () if file.was_reset else (0,)
    for beside in (*own, -1, 1, -2, 2):
        for number, run in enumerate(runs):
            if counter + beside in run and (beside == 0 or counter not in run):
                return number * COUNTERS + float(counter), reading
    return (len(runs) - 1) * COUNTERS + float(counter), reading


def stretches(files: Sequence[File], stays: Sequence[Docking], *, docks_set: bool) -> Iterator[Stretch]:
    """Yield the stretches between anchors, those without files too: they tell how fast the clock runs off."""
    left: tuple[Anchor, ...] = ()
    since: float | None = None
    held: list[File] = []
    by_stay: dict[int, list[File]] = {}
    for file in files:
        by_stay.setdefault(file.stay, []).append(file)
    for index, stay in enumerate(stays):
        held += by_stay.get(index, ())
        before, after = stay.before(), stay.after(docks_set=docks_set)
        if before is None and not after:
            continue
        yield Stretch(held, left, before, since, stay.at)
        left, since, held = after, stay.at, []
    if held:
        yield Stretch(held, left, None, since, stays[-1].at)


def set_in_vain(stretch: Stretch) -> bool:
    """Whether a clock was as far off at the end of a stretch as before a dock set it at the beginning."""
    if stretch.right is None or len(stretch.left) < 2:  # noqa: PLR2004 - set right, and unchanged
        return False
    unchanged = abs(middle(stretch.right.offset) - middle(stretch.left[-1].offset))
    return abs(middle(stretch.right.offset)) > FAR_S and unchanged < FAR_S


def heed_later_readings(parts: Sequence[Stretch]) -> None:
    """Give stretches that end in a silent docking the next reading, where it says that the clock is far off.

    A dock that is only thought to have set the clock then did not, or set it in vain: the clock may have been off
    for as long as nobody looked.
    """
    for index, stretch in enumerate(parts):
        if stretch.right is not None:
            continue
        for later in parts[index + 1 : index + 1 + RATES_AROUND]:
            if any(anchor.firm for anchor in later.left):
                break
            if later.right is not None:
                far = abs(middle(later.right.offset)) > FAR_S
                stretch.right = later.right if far else None
                break


# --- one stretch ------------------------------------------------------------------------------------------------------


def place(stretch: Stretch, resets: list[Reset], last: File | None) -> Iterator[Placed]:
    """Say of each file of a stretch how far its camera's clock was off; ``last``: the file before the stretch."""
    best = best_solution(stretch)
    stretch.suspect_s = shared_doubts(stretch, best)
    stretch.keeps_mtimes = keeps_mtimes(stretch.files)
    told = {id(file): index for index, file in enumerate(best.files)}
    resets.extend(located(best, stretch, last))
    solution = best.solution
    for file in stretch.files:
        index = told.get(id(file))
        if index is not None:
            jumped = solution.jumped is not None and solution.jumped[0] <= index < solution.jumped[1]
            fell = bool(solution.falls) and index >= solution.falls[0]
            seen, offset = solution.seen[index], solution.offsets[index]
            yield Placed(file, stretch, solution, offset, seen, jumped, fell, index in best.put_aside, best.left)
        elif file.reading is not None and file.satellite is not None:
            yield Placed(file, stretch, solution, file.satellite, seen=True, left=best.left)
        elif file.reading is not None:
            node = Node(file.reading, file.recording.statement.step_s, file.length_s)
            alone = solve_run([node], best.left, stretch.right, stretch.rate)
            jump = alone.jumped is not None
            yield Placed(file, stretch, solution, alone.offsets[0], alone.seen[0], jump, left=best.left)
        else:
            yield Placed(file, stretch, solution, FREE, seen=False, left=best.left)


def keeps_mtimes(files: Sequence[File]) -> bool:
    """Whether nearly all files were last written when they ended, so that one that was not stands out."""
    known = [apart_s for file in files if (apart_s := file.recording.statement.written_s) is not None]
    return len(known) >= KEPT and sum(abs(apart_s) <= TOLERANCE_S for apart_s in known) >= KEPT_SHARE * len(known)


def shared_doubts(stretch: Stretch, best: "Best") -> tuple[float, ...]:
    """Return the systematic shifts that several files of a stretch suggest of the one clock they share.

    What is said against one file's time speaks against its neighbours', unless a dock or a satellite saw the clock.
    """
    firm = (best.left is not None and best.left.firm) or stretch.right is not None
    votes = Counter(
        shift_s
        for file in stretch.files
        if file.correction is None
        for shift_s in {systematic(-other_s) for other_s in file.recording.statement.others_s}
        if shift_s is not None
    )
    return () if firm else tuple(sorted(shift_s for shift_s, count in votes.items() if count >= SHARED))


@dataclass(slots=True)
class Best:
    """The explanation of a stretch that needs least.

    Attributes:
        files: those that take part. put_aside: whose satellites contradict all else, by index.
    """

    files: list[File]
    solution: Solution
    left: Anchor | None
    put_aside: frozenset[int] = frozenset()


def best_solution(stretch: Stretch) -> Best:
    """Explain a stretch by the likeliest of its anchors that fits; then without satellites, then without misfits."""
    sure = [file for file in stretch.files if file.sound]
    lefts: tuple[Anchor | None, ...] = stretch.left or (None,)
    if not stretch.left and stretch.right is None and sure:
        lefts = (Anchor(sure[0].reading or 0.0, (-UNSEEN_S, UNSEEN_S), firm=False),)
    first = attempt(sure, lefts[0], stretch)
    if is_clean(first.solution):
        return first
    others = [attempt(sure, left, stretch) for left in lefts[1:]]
    if any(file.recording.statement.satellite is not None for file in sure):
        assumed = any(left is not None and not left.firm for left in lefts)
        others += [attempt(sure, None, stretch)] if assumed else []
        others += [attempt(sure, left, stretch, satellite=False) for left in lefts]
    clean = next((one for one in others if is_clean(one.solution)), None)
    if clean is None and falls_unplaced(first, stretch):
        steady = [file for file in sure if not file.was_reset]
        solution = solve_jump([file.node() for file in steady], first.left, stretch.right, stretch.rate)
        return Best(steady, solution, first.left)
    return clean or without_misfits(sure, lefts, stretch) or in_order(sure, lefts[0], stretch)


def falls_unplaced(first: "Best", stretch: Stretch) -> bool:
    """Whether a clock was moved within a stretch of files without counters: their order by that clock tells nothing."""
    uncounted = any(file.recording.sequence is None for file in first.files)
    near = stretch.right is not None and abs(middle(stretch.right.offset)) <= DAY_S
    return bool(first.solution.falls) and uncounted and near


def attempt(sure: list[File], left: Anchor | None, stretch: Stretch, *, satellite: bool = True) -> Best:
    """Explain a stretch from one anchor."""
    solution = solve([file.node(satellite=satellite) for file in sure], left, stretch.right, stretch.rate)
    if satellite:
        return Best(sure, solution, left)
    pairs = enumerate(zip(sure, solution.offsets, strict=True))
    aside = frozenset(index for index, (file, offset) in pairs if meet(file.node().offset, offset) is None)
    return Best(sure, solution, left, aside)


def without_misfits(sure: list[File], lefts: Sequence[Anchor | None], stretch: Stretch) -> Best | None:
    """Explain a stretch without the few files that no anchor allows for; None when that does not explain it."""
    for left in lefts:
        nodes = [file.node() for file in sure]
        wrong = {*misfits(nodes, (left, stretch.right), stretch.rate), *out_of_order(nodes)}
        if not wrong or len(wrong) > max(1, len(sure) * MISFITS) or any(sure[index].was_reset for index in wrong):
            continue
        best = attempt([file for index, file in enumerate(sure) if index not in wrong], left, stretch)
        if is_clean(best.solution):
            for index in wrong:
                sure[index].stray = True
            return best
    return None


def in_order(sure: list[File], left: Anchor | None, stretch: Stretch) -> Best:
    """Explain a stretch by jumps, those files put aside that lie out of order by themselves."""
    wrong = {index for index in out_of_order([file.node() for file in sure]) if not sure[index].was_reset}
    for index in wrong:
        sure[index].stray = True
    return attempt([file for index, file in enumerate(sure) if index not in wrong], left, stretch)


def is_clean(solution: Solution) -> bool:
    """Whether no jump is needed to explain a stretch."""
    return not solution.falls and solution.jumped is None and not solution.strayed


def located(best: Best, stretch: Stretch, last: File | None) -> Iterator[Reset]:
    """Yield the jumps of a stretch that lie between two known files; ``last``: the file before the stretch."""
    jumped = best.solution.jumped
    places = {*best.solution.falls, *([jumped[0]] if jumped is not None and jumped[0] == jumped[1] else [])}
    for index, file in enumerate(best.files):
        before = best.files[index - 1] if index else last
        renewed = not index and bool(stretch.left) and abs(middle(stretch.left[0].offset)) <= FAR_S
        if file.was_reset and before is not None and (renewed or not before.was_reset):
            places.add(index)
    order = {id(file): index for index, file in enumerate(stretch.files)}
    for place in sorted(places):
        if place == len(best.files):
            yield Reset(best.files[-1].recording.digest if best.files else None, None)
            continue
        index = order[id(best.files[place])]
        before = stretch.files[index - 1] if index else last
        yield Reset(before.recording.digest if before else None, best.files[place].recording.digest)
