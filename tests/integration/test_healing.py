"""Healing: damaged, unreadable and missing originals come back from the other copy; what was damaged is kept."""

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from evidence.custody import EventType
from evidence.errors import IntegrityError, NotFoundError, StorageError
from evidence.ids import Digest
from storage.examination import Condition
from storage.failures import storage_errors
from storage.healing_vault import HealingVault
from storage.immutable import is_immutable, make_immutable
from storage.local_vault import LocalVault
from tests.support.storage import seal
from tests.support.upkeep import SmallHome

BODY = b"footage" * 10_000


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Iterator[SmallHome]:
    home = SmallHome(tmp_path / "home", tmp_path / "second")
    yield home
    home.close()


@pytest.fixture(name="digest")
def _digest(home: SmallHome) -> Digest:
    digest = home.arrive("a.mp4", BODY)
    home.upkeep.tick()
    return digest


def kept(root: Path) -> dict[str, bytes]:
    """Return what was moved aside, by name."""
    return {path.name: path.read_bytes() for path in (root / "damaged").iterdir()}


def test_a_damaged_original_is_replaced_and_kept(home: SmallHome, digest: Digest) -> None:
    """The good bytes are back, read-only; the damaged ones lie aside; the ledger says from where and what was kept."""
    home.damage(digest)
    assert home.upkeep.mender.heal(digest)
    assert home.place(digest).read_bytes() == BODY
    assert home.place(digest).stat().st_mode & 0o777 == 0o444
    assert kept(home.root / "vault") == {f"{digest}.1": b"damaged"}
    [told] = home.told(EventType.HEALED)
    assert told.subject == digest
    assert told.detail == {"from": "second", "kept": f"{digest}.1", "copy": "vault", "found": "damaged"}
    home.damage(digest, body=b"again")
    assert home.upkeep.mender.heal(digest)
    assert kept(home.root / "vault") == {f"{digest}.1": b"damaged", f"{digest}.2": b"again"}


def test_a_missing_original_comes_back(home: SmallHome, digest: Digest) -> None:
    """That it was missing is kept as well."""
    home.place(digest).unlink()
    assert home.upkeep.mender.heal(digest)
    assert home.place(digest).read_bytes() == BODY
    assert kept(home.root / "vault") == {f"{digest}.1.missing": b""}


@pytest.mark.parametrize("kind", ["folder", "link", "pipe", "empty"])
def test_whatever_stands_in_its_place_is_moved_aside(home: SmallHome, digest: Digest, kind: str) -> None:
    """A folder, a link or a pipe under a digest is no original; it is kept, too, and nothing it leads to is touched."""
    place = home.place(digest)
    place.unlink()
    if kind == "folder":
        place.mkdir()
    elif kind == "link":
        place.symlink_to(home.root / "register.sqlite")
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.touch()
    before = (home.root / "register.sqlite").stat().st_ino
    assert home.upkeep.mender.heal(digest)
    assert place.read_bytes() == BODY
    assert (home.root / "register.sqlite").stat().st_ino == before
    assert os.path.lexists(home.root / "vault" / "damaged" / f"{digest}.1")


def test_the_second_copy_is_mended_from_the_vault(home: SmallHome, digest: Digest) -> None:
    """Damage on the second disk is replaced from the vault and recorded as such; the vault is not touched."""
    assert home.second is not None
    before = home.place(digest).stat()
    home.damage(digest, home.second)
    assert home.upkeep.mender.mend_second(digest)
    assert home.place(digest, home.second).read_bytes() == BODY
    assert kept(home.second) == {f"{digest}.1": b"damaged"}
    assert home.place(digest).stat() == before
    [told] = home.told(EventType.HEALED)
    assert told.detail == {"from": "vault", "kept": f"{digest}.1", "copy": "second", "found": "damaged"}


def test_two_damaged_copies_are_both_kept_as_they_are(home: SmallHome, digest: Digest) -> None:
    """Nobody guesses which is better: both stay, and the error says so loudly."""
    home.damage(digest, body=b"one")
    home.damage(digest, home.second, body=b"two")
    for mend in (home.upkeep.mender.heal, home.upkeep.mender.mend_second):
        with pytest.raises(IntegrityError, match="the other copy is damaged as well"):
            mend(digest)
    assert (home.place(digest).read_bytes(), home.place(digest, home.second).read_bytes()) == (b"one", b"two")
    assert home.told(EventType.HEALED) == []
    assert list((home.root / "work").glob("*.part")) == []


def test_damage_without_its_copy_is_named(home: SmallHome, digest: Digest) -> None:
    """A copy that is missing heals nothing, and the damaged original stays where it is."""
    assert home.second is not None
    home.damage(digest)
    home.place(digest, home.second).unlink()
    with pytest.raises(IntegrityError, match="missing"):
        home.upkeep.mender.heal(digest)
    assert home.place(digest).read_bytes() == b"damaged"
    shutil.rmtree(home.second)
    with pytest.raises(StorageError, match="no second copy"):
        home.upkeep.mender.heal(digest)


def test_a_whole_original_is_left_alone(home: SmallHome, digest: Digest) -> None:
    """Healing what is whole does nothing and records nothing."""
    before = home.place(digest).stat()
    assert home.upkeep.mender.heal(digest)
    assert home.place(digest).stat() == before
    assert home.told(EventType.HEALED) == []


