"""Cases, steps, findings, docks and figures as people see them: one batch of statements for a whole list."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from evidence.findings import StepState
from evidence.ids import DeviceId, StationId
from evidence.law import LawPack
from evidence.ports import PickupState
from evidence.spans import Span
from evidence.views import Amended, CaseView, FindingView, Life, LinkView, PickupView, StationView, StepView
from index import facts, rows, schema
from index.batches import batched
from index.clip_views import collected, links_where
from index.filters import OPEN_STATES
from index.secrecy import Classes, of_cases

Key = tuple[str, str]
Files = tuple[str, int, int, datetime]
"""Of a station: its name, how many files, their bytes, the newest intake."""

WordT = TypeVar("WordT", bound=StrEnum)


def case_views(session: Session, found: Sequence[schema.CaseRow], classes: Classes = ()) -> list[CaseView]:
    """Return cases with how their steps stand and how many findings are open, in the order given."""
    step, finding = schema.StepRow, schema.FindingRow
    states: dict[str, dict[StepState, int]] = defaultdict(dict)
    open_: dict[str, int] = {}
    for some in batched([row.case_no for row in found]):
        stand = sa.select(step.case_no, step.state, sa.func.count()).where(step.case_no.in_(some))
        for case_no, state, count in session.execute(stand.group_by(step.case_no, step.state)):
            states[case_no][state] = count
        ask = sa.select(finding.case_no, sa.func.count()).where(finding.case_no.in_(some))
        asking = ask.where(finding.state.in_(OPEN_STATES)).group_by(finding.case_no)
        open_.update({str(case_no): count for case_no, count in session.execute(asking)})
    secret = of_cases(session, [row.case_no for row in found], classes)
    return [
        CaseView(
            rows.case(row),
            sum(states[row.case_no].values()),
            states[row.case_no],
            open_.get(row.case_no, 0),
            secret.get(row.case_no),
        )
        for row in found
    ]


def step_views(session: Session, found: Sequence[schema.StepRow], pack: LawPack) -> list[StepView]:
    """Return steps with rule, verdict, footage and findings, in the order given."""
    cases = sorted({row.case_no for row in found})
    findings, links, waiting = _findings(session, cases), _links(session, cases), _waiting(session, cases)
    amended = _amended(session, cases)
    views: list[StepView] = []
    for row, step in zip(found, facts.nouns_of(session, found), strict=True):
        rule, key = pack.at(step.started_at).rules.get(step.procedure), (row.case_no, row.step_no)
        view = StepView(
            step=step,
            names=rule.names if rule else {},
            article=rule.article if rule else "",
            quote=rule.quote if rule else "",
            state=row.state,
            coverage=row.coverage,
            waiting_for=tuple(waiting.get(key, ())),
            links=tuple(links.get(key, ())),
            findings=tuple(findings.get(key, ())),
            why=row.why,
            amended=amended.get(key),
            certain=row.certain,
            possible=row.possible,
        )
        views.append(view)
    return views


def _amended(session: Session, cases: Sequence[str]) -> Mapping[Key, Amended]:
    row = schema.AmendmentRow
    return {
        (one.case_no, one.step_no): Amended(
            Span(one.recorded_start, one.recorded_end), one.actor, one.reason, one.decided_at
        )
        for some in batched(cases)
        for one in session.scalars(sa.select(row).where(row.case_no.in_(some)))
    }


def _findings(session: Session, cases: Sequence[str]) -> Mapping[Key, list[FindingView]]:
    row = schema.FindingRow
    return collected(
        ((str(one.case_no), str(one.step_no)), finding_view(one))
        for some in batched(cases)
        for one in session.scalars(sa.select(row).where(row.case_no.in_(some)).order_by(row.kind, row.finding_id))
    )


def _links(session: Session, cases: Sequence[str]) -> Mapping[Key, list[LinkView]]:
    return collected(
        ((str(link.case_no), str(link.step_no)), link)
        for some in batched(cases)
        for link in links_where(session, schema.Link.case_no.in_(some))
    )


def _waiting(session: Session, cases: Sequence[str]) -> Mapping[Key, list[DeviceId]]:
    row = schema.StepWaiting
    wanted = sa.select(row.case_no, row.step_no, row.device_id).order_by(row.device_id)
    return collected(
        ((case_no, step_no), DeviceId(device_id))
        for some in batched(cases)
        for case_no, step_no, device_id in session.execute(wanted.where(row.case_no.in_(some)))
    )


def finding_view(row: schema.FindingRow) -> FindingView:
    """Return a finding with where it stands; ``decided_by`` is the claimant until somebody decides."""
    by = row.decided_by or row.claimed_by
    life = (row.state, row.first_found_at, row.changed_at, by, row.reason, row.claimed_by, row.claim)
    return FindingView(rows.finding(row), *life)


def history(session: Session, finding_id: str) -> list[Life]:
    """Return the changes in the life of a finding, oldest first."""
    row = schema.FindingHistory
    wanted = sa.select(row.at, row.state, row.actor, row.reason, row.claim).where(row.finding_id == finding_id)
    return [Life(*told) for told in session.execute(wanted.order_by(row.history_id))]


def station_view(name: str, files: Files | None, states: Mapping[PickupState, int]) -> StationView:
    """Return a station with what came from it and what is under way."""
    return StationView(
        station=StationId(name),
        files=files[1] if files else 0,
        size_bytes=files[2] if files else 0,
        waiting=states.get(PickupState.SETTLING, 0) + states.get(PickupState.WAITING, 0),
        failed=states.get(PickupState.FAILED, 0),
        last_received_at=files[3] if files else None,
    )


def pickup_view(row: schema.PickupRow) -> PickupView:
    """Return a watched file with how far it is."""
    return PickupView(StationId(row.station), row.source_path, row.size_bytes, row.state, row.reason, row.changed_at)


def count(session: Session, model: type[schema.Base], *conditions: sa.ColumnElement[bool]) -> int:
    """Return how many rows meet the conditions."""
    return session.scalar(sa.select(sa.func.count()).select_from(model).where(*conditions)) or 0


def tally(
    session: Session, column: InstrumentedAttribute[WordT], *conditions: sa.ColumnElement[bool]
) -> dict[str, int]:
    """Return how many rows have each word of a column."""
    wanted = sa.select(column, sa.func.count()).where(*conditions).group_by(column).order_by(column)
    return {word.value: number for word, number in session.execute(wanted)}
