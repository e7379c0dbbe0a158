"""The port `Intakes` over the register: every fact kept once, every custody event with its ledger entry."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from evidence.changes import Diff
from evidence.claims import Claims
from evidence.clips import ClipState, Playable, Role
from evidence.custody import Entry, EventType
from evidence.errors import NotFoundError
from evidence.ids import Digest, StationId
from evidence.notes import note
from evidence.ports import Intakes, PickupState, Records, Reviewer
from evidence.views import Library  # noqa: TC001 - the assignment below is the test
from index.records import ImportedFile
from tests.support.index import (
    BLACK,
    EVENING,
    LATER,
    LI,
    MACHINE,
    World,
    at,
    container_time,
    derivation,
    digest_of,
    measurement,
    path_claims,
    pickup,
    sighting,
)


@pytest.fixture(name="world")
def _world(tmp_path: Path, register_url: str) -> Iterator[World]:
    world = World(tmp_path, register_url)
    yield world
    world.close()


def events(world: World, subject: str = "") -> list[str]:
    """Return the event words of the ledger, in order."""
    return [json.loads(entry.canonical)["event"] for entry in world.library.ledger(subject=subject)]


def test_the_register_fulfils_its_ports(world: World) -> None:
    """The type checker sees each port fulfilled."""
    intakes: Intakes = world.catalogue
    records: Records = world.catalogue
    reviewer: Reviewer = world.reviewer
    library: Library = world.library
    assert all((intakes, records, reviewer, library))


def test_a_new_original_is_received_and_sealed(world: World) -> None:
    """The first sighting makes the clip, with two ledger entries; its pickup is sealed."""
    with world.transaction() as tx:
        assert world.catalogue.record_sealed(tx, pickup("a"), sighting("a", EVENING), path_claims("D1", at(0)), MACHINE)
    clip = world.library.clip(digest_of("a"))
    assert (clip.state, clip.source_path, clip.station, clip.received_at) == (ClipState.SEALED, "a.mp4", "A", EVENING)
    assert clip.claims == path_claims("D1", at(0))
    assert events(world, digest_of("a")) == [EventType.RECEIVED, EventType.SEALED]
    outcome = world.library.outcomes(["key-a", "nobody"])
    assert {key: (one.state, one.digest) for key, one in outcome.items()} == {
        "key-a": (PickupState.SEALED, digest_of("a"))
    }


def test_the_same_bytes_again_are_one_original_seen_twice(world: World) -> None:
    """A second path, earlier by intake: one clip, under its first sighting; the return value says it was known."""
    earlier = replace(sighting("a", EVENING - timedelta(hours=1)), station=StationId("B"), source_path="copy.mp4")
    other = replace(pickup("a"), key="key-copy", station=StationId("B"), source_path="copy.mp4")
    with world.transaction() as tx:
        assert world.catalogue.record_sealed(tx, pickup("a"), sighting("a", EVENING), Claims(), MACHINE)
        assert not world.catalogue.record_sealed(tx, other, earlier, Claims(), MACHINE)
    clip = world.library.clip(digest_of("a"))
    assert [seen.source_path for seen in clip.sightings] == ["copy.mp4", "a.mp4"]
    assert (clip.station, clip.received_at) == ("B", EVENING - timedelta(hours=1))
    assert events(world)[-1] == EventType.SEEN_AGAIN
    assert world.library.outcomes(["key-copy"])["key-copy"].state is PickupState.SEEN_AGAIN


def test_recording_a_pickup_twice_keeps_it_once(world: World) -> None:
    """A step that runs again after a crash adds neither sighting nor ledger entry."""
    for _ in range(2):
        with world.transaction() as tx:
            world.catalogue.record_sealed(tx, pickup("a"), sighting("a", EVENING), path_claims("D1", at(0)), MACHINE)
    assert len(world.library.clip(digest_of("a")).sightings) == 1
    assert events(world) == [EventType.RECEIVED, EventType.SEALED]


def test_what_was_measured_comes_back_whole(world: World) -> None:
    """Streams, problems and the claims read inside the file come back as they were; each claim is kept once."""
    inside = Claims((container_time(at(0)),))
    measured = replace(measurement(60.0, damaged=True), claims=inside)
    with world.transaction() as tx:
        world.catalogue.record_sealed(tx, pickup("a"), sighting("a", EVENING), path_claims("D1", at(0)), MACHINE)
        for _ in range(2):
            world.catalogue.record_measured(tx, digest_of("a"), measured, inside, MACHINE, EVENING)
    clip = world.library.clip(digest_of("a"))
    assert clip.measurement == measured
    assert clip.problems == (note("media.truncated", missing_s=1.5),)
    assert (clip.state, clip.duration_s, clip.playable) == (ClipState.MEASURED, 60.0, Playable.ORIGINAL)
    assert set(clip.claims.times) == {*path_claims("D1", at(0)).times, *inside.times}


def test_what_was_derived_comes_back_whole(world: World) -> None:
    """Derivatives by role, quality spans and the decoded length; deriving again replaces them."""
    digest = world.clip("a", (0, 2), quality=BLACK)
    clip = world.library.clip(digest)
    assert clip.derivatives[Role.POSTER] == derivation(digest, 120).derivatives[0]
    assert (clip.quality, clip.decoded_duration_s, clip.state) == (BLACK, 120.0, ClipState.REVIEWED)
    with world.transaction() as tx:
        world.catalogue.record_derived(tx, digest, derivation(digest, 119.0), MACHINE, LATER)
    again = world.library.clip(digest)
    assert (again.quality, again.duration_s, again.state) == ((), 119.0, ClipState.REVIEWED)


def test_a_failure_is_seen_and_cleared(world: World) -> None:
    """A stage that gives up marks the clip and the ledger; success or a retry takes the mark away."""
    digest = world.clip("a", (0, 2))
    reason = note("media.failed", waited_s=1.5)
    with world.transaction() as tx:
        world.catalogue.record_failure(tx, digest, "derive", reason, MACHINE, LATER)
    assert world.library.clip(digest).failure == ("derive", reason)
    assert world.library.totals().failed == 1
    assert events(world)[-1] == EventType.FAILED
    with world.transaction() as tx:
        world.catalogue.clear_failure(tx, digest, LI, LATER)
        world.catalogue.clear_failure(tx, digest, LI, LATER)
    assert world.library.clip(digest).failure is None
    assert events(world)[-2:] == [EventType.FAILED, EventType.RETRIED]


def test_a_failed_pickup_is_told_once(world: World) -> None:
    """Every rescan meets the same unreadable file; the ledger tells it once, and the list shows why it waits."""
    reason = note("intake.unreadable")
    for _ in range(3):
        with world.transaction() as tx:
            world.catalogue.note_pickup(tx, pickup("a"), PickupState.FAILED, reason, EVENING)
    assert events(world) == [EventType.FAILED]
    (view,) = world.library.pickups(station="A")
    assert (view.state, view.reason) == (PickupState.FAILED, reason)


def test_a_failed_pickup_that_is_taken_up_again_is_told(world: World) -> None:
    """The ledger says that it waits again, once, and what names it."""
    with world.transaction() as tx:
        world.catalogue.note_pickup(tx, pickup("a"), PickupState.FAILED, note("intake.unreadable"), EVENING)
        for _ in range(2):
            world.catalogue.note_pickup(tx, pickup("a"), PickupState.WAITING, None, LATER)
        world.catalogue.note_pickup(tx, pickup("a"), PickupState.SETTLING, None, LATER)
    assert events(world) == [EventType.FAILED, EventType.RETRIED]
    detail = json.loads(world.library.ledger()[-1].canonical)["detail"]
    assert (detail["pickup_key"], detail["state"], detail["reason"]) == ("key-a", "waiting", None)


def test_pickups_under_way_are_counted(world: World) -> None:
    """Settling and waiting files are unfinished; a sealed one that is not reviewed yet is, too."""
    with world.transaction() as tx:
        assert world.catalogue.pickup_state(tx, "key-a") is None
        world.catalogue.note_pickup(tx, pickup("a"), PickupState.SETTLING, None, EVENING)
        world.catalogue.note_pickup(tx, pickup("a"), PickupState.WAITING, None, EVENING)
        assert world.catalogue.pickup_state(tx, "key-a") is PickupState.WAITING
        world.catalogue.record_sealed(tx, pickup("b"), sighting("b", EVENING), Claims(), MACHINE)
    assert world.library.unfinished() == 2
    assert world.library.totals().pickups_waiting == 1
    assert world.library.stations()[0].waiting == 1


def test_nothing_is_recorded_of_an_unknown_clip(world: World) -> None:
    """A stage about bytes nobody sealed is a mistake of the caller, named with the digest."""
    unknown = Digest("f" * 64)
    with pytest.raises(NotFoundError, match="ffff"), world.transaction() as tx:
        world.catalogue.record_measured(tx, unknown, measurement(1.0), Claims(), MACHINE, LATER)


def test_any_entry_can_be_appended(world: World) -> None:
    """The ledger's own door returns the entry's number."""
    with world.transaction() as tx:
        assert world.catalogue.append(tx, Entry(EventType.CHECKED, MACHINE, LATER)) == 0


def test_only_a_session_is_a_transaction(world: World) -> None:
    """What the register did not open is refused, and says what it is."""
    with pytest.raises(TypeError, match="not str"):
        world.catalogue.append("a transaction", Entry(EventType.CHECKED, MACHINE, LATER))


def test_an_import_is_a_ledger_entry(world: World) -> None:
    """Which record file, how many rows, by whom."""
    record = digest_of("cases.csv")
    with world.transaction() as tx:
        batch = ImportedFile(record, f"{record}.cases.csv", "0" * 64, "cases", "cases.csv", 3, "+08:00")
        number = world.catalogue.record_import(tx, batch, Diff(), MACHINE, LATER)
    assert number == 0
    assert events(world, record) == [EventType.IMPORTED]
