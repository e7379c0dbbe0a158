"""Systematic shifts, and the proposals that suspicions of them come to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from evidence.clock import Proposal, ShiftScope, Suspicion, proposals, systematic
from evidence.ids import CaseNo, DeviceId, Digest, StepNo

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


def test_what_a_hand_set_is_one_shift_with_its_drift() -> None:
    """A clock off by an odd number of seconds runs on: files within three minutes of one another are one act."""
    found_s = (-990.0, -901.0, -899.0, -811.0, -790.0, -610.0, TWO_H)
    apart = [replace(ONE, digest=Digest(name), shift_s=s) for name, s in zip("abcdefg", found_s, strict=True)]
    assert scopes(*apart) == [("device", "D1", -901.0, 4), ("device", "D1", -790.0, 2), ("clip", "g", TWO_H, 1)]


def test_a_proposal_says_what_it_rests_on() -> None:
    """First and last showing, the steps it would explain, how many files a witness speaks for, whose fault it is."""
    by_step = replace(ONE, digest=Digest("b"), shown=T - HOUR, case_no=CaseNo("C"), step_no=StepNo("1"), of_record=True)
    (one,) = proposals([ONE, by_step])
    assert isinstance(one, Proposal)
    assert (one.since, one.until, one.files) == (T - HOUR, T, ("b", "a"))
    assert (one.steps, one.witnessed, one.of_record) == (((CaseNo("C"), StepNo("1")),), 1, False)
    assert (one.shift.scope, one.shift.since, one.shift.until) == (ShiftScope.DEVICE, T - HOUR, T)
    assert proposals([by_step])[0].of_record
