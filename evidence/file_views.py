"""The file of a case as people read it (article 30): every place for a text record, and every recording.

`casefile_json` gives the documented, stable names of docs/interfaces.md ("Case file").
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evidence.attachments import Attachment, Paper
from evidence.audit_record import is_signed
from evidence.cases import Case
from evidence.documents import Document
from evidence.findings import FindingState
from evidence.ids import Digest
from evidence.law import DocumentSlot, Necessity
from evidence.views import ClipView, FindingView, StepView, Words, finding_json, officers_of
from evidence.zones import to_utc_iso

SETTLED = frozenset({FindingState.RESOLVED, FindingState.EXEMPT, FindingState.EXPLAINED})
"""States of a finding that asks nothing of anybody any more."""


class SlotState(StrEnum):
    """How a place for a text record stands."""

    PRESENT = "present"
    UNSIGNED = "unsigned"  # there, and somebody who must sign has not
    MISSING = "missing"
    NOT_DUE = "not_due"  # only asked for when what it records took place


@dataclass(frozen=True)
class AttachedFile:
    """A file that was attached, with what is known of it."""

    attachment: Attachment
    clip: ClipView

    @property
    def name(self) -> str:
        """The name it came with."""
        return self.clip.source_path.rsplit("/", 1)[-1] or self.clip.digest

    @property
    def media_type(self) -> str:
        """What it is by its bytes; empty before it was measured."""
        return self.clip.measurement.media_type if self.clip.measurement else ""


@dataclass(frozen=True)
class FiledDocument:
    """A text record. ``recorded``: an import tells of it; ``lacking``: who must still sign, each a choice of roles."""

    document: Document
    recorded: bool
    lacking: tuple[tuple[str, ...], ...]
    files: tuple[AttachedFile, ...]


@dataclass(frozen=True)
class FiledSlot:
    """A place for a text record, with what lies in it. ``article``, ``quote``: what asks for it."""

    slot: DocumentSlot
    article: str
    quote: str
    documents: tuple[FiledDocument, ...]

    @property
    def state(self) -> SlotState:
        """How it stands."""
        if not self.documents:
            return SlotState.MISSING if self.slot.necessity is Necessity.ALWAYS else SlotState.NOT_DUE
        return SlotState.UNSIGNED if any(one.lacking for one in self.documents) else SlotState.PRESENT


@dataclass(frozen=True)
class FiledStep:
    """A step with what the file holds of it.

    Attributes:
        number: from 1, in the order the steps began.
        slots: the places its procedure asks for, in the pack's order. others: text records of no such place.
        recordings: the footage that hangs on it, in order of time.
    """

    number: int
    step: StepView
    slots: tuple[FiledSlot, ...]
    others: tuple[FiledDocument, ...]
    recordings: tuple[ClipView, ...]

    @property
    def open_findings(self) -> list[FindingView]:
        """Findings that still ask something of somebody."""
        return [one for one in self.step.findings if one.state not in SETTLED]

    @property
    def documents(self) -> Iterator[FiledDocument]:
        """Every text record of the step."""
        yield from (one for slot in self.slots for one in slot.documents)
        yield from self.others


@dataclass(frozen=True)
class CaseFileView:
    """The file of a case.

    Attributes:
        documents: text records of the case as a whole. findings: those of the case as a whole, that are open.
    """

    case: Case
    rule_version: str
    steps: tuple[FiledStep, ...]
    documents: tuple[FiledDocument, ...]
    findings: tuple[FindingView, ...]

    def count(self, state: SlotState) -> int:
        """Return how many places stand so."""
        return sum(slot.state is state for step in self.steps for slot in step.slots)

    @property
    def open_findings(self) -> int:
        """How many findings still ask something of somebody."""
        return len(self.findings) + sum(len(step.open_findings) for step in self.steps)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing, unsigned, or found and not settled."""
        return not (self.count(SlotState.MISSING) or self.count(SlotState.UNSIGNED) or self.open_findings)

    @property
    def files(self) -> list[AttachedFile]:
        """Every attached file, in the order of the list; one that is attached twice comes twice."""
        papers = (*(one for step in self.steps for one in step.documents), *self.documents)
        return [file for one in papers for file in one.files]


