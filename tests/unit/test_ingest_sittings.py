"""Sittings of a step, out of one cell."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evidence.spans import Span
from ingest.records import Noun, RowsRefusedError, read_rows

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SITTINGS = (Span(NINE, NINE + HOUR), Span(NINE + DAY, NINE + DAY + 2 * HOUR))
HEAD = "case_no,step_no,procedure,started_at,ended_at,sittings\n"
ROW = "C,1,SITE_CHECK,2026-03-02 09:00,2026-03-03 11:00,"


def written(folder: Path, cell: str) -> Path:
    """Write a file with one step whose sittings are this cell."""
    file = folder / "steps.csv"
    file.write_text(f"{HEAD}{ROW}{cell}\n", "utf-8")
    return file


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-02 09:00~10:00;2026-03-03 09:00~11:00",
        "2026年3月2日9时0分至2026年3月2日10时0分；2026-03-03 09:00～11:00",
    ],
)
def test_sittings_are_read_as_people_write_them(tmp_path: Path, cell: str) -> None:
    """An end may be a time of day alone; both kinds of separators will do."""
    (step,) = read_rows(written(tmp_path, cell), Noun.STEPS).records
    assert step.sittings == SITTINGS


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2026-03-02 09:00", "import.sitting_unreadable"),
        ("2026-03-02 10:00~09:00", "import.sitting_unreadable"),
        ("2026-03-02~2026-03-03", "import.sitting_unreadable"),
        ("2026-03-02 08:00~10:00", "import.sittings_outside"),
        ("2026-03-03 09:00~10:00;2026-03-02 09:00~10:00", "import.sittings_outside"),
        ("2026-03-02 09:00~11:00;2026-03-02 10:00~12:00", "import.sittings_outside"),
    ],
)
def test_wrong_sittings_are_refused(tmp_path: Path, cell: str, code: str) -> None:
    """What is no stretch, lies outside the step, is out of order or overlaps is named with line and column."""
    with pytest.raises(RowsRefusedError) as caught:
        read_rows(written(tmp_path, cell), Noun.STEPS)
    (said,) = [one for one in caught.value.verdicts if one.what.code == code]
    assert (said.line, said.column) == (2, "sittings")
