"""The audit of a step: obligation minus coverage.

Source: docs/law-reading.md (how strict each modal word is; states). A procedure whose policy asks for a count of
objects is measured by the count even where the article says "simultaneous" (article 26: one per checked point).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evidence.cases import Step
from evidence.coverage import measure
from evidence.errors import ConfigError
from evidence.findings import Finding, FindingKind, StepState, StepVerdict
from evidence.ids import DeviceId, Digest
from evidence.law import Coverage, LawPack, Rule
from evidence.matching import Footage
from evidence.notes import Note, note
from evidence.shifted import Stray, explained_by
from evidence.sound_check import HeardPair, sound_remarks
from evidence.spans import Span, total_s
from evidence.step_findings import Examined, findings_of, stretches_within
from evidence.zones import beijing


@dataclass(frozen=True)
class Exemption:
    """A claim that recording was not suitable, and what was decided on it.

    Attributes:
        approved: a named person approved it; False is pending, or refused.
        refused: a named person refused it; the claim counts no more.
    """

    approved: bool
    reason: str
    refused: bool = False


def audit_step(  # noqa: PLR0913, PLR0917 - each is another kind of fact about the step
    step: Step,
    rule: Rule | None,
    pack: LawPack,
    footage: Sequence[Footage],
    awaited: Sequence[DeviceId],
    exemption: Exemption | None,
    doubtful: Sequence[Footage] = (),
    strays: Sequence[Stray] = (),
    heard: Sequence[HeardPair] = (),
) -> StepVerdict:
    """Audit one step against its rule.

    Args:
        step: the recorded step.
        rule: the pack's rule for its procedure; None when the pack does not know it.
        pack: the pack in force.
        footage: the clips linked to the step, by machine or by a person.
        awaited: cameras of the step that have not docked since (`cameras_awaited`).
        exemption: the article-11 claim with its decision; None when there is none beyond ``step.unsuitable_reason``.
        doubtful: clips that are not linked because their time is not believed (`may_belong`); named, never counted.
        strays: clips of the step's officers that hang nowhere; a shifted clock may explain the step by them.
        heard: pairs of linked clips with common sound; what it says of their clocks is remarked, and changes nothing.
    """
    if rule is None or not in_force(step, pack):
        return beside_the_law(step, rule, pack, footage)
    if not rule.duty.requires_footage:
        return StepVerdict(step.case_no, step.step_no, StepState.NO_DUTY, footage=stretches(step, footage))
    examined = examine(step, rule, pack, footage, doubtful)
    examined = replace(examined, explained=explained_by(step, strays, examined.cover.uncovered or None))
    findings = findings_of(examined)
    state = state_of(examined, findings, awaited, exemption)
    return StepVerdict(
        case_no=step.case_no,
        step_no=step.step_no,
        state=state,
        coverage=examined.cover.share,
        footage=stretches(step, footage),
        waiting_for=tuple(awaited),
        findings=() if awaited or state is StepState.EXEMPT else findings,
        why=(*remarks(examined, awaited, exemption), *sound_remarks(heard)),
    )


def beside_the_law(step: Step, rule: Rule | None, pack: LawPack, footage: Sequence[Footage]) -> StepVerdict:
    """Return the verdict on a step the pack says nothing of, and why; it is not the same as having no duty."""
    if rule is None:
        why = note("finding.step.unknown_procedure", procedure=step.procedure, pack=pack.rule_version)
    else:
        until = pack.in_force_to.isoformat() if pack.in_force_to else "…"
        why = note("finding.step.outside_force", since=pack.in_force_from.isoformat(), until=until)
    return StepVerdict(step.case_no, step.step_no, StepState.OUTSIDE_PACK, footage=stretches(step, footage), why=(why,))


def in_force(step: Step, pack: LawPack) -> bool:
    """Whether the pack was in force on the Beijing day the step began."""
    day = beijing(step.started_at).date()
    return pack.in_force_from <= day and (pack.in_force_to is None or day <= pack.in_force_to)


def examine(step: Step, rule: Rule, pack: LawPack, footage: Sequence[Footage], doubtful: Sequence[Footage]) -> Examined:
    """Measure what the footage does for the step.

    Raises:
        ConfigError: the rule has a recording duty and no policy to measure it by.
    """
    if rule.coverage is None:
        raise ConfigError(
            "has a recording duty but no coverage policy",
            subject=f"{pack.rule_version} {rule.code}",
            cure="give the procedure a [coverage] table in the law pack",
        )
    unique = tuple({item.digest: item for item in footage}.values())
    policy = policy_for(step, rule, rule.coverage)
    return Examined(step, rule, policy, pack, measure(step.window, policy, unique), tuple(doubtful))


def policy_for(step: Step, rule: Rule, coverage: Coverage) -> Coverage:
    """Return how a step is measured: a rule that counts for each place that was checked asks for so many times more."""
    if not rule.per_point or coverage.min_objects is None:
        return coverage
    return replace(coverage, min_objects=coverage.min_objects * max(1, step.points))


def stretches(step: Step, footage: Sequence[Footage]) -> dict[Digest, Span]:
    """Return the stretch of the window each linked clip takes, as far as its stated time reaches into it."""
    inside = ((item.digest, item.span.intersection(step.window)) for item in footage)
    return {digest: span for digest, span in inside if span is not None}


def state_of(
    examined: Examined, findings: Sequence[Finding], awaited: Sequence[DeviceId], exemption: Exemption | None
) -> StepState:
    """Return how the step stands; what meets the policy is covered, even while weaknesses are named beside it."""
    allowed = examined.rule.exemption_allowed
    if allowed and exemption is not None and exemption.approved and not exemption.refused:
        return StepState.EXEMPT
    if not findings or is_enough(examined):
        return StepState.COVERED
    if awaited:
        return StepState.WAITING_UPLOAD
    if allowed and is_claimed(examined.step, exemption):
        return StepState.EXEMPT_CLAIMED
    if any(finding.kind is FindingKind.CLOCK_SHIFT_SUSPECTED for finding in findings):
        return StepState.SUSPECTED_CLOCK
    return StepState.PARTLY_COVERED if examined.is_recorded else StepState.MISSING


def is_enough(examined: Examined) -> bool:
    """Whether video covers the share the policy asks for."""
    return examined.policy.min_share is not None and examined.meets_share


def is_claimed(step: Step, exemption: Exemption | None) -> bool:
    """Whether somebody claims that recording was not suitable, and nobody has refused it."""
    return bool(step.unsuitable_reason) if exemption is None else not exemption.refused


def remarks(examined: Examined, awaited: Sequence[DeviceId], exemption: Exemption | None) -> tuple[Note, ...]:
    """Say what a reader must know beside the findings."""
    found: list[Note] = []
    if awaited:
        found.append(note("finding.step.waiting", devices=", ".join(awaited)))
    if examined.doubtful:
        found.append(note("finding.step.doubtful_footage", clips=len(examined.doubtful)))
    if excused := stretches_within(examined.cover.gaps, examined.cover.uncovered):
        found.append(note("finding.step.within_tolerance", excused_s=total_s(excused)))
    if not examined.rule.exemption_allowed and is_claimed(examined.step, exemption):
        found.append(note("finding.step.exemption_not_allowed", article=examined.rule.article))
    if exemption is not None and exemption.refused:
        found.append(note("finding.step.exemption_refused"))
    return tuple(found)
