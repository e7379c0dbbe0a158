"""A second copy of originals, records and ledger: a folder on another disk, laid out as the vault is.

::

    <root>/SECOND-COPY   which second copy this is; without it the disk counts as not connected
    <root>/originals/    <root>/records/    <root>/ledger/    as in the vault

Only bytes that give their digest are sealed here, and only a ledger that continues the copied one replaces it. Long
work comes as iterators of bytes copied: whoever drives them may pause, go on later, or stop.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from evidence.errors import IntegrityError, NotFoundError, StorageError
from evidence.ids import Digest
from evidence.merkle import root_at
from evidence.ports import LogStore, Vault
from evidence.tlog import WIDTH, Checkpoint, bundle_path, checkpoint_of, signed_note, tile_path
from storage.durable import DurableTree
from storage.examination import CHUNK_BYTES
from storage.failures import storage_errors
from storage.layout import CHECKPOINT, RECORDS
from storage.local_log import LocalLog
from storage.local_vault import LocalVault
from storage.proofs import tile_node
from storage.scratch import Scratch
from storage.staging import Passing, nothing

MARKER = "SECOND-COPY"
BESIDE = ("keys", "cosigned", "stamped")
"""Folders of the ledger beside its tiles; their objects never change."""

_ID = re.compile(r"[0-9a-f]{32}")

RecordNames = Callable[[Collection[str]], Iterable[tuple[str, str]]]
"""Folder and name of every record of the vault, but those of the folders given."""


class SecondCopy:
    """The second copy of one vault.

    Args:
        root: its folder; `attach` sees whether it is there before anything else is called.
        vault: the vault it follows. log: the vault's ledger.
        names: which records the vault has; asked only for those that no entry names.
        immutable: also set the immutable attribute on its originals.
        reached: told the points at which a crash would be instructive; for fault tests.
    """

    def __init__(
        self,
        root: Path,
        vault: Vault,
        log: LogStore,
        names: RecordNames,
        *,
        immutable: bool = False,
        reached: Passing = nothing,
    ) -> None:
        self.root = root
        self._first = vault
        self._first_log = log
        self._names = names
        self._reached = reached
        self._scratch = Scratch(root / "staging", "second")
        self.vault = LocalVault(root, root / "staging", executor="second", immutable=immutable)
        self.log = LocalLog(root, executor="second")

    # --- whether it is there ------------------------------------------------------------------------------------------

    def attach(self, known: str) -> str:
        """See that the right disk is there; return what to know it by from now on. A first copy is begun here.

        Args:
            known: what this returned before, empty at the first time. Another answer: it has to be filled from nothing.

        Raises:
            StorageError: the disk is not connected, or another is.
        """
        place = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:32]
        expected = known[32:] if known.startswith(place) else ""
        found = self._identity()
        if found is None and expected:
            cure = f"connect it; into a new, empty disk put an empty file named {MARKER} first"
            raise StorageError("the disk of the second copy is not there", subject=str(self.root), cure=cure)
        if found and expected not in {"", found}:
            cure = f"connect the right one, or empty its file {MARKER} to fill this one anew"
            raise StorageError("another second copy lies here", subject=str(self.root), cure=cure)
        return place + (found or self._begin())

    def is_there(self, known: str) -> bool:
        """Whether the disk that is known so is connected now."""
        try:
            return bool(known) and self._identity() == known[32:]
        except StorageError:
            return False

    def sweep(self) -> int:
        """Remove scratch files that an earlier process left; return how many."""
        return self._scratch.sweep()

    def _identity(self) -> str | None:
        """Return the id that the marker holds, nothing for an empty one, None when there is no marker."""
        marker = self.root / MARKER
        with storage_errors(str(marker)):
            try:
                text = marker.read_text("ascii", "replace").strip()
            except (FileNotFoundError, NotADirectoryError):
                return None
        if text and not _ID.fullmatch(text):
            raise StorageError("this marks no second copy", subject=str(marker), cure="empty it to fill the disk anew")
        return text

    def _begin(self) -> str:
        if not self.root.parent.is_dir():
            cure = "connect the disk, or name another folder as `vault.second`"
            raise StorageError("the folder above the second copy is not there", subject=str(self.root), cure=cure)
        identity = secrets.token_hex(16)
        DurableTree(self.root, self._scratch).overwrite_atomically(self.root / MARKER, f"{identity}\n".encode())
        return identity

    # --- originals ----------------------------------------------------------------------------------------------------

    def copy_original(self, digest: Digest) -> Iterator[int]:
        """Copy an original that is not here yet, digested on the way; yield the bytes of each step.

        Raises:
            IntegrityError: the vault's bytes are missing, unreadable or damaged; nothing was copied.
            StorageFullError: the second disk is full. StorageError: it refused.
        """
        if self.vault.has(digest):
            return
        sha256 = hashlib.sha256()
        with self._opened(digest) as original, self.vault.stage(_size_of(original)) as staging:
            while chunk := _read(original, digest):
                sha256.update(chunk)
                staging.write(chunk)
                self._reached("second-mid-copy")
                yield len(chunk)
            if sha256.hexdigest() != digest:
                raise _bad(digest, "its bytes no longer give its digest")
            staging.seal()
        self._reached("second-sealed")

    def dispose(self, digest: Digest, at: datetime) -> None:
        """Remove an original that was disposed of in the vault; not here is fine.

        Raises:
            StorageError: the second disk refused.
        """
        if self.vault.has(digest):
            self.vault.dispose(digest, at)

    def _opened(self, digest: Digest) -> BinaryIO:
        try:
            return self._first.open(digest)
        except (NotFoundError, StorageError) as error:
            raise _bad(digest, str(error)) from error

    # --- records ------------------------------------------------------------------------------------------------------

    def copy_record(self, folder: str, name: str, digest: str = "") -> None:
        """Copy a record; one that is here with the same bytes is fine.

        Raises:
            IntegrityError: the vault does not have it, or not with that digest. ObjectConflictError: it differs here.
            StorageError: a disk refused.
        """
        try:
            body = self._first.record(folder, name)
        except NotFoundError as error:
            raise _bad(f"{folder}/{name}", "the vault does not have this record") from error
        if digest and hashlib.sha256(body).hexdigest() != digest:
            raise _bad(f"{folder}/{name}", "its bytes no longer give the digest that the ledger names")
        self.vault.put_record(folder, name, body)

    def copy_other_records(self, without: Collection[str] = ()) -> Iterator[int]:
        """Copy every record that is not here, but those of the folders given; yield after each."""
        here = set(local_record_names(self.root)(without))
        for folder, name in self._names(without):
            if (folder, name) not in here:
                self.copy_record(folder, name)
                yield 0

    # --- ledger -------------------------------------------------------------------------------------------------------

    def copy_ledger(self) -> Iterator[int]:
        """Bring the copied ledger up to the vault's newest checkpoint; yield the bytes of each object.

        Raises:
            IntegrityError: the vault's ledger does not continue the copied one; nothing was changed.
            NotFoundError: it grew in the meantime: call again. StorageError: a disk refused.
        """
        body = self._first_log.read(CHECKPOINT)
        head, before = checkpoint_of(signed_note(body)), self.head()
        self._require_continuation(before, head)
        partial = {path: self._first_log.read(path) for path in partial_paths(head.size)}
        for path in full_paths(before.size if before else 0, head.size):
            yield self._copy_object(path)
        for path, tile in partial.items():
            self.log.create(path, tile)
        for below in BESIDE:
            for path in sorted(set(self._first_log.paths(below)) - set(self.log.paths(below))):
                yield self._copy_object(path)
        _require_root(self.log, head, "the ledger that was copied does not give its signed root")
        self.log.replace(CHECKPOINT, body)
        for path in sorted(partial_paths(before.size if before else 0) - partial.keys()):
            self.log.drop(path)

    def head(self) -> Checkpoint | None:
        """Return the checkpoint of the copied ledger, None before the first."""
        try:
            return checkpoint_of(signed_note(self.log.read(CHECKPOINT)))
        except NotFoundError:
            return None

    def _require_continuation(self, before: Checkpoint | None, head: Checkpoint) -> None:
        if before is None or before == head:
            return
        cure = "nothing was copied: run `evidock verify`, and find out which of the two was replaced or set back"
        continues = before.origin == head.origin and before.size <= head.size
        if not continues or root_at(before.size, tile_node(self._first_log, head.size)) != before.root:
            raise IntegrityError(
                "the vault's ledger does not continue its second copy", subject=str(self.root), cure=cure
            )

    def _copy_object(self, path: str) -> int:
        body = self._first_log.read(path)
        self.log.create(path, body)
        return len(body)


def full_paths(old: int, new: int) -> Iterator[str]:
    """Yield the full tiles and bundles that a ledger of ``new`` entries has, and one of ``old`` has not."""
    yield from (bundle_path(index) for index in range(old // WIDTH, new // WIDTH))
    level = 0
    while new := new // WIDTH:
        yield from (tile_path(level, index) for index in range(old // WIDTH, new))
        level, old = level + 1, old // WIDTH


def partial_paths(size: int) -> set[str]:
    """Return the partial tiles and the partial bundle of a ledger of this size."""
    found = {bundle_path(size // WIDTH, size % WIDTH)} if size % WIDTH else set()
    level, rest = 0, size
    while rest:
        if rest % WIDTH:
            found.add(tile_path(level, rest // WIDTH, rest % WIDTH))
        level, rest = level + 1, rest // WIDTH
    return found


def local_record_names(root: Path) -> RecordNames:
    """Return what lists folder and name of every record of a vault in a local folder."""

    def names(without: Collection[str]) -> Iterator[tuple[str, str]]:
        for folder in _entries(root / RECORDS):
            if folder.is_dir(follow_symlinks=False) and folder.name not in without:
                files = (entry for entry in _entries(Path(folder.path)) if entry.is_file(follow_symlinks=False))
                yield from ((folder.name, entry.name) for entry in files)

    return names


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with storage_errors(str(folder)):
        try:
            with os.scandir(folder) as found:
                return sorted(found, key=lambda entry: entry.name)
        except FileNotFoundError:
            return []


def _require_root(log: LogStore, head: Checkpoint, why: str) -> None:
    if root_at(head.size, tile_node(log, head.size)) != head.root:
        raise IntegrityError(why, subject="ledger", cure="run `evidock verify --deep`; the earlier checkpoint stands")


def _size_of(original: BinaryIO) -> int:
    size = original.seek(0, os.SEEK_END)
    original.seek(0)
    return size


def _read(original: BinaryIO, digest: Digest) -> bytes:
    try:
        return original.read(CHUNK_BYTES)
    except (OSError, StorageError) as error:
        raise _bad(digest, f"it cannot be read ({error})") from error


def _bad(subject: str, why: str) -> IntegrityError:
    return IntegrityError(f"could not be copied: {why}", subject=subject, cure="run `evidock verify --deep`")
