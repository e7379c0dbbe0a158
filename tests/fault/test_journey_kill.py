"""SIGKILL at fixed points of a file's journey: after a restart every file is there once, and the ledger whole."""

import hashlib
import json
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from index.engine import Register, open_engine
from index.ledger import entries
from tests.support.cli import json_lines, run_cli, tools_working_on

POINTS = (
    "mid-copy",
    "before-link",
    "sealed-unrecorded",
    "mid-record",
    "recorded",
    "measured-unrecorded",
    "mid-ffmpeg",
    "derived-unrecorded",
    "mid-match",
    "reviewed",
)
ORPHANS_GONE_WITHIN_S = 5.0


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three clips, one of them to be transcoded, one of them under two names."""
    folder = tmp_path_factory.mktemp("card") / "card"
    folder.mkdir()
    for name, codec in (("AB00001_XX0001_20261120093000_0001.mp4", "libx264"), ("0002.avi", "mjpeg")):
        subprocess.run(
            ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10:duration=12",
             "-f", "lavfi", "-i", "sine=frequency=500:duration=12", "-pix_fmt", "yuv420p", "-c:v", codec,
             "-shortest", str(folder / name)],
            check=True,
        )  # fmt: skip
    (folder / "again").mkdir()
    (folder / "again" / "0002-copy.avi").write_bytes((folder / "0002.avi").read_bytes())
    (folder / "notes.log").write_text("battery low\n")
    return folder


@pytest.mark.parametrize("point", POINTS)
def test_killed_process_loses_and_doubles_nothing(point: str, footage: Path, tmp_path: Path) -> None:
    """A process killed at the point leaves no ffmpeg behind; the next run ends every file exactly once."""
    home = tmp_path / "home"
    kill = {"EVIDOCK_KILL_AT": point, "EVIDOCK_KILL_MARK": str(tmp_path / "killed")}
    killed = run_cli(home, "take-in", str(footage), "--json", env=kill)
    assert killed.returncode == -9, f"{point} was not reached: {killed.stderr}"
    deadline = time.monotonic() + ORPHANS_GONE_WITHIN_S
    while tools_working_on(home) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert tools_working_on(home) == []

    after = run_cli(home, "take-in", str(footage), "--json", env=kill)
    assert after.returncode == 0, after.stderr
    lines = {str(line["source_path"]): line for line in json_lines(after)}
    _each_file_is_sealed_once(footage, home, lines)
    assert run_cli(home, "verify", "--deep").returncode == 0
    _each_custody_event_is_recorded_once(home, lines)
    assert {p.name for p in (home / "work").iterdir() if p.suffix != ".lock"} <= {"clock.json"}


def _each_file_is_sealed_once(footage: Path, home: Path, lines: dict[str, dict[str, object]]) -> None:
    sources = [path for path in footage.rglob("*") if path.is_file()]
    assert len(lines) == len(sources)
    for source in sources:
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        line = lines[str(source.relative_to(footage.parent))]
        assert (line["sha256"], line["state"]) == (digest, "reviewed")
        kept = home / "vault" / "originals" / digest[:2] / digest[2:4] / digest
        assert kept.read_bytes() == source.read_bytes()
    originals = [path for path in (home / "vault" / "originals").rglob("*") if path.is_file()]
    assert len(originals) == len({line["sha256"] for line in lines.values()})


def _each_custody_event_is_recorded_once(home: Path, lines: dict[str, dict[str, object]]) -> None:
    register = Register(open_engine(f"sqlite:///{home / 'register.sqlite'}"))
    with register.reading() as session:
        events = Counter((e["event"], e["subject"]) for e in (json.loads(x.canonical) for x in entries(session)))
    register.close()
    for digest in {str(line["sha256"]) for line in lines.values()}:
        for event in ("message digest calculation", "metadata extraction", "normalization"):
            assert events[event, digest] == 1, (event, digest)
    assert sum(n for (event, _), n in events.items() if event in {"ingestion", "appraisal"}) == len(lines)
