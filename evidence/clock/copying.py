"""What the order tells in which a dock copied a card: cameras without counters leave no other trace of theirs.

A dock copies by name, or as the files lie on their card, which is the order they were made in. By name, files of a
clock that fell come before all others; where they came after others, the dock copied them as they were made. Where the
dock found the clock at no factory date, it was set before: files of a clock that fell come before others either way.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise

from evidence.clock.dockings import COPYING_S
from evidence.clock.files import File

SETTLING_S = 30.0
"""Files come in this much out of the order they were copied in, in seconds: each is taken in once it has settled."""

BREAKS = 0.1
"""Share of the files of a docking before which the clock may have gone back; more were copied in no order at all."""

FEWEST_BREAKS = 3


def as_copied(group: Sequence[File]) -> list[File] | None:
    """Return the files of a docking in the order they were made, by the order they came in.

    None where that tells nothing: no clock fell, or files were copied by name, or in no order.
    """
    first = min(came_s(file) for file in group)
    here = sorted((file for file in group if is_here(file, first)), key=lambda file: (came_s(file), shown_s(file)))
    if not any(file.was_reset for file in here) or (is_by_name(here) and not here[-1].found_set):
        return None
    ordered = settled([file for file in here if file.sound])
    breaks = sum(shown_s(other) < shown_s(one) for one, other in pairwise(ordered))
    if breaks > max(FEWEST_BREAKS, BREAKS * len(ordered)):
        return None
    for file in here:
        if not file.sound:
            put_after(file, ordered, [came_s(one) <= came_s(file) for one in ordered])
    for file in sorted((file for file in group if not is_here(file, first)), key=shown_s):
        put_after(file, ordered, [one.was_reset == file.was_reset and shown_s(one) <= shown_s(file) for one in ordered])
    return ordered


def put_after(file: File, ordered: list[File], before: Sequence[bool]) -> None:
    """Put a file after the last of those that were made before it."""
    places = [at for at, is_before in enumerate(before) if is_before]
    ordered.insert(places[-1] + 1 if places else 0, file)


def is_here(file: File, first: float) -> bool:
    """Whether a file was copied when its docking began, at ``first``; one that was left behind came at the next."""
    return file.came == file.stay and came_s(file) <= first + COPYING_S


def came_s(file: File) -> float:
    """Return when a file came in, in seconds since 1970."""
    return (file.recording.came_at or file.recording.received_at).timestamp()


def shown_s(file: File) -> float:
    """Return what the camera's clock showed at its start; the first of all where it showed nothing."""
    return file.reading if file.reading is not None else 0.0


def is_by_name(here: Sequence[File]) -> bool:
    """Whether files that came one after the other lie in the order of their names, that is of their clock."""
    came = [came_s(file) for file in here]
    latest = list(accumulate((shown_s(file) for file in here), max))
    places = (bisect_right(came, at - SETTLING_S) - 1 for at in came)
    return not any(place >= 0 and shown_s(file) < latest[place] for file, place in zip(here, places, strict=True))


def settled(here: Sequence[File]) -> list[File]:
    """Return files as they were copied: of those that came within moments of each other, the clock went on first."""
    left, found = list(here), list[File]()
    while left:
        near = [file for file in left if came_s(file) <= came_s(left[0]) + SETTLING_S]
        onward = [file for file in near if found and shown_s(file) >= shown_s(found[-1])]
        first = min(onward or near, key=shown_s if found else lambda file: (file.was_reset, shown_s(file)))
        found.append(first)
        left.remove(first)
    return found
