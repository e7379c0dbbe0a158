"""Time limits as indicators count them: cases are read in a few statements and judged by the audit's own rules."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.case_file import CaseFile, StepFile
from evidence.cases import Step
from evidence.documents import Document, folded
from evidence.findings import FindingKind
from evidence.ids import CaseNo, StepNo
from evidence.indicators import Belonging, IndicatorCode, Item, Part, Tally, UnitFrom
from evidence.law import Deadline, LawPack
from evidence.limits_kept import StandingLimit, standing_limits
from index import rows, schema
from index.batches import batched
from index.indicator_rows import Asking, began_in, inside


def limit_items(session: Session, pack: LawPack, asking: Asking) -> Iterator[Item]:
    """Yield the limits of a period with how they stand; that of filing has an indicator of its own."""
    files = case_files(session, pack, sorted(_concerned(session, pack, asking)))
    units = _officers_units(session, [file for file in files if not file.case.unit])
    for file in files:
        for one in standing_limits(file, pack, asking.now):
            item = _item(file, one, units)
            if asking.period.holds(one.at) and asking.wants(item.belonging):
                yield item


def limit_tallies(session: Session, pack: LawPack, asking: Asking) -> Iterator[Tally]:
    """Yield how many limits of a period stand how."""
    counts: dict[tuple[Belonging, IndicatorCode, Part], int] = defaultdict(int)
    for item in limit_items(session, pack, asking):
        counts[item.belonging, item.code, item.part] += 1
    for (belonging, code, part), count in counts.items():
        yield Tally(belonging, code, part, count, count)


def _item(file: CaseFile, one: StandingLimit, units: Mapping[tuple[str, str], str]) -> Item:
    own, deadline = one.limit.own, one.limit.deadline
    step_no = own.step.step_no if own else ""
    by_officers = units.get((file.case.case_no, step_no), "")
    source = UnitFrom.CASE if file.case.unit else UnitFrom.OFFICERS if by_officers else UnitFrom.NOBODY
    belonging = Belonging(file.case.unit or by_officers, source, own.step.procedure if own else "")
    code = IndicatorCode.FILING if deadline.kind is FindingKind.FILING_OVERDUE else IndicatorCode.LIMITS
    return Item(
        belonging,
        code,
        Part(one.standing.value),
        1,
        one.at,
        case_no=file.case.case_no,
        step_no=step_no,
        name=deadline.code,
    )


# --- which cases -----------------------------------------------------------------------------------------------------


def _deadlines(pack: LawPack) -> list[Deadline]:
    return [deadline for version in (pack, *pack.later) for deadline in version.deadlines.values()]


def _concerned(session: Session, pack: LawPack, asking: Asking) -> set[str]:
    """Return the cases in which a limit may belong to the period."""
    step, case, document = schema.StepRow, schema.CaseRow, schema.DocumentRow
    deadlines, period = _deadlines(pack), asking.period
    of = sorted({one.of for one in deadlines if one.of})
    wanted = [sa.select(step.case_no).where(*began_in(period), step.procedure.in_(of))]
    for deadline in deadlines:
        if not deadline.of:
            begins = deadline.starts
            if begins.of == "case":
                wanted.append(sa.select(case.case_no).where(inside(getattr(case, begins.field), period)))
            elif begins.of in pack.rules:
                at = getattr(step, begins.field)
                wanted.append(sa.select(step.case_no).where(step.procedure == begins.of, inside(at, period)))
            else:
                wanted.append(sa.select(document.case_no).where(inside(document.dated_at, period)))
    return {case_no for one in wanted for case_no in session.scalars(one.distinct())}


def case_files(session: Session, pack: LawPack, case_nos: Sequence[str]) -> list[CaseFile]:
    """Return cases with what their limits depend on: the steps and dated text records that begin or meet one."""
    documents, steps = _documents(session, pack, case_nos), _steps(session, _relevant(pack), case_nos)
    row = schema.CaseRow
    wanted = sa.select(row).order_by(row.case_no)
    return [
        CaseFile(
            rows.case(one),
            tuple(StepFile(step, tuple(documents.get((one.case_no, step.step_no), ()))) for step in steps[one.case_no]),
            tuple(documents.get((one.case_no, ""), ())),
        )
        for some in batched(case_nos)
        for one in session.scalars(wanted.where(row.case_no.in_(some)))
    ]


def _documents(session: Session, pack: LawPack, case_nos: Sequence[str]) -> Mapping[tuple[str, str], list[Document]]:
    """Return the dated text records that limits run from or are met by; a name's form is not for the database."""
    row, slots = schema.DocumentRow, _slots(pack)
    wanted = sa.select(row.case_no, row.step_no, row.slot, row.dated_at).where(row.dated_at.is_not(None))
    ordered = wanted.order_by(row.case_no, row.step_no, row.slot, row.document_no)
    found: dict[tuple[str, str], list[Document]] = defaultdict(list)
    for some in batched(case_nos):
        for case_no, step_no, slot, dated_at in session.execute(ordered.where(row.case_no.in_(some))):
            if folded(slot) in slots:
                found[case_no, step_no].append(Document(CaseNo(case_no), StepNo(step_no), slot, dated_at=dated_at))
    return found


