"""A machine import never overwrites a person's decision: each kind, in a real home, by the same and by changed rows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.clock import Shift, ShiftScope
from evidence.findings import FindingKind, FindingState
from evidence.ids import CaseNo, DeviceId, FindingId, OfficerId, StepNo
from evidence.views import FindingFilter
from index import schema
from tests.support.imports import handed_in
from tests.support.index import LI, at
from tests.support.reasons import because, unsuitable
from tests.support.retention import Bureau, bureau, day

ONE = (CaseNo("C1"), StepNo("1"))
POWER_CUT = because("停电")
SECRET_PLACE = unsuitable("涉密场所")
ROWS = {
    "officers": ("E1,艾力,执法大队,,,000101", "E2,古丽,监测站,,,000102"),
    "devices": ("D1,DSJ-X,,,SN-ONE", "D2,DSJ-X,,,SN-TWO"),
    "assignments": ("D1,E1,2026-11-02 08:00,2026-11-02 17:00", "D2,E2,2026-11-02 08:00,2026-11-02 17:00"),
    "cases": ("C1,案,处罚,执法大队,,,",),
    "steps": (
        "C1,1,SITE_CHECK,2026-11-02 09:00,2026-11-02 09:30,,E1,,",
        "C1,2,SITE_CHECK,2026-11-02 14:00,2026-11-02 14:30,,E1,,",
    ),
}
CHANGED = {
    "officers": ("E1,艾力江,监测站,,,000109", "E2,古丽,执法大队,,,000101"),
    "devices": ("D1,DSJ-Y,,,SN-TWO", "D2,DSJ-Y,,,SN-ONE"),
    "assignments": ("D1,E2,2026-11-02 08:00,2026-11-02 17:00", "D2,E1,2026-11-02 08:00,2026-11-02 17:00"),
    "cases": ("C1,改,检查,监测站,2026-11-01,2026-11-30,",),
    "steps": (
        "C1,1,SITE_CHECK,2026-11-02 09:05,2026-11-02 09:40,改,E2,改,涉密",
        "C1,2,SITE_CHECK,2026-11-02 14:05,2026-11-02 14:20,改,E1;E2,改,",
    ),
}


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[Bureau]:
    with bureau(tmp_path) as office:
        office.now = day("2026-12-03")
        import_all(office, tmp_path, ROWS)
        yield office


def import_all(office: Bureau, folder: Path, rows: dict[str, tuple[str, ...]]) -> None:
    """Import a file of every noun."""
    for noun, lines in rows.items():
        handed_in(office.house, folder, noun, *lines)


def again(office: Bureau, folder: Path) -> None:
    """Import everything again as it was, then otherwise in every column, then as it was."""
    for rows in (ROWS, CHANGED, ROWS):
        import_all(office, folder, rows)


def finding_about(office: Bureau, step_no: str) -> FindingId:
    """Return the finding that no footage of a step exists."""
    found = office.library.findings(FindingFilter(case_no=CaseNo("C1"), open_only=False))
    [named] = [
        one.finding.finding_id
        for one in found
        if one.finding.step_no == step_no and one.finding.kind is FindingKind.NO_AV
    ]
    return named


def life(office: Bureau, finding: FindingId) -> tuple[FindingState, str, str]:
    """Return a finding's state, who decided and why."""
    view = office.library.finding(finding)
    return view.state, view.decided_by, view.reason


def test_a_link_set_by_hand_survives(office: Bureau, tmp_path: Path) -> None:
    """Footage of another time and officer that a person hung on a step stays there, by that person, for that reason."""
    digest = office.clip("afternoon", (480, 490), device="D2")
    office.house.human.link(digest, *ONE, "李", "同一现场")
    again(office, tmp_path)
    [link] = [one for one in office.library.clip(digest).links if one.step_no == "1"]
    assert (link.human, link.by) == (True, "李")


