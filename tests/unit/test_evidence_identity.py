"""Which device and officer a clip is of: the order of belief, placeholders, and every disagreement kept."""

from datetime import UTC, datetime, timedelta

import pytest

from evidence.claims import ClaimSource, Identity, IdentityClaim, IdentityKind, OfficerSource
from evidence.identity import Roster, identify, speaks_against
from evidence.ids import DeviceId, OfficerId
from evidence.people import Assignment, Device, Officer
from evidence.spans import Span

AT = datetime(2026, 3, 2, 4, tzinfo=UTC)
DAY = timedelta(days=1)
ANN, BO, CAM = OfficerId("P1"), OfficerId("P2"), DeviceId("AB00001")


def roster(*assignments: Assignment) -> Roster:
    """Return a roster of two officers and one camera."""
    officers = [
        Officer(ANN, "甲", short_codes=("XX0001", "SHARED")),
        Officer(BO, "乙", short_codes=("XX0002", "SHARED")),
        Officer(OfficerId("P3"), "丙", valid_to=AT - DAY, short_codes=("XX0002",)),
    ]
    return Roster(officers, [Device(CAM, serial="SN-77")], assignments)


def carried(officer: OfficerId, start: datetime = AT - DAY, end: datetime | None = None) -> Assignment:
    """Return that an officer carried the camera."""
    return Assignment(CAM, officer, start, end)


def device(
    value: str = "AB00001", source: ClaimSource = ClaimSource.FILE_NAME, *, placeholder: bool = False
) -> IdentityClaim:
    """Return a statement of the device."""
    return IdentityClaim(IdentityKind.DEVICE, source, value, placeholder)


def code(value: str, source: ClaimSource = ClaimSource.FILE_NAME, *, placeholder: bool = False) -> IdentityClaim:
    """Return a statement of the officer's short code."""
    return IdentityClaim(IdentityKind.OFFICER_CODE, source, value, placeholder)


def notes(identity: Identity) -> list[str]:
    """Return the codes of the disagreements."""
    return [note.code for note in identity.disagreements]


def test_the_register_comes_before_the_name() -> None:
    """Who carried the camera then is the officer; that the name says another is kept."""
    judged = identify([device(), code("XX0002")], AT, roster(carried(ANN)))
    assert (judged.device_id, judged.officer_id, judged.officer_source) == (CAM, ANN, OfficerSource.ASSIGNMENT)
    assert notes(judged) == ["identity.name_disagrees"]


def test_a_decision_comes_before_the_register() -> None:
    """A named person's correction wins, and both other sources are kept as disagreeing."""
    judged = identify([device(), code("XX0001")], AT, roster(carried(ANN)), decided=BO)
    assert (judged.officer_id, judged.officer_source) == (BO, OfficerSource.DECIDED)
    assert notes(judged) == ["identity.name_disagrees", "identity.register_disagrees"]


@pytest.mark.parametrize(
    ("claims", "officer", "source"),
    [
        ([code("XX0001", ClaimSource.FOLDER), code("XX0002")], ANN, OfficerSource.PATH),
        ([code("XX0002"), code("XX0001", ClaimSource.SIDECAR)], BO, OfficerSource.NAME),
        ([code("XX0001", ClaimSource.SIDECAR)], ANN, OfficerSource.SIDECAR),
        ([code("xx0001")], ANN, OfficerSource.NAME),
        ([code("P2")], BO, OfficerSource.NAME),
        ([IdentityClaim(IdentityKind.OFFICER, ClaimSource.SIDECAR, "P2")], BO, OfficerSource.SIDECAR),
        ([], None, OfficerSource.UNKNOWN),
    ],
)
def test_without_the_register(claims: list[IdentityClaim], officer: OfficerId | None, source: OfficerSource) -> None:
    """Folder before name before sidecar; codes in any letter case, an officer's id as well as the short code."""
    judged = identify(claims, AT, roster())
    assert (judged.officer_id, judged.officer_source) == (officer, source)


