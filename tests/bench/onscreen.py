"""How many generated overlays are read right to the second, how many wrong ones are believed, and what a clip costs.

The whole matrix: six styles, English and Chinese, day and night, 480p to 1080p, noisy and cheaply encoded.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from evidence.claims import Claims
from tests.support.overlays import Overlay, make_overlay, overlays
from transcode.onscreen import OnscreenClock
from transcode.probe import FfprobeProber
from transcode.runner import Runner

READ_BAR_PCT = 95.0
SLACK_S = 0.06
MATRIX = 72

Figure = dict[str, object]


def run(count: int = MATRIX, folder: Path | None = None) -> dict[str, Figure]:
    """Read ``count`` overlays of the matrix made in ``folder`` (default: the current one), each removed after it."""
    outcomes = list(_read(overlays(count), folder or Path.cwd()))
    right = sum(read_right(overlay, claims) for overlay, claims, _ in outcomes)
    wrong = sum(read_wrong(overlay, claims) for overlay, claims, _ in outcomes)
    right_pct = 100 * right / len(outcomes)
    per_clip_s = sum(cpu_s for _, _, cpu_s in outcomes) / len(outcomes)
    return {
        "onscreen_right": {
            "value": round(right_pct, 1),
            "unit": "%",
            "bar": READ_BAR_PCT,
            "ok": right_pct >= READ_BAR_PCT,
        },
        "onscreen_wrong": {"value": wrong, "unit": "believed", "bar": 0, "ok": wrong == 0},
        "onscreen_per_clip": {"value": round(per_clip_s, 2), "unit": "s", "bar": None, "ok": True},
    }


def read_right(overlay: Overlay, claims: Claims) -> bool:
    """Whether the claimed bracket holds the moment the clip begins."""
    slack = timedelta(seconds=SLACK_S)
    return any(
        claim.at - slack <= overlay.start <= claim.at + timedelta(seconds=claim.precision_s) + slack
        for claim in claims.times
        if claim.at
    )


def read_wrong(overlay: Overlay, claims: Claims) -> bool:
    """Whether another moment is claimed."""
    return bool(claims.times) and not read_right(overlay, claims)


def _read(made: Sequence[Overlay], folder: Path) -> Iterator[tuple[Overlay, Claims, float]]:
    runner = Runner()
    prober, clock = FfprobeProber(runner), OnscreenClock(runner)
    for overlay in made:
        path = make_overlay(overlay, folder / "overlay.mp4")
        measured = prober.measure(path)
        began = time.perf_counter()
        claims, _ = clock.claims(path, measured)
        yield overlay, claims, time.perf_counter() - began
        path.unlink()


if __name__ == "__main__":
    for name, figure in run(folder=Path(sys.argv[1]) if len(sys.argv) > 1 else None).items():
        print(name, figure)
