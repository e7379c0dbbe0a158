"""How the file of a case is put into words: places, who must sign, titles."""

from collections.abc import Sequence

from dashboard.texts import Texts
from evidence.file_views import CaseFileView, FiledDocument, SlotState
from evidence.law import DocumentSlot


def slot_name(texts: Texts, slot: DocumentSlot) -> str:
    """Return the name of a place in the reader's language."""
    return texts.name(slot.names, slot.slot)


def signers_words(texts: Texts, signers: Sequence[Sequence[str]]) -> str:
    """Return who must sign; of a choice, all who may."""
    either = texts.t("casefile.or")
    return texts.t("list.join").join(either.join(texts.t(f"role.{role}") for role in choice) for choice in signers)


def roles_words(texts: Texts, roles: Sequence[str]) -> str:
    """Return roles by their words."""
    return texts.t("list.join").join(texts.t(f"role.{role}") for role in roles)


def document_words(one: FiledDocument) -> str:
    """Return what a text record is called: its place, number and title."""
    document = one.document
    title = document.title if document.title != document.slot else ""
    return " ".join(part for part in (document.slot, document.document_no, title) if part)


def summary(texts: Texts, view: CaseFileView) -> str:
    """Return in a sentence whether the file is complete, and what is not."""
    if view.complete:
        return texts.t("casefile.complete")
    missing, unsigned = view.count(SlotState.MISSING), view.count(SlotState.UNSIGNED)
    return texts.t("casefile.incomplete", missing=missing, unsigned=unsigned, findings=view.open_findings)
