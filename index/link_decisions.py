"""What people decide on suggestions: confirming one is a link as any, refusing one keeps the facts it rested on.

A refused suggestion comes back only when those facts have changed (`evidence.suggesting`).
"""

from datetime import datetime

from sqlalchemy.orm import Session

from evidence.custody import Actor
from evidence.errors import NotFoundError
from evidence.ports import Scope, Transaction
from evidence.suggesting import Pair, link_facts
from index import facts, journal, schema
from index.decisions import Act, Decided, Decisions, record
from index.intakes import clip_row
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
