"""From a doubtful clip to a person's word, and from a moment to the pack's chapters, through the command line alone."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import json_lines, run_cli

DAY = "2026-11-20"
RECORDS = {
    "officers": (
        "officer_id,name,unit,valid_from,valid_to,short_codes\n"
        "ZF1,甲,大队,,,XX0001\nZF2,乙,大队,,,XX0002\nZF3,丙,大队,,,XX0003\n"
    ),
    "devices": (
        "device_id,model,profile,unit,serial\nAB00001,DSJ,gat-device-officer,大队,\nAB00003,DSJ,gat-device-officer,大队,\n"
    ),
    "assignments": (
        f"device_id,officer_id,from,to\nAB00001,ZF1,{DAY} 08:00,{DAY} 18:00\nAB00003,ZF3,{DAY} 08:00,{DAY} 18:00\n"
    ),
    "cases": "case_no,title,matter_type,unit,opened_at\nHJ-1,案,检查,大队,2026-11-20 09:00\n",
    "steps": (
        "case_no,step_no,procedure,started_at,ended_at,place,officers,party\n"
        f"HJ-1,1,SITE_CHECK,{DAY} 09:30:00,{DAY} 09:30:10,厂区,ZF1;ZF2,某厂\n"
    ),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with records, a clip of an officer of the step, and one of a colleague who is not in the record."""
    folder = tmp_path_factory.mktemp("linking")
    for noun, text in RECORDS.items():
        file = folder / f"{noun}.csv"
        file.write_text(text, encoding="utf-8")
        done = run_cli(folder / "home", "import", noun, str(file), "--json")
        assert done.returncode == 0, done.stdout + done.stderr
    clips = [folder / f"AB0000{n}_XX000{n}_20261120092950_0001.mp4" for n in (1, 3)]
    for number, clip in enumerate(clips):
        words = f"-f lavfi -i testsrc2=size=160x120:rate=5:duration={40 + number} -pix_fmt yuv420p"
        subprocess.run(["ffmpeg", "-v", "error", *words.split(), str(clip)], check=True)
    taken = run_cli(folder / "home", "take-in", *map(str, clips), "--json")
    assert taken.returncode == 0, taken.stderr
    return folder / "home"


def listed(home: Path, noun: str, *words: str) -> list[dict[str, object]]:
    """Return what ``evidock NOUN --json`` lists."""
    [body] = json_lines(run_cli(home, noun, "--json", *words))
    rows = body[noun]
    assert isinstance(rows, list)
    return rows


def ok(home: Path, *words: str) -> str:
    """Run a command that must do as it is told; return what it said."""
    done = run_cli(home, *words)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_a_link_says_its_score_and_a_colleague_waits(home: Path) -> None:
    """The officer of the record is linked with a score; the colleague's clip is a question, explained in words."""
    [link] = [link for clip in listed(home, "clips") for link in clip["links"]]  # type: ignore[attr-defined]
    assert (link["score"] > 0.9, link["human"]) == (True, False)
    [waiting] = listed(home, "suggestions", "--lang", "en")
    assert (waiting["ground"], waiting["case_no"], waiting["step_no"]) == ("unit", "HJ-1", "1")
    why = " ".join(map(str, waiting["why"]))  # type: ignore[call-overload]
    assert "same unit" in why
    assert "overlap" in why
    assert run_cli(home, "suggestions").returncode == 1
    assert listed(home, "suggestions", "--min-score", "0.5") == []


def test_a_refusal_stays_until_the_record_changes(home: Path, tmp_path: Path) -> None:
    """Refused it is gone, also after a review; the record's correction brings it back as a question."""
    [waiting] = listed(home, "suggestions")
    clip = str(waiting["sha256"])
    assert run_cli(home, "refuse-link", clip, "HJ-1/1").returncode == 2
    ok(home, "refuse-link", clip, "HJ-1/1", "--actor", "甲", "--reason", "在别处")
    assert run_cli(home, "refuse-link", clip, "HJ-1/1", "--actor", "甲", "--reason", "在别处").returncode == 51
    run_cli(home, "review")
    assert listed(home, "suggestions") == []
    file = tmp_path / "steps.csv"
    file.write_text(RECORDS["steps"].replace("ZF1;ZF2", "ZF1;ZF2;ZF3"), encoding="utf-8")
    ok(home, "import", "steps", str(file), "--json")
    [back] = listed(home, "suggestions", "--lang", "en")
    assert back["ground"] == "changed"
    assert "now ZF1, ZF2, ZF3" in " ".join(map(str, back["why"]))  # type: ignore[call-overload]


