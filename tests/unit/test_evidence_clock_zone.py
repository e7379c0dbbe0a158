"""A camera with a wrong zone: docks set its clock right and it goes on to show another zone's time."""

from datetime import timedelta

import pytest

from evidence.clock import ClockVerdict
from tests.support.histories import Shot, evening, holds, hour, judged, width_s

ZONE_S = -7200.0
FAST_S = 4.0
"""What the clock loses in a day."""


def test_a_setting_that_a_zone_undoes_is_known_but_for_the_zone() -> None:
    """Right after the dock it was a zone off and no more, whatever it had lost before it was set."""
    docks = [evening(0), *(evening(day, ZONE_S - FAST_S) for day in (1, 2)), evening(5, ZONE_S - 3 * FAST_S)]
    shot = Shot("1", hour(20, 2), ZONE_S - 0.2, came=hour(19.2, 5))
    one = judged([shot], docks)["1"]
    assert one.verdict is ClockVerdict.DISPUTED
    assert one.suspected_s == (ZONE_S,)
    assert holds(one, shot.real)
    assert width_s(one) < -ZONE_S + 15


@pytest.mark.parametrize("zones_s", [ZONE_S, -8 * 3600.0])
def test_a_setting_nobody_read_is_not_believed_where_the_next_were_in_vain(zones_s: float) -> None:
    """A dock could not read the clock and set it; the next two read a zone off: nobody knows since when it was."""
    shot = Shot("1", hour(15, 1), zones_s)
    docks = [evening(0), evening(1, None), evening(2, zones_s), evening(3, zones_s)]
    one = judged([shot], docks)["1"]
    assert one.verdict is ClockVerdict.DISPUTED
    assert holds(one, shot.real)


def test_a_setting_nobody_read_is_believed_where_the_next_helped() -> None:
    """The same clock, set right at the dock that read it off: it was moved after the dock before had set it."""
    shot = Shot("1", hour(15, 1))
    one = judged([shot], [evening(0), evening(1, None), evening(2, ZONE_S), evening(3, 0.0)])["1"]
    assert one.verdict is ClockVerdict.TRUSTED


def test_a_clock_that_ran_fast_in_another_zone_did_not_jump_there_again() -> None:
    """Off by a zone at two dockings and by twenty seconds more at the second: no file between them is trusted."""
    shots = [Shot(str(n), hour(9 + n, 4), ZONE_S - 15.0, came=hour(19.2, 5)) for n in range(4)]
    found = judged(shots, [evening(0), evening(1, ZONE_S - 7.0), evening(5, ZONE_S - 27.0)])
    assert {one.verdict for one in found.values()} == {ClockVerdict.DISPUTED}
    assert all(width_s(found[shot.name]) < -ZONE_S + timedelta(minutes=1).total_seconds() for shot in shots)
    assert all(holds(found[shot.name], shot.real) for shot in shots)