def filed(paper: Paper, slot: DocumentSlot | None, clips: Mapping[Digest, ClipView]) -> FiledDocument:
    """Return a text record as people see it; ``slot`` says who must sign."""
    signers = slot.signers if slot else ()
    lacking = tuple(choice for choice in signers if not is_signed(paper.document, choice))
    files = tuple(AttachedFile(one, clips[one.digest]) for one in paper.files if one.digest in clips)
    return FiledDocument(paper.document, paper.recorded, lacking, files)


# --- JSON -------------------------------------------------------------------------------------------------------------


def casefile_json(view: CaseFileView, words: Words) -> dict[str, object]:
    """Return the documented JSON of the file of a case."""
    case = view.case
    return {
        "case_no": case.case_no,
        "official_no": case.official_no or None,
        "title": case.title,
        "matter_type": case.matter_type,
        "unit": case.unit,
        "opened_at": _time(case.opened_at),
        "concluded_at": _time(case.concluded_at),
        "rule_version": view.rule_version,
        "complete": view.complete,
        "missing": view.count(SlotState.MISSING),
        "unsigned": view.count(SlotState.UNSIGNED),
        "open_findings": view.open_findings,
        "steps": [filed_step_json(step, words) for step in view.steps],
        "documents": [document_json(one, words) for one in view.documents],
        "findings": [finding_json(one, words) for one in view.findings],
    }


def filed_step_json(filed_step: FiledStep, words: Words) -> dict[str, object]:
    """Return what the JSON of a file says of a step."""
    view = filed_step.step
    return {
        "number": filed_step.number,
        "step_no": view.step.step_no,
        "procedure": view.step.procedure,
        "names": dict(view.names),
        "article": view.article,
        "started_at": to_utc_iso(view.step.started_at),
        "ended_at": to_utc_iso(view.step.ended_at),
        "state": view.state.value,
        "coverage": view.coverage,
        "slots": [slot_json(slot, words) for slot in filed_step.slots],
        "other_documents": [document_json(one, words) for one in filed_step.others],
        "recordings": [recording_json(clip) for clip in filed_step.recordings],
        "findings": [finding_json(one, words) for one in filed_step.open_findings],
    }


def slot_json(filed_slot: FiledSlot, words: Words) -> dict[str, object]:
    """Return what the JSON of a file says of a place for a text record."""
    slot = filed_slot.slot
    return {
        "slot": slot.slot,
        "names": dict(slot.names),
        "necessity": slot.necessity.value,
        "state": filed_slot.state.value,
        "article": filed_slot.article,
        "quote": filed_slot.quote,
        "signers": [list(choice) for choice in slot.signers],
        "documents": [document_json(one, words) for one in filed_slot.documents],
    }


def document_json(one: FiledDocument, words: Words) -> dict[str, object]:
    """Return what the JSON of a file says of a text record."""
    document = one.document
    return {
        "slot": document.slot,
        "document_no": document.document_no,
        "title": document.title,
        "dated_at": _time(document.dated_at),
        "signed_by": list(document.signed_by),
        "lacking": [list(choice) for choice in one.lacking],
        "recorded": one.recorded,
        "files": [attachment_json(file, words) for file in one.files],
    }


def attachment_json(file: AttachedFile, words: Words) -> dict[str, object]:
    """Return the documented JSON of an attached file."""
    held = file.attachment
    return {
        "case_no": held.case_no,
        "step_no": held.step_no,
        "slot": held.slot,
        "document_no": held.document_no,
        "sha256": held.digest,
        "file_name": file.name,
        "media_type": file.media_type,
        "size_bytes": file.clip.size_bytes,
        "received_at": to_utc_iso(file.clip.received_at),
        "problems": [words(problem) for problem in file.clip.problems],
        "disposed_at": _time(file.clip.disposed_at),
        "title": held.title,
        "dated_at": _time(held.dated_at),
        "signed_by": list(held.signed_by),
        "active": held.active,
        "actor": held.actor,
        "attached_at": _time(held.attached_at),
    }


def recording_json(clip: ClipView) -> dict[str, object]:
    """Return what the JSON of a file says of a recording."""
    span = clip.clock.span
    return {
        "sha256": clip.digest,
        "kind": clip.kind.value,
        "source_path": clip.source_path,
        "officer_id": clip.officer_id,
        "officers": officers_of(clip),
        "recorded_start": _time(span.start if span else None),
        "recorded_end": _time(span.end if span else None),
        "clock": clip.clock.verdict.value,
        "duration_s": clip.duration_s,
        "size_bytes": clip.size_bytes,
    }


def _time(moment: datetime | None) -> str | None:
    return to_utc_iso(moment) if moment else None
