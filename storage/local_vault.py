"""The vault in a local folder: originals under their SHA-256, records under their names, each written once.

::

    <root>/originals/ab/cd/abcd…   the bytes as they came, mode 0444; the name is their SHA-256
    <root>/records/<folder>/<name> sidecars, imported records, decisions: mode 0444
    <root>/staging/                used when the scratch folder lies on another disk; swept

There is no way here to delete or replace an original.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from evidence.errors import NotFoundError, StorageError, StorageFullError
from evidence.ids import Digest
from storage.durable import DurableTree, links_reach
from storage.failures import storage_errors
from storage.scratch import SUFFIX, Scratch
from storage.staging import LocalStaging, Passing

_DIGEST = re.compile(r"[0-9a-f]{64}")
_RECORD_PART = re.compile(r"[^./\x00][^/\x00]*")
_STAGING = "staging"


def _nothing(_point: str) -> None:
    """Pass every point untouched."""


class LocalVault:
    """Implements `evidence.ports.Vault` on a local file system with hard links.

    Args:
        root: the vault's folder, absolute; made when first written to.
        scratch: where files lie until they are sealed. When its file system is not the vault's, a sealed file could
            only be copied across, doubling the work, so files are then staged in ``root/staging`` instead.
        executor: tag of this process's scratch files, by which its successor sweeps them.
        immutable: also set the file system's immutable attribute on originals (needs the privilege to do so).
        reached: told the points at which a crash would be instructive; for fault tests.
    """

    def __init__(
        self,
        root: Path,
        scratch: Path,
        *,
        executor: str = "local",
        immutable: bool = False,
        reached: Passing = _nothing,
    ) -> None:
        self.root = root
        self._wanted_scratch = Scratch(scratch, executor)
        self._inner_scratch = Scratch(root / _STAGING, executor)
        self._immutable = immutable
        self._reached = reached

    def stage(self, expected_bytes: int = 0) -> LocalStaging:
        """Open a staging, after seeing that ``expected_bytes`` fit on the disk.

        Raises:
            StorageFullError: they do not; nothing was written. StorageError: the disk refused.
        """
        self._require_room(expected_bytes)
        return LocalStaging(self._tree, self._place_of, immutable=self._immutable, reached=self._reached)

    def put_record(self, folder: str, name: str, body: bytes) -> Digest:
        path = self._record_path(folder, name)
        self._tree.create_idempotently(path, body)
        return _digest_of(body)

    def record(self, folder: str, name: str) -> bytes:
        path = self._record_path(folder, name)
        try:
            with storage_errors(str(path)):
                return path.read_bytes()
        except StorageError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise NotFoundError("no such record", subject=f"{folder}/{name}") from error
            raise

    def records(self, folder: str) -> Iterator[tuple[str, bytes]]:
        path = self._record_path(folder)
        for name in _names(path):
            with storage_errors(str(path / name)):
                regular = stat.S_ISREG((path / name).lstat().st_mode)
                body = (path / name).read_bytes() if regular else b""
            if regular:
                yield name, body

    def has(self, digest: Digest) -> bool:
        with storage_errors(digest):
            return _is_regular(self._place_of(digest))

    def locate(self, digest: Digest) -> Path:
        if not self.has(digest):
            raise NotFoundError("no such original is sealed", subject=digest)
        return self._place_of(digest)

    def open(self, digest: Digest) -> BinaryIO:
        place = self.locate(digest)
        with storage_errors(digest):
            return place.open("rb")

    def originals(self) -> Iterator[Digest]:
        for outer in _names(self.root / "originals"):
            for inner in _names(self.root / "originals" / outer):
                folder = self.root / "originals" / outer / inner
                yield from (Digest(n) for n in _names(folder) if _DIGEST.fullmatch(n) and n.startswith(outer + inner))

    def sweep(self, *, before: datetime | None = None) -> int:
        """Remove scratch files that an earlier process of this executor left; return how many.

        Args:
            before: also those of other executors last written before this time.
        """
        return sum(scratch.sweep(before=before) for scratch in (self._wanted_scratch, self._inner_scratch))

    @property
    def staging_folder(self) -> Path:
        """Where files are staged: the scratch folder, or ``root/staging`` when that is on another file system."""
        return self._tree.scratch.folder

    @cached_property
    def _tree(self) -> DurableTree:
        tree = DurableTree(self.root, self._wanted_scratch)
        with storage_errors(str(self.root)):
            tree.make_folders(self.root)
        if not links_reach(self._wanted_scratch, self._inner_scratch):
            tree.scratch = self._inner_scratch
            if not links_reach(self._inner_scratch, self._inner_scratch):
                raise StorageError(
                    "this file system has no hard links, so nothing could be sealed without a risk of overwriting",
                    subject=str(self.root),
                    cure="put the vault on ext4, XFS, Btrfs, ZFS, APFS or NFS",
                )
        return tree

    def _require_room(self, expected_bytes: int) -> None:
        with storage_errors(str(self.root)):
            disk = os.statvfs(self.staging_folder)
        free_blocks = disk.f_bavail if os.geteuid() else disk.f_bfree
        if disk.f_blocks and free_blocks * disk.f_frsize < expected_bytes:  # some network shares state no size at all
            raise StorageFullError(
                f"{expected_bytes} bytes are needed and {free_blocks * disk.f_frsize} are free on the vault's disk",
                subject=str(self.root),
                cure="free space or extend the disk; it is tried again",
            )

    def _place_of(self, digest: Digest) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise NotFoundError("this is not a SHA-256 in lower-case hex", subject=digest)
        return self.root / "originals" / digest[:2] / digest[2:4] / digest

    def _record_path(self, *parts: str) -> Path:
        for part in parts:
            if not _RECORD_PART.fullmatch(part) or part.endswith(SUFFIX):
                raise StorageError("a record cannot have this name", subject=part, cure="no slash, no leading dot")
        return self.root.joinpath("records", *parts)


def _names(folder: Path) -> list[str]:
    with storage_errors(str(folder)):
        try:
            return sorted(entry.name for entry in folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def _digest_of(body: bytes) -> Digest:
    return Digest(hashlib.sha256(body).hexdigest())
