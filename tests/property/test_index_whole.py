"""The review of everything, set-wise, says what single reviews say, whatever they are reviewed in."""

import re
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from config.law_packs import default_pack
from evidence.findings import FindingState
from evidence.ids import CaseNo, DeviceId, Digest
from evidence.ports import Scope
from index import schema
from index.engine import Register, open_engine
from index.migrate import migrate
from index.review import RegisterReviewer, is_sooner_at_once
from index.stored import read_stored, table_of
from index.whole import WholeReview
from tests.bench.law import MACHINE, NOW
from tests.support.bureau import fill
from tests.support.bureau_plan import Plan
from tests.support.rough import roughen

PACK = default_pack()
REVIEWER = RegisterReviewer(PACK)
TABLES = (
    *(schema.Clip, schema.Link, schema.SuggestionRow, schema.Doubt, schema.FindingRow, schema.FindingClip),
    *(schema.FindingHistory, schema.StepRow, schema.StepWaiting, schema.CaseRow, schema.LedgerRow),
)
"""Everything that a review writes."""

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""A bureau takes seconds to make: an example that fails is not made smaller."""

COUNTED = {"history_id", "number", "leaf_hash"}
"""Columns that depend on what came first."""

NUMBER = re.compile(rb',"number":\d+,')


def bureau(folder: Path, plan: Plan) -> Register:
    """Return a register of a small bureau that nobody has reviewed."""
    engine = open_engine(str(folder / "register.sqlite"))
    migrate(engine)
    register = Register(engine)
    fill(register, plan, PACK, processes=1)
    return register


def everything(session: Session) -> Scope:
    """Return all clips, cameras and cases by their names, so that they are reviewed one by one."""
    clip = schema.Clip
    return Scope(
        clips=frozenset(map(Digest, session.scalars(sa.select(clip.digest)))),
        cases=frozenset(map(CaseNo, session.scalars(sa.select(schema.CaseRow.case_no)))),
        devices=frozenset(DeviceId(str(one)) for one in session.scalars(sa.select(clip.device_id).distinct())),
    )


def cells(session: Session) -> dict[str, Counter[tuple[object, ...]]]:
    """Return the rows of every table that a review writes; entries without their place in the ledger."""
    found: dict[str, Counter[tuple[object, ...]]] = {}
    for model in TABLES:
        columns = [column.name for column in table_of(model).columns if column.name not in COUNTED]
        rows = session.execute(read_stored(model, columns)).all()
        found[model.__tablename__] = Counter(tuple(map(_unnumbered, row)) for row in rows)
    return found


def _unnumbered(cell: object) -> object:
    return NUMBER.sub(b",", bytes(cell)) if isinstance(cell, bytes | memoryview) else cell


def standing(session: Session) -> dict[str, Counter[tuple[object, ...]]]:
    """Return what holds now, without how it came about: no times of writing, nothing undone, nothing resolved."""
    life = {"first_found_at", "changed_at", "linked_at", "suggested_at"}
    found: dict[str, Counter[tuple[object, ...]]] = {}
    for model in TABLES[:5] + TABLES[7:10]:
        table = table_of(model)
        wanted = read_stored(model, [column.name for column in table.columns if column.name not in life])
        if model is schema.Link:
            wanted = wanted.where(schema.Link.active)
        if model is schema.FindingRow:
            wanted = wanted.where(schema.FindingRow.state != FindingState.RESOLVED)
        found[table.name] = Counter(tuple(row) for row in session.execute(wanted))
    return found


PLANS = st.builds(
    Plan,
    seed=st.integers(0, 1000),
    clips=st.integers(20, 90),
    steps=st.integers(6, 24),
    pairs=st.integers(1, 2),
)


@settings(max_examples=6, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
@given(plan=PLANS, clips_at_once=st.integers(5, 40))
def test_the_whole_review_is_the_sum_of_the_single_ones(plan: Plan, clips_at_once: int) -> None:
    """Every cell is the same, the ledger's entries too, however the time is cut into stretches; again changes none."""
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        single, whole = bureau(Path(one), plan), bureau(Path(other), plan)
        with single.transaction() as session:
            REVIEWER.conclude(session, everything(session), MACHINE, NOW)
            expected = cells(session)
        with whole.transaction() as session:
            review(session, clips_at_once).run()
            assert cells(session) == expected
        with whole.transaction() as session:
            review(session, clips_at_once).run()
            assert cells(session) == expected
        single.close()
        whole.close()


