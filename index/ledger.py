"""The ledger in the register: entries appended in the transaction of what they tell of, numbered without a gap.

The head row is read under a lock that lasts until the transaction ends (SQLite's one write lock; a row lock on
PostgreSQL), so two writers can never give the same number, and a rolled-back one leaves none out. Sealing entries into
the vault comes after the commit: `unsealed` says from where, `note_sealed` how far.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.custody import Entry, LedgerEntry, in_parts, place
from evidence.merkle import CompactRange, leaf_hash
from evidence.notes import Note
from index.schema import Base, LedgerRow, Mark

HEAD = "ledger_head"
SEALED = "ledger_sealed"
READ_AT_ONCE = 1000

_MARK = Base.metadata.tables[Mark.__tablename__]
_INSERT = sa.insert(Base.metadata.tables[LedgerRow.__tablename__])
_LOCK_HEAD = sa.select(_MARK.c.number).where(_MARK.c.name == HEAD).with_for_update()
_MOVE_HEAD = (
    sa.update(_MARK)
    .where(_MARK.c.name == HEAD)
    .values(number=sa.bindparam("to_number"), token=sa.bindparam("to_token"))
)
"""Statements of every append, made once: making them anew takes longer than running them, and others wait meanwhile."""


@dataclass(frozen=True)
class Heads:
    """How far the ledger is.

    Attributes:
        size: entries in the register. sealed: of them in the vault under a signed checkpoint.
        sealed_root: root of that checkpoint, 64 hex digits; empty when nothing is sealed.
    """

    size: int
    sealed: int
    sealed_root: str


def told(said: Note) -> dict[str, object]:
    """Return a note as entries carry it."""
    return said.as_plain()


def append(session: Session, entry: Entry) -> int:
    """Append an entry and return its number; of one that takes several places, the first."""
    return append_all(session, (entry,))[0]


def append_all(session: Session, entries: Sequence[Entry]) -> range:
    """Append entries in order and return their numbers."""
    if not entries:
        return range(0)
    number = locked_size(session)
    whole = [part for entry in entries for part in in_parts(entry)]
    placed = [place(number + offset, entry) for offset, entry in enumerate(whole)]
    connection, after = session.connection(), number + len(placed)
    connection.execute(_INSERT, [_row(one, entry) for one, entry in zip(placed, whole, strict=True)])
    connection.execute(_MOVE_HEAD, {"to_number": after, "to_token": placed[-1].leaf.hex()})
    return range(number, after)


def locked_size(session: Session) -> int:
    """Return the number the next entry will have; nobody else gets it before this transaction ends."""
    return int(session.connection().execute(_LOCK_HEAD).scalar_one())


def entries(session: Session, *, start: int = 0, stop: int | None = None) -> Iterator[LedgerEntry]:
    """Iterate over the entries from a number on, in order, a page at a time; up to ``stop``, without it."""
    while page := read(session, start=start, limit=READ_AT_ONCE):
        yield from (entry for entry in page if stop is None or entry.number < stop)
        start = page[-1].number + 1
        if stop is not None and start >= stop:
            return


def read(
    session: Session, *, subject: str = "", start: int = 0, limit: int = READ_AT_ONCE, newest: bool = False
) -> list[LedgerEntry]:
    """Return up to ``limit`` entries from a number on, in order: the first or the ``newest``, of a subject if given."""
    wanted = sa.select(LedgerRow.number, LedgerRow.canonical, LedgerRow.leaf_hash).where(LedgerRow.number >= start)
    if subject:
        wanted = wanted.where(LedgerRow.subject == subject)
    order = LedgerRow.number.desc() if newest else LedgerRow.number.asc()
    rows = session.execute(wanted.order_by(order).limit(limit)).all()
    in_order = reversed(rows) if newest else rows
    return [LedgerEntry(number, canonical, bytes.fromhex(leaf)) for number, canonical, leaf in in_order]


def heads(session: Session) -> Heads:
    """Return how far the ledger is."""
    wanted = sa.select(Mark.name, Mark.number, Mark.token).where(Mark.name.in_((HEAD, SEALED)))
    found = {name: (number, token) for name, number, token in session.execute(wanted)}
    sealed, root = found.get(SEALED, (0, ""))
    return Heads(found.get(HEAD, (0, ""))[0], sealed, root)


def note_sealed(session: Session, size: int, root: bytes) -> None:
    """Note that the first ``size`` entries are in the vault; never fewer than noted before."""
    session.execute(
        sa.update(Mark).where(Mark.name == SEALED, Mark.number <= size).values(number=size, token=root.hex())
    )


def tree_of(session: Session, size: int | None = None) -> CompactRange:
    """Return the tree over the first entries as the register has them, from their bytes."""
    tree = CompactRange()
    for entry in entries(session, stop=size):
        tree.append(leaf_hash(entry.canonical))
    return tree


def _row(placed: LedgerEntry, entry: Entry) -> dict[str, object]:
    return {
        "number": placed.number,
        "leaf_hash": placed.leaf.hex(),
        "canonical": placed.canonical,
        "event": entry.event,
        "subject": entry.subject,
        "at": entry.at,
    }
