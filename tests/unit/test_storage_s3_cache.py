"""The cache of originals: bounded, the least recently used goes first, and nothing torn is ever found."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evidence.errors import IntegrityError
from evidence.ids import Digest
from storage.s3_cache import LEASE, OriginalsCache
from tests.support.storage import files_below, sha256

BODIES = [bytes([n]) * 100 for n in range(4)]


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, time: timedelta) -> None:
        """Let time pass."""
        self.now += time


@pytest.fixture(name="clock")
def _clock() -> Clock:
    return Clock()


@pytest.fixture(name="cache")
def _cache(tmp_path: Path, clock: Clock) -> OriginalsCache:
    return OriginalsCache(tmp_path / "cache", 250, "test", clock)


def fetch(cache: OriginalsCache, clock: Clock, body: bytes) -> Digest:
    """Bring an original in and let its lease pass."""
    digest = sha256(body)
    assert cache.fetch(digest, [body[:50], body[50:]]).read_bytes() == body
    clock.pass_by(2 * LEASE)
    return digest


def test_what_was_fetched_is_found_read_only(cache: OriginalsCache, clock: Clock) -> None:
    """A tool gets a file that it cannot write to."""
    place = cache.find(fetch(cache, clock, BODIES[0]))
    assert place is not None
    assert oct(place.stat().st_mode & 0o777) == "0o444"
    assert cache.find(sha256(b"never fetched")) is None


def test_the_least_recently_used_goes_first(cache: OriginalsCache, clock: Clock) -> None:
    """With room for two, the one asked for last stays when a third comes."""
    one, two = (fetch(cache, clock, body) for body in BODIES[:2])
    assert cache.find(one) is not None
    clock.pass_by(2 * LEASE)
    three = fetch(cache, clock, BODIES[2])
    assert [cache.find(each) is not None for each in (one, two, three)] == [True, False, True]


def test_what_was_asked_for_just_now_stays_until_it_can_be_opened(cache: OriginalsCache, clock: Clock) -> None:
    """A tool that was told a path finds the file there, even when others come in at the same moment."""
    digests = [sha256(body) for body in BODIES]
    for digest, body in zip(digests, BODIES, strict=True):
        cache.fetch(digest, [body])
    assert all(cache.find(digest) for digest in digests)
    clock.pass_by(2 * LEASE)
    assert cache.sweep() == 2


def test_wrong_bytes_are_refused_and_leave_nothing(cache: OriginalsCache, tmp_path: Path) -> None:
    """What does not give the digest has no place here."""
    with pytest.raises(IntegrityError):
        cache.fetch(sha256(b"footage"), [b"FOOTAGE"])
    assert files_below(tmp_path) == []


def test_a_file_larger_than_the_cache_is_not_adopted(cache: OriginalsCache, tmp_path: Path) -> None:
    """One long recording does not drive everything else out."""
    path = tmp_path / "spool"
    for body, adopted in ((b"x" * 251, False), (b"x" * 250, True)):
        path.write_bytes(body)
        descriptor = os.open(path, os.O_RDONLY)
        cache.adopt(descriptor, path, sha256(body), len(body))
        os.close(descriptor)
        assert (cache.find(sha256(body)) is not None) is adopted
    assert path.exists()


def test_forgetting_what_is_not_there_is_fine(cache: OriginalsCache, clock: Clock) -> None:
    """A disposal forgets on every machine, whether it had a copy or not."""
    digest = fetch(cache, clock, BODIES[0])
    cache.forget(digest)
    cache.forget(digest)
    assert cache.find(digest) is None


def test_sweeping_takes_what_an_earlier_process_left(cache: OriginalsCache, tmp_path: Path) -> None:
    """A download that a crash cut off goes; a first start sweeps nothing."""
    assert cache.sweep() == 0
    (tmp_path / "cache" / "staging").mkdir(parents=True)
    (tmp_path / "cache" / "staging" / "test.0123.part").write_bytes(b"half")
    assert cache.sweep() == 1
    assert files_below(tmp_path) == []
