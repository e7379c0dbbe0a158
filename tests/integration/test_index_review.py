"""The review over a real register: late footage, late cases, late rosters, and what people said stays said."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from evidence.claims import OfficerSource
from evidence.clips import ClipState
from evidence.custody import EventType
from evidence.errors import UsageError
from evidence.findings import FindingState, StepState
from evidence.ids import DeviceId, FindingId, OfficerId, StationId, StepNo
from evidence.people import Assignment
from evidence.ports import PickupState, Scope
from evidence.views import FindingFilter
from index import ledger, schema
from tests.support.index import (
    ASSIGNMENTS,
    CASE,
    DEVICES,
    EVENING,
    LATER,
    LI,
    MACHINE,
    NINE,
    ONE,
    SITE,
    WANG,
    World,
    at,
    digest_of,
    pickup,
    step,
)
from tests.support.reasons import because, unsuitable


@pytest.fixture(name="world")
def _world(tmp_path: Path, register_url: str) -> Iterator[World]:
    world = World(tmp_path, register_url)
    yield world
    world.close()


def state_of(world: World, number: str = ONE) -> StepState:
    """Return how a step of the case stands."""
    return {view.step.step_no: view.state for view in world.library.steps(case_no=CASE)}[StepNo(number)]


def test_footage_that_covers_a_step_is_linked_and_clears_it(world: World) -> None:
    """Officer and time fit: the clip hangs on the step, says why, and the step is covered."""
    world.staff()
    world.steps(step())
    assert state_of(world) is StepState.MISSING
    digest = world.clip("a", (-1, 31))
    assert world.links() == {(digest, *SITE)}
    assert state_of(world) is StepState.COVERED
    assert world.library.clip(digest).links[0].why[0].code == "link.officer_by_assignment"
    assert world.open_kinds() == []


def test_late_footage_resolves_the_finding_and_keeps_its_history(world: World) -> None:
    """NO_AV is open until the clip comes, then resolved; both changes stay on record."""
    world.staff()
    world.steps(step())
    (finding,) = world.library.findings(FindingFilter(case_no=CASE))
    assert finding.finding.kind.value == "NO_AV"
    world.clip("a", (0, 30))
    after = world.library.finding(finding.finding.finding_id)
    assert after.state is FindingState.RESOLVED
    states = [one.state for one in world.library.finding_history(finding.finding.finding_id)]
    assert states == [FindingState.OPEN, FindingState.RESOLVED]


def test_a_finding_that_comes_back_is_open_again(world: World) -> None:
    """When the covering clip is taken off the step by a person, the resolved finding opens again."""
    world.staff()
    world.steps(step())
    digest = world.clip("a", (0, 30))
    world.decide(lambda tx: world.decisions.unlink(tx, digest, *SITE, LI, "另一处现场", LATER))
    (finding,) = world.library.findings(FindingFilter(case_no=CASE))
    assert finding.state is FindingState.OPEN
    history = world.library.finding_history(finding.finding.finding_id)
    assert [one.state.value for one in history] == ["open", "resolved", "open"]


def test_a_late_case_finds_the_footage_that_waits(world: World) -> None:
    """Footage first, case later: linked the moment the step is known, and no longer unlinked footage."""
    world.staff()
    digest = world.clip("a", (0, 30))
    assert world.open_kinds() == ["UNLINKED_FOOTAGE"]
    world.steps(step())
    assert world.links() == {(digest, *SITE)}
    assert world.open_kinds() == []


def test_a_late_roster_identifies_and_links(world: World) -> None:
    """Device and assignment come last: officer found, clip linked, step covered."""
    world.steps(step())
    digest = world.clip("a", (0, 30))
    assert world.library.clip(digest).officer_source is OfficerSource.UNKNOWN
    world.staff()
    clip = world.library.clip(digest)
    assert (clip.officer_id, clip.officer_name) == (OfficerId("E1"), "艾力")
    assert world.links() == {(digest, *SITE)}
    assert state_of(world) is StepState.COVERED


def test_a_corrected_assignment_moves_the_links_of_its_clips_only(world: World) -> None:
    """D1 was E2's after all: its clip leaves E1's step for E2's; the clip of D2 is not judged again."""
    world.staff()
    world.steps(step(), step(step_no="2", officers=("E2",)))
    moved, kept = world.clip("a", (0, 30)), world.clip("b", (0, 30), device="D2")
    corrected = Assignment(DeviceId("D1"), OfficerId("E2"), ASSIGNMENTS[0].start, ASSIGNMENTS[0].end)
    with world.transaction() as tx:
        scope = world.catalogue.put_assignments(tx, [corrected])
        world.reviewer.review(tx, scope, MACHINE, LATER)
    assert scope.clips == {moved}
    assert world.links() == {(moved, CASE, "2"), (kept, CASE, "2")}
    assert state_of(world) is StepState.MISSING


