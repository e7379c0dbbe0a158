"""Who carried a clip's camera: one officer in the clip's own row, and who shared it in a table beside.

Most clips are of one officer. Of the others ``clip.officer_id`` holds the first and ``clip.officers`` all of them, and
each further one has a row that lists and searches find it by. Both are written when a clip is judged.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.clips import ClipState
from evidence.ids import OfficerId
from evidence.views import ClipFilter
from index import schema
from index.filters import CLIP_ORDER, clip_conditions


def carriers_of(clip: schema.Clip) -> tuple[OfficerId, ...]:
    """Return everybody a clip counts for, the first as in ``officer_id``; empty when nobody is known."""
    if clip.officers:
        return tuple(OfficerId(one) for one in clip.officers)
    return (OfficerId(clip.officer_id),) if clip.officer_id is not None else ()


def keep_shared(session: Session, clips: Sequence[schema.Clip]) -> None:
    """Bring the table beside up to date for clips that were just judged; one nobody has looked into is not in it."""
    row = schema.ClipCarrier
    known = session.scalars(sa.select(row).where(row.digest.in_([clip.digest for clip in clips])))
    kept = {(one.digest, one.officer_id): one for one in known}
    wanted = {
        (clip.digest, officer): clip.sort_us
        for clip in clips
        if clip.state is not ClipState.SEALED
        for officer in (clip.officers or ())[1:]
    }
    for key, sort_us in wanted.items():
        if key in kept:
            kept[key].sort_us = sort_us
        else:
            session.add(row(digest=key[0], officer_id=key[1], sort_us=sort_us))
    for key in kept.keys() - wanted.keys():
        session.delete(kept[key])


def stays_of(
    session: Session, during: sa.ColumnElement[bool], officers: Collection[str]
) -> Iterator[tuple[str, str, datetime | None, datetime | None]]:
    """Yield officer, dock and reach of clips, once for each of these officers that a clip counts for."""
    clip, row = schema.Clip, schema.ClipCarrier
    where = (clip.station, clip.reach_start, clip.reach_end)
    own = sa.select(clip.officer_id, *where).where(during, clip.officer_id.in_(officers))
    along = sa.select(row.officer_id, *where).join(clip, clip.digest == row.digest)
    for each in (own, along.where(during, row.officer_id.in_(officers))):
        for officer_id, station, start, end in session.execute(each):
            yield str(officer_id), station, start, end


def page_of(wanted: ClipFilter) -> sa.Select[schema.Clip]:
    """Return the clips of one page of a list, in its order.

    Those of one officer are two lists in one order – the clips of their own, and those they shared – and are merged
    as far as the page reaches, so that neither has to be read to its end.
    """
    clip, row = schema.Clip, schema.ClipCarrier
    if wanted.officer_id is None:
        listed = sa.select(clip).where(*clip_conditions(wanted)).order_by(*CLIP_ORDER)
        return listed.limit(wanted.limit).offset(wanted.offset)
    others = list(clip_conditions(wanted, officer=False))
    own = sa.select(clip.sort_us, clip.digest).where(clip.officer_id == wanted.officer_id, *others)
    along = sa.select(row.sort_us, row.digest).join(clip, clip.digest == row.digest)
    both = sa.union_all(own, along.where(row.officer_id == wanted.officer_id, *others))
    merged = both.order_by(sa.desc("sort_us"), sa.desc("digest")).limit(wanted.limit).offset(wanted.offset).subquery()
    return sa.select(clip).join(merged, merged.c.digest == clip.digest).order_by(*CLIP_ORDER)
