"""A dock's record goes through the real pipeline: sealed, read, in the ledger, and in the register made again."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboard.demo.dock_records import dock_record_json
from dashboard.wiring import open_house
from evidence.clips import Kind, Measurement
from evidence.custody import EventType
from evidence.docking import DockedFile, DockRecord
from evidence.ids import DeviceId, Digest
from evidence.views import FindingFilter
from index.journal import MEASUREMENT, told_by
from ingest.dock_records import MEDIA_TYPE
from tests.support.cli import json_lines, run_cli

pytestmark = pytest.mark.slow

RECORD = DockRecord(
    DeviceId("AB00001"),
    datetime(2026, 11, 23, 10, 2, 11, tzinfo=UTC),
    datetime(2026, 11, 23, 10, 2, 9, tzinfo=UTC),
    clock_set=True,
    files=(DockedFile("a.log", 1),),
)
RENAMED = DockRecord(DeviceId("AB00002"), datetime(2026, 11, 23, 10, 2, 12, tzinfo=UTC))
FILES = {
    "AB00001.evidock.json": dock_record_json(RECORD),
    "AB00002.evidock (1).json": dock_record_json(RENAMED),
    "torn.evidock.json": dock_record_json(RECORD)[:-40],
    "nothing.EVIDOCK.JSON": b"",
    "other.json": b'{"format": "another/1"}\n',
}


def docked(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write the files into a dock's folder."""
    folder.mkdir()
    for name, body in files.items():
        (folder / name).write_bytes(body)
    return folder


def test_a_record_is_sealed_read_and_kept_in_the_ledger(tmp_path: Path) -> None:
    """Records are known by name or content; one that cannot be read is told of and is no damage; a rebuild keeps it."""
    home = tmp_path / "home"
    done = run_cli(home, "take-in", str(docked(tmp_path / "dock", FILES)), "--json")
    assert done.returncode == 0, done.stderr
    assert {(line["kind"], line["failure"]) for line in json_lines(done)} == {("other", None)}
    before = measured_of(home)
    assert {name: one.docking for name, one in before.items()} == {
        "AB00001.evidock.json": RECORD,
        "AB00002.evidock (1).json": RENAMED,
        "torn.evidock.json": None,
        "nothing.EVIDOCK.JSON": None,
        "other.json": None,
    }
    assert (before["AB00001.evidock.json"].media_type, before["AB00001.evidock.json"].problems) == (MEDIA_TYPE, ())
    assert codes(before["torn.evidock.json"]) == ["media.not_media", "intake.dock_record.json"]
    assert codes(before["nothing.EVIDOCK.JSON"]) == ["media.empty", "intake.dock_record.empty"]
    assert codes(before["other.json"]) == ["media.not_media"]
    assert {(one.kind, one.damaged) for one in before.values()} == {(Kind.OTHER, False)}
    assert findings(home) == []
    assert run_cli(home, "rebuild").returncode == 0
    assert run_cli(home, "verify", "--deep").returncode == 0
    assert measured_of(home) == before


def codes(measured: Measurement) -> list[str]:
    """Return the codes of what is wrong with a file."""
    return [one.code for one in measured.problems]


def measured_of(home: Path) -> dict[str, Measurement]:
    """Return file name → measurement, as the ledger tells it."""
    names = {Digest(hashlib.sha256(body).hexdigest()): name for name, body in FILES.items()}
    with open_house(home) as house:
        told = list(told_by(house.library.ledger(limit=1000)))
    found = [one for one in told if one.event == EventType.MEASURED]
    return {names[Digest(one.subject)]: MEASUREMENT.read(one.detail["measurement"]) for one in found}


def findings(home: Path) -> list[str]:
    """Return the kinds of what was found."""
    with open_house(home) as house:
        return [one.finding.kind.value for one in house.library.findings(FindingFilter())]
