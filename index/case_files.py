"""The files of cases as the register holds them, and their audit."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.attachments import documents_of as counted_in
from evidence.attachments import papers_of, slots_at
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
        files = attachments_of(self.session, case_nos)

        def papers(key: StepKey, slots: Sequence[DocumentSlot]) -> tuple[Document, ...]:
            return counted_in(papers_of(documents.get(key, ()), files.get(key, ()), slots))

        strangers = self._strangers(case_nos)
        claims = self._claims(case_nos)
        steps: dict[str, list[StepFile]] = defaultdict(list)
        for row, step in self._steps(case_nos):
            key = step_key(row.case_no, row.step_no)
            steps[row.case_no].append(
                StepFile(
                    step,
                    papers(key, slots_at(step, self.pack)),
                    self._invalid(step),
                    tuple(strangers.get(key, ())),
                    row.state in WHOLE,
                    claims.get(key, bool(step.unsuitable_reason)),
                )
            )
        whole = tuple(self.pack.documents.values())
        return [
            CaseFile(rows.case(row), tuple(steps[row.case_no]), papers(step_key(row.case_no, ""), whole))
            for row in found
        ]

    def _steps(self, case_nos: Sequence[str]) -> Iterator[tuple[schema.StepRow, Step]]:
        """Yield the steps of cases in the order they began."""
        row = schema.StepRow
        wanted = sa.select(row).where(row.case_no.in_(case_nos)).order_by(row.case_no, row.started_at, row.step_no)
        found = list(self.session.scalars(wanted))
        yield from zip(found, facts.nouns_of(self.session, found), strict=True)

    def _invalid(self, step: Step) -> tuple[OfficerId, ...]:
        """Return the officers of a step whom the roster knows and who held no certificate when it began."""
        known = ((officer_id, self.roster.officer(officer_id)) for officer_id in step.officers)
        return tuple(
            officer_id
            for officer_id, officer in known
            if officer is not None and not within(step.started_at, officer.valid_from, officer.valid_to)
        )

    def _strangers(self, case_nos: Sequence[str]) -> Strangers:
        """Return the clips that people hung on steps whose records name none of those who carried their cameras."""
        link, clip, worker, row = schema.Link, schema.Clip, schema.StepOfficer, schema.ClipCarrier
        beside = sa.select(row.officer_id).where(row.digest == clip.digest).correlate(clip).scalar_subquery()
        named = sa.exists().where(
            worker.case_no == link.case_no,
            worker.step_no == link.step_no,
            sa.or_(worker.officer_id == clip.officer_id, worker.officer_id.in_(beside)),
        )
        wanted = sa.select(link.case_no, link.step_no, clip.digest, clip.officer_id)
        wanted = wanted.join(clip, clip.digest == link.digest).where(
            link.case_no.in_(case_nos), link.active, link.human
        )
        wanted = wanted.where(clip.officer_id.is_not(None), ~named).order_by(clip.digest)
        found: dict[StepKey, list[tuple[Digest, OfficerId]]] = defaultdict(list)
        for case_no, step_no, digest, officer_id in self.session.execute(wanted.order_by(clip.digest)):
            found[step_key(case_no, step_no)].append((Digest(digest), OfficerId(str(officer_id))))
        return found

    def _claims(self, case_nos: Sequence[str]) -> Mapping[StepKey, bool]:
        """Return whether a claimed exemption stands, by step; steps without one are left out."""
        row = schema.ExemptionRow
        wanted = sa.select(row.case_no, row.step_no, row.approved).where(row.case_no.in_(case_nos))
        return {
            step_key(case_no, step_no): approved is not False
            for case_no, step_no, approved in self.session.execute(wanted)
        }


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
