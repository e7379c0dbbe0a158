"""Imported agency records: a changed row replaces the earlier one, and what it may change is named for review."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.cases import Case, Step
from evidence.claims import IdentityKind
from evidence.documents import Document
from evidence.findings import StepState
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId
from evidence.people import Assignment, Device, Officer
from evidence.ports import Scope, Transaction
from evidence.roster import unregistered
from evidence.spans import Span
from index import dialects, rows, schema
from index.amendments import held_to
from index.batches import batched
from index.filters import carried_by
from index.reach import overlapping, reach_class
from index.tx import session_of

Row = TypeVar("Row", bound=schema.Base)
Key = TypeVar("Key")
Noun = TypeVar("Noun", bound=Officer | Device)
Beginning = tuple[DeviceId, datetime]
"""A camera, and since when it was carried."""

ROSTER = "roster"
OPEN_END = datetime(9999, 1, 1, tzinfo=UTC)
MARGIN = timedelta(days=1)
"""How far outside an assignment a clip may lie and still be judged otherwise by it (clock doubts, late hand-ins)."""


@dataclass(frozen=True)
class ImportedFile:
    """A record file as it lies in the vault.

    Attributes:
        digest, name: of the file as it came. rows_record: digest of the rows that were read from it.
        rows: how many. zone: in which bare times were read.
    """

    digest: Digest
    name: str
    rows_record: str
    noun: str
    file_name: str
    rows: int
    zone: str


class RecordRegister:
    """Implements `evidence.ports.Records`."""

    def put_officers(self, tx: Transaction, officers: Collection[Officer]) -> Scope:
        """Store officers; whoever is named by an old or new id or short code is judged again."""
        session = session_of(tx)
        new = {one.officer_id: one for one in officers}
        present = [rows.officer(one) for one in rows_present(session, schema.OfficerRow, list(new))]
        old = {one.officer_id: one for one in present}
        changed = {key: one for key, one in new.items() if old.get(key) != one}
        dialects.upsert(session, schema.OfficerRow, [rows.officer_values(one) for one in changed.values()])
        _renew_roster(session, changed=bool(changed))
        both = _both(old, changed)
        names = {name for one in both for name in (one.officer_id, *one.short_codes)}
        kinds = (IdentityKind.OFFICER_CODE, IdentityKind.OFFICER)
        ids = sorted({one.officer_id for one in both})
        clips = _clips_named(session, kinds, names) | _clips_loose(session, _moved_units(old, changed))
        return Scope(clips=clips, cases=_cases_of(session, ids))

    def put_devices(self, tx: Transaction, devices: Collection[Device]) -> Scope:
        """Store devices; clips that name one by its id or maker's serial are judged again."""
        session = session_of(tx)
        new = {one.device_id: one for one in devices}
        present = [rows.device(one) for one in rows_present(session, schema.DeviceRow, list(new))]
        old = {one.device_id: one for one in present}
        changed = {key: one for key, one in new.items() if old.get(key) != one}
        dialects.upsert(session, schema.DeviceRow, [rows.device_values(one) for one in changed.values()])
        _renew_roster(session, changed=bool(changed))
        both = _both(old, changed)
        names = {name for one in both for name in (one.device_id, one.serial) if name}
        return Scope(clips=_clips_named(session, (IdentityKind.DEVICE,), names))

    def put_assignments(self, tx: Transaction, assignments: Collection[Assignment]) -> Scope:
        """Store assignments; a later import of the same device and beginning replaces the earlier.

        Several of one device and beginning in one import are officers who carry it together.
        """
        session = session_of(tx)
        new = by_beginning(assignments)
        standing = by_beginning(standing_assignments(session, {one.device_id for one in assignments}))
        changed = {key: found for key, found in new.items() if standing.get(key) != found}
        old = {key: standing[key] for key in changed if key in standing}
        _replace(session, changed, old)
        _renew_roster(session, changed=bool(changed))
        both = [one for found in (*changed.values(), *old.values()) for one in found.values()]
        return Scope(clips=_clips_carried(session, both), cases=_cases_worked(session, both))

    def put_cases(self, tx: Transaction, cases: Collection[Case]) -> Scope:
        session = session_of(tx)
        dialects.upsert(session, schema.CaseRow, [rows.case_values(one) for one in cases])
        session.expire_all()
        return Scope(cases=frozenset(one.case_no for one in cases))

    def put_steps(self, tx: Transaction, steps: Collection[Step]) -> Scope:
        """Store steps; what people amended of their times holds.

        A case that is not recorded yet gets a bare row, so that records may come in any order.
        """
        session = session_of(tx)
        cases = _with_cases(session, steps)
        steps = held_to(session, steps)
        dialects.upsert(session, schema.StepRow, _step_rows(session, steps))
        _put_officers_of(session, steps)
        session.expire_all()
        return Scope(cases=cases)

    def put_documents(self, tx: Transaction, documents: Collection[Document]) -> Scope:
        """Store text records; their cases get bare rows as those of steps do, and are audited again."""
        session = session_of(tx)
        cases = _with_cases(session, documents)
        dialects.upsert(session, schema.DocumentRow, [rows.document_values(one) for one in documents])
        session.expire_all()
        return Scope(cases=cases)

    def put(self, tx: Transaction, noun: str, records: Collection[Any]) -> Scope:
        """Store imported rows of a noun (``officers`` … ``steps``) by the method that is made for it."""
        writers: Mapping[str, Callable[[Transaction, Collection[Any]], Scope]] = {
            "officers": self.put_officers,
            "devices": self.put_devices,
            "assignments": self.put_assignments,
            "cases": self.put_cases,
            "steps": self.put_steps,
            "documents": self.put_documents,
        }
        return writers[noun](tx, records)


