"""The sealed ledger in a local vault's folder ``ledger/``; its layout is docs/ledger-format.md."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from evidence.errors import NotFoundError, StorageError
from storage.durable import DurableTree, sync_folder
from storage.failures import storage_errors
from storage.layout import LEDGER, log_path, require_partial
from storage.scratch import Scratch


class LocalLog:
    """Implements `evidence.ports.LogStore` on a local file system with hard links.

    Args:
        root: the vault's folder, absolute.
        executor: tag of this process's scratch files in ``root/staging``.
    """

    def __init__(self, root: Path, *, executor: str = "local") -> None:
        self._root = root
        self._tree = DurableTree(root, Scratch(root / "staging", executor))

    def create(self, path: str, body: bytes) -> None:
        self._tree.create_idempotently(self._place_of(path), body)

    def replace(self, path: str, body: bytes) -> None:
        self._tree.overwrite_atomically(self._place_of(path), body)

    def drop(self, path: str) -> None:
        """Remove a partial tile or bundle, and its folder with the last; gone already is fine.

        Raises:
            StorageError: it is no such thing, or the disk refused.
        """
        require_partial(path)
        place = self._place_of(path)
        with storage_errors(str(place)):
            if place.parent.is_dir():
                place.unlink(missing_ok=True)
                sync_folder(place.parent)
                _remove_if_empty(place.parent)

    def read(self, path: str) -> bytes:
        place = self._place_of(path)
        try:
            with storage_errors(str(place)):
                return place.read_bytes()
        except StorageError as error:
            if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError | IsADirectoryError):
                raise NotFoundError("no such object is in the ledger", subject=path) from error
            raise

    def paths(self, below: str) -> Iterator[str]:
        ledger, folder = self._root / LEDGER, self._root / log_path(below)
        with storage_errors(str(folder)):
            walked = [(at, names) for at, _, names in os.walk(folder, onerror=_unless_gone)]
        yield from sorted((Path(at) / name).relative_to(ledger).as_posix() for at, names in walked for name in names)

    def _place_of(self, path: str) -> Path:
        if not path:
            raise StorageError("an object of the ledger needs a name", cure="see the ledger format")
        return self._root / log_path(path)


def _unless_gone(error: OSError) -> None:
    """Let a folder go that the sealing removed meanwhile, or that nothing was written to yet."""
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError as error:
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT}:
            raise
        return
    sync_folder(folder.parent)
