"""What ties a clip to a step whose record does not name its officer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from evidence.cases import Step
from evidence.clips import Kind
from evidence.clock import ClockVerdict
from evidence.company import Company, meets, reach_of
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId, StationId, StepNo
from evidence.matching import Footage, Margin
from evidence.people import Device, Officer
from evidence.roster import Roster
from evidence.scoring import Tie
from evidence.spans import Span

AT = datetime(2026, 3, 4, 2, tzinfo=UTC)
MARGIN = Margin(120.0, 60.0)
STEP = Step(
    case_no=CaseNo("C1"),
    step_no=StepNo("1"),
    procedure="SITE_CHECK",
    started_at=AT,
    ended_at=AT + timedelta(minutes=30),
    place="东厂区",
    officers=(OfficerId("A"),),
)
SHOT = Footage(
    digest=Digest("d" * 64),
    kind=Kind.VIDEO,
    span=Span(AT, AT + timedelta(minutes=10)),
    uncertainty_s=2.0,
    verdict=ClockVerdict.TRUSTED,
    device_id=DeviceId("CAM"),
    officer_id=OfficerId("B"),
    has_video=True,
    has_audio=True,
    station=StationId("dock"),
    path="2026/a.mp4",
)


def company(unit_of_b: str = "south") -> Company:
    """Return a roster in which A is of the north, and B and the camera of a unit."""
    officers = [
        Officer(officer_id=OfficerId(one), name=one, unit=unit, valid_from=None, valid_to=None, short_codes=())
        for one, unit in (("A", "north"), ("B", unit_of_b))
    ]
    return Company(Roster(officers, [Device(DeviceId("CAM"), "", "", unit_of_b, "")], []))


def test_the_officer_of_the_record_needs_no_tie() -> None:
    """Who stands in the record is tied by it, not by company."""
    assert company("north").tie(replace(SHOT, officer_id=OfficerId("A")), STEP, MARGIN, {}) is None


def test_a_unit_ties_and_another_does_not() -> None:
    """A colleague's clip is tied by the unit; a stranger's by nothing."""
    assert company("north").tie(SHOT, STEP, MARGIN, {}) is Tie.UNIT
    assert company("south").tie(SHOT, STEP, MARGIN, {}) is None
    assert company("").tie(SHOT, replace(STEP, officers=(OfficerId("nobody"),)), MARGIN, {}) is None


def test_a_camera_of_the_unit_ties_nobodys_clip() -> None:
    """Where nobody knows who recorded, the camera's unit speaks."""
    assert company("north").tie(replace(SHOT, officer_id=None), STEP, MARGIN, {}) is Tie.UNIT


def test_a_path_that_names_the_place_ties() -> None:
    """Folders are named after where people went."""
    assert company().tie(replace(SHOT, path="东厂区/a.mp4"), STEP, MARGIN, {}) is Tie.PLACE


def test_nobodys_clip_is_tied_by_the_dock_that_footage_of_the_step_came_to() -> None:
    """To the same dock, of the same time; not to another, and not of another day."""
    shot = replace(SHOT, officer_id=None)
    same, other = Span(AT, AT + timedelta(minutes=5)), Span(AT - timedelta(days=1), AT - timedelta(hours=23))
    assert company().tie(shot, STEP, MARGIN, {"A": [("dock", same)]}) is Tie.STATION
    assert company().tie(shot, STEP, MARGIN, {"A": [("elsewhere", same)]}) is None
    assert company().tie(shot, STEP, MARGIN, {"A": [("dock", other)]}) is None
    assert company().tie(SHOT, STEP, MARGIN, {"A": [("dock", same)]}) is None


def test_a_clip_meets_a_step_within_its_uncertainty_and_the_margins() -> None:
    """Lead and lag of the rule and the doubt of the clock are counted, and no more."""
    early = replace(SHOT, span=Span(AT - timedelta(seconds=300), AT - timedelta(seconds=121)))
    assert reach_of(early).end == AT - timedelta(seconds=119)
    assert meets(early, STEP, MARGIN)
    assert not meets(replace(early, uncertainty_s=0.5), STEP, MARGIN)
