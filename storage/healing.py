"""Healing: an original that is damaged, unreadable or missing is replaced from a copy whose bytes give the digest.

What was damaged is kept: moved to ``<vault>/damaged/<digest>.<n>``; for one that was missing an empty
``<digest>.<n>.missing`` stands there. Order: the good bytes are staged and digested, the damaged file is moved aside,
the staging is sealed and read back. Cut off anywhere, the next healing goes on from what is there.
"""

import fcntl
import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import IntegrityError, NotFoundError, StorageError
from evidence.ids import Digest
from evidence.ports import SealedObject, Vault
from storage.durable import FOLDER_MODE, READ_ONLY, sync_folder
from storage.examination import CHUNK_BYTES, Condition, examine
from storage.failures import storage_errors
from storage.immutable import is_immutable, make_immutable
from storage.layout import original_path
from storage.local_vault import LocalVault
from storage.staging import LocalStaging, Passing, nothing

DAMAGED = "damaged"
VAULT, SECOND = "vault", "second"
_KEPT = re.compile(r"([0-9a-f]{64})\.(\d+)(\.missing)?")


@dataclass(frozen=True)
class Healed:
    """An original that was replaced.

    Attributes:
        copy: which copy was mended, ``vault`` or ``second``; source: the copy whose bytes were right.
        kept: name, below ``damaged/`` of the mended copy, of what was there before.
    """

    digest: Digest
    found: Condition
    copy: str
    source: str
    kept: str

    def as_detail(self) -> dict[str, object]:
        """Return the detail of its ledger entry."""
        return {"from": self.source, "kept": self.kept, "copy": self.copy, "found": self.found.value}


class Healing:
    """Mends one of two copies from the other; safe to use from several threads and processes.

    Args:
        vault: the originals; those of a bucket are not replaced here, its versions are the bucket's own matter.
        second: the second copy as it is now; None while there is none, or its disk is away.
        is_gone: whether an original was disposed of: what is gone for good is not brought back.
        reached: told the points at which a crash would be instructive; for fault tests.
    """

    def __init__(
        self,
        vault: Vault,
        second: Callable[[], LocalVault | None],
        is_gone: Callable[[Digest], bool],
        *,
        reached: Passing = nothing,
    ) -> None:
        self._vault = vault
        self._second = second
        self._is_gone = is_gone
        self._reached = reached

    def heal(self, digest: Digest) -> Healed | None:
        """Mend an original of the vault from the second copy; None when there is nothing to mend.

        Raises:
            NotFoundError: it was disposed of, or neither copy ever had it.
            StorageError: there is no second copy now. IntegrityError: both copies are damaged; both are kept.
        """
        second = self._second()
        if second is None:
            raise _no_second(digest)
        if not isinstance(self._vault, LocalVault):
            cure = "restore the version of it that was sealed first; the second copy has its bytes"
            raise StorageError("an original in a bucket is not replaced by itself", subject=digest, cure=cure)
        return self._mend(digest, self._vault, second, (VAULT, SECOND))

    def mend_second(self, digest: Digest) -> Healed | None:
        """Mend the second copy of an original from the vault. Raises as `heal` does."""
        second = self._second()
        if second is None:
            raise _no_second(digest)
        return self._mend(digest, second, self._vault, (SECOND, VAULT))

    def kept(self) -> Iterator[tuple[str, Digest, str]]:
        """Iterate over what was kept at healings: copy, digest, name; the second's only while it is there."""
        for copy, vault in ((VAULT, self._vault), (SECOND, self._second())):
            for name in _names(vault.root / DAMAGED) if isinstance(vault, LocalVault) else ():
                found = _KEPT.fullmatch(name)
                if found:
                    yield copy, Digest(found[1]), name

    def _mend(self, digest: Digest, broken: LocalVault, good: Vault, names: tuple[str, str]) -> Healed | None:
        with _alone(broken.root / DAMAGED):
            found = examine(broken, digest)
            if found is Condition.WHOLE:
                return None
            if self._is_gone(digest):
                raise NotFoundError("this original was disposed of", subject=digest, cure="its ledger entries say when")
            with _staged(broken, good, digest, found) as staging:
                self._reached("heal-staged")
                kept = set_aside(broken.root, digest)
                self._reached("heal-set-aside")
                _sealed(staging, digest)
            self._reached("heal-sealed")
            _require_whole(broken, digest)
        return Healed(digest, found, *names, kept)


