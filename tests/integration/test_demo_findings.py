"""The demo's footage, really made, measured and judged by the core: what is found is what was planted."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboard.demo.footage import lay_in_dock
from dashboard.demo.people import CHEN, ZHANG
from dashboard.demo.world import World, build_world
from evidence.claims import OfficerSource
from evidence.clips import Kind
from evidence.clock import ClockVerdict
from evidence.findings import FindingKind, StepState
from tests.support.synthetic import Rehearsed, detections, make_all, rehearse

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    """The demo's world."""
    return build_world(NOW)


@pytest.fixture(scope="module")
def files(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every file of it, made once."""
    began = time.monotonic()
    made = make_all(world, tmp_path_factory.mktemp("made"))
    print(f"demo footage: {len(made)} files in {time.monotonic() - began:.1f} s")  # noqa: T201 - a measured figure
    return made


@pytest.fixture(scope="module")
def rehearsed(world: World, files: dict[str, Path]) -> Rehearsed:
    """What measuring, judging and auditing says of them."""
    return rehearse(world, files, NOW)


def test_what_is_found_is_what_was_planted(world: World, rehearsed: Rehearsed) -> None:
    """Every planted finding comes out, and no other: clean footage gives none."""
    assert rehearsed.found == {(one.kind, one.subject) for one in world.planted}


def test_steps_stand_as_told(rehearsed: Rehearsed) -> None:
    """One step waits for its camera, one claims an exemption, steps without a duty have none."""
    states = rehearsed.states
    assert states["HJ-2026-007", "1"] is StepState.WAITING_UPLOAD
    assert states["HJ-2026-006", "1"] is StepState.EXEMPT_CLAIMED
    assert states["HJ-2026-006", "3"] is StepState.MISSING
    assert states["HJ-2026-002", "1"] is StepState.PARTLY_COVERED
    assert states["HJ-2026-001", "1"] is StepState.COVERED
    assert states["HJ-2026-001", "5"] is StepState.NO_DUTY


def test_local_time_written_as_utc_is_still_trusted(rehearsed: Rehearsed) -> None:
    """The white-label recorder's 8-hour mistake is seen through by its file name."""
    seen = [one for subject, one in rehearsed.seen.items() if "/EV00005/" in subject]
    clips = [one for one in seen if one.measured.kind is not Kind.OTHER]
    assert clips
    assert {one.clock.verdict for one in clips} == {ClockVerdict.TRUSTED}


def test_the_roster_outweighs_a_former_bearers_code(rehearsed: Rehearsed) -> None:
    """A camera that still carries its former bearer's code is of the officer it was handed to, and says so."""
    (clip,) = [one for subject, one in rehearsed.seen.items() if "EV00006_010108_" in subject]
    assert (clip.whose.officer_id, clip.whose.officer_source) == (CHEN.officer_id, OfficerSource.ASSIGNMENT)
    assert clip.whose.disagreements


def test_a_reset_clock_still_has_its_officer(rehearsed: Rehearsed) -> None:
    """A camera that one officer alone ever carried needs no believed time to name him."""
    (clip,) = [one for subject, one in rehearsed.seen.items() if "_20000101" in subject]
    assert (clip.clock.verdict, clip.whose.officer_id) == (ClockVerdict.UNKNOWN, ZHANG.officer_id)


def test_copies_have_the_same_bytes(world: World, files: dict[str, Path]) -> None:
    """What docks a second time is byte-identical: one original, three sightings."""
    copies = [drop.subject for drop in world.drops if "_0001.mp4" in drop.subject and "010102_EV00002" in drop.subject]
    assert len(copies) == 3
    assert len({files[subject].read_bytes() for subject in copies}) == 1


def test_detectors_see_the_planted_faults(world: World, files: dict[str, Path]) -> None:
    """Ffmpeg's own detectors see black where the lens is covered and a still picture where it stands still."""
    black, frozen = sorted(one.subject for one in world.planted if one.kind is FindingKind.PICTURE_BLOCKED)
    assert detections(files[black])["black"] == pytest.approx([40], abs=1)
    assert detections(files[frozen])["frozen"] == pytest.approx([45], abs=2)


def test_a_dock_gets_each_file_whole_with_its_time(world: World, files: dict[str, Path], tmp_path: Path) -> None:
    """A file laid into the dock lies under station and path, with the camera's modification time and nothing beside."""
    drop = world.drops[0]
    laid = lay_in_dock(drop, files[drop.subject], tmp_path)
    assert laid == tmp_path / drop.subject
    assert laid.read_bytes() == files[drop.subject].read_bytes()
    assert laid.stat().st_mtime == pytest.approx(drop.mtime.timestamp())
    assert list(laid.parent.iterdir()) == [laid]
