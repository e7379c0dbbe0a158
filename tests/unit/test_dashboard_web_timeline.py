"""Geometry of the case timeline: everything in its place, nothing outside, red only where footage is required."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dashboard.web.timeline import IDLE_S, Axis, draw, unplaced
from evidence.findings import FindingState
from evidence.ids import StepNo
from evidence.spans import Span, union
from tests.support.web import CASE, OFFICERS, build_world, minutes

NAMES = {officer.officer_id: officer.name for officer in OFFICERS}


def test_each_day_is_a_sheet() -> None:
    """Steps and footage of two days make two sheets, in order."""
    world = build_world()
    sheets = draw(world.steps(case_no=CASE), world.clip_rows, NAMES, "zh-CN")
    assert [sheet.day.isoformat() for sheet in sheets] == ["2026-11-23", "2026-11-24"]
    assert [len(sheet.steps) for sheet in sheets] == [4, 1]


def test_idle_hours_are_cut_out() -> None:
    """A morning and an afternoon share a sheet with a cut between them that says how long it is."""
    world = build_world()
    first = draw(world.steps(case_no=CASE), world.clip_rows, NAMES, "zh-CN")[0]
    assert len(first.cuts) >= 1
    assert all(seconds > IDLE_S for _, seconds in first.cuts)


def test_red_is_where_a_finding_says_so() -> None:
    """Each uncovered stretch of an open finding is a gap; a resolved finding draws none."""
    world = build_world()
    steps = world.steps(case_no=CASE)
    first = draw(steps, world.clip_rows, NAMES, "zh-CN")[0]
    assert [gap.span for gap in first.gaps] == [minutes(31, 40), minutes(400, 412)]
    resolved = [
        replace(step, findings=tuple(replace(f, state=FindingState.RESOLVED) for f in step.findings)) for step in steps
    ]
    assert draw(resolved, world.clip_rows, NAMES, "zh-CN")[0].gaps == []


def test_an_officer_who_recorded_nothing_has_an_empty_row() -> None:
    """Who was there without footage is shown, and told apart from one whose camera has not docked."""
    world = build_world()
    first, second = draw(world.steps(case_no=CASE), world.clip_rows, NAMES, "zh-CN")
    empty = {row.officer: row.waiting for row in first.rows if not row.marks}
    assert empty == {"李建国": False}
    assert {row.officer: row.waiting for row in second.rows} == {"陈静": True, "李建国": True}


def test_photos_are_dots() -> None:
    """A photo has a place and no length to speak of."""
    world = build_world()
    first = draw(world.steps(case_no=CASE), world.clip_rows, NAMES, "zh-CN")[0]
    photos = [mark for row in first.rows for mark in row.marks if mark.photo]
    assert len(photos) == 1
    assert photos[0].width < 1


def test_steps_do_not_hide_each_other() -> None:
    """Steps at the same time, with their names, lie in different lanes."""
    world = build_world()
    step = world.step_rows[0]
    doubled = [step, replace(step, step=replace(step.step, step_no=StepNo("9")))]
    sheet = draw(doubled, [], NAMES, "zh-CN")[0]
    assert sorted(mark.lane for mark in sheet.steps) == [0, 1]
    assert sheet.lanes == 2


def test_a_clip_without_a_time_is_listed_apart() -> None:
    """Footage that nothing dates is not lost from the page."""
    world = build_world()
    assert [clip.source_path for clip in unplaced(world.clip_rows)] == ["旧机/MOV00012.avi"]


def test_an_empty_case_has_no_sheet() -> None:
    """Nothing to show is no error."""
    assert draw([], [], {}, "en") == []


@given(
    st.lists(st.tuples(st.integers(0, 1400), st.integers(1, 300)), min_size=1, max_size=8),
    st.floats(-100, 2000, allow_nan=False),
)
def test_places_stay_on_the_sheet_and_in_order(pairs: list[tuple[int, int]], moment: float) -> None:
    """Whatever the pieces of a day, places lie between 0 and 100 percent and later is never further left."""
    pieces = union([minutes(start, start + length) for start, length in pairs], join_within_s=2400)
    axis = Axis(pieces)
    at, later = minutes(moment, moment + 7).start, minutes(moment, moment + 7).end
    assert 0 <= axis.x(at) <= axis.x(later) <= 100
    x, width = axis.place(Span(at, later))
    assert x >= 0
    assert x + width <= 100.01
    assert all(0 <= tick.x <= 100 for tick in axis.ticks())
