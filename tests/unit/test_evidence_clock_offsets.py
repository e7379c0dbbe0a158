"""Interval arithmetic over a clock's offset: what drift allows, where it must have jumped, how fast it runs."""

import pytest

from evidence.clock.offsets import (
    DAY_S,
    FREE,
    STANDARD,
    Anchor,
    Bounds,
    Node,
    drifted,
    falls_back,
    hull,
    is_stray,
    meet,
    out_of_order,
    solve,
)
from evidence.clock.rates import Rate, rate_between, rate_from

RIGHT: Bounds = (-1.0, 1.0)


def node(hours: float, *, offset: Bounds = FREE, real: bool = True) -> Node:
    """Return a file of ten minutes that began so many hours into the time."""
    return Node(hours * 3600, 1.0, 600.0, (hours * 3600 - 7200, hours * 3600 + 7200), offset, real)


@pytest.mark.parametrize(
    ("one", "other", "both", "either"),
    [
        ((0, 2), (1, 3), (1, 2), (0, 3)),
        ((0, 1), (1, 2), (1, 1), (0, 2)),
        ((0, 1), (2, 3), None, (0, 3)),
        (FREE, (2, 3), (2, 3), FREE),
    ],
)
def test_meet_and_hull(one: Bounds, other: Bounds, both: Bounds | None, either: Bounds) -> None:
    """What both allow may be nothing; what holds both never is."""
    assert (meet(one, other), hull(one, other)) == (both, either)


@pytest.mark.parametrize(
    ("elapsed_s", "rate", "bounds"),
    [
        (DAY_S, STANDARD, (-4, 4)),
        (-DAY_S, STANDARD, (-4, 4)),
        (DAY_S, (2, 5), (1, 6)),
        (-DAY_S, (2, 5), (-6, -1)),
        (400 * DAY_S, STANDARD, (-91, 91)),
    ],
)
def test_drift_widens_by_the_day(elapsed_s: float, rate: Bounds, bounds: Bounds) -> None:
    """Either way in time, at the camera's own rate, and for no more than thirty days."""
    assert drifted(RIGHT, elapsed_s, rate) == bounds


def test_what_both_anchors_allow() -> None:
    """In the middle of a day between two readings a second wide, drift leaves a second and a half more."""
    found = solve([node(12)], Anchor(0, RIGHT), Anchor(DAY_S, RIGHT))
    assert found.offsets == [(-2.5, 2.5)]
    assert (found.seen, found.falls, found.jumped) == ([True], [], None)


def test_a_jump_between_anchors_leaves_the_hull() -> None:
    """A clock an hour off in the evening jumped somewhere: what may lie on either side gets both."""
    found = solve([node(8), node(12)], Anchor(0, RIGHT), Anchor(DAY_S, (3599.0, 3601.0)))
    assert found.jumped == (0, 2)
    assert all(low <= 0 and high >= 3599 for low, high in found.offsets)


def test_what_satellites_show_between_reaches_back_to_what_may_lie_on_either_side() -> None:
    """Read five minutes behind, then right by a track: what lies between may be of either clock, and nobody knows."""
    found = solve([node(8), node(12, offset=(-1.0, 1.0)), node(13)], Anchor(0, (-301.0, -299.0)), None)
    assert (found.jumped, found.seen) == ((0, 1), [True, True, True])
    assert found.offsets[0][0] < -299
    assert found.offsets[0][1] > 0
    assert all(low > -2 and high < 2 for low, high in found.offsets[1:])


def test_satellites_between_two_jumps_are_believed() -> None:
    """Right at one dock, a zone off at the next, and a third time by the tracks between: each file has its own."""
    nodes = [node(1, offset=(-1.0, 1.0)), node(12, offset=(500.0, 502.0)), node(23, offset=(3599.0, 3601.0))]
    found = solve(nodes, Anchor(0, RIGHT), Anchor(DAY_S, (3599.0, 3601.0)))
    assert found.seen == [True, True, True]
    assert [round(sum(bounds) / 2) for bounds in found.offsets] == [0, 501, 3600]


def test_what_lies_between_drift_and_jump_is_stray() -> None:
    """Ten seconds in a day are more than drift and less than a jump: either reading is allowed."""
    left, right = Anchor(0, RIGHT), Anchor(DAY_S, (9.0, 11.0))
    found = solve([node(12)], left, right)
    assert is_stray(left, right)
    assert (found.strayed, found.offsets) == (True, [(-1.0, 11.0)])


def test_an_assumed_anchor_gives_way() -> None:
    """Where a satellite's time contradicts a setting that is only assumed, the setting is put aside."""
    found = solve([node(12, offset=(99.0, 101.0))], Anchor(0, RIGHT, firm=False), None)
    assert (found.refused, found.offsets) == (True, [(99.0, 101.0)])


@pytest.mark.parametrize(
    ("before", "after", "falls"),
    [
        (node(10), node(10.2), False),
        (node(10), node(10.14), False),
        (node(10), node(9), True),
        (node(10), node(20), False),
        (Node(0, 1, 60, (0, 100)), Node(9000, 1, 60, (0, 200)), True),
        (node(10, real=False), Node(40 * DAY_S, 1, 60), True),
    ],
)
def test_when_a_clock_fell_back(before: Node, after: Node, falls: bool) -> None:
    """By more than a buffer, or further ahead than there was time for; or it left a date that cannot be."""
    assert falls_back(before, after) is falls


@pytest.mark.parametrize(
    ("hours", "found"), [((1, 2, 3), []), ((1, 9, 2, 3), [1]), ((5, 6, 1, 7), [2]), ((5, 6, 1, 2), []), ((), [])]
)
def test_which_files_lie_out_of_order(hours: tuple[float, ...], found: list[int]) -> None:
    """One by itself among others in order; several that go on from where the clock fell to do not."""
    nodes = [Node(hour * 3600.0, 1, 600, (0.0, (index + 4) * 3600.0)) for index, hour in enumerate(hours)]
    assert out_of_order(nodes) == found


def test_rates_are_measured_and_learned() -> None:
    """Between two readings, with their error; several even out; none is the standard's; a jump is no rate."""
    one = rate_between(Anchor(0, RIGHT), Anchor(2 * DAY_S, (9.0, 11.0)))
    assert one == Rate(5.0, 1.0)
    assert rate_between(Anchor(0, RIGHT), Anchor(100.0, RIGHT)) is None
    assert rate_between(Anchor(0, RIGHT), Anchor(DAY_S, (999.0, 1001.0))) is None
    assert rate_from([]) == STANDARD
    assert rate_from([one]) == pytest.approx((3.2, 6.8))
    low, high = rate_from([one] * 4)
    assert (low + high) / 2 == pytest.approx(5.0)
    assert high - low < 5
