"""What named persons decide: links and refusals, explanations, exemptions, approvals, whose clip it is.

Each needs a reason, a claim one of the pack's closed list. It becomes a ledger entry and a decision row in the caller's
transaction, and returns what has to be reviewed again, with the record that the caller seals into the vault. Deciding
needs another person than claiming.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from evidence.custody import Actor, Entry, EventType, canonical_json
from evidence.errors import NotFoundError, UsageError
from evidence.findings import FindingState
from evidence.ids import CaseNo, Digest, FindingId, OfficerId, StepNo
from evidence.law import LawPack, Rule
from evidence.notes import note
from evidence.ports import Scope, Transaction
from evidence.reasons import Claim, GivenReason, Reason, claimed, sentence
from evidence.zones import exact_iso
from index import claim_files, dialects, journal, ledger, rows, schema
from index.intakes import clip_row
from index.reconcile import RECORD, found_entry, life_of
from index.tx import session_of

CLAIMABLE = frozenset({FindingState.OPEN, FindingState.REFUSED, FindingState.EXPLAIN_CLAIMED})
"""States of a finding that an explanation can still be given for."""


@dataclass(frozen=True)
class Decided:
    """What a decision leads to.

    Attributes:
        scope: what has to be reviewed again, in the same transaction.
        record: the decision as JSON-ready values, to be sealed into the vault under the folder ``decisions``.
        number: its ledger entry.
    """

    scope: Scope
    record: Mapping[str, object]
    number: int

    @property
    def body(self) -> bytes:
        """The record's bytes, as they are sealed."""
        return canonical_json(self.record)

    @property
    def name(self) -> str:
        """Name of the sealed record: ledger number and the first 16 digits of its digest.

        It holds its digest, so that one whose transaction then failed never stands in another's way.
        """
        return f"{self.number:012}.{hashlib.sha256(self.body).hexdigest()[:16]}.json"