def test_what_nobody_sealed_is_not_found(home: SmallHome, digest: Digest) -> None:
    """A digest neither copy has is a NotFoundError, and leaves nothing behind."""
    assert home.vault.has(digest)
    with pytest.raises(NotFoundError):
        home.upkeep.mender.heal(Digest("ab" * 32))
    assert kept(home.root / "vault") == {}


def test_locks_outlive_the_mending(home: SmallHome, digest: Digest) -> None:
    """Retention and hold of an original that was replaced are those it had."""
    home.vault.hold(digest, on=True)
    until = home.vault.lock_of(digest).until
    home.damage(digest)
    home.upkeep.mender.heal(digest)
    lock = home.vault.lock_of(digest)
    assert lock.held
    assert lock.until is not None
    assert until is not None
    assert lock.until >= until


def test_an_immutable_original_is_mended_and_immutable_again(tmp_path: Path) -> None:
    """The attribute does not protect damage from being mended, and protects the new bytes."""
    home = SmallHome(tmp_path / "home", tmp_path / "second", immutable=True)
    try:
        digest = home.arrive("a.mp4", BODY)
    except StorageError:
        pytest.skip("this file system or account knows no immutable attribute")
    home.upkeep.tick()
    place, second = home.place(digest), home.place(digest, home.second)
    assert is_immutable(second)
    make_immutable(place, on=False)
    home.damage(digest)
    make_immutable(place)
    assert home.upkeep.mender.heal(digest)
    assert place.read_bytes() == BODY
    assert is_immutable(place)
    assert kept(home.root / "vault") == {f"{digest}.1": b"damaged"}
    for path in (place, second):
        make_immutable(path, on=False)
    home.close()


# --- reading ----------------------------------------------------------------------------------------------------------


class DyingVault(LocalVault):
    """A vault whose disk fails in the middle of an original until that original was mended."""

    dying_inode = -1

    def open(self, digest: Digest) -> BinaryIO:
        place = self.locate(digest)
        with storage_errors(digest):
            file = place.open("rb", buffering=0)
        return _Dying(file, self) if place.stat().st_ino == self.dying_inode else file  # type: ignore[return-value]


class _Dying:
    """A file that delivers 1000 bytes and then what a dying disk does."""

    def __init__(self, file: object, vault: DyingVault) -> None:
        self._file = file
        self._vault = vault

    def read(self, size: int = -1) -> bytes:
        if self._file.tell() >= 1000:  # type: ignore[attr-defined] # a raw file
            raise OSError(errno.EIO, "Input/output error")
        return self._file.read(min(size, 1000))  # type: ignore[attr-defined, no-any-return] # as above

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


def test_a_read_of_a_missing_original_mends_it(home: SmallHome, digest: Digest) -> None:
    """Whoever opens or locates it gets its bytes, and the ledger says what happened."""
    home.place(digest).unlink()
    assert Path(home.upkeep.vault.locate(digest)).read_bytes() == BODY
    home.place(digest).unlink()
    with home.upkeep.vault.open(digest) as original:
        assert original.read() == BODY
    assert len(home.told(EventType.HEALED)) == 2


def test_a_disk_that_fails_in_the_middle_of_a_read_is_not_noticed_by_the_reader(
    home: SmallHome, digest: Digest
) -> None:
    """The original is replaced, and the reading goes on at the same byte."""
    dying = DyingVault(home.root / "vault", home.root / "work")
    dying.dying_inode = home.place(digest).stat().st_ino
    healed: list[Digest] = []

    def heal(digest: Digest) -> bool:
        home.place(digest).rename(home.root / "aside")  # its inode is the dying one
        healed.append(digest)
        return home.upkeep.mender.heal(digest)

    with HealingVault(dying, heal).open(digest) as original:
        assert original.read() == BODY
    assert healed == [digest]
    assert [one.detail["found"] for one in home.told(EventType.HEALED)] == [Condition.MISSING.value]


def test_a_read_that_cannot_be_mended_fails_as_it_would_have(home: SmallHome, digest: Digest) -> None:
    """Without a copy the reader is told of the failed read itself; what was never there stays not found."""
    assert home.second is not None
    home.place(digest).unlink()
    shutil.rmtree(home.second)
    with pytest.raises(NotFoundError):
        home.upkeep.vault.open(digest)
    with pytest.raises(NotFoundError):
        home.upkeep.vault.locate(Digest("ab" * 32))
    dying = DyingVault(home.root / "vault", home.root / "work")
    other = seal(dying, BODY * 2).digest
    dying.dying_inode = home.place(other).stat().st_ino
    with (
        HealingVault(dying, home.upkeep.mender.heal).open(other) as original,
        pytest.raises(OSError, match="Input/output"),
    ):
        original.read()


def test_seeking_reads_the_same_bytes(home: SmallHome, digest: Digest) -> None:
    """Pages read ranges: the wrapper seeks and tells as a file does."""
    with home.upkeep.vault.open(digest) as original:
        assert original.seek(0, os.SEEK_END) == len(BODY)
        assert original.seek(5) == 5
        assert original.read(10) == BODY[5:15]
        assert original.tell() == 15
        assert os.fstat(original.fileno()).st_size == len(BODY)
