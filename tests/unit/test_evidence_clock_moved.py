"""Clocks that somebody moved: what then may be taken off by a machine, and what waits for a person."""

from datetime import timedelta

import pytest

from evidence.clock import ClockVerdict
from tests.support.histories import Shot, codes, evening, holds, hour, judged, width_s

DISPUTED, TRUSTED, ADJUSTED = ClockVerdict.DISPUTED, ClockVerdict.TRUSTED, ClockVerdict.ADJUSTED
HOUR_S = 3600.0


def test_files_of_a_clock_that_was_set_back_may_lie_on_either_side() -> None:
    """No counter, and half an hour less on the clock: what shows a time of that half hour may be of either clock."""
    day = [Shot("a", hour(10, 1)), Shot("b", hour(10.6, 1)), Shot("c", hour(10.8, 1), -1800.0)]
    found = judged(day, [evening(0), evening(1, -1800.0)])
    assert {one.verdict for one in found.values()} == {DISPUTED}
    assert all(holds(found[shot.name], shot.real) for shot in day)


def test_satellites_tell_on_which_side_files_without_counters_lie() -> None:
    """The same clock with satellites around the jump: what lies clear of it is believed."""
    day = [
        *(Shot("a", hour(9, 1)), Shot("b", hour(10, 1), gps=True)),
        *(Shot("c", hour(11, 1), -1800.0, gps=True), Shot("d", hour(12, 1), -1800.0)),
    ]
    found = judged(day, [evening(0), evening(1, -1800.0)])
    assert found["a"].verdict == TRUSTED
    assert list(found["d"].suspected_s) == [-1800.0]
    assert all(holds(found[shot.name], shot.real) for shot in day)


@pytest.mark.parametrize(("before_s", "verdict"), [(-280.0, ADJUSTED), (0.0, DISPUTED)])
def test_what_a_hand_set_is_taken_off_only_where_both_dockings_read_it(before_s: float, verdict: ClockVerdict) -> None:
    """Five minutes slow at both dockings: measured. Right at the first: somebody moved it, perhaps more than once."""
    shot = Shot("a", hour(12, 1), -281.0, number=1)
    other = Shot("b", hour(12.2, 1), -281.0, number=2)
    found = judged([shot, other], [evening(0, before_s, sets=False), evening(1, -282.0, sets=False)])
    assert {one.verdict for one in found.values()} == {verdict}
    assert all(holds(found[one.name], one.real) for one in (shot, other))


@pytest.mark.parametrize(("moved_s", "verdict"), [(6.0, ADJUSTED), (18.0, DISPUTED)])
def test_a_clock_moved_beyond_its_drift_is_not_corrected_by_the_middle(moved_s: float, verdict: ClockVerdict) -> None:
    """Two dockings a day apart read it so many seconds apart: a worn crystal's, or more than any crystal's."""
    steady = [evening(day, 0.0, sets=False) for day in range(-3, 1)]
    one = judged([Shot("a", hour(12, 1))], [*steady, evening(1, moved_s, sets=False)])["a"]
    assert one.verdict is verdict
    assert ("clock.strayed" in codes(one)) is (verdict is DISPUTED)


@pytest.mark.parametrize(("later", "verdict"), [([], DISPUTED), ([evening(4, 0.0)], TRUSTED)])
def test_a_zone_is_not_cured_by_setting_until_somebody_reads_it(later: list, verdict: ClockVerdict) -> None:  # type: ignore[type-arg] # of records
    """Found two hours slow and set; the docking after read nothing: only a reading since tells."""
    shot = Shot("a", hour(12, 2))
    one = judged([shot], [evening(0), evening(1, -2 * HOUR_S), evening(2, None), *later])["a"]
    assert one.verdict is verdict
    assert ("clock.zone_may_stay" in codes(one)) is (verdict is DISPUTED)
    assert holds(one, shot.real)
    assert holds(one, shot.real + timedelta(hours=2)) is (verdict is DISPUTED)


def test_settings_were_in_vain_where_two_readings_agree_whatever_lies_between() -> None:
    """Two hours slow on Monday and on Wednesday; nothing was read on Tuesday, nor after Wednesday."""
    shot = Shot("a", hour(12, 3), -2 * HOUR_S)
    docks = [evening(0, -2 * HOUR_S), evening(1, None), evening(2, -2 * HOUR_S), evening(3, None)]
    one = judged([shot], docks)["a"]
    assert one.verdict is DISPUTED
    assert one.suspected_s[0] == -2 * HOUR_S
    assert holds(one, shot.real)


@pytest.mark.parametrize("backed", [True, False])
def test_a_file_whose_name_its_camera_wrote_twice_was_not_renamed(*, backed: bool) -> None:
    """A clock fell by half an hour: where the card's own times say so too, those after it are of that clock."""

    def shot(name: str, hours: float, number: int, off_s: float = 0.0) -> Shot:
        ended = hour(hours, 1) + timedelta(seconds=off_s + 600)
        return Shot(name, hour(hours, 1), off_s, number=number, written=ended if backed else None)

    before = [shot(str(number), 9 + number / 5, number) for number in range(1, 5)]
    after = [shot("5", 10.1, 5, -1800.0), shot("6", 10.7, 6, -1800.0)]
    found = judged([*before, *after])
    assert found["4"].verdict is TRUSTED
    assert (found["6"].verdict is DISPUTED) is backed


def test_a_changed_name_of_days_ago_is_no_file_left_behind() -> None:
    """Its name says Monday, and the card says that it was written on Wednesday, as it does of the files beside it."""
    day = [
        Shot(str(number), hour(9 + number, 2), written=hour(9 + number, 2) + timedelta(minutes=10))
        for number in range(4)
    ]
    named = Shot("x", hour(15, 2), named=hour(11, 0), written=hour(15, 2) + timedelta(minutes=10))
    one = judged([*day, named], [evening(0), evening(1), evening(2)])["x"]
    assert one.verdict is DISPUTED
    assert holds(one, named.real)


@pytest.mark.parametrize("years", [1, 2])
def test_a_clock_a_year_ahead_is_suspected_though_nothing_is_believed(years: int) -> None:
    """Its files come before they are said to be made; a year taken off puts them between two dockings, two do not."""
    ahead_s = 365 * 86_400.0
    one = judged([Shot("a", hour(12, 1), years * ahead_s, number=1)], docks_set=False)["a"]
    assert one.verdict is ClockVerdict.UNKNOWN
    assert (ahead_s in one.suspected_s) is (years == 1)


def test_bounds_of_a_moved_clock_hold_both_readings() -> None:
    """Where a machine takes nothing off, the width says what is open."""
    shot = Shot("a", hour(12, 1), -281.0, number=1)
    one = judged([shot], [evening(0, sets=False), evening(1, -282.0, sets=False)])["a"]
    assert width_s(one) > 281.0
