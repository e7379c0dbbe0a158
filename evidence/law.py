"""Law as dated data: the nouns of a law pack. The packs themselves are files of ``config/law/``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from evidence.deadlines import Term
from evidence.documents import Document, folded
from evidence.findings import Finding, FindingKind, Severity
from evidence.markers import MarkTemplate
from evidence.reasons import Reason, exempting, explaining
from evidence.recordings import GAP_S
from evidence.secrecy import SecrecyClass
from evidence.workdays import WorkCalendar
from evidence.zones import beijing

WEEKENDS = WorkCalendar("weekends", frozenset(), (), frozenset())
"""The calendar of a pack that names none: Saturdays and Sundays are off, and no year's notices are known."""


class Duty(StrEnum):
    """What a procedure demands of audio-visual recording. Source: docs/law-reading.md (modal words)."""

    SIMULTANEOUS = "simultaneous"  # M, MX: recorded at the same time as the step
    ANY_FORM = "any_form"  # MF: one audio-visual object in a suitable form (a photo may do)
    RECORD = "record"  # R: a record of any form, text will do
    ALTERNATIVE = "alternative"  # A: recording is one of several forms
    OPTIONAL = "optional"  # O: recording may be made
    NONE = "none"  # N: text only

    @property
    def requires_footage(self) -> bool:
        """Whether missing footage is a breach."""
        return self in {Duty.SIMULTANEOUS, Duty.ANY_FORM}


@dataclass(frozen=True)
class Coverage:
    """How much footage meets the duty: the bureau's policy, not the regulation's words.

    Attributes:
        min_share: share of the window that continuous video must cover (0–1), or None when a count is asked for.
        min_objects: least number of audio-visual objects, or None when a share is asked for.
        lead_s: seconds before the written start in which footage still belongs to the step; lag_s: after its end.
        edge_tolerance_s: a late start or early stop up to this long is within what minutes on paper can say.
        hole_tolerance_s: a break between two files up to this long is the device changing files.
        set_by: who set these figures; reference: where that is written.
    """

    min_share: float | None
    min_objects: int | None
    lead_s: float
    lag_s: float
    edge_tolerance_s: float
    hole_tolerance_s: float
    set_by: str
    reference: str


@dataclass(frozen=True)
class Rule:
    """One procedure of a pack: a row of its table of steps.

    Attributes:
        names: locale → name ("zh-CN", "en").
        quote: the article's words on recording (Chinese), empty when the article has none.
        exemption_allowed: an approved "unsuitable" reason closes a finding (article 11 only).
        documents: slots of the text records the step should have (keys of `LawPack.documents`).
        aliases: other words people look for it under ("lien").
        needs_witness: a witness has to be named in the record.
        day_only: it may not be done at night or on a statutory holiday, unless it could not wait.
        per_point: the least number of recordings is asked for each place that was checked.
    """

    code: str
    names: Mapping[str, str]
    stage: str
    article: str
    quote: str
    duty: Duty
    coverage: Coverage | None
    officers_min: int | None
    exemption_allowed: bool
    documents: tuple[str, ...] = ()
    deadline: str = ""
    deadline_from: str = ""
    aliases: tuple[str, ...] = ()
    needs_witness: bool = False
    day_only: bool = False
    per_point: bool = False


class Necessity(StrEnum):
    """Whether a text record is always due, or only when what it records has happened."""

    ALWAYS = "always"
    IF_IT_HAPPENED = "if_it_happened"


@dataclass(frozen=True)
class DocumentSlot:
    """A text record that the file of a case has a place for.

    Attributes:
        slot: its key, the name under which procedures ask for it.
        names: locale → name. aliases: other names records are imported under.
        signers: who must have signed, each a choice of roles of which one will do (``("party", "party_refused")``).
        article, quote: what asks for it; empty is the article of the procedure.
        signing: what asks for its signatures, where the pack's citation for missing ones does not.
    """

    slot: str
    names: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    signers: tuple[tuple[str, ...], ...] = ()
    necessity: Necessity = Necessity.ALWAYS
    article: str = ""
    quote: str = ""
    signing: "Citation | None" = None

    def holds(self, document: Document) -> bool:
        """Whether a document lies in this slot, under its name or another, whatever the width of its brackets."""
        return folded(document.slot) in {folded(name) for name in (self.slot, *self.names.values(), *self.aliases)}


class Direction(StrEnum):
    """Whether something must have happened by a moment, or must not happen before it."""

    WITHIN = "within"
    NOT_BEFORE = "not_before"


@dataclass(frozen=True)
class Moment:
    """A moment that the file of a case states.

    Attributes:
        of: ``step`` (the step the deadline is of), ``case``, a procedure's code, or a document's slot.
        field: ``started_at``, ``ended_at``, ``due_at`` of a step; ``opened_at``, ``urgent_at``, ``concluded_at`` of
            the case; ``dated_at`` of a document.
    """

    of: str
    field: str


@dataclass(frozen=True)
class Deadline:
    """A time limit of the law.

    Attributes:
        of: procedure each step of which it runs for; empty: it runs once for a case.
        starts: the moment it runs from; while the file does not state it, nothing runs.
        term: how long; None: the moment itself is the limit (a date that an order sets).
        met_by: moments that meet it, the earliest counts; for `Direction.NOT_BEFORE` what must not come earlier.
        matters: words of which the case's type of matter must hold one (``处罚``), where it has a type; none: any case.
        without: a procedure's code; it runs only while the case has no step of it, which another limit is of.
        urgent_only: it runs only for a step whose record says that it could not wait; unless_urgent: only for others.
        extension: how much longer a step's ``extended_to`` may make it; None: not at all.
        warn: how long before the end it is named, while nothing has met it; None: not before it is over.
        severity: of the finding once it is broken; before that it is a notice.
        set_by, reference: who set it where it is policy; empty where the law states it.
    """

    code: str
    names: Mapping[str, str]
    kind: FindingKind
    of: str
    starts: Moment
    term: Term | None
    met_by: tuple[Moment, ...]
    direction: Direction
    urgent_only: bool
    extension: Term | None
    warn: Term | None
    severity: Severity
    article: str
    quote: str
    set_by: str = ""
    reference: str = ""
    matters: tuple[str, ...] = ()
    unless_urgent: bool = False
    without: str = ""


