"""Writing a pack: a folder that is complete and checked, or not there at all.

It grows in a scratch folder beside its target and gets its name at the very end. Files are copied, never linked, and
their digests compared on the way. The manifests are written here rather than by the ``bagit`` library, whose maker
declares version 0.97 and changes the directory of the whole process; the library is asked about the finished bag.

Source: RFC 8493.
"""

import fcntl
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from evidence.errors import EvidockError, IntegrityError, StorageError, StorageFullError, UsageError
from evidence.merkle import consistency_path, inclusion_path, leaf_hash, root_from_inclusion
from evidence.notes import note
from evidence.packs import BAG_DECLARATION, MANIFEST, TAG_MANIFEST, PackedFile
from evidence.ports import LogStore
from evidence.tlog import Checkpoint, Proof, VerifierKey, checkpoint_of, signed_note
from storage.durable import sync_folder
from storage.failures import FULL, storage_errors
from storage.pack_bag import manifest_text
from storage.proofs import consistency_bytes, tile_node
from storage.signing import verify_ed25519

CHUNK_BYTES = 1024 * 1024
ROOM_BYTES = 32 * 1024 * 1024
"""Room beyond the copied files for everything small, and for the disk's own bookkeeping."""

HALF_MADE = re.compile(r"\.evidock-pack-[0-9a-f]{16}\.part")
ORIGINAL_MODE = 0o444

Open = Callable[[], BinaryIO]


@dataclass(frozen=True)
class Source:
    """What is copied, as a person calls it. ``cure``: what to do when its bytes are not what they should be."""

    subject: str
    cure: str


Copied = Callable[[int], None]
"""Told how many bytes more were copied."""


@dataclass
class PackFolder:
    """A pack being written. ``digests``: path → SHA-256 of what is in it so far."""

    root: Path
    digests: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def put(self, path: str, body: bytes) -> PackedFile:
        """Write a small file."""
        with pack_errors(path), self._created(path) as file:
            file.write(body)
        return self._noted(path, hashlib.sha256(body).hexdigest(), len(body))

    def copy(self, path: str, source: Open, expected: str, about: Source, copied: Copied) -> PackedFile:
        """Copy a file, comparing its digest on the way.

        Args:
            path: where it goes.
            source: opens it.
            expected: its SHA-256.
            about: what a person calls it, and what to do when it is damaged.
            copied: told of every chunk.

        Raises:
            IntegrityError: its bytes do not give that digest. StorageFullError, StorageError: the disk refused.
        """
        running, size_bytes = hashlib.sha256(), 0
        with source() as reading, pack_errors(about.subject), self._created(path) as file:
            for chunk in _chunks(reading, about.subject):
                running.update(chunk)
                file.write(chunk)
                size_bytes += len(chunk)
                copied(len(chunk))
            os.fchmod(file.fileno(), ORIGINAL_MODE)
        if running.hexdigest() != expected:
            message = "its bytes are not those that were recorded; nothing was exported"
            raise IntegrityError(message, subject=f"{about.subject} ({expected[:12]}…)", cure=about.cure)
        return self._noted(path, expected, size_bytes)

    def close(self, info: Mapping[str, str]) -> str:
        """Write what makes it a bag; return the SHA-256 of its tag manifest. ``info``: names and values of bag-info."""
        payload = {path: digest for path, digest in self.digests.items() if path.startswith("data/")}
        oxum = f"{sum(self.sizes[path] for path in payload)}.{len(payload)}"
        lines = [
            f"{name}: {' '.join(value.split())}\n" for name, value in {**info, "Payload-Oxum": oxum}.items() if value
        ]
        self.put("bagit.txt", BAG_DECLARATION)
        self.put("bag-info.txt", "".join(lines).encode())
        self.put(MANIFEST, manifest_text(payload).encode())
        tags = {path: digest for path, digest in self.digests.items() if path not in payload}
        return self.put(TAG_MANIFEST, manifest_text(tags).encode()).sha256

    def _noted(self, path: str, digest: str, size_bytes: int) -> PackedFile:
        self.digests[path], self.sizes[path] = digest, size_bytes
        return PackedFile(path, digest)

    @contextmanager
    def _created(self, path: str) -> Iterator[BinaryIO]:
        """Open a new file, flushed to the disk before it is closed."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())


def _chunks(file: BinaryIO, subject: str) -> Iterator[bytes]:
    """Yield the bytes of a source; its disk's troubles are told as those of the vault, not of the pack."""
    while True:
        with storage_errors(subject):
            chunk = file.read(CHUNK_BYTES)
        if not chunk:
            return
        yield chunk


