"""The tamper table: every way to harm a vault is found by the deep check, and named by its kind."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from evidence import tlog
from evidence.tlog import Checkpoint, SignedNote
from storage.verify import DifferenceKind
from tests.support.tampering import (
    KEPT_UNTIL,
    LOG,
    NEXT,
    ORIGIN,
    THIEF,
    WITNESS,
    TestVault,
    canonical,
    check,
    entry,
    flip,
    kinds,
    make_vault,
    sha256,
    tiles,
)


@pytest.fixture(name="vault")
def _vault(tmp_path: Path) -> TestVault:
    return make_vault(tmp_path / "vault")


def first(vault: TestVault, pattern: str) -> Path:
    """Return the first file that a pattern names."""
    return min(path for path in vault.root.glob(pattern) if path.is_file())


def relaid(vault: TestVault) -> None:
    """Lay tiles and bundles down anew over the vault's entries; the checkpoint stays as it was signed."""
    for path, body in tiles(vault.entries).items():
        vault.write(f"ledger/{path}", body)


def forged(vault: TestVault) -> None:
    """Sign the newest tree with a key nobody trusts, and lay that key beside the tiles."""
    relaid(vault)
    vault.write("ledger/checkpoint", vault.checkpoint(signers=(THIEF,)).to_bytes())
    vault.write(f"ledger/keys/{THIEF.vkey.key_id.hex()}.vkey", f"{THIEF.vkey}\n".encode())


def test_an_untouched_vault_has_no_difference(vault: TestVault) -> None:
    """Deep or not."""
    assert check(vault) == check(vault, deep=False) == []


@pytest.mark.parametrize("entries", [40, 256, 257, 511, 512, 513])
def test_vaults_of_every_shape_have_no_difference(tmp_path: Path, entries: int) -> None:
    """With and without full tiles, with a last bundle that is full, or of one entry."""
    assert check(make_vault(tmp_path, entries=entries)) == []


FLIPPED = (
    ("originals/*/*/*", "digest"),
    ("derivatives/??/*", "derivative_digest"),
    ("records/sidecars/*", "record_changed"),
    ("records/decisions/*", "record_changed"),
    ("records/imports/*.csv", "record_changed"),
    ("records/imports/*_rows.json", "record_changed"),
    ("ledger/tile/entries/000", "entry_changed"),
    ("ledger/tile/entries/002.p/88", "entry_changed"),
    ("ledger/tile/0/001", "tile_changed"),
    ("ledger/tile/0/002.p/88", "tile_changed"),
    ("ledger/tile/1/000.p/2", "tile_changed"),
    ("ledger/checkpoint", "checkpoint_untrusted"),
    ("ledger/cosigned/000000000200.*", "cosigned_damaged"),
    ("ledger/stamped/*.note", "stamp_damaged"),
    ("ledger/stamped/*.tsr", "stamp_damaged"),
    ("ledger/keys/*", "key_damaged"),
    ("locks/*/*/*.json", "lock_damaged"),
)


@pytest.mark.parametrize(("pattern", "kind"), FLIPPED)
def test_a_flipped_bit_is_named(vault: TestVault, pattern: str, kind: str) -> None:
    """Whatever it hits, and nothing else is named with it; what is damaged in the ledger is named by its path."""
    path = first(vault, pattern)
    flip(path, at=25 if pattern.startswith("ledger/") else 5)
    found = check(vault)
    assert kinds(found) == [kind]
    below = path.relative_to(vault.root).as_posix()
    if pattern.startswith("ledger/") and kind != "entry_changed":
        assert below in {one.subject for one in found}


def test_a_changed_entry_is_named_by_its_number_and_file(vault: TestVault) -> None:
    """One letter in the actor of entry 400."""
    bundle = first(vault, "ledger/tile/entries/001")
    body = bundle.read_bytes()
    at = body.index(b'"number":400,')
    flip(bundle, body.rindex(b'"system"', 0, at) + 2)
    [found] = check(vault)
    assert (found.kind, found.subject) == (DifferenceKind.ENTRY_CHANGED, "400")
    assert found.found == "ledger/tile/entries/001"


