"""Marks of confidentiality in the register: whom they reach, who may lower them, and what is asked no more."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from evidence.cases import Case
from evidence.custody import Actor
from evidence.errors import NotFoundError, UsageError
from evidence.ids import Digest
from evidence.secrecy import Marked
from index.decisions import Act
from index.secrecy import CLASSIFY, classify
from index.sounds import SoundRegister
from tests.support.index import CASE, LATER, LI, MACHINE, ONE, PACK, WANG, World, step
from tests.support.secrecy import CLASSES


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> Iterator[World]:
    """Return a bureau with a step of two officers."""
    world = World(tmp_path)
    world.staff()
    world.steps(step(officers=("E1", "E2")))
    yield world
    world.close()


def mark(world: World, scope: Marked, target: str, word: str, who: Actor = LI) -> None:
    """Mark something, or take the mark away."""
    act = Act(CLASSIFY, who, "涉及", LATER)
    world.decide(partial(classify, scope=scope, target=target, word=word, act=act, pack=PACK))


def code(world: World, digest: Digest) -> str:
    """Return the class that holds for a clip, by both ways of asking."""
    asked, listed = world.library.secrecy_of_clip(digest), world.library.clip(digest).secrecy
    assert asked == listed
    return asked.held.code if asked else ""


def test_a_mark_on_a_case_reaches_its_clips_and_a_clips_mark_its_case_alone(world: World) -> None:
    """Whoever reads the case reads the clip; another clip of the case stays as it is."""
    one, other = world.clip("one", (0, 20)), world.clip("other", (5, 25), device="SN-TWO")
    mark(world, Marked.CLIP, one, "机密")
    assert (code(world, one), code(world, other)) == ("STATE_SECRET", "")
    of_case = world.library.secrecy_of_case(CASE)
    assert of_case is not None
    assert of_case == world.library.case(CASE).secrecy
    assert of_case.held.code == "STATE_SECRET"
    mark(world, Marked.CASE, CASE, "商业秘密")
    assert (code(world, one), code(world, other)) == ("STATE_SECRET", "TRADE_SECRET")


def test_the_word_of_the_record_holds_for_what_is_linked_later(world: World) -> None:
    """A clip that a person hangs on a secret case is secret from then on, and no more once it is taken off."""
    digest = world.clip("late", (300, 310))
    world.put(lambda tx: world.catalogue.put_cases(tx, [Case(CASE, "案", confidentiality="秘密★10年")]))
    assert code(world, digest) == ""
    world.decide(lambda tx: world.decisions.link(tx, digest, CASE, ONE, LI, "同一现场", LATER))
    assert code(world, digest) == "STATE_SECRET"
    world.decide(lambda tx: world.decisions.unlink(tx, digest, CASE, ONE, LI, "看错了", LATER))
    assert code(world, digest) == ""


def test_another_person_has_to_lower_a_mark(world: World) -> None:
    """Raising is for everybody; lowering and withdrawing is for somebody else than who set it."""
    digest = world.clip("one", (0, 20))
    mark(world, Marked.CLIP, digest, "商密")
    mark(world, Marked.CLIP, digest, "STATE_SECRET")
    for word in ("", "TRADE_SECRET"):
        with pytest.raises(UsageError, match="cannot lower it too"):
            mark(world, Marked.CLIP, digest, word)
    mark(world, Marked.CLIP, digest, "TRADE_SECRET", WANG)
    assert code(world, digest) == "TRADE_SECRET"
    mark(world, Marked.CLIP, digest, "", LI)
    assert code(world, digest) == ""
    with pytest.raises(UsageError, match="has no mark"):
        mark(world, Marked.CLIP, digest, "", WANG)


def test_what_cannot_be_marked_is_refused(world: World) -> None:
    """An unknown class names those there are; what is not there cannot be marked."""
    digest = world.clip("one", (0, 20))
    with pytest.raises(UsageError, match="STATE_SECRET, TRADE_SECRET"):
        mark(world, Marked.CLIP, digest, "内部")
    with pytest.raises(NotFoundError):
        mark(world, Marked.CASE, "no such case", "机密")


def test_a_secret_clip_is_compared_with_nothing(world: World) -> None:
    """Neither does it ask for a pair, nor is it asked for, nor is a pair that was handed in before still wanted."""
    sounds = SoundRegister(CLASSES)
    one, other = world.clip("one", (0, 20)), world.clip("other", (5, 25), device="SN-TWO")
    pair = (min(one, other), max(one, other))
    with world.transaction() as tx:
        assert len(sounds.wanted(tx, one)) == 1
        assert sounds.question(tx, *pair) is not None
    mark(world, Marked.CLIP, one, "机密")
    with world.transaction() as tx:
        assert [*sounds.wanted(tx, one), *sounds.wanted(tx, other)] == []
        assert sounds.question(tx, *pair) is None
    mark(world, Marked.CLIP, one, "", WANG)
    with world.transaction() as tx:
        assert sounds.question(tx, *pair) is not None


def test_the_ledger_tells_who_marked_what_and_why(world: World) -> None:
    """Under the clip's digest; MACHINE never marks."""
    digest = world.clip("one", (0, 20))
    mark(world, Marked.CLIP, digest, "机密")
    [entry] = [one for one in world.library.ledger(subject=digest) if one.body["actor"] != MACHINE.name]
    assert entry.body["reason"] == "涉及"
    detail = entry.body["detail"]
    assert isinstance(detail, dict)
    assert (detail["decision"], detail["code"], detail["scope"]) == ("classify", "STATE_SECRET", "clip")
