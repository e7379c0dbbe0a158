"""What the vault last said of each original: its lock, whether it is gone, and what it could not be brought to yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.ids import Digest
from evidence.ports import Lock
from index import dialects, schema
from index.batches import batched


@dataclass(frozen=True)
class VaultSaid:
    """What the vault last said.

    Attributes:
        gone: bytes and derivatives are removed. troubled: it has to be asked again; trouble: what it said instead.
    """

    lock: Lock
    gone: bool = False
    troubled: bool = False
    trouble: str = ""


UNASKED = VaultSaid(Lock(None, held=False), troubled=True)


def said_of(session: Session, digests: Sequence[str]) -> dict[Digest, VaultSaid]:
    """Return what the vault last said of originals; those it was never asked about are left out."""
    row = schema.VaultLockRow
    return {
        Digest(one.digest): VaultSaid(Lock(one.until, one.held), one.gone, one.troubled, one.trouble)
        for some in batched(digests)
        for one in session.scalars(sa.select(row).where(row.digest.in_(some)))
    }


def note(session: Session, said: Iterable[tuple[Digest, VaultSaid]], at: datetime) -> None:
    """Keep what the vault said."""
    values = [
        {
            "digest": digest,
            "until": one.lock.until,
            "held": one.lock.held,
            "gone": one.gone,
            "troubled": one.troubled,
            "trouble": one.trouble,
            "read_at": at,
        }
        for digest, one in said
    ]
    dialects.upsert(session, schema.VaultLockRow, values)
    session.expire_all()


def troubled(session: Session, *, after: str = "", limit: int = 500) -> list[Digest]:
    """Return originals whose lock or removal has to be tried again, in order of digest."""
    row = schema.VaultLockRow
    wanted = sa.select(row.digest).where(row.troubled, row.digest > after).order_by(row.digest).limit(limit)
    return [Digest(digest) for digest in session.scalars(wanted)]
