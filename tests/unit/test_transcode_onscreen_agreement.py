"""Readings of several frames: believed only where the clock goes on as the media does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.notes import Note
from transcode.onscreen_agreement import Reading, Start, agree
from transcode.onscreen_frames import FRAMES, LONGEST_S, frame_times

BEGIN = datetime(2026, 11, 23, 8, 52, 7, tzinfo=UTC)


def shown(start: datetime, media_s: float) -> Reading:
    """Return what a clock with whole seconds shows."""
    return Reading(media_s, (start + timedelta(seconds=media_s)).replace(microsecond=0))


def code_of(readings: list[Reading]) -> str:
    """Return why no start is taken."""
    found = agree(readings)
    assert isinstance(found, Note)
    return found.code


@given(st.integers(0, 999), st.lists(st.integers(0, 6000), min_size=3, max_size=5, unique=True))
def test_the_start_lies_in_the_bracket(lost_ms: int, times: list[int]) -> None:
    """Wherever in its second a recording begins, the bracket holds its start and is no wider than a second."""
    start = BEGIN + timedelta(milliseconds=lost_ms)
    found = agree([shown(start, at / 10) for at in sorted(times)])
    if isinstance(found, Start):
        assert found.at <= start <= found.at + timedelta(seconds=found.width_s + 0.001)
        assert 0 <= found.width_s <= 1
    else:
        assert found.code == "intake.onscreen_too_short"


def test_phases_narrow_the_bracket() -> None:
    """Frames at different fractions of a second place the start better than the clock's own step."""
    found = agree([shown(BEGIN, at) for at in frame_times(30)])
    assert isinstance(found, Start)
    assert found.width_s == pytest.approx(0.2, abs=0.01)


def test_two_frames_are_too_few() -> None:
    """A clock read in two frames gives no start."""
    assert code_of([shown(BEGIN, 0), shown(BEGIN, 5)]) == "intake.onscreen_unreadable"


def test_a_clock_set_while_recording_gives_none() -> None:
    """One frame that does not fit is enough, however many agree."""
    readings = [shown(BEGIN, at) for at in (0, 3, 6, 9)]
    assert code_of([*readings, shown(BEGIN + timedelta(hours=1), 12)]) == "intake.onscreen_disagrees"
    assert code_of([*readings, shown(BEGIN + timedelta(seconds=3), 12)]) == "intake.onscreen_disagrees"


def test_a_clock_that_stands_still_gives_none() -> None:
    """A date on a sign, or a frozen picture, is no clock."""
    assert code_of([Reading(at, BEGIN) for at in (0.0, 3.0, 6.0)]) == "intake.onscreen_stands_still"
    assert code_of([Reading(at, BEGIN) for at in (0.0, 0.3, 0.6)]) == "intake.onscreen_too_short"


@pytest.mark.parametrize("rate", [0.5, 2.0, 30.0])
def test_another_rate_is_measured(rate: float) -> None:
    """A clock that runs evenly and not as the media does is named with its ratio, and gives no start."""
    readings = [Reading(at, shown(BEGIN, at * rate).at) for at in (0.0, 3.0, 6.0, 9.0, 12.0)]
    found = agree(readings)
    assert isinstance(found, Note)
    assert found.code == "clock.onscreen_rate"
    assert found.params["ratio"] == pytest.approx(rate, rel=0.1)


@pytest.mark.parametrize("duration_s", [None, 0.5, 3.0, 12.0, 3600.0, 1e6])
def test_frames_are_taken_within_the_file(duration_s: float | None) -> None:
    """Frames are few, in order, each at another time, none beyond the end or the farthest place."""
    times = frame_times(duration_s)
    assert len(times) == FRAMES
    assert list(times) == sorted(set(times))
    assert times[0] >= 0
    assert times[-1] < min(duration_s or LONGEST_S, LONGEST_S)
