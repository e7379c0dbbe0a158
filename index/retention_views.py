"""Lists of what is kept until when and why: a batch of statements for a page of originals, figures by class."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.ids import CaseNo, Digest, StationId
from evidence.retention_views import ClassView, KeptView
from index import schema
from index.batches import batched
from index.holds import NOT_HELD, holding
from index.retention import promises
from index.vault_locks import said_of


def kept_views(session: Session, digests: Sequence[Digest]) -> list[KeptView]:
    """Return originals with their retention, in the order given; unknown ones are left out."""
    found = {view.digest: view for some in batched(digests) for view in _views(session, some)}
    return [found[digest] for digest in digests if digest in found]


def _views(session: Session, digests: Sequence[Digest]) -> list[KeptView]:
    promised = promises(session, digests)
    laid, said = holding(session, digests, promised), said_of(session, digests)
    clip, original = schema.Clip, schema.Original
    wanted = sa.select(clip, original.disposed_at).join(original, original.digest == clip.digest)
    views: list[KeptView] = []
    for row, disposed_at in session.execute(wanted.where(clip.digest.in_(digests))):
        digest = Digest(row.digest)
        vault = said.get(digest)
        views.append(
            KeptView(
                digest=digest,
                size_bytes=row.size_bytes,
                received_at=row.last_received_at,
                station=StationId(row.station),
                source_path=row.source_path,
                promise=promised.get(digest),
                holds=laid.get(digest, NOT_HELD).on,
                lock=vault.lock if vault else None,
                trouble=vault.trouble if vault else "",
                disposed_at=disposed_at,
            )
        )
    return views


def due_before(session: Session, end: datetime, limit: int) -> list[Digest]:
    """Return originals that are still there and whose promise ends by a time, the earliest first."""
    kept, original = schema.RetentionRow, schema.Original
    wanted = sa.select(kept.digest).join(original, original.digest == kept.digest)
    wanted = wanted.where(kept.until <= end, original.disposed_at.is_(None))
    return [Digest(one) for one in session.scalars(wanted.order_by(kept.until, kept.digest).limit(limit))]


def following(session: Session, case_no: CaseNo, limit: int) -> list[Digest]:
    """Return the originals that follow a case: those linked to it, and those that once were and were promised to."""
    link, kept = schema.Link, schema.RetentionRow
    wanted = sa.select(link.digest, link.active, kept.cases).outerjoin(kept, kept.digest == link.digest)
    found = {
        Digest(digest)
        for digest, active, cases in session.execute(wanted.where(link.case_no == case_no))
        if active or case_no in (cases or {})
    }
    return sorted(found)[:limit]


def class_views(session: Session) -> list[ClassView]:
    """Return how many originals each class keeps, those that are still there."""
    kept, original = schema.RetentionRow, schema.Original
    size = sa.func.coalesce(sa.func.sum(original.size_bytes), 0)
    wanted = (
        sa.select(kept.schedule_class, kept.endless, sa.func.count(), size, sa.func.min(kept.until))
        .join(original, original.digest == kept.digest)
        .where(original.disposed_at.is_(None))
        .group_by(kept.schedule_class, kept.endless)
        .order_by(kept.schedule_class, kept.endless)
    )
    return [
        ClassView(code, endless, clips, int(size), end) for code, endless, clips, size, end in session.execute(wanted)
    ]


def unpromised(session: Session) -> int:
    """Return how many originals have no promise yet."""
    kept, original = schema.RetentionRow, schema.Original
    missing = original.disposed_at.is_(None) & ~sa.exists().where(kept.digest == original.digest)
    return session.scalar(sa.select(sa.func.count()).select_from(original).where(missing)) or 0


def tombstones(session: Session, limit: int) -> list[Digest]:
    """Return the originals that were disposed of, the latest first."""
    row = schema.Original
    wanted = sa.select(row.digest).where(row.disposed_at.is_not(None)).order_by(row.disposed_at.desc(), row.digest)
    return [Digest(one) for one in session.scalars(wanted.limit(limit))]
