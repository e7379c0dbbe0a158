"""The findings about a step, each with what was found, the rule it breaks, and what would cure it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evidence.cases import Step
from evidence.clips import Kind
from evidence.coverage import Cover, Gap, GapKind, is_sound, sound_within
from evidence.finding_ids import finding_id
from evidence.findings import Finding, FindingKind, Severity
from evidence.ids import Digest
from evidence.law import Coverage, LawPack, Rule
from evidence.matching import BELIEVED, Footage
from evidence.matters import Matter
from evidence.notes import Note, Parameter, note
from evidence.shifted import Explained
from evidence.spans import Span, clip_to, subtract, total_s

KIND_OF_GAP = {
    GapKind.HEAD: FindingKind.LATE_START,
    GapKind.TAIL: FindingKind.EARLY_STOP,
    GapKind.INNER: FindingKind.HOLE,
}


@dataclass(frozen=True)
class Examined:
    """A step under examination: the record, its rule with the policy for it, the pack, and what covers it."""

    step: Step
    rule: Rule
    policy: Coverage
    pack: LawPack
    cover: Cover
    doubtful: tuple[Footage, ...] = ()
    explained: Explained | None = None

    @property
    def meets_share(self) -> bool:
        """Whether video covers the share the policy asks for."""
        return self.policy.min_share is None or self.cover.share >= self.policy.min_share

    @property
    def has_enough(self) -> bool:
        """Whether a rule that counts objects has as many as it asks for."""
        return self.policy.min_share is None and len(self.cover.objects) >= (self.policy.min_objects or 1)

    @property
    def is_recorded(self) -> bool:
        """Whether anything of the step was recorded; where a share is asked for, footage beside the step is nothing."""
        return bool(self.cover.objects if self.policy.min_share is None else self.cover.inside)


def findings_of(examined: Examined) -> tuple[Finding, ...]:
    """Return every finding about a step whose rule demands footage and of whose cameras none is awaited."""
    if examined.explained is not None and is_short(examined):
        matters: tuple[Matter, ...] = (shift_suspected(examined, examined.explained),)
    elif examined.policy.min_share is None:
        matters = too_few(examined)
    elif not examined.is_recorded:
        matters = (nothing_recorded(examined),)
    elif not examined.cover.videos:
        matters = (no_video(examined),)
    else:
        matters = (*gaps_found(examined), *record_differs(examined))
    return tuple(written_out(examined, matter) for matter in matters)


def is_short(examined: Examined) -> bool:
    """Whether footage is missing that a shifted clock may explain."""
    return not (examined.has_enough if examined.policy.min_share is None else examined.meets_share)


def written_out(examined: Examined, matter: Matter) -> Finding:
    """Return the finding with the step's names, article and words."""
    step, rule = examined.step, examined.rule
    return Finding(
        finding_id=finding_id(matter.kind, step.case_no, step.step_no, *matter.subject),
        kind=matter.kind,
        severity=matter.severity,
        what=matter.what,
        why=matter.why,
        cure=matter.cure,
        rule_version=examined.pack.rule_version,
        case_no=step.case_no,
        step_no=step.step_no,
        procedure=rule.code,
        article=rule.article,
        quote=rule.quote,
        window=step.window,
        uncovered=matter.uncovered,
        clips=matter.clips,
    )


def too_few(examined: Examined) -> tuple[Matter, ...]:
    """Judge a rule that counts audio-visual objects of any form."""
    found, needed = len(examined.cover.objects), examined.policy.min_objects or 1
    if found >= needed:
        return ()
    what = note("finding.no_av.what_too_few", found=found, needed=needed) if found else nothing_note(examined)
    why = note("finding.no_av.why_count", needed=needed, **policy_source(examined.policy))
    return (no_av(examined, what, why),)


def shift_suspected(examined: Examined, explained: Explained) -> Matter:
    """Name the shift that would explain the step, before a gap is called."""
    side = "record" if explained.of_record else "camera"
    way = "ahead" if (explained.shift_s > 0) is not explained.of_record else "behind"
    what = note(
        f"finding.clock_shift_suspected.what_{side}_{way}",
        shift_s=abs(explained.shift_s),
        offset_s=explained.shift_s,
        clips=len(explained.clips),
        covered_pct=floor_pct(explained.share),
    )
    why = note("finding.clock_shift_suspected.why")
    cure = note(f"finding.clock_shift_suspected.cure_{side}")
    kind = FindingKind.CLOCK_SHIFT_SUSPECTED
    return Matter(kind, Severity.WEAKNESS, what, why, cure, (examined.step.window,), explained.clips)


