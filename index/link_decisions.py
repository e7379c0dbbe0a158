"""What people decide on suggestions: confirming one is a link as any, refusing one keeps the facts it rested on.

A refused suggestion comes back only when those facts have changed (`evidence.suggesting`).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from evidence.custody import Actor
from evidence.errors import NotFoundError
from evidence.ports import Scope, Transaction
from evidence.suggesting import Pair, link_facts
from index import facts, journal, schema
from index.decisions import Act, Decided, Decisions, record
from index.intakes import clip_row
from index.recordings import parts_of
from index.tx import session_of

REFUSE_LINK = "refuse_link"


def confirm_suggestion(
    tx: Transaction, decisions: Decisions, pair: Pair, actor: Actor, reason: str, at: datetime
) -> Decided:
    """Link a clip that waits to a step.

    Raises:
        UsageError: no reason was given. NotFoundError: nothing waits there (any more).
    """
    _waiting(session_of(tx), pair)
    return decisions.link(tx, pair.digest, pair.case_no, pair.step_no, actor, reason, at)


def confirm_suggestions(
    tx: Transaction, decisions: Decisions, pairs: Sequence[Pair], actor: Actor, reason: str, at: datetime
) -> list[Decided]:
    """Link clips that wait to steps, and with each the other parts of the recording it is of.

    Raises:
        UsageError: no reason was given. NotFoundError: one of the clips waits no more.
    """
    confirmed = [confirm_suggestion(tx, decisions, pair, actor, reason, at) for pair in pairs]
    return [*confirmed, *_link_others(tx, decisions, pairs, actor, reason, at)]


def link_recording(
    tx: Transaction, decisions: Decisions, pair: Pair, actor: Actor, reason: str, at: datetime
) -> list[Decided]:
    """Link a clip and all other parts of the recording it is of to a step, in one act.

    Each part has an entry and a sealed record of its own, alike in person, time and reason: whoever follows one of them
    later finds the decision with it.

    Raises:
        UsageError: no reason was given. NotFoundError: no such clip or step.
    """
    first = decisions.link(tx, pair.digest, pair.case_no, pair.step_no, actor, reason, at)
    return [first, *_link_others(tx, decisions, [pair], actor, reason, at)]


def _link_others(
    tx: Transaction, decisions: Decisions, pairs: Sequence[Pair], actor: Actor, reason: str, at: datetime
) -> list[Decided]:
    """Link the parts beside those named, but where a person has said something of a part and the step already."""
    session = session_of(tx)
    parts = dict.fromkeys(
        Pair(digest, pair.case_no, pair.step_no) for pair in pairs for digest in parts_of(session, pair.digest)
    )
    others = [pair for pair in parts if pair not in pairs and not _is_spoken_of(session, pair)]
    return [decisions.link(tx, pair.digest, pair.case_no, pair.step_no, actor, reason, at) for pair in others]


def _is_spoken_of(session: Session, pair: Pair) -> bool:
    link = session.get(schema.Link, (pair.digest, pair.case_no, pair.step_no))
    return link is not None and link.human


def refuse_suggestion(tx: Transaction, pair: Pair, actor: Actor, reason: str, at: datetime) -> Decided:
    """Say that a clip does not belong to a step it was suggested for; keep on which facts that was said.

    Raises:
        UsageError: no reason was given. NotFoundError: nothing waits there (any more).
    """
    session, act = session_of(tx), Act(REFUSE_LINK, actor, reason, at)
    row = _waiting(session, pair)
    key = (pair.digest, pair.case_no, pair.step_no)
    link = session.get(schema.Link, key) or schema.Link(digest=key[0], case_no=key[1], step_no=key[2])
    link.active, link.human, link.by, link.linked_at = False, True, actor.name, at
    link.overlap_start, link.overlap_end = row.overlap_start, row.overlap_end
    link.why, link.score, link.basis = row.why, row.score, _basis(session, pair)
    session.add(link)
    session.flush()
    scope = Scope(clips=frozenset({pair.digest}))
    about = {"digest": pair.digest, **journal.linked(link)}
    return record(session, act, f"{key[0]} {key[1]}/{key[2]}", scope, about, subject=pair.digest)


def _waiting(session: Session, pair: Pair) -> schema.SuggestionRow:
    found = session.get(schema.SuggestionRow, (pair.digest, pair.case_no, pair.step_no))
    if found is None:
        cure = "`evidock suggestions` lists what waits; a link that exists is taken off with `evidock unlink`"
        name = f"{pair.digest[:12]} {pair.case_no}/{pair.step_no}"
        raise NotFoundError("no suggestion waits there", subject=name, cure=cure)
    return found


def _basis(session: Session, pair: Pair) -> dict[str, object]:
    shot = facts.footage_of(clip_row(session, pair.digest))
    rows = facts.steps_by_key(session, [(pair.case_no, pair.step_no)])
    if shot is None or not rows:
        raise NotFoundError("no suggestion waits there", subject=pair.digest, cure="run `evidock review`")
    return link_facts(shot, facts.nouns_of(session, rows)[0]).as_plain()
