"""A finding is a value, never an exception: what the law requires, or evidence needs, and is not there."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from evidence.ids import CaseNo, DeviceId, Digest, FindingId, StepNo
from evidence.notes import Note
from evidence.spans import Span


class FindingKind(StrEnum):
    """Kinds of finding. Source: docs/law-reading.md."""

    NO_AV = "NO_AV"
    LATE_START = "LATE_START"
    EARLY_STOP = "EARLY_STOP"
    HOLE = "HOLE"
    NOT_CONTINUOUS_VIDEO = "NOT_CONTINUOUS_VIDEO"
    OFFICER_UNKNOWN = "OFFICER_UNKNOWN"
    CLOCK_UNTRUSTED = "CLOCK_UNTRUSTED"
    CLOCK_SHIFT_SUSPECTED = "CLOCK_SHIFT_SUSPECTED"
    DOC_TIME_MISMATCH = "DOC_TIME_MISMATCH"
    PICTURE_BLOCKED = "PICTURE_BLOCKED"
    AUDIO_MISSING = "AUDIO_MISSING"
    FILE_DAMAGED = "FILE_DAMAGED"
    SEQ_JUMP = "SEQ_JUMP"
    UNLINKED_FOOTAGE = "UNLINKED_FOOTAGE"
    UPLOAD_LATE = "UPLOAD_LATE"
    OFFICER_LT2 = "OFFICER_LT2"
    OFFICER_NOT_IN_STEP = "OFFICER_NOT_IN_STEP"
    WITNESS_MISSING = "WITNESS_MISSING"
    NIGHT_OR_HOLIDAY = "NIGHT_OR_HOLIDAY"
    EXEMPTION_NOT_ALLOWED = "EXEMPTION_NOT_ALLOWED"
    DOCUMENT_MISSING = "DOCUMENT_MISSING"
    SIGNATURE_MISSING = "SIGNATURE_MISSING"
    CASE_LATE_REPORT = "CASE_LATE_REPORT"
    RECTIFY_OVERDUE = "RECTIFY_OVERDUE"
    SEIZURE_EXPIRING = "SEIZURE_EXPIRING"
    FILING_OVERDUE = "FILING_OVERDUE"
    DEADLINE_MISSED = "DEADLINE_MISSED"
    ACTED_TOO_EARLY = "ACTED_TOO_EARLY"


class Severity(StrEnum):
    """How grave: a duty broken, a duty met weakly, or something to look at."""

    BREACH = "breach"
    WEAKNESS = "weakness"
    NOTICE = "notice"


class FindingState(StrEnum):
    """The life of a finding. RESOLVED: what it named has since arrived or been corrected; nothing is deleted.

    EXPLAINED still counts in the indicators; EXEMPT is an approved article-11 reason.
    """

    OPEN = "open"
    EXPLAIN_CLAIMED = "explain_claimed"
    EXPLAINED = "explained"
    EXEMPT_CLAIMED = "exempt_claimed"
    EXEMPT = "exempt"
    REFUSED = "refused"
    RESOLVED = "resolved"


class StepState(StrEnum):
    """How a step stands against its recording duty. Source: docs/law-reading.md."""

    NO_DUTY = "no_duty"
    WAITING_UPLOAD = "waiting_upload"
    COVERED = "covered"
    PARTLY_COVERED = "partly_covered"
    MISSING = "missing"
    SUSPECTED_CLOCK = "suspected_clock"  # footage would show it if a clock were off by a setting; a person decides
    EXEMPT_CLAIMED = "exempt_claimed"
    EXEMPT = "exempt"
    OUTSIDE_PACK = "outside_pack"  # the act lies outside the rule's force dates


@dataclass(frozen=True)
class Finding:
    """One finding as the audit states it.

    Attributes:
        finding_id: the same for the same matter however often the audit runs.
        procedure: code of the step's procedure, empty for findings about a clip or device alone.
        article: article of the pack ("11", "28(4)"), empty when no article is concerned.
        quote: the words of the article, in Chinese.
        window: the step's window, or the clip's recorded span.
        uncovered: the stretches of the window that nothing covers.
        clips: digests of the clips it speaks of.
        what: what was found; why: the rule and threshold applied; cure: what would cure it.
        rule_version: pack and version the verdict was made under.
    """

    finding_id: FindingId
    kind: FindingKind
    severity: Severity
    what: Note
    why: Note
    cure: Note
    rule_version: str
    case_no: CaseNo | None = None
    step_no: StepNo | None = None
    procedure: str = ""
    article: str = ""
    quote: str = ""
    window: Span | None = None
    uncovered: tuple[Span, ...] = ()
    clips: tuple[Digest, ...] = ()
    device_id: DeviceId | None = None


@dataclass(frozen=True)
class StepVerdict:
    """What the audit says of one step.

    Attributes:
        coverage: share of the window that continuous video on believed time covers, 0–1; None without a duty.
        footage: per linked clip the stretch of the window it covers.
        waiting_for: cameras involved that have not docked since the step ended.
        why: what the reader must know beside the findings: the procedure is not in the pack, a claimed exemption is
            not allowed here, footage of doubtful time exists …
    """

    case_no: CaseNo
    step_no: StepNo
    state: StepState
    coverage: float | None = None
    footage: Mapping[Digest, Span] | None = None
    waiting_for: tuple[DeviceId, ...] = ()
    findings: tuple[Finding, ...] = ()
    why: tuple[Note, ...] = ()
