"""In which order a camera made its files, and out of which docking each came.

The counter tells it where there is one; else the clock does, and what shows a date that cannot be was made last.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf

from evidence.clock.dockings import Docking
from evidence.clock.files import File
from evidence.clock.offsets import middle

SLACK_S = 2.0
"""How far this machine's clock and a dock's may differ, in seconds."""

FRESH_S = 36 * 3600.0
"""Files that come this soon after they were made were just docked, in seconds."""

LEFT_BEHIND_S = 7 * 86_400.0
"""How long before the first docking that is known a file may have been made, in seconds."""

COUNTERS = 1e7
"""More than any counter counts to."""

SET_BACK = 4
"""A counter that fell to less than one in so many of where it was began anew; a smaller fall is the clock's doing."""

COUNT_SLACK = 3
"""Counters of files that begin within moments of each other may be this far out of order."""

WRAP = 5000
"""A file counter of four digits that fell by more than this has run round."""


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
    since = on_card_since(file, stays) if bounded else -inf
    file.start = (since if since <= latest else -inf, latest)  # dockings closer than the file is long bound nothing


def on_card_since(file: File, stays: Sequence[Docking]) -> float:
    """Return since when a file can have lain on its card: at one docking it may have been left behind."""
    if file.stay > 1:
        return stays[file.stay - 2].at - SLACK_S
    return stays[0].at - LEFT_BEHIND_S


def is_older(file: File, stays: Sequence[Docking], stay: int) -> bool:
    """Whether a file was made before a docking: by its clock as it stands, unless what a dock read explains it."""
    if not seems_older(file, stays[stay].at):
        return False
    if file.satellite is not None:
        return seems_older(file, stays[stay].at + middle(file.satellite))
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
        if counter < last - COUNT_SLACK and counter * SET_BACK < last:
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
