"""When a watched file is whole, on a clock moved by hand and real files."""

import os
from pathlib import Path

import pytest

from evidence.notes import note
from evidence.ports import Pickup
from ingest.settle import Settler
from ingest.writers import Writing
from tests.support.ingest import QUIET_S, HandClock, nobody_writes, place, settler

YEAR_2400_NS = 13_569_465_600 * 10**9
"""Beyond the year 2262, where nanoseconds outgrow 64 bits."""


def offered(settle: Settler, clock: HandClock, *, after_s: float = QUIET_S) -> list[str]:
    """Let time pass, take what has settled, and return its source paths."""
    now = clock.pass_s(after_s)
    paths = []
    for where, pickup in settle.tick(now):
        settle.taken(where, pickup)
        paths.append(pickup.source_path)
    return paths


def test_a_still_file_is_taken_after_the_quiet_period(tmp_path: Path) -> None:
    """Two looks the quiet period apart find the same file: it is taken, once."""
    (tmp_path / "a.mp4").write_bytes(b"x")
    clock = HandClock()
    settle = settler(clock)
    settle.touch(place(tmp_path, "a.mp4"))
    assert offered(settle, clock, after_s=QUIET_S - 0.1) == []
    assert offered(settle, clock, after_s=0.1) == ["a.mp4"]
    settle.touch(place(tmp_path, "a.mp4"))
    assert offered(settle, clock) == []


def test_a_growing_file_is_not_taken(tmp_path: Path) -> None:
    """Each look that finds another size starts the quiet period anew, without any event."""
    file = tmp_path / "a.mp4"
    file.write_bytes(b"x")
    clock = HandClock()
    settle = settler(clock)
    settle.touch(place(tmp_path, "a.mp4"))
    for size in range(2, 6):
        file.write_bytes(b"x" * size)
        assert offered(settle, clock) == []
    assert offered(settle, clock) == ["a.mp4"]


def test_an_event_starts_the_quiet_period_anew(tmp_path: Path) -> None:
    """A file that was written to in place, with size and time kept, still waits."""
    (tmp_path / "a.mp4").write_bytes(b"x")
    clock = HandClock()
    settle = settler(clock)
    settle.touch(place(tmp_path, "a.mp4"))
    clock.pass_s(QUIET_S - 1)
    settle.touch(place(tmp_path, "a.mp4"))
    assert offered(settle, clock, after_s=1) == []
    assert offered(settle, clock, after_s=QUIET_S - 1) == ["a.mp4"]


def test_a_file_that_changes_after_it_was_taken_is_taken_again_under_a_new_key(tmp_path: Path) -> None:
    """Another size or time is another pickup."""
    file = tmp_path / "a.mp4"
    file.write_bytes(b"x")
    clock = HandClock()
    settle = settler(clock)
    keys: list[str] = []
    for content in (b"x", b"longer"):
        file.write_bytes(content)
        settle.touch(place(tmp_path, "a.mp4"))
        for where, pickup in settle.tick(clock.pass_s(QUIET_S)):
            keys.append(pickup.key)
            settle.taken(where, pickup)
    assert len(set(keys)) == 2


@pytest.mark.parametrize("mtime_ns", [0, 4_102_444_800 * 10**9, 1, YEAR_2400_NS])
def test_a_strange_modification_time_does_not_hold_a_file_up(tmp_path: Path, mtime_ns: int) -> None:
    """A camera whose clock says 1970, 2100 or 2400 is taken like any other, once."""
    file = tmp_path / "a.mp4"
    file.write_bytes(b"x")
    os.utime(file, ns=(mtime_ns, mtime_ns))
    clock = HandClock()
    settle = settler(clock)
    settle.touch(place(tmp_path, "a.mp4"))
    assert offered(settle, clock) == ["a.mp4"]
    assert not settle.needs(str(file), file.lstat())


def test_an_empty_file_is_taken(tmp_path: Path) -> None:
    """The last file of a camera whose battery died is kept and shown, empty as it is."""
    (tmp_path / "a.mp4").touch()
    clock = HandClock()
    settle = settler(clock)
    settle.touch(place(tmp_path, "a.mp4"))
    assert offered(settle, clock) == ["a.mp4"]


def test_a_file_open_for_writing_waits_with_the_reason(tmp_path: Path) -> None:
    """However still it is, a file that somebody has open for writing is not taken; once closed, it is."""
    (tmp_path / "a.mp4").write_bytes(b"x")
    clock = HandClock()
    answer = Writing.YES
    settle = settler(clock, written=lambda _: answer)
    settle.touch(place(tmp_path, "a.mp4"))
    assert offered(settle, clock) == []
    assert [waiting.reason.code for waiting in settle.waiting()] == ["intake.open_for_writing"]
    answer = Writing.NO
    assert offered(settle, clock) == ["a.mp4"]
    assert settle.waiting() == []


