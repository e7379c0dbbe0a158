"""A machine without exiftool serves as well; what it will not read is said, by the doctor and once in the log."""

import json
from pathlib import Path

import pytest

from tests.support.cli import json_lines, run_cli
from tests.support.transcode import make_clip

ABSENT = {"EVIDOCK_WORK__EXIFTOOL": "/nowhere/exiftool"}
OFF = {"EVIDOCK_WORK__EXIFTOOL": ""}


@pytest.mark.parametrize(("setting", "words"), [(ABSENT, "not found on this machine"), (OFF, "switched off")])
def test_the_doctor_says_that_it_is_not_there(tmp_path: Path, setting: dict[str, str], words: str) -> None:
    """It is no fault of the machine."""
    done = run_cli(tmp_path / "home", "status", "--doctor", "--json", "--lang", "en", env=setting)
    probe = next(each for each in json.loads(done.stdout)["status"]["doctor"] if each["name"] == "exiftool")
    assert probe["ok"] is True
    assert words in probe["found"]


def test_a_file_is_taken_in_without_it(tmp_path: Path) -> None:
    """Sealed, measured and derived as ever; the log names what is missing a single time."""
    clips = tmp_path / "clips"
    clips.mkdir()
    for name in ("a.mp4", "b.mp4"):
        make_clip(clips / name, "-metadata", f"title={name}", duration_s=1)
    done = run_cli(tmp_path / "home", "take-in", str(clips), "--json", "--lang", "en", env=ABSENT)
    assert [line["state"] for line in json_lines(done)] == ["reviewed", "reviewed"]
    assert done.stderr.count("exiftool is not installed") == 1
