"""Watched folders on the real file system: real events, real open files, roots that go and come."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.errors import StorageFullError
from evidence.ids import StationId
from evidence.ports import Pickup
from ingest.scan import scan
from ingest.settle import Settler
from ingest.watch import Root, Watcher, WatchMode
from ingest.writers import OpenFiles, Writing, by_lease, is_written
from tests.support.ingest import QUIET_S, HandClock, Taken, live_watcher, nobody_writes, settler

MODES = [WatchMode.NATIVE, WatchMode.POLLING]


def by_hand(root: Path, clock: HandClock, taken: Taken, settle: Settler | None = None) -> Watcher:
    """Return a watcher that moves only when ticked."""
    used = settle or settler(clock)
    return Watcher([Root(root)], used, taken.pickup, clock=clock, on_trouble=taken.trouble, rescan_s=60)


@pytest.mark.parametrize("mode", MODES)
def test_a_file_in_a_new_station_is_taken_by_its_events(tmp_path: Path, mode: WatchMode) -> None:
    """A station folder that appears at run time, any depth, is watched at once: no rescan is due."""
    taken = Taken()
    with live_watcher(Root(tmp_path, mode=mode), taken) as watcher:
        taken.wait_for(lambda: watcher.health()[0].listening and watcher.health()[0].scanned_ago_s is not None)
        (tmp_path / "S1/2026/11/23").mkdir(parents=True)
        (tmp_path / "S1/2026/11/23/a.mp4").write_bytes(b"footage")
        taken.wait_for(lambda: len(taken.pickups) == 1)
    assert (taken.pickups[0].station, taken.paths) == ("S1", ["2026/11/23/a.mp4"])


@pytest.mark.parametrize("mode", MODES)
def test_a_renamed_file_is_taken_under_its_final_name(tmp_path: Path, mode: WatchMode) -> None:
    """A dock that writes `.part` and renames gives one pickup."""
    (tmp_path / "S1").mkdir()
    taken = Taken()
    with live_watcher(Root(tmp_path, mode=mode), taken) as watcher:
        taken.wait_for(lambda: watcher.health()[0].listening and watcher.health()[0].scanned_ago_s is not None)
        part = tmp_path / "S1/a.mp4.part"
        part.write_bytes(b"footage")
        part.rename(tmp_path / "S1/a.mp4")
        taken.wait_for(lambda: taken.paths == ["a.mp4"])
    assert watcher.waiting() == []


def test_a_file_another_process_still_writes_is_not_taken(tmp_path: Path) -> None:
    """However long it is still, a file that is open for writing waits; closed, it is taken."""
    (tmp_path / "S1").mkdir()
    file = tmp_path / "S1/a.mp4"
    code = "import sys; f = open(sys.argv[1], 'wb', 0); f.write(b'x'); print(flush=True); sys.stdin.read()"
    clock, taken = HandClock(), Taken()
    watcher = by_hand(tmp_path, clock, taken, Settler(quiet_s=QUIET_S, clock=clock))
    with subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        watcher.tick(clock.now)
        for _ in range(5):
            watcher.tick(clock.pass_s(QUIET_S))
        assert taken.paths == []
        assert [each.reason.code for each in watcher.waiting()] == ["intake.open_for_writing"]
        writer.communicate()
    for _ in range(3):  # the event of closing may come in any of these rounds, and starts the quiet period anew
        watcher.tick(clock.pass_s(QUIET_S))
    watcher.stop()
    assert taken.paths == ["a.mp4"]


@pytest.mark.skipif(sys.platform != "linux", reason="leases are Linux's")
def test_lease_and_open_files_agree(tmp_path: Path) -> None:
    """Both ways to ask see a writer, and neither takes a reader for one."""
    file = tmp_path / "a.mp4"
    file.write_bytes(b"x")
    with file.open("ab"):
        assert by_lease(str(file)) is Writing.YES
        assert OpenFiles().ask(str(file)) is Writing.YES
    with file.open("rb"):
        assert by_lease(str(file)) is Writing.NO
        assert is_written(str(file)) is Writing.NO
        assert OpenFiles().ask(str(file)) is not Writing.YES


def test_one_look_at_open_files_serves_a_while(tmp_path: Path) -> None:
    """Ten thousand questions of one round cost one look through the processes; the next round looks again."""
    file = tmp_path / "a.mp4"
    clock = HandClock()
    others = OpenFiles(clock=clock, max_age_s=1)
    before = others.ask(str(file))
    assert before is not Writing.YES
    with file.open("wb"):
        assert others.ask(str(file)) is before
        clock.pass_s(1.5)
        assert others.ask(str(file)) is Writing.YES


def test_looking_at_a_file_leaves_no_trace(tmp_path: Path) -> None:
    """Times and bytes of a source are as before the question whether somebody writes it."""
    file = tmp_path / "a.mp4"
    file.write_bytes(b"x")
    before = file.stat()
    assert is_written(str(file)) is Writing.NO
    after = file.stat()
    assert (before.st_mtime_ns, before.st_ctime_ns, before.st_atime_ns) == (
        after.st_mtime_ns,
        after.st_ctime_ns,
        after.st_atime_ns,
    )


def test_the_rescan_finds_files_whose_event_was_lost(tmp_path: Path) -> None:
    """Without a single event, a file is found at the next rescan and taken after its quiet period."""
    (tmp_path / "S1").mkdir()
    clock, taken = HandClock(), Taken()
    watcher = by_hand(tmp_path, clock, taken)
    watcher.tick(clock.now)
    watcher._watched[0].events.detach()
    (tmp_path / "S1/a.mp4").write_bytes(b"x")
    watcher.tick(clock.pass_s(59))
    assert taken.paths == []
    watcher.tick(clock.pass_s(1))
    watcher.tick(clock.pass_s(QUIET_S))
    watcher.stop()
    assert taken.paths == ["a.mp4"]


def test_a_failing_hand_over_is_reported_and_made_again(tmp_path: Path) -> None:
    """A full disk behind the hand-over strands no file, and the other files go on."""
    (tmp_path / "S1").mkdir()
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / "S1" / name).write_bytes(b"x")
    clock, taken = HandClock(), Taken()
    failing = ["a.mp4", "a.mp4"]

    def hand_over(pickup: Pickup) -> None:
        if pickup.source_path in failing:
            failing.remove(pickup.source_path)
            raise StorageFullError("no space left", cure="free some")
        taken.pickup(pickup)

    watcher = Watcher([Root(tmp_path)], settler(clock), hand_over, clock=clock, on_trouble=taken.trouble)
    watcher.tick(clock.now)
    watcher.tick(clock.pass_s(QUIET_S))
    assert taken.paths == ["b.mp4"]
    for _ in range(2):
        watcher.tick(clock.pass_s(60))
    watcher.stop()
    assert taken.paths == ["b.mp4", "a.mp4"]
    assert taken.codes == ["intake.offer_failed"] * 2
    assert isinstance(taken.troubles[0].error, StorageFullError)


def test_an_unplugged_root_is_reported_and_survived(tmp_path: Path) -> None:
    """A root that goes away is told of once; back again, its events and files come without a restart."""
    dock = tmp_path / "dock"
    dock.mkdir()
    clock, taken = HandClock(), Taken()
    watcher = by_hand(dock, clock, taken)
    watcher.tick(clock.now)
    shutil.rmtree(dock)
    for _ in range(3):
        watcher.tick(clock.pass_s(60))
    assert taken.codes == ["intake.root_missing"]
    assert not watcher.health()[0].reachable
    (dock / "S1").mkdir(parents=True)
    (dock / "S1/a.mp4").write_bytes(b"x")
    watcher.tick(clock.pass_s(60))
    assert watcher.health()[0].reachable
    assert watcher.health()[0].listening
    watcher.tick(clock.pass_s(QUIET_S))
    watcher.stop()
    assert taken.codes == ["intake.root_missing", "intake.root_back"]
    assert taken.paths == ["a.mp4"]


def test_a_root_that_does_not_exist_yet_is_waited_for(tmp_path: Path) -> None:
    """A share that is mounted after the start is taken up like any other."""
    clock, taken = HandClock(), Taken()
    watcher = Watcher(
        [Root(tmp_path / "share", StationId("W"))], settler(clock), taken.pickup, clock=clock, on_trouble=taken.trouble
    )
    watcher.tick(clock.now)
    (tmp_path / "share").mkdir()
    (tmp_path / "share/a.mp4").write_bytes(b"x")
    watcher.tick(clock.pass_s(60))
    watcher.tick(clock.pass_s(QUIET_S))
    watcher.stop()
    assert [(p.station, p.source_path) for p in taken.pickups] == [("W", "a.mp4")]


def test_a_link_is_not_followed_out_of_the_root(tmp_path: Path) -> None:
    """Neither a linked file nor a linked folder is taken; a ring of links ends."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.mp4").write_bytes(b"x")
    station = tmp_path / "dock/S1"
    station.mkdir(parents=True)
    (station / "file.mp4").symlink_to(outside / "secret.mp4")
    (station / "folder").symlink_to(outside)
    (station / "ring").symlink_to(station)
    clock, taken = HandClock(), Taken()
    watcher = by_hand(tmp_path / "dock", clock, taken)
    watcher.tick(clock.now)
    watcher.tick(clock.pass_s(QUIET_S))
    watcher.stop()
    assert taken.paths == []


