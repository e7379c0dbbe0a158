"""Originals and their locks held against what the ledger says."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from itertools import islice

from evidence.errors import IntegrityError, NotFoundError, StorageError
from storage.reading import Found, FoundLock, VaultReader
from storage.verify import Difference, DifferenceKind
from storage.verify_expected import Expected, Original
from storage.verify_plan import Doubt, Plan, doubted, sha256_of

WRITE_BITS = 0o222
GUARD = "locks/guard"
_ORIGINAL = re.compile(r"originals/([0-9a-f]{2})/([0-9a-f]{2})/(\1\2[0-9a-f]{60})")
_LOCK = re.compile(r"locks/([0-9a-f]{2})/([0-9a-f]{2})/(\1\2[0-9a-f]{60})\.json")


class OriginalCheck:
    """One check of the originals of a vault."""

    def __init__(self, reader: VaultReader, expected: Expected, plan: Plan) -> None:
        self._reader = reader
        self._expected = expected
        self._plan = plan

    def doubts(self) -> Iterator[Doubt]:
        """Look at every original and every lock once."""
        yield from self._originals()
        yield from self._locks()

    def _originals(self) -> Iterator[Doubt]:
        missing = set(self._expected.originals)
        for found, lock in self._with_locks(self._reader.below("originals/")):
            digest = _digest_of(found.path)
            missing.discard(digest)
            known = digest in self._expected.originals
            for difference in self._original(found, lock, reread=True):
                yield Doubt(difference, partial(self._again, found.path, reread=not known))
        for digest in sorted(missing):
            path = f"originals/{digest[:2]}/{digest[2:4]}/{digest}"
            yield from doubted(partial(self._again, path, reread=True))

    def _with_locks(self, there: Iterator[Found]) -> Iterator[tuple[Found, FoundLock | Exception | None]]:
        """Yield what is found with its lock; where reads are slow, many are under way together."""
        if self._reader.at_once == 1:
            yield from ((found, self._lock(found)) for found in there)
            return
        with ThreadPoolExecutor(self._reader.at_once, thread_name_prefix="lock") as pool:
            while some := list(islice(there, self._reader.at_once * 8)):
                yield from zip(some, pool.map(self._lock, some), strict=True)

    def _lock(self, found: Found) -> FoundLock | Exception | None:
        if _digest_of(found.path) not in self._expected.originals or found.odd:
            return None
        try:
            return self._reader.lock(found.path)
        except (IntegrityError, StorageError, NotFoundError) as error:
            return error

    def _again(self, path: str, *, reread: bool) -> Iterator[Difference]:
        try:
            found = self._reader.look(path)
        except StorageError as error:
            yield Difference(DifferenceKind.UNREADABLE, _named(path), found=error.message)
            return
        if found is not None:
            yield from self._original(found, self._lock(found), reread=reread)
        elif (original := self._expected.originals.get(_digest_of(path))) is not None:
            yield Difference(DifferenceKind.MISSING, _named(path), str(original.size_bytes))

    def _original(self, found: Found, lock: FoundLock | Exception | None, *, reread: bool) -> Iterator[Difference]:
        digest = _digest_of(found.path)
        original = self._expected.originals.get(digest)
        if original is None:
            is_gone = digest in self._expected.gone
            kind = DifferenceKind.UNDISPOSED if is_gone else DifferenceKind.UNEXPECTED
            if not found.hidden or found.versions:
                yield Difference(kind, _named(found.path), found=found.odd)
            return
        if found.odd:
            kind = DifferenceKind.MISSING if found.mode is not None else DifferenceKind.UNREADABLE
            yield Difference(kind, digest, str(original.size_bytes), found.odd)
            return
        if versions := found.versions_text:
            yield Difference(DifferenceKind.VERSIONS, digest, "1", versions)
        if found.size_bytes != original.size_bytes:
            yield Difference(DifferenceKind.SIZE, digest, str(original.size_bytes), str(found.size_bytes))
        if found.mode is not None and found.mode & WRITE_BITS:
            yield Difference(DifferenceKind.WRITABLE, digest, "0444", f"{found.mode:04o}")
        yield from self._lock_differences(digest, lock)
        if reread:
            yield from self._read(found.path, digest, original)

    def _read(self, path: str, digest: str, original: Original) -> Iterator[Difference]:
        if not self._plan.deep or self._plan.read_before(path, original.number):
            self._plan.report(original.size_bytes)
            return
        try:
            actual = sha256_of(self._reader, path, self._plan.report)
        except NotFoundError:
            yield Difference(DifferenceKind.MISSING, digest, str(original.size_bytes))
        except StorageError as error:
            yield Difference(DifferenceKind.UNREADABLE, digest, found=error.message)
        else:
            if actual != digest:
                yield Difference(DifferenceKind.DIGEST, digest, digest, actual)
        self._plan.read_now(path)

    # --- locks --------------------------------------------------------------------------------------------------------

    def _lock_differences(self, digest: str, lock: FoundLock | Exception | None) -> Iterator[Difference]:
        if isinstance(lock, Exception):
            yield Difference(DifferenceKind.LOCK_DAMAGED, digest, found=str(lock))
            return
        found = lock or FoundLock(None, held=False)
        wanted, said = self._expected.kept_until.get(digest, ""), self._plan.said(digest)
        until = _moment(wanted)
        if until is not None and until > self._plan.now and (found.until is None or found.until < until):
            yield Difference(DifferenceKind.LOCK_SHORT, digest, wanted, _written(found))
        if said is not None and _was_changed(said, found):
            yield Difference(DifferenceKind.LOCK_CHANGED, digest, _written(said), _written(found))

    def _locks(self) -> Iterator[Doubt]:
        for found in self._reader.below("locks/"):
            yield from doubted(partial(self._stray_lock, found.path))

    def _stray_lock(self, path: str) -> Iterator[Difference]:
        named = _LOCK.fullmatch(path)
        known = path == GUARD or (named is not None and named[3] in self._expected.originals)
        if not known and self._reader.look(path) is not None:
            yield Difference(DifferenceKind.LOCK_UNEXPECTED, path)


def _digest_of(path: str) -> str:
    """Return the digest of an original that lies in its place; empty for anything else."""
    named = _ORIGINAL.fullmatch(path)
    return named[3] if named else ""


def _named(path: str) -> str:
    return _digest_of(path) or path.removeprefix("originals/")


def _was_changed(said: FoundLock, found: FoundLock) -> bool:
    """Whether a lock is not what was last read; how long age alone keeps an original may have been set otherwise."""
    by_age = found.least is not None and found.until == found.least
    return said.held != found.held or (said.until != found.until and not by_age)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except ValueError:
        return None


def _written(lock: FoundLock) -> str:
    until = lock.until.isoformat().replace("+00:00", "Z") if lock.until else "–"
    return f"{until} held" if lock.held else until