class Decisions:
    """Takes decisions under a law pack."""

    def __init__(self, pack: LawPack) -> None:
        """Take the pack: it says which procedures allow an exemption, and which text records they ask for."""
        self._pack = pack

    @property
    def pack(self) -> LawPack:
        """The pack decisions are taken under."""
        return self._pack

    # --- links --------------------------------------------------------------------------------------------------------

    def link(
        self, tx: Transaction, digest: Digest, case_no: CaseNo, step_no: StepNo, actor: Actor, reason: str, at: datetime
    ) -> Decided:
        """Hang a clip on a step, whatever the machine thinks; the machine never undoes it.

        Raises:
            UsageError: no reason was given. NotFoundError: no such clip or step.
        """
        return self._hang(tx, digest, (case_no, step_no), Act("link", actor, reason, at), active=True)

    def unlink(
        self, tx: Transaction, digest: Digest, case_no: CaseNo, step_no: StepNo, actor: Actor, reason: str, at: datetime
    ) -> Decided:
        """Take a clip off a step, and keep the machine from linking it there again.

        Raises:
            UsageError: no reason was given. NotFoundError: no such clip or step.
        """
        return self._hang(tx, digest, (case_no, step_no), Act("unlink", actor, reason, at), active=False)

    def _hang(
        self, tx: Transaction, digest: Digest, key: tuple[CaseNo, StepNo], act: "Act", *, active: bool
    ) -> Decided:
        session = session_of(tx)
        clip = clip_row(session, digest)
        if clip.filed and active:
            cure = "take it in as footage first: evidock take-in"
            raise UsageError("came as a text record and is no footage", subject=digest, cure=cure)
        step = _step(session, *key)
        shared = _shared(clip, step)
        before = session.get(schema.Link, (digest, *key))
        link = before or schema.Link(digest=digest, case_no=key[0], step_no=key[1], why=(), linked_at=act.at)
        link.active, link.human, link.by, link.linked_at = active, True, act.actor.name, act.at
        link.overlap_start, link.overlap_end = shared
        asked = session.get(schema.SuggestionRow, (digest, *key))
        link.score, link.basis = asked.score if asked else link.score, None
        session.add(link)
        session.flush()
        scope = Scope(clips=frozenset({digest}), cases=frozenset({key[0]}))
        about = {**_named(key, digest), **journal.linked(link)}
        return record(session, act, f"{digest} {key[0]}/{key[1]}", scope, about, subject=digest)

    # --- claims -------------------------------------------------------------------------------------------------------

    def fitting(self, tx: Transaction, target: FindingId | tuple[CaseNo, StepNo]) -> tuple[Reason, ...]:
        """Return the reasons of the list that can be claimed: to explain a finding, or to exempt a step.

        Raises:
            UsageError: the finding is not open, or the step can not be exempt. NotFoundError: no such finding or step.
        """
        session = session_of(tx)
        if isinstance(target, tuple):
            step = _step(session, *target)
            self._allowing_rule(step)
            _undecided(session.get(schema.ExemptionRow, target))
            return self._pack.exemptions(step.procedure, step.started_at)
        row = _finding(session, target)
        require_open(row.state, target)
        return self._pack.explanations(rows.finding(row))

    def claim_explanation(
        self, tx: Transaction, finding_id: FindingId, actor: Actor, given: GivenReason, at: datetime
    ) -> Decided:
        """Claim an explanation for a finding with a reason of the list; another person decides on it.

        Raises:
            UsageError: the reason does not fit, lacks what it needs, or the finding is not open.
            NotFoundError: no such finding, or a file that was not sealed.
        """
        session = session_of(tx)
        fitting = self.fitting(tx, finding_id)
        row = _finding(session, finding_id)
        claim = claimed(fitting, given, self._pack.of(rows.finding(row)).rule_version, finding_id)
        act = Act("explain", actor, sentence(claim), at)
        row.claimed_by, row.decided_by, row.claim = actor.name, "", claim
        _move(session, row, FindingState.EXPLAIN_CLAIMED, act)
        about = {"finding_id": finding_id, **_place(row)}
        return _record_claim(session, act, finding_id, _scope(row), about, claim)

    def claim_exemption(
        self, tx: Transaction, case_no: CaseNo, step_no: StepNo, actor: Actor, given: GivenReason, at: datetime
    ) -> Decided:
        """Claim that recording a step was not suitable, with a reason of the list; another person decides on it.

        Raises:
            UsageError: the reason does not fit or lacks what it needs, the step's procedure knows no exemption, or one
                was decided already.
            NotFoundError: no such step, or a file that was not sealed.
        """
        session, name = session_of(tx), f"{case_no}/{step_no}"
        fitting = self.fitting(tx, (case_no, step_no))
        version = self._pack.at(_step(session, case_no, step_no).started_at)
        claim = claimed(fitting, given, version.rule_version, name)
        act = Act("exempt", actor, sentence(claim), at)
        values = {"reason": act.reason, "claimed_by": actor.name, "claimed_at": at, "claim": claim}
        undecided = {"approved": None, "decided_by": "", "decided_at": None, "decision_reason": ""}
        dialects.upsert(session, schema.ExemptionRow, [{**_named((case_no, step_no)), **values, **undecided}])
        session.expire_all()
        scope = Scope(cases=frozenset({case_no}))
        return _record_claim(session, act, name, scope, _named((case_no, step_no)), claim)

    # --- approvals ----------------------------------------------------------------------------------------------------

    def decide(
        self,
        tx: Transaction,
        target: FindingId | tuple[CaseNo, StepNo],
        actor: Actor,
        reason: str,
        at: datetime,
        *,
        approve: bool,
    ) -> Decided:
        """Approve or refuse what was claimed: an explanation (by finding) or an exemption (by step).

        Raises:
            UsageError: no reason, nothing is claimed, the decider is the claimant, or the rule knows no exemption.
            NotFoundError: no such finding or step.
        """
        act = Act("approve" if approve else "refuse", actor, reason, at)
        if isinstance(target, tuple):
            return self._decide_exemption(session_of(tx), target, act, approve=approve)
        return self._decide_explanation(session_of(tx), target, act, approve=approve)

    def _decide_explanation(self, session: Session, finding_id: FindingId, act: "Act", *, approve: bool) -> Decided:
        row = _finding(session, finding_id)
        if row.state is FindingState.EXEMPT_CLAIMED and row.case_no is not None and row.step_no is not None:
            return self._decide_exemption(session, (CaseNo(row.case_no), StepNo(row.step_no)), act, approve=approve)
        if row.state is not FindingState.EXPLAIN_CLAIMED:
            cure = "claim an explanation first"
            raise UsageError(f"nothing is claimed: the finding is {row.state.value}", subject=finding_id, cure=cure)
        _another_person(act.actor, row.claimed_by, finding_id)
        row.decided_by = act.actor.name
        _move(session, row, FindingState.EXPLAINED if approve else FindingState.REFUSED, act)
        about = {"finding_id": finding_id, "claimed_by": row.claimed_by, **journal.claiming(row.claim)}
        return record(session, act, finding_id, _scope(row), about)

    def _decide_exemption(self, session: Session, key: tuple[CaseNo, StepNo], act: "Act", *, approve: bool) -> Decided:
        name = "/".join(key)
        step = _step(session, *key)
        claim = session.get(schema.ExemptionRow, key) or _claimed_by_record(step, act.at)
        if claim is None or claim.approved is not None:
            cure = "claim an exemption for the step first"
            raise UsageError("no exemption is waiting for a decision", subject=name, cure=cure)
        if approve:
            self._allowing_rule(step)
        _another_person(act.actor, claim.claimed_by, name)
        claim.approved, claim.decided_by, claim.decided_at = approve, act.actor.name, act.at
        claim.decision_reason = act.reason
        session.add(claim)
        session.flush()
        scope = Scope(cases=frozenset({key[0]}))
        made = {
            "claimed_by": claim.claimed_by,
            "claimed_reason": claim.reason,
            "claimed_at": exact_iso(claim.claimed_at),
            **journal.claiming(claim.claim),
        }
        return record(session, act, name, scope, {**_named(key), **made})

    def _allowing_rule(self, step: schema.StepRow) -> Rule:
        pack = self._pack.at(step.started_at)
        rule = pack.rules.get(step.procedure)
        name = f"{step.case_no}/{step.step_no}"
        if rule is None:
            cure = "correct the step's procedure, or add it to the law pack"
            raise UsageError(f"the law pack does not know {step.procedure}", subject=name, cure=cure)
        if not rule.exemption_allowed:
            message = f"article {rule.article} of {pack.rule_version} allows no exemption from recording"
            raise UsageError(message, subject=name, cure="explain its findings instead; they stay in the count")
        return rule

    # --- clips --------------------------------------------------------------------------------------------------------

    def set_officer(
        self, tx: Transaction, digest: Digest, officer_id: OfficerId, actor: Actor, reason: str, at: datetime
    ) -> Decided:
        """Say whose clip it is, whatever register, path and name say.

        Raises:
            UsageError: no reason. NotFoundError: no such clip or officer.
        """
        session = session_of(tx)
        act = Act("set_officer", actor, reason, at)
        clip_row(session, digest)
        if session.get(schema.OfficerRow, officer_id) is None:
            raise NotFoundError("no officer of that id", subject=officer_id, cure="import the officer first")
        values = {"digest": digest, "officer_id": officer_id, "actor": actor.name, "reason": reason, "decided_at": at}
        dialects.upsert(session, schema.ClipOverride, [values])
        scope = Scope(clips=frozenset({digest}))
        return record(session, act, digest, scope, {"digest": digest, "officer_id": officer_id}, subject=digest)


