"""What all figures are read from alike: rows that say what one thing counts as, grouped for a figure or listed for it.

A figure and its list come from one statement, so that they cannot differ.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from evidence.findings import FindingState
from evidence.indicator_rules import Asked
from evidence.indicators import Belonging, IndicatorCode, Item, Part, Tally, UnitFrom
from evidence.periods import Period
from index import schema
from index.columns import from_us
from index.reach import LONGEST

LIVE = tuple(state for state in FindingState if state not in {FindingState.RESOLVED, FindingState.EXEMPT})
"""States of a finding that still counts: an explained gap is a gap."""

BELONGING = ("case_unit", "officers_unit", "procedure")
NAMED = ("at_us", "case_no", "step_no", "digest", "name")

Row = Any  # a row of a statement with labelled columns
Column = sa.ColumnElement[Any] | InstrumentedAttribute[Any]
Counted = tuple[IndicatorCode, Part, int]


@dataclass(frozen=True)
class Asking:
    """What figures are asked for.

    Attributes:
        unit, procedure: only these; None is all, empty is what belongs to none.
        now: trusted time, by which something is due.
        asked: what the pack's versions ask.
    """

    period: Period
    now: datetime
    asked: tuple[Asked, ...]
    unit: str | None = None
    procedure: str | None = None

    def wants(self, belonging: Belonging) -> bool:
        """Whether something belongs to what is asked for."""
        return self.unit in {None, belonging.unit} and self.procedure in {None, belonging.procedure}


@dataclass(frozen=True)
class Family:
    """Things of one sort as rows.

    Attributes:
        rows: a row for each, with `BELONGING`, `NAMED`, and the columns below.
        groups: columns by which `counted` decides; sums: amounts.
        counted: what a row counts as, each with its amount; a grouped row holds ``n`` things.
    """

    rows: sa.Subquery
    groups: tuple[str, ...]
    sums: tuple[str, ...]
    counted: Callable[[Row], Iterator[Counted]]


def tallies(session: Session, family: Family, asking: Asking) -> Iterator[Tally]:
    """Yield how much counts as what, grouped by the database."""
    columns = family.rows.c
    keys = [columns[name] for name in (*BELONGING, *family.groups)]
    sums = [sa.func.coalesce(sa.func.sum(columns[name]), 0).label(name) for name in family.sums]
    wanted = sa.select(*keys, *sums, sa.func.count().label("n")).where(*asked_for(family.rows, asking)).group_by(*keys)
    for row in session.execute(wanted):
        for code, part, amount in family.counted(row):
            yield Tally(belonging(row), code, part, int(amount), row.n)


def items(session: Session, family: Family, asking: Asking) -> Iterator[Item]:
    """Yield every thing with what it counts as, the earliest first."""
    columns = family.rows.c
    named = [columns[name] for name in (*BELONGING, *family.groups, *family.sums, *NAMED)]
    order = [columns[name] for name in NAMED]
    wanted = sa.select(*named, sa.literal(1).label("n")).where(*asked_for(family.rows, asking)).order_by(*order)
    for row in session.execute(wanted):
        for code, part, amount in family.counted(row):
            yield Item(
                belonging(row),
                code,
                part,
                int(amount),
                from_us(row.at_us),
                case_no=row.case_no or "",
                step_no=row.step_no or "",
                digest=row.digest or "",
                name=row.name or "",
            )


def belonging(row: Row) -> Belonging:
    """Return to whom a row belongs: the unit of its case, else of its officers."""
    source = UnitFrom.CASE if row.case_unit else UnitFrom.OFFICERS if row.officers_unit else UnitFrom.NOBODY
    return Belonging(row.case_unit or row.officers_unit or "", source, row.procedure or "")


def asked_for(rows: sa.Subquery, asking: Asking) -> Sequence[sa.ColumnElement[bool]]:
    """Return the conditions that rows belong to what is asked for."""
    columns, found = rows.c, []
    if asking.unit is not None:
        unit = sa.func.coalesce(sa.func.nullif(columns.case_unit, ""), columns.officers_unit, "")
        found.append(unit == asking.unit)
    if asking.procedure is not None:
        found.append(sa.func.coalesce(columns.procedure, "") == asking.procedure)
    return found


# --- pieces of statements --------------------------------------------------------------------------------------------


def us(column: Column) -> sa.ColumnElement[int]:
    """Return a time as the microseconds it is kept in, to be reckoned with."""
    return sa.type_coerce(column, sa.BigInteger)


def unit_of_step(case_no: Column, step_no: Column) -> sa.ScalarSelect[str]:
    """Return the unit of the first officer of a step who has one."""
    worker, officer = schema.StepOfficer, schema.OfficerRow
    found = sa.select(officer.unit).join(worker, worker.officer_id == officer.officer_id)
    found = found.where(worker.case_no == case_no, worker.step_no == step_no, officer.unit != "")
    return found.order_by(worker.position).limit(1).scalar_subquery()


def where_none(unit: Column, otherwise: sa.ScalarSelect[str]) -> sa.ColumnElement[str]:
    """Return another unit where the case names none; it is looked for there alone."""
    return sa.case((sa.func.coalesce(unit, "") == "", otherwise), else_=sa.null())


def inside(column: Column, period: Period) -> sa.ColumnElement[bool]:
    """Return the condition that a time lies in a period."""
    return sa.and_(column >= period.begins, column < period.ends)


def began_in(period: Period) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that a step began in a period; its classes are named so that the index is used."""
    step = schema.StepRow
    return step.reach_class.in_(range(LONGEST + 1)), inside(step.started_at, period)


def among(procedure: Column, at: Column, asked: Sequence[Asked], field: str) -> list[sa.ColumnElement[bool]]:
    """Return for each version of a pack the condition that it judges an act and asks it for something."""
    found = []
    for one in asked:
        judged = sa.and_(at >= one.since, at < one.until) if one.until is not None else at >= one.since
        found.append(sa.and_(procedure.in_(sorted(getattr(one, field))), judged))
    return found