def test_the_same_roster_again_asks_for_nothing(world: World) -> None:
    """An import that changes no row names no clip for review."""
    world.staff()
    world.clip("a", (0, 30))
    with world.transaction() as tx:
        assert world.catalogue.put_assignments(tx, ASSIGNMENTS) == Scope()
        assert world.catalogue.put_devices(tx, DEVICES) == Scope()


def test_a_human_link_is_never_undone(world: World) -> None:
    """A person hangs a clip on a step the machine would never choose; a whole review leaves it there."""
    world.staff()
    world.steps(step(window=(300, 330)))
    digest = world.clip("a", (0, 30))
    world.decide(lambda tx: world.decisions.link(tx, digest, *SITE, LI, "笔录时间写错", LATER))
    world.review(Scope(everything=True))
    (link,) = world.library.clip(digest).links
    assert (link.human, link.by) == (True, "李")
    assert "UNLINKED_FOOTAGE" not in world.open_kinds()


def test_a_human_refusal_is_never_linked_again(world: World) -> None:
    """A person takes a clip off a step; neither a whole review nor a changed step brings it back."""
    world.staff()
    world.steps(step())
    digest = world.clip("a", (0, 30))
    world.decide(lambda tx: world.decisions.unlink(tx, digest, *SITE, LI, "私人录像", LATER))
    world.review(Scope(everything=True))
    world.steps(step(window=(0, 29)))
    assert world.links() == set()


def test_a_person_may_link_what_a_person_refused(world: World) -> None:
    """The last word of a person counts."""
    world.staff()
    world.steps(step())
    digest = world.clip("a", (0, 30))
    world.decide(lambda tx: world.decisions.unlink(tx, digest, *SITE, LI, "误看", LATER))
    world.decide(lambda tx: world.decisions.link(tx, digest, *SITE, WANG, "更正", LATER))
    assert world.links() == {(digest, *SITE)}


def test_a_step_moved_in_time_loses_its_machine_link(world: World) -> None:
    """A corrected record moves the window: the old link goes, with a ledger entry that says so."""
    world.staff()
    world.steps(step())
    digest = world.clip("a", (0, 30))
    world.steps(step(window=(300, 330)))
    assert world.links() == set()
    with world.register.reading() as session:
        wanted = sa.select(schema.LedgerRow.canonical).where(schema.LedgerRow.event == EventType.LINKED)
        told = [raw.decode() for raw in session.scalars(wanted.where(schema.LedgerRow.subject == digest))]
    assert ['"action":"link"' in told[0], '"action":"unlink"' in told[1]] == [True, True]


def test_disputed_footage_is_named_but_not_counted(world: World) -> None:
    """A clip whose times contradict hangs on nothing; the step says that doubtful footage exists."""
    world.staff()
    world.steps(step(window=(300, 330)))
    digest = world.clip("a", (0, 30), disputed=True)
    assert world.links() == set()
    (view,) = world.library.steps(case_no=CASE)
    assert view.state is StepState.MISSING
    assert "finding.step.doubtful_footage" in [remark.code for remark in view.why]
    world.decide(lambda tx: world.decisions.link(tx, digest, *SITE, LI, "核对过", LATER))
    (view,) = world.library.steps(case_no=CASE)
    assert "finding.step.doubtful_footage" not in [remark.code for remark in view.why]


