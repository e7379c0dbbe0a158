"""Interval arithmetic over a camera's clock: how far it can be off, from one witness to the next.

The *offset* is the camera's clock minus real time, in seconds: positive is ahead. Between two files of one camera it
moves by no more than the drift the standard allows; where it must have moved by more, the clock jumped. Bounds are
pairs ``(low, high)``; times are seconds since 1970 in UTC.

Source: GA/T 947, 6.4.17 (at most 3 s a day).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from math import inf, isfinite

Bounds = tuple[float, float]

FREE: Bounds = (-inf, inf)
"""Nothing is known."""

DAY_S = 86_400.0

DRIFT_S_PER_DAY = 3.0
"""How far a camera's clock may run off in a day. Source: GA/T 947, 6.4.17."""

STANDARD: Bounds = (-DRIFT_S_PER_DAY, DRIFT_S_PER_DAY)
"""Rate of a camera of which nothing was measured, in seconds a day."""

DRIFT_DAYS = 30.0
"""Days after which drift counts no further: nobody leaves a camera unset for longer without its docks telling."""

STRAY_S_PER_DAY = 20.0
"""A clock that ran off by less than this a day between two readings may have drifted or been moved: either is allowed.

No crystal in a recorder is that bad; a hand that moves a clock moves it by more.
"""

LEAST_DAYS = 0.25
"""Two readings closer than this are compared as if they lay this far apart."""

FAR_S = 600.0
"""An offset beyond this was set, not drifted to, in seconds: half a year at the standard's 3 s a day."""

LEAP_S = 30 * DAY_S
"""A clock that showed a date that cannot be, and a believable one this much later, was set between, in seconds."""

PRE_RECORD_S = 120.0
"""A file may begin so long before the last one ended: the buffer of the next was running. Source: docs/devices.md."""


def meet(one: Bounds, other: Bounds) -> Bounds | None:
    """Return what both bounds allow, None when nothing."""
    low, high = max(one[0], other[0]), min(one[1], other[1])
    return (low, high) if low <= high else None


def hull(one: Bounds, other: Bounds) -> Bounds:
    """Return the bounds that hold both."""
    return min(one[0], other[0]), max(one[1], other[1])


def drifted(bounds: Bounds, elapsed_s: float, rate: Bounds = STANDARD) -> Bounds:
    """Return where an offset can be so many seconds later (+) or earlier (−), at a rate in seconds a day."""
    days = max(-DRIFT_DAYS, min(elapsed_s / DAY_S, DRIFT_DAYS))
    slow, fast = rate[0] * days, rate[1] * days
    return bounds[0] + min(slow, fast), bounds[1] + max(slow, fast)


def middle(bounds: Bounds) -> float:
    """Return the middle of bounds that are finite."""
    return (bounds[0] + bounds[1]) / 2


@dataclass(slots=True)
class Node:
    """A file on its camera's own clock.

    Attributes:
        reading: what the camera's clock showed at the start; it stood between this and ``reading + step_s``.
        offset: bounds that a witness gives at this file; `FREE` without one.
        start: bounds of the true start, from docking and arrival.
        length_s: length on the camera's clock.
        real: the reading can be a real time; else it is a factory date, or lies in the future.
    """

    reading: float
    step_s: float
    length_s: float
    start: Bounds = FREE
    offset: Bounds = FREE
    real: bool = True

    @property
    def allowed(self) -> Bounds:
        """Offsets that neither the witness nor the bounds of the start rule out."""
        low = max(self.offset[0], self.reading - self.start[1])
        return low, max(low, min(self.offset[1], self.reading + self.step_s - self.start[0]))


@dataclass(frozen=True, slots=True)
class Anchor:
    """A moment at which the offset is known. ``firm``: it was read or set by a clock of our own, not assumed."""

    at: float
    offset: Bounds
    firm: bool = True


