"""What the register hands to people: read-only views, apart from the model, and the port that asks for them.

`to_json` of each gives the documented, stable names of docs/interfaces.md ("JSON"); times are UTC ISO 8601 with ``Z``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from evidence.cases import Case, Step
from evidence.claims import Claims, OfficerSource
from evidence.clips import ClipState, Derivative, Kind, Measurement, Playable, QualitySpan, Role, Sighting
from evidence.clock import ClockJudgement, Proposal, stances
from evidence.clock_views import CameraClock, ShiftDecision
from evidence.custody import LedgerEntry
from evidence.docking import DockRecord
from evidence.findings import Finding, FindingKind, FindingState, Severity, StepState
from evidence.ids import CaseNo, DeviceId, Digest, FindingId, OfficerId, StationId, StepNo
from evidence.law import LawPack
from evidence.markers import MarkView
from evidence.notes import Note
from evidence.people import Assignment, Device, Officer
from evidence.ports import Pickup, PickupState
from evidence.reasons import Claim
from evidence.recordings import PartView
from evidence.secrecy import Effect, Secrecy, secrecy_json, stops
from evidence.sound_views import SoundMatchView, sound_match_json
from evidence.spans import Span
from evidence.suggesting import SuggestionView
from evidence.zones import to_utc_iso

Words = Callable[[Note], str]
"""Turns a note into a sentence in the reader's language."""


@dataclass(frozen=True)
class LinkView:
    """A clip hangs on a step. ``by``: the actor, "system" for the machine; a ``human`` link is never undone.

    ``score``: how well both fit, 0 to 1; None where nobody asked.
    """

    digest: Digest
    case_no: CaseNo
    step_no: StepNo
    human: bool
    by: str
    overlap: Span | None
    why: tuple[Note, ...]
    score: float | None = None


@dataclass(frozen=True)
class ClipView:
    """A clip with all that is known of it.

    Attributes:
        officer_id, officer_name: the officer; of several who carried the camera together the first.
        officers, officer_names: all of them, the first first; of one nobody knows the name of, the id.
        failure: stage and reason when a stage gave up and waits to be retried.
        disagreements: sources that say another device or officer than the judged one.
        received_at: first intake, UTC.
        docking: what the file says as a dock's record; None of any other file.
        arrived: the clips that came of that record: name in its list → digest.
        secrecy: the class of confidentiality that holds; None where nothing reaches the clip.
    """

    digest: Digest
    size_bytes: int
    kind: Kind
    state: ClipState
    playable: Playable
    received_at: datetime
    sightings: tuple[Sighting, ...]
    measurement: Measurement | None
    claims: Claims
    clock: ClockJudgement
    device_id: DeviceId | None
    officer_id: OfficerId | None
    officer_name: str
    officer_source: OfficerSource
    sequence: int | None
    important: bool
    duration_s: float | None
    decoded_duration_s: float | None
    problems: tuple[Note, ...]
    quality: tuple[QualitySpan, ...]
    derivatives: Mapping[Role, Derivative]
    links: tuple[LinkView, ...]
    failure: tuple[str, Note] | None
    disagreements: tuple[Note, ...] = ()
    disposed_at: datetime | None = None
    docking: DockRecord | None = None
    arrived: Mapping[str, Digest] = field(default_factory=dict)
    sound_matches: tuple[SoundMatchView, ...] = ()
    secrecy: Secrecy | None = None
    officers: tuple[OfficerId, ...] = ()
    officer_names: tuple[str, ...] = ()
    recording: PartView | None = None

    @property
    def carried_by(self) -> str:
        """The names of everybody it counts for, empty when nobody is known."""
        return ", ".join(self.officer_names) or self.officer_name or self.officer_id or ""

    @property
    def is_hidden(self) -> bool:
        """Whether confidentiality forbids to show its media."""
        return stops(self.secrecy, Effect.VIEWING)

    @property
    def source_path(self) -> str:
        """Path of the first sighting."""
        return self.sightings[0].source_path

    @property
    def station(self) -> StationId:
        """Station of the first sighting."""
        return self.sightings[0].station


