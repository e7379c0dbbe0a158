"""Findings as indicators count them: answered, or open and for how long; of steps, recordings, and files of cases."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.findings import FindingState, Severity
from evidence.indicators import IndicatorCode, Part
from evidence.reasons import Claim
from index import schema
from index.columns import to_us
from index.filters import OPEN_STATES
from index.indicator_clips import Conditions, clips_with_units, counted_in
from index.indicator_rows import Asking, Counted, Family, Row, asked_for, began_in, inside, unit_of_step, us, where_none
from index.reconcile import clip_owner, sequence_owner

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
AGES = {0: Part.OPEN_WEEK, 1: Part.OPEN_MONTH, 2: Part.OPEN_LONGER}


def findings(asking: Asking) -> Iterator[Family]:
    """Yield the findings about what lies in a period, in families that share none."""
    for rows in _rows(asking):
        yield Family(rows.subquery(), ("notice", "answered", "age"), (), _counted)


def claims(session: Session, asking: Asking) -> Iterator[tuple[Claim, FindingState]]:
    """Yield what stands claimed of these findings, with how far it is."""
    finding = schema.FindingRow
    for rows in _rows(asking):
        found = rows.where(finding.claim.is_not(None)).add_columns(finding.claim.label("claim"), finding.state)
        claimed = found.subquery()
        wanted = sa.select(claimed.c.claim, claimed.c.state).where(*asked_for(claimed, asking))
        yield from ((claim, state) for claim, state in session.execute(wanted))


def _rows(asking: Asking) -> Iterator[sa.Select[Any]]:
    yield _of_steps(asking)
    yield from (_of_clips(asking, conditions) for conditions in counted_in(asking.period))
    yield _of_cases(asking)


def _counted(row: Row) -> Iterator[Counted]:
    """Yield what a finding counts as."""
    if row.notice:
        yield IndicatorCode.ANSWERS, Part.NOTICE, row.n
    elif row.answered:
        yield IndicatorCode.ANSWERS, Part.ANSWERED, row.n
    else:
        yield IndicatorCode.ANSWERS, Part.OPEN, row.n
        yield IndicatorCode.ANSWERS, AGES[row.age], row.n


def _columns(asking: Asking) -> tuple[sa.ColumnElement[Any], ...]:
    finding = schema.FindingRow
    age = sa.case(
        (finding.first_found_at > asking.now - WEEK, 0), (finding.first_found_at > asking.now - MONTH, 1), else_=2
    )
    return (
        sa.case((finding.severity == Severity.NOTICE, 1), else_=0).label("notice"),
        sa.case((finding.state.in_(OPEN_STATES), 0), else_=1).label("answered"),
        age.label("age"),
        finding.finding_id.label("name"),
    )


def _of_steps(asking: Asking) -> sa.Select[Any]:
    step, case, finding = schema.StepRow, schema.CaseRow, schema.FindingRow
    of_step = sa.and_(finding.case_no == step.case_no, finding.step_no == step.step_no)
    return (
        sa.select(
            case.unit.label("case_unit"),
            where_none(case.unit, unit_of_step(step.case_no, step.step_no)).label("officers_unit"),
            step.procedure.label("procedure"),
            us(step.started_at).label("at_us"),
            step.case_no.label("case_no"),
            step.step_no.label("step_no"),
            sa.literal("").label("digest"),
            *_columns(asking),
        )
        .join(case, case.case_no == step.case_no)
        .join(finding, of_step)
        .where(*began_in(asking.period))
    )


def _of_clips(asking: Asking, conditions: Conditions) -> sa.Select[Any]:
    """Return the findings about recordings, those about what follows one in its camera's count among them."""
    clip, finding = schema.Clip, schema.FindingRow
    of_clip = finding.owner.in_([sa.literal(owner("")) + clip.digest for owner in (clip_owner, sequence_owner)])
    found = clips_with_units(clip.digest.label("digest"), *_columns(asking)).join(finding, of_clip)
    return found.where(*conditions)


def _of_cases(asking: Asking) -> sa.Select[Any]:
    """Return the findings about the file of a case as a whole, in the month it was opened, or its first step began."""
    case, finding, step = schema.CaseRow, schema.FindingRow, schema.StepRow
    first = sa.select(sa.func.min(step.started_at)).where(step.case_no == case.case_no).correlate(case)
    first_step = sa.select(step.step_no).where(step.case_no == case.case_no).order_by(step.started_at, step.step_no)
    unit = unit_of_step(case.case_no, first_step.correlate(case).limit(1).scalar_subquery())
    opened = sa.func.coalesce(us(case.opened_at), us(first.scalar_subquery()), us(finding.first_found_at))
    columns = (
        case.unit.label("case_unit"),
        where_none(case.unit, unit).label("officers_unit"),
        sa.literal("").label("procedure"),
        opened.label("at_us"),
        case.case_no.label("case_no"),
        sa.literal("").label("step_no"),
        sa.literal("").label("digest"),
    )
    found = sa.select(*columns, *_columns(asking)).join(finding, finding.case_no == case.case_no)
    begins, ends = to_us(asking.period.begins), to_us(asking.period.ends)
    # the plain condition on the column is what the index can use
    near = sa.or_(inside(case.opened_at, asking.period), case.opened_at.is_(None))
    return found.where(near, finding.step_no.is_(None), opened >= begins, opened < ends)
