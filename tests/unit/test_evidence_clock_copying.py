"""The order files were copied in: where cameras without counters were reset, and which files were on a card."""

from datetime import UTC, datetime, timedelta

from evidence.clock import CameraJudgement, ClockVerdict
from evidence.docking import DockRecord
from tests.support.histories import Shot, dock, evening, hour, whole

FELL = datetime(2012, 1, 1, tzinfo=UTC)
AGAIN = datetime(2010, 1, 1, tzinfo=UTC)


def copied(minutes: float, day: int = 1) -> datetime:
    """Return so many minutes into the copying of an evening."""
    return hour(19.1, day) + timedelta(minutes=minutes)


def fallen(name: str, hours: float, fell: datetime, since: float, minutes: float) -> Shot:
    """Return a file of a clock that showed ``fell`` at ``since`` hours into Tuesday, and was copied at some minute."""
    off_s = (fell - hour(since, 1)).total_seconds()
    return Shot(name, hour(hours, 1), off_s, came=copied(minutes))


def plain(name: str, hours: float, minutes: float) -> Shot:
    """Return a file of a clock that is right."""
    return Shot(name, hour(hours, 1), came=copied(minutes))


def resets_of(result: CameraJudgement) -> set[tuple[str | None, str | None]]:
    """Return the files around each jump that was located."""
    return {(reset.before, reset.after) for reset in result.resets}


def dockings(last: DockRecord | None = None) -> list[DockRecord]:
    """Return the dockings of Monday and Tuesday."""
    return [evening(0), last or evening(1, None)]


def test_a_clock_that_fell_twice_is_located_by_the_order_of_copying() -> None:
    """It fell to 2012 and then to 2010: by its clock the second fall would come first."""
    day = [plain("a", 10, 0), fallen("b", 12, FELL, 11.9, 4), fallen("c", 14, AGAIN, 13.9, 8)]
    assert resets_of(whole(day, dockings())) == {("a", "b"), ("b", "c")}


def test_files_copied_by_name_tell_no_order() -> None:
    """The same day copied by name: 2010, 2012, then today; nothing says which fall came first."""
    day = [plain("a", 10, 8), fallen("b", 12, FELL, 11.9, 4), fallen("c", 14, AGAIN, 13.9, 0)]
    assert ("b", "c") not in resets_of(whole(day, dockings()))


def test_files_that_settled_out_of_order_are_put_right_by_their_clock() -> None:
    """A short file is taken in some seconds before the one that was copied just before it."""
    day = [plain("a", 10, 0), plain("b", 11, 2.3), plain("c", 11.5, 2.0), fallen("d", 12, FELL, 11.9, 6)]
    assert resets_of(whole(day, dockings())) == {("c", "d")}


def test_a_clock_that_was_set_again_before_the_dock_fell_before_that() -> None:
    """The dock found the clock right, so that the files of a fallen clock came before those of today."""
    day = [fallen("a", 10, FELL, 9.9, 0), fallen("b", 11, FELL, 9.9, 4), plain("c", 14, 8)]
    result = whole(day, dockings(evening(1)))
    assert (None, "a") in resets_of(result)
    assert result.judgements["c"].verdict is ClockVerdict.TRUSTED  # type: ignore[index] # digests are texts


def test_what_a_dock_lists_is_of_no_archive() -> None:
    """Files of three years ago: listed by the dock they are of a clock that fell, else they may be an archive's."""
    old_s = (datetime(2023, 8, 15, 4, tzinfo=UTC) - hour(12, 1)).total_seconds()
    day = [plain("a", 10, 0), Shot("b", hour(12, 1), old_s, came=copied(40))]
    listed = [plain("a", 10, 0), Shot("b", hour(12, 1), old_s, came=hour(19, 1), copied=copied(40))]
    found, told = whole(day, dockings()), whole(listed, dockings())
    assert [one.placed["b"].archived for one in (found.history, told.history)] == [True, False]  # type: ignore[index]
    assert ("a", "b") in resets_of(told)


def test_a_file_that_tells_a_late_date_itself_is_of_no_archive() -> None:
    """Satellites say that it was made today: its clock fell to its firmware's date."""
    old_s = (datetime(2023, 8, 15, 4, tzinfo=UTC) - hour(12, 1)).total_seconds()
    day = [plain("a", 10, 0), Shot("b", hour(12, 1), old_s, came=copied(40), gps=True)]
    assert not whole(day, dockings()).history.placed["b"].archived  # type: ignore[index]


def test_what_no_record_before_lists_was_not_left_on_the_card() -> None:
    """A clock a day slow: by it alone the file was left behind; the record that first lists it tells otherwise."""
    slow = Shot("a", hour(12, 2), -86_400.0, came=hour(19, 2), copied=hour(19.2, 2), number=5)
    left = Shot("a", hour(12, 2), -86_400.0, came=hour(19.2, 2), number=5)
    docks = [evening(0, None), evening(1, None), dock(hour(19, 2), None)]
    stays = [whole([one], docks).history.placed["a"].file.stay for one in (slow, left)]  # type: ignore[index]
    assert stays == [2, 1]
