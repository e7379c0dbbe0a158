"""Which procedure steps a clip belongs to: officer × overlap of judged time with the step's window."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evidence.cases import Step
from evidence.claims import OfficerSource
from evidence.clips import Kind
from evidence.clock import ClockVerdict
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId, StepNo
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
        officer_source: what the officer rests on, for the link's reasons.
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
    for version in (pack, *pack.later):
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
        if footage.officer_id in step.officers and (overlap := overlap_of(footage, step, margin_of(rule)))
    )


def may_belong(footage: Footage, step: Step, rule: Rule | None) -> bool:
    """Whether officer and stated time would fit, if the time could be believed: for a person to look at."""
    return (
        footage.verdict not in BELIEVED
        and footage.officer_id in step.officers
        and overlap_of(footage, step, margin_of(rule)) is not None
    )


def margin_of(rule: Rule | None) -> Margin:
    """Return the lead and lag of a rule, or the defaults where it has none."""
    coverage = rule.coverage if rule else None
    return Margin(coverage.lead_s, coverage.lag_s) if coverage else Margin(DEFAULT_LEAD_S, DEFAULT_LAG_S)


def overlap_of(footage: Footage, step: Step, margin: Margin) -> Span | None:
    """Return what a clip and a step have in common; where only the uncertainty joins them, what they may have."""
    window = step.window.widened(margin.lead_s, margin.lag_s)
    certain = footage.span.intersection(window)
    if certain is not None or not footage.uncertainty_s:
        return certain
    return footage.span.widened(footage.uncertainty_s, footage.uncertainty_s).intersection(window)


def match_of(footage: Footage, step: Step, margin: Margin, overlap: Span) -> Match:
    """Return the match with its reasons: who, when, and how far the window was stretched."""
    reasons = [
        note(
            f"link.officer_by_{footage.officer_source}", officer=str(footage.officer_id), device=footage.device_id or ""
        ),
        note("link.overlap", overlap_s=overlap.length_s, start_at=overlap.start, end_at=overlap.end),
        note(
            "link.window",
            start_at=step.started_at,
            end_at=step.ended_at,
            lead_s=margin.lead_s,
            lag_s=margin.lag_s,
        ),
    ]
    if not footage.span.overlaps(step.window.widened(margin.lead_s, margin.lag_s)):
        reasons.append(note("link.only_within_uncertainty", uncertainty_s=footage.uncertainty_s))
    return Match(footage.digest, step.case_no, step.step_no, overlap, tuple(reasons))
