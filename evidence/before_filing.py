"""What is still open of a case before it is filed under article 30. Which text records there are is asked elsewhere."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from evidence.audit_record import documents_due_at, slots_of
from evidence.case_file import CaseFile, StepFile, version_of
from evidence.cases import Case
from evidence.findings import FindingKind, FindingState, Severity
from evidence.ids import DeviceId, Digest, OfficerId, StepNo
from evidence.law import DocumentSlot, LawPack, Necessity
from evidence.limits_kept import Standing, StandingLimit, standing_limits
from evidence.spans import Span
from evidence.views import FindingView, Words, finding_json, span_json
from evidence.zones import beijing, to_utc_iso

CLAIMED = frozenset({FindingState.EXPLAIN_CLAIMED, FindingState.EXEMPT_CLAIMED})
OPEN = frozenset({FindingState.OPEN, FindingState.REFUSED})

Names = Callable[[Mapping[str, str]], str]
"""Chooses a thing's name in the reader's language."""


@dataclass(frozen=True)
class MissingDocument:
    """A text record that is always due and is not in the file. ``due_at``: until when it may be on its way, UTC."""

    step_no: StepNo
    slot: DocumentSlot
    due_at: datetime | None


@dataclass(frozen=True)
class Awaited:
    """A step that waits for footage, and the cameras it waits for."""

    step_no: StepNo
    devices: tuple[DeviceId, ...]


@dataclass(frozen=True)
class Unlinked:
    """A recording of an officer of the case within a step's window that hangs on no step.

    ``officers``: who carried its camera, together where there are several.
    """

    step_no: StepNo
    digest: Digest
    officers: tuple[OfficerId, ...]
    recorded: Span | None


@dataclass(frozen=True)
class BeforeFiling:
    """All that is open of a case.

    Attributes:
        findings: breaches and weaknesses nobody has answered; missing text records are listed by themselves.
        claims: findings whose claim nobody has decided.
        limits: time limits that nothing has met, the first to end first.
    """

    case: Case
    at: datetime
    findings: tuple[FindingView, ...] = ()
    claims: tuple[FindingView, ...] = ()
    documents: tuple[MissingDocument, ...] = ()
    waiting: tuple[Awaited, ...] = ()
    unlinked: tuple[Unlinked, ...] = ()
    limits: tuple[StandingLimit, ...] = ()

    @property
    def count(self) -> int:
        """How much is open."""
        lists: tuple[Sequence[object], ...] = (self.findings, self.claims, self.documents, self.waiting)
        return sum(map(len, (*lists, self.unlinked, self.limits)))


def before_filing(
    file: CaseFile,
    pack: LawPack,
    now: datetime,
    findings: Sequence[FindingView] = (),
    waiting: Sequence[Awaited] = (),
    unlinked: Sequence[Unlinked] = (),
) -> BeforeFiling:
    """Return what is open of a case at a moment; notices ask nothing of anybody and are not."""
    asking = [one for one in findings if one.finding.severity is not Severity.NOTICE]
    unmet = [one for one in standing_limits(file, pack, now) if one.limit.met_at is None]
    open_limits = [one for one in unmet if one.standing is not Standing.KEPT]
    return BeforeFiling(
        file.case,
        now,
        tuple(one for one in asking if one.state in OPEN and one.finding.kind is not FindingKind.DOCUMENT_MISSING),
        tuple(one for one in findings if one.state in CLAIMED),
        tuple(missing for own in file.steps for missing in _missing(own, pack)),
        tuple(waiting),
        tuple(unlinked),
        tuple(sorted(open_limits, key=lambda one: (one.limit.ends, one.limit.deadline.code))),
    )


def _missing(own: StepFile, pack: LawPack) -> Iterator[MissingDocument]:
    """Yield the text records that are always due of a step and not in the file, also those whose time is not over."""
    version = version_of(pack, own.step.started_at)
    rule = version.rules.get(own.step.procedure) if version else None
    if version is None or rule is None:
        return
    due_at = documents_due_at(own.step, version)
    for slot in slots_of(rule, version):
        if slot.necessity is Necessity.ALWAYS and not any(map(slot.holds, own.documents)):
            yield MissingDocument(own.step.step_no, slot, due_at)


def days_left(end: datetime, now: datetime) -> int:
    """Return how many Beijing days are left to an end: 0 on its last day, negative once it is over."""
    return (_last_day(end) - beijing(now).date()).days if now <= end else min(-1, -_days_over(end, now))


def _days_over(end: datetime, now: datetime) -> int:
    return (beijing(now).date() - _last_day(end)).days


def _last_day(end: datetime) -> date:
    """Return the day an end belongs to; 24:00 is the first moment of the next."""
    local = beijing(end)
    midnight = not any((local.hour, local.minute, local.second, local.microsecond))
    return date.fromordinal(local.date().toordinal() - midnight)


# --- as programs read it ----------------------------------------------------------------------------------------------


def before_filing_json(found: BeforeFiling, words: Words, names: Names) -> dict[str, object]:
    """Return the documented JSON (docs/interfaces.md, "Before filing")."""
    return {
        "case_no": found.case.case_no,
        "at": to_utc_iso(found.at),
        "open": found.count,
        "findings": [finding_json(one, words) for one in found.findings],
        "claims": [finding_json(one, words) for one in found.claims],
        "documents": [_document_json(one, found.at, names) for one in found.documents],
        "waiting": [{"step_no": one.step_no, "devices": list(one.devices)} for one in found.waiting],
        "unlinked": [_unlinked_json(one) for one in found.unlinked],
        "limits": [_limit_json(one, found.at, names) for one in found.limits],
    }


def _document_json(one: MissingDocument, at: datetime, names: Names) -> dict[str, object]:
    return {
        "step_no": one.step_no,
        "document": one.slot.slot,
        "name": names(one.slot.names) or one.slot.slot,
        "due_at": to_utc_iso(one.due_at) if one.due_at else None,
        "days_left": days_left(one.due_at, at) if one.due_at else None,
    }


def _unlinked_json(one: Unlinked) -> dict[str, object]:
    return {
        "step_no": one.step_no,
        "sha256": one.digest,
        "officer_id": one.officers[0] if one.officers else None,
        "officers": list(one.officers),
        "recorded": span_json(one.recorded),
    }


def _limit_json(one: StandingLimit, at: datetime, names: Names) -> dict[str, object]:
    limit = one.limit
    return {
        "limit": limit.deadline.code,
        "name": names(limit.deadline.names),
        "article": limit.deadline.article,
        "step_no": limit.own.step.step_no if limit.own else None,
        "begins_at": to_utc_iso(limit.begins),
        "ends_at": to_utc_iso(limit.ends),
        "days_left": days_left(limit.ends, at),
    }