def review(session: Session, clips_at_once: int = 40_000, processes: int = 0) -> WholeReview:
    """Return the whole review, to be run."""
    roster = REVIEWER._roster.current(session)
    return WholeReview(session, PACK, roster, MACHINE, NOW, (), processes, clips_at_once)


@settings(max_examples=4, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
@given(plan=PLANS, order=st.integers(0, 1000))
def test_single_reviews_in_any_order_end_where_the_whole_one_does(plan: Plan, order: int) -> None:
    """Clip by clip and case by case, in any order; and what the whole one then finds is nothing new."""
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        single, whole = bureau(Path(one), plan), bureau(Path(other), plan)
        with whole.transaction() as session:
            REVIEWER.conclude(session, Scope(everything=True), MACHINE, NOW)
            expected = standing(session)
        with single.transaction() as session:
            for scope in scopes(everything(session), Random(order)):
                REVIEWER.conclude(session, scope, MACHINE, NOW)
            session.flush()
            assert standing(session) == expected
            before = cells(session)
            REVIEWER.conclude(session, Scope(everything=True), MACHINE, NOW)
            assert cells(session) == before
        single.close()
        whole.close()


@settings(max_examples=8, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
@given(plan=PLANS, seed=st.integers(0, 10_000), clips_at_once=st.integers(5, 40))
def test_the_whole_review_agrees_on_rough_records(plan: Plan, seed: int, clips_at_once: int) -> None:
    """Nobody's clips, long ones, wrong clocks, what people hung and refused, attached files: every cell is the same.

    Once from nothing, and once more after life has changed what was reviewed.
    """
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        single, whole = bureau(Path(one), plan), bureau(Path(other), plan)
        for time in range(2):
            with single.transaction() as session:
                roughen(session, Random(seed + time), PACK, cameras=not time)
                REVIEWER.conclude(session, everything(session), MACHINE, NOW)
                expected = cells(session)
            with whole.transaction() as session:
                roughen(session, Random(seed + time), PACK, cameras=not time)
                review(session, clips_at_once).run()
                assert cells(session) == expected
        single.close()
        whole.close()


def scopes(all_of: Scope, rng: Random) -> list[Scope]:
    """Return a scope for every clip, camera and case, in some order."""
    found = [Scope(clips=frozenset({one})) for one in sorted(all_of.clips)]
    found += [Scope(cases=frozenset({one})) for one in sorted(all_of.cases)]
    found += [Scope(devices=frozenset({one})) for one in sorted(all_of.devices)]
    rng.shuffle(found)
    return found


def test_a_large_scope_is_reviewed_with_all_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What many cases would cost one by one decides; few never ask how large the register is."""
    register = bureau(tmp_path, Plan(5, 60, 16, 2))
    with register.transaction() as session:
        assert not is_sooner_at_once(session, 1, 1)
        assert is_sooner_at_once(session, 10_000, 0)
        assert is_sooner_at_once(session, 0, 500)
        monkeypatch.setattr("index.review.CLIP_AMONG_ALL_MS", 1000.0)
        assert not is_sooner_at_once(session, 0, 500)
    register.close()


@pytest.mark.parametrize("processes", [1, 2])
def test_workers_say_what_one_process_says(tmp_path: Path, processes: int) -> None:
    """With worker processes the same rows are written."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plan = Plan(3, 60, 16, 2)
    alone, shared = bureau(tmp_path / "a", plan), bureau(tmp_path / "b", plan)
    with alone.transaction() as session:
        review(session).run()
        expected = cells(session)
    with shared.transaction() as session:
        review(session, 20, processes).run()
        assert cells(session) == expected
    alone.close()
    shared.close()
