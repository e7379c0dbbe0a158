"""Marks in the register: set, counted, withdrawn, listed, and made again from the ledger."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.errors import NotFoundError, UsageError
from evidence.ids import Digest
from evidence.markers import MarkTemplate, MarkWish
from evidence.views import MarkFilter
from index.library import RegisterLibrary
from index.markers import set_mark, withdraw_mark
from tests.support.index import CASE, LATER, LI, PACK, WANG, World, at, digest_of, step
from tests.support.rebuilding import Records, differences

POINT = MarkTemplate("POINT", {"zh-CN": "采样点", "en": "point"}, "10", "", numbered=True)
MARKED = replace(PACK, marks={"POINT": POINT})


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    world.library = RegisterLibrary(world.register, MARKED)
    world.staff()
    world.steps(step())
    yield world
    world.close()


def mark(world: World, digest: Digest, at_s: float, template: str = "POINT", **about: object) -> int:
    """Mark a moment; return the mark's number."""
    wish = MarkWish(digest, at_s, template, **about)  # type: ignore[arg-type] # the caller's own words
    return world.decide(lambda tx: set_mark(tx, MARKED, wish, LI, LATER)).number


def test_marks_are_counted_over_the_footage_of_a_step(world: World) -> None:
    """The next number goes on from one clip of the step to the other; one withdrawn is free again."""
    one, other = world.clip("one", (0, 15)), world.clip("other", (15, 30))
    mark(world, one, 5)
    second = mark(world, other, 8)
    found = world.library.marks(MarkFilter(case_no=CASE))
    assert [(view.mark.digest, view.mark.number, view.real_at) for view in found] == [
        (one, 1, at(5 / 60)),
        (other, 2, at(15 + 8 / 60)),
    ]
    world.decide(lambda tx: withdraw_mark(tx, second, WANG, "看错了", LATER))
    assert [view.mark.number for view in world.library.marks(MarkFilter(digest=other))] == []
    [gone] = world.library.marks(MarkFilter(digest=other, withdrawn=True))
    assert (gone.mark.withdrawn_by, gone.mark.withdraw_reason, gone.mark.actor) == ("王", "看错了", "李")
    mark(world, one, 9)
    assert [view.mark.number for view in world.library.marks(MarkFilter(digest=one))] == [1, 2]


def test_marks_come_back_from_the_ledger(tmp_path: Path) -> None:
    """Those that stand and those withdrawn, to the last cell; a mark is a decision with its words as the reason."""
    world, records = World(tmp_path), Records()
    digest = world.clip("one", (0, 15))
    first = mark(world, digest, 5.25, text="东门", note="清楚")
    mark(world, digest, 6, template="", text="自拟")
    world.decide(lambda tx: withdraw_mark(tx, first, WANG, "重复", LATER))
    assert differences(world, records, tmp_path / "again.sqlite") == []
    world.close()


def test_a_mark_moves_no_finding(world: World) -> None:
    """It is a reviewer's aid: what the audit says stays."""
    digest = world.clip("one", (0, 15))
    before = world.standing()
    mark(world, digest, 5)
    assert world.standing() == before


def test_what_cannot_be_marked_is_refused(world: World) -> None:
    """Beyond the end, a template nobody knows, a clip or mark that is not there, a second withdrawal, no reason."""
    digest = world.clip("one", (0, 1))
    with pytest.raises(UsageError, match="is over before 90 s"):
        mark(world, digest, 90)
    with pytest.raises(UsageError, match="no template of a mark"):
        mark(world, digest, 1, template="NOPE")
    with pytest.raises(NotFoundError):
        mark(world, digest_of("nobody"), 1)
    number = mark(world, digest, 60.5)
    with pytest.raises(NotFoundError, match="no mark of that number"):
        world.decide(lambda tx: withdraw_mark(tx, number + 1000, LI, "x", LATER))
    with pytest.raises(UsageError, match="needs a reason"):
        world.decide(lambda tx: withdraw_mark(tx, number, LI, " ", LATER))
    world.decide(lambda tx: withdraw_mark(tx, number, LI, "x", LATER))
    with pytest.raises(UsageError, match="withdrew it already"):
        world.decide(lambda tx: withdraw_mark(tx, number, WANG, "x", LATER))