@dataclass(frozen=True)
class Night:
    """The hours that are night, and who says so: ``begins`` lies in the evening, ``ends`` in the morning after."""

    begins: time
    ends: time
    set_by: str
    reference: str


@dataclass(frozen=True)
class Thresholds:
    """Policy of the bureau for findings about clips, with who set it.

    Attributes:
        blocked_s: a black or frozen picture at least this long is PICTURE_BLOCKED.
        silent_head_s: silence at the head of a clip up to this long is a pre-record buffer, not a fault.
        upload_grace_h: hours after the hand-in of a camera in which footage may still arrive.
        record_time_s: written times may differ from the footage by this much, in seconds; more is DOC_TIME_MISMATCH.
        upload_within_h: hours after a recording within which its camera is docked; more is UPLOAD_LATE.
        recording_gap_s: files of one camera no further apart than this are one recording, in seconds.
        documents_within: how long after a step its text records may be on their way; None: they are not looked for.
    """

    blocked_s: float
    silent_head_s: float
    upload_grace_h: float
    set_by: str
    reference: str
    record_time_s: float = 180.0
    upload_within_h: float | None = None
    documents_within: Term | None = None
    recording_gap_s: float = GAP_S


@dataclass(frozen=True)
class LinkPolicy:
    """Policy of the bureau for linking clips to steps by their score (`evidence.scoring`), with who set it.

    Attributes:
        automatic_from: officer and believed time link by themselves from this score on; below it a person is asked.
        suggest_from: what scores less is not put before a person either.
        company_share: clips of others than the step's officers must share this much of the step, or of themselves.
    """

    automatic_from: float = 0.5
    suggest_from: float = 0.15
    company_share: float = 0.5
    set_by: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Citation:
    """The article a finding about a clip or device rests on, with its words in Chinese."""

    article: str
    quote: str


@dataclass(frozen=True)
class LawPack:
    """A regulation as data.

    Attributes:
        pack_id: place and instrument; version: of the pack, counted by us.
        in_force_from: first day of force; acts before it are outside the pack. in_force_to: last day, or None.
        citations: kind of finding → article, for findings that no procedure's rule speaks of.
        documents: slots of text records; deadlines: the time limits, by code.
        calendar: working days and holidays. night: hours that are night; None: the pack does not speak of them.
        linking: from which score on clips are linked, and suggested.
        marks: what reviewers are offered to mark on footage, by code.
        assessment: articles on the assessment of units, joined by ``;``.
        secrecy: classes of confidentiality.
        reasons: the closed list of what people may claim of findings and steps, by code.
        later: what the pack became by amendments, in order; each holds for acts from its ``in_force_from`` on.
    """

    pack_id: str
    version: str
    names: Mapping[str, str]
    in_force_from: date
    in_force_to: date | None
    rules: Mapping[str, Rule]
    thresholds: Thresholds
    citations: Mapping[str, Citation] = field(default_factory=dict)
    documents: Mapping[str, DocumentSlot] = field(default_factory=dict)
    deadlines: Mapping[str, Deadline] = field(default_factory=dict)
    calendar: WorkCalendar = WEEKENDS
    night: Night | None = None
    linking: LinkPolicy = LinkPolicy()
    marks: Mapping[str, MarkTemplate] = field(default_factory=dict)
    assessment: str = ""
    secrecy: tuple[SecrecyClass, ...] = ()
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    later: tuple["LawPack", ...] = ()

    @property
    def rule_version(self) -> str:
        """Pack and version as findings print it."""
        return f"{self.pack_id}@{self.version}"

    def on(self, day: date) -> "LawPack":
        """Return the version of the pack that acts of a day are judged by; acts before the first stay with it."""
        return next((version for version in reversed(self.later) if version.in_force_from <= day), self)

    def at(self, moment: datetime) -> "LawPack":
        """Return the version that what happened at a moment is judged by: that of its day in Beijing."""
        return self.on(beijing(moment).date())

    @property
    def versions(self) -> tuple["LawPack", ...]:
        """Every version of the pack, the first one first."""
        return self, *self.later

    def named(self, code: str) -> Rule | None:
        """Return a procedure by its code, as the newest version that knows it has it."""
        return next((version.rules[code] for version in reversed(self.versions) if code in version.rules), None)

    def of(self, finding: Finding) -> "LawPack":
        """Return the version a finding is answered by: that of the day of its window, the newest where it has none."""
        return self.at(finding.window.start) if finding.window else self.versions[-1]

    def explanations(self, finding: Finding) -> tuple[Reason, ...]:
        """Return the reasons that may explain a finding."""
        return explaining(self.of(finding).reasons.values(), finding.kind)

    def exemptions(self, procedure: str, moment: datetime) -> tuple[Reason, ...]:
        """Return the reasons for which recording may have been unsuitable; none where the rule allows no exemption."""
        version = self.at(moment)
        rule = version.rules.get(procedure)
        return exempting(version.reasons.values()) if rule and rule.exemption_allowed else ()
