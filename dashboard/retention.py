"""The keeper: promises first, then the vault's locks, then the removal of what two people have let go.

Each part may be cut off anywhere and is taken up again: a promise stands in register and ledger before the vault is
told; what the vault refuses is noted and tried again; a tombstone stands before its bytes are removed.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from dashboard.wiring import House
from evidence.errors import IntegrityError, NotFoundError, StorageError
from evidence.ids import CaseNo, Digest
from evidence.ports import Lock, Transaction
from evidence.retention import lock_wanted
from evidence.schedules import Schedule
from index import retention_due, vault_locks
from index.batches import batched
from index.holds import NOT_HELD
from index.retention import Promises
from index.retention_due import Dead, Standing
from index.vault_locks import VaultSaid
from ingest.faults import reached

ENTRIES_AT_ONCE = 2000
LINKED_AT_ONCE = 2000
SWEPT_AT_ONCE = 500
RETRIED_AT_ONCE = 100
NO_LOCK = Lock(None, held=False)


@dataclass(frozen=True)
class Kept:
    """What the keeper did: promises made or extended, originals the vault was asked about, and those it refused."""

    promised: int = 0
    asked: int = 0
    refused: int = 0

    def __add__(self, other: "Kept") -> "Kept":
        """Return both together."""
        return Kept(self.promised + other.promised, self.asked + other.asked, self.refused + other.refused)


class Keeper:
    """Keeps the originals of a house as long as its schedule and its people want; built where it is needed."""

    def __init__(self, house: House) -> None:
        """Work in this house; nothing is read yet."""
        self._house = house
        self._linked: str | None = None
        self._swept = ""
        self._retried = ""

    @property
    def schedule(self) -> Schedule:
        """The retention schedule in force here.

        Raises:
            ConfigError: the file that `vault.retention` names cannot be used.
        """
        return self._house.schedule

    @cached_property
    def _promises(self) -> Promises:
        return Promises(self.schedule)

    def promise(self, tx: Transaction, digests: Collection[Digest]) -> list[Digest]:
        """Bring promises up to date in the caller's transaction; return those that changed. The locks follow later."""
        return self._promises.renew(tx, digests, self._house.clock())

    def bring_up_to_date(self, digests: Collection[Digest]) -> Kept:
        """Bring promises, then locks and holds of originals up to date; remove those that are disposed of.

        What the vault refuses is noted and tried again by `tick`; it never stops the rest.
        """
        done = Kept()
        for some in batched(sorted(set(digests))):
            done += Kept(promised=self._promised(some)) + self._asked(some)
        return done

    def follow_cases(self, cases: Collection[CaseNo]) -> Kept:
        """Bring up to date what hangs on cases whose record has changed: concluded, opened again, of another kind."""
        with self._house.register.reading() as session:
            digests = retention_due.linked_to(session, frozenset(cases))
        return self.bring_up_to_date(digests)

    def tick(self) -> Kept:
        """Do a little of everything: what the ledger told since, what hangs on cases after an import, all in turn."""
        return self._follow() + self._walk_linked() + self._sweep() + self._retry()

    def everything(self) -> Iterable[Kept]:
        """Bring every original up to date, a batch at a time."""
        after = ""
        while True:
            with self._house.register.reading() as session:
                some = retention_due.originals_after(session, after, SWEPT_AT_ONCE)
            if not some:
                return
            yield self.bring_up_to_date(some)
            after = some[-1]

    # --- which ----------------------------------------------------------------------------------------------------

    def _follow(self) -> Kept:
        with self._house.register.reading() as session:
            told = retention_due.touched(session, ENTRIES_AT_ONCE)
        done = self.bring_up_to_date(told.digests)
        if told.records:
            self._linked = ""
        if done != Kept() or told.digests or told.records:
            with self._house.register.transaction() as tx:
                retention_due.note_followed(tx, told.following)
        return done

    def _walk_linked(self) -> Kept:
        if self._linked is None:
            return Kept()
        with self._house.register.reading() as session:
            some = retention_due.linked_after(session, self._linked, LINKED_AT_ONCE)
        self._linked = some[-1] if some else None
        return self.bring_up_to_date(some)

    def _sweep(self) -> Kept:
        with self._house.register.reading() as session:
            some = retention_due.originals_after(session, self._swept, SWEPT_AT_ONCE)
        self._swept = some[-1] if some else ""
        return self.bring_up_to_date(some)

    def _retry(self) -> Kept:
        with self._house.register.reading() as session:
            some = vault_locks.troubled(session, after=self._retried, limit=RETRIED_AT_ONCE)
        self._retried = some[-1] if some else ""
        return self.bring_up_to_date(some)

    # --- promises -------------------------------------------------------------------------------------------------

    def _promised(self, digests: Sequence[str]) -> int:
        """Renew what is stale; only then is the register opened for writing."""
        now = self._house.clock()
        with self._house.register.reading() as session:
            stale = self._promises.stale(session, digests, now)
        if not stale:
            return 0
        with self._house.register.transaction() as tx:
            return len(self._promises.renew(tx, list(stale), now))

    # --- the vault ------------------------------------------------------------------------------------------------

    def _asked(self, digests: Sequence[str]) -> Kept:
        with self._house.register.reading() as session:
            known = retention_due.standing(session, [Digest(digest) for digest in digests])
        said = {digest: new for digest in known.digests if (new := self._brought(digest, known)) is not None}
        if not said:
            return Kept()
        with self._house.register.transaction() as tx:
            vault_locks.note(tx, said.items(), self._house.clock())
        return Kept(asked=len(said), refused=sum(one.troubled for one in said.values()))

    def _brought(self, digest: Digest, known: Standing) -> VaultSaid | None:
        """Bring the vault to what is known of an original; None when nothing was to do."""
        before = known.said.get(digest)
        dead = known.dead.get(digest)
        if dead is not None and before is not None and before.gone:
            return None
        try:
            if dead is not None:
                return self._removed(digest, dead)
            asked = before is None or before.troubled or before.gone
            lock = self._house.vault.lock_of(digest) if asked or before is None else before.lock
            brought = VaultSaid(self._locked(digest, lock, known))
        except (StorageError, IntegrityError, NotFoundError) as error:
            brought = VaultSaid(before.lock if before else NO_LOCK, troubled=True, trouble=str(error))
        return brought if brought != before else None

    def _locked(self, digest: Digest, lock: Lock, known: Standing) -> Lock:
        """Extend the lock to the promise, and set or lift the hold; return what the vault says then.

        A hold in the vault that no hold here ever asked for is somebody else's, and is never lifted.
        """
        promise, laid = known.promised.get(digest), known.laid.get(digest, NOT_HELD)
        if promise is not None:
            until = lock_wanted(promise, lock, self._house.clock(), self.schedule.lock_ahead_months)
            lock = self._house.vault.retain(digest, until) if until is not None else lock
        if laid.on and not lock.held:
            lock = self._house.vault.hold(digest, on=True)
        elif lock.held and laid.lifted and not laid.on:
            lock = self._house.vault.hold(digest, on=False)
        return lock

    def _removed(self, digest: Digest, dead: Dead) -> VaultSaid:
        """Remove the bytes of an original that is disposed of, and its derivatives; what is gone already is fine.

        Raises:
            StorageError: the vault refused.
        """
        reached("disposed-unremoved")
        if self._house.vault.has(digest):
            self._house.vault.dispose(digest, self._house.clock())
        reached("removed-underived")
        for derivative in dead.derivatives:
            self._house.derivatives.remove(derivative)
        return VaultSaid(NO_LOCK, gone=True)