def test_a_damaged_entry_that_the_register_still_has_takes_nothing_with_it(vault: TestVault) -> None:
    """Without the register's copy of the entry, the original that only it names has no entry any more."""
    bundle = first(vault, "ledger/tile/entries/000")
    body = bundle.read_bytes()
    flip(bundle, body.index(b'"event":"ingestion"') + 12)
    assert kinds(check(vault)) == ["entry_changed"]
    assert kinds(check(vault, register=())) == [
        "entry_changed",
        "lock_unexpected",
        "record_unexpected",
        "unexpected",
    ]


# --- originals, records, locks ----------------------------------------------------------------------------------------


def swap(vault: TestVault) -> None:
    """Give two originals each other's bytes."""
    one, two = sorted(path for path in vault.root.glob("originals/*/*/*"))[:2]
    bodies = one.read_bytes(), two.read_bytes()
    for path, body in ((one, bodies[1]), (two, bodies[0])):
        vault.write(path.relative_to(vault.root).as_posix(), body)


def truncate(vault: TestVault) -> None:
    """Cut an original short."""
    path = max(vault.root.glob("originals/*/*/*"), key=lambda one: one.stat().st_size)
    vault.write(path.relative_to(vault.root).as_posix(), path.read_bytes()[:-3])


def link_away(vault: TestVault) -> None:
    """Put a link to the right bytes in an original's place."""
    path = first(vault, "originals/*/*/*")
    path.rename(vault.root / "staging")
    path.symlink_to(vault.root / "staging")


def folder_instead(vault: TestVault) -> None:
    """Put a folder in an original's place."""
    path = first(vault, "originals/*/*/*")
    path.unlink()
    path.mkdir()


def put_back(vault: TestVault) -> None:
    """Put an original back that was disposed of."""
    body = b"clip 11 " * 441
    digest = sha256(body)
    vault.write(f"originals/{digest[:2]}/{digest[2:4]}/{digest}", body)


def relock(vault: TestVault, text: bytes) -> None:
    """Write another lock for the first original that has one."""
    vault.write(first(vault, "locks/*/*/*").relative_to(vault.root).as_posix(), text)


LATER = (KEPT_UNTIL + timedelta(days=4000)).isoformat().replace("+00:00", "Z")

HARM: dict[str, tuple[Callable[[TestVault], object], list[str]]] = {
    "an original deleted": (lambda vault: first(vault, "originals/*/*/*").unlink(), ["missing"]),
    "an original truncated": (truncate, ["digest", "size"]),
    "two originals swapped": (swap, ["digest", "size"]),
    "an original made writable": (lambda vault: first(vault, "originals/*/*/*").chmod(0o664), ["writable"]),
    "a link instead": (link_away, ["missing"]),
    "a folder instead": (folder_instead, ["missing"]),
    "a disposed original put back": (put_back, ["undisposed"]),
    "an extra original": (lambda vault: vault.write(f"originals/ab/cd/abcd{'0' * 60}", b"x"), ["unexpected"]),
    "an extra file among originals": (lambda vault: vault.write("originals/notes.txt", b"x"), ["unexpected"]),
    "an extra file beside them": (lambda vault: vault.write("notes.txt", b"x"), ["unexpected"]),
    "an extra sidecar": (lambda v: v.write(f"records/sidecars/{'a' * 64}.k.json", b"x"), ["record_unexpected"]),
    "an extra decision": (lambda v: v.write(f"records/decisions/{7:012}.{'a' * 16}.json", b"x"), ["record_unexpected"]),
    "an extra import": (lambda v: v.write(f"records/imports/{'a' * 64}.cases.csv", b"x"), ["record_unexpected"]),
    "an extra folder of records": (lambda v: v.write("records/other/a.json", b"x"), ["record_unexpected"]),
    "a sidecar deleted": (lambda vault: first(vault, "records/sidecars/*").unlink(), ["record_missing"]),
    "a decision deleted": (lambda vault: first(vault, "records/decisions/*").unlink(), ["record_missing"]),
    "an import deleted": (lambda vault: first(vault, "records/imports/*.csv").unlink(), ["record_missing"]),
    "its rows deleted": (lambda vault: first(vault, "records/imports/*_rows.json").unlink(), ["record_missing"]),
    "an extra derivative": (lambda v: v.write(f"derivatives/ab/ab{'0' * 62}", b"x"), ["derivative_unexpected"]),
    "a foreign file among derivatives": (lambda v: v.write("derivatives/x.mp4", b"x"), ["derivative_unexpected"]),
    "an extra lock": (lambda v: v.write(f"locks/ab/cd/abcd{'0' * 60}.json", b"x"), ["lock_unexpected"]),
    "a lock deleted": (lambda vault: first(vault, "locks/*/*/*").unlink(), ["lock_changed", "lock_short"]),
    "a lock without words": (lambda vault: relock(vault, b"{}"), ["lock_damaged"]),
    "a lock prolonged": (
        lambda vault: relock(vault, canonical({"held": False, "until": LATER, "v": 1})),
        ["lock_changed"],
    ),
    "a lock shortened": (
        lambda vault: relock(vault, canonical({"held": False, "until": "2026-04-01T00:00:00Z", "v": 1})),
        ["lock_changed", "lock_short"],
    ),
    "something set aside by nobody": (lambda v: v.write(f"damaged/{'a' * 64}.1", b"x"), ["unexpected"]),
}


