"""Recordings as indicators count them: docked in time, and on a clock that is believed."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from evidence.audit_clip import AUDIO_VISUAL
from evidence.clips import ClipState
from evidence.findings import FindingKind
from evidence.indicators import IndicatorCode, Part
from evidence.matching import BELIEVED
from evidence.periods import Period
from index import schema
from index.columns import to_us
from index.indicator_rows import LIVE, Asking, Counted, Family, Row, inside, us
from index.intakes import BEFORE_ALL_TIMES
from index.reconcile import clip_owner

Conditions = tuple[sa.ColumnElement[bool], ...]


def clips(asking: Asking) -> Iterator[Family]:
    """Yield the recordings of a period: of their start, or of their arrival where nothing states one."""
    clip = schema.Clip
    columns = (
        clip.verdict.label("verdict"),
        _upload(asking).label("upload"),
        clip.digest.label("digest"),
        sa.literal("").label("name"),
    )
    for conditions in counted_in(asking.period):
        rows = clips_with_units(*columns).where(*conditions).subquery()
        yield Family(rows, ("verdict", "upload"), (), _counted)


def clips_with_units(*columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Return recordings with the unit of the case they hang on first, else of their officer, and other columns."""
    clip, link, step, case, officer = schema.Clip, schema.Link, schema.StepRow, schema.CaseRow, schema.OfficerRow
    other = aliased(schema.Link)
    earlier = sa.exists().where(
        other.digest == link.digest,
        other.active,
        sa.tuple_(other.case_no, other.step_no) < sa.tuple_(link.case_no, link.step_no),
    )
    first = sa.and_(clip.linked, link.digest == clip.digest, link.active, ~earlier.correlate(link))
    started = sa.func.coalesce(us(clip.span_start), us(clip.received_at))
    return (
        sa.select(
            case.unit.label("case_unit"),
            sa.case((sa.func.coalesce(case.unit, "") == "", officer.unit), else_=sa.null()).label("officers_unit"),
            sa.func.coalesce(step.procedure, "").label("procedure"),
            started.label("at_us"),
            link.case_no.label("case_no"),
            link.step_no.label("step_no"),
            *columns,
        )
        .select_from(clip)
        .outerjoin(link, first)
        .outerjoin(step, sa.and_(step.case_no == link.case_no, step.step_no == link.step_no))
        .outerjoin(case, case.case_no == link.case_no)
        .outerjoin(officer, officer.officer_id == clip.officer_id)
    )


def counted_in(period: Period) -> tuple[Conditions, Conditions]:
    """Return the conditions under which a recording counts in a period: with a time, and without one.

    They are two because a database reads either by index, and both at once by going through all recordings.
    """
    clip = schema.Clip
    counts = (clip.state == ClipState.REVIEWED, clip.kind.in_(sorted(AUDIO_VISUAL)))
    timed = (clip.sort_us >= to_us(period.begins), clip.sort_us < to_us(period.ends))
    untimed = (clip.sort_us == BEFORE_ALL_TIMES, inside(clip.received_at, period))
    return (*counts, *timed), (*counts, *untimed)


def _counted(row: Row) -> Iterator[Counted]:
    """Yield what a recording counts as."""
    yield IndicatorCode.CLOCKS, Part(row.verdict.value), row.n
    if row.upload:
        yield IndicatorCode.UPLOADS, Part(row.upload), row.n


def _upload(asking: Asking) -> sa.ColumnElement[str]:
    """Return whether a recording was docked in time; empty where the pack asks nothing."""
    clip, finding = schema.Clip, schema.FindingRow
    within = [one.upload_within_s for one in asking.asked if one.upload_within_s is not None]
    if not within:
        return sa.literal("")
    counts = sa.case((sa.and_(finding.kind == FindingKind.UPLOAD_LATE, finding.state.in_(LIVE)), 1), else_=0)
    named = sa.select(sa.func.max(counts)).where(finding.owner == sa.literal(clip_owner("")) + clip.digest)
    unknown = sa.or_(clip.docked_at.is_(None), clip.span_end.is_(None), clip.verdict.not_in(sorted(BELIEVED)))
    soon = us(clip.docked_at) - us(clip.span_end) <= int(min(within) * 1_000_000)
    late = sa.case((named.correlate(clip).scalar_subquery() == 1, Part.LATE.value), else_=Part.IN_TIME.value)
    return sa.case((unknown, Part.UNTIMED.value), (soon, Part.IN_TIME.value), else_=late)
