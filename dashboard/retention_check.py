"""Does the vault keep what was promised: register and vault compared, original by original; nothing is changed."""

from collections.abc import Callable, Iterator

from dashboard.retention import SWEPT_AT_ONCE, Keeper
from dashboard.wiring import House
from evidence.errors import IntegrityError, NotFoundError, StorageError
from evidence.ids import Digest
from evidence.notes import Note, note
from evidence.ports import Lock
from evidence.retention import last_day
from evidence.retention_views import KeptDifference
from index import retention_due
from index.holds import NOT_HELD
from index.retention import Promises
from index.retention_due import Standing


def check_retention(
    house: House, keeper: Keeper, report: Callable[[int], None] = lambda _count: None
) -> Iterator[KeptDifference]:
    """Yield everything that differs, in order of digest.

    Args:
        house: its register says what was promised, its vault what is kept.
        keeper: knows the schedule; does nothing here.
        report: told how many more originals were looked at.
    """
    after = ""
    while True:
        with house.register.reading() as session:
            some = retention_due.originals_after(session, after, SWEPT_AT_ONCE)
            known = retention_due.standing(session, some)
            stale = set(Promises(keeper.schedule).stale(session, some, house.clock()))
        if not some:
            return
        for digest in some:
            yield from _differences(house, digest, known, stale)
        report(len(some))
        after = some[-1]


def _differences(house: House, digest: Digest, known: Standing, stale: set[Digest]) -> Iterator[KeptDifference]:
    if digest in known.dead:
        if house.vault.has(digest):
            yield _difference(digest, "not_removed")
        return
    promise = known.promised.get(digest)
    if promise is None or digest in stale:
        yield _difference(digest, "no_promise" if promise is None else "stale")
    try:
        lock = house.vault.lock_of(digest)
    except (StorageError, IntegrityError, NotFoundError) as error:
        yield KeptDifference(digest, "unreadable", note("retention.differs.unreadable", reason=str(error)))
        return
    if promise is not None and promise.floor > house.clock() and (lock.until is None or lock.until < promise.floor):
        what = note("retention.differs.short_lock", until_day=last_day(promise.floor), locked=_locked(lock))
        yield KeptDifference(digest, "short_lock", what)
    on = known.laid.get(digest, NOT_HELD).on
    if bool(on) != lock.held:
        yield _difference(digest, "hold_missing" if on else "hold_unasked", hold=", ".join(on))


def _locked(lock: Lock) -> str:
    return last_day(lock.until) if lock.until is not None else "–"


def _difference(digest: Digest, kind: str, **params: str) -> KeptDifference:
    return KeptDifference(digest, kind, Note(f"retention.differs.{kind}", params))
