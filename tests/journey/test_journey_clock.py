"""A clock on Xinjiang time, from the docks' records to a person's word, through the command line alone."""

import hashlib
import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.demo.dock_records import dock_record_json
from dashboard.wiring import open_house
from evidence.docking import DockedFile, DockRecord
from evidence.ids import DeviceId
from evidence.views import ClipFilter
from tests.support.cli import json_lines, run_cli

pytestmark = pytest.mark.slow

DEVICES = "device_id,model,profile,unit,serial\nAB00001,DSJ,gat-device-officer,大队,SN-1\n"
DOCKED = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
BEHIND = timedelta(hours=-2)
SHOWN = (datetime(2026, 11, 20, 4, 0, tzinfo=UTC), datetime(2026, 11, 20, 5, 0, tzinfo=UTC))
"""By the camera's clock, two hours behind: 12:00 and 13:00 in Beijing."""


def name_of(number: int, shown: datetime) -> str:
    """Return how the camera names a file."""
    return f"AB00001_XX0001_{shown + timedelta(hours=8):%Y%m%d%H%M%S}_{number:04}.mp4"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two clips of one camera and the record of its dock, which read the clock two hours behind."""
    folder = tmp_path_factory.mktemp("clock")
    devices = folder / "devices.csv"
    devices.write_text(DEVICES, encoding="utf-8")
    assert run_cli(folder / "home", "import", "devices", str(devices)).returncode == 0
    dock = folder / "dock"
    dock.mkdir()
    files = []
    for number, shown in enumerate(SHOWN, 1):
        files.append(DockedFile(name_of(number, shown), number, "XX0001", shown))
        words = f"-f lavfi -i testsrc2=size=160x120:rate=5:duration=4 -metadata title=t{number} -pix_fmt yuv420p"
        subprocess.run(["ffmpeg", "-v", "error", *words.split(), str(dock / files[-1].name)], check=True)
    before = DockRecord(
        DeviceId("AB00001"), DOCKED - timedelta(days=1), DOCKED - timedelta(days=1) + BEHIND, clock_set=False
    )
    record = DockRecord(DeviceId("AB00001"), DOCKED, DOCKED + BEHIND, clock_set=False, files=tuple(files))
    for number, one in enumerate((before, record)):
        (dock / f"AB00001_{number}.evidock.json").write_bytes(dock_record_json(one))
    taken = run_cli(folder / "home", "take-in", str(dock), "--json")
    assert taken.returncode == 0, taken.stderr
    return folder / "home"


def clock_body(home: Path) -> dict[str, object]:
    """Return what ``evidock clock`` prints of the camera."""
    [body] = json_lines(run_cli(home, "clock", "SN-1", "--json"))
    clock = body["clock"]
    assert isinstance(clock, dict)
    return clock


def waiting(home: Path) -> list[dict[str, object]]:
    """Return the shifts that wait."""
    [body] = json_lines(run_cli(home, "clock", "--json"))
    shifts = body["shifts"]
    assert isinstance(shifts, list)
    return shifts


def test_the_camera_is_found_by_its_serial_and_its_files_are_disputed(home: Path) -> None:
    """Both files lie between the docks' readings, two hours behind; a machine moves none of them."""
    clock = clock_body(home)
    readings, files = clock["readings"], clock["files"]
    assert isinstance(readings, list)
    assert isinstance(files, list)
    assert (clock["device_id"], [one["offset_s"] for one in readings]) == ("AB00001", [-7200.0, -7200.0])
    assert [(one["sequence"], one["clock"]) for one in files] == [(1, "disputed"), (2, "disputed")]
    table = run_cli(home, "clock", "AB00001", "--lang", "en")
    assert table.returncode == 1
    assert "ran 2 h behind" in table.stdout


def test_the_shift_waits_and_says_so(home: Path) -> None:
    """One proposal for the camera, with both files witnessed; the command ends with 1."""
    done = run_cli(home, "clock", "--lang", "en")
    assert (done.returncode, "Xinjiang time?" in done.stdout) == (1, True)
    [shift] = waiting(home)
    assert (shift["scope"], shift["target"], shift["shift_s"]) == ("device", "AB00001", -7200.0)
    assert (shift["witnessed"], shift["of_record"]) == (2, False)


def test_a_decision_is_one_act_and_needs_a_reason(home: Path) -> None:
    """Without a reason, for an unknown name or for two things at once nothing happens; then both clips move."""
    [shift] = waiting(home)
    name = str(shift["shift_id"])
    assert run_cli(home, "clock", "--confirm", name, "--actor", "甲").returncode == 2
    assert run_cli(home, "clock", "--confirm", "00000000", "--actor", "甲", "--reason", "x").returncode == 51
    assert run_cli(home, "clock", "AB00001", "--confirm", name, "--reason", "x").returncode == 2
    done = run_cli(home, "clock", "--confirm", name, "--actor", "甲", "--reason", "采集站读数", "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "2 of 2 named clips have moved" in done.stderr
    assert waiting(home) == []
    [body] = json_lines(run_cli(home, "clips", "--json"))
    clips = body["clips"]
    assert isinstance(clips, list)
    moved = {clip["recorded_start"]: clip["clock_offset_s"] for clip in clips if clip["kind"] == "video"}
    assert moved == {"2026-11-20T06:00:00Z": -7200.0, "2026-11-20T07:00:00Z": -7200.0}
    records = sorted((home / "vault" / "records" / "decisions").iterdir())
    assert json.loads(records[-1].read_bytes())["actor"] == "甲"


def test_the_record_of_the_dock_lists_what_came(home: Path) -> None:
    """The register hands out a dock's record with the clips that came of it."""
    with open_house(home) as house:
        docked = [clip for clip in house.library.clips(ClipFilter(limit=20)) if clip.docking is not None]
    [listing] = [clip for clip in docked if clip.docking and clip.docking.files]
    assert listing.docking is not None
    assert [one.sequence for one in listing.docking.files] == [1, 2]
    assert sorted(listing.arrived) == [name_of(1, SHOWN[0]), name_of(2, SHOWN[1])]
    files = {path.name: path for path in home.parent.joinpath("dock").glob("*.mp4")}
    for name, digest in listing.arrived.items():
        assert digest == hashlib.sha256(files[name].read_bytes()).hexdigest()
