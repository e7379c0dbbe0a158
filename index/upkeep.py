"""What looking after a home asks of the register: arrivals in order, originals by digest, and how far each task is.

How far a task is stands in table ``mark`` and follows from the ledger: `UpkeepRegister.recall` makes the marks again.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.custody import Entry, EventType, LedgerEntry
from evidence.ids import Digest
from evidence.ports import Transaction
from evidence.zones import from_iso
from index import dialects, ledger
from index.engine import Register
from index.journal import Told, told_by
from index.schema import LedgerRow, Mark, Original
from index.tx import session_of

RECEIPTS, SECOND_COPY, FIXITY = "receipts", "second_copy", "fixity"
_DAMAGED, _WITHHELD = "damaged ", "withheld "
_PREFIX = 23
"""Digits of a digest in the name of its mark: a name holds 32 characters, and 92 bits do not meet by chance."""

ARRIVALS = (EventType.RECEIVED, EventType.SEEN_AGAIN)
COMINGS_AND_GOINGS = (*ARRIVALS, EventType.DISPOSED)


@dataclass(frozen=True)
class Arrival:
    """An entry that takes one place or several. ``entry``: the first of them; ``told``: all of it; ``after``: the next.

    Attributes:
        after: number of the entry that follows.
    """

    entry: LedgerEntry
    told: Told
    after: int


class UpkeepRegister:
    """The queries and marks of receipts, clean-up, fixity checks and the second copy."""

    def __init__(self, register: Register) -> None:
        """Read and write through this register."""
        self.register = register

    # --- marks --------------------------------------------------------------------------------------------------------

    def mark(self, name: str) -> tuple[int, str]:
        """Return number and token of a mark; 0 and nothing for one that was never set."""
        with self.register.reading() as session:
            found = session.execute(sa.select(Mark.number, Mark.token).where(Mark.name == name)).first()
        return (found.number, found.token) if found else (0, "")

    def set_mark(self, name: str, number: int, token: str = "", *, tx: Transaction | None = None) -> None:
        """Set a mark, in the caller's transaction or one of its own."""
        values = [{"name": name, "number": number, "token": token}]
        if tx is not None:
            dialects.upsert(session_of(tx), Mark, values)
            return
        with self.register.transaction() as session:
            dialects.upsert(session, Mark, values)

    # --- arrivals -----------------------------------------------------------------------------------------------------

    def arrivals(
        self, start: int, stop: int, *, limit: int, events: Collection[EventType] = ARRIVALS
    ) -> Sequence[Arrival]:
        """Return up to ``limit`` entries of these events from ``start`` to before ``stop``, long ones whole."""
        with self.register.reading() as session:
            rows = _entries(session, LedgerRow.event.in_(events), start, stop, limit)
            rows += _rest_of(session, rows)
        firsts = {entry.number: entry for entry in rows}
        told = list(told_by(rows))
        ends = [one.number for one in told[1:]] + [rows[-1].number + 1] if rows else []
        return [Arrival(firsts[one.number], one, after) for one, after in zip(told, ends, strict=True)]

    def told_of(self, subject: str, events: Collection[EventType]) -> list[Told]:
        """Return what the ledger tells of a subject, in order."""
        with self.register.reading() as session:
            wanted = sa.and_(LedgerRow.subject == subject, LedgerRow.event.in_(events))
            return list(told_by(_entries(session, wanted, 0, None, None)))

    def is_disposed(self, digest: Digest) -> bool:
        """Whether an original was disposed of and has not come again since."""
        told = self.told_of(digest, COMINGS_AND_GOINGS)
        return bool(told) and told[-1].event == EventType.DISPOSED

    # --- originals ----------------------------------------------------------------------------------------------------

    def originals_after(self, after: str, until: str, limit: int) -> Sequence[tuple[Digest, int]]:
        """Return digest and size of originals with ``after`` < digest ≤ ``until``, in order."""
        wanted = sa.select(Original.digest, Original.size_bytes)
        wanted = wanted.where(Original.digest > after, Original.digest <= until).order_by(Original.digest).limit(limit)
        with self.register.reading() as session:
            return [(Digest(digest), size) for digest, size in session.execute(wanted)]

    # --- damage -------------------------------------------------------------------------------------------------------

    def damaged(self) -> Sequence[Digest]:
        """Return the originals that were found damaged or missing, and not mended since, in order of digest."""
        wanted = sa.select(Mark.token).where(Mark.name.startswith(_DAMAGED)).order_by(Mark.name)
        with self.register.reading() as session:
            return [Digest(token) for token in session.scalars(wanted)]

    def note_damaged(self, tx: Transaction, digest: Digest, number: int) -> None:
        """Note that an entry found an original damaged or missing."""
        self.set_mark(_damage_of(digest), number, digest, tx=tx)

    def note_whole(self, tx: Transaction, digest: Digest) -> None:
        """Take such a note away."""
        session_of(tx).execute(sa.delete(Mark).where(Mark.name == _damage_of(digest)))

    # --- what was kept back from the second copy ----------------------------------------------------------------------

    def withheld(self) -> Sequence[Digest]:
        """Return the originals that were kept back from the second copy, in order of digest."""
        wanted = sa.select(Mark.token).where(Mark.name.startswith(_WITHHELD)).order_by(Mark.name)
        with self.register.reading() as session:
            return [Digest(token) for token in session.scalars(wanted)]

    def note_withheld(self, digest: Digest, number: int) -> None:
        """Note that the original which an entry tells of was kept back."""
        self.set_mark(_withheld_mark(digest), number, digest)

    def note_copied(self, digest: Digest) -> None:
        """Take such a note away."""
        with self.register.transaction() as session:
            session.execute(sa.delete(Mark).where(Mark.name == _withheld_mark(digest)))

    # --- writing ------------------------------------------------------------------------------------------------------

    def append(self, entry: Entry) -> int:
        """Append an entry in a transaction of its own; return its number."""
        with self.register.transaction() as session:
            return ledger.append(session, entry)

    def record_checked(self, entry: Entry) -> int:
        """Append the entry of a fixity check and follow it, in one transaction; return its number."""
        with self.register.transaction() as session:
            number = ledger.append(session, entry)
            self.note_checked(session, number, entry.detail)
        return number

    def record_healed(self, entry: Entry) -> int:
        """Append the entry of a healing and take the note of the damage away, in one transaction."""
        with self.register.transaction() as session:
            number = ledger.append(session, entry)
            if entry.detail.get("copy") == "vault":
                self.note_whole(session, Digest(entry.subject))
        return number

    def recall(self) -> None:
        """Make the marks of fixity checks again from the ledger; receipts and the second copy find their place again.

        For a register that was made again from the vault: existing receipts and copies are seen and left as they are.
        """
        with self.register.transaction() as session:
            names = (RECEIPTS, SECOND_COPY, FIXITY)
            session.execute(
                sa.delete(Mark).where(sa.or_(Mark.name.in_(names), *map(Mark.name.startswith, (_DAMAGED, _WITHHELD))))
            )
            wanted = LedgerRow.event.in_((EventType.CHECKED, EventType.HEALED, EventType.DISPOSED))
            for told in told_by(_entries(session, wanted, 0, None, None)):
                self._recall(session, told)

    def _recall(self, session: Session, told: Told) -> None:
        if told.event == EventType.CHECKED and "cycle" in told.detail:
            self.note_checked(session, told.number, told.detail)
        elif told.event == EventType.DISPOSED or told.detail.get("copy") == "vault":
            self.note_whole(session, Digest(told.subject))

    def note_checked(self, tx: Transaction, number: int, detail: Mapping[str, object]) -> None:
        """Follow an entry of a fixity check: how far it came, what it found damaged, what was found whole again."""
        started, first, last = (str(detail[key]) for key in ("cycle", "first", "last"))
        self.set_mark(FIXITY, round(from_iso(started).timestamp()), last, tx=tx)
        span = (Mark.name.startswith(_DAMAGED), Mark.token >= first, Mark.token <= last)
        session_of(tx).execute(sa.delete(Mark).where(*span))
        for digest in _texts(detail["damaged"]):
            self.note_damaged(tx, Digest(digest), number)