@dataclass(frozen=True)
class FindingView:
    """A finding with its life.

    Attributes:
        decided_by: the claimant until somebody decides; claimed_by: who claimed what stands.
        reason: in the words of who acted last. claim: the reason of the list that was claimed, with note and files;
            None where nothing is claimed, or it was claimed in free words before there was a list.
    """

    finding: Finding
    state: FindingState
    first_found_at: datetime
    changed_at: datetime
    decided_by: str = ""
    reason: str = ""
    claimed_by: str = ""
    claim: Claim | None = None


@dataclass(frozen=True)
class Life:
    """One change in the life of a finding. ``claim``: what was claimed with it."""

    at: datetime
    state: FindingState
    actor: str
    reason: str
    claim: Claim | None = None


@dataclass(frozen=True)
class ClaimedFile:
    """A sealed file that a claim rests on, with the claim.

    Attributes:
        target: what was claimed for: a finding's id, or ``CASE/STEP``. step_no: empty where it is about no step.
        actor, at: who claimed it and when.
    """

    digest: Digest
    target: str
    step_no: str
    claim: Claim
    actor: str
    at: datetime


@dataclass(frozen=True)
class Amended:
    """The times of a step as a person amended them; the step has them. ``recorded``: what its record says."""

    recorded: Span
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class StepView:
    """A step with its rule, verdict, footage and findings. ``why``: what a reader must know beside the findings."""

    step: Step
    names: Mapping[str, str]
    article: str
    quote: str
    state: StepState
    coverage: float | None
    waiting_for: tuple[DeviceId, ...]
    links: tuple[LinkView, ...]
    findings: tuple[FindingView, ...]
    why: tuple[Note, ...] = ()
    amended: Amended | None = None
    certain: float | None = None
    possible: float | None = None


@dataclass(frozen=True)
class CaseView:
    """A case in a list: how many steps, how they stand, how many open findings."""

    case: Case
    steps: int
    states: Mapping[StepState, int]
    open_findings: int
    secrecy: Secrecy | None = None


@dataclass(frozen=True)
class StationView:
    """A docking station: what came from it."""

    station: StationId
    files: int
    size_bytes: int
    waiting: int
    failed: int
    last_received_at: datetime | None


@dataclass(frozen=True)
class PickupView:
    """A watched file that is not sealed yet, or failed to be."""

    station: StationId
    source_path: str
    size_bytes: int
    state: PickupState
    reason: Note | None
    changed_at: datetime


@dataclass(frozen=True)
class PickupOutcome:
    """What became of a pickup. ``digest`` is set once it is sealed."""

    key: str
    state: PickupState
    digest: Digest | None
    reason: Note | None


@dataclass(frozen=True)
class ExportView:
    """An entry of the ledger by which an original left the house: in a case file, or as a copy for a party."""

    number: int
    at: datetime
    by: str
    case_no: str
    is_copy: bool


@dataclass(frozen=True)
class Totals:
    """Figures of the dashboard's head and of ``evidock status``."""

    clips: int
    size_bytes: int
    by_state: Mapping[str, int]
    by_kind: Mapping[str, int]
    failed: int
    pickups_waiting: int
    pickups_failed: int
    cases: int
    steps: int
    open_findings: Mapping[str, int]
    ledger_entries: int


@dataclass(frozen=True)
class ClipFilter:
    """Which clips to list; every given field must hold. ``text`` looks in path, device and officer."""

    station: StationId | None = None
    device_id: DeviceId | None = None
    officer_id: OfficerId | None = None
    kind: Kind | None = None
    state: ClipState | None = None
    case_no: CaseNo | None = None
    linked: bool | None = None
    failed: bool | None = None
    text: str = ""
    recorded: Span | None = None
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True)
class FindingFilter:
    """Which findings to list. ``alias`` is a word of a rule's aliases ("lien")."""

    kind: FindingKind | None = None
    severity: Severity | None = None
    state: FindingState | None = None
    open_only: bool = False
    case_no: CaseNo | None = None
    procedure: str = ""
    alias: str = ""
    digest: Digest | None = None
    limit: int = 1000
    offset: int = 0


