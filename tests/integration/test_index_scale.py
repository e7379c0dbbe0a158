"""One new clip among 20,000 costs as much as one among a few; lists use their indexes."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from evidence.claims import OfficerSource
from evidence.clips import ClipState, Kind, Playable
from evidence.clock import ClockVerdict
from evidence.ids import DeviceId
from evidence.views import ClipFilter
from index import schema
from index.columns import to_us
from index.sounds import SoundRegister
from tests.support.index import EVENING, NINE, World, at, digest_of, step

CLIPS, STEPS = 20_000, 1_000


@pytest.fixture(name="world", scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(Path(tmp_path_factory.mktemp("scale")))
    world.staff()
    with world.transaction() as tx:
        names = [f"bulk {number}" for number in range(CLIPS)]
        originals = [{"digest": digest_of(name), "size_bytes": 1, "received_at": EVENING} for name in names]
        tx.execute(sa.insert(schema.Original), originals)
        tx.execute(sa.insert(schema.Clip), [clip_values(number) for number in range(CLIPS)])
        steps = [step(f"C{n}", window=(-60 * 24 * n - 1000, -60 * 24 * n - 970)) for n in range(STEPS)]
        world.catalogue.put_steps(tx, steps)
    yield world
    world.close()


def clip_values(number: int) -> dict[str, object]:
    """Return one of many judged clips of one camera, half an hour apart, backwards from nine."""
    start = NINE - timedelta(minutes=30 * (number + 100))
    end = start + timedelta(minutes=15)
    return {
        "digest": digest_of(f"bulk {number}"),
        "size_bytes": 1,
        "kind": Kind.VIDEO,
        "state": ClipState.REVIEWED,
        "playable": Playable.ORIGINAL,
        "received_at": EVENING,
        "last_received_at": EVENING,
        "station": "A",
        "source_path": f"{number}.mp4",
        "device_id": "D1",
        "officer_id": "E1",
        "officer_source": OfficerSource.ASSIGNMENT,
        "sequence": CLIPS - number,
        "important": False,
        "disagreements": (),
        "sort_us": to_us(start),
        "span_start": start,
        "span_end": end,
        "uncertainty_s": 2.0,
        "verdict": ClockVerdict.TRUSTED,
        "rules": (),
        "reach_start": start,
        "reach_end": end,
        "reach_class": 0,
        "duration_s": 900.0,
        "has_video": True,
        "has_audio": True,
        "damaged": False,
        "linked": True,
    }


def test_one_new_clip_touches_only_its_own_candidates(world: World) -> None:
    """Beside 20,000 clips of the same camera and 1,000 steps of the same officer: few rows are even read."""
    world.steps(step("NEW"))
    fetched: list[int] = []
    asked: list[str] = []
    sa.event.listen(world.register.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    sa.event.listen(schema.Clip, "load", lambda *_: fetched.append(1))
    sa.event.listen(schema.StepRow, "load", lambda *_: fetched.append(1))
    began = time.process_time()
    digest = world.clip("new", (0, 30), sequence=CLIPS + 1)
    took_s = time.process_time() - began
    assert world.links() == {(digest, "NEW", "1")}
    assert len(asked) < 160  # the file of the case is audited, too
    assert len(fetched) < 40
    assert took_s < 1.0


def test_partners_by_sound_are_found_by_their_links(world: World) -> None:
    """Beside 20,000 clips, those that hang on a clip's own steps are read and no others."""
    world.steps(step("HEARD", window=(100, 130), officers=("E1", "E2")))
    one, other = world.clip("one", (100, 130), sequence=CLIPS + 2), world.clip("beside", (103, 120), device="SN-TWO")
    with world.transaction() as tx:
        while SoundRegister().newly_linked(tx, 1000):
            pass
        fetched: list[int] = []
        sa.event.listen(schema.Clip, "load", lambda *_: fetched.append(1))
        [(a, b, _)] = SoundRegister().wanted(tx, one)
    assert {a, b} == {one, other}
    assert len(fetched) < 10


def test_a_page_of_clips_is_read_by_index(world: World) -> None:
    """No list of the pages sorts the table."""
    wanted = {
        "all": ClipFilter(),
        "device": ClipFilter(device_id=DeviceId("D1")),
        "state": ClipFilter(state=ClipState.REVIEWED),
        "kind": ClipFilter(kind=Kind.VIDEO),
    }
    for name, one in wanted.items():
        plan = plan_of(world, one)
        assert "USING INDEX" in plan, name
        assert "TEMP B-TREE" not in plan, name


def plan_of(world: World, wanted: ClipFilter) -> str:
    """Return how SQLite reads a list of clips."""
    from index.filters import CLIP_ORDER, clip_conditions

    listed = sa.select(schema.Clip.digest, schema.Clip.size_bytes).where(*clip_conditions(wanted)).order_by(*CLIP_ORDER)
    compiled = listed.limit(100).compile(world.register.reader, compile_kwargs={"literal_binds": True})
    with world.register.reading() as session:
        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")
        return " ".join(str(row[-1]) for row in rows)


def test_clips_near_a_step_are_found_by_time(world: World) -> None:
    """A late case among 20,000 clips reads the few in its time."""
    fetched: list[int] = []
    sa.event.listen(schema.Clip, "load", lambda *_: fetched.append(1))
    world.steps(step("LATE", window=(-60 * 24 * 100, -60 * 24 * 100 + 30)))
    assert {case_no for _, case_no, _ in world.links()} >= {"LATE"}
    assert len(fetched) < 40
    assert at(0) == NINE
