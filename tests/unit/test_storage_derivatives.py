"""What is particular to local derivatives."""

from pathlib import Path

from storage.derivatives import LocalDerivatives
from tests.support.storage import files_below, small_disk


def test_a_damaged_derivative_is_replaced(tmp_path: Path) -> None:
    """It is regenerable: publishing it again heals what was cut short."""
    store = LocalDerivatives(tmp_path / "derivatives")
    for body in (b"", b"prOxy", b"proxy"):
        (tmp_path / "new").write_bytes(b"proxy")
        digest, _ = store.publish(tmp_path / "new")
        place = store.locate(digest)
        assert place.read_bytes() == b"proxy"
        place.chmod(0o644)
        place.write_bytes(body)


def test_a_scratch_file_of_another_disk_is_copied_in(tmp_path: Path) -> None:
    """Publishing works across file systems, and leaves no scratch on either."""
    store = LocalDerivatives(tmp_path / "derivatives")
    with small_disk(tmp_path / "disk", 1 << 20) as disk:
        (disk / "new").write_bytes(b"proxy")
        digest, _ = store.publish(disk / "new")
        assert store.locate(digest).read_bytes() == b"proxy"
        assert files_below(disk) == []
    assert files_below(tmp_path / "derivatives") == [f"{digest[:2]}/{digest}"]


def test_published_derivatives_are_read_only(tmp_path: Path) -> None:
    """Mode 0444, like originals."""
    (tmp_path / "new").write_bytes(b"proxy")
    store = LocalDerivatives(tmp_path / "derivatives")
    assert store.locate(store.publish(tmp_path / "new")[0]).stat().st_mode & 0o777 == 0o444
