"""What a dock's record says goes into the ledger with the measurement, and comes back from it and from the pipeline."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.clips import Measurement
from evidence.custody import EventType
from evidence.docking import DockedFile, DockRecord
from evidence.ids import DeviceId
from evidence.notes import note
from index.journal import MEASUREMENT, told_by
from ingest import pipeline_payloads
from tests.support.docking import measured_with
from tests.support.index import EVENING, MACHINE, World, at, digest_of, path_claims, pickup, sighting

FULL = DockRecord(
    DeviceId("AB00001"),
    datetime(2026, 11, 23, 10, 2, 11, 250_000, tzinfo=UTC),
    datetime(1999, 12, 31, 16, 3, 12, tzinfo=UTC),
    clock_set=False,
    precision_s=0.5,
    officer_code="XX0001",
    files=(
        DockedFile("100MEDIA/记录 1.MOV", 17, "XX0001", at(0), (("md5", "0a" * 16), ("sha256", "ab" * 32))),
        DockedFile("b.MOV"),
    ),
    tool="采集站软件 4.2",
)
LEAST = DockRecord(DeviceId("AB00001"), EVENING)
LONG = replace(FULL, files=tuple(DockedFile(f"{n:05}.MOV", n) for n in range(3000)))
REFUSED = (note("intake.dock_record.time", key="connection.dock_time", value="?"),)
MEASURED = {
    "full": measured_with(FULL),
    "least": measured_with(LEAST),
    "long": measured_with(LONG),
    "refused": measured_with(None, REFUSED),
}


@pytest.fixture(name="world")
def _world(tmp_path: Path, register_url: str) -> Iterator[World]:
    world = World(tmp_path, register_url)
    yield world
    world.close()


@pytest.mark.parametrize("measured", MEASURED.values(), ids=MEASURED)
def test_a_ledger_entry_carries_the_record_and_gives_it_back(world: World, measured: Measurement) -> None:
    """Every field of it, times to the microsecond and nothing for what is not stated; a long list takes several."""
    digest = digest_of("a")
    with world.transaction() as tx:
        world.catalogue.record_sealed(tx, pickup("a"), sighting("a", EVENING), path_claims("D1", at(0)), MACHINE)
        world.catalogue.record_measured(tx, digest, measured, measured.claims, MACHINE, EVENING)
    (told,) = [one for one in told_by(world.library.ledger()) if one.event == EventType.MEASURED]
    assert MEASUREMENT.read(told.detail["measurement"]) == measured
    assert world.library.clip(digest).problems == measured.problems


@pytest.mark.parametrize("measured", MEASURED.values(), ids=MEASURED)
def test_a_reader_gets_the_record_with_what_came(world: World, measured: Measurement) -> None:
    """The clip's view holds the record as it was measured, and names the listed files that were seen beside it."""
    digest, beside = digest_of("a"), replace(sighting("b", EVENING), source_path="b.MOV")
    record = replace(sighting("a", EVENING), source_path="a.json", station=beside.station)
    with world.transaction() as tx:
        world.catalogue.record_sealed(tx, pickup("a"), record, path_claims("D1", at(0)), MACHINE)
        world.catalogue.record_sealed(tx, pickup("b"), beside, path_claims("D1", at(0)), MACHINE)
        world.catalogue.record_measured(tx, digest, measured, measured.claims, MACHINE, EVENING)
    view = world.library.clip(digest)
    assert view.docking == measured.docking
    assert view.arrived == ({"b.MOV": beside.digest} if measured.docking == FULL else {})
    assert world.library.clip(beside.digest).docking is None


@pytest.mark.parametrize("measured", MEASURED.values(), ids=MEASURED)
def test_the_pipeline_hands_the_record_on(measured: Measurement) -> None:
    """What a step stores for the next one is the same measurement."""
    stored = json.loads(json.dumps(pipeline_payloads.MEASUREMENT.pack(measured)))
    assert pipeline_payloads.MEASUREMENT.unpack(stored) == measured


def test_an_entry_of_before_there_were_records_is_still_read() -> None:
    """Entries without the field mean a file that is no record."""
    written = MEASUREMENT.write(measured_with(None))
    del written["docking"]
    assert MEASUREMENT.read(written).docking is None
