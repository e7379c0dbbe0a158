"""How a stretch is explained: by drift alone where that will do, else with the fewest exceptions, else by jumps."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from math import inf

from evidence.clock.files import File
from evidence.clock.offsets import (
    DAY_S,
    FAR_S,
    FREE,
    Anchor,
    Bounds,
    Node,
    Solution,
    carried,
    hull,
    meet,
    middle,
    misfits,
    out_of_order,
    solve,
    solve_jump,
)
from evidence.clock.shifts import systematic
from evidence.clock.stretches import Stretch
from evidence.ids import Digest

UNSEEN_S = 22.0
"""How far a clock may be off of which no docking is known: a week at the standard's 3 s a day, in seconds."""

SHARED = 2
"""From so many files on that suggest the same shift, all files of their stretch are doubted."""

ALIKE_S = 3.0
"""Shifts of one clock that satellites measured within a day lie this close, in seconds."""

MISFITS = 0.2
"""Share of the files of a stretch that may be put aside when all others need no jump."""


@dataclass(frozen=True, slots=True)
class Reset:
    """A jump of a camera's clock, between two files that follow each other.

    Attributes:
        before, after: the last file before it and the first after it; None at an anchor, and before the first file.
    """

    before: Digest | None
    after: Digest | None


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
    """Explain a stretch; where its clock was moved, and is all that tells the order of its files, each by itself."""
    best = likeliest(stretch)
    solution = best.solution
    if any(file.by_clock for file in best.files) and (solution.falls or solution.jumped is not None):
        solution.unordered = True
        if best.left is not None and stretch.right is not None:
            stand_alone(best, best.left, stretch.right, stretch.rate)
    return best


def stand_alone(best: Best, left: Anchor, right: Anchor, rate: Bounds) -> None:
    """Place each file of a stretch on either side of its jump, unless its own witnesses or those of others tell.

    The jump lies after every file that only the first anchor allows, and before every one that only the second does.
    """
    steady = [index for index, file in enumerate(best.files) if not file.was_reset]
    nodes = {index: best.files[index].node() for index in steady}
    ways = {index: [carried([node], anchor, rate) for anchor in (left, right)] for index, node in nodes.items()}
    since, until = between(nodes, ways)
    either: set[int] = set()
    for index, node in nodes.items():
        before, after = ways[index]
        possible = [*before] if not after or node.reading - middle(before[0] if before else after[0]) <= until else []
        possible += after if not before or (after and node.reading + node.length_s - middle(after[0]) >= since) else []
        if possible:
            best.solution.offsets[index], best.solution.seen[index] = reduce(hull, possible), True
        if len(possible) > 1:
            either.add(index)
    best.solution.either = frozenset(either)


def between(nodes: Mapping[int, Node], ways: Mapping[int, Sequence[Sequence[Bounds]]]) -> Bounds:
    """Return between which moments a clock jumped, by the files that only one of two anchors allows."""
    ends = [
        nodes[index].reading + nodes[index].length_s - middle(before[0])
        for index, (before, after) in ways.items()
        if before and not after
    ]
    begins = [
        nodes[index].reading - middle(after[0]) for index, (before, after) in ways.items() if after and not before
    ]
    since, until = max(ends, default=-inf), min(begins, default=inf)
    return (since, until) if since <= until else FREE


def likeliest(stretch: Stretch) -> Best:
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
    clean = next((one for one in others if is_clean(one.solution) and heeds_satellites(one)), None)
    clean = clean or without_misfits(sure, lefts, stretch) or only_strayed(others, first)
    if clean is None and falls_unplaced(first, stretch):
        wrong = impossible(sure, first.left, stretch)
        steady = [file for index, file in enumerate(sure) if not file.was_reset and index not in wrong]
        solution = solve_jump([file.node() for file in steady], first.left, stretch.right, stretch.rate)
        return Best(steady, solution, first.left)
    return clean or in_order(sure, lefts[0], stretch)


def heeds_satellites(best: Best) -> bool:
    """Whether an explanation puts no more aside than a few of the satellites' times, and not all of several."""
    told = sum(file.recording.statement.satellite is not None for file in best.files)
    return len(best.put_aside) <= max(1, told * MISFITS)


def only_strayed(others: Sequence[Best], first: Best) -> Best | None:
    """Return an explanation by a clock that ran faster than the standard allows, where the likeliest needs a jump.

    What a dock set in vain and read again at the next docking lies there without a jump.
    """
    if first.solution.strayed:
        return None
    fits = (one for one in others if one.solution.strayed and not one.solution.falls and one.left is not None)
    return next(fits, None)


