"""The bench of matching and audit measures what it says it does, on a small scale."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from config.law_packs import default_pack
from evidence.ports import Scope
from index import schema
from index.engine import Register, open_engine
from index.judging import judge_clips
from index.review import RegisterReviewer
from tests.bench import law
from tests.support.bureau import counts

SIZE = "400x40"


@pytest.fixture(name="register")
def _register(tmp_path: Path) -> Register:
    where = str(tmp_path / "register.sqlite")
    law.make(where, law.plan_of(SIZE), processes=1)
    return Register(open_engine(where))


def test_the_bureau_is_judged_as_it_will_be_judged(register: Register) -> None:
    """Judging the clips of the made-up register changes none of them: what is measured begins where judging ends."""
    with register.transaction() as session:
        roster = RegisterReviewer(default_pack())._roster.current(session)
        judged = judge_clips(session, set(session.scalars(sa.select(schema.Clip.digest))), roster)
        assert len(judged) == 400
        assert not [one for one in judged if one.moved]
        assert not session.dirty
    register.close()


def test_the_review_has_something_to_find(register: Register) -> None:
    """Most of the clips' kinds of fate are there: links, doubts, breaches, and footage of nothing."""
    with register.transaction() as session:
        RegisterReviewer(default_pack()).conclude(session, Scope(everything=True), law.MACHINE, law.NOW)
    with register.reading() as session:
        rows = counts(session)
        kinds = set(session.scalars(sa.select(schema.FindingRow.kind).distinct()))
    assert rows["clip"] == 400
    assert rows["step"] == 40
    assert rows["link"] > 40
    assert rows["doubt"] > 0
    assert {"CLOCK_SHIFT_SUSPECTED", "UNLINKED_FOOTAGE", "CLOCK_UNTRUSTED"} <= {kind.value for kind in kinds}
    register.close()


def test_figures_have_their_bars(tmp_path: Path) -> None:
    """Time, memory, one clip and one step have bars; the rest explains them."""
    where = str(tmp_path / "bench.sqlite")
    plan = law.plan_of(SIZE)
    law.make(where, plan, processes=1)
    figures = law.figures_of(where, plan)
    bars = {name for name, figure in figures.items() if figure["bar"] is not None}
    assert bars == {"from_nothing", "from_nothing_peak_rss", "new_clip_median", "new_step_median"}
    assert figures["clips"]["value"] == 400


@pytest.mark.parametrize("size", ["", "20000x2000"])
def test_a_size_is_two_numbers(size: str) -> None:
    """None given is the full one."""
    plan = law.plan_of(size)
    assert (plan.clips, plan.steps) in {(law.CLIPS, law.STEPS), (20_000, 2_000)}
    with pytest.raises(ValueError, match="invalid literal"):
        law.plan_of("many")
