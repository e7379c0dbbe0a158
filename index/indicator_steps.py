"""Steps as indicators count them: recorded or not and for how long, with their text records, by two officers."""

from collections.abc import Iterator

import sqlalchemy as sa

from evidence.findings import FindingKind, FindingState, StepState
from evidence.indicators import IndicatorCode, Part
from evidence.matching import BELIEVED
from index import schema
from index.indicator_rows import LIVE, Asking, Counted, Family, Row, among, began_in, unit_of_step, us, where_none

GAPS = (StepState.PARTLY_COVERED, StepState.MISSING, StepState.SUSPECTED_CLOCK, StepState.EXEMPT_CLAIMED)
"""States of a step that owes a recording and does not have it."""

GAP_KINDS = (
    FindingKind.NO_AV,
    FindingKind.LATE_START,
    FindingKind.EARLY_STOP,
    FindingKind.HOLE,
    FindingKind.NOT_CONTINUOUS_VIDEO,
    FindingKind.CLOCK_SHIFT_SUSPECTED,
)
STATES = {state: Part(state.value) for state in (StepState.COVERED, *GAPS, StepState.WAITING_UPLOAD, StepState.EXEMPT)}
"""States that count in the first indicator; of the others nothing is owed."""


def steps(asking: Asking) -> Family:
    """Return the steps that began in a period."""
    step, case = schema.StepRow, schema.CaseRow
    rows = (
        sa.select(
            case.unit.label("case_unit"),
            where_none(case.unit, unit_of_step(step.case_no, step.step_no)).label("officers_unit"),
            step.procedure.label("procedure"),
            step.state.label("state"),
            _explained().label("explained"),
            _uncertain().label("uncertain"),
            _documents(asking).label("documents"),
            _officers(asking).label("officers"),
            *_time(asking),
            us(step.started_at).label("at_us"),
            step.case_no.label("case_no"),
            step.step_no.label("step_no"),
            sa.literal("").label("digest"),
            sa.literal("").label("name"),
        )
        .join(case, case.case_no == step.case_no)
        .where(*began_in(asking.period))
        .subquery()
    )
    groups = ("state", "explained", "uncertain", "documents", "officers", "timed")
    return Family(rows, groups, ("owed_ms", "recorded_ms"), _counted)


def _counted(row: Row) -> Iterator[Counted]:
    """Yield what a step counts as."""
    if row.state in STATES:
        yield IndicatorCode.COVERAGE, STATES[row.state], row.n
    if row.explained:
        yield IndicatorCode.COVERAGE, Part.EXPLAINED, row.n
    if row.timed:
        yield from _counted_time(row)
    if row.documents:
        yield IndicatorCode.DOCUMENTS, Part(row.documents), row.n
    if row.officers:
        yield IndicatorCode.TWO_OFFICERS, Part(row.officers), row.n


def _counted_time(row: Row) -> Iterator[Counted]:
    if row.state is StepState.WAITING_UPLOAD:
        yield IndicatorCode.RECORDED_TIME, Part.AWAITED, row.owed_ms - row.recorded_ms
    elif row.state is StepState.COVERED or row.state in GAPS:
        missing_ms = row.owed_ms - row.recorded_ms
        yield IndicatorCode.RECORDED_TIME, Part.RECORDED, row.recorded_ms
        if missing_ms:
            yield IndicatorCode.RECORDED_TIME, Part.UNRECORDED, missing_ms
        if row.uncertain:
            yield IndicatorCode.RECORDED_TIME, Part.UNCERTAIN, missing_ms


def _of_gaps(found: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """Return something that is only looked for at steps with a gap."""
    return sa.case((schema.StepRow.state.in_(GAPS), found), else_=0)


def _explained() -> sa.ColumnElement[int]:
    """Return 1 where every finding about the recording of a step is explained, and there is one."""
    finding, step = schema.FindingRow, schema.StepRow
    is_explained = sa.case((finding.state == FindingState.EXPLAINED, 1), else_=0)
    found = sa.select(sa.func.coalesce(sa.func.min(is_explained), 0)).where(
        finding.case_no == step.case_no,
        finding.step_no == step.step_no,
        finding.kind.in_(GAP_KINDS),
        finding.state != FindingState.RESOLVED,
    )
    return _of_gaps(found.correlate(step).scalar_subquery())


def _uncertain() -> sa.ColumnElement[int]:
    """Return 1 where footage hangs on a step, or may belong to it, whose time is not believed."""
    step, doubt, link, clip = schema.StepRow, schema.Doubt, schema.Link, schema.Clip
    doubted = sa.exists().where(doubt.case_no == step.case_no, doubt.step_no == step.step_no).correlate(step)
    hung = sa.exists().where(
        link.case_no == step.case_no,
        link.step_no == step.step_no,
        link.active,
        clip.digest == link.digest,
        clip.verdict.not_in(sorted(BELIEVED)),
    )
    suspected = step.state == StepState.SUSPECTED_CLOCK
    return _of_gaps(sa.case((sa.or_(suspected, doubted, hung.correlate(step)), 1), else_=0))


def _named(kind: FindingKind) -> sa.ColumnElement[bool]:
    """Return the condition that a finding of a kind about the step counts.

    It is looked for among the findings of the step, which are few: asked as a condition on kinds and states, a database
    goes through all findings of that kind.
    """
    finding, step = schema.FindingRow, schema.StepRow
    counts = sa.case((sa.and_(finding.kind == kind, finding.state.in_(LIVE)), 1), else_=0)
    found = sa.select(sa.func.max(counts)).where(finding.case_no == step.case_no, finding.step_no == step.step_no)
    return found.correlate(step).scalar_subquery() == 1


def _documents(asking: Asking) -> sa.ColumnElement[str]:
    """Return how the text records of a step stand; empty where none is looked for."""
    step = schema.StepRow
    judged = sa.case((_named(FindingKind.DOCUMENT_MISSING), Part.LACKING.value), else_=Part.COMPLETE.value)
    whens = []
    for one, owed in zip(asking.asked, among(step.procedure, step.started_at, asking.asked, "documented"), strict=True):
        if one.documents_due_before is not None:
            is_due = step.ended_at < one.documents_due_before
            whens.append((owed, sa.case((is_due, judged), else_=Part.NOT_DUE.value)))
    return sa.case(*whens, else_="") if whens else sa.literal("")


def _officers(asking: Asking) -> sa.ColumnElement[str]:
    """Return whether two officers took part in a step; empty where two are not asked for."""
    step = schema.StepRow
    paired = sa.or_(sa.false(), *among(step.procedure, step.started_at, asking.asked, "paired"))
    few = sa.case((_named(FindingKind.OFFICER_LT2), Part.TOO_FEW.value), else_=Part.ENOUGH.value)
    return sa.case((paired, few), else_="")


def _time(asking: Asking) -> Iterator[sa.ColumnElement[int]]:
    """Yield whether time is owed, how much, and how much of it is recorded, in milliseconds."""
    step = schema.StepRow
    owing = sa.or_(sa.false(), *among(step.procedure, step.started_at, asking.asked, "timed"))
    timed = sa.and_(owing, step.coverage.is_not(None))
    length_us = us(step.ended_at) - us(step.started_at)
    recorded = sa.cast(sa.func.round(sa.cast(step.coverage * length_us, sa.Float) / 1000.0), sa.BigInteger)
    yield sa.case((timed, 1), else_=0).label("timed")
    yield sa.case((timed, length_us / sa.literal(1000, sa.BigInteger)), else_=0).label("owed_ms")
    yield sa.case((timed, recorded), else_=0).label("recorded_ms")
