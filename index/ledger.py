"""The ledger in the register: entries appended in the transaction of what they tell of, numbered without a gap.

The head row is read under a lock that lasts until the transaction ends (SQLite's one write lock; a row lock on
PostgreSQL), so two writers can never give the same number, and a rolled-back one leaves none out.
"""

from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.custody import GENESIS, Entry, LedgerEntry, check_chain, place
from evidence.errors import IntegrityError
from evidence.ids import Digest
from evidence.notes import Note
from index.schema import LedgerRow, Mark

HEAD = "ledger_head"
READ_AT_ONCE = 1000


def told(said: Note) -> dict[str, object]:
    """Return a note as entries carry it: numbers with a fraction become text, so that the bytes are exact."""
    plain = said.as_plain()
    params = plain["params"]
    assert isinstance(params, dict)  # noqa: S101 - `as_plain` says so; told to the type checker
    return {**plain, "params": {name: str(v) if isinstance(v, float) else v for name, v in params.items()}}


def append(session: Session, entry: Entry) -> int:
    """Append an entry and return its number."""
    return append_all(session, (entry,))[0]


def append_all(session: Session, entries: Sequence[Entry]) -> range:
    """Append entries in order and return their numbers."""
    if not entries:
        return range(0)
    number, previous = _locked_head(session)
    placed = []
    for offset, entry in enumerate(entries):
        placed.append(place(number + offset, previous, entry))
        previous = placed[-1].digest
    session.execute(sa.insert(LedgerRow), [_row(one, entry) for one, entry in zip(placed, entries, strict=True)])
    after = number + len(placed)
    session.execute(sa.update(Mark).where(Mark.name == HEAD).values(number=after, token=previous))
    return range(number, after)


def entries(session: Session, *, start: int = 0) -> Iterator[LedgerEntry]:
    """Iterate over the entries from a number on, in order, a page at a time."""
    while page := read(session, start=start, limit=READ_AT_ONCE):
        yield from page
        start = page[-1].number + 1


def read(
    session: Session, *, subject: str = "", start: int = 0, limit: int = READ_AT_ONCE, newest: bool = False
) -> list[LedgerEntry]:
    """Return up to ``limit`` entries from a number on, in order: the first or the ``newest``, of a subject if given."""
    wanted = sa.select(LedgerRow.number, LedgerRow.previous, LedgerRow.digest, LedgerRow.canonical).where(
        LedgerRow.number >= start
    )
    if subject:
        wanted = wanted.where(LedgerRow.subject == subject)
    order = LedgerRow.number.desc() if newest else LedgerRow.number.asc()
    rows = session.execute(wanted.order_by(order).limit(limit)).all()
    in_order = reversed(rows) if newest else rows
    return [LedgerEntry(number, Digest(previous), Digest(digest), raw) for number, previous, digest, raw in in_order]


def check(session: Session) -> int:
    """Re-derive the whole chain, hold it against the head, and return how many entries there are.

    Raises:
        IntegrityError: an entry was altered, is missing, or was cut off the end.
    """
    last = Digest(GENESIS)

    def followed(chain: Iterable[LedgerEntry]) -> Iterator[LedgerEntry]:
        nonlocal last
        for entry in chain:
            last = entry.digest
            yield entry

    try:
        count = check_chain(followed(entries(session)))
    except (LookupError, TypeError, ValueError) as error:
        cure = "restore the register from backup and compare; the entries before this one still hold"
        raise IntegrityError("an entry cannot be read", subject="ledger", cure=cure) from error
    if (count, last) != head(session):
        cure = "restore the register from backup, or rebuild it from the vault"
        raise IntegrityError("its last entries are missing", subject="ledger", cure=cure)
    return count


def head(session: Session) -> tuple[int, Digest]:
    """Return how many entries there are and the digest of the last."""
    found = session.execute(sa.select(Mark.number, Mark.token).where(Mark.name == HEAD)).one_or_none()
    return (found[0], Digest(found[1])) if found else (0, GENESIS)


def _locked_head(session: Session) -> tuple[int, Digest]:
    found = session.execute(sa.select(Mark.number, Mark.token).where(Mark.name == HEAD).with_for_update()).one()
    return found[0], Digest(found[1])


def _row(placed: LedgerEntry, entry: Entry) -> dict[str, object]:
    return {
        "number": placed.number,
        "previous": placed.previous,
        "digest": placed.digest,
        "canonical": placed.canonical,
        "event": entry.event,
        "subject": entry.subject,
        "at": entry.at,
    }
