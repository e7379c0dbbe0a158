"""The record of a step: who took part, who witnessed it, at what hour, and the text records it must have."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from evidence.case_file import StepFile
from evidence.cases import Step
from evidence.deadlines import due
from evidence.documents import Document
from evidence.findings import FindingKind, Severity
from evidence.law import DocumentSlot, LawPack, Necessity, Night, Rule
from evidence.matters import Matter
from evidence.notes import Note, in_languages, note
from evidence.spans import Span
from evidence.zones import BEIJING, beijing

LONG = timedelta(hours=24)
"""Of a step that goes on longer nobody says at which hours people worked; its beginning and its end are looked at."""


def matters_of(own: StepFile, rule: Rule, pack: LawPack, now: datetime) -> Iterator[Matter]:
    """Yield what is the matter with the record of a step."""
    yield from officers_too_few(own, rule)
    yield from officers_not_named(own)
    yield from witness_missing(own, rule)
    yield from night_or_holiday(own.step, rule, pack)
    yield from exemption_not_allowed(own, rule)
    if are_documents_due(own.step, pack, now):
        yield from documents_missing(own, rule, pack)
    yield from signatures_missing(own, rule, pack)


def officers_too_few(own: StepFile, rule: Rule) -> Iterator[Matter]:
    """Judge whether enough officers with a certificate took part. Source: 行政处罚法 42, 行政强制法 18."""
    named = dict.fromkeys(own.step.officers)
    valid = [officer for officer in named if officer not in own.invalid]
    needed = rule.officers_min or 0
    if len(valid) >= needed:
        return
    form = "invalid" if len(named) >= needed else "few"
    what = note(
        f"finding.officer_lt2.what_{form}", found=len(named), needed=needed, invalid=", ".join(sorted(own.invalid))
    )
    why = note("finding.officer_lt2.why", needed=needed)
    yield Matter(FindingKind.OFFICER_LT2, Severity.BREACH, what, why, note("finding.officer_lt2.cure"))


def officers_not_named(own: StepFile) -> Iterator[Matter]:
    """Name footage that a person hung on the step and whose officer its record does not name."""
    if not own.strangers:
        return
    officers = ", ".join(sorted({officer for _, officer in own.strangers}))
    what = note("finding.officer_not_in_step.what", officers=officers, clips=len(own.strangers))
    why, cure = note("finding.officer_not_in_step.why"), note("finding.officer_not_in_step.cure")
    clips = tuple(sorted(digest for digest, _ in own.strangers))
    yield Matter(FindingKind.OFFICER_NOT_IN_STEP, Severity.NOTICE, what, why, cure, clips=clips)


def witness_missing(own: StepFile, rule: Rule) -> Iterator[Matter]:
    """Judge whether a witness is named; what is filmed whole is served nevertheless. Source: 民事诉讼法 89."""
    signed = any("witness" in document.signed_by for document in own.documents)
    if not rule.needs_witness or own.step.witness or signed:
        return
    form, severity = ("filmed", Severity.WEAKNESS) if own.whole else ("bare", Severity.BREACH)
    what = note(f"finding.witness_missing.what_{form}")
    why, cure = note("finding.witness_missing.why"), note("finding.witness_missing.cure")
    yield Matter(FindingKind.WITNESS_MISSING, severity, what, why, cure)


def night_or_holiday(step: Step, rule: Rule, pack: LawPack) -> Iterator[Matter]:
    """Judge whether enforcement fell into a night or on a holiday.

    A weekend is a weakness: the Supreme People's Court counts it among the holidays of article 43, its words do not.
    Source: 行政强制法 43, 69; (2016)最高法行他81号.
    """
    if not rule.day_only or step.urgent_reason:
        return
    parts = [step.window] if step.ended_at - step.started_at <= LONG else at_ends(step)
    days = sorted({day for part in parts for day in days_of(part)})
    form, resting = rest_of(days, parts, pack)
    if not form:
        return
    named = ", ".join(day.isoformat() for day in resting)
    what = note(f"finding.night_or_holiday.what_{form}", start_at=step.started_at, end_at=step.ended_at, days=named)
    severity = Severity.WEAKNESS if form == "weekend" else Severity.BREACH
    cure = note("finding.night_or_holiday.cure")
    yield Matter(FindingKind.NIGHT_OR_HOLIDAY, severity, what, why_not_at_night(pack.night), cure)


def rest_of(days: Sequence[date], parts: Sequence[Span], pack: LawPack) -> tuple[str, list[date]]:
    """Return what of night and rest a step fell into – both, holiday, night, weekend or nothing – and on which days."""
    holidays = [day for day in days if pack.calendar.is_statutory_holiday(day)]
    night = pack.night
    if night is not None and any(part.overlaps(dark) for part in parts for dark in nights(days, night)):
        return ("both", holidays) if holidays else ("night", [])
    if holidays:
        return "holiday", holidays
    resting = [day for day in days if pack.calendar.is_rest_day(day)]
    return ("weekend", resting) if resting else ("", [])


def why_not_at_night(night: Night | None) -> Note:
    """Say which hours are night, and who says so."""
    if night is None:
        return note("finding.night_or_holiday.why_holiday")
    begins, ends = night.begins.isoformat("minutes"), night.ends.isoformat("minutes")
    return note(
        "finding.night_or_holiday.why", begins=begins, ends=ends, set_by=night.set_by, reference=night.reference
    )


def at_ends(step: Step) -> list[Span]:
    """Return the first and the last moment of a step."""
    return [Span(step.started_at, step.started_at), Span(step.ended_at, step.ended_at)]


def days_of(part: Span) -> Iterator[date]:
    """Yield the Beijing days that a stretch touches; one that ends at midnight does not touch the day after."""
    last = part.end if part.end == part.start else part.end - timedelta(microseconds=1)
    day, end = beijing(part.start).date(), beijing(last).date()
    while day <= end:
        yield day
        day += timedelta(days=1)


def nights(days: Sequence[date], night: Night) -> Iterator[Span]:
    """Yield the nights that days touch: the one that ends in their morning, and the one that begins in their evening.

    A night holds neither its first nor its last instant, so that work from six to ten in the evening is by day.
    """
    moment = timedelta(microseconds=1)
    for day in days:
        midnight = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
        dawn = datetime.combine(day, night.ends, BEIJING)
        dusk = datetime.combine(day, night.begins, BEIJING)
        yield Span(midnight, dawn - moment)
        yield Span(dusk + moment, midnight + timedelta(days=1))


def exemption_not_allowed(own: StepFile, rule: Rule) -> Iterator[Matter]:
    """Name a claim that recording was not suitable where the article knows no exemption."""
    if not own.claimed or rule.exemption_allowed or not rule.duty.requires_footage:
        return
    what = note("finding.exemption_not_allowed.what", article=rule.article)
    why, cure = note("finding.exemption_not_allowed.why"), note("finding.exemption_not_allowed.cure")
    yield Matter(FindingKind.EXEMPTION_NOT_ALLOWED, Severity.WEAKNESS, what, why, cure)


# --- text records -----------------------------------------------------------------------------------------------------


def documents_due_at(step: Step, pack: LawPack) -> datetime | None:
    """Return until when the text records of a step may be on their way; None: the pack does not look for them."""
    within = pack.thresholds.documents_within
    return due(within, step.ended_at, pack.calendar).at if within else None


def are_documents_due(step: Step, pack: LawPack, now: datetime) -> bool:
    """Whether the text records of a step must be in the file by now."""
    due_at = documents_due_at(step, pack)
    return due_at is not None and now > due_at


def documents_missing(own: StepFile, rule: Rule, pack: LawPack) -> Iterator[Matter]:
    """Name each text record that is always due and not in the file."""
    thresholds = pack.thresholds
    for slot in slots_of(rule, pack):
        if slot.necessity is Necessity.ALWAYS and not any(map(slot.holds, own.documents)):
            what = note("finding.document_missing.what", document_names=in_languages(slot.names))
            why = note("finding.document_missing.why", set_by=thresholds.set_by, reference=thresholds.reference)
            cure = note("finding.document_missing.cure")
            yield Matter(FindingKind.DOCUMENT_MISSING, Severity.BREACH, what, why, cure, subject=(slot.slot,))


def signatures_missing(own: StepFile, rule: Rule, pack: LawPack) -> Iterator[Matter]:
    """Name each text record that lacks a signature it must bear. Source: articles 8, 10, 21, 23, 24."""
    for slot in slots_of(rule, pack):
        for document in filter(slot.holds, own.documents):
            lacking = [choice[0] for choice in slot.signers if not is_signed(document, choice)]
            if lacking:
                yield signature_missing(slot, document, lacking)


def signature_missing(slot: DocumentSlot, document: Document, lacking: Sequence[str]) -> Matter:
    """Return the weakness that nobody in some roles has signed a document."""
    names, signers = in_languages(slot.names), ";".join(lacking)
    what = note("finding.signature_missing.what", document_names=names, signers_roles=signers)
    why, cure = note("finding.signature_missing.why"), note("finding.signature_missing.cure")
    subject = (slot.slot, document.document_no)
    return Matter(FindingKind.SIGNATURE_MISSING, Severity.WEAKNESS, what, why, cure, subject=subject)


def is_signed(document: Document, choice: tuple[str, ...]) -> bool:
    """Whether one of several roles has signed a document."""
    return any(role in document.signed_by for role in choice)


def slots_of(rule: Rule, pack: LawPack) -> tuple[DocumentSlot, ...]:
    """Return the slots of a procedure, in the order of the pack."""
    return tuple(pack.documents[slot] for slot in rule.documents if slot in pack.documents)
