"""One camera is one camera however its name is spelt, registered or not; the register made again says so too."""

import random
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evidence.clock import Shift, ShiftScope
from evidence.docking import DockRecord
from evidence.ids import DeviceId, OfficerId
from evidence.people import Assignment, Device
from evidence.views import ClipFilter
from index.clock_decisions import decide_shift
from tests.support.clocks import judged_columns, put_record
from tests.support.index import EVENING, LATER, LI, NINE, OFFICERS, World, at
from tests.support.rebuilding import Records, differences

if TYPE_CHECKING:
    from collections.abc import Callable

AHEAD = DockRecord(DeviceId("Cam01"), EVENING - timedelta(minutes=5), EVENING - timedelta(minutes=3), clock_set=True)
CARRIED = Assignment(DeviceId("caM01"), OfficerId("E1"), NINE - timedelta(hours=1), NINE + timedelta(hours=8))


@pytest.mark.parametrize("seed", range(6))
def test_an_unregistered_camera_is_one_in_any_letter_case(tmp_path: Path, seed: int) -> None:
    """Files of `cam01` and `CAM01`, a record of `Cam01`, a carrier of `caM01`: in any order what a rebuild says."""
    world, records = World(tmp_path), Records()
    happenings: list[Callable[[], object]] = [
        partial(world.clip, "low", (0, 10), device="cam01", sequence=1),
        partial(world.clip, "high", (20, 30), device="CAM01", sequence=2),
        partial(put_record, world, AHEAD),
        partial(records.imported, world, "officers", OFFICERS),
        partial(records.imported, world, "assignments", (CARRIED,)),
    ]
    random.Random(seed).shuffle(happenings)
    for happens in happenings:
        happens()
    judged = judged_columns(world.register).values()
    assert {(one["device_id"], one["officer_id"]) for one in judged} == {("CAM01", "E1")}
    assert {one["clock_offset_s"] for one in judged} == {120.0}
    assert [one for one in differences(world, records, tmp_path / "again.sqlite") if one.table == "clip"] == []
    world.close()


@pytest.mark.parametrize("registered", [False, True])
def test_a_decision_on_a_camera_holds_however_it_is_spelt(tmp_path: Path, *, registered: bool) -> None:
    """A shift confirmed for a camera that was in no register holds when it is registered in small letters."""
    world, records = World(tmp_path), Records()
    digest = world.clip("low", (0, 10), device="cam01")
    shift = Shift(ShiftScope.DEVICE, "CAM01", -7200.0)
    world.decide(lambda tx: decide_shift(tx, shift, LI, "对过表", LATER, confirm=True))
    if registered:
        records.imported(world, "devices", (Device(DeviceId("cam01")),))
    clip = world.library.clip(digest)
    assert (clip.device_id, clip.clock.start) == ("cam01" if registered else "CAM01", at(120))
    assert len(world.library.camera_clock("Cam01").decisions) == 1
    assert [one for one in differences(world, records, tmp_path / "again.sqlite") if one.table == "clip"] == []
    world.close()


def test_clips_are_listed_by_a_camera_however_it_is_spelt(tmp_path: Path) -> None:
    """Who asks for the footage of `cam01` gets that of `CAM01`."""
    world = World(tmp_path)
    digest = world.clip("low", (0, 10), device="cam01")
    found = world.library.clips(ClipFilter(device_id=DeviceId("cam01")))
    world.close()
    assert [one.digest for one in found] == [digest]
