"""Files of one recording in the register: found around every change, shown by place, linked as one, rebuilt alike."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from evidence.custody import EventType
from evidence.errors import UsageError
from evidence.ids import Digest
from evidence.ports import Scope
from evidence.roster import Roster
from evidence.suggesting import Pair
from index import ledger, schema
from index.decisions import Decided
from index.judging import judge_clips
from index.link_decisions import confirm_suggestions, link_recording
from index.review import RegisterReviewer
from tests.support.index import (
    ASSIGNMENTS,
    CASE,
    DEVICES,
    EVENING,
    LATER,
    LI,
    OFFICERS,
    ONE,
    PACK,
    SITE,
    WANG,
    World,
    digest_of,
    step,
)
from tests.support.rebuilding import Records, differences

S = 1 / 60
"""A second in minutes."""

PARTS = (("a", (0.0, 5.0)), ("b", (5 + S, 10.0)), ("c", (10 + 2 * S, 15.0)), ("d", (15.0, 20 + 3 * S)))


@pytest.fixture(name="records")
def _records() -> Records:
    return Records()


@pytest.fixture(name="world")
def _world(tmp_path: Path, records: Records) -> Iterator[World]:
    world = World(tmp_path)
    staffed(world, records)
    yield world
    world.close()


def staffed(world: World, records: Records) -> None:
    """Import officers, cameras and who carried them."""
    records.imported(world, "officers", OFFICERS)
    records.imported(world, "devices", DEVICES)
    records.imported(world, "assignments", ASSIGNMENTS)


def four(world: World) -> list[Digest]:
    """Take in the four parts of a recording of twenty minutes; return them in order."""
    return [world.clip(name, window, sequence=n) for n, (name, window) in enumerate(PARTS, 1)]


def places(world: World) -> dict[str, tuple[str, int, int]]:
    """Return each clip that is part of a recording: its first part, its number, how many."""
    row = schema.Clip
    with world.register.reading() as session:
        digests = list(session.scalars(sa.select(row.digest)))
    found = world.library.clips_by_digest([Digest(one) for one in digests])
    named = {digest_of(name): name for name, _ in (*PARTS, ("photo", ()), ("other", ()))}
    return {
        named.get(one.digest, one.digest): (
            named.get(one.recording.recording_id, one.recording.recording_id),
            one.recording.part,
            one.recording.parts,
        )
        for one in found.values()
        if one.recording
    }


WHOLE = {"a": ("a", 1, 4), "b": ("a", 2, 4), "c": ("a", 3, 4), "d": ("a", 4, 4)}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (0, 3, 1, 2), (1, 3, 0, 2)])
def test_parts_find_each_other_in_any_order(world: World, order: tuple[int, ...]) -> None:
    """The last to come joins what was apart; a file of another camera, and one after a longer break, stand alone."""
    for n in order:
        world.clip(*PARTS[n], sequence=n + 1)
    world.clip("other", (5.0, 10.0), device="D2")
    world.clip("later", (20 + 6 * S, 25.0), sequence=5)
    assert places(world) == WHOLE
    view = world.library.clip(digest_of("b"))
    assert view.recording is not None
    assert view.recording.digests == tuple(digest_of(name) for name in "abcd")
    assert (view.recording.before, view.recording.after) == (digest_of("a"), digest_of("c"))
    assert view.recording.span.length_s == 20 * 60 + 3


def test_a_part_that_moves_leaves_two_recordings(world: World) -> None:
    """A part whose clock turns out to be wrong is none any more; what it joined falls apart."""
    digests = four(world)
    with world.transaction() as tx:
        row = tx.get_one(schema.Clip, digests[1])
        stated = dict(row.stated or {})
        tx.execute(sa.update(schema.TimeClaimRow).where(schema.TimeClaimRow.digest == digests[1]).values(at=LATER))
        world.reviewer.review(tx, Scope(clips=frozenset({digests[1]})), LI, LATER)
    assert stated
    assert places(world) == {"c": ("c", 1, 2), "d": ("c", 2, 2)}


def test_another_policy_joins_more(world: World, records: Records, tmp_path: Path) -> None:
    """The break is a threshold of the law pack; a review of everything goes by the one in force."""
    four(world)
    world.clip("later", (20 + 6 * S, 25.0), sequence=5)
    wider = replace(PACK, thresholds=replace(PACK.thresholds, recording_gap_s=10.0))
    world.reviewer = RegisterReviewer(wider)
    world.review(Scope(everything=True))
    assert {parts for _, _, parts in places(world).values()} == {5}
    del records, tmp_path


def test_the_whole_recording_is_linked_in_one_act(world: World, records: Records) -> None:
    """Every part hangs on the step by the same person, time and reason; each has its entry, and they are rebuilt."""
    records.imported(world, "steps", [step(window=(300, 330))])
    digests = four(world)
    act(world, partial(link_recording, decisions=world.decisions, pair=Pair(digests[2], *SITE), reason="同一次检查"))
    assert world.links() == {(one, *SITE) for one in digests}
    with world.register.reading() as session:
        told = [one.body for one in ledger.entries(session) if one.body["event"] == EventType.DECIDED]
        kept = list(session.scalars(sa.select(schema.Link)))
    assert [one["subject"] for one in told] == [digests[2], digests[0], digests[1], digests[3]]
    assert {(one["reason"], one["at"]) for one in told} == {("同一次检查", told[0]["at"])}
    assert {(one.human, one.by) for one in kept} == {(True, LI.name)}


def test_what_a_person_said_of_a_part_stays(world: World, records: Records) -> None:
    """A part that somebody took off the step is not hung back with the rest; one that hangs by hand is left alone."""
    records.imported(world, "steps", [step()])
    digests = four(world)
    world.decide(lambda tx: world.decisions.unlink(tx, digests[0], CASE, ONE, WANG, "无关", LATER))
    act(world, partial(link_recording, decisions=world.decisions, pair=Pair(digests[1], *SITE), reason="全程"))
    assert world.links() == {(one, *SITE) for one in digests[1:]}
    with pytest.raises(UsageError):
        act(world, partial(link_recording, decisions=world.decisions, pair=Pair(digests[1], *SITE), reason=" "))


def test_confirming_one_suggestion_confirms_the_recording(world: World, records: Records) -> None:
    """Of four parts with a doubted clock two are chosen: all four hang on the step, each decided once."""
    records.imported(world, "steps", [step(window=(-2, 22))])
    digests = [world.clip(name, window, sequence=n, disputed=True) for n, (name, window) in enumerate(PARTS, 1)]
    assert world.links() == set()
    pairs = [Pair(one, *SITE) for one in digests[1:3]]
    act(world, partial(confirm_suggestions, decisions=world.decisions, pairs=pairs, reason="时间已核对"))
    assert world.links() == {(one, *SITE) for one in digests}
    with world.register.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(schema.DecisionRow)) == 4


def act(world: World, decide: Callable[..., list[Decided]]) -> None:
    """Decide several things in one act and review what they touch, as the desk does."""
    with world.transaction() as tx:
        decided = decide(tx, actor=LI, at=LATER)
        clips = frozenset(one for each in decided for one in each.scope.clips)
        cases = frozenset(one for each in decided for one in each.scope.cases)
        world.reviewer.review(tx, Scope(clips=clips, cases=cases), LI, LATER)


def test_a_rebuilt_register_groups_alike(world: World, records: Records, tmp_path: Path) -> None:
    """Column for column, with human links over the whole recording."""
    records.imported(world, "steps", [step()])
    digests = four(world)
    act(world, partial(link_recording, decisions=world.decisions, pair=Pair(digests[0], *SITE), reason="全程"))
    assert differences(world, records, tmp_path / "again.sqlite") == []


def test_judging_again_changes_nothing(world: World) -> None:
    """The same clips judged once more, alone or all of a camera, leave every recording as it is."""
    digests = four(world)
    with world.transaction() as tx:
        judge_clips(tx, digests[:1], Roster(OFFICERS, DEVICES, ASSIGNMENTS))
    assert places(world) == WHOLE
    world.review(Scope(everything=True))
    assert places(world) == WHOLE


SHOTS = (*PARTS, ("e", (30.0, 31.0)), ("f", (31 + S, 40.0)), ("h", (40 + 5 * S, 41.0)))


@settings(max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(SHOTS), st.integers(0, len(SHOTS)))
def test_any_order_of_arrival_groups_the_same(shots: list[tuple[str, tuple[float, float]]], staff_at: int) -> None:
    """Files in any order, the roster before, between or after them: the same recordings, and a rebuild says so."""
    with TemporaryDirectory() as folder:
        world, records = World(Path(folder)), Records()
        for place, (name, window) in enumerate(shots):
            if place == staff_at:
                staffed(world, records)
            world.clip(name, window, received=EVENING)
        found = {world.library.clip(digest_of(name)).recording for name, _ in SHOTS}
        assert {(one.parts, one.span.length_s) for one in found if one} == {(4, 1203.0), (2, 600.0)}
        assert differences(world, records, Path(folder, "again.sqlite")) == []
        world.close()