def falls_unplaced(first: "Best", stretch: Stretch) -> bool:
    """Whether a clock was moved within a stretch of files that only it puts in order: their order tells nothing."""
    uncounted = any(file.by_clock for file in first.files)
    near = stretch.right is not None and abs(middle(stretch.right.offset)) <= DAY_S
    return bool(first.solution.falls) and uncounted and near


def attempt(sure: list[File], left: Anchor | None, stretch: Stretch, *, satellite: bool = True) -> Best:
    """Explain a stretch from one anchor."""
    nodes = [file.node(satellite=satellite) for file in sure]
    ordered = not any(file.by_clock for file in sure)
    solution = solve(nodes, left, stretch.right, stretch.rate, ordered=ordered)
    if satellite:
        return Best(sure, solution, left)
    pairs = enumerate(zip(sure, solution.offsets, strict=True))
    aside = frozenset(index for index, (file, offset) in pairs if meet(file.node().offset, offset) is None)
    return Best(sure, solution, left, aside)


def without_misfits(sure: list[File], lefts: Sequence[Anchor | None], stretch: Stretch) -> Best | None:
    """Explain a stretch without the few files that no anchor allows for; None when that does not explain it."""
    for left in lefts:
        nodes = [file.node() for file in sure]
        wrong = {*misfits(nodes, (left, stretch.right), stretch.rate), *renamed(sure)}
        if not wrong or len(wrong) > max(1, len(sure) * MISFITS) or any(sure[index].was_reset for index in wrong):
            continue
        best = attempt([file for index, file in enumerate(sure) if index not in wrong], left, stretch)
        if is_clean(best.solution):
            for index in wrong:
                sure[index].stray = True
            return best
    return None


def renamed(sure: Sequence[File]) -> list[int]:
    """Return the files that lie out of order because somebody gave them another name.

    Where the camera wrote the same time elsewhere, its clock was moved instead.
    """
    return [index for index in out_of_order([file.node() for file in sure]) if not sure[index].is_backed]


def impossible(sure: Sequence[File], left: Anchor | None, stretch: Stretch) -> set[int]:
    """Return the files whose time neither anchor allows for, by docking and arrival."""
    if left is None or stretch.right is None:
        return set()
    nodes = [file.node(satellite=False) for file in sure]
    by_left, by_right = (misfits(nodes, [anchor], stretch.rate) for anchor in (left, stretch.right))
    return set(by_left) & set(by_right)


def in_order(sure: list[File], left: Anchor | None, stretch: Stretch) -> Best:
    """Explain a stretch by jumps, those files put aside that lie out of order or that no anchor at all allows for."""
    wrong = {*renamed(sure), *impossible(sure, left, stretch)}
    wrong = {index for index in wrong if not sure[index].was_reset}
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
        if file.was_reset and (renewed or before is None or not before.was_reset):
            places.add(index)
    order = {id(file): index for index, file in enumerate(stretch.files)}
    for place in sorted(places):
        if place == len(best.files):
            yield Reset(best.files[-1].recording.digest if best.files else None, None)
            continue
        index = order[id(best.files[place])]
        before = last_in_place(stretch.files[:index]) or last
        yield Reset(before.recording.digest if before else None, best.files[place].recording.digest)


def last_in_place(files: Sequence[File]) -> File | None:
    """Return the last file whose place is certain: a name that was changed tells none, where nothing counts files."""
    places = (file for file in reversed(files) if not file.by_clock or (file.sound and not file.stray))
    return next(places, None)


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
    shared = {shift_s for shift_s, count in votes.items() if count >= SHARED}
    return () if firm else tuple(sorted({*shared, *measured_alike(stretch.files)}))


def measured_alike(files: Sequence[File]) -> Iterator[float]:
    """Yield the shifts that statements of several files come to within seconds of each other.

    A receiver that gave an old fix for the present gave another age in each file; a clock that was set wrong did not.
    """
    apart = sorted(
        (-other_s, index)
        for index, file in enumerate(files)
        if file.correction is None
        for other_s in file.recording.statement.others_s
        if systematic(-other_s) is None
    )
    for (one_s, one), (other_s, other) in pairwise(apart):
        if one != other and other_s - one_s <= ALIKE_S:
            yield one_s
