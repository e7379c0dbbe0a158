"""The folder of receipts: one file for each sealed dock file, at the path the dock knows, written whole or not at all.

For ``dock/<station>/<path>`` that is ``receipts/<station>/<path>.receipt.json``, byte for byte the same names. Where
that name is taken by the receipt of another state of the file, or is too long, the first 8 of the pickup key stand
before the suffix; where even the folders cannot be made, the whole key is the name. No link is followed below the root.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import IntakeError, IntegrityError
from evidence.ids import StationId
from evidence.receipts import Receipt, receipt_from, to_bytes
from ingest.faults import reached
from ingest.pickups import to_native

SUFFIX = ".receipt.json"
SHORT_KEY = 8
LONGEST_NAME_BYTES = 255
LONGEST_RECEIPT_BYTES = 4 * 1024 * 1024
MODE = 0o644

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_TAKEN = frozenset({errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.ENAMETOOLONG, errno.EEXIST})
"""What says that a name cannot be had because something else has it, or because it is none."""


@dataclass(frozen=True)
class _Place:
    """Where a receipt may lie: folders below the root, and its name, as the file system spells them."""

    folders: tuple[str, ...]
    name: str

    @property
    def readable(self) -> str:
        return "/".join((*self.folders, self.name)).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class ReceiptFolder:
    """Writes and finds receipts below ``root``, which is made when first needed.

    Docks may be given this folder to read; one that may also write there can at worst spoil receipts.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, receipt: Receipt) -> Path | None:
        """Write a receipt, flushed; return where it lies, None when this file has one already.

        Raises:
            IntakeError: the folder refused.
        """
        with self._refusing():
            for place in _places(receipt.station, receipt.source_path, receipt.pickup_key):
                with suppress(_TakenError):
                    return self._written(place, receipt)
        last = _last_place(receipt.pickup_key)
        raise IntakeError("a receipt cannot be written", subject=last.readable, cure="remove what lies there")

    def find(self, station: StationId, source_path: str, pickup_key: str) -> Receipt | None:
        """Return the receipt for one state of a dock file, None when there is none.

        Raises:
            IntakeError: the folder cannot be read.
        """
        with self._refusing():
            for place in _places(station, source_path, pickup_key):
                with suppress(FileNotFoundError, _TakenError), self._opened(place, make=False) as folder:
                    found = _read(folder, place)
                    if found is not None and found.pickup_key == pickup_key:
                        return found
        return None

    def _written(self, place: _Place, receipt: Receipt) -> Path | None:
        with self._opened(place, make=True) as folder:
            found = _read(folder, place)
            if found is not None and found.pickup_key == receipt.pickup_key:
                return None
            if found is not None or _exists(folder, place.name):
                raise _TakenError
            _create(folder, place.name, receipt)
        return self.root.joinpath(*place.folders, place.name)

    @contextmanager
    def _opened(self, place: _Place, *, make: bool) -> Iterator[int]:
        """Open the folder of a place, link by link refused; with ``make`` its missing folders are made and flushed."""
        if make:
            self.root.mkdir(parents=True, exist_ok=True)
        folder = os.open(self.root, _FOLDER)
        try:
            for part in place.folders:
                above, folder = folder, _entered(folder, part, make=make)
                os.close(above)
            yield folder
        finally:
            os.close(folder)

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            cure = "free space, or give this account the right to write there; it is tried again"
            message = f"receipts cannot be written or read ({error.strerror or error})"
            raise IntakeError(message, subject=str(self.root), cure=cure) from error


class _TakenError(Exception):
    """A place cannot be had: another has it."""


def _places(station: StationId, source_path: str, key: str) -> Iterator[_Place]:
    """Yield the places of a receipt, best first."""
    parts = [to_native(station), *to_native(source_path).split("/")]
    if all(_is_name(part) for part in parts):
        *folders, name = parts
        if len(os.fsencode(name + SUFFIX)) <= LONGEST_NAME_BYTES:
            yield _Place(tuple(folders), name + SUFFIX)
        ending = f".{key[:SHORT_KEY]}{SUFFIX}"
        yield _Place(tuple(folders), _cut(name, LONGEST_NAME_BYTES - len(ending)) + ending)
    yield _last_place(key)


def _last_place(key: str) -> _Place:
    return _Place((), key + SUFFIX)


def _is_name(part: str) -> bool:
    return part not in {"", ".", ".."} and "/" not in part and "\0" not in part


def _cut(name: str, length_bytes: int) -> str:
    """Return the beginning of a name; a character that would be cut in two goes."""
    whole = os.fsencode(name)
    cut = whole[:length_bytes]
    while len(cut) < len(whole) and cut and whole[len(cut)] & 0xC0 == 0x80:  # noqa: PLR2004 - a UTF-8 continuation
        cut = cut[:-1]
    return os.fsdecode(cut)


def _entered(folder: int, name: str, *, make: bool) -> int:
    with _taken():
        try:
            return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
        except FileNotFoundError:
            if not make:
                raise
        os.mkdir(name, dir_fd=folder)
        os.fsync(folder)
        return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)


def _read(folder: int, place: _Place) -> Receipt | None:
    """Return the receipt that lies at a name, None when there is none: nothing, or something that is no receipt."""
    try:
        with _taken():
            handle = os.open(place.name, os.O_RDONLY | _FILE, dir_fd=folder)
    except FileNotFoundError:
        return None
    try:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            with suppress(IntegrityError), open(handle, "rb", closefd=False) as file:
                return receipt_from(place.readable, file.read(LONGEST_RECEIPT_BYTES))
    finally:
        os.close(handle)
    return None


def _exists(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _create(folder: int, name: str, receipt: Receipt) -> None:
    """Write a file whole beside its name, flush it, name it, flush the folder."""
    scratch = f".{receipt.pickup_key}.part"  # always the same, so that what a crash leaves is used again
    with suppress(FileNotFoundError):
        os.unlink(scratch, dir_fd=folder)
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FILE, MODE, dir_fd=folder), "wb") as file:
        os.fchmod(file.fileno(), MODE)
        file.write(to_bytes(receipt))
        file.flush()
        os.fsync(file.fileno())
    reached("receipt-unnamed")
    os.rename(scratch, name, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)
    reached("receipt-named")


@contextmanager
def _taken() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _TAKEN:
            raise _TakenError from error
        raise
