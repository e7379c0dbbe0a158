"""Where people decide: each decision is recorded, reviewed and sealed into the vault in one act."""

import getpass
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from evidence.clock import Shift
from evidence.custody import Actor, Authenticated
from evidence.errors import UsageError
from evidence.ids import SYSTEM_ACTOR, CaseNo, Digest, FindingId, StepNo
from evidence.ports import Reviewer, Transaction, Vault, WallClock
from evidence.secrecy import Marked
from evidence.spans import Span
from index.amendments import AMEND, amend
from index.clock_decisions import decide_shift
from index.decisions import Act, Decided, Decisions, record_view
from index.secrecy import CLASSIFY, classify

FOLDER = "decisions"
Opening = Callable[[], AbstractContextManager[Transaction]]


class HumanDesk:
    """Takes the decisions of named persons."""

    def __init__(
        self,
        acting: Opening,
        recording: Opening,
        vault: Vault,
        reviewer: Reviewer,
        decisions: Decisions,
        clock: WallClock,
    ) -> None:
        """Work with these rooms.

        ``acting`` opens the transaction of a person's act, which is sealed before they are told that it is done;
        ``recording`` that of a mere view, which is sealed within a second.
        """
        self._acting = acting
        self._recording = recording
        self._vault = vault
        self._reviewer = reviewer
        self._decisions = decisions
        self._clock = clock

    def link(self, digest: Digest, case_no: CaseNo, step_no: StepNo, actor: str, reason: str) -> None:
        """Hang a clip on a step. Raises UsageError without a reason, NotFoundError without clip or step."""
        who = actor_named(actor)
        self._act(who, lambda tx, at: self._decisions.link(tx, digest, case_no, step_no, who, reason, at))

    def unlink(self, digest: Digest, case_no: CaseNo, step_no: StepNo, actor: str, reason: str) -> None:
        """Take a clip off a step for good. Raises as `link` does."""
        who = actor_named(actor)
        self._act(who, lambda tx, at: self._decisions.unlink(tx, digest, case_no, step_no, who, reason, at))

    def explain(self, finding_id: FindingId, actor: str, reason: str) -> None:
        """Claim an explanation. Raises UsageError when the finding is not open, NotFoundError when there is none."""
        who = actor_named(actor)
        self._act(who, lambda tx, at: self._decisions.claim_explanation(tx, finding_id, who, reason, at))

    def exempt(self, case_no: CaseNo, step_no: StepNo, actor: str, reason: str) -> None:
        """Claim that recording was not suitable. Raises UsageError where the article allows no exemption."""
        who = actor_named(actor)
        self._act(who, lambda tx, at: self._decisions.claim_exemption(tx, case_no, step_no, who, reason, at))

    def amend(self, case_no: CaseNo, step_no: StepNo, window: Span | None, actor: str, reason: str) -> None:
        """Amend the times of a step; None goes back to its record's. Raises UsageError, NotFoundError."""
        who = actor_named(actor)
        self._act(who, lambda tx, at: amend(tx, (case_no, step_no), window, Act(AMEND, who, reason, at)))

    def classify(self, scope: Marked, target: str, word: str, actor: str, reason: str) -> None:
        """Mark a clip or a case as confidential; no word takes the mark away. Raises UsageError, NotFoundError."""
        who, pack = actor_named(actor), self._decisions.pack
        self._act(who, lambda tx, at: classify(tx, scope, target, word, Act(CLASSIFY, who, reason, at), pack))

    def take(self, actor: str, act: Callable[[Transaction, Actor, datetime], Decided]) -> None:
        """Record an act that is put together elsewhere, reviewed and sealed as every other. Raises what it raises."""
        who = actor_named(actor)
        self._act(who, lambda tx, at: act(tx, who, at))

    def decide(self, target: FindingId | tuple[CaseNo, StepNo], actor: str, reason: str, *, granted: bool) -> None:
        """Grant or refuse what another person claimed. Raises UsageError when nothing is, or by the same person."""
        who = actor_named(actor)
        self._act(who, lambda tx, at: self._decisions.decide(tx, target, who, reason, at, approve=granted))

    def shift(self, shift: Shift, actor: str, reason: str, *, confirm: bool) -> None:
        """Confirm or refuse a shift of a clock. Raises UsageError without reason, NotFoundError without target."""
        who = actor_named(actor)
        self._act(who, lambda tx, at: decide_shift(tx, shift, who, reason, at, confirm=confirm))

    def view(self, digest: Digest, actor: str) -> None:
        """Record that a person looked at a clip. Raises NotFoundError."""
        with self._recording() as tx:
            record_view(tx, digest, actor_named(actor), self._clock())

    def _act(self, who: Actor, act: Callable[[Transaction, datetime], Decided]) -> None:
        """Decide, review and lay the record into the vault; what could not be laid there was not decided."""
        at = self._clock()
        with self._acting() as tx:
            decided = act(tx, at)
            self._reviewer.review(tx, decided.scope, who, at)
            self._vault.put_record(FOLDER, decided.name, decided.body)


def actor_named(name: str) -> Actor:
    """Return a person by a name that nobody has checked; without one, the login name of this process.

    Raises:
        UsageError: the name is the program's own.
    """
    name = name.strip() or login_name()
    if name == SYSTEM_ACTOR:
        raise UsageError(f"'{name}' is the program itself", cure="name the acting person with --actor")
    return Actor(name, Authenticated.UNAUTHENTICATED)


def login_name() -> str:
    """Return the name this process's user has on this system, else its number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
