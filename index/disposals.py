"""Disposals in the register: proposed, approved by two, and carried out as tombstones, everything looked at again.

Second approval, the fresh look, the tombstones and the note of what was spared are one transaction; the bytes are
removed after it. Whoever is cut off between the two leaves originals that say they are gone: housekeeping removes them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.custody import Actor, Entry, EventType
from evidence.disposal import Candidate, Disposal, DisposalState, obstacles, require_approver, require_waiting
from evidence.errors import NotFoundError, UsageError
from evidence.holds import case_of
from evidence.ids import CaseNo, Digest
from evidence.notes import Note
from evidence.ports import Lock, Scope, Transaction
from evidence.retention import Retention
from evidence.schedules import Schedule
from evidence.zones import exact_iso
from index import ledger, schema, vault_locks
from index.batches import batched
from index.decisions import Act, Decided, record
from index.holds import NOT_HELD, holding, short_id
from index.intakes import MACHINE
from index.journal import Told, notes_of, time_of
from index.retention import Promises, cases_of, promises, steps_of
from index.tx import session_of
from index.vault_locks import UNASKED

PROPOSE, APPROVE, REFUSE = "propose_disposal", "approve_disposal", "refuse_disposal"
TIMES = ("proposed_at", "first_at", "second_at", "executed_at", "refused_at")
Locks = Mapping[Digest, Lock]


@dataclass(frozen=True)
class Outcome:
    """What an approval led to. ``gone``: now to be removed from the vault; empty after the first approval."""

    decided: Decided
    disposal: Disposal
    gone: tuple[Digest, ...] = field(default=())


class Disposals:
    """Takes proposals and approvals under a schedule."""

    def __init__(self, schedule: Schedule) -> None:
        """Take the schedule in force here."""
        self._schedule = schedule
        self._promises = Promises(schedule)

    def propose(
        self, tx: Transaction, digests: Sequence[Digest], locks: Locks, actor: Actor, reason: str, at: datetime
    ) -> tuple[Decided, Disposal]:
        """Propose that originals go. ``actor`` is a person, or the program itself when the rule proposes.

        Raises:
            UsageError: nothing is proposed, or something of it may not go.
        """
        session = session_of(tx)
        act = Act(PROPOSE, actor, reason, at)
        named = sorted(set(digests))
        kept = [one.digest for one in self.candidates(session, named, locks, at) if obstacles(one, at)]
        if not named or kept:
            what = f"it, and {len(kept) - 1} more of these, may not go" if kept else "nothing was named that may go"
            cure = "`evidock dispose propose` lists what may go, and what keeps the rest"
            raise UsageError(what, subject=kept[0] if kept else "", cure=cure)
        disposal = Disposal(
            disposal_id=short_id("disposal", actor.name, exact_iso(at), *named),
            digests=tuple(Digest(digest) for digest in named),
            rule=self._schedule.rule_version,
            reason=reason,
            proposed_by=actor.name,
            proposed_at=at,
        )
        session.add(schema.DisposalRow(**values_of(disposal)))
        return _recorded(session, act, disposal), disposal

    def approve(
        self, tx: Transaction, disposal_id: str, locks: Locks, actor: Actor, reason: str, at: datetime
    ) -> Outcome:
        """Approve a disposal; with the second approval everything is looked at again, and what still may go is gone.

        An original that ``locks`` does not have, because the vault did not answer, is spared.

        Raises:
            UsageError: no reason, nothing waits, or the person has proposed or approved it. NotFoundError.
        """
        session = session_of(tx)
        act = Act(APPROVE, actor, reason, at)
        disposal = disposal_of(session, disposal_id)
        require_approver(disposal, actor.name)
        if disposal.first_by is None:
            first = {"first_by": actor.name, "first_at": at, "first_reason": reason}
            agreed = replace(disposal, state=DisposalState.APPROVED_ONCE, **first)  # type: ignore[arg-type]
            return Outcome(_kept(session, act, agreed), agreed)
        return self._execute(session, act, disposal, locks)

    def refuse(self, tx: Transaction, disposal_id: str, actor: Actor, reason: str, at: datetime) -> Decided:
        """Refuse a disposal, or take a proposal back; what it names is kept.

        Raises:
            UsageError: no reason, or nothing waits. NotFoundError.
        """
        session = session_of(tx)
        act = Act(REFUSE, actor, reason, at)
        disposal = disposal_of(session, disposal_id)
        require_waiting(disposal)
        refused = {"refused_by": actor.name, "refused_at": at, "refuse_reason": reason}
        return _kept(session, act, replace(disposal, state=DisposalState.REFUSED, **refused))  # type: ignore[arg-type]

    def candidates(self, session: Session, digests: Sequence[str], locks: Locks, at: datetime) -> list[Candidate]:
        """Return originals as everything stands now, in order of digest; promises are brought up to date first.

        Raises:
            NotFoundError: no such original.
        """
        self._promises.renew(session, digests, at)
        found = [one for some in batched(sorted(digests)) for one in self._looked_at(session, some, locks, at)]
        missing = sorted(set(digests) - {one.digest for one in found})
        if missing:
            raise NotFoundError("no clip of that digest", subject=missing[0], cure="`evidock clips` lists them")
        return found

    def _looked_at(self, session: Session, digests: Sequence[str], locks: Locks, at: datetime) -> list[Candidate]:
        promised = promises(session, digests)
        holds = holding(session, digests, promised)
        followed = _followed(session, digests, promised)
        open_cases = _open(session, {one for cases in followed.values() for one in cases}, at)
        clip, original = schema.Clip, schema.Original
        wanted = sa.select(clip.digest, clip.size_bytes, clip.important, original.disposed_at)
        wanted = wanted.join(original, original.digest == clip.digest).where(clip.digest.in_(digests))
        return [
            Candidate(
                digest=Digest(digest),
                size_bytes=size_bytes,
                promise=promised.get(Digest(digest)),
                holds=holds.get(Digest(digest), NOT_HELD).on,
                open_cases=tuple(sorted(followed[Digest(digest)] & open_cases)),
                important=important,
                spares_important=not self._schedule.disposes_important,
                lock=locks.get(Digest(digest)),
                disposed=disposed_at is not None,
            )
            for digest, size_bytes, important, disposed_at in session.execute(wanted.order_by(clip.digest))
        ]

    def _execute(self, session: Session, act: Act, disposal: Disposal, locks: Locks) -> Outcome:
        looked_at = self.candidates(session, disposal.digests, locks, act.at)
        spared = {one.digest: kept for one in looked_at if (kept := obstacles(one, act.at))}
        going = [one for one in looked_at if one.digest not in spared]
        second = {"second_by": act.actor.name, "second_at": act.at, "second_reason": act.reason}
        done = replace(disposal, state=DisposalState.EXECUTED, executed_at=act.at, spared=spared, **second)  # type: ignore[arg-type]
        decided = _kept(session, act, done)
        ledger.append_all(session, [_tombstone(one, done, act.at) for one in going])
        gone = tuple(one.digest for one in going)
        for some in batched(gone):
            dead = sa.update(schema.Original).where(schema.Original.digest.in_(some))
            session.execute(dead.values(disposed_at=act.at))
        vault_locks.note(session, [(digest, UNASKED) for digest in gone], act.at)
        return Outcome(decided, done, gone)


# --- reading ----------------------------------------------------------------------------------------------------------


def expired(session: Session, at: datetime, limit: int) -> list[Digest]:
    """Return originals whose promise has run out and that no disposal names already, the longest expired first."""
    kept, original = schema.RetentionRow, schema.Original
    waiting = {digest for one in disposals(session, waiting_only=True) for digest in one.digests}
    wanted = sa.select(kept.digest).join(original, original.digest == kept.digest)
    wanted = wanted.where(kept.until <= at, original.disposed_at.is_(None)).order_by(kept.until, kept.digest)
    found: list[Digest] = []
    for digest in session.scalars(wanted).yield_per(1000):
        if len(found) == limit:
            break
        if digest not in waiting:
            found.append(Digest(digest))
    return found


def disposals(session: Session, *, waiting_only: bool = False) -> list[Disposal]:
    """Return the disposals, newest first."""
    row = schema.DisposalRow
    wanted = sa.select(row).order_by(row.proposed_at.desc(), row.disposal_id)
    if waiting_only:
        wanted = wanted.where(row.state.in_([state for state in DisposalState if state.waiting]))
    return [disposal_from(one) for one in session.scalars(wanted)]


def disposal_of(session: Session, disposal_id: str) -> Disposal:
    """Return a disposal.

    Raises:
        NotFoundError: no such disposal.
    """
    row = session.get(schema.DisposalRow, disposal_id)
    if row is None:
        cure = "`evidock dispose list` shows which there are"
        raise NotFoundError("no disposal of that id", subject=disposal_id, cure=cure)
    return disposal_from(row)


def disposal_from(row: schema.DisposalRow) -> Disposal:
    """Return the disposal a row keeps."""
    columns = {column.name: getattr(row, column.name) for column in schema.DisposalRow.__table__.columns}
    spared = {Digest(digest): notes_of(kept) for digest, kept in row.spared.items()}
    return Disposal(**{**columns, "digests": tuple(Digest(one) for one in row.digests), "spared": spared})


def _followed(
    session: Session, digests: Sequence[str], promised: Mapping[Digest, Retention]
) -> dict[Digest, frozenset[CaseNo]]:
    hanging = steps_of(session, digests)
    return {
        digest: frozenset(CaseNo(case_of(step)) for step in hanging.get(digest, frozenset()))
        | (frozenset(promised[digest].cases) if digest in promised else frozenset())
        for digest in map(Digest, digests)
    }


def _open(session: Session, named: set[CaseNo], at: datetime) -> frozenset[CaseNo]:
    """Return the cases that are not concluded; one that no record tells of is not."""
    known = cases_of(session, named)
    concluded = {one for one, said in known.items() if said.concluded_at is not None and said.concluded_at <= at}
    return frozenset(named - concluded)


# --- writing ----------------------------------------------------------------------------------------------------------


def values_of(disposal: Disposal) -> dict[str, object]:
    """Return the columns of a disposal."""
    spared = {digest: _plain(kept) for digest, kept in disposal.spared.items()}
    return {**vars(disposal), "digests": list(disposal.digests), "spared": spared}


def project_disposal(told: Told) -> dict[str, object]:
    """Return the columns of the `schema.DisposalRow` that a decision on a disposal tells of; the newest is the row."""
    said = told.detail["disposal"]
    if not isinstance(said, Mapping):
        raise TypeError(f"a disposal must be a map, not {type(said).__name__}")
    times = {name: time_of(said.get(name)) for name in TIMES}
    unsaid = dict.fromkeys(one.name for one in fields(Disposal))
    return {**unsaid, **said, **times, "state": DisposalState(str(said["state"])), "spared": said.get("spared", {})}


def project_disposed(told: Told) -> dict[str, object]:
    """Return the columns of `schema.Original` that a DISPOSED entry tells of."""
    return {"digest": told.subject, "disposed_at": told.at}


def _kept(session: Session, act: Act, disposal: Disposal) -> Decided:
    row = session.get_one(schema.DisposalRow, disposal.disposal_id)
    for name, value in values_of(disposal).items():
        setattr(row, name, value)
    return _recorded(session, act, disposal)


def _recorded(session: Session, act: Act, disposal: Disposal) -> Decided:
    session.flush()
    values = values_of(disposal)
    times = {name: exact_iso(when) for name in TIMES if isinstance(when := values[name], datetime)}
    said = {name: value for name, value in values.items() if value not in (None, {})}
    about = {"disposal": {**said, **times, "state": disposal.state.value}}
    return record(session, act, disposal.disposal_id, Scope(), about, subject=disposal.disposal_id)


def _tombstone(candidate: Candidate, disposal: Disposal, at: datetime) -> Entry:
    promise = candidate.promise
    detail: dict[str, object] = {
        "size_bytes": candidate.size_bytes,
        "disposal": disposal.disposal_id,
        "schedule": promise.schedule_class if promise else "",
        "rule_version": promise.rule_version if promise else "",
        "until": exact_iso(promise.floor) if promise else None,
        "approved_by": [disposal.first_by, disposal.second_by],
    }
    return Entry(EventType.DISPOSED, MACHINE, at, candidate.digest, detail=detail)


def _plain(kept: Sequence[Note]) -> list[dict[str, object]]:
    return [one.as_plain() for one in kept]
