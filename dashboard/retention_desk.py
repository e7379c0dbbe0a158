"""Where people hold, let go and dispose: each act is a sealed decision, and the vault follows it at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.human import actor_named
from dashboard.retention import Keeper
from dashboard.wiring import EVERY, House
from evidence.custody import Actor
from evidence.disposal import Candidate, Disposal, obstacles
from evidence.errors import IntegrityError, NotFoundError, StorageError
from evidence.holds import Hold, HoldScope, parted
from evidence.ids import Digest
from evidence.notes import Note
from evidence.ports import Lock, Transaction
from index import holds
from index.decisions import Decided
from index.disposals import Disposals, Outcome, disposal_of, expired
from index.intakes import MACHINE

PROPOSED_AT_ONCE = 500


@dataclass(frozen=True)
class Surveyed:
    """An original that was looked at for disposal. ``kept_by``: everything that keeps it; nothing: it may go."""

    candidate: Candidate
    kept_by: tuple[Note, ...]


class RetentionDesk:
    """Takes decisions on holds and disposals."""

    def __init__(self, house: House, keeper: Keeper | None = None) -> None:
        """Work in this house."""
        self._house = house
        self._keeper = keeper or Keeper(house)

    # --- holds --------------------------------------------------------------------------------------------------------

    def place(self, scope: HoldScope, target: str, actor: str, reason: str) -> Hold:
        """Lay a hold on a case, clip or step; what it covers is held in the vault when this returns, or tried again.

        Raises:
            UsageError: no reason was given. NotFoundError: no such case, clip or step.
        """
        who, named = actor_named(actor), self._target(scope, target)
        laid: list[str] = []

        def act(tx: Transaction, at: datetime) -> Decided:
            decided = holds.place(tx, scope, named, who, reason, at)
            laid.append(_hold_id(decided))
            return decided

        self._house.human._act(who, act)  # noqa: SLF001 – there is one way to a sealed decision
        return self._follow(laid[0])

    def lift(self, hold_id: str, actor: str, reason: str) -> Hold:
        """Lift a hold; what no other hold covers is free in the vault when this returns, or tried again.

        Raises:
            UsageError: no reason was given, or it was lifted already. NotFoundError: no such hold.
        """
        who = actor_named(actor)
        self._house.human._act(who, lambda tx, at: holds.lift(tx, hold_id, who, reason, at))  # noqa: SLF001 – as above
        return self._follow(hold_id)

    def _follow(self, hold_id: str) -> Hold:
        with self._house.register.reading() as session:
            hold = holds.hold_of(session, hold_id)
            covered = holds.covered_by(session, hold)
        self._keeper.bring_up_to_date(covered)
        return hold

    def _target(self, scope: HoldScope, target: str) -> str:
        if scope is HoldScope.CLIP:
            return self._house.library.clip(target).digest
        if scope is HoldScope.STEP:
            parted(target)
        return target

    # --- disposals ----------------------------------------------------------------------------------------------------

    def survey(self, digests: Sequence[Digest] | None = None, limit: int = PROPOSED_AT_ONCE) -> list[Surveyed]:
        """Look at originals for disposal: at those named, else at those whose promise has run out.

        Raises:
            NotFoundError: no such original.
        """
        now = self._house.clock()
        if digests is None:
            with self._house.register.reading() as session:
                digests = expired(session, now, limit)
        self._keeper.bring_up_to_date(digests)
        locks = self._locks(digests)
        with self._house.register.transaction() as tx:
            found = self._disposals.candidates(tx, digests, locks, now)
        return [Surveyed(one, obstacles(one, now)) for one in found]

    def propose(self, digests: Sequence[Digest], actor: str, reason: str, *, by_rule: bool = False) -> Disposal:
        """Propose that originals go; ``by_rule``: the schedule proposes it and nobody's name stands behind it.

        Raises:
            UsageError: no reason, nothing is proposed, or something of it may not go. NotFoundError.
        """
        who = MACHINE if by_rule else actor_named(actor)
        locks = self._locks(digests)
        made: list[Disposal] = []

        def act(tx: Transaction, at: datetime) -> Decided:
            decided, disposal = self._disposals.propose(tx, digests, locks, who, reason, at)
            made.append(disposal)
            return decided

        self._house.human._act(who, act)  # noqa: SLF001 – as above
        return made[0]

    def approve(self, disposal_id: str, actor: str, reason: str) -> Outcome:
        """Approve a disposal; after the second approval what still may go is gone when this returns, or tried again.

        Raises:
            UsageError: no reason, nothing waits, or the person has proposed or approved it. NotFoundError.
        """
        who = actor_named(actor)
        with self._house.register.reading() as session:
            named = disposal_of(session, disposal_id).digests
        locks = self._locks(named)
        made: list[Outcome] = []

        def act(tx: Transaction, at: datetime) -> Decided:
            made.append(self._disposals.approve(tx, disposal_id, locks, who, reason, at))
            return made[0].decided

        self._house.human._act(who, act)  # noqa: SLF001 – as above
        self._keeper.bring_up_to_date(made[0].gone)
        return made[0]

    def refuse(self, disposal_id: str, actor: str, reason: str) -> None:
        """Refuse a disposal, or take a proposal back.

        Raises:
            UsageError: no reason, or nothing waits. NotFoundError.
        """
        who: Actor = actor_named(actor)
        self._house.human._act(who, lambda tx, at: self._disposals.refuse(tx, disposal_id, who, reason, at))  # noqa: SLF001 – as above

    @property
    def _disposals(self) -> Disposals:
        return Disposals(self._keeper.schedule)

    def _locks(self, digests: Collection[Digest]) -> dict[Digest, Lock]:
        """Ask the vault itself for each lock; one that it cannot tell is left out, and so is spared."""
        found: dict[Digest, Lock] = {}
        for digest in list(digests)[:EVERY]:
            try:
                found[digest] = self._house.vault.lock_of(digest)
            except (StorageError, IntegrityError, NotFoundError):
                continue
        return found


def _hold_id(decided: Decided) -> str:
    said = decided.record["hold"]
    return str(said["hold_id"]) if isinstance(said, dict) else ""
