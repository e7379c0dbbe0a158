"""A camera that several officers carry together: its clips count for each of them, and everything finds them so."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from evidence.claims import OfficerSource
from evidence.findings import StepState
from evidence.ids import DeviceId, Digest, OfficerId, StepNo
from evidence.people import Assignment
from evidence.ports import Scope
from evidence.roster import Roster
from evidence.views import ClipFilter
from index import schema
from index.strays import Strays
from tests.support.index import CASE, DEVICES, EVENING, LATER, LI, NINE, OFFICERS, World, step
from tests.support.rebuilding import Records, differences

E1, E2, D1 = OfficerId("E1"), OfficerId("E2"), DeviceId("D1")
FROM, TO = NINE - timedelta(hours=1), NINE + timedelta(hours=8)
TOGETHER = (Assignment(D1, E1, FROM, TO), Assignment(D1, E2, FROM, TO))
STEPS = (step(), step(step_no="2", officers=("E2",), procedure="SEIZE"), step(step_no="3", officers=("E9",)))


@pytest.fixture(name="records")
def _records() -> Records:
    return Records()


@pytest.fixture(name="world")
def _world(tmp_path: Path, records: Records) -> Iterator[World]:
    """Return a world in which both officers carry D1 together, with a step of each and one of somebody else."""
    world = World(tmp_path)
    records.imported(world, "officers", OFFICERS)
    records.imported(world, "devices", DEVICES)
    records.imported(world, "assignments", TOGETHER)
    records.imported(world, "steps", STEPS)
    yield world
    world.close()


def steps_of(world: World, digest: Digest) -> set[str]:
    """Return the numbers of the steps a clip is linked to."""
    return {step_no for linked, _, step_no in world.links() if linked == digest}


def states(world: World) -> list[StepState]:
    """Return how the steps stand."""
    return [view.state for view in world.library.steps()]


def listed(world: World, officer: str, **more: object) -> list[Digest]:
    """Return the clips that a list of an officer shows."""
    wanted = ClipFilter(officer_id=OfficerId(officer), **more)  # type: ignore[arg-type] # the caller's own words
    return [view.digest for view in world.library.clips(wanted)]


def test_it_is_linked_to_the_steps_of_each_and_covers_them(world: World) -> None:
    """One clip, two steps, both covered; the score says that the camera was shared; nobody is unknown."""
    digest = world.clip("shared", (-1, 31))
    assert steps_of(world, digest) == {"1", "2"}
    assert states(world) == [StepState.COVERED, StepState.COVERED, StepState.MISSING]
    view = world.library.clip(digest)
    assert (view.officer_id, view.officers, view.officer_names) == (E1, (E1, E2), ("艾力", "古丽"))
    assert view.officer_source is OfficerSource.ASSIGNMENT
    assert [one.code for one in view.disagreements] == ["identity.camera_shared"]
    assert {"link.officer_shared", "score.officer_shared"} <= {one.code for one in view.links[0].why}
    assert "score.disagreement" not in {one.code for one in view.links[0].why}
    assert "OFFICER_UNKNOWN" not in world.open_kinds()


def test_lists_and_searches_of_each_officer_show_it_once_in_order(world: World) -> None:
    """Own and shared clips of an officer are one list, newest first, page by page; the count is its length."""
    names = ["first", "second", "third", "fourth", "fifth"]
    cameras = ["D1", "D2", "D1", "D2", "D1"]
    records = [world.clip(name, (n * 5, n * 5 + 4), device=cameras[n]) for n, name in enumerate(names)]
    with world.transaction() as tx:
        scope = world.catalogue.put_assignments(tx, [Assignment(DeviceId("D2"), E2, FROM, TO)])
        world.reviewer.review(tx, scope, LI, LATER)
    newest_first = records[::-1]
    assert listed(world, "E2") == newest_first
    assert [one for n in range(5) for one in listed(world, "E2", limit=1, offset=n)] == newest_first
    assert listed(world, "E1") == newest_first[::2]
    assert listed(world, "E2", text="艾力") == newest_first[::2]
    assert world.library.count_clips(ClipFilter(officer_id=E2)) == 5
    assert listed(world, "E2", text="nobody") == []


def test_a_persons_word_ends_the_sharing(world: World) -> None:
    """Who is decided to have recorded is the officer alone: the other's step loses the clip, and its list too."""
    digest = world.clip("shared", (-1, 31))
    world.decide(
        partial(world.decisions.set_officer, digest=digest, officer_id=E2, actor=LI, reason="本人佩戴", at=LATER)
    )
    assert steps_of(world, digest) == {"2"}
    assert (listed(world, "E1"), listed(world, "E2")) == ([], [digest])
    assert world.library.clip(digest).officers == (E2,)


