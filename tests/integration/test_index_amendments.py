"""Times of steps that people amend: both stay, the person's hold, and everything is judged again by them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.errors import NotFoundError, UsageError
from evidence.findings import StepState
from evidence.ids import StepNo
from evidence.spans import Span
from evidence.views import StepView
from index.amendments import AMEND, amend
from index.decisions import Act
from index.imports import ImportRegister
from tests.support.index import CASE, LATER, LI, SITE, World, at, step

ACT = Act(AMEND, LI, "笔误,实际晚四十分钟", LATER)


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    world.staff()
    world.steps(step())
    world.clip("all of it", (39, 71))
    yield world
    world.close()


def only_step(world: World) -> StepView:
    """Return the step as it stands."""
    (view,) = world.library.steps(case_no=CASE)
    return view


def test_footage_is_matched_by_the_amended_times(world: World) -> None:
    """What lay beside the written times covers the amended ones; the record's stay beside them, with who and why."""
    assert (only_step(world).state, only_step(world).links) == (StepState.MISSING, ())
    decided = world.decide(lambda tx: amend(tx, SITE, Span(at(40), at(70)), ACT))
    view = only_step(world)
    assert (view.state, len(view.links)) == (StepState.COVERED, 1)
    assert view.amended is not None
    assert (view.amended.recorded, view.amended.by) == (Span(at(0), at(30)), LI.name)
    assert decided.record["recorded_start"] == "2026-11-02T01:00:00Z"


def test_an_import_overwrites_no_amendment(world: World) -> None:
    """The record's newest times are kept beside the person's, which hold; taken back, the record's newest hold."""
    world.decide(lambda tx: amend(tx, SITE, Span(at(40), at(70)), ACT))
    world.steps(step(window=(5, 35)))
    view = only_step(world)
    assert view.step.window == Span(at(40), at(70))
    assert view.amended is not None
    assert view.amended.recorded == Span(at(5), at(35))
    world.decide(lambda tx: amend(tx, SITE, None, ACT))
    assert (only_step(world).step.window, only_step(world).amended) == (Span(at(5), at(35)), None)


def test_the_same_file_again_changes_nothing(world: World) -> None:
    """An import is held against what the record said, not against what a person made of it."""
    world.decide(lambda tx: amend(tx, SITE, Span(at(40), at(70)), ACT))
    with world.transaction() as tx:
        assert not ImportRegister().differing(tx, "steps", [step()]).keys
        (changed,) = ImportRegister().differing(tx, "steps", [step(window=(5, 35))]).changed
    assert set(changed.columns) == {"started_at", "ended_at"}


def test_nothing_is_amended_without_reason_or_step(world: World) -> None:
    """A reason is asked for, a step that is there, and something to take back."""
    with pytest.raises(UsageError, match="reason"):
        Act(AMEND, LI, " ", LATER)
    with pytest.raises(NotFoundError):
        world.decide(lambda tx: amend(tx, (CASE, StepNo("9")), Span(at(0), at(1)), ACT))
    with pytest.raises(UsageError, match="not amended"):
        world.decide(lambda tx: amend(tx, SITE, None, ACT))
