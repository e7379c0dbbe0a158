"""When an original is to be read again, and how much at once: a function of time and digests."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from evidence.ids import Digest
from storage.examination import Condition, examine
from storage.fixity import Checked, FixityCheck, Pace, Progress, due_until, share_done
from storage.local_vault import LocalVault
from tests.support.storage import seal

START = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
FAST = Pace(bytes_per_s=1e12, share=1.0, longest_s=1e6)


class Bench:
    """A vault with originals, both clocks, and a check over them."""

    def __init__(self, folder: Path, *, count: int = 40, size_bytes: int = 1000, pace: Pace = FAST) -> None:
        self.vault = LocalVault(folder / "vault", folder / "work")
        self.digests = sorted(seal(self.vault, b"%d" % n * size_bytes).digest for n in range(count))
        self.now = START
        self.seconds = 0.0
        self.pace = pace
        self.check = self.begun(Progress(START))

    def begun(self, progress: Progress) -> FixityCheck:
        """Return a check that goes on from somewhere."""
        return FixityCheck(self.vault, self.listing, progress, days=10, clock_s=lambda: self.seconds, pace=self.pace)

    def listing(self, after: str, until: str, limit: int) -> Sequence[tuple[Digest, int]]:
        """Return what should be there."""
        return [(digest, 0) for digest in self.digests if after < digest <= until][:limit]

    def run(self, length: timedelta, every: timedelta) -> list[Checked]:
        """Let time pass, a round at a time; return the slices."""
        end, found = self.now + length, []
        while self.now < end:
            self.now += every
            self.seconds += every.total_seconds()
            checked = self.check.round(self.now)
            found += [checked] if checked else []
        return found


def test_a_cycle_reads_every_original_once_and_in_time(tmp_path: Path) -> None:
    """Over its days each original is read exactly once, in order, spread over the whole time."""
    bench = Bench(tmp_path)
    slices = bench.run(10 * DAY, timedelta(hours=2))
    assert sum(one.count for one in slices) == 40
    assert [one.first for one in slices] == sorted(one.first for one in slices)
    assert slices[-1].last == bench.digests[-1]
    assert all(one.bad == () for one in slices)
    assert len({one.cycle for one in slices}) == 1
    assert len(slices) > 20


def test_cycles_follow_one_another(tmp_path: Path) -> None:
    """In four times the days every original is read four times."""
    bench = Bench(tmp_path)
    slices = bench.run(40 * DAY, timedelta(hours=6))
    assert sum(one.count for one in slices) >= 3 * 40
    assert [one.cycle for one in slices] == sorted(one.cycle for one in slices)
    assert len({one.cycle for one in slices}) in {4, 5}


def test_nothing_is_read_twice_in_a_cycle_when_the_process_begins_again(tmp_path: Path) -> None:
    """A check that is begun with the progress of the last recorded slice goes on behind it."""
    bench = Bench(tmp_path)
    first = bench.run(5 * DAY, timedelta(hours=2))
    bench.check.close()
    bench.check = bench.begun(Progress(START, first[-1].last))
    second = bench.run(5 * DAY, timedelta(hours=2))
    assert sum(one.count for one in [*first, *second]) == 40


def test_a_machine_that_was_off_catches_up_within_the_pace(tmp_path: Path) -> None:
    """After half a cycle off it reads two originals a round, as the pace allows, and the cycle still ends in time."""
    bench = Bench(tmp_path, size_bytes=100_000, pace=Pace(bytes_per_s=1e5, share=0.2, longest_s=10))
    largest = max(Path(bench.vault.locate(digest)).stat().st_size for digest in bench.digests)
    assert largest == 200_000
    bench.now += 5 * DAY
    for _ in range(5):
        bench.now += timedelta(seconds=10)
        bench.seconds += 10
        assert bench.check.round(bench.now) is None
    read = bench.check.close()
    assert read is not None
    assert 4 <= read.count <= 10
    assert read.read_bytes <= 5 * 200_000
    assert bench.run(5 * DAY, timedelta(minutes=10))[-1].last == bench.digests[-1]


@pytest.mark.parametrize(
    ("since_s", "seconds", "count"), [(10, 2, 100_000_000), (600, 2, 100_000_000), (1, 0.2, 10_000_000), (-5, 0, 0)]
)
def test_a_round_never_takes_more_than_its_share(since_s: float, seconds: float, count: int) -> None:
    """A fifth of ten seconds at 50 MB/s, however long the machine slept; a clock set back allows nothing."""
    pace = Pace()
    assert pace.seconds(since_s) == pytest.approx(seconds)
    assert pace.bytes(since_s) == count


def test_a_round_reads_no_more_than_it_may_and_goes_on_in_the_middle(tmp_path: Path) -> None:
    """A long original takes several rounds; it counts when its end is reached."""
    bench = Bench(tmp_path, count=1, size_bytes=5 << 20, pace=Pace(bytes_per_s=1 << 20, share=1.0, longest_s=1))
    bench.now += 11 * DAY
    rounds = 0
    while True:
        rounds += 1
        bench.seconds += 1
        checked = bench.check.round(bench.now)
        if checked:
            break
    assert rounds >= 5
    assert (checked.count, checked.read_bytes) == (1, 5 << 20)


def test_a_round_stops_when_the_disk_is_slow(tmp_path: Path) -> None:
    """What was read decides as well as how long it took: a slow disk is not kept busy."""
    bench = Bench(tmp_path, count=20, pace=Pace(bytes_per_s=1e12, share=0.2, longest_s=10))
    bench.now += 11 * DAY
    bench.seconds += 10
    opened = 0

    def slow(digest: Digest) -> BinaryIO:
        nonlocal opened
        opened += 1
        bench.seconds += 1
        return LocalVault.open(bench.vault, digest)

    bench.vault.open = slow  # type: ignore[method-assign] # a disk that takes a second to open a file
    bench.check.round(bench.now)
    bench.check.close()
    assert opened == 2


def test_what_is_wrong_is_told_at_once_and_by_name(tmp_path: Path) -> None:
    """Damaged and missing originals end a slice, so that they are on record without waiting for the hour."""
    bench = Bench(tmp_path, count=10)
    damaged, missing = bench.digests[3], bench.digests[6]
    place = Path(bench.vault.locate(damaged))
    place.chmod(0o644)
    place.write_bytes(b"x")
    Path(bench.vault.locate(missing)).unlink()
    bench.now += 10 * DAY
    slices = bench.run(timedelta(minutes=4), timedelta(minutes=1))
    assert [one.bad for one in slices] == [((damaged, Condition.DAMAGED),), ((missing, Condition.MISSING),), ()]
    assert [one.count for one in slices] == [4, 3, 3]
    assert slices[0].as_detail()["damaged"] == [damaged]


def test_what_was_disposed_of_is_not_missing(tmp_path: Path) -> None:
    """A tombstone explains why an original is not there."""
    bench = Bench(tmp_path, count=3)
    gone = bench.digests[1]
    Path(bench.vault.locate(gone)).unlink()
    check = FixityCheck(
        bench.vault,
        bench.listing,
        Progress(START),
        days=1,
        clock_s=lambda: 0.0,
        is_gone=lambda one: one == gone,
        pace=FAST,
    )
    checked = check.round(START + 2 * DAY)
    assert checked is not None
    assert (checked.count, checked.bad) == (3, ())


def test_the_second_copy_is_read_too(tmp_path: Path) -> None:
    """What is wrong with the copy alone is told apart from the original's own state."""
    bench = Bench(tmp_path, count=4)
    second = LocalVault(tmp_path / "second", tmp_path / "second" / "staging")
    for n in range(3):
        seal(second, b"%d" % n * 1000)
    lacking = Digest(hashlib.sha256(b"3" * 1000).hexdigest())
    check = FixityCheck(
        bench.vault, bench.listing, Progress(START), days=1, clock_s=lambda: 0.0, second=lambda: second, pace=FAST
    )
    slices = [checked for _ in range(3) if (checked := check.round(START + 2 * DAY))]
    assert [pair for one in slices for pair in one.bad_copies] == [(lacking, Condition.MISSING)]
    assert [pair for one in slices for pair in one.bad] == []
    assert sum(one.count for one in slices) == 4