def test_a_system_that_cannot_tell_about_writers_takes_after_the_quiet_period(tmp_path: Path) -> None:
    """Where nobody can say whether a file is open, stillness alone decides."""
    (tmp_path / "a.mp4").write_bytes(b"x")
    clock = HandClock()
    settle = settler(clock, written=lambda _: Writing.UNKNOWN)
    settle.touch(place(tmp_path, "a.mp4"))
    assert offered(settle, clock) == ["a.mp4"]


def test_an_unfinished_name_waits_visibly_and_is_taken_under_its_final_one(tmp_path: Path) -> None:
    """A `.part` file is shown as waiting; renamed, it settles under the new name."""
    part = tmp_path / "a.mp4.part"
    part.write_bytes(b"x")
    clock = HandClock()
    settle = settler(clock)
    settle.touch(place(tmp_path, "a.mp4.part"))
    assert offered(settle, clock) == []
    assert [waiting.reason.code for waiting in settle.waiting()] == ["intake.unfinished_name"]
    part.rename(tmp_path / "a.mp4")
    settle.forget(str(part))
    settle.touch(place(tmp_path, "a.mp4"))
    assert offered(settle, clock) == ["a.mp4"]
    assert settle.waiting() == []


def test_what_the_register_knows_is_not_offered_again(tmp_path: Path) -> None:
    """After a restart, a sealed file is passed over at once and asked about only once."""
    (tmp_path / "a.mp4").write_bytes(b"x")
    clock = HandClock()
    asked: list[Pickup] = []

    def known(pickup: Pickup) -> bool:
        asked.append(pickup)
        return True

    settle = settler(clock, known=known)
    for _ in range(3):
        settle.see(place(tmp_path, "a.mp4"), (tmp_path / "a.mp4").lstat())
    assert offered(settle, clock) == []
    assert len(asked) == 1


def test_a_refused_offer_is_made_again(tmp_path: Path) -> None:
    """A file whose offer failed waits with the reason, and comes again after the retry period."""
    (tmp_path / "a.mp4").write_bytes(b"x")
    clock = HandClock()
    settle = Settler(quiet_s=QUIET_S, clock=clock, written=nobody_writes, retry_s=60)
    settle.touch(place(tmp_path, "a.mp4"))
    ((where, _),) = settle.tick(clock.pass_s(QUIET_S))
    settle.refused(where, note("intake.offer_failed", path="a.mp4", reason="full"), clock.now)
    assert [waiting.reason.code for waiting in settle.waiting()] == ["intake.offer_failed"]
    assert settle.tick(clock.pass_s(59)) == ()
    assert offered(settle, clock, after_s=1) == ["a.mp4"]


def test_an_offer_nobody_answers_is_not_made_twice_at_once(tmp_path: Path) -> None:
    """While an offer is under way the file is not offered again; it is not lost either."""
    (tmp_path / "a.mp4").write_bytes(b"x")
    clock = HandClock()
    settle = settler(clock)
    settle.touch(place(tmp_path, "a.mp4"))
    assert len(settle.tick(clock.pass_s(QUIET_S))) == 1
    assert settle.tick(clock.pass_s(QUIET_S)) == ()
    assert len(settle.tick(clock.pass_s(60))) == 1


def test_a_file_that_vanishes_before_it_is_taken_is_reported(tmp_path: Path) -> None:
    """A camera pulled out of its dock too early is something a person should see."""
    (tmp_path / "a.mp4").write_bytes(b"x")
    clock = HandClock()
    settle = settler(clock)
    settle.touch(place(tmp_path, "a.mp4"))
    (tmp_path / "a.mp4").unlink()
    assert offered(settle, clock) == []
    assert [gone.source_path for gone in settle.drain_vanished()] == ["a.mp4"]
    assert settle.drain_vanished() == ()


@pytest.mark.parametrize("kind", ["folder", "pipe", "link"])
def test_only_regular_files_are_taken(tmp_path: Path, kind: str) -> None:
    """Folders, pipes and links never settle."""
    odd = tmp_path / "a.mp4"
    if kind == "folder":
        odd.mkdir()
    elif kind == "pipe":
        os.mkfifo(odd)
    else:
        odd.symlink_to("/etc/hostname")
    clock = HandClock()
    settle = settler(clock)
    settle.touch(place(tmp_path, "a.mp4"))
    assert offered(settle, clock) == []


def test_a_folder_that_became_a_link_does_not_lead_out_of_the_root(tmp_path: Path) -> None:
    """A file reached through a link below the root is not taken, even when an event names it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.mp4").write_bytes(b"x")
    root = tmp_path / "dock"
    root.mkdir()
    (root / "in").symlink_to(outside)
    clock = HandClock()
    settle = settler(clock)
    settle.touch(place(root, "in/a.mp4"))
    assert offered(settle, clock) == []


def test_a_root_that_is_a_link_itself_is_fine(tmp_path: Path) -> None:
    """The operator may name the root through a link."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real/a.mp4").write_bytes(b"x")
    (tmp_path / "dock").symlink_to(tmp_path / "real")
    clock = HandClock()
    settle = settler(clock)
    settle.touch(place(tmp_path / "dock", "a.mp4"))
    assert offered(settle, clock) == ["a.mp4"]