@pytest.mark.parametrize("name", HARM)
def test_harm_to_what_lies_in_the_vault_is_named(vault: TestVault, name: str) -> None:
    """Deleted, cut, swapped, locked otherwise, put there."""
    harm, expected = HARM[name]
    harm(vault)
    assert kinds(check(vault)) == expected


def test_a_lost_newest_derivative_is_named_with_its_parent_and_a_lost_older_one_is_not(vault: TestVault) -> None:
    """The older proxy of the first clip was replaced by a better one."""
    newest, older = sha256(b"a better proxy"), sha256(b"proxy 0" * 9)
    (vault.root / f"derivatives/{older[:2]}/{older}").unlink()
    assert check(vault) == []
    (vault.root / f"derivatives/{newest[:2]}/{newest}").unlink()
    [found] = check(vault)
    assert (found.kind, found.subject) == (DifferenceKind.DERIVATIVE_MISSING, newest)
    assert found.parent == sha256(b"clip 0 ")


def test_what_a_derivation_left_that_was_cut_off_is_no_difference(vault: TestVault) -> None:
    """It is whole, under its own digest, and nobody refers to it; under another name it is foreign."""
    digest = sha256(b"half a derivation")
    vault.write(f"derivatives/{digest[:2]}/{digest}", b"half a derivation")
    vault.write("derivatives/staging/local.0123.part", b"half")
    assert check(vault) == []
    vault.write(f"derivatives/{digest[:2]}/{digest}", b"half a derivatioN")
    assert kinds(check(vault, deep=False)) == ["derivative_unexpected"]


def test_a_hold_that_is_lifted_behind_the_program_is_named(vault: TestVault) -> None:
    """The register remembers what the vault last said."""
    [held] = [path for path in vault.root.glob("locks/*/*/*") if b'"held":true' in path.read_bytes()]
    body = held.read_bytes().replace(b'"held":true', b'"held":false')
    vault.write(held.relative_to(vault.root).as_posix(), body)
    [found] = check(vault)
    assert (found.kind, found.found) == (DifferenceKind.LOCK_CHANGED, "2031-03-02T04:00:00Z")


# --- the ledger -------------------------------------------------------------------------------------------------------


def drop_entry(vault: TestVault) -> None:
    """Remove entry 300, number the rest anew and lay everything down again."""
    del vault.entries[300]
    vault.entries += [entry(599, "access", sha256(b"clip 0 "))]
    relaid(vault)


def swap_entries(vault: TestVault) -> None:
    """Let entries 300 and 301 change places."""
    vault.entries[300], vault.entries[301] = vault.entries[301], vault.entries[300]
    relaid(vault)


def edit_entry(vault: TestVault) -> None:
    """Say something else in entry 400."""
    vault.entries[400] = vault.entries[400].replace(b'"access"', b'"retry"')
    relaid(vault)


