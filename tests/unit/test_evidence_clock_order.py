"""The order a camera made its files in: counters that begin anew, files left on a card, clocks that fell meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest

from evidence.clock import CameraJudgement, ClockVerdict
from evidence.docking import DockRecord
from tests.support.histories import Shot, dock, evening, holds, hour, whole

TRUSTED, DISPUTED = ClockVerdict.TRUSTED, ClockVerdict.DISPUTED
FACTORY = datetime(2000, 1, 1, tzinfo=UTC) - timedelta(hours=8)


def fallen(name: str, hours: float, fell: float, *, number: int | None = None, day: int = 1) -> Shot:
    """Return a file made at an hour on a clock that fell to 2000 at another."""
    return Shot(name, hour(hours, day), number=number, named=FACTORY + timedelta(hours=hours - fell))


def fallen_s(fell: float, day: int = 1) -> float:
    """Return how far a clock is off that fell to 2000 at an hour."""
    return (FACTORY - hour(fell, day)).total_seconds()


def resets_of(result: CameraJudgement) -> list[tuple[str | None, str | None]]:
    """Return between which files resets are named."""
    return [(reset.before and str(reset.before), reset.after and str(reset.after)) for reset in result.resets]


def believed(result: CameraJudgement) -> set[str]:
    """Return the files that are trusted."""
    return {str(name) for name, one in result.judgements.items() if one.verdict is TRUSTED}


@pytest.mark.parametrize("anew", [True, False])
def test_counters_that_begin_anew_do_not_hide_a_reset(*, anew: bool) -> None:
    """A card is formatted, and the clock falls with it or two files later: the reset lies where it happened."""
    old = [Shot("old 40", hour(9, 1), number=40), Shot("old 41", hour(10, 1), number=41)]
    new = [Shot("new 1", hour(11, 1), number=1), Shot("new 2", hour(12, 1), number=2)]
    first = 1 if anew else 3
    after = [fallen(f"{number} fell", 12 + number, 12.5, number=number) for number in range(first, first + 3)]
    result = whole([*old, *([] if anew else new), *after], [evening(0), evening(1, fallen_s(12.5))])
    assert resets_of(result) == [("old 41", "1 fell") if anew else ("new 2", "3 fell")]
    assert believed(result) == {"old 41", "old 40"} | (set() if anew else {"new 1", "new 2"})


def test_a_counter_that_runs_on_while_the_clock_was_set_is_one_run() -> None:
    """Files whose clock was wrongly set lie by their counters, not after others that their clock shows later."""
    shots = [Shot(str(n), hour(9 + n, 1), -5 * 86_400.0 if n in {3, 4} else 0.0, number=n) for n in range(1, 8)]
    result = whole(shots, [evening(0), evening(1)])
    placed = [str(digest) for digest in result.history.placed]
    assert placed == [str(n) for n in range(1, 8)]


@pytest.mark.parametrize("first", [1, None])
def test_a_file_left_on_the_card_over_two_dockings_keeps_its_time(first: int | None) -> None:
    """A file that came two dockings late is judged in the stretch it was made in, and is no reset."""
    left = Shot("left", hour(9, 1), came=hour(19.3, 3), number=first)
    others = [Shot(str(day), hour(11, day), number=first and first + day) for day in (1, 2, 3)]
    result = whole([left, *others], [evening(day) for day in range(4)])
    assert resets_of(result) == []
    assert believed(result) == {"left", "1", "2", "3"}


@pytest.mark.parametrize("first", [1, None])
def test_a_file_of_a_fallen_clock_left_on_the_card_is_no_second_reset(first: int | None) -> None:
    """A file made on a fallen clock comes a day after its dock set that clock right: one reset, of the day before."""
    numbers = [first and first + n for n in range(5)]
    shots = [
        Shot("1", hour(9, 1), number=numbers[0]),
        fallen("2", 11, 10.5, number=numbers[1]),
        Shot("3", hour(12, 1), came=hour(19.3, 2), number=numbers[2], named=FACTORY + timedelta(hours=1.5)),
        fallen("4", 13, 10.5, number=numbers[3]),
        Shot("5", hour(9, 2), number=numbers[4]),
    ]
    result = whole(shots, [evening(0), evening(1, fallen_s(10.5)), evening(2)])
    assert resets_of(result) == [("1", "2")]
    assert believed(result) == {"1", "5"}
    assert all(holds(result.judgements[shot.recording().digest], shot.real) for shot in shots)


@pytest.mark.parametrize("before", [[dock(hour(8, 1))], []])
def test_a_clock_that_had_fallen_before_its_first_file_is_named(before: list[DockRecord]) -> None:
    """A camera whose very first file shows a factory date: the reset lies before it, with no file in front."""
    result = whole([fallen("1", 9, 8.9), fallen("2", 10, 8.9)], [*before, evening(1, fallen_s(8.9))])
    assert resets_of(result) == [(None, "1")]
    assert believed(result) == set()


@pytest.mark.parametrize("first", [1, None])
def test_a_whole_card_is_not_left_behind(first: int | None) -> None:
    """From a day on, all files of each docking show the day before: the clock was moved, and none is trusted."""
    days = {day: [hour(9 + n, day) for n in range(4)] for day in range(1, 6)}
    shots = [
        Shot(f"{day}/{n}", real, -86_400.0 if day > 2 else 0.0, number=first and first + 4 * day + n)
        for day, starts in days.items()
        for n, real in enumerate(starts)
    ]
    result = whole(shots, docks_set=False)
    assert believed(result) == {f"{day}/{n}" for day in (1, 2) for n in range(4)}
    assert all(holds(result.judgements[shot.recording().digest], shot.real) for shot in shots)


def test_an_impossible_name_hides_no_jump() -> None:
    """A name later than its arrival stands alone: what may lie on either side of a jump is disputed still."""
    right = [Shot(str(n), hour(9 + n, 1)) for n in range(3)]
    moved = [Shot(str(n), hour(13.6 + n / 4, 1), -5400.0) for n in range(3, 5)]
    renamed = Shot("renamed", hour(10.5, 1), named=hour(26, 1))
    result = whole([*right, *moved, renamed], [evening(0), evening(1, -5400.0)])
    assert believed(result).isdisjoint({"3", "4", "renamed"})
    assert all(holds(result.judgements[shot.recording().digest], shot.real) for shot in moved)