def test_closing_gives_what_was_read(tmp_path: Path) -> None:
    """A process that stops records what it has read to the end; nothing is given twice."""
    bench = Bench(tmp_path)
    bench.now += DAY
    bench.seconds += 1
    assert bench.check.round(bench.now) is None
    rest = bench.check.close()
    assert rest is not None
    assert rest.count == sum(digest <= due_until(Progress(START), bench.now, 10) for digest in bench.digests)
    assert bench.check.close() is None


def test_an_empty_vault_is_never_due(tmp_path: Path) -> None:
    """Nothing to read, nothing to record, cycle after cycle."""
    bench = Bench(tmp_path, count=0)
    assert bench.run(30 * DAY, timedelta(hours=12)) == []


@pytest.mark.parametrize(
    ("passed", "share"),
    [(timedelta(0), 0.0), (-DAY, 0.0), (timedelta(days=2.5), 0.25), (9 * DAY, 0.9), (10 * DAY, 1.0), (99 * DAY, 1.0)],
)
def test_the_due_digest_is_the_share_of_time_that_passed(passed: timedelta, share: float) -> None:
    """Digests are spread evenly, so the time that passed names the digest that is due; a clock set back names none."""
    until = due_until(Progress(START), START + passed, 10)
    assert len(until) == 64
    assert share_done(Progress(START, until)) == pytest.approx(share, abs=1e-9)


def test_every_condition_is_seen(tmp_path: Path) -> None:
    """Whole, damaged, missing, and what is there and cannot be read."""
    bench = Bench(tmp_path, count=4)
    whole, damaged, missing, unreadable = bench.digests
    Path(bench.vault.locate(damaged)).chmod(0o644)
    Path(bench.vault.locate(damaged)).write_bytes(b"x")
    Path(bench.vault.locate(missing)).unlink()

    class Refusing(LocalVault):
        def open(self, digest: Digest) -> BinaryIO:
            if digest == unreadable:
                raise OSError(5, "Input/output error")
            return super().open(digest)

    vault = Refusing(tmp_path / "vault", tmp_path / "work")
    found = [examine(vault, digest) for digest in (whole, damaged, missing, unreadable)]
    assert found == [Condition.WHOLE, Condition.DAMAGED, Condition.MISSING, Condition.UNREADABLE]
