"""What is particular to the local vault: layout, modes, sweeping, damage it meets, other disks."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evidence.errors import IntegrityError, StorageError, StorageFullError
from storage.immutable import make_immutable
from storage.local_vault import LocalVault
from tests.support.storage import files_below, seal, sha256, small_disk


@pytest.fixture(name="vault")
def _vault(tmp_path: Path) -> LocalVault:
    return LocalVault(tmp_path / "vault", tmp_path / "work")


def test_originals_lie_under_their_digest(vault: LocalVault) -> None:
    """The layout is a documented format: two levels of two digits, then the digest."""
    digest = seal(vault, b"footage").digest
    assert vault.locate(digest) == vault.root / "originals" / digest[:2] / digest[2:4] / digest


def test_originals_and_records_are_read_only(vault: LocalVault) -> None:
    """Nobody has the right to write, the owner included."""
    original = vault.locate(seal(vault, b"footage").digest)
    vault.put_record("imports", "a", b"x")
    for path in (original, vault.root / "records" / "imports" / "a"):
        assert oct(path.stat().st_mode & 0o7777) == "0o444"
        assert path.stat().st_nlink == 1


def test_an_original_is_flushed_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power cut no name stands for bytes that never reached the disk: file first, then name, then folder."""
    order: list[str] = []
    vault = LocalVault(tmp_path / "vault", tmp_path / "work", reached=order.append)
    with vault.stage() as staging:
        staging.write(b"footage")
        real = os.fsync

        def fsync(descriptor: int) -> None:
            order.append(Path(f"/proc/self/fd/{descriptor}").readlink().suffix or "folder")
            real(descriptor)

        monkeypatch.setattr("os.fsync", fsync)
        staging.seal()
    assert order[:2] == [".part", "before-link"]
    assert order[-2:] == ["folder", "after-link"]


def test_nothing_stays_in_scratch(vault: LocalVault, tmp_path: Path) -> None:
    """Sealed or abandoned, a staging's scratch file is gone."""
    seal(vault, b"footage")
    with vault.stage() as staging:
        staging.write(b"half")
    assert files_below(tmp_path / "work") == []


@pytest.mark.parametrize(
    "damage", [b"", b"foo", b"FOOTAGE", b"footage and more"], ids=["empty", "torn", "rot", "longer"]
)
def test_a_damaged_original_is_never_called_sealed(vault: LocalVault, damage: bytes) -> None:
    """Sealing bytes whose original is damaged is an IntegrityError: a dock must not be told to let go of the source."""
    place = vault.locate(seal(vault, b"footage").digest)
    place.chmod(0o644)
    place.write_bytes(damage)
    with pytest.raises(IntegrityError):
        seal(vault, b"footage")
    assert place.read_bytes() == damage


def test_something_else_under_an_originals_name_is_never_overwritten(vault: LocalVault) -> None:
    """A link planted under the name is neither followed nor replaced."""
    place = vault.root / "originals" / sha256(b"footage")[:2] / sha256(b"footage")[2:4] / sha256(b"footage")
    place.parent.mkdir(parents=True)
    place.symlink_to(vault.root / "elsewhere")
    with pytest.raises(IntegrityError):
        seal(vault, b"footage")
    assert place.is_symlink()
    assert not vault.has(sha256(b"footage"))


def leave_behind(home: Path, executor: str) -> None:
    """Leave what a killed process leaves: its scratch file, held by nobody."""
    (home / "work").mkdir(exist_ok=True)
    (home / "work" / f"{executor}.0123.part").write_bytes(b"half a file")


def test_sweeping_takes_what_an_earlier_process_left_and_nothing_in_use(tmp_path: Path) -> None:
    """Own leftovers go; what any living process writes, other executors' files and foreign ones stay."""
    leave_behind(tmp_path, "mine")
    leave_behind(tmp_path, "other")
    (tmp_path / "work" / "notes.txt").write_text("not ours")
    busy, starting = (LocalVault(tmp_path / "vault", tmp_path / "work", executor="mine") for _ in range(2))
    with busy.stage() as staging:
        staging.write(b"footage")
        assert starting.sweep() == 1
        assert busy.sweep() == 0
        staging.seal()
    assert files_below(tmp_path / "work") == ["notes.txt", "other.0123.part"]


def test_sweeping_before_a_time_takes_other_executors_leftovers(tmp_path: Path) -> None:
    """What a machine that never came back left is taken once it is old enough; what is in use stays however old."""
    leave_behind(tmp_path, "gone")
    written = datetime.fromtimestamp((tmp_path / "work" / "gone.0123.part").stat().st_mtime, UTC)
    vault = LocalVault(tmp_path / "vault", tmp_path / "work", executor="mine")
    with LocalVault(tmp_path / "vault", tmp_path / "work", executor="busy").stage():
        assert vault.sweep(before=written) == 0
        assert vault.sweep(before=written + timedelta(days=1)) == 1


def test_sweeping_a_vault_never_written_to_makes_nothing(tmp_path: Path) -> None:
    """A first start sweeps nothing and creates nothing."""
    assert LocalVault(tmp_path / "vault", tmp_path / "work").sweep() == 0
    assert list(tmp_path.iterdir()) == []


def test_a_file_larger_than_the_free_space_is_refused_before_a_byte_is_written(vault: LocalVault) -> None:
    """The refusal names what is needed and what is free."""
    with pytest.raises(StorageFullError, match="are needed and"):
        vault.stage(1 << 60)


def test_scratch_on_another_disk_moves_staging_into_the_vault(tmp_path: Path) -> None:
    """Files are staged where they can be sealed by a link, so bytes are never copied twice."""
    with small_disk(tmp_path / "disk", 1 << 20) as disk:
        vault = LocalVault(tmp_path / "vault", disk)
        digest = seal(vault, b"footage").digest
        assert vault.has(digest)
        assert vault.staging_folder == tmp_path / "vault" / "staging"


def test_a_staging_that_is_over_takes_no_more(vault: LocalVault) -> None:
    """Writing after sealing is the caller's mistake and says so."""
    with vault.stage() as staging:
        staging.seal()
        with pytest.raises(ValueError, match="over"):
            staging.write(b"more")


def test_the_immutable_attribute_stops_even_the_owner(tmp_path: Path) -> None:
    """With `immutable`, an original can be neither written nor removed; sealing it again still is fine."""
    vault = LocalVault(tmp_path / "vault", tmp_path / "work", immutable=True)
    try:
        place = vault.locate(seal(vault, b"footage").digest)
    except StorageError as error:
        pytest.skip(f"not on this file system or account: {error}")
    try:
        with pytest.raises(PermissionError):
            place.unlink()
        with pytest.raises(PermissionError):
            os.close(os.open(place, os.O_WRONLY))
        assert seal(vault, b"footage").already_there
    finally:
        make_immutable(place, on=False)