@dataclass(slots=True)
class Solution:
    """What can be said of a run of files.

    Attributes:
        offsets: bounds per file, however wide.
        seen: whether a witness reaches the file: an anchor, or a satellite's time in it or in a file of the same run.
        falls: places where the clock must have jumped back, each the index of the file after it.
        jumped: first and last index before which a jump may lie that only the anchors show; None when there is none.
        strayed: the two anchors differ by more than the standard allows, and by less than a jump.
        refused: an assumed anchor did not fit and was put aside.
        unordered: a clock that was moved is all that tells the order of the files.
        either: of those, the files that may lie on either side of the jump.
    """

    offsets: list[Bounds]
    seen: list[bool]
    falls: list[int]
    jumped: tuple[int, int] | None = None
    strayed: bool = False
    refused: bool = False
    unordered: bool = False
    either: frozenset[int] = frozenset()

    def is_near_jump(self, index: int) -> bool:
        """Whether a jump lies somewhere near a file, which may have been made before or after it."""
        if self.unordered and self.either:
            return index in self.either
        return self.jumped is not None and self.jumped[0] <= index < self.jumped[1]


def solve(
    nodes: Sequence[Node], left: Anchor | None, right: Anchor | None, rate: Bounds = STANDARD, *, ordered: bool = False
) -> Solution:
    """Find the offset of every file between two anchors, in the order the files were made.

    ``ordered``: something other than the clock tells that order, so that what follows a jump was made after it.
    """
    falls = [index for index in range(1, len(nodes)) if falls_back(nodes[index - 1], nodes[index])]
    if not falls:
        return solve_run(nodes, left, right, rate)
    whole = Solution([], [], falls)
    for start, end in pairwise([0, *falls, len(nodes)]):
        first, last = start == 0, end == len(nodes)
        if ordered and start:
            begin_after(nodes[start:end], ended(nodes[start - 1], whole))
        part = solve_run(nodes[start:end], left if first else None, right if last else None, rate)
        whole.offsets += part.offsets
        whole.seen += part.seen
        whole.refused |= part.refused
    return whole


def ended(node: Node, found: Solution) -> float:
    """Return when the last file that was solved had ended at the earliest."""
    return node.reading + node.length_s - found.offsets[-1][1] if found.seen[-1] else -inf


def begin_after(nodes: Sequence[Node], moment: float) -> None:
    """Let files begin no earlier than those before them ended, but for the buffer, as far as dockings allow it."""
    for node in nodes:
        since = moment - PRE_RECORD_S
        if node.start[0] < since <= node.start[1]:
            node.start = since, node.start[1]


def falls_back(before: Node, after: Node) -> bool:
    """Whether a clock jumped between two files: it fell back, left a reset, or ran further than there was time for."""
    ran_s = after.reading - before.reading
    leaps = not before.real and after.real and ran_s > LEAP_S
    too_far = ran_s > after.start[1] - before.start[0] + PRE_RECORD_S
    return leaps or too_far or ran_s + PRE_RECORD_S < before.length_s


def solve_run(nodes: Sequence[Node], left: Anchor | None, right: Anchor | None, rate: Bounds = STANDARD) -> Solution:
    """Find the offsets of files between which the clock never fell back."""
    if not all(node.real for node in nodes):
        left, right = (anchor if anchor is not None and anchor.firm else None for anchor in (left, right))
    steady = steady_offsets(nodes, left, right, rate)
    if steady is not None:
        seen = left is not None or right is not None or any(node.offset != FREE for node in nodes)
        return Solution(steady, [seen] * len(nodes), [])
    firm = [anchor if anchor is not None and anchor.firm else None for anchor in (left, right)]
    apart = left is not None and right is not None and not is_stray(left, right)
    if firm != [left, right] and not apart:
        without = solve_run(nodes, firm[0], firm[1], rate)
        without.refused = True
        if without.jumped is None or all(node.offset == FREE for node in nodes):
            return without
    if left is not None and right is not None and is_stray(left, right):
        both = hull(left.offset, right.offset)
        offsets = [meet(both, node.allowed) or both for node in nodes]
        return Solution(offsets, [True] * len(nodes), [], strayed=True)
    return solve_jump(nodes, left, right, rate)


def is_stray(left: Anchor, right: Anchor) -> bool:
    """Whether two readings differ by more than drift and less than a jump."""
    apart = max(left.offset[0] - right.offset[1], right.offset[0] - left.offset[1], 0.0)
    return apart <= STRAY_S_PER_DAY * max((right.at - left.at) / DAY_S, LEAST_DAYS)


def steady_offsets(
    nodes: Sequence[Node], left: Anchor | None, right: Anchor | None, rate: Bounds
) -> list[Bounds] | None:
    """Return the offsets of a clock that only drifted; None when it cannot have."""
    there, back = carried(nodes, left, rate), carried(nodes[::-1], right, rate)
    if len(there) < len(nodes) or len(back) < len(nodes):
        return None
    offsets = [both for one, other in zip(there, reversed(back), strict=True) if (both := meet(one, other))]
    return offsets if len(offsets) == len(nodes) else None