LEDGER_HARM: dict[str, tuple[Callable[[TestVault], object], list[str]]] = {
    "an entry edited, tiles computed anew": (edit_entry, ["forked", "root"]),
    "an entry removed, tiles computed anew": (drop_entry, ["entry_malformed", "forked", "root"]),
    "entries swapped, tiles computed anew": (swap_entries, ["entry_malformed", "forked", "root"]),
    "everything signed by another key": (forged, ["checkpoint_untrusted", "key_untrusted"]),
    "the checkpoint deleted": (lambda v: first(v, "ledger/checkpoint").unlink(), ["checkpoint_missing"]),
    "the checkpoint emptied": (lambda v: v.write("ledger/checkpoint", b""), ["checkpoint_damaged"]),
    "a tile deleted": (lambda v: first(v, "ledger/tile/0/001").unlink(), ["tile_missing"]),
    "a tile of level 1 deleted": (lambda v: first(v, "ledger/tile/1/*/*").unlink(), ["tile_missing"]),
    "a partial tile deleted": (lambda v: first(v, "ledger/tile/0/*/88").unlink(), ["tile_missing"]),
    "a bundle deleted": (lambda v: first(v, "ledger/tile/entries/000").unlink(), ["bundle_missing"]),
    "a bundle cut short": (lambda v: v.write("ledger/tile/entries/001", b"\0\x01x"), ["bundle_damaged"]),
    "a tile with more in it": (
        lambda v: v.write("ledger/tile/0/000", first(v, "ledger/tile/0/000").read_bytes() + b"x"),
        ["tile_changed"],
    ),
    "an extra tile": (lambda v: v.write("ledger/tile/0/007", b"x" * 8192), ["ledger_unexpected"]),
    "a wider bundle": (lambda v: v.write("ledger/tile/entries/002.p/89", b"\0\x01x"), ["ledger_unexpected"]),
    "a foreign file": (lambda v: v.write("ledger/notes.txt", b"x"), ["ledger_unexpected"]),
    "a foreign file among tiles": (lambda v: v.write("ledger/tile/x", b"x"), ["ledger_unexpected"]),
    "a foreign file among cosigned notes": (lambda v: v.write("ledger/cosigned/x", b"x"), ["cosigned_damaged"]),
    "a foreign file among stamps": (lambda v: v.write("ledger/stamped/x", b"x"), ["stamp_damaged"]),
    "a key nobody introduced": (
        lambda v: v.write(f"ledger/keys/{NEXT.vkey.key_id.hex()}.vkey", f"{NEXT.vkey}\n".encode()),
        ["key_untrusted"],
    ),
    "a key under another's name": (
        lambda v: v.write(f"ledger/keys/{NEXT.vkey.key_id.hex()}.vkey", f"{LOG.vkey}\n".encode()),
        ["key_damaged"],
    ),
    "the key deleted": (lambda v: first(v, "ledger/keys/*").unlink(), ["key_missing"]),
}


@pytest.mark.parametrize("name", LEDGER_HARM)
def test_harm_to_the_ledger_is_named(vault: TestVault, name: str) -> None:
    """Whoever recomputes the tiles cannot sign the root, and whoever signs it with another key is not trusted.

    The stamped note of the same size says so too.
    """
    harm, expected = LEDGER_HARM[name]
    told = list(vault.entries)
    harm(vault)
    assert kinds(check(vault, register=told)) == expected


def test_a_superfluous_partial_tile_must_be_a_prefix(vault: TestVault) -> None:
    """As a sealing leaves it that was cut off before its end; with other bytes in it, it is named."""
    for path, body in tiles(vault.entries[:300]).items():
        if ".p/" in path:
            vault.write(f"ledger/{path}", body)
    assert check(vault) == []
    flip(vault.root / "ledger/tile/0/001.p/44", 5)
    flip(vault.root / "ledger/tile/entries/001.p/44", 50)
    assert kinds(check(vault)) == ["bundle_damaged", "tile_changed"]