@contextmanager
def new_pack(parent: Path, name: str) -> Iterator[PackFolder]:
    """Give a pack a scratch folder, and its name when nothing was raised; otherwise nothing of it stays.

    Raises:
        UsageError: there is something of that name already. StorageError: the folder cannot be made or written.
    """
    target = parent / name
    with pack_errors(str(parent)):
        parent.mkdir(parents=True, exist_ok=True)
    require_new(target)
    _sweep(parent)
    scratch = parent / f".evidock-pack-{secrets.token_hex(8)}.part"
    with pack_errors(str(parent)):
        scratch.mkdir()
    held = os.open(scratch, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # some network folders know no locks: then nobody sweeps there either
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield PackFolder(scratch)
        require_new(target)
        with pack_errors(str(target)):
            scratch.rename(target)
            sync_folder(parent)
    finally:
        os.close(held)
        shutil.rmtree(scratch, ignore_errors=True)


def free_room(parent: Path) -> int:
    """Return how many bytes are free where a folder is, or would be made."""
    there = next(one for one in (parent, *parent.parents) if one.is_dir())
    return shutil.disk_usage(there).free


def require_room(parent: Path, wanted_bytes: int) -> None:
    """See beforehand that a pack fits.

    Raises:
        StorageFullError: it does not; nothing was written.
    """
    free_bytes, needed_bytes = free_room(parent), wanted_bytes + ROOM_BYTES
    if free_bytes < needed_bytes:
        raise StorageFullError(
            f"the pack needs {needed_bytes:,} bytes and {free_bytes:,} are free; nothing was written",
            subject=str(parent),
            cure="free space there, or name a folder on another disk with --to",
            reason=note("export.no_room", needed_bytes=needed_bytes, free_bytes=free_bytes, folder=str(parent)),
        )


@contextmanager
def pack_errors(subject: str) -> Iterator[None]:
    """Translate what the file system raises into words about the pack.

    Raises:
        StorageFullError: its disk is full. StorageError: any other refusal.
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            cure, told = "free space there, or name a folder on another disk with --to", note("export.disk_full")
            raise StorageFullError("no space is left for the pack", subject=subject, cure=cure, reason=told) from error
        cure = "see that the folder named with --to is there and may be written"
        raise StorageError(f"the pack cannot be written ({error.strerror})", subject=subject, cure=cure) from error


def require_new(target: Path) -> None:
    """Raises UsageError when there is something of that name already."""
    if os.path.lexists(target):
        cure = "move it away or name another folder with --to; a pack is never written over"
        told = note("export.is_there", folder=str(target))
        raise UsageError("is there already", subject=str(target), cure=cure, reason=told)


def _sweep(parent: Path) -> None:
    """Remove what a killed export left; one that is still being written is held by its maker."""
    with suppress(OSError):
        for path in parent.iterdir():
            if HALF_MADE.fullmatch(path.name) and not path.is_symlink() and _is_abandoned(path):
                shutil.rmtree(path, ignore_errors=True)


def _is_abandoned(path: Path) -> bool:
    held = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(held)
    return True


# --- proofs ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SealedHead:
    """The newest sealed checkpoint: as signed, and what it says."""

    note: bytes
    checkpoint: Checkpoint


def sealed_head(log: LogStore) -> SealedHead:
    """Return the newest sealed checkpoint.

    Raises:
        NotFoundError: nothing was sealed. IntegrityError: it is no checkpoint.
    """
    note = log.read("checkpoint")
    return SealedHead(note, checkpoint_of(signed_note(note)))


def proofs(log: LogStore, head: SealedHead, entries: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Yield number and ``tlog-proof`` of each entry, after seeing that it leads to the signed root.

    Raises:
        IntegrityError: an entry is not the sealed one, is not sealed, or a tile is damaged.
    """
    size, node = head.checkpoint.size, tile_node(log, head.checkpoint.size)
    for number, canonical in entries:
        if number >= size:
            raise _not_sealed(number, "it is not sealed yet")
        path = inclusion_path(number, size, node)
        if root_from_inclusion(leaf_hash(canonical), number, size, path) != head.checkpoint.root:
            raise _not_sealed(number, "it is not the one that was sealed")
        yield number, Proof(number, tuple(path), head.note).to_bytes()


def cosigned(log: LogStore, head: SealedHead, newest: Sequence[bytes]) -> Iterator[tuple[str, bytes, bytes | None]]:
    """Yield size and digest as a name, note, and consistency proof of cosigned checkpoints our head continues.

    The proof is None for a cosignature on the head itself; what is newer than the head is left out.
    """
    size, node = head.checkpoint.size, tile_node(log, head.checkpoint.size)
    for body in dict.fromkeys(newest):
        seen = checkpoint_of(signed_note(body))
        if seen.size > size or seen.origin != head.checkpoint.origin:
            continue
        name = f"{seen.size:012}.{hashlib.sha256(body).hexdigest()[:16]}"
        same = seen.size == size
        yield name, body, None if same else consistency_bytes(seen.size, size, consistency_path(seen.size, size, node))


def newest_cosigned(log: LogStore, witnesses: Sequence[VerifierKey]) -> list[bytes]:
    """Return the newest checkpoint that each of these witnesses has cosigned, as bytes."""
    wanted, found = list(dict.fromkeys(witnesses)), []
    for path in sorted(log.paths("cosigned"), reverse=True) if wanted else ():
        body = log.read(path)
        note = signed_note(body)
        by = [key for key in wanted if note.is_signed_by(key, verify_ed25519)]
        if by:
            found.append(body)
        wanted = [key for key in wanted if key not in by]
        if not wanted:
            break
    return found


def _not_sealed(number: int, why: str) -> EvidockError:
    return IntegrityError(why, subject=f"ledger entry {number}", cure="run `evidock verify --deep`, and report it")
