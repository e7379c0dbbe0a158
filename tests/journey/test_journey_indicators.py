"""From imported records to the sheets for the assessment: command, workbook, paper, and the same after a rebuild."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook

from dashboard.texts import Texts
from tests.support.cli import json_lines, run_cli

OFFICERS = "officer_id,name,unit\nE1,张晓峰,执法大队\nE2,阿依努尔,执法大队\n"
CASES = """case_no,title,matter_type,unit,opened_at
C1+1,带加号的案号,处罚,执法大队,2026-10-08 09:00
B,无单位,处罚,,2026-10-09 09:00
"""
STEPS = """case_no,step_no,procedure,started_at,ended_at,officers
C1+1,1,SITE_CHECK,2026-10-08 10:00,2026-10-08 10:30,E1;E2
C1+1,2,SEIZE,2026-10-31 23:59,2026-11-01 00:20,E1;E2
B,1,SITE_CHECK,2026-11-01 00:00,2026-11-01 00:30,E1
"""


@pytest.fixture(name="home", scope="module")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with two cases whose steps nobody recorded."""
    home = tmp_path_factory.mktemp("bureau") / "home"
    for kind, rows in (("officers", OFFICERS), ("cases", CASES), ("steps", STEPS)):
        file = home.parent / f"{kind}.csv"
        file.write_text(rows, "utf-8")
        done = run_cli(home, "import", kind, str(file))
        assert done.returncode == 0, done.stderr
    return home


def figures(home: Path, *words: str) -> dict[str, object]:
    """Return what the command prints as JSON, but for when it was counted."""
    done = run_cli(home, "indicators", *words, "--json")
    assert done.returncode == 0, done.stderr
    [found] = json_lines(done)
    body = found["indicators"]
    assert isinstance(body, dict)
    return {name: value for name, value in body.items() if name not in {"counted_at", "checkpoint"}}


def figure(found: dict[str, object], code: str, unit: str | None = None) -> tuple[object, object]:
    """Return numerator and denominator of an indicator, whole or of a unit."""
    rows = found["figures"]
    assert isinstance(rows, list)
    [row] = [one for one in rows if (one["indicator"], one["unit"], one["procedure"]) == (code, unit, None)]
    return row["numerator"], row["denominator"]


def test_months_are_counted_by_unit(home: Path) -> None:
    """The step at a minute to midnight is October's, the one at midnight November's and of its officer's unit."""
    october, november = figures(home, "--month", "2026-10"), figures(home, "--month", "2026-11")
    assert figure(october, "coverage", "执法大队") == (0, 2)
    assert figure(october, "recorded_time") == (0.0, 51 * 60.0)
    assert figure(november, "coverage", "执法大队") == (0, 1)
    assert figure(november, "two_officers") == (0, 1)
    both = figures(home, "--from", "2026-10", "--to", "2026-11")
    assert figure(both, "coverage") == (0, 3)
    assert figures(home, "--month", "2026-10", "--procedure", "SEIZE", "--unit", "执法大队")["figures"]


def test_an_empty_month_says_so(home: Path) -> None:
    """Nothing counts, nothing is shared, nothing fails."""
    assert figures(home, "--month", "2020-01")["figures"] == []
    done = run_cli(home, "indicators", "--month", "2020-01")
    assert (done.returncode, "–" in done.stdout) == (0, True)


@pytest.mark.parametrize(
    "words",
    [
        ("--month", "2026-13"),
        ("--month", "2026-10", "--from", "2026-09"),
        ("--from", "2026-11", "--to", "2026-10"),
        ("--procedure", "NONE_SUCH"),
    ],
)
def test_what_cannot_be_asked_is_refused(home: Path, words: tuple[str, ...]) -> None:
    """A slip is one sentence and exit code 2."""
    done = run_cli(home, "indicators", *words)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("evidock: ")


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_workbook_and_paper_are_opened_again(home: Path, tmp_path: Path, lang: str) -> None:
    """The sheets say what the JSON says, list what they count, and say by what they can be checked."""
    book, paper, texts = tmp_path / "f.xlsx", tmp_path / "f.pdf", Texts(lang)
    done = run_cli(home, "indicators", "--month", "2026-10", "--xlsx", str(book), "--pdf", str(paper), "--lang", lang)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    sheets = load_workbook(book)
    assert sheets.sheetnames == [texts.t(f"indicator.sheet_{name}") for name in ("figures", "definitions", "rows")]
    rows = [[cell.value for cell in row] for row in sheets.worksheets[0].iter_rows()]
    name = texts.t("indicator.coverage")
    assert [row[4:7] for row in rows if len(row) > 6 and row[0] == texts.t("indicator.whole") and row[3] == name] == [
        [0, 2, None]
    ]
    listed = [row for row in sheets.worksheets[2].iter_rows(values_only=True) if row[0] == name]
    assert sorted(str(row[4]) for row in listed) == ["C1+1/1", "C1+1/2"]
    kinds = {cell.data_type for sheet in sheets.worksheets for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    says = sheets.worksheets[1]["B2"].value
    assert says == texts.t("indicator.coverage.says")
    assert_paper(paper, texts)


def assert_paper(paper: Path, texts: Texts) -> None:
    """See that a paper has its head, its definitions and the Chinese font inside, on its long side."""
    program = shutil.which("pdftotext")
    if program is None:
        assert b"/FontFile" in paper.read_bytes()
        return
    told = subprocess.run([program, "-layout", str(paper), "-"], capture_output=True, check=True, timeout=60)
    text = told.stdout.decode().replace(" ", "").replace("\n", "")
    for wanted in ("2026-10", "执法大队", "2019-full-process-record@1", texts.t("indicator.checkpoint")):
        assert wanted.replace(" ", "") in text
    assert texts.t("time.beijing").replace(" ", "") in text
    fonts = subprocess.run(["pdffonts", str(paper)], capture_output=True, check=True, timeout=60).stdout.decode()
    assert all(line.split()[-5] == "yes" for line in fonts.splitlines()[2:])
    size = subprocess.run(["pdfinfo", str(paper)], capture_output=True, check=True, timeout=60).stdout.decode()
    assert "841.89 x 595.28" in size


def test_a_rebuilt_register_counts_the_same(home: Path) -> None:
    """Figures come from the vault alone."""
    before = figures(home, "--from", "2026-10", "--to", "2026-11")
    assert run_cli(home, "rebuild").returncode == 0
    assert figures(home, "--from", "2026-10", "--to", "2026-11") == before


def test_what_is_open_before_filing(home: Path) -> None:
    """Open findings, missing records and the running limit of the seizure; exit 1, and 0 for a case with nothing."""
    done = run_cli(home, "before-filing", "C1+1", "--json")
    assert done.returncode == 1, done.stderr
    [found] = json_lines(done)
    body = found["before_filing"]
    assert isinstance(body, dict)
    assert {one["kind"] for one in body["findings"]} >= {"NO_AV"}
    assert [one["limit"] for one in body["limits"]] == ["SEIZURE_END"]
    assert body["documents"]
    assert body["open"] == sum(len(value) for value in body.values() if isinstance(value, list))
    table = run_cli(home, "before-filing", "C1+1")
    assert (table.returncode, Texts().t("filing.limits") in table.stdout) == (1, True)
    missing = run_cli(home, "before-filing", "no such case")
    assert missing.returncode == 51
    assert json.loads(done.stdout)
