"""Reading a vault without any way to write: what lies where, its bytes, its locks. The local folder's reader.

Source: docs/ledger-format.md; the layout of originals, records and locks as docs/operations.md describes it.
"""

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from evidence.errors import IntegrityError, NotFoundError, StorageError

CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """Something that lies in a vault.

    Attributes:
        path: below the vault, ``/`` between its parts.
        mode: its permission bits; None where a storage has none.
        odd: what it is instead of a readable file: its mode as ``ls`` writes it, or the system's words; else empty.
        versions: how many a bucket holds under this key. hidden: whether a delete marker lies over them.
    """

    path: str
    size_bytes: int
    mode: int | None = None
    odd: str = ""
    versions: int = 1
    hidden: bool = False

    @property
    def versions_text(self) -> str:
        """How many versions there are, and whether a delete marker is over them; empty when it is one, bare."""
        if self.versions == 1 and not self.hidden:
            return ""
        return f"{self.versions} + delete marker" if self.hidden else str(self.versions)


@dataclass(frozen=True)
class FoundLock:
    """What keeps an original.

    Attributes:
        until: UTC; None: no time. held: whether a legal hold is on.
        least: the end that its age alone gives it, where that counts; what nobody wrote down.
    """

    until: datetime | None
    held: bool
    least: datetime | None = field(default=None, compare=False)


class VaultReader(Protocol):
    """The one way a verification looks at a vault."""

    at_once: int
    """Reads that are best under way together."""

    def shelves(self) -> list[str]:
        """Return the names directly below the vault, in order."""
        ...

    def below(self, prefix: str) -> Iterator[Found]:
        """Iterate over everything below a folder (``originals/``) that is no folder itself, in order of path.

        Raises:
            StorageError: it cannot be listed at all.
        """
        ...

    def look(self, path: str) -> Found | None:
        """Return what lies at a path, a folder included; None when nothing does. Raises StorageError."""
        ...

    def read(self, path: str) -> bytes:
        """Return the bytes of a file. Raises as `chunks`."""
        ...

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of a file.

        Raises:
            NotFoundError: nothing is there. StorageError: it cannot be read.
        """
        ...

    def lock(self, path: str) -> FoundLock | None:
        """Return the lock of an original, None when nothing keeps it.

        Raises:
            IntegrityError: it cannot be understood. StorageError: it cannot be read.
        """
        ...


class LocalReader:
    """Reads a vault in a folder of this machine; links in it are never followed.

    Args:
        root: the vault's folder.
        keep: how long the vault keeps an original at least, from the time it was written.
    """

    at_once = 1

    def __init__(self, root: Path, keep: timedelta = timedelta(0)) -> None:
        self._root = root
        self._keep = keep

    def shelves(self) -> list[str]:
        try:
            return sorted(entry.name for entry in self._root.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _refused(str(self._root), error) from error

    def below(self, prefix: str) -> Iterator[Found]:
        folder = prefix.rstrip("/")
        place = self._root / folder
        if place.is_dir():
            yield from self._below(folder)
        elif (found := self.look(folder)) is not None:
            yield found

    def look(self, path: str) -> Found | None:
        try:
            return _found(path, (self._root / path).lstat())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _refused(path, error) from error

    def read(self, path: str) -> bytes:
        return b"".join(self.chunks(path))

    def chunks(self, path: str) -> Iterator[bytes]:
        try:
            descriptor = os.open(self._root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotFoundError("nothing is there", subject=path) from error
        except OSError as error:
            raise _refused(path, error) from error
        try:
            while chunk := os.read(descriptor, CHUNK_BYTES):
                yield chunk
        except OSError as error:
            raise _refused(path, error) from error
        finally:
            os.close(descriptor)

    def lock(self, path: str) -> FoundLock | None:
        place = f"locks/{path.removeprefix('originals/')}.json"
        initial = self._initial(path)
        try:
            said = understood(place, self.read(place))
        except NotFoundError:
            return FoundLock(initial, held=False, least=initial) if initial else None
        times = [time for time in (said.until, initial) if time is not None]
        return FoundLock(max(times, default=None), said.held, least=initial)

    def _initial(self, path: str) -> datetime | None:
        if not self._keep:
            return None
        try:
            written_s = (self._root / path).lstat().st_mtime
        except OSError as error:
            raise _refused(path, error) from error
        return datetime.fromtimestamp(written_s, UTC) + self._keep

    def _below(self, folder: str) -> Iterator[Found]:
        try:
            with os.scandir(self._root / folder) as entries:
                names = sorted(entries, key=lambda entry: entry.name)
        except FileNotFoundError:
            return
        except OSError as error:
            yield Found(folder, 0, odd=_words(error))
            return
        for entry in names:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                yield from self._below(path)
            else:
                yield from self._looked_at(path)

    def _looked_at(self, path: str) -> Iterator[Found]:
        try:
            found = self.look(path)
        except StorageError as error:
            found = Found(path, 0, odd=error.message)
        if found is not None:
            yield found


def understood(place: str, body: bytes) -> FoundLock:
    """Return the lock that a local vault's lock file states; only the one way to write it is understood.

    Raises:
        IntegrityError: it states none.
    """
    try:
        said = json.loads(body)
        until = datetime.fromisoformat(said["until"]) if said["until"] is not None else None
        lock = FoundLock(until.astimezone(UTC) if until else None, held=said["held"] is True)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise IntegrityError("this lock cannot be understood", subject=place) from error
    text = lock.until.isoformat().replace("+00:00", "Z") if lock.until else None
    if json.dumps({"held": lock.held, "until": text, "v": 1}, separators=(",", ":")).encode() != body:
        raise IntegrityError("this lock is not written as locks are", subject=place)
    return lock


def _found(path: str, status: os.stat_result) -> Found:
    odd = "" if stat.S_ISREG(status.st_mode) else stat.filemode(status.st_mode)
    return Found(path, status.st_size, stat.S_IMODE(status.st_mode), odd)


def _refused(path: str, error: OSError) -> StorageError:
    return StorageError(_words(error), subject=path, cure="check the disk, and who may read the vault")


def _words(error: OSError) -> str:
    return error.strerror or str(error)
