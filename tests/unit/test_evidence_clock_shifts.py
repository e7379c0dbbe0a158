"""Dockings, systematic shifts, the proposals that suspicions come to, and what would explain a step."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from evidence.cases import Step
from evidence.clock import Proposal, ShiftScope, Suspicion, proposals, systematic
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId, StepNo
from evidence.notes import note
from evidence.shifted import Explained, Stray, explained_by, is_witnessed
from evidence.spans import Span

T = datetime(2026, 3, 2, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
TWO_H = -7200.0
ONE = Suspicion(Digest("a"), DeviceId("D1"), "队", TWO_H, T)


@pytest.mark.parametrize(
    ("measured_s", "known_s"),
    [
        (-7200, -7200),
        (-7355, -7200),
        (7020, 7200),
        (-7381, None),
        (21500, 21600),
        (28800, 28800),
        (86399, 86400),
        (31536001, 31536000),
        (0, None),
        (600, None),
    ],
)
def test_what_is_systematic(measured_s: float, known_s: float | None) -> None:
    """Zones, a day and a year, within three minutes of drift; anything else was set by hand."""
    assert systematic(measured_s) == known_s


def scopes(*suspicions: Suspicion) -> list[tuple[str, str, float, int]]:
    """Return what is proposed for whom."""
    return [(one.scope.value, one.target, one.shift_s, len(one.files)) for one in proposals(suspicions)]


def test_a_shift_is_proposed_for_the_widest_scope_that_shares_it() -> None:
    """One file: the clip; two of a camera: the camera; two cameras: their unit first, then what it is made of."""
    again = replace(ONE, digest=Digest("b"), shift_s=-7100.0)
    other = replace(ONE, digest=Digest("c"), device_id=DeviceId("D2"))
    assert scopes() == []
    assert scopes(ONE, ONE) == [("clip", "a", TWO_H, 1)]
    assert scopes(ONE, again) == [("device", "D1", TWO_H, 2)]
    assert scopes(ONE, again, other) == [("unit", "队", TWO_H, 3), ("device", "D1", TWO_H, 2), ("clip", "c", TWO_H, 1)]


def test_what_a_hand_set_is_no_matter_of_a_unit() -> None:
    """Two cameras off by the same minutes were not set by a zone: each is proposed by itself."""
    hand = replace(ONE, shift_s=-900.0)
    assert scopes(hand, replace(hand, digest=Digest("c"), device_id=DeviceId("D2"))) == [
        ("clip", "a", -900.0, 1),
        ("clip", "c", -900.0, 1),
    ]


def test_a_proposal_says_what_it_rests_on() -> None:
    """First and last showing, the steps it would explain, how many files a witness speaks for, whose fault it is."""
    by_step = replace(ONE, digest=Digest("b"), shown=T - HOUR, case_no=CaseNo("C"), step_no=StepNo("1"), of_record=True)
    (one,) = proposals([ONE, by_step])
    assert isinstance(one, Proposal)
    assert (one.since, one.until, one.files) == (T - HOUR, T, ("b", "a"))
    assert (one.steps, one.witnessed, one.of_record) == (((CaseNo("C"), StepNo("1")),), 1, False)
    assert (one.shift.scope, one.shift.since, one.shift.until) == (ShiftScope.DEVICE, T - HOUR, T)
    assert proposals([by_step])[0].of_record


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
    ],
    ids=["too short", "no setting", "refused", "witnessed", "came before"],
)
def test_what_explains_nothing(one: Stray) -> None:
    """Less than half the window, no setting, refused, a clock seen to be right, or there before it was made."""
    assert explained_by(STEP, [one]) is None


def test_a_record_in_xinjiang_time_is_the_records_fault() -> None:
    """Footage of a clock that was seen to be right, two hours after what is written, says that the record is off."""
    found = explained_by(STEP, [stray(7200.0, witnessed=True)])
    assert found is not None
    assert (found.shift_s, found.of_record) == (7200.0, True)


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