def rows_present(session: Session, model: type[Row], keys: Sequence[str]) -> list[Row]:
    """Return the rows of a table with one key column that have one of the keys."""
    (key,) = sa.inspect(model).primary_key
    return [row for some in batched(keys) for row in session.scalars(sa.select(model).where(key.in_(some)))]


def _both(old: Mapping[Key, Noun], changed: Mapping[Key, Noun]) -> list[Noun]:
    """Return the new and the earlier forms of what changed: both may name clips."""
    return [*changed.values(), *(old[key] for key in changed if key in old)]


def standing_assignments(session: Session, devices: Collection[DeviceId]) -> list[Assignment]:
    """Return every assignment of these cameras."""
    row = schema.AssignmentRow
    return [
        rows.assignment(one)
        for some in batched(sorted(devices))
        for one in session.scalars(sa.select(row).where(row.device_id.in_(some)))
    ]


def by_beginning(assignments: Iterable[Assignment]) -> dict[Beginning, dict[OfficerId, Assignment]]:
    """Return who carried a camera from a moment on, by both."""
    found: dict[Beginning, dict[OfficerId, Assignment]] = {}
    for one in assignments:
        found.setdefault((one.device_id, one.start), {})[one.officer_id] = one
    return found


def _replace(
    session: Session,
    changed: Mapping[Beginning, Mapping[OfficerId, Assignment]],
    old: Mapping[Beginning, Mapping[OfficerId, Assignment]],
) -> None:
    row = schema.AssignmentRow
    for (device_id, start), found in old.items():
        gone = sorted(found.keys() - changed[device_id, start].keys())
        if gone:
            mine = (row.device_id == device_id, row.start == start, row.officer_id.in_(gone))
            session.execute(sa.delete(row).where(*mine))
    every = [rows.assignment_values(one) for found in changed.values() for one in found.values()]
    dialects.upsert(session, schema.AssignmentRow, every)


def _renew_roster(session: Session, *, changed: bool) -> None:
    """Give the roster a new token, so that every process that keeps it in memory reads it again."""
    if changed:
        session.execute(sa.update(schema.Mark).where(schema.Mark.name == ROSTER).values(token=uuid4().hex))
        session.expire_all()


def _clips_named(session: Session, kinds: Collection[IdentityKind], names: Collection[str]) -> frozenset[Digest]:
    """Return the clips that names are stated of, in them or in docks' records (which bring the clips they list)."""
    row, dock, listed = schema.IdentityClaimRow, schema.DockConnectionRow, schema.DockFileRow
    found: set[Digest] = set()
    for some in batched(sorted({name.casefold() for name in names})):
        wanted = (
            sa.select(row.digest).where(row.kind.in_(kinds), row.folded.in_(some)),
            sa.select(dock.digest).where(sa.or_(dock.folded.in_(some), sa.func.lower(dock.officer_code).in_(some))),
            sa.select(listed.digest).where(sa.func.lower(listed.officer_code).in_(some)),
        )
        found.update(Digest(digest) for each in wanted for digest in session.scalars(each))
    return frozenset(found)


def _moved_units(old: Mapping[OfficerId, Officer], changed: Mapping[OfficerId, Officer]) -> list[str]:
    """Return the officers whose unit is another than before, or was not known."""
    return sorted(key for key, one in changed.items() if key not in old or old[key].unit != one.unit)


