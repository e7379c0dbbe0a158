"""Rows to nouns and back: the one place that knows how a core noun lies in its table."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import TypeVar

from evidence.attachments import Attachment
from evidence.cases import Case, Step
from evidence.claims import Claims, IdentityClaim, TimeClaim
from evidence.clips import AudioStream, Derivative, Measurement, QualitySpan, Sighting, VideoStream
from evidence.clock import ClockJudgement
from evidence.documents import Document
from evidence.findings import Finding
from evidence.ids import CaseNo, DeviceId, Digest, FindingId, OfficerId, StationId, StepNo
from evidence.notes import Note
from evidence.people import Assignment, Device, Officer
from evidence.spans import Span
from index import schema

Values = dict[str, object]
Stream = TypeVar("Stream", VideoStream, AudioStream)


def time_claim(row: schema.TimeClaimRow) -> TimeClaim:
    """Return the statement a row keeps."""
    return TimeClaim(row.source, row.raw, row.at, row.zone, row.anchor, row.precision_s, row.detail, row.tool)


def identity_claim(row: schema.IdentityClaimRow) -> IdentityClaim:
    """Return the statement a row keeps."""
    return IdentityClaim(row.kind, row.source, row.value, row.placeholder, row.detail)


def sighting(row: schema.SightingRow) -> Sighting:
    """Return the sighting a row keeps."""
    return Sighting(
        Digest(row.digest),
        row.size_bytes,
        StationId(row.station),
        row.source_path,
        row.mtime,
        row.received_at,
        row.sidecar,
    )


def measurement_values(digest: Digest, measured: Measurement) -> Values:
    """Return the columns of a measurement but its time; claims and problems have tables of their own."""
    return {
        "digest": digest,
        "kind": measured.kind,
        "media_type": measured.media_type,
        "container": measured.container,
        "declared_duration_s": measured.declared_duration_s,
        "video": asdict(measured.video) if measured.video else None,
        "audio": asdict(measured.audio) if measured.audio else None,
        "playable_as_is": measured.playable_as_is,
        "damaged": measured.damaged,
        "tool": measured.tool,
    }


def measurement(row: schema.MeasurementRow, claims: Claims, problems: tuple[Note, ...]) -> Measurement:
    """Return the measurement a row keeps, with what was read inside the file."""
    return Measurement(
        kind=row.kind,
        media_type=row.media_type,
        container=row.container,
        declared_duration_s=row.declared_duration_s,
        video=_stream(VideoStream, row.video),
        audio=_stream(AudioStream, row.audio),
        playable_as_is=row.playable_as_is,
        claims=claims,
        problems=problems,
        damaged=row.damaged,
        tool=row.tool,
    )


def _stream(noun: type[Stream], stored: Mapping[str, object] | None) -> Stream | None:
    if stored is None:
        return None
    known = {field.name for field in fields(noun)}
    return noun(**{name: value for name, value in stored.items() if name in known})  # type: ignore[arg-type] # as `asdict` wrote it


def derivative_values(made: Derivative) -> Values:
    """Return the columns of a derivative."""
    return {**{field.name: getattr(made, field.name) for field in fields(made)}, "parameters": dict(made.parameters)}


def derivative(row: schema.DerivativeRow) -> Derivative:
    """Return the derivative a row keeps."""
    return Derivative(
        Digest(row.digest), Digest(row.parent), row.role, row.media_type, row.size_bytes, row.tool, row.parameters
    )


def quality(row: schema.QualitySpanRow) -> QualitySpan:
    """Return the marked stretch a row keeps."""
    return QualitySpan(row.kind, row.start_s, row.end_s)


def clock(row: schema.Clip) -> ClockJudgement:
    """Return the judgement over a clip's time."""
    return ClockJudgement(
        row.verdict,
        span(row.span_start, row.span_end),
        row.uncertainty_s,
        row.rules,
        row.start_earliest,
        row.start_latest,
        row.clock_offset_s or 0.0,
        tuple(row.suspected_s or ()),
    )


def span(start: datetime | None, end: datetime | None) -> Span | None:
    """Return the stretch of two columns, None where they are empty."""
    return Span(start, end) if start is not None and end is not None else None


def officer_values(officer: Officer) -> Values:
    """Return the columns of an officer."""
    return {**_plain(officer), "short_codes": list(officer.short_codes)}


