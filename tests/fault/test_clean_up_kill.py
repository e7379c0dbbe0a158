"""SIGKILL while docks are cleaned up: a file is there, or its removal is in the ledger; never gone unrecorded."""

import signal
from pathlib import Path

import pytest

from evidence.custody import EventType
from tests.support.storage import run_child
from tests.support.upkeep import SmallHome

CHILD = """
import sys
from datetime import timedelta
from pathlib import Path
from tests.support.upkeep import SmallHome
home = SmallHome(Path(sys.argv[1]), settings={"dock": {"clean_up": True}}, durable=True)
home.time.pass_(hours=25)
home.upkeep.tick()
"""


@pytest.mark.parametrize("point", ["clear-verified", "clear-recorded", "clear-removed", "clear-recorded:2"])
def test_killed_anywhere_no_file_goes_unrecorded_and_all_go_in_the_end(tmp_path: Path, point: str) -> None:
    """At the kill every file that is gone is in the ledger; afterwards all are gone, each recorded exactly once."""
    root = tmp_path / "home"
    home = SmallHome(root, durable=True)
    digests = {home.arrive(f"100/MOV{number}.mp4", b"%d" % number) for number in range(3)}
    home.upkeep.tick()
    home.close()
    assert run_child(CHILD, str(root), kill_at=point) == -signal.SIGKILL
    left = {path.name for path in (root / "dock").rglob("*.mp4")}
    told = {str(one.detail["source_path"]).rpartition("/")[2] for one in home.told(EventType.CLEARED)}
    assert {f"MOV{number}.mp4" for number in range(3)} - left <= told
    assert run_child(CHILD, str(root)) == 0
    assert [path.name for path in (root / "dock").rglob("*")] == ["S1"] or point == "clear-removed"
    assert list((root / "dock").rglob("*.mp4")) == []
    assert sorted(one.subject for one in home.told(EventType.CLEARED)) == sorted(digests)
    assert {home.place(digest).read_bytes() for digest in digests} == {b"0", b"1", b"2"}
