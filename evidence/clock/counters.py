"""The order that files of one docking were made in, by their camera's counter.

A counter outlives a clock that fell; it begins anew when its card is formatted, and runs round at its end.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from math import inf

from evidence.clock.copying import as_copied
from evidence.clock.files import File

COUNTERS = 1e7
"""More than any counter counts to."""

SET_BACK = 4
"""A counter that fell to less than one in so many of where it was began anew; a smaller fall is the clock's doing."""

COUNT_SLACK = 3
"""Counters of files that begin within moments of each other may be this far out of order."""

BESIDE = 2
"""Counters that lie no further apart than this follow one another."""

LAST = 9999
"""Where a file counter of four digits runs round."""

WRAP = 5000
"""A file counter of four digits that fell by more than this has run round."""


def counters_of(files: Iterable[File]) -> list[int]:
    """Return the counters that files have."""
    return [file.recording.sequence for file in files if file.recording.sequence is not None]


def follows(counter: int | None, other: int | None) -> bool:
    """Whether a file was counted after another; a counter runs round."""
    return counter is not None and other is not None and 0 < (counter - other) % (2 * WRAP) < WRAP


def order_key(group: Sequence[File]) -> Callable[[File], tuple[float, float]]:
    """Return a key for the order in which files of one stay were made: their counter where all have one.

    Else the order they were copied in, where that tells, else their clock.
    """
    known = [counter for file in group if (counter := file.recording.sequence) is not None]
    if len(known) < len(group):
        copied = as_copied(group)
        return by_clock if copied is None else partial(by_copy, places={id(file): at for at, file in enumerate(copied)})
    runs = runs_of(group)
    return partial(by_counter, runs=runs, beside=runs_beside(group, runs))


def runs_of(group: Sequence[File]) -> list[set[int]]:
    """Return the counters of each run: a counter that fell was set back when the card was formatted, or ran round.

    Where it falls to what an earlier run goes on from, or lacks, the clock was set and the counter ran on.
    """
    runs: list[set[int]] = [set()]
    last = -1
    for file in sorted((file for file in group if not file.was_reset), key=by_clock):
        counter = file.recording.sequence or 0
        if len(runs) > 1 and 0 < counter - max(runs[-2]) <= BESIDE and counter - last > BESIDE:
            runs[-2].add(counter)  # the one between lies there by its name alone
            continue
        if counter < last - COUNT_SLACK and counter * SET_BACK < last:
            runs.append(set())
        runs[-1].add(counter)
        last = counter
    while len(runs) > 1 and ran_on(runs[-2], runs[-1]):
        runs.append(runs.pop() | runs.pop())
    return runs


def ran_on(run: set[int], later: set[int]) -> bool:
    """Whether a counter did not begin anew with a run: an earlier one goes on from it, or lacks just its files."""
    if 0 < min(run) - max(later) <= BESIDE:
        return True
    beside = sum((counter - 1 in later) + (counter + 1 in later) for counter in run)
    return run.isdisjoint(later) and beside > 1


def runs_beside(group: Sequence[File], runs: Sequence[set[int]]) -> dict[int, int]:
    """Return the run that each counter of a fallen clock belongs to: one that it goes on from or leads up to.

    The clock says nothing of where they belong. Counters that begin anew beside no run began after the last.
    """
    beside: dict[int, int] = {}
    fallen = sorted({file.recording.sequence or 0 for file in group if file.was_reset})
    chains = chains_of(fallen)
    for low, high in chains:
        near = [low - 1, high + 1, low - BESIDE, high + BESIDE]
        own = next((number for counter in near for number, run in enumerate(runs) if counter in run), None)
        anew = low * SET_BACK < max(runs[-1], default=0)
        number = own if own is not None else len(runs) - 1 + anew
        beside |= dict.fromkeys(range(low, high + 1), number)
    if len(chains) > 1 and chains[0][0] <= BESIDE and chains[-1][1] > LAST - BESIDE:
        beside |= dict.fromkeys(range(chains[0][0], chains[0][1] + 1), beside[chains[-1][1]] + 1)
    return beside


def chains_of(counters: Sequence[int]) -> list[tuple[int, int]]:
    """Return the first and last of counters that follow one another; one that was left or lost may lack between."""
    chains: list[list[int]] = []
    for counter in counters:
        if chains and counter - chains[-1][-1] <= BESIDE:
            chains[-1].append(counter)
        else:
            chains.append([counter])
    return [(chain[0], chain[-1]) for chain in chains]


def by_clock(file: File) -> tuple[float, float]:
    """Return the place of a file by its camera's clock; what shows a date that cannot be was made last.

    Of several resets the one that the dock still read was the last.
    """
    late = 0.0 if file.real and not file.fell else 2.0 if file.as_read else 1.0
    return late, file.reading if file.reading is not None else inf


def by_copy(file: File, *, places: Mapping[int, int]) -> tuple[float, float]:
    """Return the place of a file by the order it was copied in."""
    return places[id(file)], 0.0


def by_counter(file: File, *, runs: Sequence[set[int]], beside: Mapping[int, int]) -> tuple[float, float]:
    """Return the place of a file by its counter, within the run that its counter goes on in."""
    counter = file.recording.sequence or 0
    reading = file.reading if file.reading is not None else inf
    if file.was_reset:
        return beside[counter] * COUNTERS + counter, reading
    number = next(number for number, run in enumerate(runs) if counter in run)
    return number * COUNTERS + counter, reading
