"""What waits for a person does not depend on the order in which things arrive, and neither does a person's word."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.cases import Case
from evidence.ports import Scope
from index import schema
from tests.integration.test_index_suggestions import CAMERA, CARRIED, THIRD
from tests.support.index import (
    ASSIGNMENTS,
    CASE,
    DEVICES,
    LATER,
    LI,
    OFFICERS,
    ONE,
    World,
    step,
)
from tests.support.rebuilding import Records, differences

Arrival = Callable[[World, Records], object]
Waiting = set[tuple[str, str, str, float]]

STEPS = (
    step(),
    step(step_no="2", window=(40, 60), officers=("E1", "E2"), procedure="SEIZE"),
    step(step_no="3", window=(0, 30), officers=("E2",)),
)

ARRIVALS: tuple[Arrival, ...] = (
    lambda world, records: records.imported(world, "officers", OFFICERS),
    lambda world, records: records.imported(world, "officers", [THIRD]),
    lambda world, records: records.imported(world, "devices", [*DEVICES, CAMERA]),
    lambda world, records: records.imported(world, "assignments", ASSIGNMENTS),
    lambda world, records: records.imported(world, "assignments", [CARRIED]),
    lambda world, records: records.imported(world, "cases", [Case(CASE, "案")]),
    lambda world, records: records.imported(world, "steps", STEPS[:1]),
    lambda world, records: records.imported(world, "steps", STEPS[1:]),
    lambda world, _: world.clip("first", (-1, 14), sequence=1),
    lambda world, _: world.clip("doubtful", (2, 12), disputed=True, sequence=3),
    lambda world, _: world.clip("along", (1, 29), device="SN-THREE"),
    lambda world, _: world.clip("seized along", (41, 59), device="SN-THREE"),
    lambda world, _: world.clip("nobody's", (0, 20), device="NOBODY"),
)


def outcome(arrivals: list[Arrival]) -> tuple[Waiting, set[tuple[str, str, str]]]:
    """Return what waits and what is linked after these arrivals; a whole review and a rebuild must say the same."""
    with TemporaryDirectory() as folder:
        world, records = World(Path(folder)), Records()
        for arrive in arrivals:
            arrive(world, records)
        result = (waiting(world), world.links())
        world.review(Scope(everything=True))
        assert (waiting(world), world.links()) == result, "a whole review says something else"
        assert differences(world, records, Path(folder, "again.sqlite")) == []
        world.close()
        return result


def waiting(world: World) -> Waiting:
    """Return every suggestion with its score."""
    row = schema.SuggestionRow
    with world.register.reading() as session:
        wanted = sa.select(row.digest, row.case_no, row.step_no, row.score)
        return {(digest, case_no, step_no, score) for digest, case_no, step_no, score in session.execute(wanted)}


EXPECTED: list[tuple[Waiting, set[tuple[str, str, str]]]] = []
SLOW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(st.permutations(ARRIVALS))
def test_any_order_of_arrival_asks_the_same(arrivals: list[Arrival]) -> None:
    """Records and clips in any order: the same suggestions with the same scores."""
    if not EXPECTED:
        EXPECTED.append(outcome(list(ARRIVALS)))
        assert len(EXPECTED[0][0]) >= 4
    assert outcome(arrivals) == EXPECTED[0]


@SLOW
@given(st.permutations(ARRIVALS[:8]), st.integers(0, 8), st.booleans())
def test_a_persons_word_wins_whenever_it_is_said(arrivals: list[Arrival], when: int, linked: bool) -> None:
    """Whatever came before or after: what a person hung there hangs, what they took off does not."""
    with TemporaryDirectory() as folder:
        world, records = World(Path(folder)), Records()
        records.imported(world, "steps", STEPS[:1])
        digest = world.clip("first", (-1, 14), sequence=1)
        for arrive in arrivals[:when]:
            arrive(world, records)
        act = world.decisions.link if linked else world.decisions.unlink
        world.decide(lambda tx: act(tx, digest, CASE, ONE, LI, "本人确认", LATER))
        for arrive in arrivals[when:]:
            arrive(world, records)
        assert ((digest, CASE, ONE) in world.links()) is linked
        assert not [one for one in waiting(world) if one[:3] == (digest, CASE, ONE)]
        world.close()