def carried(nodes: Sequence[Node], anchor: Anchor | None, rate: Bounds) -> list[Bounds]:
    """Carry what is known from an anchor on to each file; stop before the first that it cannot be true of."""
    found: list[Bounds] = []
    known, since = FREE, 0.0
    if anchor is not None:
        known, since = anchor.offset, anchor.at + middle(anchor.offset)
    for node in nodes:
        here = meet(drifted(known, node.reading - since, rate), node.allowed)
        if here is None:
            return found
        found.append(here)
        known, since = here, node.reading
    return found


def solve_jump(nodes: Sequence[Node], left: Anchor | None, right: Anchor | None, rate: Bounds) -> Solution:
    """Find the offsets of a clock that jumped between two anchors, nobody saw where: all places are allowed.

    A file that can lie before as well as after a jump gets the hull of both; one that neither anchor reaches is
    left to its own satellites, to docking and arrival.
    """
    there, back = carried(nodes, left, rate), carried(nodes[::-1], right, rate)
    reach, first_after = len(there) if left else 0, len(nodes) - (len(back) if right else 0)
    ways: list[list[Bounds]] = [[] for _ in nodes]
    put(ways, range(reach), there)
    put(ways, range(len(nodes) - 1, first_after - 1, -1), back)
    around = reach_out(nodes, (reach, first_after), rate, ways) if reach < first_after else None
    if around is None:
        jumped = len(nodes) - len(back), len(there)
    else:
        jumped = around[0] if left else first_after, around[1] if right else reach
    offsets = [reduce(hull, way) if way else node.allowed for way, node in zip(ways, nodes, strict=True)]
    return Solution(offsets, [bool(way) for way in ways], [], jumped=(min(jumped), max(jumped)))


def reach_out(
    nodes: Sequence[Node], between: tuple[int, int], rate: Bounds, ways: Sequence[list[Bounds]]
) -> tuple[int, int] | None:
    """Carry what files that no anchor reaches say of the clock, by satellites or dockings, on to those around them.

    Returns:
        First and last place that the clock they were made on reaches; None when they say nothing.
    """
    begin, end = between
    own = steady_offsets(nodes[begin:end], None, None, rate)
    if own is None or not all(isfinite(bound) for bounds in (own[0], own[-1]) for bound in bounds):
        return None
    if any(node.offset != FREE for node in nodes[begin:end]):
        put(ways, range(begin, end), own)
    earlier = carried(nodes[:begin][::-1], passing(nodes[begin], own[0]), rate)
    later = carried(nodes[end:], passing(nodes[end - 1], own[-1]), rate)
    put(ways, range(begin - 1, -1, -1), earlier)
    put(ways, range(end, len(nodes)), later)
    return begin - len(earlier), end + len(later)


def put(ways: Sequence[list[Bounds]], places: Iterable[int], found: Iterable[Bounds]) -> None:
    """Note what is allowed at each place, as far as it was found."""
    for place, bounds in zip(places, found, strict=False):
        ways[place].append(bounds)


def passing(node: Node, offset: Bounds) -> Anchor:
    """Return a file as an anchor of those around it."""
    return Anchor(node.reading - middle(offset), offset)


def out_of_order(nodes: Sequence[Node]) -> list[int]:
    """Return the files that lie out of the order of their counters one by one, while those around them are in order.

    A clock that was reset stays reset for the files that follow; a name that was changed stands alone.
    """
    found: list[int] = []
    last = 0
    for index in range(1, len(nodes)):
        if not falls_back(nodes[last], nodes[index]):
            last = index
        elif index + 1 < len(nodes) and not falls_back(nodes[last], nodes[index + 1]):
            found.append(index)
        else:
            ahead = nodes[last].reading > nodes[last].start[1] + PRE_RECORD_S
            if ahead and (last == 0 or not falls_back(nodes[last - 1], nodes[index])):
                found.append(last)
            last = index
    return found


def misfits(nodes: Sequence[Node], anchors: Sequence[Anchor | None], rate: Bounds) -> list[int]:
    """Return the files whose own bounds no anchor allows for, each by itself."""
    return [
        index
        for index, node in enumerate(nodes)
        if any(anchor is not None and not carried([node], anchor, rate) for anchor in anchors)
    ]
