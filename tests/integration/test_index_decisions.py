"""What people decide: by whom, why, never alone, and on the record."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.custody import Actor, Authenticated, EventType
from evidence.errors import NotFoundError, UsageError
from evidence.findings import FindingState, StepState
from evidence.ids import CaseNo, Digest, FindingId, OfficerId, StepNo
from evidence.ports import Scope
from evidence.views import FindingFilter
from index.decisions import record_view
from tests.support.index import CASE, LATER, LI, SITE, WANG, World, step
from tests.support.reasons import because, unsuitable

SEIZURE = (CASE, StepNo("2"))


@pytest.fixture(name="world")
def _world(tmp_path: Path, register_url: str) -> Iterator[World]:
    world = World(tmp_path, register_url)
    world.staff()
    world.steps(step(), step(step_no="2", procedure="SEIZE"))
    yield world
    world.close()


def finding_of(world: World, key: tuple[CaseNo, StepNo]) -> FindingId:
    """Return the one finding of a step."""
    (found,) = [one for one in world.library.findings(FindingFilter(case_no=key[0])) if one.finding.step_no == key[1]]
    return found.finding.finding_id


def state_of(world: World, key: tuple[CaseNo, StepNo]) -> StepState:
    """Return how a step stands."""
    return {view.step.step_no: view.state for view in world.library.steps(case_no=key[0])}[key[1]]


def test_an_explanation_is_claimed_by_one_and_approved_by_another(world: World) -> None:
    """Claimed, then approved by somebody else; each change says who and why, and the finding keeps counting."""
    name = finding_of(world, SEIZURE)
    world.decide(lambda tx: world.decisions.claim_explanation(tx, name, LI, because("设备故障"), LATER))
    assert world.library.finding(name).state is FindingState.EXPLAIN_CLAIMED
    decided = world.decide(lambda tx: world.decisions.decide(tx, name, WANG, "情况属实", LATER, approve=True))
    view = world.library.finding(name)
    assert (view.state, view.decided_by, view.reason) == (FindingState.EXPLAINED, "王", "情况属实")
    assert [(one.state.value, one.actor) for one in world.library.finding_history(name)] == [
        ("open", "system"),
        ("explain_claimed", "李"),
        ("explained", "王"),
    ]
    assert state_of(world, SEIZURE) is StepState.MISSING
    assert json.loads(json.dumps(decided.record))["claimed_by"] == "李"


def test_a_refused_explanation_can_be_claimed_again(world: World) -> None:
    """Refused is not the end: a better explanation may follow."""
    name = finding_of(world, SEIZURE)
    world.decide(lambda tx: world.decisions.claim_explanation(tx, name, LI, because("忘了"), LATER))
    world.decide(lambda tx: world.decisions.decide(tx, name, WANG, "理由不足", LATER, approve=False))
    assert world.library.finding(name).state is FindingState.REFUSED
    world.decide(lambda tx: world.decisions.claim_explanation(tx, name, LI, because("附维修单"), LATER))
    assert world.library.finding(name).state is FindingState.EXPLAIN_CLAIMED


def test_an_approved_exemption_closes_the_step(world: World) -> None:
    """Article 11: claimed, approved by another; the step is exempt and its finding says by whom and why."""
    name = finding_of(world, SITE)
    world.decide(lambda tx: world.decisions.claim_exemption(tx, *SITE, LI, unsuitable("涉及商业秘密"), LATER))
    assert (state_of(world, SITE), world.library.finding(name).state) == (
        StepState.EXEMPT_CLAIMED,
        FindingState.EXEMPT_CLAIMED,
    )
    world.decide(lambda tx: world.decisions.decide(tx, SITE, WANG, "同意", LATER, approve=True))
    view = world.library.finding(name)
    assert (state_of(world, SITE), view.state, view.decided_by, view.reason) == (
        StepState.EXEMPT,
        FindingState.EXEMPT,
        "王",
        "同意",
    )


def test_a_refused_exemption_leaves_the_gap(world: World) -> None:
    """Refused: the step is missing its footage, and the finding says that an exemption was refused."""
    world.decide(lambda tx: world.decisions.claim_exemption(tx, *SITE, LI, unsuitable("不方便"), LATER))
    world.decide(lambda tx: world.decisions.decide(tx, SITE, WANG, "不属于例外", LATER, approve=False))
    assert state_of(world, SITE) is StepState.MISSING
    assert world.library.finding(finding_of(world, SITE)).state is FindingState.REFUSED


@pytest.mark.parametrize(("approve", "stays"), [(True, StepState.EXEMPT), (False, StepState.MISSING)])
def test_a_decided_exemption_is_not_undone_by_a_new_claim(world: World, *, approve: bool, stays: StepState) -> None:
    """Claiming again takes no decision back: the refusal says who decided, and the step stays as decided."""
    world.decide(lambda tx: world.decisions.claim_exemption(tx, *SITE, LI, unsuitable("涉及商业秘密"), LATER))
    world.decide(lambda tx: world.decisions.decide(tx, SITE, WANG, "已核", LATER, approve=approve))
    with pytest.raises(UsageError, match="decided by 王"), world.transaction() as tx:
        world.decisions.claim_exemption(tx, *SITE, LI, unsuitable("再申请"), LATER)
    world.review(Scope(everything=True))
    assert state_of(world, SITE) is stays


def test_a_waiting_claim_can_be_put_better(world: World) -> None:
    """As long as nobody has decided, the claim can be made again with another reason."""
    world.decide(lambda tx: world.decisions.claim_exemption(tx, *SITE, LI, unsuitable("不方便"), LATER))
    world.decide(lambda tx: world.decisions.claim_exemption(tx, *SITE, LI, unsuitable("涉及商业秘密"), LATER))
    decided = world.decide(lambda tx: world.decisions.decide(tx, SITE, WANG, "同意", LATER, approve=True))
    assert decided.record["claimed_reason"] == "不适宜音像记录 – 涉及商业秘密"


def test_a_reason_in_the_record_is_a_claim_anybody_else_may_decide(world: World) -> None:
    """The step's own record claims it; a named person approves, through the finding as well as through the step."""
    world.steps(step(unsuitable="涉及国家秘密"))
    name = finding_of(world, SITE)
    assert world.library.finding(name).state is FindingState.EXEMPT_CLAIMED
    world.decide(lambda tx: world.decisions.decide(tx, name, WANG, "同意", LATER, approve=True))
    assert state_of(world, SITE) is StepState.EXEMPT


