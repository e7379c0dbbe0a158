"""Old files that came long after they were made, out of an archive, and the live ones of the same camera beside them.

An old file may also be one of a clock that fell back; nothing then tells for certain. Where it looks like an archive's
it is judged as before, with all the others, but the others are judged without it: files that an archive brings months
later are no reason to doubt what the camera recorded yesterday.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from evidence.clock.belief import RESET_DAYS, ZERO_DAYS
from evidence.clock.files import File
from evidence.clock.offsets import DAY_S, LEAP_S, middle

AFTER_RESET_S = 60 * DAY_S
"""A clock that fell to a factory date is set, or seen, within this of it, in seconds."""

COUNT_SLACK = 3
"""A counter that goes on may skip so many files that were never handed in."""


def archived(files: Sequence[File]) -> list[File]:
    """Return the files that look like an archive's, of files whose dockings are known; their order is kept."""
    by_stay: dict[int, list[File]] = defaultdict(list)
    for file in files:
        by_stay[file.stay].append(file)
    found: set[int] = set()
    before: list[File] = []
    for _, group in sorted(by_stay.items()):
        old = [file for file in group if is_old(file)]
        fresh = [file for file in group if not is_old(file)]
        counters = [count for file in (*before, *fresh) if (count := file.recording.sequence) is not None]
        found |= {id(file) for file in old if not goes_on(file, counters, len(old))}
        before = fresh
    return [file for file in files if id(file) in found]


def is_old(file: File) -> bool:
    """Whether a file came long after it was made, by a clock that shows no factory date and that no dock explains.

    What a dock lists came off a camera and out of no archive.
    """
    if file.reading is None or not file.real or not file.sound or file.as_read or file.recording.listed:
        return False
    old = file.arrival - file.reading - file.length_s > LEAP_S
    return old and not is_after_reset(file.reading) and not is_lately(file)


def is_lately(file: File) -> bool:
    """Whether something in the file itself, satellites for one, says that it was made lately: then its clock fell."""
    seen = () if file.satellite is None else (-middle(file.satellite),)
    later = (*file.recording.statement.others_s, *seen)
    return any(file.arrival - (file.reading or 0.0) - file.length_s - by_s <= LEAP_S for by_s in later)


def is_after_reset(reading: float) -> bool:
    """Whether a clock shows a time soon after a date that cameras fall back to."""
    dates = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in ZERO_DAYS | RESET_DAYS)
    return any(-DAY_S <= reading - date.timestamp() <= AFTER_RESET_S for date in dates)


def goes_on(file: File, counters: Sequence[int], others: int) -> bool:
    """Whether a file's counter goes on where those of its camera's live files were: then its clock fell back.

    Args:
        file: an old one.
        counters: of the live files that came with it and at the docking before.
        others: how many old files came with it.
    """
    count = file.recording.sequence
    if count is None or not counters or count in counters:
        return False
    return min(counters) <= count <= max(counters) + others + COUNT_SLACK
