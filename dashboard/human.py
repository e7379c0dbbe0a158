"""Where people decide: each decision is recorded, reviewed and sealed into the vault in one act."""

import getpass
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain

from evidence.attachments import Attachment
from evidence.case_numbers import UrgentCase
from evidence.clock import Shift
from evidence.custody import Actor, Authenticated
from evidence.errors import UsageError
from evidence.ids import SYSTEM_ACTOR, CaseNo, Digest, FindingId, StepNo
from evidence.markers import MarkWish
from evidence.ports import Reviewer, Scope, Transaction, Vault, WallClock
from evidence.reasons import GivenReason, Reason
from evidence.secrecy import Marked
from evidence.spans import Span
from evidence.suggesting import Pair
from index.amendments import AMEND, amend
from index.attachments import attach, detach
from index.clock_decisions import decide_shift
from index.decisions import Act, Decided, Decisions, record_view
from index.link_decisions import confirm_suggestions, link_recording, refuse_suggestion
from index.markers import set_mark, withdraw_mark
from index.numbering import NUMBER_CASE, OPEN_CASE, number_case, open_case, opened_number
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
        key_of: Callable[[str], CaseNo] = CaseNo,
    ) -> None:
        """Work with these rooms.

        ``acting`` opens the transaction of a person's act, which is sealed before they are told that it is done;
        ``recording`` that of a mere view, which is sealed within a second. ``key_of`` knows a case by any of its
        numbers.
        """
        self._acting = acting
        self._recording = recording
        self._vault = vault
        self._reviewer = reviewer
        self._decisions = decisions
        self._clock = clock
        self._key_of = key_of

    def link(self, digest: Digest, case_no: CaseNo, step_no: StepNo, actor: str, reason: str) -> None:
        """Hang a clip on a step. Raises UsageError without a reason, NotFoundError without clip or step."""
        who, case_no = actor_named(actor), self._key_of(case_no)
        self._act(who, lambda tx, at: self._decisions.link(tx, digest, case_no, step_no, who, reason, at))

    def link_recording(self, digest: Digest, case_no: CaseNo, step_no: StepNo, actor: str, reason: str) -> None:
        """Hang all parts of the recording that a clip is of on a step, in one act. Raises as `link` does."""
        who, pair = actor_named(actor), Pair(digest, self._key_of(case_no), step_no)
        self._act_all(who, lambda tx, at: link_recording(tx, self._decisions, pair, who, reason, at))

    def unlink(self, digest: Digest, case_no: CaseNo, step_no: StepNo, actor: str, reason: str) -> None:
        """Take a clip off a step for good. Raises as `link` does."""
        who, case_no = actor_named(actor), self._key_of(case_no)
        self._act(who, lambda tx, at: self._decisions.unlink(tx, digest, case_no, step_no, who, reason, at))

    def suggested(self, pairs: Sequence[Pair], actor: str, reason: str, *, confirm: bool) -> None:
        """Confirm or refuse suggestions, all or none; what is confirmed brings its recording's other parts along.

        Raises:
            UsageError: no reason, or no suggestion was named. NotFoundError: one waits no more; none is decided.
        """
        who = actor_named(actor)
        if not pairs:
            raise UsageError("no suggestion was chosen", cure="choose at least one; `evidock suggestions` lists them")

        named = list(dict.fromkeys(replace(pair, case_no=self._key_of(pair.case_no)) for pair in pairs))

        def decide(tx: Transaction, at: datetime) -> Sequence[Decided]:
            if confirm:
                return confirm_suggestions(tx, self._decisions, named, who, reason, at)
            return [refuse_suggestion(tx, pair, who, reason, at) for pair in named]

        self._act_all(who, decide)

    def fitting(self, target: FindingId | tuple[CaseNo, StepNo]) -> tuple[Reason, ...]:
        """Return the reasons that can be claimed of a finding or a step. Raises UsageError where none can."""
        if not isinstance(target, str):
            target = self._key_of(target[0]), target[1]
        with self._recording() as tx:
            return self._decisions.fitting(tx, target)

    def explain(self, finding_id: FindingId, actor: str, given: GivenReason) -> None:
        """Claim an explanation. Raises UsageError when reason or finding do not allow it, NotFoundError."""
        who = actor_named(actor)
        self._act(who, lambda tx, at: self._decisions.claim_explanation(tx, finding_id, who, given, at))

    def exempt(self, case_no: CaseNo, step_no: StepNo, actor: str, given: GivenReason) -> None:
        """Claim that recording was not suitable. Raises UsageError where the article allows no exemption."""
        who, case_no = actor_named(actor), self._key_of(case_no)
        self._act(who, lambda tx, at: self._decisions.claim_exemption(tx, case_no, step_no, who, given, at))

    def amend(self, case_no: CaseNo, step_no: StepNo, window: Span | None, actor: str, reason: str) -> None:
        """Amend the times of a step; None goes back to its record's. Raises UsageError, NotFoundError."""
        who, case_no = actor_named(actor), self._key_of(case_no)
        self._act(who, lambda tx, at: amend(tx, (case_no, step_no), window, Act(AMEND, who, reason, at)))

    def classify(self, scope: Marked, target: str, word: str, actor: str, reason: str) -> None:
        """Mark a clip or a case as confidential; no word takes the mark away. Raises UsageError, NotFoundError."""
        who, pack = actor_named(actor), self._decisions.pack
        self._act(who, lambda tx, at: classify(tx, scope, target, word, Act(CLASSIFY, who, reason, at), pack))

    def open_case(self, wanted: UrgentCase, actor: str, reason: str) -> CaseNo:
        """Open a case before its approval; return its provisional number. Raises UsageError without title or reason."""
        who = actor_named(actor)
        [decided] = self._act(who, lambda tx, at: open_case(tx, wanted, Act(OPEN_CASE, who, reason, at)))
        return opened_number(decided.record)

    def number_case(
        self, provisional: str, official: str, approved_at: datetime | None, actor: str, reason: str
    ) -> None:
        """Give a provisional case its official number. Raises UsageError when it cannot have it, NotFoundError."""
        who = actor_named(actor)
        act = partial(Act, NUMBER_CASE, who, reason)
        self._act(who, lambda tx, at: number_case(tx, provisional, official, approved_at, act(at)))

    def take(self, actor: str | Actor, act: Callable[[Transaction, Actor, datetime], Decided]) -> None:
        """Record an act that is put together elsewhere, reviewed and sealed as every other. Raises what it raises."""
        who = actor if isinstance(actor, Actor) else actor_named(actor)
        self._act(who, lambda tx, at: act(tx, who, at))

    def decide(self, target: FindingId | tuple[CaseNo, StepNo], actor: str, reason: str, *, granted: bool) -> None:
        """Grant or refuse what another person claimed. Raises UsageError when nothing is, or by the same person."""
        who = actor_named(actor)
        if isinstance(target, tuple):
            target = self._key_of(target[0]), target[1]
        self._act(who, lambda tx, at: self._decisions.decide(tx, target, who, reason, at, approve=granted))

    def shift(self, shift: Shift, actor: str, reason: str, *, confirm: bool) -> None:
        """Confirm or refuse a shift of a clock. Raises UsageError without reason, NotFoundError without target."""
        who = actor_named(actor)
        self._act(who, lambda tx, at: decide_shift(tx, shift, who, reason, at, confirm=confirm))

    def attach(self, wanted: Attachment, actor: str, reason: str) -> None:
        """Attach a sealed file to a text record. Raises UsageError without reason or place, NotFoundError."""
        who, pack = actor_named(actor), self._decisions.pack
        self._act(who, lambda tx, at: attach(tx, pack, wanted, who, reason, at))

    def detach(self, wanted: Attachment, actor: str, reason: str) -> None:
        """Take a file off a text record. Raises UsageError without a reason, NotFoundError where it is not attached."""
        who = actor_named(actor)
        self._act(who, lambda tx, at: detach(tx, wanted, who, reason, at))

    def mark(self, wish: MarkWish, actor: str) -> int:
        """Mark a moment of a clip; return the mark's number. Raises UsageError for a moment that is none."""
        who = actor_named(actor)
        [decided] = self._act(who, lambda tx, at: set_mark(tx, self._decisions.pack, wish, who, at))
        return decided.number

    def withdraw_mark(self, marker_id: int, actor: str, reason: str) -> None:
        """Withdraw a mark. Raises UsageError without a reason or the second time, NotFoundError without a mark."""
        who = actor_named(actor)
        self._act(who, lambda tx, at: withdraw_mark(tx, marker_id, who, reason, at))

    def view(self, digest: Digest, actor: str) -> None:
        """Record that a person looked at a clip. Raises NotFoundError."""
        with self._recording() as tx:
            record_view(tx, digest, actor_named(actor), self._clock())

    def _act(self, who: Actor, act: Callable[[Transaction, datetime], Decided]) -> Sequence[Decided]:
        """Decide, review and lay the record into the vault; what could not be laid there was not decided."""
        return self._act_all(who, lambda tx, at: [act(tx, at)])

    def _act_all(self, who: Actor, act: Callable[[Transaction, datetime], Sequence[Decided]]) -> Sequence[Decided]:
        """Take several decisions in one act: all of them, or none."""
        at = self._clock()
        with self._acting() as tx:
            decided = act(tx, at)
            scope = Scope(
                clips=frozenset(chain.from_iterable(one.scope.clips for one in decided)),
                cases=frozenset(chain.from_iterable(one.scope.cases for one in decided)),
                devices=frozenset(chain.from_iterable(one.scope.devices for one in decided)),
                everything=any(one.scope.everything for one in decided),
            )
            self._reviewer.review(tx, scope, who, at)
            for one in decided:
                self._vault.put_record(FOLDER, one.name, one.body)
        return decided


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
