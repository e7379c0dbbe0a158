"""Text records: the documents that the file of a case holds. All are `recorded` facts (imported, or attached)."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from evidence.ids import CaseNo, StepNo

SIGNERS = ("officers", "party", "party_refused", "recipient", "server", "witness", "head", "legal", "expert", "present")
"""Roles in which somebody signs, as imported records and law packs name them."""


@dataclass(frozen=True)
class Document:
    """A text record of a step, or of the case as a whole.

    Attributes:
        step_no: the step it is of; empty: of the case.
        slot: which of the pack's text records it is, as the record names it.
        document_no: its number, where a step has several of one slot.
        dated_at: when it was made, UTC; None where the record does not say.
        signed_by: roles in which somebody signed (`SIGNERS`).
    """

    case_no: CaseNo
    step_no: StepNo
    slot: str
    document_no: str = ""
    title: str = ""
    dated_at: datetime | None = None
    signed_by: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it this document: case, step, slot and number."""
        return self.case_no, self.step_no, self.slot, self.document_no


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """Return a document's name without what differs from record to record: width, case, spaces."""
    return unicodedata.normalize("NFKC", name).casefold().replace(" ", "")
