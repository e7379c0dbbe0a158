"""Derivatives held against what the ledger says: the newest of each original must be there, older ones may.

So may what a derivation left that was cut off before it was recorded: content under its own digest that nobody uses.
"""

import re
from collections.abc import Iterator
from functools import partial

from evidence.errors import NotFoundError, StorageError
from storage.reading import Found, VaultReader
from storage.verify import Difference, DifferenceKind
from storage.verify_expected import Expected, Made
from storage.verify_plan import Doubt, Plan, doubted, sha256_of

SCRATCH = "derivatives/staging/"
_DERIVATIVE = re.compile(r"derivatives/([0-9a-f]{2})/(\1[0-9a-f]{62})")


class DerivativeCheck:
    """One check of the derivatives beside a vault."""

    def __init__(self, reader: VaultReader, expected: Expected, plan: Plan) -> None:
        self._reader = reader
        self._expected = expected
        self._plan = plan

    def doubts(self) -> Iterator[Doubt]:
        """Look at every derivative once."""
        missing = set(self._expected.derivatives)
        for found in self._reader.below("derivatives/"):
            if found.path.startswith(SCRATCH):
                continue
            named = _DERIVATIVE.fullmatch(found.path)
            missing.discard(named[2] if named else "")
            yield from doubted(partial(self._derivative, found.path))
        for digest in sorted(missing):
            path = f"derivatives/{digest[:2]}/{digest}"
            yield from doubted(partial(self._derivative, path))

    def _derivative(self, path: str) -> Iterator[Difference]:
        named = _DERIVATIVE.fullmatch(path)
        digest = named[2] if named else path
        newest = self._expected.derivatives.get(digest)
        made = newest or (Made("", None) if digest in self._expected.older else None)
        try:
            found = self._reader.look(path)
            if found is not None and made is None:
                yield from self._orphan(found, digest)
            elif found is not None and made is not None:
                yield from self._made(found, digest, made)
            elif newest is not None:
                yield Difference(DifferenceKind.DERIVATIVE_MISSING, digest, _size(newest), parent=newest.parent)
        except NotFoundError:
            if newest is not None:
                yield Difference(DifferenceKind.DERIVATIVE_MISSING, digest, _size(newest), parent=newest.parent)
        except StorageError as error:
            parent = made.parent if made else ""
            yield Difference(DifferenceKind.DERIVATIVE_UNREADABLE, digest, found=error.message, parent=parent)

    def _orphan(self, found: Found, digest: str) -> Iterator[Difference]:
        """Name what no entry names, unless it is a whole derivative: a derivation that was cut off leaves such."""
        if found.odd or sha256_of(self._reader, found.path, lambda _bytes: None) != digest:
            yield Difference(DifferenceKind.DERIVATIVE_UNEXPECTED, digest)

    def _made(self, found: Found, digest: str, made: Made) -> Iterator[Difference]:
        if found.odd:
            yield Difference(DifferenceKind.DERIVATIVE_MISSING, digest, _size(made), found.odd, made.parent)
        elif made.size_bytes not in {None, found.size_bytes}:
            sizes = (_size(made), str(found.size_bytes))
            yield Difference(DifferenceKind.DERIVATIVE_SIZE, digest, *sizes, made.parent)
        elif not self._plan.deep or self._plan.read_before(found.path, -1):
            self._plan.report(found.size_bytes)
        else:
            if (actual := sha256_of(self._reader, found.path, self._plan.report)) != digest:
                yield Difference(DifferenceKind.DERIVATIVE_DIGEST, digest, digest, actual, made.parent)
            self._plan.read_now(found.path)


def _size(made: Made) -> str:
    return "" if made.size_bytes is None else str(made.size_bytes)
