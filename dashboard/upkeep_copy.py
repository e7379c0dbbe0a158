"""The second copy kept up with the ledger, and originals mended from it, each mending recorded."""

from collections.abc import Callable, Iterator

from dashboard.logs import LOG
from evidence.custody import Actor, Authenticated, Entry, EventType
from evidence.errors import EvidockError, IntegrityError, NotFoundError
from evidence.ids import SYSTEM_ACTOR, Digest
from evidence.ports import LogStore, Vault, WallClock
from evidence.secrecy import Effect, Secrecy, permit, stops
from evidence.sidecars import FOLDER as SIDECARS
from evidence.sidecars import sidecar_name
from evidence.tlog import checkpoint_of, signed_note
from index.journal import Told
from index.upkeep import COMINGS_AND_GOINGS, SECOND_COPY, UpkeepRegister
from storage.examination import Condition, examine
from storage.healing import SECOND, VAULT, Healed, Healing
from storage.local_vault import LocalVault
from storage.second_copy import SecondCopy
from storage.tile_log import CHECKPOINT

MACHINE = Actor(SYSTEM_ACTOR, Authenticated.MACHINE)
AT_ONCE = 64
"""Entries between two notes of how far the copy is: so many are looked at again after a crash."""


SecrecyOf = Callable[[Digest], Secrecy | None]


def open_to_all(_digest: Digest) -> None:
    """Say that nothing is confidential."""


def sealed_size(log: LogStore) -> int:
    """Return how many entries a signed checkpoint covers; 0 before the first, and when the vault's disk is away."""
    try:
        return checkpoint_of(signed_note(log.read(CHECKPOINT))).size
    except NotFoundError:
        return 0


class CopyKeeper:
    """Copies what the ledger tells of, in its order; how far it is stands in the register.

    Args:
        register: comings and goings, and the mark. second: the copy. log: the vault's sealed ledger.
        secrecy_of: the class of confidentiality that holds for an original; one that must not be copied is kept back
            until that is over.
    """

    def __init__(
        self, register: UpkeepRegister, second: SecondCopy, log: LogStore, secrecy_of: SecrecyOf = open_to_all
    ) -> None:
        self._register = register
        self._secrecy_of = secrecy_of
        self._second = second
        self._log = log
        self._going: Iterator[int] | None = None
        self._swept = self._listed = False

    def round(self, enough: Callable[[], bool]) -> None:
        """Go on until everything sealed is copied or ``enough`` says so.

        Raises:
            StorageError: the second disk is away or full; nothing is lost, it is tried again.
            IntegrityError: the vault's ledger does not continue the copied one.
        """
        self._attach()
        going = self._going or self._follow()
        self._going = None  # one that fails begins again at the mark
        for _ in going:
            if enough():
                self._going = going
                return

    def close(self) -> None:
        """Let go of a copy that is under way; what was copied of it is copied again."""
        self._going = None

    def vault(self) -> LocalVault | None:
        """Return the second copy's originals, None while its disk is away or nothing was ever copied."""
        return self._second.vault if self.is_connected() else None

    def is_connected(self) -> bool:
        """Whether the disk of the second copy is there."""
        return self._second.is_there(self._register.mark(SECOND_COPY)[1])

    def behind(self) -> int:
        """Return how many sealed entries are not copied yet."""
        return max(0, sealed_size(self._log) - self._register.mark(SECOND_COPY)[0])

    def covers(self, number: int) -> bool:
        """Whether the copied ledger has the entry of this number."""
        head = self._second.head()
        return head is not None and number < head.size

    def _attach(self) -> None:
        known = self._register.mark(SECOND_COPY)[1]
        found = self._second.attach(known)
        if found != known:
            self._going = None
            self._register.set_mark(SECOND_COPY, 0, found)
        if not self._swept:
            self._second.sweep()
            self._swept = True

    def _follow(self) -> Iterator[int]:
        """Copy what is new, then the records that no arrival names, then the ledger that tells of them."""
        number, token = self._register.mark(SECOND_COPY)
        size, nameless = sealed_size(self._log), number == 0
        yield from self._catch_up()
        is_new = number < size or not self._listed
        while number < size:
            arrivals = self._register.arrivals(number, size, limit=AT_ONCE, events=COMINGS_AND_GOINGS)
            for arrival in arrivals:
                nameless = nameless or "pickup_key" not in arrival.told.detail
                yield from self._follow_one(arrival.told)
            number = arrivals[-1].after if len(arrivals) >= AT_ONCE else size
            self._register.set_mark(SECOND_COPY, number, token)
        if is_new:
            yield from self._second.copy_other_records(() if nameless else (SIDECARS,))
            self._listed = True
        if size:
            yield from self._copy_ledger()

    def _copy_ledger(self) -> Iterator[int]:
        try:
            yield from self._second.copy_ledger()
        except NotFoundError:  # it grew while it was copied: the next round copies the newer one
            return

    def _catch_up(self) -> Iterator[int]:
        """Copy what was kept back and need not be any more, from its first arrival on."""
        for digest in self._register.withheld():
            if stops(self._secrecy_of(digest), Effect.REPLICATION):
                continue
            for told in self._register.told_of(digest, COMINGS_AND_GOINGS):
                yield from self._follow_one(told)
            if not stops(self._secrecy_of(digest), Effect.REPLICATION):  # nobody marked it again meanwhile
                self._register.note_copied(digest)

    def _follow_one(self, told: Told) -> Iterator[int]:
        digest = Digest(told.subject)
        if told.event == EventType.DISPOSED:
            self._second.dispose(digest, told.at)
            return
        try:
            if stops(self._secrecy_of(digest), Effect.REPLICATION):
                self._register.note_withheld(digest, told.number)
            else:
                yield from self._second.copy_original(digest)
            if "pickup_key" in told.detail:
                name = sidecar_name(digest, str(told.detail["pickup_key"]))
                self._second.copy_record(SIDECARS, name, str(told.detail.get("sidecar", "")))
        except IntegrityError as error:
            if not self._register.is_disposed(digest):  # the vault's own damage does not hold the others up
                LOG.warning("not copied to the second copy", reason=str(error), entry=told.number)