def test_a_step_waits_for_its_camera_until_it_docks(world: World) -> None:
    """Not missing while the camera is out; when it docks without footage of the step, missing."""
    world.staff()
    world.steps(step(), now=EVENING - timedelta(hours=2))
    assert state_of(world) is StepState.WAITING_UPLOAD
    assert world.open_kinds() == []
    assert world.library.steps(case_no=CASE)[0].waiting_for == (DeviceId("D1"),)
    world.clip("elsewhere", (200, 210), now=EVENING)
    assert state_of(world) is StepState.MISSING


def test_a_step_waits_while_its_dock_is_still_read(world: World) -> None:
    """The camera docked, but files of its dock are on their way: waiting goes on, and ends with the last of them."""
    world.staff()
    world.steps(step(), now=EVENING - timedelta(hours=2))
    with world.transaction() as tx:
        world.catalogue.note_pickup(tx, pickup("covering"), PickupState.WAITING, None, EVENING)
    world.clip("elsewhere", (200, 210), now=EVENING)
    assert state_of(world) is StepState.WAITING_UPLOAD
    assert world.open_kinds(CASE) == []
    with world.transaction() as tx:
        world.catalogue.note_pickup(tx, pickup("covering"), PickupState.FAILED, None, EVENING)
        world.reviewer.settle(tx, StationId("A"), MACHINE, EVENING)
    assert state_of(world) is StepState.MISSING


def test_what_was_found_is_not_taken_back_because_the_dock_is_read_again(world: World) -> None:
    """A step that is missing stays missing while another batch of its camera arrives: nothing flickers."""
    world.staff()
    world.steps(step())
    world.clip("elsewhere", (200, 210))
    assert state_of(world) is StepState.MISSING
    with world.transaction() as tx:
        world.catalogue.note_pickup(tx, pickup("next day"), PickupState.WAITING, None, LATER)
    world.review(Scope(everything=True))
    assert state_of(world) is StepState.MISSING


def test_a_waiting_step_turns_when_its_grace_has_ended(world: World) -> None:
    """Nothing is due within the grace; after it the case is, and its review names what is missing."""
    world.staff()
    world.steps(step(), now=EVENING)
    grace_ends = NINE + timedelta(hours=8 + 48)
    with world.transaction() as tx:
        assert world.reviewer.due(tx, grace_ends - timedelta(seconds=1)) == Scope()
        due = world.reviewer.due(tx, grace_ends)
        assert due == Scope(cases=frozenset({CASE}))
        world.reviewer.review(tx, due, MACHINE, grace_ends)
    assert state_of(world) is StepState.MISSING
    with world.transaction() as tx:
        assert world.reviewer.due(tx, LATER) == Scope()


def test_a_clip_that_is_not_the_cameras_after_all_lets_the_step_wait_again(world: World) -> None:
    """The docking that ended the waiting was of another camera: the step waits again."""
    world.staff()
    now = EVENING + timedelta(hours=1)
    world.steps(step(), now=now)
    world.clip("a", (200, 210), device="SN-X", now=now)
    known = [*DEVICES]
    borrowed = type(known[0])(DeviceId("D1"), "DSJ-X", serial="SN-X")
    world.put(lambda tx: world.catalogue.put_devices(tx, [borrowed]), now)
    assert state_of(world) is StepState.MISSING
    world.put(lambda tx: world.catalogue.put_devices(tx, [known[0]]), now)
    assert state_of(world) is StepState.WAITING_UPLOAD


def test_a_jump_in_the_count_is_found_and_healed_by_the_missing_file(world: World) -> None:
    """0001, 0004: a jump. 0002 makes it smaller, 0003 closes it; a clip from between is all that is audited."""
    world.staff()
    world.clip("one", (0, 10), sequence=1)
    world.clip("four", (30, 40), sequence=4)
    assert "SEQ_JUMP" in world.open_kinds()
    world.clip("two", (10, 20), sequence=2)
    assert world.open_kinds().count("SEQ_JUMP") == 1
    world.clip("three", (20, 30), sequence=3)
    assert "SEQ_JUMP" not in world.open_kinds()


