"""Names of suspected shifts, and how fast a clock runs off by what docks read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from evidence.clock import Proposal, ShiftScope
from evidence.clock_drift import latest_drift
from evidence.clock_views import ClockReading
from evidence.errors import NotFoundError, UsageError
from evidence.ids import CaseNo, DeviceId, Digest, StepNo
from evidence.shift_names import must_be_decidable, proposal_named, shift_id, shift_json

AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HOSTILE = "D1/<b>\u202e\udcff"
SHIFT = Proposal(
    ShiftScope.DEVICE,
    HOSTILE,
    -7200.0,
    (Digest("a" * 64), Digest("b" * 64)),
    ((CaseNo("C"), StepNo("1")),),
    AT,
    AT + DAY,
    2,
    (DeviceId(HOSTILE),),
)


def test_a_name_is_short_and_stays() -> None:
    """Eight hex digits, the same in every run, whatever files come in between and however many witness it."""
    assert shift_id(SHIFT) == "e17c8435"
    grown = replace(SHIFT, files=(*SHIFT.files, Digest("c" * 64)), witnessed=3)
    assert shift_id(grown) == shift_id(SHIFT)
    assert shift_json(SHIFT)["shift_id"] == shift_id(SHIFT)


@pytest.mark.parametrize(
    "other",
    [
        replace(SHIFT, scope=ShiftScope.UNIT),
        replace(SHIFT, target="D2"),
        replace(SHIFT, shift_s=7200.0),
        replace(SHIFT, since=AT - DAY),
        replace(SHIFT, until=AT + 2 * DAY),
        replace(SHIFT, of_record=True),
    ],
)
def test_what_a_decision_would_say_changes_the_name(other: Proposal) -> None:
    """Nobody decides on more than they were shown: a wider stretch is another name, and the old one is not found."""
    assert shift_id(other) != shift_id(SHIFT)
    assert proposal_named([other, SHIFT], shift_id(SHIFT)) is SHIFT
    with pytest.raises(NotFoundError, match="look at the list again"):
        proposal_named([other], shift_id(SHIFT))


def test_a_record_cannot_be_corrected_on_a_clock() -> None:
    """Where the cameras were seen to be right, the suspicion can only be refused."""
    of_record = replace(SHIFT, of_record=True)
    must_be_decidable(of_record, confirm=False)
    must_be_decidable(SHIFT, confirm=True)
    with pytest.raises(UsageError, match="import the record again"):
        must_be_decidable(of_record, confirm=True)


def read(days: float, offset_s: float | None, *, clock_set: bool | None) -> ClockReading:
    """Return what a dock read so many days after `AT`."""
    return ClockReading(AT + days * DAY, offset_s, 1.0, clock_set=clock_set, tool="")


@pytest.mark.parametrize(
    ("readings", "s_per_day"),
    [
        ([read(0, -40, clock_set=True), read(2, 4, clock_set=True)], 2.0),
        ([read(2, 4, clock_set=True), read(0, -40, clock_set=True)], 2.0),
        ([read(0, -40, clock_set=False), read(2, -44, clock_set=False)], -2.0),
        ([read(0, 5, clock_set=None), read(1, 6, clock_set=None), read(2, None, clock_set=True)], 1.0),
        ([read(0, 0, clock_set=True), read(1, 3, clock_set=True), read(2, -7200, clock_set=True)], 3.0),
        ([read(0, 0, clock_set=True), read(0.1, 3, clock_set=True)], None),
        ([read(0, 0, clock_set=True)], None),
        ([], None),
    ],
)
def test_drift_is_between_the_last_two_readings_that_show_one(
    readings: list[ClockReading], s_per_day: float | None
) -> None:
    """A clock that was set begins at zero; jumps, readings of nothing and readings close together show no drift."""
    drift = latest_drift(readings)
    assert (drift.s_per_day if drift else None) == s_per_day
