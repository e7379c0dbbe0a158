"""Originals, locks and derivatives held against what is expected; what a moment puts right is looked at again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.texts import LOCALES, Texts, catalogue
from storage.reading import FoundLock, LocalReader
from storage.verify import Difference, DifferenceKind
from storage.verify_entries import Told
from storage.verify_expected import Expected, Original
from storage.verify_objects import verify_objects
from storage.verify_plan import Plan
from tests.support.tampering import KEPT_UNTIL, START, TestVault, flip, sha256

BODY = b"a clip"
DIGEST = sha256(BODY)
PLACE = f"originals/{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}"


@pytest.fixture(name="vault")
def _vault(tmp_path: Path) -> TestVault:
    vault = TestVault(tmp_path / "vault")
    vault.write(PLACE, BODY)
    return vault


def expecting(*digests: str) -> Expected:
    """Return what names these originals."""
    return Expected(originals={digest: Original(len(BODY), 0) for digest in digests})


def found_by(vault: TestVault, expected: Expected, plan: Plan) -> list[tuple[str, str]]:
    """Return kind and subject of each difference."""
    reader = LocalReader(vault.root)
    return [(one.kind.value, one.subject) for one in verify_objects(reader, reader, expected, plan)]


def test_what_the_ledger_tells_by_the_next_look_is_no_difference(vault: TestVault) -> None:
    """A file sealed before its entry was: it is in order as soon as the entry is there, and read then."""
    expected, looks = Expected(), []

    def refresh() -> None:
        looks.append("look")
        if looks.count("look") == 2:
            expected.originals[DIGEST] = Original(len(BODY), 0)

    read: list[str] = []
    plan = Plan(deep=True, now=START, refresh=refresh, pause=lambda: looks.append("pause"), read_now=read.append)
    assert found_by(vault, expected, plan) == []
    assert looks == ["look", "pause", "look"]
    assert read == [PLACE]


def test_what_stays_unknown_is_named_after_three_looks(vault: TestVault) -> None:
    """And nothing is waited for when there is nothing to wait for."""
    pauses: list[int] = []
    plan = Plan(deep=False, now=START, pause=lambda: pauses.append(1))
    assert found_by(vault, Expected(), plan) == [("unexpected", DIGEST)]
    assert len(pauses) == 2
    assert found_by(vault, expecting(DIGEST), plan) == []
    assert len(pauses) == 2


def test_an_original_disposed_of_while_it_is_checked_is_not_missing(vault: TestVault) -> None:
    """Its tombstone is found at the second look."""
    expected = expecting(DIGEST, sha256(b"gone"))
    plan = Plan(deep=False, now=START, refresh=lambda: expected.take(Told(9, 2, "deletion", "", sha256(b"gone"), {})))
    assert found_by(vault, expected, plan) == []


def test_something_lasting_is_named_once_though_something_passing_is_looked_at_again(vault: TestVault) -> None:
    """A damaged original with another lock than the register saw, read once."""
    flip(vault.root / PLACE)
    read: list[str] = []
    lock = FoundLock(START, held=True)
    plan = Plan(deep=True, now=START, said=lambda _digest: lock, read_now=read.append)
    assert sorted(found_by(vault, expecting(DIGEST), plan)) == [("digest", DIGEST), ("lock_changed", DIGEST)]
    assert read == [PLACE]


def test_bytes_are_told_as_they_are_read_and_what_was_read_before_is_not_read(vault: TestVault) -> None:
    """A part of an earlier run counts as done."""
    flip(vault.root / PLACE)
    done: list[int] = []
    plan = Plan(deep=True, now=START, report=done.append, read_before=lambda path, number: (path, number) == (PLACE, 0))
    assert found_by(vault, expecting(DIGEST), plan) == []
    assert sum(done) == len(BODY)


def test_a_lock_that_age_alone_gives_may_have_been_set_otherwise(vault: TestVault) -> None:
    """The least time was shortened after the register had asked; a hold that went is named all the same."""
    reader = LocalReader(vault.root, timedelta(days=1))
    said = [FoundLock(KEPT_UNTIL, held=False), FoundLock(KEPT_UNTIL, held=True)]
    for lock, kinds in zip(said, ([], ["lock_changed"]), strict=True):
        plan = Plan(deep=False, now=START, said=lambda _digest, lock=lock: lock)  # type: ignore[misc]
        assert [one.kind.value for one in verify_objects(reader, reader, expecting(DIGEST), plan)] == kinds
    found = reader.lock(PLACE)
    assert found is not None
    assert found.until == found.least == datetime.fromtimestamp((vault.root / PLACE).stat().st_mtime + 86400, UTC)


def test_a_promise_that_has_run_out_asks_for_no_lock(vault: TestVault) -> None:
    """A lock cannot be set into the past."""
    expected = expecting(DIGEST)
    expected.kept_until[DIGEST] = "2026-03-02T04:00:00Z"
    assert found_by(vault, expected, Plan(deep=False, now=START)) == []
    expected.kept_until[DIGEST] = "2026-03-02T04:00:01Z"
    assert found_by(vault, expected, Plan(deep=False, now=START)) == [("lock_short", DIGEST)]


def test_a_folder_in_an_originals_place_and_what_is_in_it_are_named(vault: TestVault) -> None:
    """It is no original, and nobody knows what it holds."""
    (vault.root / PLACE).unlink()
    (vault.root / PLACE).mkdir()
    (vault.root / PLACE / "inside").write_bytes(b"x")
    found = found_by(vault, expecting(DIGEST), Plan(deep=True, now=START))
    assert sorted(found) == [("missing", DIGEST), ("unexpected", f"{PLACE.removeprefix('originals/')}/inside")]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", DifferenceKind)
def test_every_kind_says_what_it_means_and_what_to_do(kind: DifferenceKind, locale: str) -> None:
    """In both languages, with every place filled."""
    difference = Difference(kind, "SUBJECT", "EXPECTED", "FOUND", "PARENT")
    for said in (difference.as_note(), difference.cure()):
        assert said.code in catalogue(locale)
        assert "%(" not in Texts(locale).say(said)
