"""Suggestions as people see them: the best score first."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.ids import CaseNo, Digest, StepNo
from evidence.spans import Span
from evidence.suggesting import Suggestion, SuggestionView
from evidence.views import SuggestionFilter
from index import schema


def suggestion_views(session: Session, wanted: SuggestionFilter) -> list[SuggestionView]:
    """Return suggestions, the best score first, then in order of clip and step."""
    row, step = schema.SuggestionRow, schema.StepRow
    joined = sa.and_(step.case_no == row.case_no, step.step_no == row.step_no)
    listed = sa.select(row, step.procedure).join(step, joined).where(*_conditions(wanted))
    ordered = listed.order_by(row.score.desc(), row.digest, row.case_no, row.step_no)
    found = session.execute(ordered.limit(wanted.limit).offset(wanted.offset))
    return [SuggestionView(suggestion(one), procedure, one.suggested_at) for one, procedure in found]


def count_suggestions(session: Session, wanted: SuggestionFilter) -> int:
    """Return how many wait."""
    counted = sa.select(sa.func.count()).select_from(schema.SuggestionRow).where(*_conditions(wanted))
    return session.scalar(counted) or 0


def suggestion(row: schema.SuggestionRow) -> Suggestion:
    """Return the suggestion a row keeps."""
    return Suggestion(
        Digest(row.digest),
        CaseNo(row.case_no),
        StepNo(row.step_no),
        row.ground,
        row.score,
        Span(row.overlap_start, row.overlap_end),
        row.why,
    )


def _conditions(wanted: SuggestionFilter) -> list[sa.ColumnElement[bool]]:
    row = schema.SuggestionRow
    conditions: list[sa.ColumnElement[bool]] = [row.score >= wanted.min_score]
    if wanted.case_no is not None:
        conditions.append(row.case_no == wanted.case_no)
    if wanted.digest is not None:
        conditions.append(row.digest == wanted.digest)
    return conditions
