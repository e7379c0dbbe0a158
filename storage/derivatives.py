"""Derivatives in a local folder beside the vault, under their SHA-256: regenerable, so without a lock.

::

    <root>/ab/<sha256>   mode 0444
    <root>/staging/      scratch; swept
"""

import errno
import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

from evidence.errors import NotFoundError
from evidence.ids import Digest
from storage.durable import READ_ONLY, DurableTree, sync_folder
from storage.failures import storage_errors
from storage.scratch import Scratch, hold

_DIGEST = re.compile(r"[0-9a-f]{64}")


class LocalDerivatives:
    """Implements `evidence.ports.DerivativeStore` on a local file system.

    Args:
        root: the folder of the derivatives, beside the originals (``vault/derivatives``); made when first needed.
        executor: tag of this process's scratch files.
    """

    def __init__(self, root: Path, *, executor: str = "local") -> None:
        self._folder = root
        self._scratch = Scratch(self._folder / "staging", executor)
        self._tree = DurableTree(self._folder, self._scratch)

    def publish(self, produced: PurePath) -> tuple[Digest, int]:
        """Move a finished scratch file in under its SHA-256, flushed; the same bytes again are fine.

        What lies under that name and does not give it is damaged, and is replaced.

        Raises:
            StorageFullError: the disk is full; ``produced`` stays where it is. StorageError: it refused.
        """
        source = Path(produced)
        with storage_errors(str(source)):
            self._scratch.folder.mkdir(parents=True, exist_ok=True)
            digest, size_bytes = _measured(source)
        with self._staged(source) as staged:
            place = self._place_of(digest)
            if not self._tree.publish(staged, place):
                self._replace_if_damaged(staged, place, digest)
        with storage_errors(str(source)):
            source.unlink(missing_ok=True)
        return digest, size_bytes

    def locate(self, digest: Digest) -> Path:
        place = self._place_of(digest)
        if not place.is_file():
            raise NotFoundError("no such derivative: derive it again", subject=digest)
        return place

    def remove(self, digest: Digest) -> bool:
        """Remove a derivative of a disposed original, and flush the folder; return False when it was not there."""
        place = self._place_of(digest)
        with storage_errors(str(place)):
            try:
                place.unlink()
            except FileNotFoundError:
                return False
            sync_folder(place.parent)
        return True

    def sweep(self) -> int:
        """Remove scratch files an earlier process of this executor left; return how many."""
        return self._scratch.sweep()

    @contextmanager
    def _staged(self, source: Path) -> Iterator[Path]:
        """Give the file a second name in scratch, or copy it there when it lies on another file system; hold it."""
        path = self._scratch.free_path()
        try:
            with storage_errors(str(source)):
                _linked_or_copied(source, path)
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                with storage_errors(str(path)):
                    hold(descriptor)
                    os.fchmod(descriptor, READ_ONLY)
                    os.fsync(descriptor)
                yield path
            finally:
                os.close(descriptor)
        finally:
            self._scratch.remove(path)

    def _replace_if_damaged(self, staged: Path, place: Path, digest: Digest) -> None:
        with storage_errors(str(place)):
            if not _is_whole(place, digest):
                staged.replace(place)
                sync_folder(place.parent)

    def _place_of(self, digest: Digest) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise NotFoundError("this is not a SHA-256 in lower-case hex", subject=digest)
        return self._folder / digest[:2] / digest


def _measured(path: Path) -> tuple[Digest, int]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Digest(digest), os.fstat(file.fileno()).st_size


def _is_whole(place: Path, digest: Digest) -> bool:
    """Whether a regular file lies there whose bytes can be read and give its name."""
    if not stat.S_ISREG(place.lstat().st_mode):
        return False
    try:
        return _measured(place)[0] == digest
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        return False  # the disk lost it: derived again, it lies elsewhere on the disk


def _linked_or_copied(source: Path, path: Path) -> None:
    try:
        os.link(source, path)
    except OSError as error:
        if error.errno not in {errno.EXDEV, errno.EPERM}:
            raise
        shutil.copyfile(source, path)
