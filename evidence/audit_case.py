"""The audit of a case's file: everything the law asks for beside footage, step by step and for the case as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from evidence.audit_deadlines import limits_of, matter_of, next_change
from evidence.audit_record import documents_due_at, matters_of
from evidence.case_file import CaseFile, StepFile, version_of
from evidence.finding_ids import finding_id
from evidence.findings import Finding, FindingKind
from evidence.law import Citation, LawPack, Rule
from evidence.matters import Matter

Stated = tuple[Finding | None, datetime | None]
"""A finding, or a moment at which there may be another."""

DEADLINES = frozenset(
    {
        FindingKind.CASE_LATE_REPORT,
        FindingKind.RECTIFY_OVERDUE,
        FindingKind.SEIZURE_EXPIRING,
        FindingKind.FILING_OVERDUE,
        FindingKind.DEADLINE_MISSED,
        FindingKind.ACTED_TOO_EARLY,
    }
)
"""Kinds that a pack's deadlines may have."""


@dataclass(frozen=True)
class CaseVerdict:
    """What the audit says of a case's file.

    Attributes:
        next_at: when it has to be looked at again because time has passed, UTC; None: never for that.
    """

    findings: tuple[Finding, ...] = ()
    next_at: datetime | None = None


def audit_case(file: CaseFile, pack: LawPack, now: datetime) -> CaseVerdict:
    """Audit the file of a case at a moment.

    Args:
        file: the case with its steps, text records and what is known of them.
        pack: the law pack; each step is judged by the version in force on its day, the case by that of its opening.
        now: trusted time, UTC.
    """
    stated = [*_of_case(file, pack, now), *(each for own in file.steps for each in _of_step(file, own, pack, now))]
    coming = [moment for _, moment in stated if moment is not None and moment >= now]
    return CaseVerdict(tuple(finding for finding, _ in stated if finding is not None), min(coming, default=None))


def _of_case(file: CaseFile, pack: LawPack, now: datetime) -> Iterator[Stated]:
    opened_at = file.case.began_at or min((own.step.started_at for own in file.steps), default=None)
    version = version_of(pack, opened_at) if opened_at is not None else None
    if version is None:
        return
    for limit in limits_of(file, version, None):
        matter = matter_of(limit, now)
        cited = Citation(limit.deadline.article, limit.deadline.quote)
        yield (written_out(file, None, None, version, matter, cited) if matter else None), next_change(limit, now)


def _of_step(file: CaseFile, own: StepFile, pack: LawPack, now: datetime) -> Iterator[Stated]:
    version = version_of(pack, own.step.started_at)
    rule = version.rules.get(own.step.procedure) if version else None
    if version is None or rule is None:
        return
    for matter in matters_of(own, rule, version, now):
        yield written_out(file, own, rule, version, matter, citation_of(matter, rule, version)), None
    due_at = documents_due_at(own.step, version)
    yield None, due_at if due_at is not None and now <= due_at else None
    for limit in limits_of(file, version, own):
        late = matter_of(limit, now)
        cited = Citation(limit.deadline.article, limit.deadline.quote)
        yield (written_out(file, own, rule, version, late, cited) if late else None), next_change(limit, now)


def citation_of(matter: Matter, rule: Rule, pack: LawPack) -> Citation:
    """Return the article a matter rests on: of signatures their own, else its document's, its kind's, its step's."""
    slot = pack.documents.get(matter.subject[0]) if matter.subject else None
    of_kind = pack.citations.get(matter.kind)
    if slot is not None and matter.kind is FindingKind.SIGNATURE_MISSING and (signing := slot.signing or of_kind):
        return signing
    if slot is not None and slot.article:
        return Citation(slot.article, slot.quote)
    return of_kind or Citation(rule.article, rule.quote)


def written_out(
    file: CaseFile, own: StepFile | None, rule: Rule | None, pack: LawPack, matter: Matter, cited: Citation
) -> Finding:
    """Return the finding with the names of case and step, its article and its words."""
    case_no, step = file.case.case_no, own.step if own else None
    return Finding(
        finding_id=finding_id(matter.kind, case_no, step.step_no if step else "", *matter.subject),
        kind=matter.kind,
        severity=matter.severity,
        what=matter.what,
        why=matter.why,
        cure=matter.cure,
        rule_version=pack.rule_version,
        case_no=case_no,
        step_no=step.step_no if step else None,
        procedure=rule.code if rule else "",
        article=cited.article,
        quote=cited.quote,
        window=step.window if step else None,
        clips=matter.clips,
    )