def test_a_file_is_taken_again_when_asked(tmp_path: Path) -> None:
    """A file that changed while it was read comes once more, though it looks the same again."""
    (tmp_path / "S1").mkdir()
    (tmp_path / "S1/a.mp4").write_bytes(b"x")
    clock, taken = HandClock(), Taken()
    watcher = by_hand(tmp_path, clock, taken)
    watcher.tick(clock.now)
    watcher.tick(clock.pass_s(QUIET_S))
    watcher.take_again(StationId("S1"), "a.mp4")
    watcher.tick(clock.now)
    watcher.tick(clock.pass_s(QUIET_S))
    watcher.stop()
    assert taken.paths == ["a.mp4", "a.mp4"]


def test_a_restart_offers_only_what_the_register_does_not_know(tmp_path: Path) -> None:
    """A second watcher over the same dock passes over what the first one handed on."""
    (tmp_path / "S1").mkdir()
    (tmp_path / "S1/a.mp4").write_bytes(b"x")
    clock, first, second = HandClock(), Taken(), Taken()
    watcher = by_hand(tmp_path, clock, first)
    watcher.tick(clock.now)
    watcher.tick(clock.pass_s(QUIET_S))
    watcher.stop()
    sealed = {pickup.key for pickup in first.pickups}
    (tmp_path / "S1/b.mp4").write_bytes(b"x")
    again = by_hand(tmp_path, clock, second, settler(clock, known=lambda pickup: pickup.key in sealed))
    again.tick(clock.now)
    again.tick(clock.pass_s(QUIET_S))
    again.stop()
    assert (first.paths, second.paths) == (["a.mp4"], ["b.mp4"])


