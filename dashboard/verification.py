"""Verifying a home: the sealed ledger, what lies in the vault, what others hold of it, and what the register says.

One pass over the ledger gives what must be there and is held against the register on the way; then every object is
looked at. A deep run can be stopped at any instant and go on from where it was.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from dashboard.verification_outside import Outside, outside_of, stamp_fault_of
from dashboard.verification_register import LockLookup, RegisterSays, RegisterWatch, row_differences
from dashboard.verification_state import SAVED_EVERY_S, Progress, ProgressFile
from dashboard.wiring import House
from evidence.zones import to_utc_iso
from storage.reading import LocalReader, VaultReader
from storage.reading_s3 import S3Reader, S3Reads
from storage.s3_client import make_client
from storage.verify import Difference, DifferenceKind
from storage.verify_entries import EntryReader
from storage.verify_expected import Expected
from storage.verify_ledger import Doubts, LedgerVerdict, verify_ledger
from storage.verify_objects import verify_objects
from storage.verify_plan import Plan
from storage.verify_walk import Listeners

PAUSE_S = 1.0


Stage = Callable[[str, int, int], None]
"""Told how far a stage is: ``ledger`` in entries, ``objects`` in bytes, ``register`` in rows; done and total."""


@dataclass(frozen=True)
class Wish:
    """What is to be verified.

    Attributes:
        deep: also read every byte, check every signature, and make the register again to compare it.
        resume: go on with a deep run that was stopped.
        against: files, or folders of files, with checkpoints kept elsewhere.
    """

    deep: bool = False
    resume: bool = False
    against: Sequence[Path] = ()


@dataclass
class Verification:
    """What was found.

    Attributes:
        entries: in the register. originals: how many must be there.
        resumed: when the run that this one went on with began, UTC, ISO 8601; empty when it began anew.
    """

    ledger: LedgerVerdict
    entries: int
    originals: int
    resumed: str
    differences: list[Difference] = field(default_factory=list)


@contextmanager
def reading(house: House) -> Iterator[tuple[VaultReader, VaultReader]]:
    """Open what reads the vault of a house, and what reads the derivatives beside it."""
    place, beside = house.bucket, LocalReader(house.home.vault, house.least_keep)
    if place is None:
        yield beside, beside
        return
    client = make_client(place)
    try:
        yield S3Reader(cast("S3Reads", client), place.bucket, place.prefix), beside
    finally:
        client.close()


def verify(house: House, says: RegisterSays, wish: Wish, report: Stage) -> Verification:
    """Verify a home and return everything that differs; nothing is written but how far a deep run has come.

    Raises:
        UsageError: a file to hold the ledger against holds no checkpoint. StorageError: the vault cannot be listed.
    """
    with reading(house) as (reader, beside):
        return _Run(house, says, wish, report, reader, beside).run()


class _Run:
    """One verification."""

    def __init__(
        self, house: House, says: RegisterSays, wish: Wish, report: Stage, reader: VaultReader, beside: VaultReader
    ) -> None:
        self._house = house
        self._says = says
        self._wish = wish
        self._report = report
        self._reader, self._beside = reader, beside
        self._file = ProgressFile(house.home.work)
        self._earlier = self._file.load() if wish.resume else None
        self._progress = Progress(to_utc_iso(house.clock()))
        self._expected = Expected()
        self._late = EntryReader()
        self._next = 0
        self._locks = LockLookup(says)
        self._read_bytes = 0

    @property
    def _deep(self) -> bool:
        return self._wish.deep or self._wish.resume

    def run(self) -> Verification:
        """Whatever a newer thing could be mistaken for is read before it."""
        outside = outside_of(self._house, self._wish.against, everything=self._deep)
        mark = self._says.heads()
        watch = RegisterWatch(self._says)
        ledger = verify_ledger(self._reader, self._doubts(outside, mark[1]), self._listeners(watch, mark[0]))
        self._next = ledger.size
        found = Verification(ledger, mark[0], len(self._expected.originals), self._continue(ledger))
        found.differences += [*outside.differences, *ledger.differences]
        found.differences += [*_mark_differences(mark, ledger), *watch.differences(ledger.size)]
        found.differences += self._objects()
        if self._deep:
            total = max(1, mark[0])
            found.differences += row_differences(self._says, lambda done: self._report("register", done, total))
            self._file.forget()
        return found

    # --- the ledger ---------------------------------------------------------------------------------------------------

    def _doubts(self, outside: Outside, sealed: int) -> Doubts:
        wanted = {sealed, self._earlier.size if self._earlier else 0}
        return Doubts(
            trusted=outside.keys,
            known=outside.retired,
            witnesses=self._house.settings.ledger.witnesses,
            heads=outside.heads,
            stamp_fault=stamp_fault_of(self._house),
            unsealed=lambda start: (row.canonical for row in self._says.entries(start, None)),
            every_signature=self._deep,
            wanted=wanted,
        )

    def _listeners(self, watch: RegisterWatch, size: int) -> Listeners:
        return Listeners(
            recall=lambda start, stop: ((row.number, row.canonical) for row in self._says.entries(start, stop)),
            on_entry=watch.on_entry,
            on_told=self._expected.take,
            report=lambda done: self._report("ledger", done, max(size, done, 1)),
        )

    # --- going on with an earlier run ---------------------------------------------------------------------------------

    def _continue(self, ledger: LedgerVerdict) -> str:
        """Take up an earlier run over a ledger that this one continues; return when it began, else nothing."""
        earlier = self._earlier
        goes_on = earlier is not None and ledger.roots.get(earlier.size, b"").hex() == earlier.root
        if earlier is not None and goes_on:
            self._progress = earlier
            return earlier.started_at
        self._progress = replace(self._progress, size=ledger.size, root=ledger.root.hex())
        return ""

    # --- objects ------------------------------------------------------------------------------------------------------

    def _objects(self) -> Iterator[Difference]:
        if not self._deep:
            yield from verify_objects(self._reader, self._beside, self._expected, self._plan(lambda _path: None))
            return
        self._file.save(self._progress)
        saved_s = time.monotonic()

        def read_now(path: str) -> None:
            nonlocal saved_s
            after = {**self._progress.after, path.partition("/")[0]: path}
            self._progress = replace(self._progress, after=after)
            if time.monotonic() - saved_s >= SAVED_EVERY_S:
                self._file.save(self._progress)
                saved_s = time.monotonic()

        try:
            for difference in verify_objects(self._reader, self._beside, self._expected, self._plan(read_now)):
                suspects = self._progress.suspects | {difference.subject}
                self._progress = replace(self._progress, suspects=suspects)
                yield difference
        finally:
            self._file.save(self._progress)

    def _plan(self, read_now: Callable[[str], None]) -> Plan:
        start = self._progress
        return Plan(
            deep=self._deep,
            now=self._house.clock(),
            said=self._locks,
            refresh=self._refresh,
            pause=lambda: self._house.pause(PAUSE_S),
            read_before=start.has_read,
            read_now=read_now,
            report=self._read,
        )

    def _refresh(self) -> None:
        """Take in what the register has recorded since the checkpoint: a vault is at work while it is checked."""
        self._locks.forget()
        for row in self._says.entries(self._next, None):
            told, _ = self._late.read(row.number, row.canonical)
            self._next = row.number + 1
            if told is not None:
                self._expected.take(told)

    def _read(self, count_bytes: int) -> None:
        self._read_bytes += count_bytes
        self._report("objects", self._read_bytes, max(self._expected.size_bytes, 1))


def _mark_differences(mark: tuple[int, int, str], ledger: LedgerVerdict) -> Iterator[Difference]:
    """Hold the ledger against what the register saw sealed the last time."""
    _, sealed, root = mark
    if sealed > ledger.size:
        yield Difference(DifferenceKind.VAULT_BEHIND, "register", str(sealed), str(ledger.size))
    elif sealed and sealed in ledger.roots and ledger.roots[sealed].hex() != root:
        yield Difference(DifferenceKind.FORKED, "register", root, ledger.roots[sealed].hex())