def test_a_refused_link_survives(office: Bureau, tmp_path: Path) -> None:
    """Footage that fits a step and that a person took off it is never hung there again."""
    digest = office.clip("fits", (0, 30))
    assert [link.step_no for link in office.library.clip(digest).links] == ["1"]
    office.house.human.unlink(digest, *ONE, "李", "不是本案")
    again(office, tmp_path)
    assert office.library.clip(digest).links == ()
    [row] = [one for one in office.rows(schema.Link) if one["digest"] == digest]
    assert (row["active"], row["human"], row["by"]) == (False, True, "李")


def test_an_explanation_survives(office: Bureau, tmp_path: Path) -> None:
    """Claimed by one and granted by another, it stands while the step's times, officers and place move."""
    finding = finding_about(office, "2")
    office.house.human.explain(finding, "李", POWER_CUT)
    again(office, tmp_path)
    assert life(office, finding)[0] is FindingState.EXPLAIN_CLAIMED
    office.house.human.decide(finding, "王", "属实", granted=True)
    again(office, tmp_path)
    assert life(office, finding) == (FindingState.EXPLAINED, "王", "属实")


def test_a_refused_explanation_survives(office: Bureau, tmp_path: Path) -> None:
    """What a person did not believe is not open again as if nobody had looked."""
    finding = finding_about(office, "2")
    office.house.human.explain(finding, "李", POWER_CUT)
    office.house.human.decide(finding, "王", "当日未停电", granted=False)
    again(office, tmp_path)
    assert life(office, finding) == (FindingState.REFUSED, "王", "当日未停电")


@pytest.mark.parametrize(("granted", "state"), [(True, FindingState.EXEMPT), (False, FindingState.REFUSED)])
def test_an_exemption_survives(office: Bureau, tmp_path: Path, granted: bool, state: FindingState) -> None:
    """Approved or refused by a person, whatever reason the record brings or takes back afterwards."""
    finding = finding_about(office, "1")
    office.house.human.exempt(*ONE, "李", SECRET_PLACE)
    office.house.human.decide(ONE, "王", "已核", granted=granted)
    again(office, tmp_path)
    assert life(office, finding)[0] is state
    [row] = office.rows(schema.ExemptionRow)
    assert (row["claimed_by"], row["approved"], row["decided_by"]) == ("李", granted, "王")
    assert row["reason"] == "不适宜音像记录 – 涉密场所"


def test_a_claimed_exemption_survives(office: Bureau, tmp_path: Path) -> None:
    """A claim that waits for its decision is still the person's own, not the record's."""
    office.house.human.exempt(*ONE, "李", SECRET_PLACE)
    again(office, tmp_path)
    [row] = office.rows(schema.ExemptionRow)
    assert (row["reason"], row["claimed_by"]) == ("不适宜音像记录 – 涉密场所", "李")
    assert row["approved"] is None


def test_an_officer_set_by_hand_survives(office: Bureau, tmp_path: Path) -> None:
    """Whose clip it is stays as a person said, whoever the roster says carried the camera."""
    digest = office.clip("whose", (0, 30))
    assert office.library.clip(digest).officer_id == "E1"
    office.decide(lambda tx: office.decisions.set_officer(tx, digest, OfficerId("E2"), LI, "本人确认", office.now))
    again(office, tmp_path)
    view = office.library.clip(digest)
    assert (view.officer_id, view.officer_source) == ("E2", "decided")
    [row] = office.rows(schema.ClipOverride)
    assert (row["actor"], row["reason"]) == ("李", "本人确认")


@pytest.mark.parametrize("confirm", [True, False])
def test_a_decision_on_a_clock_survives(office: Bureau, tmp_path: Path, confirm: bool) -> None:
    """A shift that a person confirmed is taken off still, one refused is not asked about again."""
    digest = office.clip("behind", (240, 250))
    shift = Shift(ShiftScope.DEVICE, DeviceId("D1"), -7200.0, at(0), at(300))
    office.house.human.shift(shift, "李", "对过表", confirm=confirm)
    before, clock = office.rows(schema.ClockDecisionRow), office.library.clip(digest).clock
    assert clock.offset_s == (-7200.0 if confirm else 0.0)
    again(office, tmp_path)
    assert office.rows(schema.ClockDecisionRow) == before
    assert office.library.clip(digest).clock.offset_s == clock.offset_s
