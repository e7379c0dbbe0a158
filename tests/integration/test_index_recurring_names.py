"""Files that come by one name day after day: records and logs speak of the one that came nearest, or of its bytes."""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from evidence.claims import Anchor, Claims, ClaimSource, TimeClaim, ZoneBasis
from evidence.clips import Kind, Measurement, Sighting
from evidence.docking import DockedFile, DockRecord
from evidence.ids import DeviceId, Digest, StationId
from evidence.ports import Pickup, Scope
from evidence.sidecars import moment_of
from index.facts import claims_of
from tests.support.clocks import judged_columns, put_record
from tests.support.index import EVENING, LATER, MACHINE, World, at, derivation, digest_of, measurement, path_claims
from tests.support.rebuilding import Records, differences

DAY = timedelta(days=1)
NAME = "0001.mp4"
HOUR = timedelta(hours=1)

Comes = Callable[[World], object]


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def clip(world: World, day: int, name: str = NAME) -> Digest:
    """Take in what a camera wrote under a name on a day, and review it."""
    digest, came = clip_of(day), EVENING + day * DAY
    with world.transaction() as tx:
        _seal(world, tx, digest, name, came, path_claims("D1", at(0) + day * DAY))
        world.catalogue.record_measured(tx, digest, measurement(600.0), Claims(), MACHINE, came)
        world.catalogue.record_derived(tx, digest, derivation(digest, 600.0), MACHINE, came)
        world.reviewer.review(tx, Scope(clips=frozenset({digest})), MACHINE, LATER)
    return digest


def clip_of(day: int) -> Digest:
    """Return the digest of a day's file."""
    return digest_of(f"day {day}")


def log(world: World, day: int, name: str = "0001.nmea") -> Digest:
    """Take in what a receiver logged on a day beside the file, and review it."""
    digest, came = digest_of(f"log {day}"), EVENING + day * DAY + timedelta(seconds=20)
    start = at(0) + day * DAY
    said = TimeClaim(ClaimSource.GPS_TRACK, f"log {day}", start, ZoneBasis.EXPLICIT, Anchor.START)
    with world.transaction() as tx:
        _seal(world, tx, digest, name, came, Claims())
        measured = Measurement(Kind.OTHER, "text/plain", claims=Claims((said,)), tool="probe 1")
        world.catalogue.record_measured(tx, digest, measured, Claims(), MACHINE, came)
        world.catalogue.record_derived(tx, digest, derivation(digest, 0.0), MACHINE, came)
        world.reviewer.review(tx, Scope(clips=frozenset({digest})), MACHINE, LATER)
    return digest


def _seal(world: World, tx: object, digest: Digest, name: str, came: datetime, said: Claims) -> None:
    seen = Sighting(digest, 1000, StationId("A"), name, moment_of(1), came)
    pickup = Pickup(f"key-{digest}", StationId("A"), "/dock/A", name, 1000, 1)
    world.catalogue.record_sealed(tx, pickup, seen, said, MACHINE)


def record(world: World, day: int, *, sha256: str = "", docked: timedelta = -HOUR) -> Digest:
    """Take in and review the record of a day's docking, which lists the day's file."""
    digests = (("sha256", sha256),) if sha256 else ()
    files = (DockedFile(NAME, day, recorded_at=at(0) + day * DAY, digests=digests),)
    dock_time = EVENING + day * DAY + docked
    said = DockRecord(DeviceId("D1"), dock_time, dock_time, clock_set=True, files=files)
    return put_record(world, said, came_s=HOUR.total_seconds() + 60)


def counters(world: World) -> dict[str, object]:
    """Return the counter of each clip, which only a dock's record states."""
    return {digest: one["sequence"] for digest, one in judged_columns(world.register).items()}


def other_bytes(world: World) -> set[str]:
    """Return the clips of which a dock listed other bytes."""
    listed = judged_columns(world.register).items()
    return {digest for digest, one in listed if "intake.dock_digest_differs" in str(one["disagreements"])}


def logged(world: World, days: Sequence[int]) -> list[list[str]]:
    """Return what logs state of each day's file."""
    with world.register.reading() as session:
        said = claims_of(session, [clip_of(day) for day in days])
    return [[t.raw for t in said[clip_of(day)].all.times if t.source is ClaimSource.GPS_TRACK] for day in days]


def test_an_entry_of_other_bytes_says_nothing_of_a_clip(world: World) -> None:
    """A record that lists another SHA-256 than the file's: neither counter nor docking, but a remark."""
    digest = clip(world, 0)
    record(world, 0, sha256="ab" * 32)
    columns = judged_columns(world.register)[digest]
    assert (columns["sequence"], columns["docked_at"]) == (None, EVENING)
    assert other_bytes(world) == {digest}


@pytest.mark.parametrize("hashed", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_a_name_that_recurs_means_the_days_own_file(world: World, tmp_path: Path, seed: int, *, hashed: bool) -> None:
    """`0001.mp4` of five days, records before or after: each lists its day's file, as in the register made again."""
    days = range(5)
    coming: list[Comes] = [lambda w, day=day: clip(w, day) for day in days]  # type: ignore[misc] # bound now
    coming += [lambda w, day=day: record(w, day, sha256=clip_of(day) if hashed else "") for day in days]  # type: ignore[misc] # as above
    random.Random(seed).shuffle(coming)
    for comes in coming:
        comes(world)
    assert counters(world) == {clip_of(day): day for day in days}
    assert other_bytes(world) == set()
    assert [one for one in differences(world, Records(), tmp_path / "again.sqlite") if one.table == "clip"] == []


def test_a_record_of_bytes_that_came_late_goes_over_to_them(world: World) -> None:
    """By its SHA-256 a record means a file that came days after it, and no longer the one that lay there."""
    first = clip(world, 0)
    record(world, 0, sha256=clip_of(3))
    assert other_bytes(world) == {first}
    late = clip(world, 3)
    assert other_bytes(world) == set()
    assert counters(world) == {first: None, late: 0}


@pytest.mark.parametrize("seed", range(4))
def test_a_log_states_nothing_of_another_days_file(world: World, tmp_path: Path, seed: int) -> None:
    """Logs and videos by the same two names for five days: each video has its day's log, one day has none."""
    days, with_log = range(5), (0, 1, 3, 4)
    coming: list[Comes] = [lambda w, day=day: clip(w, day) for day in days]  # type: ignore[misc] # bound now
    coming += [lambda w, day=day: log(w, day) for day in with_log]  # type: ignore[misc] # as above
    random.Random(seed).shuffle(coming)
    for comes in coming:
        comes(world)
    assert logged(world, days) == [[f"log {day}"] if day in with_log else [] for day in days]
    assert [one for one in differences(world, Records(), tmp_path / "again.sqlite") if one.table == "clip"] == []
