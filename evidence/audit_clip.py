"""The audit of a clip: what is wrong with it, whichever step it belongs to."""

from dataclasses import dataclass
from datetime import datetime

from evidence.claims import OfficerSource
from evidence.clips import Kind, QualityKind, QualitySpan
from evidence.clock import ClockJudgement, ClockVerdict
from evidence.finding_ids import finding_id
from evidence.findings import Finding, FindingKind, Severity
from evidence.ids import DeviceId, Digest, OfficerId
from evidence.law import LawPack, Thresholds
from evidence.notes import Note, note

MediaSpan = tuple[float, float]
"""Start and end in seconds from the clip's first frame."""


@dataclass(frozen=True)
class ClipFacts:
    """All the audit asks of a clip.

    Attributes:
        docked_at: when it had left its camera at the latest, UTC; None where nobody knows.
        duration_s: measured length in seconds; None when it has none.
        problems: what the prober or the deriver said is wrong.
        quality: black, frozen and silent stretches of media time.
        linked: at least one step holds the clip.
        analysed: the deriver has looked at it; until then its picture and sound are not judged.
        officers: all of several who carried the camera together.
        filed: it came only as a file for a text record; attached: it is one, whatever else it is.
    """

    digest: Digest
    kind: Kind
    clock: ClockJudgement
    device_id: DeviceId | None
    officer_id: OfficerId | None
    officer_source: OfficerSource
    has_audio: bool
    duration_s: float | None
    damaged: bool
    problems: tuple[Note, ...]
    quality: tuple[QualitySpan, ...]
    linked: bool
    analysed: bool
    docked_at: datetime | None = None
    filed: bool = False
    attached: bool = False
    officers: tuple[OfficerId, ...] = ()


AUDIO_VISUAL = frozenset({Kind.VIDEO, Kind.AUDIO, Kind.PHOTO})
UNBELIEVED = frozenset({ClockVerdict.UNKNOWN, ClockVerdict.DISPUTED})
SOUND_GLITCH_S = 0.5
"""Sound shorter than this between silent stretches is a click, in seconds."""


def audit_clip(facts: ClipFacts, pack: LawPack) -> tuple[Finding, ...]:
    """Return the findings about one clip alone, by the version of the pack that was in force when it was recorded.

    A file that is no recording raises nothing but damage; a text record nothing at all: what is wrong with it is shown
    where it is attached.
    """
    if facts.filed:
        return ()
    pack = pack.at(facts.clock.span.start) if facts.clock.span else pack
    matters = [damage(facts)]
    if facts.kind in AUDIO_VISUAL:
        matters += [officer_unknown(facts), clock_untrusted(facts), unlinked(facts)]
        matters += [upload_late(facts, pack.thresholds)]
        if facts.analysed:
            matters += [picture_blocked(facts, pack.thresholds), audio_missing(facts, pack.thresholds)]
    return tuple(written_out(facts, pack, matter) for matter in matters if matter is not None)


@dataclass(frozen=True)
class Matter:
    """What one finding about a clip is, before it is written out."""

    kind: FindingKind
    severity: Severity
    what: Note
    why: Note
    cure: Note


def matter_of(kind: FindingKind, severity: Severity, what: Note, why: Note | None = None) -> Matter:
    """Return a matter whose reason and cure are those of its kind, unless it has a reason of its own."""
    stem = f"finding.{kind.lower()}"
    return Matter(kind, severity, what, why or note(f"{stem}.why"), note(f"{stem}.cure"))


def written_out(facts: ClipFacts, pack: LawPack, matter: Matter) -> Finding:
    """Return the finding with the clip's names and the article the pack cites for its kind."""
    citation = pack.citations.get(matter.kind)
    return Finding(
        finding_id=finding_id(matter.kind, facts.digest),
        kind=matter.kind,
        severity=matter.severity,
        what=matter.what,
        why=matter.why,
        cure=matter.cure,
        rule_version=pack.rule_version,
        article=citation.article if citation else "",
        quote=citation.quote if citation else "",
        window=facts.clock.span,
        clips=(facts.digest,),
        device_id=facts.device_id,
    )


def damage(facts: ClipFacts) -> Matter | None:
    """Judge whether the bytes are whole."""
    if not facts.damaged or (facts.attached and facts.kind is Kind.OTHER):
        return None
    severity = Severity.NOTICE if facts.kind is Kind.OTHER else Severity.WEAKNESS
    return matter_of(
        FindingKind.FILE_DAMAGED, severity, note("finding.file_damaged.what", problems=len(facts.problems))
    )


def officer_unknown(facts: ClipFacts) -> Matter | None:
    """Judge whether anybody knows who recorded."""
    if facts.officer_id is not None:
        return None
    if facts.device_id is None:
        what = note("finding.officer_unknown.what_no_device")
    else:
        what = note("finding.officer_unknown.what", device=facts.device_id)
    return matter_of(FindingKind.OFFICER_UNKNOWN, Severity.WEAKNESS, what)


