"""What is asked of the register as a whole: how far its ledger is, which originals and decisions it knows."""

from collections.abc import Iterator

import sqlalchemy as sa

from evidence.ids import Digest
from index import ledger, schema
from index.engine import Register

READ_AT_ONCE = 1000


def ledger_heads(register: Register) -> ledger.Heads:
    """Return how far the register's ledger is, and how much of it is noted as sealed."""
    with register.reading() as session:
        return ledger.heads(session)


def originals(register: Register) -> Iterator[tuple[Digest, int]]:
    """Iterate over digest and size in bytes of every registered original that was not disposed of, in order of digest.

    Each page is a view of its own, so that a check of many hours holds no old state of the database open.
    """
    row, last = schema.Original, ""
    while True:
        wanted = sa.select(row.digest, row.size_bytes).where(row.digest > last, row.disposed_at.is_(None))
        wanted = wanted.order_by(row.digest).limit(READ_AT_ONCE)
        with register.reading() as session:
            page = session.execute(wanted).all()
        if not page:
            return
        yield from ((Digest(digest), size) for digest, size in page)
        last = page[-1][0]


def clips(register: Register) -> Iterator[Digest]:
    """Iterate over the digests of all clips in order, disposed of or not, in pages as `originals`."""
    row, last = schema.Clip, ""
    while True:
        wanted = sa.select(row.digest).where(row.digest > last).order_by(row.digest).limit(READ_AT_ONCE)
        with register.reading() as session:
            page = session.scalars(wanted).all()
        if not page:
            return
        yield from map(Digest, page)
        last = page[-1]


def decisions(register: Register) -> list[int]:
    """Return the ledger number of every decision of a named person."""
    with register.reading() as session:
        return list(session.scalars(sa.select(schema.DecisionRow.ledger_number)))
