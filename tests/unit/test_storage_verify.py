"""The fixity check names every kind of difference and no other."""

from collections.abc import Collection
from pathlib import Path

import pytest

from evidence.ids import Digest
from storage.derivatives import LocalDerivatives
from storage.local_vault import LocalVault
from storage.verify import DifferenceKind, verify_derivatives, verify_originals
from tests.support.storage import seal, sha256

BODIES = [b"one", b"two", b"three"]


@pytest.fixture(name="vault")
def _vault(tmp_path: Path) -> LocalVault:
    vault = LocalVault(tmp_path / "vault", tmp_path / "work")
    for body in BODIES:
        seal(vault, body)
    return vault


def check(vault: LocalVault, *, deep: bool = True) -> list[tuple[DifferenceKind, str]]:
    """Return kind and subject of each difference to the three bodies."""
    expected = {sha256(body): len(body) for body in BODIES}
    found = verify_originals(vault.root, expected, deep=deep, report=lambda _share: None)
    return [(difference.kind, difference.subject) for difference in found]


def place(vault: LocalVault, body: bytes, *, mode: int = 0o644) -> Path:
    """Return where an original lies, after giving it a mode."""
    path = vault.locate(sha256(body))
    path.chmod(mode)
    return path


def test_a_whole_vault_has_no_difference(vault: LocalVault) -> None:
    """Deep or not."""
    assert check(vault) == check(vault, deep=False) == []


def test_a_missing_original_is_named(vault: LocalVault) -> None:
    """By its digest."""
    place(vault, b"two").unlink()
    assert check(vault, deep=False) == [(DifferenceKind.MISSING, sha256(b"two"))]


def test_something_else_in_an_originals_place_counts_as_missing(vault: LocalVault) -> None:
    """A link is no original, even to the right bytes."""
    path = place(vault, b"two", mode=0o444)
    path.rename(vault.root / "aside")
    path.symlink_to(vault.root / "aside")
    assert check(vault) == [(DifferenceKind.MISSING, sha256(b"two"))]


def test_a_changed_size_is_named_without_reading(vault: LocalVault) -> None:
    """The quick check sees it."""
    place(vault, b"two").write_bytes(b"longer")
    place(vault, b"two", mode=0o444)
    assert check(vault, deep=False) == [(DifferenceKind.SIZE, sha256(b"two"))]


def test_changed_bytes_of_the_same_size_are_named_by_the_deep_check(vault: LocalVault) -> None:
    """Only reading finds one flipped letter."""
    place(vault, b"two").write_bytes(b"twO")
    place(vault, b"two", mode=0o444)
    assert check(vault, deep=False) == []
    assert check(vault) == [(DifferenceKind.DIGEST, sha256(b"two"))]


@pytest.mark.parametrize("mode", [0o644, 0o464, 0o446])
def test_a_writable_original_is_named(vault: LocalVault, mode: int) -> None:
    """For owner, group or all."""
    place(vault, b"two", mode=mode)
    assert check(vault) == [(DifferenceKind.WRITABLE, sha256(b"two"))]


def test_an_original_nobody_expects_and_a_foreign_file_are_named(vault: LocalVault) -> None:
    """An original by its digest, anything else by its path, both after the expected ones."""
    digest = seal(vault, b"four").digest
    (vault.root / "originals" / "ab").mkdir(exist_ok=True)
    (vault.root / "originals" / "ab" / "notes.txt").write_text("x")
    assert sorted(check(vault)) == sorted(
        [(DifferenceKind.UNEXPECTED, digest), (DifferenceKind.UNEXPECTED, "ab/notes.txt")]
    )


def test_every_difference_is_listed_not_only_the_first(vault: LocalVault) -> None:
    """Checking collects, then reports once."""
    for body in BODIES:
        place(vault, body).unlink()
    assert len(check(vault)) == 3


def test_progress_goes_by_bytes_and_ends_at_one(vault: LocalVault) -> None:
    """It never decreases."""
    shares: list[float] = []
    verify_originals(vault.root, {sha256(body): len(body) for body in BODIES}, deep=True, report=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_an_empty_vault_misses_everything(tmp_path: Path) -> None:
    """A folder that is not there is a list of differences, not a crash."""
    expected = {Digest("0" * 64): 1}
    found = verify_originals(tmp_path / "none", expected, deep=True, report=lambda _share: None)
    assert [difference.as_note().code for difference in found] == ["vault.missing"]


def test_what_is_sealed_while_it_runs_is_no_difference(vault: LocalVault) -> None:
    """A file sealed and registered from within the check is known by its end; a foreign one beside it is named."""
    registered = {sha256(body): len(body) for body in BODIES}
    expected = dict(registered)
    asked: list[list[str]] = []

    def seal_another(_share: float) -> None:
        registered[seal(vault, b"late").digest] = 4

    def known_of(found: Collection[str]) -> set[str]:
        asked.append(sorted(found))
        return {digest for digest in found if digest in registered}

    foreign = seal(vault, b"foreign").digest
    found = verify_originals(vault.root, expected, deep=True, report=seal_another, known_of=known_of)
    assert [(each.kind, each.subject) for each in found] == [(DifferenceKind.UNEXPECTED, foreign)]
    assert asked == [sorted([foreign, sha256(b"late")])]


@pytest.mark.parametrize(
    ("body", "deep", "code"),
    [
        (b"proxy", True, ""),
        (None, False, "vault.derivative_missing"),
        (b"prox", False, "vault.derivative_size"),
        (b"prOxy", False, ""),
        (b"prOxy", True, "vault.derivative_digest"),
    ],
)
def test_a_derivative_is_named_with_its_parent(tmp_path: Path, body: bytes | None, deep: bool, code: str) -> None:
    """Missing, of another size, or – when it is read – of other bytes; the parent says what to derive again."""
    (tmp_path / "new").write_bytes(b"proxy")
    store = LocalDerivatives(tmp_path / "derivatives")
    digest, size_bytes = store.publish(tmp_path / "new")
    place = store.locate(digest)
    place.unlink()
    if body is not None:
        place.write_bytes(body)
    done: list[float] = []
    found = list(verify_derivatives(tmp_path, [(digest, size_bytes, sha256(b"clip"))], deep=deep, report=done.append))
    assert [each.as_note().code for each in found] == ([code] if code else [])
    assert all((each.subject, each.parent) == (digest, sha256(b"clip")) for each in found)
    assert done == [size_bytes]
