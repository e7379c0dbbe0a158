"""How right the clock judgement is, on generated fleets whose true times are known, and how fast.

The fleets (`tests.support.fleet`) know nothing of the judgement. Rightness is counted over several of them; speed is
that of one million plain files, two processes side by side, without the time it takes to make them up.
"""

import multiprocessing
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.support.fleet import make_big, make_fleet
from tests.support.fleet_judge import judge_camera, outcomes_of, proposals_of, resets_of
from tests.support.fleet_score import Group, Score, finite, score

FIRST_SEED, SEEDS = 501, 5
"""Fleets that the rules were not worked out on: 1–5, 101–110, 201–210, 301–310, 401–410 and 600–640 were looked at."""

CAMERAS = 40
DAYS = 30
BIG = 1_000_000
PROCESSES = 2

INSIDE_BAR = 0.99
WIDTH_BAR_S = 5.0
RESETS_BAR = 0.99
SECONDS_BAR = 60.0

Figure = dict[str, object]


def run(
    folder: Path | None = None, *, seeds: int = SEEDS, cameras: int = CAMERAS, days: int = DAYS, big: int = BIG
) -> dict[str, Figure]:
    """Judge ``seeds`` fleets and ``big`` plain files; nothing is written to ``folder``."""
    del folder
    total = Score()
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        for one in pool.map(partial(score_fleet, cameras=cameras, days=days), range(FIRST_SEED, FIRST_SEED + seeds)):
            total.join(one)
        seconds = list(pool.map(partial(judge_seconds, clips=big // PROCESSES), range(1, PROCESSES + 1)))
    for line in total.missed:
        print(f"missed: {line}", file=sys.stderr)
    return {**figures_of(total), f"judged_{big // PROCESSES * PROCESSES}_s": at_most(max(seconds), SECONDS_BAR, "s")}


def score_fleet(seed: int, cameras: int = CAMERAS, days: int = DAYS) -> Score:
    """Make a fleet, judge it camera by camera, and score what is said."""
    fleet = make_fleet(seed, cameras=cameras, days=days)
    judged = {camera.device_id: judge_camera(camera) for camera in fleet.cameras()}
    outcomes = dict(outcome for one in judged.values() for outcome in outcomes_of(one))
    resets = [reset for one in judged.values() for reset in resets_of(one)]
    return score(fleet, outcomes, resets, proposals_of(fleet, judged))


def judge_seconds(seed: int, clips: int) -> float:
    """Return the seconds it takes to judge that many plain files, without making them up."""
    spent_s = 0.0
    for camera in make_big(seed, clips):
        began = time.perf_counter()
        judge_camera(camera)
        spent_s += time.perf_counter() - began
    return spent_s


def figures_of(total: Score) -> dict[str, Figure]:
    """Return the figures: those with a bar first, then what explains them, then each kind of fault."""
    return {
        "true_start_inside": at_least(total.every.inside_share, INSIDE_BAR, "of clips"),
        "median_width_docked_daily": at_most(total.daily.median_width_s, WIDTH_BAR_S, "s"),
        "systematic_shifts_proposed": at_least(share(total.shifts_proposed, total.shifts), 1.0, "of planted"),
        "wrong_corrections": at_most(total.wrong_corrections, 0, "clips"),
        "resets_right": at_least(share(total.resets_right, total.resets), RESETS_BAR, "of planted"),
        "true_start_inside_witnessed": plain(total.witnessed_inside_share, "of clips"),
        "clips": plain(total.every.clips, "clips"),
        "clips_docked_daily": plain(total.daily.clips, "clips"),
        "clips_without_bounds": plain(total.every.unbounded, "clips"),
        "resets_planted": plain(total.resets, "resets"),
        "resets_undecidable": plain(total.resets_undecidable, "resets"),
        "resets_untrue": plain(total.resets_untrue, "named"),
        "shifts_planted": plain(total.shifts, "shifts"),
        "hand_set_proposed": plain(share(total.hands_proposed, total.hands), f"of {total.hands}"),
        "proposals_unplanted": plain(total.proposals_unplanted, "proposals"),
        **dict(_by_fault(total)),
    }


def _by_fault(total: Score) -> Iterator[tuple[str, Figure]]:
    groups: dict[str, Group] = {str(fault): group for fault, group in total.by_fault.items()}
    for fault, group in (*sorted(groups.items()), ("unwitnessed", total.unwitnessed)):
        yield f"{fault}.clips", plain(group.clips, "clips")
        yield f"{fault}.inside", plain(group.inside_share, "of clips")
        yield f"{fault}.believed", plain(group.believed_share, "of clips")
        yield f"{fault}.wrong", plain(group.wrong, "clips")
        yield f"{fault}.median_width", plain(group.median_width_s, "s")


def share(part: int, whole: int) -> float:
    """Return a part of a whole; 1 of nothing."""
    return part / whole if whole else 1.0


def at_least(value: float, bar: float, unit: str) -> Figure:
    """Return a figure that must reach its bar."""
    return {"value": finite(value), "unit": unit, "bar": bar, "ok": value >= bar}


def at_most(value: float, bar: float, unit: str) -> Figure:
    """Return a figure that must not pass its bar."""
    return {"value": finite(value), "unit": unit, "bar": bar, "ok": value <= bar}


def plain(value: float, unit: str) -> Figure:
    """Return a figure that explains others."""
    return {"value": finite(value), "unit": unit, "bar": None, "ok": True}


if __name__ == "__main__":
    for name, figure in run().items():
        print(name, figure)