def _damage_of(digest: Digest) -> str:
    return _DAMAGED + digest[:_PREFIX]


def _withheld_mark(digest: Digest) -> str:
    return _WITHHELD + digest[:_PREFIX]


def _texts(stored: object) -> Iterator[str]:
    yield from (str(one) for one in stored) if isinstance(stored, list | tuple) else ()


def _entries(
    session: Session, wanted: sa.ColumnElement[bool], start: int, stop: int | None, limit: int | None
) -> list[LedgerEntry]:
    chosen = sa.select(LedgerRow.number, LedgerRow.canonical, LedgerRow.leaf_hash).where(wanted)
    chosen = chosen.where(LedgerRow.number >= start)
    if stop is not None:
        chosen = chosen.where(LedgerRow.number < stop)
    rows = session.execute(chosen.order_by(LedgerRow.number).limit(limit))
    return [LedgerEntry(number, canonical, bytes.fromhex(leaf)) for number, canonical, leaf in rows]


def _rest_of(session: Session, rows: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """Return the parts of a long entry that a page has cut off."""
    if not rows:
        return []
    detail = rows[-1].body.get("detail")
    if not isinstance(detail, dict) or "parts" not in detail:
        return []
    next_, missing = rows[-1].number + 1, int(detail["parts"]) - int(detail["part"]) - 1
    return _entries(session, sa.true(), next_, next_ + missing, None) if missing else []