@pytest.mark.parametrize(
    ("claim", "note"),
    [
        (code("000000", placeholder=True), "identity.officer_code_placeholder"),
        (code("ZZ9999"), "identity.officer_code_unknown"),
        (code("SHARED"), "identity.officer_code_ambiguous"),
    ],
)
def test_codes_that_name_nobody(claim: IdentityClaim, note: str) -> None:
    """A placeholder, an unknown code and one of two people leave the officer unknown, and say why."""
    judged = identify([claim], AT, roster())
    assert (judged.officer_id, judged.officer_source, notes(judged)) == (None, OfficerSource.UNKNOWN, [note])


def test_a_code_means_who_had_it_then() -> None:
    """A code handed on belongs to the officer who had it at the moment of the recording."""
    assert identify([code("XX0002")], AT, roster()).officer_id == BO
    assert notes(identify([code("XX0002")], AT - 3 * DAY, roster())) == ["identity.officer_code_ambiguous"]


def test_the_register_counts_at_the_moment() -> None:
    """An assignment that ended before, or begins after, names nobody."""
    handed_on = roster(carried(ANN, AT - DAY, AT), carried(BO, AT))
    assert identify([device()], AT, handed_on).officer_id == BO
    assert identify([device()], AT - timedelta(hours=1), handed_on).officer_id == ANN
    assert identify([device()], AT - 2 * DAY, handed_on).officer_id is None


@pytest.mark.parametrize(
    ("claims", "first"),
    [([], ANN), ([code("XX0002")], BO), ([code("XX0001"), code("XX0002", ClaimSource.SIDECAR)], ANN)],
)
def test_a_camera_carried_together_is_of_all_its_carriers(claims: list[IdentityClaim], first: OfficerId) -> None:
    """First whom the file itself names, then who had it longest; that it was shared is said and contradicts nothing."""
    both = roster(carried(BO, AT - timedelta(hours=1)), carried(ANN))
    judged = identify([device(), *claims], AT, both)
    assert (judged.officer_id, set(judged.officers)) == (first, {ANN, BO})
    assert (judged.officers[0], judged.officer_source) == (first, OfficerSource.ASSIGNMENT)
    assert notes(judged) == ["identity.camera_shared"]
    assert not speaks_against(judged.disagreements)


def test_a_stranger_whom_the_name_states_contradicts_a_shared_camera() -> None:
    """The register stands; that the file names somebody who did not carry the camera is kept as a disagreement."""
    third = Assignment(CAM, OfficerId("P9"), AT - DAY)
    judged = identify([device(), code("XX0002")], AT, roster(carried(ANN), third))
    assert judged.officers == (ANN, OfficerId("P9"))
    assert notes(judged) == ["identity.camera_shared", "identity.name_disagrees"]
    assert speaks_against(judged.disagreements)


@pytest.mark.parametrize("off_s", [-5, 0, 5])
def test_a_camera_handed_on_is_not_shared(off_s: float) -> None:
    """Where one assignment ends the next begins: whoever had it when the recording began, and nobody beside."""
    handed_on = roster(carried(ANN, AT - DAY, AT), carried(BO, AT, AT + DAY))
    judged = identify([device()], AT + timedelta(seconds=off_s), handed_on)
    assert judged.officers == ((ANN,) if off_s < 0 else (BO,))
    assert notes(judged) == []


def test_a_decision_ends_the_sharing() -> None:
    """Whoever a named person says recorded is the officer, alone."""
    judged = identify([device()], AT, roster(carried(ANN), carried(BO)), decided=BO)
    assert (judged.officers, judged.officer_source, notes(judged)) == ((BO,), OfficerSource.DECIDED, [])


def test_the_same_officer_twice_is_one_carrier() -> None:
    """Two overlapping assignments of one person share nothing."""
    judged = identify([device()], AT, roster(carried(ANN), carried(ANN, AT - timedelta(hours=1))))
    assert (judged.officers, notes(judged)) == ((ANN,), [])


