"""Suggestions in the register: who is asked about what, what a person's word does, and that it can be rebuilt."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from evidence.errors import NotFoundError, UsageError
from evidence.ids import DeviceId, Digest, OfficerId, StepNo
from evidence.law import LinkPolicy
from evidence.people import Assignment, Device, Officer
from evidence.ports import Scope
from evidence.suggesting import Ground, Pair
from index import schema
from index.link_decisions import confirm_suggestion, refuse_suggestion
from index.review import RegisterReviewer
from tests.support.index import (
    ASSIGNMENTS,
    CASE,
    DEVICES,
    LATER,
    LI,
    NINE,
    OFFICERS,
    ONE,
    PACK,
    WANG,
    World,
    step,
)
from tests.support.rebuilding import Records, differences

THIRD = Officer(OfficerId("E3"), "买买提", "执法大队")
CAMERA = Device(DeviceId("D3"), "DSJ-X", serial="SN-THREE")
CARRIED = Assignment(CAMERA.device_id, THIRD.officer_id, NINE - timedelta(hours=1), NINE + timedelta(hours=8))


@pytest.fixture(name="records")
def _records() -> Records:
    return Records()


@pytest.fixture(name="world")
def _world(tmp_path: Path, records: Records) -> Iterator[World]:
    """Return a world with three officers, of whom the third is of the first one's unit."""
    world = World(tmp_path)
    records.imported(world, "officers", [*OFFICERS, THIRD])
    records.imported(world, "devices", [*DEVICES, CAMERA])
    records.imported(world, "assignments", [*ASSIGNMENTS, CARRIED])
    yield world
    world.close()


def waiting(world: World) -> dict[tuple[str, str], Ground]:
    """Return what waits: (digest, step) → why a person is asked."""
    row = schema.SuggestionRow
    with world.register.reading() as session:
        return {(one.digest, one.step_no): one.ground for one in session.scalars(sa.select(row))}


def pair(digest: Digest) -> Pair:
    """Return a clip and the first step."""
    return Pair(digest, CASE, ONE)


def test_a_link_has_its_score_and_its_parts(world: World, records: Records) -> None:
    """The machine's link says how well both fit, part by part."""
    records.imported(world, "steps", [step()])
    digest = world.clip("mine", (0, 30))
    with world.register.reading() as session:
        link = session.get_one(schema.Link, (digest, CASE, ONE))
        assert link.score is not None
        assert link.score >= 0.9
        assert {"link.overlap", "score.overlap", "score.officer_assignment"} <= {one.code for one in link.why}
    assert waiting(world) == {}


def test_a_disputed_clock_waits_and_counts_for_nothing(world: World, records: Records) -> None:
    """The step is as missing as without the clip."""
    records.imported(world, "steps", [step()])
    before = [(view.state, view.coverage) for view in world.library.steps()]
    digest = world.clip("doubtful", (2, 12), disputed=True)
    assert waiting(world) == {(digest, "1"): Ground.CLOCK}
    assert world.links() == set()
    assert [view.coverage for view in world.library.steps()] == [0.0]
    assert len(before) == 1


@pytest.mark.parametrize("late", [False, True])
def test_the_third_officer_who_came_along_is_asked_about(world: World, records: Records, *, late: bool) -> None:
    """Of the unit and not in the record: whether the case or the footage came first makes no difference."""
    if not late:
        records.imported(world, "steps", [step()])
    along = world.clip("along", (1, 29), device="SN-THREE")
    stranger = world.clip("stranger", (1, 29), device="SN-TWO")
    if late:
        records.imported(world, "steps", [step()])
    assert waiting(world) == {(along, "1"): Ground.UNIT}
    assert stranger not in {digest for digest, _, _ in world.links()}


def test_who_works_at_another_step_was_not_along(world: World, records: Records) -> None:
    """A colleague whose clip hangs on a step of their own is not suggested for another, until it hangs nowhere."""
    records.imported(world, "steps", [step(), step(step_no="2", officers=("E3",))])
    digest = world.clip("own", (1, 29), device="SN-THREE")
    assert waiting(world) == {}
    world.decide(
        partial(
            world.decisions.unlink, digest=digest, case_no=CASE, step_no=StepNo("2"), actor=LI, reason="不是", at=LATER
        )
    )
    assert waiting(world) == {(digest, "1"): Ground.UNIT}