def test_tiles_of_a_sealing_that_was_cut_off_before_its_checkpoint_are_in_order(vault: TestVault) -> None:
    """They hold what the register has and nobody signed yet; of other bytes, or without the register, each is named."""
    told = [*vault.entries, *(entry(number, "access", sha256(b"clip 0 ")) for number in range(600, 1100))]
    fresh = {path: body for path, body in tiles(told).items() if not (vault.root / "ledger" / path).exists()}
    for path, body in fresh.items():
        vault.write(f"ledger/{path}", body)
    assert check(vault, register=told) == []
    unknown = check(vault)
    assert kinds(unknown) == ["ledger_unexpected"]
    assert sorted(one.subject for one in unknown) == sorted(f"ledger/{path}" for path in fresh)
    flip(vault.root / "ledger/tile/0/003")
    [found] = check(vault, register=told)
    assert (found.kind, found.subject) == (DifferenceKind.LEDGER_UNEXPECTED, "ledger/tile/0/003")


def rolled_back(vault: TestVault, size: int) -> TestVault:
    """Return the same vault as it was when it had fewer entries, whole and truly signed."""
    shutil.rmtree(vault.root / "ledger")
    vault.entries, vault.sizes = vault.entries[:size], ()
    vault.seal()
    return vault


def test_a_vault_rolled_back_is_caught_by_what_a_witness_kept(vault: TestVault) -> None:
    """From inside nothing shows; the cosigned note from outside says that there was more."""
    kept = WITNESS.signed(vault.checkpoint()).to_bytes()
    assert check(vault, heads=[kept]) == []
    rolled_back(vault, 400)
    assert check(vault) == []
    [found] = check(vault, heads=[kept])
    assert (found.kind, found.expected, found.found) == (DifferenceKind.ROLLED_BACK, "600", "400")


def test_a_cosigned_note_in_the_vault_catches_a_rollback_of_the_rest(vault: TestVault) -> None:
    """Whoever sets the tiles back and forgets the notes is caught by them."""
    kept = {path.name: path.read_bytes() for path in (vault.root / "ledger" / "cosigned").iterdir()}
    rolled_back(vault, 250)
    for name, body in kept.items():
        vault.write(f"ledger/cosigned/{name}", body)
    [found] = check(vault)
    assert (found.kind, found.expected) == (DifferenceKind.ROLLED_BACK, "300")


def test_a_fork_signed_with_the_true_key_is_caught_by_what_was_kept(vault: TestVault) -> None:
    """Also by three lines typed from paper, which bear no signature."""
    kept = vault.checkpoint()
    edit_entry(vault)
    vault.write("ledger/checkpoint", vault.checkpoint().to_bytes())
    shutil.rmtree(vault.root / "ledger" / "stamped")
    assert check(vault) == []
    for body in (kept.to_bytes(), kept.text.encode(), f"  {kept.text.strip()}  ".encode()):
        [found] = check(vault, heads=[body])
        assert found.kind is DifferenceKind.FORKED


def test_a_fork_before_a_cosigned_size_is_caught_inside_the_vault(vault: TestVault) -> None:
    """The cosigned note of 300 entries no longer has the root that the tree had then."""
    vault.entries[250] = entry(250, "retry")
    relaid(vault)
    vault.write("ledger/checkpoint", vault.checkpoint().to_bytes())
    found = check(vault)
    assert {one.kind for one in found} == {DifferenceKind.FORKED}
    assert "ledger/cosigned/000000000300" in " ".join(one.subject for one in found)


def test_a_checkpoint_of_another_log_or_by_a_stranger_proves_nothing(vault: TestVault) -> None:
    """It is named as what it is, and never as a rollback."""
    stranger = THIEF.signed(SignedNote(Checkpoint(ORIGIN, 9999, b"x" * 32).text)).to_bytes()
    foreign = LOG.signed(SignedNote(Checkpoint("evidock/other", 1, b"x" * 32).text)).to_bytes()
    assert kinds(check(vault, heads=[stranger])) == ["against_untrusted"]
    assert kinds(check(vault, heads=[foreign])) == ["against_damaged"]


# --- keys -------------------------------------------------------------------------------------------------------------


