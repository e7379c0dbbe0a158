"""In which order a camera made its files, and out of which docking each came.

The counter tells it where there is one; else the clock does, and what shows a date that cannot be was made last.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from evidence.clock.counters import BESIDE, COUNT_SLACK, LAST, by_clock, counters_of, follows, order_key
from evidence.clock.dockings import Docking
from evidence.clock.files import File
from evidence.clock.offsets import FAR_S, LEAP_S, middle
from evidence.clock.stretches import keeps_mtimes

SLACK_S = 2.0
"""How far this machine's clock and a dock's may differ, in seconds."""

LEFT_BEHIND_S = 7 * 86_400.0
"""How long before the first docking that is known a file may have been made that was just docked there, in seconds."""

MOST_LEFT = 2
"""A file is looked for at so many dockings before the one it came in: it was left on its card meanwhile."""


def settle(files: list[File], stays: Sequence[Docking]) -> None:
    """Find out of which docking each file came, and between which bounds it was made; put the files in order."""
    begins = [stay.at for stay in stays]
    by_stay: dict[int, list[File]] = {}
    for file in files:
        file.stay = file.came = max(0, bisect_right(begins, file.arrival + SLACK_S) - 1)
        by_stay.setdefault(file.stay, []).append(file)
    before: tuple[frozenset[int], frozenset[int]] = frozenset(), frozenset()
    was_docking = {index: stay.recorded for index, stay in enumerate(stays)}
    for index in sorted(by_stay):
        group = by_stay[index]
        doubt_written_apart(group)
        made_since = [file for file in group if is_made_since(file, stays)]
        was_docking[index] |= any(is_fresh(file, stays) for file in group)
        sure = was_docking.get(index - 1, False)
        moved = sure and not made_since and sum(seems_left(file, stays) for file in group) > MOST_LEFT
        counters = frozenset(counters_of(group))
        anew = bool(counters & before[0])
        known = (frozenset(), frozenset()) if anew else before
        card = Card(*known, frozenset(counters_of(made_since)), len(group), sure=sure, moved=moved)
        for file in group:
            bound(file, stays, card)
        before = counters, known[0]
    put_in_order(files)


def doubt_written_apart(group: Sequence[File]) -> None:
    """Lean on no file that was last written at another time than it is said to have ended, where copying kept that."""
    if not keeps_mtimes(group):
        return
    for file in group:
        file.kept = True
        file.sound &= file.correction is not None or not file.written_apart


def put_in_order(files: list[File]) -> None:
    """Put files in the order they were made, stay by stay, and say of each whether its place is certain."""
    by_stay: dict[int, list[File]] = {}
    for file in files:
        by_stay.setdefault(file.stay, []).append(file)
    keys = {index: order_key(group) for index, group in by_stay.items()}
    for index, group in by_stay.items():
        for file in group:
            file.by_clock = keys[index] is by_clock
            file.ordered = not file.by_clock or (file.sound and not file.fell)
    files.sort(key=lambda file: (file.stay, *keys[file.stay](file)))


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a card when it came to a docking.

    Attributes:
        before: counters of the files that came before; none where the counter began anew since. earlier: of those that
            came before them.
        since: counters of its files that were made since the docking before, by their clock as it stands.
        files: how many it held.
        sure: the docking before was one for certain: a record says so, or files came that were made lately. Files that
            are taken in from an archive come long after they left their camera.
        moved: none of its files was made since the docking before, by their clock as it stands: a few are left on a
            card, not all of them, so that the clock was moved.
    """

    before: frozenset[int] = frozenset()
    earlier: frozenset[int] = frozenset()
    since: frozenset[int] = frozenset()
    files: int = 0
    sure: bool = False
    moved: bool = False

    def was_left(self, file: File) -> bool:
        """Whether files that came before were made after a file: its counter lies behind theirs."""
        return bool(self.before) and follows(max(self.before), file.recording.sequence)

    def goes_on(self, file: File) -> bool:
        """Whether a file's counter goes on where those of the files that came before ended: it was made after them."""
        counter = file.recording.sequence
        if counter is None or not self.before:
            return False
        return 0 < (counter - max(self.before)) % LAST <= self.files + COUNT_SLACK

    def lacked(self, file: File) -> bool:
        """Whether files that were made right before and right after a file came before it: it was left behind."""
        counter = file.recording.sequence
        if counter is None or not self.before:
            return False
        steps = range(1, BESIDE + 1)
        later = any(counter + step in self.before for step in steps)
        return later and any(counter - step in self.before | self.earlier for step in steps)

    def is_new(self, file: File) -> bool:
        """Whether a file was made after others of the card that were made since the docking before."""
        return any(follows(file.recording.sequence, counter) for counter in self.since)


