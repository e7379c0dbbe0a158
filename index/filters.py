"""What a list is filtered and ordered by, as conditions on the register's columns."""

from collections.abc import Collection, Iterator

import sqlalchemy as sa
from sqlalchemy import orm

from evidence.documents import DOCUMENT_STATION
from evidence.findings import FindingState
from evidence.law import LawPack
from evidence.roster import unregistered
from evidence.views import ClipFilter, FindingFilter
from index import schema

Condition = sa.ColumnElement[bool]

CLIP_ORDER = (schema.Clip.sort_us.desc(), schema.Clip.digest.desc())
"""Newest recorded first, those without a time last; the digest makes the order whole."""

OPEN_STATES = (
    FindingState.OPEN,
    FindingState.EXPLAIN_CLAIMED,
    FindingState.EXEMPT_CLAIMED,
    FindingState.REFUSED,
)
"""States in which a finding still asks something of somebody."""


def escaped(text: str) -> str:
    r"""Return text to be looked for as it is: ``%`` and ``_`` stand for themselves, ``\`` escapes."""
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def carried_by(officers: Collection[str] | sa.Select[str]) -> Condition:
    """Return the condition that a clip counts for one of some officers: its own, or one who shared its camera."""
    return sa.or_(schema.Clip.officer_id.in_(officers), shared_with(officers))


def shared_with(officers: Collection[str] | sa.Select[str]) -> Condition:
    """Return the condition that one of some officers shared a clip's camera with its first."""
    row = schema.ClipCarrier
    return schema.Clip.digest.in_(sa.select(row.digest).where(row.officer_id.in_(officers)))


def clip_conditions(wanted: ClipFilter, *, officer: bool = True) -> Iterator[Condition]:
    """Yield the condition of every field that is given, of the officer unless a list is put together by it."""
    clip = schema.Clip
    equal = {
        clip.station: wanted.station,
        clip.kind: wanted.kind,
        clip.state: wanted.state,
        clip.linked: wanted.linked,
    }
    for column, value in equal.items():
        if value is not None:
            yield column == value
    if officer and wanted.officer_id is not None:
        yield carried_by([wanted.officer_id])
    if wanted.station != DOCUMENT_STATION:
        yield clip.digest.not_in(text_records())
    if wanted.device_id is not None:
        yield clip.device_id.in_({wanted.device_id, unregistered(wanted.device_id)})
    if wanted.failed is not None:
        yield clip.failure_stage.is_not(None) if wanted.failed else clip.failure_stage.is_(None)
    if wanted.case_no is not None:
        link = schema.Link
        yield clip.digest.in_(sa.select(link.digest).where(link.case_no == wanted.case_no, link.active))
    if wanted.recorded is not None:
        yield clip.span_start < wanted.recorded.end
        yield clip.span_end >= wanted.recorded.start
    if wanted.text:
        yield _mentions(wanted.text)


def text_records() -> sa.Select[str]:
    """Return the originals that came as files and are attached, or a claim rests on: they are no footage to list."""
    clip, row, claimed = orm.aliased(schema.Clip), schema.AttachmentRow, schema.ClaimFile
    held = sa.exists().where(row.digest == clip.digest, row.active)
    shown = sa.exists().where(claimed.digest == clip.digest)
    return sa.select(clip.digest).where(clip.filed == sa.true(), sa.or_(held, shown))


def _mentions(text: str) -> Condition:
    """Return the condition that a path a clip was seen under, its device or its officer holds the text."""
    clip, seen, person = schema.Clip, schema.SightingRow, schema.OfficerRow
    like = f"%{escaped(text)}%"
    named = sa.select(person.officer_id).where(
        person.name.ilike(like, escape="\\") | person.officer_id.ilike(like, escape="\\")
    )
    return sa.or_(
        clip.source_path.ilike(like, escape="\\"),
        clip.device_id.ilike(like, escape="\\"),
        carried_by(named),
        clip.digest.in_(sa.select(seen.digest).where(seen.source_path.ilike(like, escape="\\"))),
    )


def finding_conditions(wanted: FindingFilter, pack: LawPack) -> Iterator[Condition]:
    """Yield the condition of every field that is given; an alias stands for the procedures it names in the pack."""
    row = schema.FindingRow
    equal = {
        row.kind: wanted.kind,
        row.severity: wanted.severity,
        row.state: wanted.state,
        row.case_no: wanted.case_no,
        row.procedure: wanted.procedure or None,
    }
    for column, value in equal.items():
        if value is not None:
            yield column == value
    if wanted.open_only:
        yield row.state.in_(OPEN_STATES)
    if wanted.alias:
        yield row.procedure.in_(procedures_called(wanted.alias, pack))
    if wanted.digest is not None:
        about = schema.FindingClip
        yield row.finding_id.in_(sa.select(about.finding_id).where(about.digest == wanted.digest))


def procedures_called(alias: str, pack: LawPack) -> list[str]:
    """Return the codes of the procedures a word stands for, in any letter case."""
    word = alias.casefold()
    known = [(code, rule) for version in pack.versions for code, rule in version.rules.items()]
    return sorted({code for code, rule in known if word in {other.casefold() for other in rule.aliases}})
