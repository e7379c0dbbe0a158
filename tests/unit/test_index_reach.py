"""Stretches of time in classes: the range search finds what overlaps, and nothing it should not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from evidence.ids import Digest
from evidence.notes import note
from evidence.spans import Span
from index import schema
from index.batches import batched
from index.columns import NotesColumn, SpansColumn, from_us, to_us
from index.filters import escaped
from index.reach import LONGEST, WIDTHS, overlapping, reach_class
from tests.support.index import NINE, World, step

minutes = st.integers(-600_000, 600_000)


@pytest.fixture(name="world", scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return a register whose steps have every class of length."""
    world = World(Path(tmp_path_factory.mktemp("reach")))
    lengths = [0.0, 15.0, 120.0, 960.0, 7200.0, 57_600.0, 576_000.0, 600_000.0]
    windows = [(start, start + length) for start in (-500_000.0, -20.0, 3000.0) for length in lengths]
    with world.transaction() as tx:
        world.catalogue.put_steps(tx, [step(step_no=str(n), window=window) for n, window in enumerate(windows)])
    yield world
    world.close()


@given(minutes, st.integers(0, 100_000))
def test_the_search_finds_exactly_what_shares_time(world: World, start: int, length: int) -> None:
    """Against every stretch looked at one by one, bounds included."""
    window = Span(NINE + timedelta(minutes=start), NINE + timedelta(minutes=start + length))
    row = schema.StepRow
    with world.register.reading() as session:
        condition = overlapping((row.reach_class, row.started_at, row.ended_at), window)
        found = set(session.scalars(sa.select(row.step_no).where(condition)))
        every = session.execute(sa.select(row.step_no, row.started_at, row.ended_at)).all()
    assert found == {name for name, begin, end in every if begin <= window.end and end >= window.start}


def test_each_width_is_the_last_of_its_class() -> None:
    """A stretch as long as a width belongs to it, a longer one to the next."""
    assert [reach_class(Span(NINE, NINE + width)) for width in WIDTHS] == list(range(LONGEST))
    assert reach_class(Span(NINE, NINE + WIDTHS[-1] + timedelta(seconds=1))) == LONGEST


@given(st.datetimes(timezones=st.just(NINE.tzinfo)))
def test_times_are_stored_exactly(moment: object) -> None:
    """Microseconds come back as they went in, whatever the year."""
    from datetime import datetime

    assert isinstance(moment, datetime)
    assert from_us(to_us(moment)) == moment


def test_a_time_without_a_zone_is_refused() -> None:
    """Nobody guesses a zone for the register."""
    with pytest.raises(ValueError, match="without a zone"):
        to_us(NINE.replace(tzinfo=None))


def test_notes_and_spans_come_back_as_they_were() -> None:
    """Times in notes and odd microseconds in spans survive."""
    odd = Span(NINE, NINE + timedelta(microseconds=1234567))
    assert SpansColumn().load(SpansColumn().store((odd,))) == (odd,)
    said = (note("clock.after_arrival", stated_at=NINE, offset_s=1.5, name="甲"),)
    assert NotesColumn().load(NotesColumn().store(said)) == said


def test_lists_are_cut_without_loss() -> None:
    """Every item once, in order; nothing for none."""
    assert [list(some) for some in batched(list("abcde"), 2)] == [["a", "b"], ["c", "d"], ["e"]]
    assert list(batched([Digest("a")][:0])) == []


def test_wildcards_in_a_search_stand_for_themselves() -> None:
    """Percent, underscore and backslash are looked for as they are."""
    assert escaped("50%_\\") == "50\\%\\_\\\\"
