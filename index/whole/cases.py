"""The files of some cases, audited. Pure but for what it is given."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from evidence.attachments import Attachment
from evidence.audit_case import audit_case
from evidence.cases import Step
from evidence.custody import Entry, EventType
from evidence.documents import Document
from evidence.ids import CaseNo
from index import journal, rows, schema
from index.case_files import Beside, Papers, files_of
from index.facts import StepKey, step_key
from index.reconcile import Audited, case_owner
from index.whole.entries import Entries
from index.whole.filed import STEP_COLUMNS
from index.whole.findings import Findings
from index.whole.forms import Reading
from index.whole.parts import Files, Knowledge, Outcome

CASE_COLUMNS = tuple(column.name for column in schema.CaseRow.__table__.columns)
DOCUMENT_COLUMNS = tuple(column.name for column in schema.DocumentRow.__table__.columns)
ATTACHMENT_COLUMNS = tuple(column.name for column in schema.AttachmentRow.__table__.columns)

_CASE = Reading(schema.CaseRow, CASE_COLUMNS)
_STEP = Reading(schema.StepRow, STEP_COLUMNS, late=("why",))
_DOCUMENT = Reading(schema.DocumentRow, DOCUMENT_COLUMNS)
_ATTACHMENT = Reading(schema.AttachmentRow, ATTACHMENT_COLUMNS)


def review_files(known: Knowledge, files: Files) -> Outcome:
    """Audit cases, and state what is found."""
    out = Outcome()
    entries = Entries(Entry(EventType.AUDITED, known.actor, known.at))
    findings = Findings(known, dict(files.kept.findings), entries, out)
    found = [_CASE.row(stored) for stored in files.cases]
    beside = Beside(known.strangers, known.claims, known.roster)
    papers = Papers(known.pack, _documents(files), _attachments(files))
    for row, file in zip(found, files_of(found, _steps(files), papers, beside), strict=True):
        verdict = audit_case(file, known.pack, known.at)
        if row.next_at != verdict.next_at:
            row.next_at = verdict.next_at
            out.dates.append((row.case_no, row.next_at))
            out.entries += entries.of(EventType.AUDITED, "", journal.case_audited(row))
        findings.state(Audited(case_owner(CaseNo(row.case_no)), verdict.findings))
    return out


def _steps(files: Files) -> Iterator[tuple[Any, Step]]:
    for stored in files.steps:
        row = _STEP.row(stored)
        yield row, rows.step(row, files.officers.get((row.case_no, row.step_no), ()))


def _documents(files: Files) -> dict[StepKey, list[Document]]:
    found: dict[StepKey, list[Document]] = defaultdict(list)
    for stored in files.documents:
        row = _DOCUMENT.row(stored)
        found[step_key(row.case_no, row.step_no)].append(rows.document(row))
    return found


def _attachments(files: Files) -> dict[StepKey, list[Attachment]]:
    found: dict[StepKey, list[Attachment]] = defaultdict(list)
    for stored in files.attachments:
        row = _ATTACHMENT.row(stored)
        found[step_key(row.case_no, row.step_no)].append(rows.attachment(row))
    return found
