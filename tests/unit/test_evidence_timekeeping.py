"""Two clocks compared: what is a jump, what is a slew, and what the ledger shows of a clock that was set back."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from evidence.custody import Actor, Authenticated, Entry, EventType, LedgerEntry, place
from evidence.timekeeping import (
    Jump,
    Reading,
    compare,
    jump_entry,
    jump_of,
    read_together,
    set_back_before,
)

START = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
MACHINE = Actor("system", Authenticated.MACHINE)


def later(anchor: Reading, passed_s: float, gained_s: float = 0.0) -> Reading:
    """Return a look after some seconds in which the wall clock gained so many on the steady one."""
    return Reading(anchor.wall + timedelta(seconds=passed_s + gained_s), anchor.steady_s + passed_s)


def entries(*ats: datetime, event: EventType = EventType.CHECKED) -> list[LedgerEntry]:
    """Return entries of these times, in order of number."""
    return [place(number, Entry(event, MACHINE, at)) for number, at in enumerate(ats)]


@pytest.mark.parametrize("gained_s", [-7200.0, -1.1, 1.1, 28800.0])
def test_a_clock_that_was_set_is_a_jump(gained_s: float) -> None:
    """More than a second in either direction is a jump, and its length is what the clock gained."""
    anchor = Reading(START, 100.0)
    after, jump = compare(anchor, later(anchor, 5.0, gained_s))
    assert jump == Jump(START + timedelta(seconds=5), START + timedelta(seconds=5 + gained_s), gained_s, 5.0)
    assert compare(after, later(after, 5.0)) == (later(after, 5.0), None), "it is told once"


@pytest.mark.parametrize("gained_s", [-1.0, 0.0, 1.0])
def test_a_leap_second_is_no_jump(gained_s: float) -> None:
    """A second is what a leap second may set the clock by."""
    anchor = Reading(START, 0.0)
    assert compare(anchor, later(anchor, 5.0, gained_s))[1] is None


@pytest.mark.parametrize("rate", [-500e-6, 500e-6])
def test_a_slewed_clock_is_no_jump(rate: float) -> None:
    """A time service that leads the clock at 500 ppm for a day, over 43 seconds, makes no jump."""
    anchor = Reading(START, 0.0)
    for _ in range(86_400 // 5):
        anchor, jump = compare(anchor, Reading(anchor.wall + timedelta(seconds=5 * (1 + rate)), anchor.steady_s + 5))
        assert jump is None


def test_small_steps_add_up_to_a_jump() -> None:
    """Steps of 0.4 s at each look are named at the third one."""
    anchor, shown = Reading(START, 0.0), START
    jumps = []
    for look in range(1, 4):
        shown += timedelta(seconds=5.4)
        anchor, jump = compare(anchor, Reading(shown, 5.0 * look))
        jumps.append(jump and round(jump.jump_s, 1))
    assert jumps == [None, None, 1.2]


def test_a_machine_that_slept_has_not_jumped() -> None:
    """Eight hours that both clocks counted are no jump."""
    anchor = Reading(START, 0.0)
    assert compare(anchor, later(anchor, 8 * 3600.0)) == (later(anchor, 8 * 3600.0), None)


def ticking(*seconds: float) -> Callable[[], float]:
    """Return a steady clock that shows these values, one a look."""
    values: Iterator[float] = iter(seconds)
    return lambda: next(values)


def test_clocks_that_were_not_read_together_are_read_again() -> None:
    """A process held up for seconds between the two clocks does not take them for one moment."""
    walls = iter([START, START + timedelta(seconds=9)])
    reading = read_together(lambda: next(walls), ticking(0.0, 9.0, 9.0, 9.03125))
    assert reading == Reading(START + timedelta(seconds=9), 9.015625)


def test_a_ledger_from_later_than_now_shows_a_clock_that_was_set_back() -> None:
    """Entries an hour ahead of the start are a jump back of at least an hour that nobody watched."""
    found = set_back_before(START, reversed(entries(START - timedelta(days=1), START + timedelta(hours=1))))
    assert found == Jump(START + timedelta(hours=1), START, -3600.0)


def test_the_latest_time_counts_and_not_the_last_entry() -> None:
    """An entry that a person made after the clock was set back does not hide that it was."""
    found = set_back_before(START, reversed(entries(START + timedelta(hours=1), START - timedelta(seconds=3))))
    assert found is not None
    assert found.jump_s == -3600.0


def test_a_jump_that_is_in_the_ledger_is_not_told_again() -> None:
    """Entries before the last entry about a jump are not looked at."""
    told = jump_entry(Jump(START + timedelta(hours=1), START, -3600.0), MACHINE)
    ledger = [*entries(START + timedelta(hours=1)), place(1, told)]
    assert set_back_before(START + timedelta(seconds=5), reversed(ledger)) is None


@pytest.mark.parametrize("ahead_s", [-86_400.0, 0.0, 1.0])
def test_a_ledger_that_is_not_ahead_is_fine(ahead_s: float) -> None:
    """Older entries, and one within a second, are what a start expects; so is an empty ledger."""
    assert set_back_before(START, entries(START + timedelta(seconds=ahead_s))) is None
    assert set_back_before(START, []) is None


@pytest.mark.parametrize("watched_s", [None, 5.000123])
def test_an_entry_tells_the_jump_again(watched_s: float | None) -> None:
    """What is written into the ledger is read back, with the entry's number; its own time is that after the jump."""
    jump = Jump(START, START - timedelta(hours=2), -7200.0, watched_s)
    entry = place(7, jump_entry(jump, MACHINE))
    assert jump_of(entry) == Jump(jump.start, jump.end, -7200.0, watched_s, 7)
    assert (entry.body["at"], entry.body["event"], entry.body["subject"]) == (
        "2026-03-02T02:00:00Z",
        "clock jump",
        "clock",
    )
