"""Marks in the register: set and withdrawn by named persons, never deleted, and listed by clip or case."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.clips import Kind
from evidence.custody import Actor
from evidence.errors import NotFoundError, UsageError
from evidence.ids import Digest
from evidence.law import LawPack
from evidence.markers import PLACES, Mark, MarkTemplate, MarkView, MarkWish, mark_view
from evidence.ports import Scope, Transaction
from evidence.views import MarkFilter
from evidence.zones import exact_iso
from index import rows, schema
from index.decisions import Act, Decided, record
from index.intakes import clip_row
from index.journal import Told, time_of
from index.tx import session_of

MARK, WITHDRAW = "mark", "withdraw_mark"
BEYOND_S = 1.0
"""Players stop a little after the last frame: a mark that far beyond the end is at the end."""


# --- decided ----------------------------------------------------------------------------------------------------------


def set_mark(tx: Transaction, pack: LawPack, wish: MarkWish, actor: Actor, at: datetime) -> Decided:
    """Mark a moment of a clip.

    Raises:
        UsageError: the clip has no such moment, or the pack no such template. NotFoundError: no such clip.
    """
    session = session_of(tx)
    template = _template(pack, wish.template)
    _check_moment(clip_row(session, wish.digest), wish.at_s)
    label = wish.text.strip() or (template.names.get("zh-CN", template.code) if template else "")
    act = Act(MARK, actor, wish.note.strip() or label, at)
    row = schema.MarkerRow(
        digest=wish.digest,
        at_s=round(wish.at_s, PLACES),
        template=wish.template,
        number=_number(session, wish, template),
        text=wish.text.strip(),
        note=wish.note.strip(),
        actor=actor.name,
        set_at=at,
        withdrawn_by="",
        withdrawn_at=None,
        withdraw_reason="",
    )
    decided = record(session, act, wish.digest, Scope(), marked(row), subject=wish.digest)
    row.marker_id = decided.number
    session.add(row)
    session.flush()
    return decided


def withdraw_mark(tx: Transaction, marker_id: int, actor: Actor, reason: str, at: datetime) -> Decided:
    """Withdraw a mark; it stays with who withdrew it and why.

    Raises:
        UsageError: no reason, or it was withdrawn before. NotFoundError: no such mark.
    """
    session, act = session_of(tx), Act(WITHDRAW, actor, reason, at)
    row = session.get(schema.MarkerRow, marker_id)
    if row is None:
        cure = "`evidock marks` lists them with their numbers"
        raise NotFoundError("no mark of that number", subject=str(marker_id), cure=cure)
    if row.withdrawn_at is not None:
        raise UsageError(
            f"{row.withdrawn_by} withdrew it already", subject=str(marker_id), cure="nothing is left to do"
        )
    about = {"marker_id": marker_id, "set_by": row.actor, "set_at": exact_iso(row.set_at), **marked(row)}
    row.withdrawn_by, row.withdrawn_at, row.withdraw_reason = actor.name, at, reason
    session.flush()
    return record(session, act, row.digest, Scope(), about, subject=row.digest)


def _template(pack: LawPack, code: str) -> MarkTemplate | None:
    if code and code not in pack.marks:
        cure = "`evidock marks --templates` lists them; without one, say it in your own words (--text)"
        raise UsageError("is no template of a mark", subject=code, cure=cure)
    return pack.marks.get(code)


def _check_moment(clip: schema.Clip, at_s: float) -> None:
    if clip.kind is Kind.OTHER:
        raise UsageError("is no recording", subject=clip.digest, cure="mark a moment of a video, a sound or a photo")
    length_s = clip.decoded_duration_s or clip.duration_s
    if length_s is not None and at_s > length_s + BEYOND_S:
        cure = f"give a moment within its {length_s:.1f} s"
        raise UsageError(f"is over before {at_s:g} s", subject=clip.digest, cure=cure)


def _number(session: Session, wish: MarkWish, template: MarkTemplate | None) -> int:
    """Return which of several a mark is: the next on the footage of the same steps; 0 where it is not counted."""
    if template is None or not template.numbered:
        return 0
    if wish.number:
        return wish.number
    link, row = schema.Link, schema.MarkerRow
    mine = sa.select(link.case_no, link.step_no).where(link.digest == wish.digest, link.active)
    beside = sa.select(link.digest).where(sa.tuple_(link.case_no, link.step_no).in_(mine), link.active)
    there = sa.or_(row.digest == wish.digest, row.digest.in_(beside))
    standing = (row.template == template.code, row.withdrawn_at.is_(None))
    return (session.scalar(sa.select(sa.func.max(row.number)).where(there, *standing)) or 0) + 1


# --- told, and read back ----------------------------------------------------------------------------------------------


def marked(row: schema.MarkerRow) -> dict[str, object]:
    """Return what a decision tells of a mark."""
    return {
        "digest": row.digest,
        "at_s": row.at_s,
        "template": row.template,
        "number": row.number,
        "text": row.text,
        "note": row.note,
    }


def project_mark(told: Told) -> dict[str, object]:
    """Return the columns of the mark that a decision set or withdrew."""
    detail = told.detail
    gone = detail["decision"] == WITHDRAW
    return {
        **{name: detail[name] for name in ("digest", "at_s", "template", "number", "text", "note")},
        "marker_id": detail["marker_id"] if gone else told.number,
        "actor": detail["set_by"] if gone else told.actor,
        "set_at": time_of(detail["set_at"]) if gone else told.at,
        "withdrawn_by": told.actor if gone else "",
        "withdrawn_at": told.at if gone else None,
        "withdraw_reason": told.reason if gone else "",
    }


# --- listed -----------------------------------------------------------------------------------------------------------


def mark_views(session: Session, wanted: MarkFilter, templates: Mapping[str, MarkTemplate]) -> list[MarkView]:
    """Return marks in order of clip, as lists of clips are ordered, and media time."""
    row, clip, link = schema.MarkerRow, schema.Clip, schema.Link
    listed = sa.select(row, clip).join(clip, clip.digest == row.digest)
    if wanted.digest is not None:
        listed = listed.where(row.digest == wanted.digest)
    if wanted.case_no is not None:
        mine = sa.select(link.digest).where(link.case_no == wanted.case_no, link.active)
        listed = listed.where(row.digest.in_(mine))
    if not wanted.withdrawn:
        listed = listed.where(row.withdrawn_at.is_(None))
    ordered = listed.order_by(clip.sort_us, row.digest, row.at_s, row.marker_id).limit(wanted.limit)
    return [mark_view(mark_of(one), rows.clock(its), templates) for one, its in session.execute(ordered)]


def mark_of(row: schema.MarkerRow) -> Mark:
    """Return the mark a row keeps."""
    return Mark(
        row.marker_id,
        Digest(row.digest),
        row.at_s,
        row.template,
        row.number,
        row.text,
        row.note,
        row.actor,
        row.set_at,
        row.withdrawn_by,
        row.withdrawn_at,
        row.withdraw_reason,
    )