@dataclass(frozen=True)
class SuggestionFilter:
    """Which suggestions to list. ``digest``: only of this clip; ``min_score``: only from this score on."""

    case_no: CaseNo | None = None
    digest: Digest | None = None
    min_score: float = 0.0
    limit: int = 1000
    offset: int = 0


@dataclass(frozen=True)
class MarkFilter:
    """Which marks to list: of a clip, or on the footage of a case; ``withdrawn``: those too."""

    digest: Digest | None = None
    case_no: CaseNo | None = None
    withdrawn: bool = False
    limit: int = 10_000


class Library(Protocol):
    """The reading side of the register. Every call is one consistent view; none writes."""

    def clips(self, wanted: ClipFilter) -> Sequence[ClipView]:
        """List clips, newest recorded first, those without a time last."""
        ...

    def count_clips(self, wanted: ClipFilter) -> int: ...
    def clip(self, digest_or_prefix: str) -> ClipView:
        """Return one clip by digest or a prefix of at least 6 digits that names only one.

        Raises:
            NotFoundError: none, or more than one.
        """
        ...

    def clips_by_digest(self, digests: Sequence[Digest]) -> Mapping[Digest, ClipView]: ...
    def camera_clock(self, name: str) -> CameraClock:
        """Return how the clock of a camera went, by its id or maker's serial.

        Raises:
            NotFoundError: nothing is known of that camera.
        """
        ...

    def shift_proposals(self) -> Sequence[Proposal]:
        """List the shifts of clocks that wait for a person, those of the widest scope first."""
        ...

    def shift_decisions(self) -> Sequence[ShiftDecision]:
        """List what people decided on shifts, newest first."""
        ...

    def suggestions(self, wanted: SuggestionFilter) -> Sequence[SuggestionView]:
        """List the clips that may belong to a step and wait for a person, the best score first."""
        ...

    def count_suggestions(self, wanted: SuggestionFilter) -> int: ...
    def marks(self, wanted: MarkFilter) -> Sequence[MarkView]:
        """List marks in order of clip and media time."""
        ...

    def cases(
        self, *, text: str = "", provisional: bool = False, limit: int = 100, offset: int = 0
    ) -> Sequence[CaseView]:
        """List cases, those begun last first; ``provisional``: only those that wait for an official number."""
        ...

    def case(self, case_no: str) -> CaseView:
        """Return a case by any of its numbers.

        Raises:
            NotFoundError: there is none.
        """
        ...

    def key_of(self, number: str) -> CaseNo:
        """Return the number under which the case that a number names is kept; an unknown one stands for itself."""
        ...

    def official_numbers(self) -> Mapping[str, str]:
        """Return the official number of each case that has one beside the number it is kept by."""
        ...

    def secrecy_of_clip(self, digest: Digest) -> Secrecy | None:
        """Return the class that holds for a clip: the strictest of its own mark and those of the cases it hangs on."""
        ...

    def secrecy_of_case(self, case_no: CaseNo) -> Secrecy | None:
        """Return the class that holds for a case: the strictest of its mark, its record's word and its clips' marks."""
        ...

    def exports_of(self, digest: Digest) -> Sequence[ExportView]:
        """Return where an original went, by the ledger, oldest first."""
        ...

    def steps(self, *, case_no: str = "", state: StepState | None = None) -> Sequence[StepView]: ...
    def findings(self, wanted: FindingFilter) -> Sequence[FindingView]:
        """List findings, the gravest first, then the newest."""
        ...

    def finding(self, finding_id: str) -> FindingView: ...
    def finding_history(self, finding_id: FindingId) -> Sequence[Life]:
        """Return each change in the life of a finding, oldest first."""
        ...

    def stations(self) -> Sequence[StationView]: ...
    def pickups(self, *, station: str = "", unfinished: bool = True, limit: int = 200) -> Sequence[PickupView]: ...
    def outcomes(self, keys: Sequence[str]) -> Mapping[str, PickupOutcome]:
        """Return what became of the pickups with these keys; a key nobody handed in is absent."""
        ...

    def pickup_counts(self) -> Mapping[str, int]:
        """Count the watched files by `PickupState`."""
        ...

    def pickups_in(self, state: PickupState) -> Sequence[Pickup]:
        """Return the watched files in a state, longest there first."""
        ...

    def unfinished(self) -> int:
        """Count what is still under way: pickups waiting, and clips neither reviewed nor failed."""
        ...

    def totals(self) -> Totals: ...
    def officers(self) -> Sequence[Officer]: ...
    def devices(self) -> Sequence[Device]: ...
    def assignments(self) -> Sequence[Assignment]: ...
    def ledger(
        self, *, subject: str = "", start: int = 0, limit: int = 1000, newest: bool = False
    ) -> Sequence[LedgerEntry]:
        """Return up to ``limit`` entries from a number on, in order: the first of them, or the ``newest``."""
        ...

    def pack(self) -> LawPack:
        """Return the law pack in force, for names and aliases."""
        ...