def _clips_loose(session: Session, officers: Sequence[str]) -> frozenset[Digest]:
    """Return the clips of officers that hang nowhere: what they may belong to depends on the officers' unit."""
    clip = schema.Clip
    found: set[Digest] = set()
    for some in batched(officers):
        wanted = sa.select(clip.digest).where(carried_by(some), clip.linked.is_(False))
        found.update(Digest(digest) for digest in session.scalars(wanted))
    return frozenset(found)


def _clips_carried(session: Session, assignments: Iterable[Assignment]) -> frozenset[Digest]:
    """Return the clips of the devices within the assignments, and those without a believed time."""
    clip = schema.Clip
    found: set[Digest] = set()
    for one in assignments:
        reach = _reach(one)
        inside = sa.and_(clip.span_start >= reach.start, clip.span_start <= reach.end)
        mine = clip.device_id.in_(_spelt(session, one.device_id))
        wanted = sa.select(clip.digest).where(mine, inside | clip.span_start.is_(None))
        found.update(Digest(digest) for digest in session.scalars(wanted))
    return frozenset(found)


def _cases_of(session: Session, officers: Sequence[str]) -> frozenset[CaseNo]:
    """Return the cases that officers worked in: whether they held a certificate may have changed."""
    worker = schema.StepOfficer
    found: set[CaseNo] = set()
    for some in batched(officers):
        wanted = sa.select(worker.case_no).where(worker.officer_id.in_(some)).distinct()
        found.update(CaseNo(case_no) for case_no in session.scalars(wanted))
    return frozenset(found)


def _spelt(session: Session, name: str) -> set[str]:
    """Return the names under which clips of a camera may stand: registered in any letter case, by serial, or not."""
    row = schema.DeviceRow
    same = sa.or_(sa.func.lower(row.device_id) == name.lower(), sa.func.lower(row.serial) == name.lower())
    return {unregistered(name), *session.scalars(sa.select(row.device_id).where(same))}


def _cases_worked(session: Session, assignments: Iterable[Assignment]) -> frozenset[CaseNo]:
    """Return the cases in which the officers worked while they carried the devices: what is awaited may change."""
    step, worker = schema.StepRow, schema.StepOfficer
    found: set[CaseNo] = set()
    for one in assignments:
        during = overlapping((step.reach_class, step.started_at, step.ended_at), _reach(one))
        joined = sa.and_(worker.case_no == step.case_no, worker.step_no == step.step_no)
        wanted = sa.select(step.case_no).join(worker, joined).where(worker.officer_id == one.officer_id, during)
        found.update(CaseNo(case_no) for case_no in session.scalars(wanted))
    return frozenset(found)


def _reach(assignment: Assignment) -> Span:
    return Span(assignment.start - MARGIN, assignment.end + MARGIN if assignment.end else OPEN_END)


def _with_cases(session: Session, records: Iterable[Step | Document]) -> frozenset[CaseNo]:
    """Return the cases of records; those that are not recorded yet get bare rows."""
    cases = frozenset(one.case_no for one in records)
    known = {row.case_no for row in rows_present(session, schema.CaseRow, list(cases))}
    bare = [rows.case_values(Case(case_no)) for case_no in sorted(cases - known)]
    dialects.upsert(session, schema.CaseRow, bare)
    return cases


def _step_rows(session: Session, steps: Collection[Step]) -> list[rows.Values]:
    """Return the columns of steps; a step that was audited keeps its verdict until it is audited again."""
    row = schema.StepRow
    known = {
        (case_no, step_no): (state, why)
        for some in batched(sorted({one.case_no for one in steps}))
        for case_no, step_no, state, why in session.execute(
            sa.select(row.case_no, row.step_no, row.state, row.why).where(row.case_no.in_(some))
        )
    }
    values: list[rows.Values] = []
    for one in steps:
        state, why = known.get((one.case_no, one.step_no), (StepState.NO_DUTY, ()))
        filed = reach_class(one.window)
        values.append({**rows.step_values(one), "reach_class": filed, "state": state, "why": why})
    return values


def _put_officers_of(session: Session, steps: Collection[Step]) -> None:
    row = schema.StepOfficer
    for some in batched([(one.case_no, one.step_no) for one in steps]):
        session.execute(sa.delete(row).where(sa.tuple_(row.case_no, row.step_no).in_(some)))
    values = [
        {"case_no": one.case_no, "step_no": one.step_no, "position": position, "officer_id": officer_id}
        for one in steps
        for position, officer_id in enumerate(one.officers)
    ]
    if values:
        session.execute(sa.insert(row), values)
