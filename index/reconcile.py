"""Reconciling findings: what the audit states now against what is kept, so that each finding has one life.

New → open. Unchanged → nothing. Other words → the row follows. Gone → resolved. Back again → open, or as people
left it. What people claimed or decided stays while the finding stands, and while its step waits for a camera.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.custody import Actor, Entry, EventType
from evidence.findings import Finding, FindingState, StepState
from evidence.reasons import Claim
from index import journal, ledger, rows, schema
from index.batches import batched

SEPARATOR = "\x1f"

EXEMPTIONS = {StepState.EXEMPT: FindingState.EXEMPT, StepState.EXEMPT_CLAIMED: FindingState.EXEMPT_CLAIMED}
"""The state a step's findings take while its exemption is claimed or approved."""

RECORD = "record"
"""Who claims an exemption that only the imported record of the step states."""

EXPLANATIONS = frozenset({FindingState.EXPLAIN_CLAIMED, FindingState.EXPLAINED})

CLAIMS = frozenset({FindingState.EXPLAIN_CLAIMED, FindingState.EXEMPT_CLAIMED})
"""States in which somebody has claimed and nobody decided."""

BY_PEOPLE = frozenset(FindingState) - {FindingState.OPEN, FindingState.RESOLVED}
"""States that people bring a finding into."""


def step_owner(case_no: str, step_no: str) -> str:
    """Return the owner of a step's findings."""
    return SEPARATOR.join(("step", case_no, step_no))


def clip_owner(digest: str) -> str:
    """Return the owner of a clip's findings."""
    return f"clip{SEPARATOR}{digest}"


def case_owner(case_no: str) -> str:
    """Return the owner of the findings about a case's file."""
    return f"case{SEPARATOR}{case_no}"


def sequence_owner(digest: str) -> str:
    """Return the owner of the finding about what follows a file in its device's count."""
    return f"next{SEPARATOR}{digest}"


@dataclass(frozen=True)
class Audited:
    """What an audit says of one owner.

    Attributes:
        exemption: the state the step's exemption gives its findings, when it has one.
        refused: a person refused the exemption.
        waiting: the step waits for a camera, so that nothing is stated and nothing is taken back.
        claimed_by, decided_by, reason, claim: of the exemption; no claim where a record states one in its own words.
    """

    owner: str
    findings: Sequence[Finding]
    exemption: FindingState | None = None
    refused: bool = False
    claimed_by: str = ""
    decided_by: str = ""
    reason: str = ""
    waiting: bool = False
    claim: Claim | None = None


@dataclass(frozen=True)
class Answer:
    """How people had left a finding before it was resolved: its state, who claimed and decided it, and why."""

    state: FindingState
    claimed_by: str = ""
    decided_by: str = ""
    reason: str = ""
    claim: Claim | None = None


@dataclass
class Changed:
    """A finding that a reconciling has touched. ``by``: who brought it into its state; empty when that is as it was."""

    row: schema.FindingRow
    by: str = ""


@dataclass
class Reconciler:
    """Keeps findings in one transaction; ``actor`` and ``at`` go into the history and the ledger."""

    session: Session
    actor: Actor
    at: datetime
    _history: list[schema.FindingHistory] = field(default_factory=list)
    _changed: dict[str, Changed] = field(default_factory=dict)
    _named: dict[str, Sequence[str]] = field(default_factory=dict)
    _renamed: set[str] = field(default_factory=set)

    def reconcile(self, audited: Sequence[Audited]) -> None:
        """Bring the findings of these owners, and of no others, up to date."""
        for some in batched(audited, 200):
            kept = self._kept(some)
            stated: dict[str, tuple[Finding, Audited]] = {
                one.finding_id: (one, each) for each in some for one in each.findings
            }
            for finding_id, (finding, each) in stated.items():
                self._state(kept.get(finding_id), finding, each)
            owners = {each.owner: each for each in some}
            for finding_id, row in kept.items():
                if finding_id not in stated and row.owner in owners:
                    self._vanish(row, owners[row.owner])
            self._write()

    def _kept(self, audited: Sequence[Audited]) -> Mapping[str, schema.FindingRow]:
        row = schema.FindingRow
        owners = [each.owner for each in audited]
        ids = [one.finding_id for each in audited for one in each.findings]
        found = {one.finding_id: one for one in self.session.scalars(sa.select(row).where(row.owner.in_(owners)))}
        for some in batched([each for each in ids if each not in found]):
            elsewhere = self.session.scalars(sa.select(row).where(row.finding_id.in_(some)))
            found.update({one.finding_id: one for one in elsewhere})
        return found

    def _state(self, row: schema.FindingRow | None, finding: Finding, each: Audited) -> None:
        if row is None:
            self._open(finding, each)
            return
        if row.owner != each.owner or rows.finding(row) != finding:
            row.owner = each.owner
            self._follow(row, finding)
        answer = self._answer(row.finding_id) if row.state is FindingState.RESOLVED else None
        state = standing_state(answer.state if answer else row.state, each)
        if answer and each.exemption is None and answer.state is state:
            of_people = {name: getattr(answer, name) for name in ("claimed_by", "decided_by", "reason", "claim")}
            each = replace(each, **of_people)
        self._move(row, state, each)

    def _answer(self, finding_id: str) -> Answer | None:
        """Return how people left a resolved finding; None when the program has opened it again since."""
        row = schema.FindingHistory
        wanted = sa.select(row).where(row.finding_id == finding_id).order_by(row.history_id)
        return last_answer(self.session.scalars(wanted).all())

    def _open(self, finding: Finding, each: Audited) -> None:
        state = each.exemption or FindingState.OPEN
        row = schema.FindingRow(
            **rows.finding_values(finding),
            owner=each.owner,
            state=state,
            first_found_at=self.at,
            changed_at=self.at,
            claimed_by="",
            decided_by="",
            reason="",
        )
        self.session.add(row)
        self._named[finding.finding_id] = finding.clips
        self._enter(row, state, each)

    def _follow(self, row: schema.FindingRow, finding: Finding) -> None:
        named = row.clips != list(finding.clips)
        for column, value in rows.finding_values(finding).items():
            setattr(row, column, value)
        self._changed.setdefault(row.finding_id, Changed(row))
        if named:
            self._named[finding.finding_id] = finding.clips
            self._renamed.add(finding.finding_id)

    def _vanish(self, row: schema.FindingRow, each: Audited) -> None:
        """Resolve a finding that is not stated any more; an exemption in force keeps it as what it exempts.

        While the step waits nothing is known to have been cured: what people answered stays; an exemption they refuse
        meanwhile is refused.
        """
        if row.state is FindingState.RESOLVED:
            return
        if each.waiting and each.exemption is None and row.state in BY_PEOPLE:
            if each.refused:
                self._move(row, standing_state(row.state, each), each)
            return
        self._move(row, each.exemption or FindingState.RESOLVED, each)

    def _move(self, row: schema.FindingRow, state: FindingState, each: Audited) -> None:
        if row.state is not state or claimed_anew(row, state, each):
            row.state, row.changed_at = state, self.at
            self._enter(row, state, each)

    def _enter(self, row: schema.FindingRow, state: FindingState, each: Audited) -> None:
        """Say by whom and why a finding is in its state: the machine, or those who claimed and decided an exemption."""
        row.claimed_by, row.decided_by, row.reason, row.claim, by = entered(state, each, self.actor)
        self._history.append(life_of(row, self.at, by))
        self._changed[row.finding_id] = Changed(row, by)

    def _write(self) -> None:
        """Write the findings of a batch, then what points at them."""
        self.session.flush()
        row = schema.FindingClip
        for some in batched(sorted(self._renamed)):
            self.session.execute(sa.delete(row).where(row.finding_id.in_(some)))
        about = [
            {"digest": digest, "finding_id": finding_id}
            for finding_id, digests in self._named.items()
            for digest in dict.fromkeys(digests)
        ]
        if about:
            self.session.execute(sa.insert(row), about)
        self.session.add_all(self._history)
        self.session.flush()
        told = [found_entry(one.row, one.by, self.actor, self.at) for one in self._changed.values()]
        ledger.append_all(self.session, told)
        self._history.clear()
        self._named.clear()
        self._renamed.clear()
        self._changed.clear()


