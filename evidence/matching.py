"""Which procedure steps a clip belongs to: officer × overlap of judged time with the step's window.

A clip of a camera that several officers carried together counts for each of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evidence.cases import Step
from evidence.claims import OfficerSource
from evidence.clips import Kind
from evidence.clock import ClockVerdict
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId, StationId, StepNo
from evidence.law import Coverage, LawPack, Rule
from evidence.notes import Note, note
from evidence.spans import Span

DEFAULT_LEAD_S = 120.0
"""Seconds before a step in which footage still belongs to it, where the rule says nothing."""

DEFAULT_LAG_S = 60.0
"""Seconds after a step in which footage still belongs to it, where the rule says nothing."""

BELIEVED = frozenset({ClockVerdict.TRUSTED, ClockVerdict.ADJUSTED})
"""Verdicts under which a machine links and footage covers time."""


@dataclass(frozen=True)
class Footage:
    """What matching and the audit need to know of a clip that has a judged span.

    Attributes:
        span: judged start and end, UTC; an instant for a photo.
        uncertainty_s: the true start lies within ± this of ``span.start``.
        has_video: a video track with samples; has_audio: an audio track.
        officer_id: the officer; of several who carried the camera together the first.
        officers: all of those, where there is more than one; see `carriers`.
        officer_source: what the officer rests on, for the link's reasons.
        disagrees: another source names another device or officer.
        station, path: where it was first seen.
    """

    digest: Digest
    kind: Kind
    span: Span
    uncertainty_s: float
    verdict: ClockVerdict
    device_id: DeviceId | None
    officer_id: OfficerId | None
    has_video: bool
    has_audio: bool
    officer_source: OfficerSource = OfficerSource.UNKNOWN
    disagrees: bool = False
    station: StationId | None = None
    path: str = ""
    officers: tuple[OfficerId, ...] = ()

    @property
    def carriers(self) -> tuple[OfficerId, ...]:
        """Everybody it counts for: the officer, or all who carried its camera together; empty when nobody is known."""
        return self.officers or ((self.officer_id,) if self.officer_id is not None else ())

    @property
    def carried_by(self) -> str:
        """Those, in a sentence."""
        return ", ".join(self.carriers)

    @property
    def is_shared(self) -> bool:
        """Whether several officers carried its camera together."""
        return len(self.carriers) > 1

    def is_of(self, step: Step) -> bool:
        """Whether the record of a step names one of those it counts for."""
        return any(officer in step.officers for officer in self.carriers)


@dataclass(frozen=True)
class Match:
    """A clip belongs to a step. ``overlap`` is what both have in common, lead and lag included."""

    digest: Digest
    case_no: CaseNo
    step_no: StepNo
    overlap: Span
    why: tuple[Note, ...]


@dataclass(frozen=True)
class Margin:
    """How far before and after its written window a step reaches, in seconds."""

    lead_s: float
    lag_s: float


def max_lead_s(pack: LawPack) -> float:
    """Return the longest lead of any rule of the pack, in seconds: how far before its start a step can reach."""
    return max([DEFAULT_LEAD_S, *(coverage.lead_s for coverage in policies_of(pack))])


def max_lag_s(pack: LawPack) -> float:
    """Return the longest lag of any rule of the pack, in seconds: how far after its end a step can reach."""
    return max([DEFAULT_LAG_S, *(coverage.lag_s for coverage in policies_of(pack))])


def policies_of(pack: LawPack) -> Iterator[Coverage]:
    """Yield the coverage policies of every version of a pack."""
    for version in pack.versions:
        yield from (rule.coverage for rule in version.rules.values() if rule.coverage)


def match_clip(footage: Footage, steps: Iterable[tuple[Step, Rule | None]]) -> tuple[Match, ...]:
    """Return the steps a clip belongs to, each with why; nothing when its time is not believed.

    Args:
        footage: the clip; without an officer it matches nothing.
        steps: candidates with their rules (None when the pack does not know the procedure).
    """
    if footage.verdict not in BELIEVED:
        return ()
    return tuple(
        match_of(footage, step, margin_of(rule), overlap)
        for step, rule in steps
        if footage.is_of(step) and (overlap := overlap_of(footage, step, margin_of(rule)))
    )


def may_belong(footage: Footage, step: Step, rule: Rule | None) -> bool:
    """Whether officer and stated time would fit, if the time could be believed: for a person to look at."""
    return (
        footage.verdict not in BELIEVED
        and footage.is_of(step)
        and overlap_of(footage, step, margin_of(rule)) is not None
    )


def margin_of(rule: Rule | None) -> Margin:
    """Return the lead and lag of a rule, or the defaults where it has none."""
    coverage = rule.coverage if rule else None
    return Margin(coverage.lead_s, coverage.lag_s) if coverage else Margin(DEFAULT_LEAD_S, DEFAULT_LAG_S)


def overlap_of(footage: Footage, step: Step, margin: Margin) -> Span | None:
    """Return what a clip and a step have in common; where only the uncertainty joins them, what they may have."""
    parts = [part.widened(margin.lead_s, margin.lag_s) for part in step.parts]
    certain = longest(footage.span, parts)
    if certain is not None or not footage.uncertainty_s:
        return certain
    return longest(footage.span.widened(footage.uncertainty_s, footage.uncertainty_s), parts)


def longest(span: Span, parts: Iterable[Span]) -> Span | None:
    """Return what a stretch has in common with that of several it shares most time with, None when with none."""
    shared = [both for part in parts if (both := span.intersection(part))]
    return max(shared, key=lambda both: both.length_s, default=None)


def match_of(footage: Footage, step: Step, margin: Margin, overlap: Span) -> Match:
    """Return the match with its reasons: who, when, and how far the window was stretched."""
    reasons = [
        whose(footage, step),
        note("link.overlap", overlap_s=overlap.length_s, start_at=overlap.start, end_at=overlap.end),
        note(
            "link.window",
            start_at=step.started_at,
            end_at=step.ended_at,
            lead_s=margin.lead_s,
            lag_s=margin.lag_s,
        ),
    ]
    if not any(footage.span.overlaps(part.widened(margin.lead_s, margin.lag_s)) for part in step.parts):
        reasons.append(note("link.only_within_uncertainty", uncertainty_s=footage.uncertainty_s))
    return Match(footage.digest, step.case_no, step.step_no, overlap, tuple(reasons))


def whose(footage: Footage, step: Step) -> Note:
    """Say which officers of the step a clip is of, and by what."""
    device = footage.device_id or ""
    if not footage.is_shared:
        return note(f"link.officer_by_{footage.officer_source}", officer=footage.carried_by, device=device)
    present = ", ".join(officer for officer in footage.carriers if officer in step.officers)
    return note("link.officer_shared", officer=present, officers=footage.carried_by, device=device)
