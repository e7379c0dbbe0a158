"""The demo's records as the CSV files a bureau would export. Source: docs/interfaces.md, "Importing records"."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from evidence.cases import Case, Step
from evidence.documents import Document
from evidence.people import Assignment, Device, Officer
from evidence.zones import beijing

STEP_COLUMNS = (
    "case_no,step_no,procedure,started_at,ended_at,place,officers,party,unsuitable_reason,witness,due_at,urgent_reason"
)


def officers_csv(officers: Iterable[Officer]) -> str:
    """Return the officers."""
    rows = [
        (o.officer_id, o.name, o.unit, _time(o.valid_from), _time(o.valid_to), ";".join(o.short_codes))
        for o in officers
    ]
    return _table("officer_id,name,unit,valid_from,valid_to,short_codes", rows)


def devices_csv(devices: Iterable[Device]) -> str:
    """Return the cameras."""
    rows = [(d.device_id, d.model, d.profile, d.unit, d.serial) for d in devices]
    return _table("device_id,model,profile,unit,serial", rows)


def assignments_csv(assignments: Iterable[Assignment]) -> str:
    """Return who carried which camera when."""
    rows = [(a.device_id, a.officer_id, _time(a.start), _time(a.end)) for a in assignments]
    return _table("device_id,officer_id,from,to", rows)


def cases_csv(cases: Iterable[Case]) -> str:
    """Return the cases."""
    rows = [
        (c.case_no, c.title, c.matter_type, c.unit, _time(c.opened_at), _time(c.concluded_at), c.confidentiality)
        for c in cases
    ]
    return _table("case_no,title,matter_type,unit,opened_at,concluded_at,confidentiality", rows)


def steps_csv(steps: Iterable[Step]) -> str:
    """Return the procedure steps."""
    rows = [
        (
            *(s.case_no, s.step_no, s.procedure, _time(s.started_at), _time(s.ended_at)),
            *(s.place, ";".join(s.officers), s.party, s.unsuitable_reason),
            *(s.witness, _time(s.due_at), s.urgent_reason),
        )
        for s in steps
    ]
    return _table(STEP_COLUMNS, rows)


def documents_csv(documents: Iterable[Document]) -> str:
    """Return the text records."""
    rows = [(d.case_no, d.step_no, d.slot, _time(d.dated_at), ";".join(d.signed_by)) for d in documents]
    return _table("case_no,step_no,document,dated_at,signed_by", rows)


def _table(head: str, rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head.split(","))
    writer.writerows(rows)
    return text.getvalue()


def _time(moment: datetime | None) -> str:
    return "" if moment is None else beijing(moment).isoformat(timespec="seconds")