@pytest.mark.parametrize("order", [("named", "unnamed"), ("unnamed", "named")])
def test_nobodys_clip_waits_beside_footage_of_the_step_from_the_same_dock(
    world: World, records: Records, order: tuple[str, str]
) -> None:
    """A clip that nobody names came to the dock that the officer's came to; which came first does not matter."""
    records.imported(world, "steps", [step()])
    made = {name: world.clip(name, (0, 25), device="D1" if name == "named" else "NOBODY") for name in order}
    assert waiting(world) == {(made["unnamed"], "1"): Ground.STATION}


def test_a_changed_unit_moves_what_is_asked(world: World, records: Records) -> None:
    """The colleague left the unit: nobody is asked about their clip any more; back again, they are."""
    records.imported(world, "steps", [step()])
    digest = world.clip("along", (1, 29), device="SN-THREE")
    records.imported(world, "officers", [replace(THIRD, unit="监测站")])
    assert waiting(world) == {}
    records.imported(world, "officers", [THIRD])
    assert waiting(world) == {(digest, "1"): Ground.UNIT}


def test_a_confirmed_suggestion_is_a_link_of_that_person(world: World, records: Records) -> None:
    """With the score it had; it waits no more, and no machine undoes it."""
    records.imported(world, "steps", [step()])
    digest = world.clip("along", (1, 29), device="SN-THREE")
    world.decide(lambda tx: confirm_suggestion(tx, world.decisions, pair(digest), LI, "同去", LATER))
    assert waiting(world) == {}
    link = world.library.clip(digest).links[0]
    assert (link.human, link.by) == (True, "李")
    assert link.score == pytest.approx(0.45, abs=0.03)
    world.review(Scope(everything=True))
    assert world.links() == {(digest, CASE, ONE)}
    assert differences(world, records, world.path.with_name("again.sqlite")) == []


def test_a_refused_suggestion_stays_away_until_facts_change(world: World, records: Records) -> None:
    """Reviews bring nothing back; the record's correction does, and says what changed – and links nothing by itself."""
    records.imported(world, "steps", [step()])
    digest = world.clip("along", (1, 29), device="SN-THREE")
    world.decide(lambda tx: refuse_suggestion(tx, pair(digest), WANG, "在别处", LATER))
    world.review(Scope(everything=True))
    assert waiting(world) == {}
    records.imported(world, "steps", [step(officers=("E1", "E3"))])
    assert waiting(world) == {(digest, "1"): Ground.CHANGED}
    assert world.links() == set()
    with world.register.reading() as session:
        why = session.get_one(schema.SuggestionRow, (digest, CASE, ONE)).why
    assert [one.code for one in why][:2] == ["suggest.changed", "suggest.changed_step_officers"]
    assert why[1].params == {"old": "E1", "new": "E1, E3"}
    assert differences(world, records, world.path.with_name("again.sqlite")) == []


def test_a_link_taken_off_is_never_asked_about(world: World, records: Records) -> None:
    """`unlink` is a person's last word, whatever changes."""
    records.imported(world, "steps", [step()])
    digest = world.clip("mine", (0, 30))
    world.decide(
        partial(world.decisions.unlink, digest=digest, case_no=CASE, step_no=ONE, actor=LI, reason="不是", at=LATER)
    )
    records.imported(world, "steps", [step(officers=("E1", "E2"))])
    assert waiting(world) == {}
    assert world.links() == set()


def test_only_what_waits_can_be_decided(world: World, records: Records) -> None:
    """A suggestion that is not there, and a decision without a reason, are refused."""
    records.imported(world, "steps", [step()])
    digest = world.clip("mine", (0, 30))
    with pytest.raises(NotFoundError, match="no suggestion waits there"), world.transaction() as tx:
        refuse_suggestion(tx, pair(digest), LI, "不是", LATER)
    with pytest.raises(NotFoundError, match="no suggestion waits there"), world.transaction() as tx:
        confirm_suggestion(tx, world.decisions, pair(digest), LI, "是", LATER)
    with pytest.raises(UsageError, match="needs a reason"), world.transaction() as tx:
        refuse_suggestion(tx, pair(digest), LI, " ", LATER)


def test_a_higher_bar_turns_links_into_questions(world: World, records: Records) -> None:
    """The bureau raises the bar: at the next review what no longer reaches it waits for a person."""
    records.imported(world, "steps", [step()])
    digest = world.clip("mine", (-60, 3))
    assert world.links() == {(digest, CASE, ONE)}
    pack = replace(PACK, linking=LinkPolicy(automatic_from=0.9))
    with world.transaction() as tx:
        RegisterReviewer(pack).review(tx, Scope(everything=True), LI, LATER)
    assert world.links() == set()
    assert waiting(world) == {(digest, "1"): Ground.BAR}
