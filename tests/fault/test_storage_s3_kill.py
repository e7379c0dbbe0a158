"""SIGKILL of the S3 server while an original is on its way to it: it is whole or not there, and comes again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.errors import StorageError
from storage.s3_vault import S3Vault
from tests.support.s3 import S3Server, start_or_skip
from tests.support.storage import HOUR, files_below, read, s3_vault, seal, sha256, utc_now

BODY = bytes(range(255)) * 160_000
"""Three parts."""


@pytest.fixture(scope="module", name="server")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    server = S3Server(tmp_path_factory.mktemp("s3"))
    start_or_skip(server)
    yield server
    server.stop()


def deadly_vault(home: Path, server: S3Server, point: str) -> S3Vault:
    """Make a vault whose server dies when a point is reached, once."""
    points = {point}

    def reached(name: str) -> None:
        if name in points:
            points.discard(name)
            server.kill()

    return s3_vault(home, server=server, reached=reached)


@pytest.mark.parametrize("point", ["before-upload", "part 2", "complete"])
def test_killed_before_the_end_there_is_no_original(tmp_path: Path, server: S3Server, point: str) -> None:
    """Sealing is a StorageError; after the restart nothing is listed, the sweep aborts, the retry seals it whole."""
    vault = deadly_vault(tmp_path, server, point)
    with pytest.raises(StorageError, match="does not answer"):
        seal(vault, BODY)
    assert files_below(tmp_path) == []
    server.start()
    assert not vault.has(sha256(BODY))
    assert list(vault.originals()) == []
    assert vault.sweep(before=utc_now() + HOUR) == (0 if point == "before-upload" else 1)
    assert not seal(vault, BODY).already_there
    assert read(vault, sha256(BODY)) == BODY
    assert vault.lock_of(sha256(BODY)).until is not None


def test_killed_after_the_end_the_original_is_there_and_locked(tmp_path: Path, server: S3Server) -> None:
    """What was called sealed survives the server's death, with its lock, and sealing it again adds nothing."""
    vault = deadly_vault(tmp_path, server, "after-upload")
    digest = seal(vault, BODY).digest
    with pytest.raises(StorageError, match="does not answer"):
        vault.has(digest)
    server.start()
    assert read(vault, digest) == BODY
    assert vault.lock_of(digest).until is not None
    assert seal(vault, BODY).already_there
    assert list(vault.originals()) == [digest]


def test_a_server_that_dies_while_an_original_is_read_is_a_storage_error(tmp_path: Path, server: S3Server) -> None:
    """A reader gets a StorageError, not half the bytes; nothing half-fetched is cached."""
    vault = s3_vault(tmp_path / "a", server=server)
    digest = seal(vault, BODY).digest
    for cached in (tmp_path / "a" / "cache").rglob(digest):
        cached.unlink()
    with vault.open(digest) as original:
        assert original.read(10) == BODY[:10]
        server.kill()
        with pytest.raises(StorageError):
            original.read()
    with pytest.raises(StorageError):
        vault.locate(digest)
    assert files_below(tmp_path / "a") == []
    server.start()
    assert vault.locate(digest).read_bytes() == BODY
