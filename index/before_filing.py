"""What is still open of a case, read out of the register."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.audit_clip import AUDIO_VISUAL
from evidence.before_filing import Awaited, BeforeFiling, Unlinked, before_filing
from evidence.case_file import CaseFile, StepFile
from evidence.cases import Step
from evidence.errors import NotFoundError
from evidence.findings import StepState
from evidence.ids import CaseNo, Digest, StepNo
from evidence.law import LawPack
from evidence.matching import margin_of
from index import facts, rows, schema
from index.carriers import carriers_of
from index.case_files import documents_of
from index.case_numbers import key_of
from index.case_views import finding_view, step_views
from index.engine import Register
from index.facts import step_key
from index.filters import carried_by
from index.reach import overlapping


def open_of_case(register: Register, pack: LawPack, case_no: str, now: datetime) -> BeforeFiling:
    """Return what is open of a case at a moment, in one consistent view.

    Raises:
        NotFoundError: no such case.
    """
    row = schema.FindingRow
    with register.reading() as session:
        case_no = key_of(session, case_no)
        file, states = _file(session, case_no)
        waited = [found for found, state in states if state is StepState.WAITING_UPLOAD]
        wanted = sa.select(row).where(row.case_no == case_no).order_by(row.severity, row.kind, row.finding_id)
        findings = [finding_view(one) for one in session.scalars(wanted)]
        waiting = [Awaited(view.step.step_no, view.waiting_for) for view in step_views(session, waited, pack)]
        unlinked = [one for own in file.steps for one in _unlinked(session, own.step, pack)]
        return before_filing(file, pack, now, findings, waiting, unlinked)


def _file(session: Session, case_no: str) -> tuple[CaseFile, list[tuple[schema.StepRow, StepState]]]:
    case = session.get(schema.CaseRow, case_no)
    if case is None:
        cure = "list the cases to see which there are, or import it"
        raise NotFoundError("no case of that number", subject=case_no, cure=cure)
    row = schema.StepRow
    found = list(session.scalars(sa.select(row).where(row.case_no == case_no).order_by(row.started_at, row.step_no)))
    documents = documents_of(session, [case_no])
    steps = tuple(
        StepFile(step, tuple(documents.get(step_key(case_no, step.step_no), ())))
        for step in facts.nouns_of(session, found)
    )
    whole = tuple(documents.get((CaseNo(case_no), StepNo("")), ()))
    return CaseFile(rows.case(case), steps, whole), [(one, one.state) for one in found]


def _unlinked(session: Session, step: Step, pack: LawPack) -> list[Unlinked]:
    """Return the recordings of a step's officers within its window, lead and lag that hang on no step."""
    clip, margin = schema.Clip, margin_of(pack.rules.get(step.procedure))
    window = step.window.widened(margin.lead_s, margin.lag_s)
    near = overlapping((clip.reach_class, clip.reach_start, clip.reach_end), window)
    wanted = sa.select(clip).where(near, carried_by(step.officers), ~clip.linked, clip.kind.in_(sorted(AUDIO_VISUAL)))
    return [
        Unlinked(step.step_no, Digest(one.digest), carriers_of(one), rows.span(one.span_start, one.span_end))
        for one in session.scalars(wanted.order_by(clip.span_start, clip.digest))
    ]
