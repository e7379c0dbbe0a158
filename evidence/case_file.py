"""The file of a case as the audit reads it: its steps with all that is recorded beside footage."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from evidence.cases import Case, Step
from evidence.documents import Document
from evidence.ids import Digest, OfficerId
from evidence.law import DocumentSlot, LawPack, Moment
from evidence.zones import beijing


@dataclass(frozen=True)
class StepFile:
    """A step, and what the file holds of it.

    Attributes:
        documents: its text records.
        invalid: officers of the step who held no certificate on its day, as the roster says.
        strangers: clips that hang on it by a person's hand, with their officers, whom the record does not name.
        whole: its recording is as the law asks, or nothing is asked.
        claimed: somebody claims that recording was not suitable.
    """

    step: Step
    documents: tuple[Document, ...] = ()
    invalid: tuple[OfficerId, ...] = ()
    strangers: tuple[tuple[Digest, OfficerId], ...] = ()
    whole: bool = False
    claimed: bool = False


@dataclass(frozen=True)
class CaseFile:
    """A case with its steps in order of their beginning. ``documents``: those of the case as a whole."""

    case: Case
    steps: tuple[StepFile, ...] = ()
    documents: tuple[Document, ...] = ()

    def moments(self, wanted: Moment, pack: LawPack, own: StepFile | None) -> tuple[datetime, ...]:
        """Return every moment of a kind that the file states, in order; ``own``: the step that is asked about.

        Documents are those of ``own`` where it has one in that slot, else those of the whole file.
        """
        return tuple(sorted(stated for stated in self._stated(wanted, pack, own) if stated is not None))

    def _stated(self, wanted: Moment, pack: LawPack, own: StepFile | None) -> Iterator[datetime | None]:
        if wanted.of == "case":
            yield getattr(self.case, wanted.field)
        elif wanted.of == "step":
            if own is not None:
                yield getattr(own.step, wanted.field)
        elif wanted.of in pack.rules:
            yield from (
                getattr(one.step, wanted.field)
                for one in self.steps
                if one.step.procedure == wanted.of and one is not own
            )
        else:
            yield from self._dated(pack.documents[wanted.of], own)

    def _dated(self, slot: DocumentSlot, own: StepFile | None) -> Iterator[datetime | None]:
        mine = [*filter(slot.holds, own.documents)] if own else []
        everywhere = (*self.documents, *(one for step in self.steps for one in step.documents))
        yield from (one.dated_at for one in mine or filter(slot.holds, everywhere))


def version_of(pack: LawPack, moment: datetime) -> LawPack | None:
    """Return the version of a pack that was in force on the Beijing day of a moment; None when none was."""
    day = beijing(moment).date()
    version = pack.on(day)
    inside = version.in_force_from <= day and (version.in_force_to is None or day <= version.in_force_to)
    return version if inside else None
