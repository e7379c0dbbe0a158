"""From records to a finding to two people's decision, through the command line alone."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.cli import json_lines, run_cli

RECORDS = {
    "officers": "officer_id,name,unit,valid_from,valid_to,short_codes\nZF1,甲,大队,,,XX0001\nZF2,乙,大队,,,XX0002\n",
    "devices": "device_id,model,profile,unit,serial\nAB00001,DSJ,gat-device-officer,大队,\n",
    "assignments": "device_id,officer_id,from,to\nAB00001,ZF1,2026-11-20 08:00,2026-11-20 18:00\n",
    "cases": (
        "case_no,title,matter_type,unit,opened_at,concluded_at,confidentiality\nHJ-1,案,检查,大队,2026-11-20 09:00,,\n"
    ),
    "steps": (
        "case_no,step_no,procedure,started_at,ended_at,place,officers,party,unsuitable_reason\n"
        "HJ-1,1,SITE_CHECK,2026-11-20 09:30:00,2026-11-20 09:30:10,厂区,ZF1;ZF2,某厂,\n"
        "HJ-1,2,SEIZE,2026-11-20 10:30:00,2026-11-20 10:40:00,厂区,ZF1;ZF2,某厂,\n"
        "HJ-1,3,LEGAL_REVIEW,2026-11-20 11:30:00,2026-11-20 11:40:00,机关,ZF2,,\n"
    ),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with records and one clip that covers the first step."""
    folder = tmp_path_factory.mktemp("decide")
    for noun, text in RECORDS.items():
        file = folder / f"{noun}.csv"
        file.write_text(text, encoding="utf-8")
        done = run_cli(folder / "home", "import", noun, str(file), "--json")
        assert done.returncode == 0, done.stdout + done.stderr
    clip = folder / "AB00001_XX0001_20261120092950_0001.mp4"
    words = "-f lavfi -i testsrc2=size=160x120:rate=5:duration=40 -f lavfi -i sine=duration=40 -pix_fmt yuv420p"
    subprocess.run(["ffmpeg", "-v", "error", *words.split(), str(clip)], check=True)
    taken = run_cli(folder / "home", "take-in", str(clip), "--json")
    assert taken.returncode == 0, taken.stderr
    return folder / "home"


def listed(home: Path, noun: str, *words: str) -> list[dict[str, object]]:
    """Return what ``evidock NOUN --json`` lists."""
    [body] = json_lines(run_cli(home, noun, "--json", *words))
    rows = body[noun]
    assert isinstance(rows, list)
    return rows


def test_clip_hangs_on_the_step_it_covers_and_the_other_step_is_missing(home: Path) -> None:
    """The covered site check raises nothing; the seizure nobody recorded is NO_AV under article 13 with its words."""
    [clip] = listed(home, "clips")
    links = clip["links"]
    assert isinstance(links, list)
    assert [(link["case_no"], link["step_no"], link["human"]) for link in links] == [("HJ-1", "1", False)]
    assert (clip["officer_id"], clip["officer_source"], clip["clock"]) == ("ZF1", "assignment", "trusted")
    states = {str(step["step_no"]): step["state"] for step in listed(home, "steps")}
    assert states == {"1": "covered", "2": "missing", "3": "no_duty"}
    [finding] = [one for one in listed(home, "findings") if one["kind"] != "UPLOAD_LATE"]  # of days before this one
    assert (finding["kind"], finding["case_no"], finding["step_no"], finding["article"]) == ("NO_AV", "HJ-1", "2", "13")
    assert "同时进行音像记录" in str(finding["quote"])


def test_explanation_needs_a_second_person_and_stays_in_the_ledger(home: Path) -> None:
    """The claimant cannot approve alone; another can; the finding is explained, and both acts are sealed records."""
    [finding] = listed(home, "findings", "--kind", "NO_AV")
    name = str(finding["finding_id"])
    free = run_cli(home, "explain", name, "--actor", "甲", "--reason", "电池耗尽")
    assert (free.returncode, "BATTERY_EMPTY" in free.stderr) == (2, True)
    battery = ("--reason", "BATTERY_EMPTY", "--note", "连续执法四小时")
    assert run_cli(home, "explain", name, "--actor", "甲", *battery).returncode == 0
    alone = run_cli(home, "approve", name, "--actor", "甲", "--reason", "属实")
    assert alone.returncode == 2
    assert "another named person" in alone.stderr
    assert run_cli(home, "approve", name, "--actor", "乙", "--reason", "属实").returncode == 0
    [after] = [row for row in listed(home, "findings", "--all") if row["finding_id"] == name]
    assert (after["state"], after["decided_by"]) == ("explained", "乙")
    records = sorted((home / "vault" / "records" / "decisions").iterdir())
    assert [json.loads(record.read_bytes())["actor"] for record in records[:2]] == ["甲", "乙"]


def test_exemption_is_refused_where_the_article_allows_none(home: Path) -> None:
    """A seizure cannot be exempted: article 13 knows no unsuitable reason."""
    refused = run_cli(home, "exempt", "HJ-1/2", "--actor", "甲", "--reason", "UNSUITABLE_DANGER", "--note", "现场不便")
    assert refused.returncode == 2
    assert "13" in refused.stderr


def test_human_refusal_of_a_link_is_kept(home: Path) -> None:
    """A clip that a person took off a step is not linked there again by a later review."""
    [clip] = listed(home, "clips")
    digest = str(clip["sha256"])
    assert run_cli(home, "unlink", digest[:10], "HJ-1/1", "--actor", "乙", "--reason", "不是本案").returncode == 0
    run_cli(home, "review")
    [clip] = listed(home, "clips")
    assert clip["links"] == []
    assert run_cli(home, "link", digest[:10], "HJ-1/1", "--actor", "乙", "--reason", "看错了").returncode == 0
    [clip] = listed(home, "clips")
    links = clip["links"]
    assert isinstance(links, list)
    assert [(link["human"], link["by"]) for link in links] == [(True, "乙")]
    assert run_cli(home, "verify", "--deep").returncode == 0


def test_wrong_rows_are_refused_with_line_column_and_cure_and_nothing_is_imported(home: Path, tmp_path: Path) -> None:
    """One bad row refuses the whole file; the verdict names line, column and cure."""
    file = tmp_path / "steps.csv"
    good = "HJ-1,8,DECISION,2026-11-21 09:00,2026-11-21 09:10,机关,ZF1,,\n"
    bad = "HJ-1,9,NONSENSE,2026-11-21 10:00,2026-11-21 09:00,机关,ZF1,,\n"
    file.write_text(RECORDS["steps"].splitlines()[0] + "\n" + good + bad, encoding="utf-8")
    done = run_cli(home, "import", "steps", str(file), "--json", "--lang", "en")
    assert done.returncode == 23
    [body] = json_lines(done)
    verdicts = body["import"]
    assert isinstance(verdicts, dict)
    assert {(v["line"], v["column"]) for v in verdicts["verdicts"]} >= {(3, "procedure"), (3, "ended_at")}
    assert all(v["cure"] for v in verdicts["verdicts"])
    assert {str(step["step_no"]) for step in listed(home, "steps")} == {"1", "2", "3"}


def test_retry_says_what_is_wrong(home: Path) -> None:
    """Retrying a clip that has not failed, or one that is not there, is refused with the cure."""
    [clip] = listed(home, "clips")
    sound = run_cli(home, "retry", str(clip["sha256"]))
    assert (sound.returncode, "has not failed" in sound.stderr) == (2, True)
    absent = run_cli(home, "retry", "0123456789ab")
    assert absent.returncode == 51
