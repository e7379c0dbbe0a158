"""The demo's world is complete and hangs together, whatever the day."""

import csv
import io
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import dashboard
from config.device_profiles import default_profiles
from config.law_packs import default_pack
from dashboard.demo.people import CAM_AWAY, CAM_TREE, CAMERAS, ZHANG
from dashboard.demo.story import Drop, Story
from dashboard.demo.tables import STEP_COLUMNS
from dashboard.demo.world import Planted, World, build_world
from evidence.claims import IdentityKind
from evidence.docking import DockRecord
from evidence.findings import FindingKind
from evidence.law import Duty
from evidence.zones import beijing
from ingest.claims import read_path
from ingest.dock_records import SUFFIX, record_of
from transcode.synthetic import ClipSpec, Container

OF_FOOTAGE = (
    *(FindingKind.NO_AV, FindingKind.LATE_START, FindingKind.EARLY_STOP, FindingKind.HOLE),
    *(FindingKind.NOT_CONTINUOUS_VIDEO, FindingKind.CLOCK_SHIFT_SUSPECTED, FindingKind.DOC_TIME_MISMATCH),
)
LOCALES = Path(dashboard.__file__).parent / "locales"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
STRICT = {
    *("SITE_CHECK", "SITE_SURVEY", "SAMPLING", "SEIZE", "SVC_LIEN"),
    *("ENF_RESTORE", "SUMMARY_PROC", "SVC_NOTICE", "RECTIFY_CHECK"),
}
COLUMNS = {
    "officers": "officer_id,name,unit,valid_from,valid_to,short_codes",
    "devices": "device_id,model,profile,unit,serial",
    "assignments": "device_id,officer_id,from,to",
    "cases": "case_no,title,matter_type,unit,opened_at,concluded_at,confidentiality",
    "steps": STEP_COLUMNS,
    "documents": "case_no,step_no,document,dated_at,signed_by",
}


@pytest.fixture(scope="module")
def world() -> World:
    """The world before one moment."""
    return build_world(NOW)


def subjects(planted: frozenset[Planted], *kinds: FindingKind) -> set[str]:
    """Return what findings of these kinds are about."""
    return {one.subject for one in planted if one.kind in kinds}


def test_the_world_is_as_large_as_promised(world: World) -> None:
    """Two stations, five and more officers and cameras, six cases, sixteen steps, thirty files."""
    assert len(world.stations) == 2
    assert len(CAMERAS) >= 5
    assert len({camera.naming for camera in CAMERAS}) >= 5
    assert len(world.cases) >= 6
    assert len(world.steps) >= 16
    assert sum(isinstance(drop.content, ClipSpec) for drop in world.drops) >= 30


def test_every_strict_procedure_and_some_without_duty_occur(world: World) -> None:
    """All procedures with a recording duty are there, and steps that must never raise a footage finding."""
    rules = default_pack().rules
    used = {step.procedure for step in world.steps}
    assert used >= STRICT
    assert used <= set(rules)
    assert {rules[code].duty for code in used} >= {Duty.NONE, Duty.OPTIONAL, Duty.SIMULTANEOUS, Duty.ANY_FORM}


def test_every_kind_of_finding_is_planted(world: World) -> None:
    """No kind of finding goes without a fault that shows it, but for the one that a person's link alone brings out."""
    assert {one.kind for one in world.planted} == set(FindingKind) - {FindingKind.OFFICER_NOT_IN_STEP}


def test_planted_subjects_exist(world: World) -> None:
    """What a fault is said to be about is a step, a file or a camera of this world."""
    steps = {f"{step.case_no}/{step.step_no}" for step in world.steps}
    files = {drop.subject for drop in world.drops}
    cameras = {camera.device_id for camera in CAMERAS}
    cases = {case.case_no for case in world.cases}
    assert {one.subject for one in world.planted} <= steps | files | cameras | cases
    assert subjects(world.planted, FindingKind.NO_AV, FindingKind.HOLE, FindingKind.LATE_START) <= steps
    assert subjects(world.planted, FindingKind.FILE_DAMAGED, FindingKind.UNLINKED_FOOTAGE) <= files
    assert subjects(world.planted, FindingKind.SEQ_JUMP) <= cameras


def test_no_step_without_a_duty_has_a_fault(world: World) -> None:
    """Optional and textual steps carry no planted footage finding."""
    rules = default_pack().rules
    free = {f"{s.case_no}/{s.step_no}" for s in world.steps if not rules[s.procedure].duty.requires_footage}
    assert not subjects(world.planted, *OF_FOOTAGE) & free


def test_no_two_files_take_one_place(world: World) -> None:
    """Each file has its own path at its dock."""
    assert len({drop.subject for drop in world.drops}) == len(world.drops)


