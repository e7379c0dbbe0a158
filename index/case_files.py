"""The files of cases as the register holds them, and their audit."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.attachments import Attachment, papers_of, slots_at
from evidence.attachments import documents_of as counted_in
from evidence.audit_case import audit_case
from evidence.case_file import CaseFile, StepFile
from evidence.cases import Step
from evidence.custody import Actor, Entry, EventType
from evidence.documents import Document
from evidence.findings import StepState
from evidence.ids import CaseNo, Digest, OfficerId
from evidence.law import DocumentSlot, LawPack
from evidence.people import within
from evidence.roster import Roster
from index import facts, journal, ledger, rows, schema
from index.batches import batched
from index.facts import StepKey, step_key
from index.papers import attachments_of
from index.reconcile import Audited, case_owner

CASES_AT_ONCE = 200
WHOLE = frozenset({StepState.COVERED, StepState.NO_DUTY})
"""States of a step of whose recording nothing is missing."""

Strangers = Mapping[StepKey, Sequence[tuple[Digest, OfficerId]]]


@dataclass(frozen=True)
class CaseAuditor:
    """Audits the files of cases in one transaction.

    Attributes:
        now: trusted time, by which deadlines are over.
        actor: who let the review run; goes into the ledger.
    """

    session: Session
    pack: LawPack
    roster: Roster
    now: datetime
    actor: Actor

    def cases(self, case_nos: Collection[str]) -> Iterator[Audited]:
        """Audit cases, keep when they have to be looked at again, and yield what is found."""
        for some in batched(sorted(case_nos), CASES_AT_ONCE):
            found = self._rows(some)
            files = self._files(found)
            entries: list[Entry] = []
            for row, file in zip(found, files, strict=True):
                verdict = audit_case(file, self.pack, self.now)
                if row.next_at != verdict.next_at:
                    row.next_at = verdict.next_at
                    detail = journal.case_audited(row)
                    entries.append(Entry(EventType.AUDITED, self.actor, self.now, detail=detail))
                yield Audited(case_owner(row.case_no), verdict.findings)
            self.session.flush()
            ledger.append_all(self.session, entries)

    def _rows(self, case_nos: Sequence[str]) -> list[schema.CaseRow]:
        row = schema.CaseRow
        return list(self.session.scalars(sa.select(row).where(row.case_no.in_(case_nos)).order_by(row.case_no)))

    def _files(self, found: Sequence[schema.CaseRow]) -> list[CaseFile]:
        case_nos = [row.case_no for row in found]
        documents = documents_of(self.session, case_nos)
        papers = Papers(self.pack, documents, attachments_of(self.session, case_nos))
        beside = Beside(self.strangers(case_nos), self.claims(case_nos), self.roster)
        return files_of(found, self._steps(case_nos), papers, beside)

    def _steps(self, case_nos: Sequence[str]) -> Iterator[tuple[schema.StepRow, Step]]:
        """Yield the steps of cases in the order they began."""
        row = schema.StepRow
        wanted = sa.select(row).where(row.case_no.in_(case_nos)).order_by(row.case_no, row.started_at, row.step_no)
        found = list(self.session.scalars(wanted))
        yield from zip(found, facts.nouns_of(self.session, found), strict=True)

    def strangers(self, case_nos: Sequence[str] | None = None) -> Strangers:
        """Return the clips people hung on steps that name none of their carriers; None: those of all cases."""
        link, clip, worker, row = schema.Link, schema.Clip, schema.StepOfficer, schema.ClipCarrier
        beside = sa.select(row.officer_id).where(row.digest == clip.digest).correlate(clip).scalar_subquery()
        named = sa.exists().where(
            worker.case_no == link.case_no,
            worker.step_no == link.step_no,
            sa.or_(worker.officer_id == clip.officer_id, worker.officer_id.in_(beside)),
        )
        wanted = sa.select(link.case_no, link.step_no, clip.digest, clip.officer_id)
        wanted = wanted.join(clip, clip.digest == link.digest).where(link.active, link.human)
        wanted = wanted if case_nos is None else wanted.where(link.case_no.in_(case_nos))
        wanted = wanted.where(clip.officer_id.is_not(None), ~named).order_by(clip.digest)
        found: dict[StepKey, list[tuple[Digest, OfficerId]]] = defaultdict(list)
        for case_no, step_no, digest, officer_id in self.session.execute(wanted.order_by(clip.digest)):
            found[step_key(case_no, step_no)].append((Digest(digest), OfficerId(str(officer_id))))
        return found

    def claims(self, case_nos: Sequence[str] | None = None) -> Mapping[StepKey, bool]:
        """Return whether a claimed exemption stands, by step; steps without one are left out; None: of all cases."""
        row = schema.ExemptionRow
        wanted = sa.select(row.case_no, row.step_no, row.approved)
        wanted = wanted if case_nos is None else wanted.where(row.case_no.in_(case_nos))
        return {
            step_key(case_no, step_no): approved is not False
            for case_no, step_no, approved in self.session.execute(wanted)
        }


@dataclass(frozen=True)
class Beside:
    """What is known of steps beside their records and their text records, see `CaseAuditor`."""

    strangers: Strangers
    claims: Mapping[StepKey, bool]
    roster: Roster

    def file_of(self, step: Step, state: StepState, documents: tuple[Document, ...]) -> StepFile:
        """Return a step with what the file holds of it."""
        key = step_key(step.case_no, step.step_no)
        return StepFile(
            step,
            documents,
            invalid_of(step, self.roster),
            tuple(self.strangers.get(key, ())),
            state in WHOLE,
            self.claims.get(key, bool(step.unsuitable_reason)),
        )


@dataclass(frozen=True)
class Papers:
    """The text records of cases, by step, as records name them and as files were attached to them."""

    pack: LawPack
    documents: Mapping[StepKey, Sequence[Document]]
    files: Mapping[StepKey, Sequence[Attachment]]

    def of_step(self, step: Step) -> tuple[Document, ...]:
        """Return what the file holds of a step."""
        return self._of(step_key(step.case_no, step.step_no), slots_at(step, self.pack))

    def of_case(self, case_no: str) -> tuple[Document, ...]:
        """Return what the file holds of the case as a whole."""
        return self._of(step_key(case_no, ""), tuple(self.pack.documents.values()))

    def _of(self, key: StepKey, slots: Sequence[DocumentSlot]) -> tuple[Document, ...]:
        documents, files = self.documents.get(key, ()), self.files.get(key, ())
        return counted_in(papers_of(documents, files, slots)) if files or documents else ()


def files_of(
    found: Iterable[schema.CaseRow], steps: Iterable[tuple[schema.StepRow, Step]], papers: Papers, beside: Beside
) -> list[CaseFile]:
    """Put the files of cases together; steps come in the order they began."""
    filed: dict[str, list[StepFile]] = defaultdict(list)
    for row, step in steps:
        filed[row.case_no].append(beside.file_of(step, row.state, papers.of_step(step)))
    return [CaseFile(rows.case(row), tuple(filed[row.case_no]), papers.of_case(row.case_no)) for row in found]


def invalid_of(step: Step, roster: Roster) -> tuple[OfficerId, ...]:
    """Return the officers of a step whom the roster knows and who held no certificate when it began."""
    known = ((officer_id, roster.officer(officer_id)) for officer_id in step.officers)
    return tuple(
        officer_id
        for officer_id, officer in known
        if officer is not None and not within(step.started_at, officer.valid_from, officer.valid_to)
    )


def documents_of(session: Session, case_nos: Collection[str]) -> Mapping[StepKey, list[Document]]:
    """Return the text records of cases by step, in order of slot and number; under no step those of the whole case."""
    row = schema.DocumentRow
    order = (row.case_no, row.step_no, row.slot, row.document_no)
    found: dict[StepKey, list[Document]] = defaultdict(list)
    for some in batched(sorted(case_nos)):
        for one in session.scalars(sa.select(row).where(row.case_no.in_(some)).order_by(*order)):
            found[step_key(one.case_no, one.step_no)].append(rows.document(one))
    return found


def cases_due(session: Session, at: datetime) -> set[CaseNo]:
    """Return the cases whose deadlines have to be looked at again because time has passed."""
    row = schema.CaseRow
    return {CaseNo(case_no) for case_no in session.scalars(sa.select(row.case_no).where(row.next_at < at))}