def test_nobody_decides_on_the_own_claim(world: World) -> None:
    """The decider must be another named person, for explanations and exemptions alike."""
    name = finding_of(world, SEIZURE)
    world.decide(lambda tx: world.decisions.claim_explanation(tx, name, LI, because("设备故障"), LATER))
    world.decide(lambda tx: world.decisions.claim_exemption(tx, *SITE, LI, unsuitable("不方便"), LATER))
    for target in (name, SITE):
        with pytest.raises(UsageError, match="let another named person decide"), world.transaction() as tx:
            world.decisions.decide(tx, target, LI, "同意", LATER, approve=True)


def test_an_exemption_outside_article_11_is_refused_with_the_article(world: World) -> None:
    """Article 13 knows no exception: the refusal names it and says what can be done instead."""
    with pytest.raises(UsageError, match=r"article 13.*explain its findings instead"), world.transaction() as tx:
        world.decisions.claim_exemption(tx, *SEIZURE, LI, unsuitable("不方便"), LATER)


def test_what_nobody_claimed_cannot_be_decided(world: World) -> None:
    """An open finding and an unclaimed step have nothing to approve."""
    for target in (finding_of(world, SEIZURE), SITE):
        with pytest.raises(UsageError, match="claim"), world.transaction() as tx:
            world.decisions.decide(tx, target, WANG, "同意", LATER, approve=True)


def test_an_explained_finding_is_not_explained_again(world: World) -> None:
    """A closed matter is not reopened by a new claim."""
    name = finding_of(world, SEIZURE)
    world.decide(lambda tx: world.decisions.claim_explanation(tx, name, LI, because("设备故障"), LATER))
    world.decide(lambda tx: world.decisions.decide(tx, name, WANG, "属实", LATER, approve=True))
    with pytest.raises(UsageError, match="explained"), world.transaction() as tx:
        world.decisions.claim_explanation(tx, name, LI, because("再说"), LATER)


@pytest.mark.parametrize(("actor", "reason"), [(LI, " "), (Actor("", Authenticated.UNAUTHENTICATED), "理由")])
def test_a_decision_needs_a_name_and_a_reason(world: World, actor: Actor, reason: str) -> None:
    """What nobody answers for is not taken."""
    with pytest.raises(UsageError, match="needs a"), world.transaction() as tx:
        world.decisions.decide(tx, SITE, actor, reason, LATER, approve=True)


def test_decisions_about_nothing_are_refused(world: World) -> None:
    """Unknown clips, steps, findings and officers are named."""
    digest = world.clip("a", (0, 30))
    nobody = Digest("0" * 64)
    with world.transaction() as tx:
        with pytest.raises(NotFoundError, match="no clip"):
            world.decisions.link(tx, nobody, *SITE, LI, "理由", LATER)
        with pytest.raises(NotFoundError, match="no step"):
            world.decisions.link(tx, digest, CASE, StepNo("9"), LI, "理由", LATER)
        with pytest.raises(NotFoundError, match="no finding"):
            world.decisions.claim_explanation(tx, FindingId("x"), LI, because("理由"), LATER)
        with pytest.raises(NotFoundError, match="no officer"):
            world.decisions.set_officer(tx, digest, OfficerId("E9"), LI, "理由", LATER)
        with pytest.raises(NotFoundError, match="no clip"):
            record_view(tx, nobody, LI, LATER)


def test_every_decision_is_a_ledger_entry_with_its_reason(world: World) -> None:
    """Who, what, why, when; and looking at a clip is told as well."""
    digest = world.clip("a", (300, 330))
    decided = world.decide(lambda tx: world.decisions.link(tx, digest, *SITE, LI, "核对", LATER))
    with world.transaction() as tx:
        record_view(tx, digest, WANG, LATER)
    told = {entry.number: json.loads(entry.canonical) for entry in world.library.ledger(subject=digest)}
    entry = told[decided.number]
    assert (entry["event"], entry["actor"], entry["reason"]) == (EventType.DECIDED, "李", "核对")
    named = {"decision": "link", "digest": digest, "case_no": CASE, "step_no": "1"}
    assert {name: entry["detail"][name] for name in named} == named
    assert entry["detail"]["record"] == hashlib.sha256(decided.body).hexdigest()
    assert json.loads(decided.body) == decided.record
    assert decided.name.startswith(f"{decided.number:012}.{entry['detail']['record'][:16]}")
    assert decided.record["ledger_number"] == decided.number
    assert list(told.values())[-1]["event"] == EventType.VIEWED
