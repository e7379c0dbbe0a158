"""A full disk: nothing half-written stays, what was sealed stands, and the same call works once there is room."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.errors import StorageFullError
from storage.derivatives import LocalDerivatives
from storage.durable import DurableTree
from storage.local_vault import LocalVault
from storage.scratch import Scratch
from tests.support.storage import files_below, read, run_child, seal, sha256, small_disk

MIB = 1 << 20


@pytest.fixture(name="disk")
def _disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 4 * MIB) as disk:
        yield disk


def seal_unannounced(vault: LocalVault, body: bytes) -> None:
    """Seal without saying how much will come, so that the disk fills up on the way."""
    with vault.stage() as staging:
        for start in range(0, len(body), MIB):
            staging.write(body[start : start + MIB])
        staging.seal()


def test_a_full_disk_leaves_nothing_and_works_again_with_room(disk: Path) -> None:
    """Running full in the middle is a StorageFullError; nothing stays of the file; after freeing space it goes in."""
    vault = LocalVault(disk / "vault", disk / "work")
    kept = seal(vault, b"sealed before").digest
    (disk / "ballast").write_bytes(b"x" * 2 * MIB)
    body = b"y" * 3 * MIB
    with pytest.raises(StorageFullError):
        seal_unannounced(vault, body)
    assert files_below(disk / "work") == []
    assert list(vault.originals()) == [kept]
    (disk / "ballast").unlink()
    assert read(vault, seal(vault, body).digest) == body


def test_an_announced_file_that_cannot_fit_is_refused_at_once(disk: Path) -> None:
    """Nobody copies an hour of footage to learn at its end that there was no room."""
    with pytest.raises(StorageFullError, match="are needed"):
        LocalVault(disk / "vault", disk / "work").stage(5 * MIB)


def test_a_record_on_a_full_disk_is_refused_whole(disk: Path) -> None:
    """No torn record, no scratch."""
    vault = LocalVault(disk / "vault", disk / "work")
    with pytest.raises(StorageFullError):
        vault.put_record("imports", "large.csv", b"x" * 5 * MIB)
    assert files_below(disk) == []


def test_overwriting_on_a_full_disk_keeps_the_old_bytes(disk: Path) -> None:
    """The file one could not replace still says what it said."""
    tree = DurableTree(disk / "root", Scratch(disk / "work", "test"))
    tree.overwrite_atomically(disk / "root" / "a", b"old")
    with pytest.raises(StorageFullError):
        tree.overwrite_atomically(disk / "root" / "a", b"x" * 5 * MIB)
    assert files_below(disk) == ["root/a"]
    assert (disk / "root" / "a").read_bytes() == b"old"


def test_a_derivative_that_does_not_fit_stays_with_its_maker(disk: Path, tmp_path: Path) -> None:
    """The produced file is not lost, and nothing half-copied stays in the store."""
    (tmp_path / "proxy").write_bytes(b"x" * 5 * MIB)
    with pytest.raises(StorageFullError):
        LocalDerivatives(disk / "derivatives").publish(tmp_path / "proxy")
    assert (tmp_path / "proxy").exists()
    assert files_below(disk) == []


LIMITED = """
import resource, signal, sys
from pathlib import Path
from evidence.errors import StorageError
from storage.local_vault import LocalVault
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
home = Path(sys.argv[1])
vault = LocalVault(home / "vault", home / "work")
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
try:
    with vault.stage() as staging:
        staging.write(b"x" * (2 << 20))
except StorageError as error:
    sys.exit(7 if "file size limit" in str(error) else 8)
"""


def test_a_file_size_limit_is_a_storage_error_with_its_cure(tmp_path: Path) -> None:
    """Also where no disk can be mounted: a write refused in the middle leaves nothing."""
    assert run_child(LIMITED, str(tmp_path)) == 7
    assert files_below(tmp_path) == []
    assert sha256(b"x" * (2 << 20)) not in list(LocalVault(tmp_path / "vault", tmp_path / "work").originals())
