"""Claims that were made in free words, before there was a list: they stay readable, decidable, and are made again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.findings import FindingState, StepState
from evidence.ids import FindingId
from evidence.ports import Scope
from evidence.views import FindingFilter
from index import dialects, ledger, schema
from index.decisions import Act, record
from index.reconcile import found_entry, life_of
from tests.support.index import CASE, LATER, LI, OFFICERS, ONE, SITE, WANG, World, step
from tests.support.rebuilding import Records, differences


@pytest.fixture(name="lived")
def _lived(tmp_path: Path) -> Iterator[tuple[World, Records]]:
    world, records = World(tmp_path), Records()
    records.imported(world, "officers", OFFICERS)
    records.imported(world, "steps", (step(), step(step_no="2", procedure="SEIZE")))
    yield world, records
    world.close()


def explained_then(world: World, words: str) -> FindingId:
    """Write the entries that explaining the seizure's finding wrote before there was a list; return its id."""
    found = world.library.findings(FindingFilter(case_no=CASE))
    name = next(one.finding.finding_id for one in found if one.finding.step_no == "2")
    act = Act("explain", LI, words, LATER)
    with world.transaction() as session:
        row = session.get_one(schema.FindingRow, name)
        row.claimed_by, row.state, row.reason, row.changed_at = "李", FindingState.EXPLAIN_CLAIMED, words, LATER
        session.add(life_of(row, LATER, "李"))
        session.flush()
        ledger.append(session, found_entry(row, "李", LI, LATER))
        record(session, act, name, Scope(), {"finding_id": name})
    return name


def exempted_then(world: World, words: str) -> None:
    """Write what claiming an exemption wrote before there was a list."""
    with world.transaction() as session:
        values = {"case_no": CASE, "step_no": ONE, "reason": words, "claimed_by": "李", "claimed_at": LATER}
        undecided = {"approved": None, "decided_by": "", "decided_at": None, "decision_reason": ""}
        dialects.upsert(session, schema.ExemptionRow, [{**values, **undecided}])
        about = {"case_no": CASE, "step_no": ONE}
        record(session, Act("exempt", LI, words, LATER), f"{CASE}/{ONE}", Scope(), about)
    world.review(Scope(everything=True))


def test_free_words_are_kept_decided_and_made_again(lived: tuple[World, Records], tmp_path: Path) -> None:
    """Another person decides on them as before; words, states and the register made again are the same."""
    world, records = lived
    name = explained_then(world, "电池耗尽")
    exempted_then(world, "涉密场所")
    assert (world.library.finding(name).reason, world.library.finding(name).claim) == ("电池耗尽", None)
    assert differences(world, records, tmp_path / "waiting.sqlite") == []
    world.decide(lambda tx: world.decisions.decide(tx, name, WANG, "属实", LATER, approve=True))
    decided = world.decide(lambda tx: world.decisions.decide(tx, SITE, WANG, "同意", LATER, approve=True))
    assert decided.record["claimed_reason"] == "涉密场所"
    assert "claim" not in decided.record
    states = {view.step.step_no: view.state for view in world.library.steps(case_no=CASE)}
    assert states == {"1": StepState.EXEMPT, "2": StepState.MISSING}
    life = [(one.state.value, one.reason, one.claim) for one in world.library.finding_history(name)]
    assert life[1:] == [("explain_claimed", "电池耗尽", None), ("explained", "属实", None)]
    assert differences(world, records, tmp_path / "decided.sqlite") == []
