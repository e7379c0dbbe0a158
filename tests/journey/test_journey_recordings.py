"""Two officers with one camera, and a session in three files, from import to a link by hand, by the command line."""

import subprocess
from pathlib import Path

import pytest

from tests.journey.test_journey_linking import RECORDS, listed, ok
from tests.support.cli import run_cli

DAY = "2026-11-20"
SHARED = RECORDS | {
    "assignments": (
        f"device_id,officer_id,from,to\nAB00001,ZF1,{DAY} 08:00,{DAY} 18:00\nAB00001,ZF3,{DAY} 08:00,{DAY} 18:00\n"
    ),
    "steps": (
        "case_no,step_no,procedure,started_at,ended_at,place,officers,party\n"
        f"HJ-1,1,SITE_CHECK,{DAY} 09:30:00,{DAY} 09:30:10,厂区,ZF1;ZF2,某厂\n"
        f"HJ-1,2,SITE_CHECK,{DAY} 09:30:00,{DAY} 09:30:10,厂区,ZF2;ZF3,某厂\n"
        f"HJ-1,3,DECISION,{DAY} 15:00:00,{DAY} 15:30:00,机关,ZF1;ZF2,某厂\n"
    ),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with records, and three files of 20 seconds that follow each other, of a camera of two officers."""
    folder = tmp_path_factory.mktemp("recordings")
    for noun, text in SHARED.items():
        file = folder / f"{noun}.csv"
        file.write_text(text, encoding="utf-8")
        done = run_cli(folder / "home", "import", noun, str(file), "--json")
        assert done.returncode == 0, done.stdout + done.stderr
    clips = [folder / f"AB00001_XX0001_202611200929{second:02}_000{n}.mp4" for n, second in ((1, 0), (2, 20), (3, 40))]
    for number, clip in enumerate(clips):
        words = f"-f lavfi -i testsrc2=size=160x120:rate=5:duration=20 -metadata comment={number} -pix_fmt yuv420p"
        subprocess.run(["ffmpeg", "-v", "error", *words.split(), str(clip)], check=True)
    taken = run_cli(folder / "home", "take-in", *map(str, clips), "--json")
    assert taken.returncode == 0, taken.stderr
    return folder / "home"


def test_a_shared_camera_is_found_by_either_officer(home: Path) -> None:
    """Each carrier's list has the three files, the steps of both hold them, and the remark says that it was shared."""
    for officer in ("ZF1", "ZF3"):
        rows = listed(home, "clips", "--officer", officer, "--lang", "en")
        assert [row["officers"] for row in rows] == [["ZF1", "ZF3"]] * 3
        assert "carried device AB00001 together" in str(rows[0]["disagreements"])
    assert listed(home, "clips", "--officer", "ZF2") == []
    found = listed(home, "clips", "--officer", "ZF3")
    places = {(link["case_no"], link["step_no"]) for row in found for link in row["links"]}  # type: ignore[attr-defined]
    assert places == {("HJ-1", "1"), ("HJ-1", "2")}


def test_the_files_are_one_recording_and_are_linked_as_one(home: Path) -> None:
    """Parts 1 to 3 of a minute; one link by hand hangs all three on a step, with one reason, and it is rebuilt."""
    rows = sorted(listed(home, "clips"), key=lambda row: str(row["recorded_start"]))
    found = [row["recording"] for row in rows]
    assert [(one["part"], one["parts"]) for one in found] == [(1, 3), (2, 3), (3, 3)]  # type: ignore[index]
    assert {one["id"] for one in found} == {rows[0]["sha256"]}  # type: ignore[index]
    assert "2/3" in run_cli(home, "clips", "--lang", "en").stdout
    clip = str(rows[1]["sha256"])
    assert run_cli(home, "link", "--suggested", "--whole-recording", "--reason", "x").returncode == 2
    ok(home, "link", clip, "HJ-1/3", "--whole-recording", "--actor", "甲", "--reason", "同一次录制")
    hung = [link for row in listed(home, "clips") for link in row["links"] if link["step_no"] == "3"]  # type: ignore[attr-defined]
    assert [(link["human"], link["by"]) for link in hung] == [(True, "甲")] * 3
    before = listed(home, "clips")
    ok(home, "rebuild")
    assert listed(home, "clips") == before