def test_the_whole_count_says_the_same_as_its_neighbours(world: World) -> None:
    """Reviewing everything changes nothing that clip by clip had found."""
    world.staff()
    for number, minute in ((1, 0), (3, 20), (4, 30), (9, 80)):
        world.clip(f"n{number}", (minute, minute + 10), sequence=number)
    before = world.standing()
    world.review(Scope(everything=True))
    assert world.standing() == before
    assert world.open_kinds().count("SEQ_JUMP") == 2


def test_reviewing_again_writes_nothing(world: World) -> None:
    """The same facts give the same judgement: no ledger entry, no history, no new state."""
    world.staff()
    world.steps(step(), step(step_no="2", window=(60, 90)))
    world.clip("a", (0, 20))
    world.clip("b", (61, 70), disputed=True)
    with world.register.reading() as session:
        head = ledger.heads(session)
        told = session.scalar(sa.select(sa.func.count()).select_from(schema.FindingHistory))
    world.review(Scope(everything=True))
    with world.register.reading() as session:
        assert ledger.heads(session) == head
        assert session.scalar(sa.select(sa.func.count()).select_from(schema.FindingHistory)) == told


def test_an_unmeasured_clip_is_identified_but_not_audited(world: World) -> None:
    """Sealed only: device and officer stand from the path, no finding yet, nothing linked."""
    world.staff()
    world.steps(step())
    from tests.support.index import path_claims, pickup, sighting

    with world.transaction() as tx:
        world.catalogue.record_sealed(tx, pickup("a"), sighting("a", EVENING), path_claims("D1", at(0)), MACHINE)
        world.reviewer.review(tx, Scope(clips=frozenset({digest_of("a")})), MACHINE, LATER)
    clip = world.library.clip(digest_of("a"))
    assert (clip.officer_id, clip.state) == (OfficerId("E1"), ClipState.SEALED)
    assert world.links() == set()
    assert world.open_kinds() == ["NO_AV"]


def test_a_decided_officer_beats_the_register(world: World) -> None:
    """A named person says it was E2: linked to E2's step, and the register's other word is kept as a disagreement."""
    world.staff()
    world.steps(step(), step(step_no="2", officers=("E2",)))
    digest = world.clip("a", (0, 30))
    world.decide(lambda tx: world.decisions.set_officer(tx, digest, OfficerId("E2"), LI, "借用", LATER))
    clip = world.library.clip(digest)
    assert clip.officer_source is OfficerSource.DECIDED
    assert clip.disagreements
    assert world.links() == {(digest, CASE, "2")}


def explained(world: World) -> FindingId:
    """Have the one finding about the step explained by one person and granted by another; return it."""
    (view,) = world.library.findings(FindingFilter(case_no=CASE))
    name = view.finding.finding_id
    world.decide(lambda tx: world.decisions.claim_explanation(tx, name, LI, because("设备故障"), LATER))
    world.decide(lambda tx: world.decisions.decide(tx, name, WANG, "情况属实", LATER, approve=True))
    return name


def hand_out(world: World, *, returned: bool) -> None:
    """Import the assignment of D1 again, with its hand-in or without."""
    end = ASSIGNMENTS[0].end if returned else None
    record = Assignment(DeviceId("D1"), OfficerId("E1"), ASSIGNMENTS[0].start, end)
    world.put(lambda tx: world.catalogue.put_assignments(tx, [record]))


def told(world: World, name: FindingId) -> list[str]:
    """Return the states a finding went through."""
    return [one.state.value for one in world.library.finding_history(name)]


def test_an_answer_outlives_a_moment_of_waiting(world: World) -> None:
    """Imported without hand-in the step waits, with it no longer: what was granted stays granted, untouched."""
    world.staff()
    world.steps(step())
    name = explained(world)
    hand_out(world, returned=False)
    assert state_of(world) is StepState.WAITING_UPLOAD
    assert world.library.finding(name).state is FindingState.EXPLAINED
    hand_out(world, returned=True)
    view = world.library.finding(name)
    assert state_of(world) is StepState.MISSING
    assert (view.state, view.decided_by, view.reason) == (FindingState.EXPLAINED, "王", "情况属实")
    assert told(world, name) == ["open", "explain_claimed", "explained"]


