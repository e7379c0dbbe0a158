"""Files that people attach to text records, and what a text record is once they are counted in."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from evidence.audit_record import slots_of
from evidence.case_file import version_of
from evidence.cases import Step
from evidence.documents import Document, folded
from evidence.errors import UsageError
from evidence.ids import CaseNo, Digest, StepNo
from evidence.law import DocumentSlot, LawPack

Key = tuple[str, str]
"""A slot as it is told from others, and the number within it."""


@dataclass(frozen=True)
class Attachment:
    """A sealed file that is a text record, or a page of one: a `decided` fact.

    Attributes:
        step_no, slot, document_no: which text record; an empty step is the case as a whole.
        title, dated_at, signed_by: what the person says the file shows; empty where they say nothing.
        active: False once a person took it off again.
        actor, attached_at: of the newest decision.
    """

    case_no: CaseNo
    step_no: StepNo
    slot: str
    document_no: str
    digest: Digest
    title: str = ""
    dated_at: datetime | None = None
    signed_by: tuple[str, ...] = ()
    active: bool = True
    actor: str = ""
    attached_at: datetime | None = None


@dataclass(frozen=True)
class Paper:
    """A text record with the files it was attached as. ``recorded``: an imported record tells of it too."""

    document: Document
    files: tuple[Attachment, ...] = ()
    recorded: bool = False


def slots_at(step: Step, pack: LawPack) -> tuple[DocumentSlot, ...]:
    """Return the slots of a step's procedure, by the version of the pack that was in force on its day."""
    version = version_of(pack, step.started_at)
    rule = version.rules.get(step.procedure) if version else None
    return slots_of(rule, version) if version and rule else ()


def slot_named(name: str, slots: Iterable[DocumentSlot]) -> DocumentSlot | None:
    """Return the slot that is called so, by its name in any language or by another name of it."""
    probe = Document(CaseNo(""), StepNo(""), name)
    return next((slot for slot in slots if slot.holds(probe)), None)


def papers_of(
    documents: Iterable[Document], attachments: Iterable[Attachment], slots: Sequence[DocumentSlot]
) -> tuple[Paper, ...]:
    """Return the text records of one step (or case): what was recorded, and what was attached, under one key each.

    Attached files add to what the record says and take nothing from it: signatures are those that either shows; title
    and date are the person's where they gave one. What was taken off is left out.
    """
    key_of = _keyed(slots)
    papers = {key_of(one.slot, one.document_no): Paper(one, recorded=True) for one in documents}
    for one in attachments:
        if one.active:
            key = key_of(one.slot, one.document_no)
            papers[key] = _with_file(papers.get(key) or Paper(_bare(one)), one)
    return tuple(papers.values())


def documents_of(papers: Iterable[Paper]) -> tuple[Document, ...]:
    """Return text records as the audit reads them."""
    return tuple(paper.document for paper in papers)


def number_for(papers: Sequence[Paper], slot: DocumentSlot, wanted: str | None) -> tuple[str, str]:
    """Return under which slot name and number a file is attached; without a wish, the one text record that is there.

    Raises:
        UsageError: several are there, and none was named.
    """
    there = [paper.document for paper in papers if slot.holds(paper.document)]
    if wanted is None and len(there) > 1:
        numbers = ", ".join(repr(one.document_no) for one in there)
        cure = f"name one with --document-no: {numbers}"
        raise UsageError(f"there are {len(there)} text records of this kind", subject=slot.slot, cure=cure)
    number = wanted if wanted is not None else there[0].document_no if there else ""
    same = next((one for one in there if one.document_no == number), None)
    return (same.slot if same else slot.slot), number


def _keyed(slots: Sequence[DocumentSlot]) -> Callable[[str, str], Key]:
    def key_of(name: str, number: str) -> Key:
        slot = slot_named(name, slots)
        return (slot.slot if slot else folded(name)), number

    return key_of


def _bare(one: Attachment) -> Document:
    return Document(one.case_no, one.step_no, one.slot, one.document_no)


def _with_file(paper: Paper, one: Attachment) -> Paper:
    document = replace(
        paper.document,
        title=one.title or paper.document.title,
        dated_at=one.dated_at or paper.document.dated_at,
        signed_by=tuple(dict.fromkeys((*paper.document.signed_by, *one.signed_by))),
    )
    return replace(paper, document=document, files=(*paper.files, one))
