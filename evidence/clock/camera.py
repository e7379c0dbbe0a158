"""The history of one camera's clock: its files, its dockings, and what each says of the others.

Files lie between *anchors*, moments at which the clock was read or set. Each stretch between two anchors is judged by
itself, so that a new file needs no more than its own stretch looked at, and the order in which things became known
never matters.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from evidence.clock.archive import archived
from evidence.clock.corrections import Correction
from evidence.clock.dockings import Docking, dockings_of
from evidence.clock.files import File, Recording, file_of, shifted
from evidence.clock.offsets import FREE, Anchor, Bounds, Node, Solution, middle, solve_run
from evidence.clock.order import on_card_since, put_in_order, settle
from evidence.clock.solving import Reset, best_solution, last_in_place, located, shared_doubts
from evidence.clock.stretches import (
    Stretch,
    clocked_stretches,
    keeps_mtimes,
    notice_lapses,
)
from evidence.docking import DockRecord
from evidence.ids import Digest

SET_BY_HAND_S = 60.0
"""A clock that was set lately and is off by more did not drift there, in seconds."""

STRAYED_S = 10.0
"""A clock that two dockings read this far apart, beyond all drift, was moved by hand at a moment nobody saw."""


@dataclass(slots=True)
class Placed:
    """What the stretch says of one file.

    Attributes:
        offset: bounds of the camera's clock minus real time at its start.
        seen: a witness reaches it.
        jump: the clock jumped somewhere near, and the file may lie on either side.
        fell: the camera's clock had been moved when this file began.
        counted: the counters tell so: they went on while the clock fell back.
        put_aside: its own satellites' time contradicts everything else.
        archived: it looks like an archive's, which no docking bounds, and may be of a clock that fell back.
    """

    file: File
    stretch: Stretch
    solution: Solution
    offset: Bounds
    seen: bool
    jump: bool = False
    fell: bool = False
    counted: bool = False
    put_aside: bool = False
    left: Anchor | None = None
    archived: bool = False

    @property
    def written_apart(self) -> bool:
        """Whether it alone was last written at another time than it is said to have ended."""
        return (self.stretch.keeps_mtimes or self.file.kept) and self.file.written_apart

    @property
    def doubted(self) -> bool:
        """Whether something beside the camera's clock speaks against it."""
        moved = self.solution.strayed and self.offset[1] - self.offset[0] > STRAYED_S
        return bool(self.suspect_s) or self.written_apart or self.put_aside or moved

    @property
    def is_one_sided(self) -> bool:
        """Whether a clock that was moved was read on one side of the file alone, and off by more than it drifts.

        A hand set it then, perhaps more than once; the file's own satellites tell, beside a dock's reading.
        """
        moved = bool(self.solution.falls) or self.solution.jumped is not None
        read = self.stretch.right is not None or (self.left is not None and self.left.firm)
        told = read and self.file.satellite is not None
        return moved and not told and abs(middle(self.offset)) > SET_BY_HAND_S

    @property
    def suspect_s(self) -> tuple[float, ...]:
        """Shifts that speak against the clock of the whole stretch, in seconds."""
        zone = () if self.stretch.zone_s is None else (self.stretch.zone_s,)
        return (*self.stretch.suspect_s, *zone)


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

    def stay_at(self, moment: float) -> Docking | None:
        """Return the docking that began at a moment."""
        index = bisect_left(self.stays, moment, key=lambda stay: stay.at)
        return self.stays[index] if index < len(self.stays) and self.stays[index].at == moment else None

    def on_card_since(self, file: File) -> float:
        """Return since when a file can have lain on its card, if it was left there at one docking at most."""
        return on_card_since(file.came, self.stays)