def clip_json(clip: ClipView, words: Words) -> dict[str, object]:
    """Return the documented JSON of a clip; ``words`` renders notes in the reader's language."""
    span = clip.clock.span
    return {
        "sha256": clip.digest,
        "size_bytes": clip.size_bytes,
        "source_path": clip.source_path,
        "station": clip.station,
        "seen": [
            {"station": s.station, "source_path": s.source_path, "received_at": to_utc_iso(s.received_at)}
            for s in clip.sightings
        ],
        "device_id": clip.device_id,
        "officer_id": clip.officer_id,
        "officers": officers_of(clip),
        "officer_source": clip.officer_source.value,
        "disagreements": [words(source) for source in clip.disagreements],
        "sequence": clip.sequence,
        "recording": part_json(clip.recording),
        "kind": clip.kind.value,
        "recorded_start": to_utc_iso(span.start) if span else None,
        "recorded_end": to_utc_iso(span.end) if span else None,
        "uncertainty_s": clip.clock.uncertainty_s,
        "start_earliest": to_utc_iso(clip.clock.earliest) if clip.clock.earliest else None,
        "start_latest": to_utc_iso(clip.clock.latest) if clip.clock.latest else None,
        "clock_offset_s": clip.clock.offset_s,
        "clock_suspected_s": list(clip.clock.suspected_s),
        "clock": clip.clock.verdict.value,
        "clock_why": [words(rule) for rule in clip.clock.rules],
        "clock_claims": claim_rows(clip),
        "duration_s": clip.duration_s,
        "decoded_duration_s": clip.decoded_duration_s,
        "playable": clip.playable.value,
        "problems": [words(problem) for problem in clip.problems],
        "state": clip.state.value,
        "failure": {"stage": clip.failure[0], "reason": words(clip.failure[1])} if clip.failure else None,
        "links": [link_json(link, words) for link in clip.links],
        "disposed_at": to_utc_iso(clip.disposed_at) if clip.disposed_at else None,
        "sound_matches": [sound_match_json(match, words) for match in clip.sound_matches],
        "secrecy": secrecy_json(clip.secrecy),
    }


def part_json(part: PartView | None) -> dict[str, object] | None:
    """Return the documented JSON of a clip's place in its recording; nothing of one that stands alone."""
    if part is None:
        return None
    start, end = to_utc_iso(part.span.start), to_utc_iso(part.span.end)
    return {"id": part.recording_id, "part": part.part, "parts": part.parts, "start": start, "end": end}


def officers_of(clip: ClipView) -> list[str]:
    """Return the ids of everybody a clip counts for."""
    return list(clip.officers) or ([clip.officer_id] if clip.officer_id is not None else [])


def claim_rows(clip: ClipView) -> list[dict[str, object]]:
    """Return the documented JSON of a clip's time statements, each with how it stands to the judged time."""
    return [
        {
            "source": one.claim.source.value,
            "raw": one.claim.raw,
            "at": to_utc_iso(one.claim.at) if one.claim.at else None,
            "zone": one.claim.zone.value,
            "anchor": one.claim.anchor.value,
            "detail": one.claim.detail,
            "tool": one.claim.tool,
            "stance": one.stance.value,
            "apart_s": one.apart_s,
        }
        for one in stances(clip.claims.times, clip.clock, clip.received_at)
    ]