def test_a_claim_can_be_decided_while_its_step_waits(world: World) -> None:
    """What was claimed before the step waits is still claimed, and can be refused; that stays too."""
    world.staff()
    world.steps(step())
    (view,) = world.library.findings(FindingFilter(case_no=CASE))
    name = view.finding.finding_id
    world.decide(lambda tx: world.decisions.claim_explanation(tx, name, LI, because("忘了"), LATER))
    hand_out(world, returned=False)
    assert world.library.finding(name).state is FindingState.EXPLAIN_CLAIMED
    world.decide(lambda tx: world.decisions.decide(tx, name, WANG, "理由不足", LATER, approve=False))
    assert world.library.finding(name).state is FindingState.REFUSED
    hand_out(world, returned=True)
    assert world.library.finding(name).state is FindingState.REFUSED


def test_an_exemption_refused_while_its_step_waits_is_refused(world: World) -> None:
    """A claimed exemption is still claimed while the step waits; a refusal shows at once and stays."""
    world.staff()
    world.steps(step())
    (view,) = world.library.findings(FindingFilter(case_no=CASE))
    name = view.finding.finding_id
    world.decide(lambda tx: world.decisions.claim_exemption(tx, *SITE, LI, unsuitable("不方便"), LATER))
    hand_out(world, returned=False)
    assert world.library.finding(name).state is FindingState.EXEMPT_CLAIMED
    world.decide(lambda tx: world.decisions.decide(tx, SITE, WANG, "不属于例外", LATER, approve=False))
    assert world.library.finding(name).state is FindingState.REFUSED
    hand_out(world, returned=True)
    view = world.library.finding(name)
    assert (view.state, view.decided_by) == (FindingState.REFUSED, "王")


def test_what_nobody_answered_is_not_raised_while_the_step_waits(world: World) -> None:
    """An open finding is taken back while the step waits, and open again after."""
    world.staff()
    world.steps(step())
    (view,) = world.library.findings(FindingFilter(case_no=CASE))
    hand_out(world, returned=False)
    assert world.open_kinds(CASE) == []
    hand_out(world, returned=True)
    assert told(world, view.finding.finding_id) == ["open", "resolved", "open"]


def test_an_answered_finding_that_comes_back_is_answered_again(world: World) -> None:
    """Footage resolves it, a person takes the footage off: by whom and why it was granted stands again, each time."""
    world.staff()
    world.steps(step())
    name = explained(world)
    digest = world.clip("a", (0, 30))
    for _ in range(2):
        assert world.library.finding(name).state is FindingState.RESOLVED
        world.decide(lambda tx: world.decisions.unlink(tx, digest, *SITE, LI, "另一处现场", LATER))
        view = world.library.finding(name)
        assert (view.state, view.decided_by, view.reason) == (FindingState.EXPLAINED, "王", "情况属实")
        world.decide(lambda tx: world.decisions.link(tx, digest, *SITE, LI, "核对过", LATER))
    assert told(world, name)[2:] == ["explained", "resolved", "explained", "resolved", "explained", "resolved"]


def test_a_claim_that_comes_back_has_its_claimant(world: World) -> None:
    """Resolved while claimed and back again, it is claimed by the same person, who still cannot decide on it."""
    world.staff()
    world.steps(step())
    (view,) = world.library.findings(FindingFilter(case_no=CASE))
    name = view.finding.finding_id
    world.decide(lambda tx: world.decisions.claim_explanation(tx, name, LI, because("设备故障"), LATER))
    digest = world.clip("a", (0, 30))
    world.decide(lambda tx: world.decisions.unlink(tx, digest, *SITE, WANG, "另一处现场", LATER))
    view = world.library.finding(name)
    assert (view.state, view.reason) == (FindingState.EXPLAIN_CLAIMED, "其他说明 – 设备故障")
    assert view.claim is not None
    assert (view.claim.code, view.claim.note, view.claimed_by) == ("TOLD", "设备故障", "李")
    with pytest.raises(UsageError, match="李 claimed it"), world.transaction() as tx:
        world.decisions.decide(tx, name, LI, "同意", LATER, approve=True)
    world.decide(lambda tx: world.decisions.decide(tx, name, WANG, "属实", LATER, approve=True))
    assert world.library.finding(name).state is FindingState.EXPLAINED
