"""What the keeper has to look at: originals the ledger has told of, what hangs on cases, and all of them in turn."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.custody import EventType
from evidence.errors import NotFoundError
from evidence.ids import CaseNo, Digest
from evidence.retention import Retention
from index import ledger, schema
from index.batches import batched
from index.holds import Holding, belonging, covered_by, hold_of, holding
from index.numbering import NUMBER_CASE
from index.retention import promises
from index.vault_locks import VaultSaid, said_of

FOLLOWED = "retention_followed"
"""Mark: number of the first ledger entry the keeper has not followed yet."""

TELLING = frozenset({EventType.DERIVED, EventType.FAILED, EventType.LINKED, EventType.DECIDED})
"""Events after which the promise of their subject may be another."""


@dataclass(frozen=True)
class Touched:
    """What ledger entries tell of: originals, and whether agency records came. ``following``: the entry after them."""

    digests: tuple[Digest, ...]
    records: bool
    following: int


def touched(session: Session, limit: int) -> Touched:
    """Return what the next entries that were not followed yet tell of."""
    start = session.scalar(sa.select(schema.Mark.number).where(schema.Mark.name == FOLLOWED)) or 0
    row = schema.LedgerRow
    wanted = sa.select(row.number, row.event, row.subject).where(row.number >= start).order_by(row.number).limit(limit)
    page = session.execute(wanted).all()
    named = {subject for _, event, subject in page if event in TELLING and subject}
    for number, event, subject in page:
        if event is EventType.DECIDED and not subject:
            named.update(_laid_on(session, number), _claimed_with(session, number))
    known = {
        digest
        for some in batched(sorted(named))
        for digest in session.scalars(sa.select(schema.Original.digest).where(schema.Original.digest.in_(some)))
    }
    records = any(event is EventType.IMPORTED for _, event, _ in page)
    return Touched(tuple(Digest(one) for one in sorted(known)), records, page[-1][0] + 1 if page else start)


def note_followed(session: Session, following: int) -> None:
    """Note how far the ledger was followed; never less than before. A register of before gets its mark here."""
    mark = schema.Mark
    if session.get(mark, FOLLOWED) is None:
        session.add(mark(name=FOLLOWED, number=0, token=""))
        session.flush()
    session.execute(sa.update(mark).where(mark.name == FOLLOWED, mark.number < following).values(number=following))


def linked_after(session: Session, digest: str, limit: int) -> list[Digest]:
    """Return the next originals that hang on a case, in order of digest."""
    link = schema.Link
    wanted = sa.select(link.digest).where(link.digest > digest).distinct().order_by(link.digest).limit(limit)
    return [Digest(one) for one in session.scalars(wanted)]


def originals_after(session: Session, digest: str, limit: int) -> list[Digest]:
    """Return the next originals, disposed ones too, in order of digest."""
    row = schema.Original
    wanted = sa.select(row.digest).where(row.digest > digest).order_by(row.digest).limit(limit)
    return [Digest(one) for one in session.scalars(wanted)]


def linked_to(session: Session, cases: frozenset[CaseNo]) -> list[Digest]:
    """Return the originals that hang, or once hung, on cases, in order of digest."""
    link = schema.Link
    found: set[str] = set()
    for some in batched(sorted(cases)):
        found.update(session.scalars(sa.select(link.digest).where(link.case_no.in_(some)).distinct()))
    return [Digest(one) for one in sorted(found)]


@dataclass(frozen=True)
class Dead:
    """An original that was disposed of and has not come again since. ``derivatives``: those no living one shares."""

    derivatives: tuple[Digest, ...]


def dead_of(session: Session, digests: list[Digest]) -> Mapping[Digest, Dead]:
    """Return those of the originals that are disposed of: receiving one again takes its tombstone's time away."""
    row = schema.Original
    found: dict[Digest, Dead] = {}
    for some in batched(digests):
        dead = sa.select(row.digest).where(row.digest.in_(some), row.disposed_at.is_not(None))
        found.update({Digest(one): Dead(_own_derivatives(session, one)) for one in session.scalars(dead)})
    return found


@dataclass(frozen=True)
class Standing:
    """What the register says of some originals, for the vault to be brought to."""

    digests: tuple[Digest, ...]
    promised: Mapping[Digest, Retention]
    laid: Mapping[Digest, Holding]
    said: Mapping[Digest, VaultSaid]
    dead: Mapping[Digest, Dead]


def standing(session: Session, digests: list[Digest]) -> Standing:
    """Return what the register says of originals."""
    promised = promises(session, digests)
    laid = holding(session, digests, promised)
    return Standing(tuple(digests), promised, laid, said_of(session, digests), dead_of(session, digests))


def _own_derivatives(session: Session, parent: str) -> tuple[Digest, ...]:
    """Return the derivatives of a disposed original that no living one shares: equal bytes lie there once."""
    made, alive = schema.DerivativeRow, sa.orm.aliased(schema.DerivativeRow)
    shared = (
        sa.exists()
        .where(alive.digest == made.digest, alive.parent != made.parent)
        .where(sa.exists().where(schema.Original.digest == alive.parent, schema.Original.disposed_at.is_(None)))
    )
    wanted = sa.select(made.digest).where(made.parent == parent, ~shared).distinct().order_by(made.digest)
    return tuple(Digest(one) for one in session.scalars(wanted))


def _claimed_with(session: Session, number: int) -> list[Digest]:
    """Return the originals that a claim rests on, by the entry of the claim."""
    row = schema.ClaimFile
    return [Digest(one) for one in session.scalars(sa.select(row.digest).where(row.ledger_number == number))]


def _laid_on(session: Session, number: int) -> list[Digest]:
    """Return the originals under a hold that a decision laid or lifted, and those of a case that it numbered."""
    (entry,) = ledger.read(session, start=number, limit=1)
    detail = entry.body.get("detail")
    if not isinstance(detail, Mapping):
        return []
    if detail.get("decision") == NUMBER_CASE:
        return belonging(session, str(detail["case_no"]))
    said = detail.get("hold")
    if not isinstance(said, Mapping):
        return []
    try:
        return covered_by(session, hold_of(session, str(said["hold_id"])))
    except NotFoundError:
        return []
