"""A case that could not wait, through the command line alone: begun, filmed, numbered, made again, handed over."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import json_lines, run_cli

OFFICIAL = "环罚〔2026〕17号"
RECORDS = {
    "officers": "officer_id,name,unit,valid_from,valid_to,short_codes\nZF1,甲,大队,,,XX0001\nZF2,乙,大队,,,XX0002\n",
    "devices": "device_id,model,profile,unit,serial\nAB00001,DSJ,gat-device-officer,大队,\n",
    "assignments": "device_id,officer_id,from,to\nAB00001,ZF1,2026-11-20 08:00,2026-11-20 18:00\n",
}
STEPS = "case_no,step_no,procedure,started_at,ended_at,officers\n"


def done(home: Path, *words: str, code: int = 0) -> dict[str, object]:
    """Run a command that prints JSON and return its object."""
    ran = run_cli(home, *words, "--json")
    assert ran.returncode == code, ran.stdout + ran.stderr
    return json_lines(ran)[0]


def imported(home: Path, noun: str, text: str) -> None:
    """Import a file."""
    file = home.parent / f"{noun}.csv"
    file.write_text(text, encoding="utf-8")
    done(home, "import", noun, str(file))


def listed(home: Path, noun: str, *words: str, code: int = 0) -> list[dict[str, object]]:
    """Return what a listing command lists."""
    rows = done(home, noun, *words, code=code)[noun]
    assert isinstance(rows, list)
    return rows


@pytest.fixture(scope="module", name="told")
def _told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, list[dict[str, object]]]:
    """A home, the provisional number of its case, and the findings of the case before it was numbered."""
    home = tmp_path_factory.mktemp("urgent") / "home"
    for noun, text in RECORDS.items():
        imported(home, noun, text)
    words = ("--provisional", "--unit", "大队", "--urgent-at", "2026-11-20 09:20", "--reason", "来不及报批")
    case = done(home, "open-case", "夜间偷排", *words)["case"]
    assert isinstance(case, dict)
    first = str(case["case_no"])
    imported(home, "steps", f"{STEPS}{first},1,SITE_CHECK,2026-11-20 09:30:00,2026-11-20 09:30:10,ZF1;ZF2\n")
    clip = home.parent / "AB00001_XX0001_20261120092950_0001.mp4"
    made = "-f lavfi -i testsrc2=size=160x120:rate=5:duration=40 -f lavfi -i sine=duration=40 -pix_fmt yuv420p"
    subprocess.run(["ffmpeg", "-v", "error", *made.split(), str(clip)], check=True)
    assert run_cli(home, "take-in", str(clip)).returncode == 0
    before = listed(home, "findings", "--case", first, code=1)
    assert [one["case_no"] for one in listed(home, "cases", "--provisional")] == [first]
    imported(home, "steps", f"{STEPS}{OFFICIAL},2,SEIZE,2026-11-20 10:30:00,2026-11-20 10:40:00,ZF1;ZF2\n")
    done(home, "number-case", first, OFFICIAL, "--approved-at", "2026-11-20 20:00", "--reason", "已立案")
    return home, first, before


def test_what_is_not_reported_in_a_day_is_found(told: tuple[Path, str, list[dict[str, object]]]) -> None:
    """Before its approval was known the case was late under article 6; with the approval in time it is not."""
    home, _, before = told
    [late] = [one for one in before if one["kind"] == "CASE_LATE_REPORT"]
    assert (late["article"], late["step_no"]) == ("6", None)
    now = listed(home, "findings", "--case", OFFICIAL, "--all", code=1)
    assert [one["state"] for one in now if one["finding_id"] == late["finding_id"]] == ["resolved"]


def test_both_numbers_mean_the_case(told: tuple[Path, str, list[dict[str, object]]]) -> None:
    """Lists by either number are the same; the finding ids of before are still there; tables show the official one."""
    home, first, before = told
    for noun, code in (("clips", 0), ("steps", 0), ("findings", 1)):
        assert listed(home, noun, "--case", OFFICIAL, code=code) == listed(home, noun, "--case", first, code=code) != []
    kept = {str(one["finding_id"]) for one in listed(home, "findings", "--case", OFFICIAL, "--all", code=1)}
    assert {str(one["finding_id"]) for one in before} <= kept
    assert [(one["case_no"], one["step_no"]) for one in listed(home, "steps")] == [(first, "1"), (first, "2")]
    assert f"{OFFICIAL}/1" in run_cli(home, "steps", "--lang", "en").stdout.replace("\n", "")
    assert "formerly" in run_cli(home, "cases", "--lang", "en").stdout
    assert listed(home, "cases", "--provisional") == []


def test_another_number_is_refused_in_a_sentence(told: tuple[Path, str, list[dict[str, object]]]) -> None:
    """It ends with 2, and says what stands in the way."""
    home, first, _ = told
    again = run_cli(home, "number-case", first, "别的号", "--reason", "误填")
    assert again.returncode == 2
    assert f"has the official number {OFFICIAL} already" in again.stderr
    assert run_cli(home, "open-case", "案", "--reason", "急").returncode == 2


def test_the_register_made_again_and_the_pack_know_both(
    told: tuple[Path, str, list[dict[str, object]]], tmp_path: Path
) -> None:
    """The vault alone gives the same register; the pack proves itself and carries both numbers."""
    home, first, _ = told
    assert run_cli(home, "verify", "--deep").returncode == 0
    before = [listed(home, "cases"), listed(home, "steps"), listed(home, "clips")]
    assert run_cli(home, "rebuild").returncode == 0
    assert [listed(home, "cases"), listed(home, "steps"), listed(home, "clips")] == before
    out = tmp_path / "packs"
    assert run_cli(home, "export", OFFICIAL, "--to", str(out), "--reason", "移送").returncode == 0
    [pack] = out.iterdir()
    case = json.loads((pack / "data" / "pack.json").read_text("utf-8"))["case"]
    assert (case["case_no"], case["official_no"]) == (first, OFFICIAL)
    for name in ("README.txt", "bag-info.txt"):
        text = (pack / name).read_text("utf-8")
        assert OFFICIAL in text, name
        assert first in text, name
    assert subprocess.run([sys.executable, "verify.py"], cwd=pack, check=False).returncode == 0
