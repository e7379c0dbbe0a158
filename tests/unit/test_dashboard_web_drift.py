"""The drift plot over generated cameras: everything stands on the sheet, at its real time and offset."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from dashboard.web.clock_table import history_rows
from dashboard.web.drift import BOTTOM_PX, LABEL_ROWS, TICK_ROOM_PX, TOP_PX, Plot, XAxis, YAxis, draw_drift, labelled
from evidence.clock import ShiftScope
from evidence.clock_views import CameraClock, ShiftDecision
from evidence.ids import DeviceId
from tests.support.camera_clocks import clock_of
from tests.support.fleet import make_fleet
from tests.support.fleet_nouns import Fleet

XINJIANG, RESET = DeviceId("FL00001"), DeviceId("FL00004")


@pytest.fixture(scope="module", name="fleet")
def _fleet() -> Fleet:
    return make_fleet(3, cameras=40, days=30)


def drawn(clock: CameraClock) -> Plot:
    """Return the plot of all files; there is one."""
    plot = draw_drift(clock, clock.files)
    assert plot is not None
    return plot


@pytest.mark.parametrize("number", range(0, 40, 3))
def test_nothing_leaves_the_sheet(fleet: Fleet, number: int) -> None:
    """Every mark of every kind of camera lies between the edges, and none is too small to see."""
    plot = drawn(clock_of(fleet, DeviceId(f"FL{number:05}")))
    for mark in plot.files:
        assert 0 <= mark.x <= mark.x + mark.width <= 100.001
        assert mark.y >= TOP_PX - 2
        assert mark.y + mark.height <= BOTTOM_PX + 2
        assert mark.height >= 4
    for reading in plot.readings:
        assert TOP_PX <= reading.top <= reading.y <= reading.bottom <= BOTTOM_PX
    assert all(0 <= x <= 100 for x, _ in (*plot.x_axis.ticks(), *plot.assumed))
    assert 2 <= len(plot.x_axis.ticks()) <= 20


def test_a_clock_two_hours_behind_lies_two_hours_below(fleet: Fleet) -> None:
    """The dock's readings and the files' bands stand at the same depth, named on the axis."""
    plot = drawn(clock_of(fleet, XINJIANG))
    assert not plot.y_axis.even
    assert -7200.0 in plot.y_axis.ticks()
    depth = plot.y_axis.y(-7200.0)
    deep = [one for one in plot.readings if one.reading.offset_s is not None and one.reading.offset_s < -7000]
    bands = [one for one in plot.files if one.bounds[0] < -7000 and one.bounds[1] < -7000]
    assert deep
    assert bands
    assert all(abs(one.y - depth) < 2 for one in deep)
    assert all(abs(one.y + one.height / 2 - depth) < 3 for one in bands)


def test_a_reset_stands_between_its_files_with_their_counters(fleet: Fleet) -> None:
    """The mark lies between the last file before and the first after; labels do not hide each other."""
    clock = clock_of(fleet, RESET)
    plot = drawn(clock)
    assert len(plot.resets) == len(clock.resets) > 1
    at = {mark.file.digest: mark.x for mark in plot.files}
    for mark in plot.resets:
        ends = sorted(at[file.digest] for file in (mark.before, mark.after) if file and file.digest in at)
        assert ends[0] - 0.01 <= mark.x <= ends[-1] + 0.01
    rows = [(mark.row, round(mark.x, 1)) for mark in plot.resets]
    assert len(set(rows)) == len(rows)
    assert [mark.row for mark in labelled([(x, None, None) for x in (1, 2, 3, 4, 60)])] == [0, 1, 2, 0, 0]
    assert max(row for row, _ in rows) < LABEL_ROWS


def test_a_confirmed_stretch_is_shaded_in_real_time(fleet: Fleet) -> None:
    """The stretch is named by the camera's clock and drawn where it really was; a refused one is not drawn."""
    clock = clock_of(fleet, XINJIANG)
    since = clock.readings[0].at
    decision = ShiftDecision(
        ShiftScope.DEVICE, XINJIANG, -7200.0, since, None, confirmed=True, actor="甲", reason="乙", decided_at=since
    )
    plot = drawn(replace(clock, decisions=(decision, replace(decision, confirmed=False))))
    [mark] = plot.shifts
    assert mark.x == pytest.approx(plot.x_axis.x(since + timedelta(hours=2)))
    assert mark.x + mark.width == pytest.approx(100)


def test_the_table_states_what_the_plot_draws(fleet: Fleet) -> None:
    """A row for each docking and each file, the newest first, with the same offsets; each reset has its file."""
    clock = clock_of(fleet, RESET)
    rows = history_rows(clock, clock.files)
    assert len(rows) == len(clock.files) + len(clock.readings)
    assert [row.at for row in rows] == sorted((row.at for row in rows), reverse=True)
    plot = drawn(clock)
    bounds = {row.file.digest: row.bounds for row in rows if row.file}
    assert all(bounds[mark.file.digest] == mark.bounds for mark in plot.files)
    assert sum(bool(row.reset) for row in rows) == len({after or before for before, after in clock.resets})


def test_a_camera_of_which_nothing_is_known_has_no_plot() -> None:
    """Without files and readings there is nothing to draw, and nothing fails."""
    empty = CameraClock(DeviceId("D"), "", (), (), (), ())
    assert draw_drift(empty, ()) is None
    assert history_rows(empty, ()) == []


@pytest.mark.parametrize(
    "axis", [YAxis(-4, 45, even=True), YAxis(-9e8, 2, even=False), YAxis(-14400, 28800, even=False)]
)
def test_an_axis_names_offsets_that_can_be_read(axis: YAxis) -> None:
    """Ticks keep their distance, zero is among them, and more ahead stands higher."""
    places = [axis.y(one) for one in axis.ticks()]
    assert 0.0 in axis.ticks()
    assert places == sorted(places)
    assert all(after - before >= TICK_ROOM_PX - 0.2 for before, after in pairwise(places))
    assert len(places) >= 4


def test_days_on_the_axis_begin_at_midnight_in_beijing(fleet: Fleet) -> None:
    """Ticks of whole days stand at Beijing midnights."""
    plot = drawn(clock_of(fleet, RESET))
    axis: XAxis = plot.x_axis
    x, text = axis.ticks()[0]
    at = axis.start + (axis.end - axis.start) * x / 100
    assert len(text) == 5
    assert (at + timedelta(hours=8, minutes=30)).hour == 0