def set_aside(root: Path, digest: Digest) -> str:
    """Move what lies under a digest to ``damaged/``, or note there that nothing does; flushed. Return its name there.

    Raises:
        StorageError: the disk refused; it is still where it was.
    """
    place, folder = root / original_path(digest), root / DAMAGED
    with storage_errors(str(place)):
        folder.mkdir(FOLDER_MODE, exist_ok=True)
        there = os.path.lexists(place)
        name = f"{digest}.{_free_number(folder, digest)}{'' if there else '.missing'}"
        if there:
            if stat.S_ISREG(place.lstat().st_mode) and is_immutable(place):
                make_immutable(place, on=False)
            place.rename(folder / name)
            sync_folder(place.parent)
        else:
            (folder / name).touch(READ_ONLY, exist_ok=False)
        sync_folder(folder)
    return name


def _free_number(folder: Path, digest: Digest) -> int:
    taken = [int(found[2]) for name in _names(folder) if (found := _KEPT.fullmatch(name)) and found[1] == digest]
    return max(taken, default=0) + 1


@contextmanager
def _staged(broken: LocalVault, good: Vault, digest: Digest, found: Condition) -> Iterator[LocalStaging]:
    """Stage the other copy's bytes, and see that they give the digest, before anything is moved."""
    try:
        original = good.open(digest)
    except NotFoundError as error:
        if found is Condition.MISSING:
            raise NotFoundError("no copy of this original is there", subject=digest) from error
        raise _both_bad(digest, f"{found.value}, and the other copy is missing") from error
    sha256 = hashlib.sha256()
    with original, broken.stage(original.seek(0, os.SEEK_END)) as staging:
        original.seek(0)
        while chunk := _read(original.read, digest, found):
            sha256.update(chunk)
            staging.write(chunk)
        if sha256.hexdigest() != digest:
            raise _both_bad(digest, f"{found.value}, and the other copy is damaged as well")
        yield staging


def _read(read: Callable[[int], bytes], digest: Digest, found: Condition) -> bytes:
    try:
        return read(CHUNK_BYTES)
    except OSError as error:
        raise _both_bad(digest, f"{found.value}, and the other copy cannot be read") from error


def _sealed(staging: LocalStaging, digest: Digest) -> SealedObject:
    sealed = staging.seal()
    if sealed.digest != digest:
        raise IntegrityError("memory or disk changed the bytes while they were copied", subject=digest)
    return sealed


def _require_whole(vault: Vault, digest: Digest) -> None:
    if examine(vault, digest) is not Condition.WHOLE:
        cure = "replace the disk before anything else is written to it"
        raise IntegrityError("the copy that was made is damaged when it is read back", subject=digest, cure=cure)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one thread of one process at a time mend a copy."""
    with storage_errors(str(folder)):
        folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with storage_errors(str(folder)):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _names(folder: Path) -> list[str]:
    with storage_errors(str(folder)):
        try:
            return sorted(entry.name for entry in folder.iterdir())
        except FileNotFoundError:
            return []


def _no_second(digest: Digest) -> StorageError:
    cure = "connect the disk that `vault.second` names, or restore the original from backup"
    return StorageError("it cannot be mended: no second copy is there", subject=digest, cure=cure)


def _both_bad(digest: Digest, what: str) -> IntegrityError:
    cure = "both are kept as they are: restore the original from a backup, and report it"
    return IntegrityError(f"this original is {what}", subject=digest, cure=cure)