def test_without_a_time_only_a_camera_handed_out_once_counts() -> None:
    """When no time is believed the register speaks only if there is one assignment ever, and that is said."""
    once = identify([device()], None, roster(carried(ANN)))
    assert (once.officer_id, notes(once)) == (ANN, ["identity.assignment_without_time"])
    twice = identify([device()], None, roster(carried(ANN, AT - DAY, AT), carried(BO, AT)))
    assert (twice.officer_id, notes(twice)) == (None, ["identity.no_time_for_register"])


@pytest.mark.parametrize("stated", ["AB00001", "ab00001", "sn-77"])
def test_a_device_is_known_by_id_or_serial(stated: str) -> None:
    """Letter case and the maker's serial make no other device."""
    judged = identify([device(stated)], AT, roster(carried(ANN)))
    assert (judged.device_id, judged.officer_id, notes(judged)) == (CAM, ANN, [])


def test_an_unregistered_device_is_kept() -> None:
    """A camera nobody registered is still the clip's camera."""
    judged = identify([device("QQ12345")], AT, roster())
    assert (judged.device_id, notes(judged)) == (DeviceId("QQ12345"), ["identity.device_not_registered"])


def test_a_placeholder_device_is_none() -> None:
    """The code of a camera nobody set up names no device."""
    judged = identify([device("8888888", placeholder=True)], AT, roster())
    assert (judged.device_id, notes(judged)) == (None, ["identity.device_placeholder"])


def test_devices_that_disagree_are_both_kept() -> None:
    """The folder's device is used, the name's is noted."""
    judged = identify([device("QQ12345"), device("AB00001", ClaimSource.FOLDER)], AT, roster())
    assert (judged.device_id, notes(judged)) == (CAM, ["identity.device_disagrees"])


def either_way(first: str, second: str) -> list[IdentityClaim]:
    """Return what a name gives whose two codes may stand in either order."""
    return [device(first), device(second), code(first), code(second)]


def test_the_register_tells_which_code_is_the_camera() -> None:
    """Of two codes of equal length the registered one is the camera and the other the officer."""
    for pair in (("AB00001", "XX0002"), ("XX0002", "AB00001")):
        judged = identify(either_way(*pair), AT, roster())
        assert (judged.device_id, judged.officer_id, notes(judged)) == (CAM, BO, [])


def test_an_officer_code_tells_which_code_is_the_camera() -> None:
    """Beside an officer's code, the other code is the camera even if nobody registered it."""
    judged = identify(either_way("QQ12345", "XX0002"), AT, roster())
    assert (judged.device_id, judged.officer_id) == (DeviceId("QQ12345"), BO)


def test_codes_nobody_knows_stay_open() -> None:
    """When the register knows neither code, neither is taken for a camera."""
    judged = identify(either_way("QQ12345", "QQ67890"), AT, roster())
    assert (judged.device_id, judged.officer_id, notes(judged)) == (None, None, ["identity.codes_either_order"])


@pytest.mark.parametrize(("written", "counter"), [("0007", 7), ("001A", 1), ("", None), ("A1", None)])
def test_the_counter_is_a_number(written: str, counter: int | None) -> None:
    """Leading zeros and a part letter are no part of the counter."""
    claim = IdentityClaim(IdentityKind.SEQUENCE, ClaimSource.FILE_NAME, written)
    assert identify([claim], AT, roster()).sequence == counter


def test_a_marked_file_is_important() -> None:
    """The wearer's mark is kept."""
    assert identify([IdentityClaim(IdentityKind.IMPORTANT, ClaimSource.FILE_NAME, "IMP")], AT, roster()).important
    assert not identify([], AT, roster()).important


def test_cameras_of_an_officer_in_a_window() -> None:
    """An assignment that ends as the window starts does not count, one that is open does."""
    window = Span(AT, AT + DAY)
    held = roster(carried(ANN, AT - DAY, AT), carried(BO, AT - DAY))
    assert held.cameras_of(ANN, window) == ()
    assert [one.device_id for one in held.cameras_of(BO, window)] == [CAM]