def test_names_that_are_not_utf8_are_taken(tmp_path: Path) -> None:
    """A GB18030 dock's file is handed on with a path that any register and JSON can hold."""
    (tmp_path / "S1").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/S1/\xb2\xe2.mp4")).write_bytes(b"x")
    clock, taken = HandClock(), Taken()
    watcher = by_hand(tmp_path, clock, taken)
    watcher.tick(clock.now)
    watcher.tick(clock.pass_s(QUIET_S))
    watcher.stop()
    assert taken.paths == ["%B2%E2.mp4"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_reported(tmp_path: Path) -> None:
    """The rest of the dock goes on, and the folder is named once."""
    closed = tmp_path / "S1/closed"
    closed.mkdir(parents=True)
    (tmp_path / "S1/a.mp4").write_bytes(b"x")
    closed.chmod(0)
    clock, taken = HandClock(), Taken()
    watcher = by_hand(tmp_path, clock, taken)
    watcher.tick(clock.now)
    watcher.tick(clock.pass_s(60))
    watcher.stop()
    closed.chmod(0o700)
    assert taken.codes == ["intake.folder_unreadable"]
    assert taken.paths == ["a.mp4"]


@pytest.fixture(name="memory_path")
def _memory_path(tmp_path: Path) -> Iterator[Path]:
    """Return a folder in memory where there is one: ten thousand files on a busy disk take longer than the test."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)


def test_ten_thousand_known_files_are_rescanned_quickly(memory_path: Path) -> None:
    """A rescan in which nothing is new costs well under a second, however deep the tree is."""
    tmp_path = memory_path
    for folder in range(100):
        deep = tmp_path / f"S{folder % 5}/{folder:03d}/2026/11/23"
        deep.mkdir(parents=True)
        for name in range(100):
            (deep / f"{name}.mp4").touch()
    clock, taken = HandClock(), Taken()
    watcher = Watcher(
        [Root(tmp_path, mode=WatchMode.POLLING)],
        Settler(quiet_s=QUIET_S, clock=clock, written=nobody_writes),
        taken.pickup,
        clock=clock,
        poll_s=600,
    )
    watcher.tick(clock.now)
    watcher.tick(clock.pass_s(QUIET_S))
    assert len(taken.pickups) == 10_000
    began = time.process_time()  # of this process alone: the machine may be busy with other tests
    watcher.rescan(clock.now)
    took_s = time.process_time() - began
    watcher.stop()
    assert len(taken.pickups) == 10_000
    assert took_s < 1.0, took_s


def test_a_fault_below_a_folder_does_not_end_the_scan(tmp_path: Path) -> None:
    """A folder that is gone is reported; what else there is, is found."""
    (tmp_path / "a.mp4").touch()
    faults: list[str] = []
    found = [path for path, _ in scan(str(tmp_path), lambda path, _: faults.append(path))]
    assert list(scan(f"{tmp_path}/gone", lambda path, _: faults.append(path))) == []
    assert (found, faults) == ([f"{tmp_path}/a.mp4"], [f"{tmp_path}/gone"])
