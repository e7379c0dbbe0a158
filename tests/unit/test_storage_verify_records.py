"""Records held against entries of both versions of the ledger: missing, changed or foreign, and nothing else."""

import json
from pathlib import Path

import pytest

from storage.reading import LocalReader
from storage.verify_entries import Told
from storage.verify_expected import Expected
from storage.verify_objects import verify_objects
from storage.verify_plan import Plan
from tests.support.tampering import START, TestVault, canonical, sha256

CLIP = b"clip"
KEY = "k" * 64
SIDECAR = f"sidecars/{sha256(CLIP)}.{KEY[:16]}.json"
DECISION = f"decisions/000000000012.{sha256(b'decided')[:16]}.json"
IMPORT = f"imports/{sha256(b'rows')}.officers.csv"
TOLD = {"station": "S1", "source_path": "目录/\ufffd.mp4", "size_bytes": 4}
SAID = {
    **TOLD,
    "v": 1,
    "sha256": sha256(CLIP),
    "source_path_bytes": "目录/".encode().hex() + "b5" + b".mp4".hex(),
    "mtime_ns": 1_700_000_000_000_000_123,
    "received_at": "2026-03-02T04:00:00.123456Z",
    "pickup_key": KEY,
    "tool": "evidock",
}


@pytest.fixture(name="vault")
def _vault(tmp_path: Path) -> TestVault:
    vault = TestVault(tmp_path / "vault")
    vault.write(f"originals/{sha256(CLIP)[:2]}/{sha256(CLIP)[2:4]}/{sha256(CLIP)}", CLIP)
    for path, body in ((SIDECAR, canonical(SAID)), (DECISION, b"decided"), (IMPORT, b"rows")):
        vault.write(f"records/{path}", body)
    return vault


def old_entries() -> list[Told]:
    """Return entries of version 1, which name no records; their times are cut to milliseconds."""
    return [
        Told(0, 1, "ingestion", "2026-03-02T04:00:00.123Z", sha256(CLIP), TOLD),
        Told(12, 1, "decision", "2026-03-02T05:00:00Z", sha256(CLIP), {"decision": "link"}),
        Told(13, 1, "accession", "2026-03-02T06:00:00Z", sha256(b"rows"), {"noun": "officers", "file_name": "a.csv"}),
    ]


def differences(vault: TestVault, told: list[Told] | None = None) -> list[tuple[str, str]]:
    """Return kind and subject of each difference to what entries tell."""
    expected = Expected()
    for one in old_entries() if told is None else told:
        expected.take(one)
    reader = LocalReader(vault.root)
    found = verify_objects(reader, reader, expected, Plan(deep=True, now=START))
    return [(one.kind.value, one.subject) for one in found]


def test_records_of_a_ledger_made_before_the_tree_agree(vault: TestVault) -> None:
    """Also with a source path that is not UTF-8, as the entry shows what can be read of it."""
    assert differences(vault) == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (SIDECAR, canonical({**SAID, "station": "S2"})),
        (SIDECAR, canonical({**SAID, "received_at": "2026-03-02T04:00:00.124Z"})),
        (SIDECAR, b"{}"),
        (SIDECAR, b"\xff"),
        (DECISION, b"decideD"),
        (IMPORT, b"rowS"),
    ],
)
def test_an_old_record_that_says_otherwise_is_named(vault: TestVault, path: str, body: bytes) -> None:
    """A sidecar in form, with another dock in it; a record whose bytes do not give its name."""
    vault.write(f"records/{path}", body)
    found = differences(vault)
    assert ("record_changed", path) in found
    assert {kind for kind, _ in found} <= {"record_changed", "record_missing"}


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (SIDECAR, f"sidecars/{sha256(CLIP)}.*.json"),
        (DECISION, "decisions/000000000012.*.json"),
        (IMPORT, f"imports/{sha256(b'rows')}.officers.*"),
    ],
)
def test_a_missing_old_record_is_named_as_far_as_its_entry_says(vault: TestVault, path: str, named: str) -> None:
    """Its entry does not know the whole name."""
    (vault.root / "records" / path).unlink()
    assert differences(vault) == [("record_missing", named)]


@pytest.mark.parametrize("path", ["sidecars/notes.txt", "decisions/x", "imports/y", "other/z", "loose"])
def test_a_foreign_file_among_records_is_named(vault: TestVault, path: str) -> None:
    """By its path."""
    vault.write(f"records/{path}", b"x")
    assert differences(vault) == [("record_unexpected", path)]


def test_a_link_is_no_record(vault: TestVault) -> None:
    """Even to the right bytes: the decision is missing, and the link is foreign."""
    path = vault.root / "records" / DECISION
    path.rename(vault.root / "staging")
    path.symlink_to(vault.root / "staging")
    assert ("record_unexpected", DECISION) in differences(vault)


def test_newer_entries_name_every_record_by_its_digest(vault: TestVault) -> None:
    """Long entries come in parts, and the record of a decision is named by the first of them."""
    told = [
        Told(0, 2, "ingestion", "", sha256(CLIP), {**TOLD, "pickup_key": KEY, "sidecar": sha256(canonical(SAID))}),
        Told(12, 2, "decision", "", "", {"record": sha256(b"decided")}),
        Told(13, 2, "accession", "", sha256(b"rows"), {"noun": "officers", "name": IMPORT.rpartition("/")[2]}),
    ]
    assert differences(vault, told) == []
    vault.write(f"records/{SIDECAR}", canonical({**SAID, "tool": "other"}))
    assert differences(vault, told) == [("record_changed", SIDECAR)]
    assert json.loads((vault.root / "records" / SIDECAR).read_bytes())["tool"] == "other"
