"""Promises in the register: how long each original is kept and why; one ledger entry for every change.

A promise is computed from what is known now and joined with the one that stands, so that no order of events shortens
it. What an original was once promised to follow, it follows for good: an unlinking frees nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.clips import ClipState
from evidence.custody import Entry, EventType
from evidence.holds import case_of, step_name
from evidence.ids import CaseNo, Digest
from evidence.matching import BELIEVED
from evidence.notes import Note, note_from_plain
from evidence.ports import Transaction
from evidence.retention import CaseFacts, Endless, Facts, Retention, extended, retention_of
from evidence.schedules import Schedule
from evidence.zones import exact_iso, from_iso
from index import dialects, ledger, schema
from index.batches import batched
from index.case_numbers import keys_of
from index.intakes import MACHINE
from index.journal import Told
from index.tx import session_of


class Promises:
    """Keeps promises under a schedule."""

    def __init__(self, schedule: Schedule) -> None:
        """Take the schedule in force here."""
        self.schedule = schedule

    def renew(self, tx: Transaction, digests: Collection[str], at: datetime) -> list[Digest]:
        """Bring the promises of originals up to date; return those whose promise is new or longer.

        The same again changes nothing. What is unknown or disposed of is left out.
        """
        session = session_of(tx)
        changed: list[Digest] = []
        for some in batched(sorted(set(digests))):
            changed += self._renew(session, some, at)
        return changed

    def stale(self, session: Session, digests: Sequence[str], at: datetime) -> dict[Digest, Retention]:
        """Return the promises of originals that are not up to date, as they should be; nothing is written."""
        before = promises(session, digests)
        standing: dict[Digest, Retention] = {}
        for digest, facts in facts_of(session, digests, before).items():
            promise = extended(before.get(digest), retention_of(facts, self.schedule, at))
            if promise != before.get(digest):
                standing[digest] = promise
        return standing

    def _renew(self, session: Session, digests: Sequence[str], at: datetime) -> list[Digest]:
        standing = self.stale(session, digests, at)
        entries = [retained_entry(digest, promise, at) for digest, promise in standing.items()]
        ledger.append_all(session, entries)
        values = [{**values_of(promise), "digest": digest, "set_at": at} for digest, promise in standing.items()]
        dialects.upsert(session, schema.RetentionRow, values)
        session.expire_all()
        return list(standing)


# --- promises, read and written ---------------------------------------------------------------------------------------


def promises(session: Session, digests: Sequence[str]) -> dict[Digest, Retention]:
    """Return the promises that stand."""
    row = schema.RetentionRow
    return {
        Digest(one.digest): retention_from(one)
        for some in batched(digests)
        for one in session.scalars(sa.select(row).where(row.digest.in_(some)))
    }


def retention_from(row: schema.RetentionRow) -> Retention:
    """Return the promise a row keeps."""
    return Retention(
        floor=row.floor,
        endless=row.endless,
        schedule_class=row.schedule_class,
        why=row.why,
        rule_version=row.rule_version,
        cases={CaseNo(case_no): months for case_no, months in row.cases.items()},
        steps=frozenset(row.steps),
    )


def values_of(promise: Retention) -> dict[str, object]:
    """Return the columns of a promise, but whose and when."""
    return {
        "until": promise.until,
        "floor": promise.floor,
        "endless": promise.endless,
        "schedule_class": promise.schedule_class,
        "rule_version": promise.rule_version,
        "cases": dict(promise.cases),
        "steps": sorted(promise.steps),
        "why": promise.why,
    }


def retained_entry(digest: str, promise: Retention, at: datetime) -> Entry:
    """Return the entry of a promise: it carries the whole row."""
    detail: dict[str, object] = {
        "until": exact_iso(promise.until) if promise.until else None,
        "floor": exact_iso(promise.floor),
        "endless": promise.endless.value if promise.endless else None,
        "schedule": promise.schedule_class,
        "rule_version": promise.rule_version,
        "cases": dict(promise.cases),
        "steps": sorted(promise.steps),
        "why": promise.why.as_plain(),
    }
    return Entry(EventType.RETAINED, MACHINE, at, digest, detail=detail)


def project_retention(told: Told) -> dict[str, object]:
    """Return the columns of the `schema.RetentionRow` that a RETAINED entry tells of; the newest is the row."""
    said = told.detail
    cases, steps, why = said["cases"], said["steps"], said["why"]
    promise = Retention(
        floor=from_iso(str(said["floor"])),
        endless=Endless(str(said["endless"])) if said["endless"] else None,
        schedule_class=str(said["schedule"]),
        why=note_from_plain(why) if isinstance(why, Mapping) else Note(""),
        rule_version=str(said["rule_version"]),
        cases={CaseNo(k): int(v) for k, v in cases.items()} if isinstance(cases, Mapping) else {},
        steps=frozenset(str(step) for step in steps) if isinstance(steps, list) else frozenset(),
    )
    return {**values_of(promise), "digest": told.subject, "set_at": told.at}


# --- what it rests on -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recorded:
    """What the case record says, for retention."""

    matter_type: str
    concluded_at: datetime | None
    procedures: frozenset[str]


def facts_of(session: Session, digests: Sequence[str], before: Mapping[Digest, Retention]) -> dict[Digest, Facts]:
    """Return what the retention of originals rests on; those that are unknown or disposed of are left out."""
    hanging = steps_of(session, digests)
    followed = {
        digest: hanging.get(digest, frozenset()) | (before[digest].steps if digest in before else frozenset())
        for digest in map(Digest, digests)
    }
    named = {CaseNo(case_of(step)) for steps in followed.values() for step in steps}
    named |= {case_no for promise in before.values() for case_no in promise.cases}
    known = cases_of(session, named)
    settled = _settled(session, digests)
    return {
        digest: Facts(received_at, is_settled, _cases(followed[digest], before.get(digest), known), followed[digest])
        for digest, (received_at, is_settled) in settled.items()
    }


def _cases(steps: frozenset[str], promise: Retention | None, known: Mapping[CaseNo, Recorded]) -> tuple[CaseFacts, ...]:
    promised = promise.cases if promise else {}
    named = {CaseNo(case_of(step)) for step in steps} | set(promised)
    return tuple(
        CaseFacts(one, record.matter_type, record.procedures, record.concluded_at, promised.get(one, 0))
        for one in sorted(named)
        for record in (known.get(one, NOTHING),)
    )


NOTHING = Recorded("", None, frozenset())
"""Of a case that no record tells of: open, of no known matter."""


def steps_of(session: Session, digests: Sequence[str]) -> dict[Digest, frozenset[str]]:
    """Return the steps that originals hang on now, as footage, text records or files of claims, as ``CASE/STEP``."""
    link = schema.Link
    found: dict[Digest, set[str]] = defaultdict(set)
    for some in batched(digests):
        wanted = sa.select(link.digest, link.case_no, link.step_no).where(link.digest.in_(some), link.active)
        paper = schema.AttachmentRow
        held = sa.select(paper.digest, paper.case_no, paper.step_no).where(paper.digest.in_(some), paper.active)
        shown = schema.ClaimFile
        rest = sa.select(shown.digest, shown.case_no, shown.step_no).where(shown.digest.in_(some), shown.case_no != "")
        for digest, case_no, step_no in (*session.execute(wanted), *session.execute(held), *session.execute(rest)):
            found[Digest(digest)].add(step_name(case_no, step_no))
    return {digest: frozenset(steps) for digest, steps in found.items()}


def cases_of(session: Session, named: Collection[CaseNo]) -> dict[CaseNo, Recorded]:
    """Return what the case records say, under any number of a case."""
    case, step = schema.CaseRow, schema.StepRow
    found: dict[CaseNo, Recorded] = {}
    keys = keys_of(session, named)
    for some in batched(sorted(set(keys.values()))):
        procedures: dict[str, set[str]] = defaultdict(set)
        acts = sa.select(step.case_no, step.procedure).where(step.case_no.in_(some)).distinct()
        for case_no, code in session.execute(acts):
            procedures[case_no].add(code)
        wanted = sa.select(case.case_no, case.matter_type, case.concluded_at).where(case.case_no.in_(some))
        for case_no, matter_type, concluded_at in session.execute(wanted):
            found[CaseNo(case_no)] = Recorded(matter_type, concluded_at, frozenset(procedures[case_no]))
    return {CaseNo(number): found[key] for number, key in keys.items() if key in found}


def _settled(session: Session, digests: Sequence[str]) -> dict[Digest, tuple[datetime, bool]]:
    """Return the newest intake, and whether "no step" means none: reviewed, time and officer believed, no doubt."""
    clip, original, doubt = schema.Clip, schema.Original, schema.Doubt
    kept = sa.and_(original.digest == clip.digest, original.disposed_at.is_(None))
    wanted = sa.select(
        clip.digest,
        clip.last_received_at,
        sa.and_(
            clip.state == ClipState.REVIEWED,
            clip.failure_stage.is_(None),
            clip.verdict.in_(sorted(BELIEVED)),
            clip.officer_id.is_not(None),
            ~sa.exists().where(doubt.digest == clip.digest),
        ),
    ).join(original, kept)
    return {
        Digest(digest): (received_at, bool(settled))
        for some in batched(digests)
        for digest, received_at, settled in session.execute(wanted.where(clip.digest.in_(some)))
    }
