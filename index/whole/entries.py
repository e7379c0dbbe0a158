"""Ledger entries made before their numbers are known: canonical JSON in two pieces, with the number between them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from json.encoder import encode_basestring
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.custody import Entry, canonical_bytes, canonical_json, in_parts
from evidence.merkle import leaf_hash
from index import ledger
from index.columns import to_us
from index.schema import Base, LedgerRow, Mark
from index.stored import Stored, Storing

NUMBER = b',"number":'
REST = b',"reason":'
SHORT_BYTES = 30_000
"""A detail of up to so many bytes is no entry of several parts."""

_STORING = Storing(LedgerRow, ("number", "leaf_hash", "canonical", "event", "subject", "at"))
_MARK = Base.metadata.tables[Mark.__tablename__]


def _quoted(text: str) -> bytes:
    return encode_basestring(text).encode()


class Unnumbered(NamedTuple):
    """An entry but for its number: the bytes before and after it, and what its row says beside them."""

    before: bytes
    after: bytes
    event: str
    subject: str
    at_us: int


class Entries:
    """Makes unnumbered entries of one review; what they have in common is written once."""

    def __init__(self, like: Entry) -> None:
        """Take an entry by the same actor at the same moment."""
        head, _, tail = canonical_bytes(0, like).partition(b'"detail":')
        assert tail  # noqa: S101 - the format of an entry
        self._head = head + b'"detail":'
        self._tail = b'"v":' + tail.rpartition(b'"v":')[2]
        self._actor, self._at = like.actor, like.at
        self._at_us = to_us(like.at)

    def of(
        self,
        event: Any,  # noqa: ANN401 - an EventType
        subject: str,
        detail: dict[str, Any],
        reason: str = "",
        why: str | None = None,
    ) -> Iterator[Unnumbered]:
        """Yield an entry, or the parts of a long one. ``why``: the detail of that name, the last one, where written."""
        text = canonical_json(detail)
        if why is not None:
            text = b'%b,"why":%b}' % (text[:-1], why.encode())
        yield from self.written(event, subject, text, reason)

    def written(self, event: Any, subject: str, text: bytes, reason: str = "") -> Iterator[Unnumbered]:  # noqa: ANN401 - as above
        """Yield an entry whose detail is canonical JSON already, or the parts of a long one."""
        if len(text) + len(reason.encode()) > SHORT_BYTES:
            whole = Entry(event, self._actor, self._at, subject, reason, json.loads(text))
            for part in in_parts(whole):
                yield self._made(event, subject, canonical_json(dict(part.detail)), reason)
            return
        yield self._made(event, subject, text, reason)

    def _made(self, event: Any, subject: str, detail: bytes, reason: str) -> Unnumbered:  # noqa: ANN401 - as above
        before = b"".join((self._head, detail, b',"event":', _quoted(event.value), NUMBER))
        after = b"".join((REST, _quoted(reason), b',"subject":', _quoted(subject), b",", self._tail))
        return Unnumbered(before, after, event.value, subject, self._at_us)


def append(session: Session, entries: Sequence[Unnumbered]) -> None:
    """Append entries in order, as `index.ledger.append_all` does."""
    if not entries:
        return
    number = ledger.locked_size(session)
    placed = list(_placed(number, entries))
    _STORING.write(session, placed)
    head = {"number": number + len(placed), "token": placed[-1][1]}
    session.connection().execute(sa.update(_MARK).where(_MARK.c.name == ledger.HEAD).values(**head))


def _placed(number: int, entries: Iterable[Unnumbered]) -> Iterator[Stored]:
    for place, one in enumerate(entries, number):
        body = b"".join((one.before, str(place).encode(), one.after))
        yield (place, leaf_hash(body).hex(), body, one.event, one.subject, one.at_us)
