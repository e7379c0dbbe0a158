"""Disposal: what may go, and who must have agreed. The default is to keep.

A disposal is proposed by the rule or by a person; two different named persons, neither of them the proposer, approve
it; everything is looked at again at the moment of the second approval.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from evidence.errors import UsageError
from evidence.ids import SYSTEM_ACTOR, CaseNo, Digest
from evidence.notes import Note, note
from evidence.ports import Lock
from evidence.retention import Endless, Retention, last_day


class DisposalState(StrEnum):
    """How far a disposal is."""

    PROPOSED = "proposed"
    APPROVED_ONCE = "approved_once"  # one more person is needed
    EXECUTED = "executed"
    REFUSED = "refused"

    @property
    def waiting(self) -> bool:
        """Whether somebody has to decide on it."""
        return self in {DisposalState.PROPOSED, DisposalState.APPROVED_ONCE}


@dataclass(frozen=True)
class Candidate:
    """An original that somebody thinks of disposing of, as everything stands now.

    Attributes:
        promise: None when nothing was ever promised: kept.
        holds: ids of the legal holds that cover it. open_cases: those it follows that are not concluded.
        important: a camera marked it. spares_important: the schedule keeps what is marked so.
        lock: what the vault says; None when it was not asked or did not answer.
        disposed: it is gone already.
    """

    digest: Digest
    size_bytes: int
    promise: Retention | None
    holds: tuple[str, ...] = ()
    open_cases: tuple[CaseNo, ...] = ()
    important: bool = False
    spares_important: bool = True
    lock: Lock | None = None
    disposed: bool = False


@dataclass(frozen=True)
class Disposal:
    """A disposal with its life.

    Attributes:
        disposal_id: eight hex digits. rule: schedule and version it was proposed under.
        digests: what is to go. spared: digest → why it did not go after all.
        reason: of the proposer. ``None`` stands for what has not happened.
    """

    disposal_id: str
    digests: tuple[Digest, ...]
    rule: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    state: DisposalState = DisposalState.PROPOSED
    first_by: str | None = None
    first_at: datetime | None = None
    first_reason: str | None = None
    second_by: str | None = None
    second_at: datetime | None = None
    second_reason: str | None = None
    executed_at: datetime | None = None
    refused_by: str | None = None
    refused_at: datetime | None = None
    refuse_reason: str | None = None
    spared: Mapping[Digest, tuple[Note, ...]] = field(default_factory=dict)


def obstacles(candidate: Candidate, at: datetime) -> tuple[Note, ...]:
    """Return everything that keeps an original; nothing means that it may go.

    Args:
        candidate: as everything stands now.
        at: now, trusted, UTC.
    """
    return tuple(_obstacles(candidate, at))


def _obstacles(candidate: Candidate, at: datetime) -> Iterator[Note]:
    if candidate.disposed:
        yield note("disposal.gone")
    yield from _promised(candidate, at)
    yield from (note("disposal.held", hold=hold) for hold in candidate.holds)
    yield from (note("disposal.open_case", case_no=case_no) for case_no in candidate.open_cases)
    if candidate.important and candidate.spares_important:
        yield note("disposal.important")
    yield from _locked(candidate.lock, at)


def _promised(candidate: Candidate, at: datetime) -> Iterator[Note]:
    promise = candidate.promise
    if promise is None:
        yield note("disposal.no_promise")
    elif promise.endless is Endless.UNCLASSIFIED:
        yield note("disposal.unclassified")
    elif promise.endless is Endless.FOREVER:
        yield note("disposal.for_ever")
    elif promise.endless is Endless.OPEN_CASE and not candidate.open_cases:
        yield note("disposal.no_end")
    elif promise.endless is None and promise.floor > at:
        yield note("disposal.promised", until_day=last_day(promise.floor))


def _locked(lock: Lock | None, at: datetime) -> Iterator[Note]:
    if lock is None:
        yield note("disposal.lock_unknown")
        return
    if lock.held:
        yield note("disposal.vault_hold")
    if lock.until is not None and lock.until > at:
        yield note("disposal.locked", lock_at=lock.until)


def may_go(candidate: Candidate) -> Note:
    """Return why an original without obstacles may go, in a sentence."""
    promise = candidate.promise
    if promise is None:
        return note("disposal.no_promise")
    return note("disposal.may_go", until_day=last_day(promise.floor), schedule_class=promise.schedule_class)


# --- who must have agreed ---------------------------------------------------------------------------------------------


def same_person(one: str, other: str) -> bool:
    """Whether two names are written alike, whatever their case, width and spaces."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def require_waiting(disposal: Disposal) -> None:
    """See that a disposal still waits for a decision.

    Raises:
        UsageError: it was executed or refused.
    """
    if not disposal.state.waiting:
        cure = "propose what is left anew: evidock dispose propose"
        raise UsageError(f"the disposal is {disposal.state.value} already", subject=disposal.disposal_id, cure=cure)


def require_approver(disposal: Disposal, name: str) -> None:
    """See that a person may give the next approval.

    Raises:
        UsageError: it waits for none, or the person proposed it or gave the first approval, or is the program.
    """
    require_waiting(disposal)
    cure = "let another named person decide"
    if same_person(name, SYSTEM_ACTOR):
        raise UsageError("the program cannot approve", subject=disposal.disposal_id, cure=cure)
    if same_person(name, disposal.proposed_by):
        raise UsageError(f"{name} proposed it and cannot approve it", subject=disposal.disposal_id, cure=cure)
    if disposal.first_by is not None and same_person(name, disposal.first_by):
        raise UsageError(f"{name} has approved it once already", subject=disposal.disposal_id, cure=cure)
