"""What every vault keeps to, whatever it stands on."""

from datetime import timedelta
from pathlib import Path

import pytest

from evidence.errors import LockedError, NotFoundError, ObjectConflictError, StorageError
from evidence.ids import Digest
from evidence.ports import Lock, Vault
from tests.support.storage import HOUR, VAULTS, eventually, read, seal, sha256, utc_now

SHORT = timedelta(seconds=2)
BODIES = [b"", b"x", bytes(range(256)) * 4096, b"\x00" * (3 << 20), bytes(range(255)) * 80_000]


@pytest.fixture(params=sorted(VAULTS), name="vault")
def _vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    return VAULTS[request.param](tmp_path)


@pytest.fixture(params=sorted(VAULTS), name="brief")
def _brief(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    """A vault that keeps what it seals for no longer than a test can wait."""
    return VAULTS[request.param](tmp_path, SHORT)


@pytest.mark.parametrize("body", BODIES, ids=["empty", "one byte", "1 MiB", "3 MiB", "20 MB"])
def test_sealed_bytes_come_back_under_their_sha256(vault: Vault, body: bytes) -> None:
    """An original's name is the SHA-256 of its bytes, and its bytes are what was written."""
    sealed = seal(vault, body)
    assert (sealed.digest, sealed.size_bytes, sealed.already_there) == (sha256(body), len(body), False)
    assert read(vault, sealed.digest) == body
    assert vault.has(sealed.digest)
    assert Path(vault.locate(sealed.digest)).read_bytes() == body


def test_the_same_bytes_again_are_one_original(vault: Vault) -> None:
    """Sealing what is sealed says so and adds nothing."""
    first, second = seal(vault, b"footage"), seal(vault, b"footage")
    assert (first.already_there, second.already_there) == (False, True)
    assert list(vault.originals()) == [first.digest]


def test_sealing_a_staging_twice_gives_the_same_object(vault: Vault) -> None:
    """A caller that is unsure may seal again."""
    with vault.stage() as staging:
        staging.write(b"footage")
        assert staging.seal() == staging.seal()


def test_two_stagings_of_the_same_bytes_at_once_are_one_original(vault: Vault) -> None:
    """Two stations docking the same file at the same time leave one original, created once."""
    with vault.stage() as one, vault.stage() as other:
        one.write(b"footage")
        other.write(b"footage")
        assert [one.seal().already_there, other.seal().already_there] == [False, True]
    assert len(list(vault.originals())) == 1


def test_an_abandoned_staging_leaves_no_original(vault: Vault) -> None:
    """Leaving without sealing keeps nothing."""
    with vault.stage() as staging:
        staging.write(b"half a file")
    assert list(vault.originals()) == []


def test_an_error_while_staging_leaves_no_original(vault: Vault) -> None:
    """An exception of the writer abandons the staging and comes through."""
    with pytest.raises(KeyError), vault.stage() as staging:  # noqa: PT012 - the error comes between two writes
        staging.write(b"half a file")
        raise KeyError("reader failed")
    assert list(vault.originals()) == []


def test_a_buffer_may_be_reused_after_writing(vault: Vault) -> None:
    """What was written is what the buffer held then, in the bytes and in the digest."""
    buffer = bytearray(b"a" * (1 << 20))
    with vault.stage() as staging:
        staging.write(buffer)
        buffer[:] = b"b" * len(buffer)
        staging.write(memoryview(buffer))
        sealed = staging.seal()
    expected = b"a" * (1 << 20) + b"b" * (1 << 20)
    assert sealed.digest == sha256(expected)
    assert read(vault, sealed.digest) == expected


def test_originals_come_in_order_of_digest(vault: Vault) -> None:
    """Listing is complete and ordered."""
    digests = [seal(vault, bytes([n])).digest for n in range(20)]
    assert list(vault.originals()) == sorted(digests)


@pytest.mark.parametrize("digest", ["0" * 64, "../../etc/passwd", "", "A" * 64])
def test_what_is_not_sealed_is_not_found(vault: Vault, digest: str) -> None:
    """An unknown digest, or what is no digest at all, is a NotFoundError and never another file."""
    with pytest.raises(NotFoundError):
        vault.locate(Digest(digest))
    with pytest.raises(NotFoundError):
        vault.open(Digest(digest))


def test_a_record_is_written_once_and_read_back(vault: Vault) -> None:
    """The same bytes under the same name again are fine; the digest is of the bytes."""
    assert vault.put_record("imports", "cases.csv", b"a,b") == sha256(b"a,b")
    assert vault.put_record("imports", "cases.csv", b"a,b") == sha256(b"a,b")
    assert vault.record("imports", "cases.csv") == b"a,b"


def test_a_record_never_changes(vault: Vault) -> None:
    """Other bytes under a taken name are refused, and the first ones stand."""
    vault.put_record("imports", "cases.csv", b"first")
    with pytest.raises(ObjectConflictError):
        vault.put_record("imports", "cases.csv", b"second")
    assert vault.record("imports", "cases.csv") == b"first"


def test_records_come_in_order_of_name(vault: Vault) -> None:
    """A folder lists its own records alone, by name; a folder nobody wrote to is empty."""
    for name in ("b", "a", "案件.json"):
        vault.put_record("one", name, name.encode())
    vault.put_record("two", "c", b"")
    assert list(vault.records("one")) == [(n, n.encode()) for n in ("a", "b", "案件.json")]
    assert list(vault.records("nothing")) == []


def test_a_record_nobody_wrote_is_not_found(vault: Vault) -> None:
    """Asking for one is a NotFoundError."""
    with pytest.raises(NotFoundError):
        vault.record("imports", "none.csv")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../../x", ".hidden", "nul\0"])
def test_a_record_cannot_leave_its_folder(vault: Vault, name: str) -> None:
    """A name that is a path, or hides, is refused; so is such a folder."""
    with pytest.raises(StorageError):
        vault.put_record("imports", name, b"")
    with pytest.raises(StorageError):
        vault.put_record(name, "cases.csv", b"")


# --- locks -----------------------------------------------------------------------------------------------------------


def test_what_is_sealed_is_locked_at_once(vault: Vault) -> None:
    """An original is kept from the moment it is sealed, for as long as the vault was told, and not held."""
    before = utc_now()
    lock = vault.lock_of(seal(vault, b"footage").digest)
    assert lock.until is not None
    assert before + HOUR - timedelta(seconds=1) <= lock.until <= utc_now() + HOUR + timedelta(seconds=1)
    assert not lock.held


def test_a_retention_is_extended_and_read_back(vault: Vault) -> None:
    """What `retain` returns is what the storage says afterwards."""
    digest, until = seal(vault, b"footage").digest, utc_now().replace(microsecond=0) + timedelta(days=2000)
    assert vault.retain(digest, until) == Lock(until, held=False)
    assert vault.lock_of(digest) == Lock(until, held=False)


@pytest.mark.parametrize("earlier", [timedelta(minutes=1), timedelta(days=-1)], ids=["earlier", "past"])
def test_a_retention_is_never_shortened(vault: Vault, earlier: timedelta) -> None:
    """An earlier time changes nothing, and is no error."""
    digest = seal(vault, b"footage").digest
    lock = vault.lock_of(digest)
    assert vault.retain(digest, utc_now() + earlier) == lock
    assert vault.lock_of(digest) == lock


def test_a_hold_is_set_and_lifted(vault: Vault) -> None:
    """A hold comes and goes, twice the same is fine, and the retention beside it stands."""
    digest = seal(vault, b"footage").digest
    until = vault.lock_of(digest).until
    for on in (True, True, False, False):
        assert vault.hold(digest, on=on) == Lock(until, held=on)
        assert vault.lock_of(digest) == Lock(until, held=on)


def test_an_unexpired_retention_forbids_disposal(vault: Vault) -> None:
    """Disposal before the time is a LockedError, and the original is as it was."""
    digest = seal(vault, b"footage").digest
    with pytest.raises(LockedError):
        vault.dispose(digest, utc_now())
    assert read(vault, digest) == b"footage"


def test_an_extended_retention_forbids_disposal(brief: Vault) -> None:
    """The time an original was extended to counts, not the one it was sealed with."""
    digest = seal(brief, b"footage").digest
    lock = brief.retain(digest, utc_now() + HOUR)
    assert lock.until is not None
    with pytest.raises(LockedError):
        brief.dispose(digest, lock.until - timedelta(seconds=1))
    assert brief.has(digest)


def test_a_hold_forbids_disposal_until_it_is_lifted(brief: Vault) -> None:
    """A held original stays long after its retention has run out; lifted, it goes."""
    digest = seal(brief, b"footage").digest
    brief.hold(digest, on=True)
    with pytest.raises(LockedError, match="hold"):
        brief.dispose(digest, utc_now() + HOUR)
    assert read(brief, digest) == b"footage"
    brief.hold(digest, on=False)
    assert eventually(lambda: disposed(brief, digest))


def test_after_its_retention_an_original_can_be_disposed_of(brief: Vault) -> None:
    """Then it is gone for good, its neighbours stay, and the same footage may come again."""
    digest, neighbour = seal(brief, b"footage").digest, seal(brief, b"other").digest
    assert eventually(lambda: disposed(brief, digest))
    assert not brief.has(digest)
    assert list(brief.originals()) == [neighbour]
    for refused in (brief.locate, brief.open, brief.lock_of):
        with pytest.raises(NotFoundError):
            refused(digest)
    assert not seal(brief, b"footage").already_there


def disposed(vault: Vault, digest: Digest) -> bool:
    """Try to dispose of an original now."""
    try:
        vault.dispose(digest, utc_now())
    except LockedError:
        return False
    return True


def test_what_is_not_sealed_has_no_lock(vault: Vault) -> None:
    """Nothing is locked, held or removed under a digest that no original has."""
    digest = sha256(b"never sealed")
    with pytest.raises(NotFoundError):
        vault.lock_of(digest)
    with pytest.raises(NotFoundError):
        vault.retain(digest, utc_now() + HOUR)
    with pytest.raises(NotFoundError):
        vault.hold(digest, on=True)
    with pytest.raises(NotFoundError):
        vault.dispose(digest, utc_now())


def test_an_original_can_be_read_from_anywhere_in_it(vault: Vault) -> None:
    """What `open` returns can be sought in, as players and checks do."""
    body = bytes(range(256)) * 9000
    with vault.open(seal(vault, body).digest) as original:
        assert original.seek(1_500_001) == 1_500_001
        assert original.read(100_000) == body[1_500_001:1_600_001]
        assert original.seek(-10, 2) == len(body) - 10
        assert original.read() == body[-10:]
        assert original.seek(0) == 0
        assert original.read() == body