def record_differs(examined: Examined) -> tuple[Matter, ...]:
    """Judge whether the footage as a whole lies earlier or later than the record says, by as much at both ends.

    Source: docs/law-reading.md (times of footage and of written records must agree).
    """
    videos, window = examined.cover.videos, examined.step.window
    first, last = min(item.span.start for item in videos), max(item.span.end for item in videos)
    begins_s, ends_s = (first - window.start).total_seconds(), (last - window.end).total_seconds()
    unsure_s = max(item.uncertainty_s for item in videos)
    allowed_s = examined.pack.thresholds.record_time_s
    displaced_s = min(abs(begins_s), abs(ends_s))
    if begins_s * ends_s <= 0 or displaced_s <= allowed_s + unsure_s or abs(begins_s - ends_s) > allowed_s:
        return ()
    way = "later" if begins_s > 0 else "earlier"
    offset_s = round((begins_s + ends_s) / 2)
    what = note(f"finding.doc_time_mismatch.what_{way}", offset_s=abs(offset_s), start_at=first, end_at=last)
    thresholds = examined.pack.thresholds
    why = note(
        "finding.doc_time_mismatch.why",
        allowed_s=allowed_s,
        set_by=thresholds.set_by,
        reference=thresholds.reference,
    )
    kind, cure = FindingKind.DOC_TIME_MISMATCH, note("finding.doc_time_mismatch.cure")
    return (Matter(kind, Severity.NOTICE, what, why, cure, (), digests(videos)),)


def nothing_recorded(examined: Examined) -> Matter:
    """Judge a step that must be recorded as it happens and of which there is nothing."""
    why = note("finding.no_av.why_share", min_pct=share_pct(examined.policy), **policy_source(examined.policy))
    return no_av(examined, nothing_note(examined), why)


def nothing_note(examined: Examined) -> Note:
    """Say that there is nothing; name how much footage of doubtful time, or beside the step, there is."""
    window, policy = examined.step.window, examined.policy
    common: dict[str, Parameter] = {
        "start_at": window.start,
        "end_at": window.end,
        "lead_s": policy.lead_s,
        "lag_s": policy.lag_s,
    }
    if examined.doubtful:
        return Note("finding.no_av.what_doubtful", {**common, "clips": len(examined.doubtful)})
    if beside := examined.cover.beside:
        return note("finding.no_av.what_beside", start_at=window.start, end_at=window.end, clips=len(beside))
    return Note("finding.no_av.what", common)


def no_av(examined: Examined, what: Note, why: Note) -> Matter:
    """Return the breach that a step has no record, or too few."""
    return Matter(
        FindingKind.NO_AV,
        Severity.BREACH,
        what,
        why,
        no_av_cure(examined),
        uncovered=(examined.step.window,),
        clips=digests(examined.doubtful or examined.cover.objects),
    )


def no_av_cure(examined: Examined) -> Note:
    """Say what to do about a missing record: look at what there is first."""
    if examined.doubtful:
        return note("finding.no_av.cure_doubtful")
    is_beside = bool(examined.cover.beside) and not examined.is_recorded
    return note("finding.no_av.cure_beside" if is_beside else "finding.no_av.cure")


def no_video(examined: Examined) -> Matter:
    """Judge a step of which only photos, sound or footage of doubtful time exist."""
    objects = examined.cover.inside
    believed = [item for item in objects if item.verdict in BELIEVED]
    photos = sum(item.kind is Kind.PHOTO for item in believed)
    sounds = sum(is_sound(item) for item in believed)
    if len(believed) < len(objects):
        what = note("finding.not_continuous_video.what_doubtful", clips=len(objects) - len(believed))
    else:
        what = note("finding.not_continuous_video.what", photos=photos, sounds=sounds, objects=len(objects))
    return not_continuous(examined, what, (examined.step.window,), objects)