def officer(row: schema.OfficerRow) -> Officer:
    """Return the officer a row keeps."""
    return Officer(OfficerId(row.officer_id), row.name, row.unit, row.valid_from, row.valid_to, tuple(row.short_codes))


def device_values(device: Device) -> Values:
    """Return the columns of a device."""
    return _plain(device)


def device(row: schema.DeviceRow) -> Device:
    """Return the device a row keeps."""
    return Device(DeviceId(row.device_id), row.model, row.profile, row.unit, row.serial)


def assignment_values(assignment: Assignment) -> Values:
    """Return the columns of an assignment."""
    return _plain(assignment)


def assignment(row: schema.AssignmentRow) -> Assignment:
    """Return the assignment a row keeps."""
    return Assignment(DeviceId(row.device_id), OfficerId(row.officer_id), row.start, row.end)


def case_values(case: Case) -> Values:
    """Return the columns of a case."""
    return {**_plain(case), "official_no": case.official_no or None, "began_at": case.began_at}


def case(row: schema.CaseRow) -> Case:
    """Return the case a row keeps."""
    return Case(
        CaseNo(row.case_no),
        row.title,
        row.matter_type,
        row.unit,
        row.opened_at,
        row.concluded_at,
        row.confidentiality,
        row.provisional,
        row.official_no or "",
        row.urgent_at,
    )


def step_values(step: Step) -> Values:
    """Return the columns of a step as the record states it; its officers have a table of their own."""
    values = _plain(step)
    del values["officers"]
    return values


def step(row: schema.StepRow, officers: tuple[OfficerId, ...]) -> Step:
    """Return the step a row keeps."""
    return Step(
        CaseNo(row.case_no),
        StepNo(row.step_no),
        row.procedure,
        row.started_at,
        row.ended_at,
        row.place,
        officers,
        row.party,
        row.unsuitable_reason,
        row.witness,
        row.due_at,
        row.extended_to,
        row.urgent_reason,
        row.points,
        row.sittings,
    )


def document_values(document: Document) -> Values:
    """Return the columns of a text record."""
    return {**_plain(document), "signed_by": list(document.signed_by)}


def document(row: schema.DocumentRow) -> Document:
    """Return the text record a row keeps."""
    return Document(
        CaseNo(row.case_no),
        StepNo(row.step_no),
        row.slot,
        row.document_no,
        row.title,
        row.dated_at,
        tuple(row.signed_by),
    )


def attachment_values(attachment: Attachment) -> Values:
    """Return the columns of an attached file."""
    return {**_plain(attachment), "signed_by": list(attachment.signed_by)}


def attachment(row: schema.AttachmentRow) -> Attachment:
    """Return the attached file a row keeps."""
    return Attachment(
        CaseNo(row.case_no),
        StepNo(row.step_no),
        row.slot,
        row.document_no,
        Digest(row.digest),
        row.title,
        row.dated_at,
        tuple(row.signed_by),
        row.active,
        row.actor,
        row.attached_at,
    )


def finding_values(finding: Finding) -> Values:
    """Return the columns that the audit states of a finding; its state and owner are not among them."""
    values = _plain(finding)
    window = finding.window
    del values["window"]
    return {
        **values,
        "window_start": window.start if window else None,
        "window_end": window.end if window else None,
        "clips": list(finding.clips),
    }


def finding(row: schema.FindingRow) -> Finding:
    """Return the finding a row keeps."""
    return Finding(
        finding_id=FindingId(row.finding_id),
        kind=row.kind,
        severity=row.severity,
        what=row.what,
        why=row.why,
        cure=row.cure,
        rule_version=row.rule_version,
        case_no=CaseNo(row.case_no) if row.case_no is not None else None,
        step_no=StepNo(row.step_no) if row.step_no is not None else None,
        procedure=row.procedure,
        article=row.article,
        quote=row.quote,
        window=span(row.window_start, row.window_end),
        uncovered=row.uncovered,
        clips=tuple(Digest(digest) for digest in row.clips),
        device_id=DeviceId(row.device_id) if row.device_id is not None else None,
    )


def _plain(noun: Officer | Device | Assignment | Case | Step | Document | Attachment | Finding) -> Values:
    return {field.name: getattr(noun, field.name) for field in fields(noun)}