def clock_untrusted(facts: ClipFacts) -> Matter | None:
    """Judge whether the recorded time is believed."""
    if facts.clock.verdict not in UNBELIEVED:
        return None
    what = note(f"finding.clock_untrusted.what_{facts.clock.verdict}")
    return matter_of(FindingKind.CLOCK_UNTRUSTED, Severity.WEAKNESS, what)


def unlinked(facts: ClipFacts) -> Matter | None:
    """Judge whether the clip belongs to a step, and say why it does not."""
    if facts.linked or facts.attached:
        return None
    if facts.officer_id is None:
        reason = note("finding.unlinked_footage.why_officer")
    elif facts.clock.verdict in UNBELIEVED:
        reason = note("finding.unlinked_footage.why_clock")
    else:
        reason = note("finding.unlinked_footage.why_no_step", officer=", ".join(facts.officers or (facts.officer_id,)))
    what = note("finding.unlinked_footage.what")
    return matter_of(FindingKind.UNLINKED_FOOTAGE, Severity.NOTICE, what, reason)


def upload_late(facts: ClipFacts, thresholds: Thresholds) -> Matter | None:
    """Judge whether the camera was docked in time after the recording; only a believed time says so."""
    span, within_h = facts.clock.span, thresholds.upload_within_h
    if within_h is None or span is None or facts.docked_at is None or facts.clock.verdict in UNBELIEVED:
        return None
    waited_s = (facts.docked_at - span.end).total_seconds()
    if waited_s - (facts.clock.uncertainty_s or 0.0) <= within_h * 3600:
        return None
    what = note("finding.upload_late.what", ended_at=span.end, docked_at=facts.docked_at, waited_s=round(waited_s))
    source = {"set_by": thresholds.set_by, "reference": thresholds.reference}
    why = note("finding.upload_late.why", within_h=within_h, **source)
    severity = Severity.WEAKNESS if facts.linked else Severity.NOTICE
    return matter_of(FindingKind.UPLOAD_LATE, severity, what, why)


def picture_blocked(facts: ClipFacts, thresholds: Thresholds) -> Matter | None:
    """Judge whether the picture shows nothing, or stands still, for long."""
    black = media_spans(facts, QualityKind.BLACK)
    blocked = [
        span
        for span in merged([*black, *media_spans(facts, QualityKind.FROZEN)])
        if span[1] - span[0] >= thresholds.blocked_s
    ]
    if facts.kind is not Kind.VIDEO or not blocked:
        return None
    total_s = sum(end - start for start, end in blocked)
    black_s = sum(shared_s(part, span) for part in merged(black) for span in blocked)
    form = "black" if black_s > total_s - 1 else "frozen" if black_s < 1 else "both"
    spans = ", ".join(f"{stamp(start)}–{stamp(end)}" for start, end in blocked)
    what = note(f"finding.picture_blocked.what_{form}", spans=spans, total_s=round(total_s, 3))
    why = note(
        "finding.picture_blocked.why",
        blocked_s=thresholds.blocked_s,
        set_by=thresholds.set_by,
        reference=thresholds.reference,
    )
    return matter_of(FindingKind.PICTURE_BLOCKED, Severity.WEAKNESS, what, why)


def audio_missing(facts: ClipFacts, thresholds: Thresholds) -> Matter | None:
    """Judge whether a recording has sound; the head may be a pre-record buffer, which many cameras keep without."""
    if facts.kind is Kind.PHOTO:
        return None
    if facts.has_audio and not is_silent(facts, thresholds.silent_head_s):
        return None
    what = note("finding.audio_missing.what_silent") if facts.has_audio else note("finding.audio_missing.what_no_track")
    why = note(
        "finding.audio_missing.why",
        silent_head_s=thresholds.silent_head_s,
        set_by=thresholds.set_by,
        reference=thresholds.reference,
    )
    severity = Severity.WEAKNESS if facts.linked else Severity.NOTICE
    return matter_of(FindingKind.AUDIO_MISSING, severity, what, why)


def is_silent(facts: ClipFacts, head_s: float) -> bool:
    """Whether everything after the head is silent; a clip no longer than the head tells nothing."""
    if facts.duration_s is None or facts.duration_s <= head_s:
        return False
    body = (head_s, facts.duration_s)
    silent_s = sum(shared_s(span, body) for span in merged(media_spans(facts, QualityKind.SILENT)))
    return body[1] - body[0] - silent_s <= SOUND_GLITCH_S


def media_spans(facts: ClipFacts, kind: QualityKind) -> list[MediaSpan]:
    """Return the stretches of one quality, in seconds of media time."""
    return [(span.start_s, span.end_s) for span in facts.quality if span.kind is kind]


def merged(spans: list[MediaSpan]) -> list[MediaSpan]:
    """Return stretches of media time merged and in order."""
    result: list[MediaSpan] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


def shared_s(a: MediaSpan, b: MediaSpan) -> float:
    """Return how many seconds two stretches of media time share."""
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0]))


def stamp(second: float) -> str:
    """Return a place in a clip as ``m:ss``, or ``h:mm:ss`` from an hour on."""
    minutes, seconds = divmod(int(second), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