def not_continuous(examined: Examined, what: Note, uncovered: tuple[Span, ...], clips: Iterable[Footage]) -> Matter:
    """Return the weakness that a record exists which is not continuous video."""
    why = note("finding.not_continuous_video.why", min_pct=share_pct(examined.policy), **policy_source(examined.policy))
    cure = note("finding.not_continuous_video.cure")
    return Matter(FindingKind.NOT_CONTINUOUS_VIDEO, Severity.WEAKNESS, what, why, cure, uncovered, digests(clips))


def gaps_found(examined: Examined) -> tuple[Matter, ...]:
    """Judge the stretches that video leaves out; what sound alone fills is a weakness of its own."""
    sound = sound_within(examined.cover, examined.policy)
    filled: list[Span] = []
    matters: list[Matter] = []
    for gap in examined.cover.gaps:
        heard = tuple(part for part in clip_to(gap.span, sound) if part.length_s > examined.policy.hole_tolerance_s)
        filled.extend(heard)
        rest = subtract(gap.span, heard) if heard else (gap.span,)
        silent = tuple(part for part in rest if not heard or part.length_s > gap.allowance_s)
        if silent:
            matters.append(gap_matter(examined, gap, silent))
    return (*matters, *sound_only(examined, tuple(filled)))


def sound_only(examined: Examined, filled: tuple[Span, ...]) -> tuple[Matter, ...]:
    """Return the weakness that stretches of the window have sound and no picture, if any have."""
    if not filled:
        return ()
    what = note("finding.not_continuous_video.what_sound", total_s=total_s(filled), stretches=len(filled))
    clips = [item for item in examined.cover.objects if is_sound(item) and clip_to(item.span, filled)]
    return (not_continuous(examined, what, filled, clips),)


def gap_matter(examined: Examined, gap: Gap, uncovered: tuple[Span, ...]) -> Matter:
    """Return the finding about one gap; below the policy's share it is a breach."""
    kind = KIND_OF_GAP[gap.kind]
    what = note(
        f"finding.{kind.lower()}.what",
        start_at=uncovered[0].start,
        end_at=uncovered[-1].end,
        missing_s=total_s(uncovered),
        covered_pct=floor_pct(examined.cover.share),
    )
    return Matter(
        kind,
        Severity.WEAKNESS if examined.meets_share else Severity.BREACH,
        what,
        gap_why(examined, gap),
        note(f"finding.{kind.lower()}.cure"),
        uncovered,
        digests((*gap.before, *gap.after)),
        # the clip a break follows names it; the edges are one each
        subject=digests(gap.before)[:1] if gap.kind is GapKind.INNER else (),
    )


def gap_why(examined: Examined, gap: Gap) -> Note:
    """Say by what a gap counts: it exceeds its allowance, or nothing is excused below the policy's share."""
    min_pct, source = share_pct(examined.policy), policy_source(examined.policy)
    if gap.allowance_s == 0 and not examined.meets_share:
        return note("finding.gap.why_share", min_pct=min_pct, **source)
    kind = KIND_OF_GAP[gap.kind].lower()
    return note(f"finding.{kind}.why", allowance_s=round(gap.allowance_s, 3), min_pct=min_pct, **source)


def digests(footage: Iterable[Footage]) -> tuple[Digest, ...]:
    """Return the clips' digests, each once, in one order."""
    return tuple(sorted({item.digest for item in footage}))


def policy_source(policy: Coverage) -> dict[str, str]:
    """Return who set the figures and where that is written."""
    return {"set_by": policy.set_by, "reference": policy.reference}


def share_pct(policy: Coverage) -> float:
    """Return the share the policy asks for, out of 100."""
    return round(100 * (policy.min_share or 0.0), 1)


def floor_pct(share: float) -> float:
    """Return a share out of 100, rounded down to a tenth, so that what falls short never reads as enough."""
    return int(share * 1000) / 10


def stretches_within(gaps: Sequence[Gap], uncovered: Sequence[Span]) -> tuple[Span, ...]:
    """Return the uncovered stretches that are too short to be gaps."""
    counted = {gap.span for gap in gaps}
    return tuple(span for span in uncovered if span not in counted)