def record_view(tx: Transaction, digest: Digest, actor: Actor, at: datetime) -> int:
    """Record that a person looked at a clip; return the ledger entry's number.

    Raises:
        NotFoundError: no such clip.
    """
    session = session_of(tx)
    clip_row(session, digest)
    return ledger.append(session, Entry(EventType.VIEWED, actor, at, digest))


@dataclass(frozen=True)
class Act:
    """Who does what, why and when.

    Raises:
        UsageError: no reason or no name was given.
    """

    verb: str
    actor: Actor
    reason: str
    at: datetime

    def __post_init__(self) -> None:
        """Refuse what nobody answers for."""
        if not self.reason.strip():
            words, told = "a decision needs a reason", note("form.needs_reason")
            raise UsageError(words, subject=self.verb, cure="say why in a sentence", reason=told)
        if not self.actor.name.strip():
            words, told = "a decision needs a named person", note("form.needs_actor")
            raise UsageError(words, subject=self.verb, cure="name the actor", reason=told)


def record(
    session: Session, act: Act, target: str, scope: Scope, about: Mapping[str, object], *, subject: str = ""
) -> Decided:
    """Write the ledger entry and the row of a decision; return what follows.

    ``target`` is what was decided on, as lists show it; ``about`` what the decision names and every value it sets,
    JSON-ready: the register is made from it again.
    """
    number = ledger.locked_size(session)
    said = decision_record(number, act, about)
    digest = hashlib.sha256(canonical_json(said)).hexdigest()
    detail = {**about, "decision": act.verb, "target": target, "record": digest}
    ledger.append(session, Entry(EventType.DECIDED, act.actor, act.at, subject, reason=act.reason, detail=detail))
    session.add(
        schema.DecisionRow(
            ledger_number=number,
            kind=act.verb,
            target=target,
            actor=act.actor.name,
            reason=act.reason,
            decided_at=act.at,
            body=said,
        )
    )
    session.flush()
    return Decided(scope, said, number)


