"""The bench of the clock judgement measures what it says it does, on a small scale."""

import pytest

from tests.bench import clock
from tests.support.fleet import make_fleet

pytest.importorskip("evidence.clock.judgement", reason="the judgement over whole cameras is not part of this tree")


def test_every_clip_of_a_fleet_is_scored() -> None:
    """Each clip is judged and counted once, and so is each planted fault."""
    fleet = make_fleet(1, cameras=6, days=10)
    total = clock.score_fleet(1, cameras=6, days=10)
    assert total.every.clips == len(fleet.clips)
    assert total.resets + total.resets_undecidable == len(fleet.resets)
    assert total.shifts + total.hands == len(fleet.shifts)


def test_plain_files_are_timed() -> None:
    """The time of judging is counted, not that of making the files up."""
    assert clock.judge_seconds(1, 300) > 0


def test_the_table_has_its_bars() -> None:
    """Six figures have a bar; they come from two processes, and everything else explains them."""
    figures = clock.run(seeds=1, cameras=6, days=8, big=200)
    bars = {name for name, figure in figures.items() if figure["bar"] is not None}
    assert bars == {
        *("true_start_inside", "median_width_docked_daily", "systematic_shifts_proposed"),
        *("wrong_corrections", "resets_right", "judged_200_s"),
    }