class Mender:
    """Heals originals and records it.

    Args:
        register: where it is recorded. healing: mends one copy from the other. secrecy_of: as of `CopyKeeper`.
    """

    def __init__(
        self, register: UpkeepRegister, healing: Healing, clock: WallClock, secrecy_of: SecrecyOf = open_to_all
    ) -> None:
        self._register = register
        self._healing = healing
        self._secrecy_of = secrecy_of
        self._clock = clock

    def heal(self, digest: Digest) -> bool:
        """Mend an original of the vault from the second copy, record it and say so; True: it is whole now.

        Raises:
            EvidockError: it could not be mended, and why; that is logged, too.
        """
        return self._mended(digest, self._healing.heal)

    def mend_second(self, digest: Digest) -> bool:
        """Mend the second copy of an original from the vault. Otherwise as `heal`.

        Raises:
            WithheldError: confidentiality forbids that it is there.
        """
        permit(self._secrecy_of(digest), Effect.REPLICATION, digest)
        return self._mended(digest, self._healing.mend_second)

    def is_kept_back(self, digest: Digest) -> bool:
        """Whether confidentiality forbids that an original is in the second copy."""
        return stops(self._secrecy_of(digest), Effect.REPLICATION)

    def try_heal(self, digest: Digest) -> bool:
        """Mend as `heal` does; False when it could not be mended, which is logged."""
        return self._tried(self.heal, digest)

    def try_mend_second(self, digest: Digest) -> bool:
        """Mend as `mend_second` does; False when it could not be mended, which is logged."""
        return self._tried(self.mend_second, digest)

    def record_kept(self, vaults: Callable[[str], Vault | None]) -> int:
        """Record the healings that a crash left unrecorded; return how many. ``vaults``: by name of the copy."""
        done = 0
        for copy, digest, name in list(self._healing.kept()):
            vault = vaults(copy)
            if vault is None or self._is_recorded(copy, digest, name) or examine(vault, digest) is not Condition.WHOLE:
                continue
            found = Condition.MISSING if name.endswith(".missing") else Condition.DAMAGED
            self._record(Healed(digest, found, copy, SECOND if copy == VAULT else VAULT, name))
            done += 1
        return done

    def _mended(self, digest: Digest, mend: Callable[[Digest], Healed | None]) -> bool:
        try:
            healed = mend(digest)
        except NotFoundError:  # no copy has it, or it was disposed of: no damage
            raise
        except EvidockError as error:
            LOG.error("an original could not be mended", digest=digest, reason=str(error))
            raise
        if healed is not None:
            self._record(healed)
            said = healed.as_detail()
            LOG.warning("an original was replaced from its other copy", digest=digest, **said)
        return True

    def _tried(self, mend: Callable[[Digest], bool], digest: Digest) -> bool:
        try:
            return mend(digest)
        except EvidockError:
            return False

    def _is_recorded(self, copy: str, digest: Digest, name: str) -> bool:
        told = self._register.told_of(digest, (EventType.HEALED,))
        return any((one.detail.get("copy"), one.detail.get("kept")) == (copy, name) for one in told)

    def _record(self, healed: Healed) -> None:
        entry = Entry(EventType.HEALED, MACHINE, self._clock(), healed.digest, detail=healed.as_detail())
        self._register.record_healed(entry)
