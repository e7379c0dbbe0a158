"""A bureau with one step and two cameras that filmed it, each beside what its dock read of its clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dashboard.demo.dock_records import dock_record_json
from evidence.docking import DockedFile, DockRecord
from evidence.ids import DeviceId
from evidence.zones import beijing
from tests.support.cli import run_cli
from tests.support.sound import Camera, Sound, record

LENGTH_S = 60.0
DEVICES = ("AB00001", "AB00002")
CODES = ("XX0001", "XX0002")
CASE, STEP = "C-1", "1"


@dataclass(frozen=True)
class Filmed:
    """What one of the cameras leaves at its dock.

    Attributes:
        whole: the sound around it; from_s: where in it, and after the step's start, it really begins.
        claimed_s: when it begins by its name and its clock, which its dock read to be right.
    """

    device: int
    whole: Sound
    from_s: float
    claimed_s: float


def records(began: datetime) -> Mapping[str, str]:
    """Return what the bureau imports: two officers, their cameras, and a step of two minutes, as CSV by noun."""
    since, until = beijing(began - timedelta(days=2)), beijing(began + timedelta(minutes=2))
    return {
        "officers": f"officer_id,name,short_codes\nE1,甲,{CODES[0]}\nE2,乙,{CODES[1]}\n",
        "devices": "device_id,model\n" + "".join(f"{device},DSJ\n" for device in DEVICES),
        "assignments": f"device_id,officer_id,from\nAB00001,E1,{since:%Y-%m-%d %H:%M:%S}\n"
        f"AB00002,E2,{since:%Y-%m-%d %H:%M:%S}\n",
        "cases": f"case_no,title\n{CASE},案\n",
        "steps": "case_no,step_no,procedure,started_at,ended_at,officers\n"
        f"{CASE},{STEP},SITE_CHECK,{beijing(began):%Y-%m-%d %H:%M:%S},{until:%Y-%m-%d %H:%M:%S},E1;E2\n",
    }


def hours_ago(hours: float) -> datetime:
    """Return a whole minute some hours ago, UTC."""
    return (datetime.now(UTC) - timedelta(hours=hours)).replace(second=0, microsecond=0)


def take_records(home: Path, folder: Path, began: datetime, *nouns: str) -> None:
    """Import records through the command line; all of them unless some are named."""
    for noun, text in records(began).items():
        if not nouns or noun in nouns:
            (folder / f"{noun}.csv").write_text(text, encoding="utf-8")
            done = run_cli(home, "import", noun, str(folder / f"{noun}.csv"))
            assert done.returncode == 0, done.stderr + done.stdout


def docked(folder: Path, began: datetime, *filmed: Filmed) -> Path:
    """Lay the files of cameras and their docks' records into a folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in filmed:
        claimed = began + timedelta(seconds=one.claimed_s)
        device, code = DEVICES[one.device], CODES[one.device]
        camera = Camera(one.from_s, LENGTH_S, picture=True, seed=one.device + 1)
        stem = f"{device}_{code}_{beijing(claimed):%Y%m%d%H%M%S}_0001"
        name = record(camera, one.whole, folder / stem).name
        dock_time = began + timedelta(minutes=30, seconds=one.device)
        read = DockRecord(DeviceId(device), dock_time, dock_time, clock_set=True, files=(DockedFile(name, 1),))
        (folder / f"{device}.evidock.json").write_bytes(dock_record_json(read))
    return folder


def taken_in(home: Path, folder: Path) -> None:
    """Take a folder in, and have all that waits brought to its end."""
    done = run_cli(home, "take-in", str(folder), "--json")
    assert done.returncode == 0, done.stderr
    finished(home)


def finished(home: Path) -> None:
    """Have all that waits in the pipeline brought to its end."""
    done = run_cli(home, "retry", "--all")
    assert done.returncode == 0, done.stderr
