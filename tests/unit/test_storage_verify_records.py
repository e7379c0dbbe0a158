"""The check of records names what is missing, changed or foreign, and nothing else."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence import sidecars
from evidence.clips import Sighting
from evidence.ids import StationId
from storage.local_vault import LocalVault
from storage.verify_records import Registered, verify_records
from tests.support.storage import NOON, sha256

CLIP = sha256(b"clip")
KEY = "k" * 64
SIDECAR = f"sidecars/{CLIP}.{KEY[:16]}.json"
DECISION = f"decisions/000000000012.{sha256(b'decided')[:16]}.json"
IMPORT = f"imports/{sha256(b'rows')}.officers.csv"
SEEN = Sighting(CLIP, 4, StationId("S1"), "目录/\udcb5.mp4", sidecars.moment_of(1_700_000_000_000_000_123), NOON)


@pytest.fixture(name="vault")
def _vault(tmp_path: Path) -> LocalVault:
    vault = LocalVault(tmp_path / "vault", tmp_path / "work")
    sidecar = sidecars.Sidecar(SEEN, KEY, 1_700_000_000_000_000_123, "evidock")
    for place, body in ((SIDECAR, sidecars.to_bytes(sidecar)), (DECISION, b"decided"), (IMPORT, b"rows")):
        folder, _, name = place.partition("/")
        vault.put_record(folder, name, body)
    return vault


def check(vault: LocalVault) -> list[tuple[str, str, str]]:
    """Return kind, subject and what was found of each difference to what was registered."""
    registered = Registered([(KEY, SEEN)], [12], [(sha256(b"rows"), "officers")])
    return [(each.kind.value, each.subject, each.found) for each in verify_records(vault.root, registered)]


def rewrite(vault: LocalVault, place: str, change: Callable[[bytes], bytes]) -> None:
    """Change a sealed record as somebody with access to the disk would."""
    path = vault.root / "records" / place
    path.chmod(0o644)
    path.write_bytes(change(path.read_bytes()))


def moved(body: bytes) -> bytes:
    """Return a sidecar that tells of another dock and is otherwise as it was."""
    return json.dumps(json.loads(body) | {"station": "S2"}).encode()


def test_whole_records_have_no_difference(vault: LocalVault) -> None:
    """Also with a source path that is not UTF-8, and a sidecar and a decision that were never registered."""
    other = sidecars.Sidecar(SEEN, "x" * 64, 1, "evidock")
    vault.put_record("sidecars", other.name, sidecars.to_bytes(other))
    vault.put_record("decisions", f"000000000012.{sha256(b'undone')[:16]}.json", b"undone")
    assert check(vault) == []


@pytest.mark.parametrize("place", [SIDECAR, DECISION, IMPORT])
def test_a_missing_record_is_named(vault: LocalVault, place: str) -> None:
    """Whatever the register tells of has its record."""
    (vault.root / "records" / place).unlink()
    [(kind, subject, _)] = check(vault)
    assert kind == "record_missing"
    assert subject.split(".")[0] == place.split(".", maxsplit=1)[0]


@pytest.mark.parametrize(("place", "body"), [(DECISION, b"decideD"), (IMPORT, b"rowS"), (SIDECAR, b"{}")])
def test_a_changed_record_is_named(vault: LocalVault, place: str, body: bytes) -> None:
    """Its bytes no longer give its name; what they give is told."""
    rewrite(vault, place, lambda _: body)
    assert check(vault) == [("record_changed", place, sha256(body))]


def test_a_sidecar_that_tells_otherwise_than_the_register_is_named(vault: LocalVault) -> None:
    """A sidecar still in form, with another dock in it, differs in that."""
    rewrite(vault, SIDECAR, moved)
    assert check(vault) == [("record_changed", SIDECAR, "station")]


def test_an_unregistered_sidecar_must_be_one(vault: LocalVault) -> None:
    """Also what no sighting tells of has to parse and to agree with its name."""
    name = f"{sha256(b'other')}.{KEY[:16]}.json"
    body = (vault.root / "records" / SIDECAR).read_bytes()
    vault.put_record("sidecars", name, body)
    assert check(vault) == [("record_changed", f"sidecars/{name}", sha256(body))]


@pytest.mark.parametrize("folder", ["sidecars", "decisions", "imports"])
def test_a_foreign_file_among_records_is_named(vault: LocalVault, folder: str) -> None:
    """By its path."""
    vault.put_record(folder, "notes.txt", b"x")
    assert check(vault) == [("record_unexpected", f"{folder}/notes.txt", "")]


def test_a_link_is_no_record(vault: LocalVault) -> None:
    """Even to the right bytes."""
    path = vault.root / "records" / DECISION
    path.rename(vault.root / "aside")
    path.symlink_to(vault.root / "aside")
    assert check(vault) == [("record_missing", DECISION, "lrwxrwxrwx")]