def test_odd_files_are_there(world: World) -> None:
    """Sound alone, photos, an empty file and a log dock beside the videos."""
    containers = [drop.content.container for drop in world.drops if isinstance(drop.content, ClipSpec)]
    assert set(containers) == set(Container)
    plain = [drop.content for drop in world.drops if isinstance(drop.content, bytes)]
    assert b"" in plain
    assert any(plain)


@pytest.mark.parametrize("hour", [0, 7, 15, 16, 23])
def test_all_is_over_before_now(hour: int) -> None:
    """At any hour every recording lies behind, and no more than three days."""
    now = NOW.replace(hour=hour)
    for drop in build_world(now).drops:
        assert now - timedelta(days=3) < drop.docked_at < now - timedelta(hours=1)


def test_the_same_moment_gives_the_same_world() -> None:
    """The world is a value: nothing in it depends on anything but the day."""
    assert build_world(NOW) == build_world(NOW)
    assert build_world(NOW).csv_files == build_world(NOW + timedelta(minutes=5)).csv_files


def test_docks_are_filled_in_order(world: World) -> None:
    """A dock takes a camera's files oldest first."""
    for before, after in pairwise(world.drops):
        same_evening = (before.docked_at.date(), before.station) == (after.docked_at.date(), after.station)
        assert not same_evening or before.docked_at <= after.docked_at


def records(world: World) -> list[tuple[Drop, DockRecord]]:
    """Return the docks' records of the world, each beside the file it is."""
    found = []
    for drop in world.drops:
        if drop.source_path.endswith(SUFFIX):
            assert isinstance(drop.content, bytes)
            record, notes = record_of(drop.content)
            assert (record is not None, notes) == (True, ())
            assert record
            found.append((drop, record))
    return found


def test_each_camera_has_one_record_a_docking_day(world: World) -> None:
    """A dock writes a record whenever a camera is put in; the camera that is awaited has none."""
    made = [(record.device_id, beijing(record.dock_time).date()) for _, record in records(world)]
    assert len(set(made)) == len(made) == 2 * (len(CAMERAS) - 1)
    assert CAM_AWAY.device_id not in {device for device, _ in made}


def test_a_record_comes_after_the_files_it_lists(world: World) -> None:
    """What a record lists lies at or below its own folder, at the same dock, and was laid there before it."""
    order = [drop.subject for drop in world.drops]
    for drop, record in records(world):
        folder = drop.subject.rpartition("/")[0]
        assert record.files
        for file in record.files:
            assert order.index(f"{folder}/{file.name}") < order.index(drop.subject)


def test_the_cameras_clocks_differ_little(world: World) -> None:
    """A camera's clock is off by seconds; the one that fell back gave its dock no answer, and was set."""
    told = [record for _, record in records(world)]
    assert [record.device_id for record in told if record.device_time is None] == [CAM_TREE.device_id]
    assert all(abs(record.offset_s or 0) <= 3 and record.clock_set for record in told)
    assert len({record.offset_s for record in told}) > 3


def test_tables_have_the_documented_columns(world: World) -> None:
    """Each record file has its columns, and every row fills all of them."""
    assert list(world.csv_files) == list(COLUMNS)
    for noun, text in world.csv_files.items():
        head, *rows = csv.reader(io.StringIO(text))
        assert ",".join(head) == COLUMNS[noun]
        assert rows
        assert all(len(row) == len(head) for row in rows)


def test_the_device_profiles_read_every_camera(world: World) -> None:
    """Each camera's files, but for the flattened and the foreign, name their device by a profile that ships."""
    profiles = default_profiles()
    assert {camera.device.profile for camera in CAMERAS} <= {profile.profile_id for profile in profiles}
    unread = [
        drop.source_path
        for drop in world.drops
        if not drop.source_path.endswith(SUFFIX)
        and not any(c.kind is IdentityKind.DEVICE for c in read_path(drop.source_path, profiles).claims.identities)
    ]
    assert len(unread) == 2
    assert all(path.startswith(("DCIM/100MEDIA/", "DCIM/LOGS/")) for path in unread)


def test_a_camera_that_is_awaited_has_no_file(world: World) -> None:
    """The camera of the waiting step appears in no dock."""
    assert not [drop for drop in world.drops if CAM_AWAY.device_id in drop.source_path]


def test_a_camera_cannot_record_backwards() -> None:
    """Counters follow time, so a story told out of order is refused."""
    story = Story(NOW)
    story.film_at(CAM_TREE, ZHANG, story.second_day, 10)
    with pytest.raises(ValueError, match="cannot record"):
        story.film_at(CAM_TREE, ZHANG, story.first_day, 10)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_planted_fault_has_words(world: World, locale: str) -> None:
    """What was done to the footage is told in both languages, and nothing is told that was not done."""
    with (LOCALES / locale / "demo.po").open("rb") as file:
        catalogue = {message.id: message.string for message in read_po(file) if message.id}
    told = {code for code in catalogue if str(code).startswith("demo.fault.")}
    assert told == {one.why.code for one in world.planted}
    assert all(catalogue.values())