def _slots(pack: LawPack) -> frozenset[str]:
    """Return the names, as they are compared, of the text records that limits depend on."""
    versions = (pack, *pack.later)
    moments = (moment for one in _deadlines(pack) for moment in (one.starts, *one.met_by))
    slots = [version.documents[m.of] for m in moments for version in versions if m.of in version.documents]
    return frozenset(folded(name) for slot in slots for name in (slot.slot, *slot.names.values(), *slot.aliases))


def _relevant(pack: LawPack) -> list[str]:
    """Return the procedures that limits are of, run from, are met by, or give way to."""
    named = {name for one in _deadlines(pack) for name in (one.of, one.without)}
    moments = (moment for one in _deadlines(pack) for moment in (one.starts, *one.met_by))
    return sorted({name for name in (*named, *(moment.of for moment in moments)) if name in pack.rules})


def _steps(session: Session, procedures: Collection[str], case_nos: Sequence[str]) -> Mapping[str, list[Step]]:
    row = schema.StepRow
    columns = (row.case_no, row.step_no, row.procedure, row.started_at, row.ended_at, row.due_at, row.extended_to)
    wanted = sa.select(*columns, row.urgent_reason).where(row.procedure.in_(procedures))
    found: dict[str, list[Step]] = defaultdict(list)
    for some in batched(case_nos):
        ordered = wanted.where(row.case_no.in_(some)).order_by(row.case_no, row.started_at, row.step_no)
        for one in session.execute(ordered):
            found[one.case_no].append(_step(*one))
    return found


def _step(  # noqa: PLR0913, PLR0917 - the columns of a step that limits look at
    case_no: str,
    step_no: str,
    procedure: str,
    started_at: datetime,
    ended_at: datetime,
    due_at: datetime | None,
    extended_to: datetime | None,
    urgent_reason: str,
) -> Step:
    named = (CaseNo(case_no), StepNo(step_no), procedure, started_at, ended_at)
    return Step(*named, due_at=due_at, extended_to=extended_to, urgent_reason=urgent_reason)


def _officers_units(session: Session, files: Sequence[CaseFile]) -> Mapping[tuple[str, str], str]:
    """Return the unit of the first officer of each step who has one; of a case under no step, that of its first."""
    worker, officer, step = schema.StepOfficer, schema.OfficerRow, schema.StepRow
    wanted = (
        sa.select(worker.case_no, worker.step_no, officer.unit)
        .join(officer, officer.officer_id == worker.officer_id)
        .join(step, sa.and_(step.case_no == worker.case_no, step.step_no == worker.step_no))
        .where(officer.unit != "")
        .order_by(worker.case_no, step.started_at, worker.step_no, worker.position)
    )
    found: dict[tuple[str, str], str] = {}
    for some in batched([file.case.case_no for file in files]):
        for case_no, step_no, unit in session.execute(wanted.where(worker.case_no.in_(some))):
            found.setdefault((case_no, step_no), unit)
            found.setdefault((case_no, ""), unit)
    return found
