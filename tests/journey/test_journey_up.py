"""``evidock up`` on a home: who may serve it, and what works beside it."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.support.cli import json_lines, run_cli, start_cli


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, "subprocess.Popen[str]", str]]:
    """A home that ``evidock up`` serves on a free port: folder, process, address of its pages."""
    home = tmp_path / "home"
    process = start_cli(home, "up", "--port", "0", "--lang", "en", env={"EVIDOCK_WATCH__QUIET_S": "0.3"})
    assert process.stderr is not None
    first = ""
    while "http://" not in first:
        first = process.stderr.readline()
        assert first, "up ended before it served"
    url = "http://" + first.split("http://", 1)[1].split("/", 1)[0]
    yield home, process, url
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, f"stopping on SIGTERM is clean: {out}{err}"


def make_clip(path: Path) -> None:
    """Two seconds of moving picture with sound."""
    path.parent.mkdir(parents=True, exist_ok=True)
    words = "-f lavfi -i testsrc2=size=160x120:rate=10:duration=2 -f lavfi -i sine=duration=2 -pix_fmt yuv420p"
    subprocess.run(["ffmpeg", "-v", "error", *words.split(), str(path)], check=True)


def test_second_up_is_refused_and_the_rest_works_beside_the_first(
    served: tuple[Path, "subprocess.Popen[str]", str], tmp_path: Path
) -> None:
    """A second ``up`` is refused with the pid of the first; take-in, import, lists and pages work meanwhile."""
    home, process, url = served
    refused = run_cli(home, "up", "--port", "0")
    assert refused.returncode == 13
    assert f"pid {process.pid}" in refused.stderr

    clip = tmp_path / "card" / "AB00001_XX0001_20261120093000_0001.mp4"
    make_clip(clip)
    taken = json_lines(run_cli(home, "take-in", str(clip), "--json"))
    assert [(line["state"], line["playable"]) for line in taken] == [("reviewed", "original")]

    officers = tmp_path / "officers.csv"
    officers.write_text(
        "officer_id,name,unit,valid_from,valid_to,short_codes\nZF1,甲,大队,,,XX0001\n", encoding="utf-8"
    )
    assert run_cli(home, "import", "officers", str(officers)).returncode == 0
    [listed] = json_lines(run_cli(home, "clips", "--json"))
    clips = listed["clips"]
    assert isinstance(clips, list)
    assert [(c["officer_id"], c["officer_source"]) for c in clips] == [("ZF1", "name")]

    answer = httpx2.get(f"{url}/api/clips", timeout=10)
    assert [c["sha256"] for c in answer.json()["clips"]] == [taken[0]["sha256"]]


def test_docked_file_becomes_a_reviewed_clip(served: tuple[Path, "subprocess.Popen[str]", str], tmp_path: Path) -> None:
    """A file that a dock drops into its station's folder is sealed, measured and reviewed without a command."""
    home, _, _ = served
    source = tmp_path / "AB00001_XX0001_20261120094000_0002.mp4"
    make_clip(source)
    place = home / "dock" / "east" / "2026" / source.name
    place.parent.mkdir(parents=True)
    shutil.copy2(source, place)
    clips: list[dict[str, object]] = []
    for _ in range(60):
        [listed] = json_lines(run_cli(home, "clips", "--json", "--station", "east"))
        found = listed["clips"]
        assert isinstance(found, list)
        clips = found
        if clips and clips[0]["state"] == "reviewed":
            break
    assert [(c["state"], c["source_path"]) for c in clips] == [("reviewed", f"2026/{source.name}")]
    assert place.read_bytes() == source.read_bytes(), "the source is only read"