def test_what_is_suggested_is_confirmed_in_one_act(home: Path) -> None:
    """All or nothing, with one reason; a link of that person with the score it had, and a sealed decision."""
    assert run_cli(home, "link", "--suggested", "abcdef", "HJ-1/1", "--reason", "x").returncode == 2
    assert run_cli(home, "link", "--suggested", "--reason", "").returncode == 2
    said = ok(home, "link", "--suggested", "--case", "HJ-1", "--actor", "乙", "--reason", "同车", "--lang", "en")
    assert "1 link(s) confirmed" in said
    links = [link for clip in listed(home, "clips") for link in clip["links"]]  # type: ignore[attr-defined]
    assert sorted((link["human"], link["by"]) for link in links) == [(False, "system"), (True, "乙")]
    assert all(link["score"] for link in links)
    assert listed(home, "suggestions") == []
    records = sorted((home / "vault" / "records" / "decisions").iterdir())
    assert [json.loads(record.read_bytes())["decision"] for record in records] == ["refuse_link", "link"]


def test_marks_are_set_listed_withdrawn_and_exported(home: Path, tmp_path: Path) -> None:
    """By template and freely; counted, on the real clock; the pack has JSON, CSV and chapters, and holds."""
    assert "SAMPLING_POINT" in {str(one["template"]) for one in templates(home)}
    clip = next(str(row["sha256"]) for row in listed(home, "clips") if row["officer_id"] == "ZF1")
    ok(home, "mark", clip, "0:12", "ID_SHOWN", "--actor", "丙", "--note", "双方出示")
    ok(home, "mark", clip, "20.5", "SAMPLING_POINT", "--actor", "丙")
    ok(home, "mark", clip, "25", "SAMPLING_POINT", "--actor", "丙")
    ok(home, "mark", clip, "30", "--text", "排污口", "--actor", "丙")
    assert run_cli(home, "mark", clip, "900", "ID_SHOWN").returncode == 2
    rows = listed(home, "marks", "--case", "HJ-1")
    assert [(row["template"], row["number"], row["at_s"]) for row in rows] == [
        ("ID_SHOWN", 0, 12.0),
        ("SAMPLING_POINT", 1, 20.5),
        ("SAMPLING_POINT", 2, 25.0),
        ("", 0, 30.0),
    ]
    assert rows[0]["real_at"] == "2026-11-20T01:30:02Z"
    ok(home, "mark", "--withdraw", str(rows[2]["marker_id"]), "--actor", "甲", "--reason", "同一点")
    assert len(listed(home, "marks", "--clip", clip)) == 3
    assert len(listed(home, "marks", "--all")) == 4
    [made] = json_lines(run_cli(home, "export", "HJ-1", "--to", str(tmp_path), "--reason", "移送", "--json"))
    pack = Path(made["export"]["path"])  # type: ignore[index]
    marks = json.loads((pack / "data/records/marks.json").read_bytes())["marks"]
    assert [mark["withdrawn_by"] for mark in marks] == ["", "", "甲", ""]
    with (pack / "data/records/marks.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["template"] for row in csv.DictReader(file)] == [mark["template"] for mark in marks]
    [vtt] = (pack / "data/records/chapters").iterdir()
    assert vtt.read_text("utf-8").count("-->") == 3
    checked = subprocess.run([sys.executable, str(pack / "verify.py")], check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_all_of_it_comes_back_from_the_vault(home: Path) -> None:
    """The register made again says the same, and the deep check finds no difference."""
    before = [listed(home, noun, *more) for noun, *more in (("clips",), ("suggestions",), ("marks", "--all"))]
    ok(home, "rebuild")
    assert [listed(home, noun, *more) for noun, *more in (("clips",), ("suggestions",), ("marks", "--all"))] == before
    assert run_cli(home, "verify", "--deep").returncode == 0


def templates(home: Path) -> list[dict[str, object]]:
    """Return the templates of the law pack."""
    [body] = json_lines(run_cli(home, "marks", "--templates", "--json"))
    rows = body["templates"]
    assert isinstance(rows, list)
    return rows
