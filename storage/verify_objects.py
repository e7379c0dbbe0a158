"""The vault's objects held against what the ledger says: originals and their locks, records, derivatives.

A vault is at work while it is checked: what was found wrong, and what a moment can put right (sealed, not yet recorded;
disposed of, not yet removed), is looked at again when the ledger has gone on.
"""

from collections.abc import Iterator
from functools import partial

from storage.reading import VaultReader
from storage.verify import Difference, DifferenceKind
from storage.verify_derivatives import DerivativeCheck
from storage.verify_expected import Expected
from storage.verify_originals import OriginalCheck
from storage.verify_plan import Doubt, Plan, doubted
from storage.verify_records import RecordCheck

LOOKS = 3
SHELVES = frozenset({"originals", "records", "ledger", "locks", "derivatives", "staging", "damaged", "probe"})
"""What lies directly below a vault; ``probe`` is what `evidock status --doctor` tries a bucket with."""

_PASSING = frozenset(
    {
        DifferenceKind.MISSING,
        DifferenceKind.UNEXPECTED,
        DifferenceKind.UNDISPOSED,
        DifferenceKind.LOCK_SHORT,
        DifferenceKind.LOCK_CHANGED,
        DifferenceKind.LOCK_UNEXPECTED,
        DifferenceKind.DERIVATIVE_MISSING,
        DifferenceKind.DERIVATIVE_UNEXPECTED,
        DifferenceKind.RECORD_MISSING,
        DifferenceKind.RECORD_UNEXPECTED,
    }
)
"""Kinds that a moment can put right."""


def verify_objects(reader: VaultReader, beside: VaultReader, expected: Expected, plan: Plan) -> Iterator[Difference]:
    """Yield everything that differs.

    Args:
        reader: originals, records and locks.
        beside: the local folder with the derivatives; may be the same.
        expected: what the ledger says; it may grow while this runs, through ``plan.refresh``.
        plan: how to check.

    Raises:
        StorageError: the vault cannot be listed at all.
    """
    check = _Check(reader, beside, expected, plan)
    doubts = []
    named = set()
    for doubt in check.doubts():
        if doubt.difference.kind in _PASSING:
            doubts.append(doubt)
        else:
            named.add(doubt.difference)
            yield doubt.difference
    for look in range(LOOKS):
        if not doubts:
            return
        if look:
            plan.pause()
        plan.refresh()
        doubts = [Doubt(found, doubt.again) for doubt in _once(doubts) for found in doubt.again()]
    yield from dict.fromkeys(doubt.difference for doubt in doubts if doubt.difference not in named)


def _once(doubts: list[Doubt]) -> list[Doubt]:
    """Leave out what would be looked at twice: looking again names everything about a subject."""
    return list({doubt.difference.subject: doubt for doubt in doubts}.values())


class _Check:
    """One check of one vault."""

    def __init__(self, reader: VaultReader, beside: VaultReader, expected: Expected, plan: Plan) -> None:
        self._reader = reader
        self._beside = beside
        self._expected = expected
        self._plan = plan
        self._records = RecordCheck(reader, expected)

    def doubts(self) -> Iterator[Doubt]:
        """Look at everything once."""
        yield from self._shelves()
        yield from self._recorded()
        yield from OriginalCheck(self._reader, self._expected, self._plan).doubts()
        yield from DerivativeCheck(self._beside, self._expected, self._plan).doubts()
        yield from self._set_aside()

    def _shelves(self) -> Iterator[Doubt]:
        for reader in dict.fromkeys((self._reader, self._beside)):
            for name in sorted({*reader.shelves()} - SHELVES):
                yield from doubted(partial(self._stray_shelf, reader, name))

    def _stray_shelf(self, reader: VaultReader, name: str) -> Iterator[Difference]:
        if name in reader.shelves():
            yield Difference(DifferenceKind.UNEXPECTED, name)

    def _recorded(self) -> Iterator[Doubt]:
        for path in self._records.paths():
            yield from doubted(partial(self._records.differences, path))
        for path in self._records.missing():
            yield from doubted(partial(self._records.differences, path))

    # --- what healing kept --------------------------------------------------------------------------------------------

    def _set_aside(self) -> Iterator[Doubt]:
        for found in self._reader.below("damaged/"):
            yield from doubted(partial(self._stray_damaged, found.path))

    def _stray_damaged(self, path: str) -> Iterator[Difference]:
        if path.removeprefix("damaged/") not in self._expected.set_aside:
            yield Difference(DifferenceKind.UNEXPECTED, path)