def link_json(link: LinkView, words: Words) -> dict[str, object]:
    """Return the documented JSON of a link."""
    return {
        "sha256": link.digest,
        "case_no": link.case_no,
        "step_no": link.step_no,
        "human": link.human,
        "by": link.by,
        "overlap": span_json(link.overlap),
        "score": link.score,
        "why": [words(reason) for reason in link.why],
    }


def span_json(span: Span | None) -> dict[str, str] | None:
    """Return a span as ``{"start", "end"}`` in UTC."""
    return {"start": to_utc_iso(span.start), "end": to_utc_iso(span.end)} if span else None


def finding_json(view: FindingView, words: Words) -> dict[str, object]:
    """Return the documented JSON of a finding."""
    finding = view.finding
    return {
        "finding_id": finding.finding_id,
        "kind": finding.kind.value,
        "severity": finding.severity.value,
        "case_no": finding.case_no,
        "step_no": finding.step_no,
        "device_id": finding.device_id,
        "procedure": finding.procedure,
        "article": finding.article,
        "quote": finding.quote,
        "window": span_json(finding.window),
        "uncovered": [span_json(span) for span in finding.uncovered],
        "clips": list(finding.clips),
        "what": words(finding.what),
        "why": words(finding.why),
        "cure": words(finding.cure),
        "rule_version": finding.rule_version,
        "state": view.state.value,
        "first_found_at": to_utc_iso(view.first_found_at),
        "claimed_by": view.claimed_by,
        "claim": view.claim.as_plain() if view.claim else None,
        "decided_by": view.decided_by,
        "reason": view.reason,
    }


def case_json(view: CaseView) -> dict[str, object]:
    """Return the documented JSON of a case in a list."""
    case = view.case
    return {
        "case_no": case.case_no,
        "official_no": case.official_no or None,
        "provisional": case.is_provisional,
        "urgent_at": to_utc_iso(case.urgent_at) if case.urgent_at else None,
        "title": case.title,
        "matter_type": case.matter_type,
        "unit": case.unit,
        "opened_at": to_utc_iso(case.opened_at) if case.opened_at else None,
        "concluded_at": to_utc_iso(case.concluded_at) if case.concluded_at else None,
        "confidentiality": case.confidentiality,
        "secrecy": secrecy_json(view.secrecy),
        "steps": view.steps,
        "step_states": {state.value: count for state, count in view.states.items()},
        "open_findings": view.open_findings,
    }


def amended_json(amended: Amended) -> dict[str, object]:
    """Return the documented JSON of amended times."""
    return {
        "recorded": span_json(amended.recorded),
        "by": amended.by,
        "reason": amended.reason,
        "at": to_utc_iso(amended.at),
    }


def step_json(view: StepView, words: Words) -> dict[str, object]:
    """Return the documented JSON of a step."""
    step = view.step
    return {
        "case_no": step.case_no,
        "step_no": step.step_no,
        "procedure": step.procedure,
        "names": dict(view.names),
        "article": view.article,
        "quote": view.quote,
        "started_at": to_utc_iso(step.started_at),
        "ended_at": to_utc_iso(step.ended_at),
        "place": step.place,
        "officers": list(step.officers),
        "party": step.party,
        "unsuitable_reason": step.unsuitable_reason,
        "witness": step.witness,
        "due_at": to_utc_iso(step.due_at) if step.due_at else None,
        "extended_to": to_utc_iso(step.extended_to) if step.extended_to else None,
        "urgent_reason": step.urgent_reason,
        "points": step.points,
        "sittings": [span_json(sitting) for sitting in step.sittings],
        "amended": amended_json(view.amended) if view.amended else None,
        "state": view.state.value,
        "coverage": view.coverage,
        "coverage_certain": view.certain,
        "coverage_possible": view.possible,
        "waiting_for": list(view.waiting_for),
        "why": [words(remark) for remark in view.why],
        "links": [link_json(link, words) for link in view.links],
        "findings": [finding_json(finding, words) for finding in view.findings],
    }