def test_an_overlap_by_mistake_is_corrected_by_importing_it_right(world: World, records: Records) -> None:
    """The rows of one camera and beginning replace those that stood: one row instead of two ends the sharing."""
    digest = world.clip("shared", (-1, 31))
    records.imported(world, "assignments", TOGETHER[1:])
    assert (steps_of(world, digest), world.library.clip(digest).officers) == ({"2"}, (E2,))
    assert world.library.assignments() == [TOGETHER[1]]
    records.imported(world, "assignments", TOGETHER)
    assert steps_of(world, digest) == {"1", "2"}


def test_an_import_says_who_came_to_a_camera(world: World) -> None:
    """Officers who carry one camera from one moment on are one record; the same again changes nothing."""
    with world.transaction() as tx:
        same = world.catalogue.take(tx, "assignments", TOGETHER[::-1])
        assert (same.diff.new, same.diff.changed, same.diff.unchanged, same.scope) == ((), (), 1, Scope())
        fewer = world.catalogue.take(tx, "assignments", [replace(TOGETHER[1], end=EVENING)])
    [change] = fewer.diff.changed
    assert change.columns["officer_id"] == (["E1", "E2"], "E2")


def test_overlap_in_part_shares_only_that_part(world: World, records: Records) -> None:
    """What begins while both hold it is of both; before and after it is of one."""
    later = Assignment(D1, E2, NINE + timedelta(minutes=60), NINE + timedelta(minutes=90))
    records.imported(world, "assignments", [TOGETHER[0], later])
    clips = [world.clip(f"at {minute}", (minute, minute + 5)) for minute in (50, 60, 89, 90)]
    assert [world.library.clip(one).officers for one in clips] == [(E1,), (E1, E2), (E1, E2), (E1,)]


def test_footage_hung_by_hand_is_no_strangers_if_one_of_its_carriers_is_in_the_record(world: World) -> None:
    """OFFICER_NOT_IN_STEP is about people: of a shared camera one of them is enough, and none is a notice."""
    digest = world.clip("shared", (40, 50))
    for step_no in ("2", "3"):
        act = partial(
            world.decisions.link,
            digest=digest,
            case_no=CASE,
            step_no=StepNo(step_no),
            actor=LI,
            reason="笔录时间有误",
            at=LATER,
        )
        world.decide(act)
    assert world.open_kinds().count("OFFICER_NOT_IN_STEP") == 1


def test_a_step_waits_once_for_the_camera_of_both(tmp_path: Path) -> None:
    """Each carrier's step waits for the shared camera until it docks, and stops waiting with its first file."""
    world = World(tmp_path)
    world.staff()
    out = [replace(one, end=None) for one in TOGETHER]
    world.put(lambda tx: world.catalogue.put_assignments(tx, out))
    world.steps(*STEPS[:2], now=EVENING)
    waiting = [set(view.waiting_for) for view in world.library.steps()]
    assert waiting == [{D1}, {D1, DeviceId("D2")}]
    world.clip("shared", (-1, 31), now=EVENING + timedelta(minutes=1))
    assert [D1 in view.waiting_for for view in world.library.steps()] == [False, False]
    world.close()


def test_strays_of_either_carrier_hold_it(world: World) -> None:
    """A clip that hangs nowhere may explain the step of the second carrier as it may the first one's."""
    digest = world.clip("astray", (120, 150))
    with world.register.reading() as session:
        roster = Roster(OFFICERS, DEVICES, TOGETHER)
        strays = [[one.digest for one in Strays(session, roster).of(each)] for each in STEPS]
        near = Strays(session, roster).steps_near({digest})
    assert strays == [[digest], [digest], []]
    assert near == {(CASE, "1"), (CASE, "2")}


def test_a_rebuilt_register_shares_alike(world: World, records: Records, tmp_path: Path) -> None:
    """Every cell, the table of carriers with it, comes back from the ledger and the imported rows."""
    digest = world.clip("shared", (-1, 31))
    world.clip("own", (3, 9), device="D2")
    row = schema.ClipCarrier
    with world.register.reading() as session:
        assert session.execute(sa.select(row.digest, row.officer_id)).all() == [(digest, "E2")]
    assert differences(world, records, tmp_path / "again.sqlite") == []
    world.review(Scope(everything=True))
    assert differences(world, records, tmp_path / "third.sqlite") == []
