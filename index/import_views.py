"""What imports there were, what each changed, and what a step said before.

The present form is in the register; earlier ones are folded back from the changes that imports left.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.changes import Change, Form, ImportedForm, ImportView, before, form_of, key_of
from evidence.ids import StepNo
from index import facts, schema
from index.batches import batched
from index.case_numbers import key_of as key_of_case


def imports(session: Session, *, limit: int, offset: int = 0) -> list[ImportView]:
    """Return the imports, newest first."""
    row = schema.ImportBatch
    wanted = sa.select(row).order_by(row.ledger_number.desc()).limit(limit).offset(offset)
    return [_view(one) for one in session.scalars(wanted)]


def import_of(session: Session, entry: int) -> ImportView | None:
    """Return the import that a ledger entry tells of; None when there is none."""
    found = session.get(schema.ImportBatch, entry)
    return _view(found) if found else None


def changes_of(session: Session, entry: int, *, limit: int) -> tuple[list[str], list[Change]]:
    """Return the records that an import brought and those it changed, the first of each in the order of their keys."""
    row = schema.RecordChange
    wanted = sa.select(row).where(row.ledger_number == entry).order_by(row.key).limit(limit)
    brought = [one.key for one in session.scalars(wanted.where(row.is_new))]
    changed = session.scalars(wanted.where(~row.is_new))
    return brought, [Change(one.key, {name: (old, new) for name, (old, new) in one.columns.items()}) for one in changed]


def step_history(session: Session, case_no: str, step_no: str) -> list[ImportedForm]:
    """Return every form a step had, oldest first, each with the import that made it; the last is the present one."""
    key = key_of_case(session, case_no)
    found = facts.nouns_of(session, facts.steps_by_key(session, {(key, StepNo(step_no))}))
    return _history(session, "steps", form_of(found[0])) if found else []


def _history(session: Session, noun: str, form: Form) -> list[ImportedForm]:
    """Fold back what imports changed, under whichever number of the case they came."""
    change, batch, case = schema.RecordChange, schema.ImportBatch, schema.CaseRow
    official = session.scalar(sa.select(case.official_no).where(case.case_no == form["case_no"]))
    keys = {key_of(noun, {**form, "case_no": number}) for number in (form["case_no"], official) if number}
    wanted = sa.select(change, batch).join(batch, batch.ledger_number == change.ledger_number)
    mine = wanted.where(change.noun == noun, change.key.in_(keys))
    forms: list[ImportedForm] = []
    for changed, act in session.execute(mine.order_by(change.ledger_number.desc())):
        forms.append(ImportedForm(form, act.ledger_number, act.imported_at, act.file_name, act.actor))
        if changed.is_new:
            return forms[::-1]
        form = before(form, changed.columns)
    return [ImportedForm(form), *reversed(forms)]


def amended_steps(session: Session, case_no: str) -> Sequence[StepNo]:
    """Return the numbers of a case's steps that an import has changed since they were first imported."""
    row, step = schema.RecordChange, schema.StepRow
    known = session.scalars(sa.select(step.step_no).where(step.case_no == case_no).order_by(step.step_no))
    numbers = {f"{case_no}/{one}": StepNo(one) for one in known}
    wanted = sa.select(row.key).where(row.noun == "steps", ~row.is_new).distinct()
    found = {key for some in batched(sorted(numbers)) for key in session.scalars(wanted.where(row.key.in_(some)))}
    return [number for key, number in numbers.items() if key in found]


def _view(row: schema.ImportBatch) -> ImportView:
    return ImportView(
        entry=row.ledger_number,
        digest=row.record_digest,
        noun=row.noun,
        file_name=row.file_name,
        zone=row.zone,
        rows=row.rows,
        new=row.new,
        changed=row.changed,
        unchanged=row.unchanged,
        at=row.imported_at,
        actor=row.actor,
        authenticated=row.authenticated,
    )