def bound(file: File, stays: Sequence[Docking], card: Card) -> None:
    """Bound a file's start by docking and arrival after it, and where its clock says nothing by the docking before.

    A file may stay on its card while others are copied, so that no counter proves that it was made after a docking;
    one that was made after a file that was made after it was.
    """
    file.stay -= stays_left(file, stays, card)
    left = stays[file.stay if card.lacked(file) else file.came].at  # its clock alone proves no docking
    latest = min(file.arrival, left + SLACK_S) - file.length_s + SLACK_S
    file.fell = bool(file.stay) and seems_older(file, stays[file.stay - 1].at)
    read = stays[file.stay].read
    file.found_set = read is not None and abs(middle(read)) <= LEAP_S
    file.as_read = bool(file.stay) and lies_as_read(file, stays)
    bounded = file.stay and (file.fell or (card.sure and not file.sound))
    since = on_card_since(file.stay, stays, moved=card.moved or is_told(file, stays)) if bounded else -inf
    file.start = (since if since <= latest else -inf, latest)  # dockings closer than the file is long bound nothing


def stays_left(file: File, stays: Sequence[Docking], card: Card) -> int:
    """Return at how many dockings a file was left on its card before it was copied.

    A clock that fell shows a time before the dockings that are known; a file that was left shows one among them, or
    one that only what was read at the docking before makes one among them.
    """
    if is_told(file, stays) or card.is_new(file):
        return 0
    if (file.stay and card.lacked(file)) or was_left_as_read(file, stays):
        return 1
    if card.moved or not (file.stay and file.real and is_older(file, stays, file.stay - 1)):
        return 0
    if seems_left(file, stays):
        return 1
    if file.stay >= MOST_LEFT and not is_older_still(file, stays, file.stay - 1 - MOST_LEFT):
        return MOST_LEFT
    return 0 if card.goes_on(file) or (card.sure and not card.was_left(file)) else 1


def is_told(file: File, stays: Sequence[Docking]) -> bool:
    """Whether the record of a docking is the first to list a file, though the docking before wrote one too."""
    return bool(file.stay) and file.recording.listed and stays[file.stay - 1].recorded


def seems_left(file: File, stays: Sequence[Docking]) -> bool:
    """Whether a file was made between the two dockings before the one it came in, by its clock as it stands."""
    if not file.stay or not file.real or not is_older(file, stays, file.stay - 1):
        return False
    return not is_older_still(file, stays, file.stay - 2)


def was_left_as_read(file: File, stays: Sequence[Docking]) -> bool:
    """Whether a file was made on a fallen clock that the docking before read and the one it came in did not."""
    before = stays[file.stay - 1]
    if not file.stay or not file.sound or file.reading is None or before.read is None:
        return False
    if abs(middle(before.read)) <= FAR_S or lies_as_read(file, stays):
        return False
    since = stays[file.stay - 2].at if file.stay > 1 else before.at - LEFT_BEHIND_S
    return since <= file.reading + file.length_s - middle(before.read) <= before.at + SLACK_S


def is_older_still(file: File, stays: Sequence[Docking], stay: int) -> bool:
    """Whether a file was made before a docking, or long before the first that is known."""
    return is_older(file, stays, stay) if stay >= 0 else seems_older(file, stays[0].at - LEFT_BEHIND_S)


def is_made_since(file: File, stays: Sequence[Docking]) -> bool:
    """Whether a file was made since the docking before the one it came in, by its clock or satellites."""
    if file.reading is None or not file.sound:
        return False
    if not file.stay:
        return not seems_older(file, stays[0].at - LEFT_BEHIND_S)
    return not is_older(file, stays, file.stay - 1)


def is_fresh(file: File, stays: Sequence[Docking]) -> bool:
    """Whether a file was made since the last docking but one before it came, by its clock or satellites."""
    if file.reading is None or not file.sound or file.reading > file.arrival:
        return False
    return not is_older_still(file, stays, max(file.stay, 1) - 2)


def on_card_since(stay: int, stays: Sequence[Docking], *, moved: bool = False) -> float:
    """Return since when a file of a stay can have lain on its card: at one docking it may have been left behind."""
    if moved:
        return stays[stay - 1].at - SLACK_S
    if stay > 1:
        return stays[stay - 2].at - SLACK_S
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