class Entered(NamedTuple):
    """By whom and why a finding is in its state; ``by``: who brought it there."""

    claimed_by: str
    decided_by: str
    reason: str
    claim: Claim | None
    by: str


def entered(state: FindingState, each: Audited, actor: Actor) -> Entered:
    """Return by whom and why a finding comes into a state: the machine, or who claimed and decided an exemption."""
    if state in {FindingState.OPEN, FindingState.RESOLVED}:
        return Entered("", "", "", None, actor.name)
    by = each.decided_by or each.claimed_by or actor.name
    return Entered(each.claimed_by, each.decided_by, each.reason, each.claim, by)


def claimed_anew(row: schema.FindingRow, state: FindingState, each: Audited) -> bool:
    """Whether an exemption that waits is claimed by somebody else, or with another reason, than the finding says."""
    if state is not FindingState.EXEMPT_CLAIMED or each.exemption is not state:
        return False
    return (row.claimed_by, row.reason, row.claim) != (each.claimed_by, each.reason, each.claim)


def life_of(row: schema.FindingRow, at: datetime, actor: str) -> schema.FindingHistory:
    """Return the line of a finding's life for the state it has come into; what was claimed stands where it was."""
    told = {"finding_id": row.finding_id, "at": at, "state": row.state, "actor": actor, "reason": row.reason}
    return schema.FindingHistory(**told, claim=row.claim if row.state in CLAIMS else None)


def found_entry(row: schema.FindingRow, by: str, actor: Actor, at: datetime) -> Entry:
    """Return the ledger entry of a finding as it stands; ``by`` as in `Changed`."""
    detail = {**journal.found(row, rows.finding(row)), "by": by}
    return Entry(EventType.FOUND, actor, at, row.finding_id, reason=row.reason, detail=detail)


def last_answer(history: Sequence[schema.FindingHistory]) -> Answer | None:
    """Return the answer that stood when a finding was last resolved, read from its history in order."""
    stood = [told for told in history if told.state is not FindingState.RESOLVED]
    if not stood or stood[-1].state not in BY_PEOPLE:
        return None
    last = stood[-1]
    if last.state in CLAIMS:
        return Answer(last.state, claimed_by=last.actor, reason=last.reason, claim=last.claim)
    made = next((told for told in reversed(stood) if told.state in CLAIMS), None)
    claimed_by, claim = (made.actor, made.claim) if made else ("", None)
    return Answer(last.state, claimed_by, last.actor, last.reason, claim)


def standing_state(state: FindingState, each: Audited) -> FindingState:
    """Return the state of a finding that still stands.

    A step's approved exemption speaks for all its findings, a claimed one for those nobody has explained. When it is
    refused they are refused; when it is gone they are open. What was resolved is open again, unless people had answered
    it. All else stays as people left it.
    """
    if each.exemption is FindingState.EXEMPT:
        return FindingState.EXEMPT
    if each.exemption is not None and state not in EXPLANATIONS:
        return each.exemption
    if state in {FindingState.EXEMPT, FindingState.EXEMPT_CLAIMED}:
        return FindingState.REFUSED if each.refused else FindingState.OPEN
    return FindingState.OPEN if state is FindingState.RESOLVED else state
