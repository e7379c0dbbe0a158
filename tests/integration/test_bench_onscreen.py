"""The bench of on-screen clocks measures what it says, on one clip."""

import os
from pathlib import Path

import pytest

from tests.bench.onscreen import run
from transcode.onscreen_ocr import version

IN_CI = os.environ.get("CI", "").lower() in {"true", "1"}


@pytest.mark.skipif(not version() and not IN_CI, reason="the reader of on-screen clocks is not installed")
def test_bench_measures_and_cleans_up(tmp_path: Path) -> None:
    """Each figure has value, unit, bar and verdict; the share is counted, and nothing is left behind."""
    figures = run(1, tmp_path)
    assert set(figures) == {"onscreen_right", "onscreen_wrong", "onscreen_per_clip"}
    assert all(set(figure) == {"value", "unit", "bar", "ok"} for figure in figures.values())
    assert figures["onscreen_right"]["value"] == 100.0
    assert figures["onscreen_wrong"]["value"] == 0
    assert list(tmp_path.iterdir()) == []
