"""What every derivative store keeps to."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from evidence.errors import NotFoundError, StorageError
from evidence.ids import Digest
from evidence.ports import DerivativeStore
from storage.derivatives import LocalDerivatives
from tests.support.storage import sha256

STORES: Mapping[str, Callable[[Path], DerivativeStore]] = {"local": lambda home: LocalDerivatives(home / "derivatives")}


@pytest.fixture(params=sorted(STORES), name="store")
def _store(request: pytest.FixtureRequest, tmp_path: Path) -> DerivativeStore:
    return STORES[request.param](tmp_path)


def produced(folder: Path, body: bytes) -> Path:
    """Write a finished scratch file."""
    path = folder / "proxy.mp4"
    path.write_bytes(body)
    return path


def test_a_published_derivative_lies_under_its_sha256(store: DerivativeStore, tmp_path: Path) -> None:
    """Publishing moves the file in and says what it is called and how large it is."""
    scratch = produced(tmp_path, b"proxy")
    assert store.publish(scratch) == (sha256(b"proxy"), 5)
    assert Path(store.locate(sha256(b"proxy"))).read_bytes() == b"proxy"
    assert not scratch.exists()


def test_publishing_the_same_bytes_again_is_fine(store: DerivativeStore, tmp_path: Path) -> None:
    """A derivation done twice leaves one file, and no scratch."""
    assert store.publish(produced(tmp_path, b"proxy")) == store.publish(produced(tmp_path, b"proxy"))
    assert not (tmp_path / "proxy.mp4").exists()


@pytest.mark.parametrize("digest", ["0" * 64, "../x"])
def test_an_unknown_derivative_is_not_found(store: DerivativeStore, digest: str) -> None:
    """The caller learns that it has to derive again."""
    with pytest.raises(NotFoundError):
        store.locate(Digest(digest))


def test_publishing_nothing_is_refused(store: DerivativeStore, tmp_path: Path) -> None:
    """A scratch file that is not there is a StorageError that names it."""
    with pytest.raises(StorageError, match=r"gone\.mp4"):
        store.publish(tmp_path / "gone.mp4")
