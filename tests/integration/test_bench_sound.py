"""The bench of sound measures what it says, on one scene."""

from pathlib import Path

from tests.bench.sound import run


def test_bench_measures_and_cleans_up(tmp_path: Path) -> None:
    """Each figure has value, unit, bar and verdict, the bars hold on a small matrix, and nothing is left behind."""
    figures = run(tmp_path, scenes=1, codecs=("aac", "alaw"))
    assert set(figures) == {
        "sound_found",
        "sound_worst_error",
        "sound_median_error",
        "sound_wrong_accepted",
        "sound_cpu",
    }
    for figure in figures.values():
        assert set(figure) == {"value", "unit", "bar", "ok"}
        assert figure["ok"]
    assert list(tmp_path.iterdir()) == []