def require_open(state: FindingState, finding_id: str) -> None:
    """Refuse to explain what nobody has to explain any more.

    Raises:
        UsageError: the finding is exempt, explained or resolved.
    """
    if state not in CLAIMABLE:
        cure = "only an open or refused finding can be explained"
        raise UsageError(f"the finding is {state.value}", subject=finding_id, cure=cure)


def _record_claim(
    session: Session, act: Act, target: str, scope: Scope, about: Mapping[str, object], claim: Claim
) -> Decided:
    """Record a claim with the files it rests on; they are looked at again, for they are no stray footage."""
    claim_files.require_sealed(session, claim.files)
    said = {**about, **journal.claiming(claim)}
    decided = record(session, act, target, replace(scope, clips=scope.clips | set(claim.files)), said)
    claim_files.keep_files(session, decided.number, said)
    return decided


def _place(row: schema.FindingRow) -> dict[str, str]:
    place = {"case_no": row.case_no, "step_no": row.step_no}
    return {name: value for name, value in place.items() if value is not None}


def decision_record(number: int, act: Act, about: Mapping[str, object]) -> dict[str, object]:
    """Return a decision as it is sealed."""
    return {
        **about,
        "v": 1,
        "kind": "decision",
        "ledger_number": number,
        "decision": act.verb,
        "actor": act.actor.name,
        "authenticated": act.actor.authenticated.value,
        "reason": act.reason,
        "at": exact_iso(act.at),
    }


def _named(key: tuple[CaseNo, StepNo], digest: Digest | None = None) -> dict[str, str]:
    step = {"case_no": str(key[0]), "step_no": str(key[1])}
    return step if digest is None else {**step, "digest": digest}


def _another_person(actor: Actor, claimant: str, subject: str) -> None:
    if actor.name == claimant:
        cure = "let another named person decide"
        raise UsageError(f"{claimant} claimed it and cannot decide on it too", subject=subject, cure=cure)


def _undecided(claim: schema.ExemptionRow | None) -> None:
    """Refuse to claim again what was decided: a claim takes no decision back."""
    if claim is not None and claim.approved is not None:
        word = "approved" if claim.approved else "refused"
        cure = f"nothing is left to claim: it was decided by {claim.decided_by}"
        cure += "" if claim.approved else "; explain the step's findings instead"
        raise UsageError(f"the exemption was {word} already", subject=f"{claim.case_no}/{claim.step_no}", cure=cure)


def _claimed_by_record(step: schema.StepRow, at: datetime) -> schema.ExemptionRow | None:
    """Return the claim that the step's record itself makes, if it makes one."""
    if not step.unsuitable_reason:
        return None
    return schema.ExemptionRow(
        case_no=step.case_no,
        step_no=step.step_no,
        reason=step.unsuitable_reason,
        claimed_by=RECORD,
        claimed_at=at,
        approved=None,
        decided_by="",
        decision_reason="",
    )


def _step(session: Session, case_no: str, step_no: str) -> schema.StepRow:
    found = session.get(schema.StepRow, (case_no, step_no))
    if found is None:
        cure = "list the steps of the case to see which there are"
        raise NotFoundError("no step of that number", subject=f"{case_no}/{step_no}", cure=cure)
    return found


def _finding(session: Session, finding_id: str) -> schema.FindingRow:
    found = session.get(schema.FindingRow, finding_id)
    if found is None:
        cure = "list the findings to see which there are"
        raise NotFoundError("no finding of that id", subject=finding_id, cure=cure)
    return found


def _shared(clip: schema.Clip, step: schema.StepRow) -> tuple[datetime | None, datetime | None]:
    if clip.span_start is None or clip.span_end is None:
        return None, None
    start, end = max(clip.span_start, step.started_at), min(clip.span_end, step.ended_at)
    return (start, end) if start <= end else (None, None)


def _scope(row: schema.FindingRow) -> Scope:
    cases = frozenset({CaseNo(row.case_no)}) if row.case_no is not None else frozenset[CaseNo]()
    return Scope(clips=frozenset(Digest(digest) for digest in row.clips), cases=cases)


def _move(session: Session, row: schema.FindingRow, state: FindingState, act: Act) -> None:
    row.state, row.reason, row.changed_at = state, act.reason, act.at
    session.add(life_of(row, act.at, act.actor.name))
    session.flush()
    ledger.append(session, found_entry(row, act.actor.name, act.actor, act.at))
