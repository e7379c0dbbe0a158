"""Rows as the database holds them, without any conversion: whatever somebody wrote there can still be compared.

A row of the ledger copies parts of its entry; where a copy says otherwise than the entry's bytes, its column is named.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from index.engine import Register

READ_AT_ONCE = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_COLUMNS = ("number", "leaf_hash", "canonical", "event", "subject", "at")


@dataclass(frozen=True)
class RawEntry:
    """A row of the ledger. ``wrong``: the columns that do not agree with its bytes."""

    number: int
    canonical: bytes
    wrong: tuple[str, ...]


def raw_entries(register: Register, start: int = 0, stop: int | None = None) -> Iterator[RawEntry]:
    """Iterate over rows from a number on, in order; each page is a view of its own, so that none is held for long."""
    table = sa.table("ledger_entry", *(sa.column(name) for name in _COLUMNS))
    chosen = sa.select(*table.c).order_by(table.c.number).limit(READ_AT_ONCE)
    chosen = chosen if stop is None else chosen.where(table.c.number < stop)
    while True:
        with register.reading() as session:
            page = session.execute(chosen.where(table.c.number >= start)).all()
        yield from (_raw(*row) for row in page)
        if len(page) < READ_AT_ONCE:
            return
        start = page[-1][0] + 1


def _raw(number: int, leaf: object, canonical: object, event: object, subject: object, at: object) -> RawEntry:
    body = canonical.encode() if isinstance(canonical, str) else bytes(canonical or b"")  # type: ignore[call-overload]
    told = {"leaf_hash": leaf, "event": event, "subject": subject, "at": at}
    said = _said(body)
    return RawEntry(number, body, tuple(name for name, value in told.items() if said.get(name) != value))


def _said(canonical: bytes) -> dict[str, object]:
    """Return what the copies must be."""
    found: dict[str, object] = {"leaf_hash": hashlib.sha256(b"\x00" + canonical).hexdigest()}
    try:
        body = json.loads(canonical)
        at = datetime.fromisoformat(body["at"]).astimezone(UTC)
        return {**found, "event": body["event"], "subject": body["subject"], "at": (at - _EPOCH) // _MICROSECOND}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return found


@dataclass(frozen=True)
class RawLock:
    """What a row says that the vault last said of an original's lock.

    Attributes:
        until_us: microseconds since 1970, None for no time; whatever else stands there comes as it is.
        settled: it is neither to be asked again nor gone.
    """

    digest: str
    until_us: object
    held: bool
    settled: bool


def raw_locks(register: Register, start: str, limit: int = READ_AT_ONCE) -> list[RawLock]:
    """Return up to ``limit`` rows from a digest on, in order of digest."""
    table = sa.table("vault_lock", *(sa.column(name) for name in ("digest", "until", "held", "gone", "troubled")))
    chosen = sa.select(*table.c).where(table.c.digest >= start).order_by(table.c.digest).limit(limit)
    with register.reading() as session:
        rows = session.execute(chosen).all()
    return [RawLock(digest, until, bool(held), not (gone or troubled)) for digest, until, held, gone, troubled in rows]
