"""What `evidock verify` asks of the register: is the ledger whole, and which files does it know."""

from collections.abc import Collection, Iterator

import sqlalchemy as sa

from evidence.clips import Sighting
from evidence.ids import Digest, StationId
from index import ledger, schema
from index.engine import Register

READ_AT_ONCE = 1000


def ledger_heads(register: Register) -> ledger.Heads:
    """Return how far the register's ledger is, and how much of it is noted as sealed."""
    with register.reading() as session:
        return ledger.heads(session)


def ledger_entries(register: Register, start: int, stop: int) -> Iterator[tuple[int, bytes, str]]:
    """Iterate over number, bytes and stored leaf hash of the register's entries; pages are views of their own."""
    row, next_number = schema.LedgerRow, start
    wanted = sa.select(row.number, row.canonical, row.leaf_hash).order_by(row.number).limit(READ_AT_ONCE)
    while next_number < stop:
        with register.reading() as session:
            page = session.execute(wanted.where(row.number >= next_number, row.number < stop)).all()
        if not page:
            return
        yield from ((number, bytes(canonical), leaf) for number, canonical, leaf in page)
        next_number = page[-1][0] + 1


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


def known_of(register: Register, digests: Collection[str]) -> set[str]:
    """Return which of the digests are registered by now."""
    asked = set(digests)
    return {str(digest) for digest, _ in originals(register) if digest in asked}


def derivatives(register: Register) -> Iterator[tuple[Digest, int, Digest]]:
    """Iterate over digest, size in bytes and parent of every registered derivative, in order of parent.

    Pages are views of their own, as in `originals`.
    """
    row, last = schema.DerivativeRow, ""
    parents = sa.select(row.parent).distinct().order_by(row.parent).limit(READ_AT_ONCE)
    wanted = sa.select(row.digest, row.size_bytes, row.parent).order_by(row.parent, row.role)
    while True:
        with register.reading() as session:
            named = session.scalars(parents.where(row.parent > last)).all()
            page = session.execute(wanted.where(row.parent > last, row.parent <= named[-1])).all() if named else []
        if not named:
            return
        yield from ((Digest(digest), size, Digest(parent)) for digest, size, parent in page)
        last = named[-1]


def sightings(register: Register) -> Iterator[tuple[str, Sighting]]:
    """Iterate over every registered sighting and the key of its pickup; pages are views of their own."""
    row, last = schema.SightingRow, 0
    while True:
        wanted = sa.select(row).where(row.sighting_id > last).order_by(row.sighting_id).limit(READ_AT_ONCE)
        with register.reading() as session:
            page = [(seen.sighting_id, seen.pickup_key, _sighting(seen)) for seen in session.scalars(wanted)]
        if not page:
            return
        yield from ((key, sighting) for _, key, sighting in page)
        last = page[-1][0]


def decisions(register: Register) -> list[int]:
    """Return the ledger number of every decision of a named person."""
    with register.reading() as session:
        return list(session.scalars(sa.select(schema.DecisionRow.ledger_number)))


def imports(register: Register) -> list[tuple[Digest, str]]:
    """Return digest and noun of every record file that was imported."""
    row = schema.ImportBatch
    with register.reading() as session:
        return [(Digest(digest), noun) for digest, noun in session.execute(sa.select(row.record_digest, row.noun))]


def _sighting(row: schema.SightingRow) -> Sighting:
    return Sighting(
        digest=Digest(row.digest),
        size_bytes=row.size_bytes,
        station=StationId(row.station),
        source_path=row.source_path,
        mtime=row.mtime,
        received_at=row.received_at,
    )