def changed_keys(tmp_path: Path) -> TestVault:
    """Return a vault whose key was changed: both sign its checkpoint."""
    vault = make_vault(tmp_path / "vault", entries=100)
    shutil.rmtree(vault.root / "ledger")
    vault.sizes = ()
    vault.tell("digital signature generation", NEXT.vkey.key_id.hex(), {"old": str(LOG.vkey), "new": str(NEXT.vkey)})
    vault.seal((LOG, NEXT))
    return vault


@pytest.mark.parametrize("trusted", [LOG, NEXT])
def test_who_knows_one_of_two_keys_can_follow_a_change(tmp_path: Path, trusted: object) -> None:
    """The other is introduced by an entry of the tree."""
    vault = changed_keys(tmp_path)
    key = LOG if trusted is LOG else NEXT
    assert check(vault, trusted=[str(key.vkey)]) == []


def test_a_signature_beside_the_trusted_one_must_hold_too(tmp_path: Path) -> None:
    """A bit of the new key's signature, while the old one's still holds."""
    vault = changed_keys(tmp_path)
    note = (vault.root / "ledger" / "checkpoint").read_bytes()
    flip(vault.root / "ledger" / "checkpoint", len(note) - 20)
    assert kinds(check(vault)) in (["checkpoint_signature"], ["checkpoint_damaged"])


def test_without_a_trusted_key_nothing_is_trusted(vault: TestVault) -> None:
    """A key that lies in the vault is not trusted for that."""
    assert set(kinds(check(vault, trusted=()))) >= {"no_key", "checkpoint_untrusted"}


def test_an_empty_vault_is_whole_and_one_without_a_ledger_is_not(tmp_path: Path) -> None:
    """A home that was made a moment ago has nothing to check."""
    vault = TestVault(tmp_path / "none")
    assert check(vault) == []
    vault.write(f"originals/ab/cd/abcd{'0' * 60}", b"x")
    assert kinds(check(vault)) == ["unexpected"]


def test_a_signed_note_with_a_time_stamp_over_another_note_is_named(vault: TestVault) -> None:
    """A response must hold the digest of the note beside it."""
    response = b"\x30\x82 granted for something else"
    stem = f"ledger/stamped/{300:012}.{sha256(response)[:16]}"
    vault.write(f"{stem}.note", vault.checkpoint(300).to_bytes())
    vault.write(f"{stem}.tsr", response)
    [found] = check(vault)
    assert (found.kind, found.subject) == (DifferenceKind.STAMP_DAMAGED, f"{stem}.tsr")


def test_a_cosigned_note_whose_log_signature_is_forged_is_named(vault: TestVault) -> None:
    """Its name gives its digest, and the witness's line holds; the log's does not."""
    note = WITNESS.signed(vault.checkpoint(256, (THIEF,))).to_bytes()
    path = f"ledger/cosigned/{256:012}.{sha256(note)[:16]}.note"
    vault.write(path, note)
    [found] = check(vault)
    assert (found.kind, found.subject) == (DifferenceKind.COSIGNED_DAMAGED, path)


def test_a_bundle_and_its_tile_lost_together_come_back_from_the_register(vault: TestVault) -> None:
    """What is left above says whether the register's entries are the sealed ones."""
    (vault.root / "ledger/tile/entries/000").unlink()
    (vault.root / "ledger/tile/0/000").unlink()
    assert kinds(check(vault)) == ["bundle_missing", "tile_missing"]
    assert set(kinds(check(vault, register=()))) >= {"bundle_missing", "tile_missing", "unexpected"}
    assert "root" not in kinds(check(vault, register=()))


def test_tile_paths_follow_the_standard() -> None:
    """Three digits a group, all but the last after an x; only the one way to write a path is known."""
    from storage.verify_tiles import Place, place_of

    for level, index, width in ((0, 0, 256), (2, 1234067, 256), (0, 999, 17), (-1, 70000, 1)):
        path = tlog.bundle_path(index, width) if level < 0 else tlog.tile_path(level, index, width)
        assert place_of(f"ledger/{path}") == Place(level, index, width)
    for path in ("0/00", "0/x000/001", "0/001.p/256", "0/001.p/0", "00/001", "0/001.p/07", "entries/1"):
        assert place_of(f"ledger/tile/{path}") is None