def read_history(
    recordings: Sequence[Recording],
    dockings: Sequence[DockRecord],
    corrections: Sequence[Correction] = (),
    *,
    docks_set: bool = True,
    arrivals: Iterable[float] = (),
) -> History:
    """Say of every file of one camera how far its clock was off.

    Args:
        recordings: files of the camera, at least all of the stretches that are asked about.
        dockings: what docks wrote about it.
        corrections: shifts that people confirmed for it, for its unit or for single clips.
        docks_set: docks that write no record set a camera's clock when it is connected.
        arrivals: when further files of the camera came that are not asked about, seconds since 1970: they tell of
            dockings.
    """
    history = History()
    files = [file_of(recording, corrections) for recording in sorted(recordings, key=lambda one: one.digest)]
    records = [shifted(record, corrections) for record in sorted(dockings, key=in_one_order)]
    history.stays = dockings_of(records, chain((file.arrival for file in files), arrivals))
    settle(files, history.stays)
    kept = archived(files)
    apart = {file.recording.digest for file in kept}
    beside = {} if not kept else along(list(map(copy, files)), History(stays=history.stays), docks_set=docks_set)
    live = [file for file in files if file.recording.digest not in apart]
    put_in_order(live)
    old = {digest: replace(beside[digest], archived=True) for digest in apart}
    found = along(live, history, docks_set=docks_set) | old
    in_order = sorted([*kept, *live], key=lambda file: file.stay)
    history.placed = {file.recording.digest: found[file.recording.digest] for file in in_order}
    return history


def along(files: Sequence[File], history: History, *, docks_set: bool) -> dict[Digest, Placed]:
    """Place files stretch by stretch, in the order they were made; adds the jumps that are located to the history."""
    found: dict[Digest, Placed] = {}
    last: File | None = None
    for stretch in clocked_stretches(files, history.stays, docks_set=docks_set):
        for part in stretch.by_decision():
            found |= {placed.file.recording.digest: placed for placed in place(part, history.resets, last)}
        last = last_in_place(stretch.files) or last
    return found


def in_one_order(record: DockRecord) -> tuple[datetime, str, str, float]:
    """Return a key that puts records in one order, those of one moment too."""
    return record.dock_time, str(record.device_time), str(record.clock_set), record.precision_s


def place(stretch: Stretch, resets: list[Reset], last: File | None) -> Iterator[Placed]:
    """Say of each file of a stretch how far its camera's clock was off; ``last``: the file before the stretch."""
    best = best_solution(stretch)
    stretch.suspect_s = shared_doubts(stretch, best)
    stretch.zone_s = stretch.zone_left(best.left)
    stretch.keeps_mtimes = keeps_mtimes(stretch.files)
    notice_lapses(stretch.files)
    told = {id(file): index for index, file in enumerate(best.files)}
    resets.extend(located(best, stretch, last))
    solution = best.solution
    for file in stretch.files:
        index = told.get(id(file))
        if index is not None:
            jumped = solution.is_near_jump(index)
            fell = any(fall <= index for fall in solution.falls)
            counted = fell and told_by_counters(best.files, solution, index)
            seen, offset, aside = solution.seen[index], solution.offsets[index], index in best.put_aside
            yield Placed(file, stretch, solution, offset, seen, jumped, fell, counted, aside, best.left)
        elif file.reading is not None and file.satellite is not None:
            yield Placed(file, stretch, solution, file.satellite, seen=True, left=best.left)
        elif file.reading is not None:
            node = Node(file.reading, file.recording.statement.step_s, file.length_s)
            alone = solve_run([node], best.left, stretch.right, stretch.rate)
            jump = alone.jumped is not None
            yield Placed(file, stretch, solution, alone.offsets[0], alone.seen[0], jump, left=best.left)
        else:
            yield Placed(file, stretch, solution, FREE, seen=False, left=best.left)


def told_by_counters(files: Sequence[File], solution: Solution, index: int) -> bool:
    """Whether counters tell of the last jump before a file, by its index."""
    fall = max(fall for fall in solution.falls if fall <= index)
    return rose_as_it_fell(files[fall - 1], files[fall])


def rose_as_it_fell(before: File, after: File) -> bool:
    """Whether the counter went on from one file to the next, and the clock went back behind the end of the first."""
    if before.recording.sequence is None or after.recording.sequence is None:
        return False
    counted = before.recording.sequence < after.recording.sequence
    shown, then = before.reading, after.reading
    return counted and shown is not None and then is not None and then < shown + before.length_s
