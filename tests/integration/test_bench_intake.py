"""The bench of intake measures what it says, on a small file."""

from pathlib import Path

from tests.bench.intake import run

MIB = 1 << 20


def test_bench_measures_and_cleans_up(tmp_path: Path) -> None:
    """Each figure has value, unit, bar and verdict; ratios are measured, not typed; nothing is left behind."""
    figures = run(8 * MIB, tmp_path, pairs=1)
    assert set(figures) == {"intake_cold_ratio", "intake_warm_ratio", "intake_rate", "cp_rate", "intake_peak_rss"}
    for figure in figures.values():
        assert set(figure) == {"value", "unit", "bar", "ok"}
        assert isinstance(figure["value"], float)
        assert figure["value"] > 0
    assert list(tmp_path.iterdir()) == []
