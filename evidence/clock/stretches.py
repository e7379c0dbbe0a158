"""Stretches of a camera's history between two anchors: moments at which its clock was read or set."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from evidence.clock.dockings import Docking, zone_of
from evidence.clock.files import File
from evidence.clock.offsets import FAR_S, STANDARD, Anchor, Bounds, middle
from evidence.clock.rates import Rate, rate_between, rate_from
from evidence.clock.readings import TOLERANCE_S

RATES_AROUND = 3
"""Stretches on either side whose measured rates speak for a stretch."""

LAPSE_FILES = 6
LAPSE_RATIO = 1.5
LAPSE_SLACK = 0.005
LAPSE_LEAST_S = 20.0
"""So many files in a row, each followed after the same multiple of its length, play faster than they were made."""

KEPT = 4
KEPT_SHARE = 0.75
"""From so many files on, so many of which were last written as they ended, one that was not is remarkable."""


@dataclass(slots=True)
class Stretch:
    """The files between two anchors, in the order they were made.

    Attributes:
        left: what may be known of the clock at its beginning, the likeliest first; right: at its end.
        since: when the docking before it began; None when none is known.
        rate: bounds of how fast the clock runs off, in seconds a day.
        suspect_s: shifts that several of its files suggest, while nothing firm speaks for its clock.
        read_later: the docking at its end read nothing, and the next that did found the clock right, or nearly so.
        zone_s: zone that its clock was found in before it was set, while nobody has read it since.
        keeps_mtimes: nearly all its files were last written as they ended: copying left those times alone.
    """

    files: list[File]
    left: tuple[Anchor, ...]
    right: Anchor | None
    since: float | None
    until: float
    rate: Bounds = STANDARD
    suspect_s: tuple[float, ...] = ()
    read_later: bool = False
    zone_s: float | None = None
    keeps_mtimes: bool = False

    def heed(self, *, in_vain: bool) -> None:
        """Take the clock to be as the dock read it, where setting it had no effect before and nobody looked since."""
        if in_vain and self.right is None and len(self.left) > 1:
            self.left = (*self.left[1:], self.left[0])

    def zone_left(self, left: Anchor | None) -> float | None:
        """Return the zone that its clock may have kept when set; None where a later reading or ``left`` tells."""
        if self.right is not None or self.read_later or left is None or abs(middle(left.offset)) > FAR_S:
            return None
        zones = (zone_of(middle(anchor.offset)) for anchor in self.left)
        return next((zone_s for zone_s in zones if zone_s is not None), None)

    def by_decision(self) -> "Iterator[Stretch]":
        """Yield the files of each confirmed shift by themselves, what docks read of that shift taken off the anchors.

        A shift is confirmed for the files that were looked at; the dockings around them, and other files, lie outside.
        """
        groups: dict[float, list[File]] = {}
        for file in self.files:
            groups.setdefault(file.correction.shift_s if file.correction else 0.0, []).append(file)
        for shift_s, files in groups.items():
            left = tuple(without(anchor, shift_s) for anchor in self.left)
            yield replace(self, files=files, left=left, right=self.right and without(self.right, shift_s))

    def measured(self) -> Rate | None:
        """Return how fast the clock ran off in it, as far as anchors tell."""
        if self.right is None:
            return None
        rates = (rate_between(left, self.right) for left in self.left)
        return next((rate for rate in rates if rate is not None), None)


def without(anchor: Anchor, shift_s: float) -> Anchor:
    """Return an anchor without a shift that it shows; one that shows none, or is right without it, stays."""
    off_s = middle(anchor.offset)
    if abs(off_s - shift_s) >= min(abs(off_s), FAR_S):
        return anchor
    return replace(anchor, offset=(anchor.offset[0] - shift_s, anchor.offset[1] - shift_s))


def stretches(files: Sequence[File], stays: Sequence[Docking], *, docks_set: bool) -> Iterator[Stretch]:
    """Yield the stretches between anchors, those without files too: they tell how fast the clock runs off.

    Dockings after the last anchor make up a stretch without an end.
    """
    left: tuple[Anchor, ...] = ()
    since: float | None = None
    held: list[File] = []
    is_open = False
    by_stay: dict[int, list[File]] = {}
    for file in files:
        by_stay.setdefault(file.stay, []).append(file)
    for index, stay in enumerate(stays):
        held += by_stay.get(index, ())
        before, after = stay.before(), stay.after(docks_set=docks_set)
        is_open = before is None and not after
        if is_open:
            continue
        yield Stretch(held, left, before, since, stay.at)
        left, since, held = after, stay.at, []
    if is_open:
        yield Stretch(held, left, None, since, stays[-1].at)


def clocked_stretches(files: Sequence[File], stays: Sequence[Docking], *, docks_set: bool) -> list[Stretch]:
    """Return the stretches between anchors with what the anchors around say of each; no file has a say in that."""
    parts = list(stretches(files, stays, docks_set=docks_set))
    measured = [part.measured() for part in parts]
    read = [part.right for part in parts]
    heed_later_readings(parts, read)
    for index, stretch in enumerate(parts):
        around = measured[max(0, index - RATES_AROUND) : index + RATES_AROUND + 1]
        stretch.rate = rate_from([rate for rate in around if rate is not None])
        stretch.heed(in_vain=set_in_vain(read[:index]))
    return parts


def set_in_vain(read: Sequence[Anchor | None]) -> bool:
    """Whether a clock was as far off when it was read last as when it was read before: nothing set it meanwhile.

    Args:
        read: what was read at the end of each stretch so far; None where the docking read nothing.
    """
    around = read[-1 - RATES_AROUND :]
    known = [middle(anchor.offset) for anchor in around if anchor is not None]
    if not around or around[-1] is None or len(known) < 2:  # noqa: PLR2004 - the last reading, and the one before
        return False
    return abs(known[-1]) > FAR_S and abs(known[-1] - known[-2]) < FAR_S


def heed_later_readings(parts: Sequence[Stretch], read: Sequence[Anchor | None]) -> None:
    """Give stretches that end in a silent docking the next reading, where it says that the clock is far off.

    A dock that is only thought to have set the clock then did not, or set it in vain, as one that said so did where
    the next was in vain too: the clock may have been off for as long as nobody looked. A setting cures no zone.
    """
    for index, stretch in enumerate(parts):
        if stretch.right is not None:
            continue
        for later in range(index + 1, min(index + 1 + RATES_AROUND, len(parts))):
            right = read[later]
            far = right is not None and abs(middle(right.offset)) > FAR_S
            stretch.read_later |= right is not None and not far
            in_vain = right is not None and far and stays_off(right, read[later + 1 : later + 1 + RATES_AROUND])
            if any(anchor.firm for anchor in parts[later].left) and not in_vain:
                break
            if right is not None:
                stretch.right = right if far else None
                break


def stays_off(anchor: Anchor, later: Iterable[Anchor | None]) -> bool:
    """Whether a setting does not help a clock that was read far off: by the next reading, else as it shows a zone."""
    follows = next((one for one in later if one is not None), None)
    if follows is None:
        return zone_of(middle(anchor.offset)) is not None
    return abs(middle(follows.offset) - middle(anchor.offset)) < FAR_S


def keeps_mtimes(files: Sequence[File]) -> bool:
    """Whether nearly all files were last written when they ended, so that one that was not stands out."""
    known = [apart_s for file in files if (apart_s := file.recording.statement.written_s) is not None]
    return len(known) >= KEPT and sum(abs(apart_s) <= TOLERANCE_S for apart_s in known) >= KEPT_SHARE * len(known)


def notice_lapses(files: Sequence[File]) -> None:
    """Mark files that hold less time than passed while they were made: a time-lapse, or a file cut short.

    Recordings lie apart by chance; files of which each begins just so many times its length after the last, one after
    the other, were made without a break and play too fast.
    """
    run: list[tuple[File, float]] = []
    for one, other in pairwise(files):
        ratio = ratio_of(one, other)
        if ratio is None or (run and abs(ratio - run[0][1]) > LAPSE_SLACK * run[0][1]):
            mark_lapse(run)
            run = []
        if ratio is not None:
            run.append((one, ratio))
    mark_lapse(run)


def ratio_of(one: File, other: File) -> float | None:
    """Return how many times its length passed from the start of a file to that of the next by the counter."""
    before, after = one.recording.sequence, other.recording.sequence
    if before is None or after != before + 1 or one.reading is None or other.reading is None:
        return None
    ratio = (other.reading - one.reading) / one.length_s if one.length_s >= LAPSE_LEAST_S else 0.0
    return ratio if ratio >= LAPSE_RATIO else None


def mark_lapse(run: Sequence[tuple[File, float]]) -> None:
    """Mark the files of a run that is long enough to be no chance."""
    if len(run) >= LAPSE_FILES:
        for file, _ in run:
            file.lapse = round(sum(ratio for _, ratio in run) / len(run), 1)
