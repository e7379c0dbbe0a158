"""A secret case through the command line: its footage is sealed and timed, and nothing else until it is open."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from tests.support.cli import json_lines, run_cli

CASES = (
    "case_no,title,matter_type,unit,opened_at,concluded_at,confidentiality\nHJ-1,案,检查,大队,2026-11-20 09:00,,{}\n"
)
STEPS = (
    "case_no,step_no,procedure,started_at,ended_at,place,officers,party,unsuitable_reason\n"
    "HJ-1,1,SITE_CHECK,2026-11-20 09:30:00,2026-11-20 09:30:10,厂区,ZF1,某厂,\n"
)
RECORDS = {
    "officers": "officer_id,name,unit,valid_from,valid_to,short_codes\nZF1,甲,大队,,,XX0001\n",
    "devices": "device_id,model,profile,unit,serial\nAB00001,DSJ,gat-device-officer,大队,\n",
    "assignments": "device_id,officer_id,from,to\nAB00001,ZF1,2026-11-20 08:00,2026-11-20 18:00\n",
    "cases": CASES.format("机密★20年"),
    "steps": STEPS,
}


def imports(folder: Path, noun: str, text: str) -> dict[str, object]:
    """Import a table; return what the command prints."""
    file = folder / f"{noun}.csv"
    file.write_text(text, encoding="utf-8")
    [done] = json_lines(run_cli(folder / "home", "import", noun, str(file), "--json"))
    said = done["import"]
    assert isinstance(said, dict)
    return said


def clip_now(home: Path) -> dict[str, object]:
    """Return the one clip."""
    [body] = json_lines(run_cli(home, "clips", "--json"))
    rows = body["clips"]
    assert isinstance(rows, list)
    [clip] = rows
    assert isinstance(clip, dict)
    return clip


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Path:
    """A home with a secret case and a clip of its site check, which no browser plays as it is."""
    for noun, text in RECORDS.items():
        assert "confidentiality" not in str(imports(tmp_path, noun, text)["verdicts"])
    clip = tmp_path / "AB00001_XX0001_20261120092950_0001.avi"
    words = "-f lavfi -i testsrc2=size=160x120:rate=5:duration=40 -f lavfi -i sine=duration=40 -c:v mjpeg"
    subprocess.run(["ffmpeg", "-v", "error", *words.split(), str(clip)], check=True)
    taken = run_cli(tmp_path / "home", "take-in", str(clip), "--json")
    assert taken.returncode == 1, taken.stderr
    return tmp_path / "home"


def test_what_is_secret_is_sealed_and_timed_and_no_more(home: Path) -> None:
    """No derivative is made, the reason is told, no case file is exported; declassified, a retry makes it playable."""
    clip = clip_now(home)
    digest, secrecy, failure = str(clip["sha256"]), clip["secrecy"], clip["failure"]
    assert isinstance(secrecy, dict)
    assert isinstance(failure, dict)
    assert (secrecy["class"], clip["clock"], clip["playable"]) == ("STATE_SECRET", "trusted", "no")
    assert (failure["stage"], "保密员" in str(failure["reason"])) == ("derive", True)
    assert not [path for path in (home / "vault" / "derivatives").rglob("*") if path.is_file()]
    refused = run_cli(home, "export", "HJ-1", "--to", str(home))
    assert refused.returncode == 70
    assert "call the bureau's secrecy officer" in refused.stderr
    assert run_cli(home, "retry", digest).returncode == 1
    warned = imports(home.parent, "cases", CASES.format("内部"))["verdicts"]
    assert isinstance(warned, list)
    assert [(one["column"], one["weight"]) for one in warned] == [("confidentiality", "warning")]
    assert run_cli(home, "retry", digest).returncode == 0
    assert (clip_now(home)["playable"], clip_now(home)["secrecy"]) == ("proxy", None)


def test_a_mark_of_a_person_is_lifted_by_another(home: Path) -> None:
    """The same person cannot; a rebuilt register still knows the mark."""
    imports(home.parent, "cases", CASES.format(""))
    words = ("classify", "HJ-1", "--actor", "甲", "--reason", "涉及军事设施")
    done = run_cli(home, *words, "国家秘密", "--json")
    [body] = json_lines(done)
    said = body["classify"]
    assert isinstance(said, dict)
    assert (said["scope"], said["secrecy"]["class"]) == ("case", "STATE_SECRET")
    assert run_cli(home, *words, "--withdraw").returncode == 2
    assert run_cli(home, "rebuild").returncode == 0
    secrecy = clip_now(home)["secrecy"]
    assert isinstance(secrecy, dict)
    assert secrecy["marks"][0]["by"] == "甲"
    lifted = run_cli(home, "classify", "HJ-1", "--withdraw", "--actor", "乙", "--reason", "已解密")
    assert lifted.returncode == 0, lifted.stderr
    assert clip_now(home)["secrecy"] is None


def request_told(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    """Return the one request that a command prints."""
    [body] = json_lines(done)
    rows = body["copies"]
    assert isinstance(rows, list)
    [request] = rows
    assert isinstance(request, dict)
    return request


def test_a_party_gets_copies_once_nothing_is_secret(home: Path) -> None:
    """Taken in by one, withheld while the case is secret, approved by another, prepared, closed with a receipt."""
    party = ("--applicant", "某厂", "--ground", "当事人本人", "--identified", "营业执照，尾号 0001")
    asking = ("copies", "request", "HJ-1", *party, "--purpose", "复议", "--checked-by", "甲")
    name = str(request_told(run_cli(home, *asking, "--actor", "甲", "--json"))["request_id"])
    approve = ("copies", "approve", name, "--reason", "同意")
    assert run_cli(home, *approve, "--actor", "局长").returncode == 70
    imports(home.parent, "cases", CASES.format(""))
    assert run_cli(home, *approve, "--actor", "甲").returncode == 2
    assert run_cli(home, *approve, "--actor", "局长").returncode == 0
    out = home.parent / "out"
    made = run_cli(home, "copies", "prepare", name, "--to", str(out), "--actor", "甲")
    assert made.returncode == 0, made.stderr
    folder = out / f"copies-{name}"
    [listed] = (folder / "manifest-sha256.txt").read_text().splitlines()
    digest, path = listed.split("  ")
    assert hashlib.sha256((folder / path).read_bytes()).hexdigest() == digest == clip_now(home)["sha256"]
    assert "某厂" in (folder / "README.txt").read_text("utf-8")
    handing = (
        "copies",
        "hand-over",
        name,
        "--receipt",
        "2026-07",
        "--receiver",
        "某厂负责人",
        "--shown",
        "身份证，尾号 1234",
        "--actor",
        "甲",
        "--json",
    )
    closed = request_told(run_cli(home, *handing))
    manifest = hashlib.sha256((folder / "manifest-sha256.txt").read_bytes()).hexdigest()
    assert (closed["state"], closed["manifest_sha256"], closed["receipt"]) == ("handed_over", manifest, "2026-07")
    marked = run_cli(home, "classify", "HJ-1", "国家秘密", "--actor", "甲", "--reason", "x", "--lang", "en")
    assert "prepared a copy for the party of case HJ-1" in marked.stderr
