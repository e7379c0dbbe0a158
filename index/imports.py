"""Taking imported rows in: what they change is found first, only that is written, and every act leaves its trace.

A row that says what stands already touches nothing, so that a file may come again as often as it likes; what a record
said before an import is kept with the import that changed it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.cases import Case
from evidence.changes import Diff, Form, diff_of, form_of, forms_of, key_of
from evidence.custody import Actor, Entry, EventType
from evidence.ids import DeviceId, Digest
from evidence.ports import Scope, Transaction
from index import dialects, facts, ledger, rows, schema
from index.amendments import as_recorded
from index.batches import batched
from index.case_files import documents_of
from index.folding import let_go
from index.journal import RECORDS, Told, is_whole, rows_name, told_by
from index.numbered_imports import Folded, as_known, fold_all, require_numbers
from index.records import ImportedFile, RecordRegister, rows_present, standing_assignments
from index.tx import session_of

Values = dict[str, Any]
AT_ONCE = 5000
"""Rows of changes in one statement."""


@dataclass(frozen=True)
class Taken:
    """Rows that were put.

    Attributes:
        scope: what has to be reviewed again. diff: what they changed.
        folded: official numbers that had been cases by themselves, and the provisional cases that they became.
    """

    scope: Scope
    diff: Diff
    folded: frozenset[Folded] = frozenset()


class ImportRegister(RecordRegister):
    """Implements `evidence.ports.Records`, and takes whole files in."""

    def differing(self, session: Session, noun: str, records: Collection[Any]) -> Diff:
        """Return what the rows of a file would change; nothing is written."""
        return _differing(session, noun, as_known(session, noun, records))

    def take(self, tx: Transaction, noun: str, records: Collection[Any]) -> Taken:
        """Put the rows that change something, and no others.

        Raises:
            ImportRefusedError: a case is to have an official number that it cannot be given.
        """
        session = session_of(tx)
        known = as_known(session, noun, records)
        diff = _differing(session, noun, known)
        keys = diff.keys
        changing = [one for one in known if key_of(noun, form_of(one)) in keys] if keys else []
        if noun == "cases":
            require_numbers(session, changing)
        scope = self.put(tx, noun, changing) if changing else Scope()
        return Taken(scope, diff, fold_all(session, changing) if noun == "cases" else frozenset())

    def let_go(self, tx: Transaction, taken: Taken, actor: Actor, at: datetime) -> Scope:
        """Take back what was concluded under numbers that are no cases by themselves any more; return what to review.

        Not for a register that is made again: the ledger tells there what was taken back.
        """
        session = session_of(tx)
        clips = [let_go(session, *folded, actor, at) for folded in sorted(taken.folded)]
        return replace(taken.scope, clips=taken.scope.clips.union(*clips))

    def record_import(self, tx: Transaction, batch: ImportedFile, diff: Diff, actor: Actor, at: datetime) -> int:
        """Record that a record file was taken in, and what it changed; return its ledger number."""
        session = session_of(tx)
        detail = {name: value for name, value in vars(batch).items() if name != "digest"}
        told = {**detail, "new_rows": len(diff.new), "changed_rows": len(diff.changed)}
        number = ledger.append(session, Entry(EventType.IMPORTED, actor, at, batch.digest, detail=told))
        put_import(session, number, batch, diff, actor.name, actor.authenticated.value, at)
        return number


def _differing(session: Session, noun: str, known: Collection[Any]) -> Diff:
    return diff_of(noun, standing_forms(session, noun, known), forms_of(noun, known))


def put_import(
    session: Session, number: int, batch: ImportedFile, diff: Diff, actor: str, authenticated: str, at: datetime
) -> None:
    """Write the row of an import and those of what it changed."""
    values = {
        "ledger_number": number,
        "record_digest": batch.digest,
        "rows_record": batch.rows_record,
        "noun": batch.noun,
        "file_name": batch.file_name,
        "zone": batch.zone,
        "rows": batch.rows,
        "new": len(diff.new),
        "changed": len(diff.changed),
        "unchanged": diff.unchanged,
        "imported_at": at,
        "actor": actor,
        "authenticated": authenticated,
    }
    dialects.upsert(session, schema.ImportBatch, [values])
    for some in batched(list(_change_rows(number, batch.noun, diff)), AT_ONCE):
        session.execute(sa.insert(schema.RecordChange), list(some))


def _change_rows(number: int, noun: str, diff: Diff) -> Iterator[Values]:
    about = {"ledger_number": number, "noun": noun}
    yield from ({**about, "key": key, "is_new": True, "columns": {}} for key in diff.new)
    for one in diff.changed:
        columns = {name: list(cells) for name, cells in one.columns.items()}
        yield {**about, "key": one.key, "is_new": False, "columns": columns}


def case_numbers(session: Session) -> frozenset[str]:
    """Return the numbers of all cases, provisional and official, those too that only steps have named."""
    row = schema.CaseRow
    official = session.scalars(sa.select(row.official_no).where(row.official_no.is_not(None)))
    return frozenset(session.scalars(sa.select(row.case_no))) | frozenset(map(str, official))


# --- what stands ------------------------------------------------------------------------------------------------------


def standing_forms(session: Session, noun: str, records: Collection[Any]) -> dict[str, Form]:
    """Return the records that stand under the keys of these rows, by key."""
    return {key_of(noun, form): form for form in forms_of(noun, _STANDING[noun](session, records))}


def _standing_officers(session: Session, records: Collection[Any]) -> Iterator[Any]:
    return map(rows.officer, rows_present(session, schema.OfficerRow, [one.officer_id for one in records]))


def _standing_devices(session: Session, records: Collection[Any]) -> Iterator[Any]:
    return map(rows.device, rows_present(session, schema.DeviceRow, [one.device_id for one in records]))


def _standing_cases(session: Session, records: Collection[Any]) -> Iterator[Any]:
    """Return the cases that were imported: one that only steps have named so far is new when its own row comes."""
    found = [rows.case(one) for one in rows_present(session, schema.CaseRow, [one.case_no for one in records])]
    bare = [one.case_no for one in found if one == Case(one.case_no)]
    row = schema.RecordChange
    wanted = sa.select(row.key).where(row.noun == "cases", row.is_new)
    imported = {key for some in batched(bare) for key in session.scalars(wanted.where(row.key.in_(some)))}
    return (one for one in found if one != Case(one.case_no) or one.case_no in imported)


def _standing_assignments(session: Session, records: Collection[Any]) -> Iterator[Any]:
    wanted = {(one.device_id, one.start) for one in records}
    found = standing_assignments(session, {DeviceId(one.device_id) for one in records})
    return (one for one in found if (one.device_id, one.start) in wanted)


def _standing_steps(session: Session, records: Collection[Any]) -> Iterator[Any]:
    keys = {facts.step_key(one.case_no, one.step_no) for one in records}
    return iter(as_recorded(session, facts.nouns_of(session, facts.steps_by_key(session, keys))))


def _standing_documents(session: Session, records: Collection[Any]) -> Iterator[Any]:
    wanted = {one.key for one in records}
    found = documents_of(session, {one.case_no for one in records})
    return (one for some in found.values() for one in some if one.key in wanted)


_STANDING: Mapping[str, Callable[[Session, Collection[Any]], Iterator[Any]]] = {
    "officers": _standing_officers,
    "devices": _standing_devices,
    "assignments": _standing_assignments,
    "cases": _standing_cases,
    "steps": _standing_steps,
    "documents": _standing_documents,
}


# --- imports of before ------------------------------------------------------------------------------------------------

UNTOLD = "imports_untold"
"""The mark of a register whose imports of before have no rows yet."""


def is_untold(session: Session) -> bool:
    """Whether imports of before have no rows yet."""
    return session.get(schema.Mark, UNTOLD) is not None


def tell_imports_of_before(session: Session, record: Callable[[str, str], bytes]) -> None:
    """Write the rows of the imports that an older register had not told apart, from the ledger and the rows sealed.

    Args:
        session: an open writing transaction.
        record: reads the vault's records, by folder and name.

    Raises:
        NotFoundError: rows that were sealed are not there.
    """
    state: dict[tuple[str, str], Form] = {}
    for told in told_by(ledger.entries(session)):
        if told.event == EventType.IMPORTED and is_whole(told):
            batch = batch_of(told)
            body = record("imports", rows_name(batch.rows_record, batch.noun))
            forms = list(forms_of(batch.noun, RECORDS[batch.noun].from_bytes(body)))
            keyed = {key_of(batch.noun, form): form for form in forms}
            standing = {key: state[batch.noun, key] for key in keyed if (batch.noun, key) in state}
            diff = diff_of(batch.noun, standing, forms)
            put_import(session, told.number, batch, diff, told.actor, told.authenticated, told.at)
            state.update({(batch.noun, key): form for key, form in keyed.items()})
    session.execute(sa.delete(schema.Mark).where(schema.Mark.name == UNTOLD))


def batch_of(told: Told) -> ImportedFile:
    """Return the record file that an entry of an import tells of."""
    said = told.detail
    names = ("name", "rows_record", "noun", "file_name", "zone")
    about = {name: str(said.get(name, "")) for name in names}
    return ImportedFile(digest=Digest(told.subject), rows=int(str(said["rows"])), **about)
