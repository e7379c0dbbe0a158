"""What the register says of the ledger and of locks, held against the sealed ledger as it is walked."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dashboard.rebuilding import register_disagreements
from dashboard.wiring import House
from evidence.errors import EvidockError
from index import ledger
from index.raw_rows import READ_AT_ONCE, RawEntry, RawLock, raw_entries, raw_locks
from storage.reading import FoundLock
from storage.verify import Difference, DifferenceKind

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class RowDifference:
    """A cell in which register and vault differ: table, key and column, what is kept and what the vault gives."""

    place: str
    kept: str
    derived: str


@dataclass(frozen=True)
class RegisterSays:
    """What a verification asks of the register.

    Attributes:
        heads: entries it has, entries it saw sealed, and the root (hex) it saw then.
        entries: its rows from one number up to another.
        locks: what the vault last said of locks, a page from a digest on, in order.
        rows: cells that differ from a register made again from the vault; told how many entries are done.
    """

    heads: Callable[[], tuple[int, int, str]]
    entries: Callable[[int, int | None], Iterator[RawEntry]]
    locks: Callable[[str], list[RawLock]]
    rows: Callable[[Callable[[int], None]], Iterator[RowDifference]]


def register_of(house: House) -> RegisterSays:
    """Return what the register of a house says."""
    register = house.register

    def heads() -> tuple[int, int, str]:
        with register.reading() as session:
            found = ledger.heads(session)
        return found.size, found.sealed, found.sealed_root

    def rows(report: Callable[[int], None]) -> Iterator[RowDifference]:
        for one in register_disagreements(house, report):
            yield RowDifference(" ".join(filter(None, (one.table, one.key, one.column))), one.kept, one.derived)

    return RegisterSays(
        heads,
        lambda start, stop: raw_entries(register, start, stop),
        lambda start: raw_locks(register, start),
        rows,
    )


class LockLookup:
    """What the vault last said of locks, asked for in order of digest and read page by page."""

    def __init__(self, says: RegisterSays) -> None:
        self._says = says
        self._page: dict[str, RawLock] = {}
        self._first, self._last = "~", ""

    def forget(self) -> None:
        """Ask the register again from now on."""
        self._first, self._last = "~", ""

    def __call__(self, digest: str) -> FoundLock | None:
        """Return the lock; None when the vault was never asked, or is to be asked again."""
        if not self._first <= digest <= self._last:
            page = self._says.locks(digest)
            self._page = {row.digest: row for row in page}
            self._first, self._last = digest, page[-1].digest if len(page) >= READ_AT_ONCE else "~"
        row = self._page.get(digest)
        return FoundLock(_moment(row.until_us), row.held) if row and row.settled else None


def _moment(until_us: object) -> datetime | None:
    """Return a time; for what is none, one that no lock has."""
    if until_us is None:
        return None
    try:
        return _EPOCH + timedelta(microseconds=int(str(until_us)))
    except (ValueError, OverflowError):
        return _EPOCH


class RegisterWatch:
    """Compares the register's entries with the sealed ones, one by one as the ledger is walked."""

    def __init__(self, says: RegisterSays) -> None:
        self._rows = says.entries(0, None)
        self._row = next(self._rows, None)
        self._wrong: list[tuple[int, str]] = []
        self._known = says.heads()[0]

    def on_entry(self, number: int, leaf: bytes, raw: bytes | None) -> None:
        """Compare the row of a sealed entry with its leaf."""
        del raw
        while self._row is not None and self._row.number < number:
            self._next()
        row = self._row
        if row is None or row.number != number:
            if number < self._known:
                self._wrong.append((number, "missing"))
            return
        if hashlib.sha256(b"\x00" + row.canonical).digest() != leaf:
            self._wrong.append((number, "canonical"))
        elif row.wrong:
            self._wrong.append((number, ", ".join(row.wrong)))
        self._next()

    def differences(self, size: int) -> Iterator[Difference]:
        """Yield what was found, runs of entries together, after the walk over a ledger of that size."""
        if self._known < size:
            yield Difference(DifferenceKind.REGISTER_BEHIND, "register", str(size), str(self._known))
        while self._row is not None:
            if self._row.wrong:
                self._wrong.append((self._row.number, ", ".join(self._row.wrong)))
            self._next()
        for first, last, what in runs(self._wrong):
            subject = str(first) if first == last else f"{first}–{last}"
            yield Difference(DifferenceKind.REGISTER_ENTRY, subject, found=what)

    def _next(self) -> None:
        self._row = next(self._rows, None)


def runs(wrong: Iterable[tuple[int, str]]) -> Iterator[tuple[int, int, str]]:
    """Put numbers that follow one another and are wrong in the same way together: first, last, how."""
    current: tuple[int, int, str] | None = None
    for number, what in wrong:
        if current and current[1] == number - 1 and current[2] == what:
            current = (current[0], number, what)
            continue
        if current:
            yield current
        current = (number, number, what)
    if current:
        yield current


def row_differences(says: RegisterSays, report: Callable[[int], None]) -> Iterator[Difference]:
    """Yield every cell in which the register differs from one made again from the vault."""
    try:
        for one in says.rows(report):
            yield Difference(DifferenceKind.REGISTER_ROW, one.place, one.derived, one.kept)
    except (EvidockError, LookupError, TypeError, ValueError) as error:
        # what somebody wrote into the register's own ledger cannot be read back
        subject = error.subject if isinstance(error, EvidockError) else ""
        yield Difference(DifferenceKind.REGISTER_UNREADABLE, subject or "register", found=str(error))
