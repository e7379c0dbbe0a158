"""The three durable writes: create exclusively, create idempotently, overwrite atomically.

Each writes a scratch file whole, flushes it, gives it its name in one step, and flushes the folder. After a crash or a
power cut a name therefore stands for all its bytes or does not exist, and a call that returned is on the disk.

A new name is given by a hard link, never by a rename: a link cannot replace what is there, whoever else is writing.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evidence.errors import ObjectConflictError
from storage.failures import storage_errors
from storage.scratch import Scratch

READ_ONLY = 0o444
FOLDER_MODE = 0o755


class DurableTree:
    """The files below one root.

    Args:
        root: the tree's top folder; made when first written to.
        scratch: where files lie until they are whole; on the same file system, see `links_reach`.
    """

    def __init__(self, root: Path, scratch: Scratch) -> None:
        self.root = root
        self.scratch = scratch
        self._settled: set[Path] = set()

    def create_exclusively(self, path: Path, body: bytes) -> None:
        """Create ``path`` with ``body``, read-only.

        Raises:
            ObjectConflictError: something of that name exists; it was not touched.
            StorageFullError: the disk is full; nothing is left behind. StorageError: it refused.
        """
        if not self._create(path, body):
            raise ObjectConflictError("it exists already", subject=str(path))

    def create_idempotently(self, path: Path, body: bytes) -> bool:
        """Create ``path`` with ``body``, read-only; return False when exactly these bytes were there already.

        Raises:
            ObjectConflictError: something of that name has other bytes; it was not touched.
            StorageFullError: the disk is full; nothing is left behind. StorageError: it refused.
        """
        if self._create(path, body):
            return True
        with storage_errors(str(path)):
            same = path.is_file() and path.read_bytes() == body
        if not same:
            raise ObjectConflictError(
                "it exists with other bytes", subject=str(path), cure="neither was touched: compare them, keep both"
            )
        return False

    def overwrite_atomically(self, path: Path, body: bytes) -> None:
        """Make ``path`` hold ``body``, whatever it held; a reader sees the old bytes or the new ones, whole.

        Raises:
            StorageFullError: the disk is full; the old bytes stand. StorageError: it refused.
        """
        with self._written(body, 0o644) as written, storage_errors(str(path)):
            self.make_folders(path.parent)
            written.replace(path)
            sync_folder(path.parent)

    def publish(self, finished: Path, path: Path) -> bool:
        """Give a finished, flushed file its name and flush the folder; return False when the name was taken.

        ``finished`` keeps its own name: whoever made it removes it. When the name was taken, the folder is flushed all
        the same: the one who took it may have been cut off before that.

        Raises:
            StorageFullError: no room for the name. StorageError: the file system refused.
        """
        with storage_errors(str(path)):
            self.make_folders(path.parent)
            created = _linked(finished, path)
            sync_folder(path.parent)
            return created

    def make_folders(self, folder: Path) -> None:
        """Make ``folder`` and what is missing above it up to the root, and flush each once in this process's life."""
        if folder in self._settled and folder.is_dir():
            return
        if folder == self.root:
            folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        else:
            self.make_folders(folder.parent)
            folder.mkdir(FOLDER_MODE, exist_ok=True)
        sync_folder(folder.parent)
        self._settled.add(folder)

    def _create(self, path: Path, body: bytes) -> bool:
        with self._written(body, READ_ONLY) as written:
            return self.publish(written, path)

    @contextmanager
    def _written(self, body: bytes, mode: int) -> Iterator[Path]:
        """Write and flush a scratch file, and hold it until it has its name."""
        descriptor, path = self.scratch.create()
        try:
            with storage_errors(str(path)):
                write_all(descriptor, memoryview(body))
                os.fchmod(descriptor, mode)
                os.fsync(descriptor)
            yield path
        finally:
            os.close(descriptor)
            self.scratch.remove(path)


def write_all(descriptor: int, view: memoryview) -> None:
    """Write every byte, however many the system takes at a time."""
    while view:
        view = view[os.write(descriptor, view) :]


def sync_folder(folder: Path) -> None:
    """Flush a folder, so that names made or removed in it survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def links_reach(source: Scratch, target: Scratch) -> bool:
    """Whether a file made in ``source`` can get a second name in ``target``: same file system, and one with hard links.

    Two mounts of one disk share a device number and still refuse, so it is tried rather than looked up.
    """
    descriptor, path = source.create()
    os.close(descriptor)
    other_descriptor, linked = target.create()
    os.close(other_descriptor)
    target.remove(linked)
    try:
        with storage_errors(str(linked)):
            return _can_link(path, linked)
    finally:
        target.remove(linked)
        source.remove(path)


def _can_link(path: Path, linked: Path) -> bool:
    try:
        os.link(path, linked)
    except OSError as error:
        if error.errno in {errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP}:
            return False
        raise
    return True


def _linked(finished: Path, path: Path) -> bool:
    try:
        os.link(finished, path)
    except FileExistsError:
        return False
    return True
