"""What the history of a camera's clock says of one file, as sentences."""

from collections.abc import Iterator
from datetime import UTC, datetime

from evidence.clock.camera import History, Placed
from evidence.clock.dockings import Docking
from evidence.clock.offsets import Anchor, middle
from evidence.clock.solving import SHARED
from evidence.clock.statement import ADJUSTS_S
from evidence.clock.verdicts import ClockVerdict
from evidence.notes import Note, note

SAME_S = 1.5
"""A clock read to be off by no more than this was right, in seconds."""


def history_notes(one: Placed, history: History) -> Iterator[Note]:
    """Yield what dockings, satellites and neighbours say of a file."""
    if one.file.reading is None or one.file.vouched:
        return
    left, right = one.left, one.stretch.right
    if right is not None:
        yield read_note(right)
    if left is not None and not one.solution.refused:
        yield from left_notes(left, one, history)
    if one.put_aside:
        yield note("clock.satellite_put_aside")
    yield from jump_notes(one)


def read_note(anchor: Anchor) -> Note:
    """Say what the dock read of the camera's clock."""
    off_s, at = middle(anchor.offset), datetime.fromtimestamp(anchor.at, UTC)
    if abs(off_s) <= SAME_S:
        return note("clock.dock_read_right", docked_at=at)
    return note(f"clock.dock_read_{'ahead' if off_s > 0 else 'behind'}", docked_at=at, offset_s=round(abs(off_s), 1))


def left_notes(left: Anchor, one: Placed, history: History) -> Iterator[Note]:
    """Say what is known of the clock from the docking before, or that nothing is."""
    since = one.stretch.since
    if since is None:
        if one.stretch.right is None and one.seen:
            yield note("clock.unwitnessed", uncertainty_s=round(left.offset[1], 1))
        return
    stay = history.stay_at(since)
    at = datetime.fromtimestamp(since, UTC)
    if not left.firm:
        yield note("clock.dock_thought_to_set", docked_at=at)
    elif abs(middle(left.offset)) <= SAME_S:
        yield note("clock.dock_set" if stay is not None and sets(stay) else "clock.dock_read_right", docked_at=at)
    elif stay is not None and sets(stay):
        yield note("clock.set_without_effect", docked_at=at)


def sets(stay: Docking) -> bool:
    """Whether the dock says that it set the clock."""
    return bool(stay.was_set)


def jump_notes(one: Placed) -> Iterator[Note]:
    """Say that the clock jumped, and where the file lies."""
    if one.solution.strayed:
        yield note("clock.strayed")
    if one.file.correction is None:
        yield from doubt_notes(one)
    if one.file.lapse is not None:
        yield note("clock.not_real_time", ratio=one.file.lapse)
    if one.file.stray:
        yield note("clock.out_of_order")
    if one.fell:
        yield note("clock.fell_back" if one.counted else "clock.was_moved")
    if one.jump:
        yield note("clock.jump_either_side")
    elif one.solution.jumped is not None:
        yield note("clock.jump_nearby")
    if not one.seen and (one.solution.falls or one.solution.jumped is not None):
        yield note("clock.nobody_saw")


def doubt_notes(one: Placed) -> Iterator[Note]:
    """Say what speaks against the file beside its camera's clock, until a person decides."""
    if one.stretch.suspect_s:
        yield note("clock.neighbours_doubt", files=SHARED)
    if one.stretch.zone_s is not None:
        yield note("clock.zone_may_stay", offset_s=abs(one.stretch.zone_s))
    if one.written_apart:
        yield note("clock.written_apart", apart_s=abs(round(one.file.recording.statement.written_s or 0.0)))
    if one.seen and one.is_one_sided and abs(middle(one.offset)) <= ADJUSTS_S:
        yield note("clock.one_sided")


def outcome_note(one: Placed, verdict: ClockVerdict, offset_s: float) -> Iterator[Note]:
    """Say what was taken off, by whom, or what is suspected and left."""
    correction = one.file.correction
    if correction is not None:
        way = "ahead" if correction.shift_s > 0 else "behind"
        yield note(f"clock.confirmed_{way}", offset_s=abs(correction.shift_s), by=correction.by)
    elif verdict is ClockVerdict.ADJUSTED:
        yield note(f"clock.adjusted_{'ahead' if offset_s > 0 else 'behind'}", offset_s=abs(round(offset_s, 1)))
