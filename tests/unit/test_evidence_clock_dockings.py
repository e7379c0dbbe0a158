"""Dockings of a camera, from docks' records and from arrivals alone; what is known of the clock before and after."""

from datetime import UTC, datetime, timedelta

import pytest

from evidence.clock.dockings import ASSUMED_S, SET_S, Docking, dockings_of, recorded
from evidence.docking import DockRecord
from evidence.ids import DeviceId

T = datetime(2026, 3, 2, 11, tzinfo=UTC)
AT = T.timestamp()
HOUR = 3600.0


def record(off_s: float | None = 0.0, *, sets: bool | None = True) -> DockRecord:
    """Return a record of a clock that far off."""
    return DockRecord(DeviceId("D1"), T, None if off_s is None else T + timedelta(seconds=off_s), sets)


@pytest.mark.parametrize(
    ("arrivals", "begins"),
    [
        ([], []),
        ([0.0, 1.9 * HOUR, 3.8 * HOUR], [0.0]),
        ([0.0, 2.1 * HOUR], [0.0, 2.1 * HOUR]),
        ([5.0, 0.0], [0.0]),
    ],
)
def test_arrivals_close_together_are_one_docking(arrivals: list[float], begins: list[float]) -> None:
    """Files no more than two hours apart came out of one docking, in whatever order they are told."""
    assert [one.at for one in dockings_of([], arrivals)] == begins


@pytest.mark.parametrize(
    ("came", "count"),
    [(60.0, 1), (11.9 * HOUR, 1), (12.1 * HOUR, 2), (-60.0, 2)],
    ids=["at once", "late", "next", "before"],
)
def test_files_come_out_of_the_docking_that_is_recorded(came: float, count: int) -> None:
    """Files that come within twelve hours after a record need no docking of their own."""
    assert len(dockings_of([record()], [AT + came])) == count


@pytest.mark.parametrize(
    ("said", "before", "after"),
    [
        (record(-40.0), (-40.5, -38.5), [(-SET_S, SET_S), (-40.5, -38.5)]),
        (record(-40.0, sets=False), (-40.5, -38.5), [(-40.5, -38.5)]),
        (record(-40.0, sets=None), (-40.5, -38.5), [(-ASSUMED_S, ASSUMED_S), (-40.5, -38.5)]),
        (record(None), None, [(-SET_S, SET_S)]),
        (record(None, sets=False), None, []),
    ],
)
def test_what_a_record_says_of_the_clock(
    said: DockRecord, before: tuple[float, float] | None, after: list[tuple[float, float]]
) -> None:
    """Before: what was read, to the camera's step. After: set right, else thought to be, else as it was read."""
    stay = recorded(said)
    known = stay.before()
    assert (known.offset if known else None) == before
    assert [anchor.offset for anchor in stay.after(docks_set=True)] == after


def test_a_silent_docking_is_as_good_as_the_docks_are() -> None:
    """Where docks set clocks it is thought to have been set; where they do not, nothing is known."""
    (assumed,) = Docking(AT).after(docks_set=True)
    assert not assumed.firm
    assert Docking(AT).after(docks_set=False) == ()
