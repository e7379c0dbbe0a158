"""The vault's records held against what the ledger names: sidecars, decisions, imported files and their rows.

::

    records/sidecars/<sha256>.<first 16 of the pickup key>.json
    records/decisions/<ledger number>.<first 16 of its own sha256>.json
    records/imports/<its own sha256>.<noun>.<suffix>    records/imports/<its own sha256>.<noun>_rows.json

An entry of version 1 names no record: there what the record says, or the digest in its own name, must agree.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator

from evidence.errors import NotFoundError, StorageError
from storage.reading import VaultReader
from storage.verify import Difference, DifferenceKind
from storage.verify_expected import DECISION, IMPORT, SIDECAR, Expected, Sighting, sighting_in

FOLDER = "records/"


class RecordCheck:
    """Compares records, each read once and again when it is looked at again."""

    def __init__(self, reader: VaultReader, expected: Expected) -> None:
        self._reader = reader
        self._expected = expected
        self._seen: set[str] = set()
        self._sightings: Counter[Sighting] = Counter()
        self._old: set[int | str] = set()

    def paths(self) -> Iterator[str]:
        """Iterate over the paths, below ``records/``, of the records that are there."""
        for found in self._reader.below(FOLDER):
            path = found.path.removeprefix(FOLDER)
            self._seen.add(path)
            yield path

    def missing(self) -> Iterator[str]:
        """Iterate over the paths of records that entries name and that `paths` and `differences` have not met.

        Of what entries of version 1 tell, a path with ``*`` for what they do not.
        """
        yield from sorted(self._expected.records.keys() - self._seen)
        for sighting in sorted((self._expected.old_sightings - self._sightings).keys()):
            yield f"sidecars/{sighting.digest}.*.json"
        yield from (f"decisions/{number:012}.*.json" for number in sorted(self._expected.old_decisions - self._old))
        yield from (f"imports/{name}.*" for name in sorted(self._expected.old_imports - self._old))

    def differences(self, path: str) -> Iterator[Difference]:
        """Compare one record."""
        if path.endswith((".*", ".*.json")):
            yield Difference(DifferenceKind.RECORD_MISSING, path)
            return
        try:
            found = self._reader.look(FOLDER + path)
            if found is None or found.odd or not found.versions:
                yield from self._absent(path, found.odd if found else "")
                return
            if versions := found.versions_text:
                yield Difference(DifferenceKind.VERSIONS, FOLDER + path, "1", versions)
            yield from self._compared(path, self._reader.read(FOLDER + path))
        except NotFoundError:
            yield from self._absent(path, "")
        except StorageError as error:
            yield Difference(DifferenceKind.RECORD_UNREADABLE, path, found=error.message)

    def _absent(self, path: str, odd: str) -> Iterator[Difference]:
        if path in self._expected.records:
            yield Difference(DifferenceKind.RECORD_MISSING, path, self._expected.records[path], odd)
        elif odd:
            yield Difference(DifferenceKind.RECORD_UNEXPECTED, path, found=odd)

    def _compared(self, path: str, body: bytes) -> Iterator[Difference]:
        actual = hashlib.sha256(body).hexdigest()
        named = self._expected.records.get(path)
        if named is not None:
            if actual != named:
                yield Difference(DifferenceKind.RECORD_CHANGED, path, named, actual)
        elif not self._is_old(path):
            yield Difference(DifferenceKind.RECORD_UNEXPECTED, path)
        elif not self._agrees(path, body, actual):
            yield Difference(DifferenceKind.RECORD_CHANGED, path, found=actual)

    def _is_old(self, path: str) -> bool:
        """Whether an entry of version 1 may tell of this record."""
        expected = self._expected
        if decision := DECISION.fullmatch(path):
            return int(decision[1]) in expected.old_decisions
        if imported := IMPORT.fullmatch(path):
            return f"{imported[1]}.{imported[2]}" in expected.old_imports
        sidecar = SIDECAR.fullmatch(path)
        return sidecar is not None and sidecar[1] in expected.old_digests

    def _agrees(self, path: str, body: bytes, actual: str) -> bool:
        """Whether an old record gives the digest in its name, or says what its entry says."""
        if decision := DECISION.fullmatch(path):
            self._old.add(int(decision[1]))
            return actual.startswith(decision[2])
        if imported := IMPORT.fullmatch(path):
            self._old.add(f"{imported[1]}.{imported[2]}")
            return actual == imported[1]
        sighting = sighting_in(path, body)
        if sighting is None or sighting not in self._expected.old_sightings:
            return False
        self._sightings[sighting] += 1
        return True
