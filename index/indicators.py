"""Figures for the assessment of units, and the lists behind them, out of the register."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.findings import StepState
from evidence.indicator_rules import asked_by
from evidence.indicators import INDICATORS, Counts, Figure, IndicatorCode, Item, Part, Tally
from evidence.law import LawPack
from evidence.periods import Period
from evidence.reason_counts import ReasonCount, counted_reasons
from index import schema
from index.engine import Register
from index.indicator_clips import clips
from index.indicator_findings import claims, findings
from index.indicator_limits import limit_items, limit_tallies
from index.indicator_rows import Asking, Family, began_in, items, tallies, unit_of_step, where_none
from index.indicator_steps import STATES, steps


class RegisterIndicators:
    """Reads figures in one consistent view each."""

    def __init__(self, register: Register, pack: LawPack) -> None:
        """Read through the register's reading engine; what is owed and due comes from the pack."""
        self._register = register
        self._pack = pack

    def tallies(
        self, period: Period, now: datetime, *, unit: str | None = None, procedure: str | None = None
    ) -> Sequence[Tally]:
        """Return how much counts as what in a period, by unit and procedure.

        Args:
            period: steps count where they start, recordings where theirs does.
            now: trusted time, by which text records and limits are due.
            unit: only of this one; None is all, empty is what belongs to none.
            procedure: likewise.
        """
        asking = self._asking(period, now, unit, procedure)
        with self._register.reading() as session:
            grouped = [one for family in _families(asking) for one in tallies(session, family, asking)]
            return [*grouped, *limit_tallies(session, self._pack, asking)]

    def reasons(
        self, period: Period, now: datetime, *, unit: str | None = None, procedure: str | None = None
    ) -> list[ReasonCount]:
        """Return how often each reason of the list stands claimed of what lies in a period. Arguments as `tallies`."""
        with self._register.reading() as session:
            return counted_reasons(claims(session, self._asking(period, now, unit, procedure)))

    def items(
        self,
        period: Period,
        now: datetime,
        *,
        code: IndicatorCode | None = None,
        part: Part | None = None,
        unit: str | None = None,
        procedure: str | None = None,
    ) -> Sequence[Item]:
        """Return the things behind the figures, the earliest first; ``code`` and ``part``: only those."""
        asking = self._asking(period, now, unit, procedure)
        with self._register.reading() as session:
            return sorted(
                (
                    one
                    for one in self._listed(session, asking, code)
                    if code in {None, one.code} and part in {None, one.part}
                ),
                key=lambda one: (one.at, one.case_no, one.step_no, one.digest, one.name, one.code, one.part),
            )

    def trend(
        self, months: Sequence[Period], *, unit: str | None = None, procedure: str | None = None
    ) -> Sequence[Figure]:
        """Return the first indicator's figure of each month."""
        with self._register.reading() as session:
            return [_coverage(session, month, unit, procedure) for month in months]

    def _asking(self, period: Period, now: datetime, unit: str | None, procedure: str | None) -> Asking:
        return Asking(period, now, asked_by(self._pack, now), unit, procedure)

    def _listed(self, session: Session, asking: Asking, code: IndicatorCode | None) -> Iterator[Item]:
        for family in _families(asking, code):
            yield from items(session, family, asking)
        if code in {None, IndicatorCode.LIMITS, IndicatorCode.FILING}:
            yield from limit_items(session, self._pack, asking)


def _families(asking: Asking, code: IndicatorCode | None = None) -> Iterator[Family]:
    """Yield the families of things in which an indicator counts; without one all."""
    counts = INDICATORS[code].counts if code else None
    if counts in {None, Counts.STEPS, Counts.TIME}:
        yield steps(asking)
    if counts in {None, Counts.RECORDINGS}:
        yield from clips(asking)
    if counts in {None, Counts.FINDINGS}:
        yield from findings(asking)


def _coverage(session: Session, month: Period, unit: str | None, procedure: str | None) -> Figure:
    step, case = schema.StepRow, schema.CaseRow
    wanted = sa.select(step.state, sa.func.count()).where(*began_in(month), step.state.in_(list(STATES)))
    if unit is not None:
        of_officers = where_none(case.unit, unit_of_step(step.case_no, step.step_no))
        of_step = sa.func.coalesce(sa.func.nullif(case.unit, ""), of_officers, "")
        wanted = wanted.join(case, case.case_no == step.case_no).where(of_step == unit)
    if procedure is not None:
        wanted = wanted.where(step.procedure == procedure)
    counts = {STATES[StepState(state)]: count for state, count in session.execute(wanted.group_by(step.state))}
    return Figure(INDICATORS[IndicatorCode.COVERAGE], counts, counts)
