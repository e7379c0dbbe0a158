"""What footage that hangs nowhere would explain of a step, if a clock or the record were off by a setting."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from evidence.cases import Step
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId, StepNo
from evidence.notes import note
from evidence.shifted import Explained, Stray, explained_by, is_witnessed
from evidence.spans import Span

T = datetime(2026, 3, 2, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
TWO_H = -7200.0
STEP = Step(CaseNo("C"), StepNo("1"), "SEIZE", T, T + HOUR, officers=(OfficerId("P1"),))


def stray(shift_s: float, length_h: float = 1.0, name: str = "a", **about: object) -> Stray:
    """Return a clip that shows the step from its beginning, by a clock so far off."""
    off = timedelta(seconds=shift_s)
    plain = Stray(Digest(name), DeviceId("D1"), Span(T + off, T + off + length_h * HOUR), T + 30 * HOUR)
    return replace(plain, **about)  # type: ignore[arg-type] # the caller's own words


@pytest.mark.parametrize("shift_s", [-7200.0, 7200.0, 21600.0, -28800.0, 86400.0])
def test_a_setting_explains_a_step(shift_s: float) -> None:
    """A clip that would cover the step if its clock was off by a zone or a day."""
    assert explained_by(STEP, [stray(shift_s)]) == Explained(shift_s, False, (Digest("a"),), 1.0)


@pytest.mark.parametrize(
    "one",
    [
        stray(TWO_H, 0.49),
        stray(-14400.0),
        stray(TWO_H, refused_s=(TWO_H,)),
        stray(TWO_H, witnessed=True),
        stray(TWO_H, received_at=T + HOUR / 2),
        stray(TWO_H, taken=(Span(T - HOUR, T + HOUR / 4),)),
    ],
    ids=["too short", "no setting", "refused", "witnessed", "came before", "camera was at work"],
)
def test_what_explains_nothing(one: Stray) -> None:
    """Less than half the window, no setting, refused, a clock seen right, there too early, or two files at once."""
    assert explained_by(STEP, [one]) is None


def test_a_record_in_xinjiang_time_is_the_records_fault() -> None:
    """Footage of a clock that was seen to be right, two hours after what is written, says that the record is off."""
    found = explained_by(STEP, [stray(7200.0, witnessed=True)])
    assert found is not None
    assert (found.shift_s, found.of_record) == (7200.0, True)


def test_a_clip_may_follow_another_of_its_camera() -> None:
    """What a camera made just before, to the three minutes that a shift is known to, speaks against no shift."""
    found = explained_by(STEP, [stray(TWO_H, taken=(Span(T - HOUR, T + timedelta(minutes=3)),))])
    assert found is not None
    assert found.shift_s == TWO_H


def test_several_clips_explain_together_and_the_smallest_shift_wins() -> None:
    """Two halves make a whole; of shifts that explain as much, the nearer is suspected."""
    halves = [stray(TWO_H, 0.5), stray(TWO_H + 1800, 0.5, "b")]
    found = explained_by(STEP, halves)
    assert found is not None
    assert (found.shift_s, found.clips, found.share) == (TWO_H, ("a", "b"), 1.0)
    both = explained_by(STEP, [stray(28800.0), stray(TWO_H, name="b")])
    assert both is not None
    assert both.shift_s == TWO_H


@pytest.mark.parametrize(
    ("code", "witnessed"),
    [("clock.dock_read_right", True), ("clock.agrees.gps_track", True), ("clock.dock_thought_to_set", False)],
)
def test_who_is_a_witness(code: str, witnessed: bool) -> None:
    """A dock that read or set, a satellite track; not a dock that is thought to have set."""
    assert is_witnessed([note(code)]) is witnessed
