"""The file of a case, read for people: places for text records, what lies in them, recordings, findings."""

from collections.abc import Mapping, Sequence

from evidence.attachments import Attachment, Paper, papers_of, slots_at
from evidence.case_file import version_of
from evidence.file_views import AttachedFile, CaseFileView, FiledDocument, FiledSlot, FiledStep, filed
from evidence.ids import CaseNo, Digest
from evidence.law import DocumentSlot, LawPack
from evidence.views import ClaimedFile, ClipView, FindingFilter, Library, StepView
from index.attachments import Place, place_of, standing
from index.case_files import documents_of
from index.claim_files import shown_in
from index.engine import Register
from index.facts import StepKey, step_key
from index.papers import attachments_of, places_of

EVERY = 1_000_000


class CaseFiles:
    """Reads the files of cases."""

    def __init__(self, register: Register, library: Library) -> None:
        """Read through the register's reading engine; places and their names come from the pack."""
        self._register = register
        self._library = library

    def of(self, case_no: str) -> CaseFileView:
        """Return the file of a case.

        Raises:
            NotFoundError: no such case.
        """
        case = self._library.case(case_no).case
        pack, steps = self._library.pack(), self._library.steps(case_no=case.case_no)
        slots: dict[str, Sequence[DocumentSlot]] = {view.step.step_no: slots_at(view.step, pack) for view in steps}
        papers = self._papers(case.case_no, {"": tuple(pack.documents.values()), **slots})
        clips = self._clips(steps, papers)
        whole = papers.get(step_key(case.case_no, ""), ())
        wanted = FindingFilter(case_no=case.case_no, open_only=True, limit=EVERY)
        of_case = tuple(one for one in self._library.findings(wanted) if one.finding.step_no is None)
        return CaseFileView(
            case=case,
            rule_version=pack.rule_version,
            steps=tuple(
                _step(number, view, slots[view.step.step_no], papers, clips, pack)
                for number, view in enumerate(steps, 1)
            ),
            documents=tuple(filed(paper, None, clips) for paper in whole),
            findings=of_case,
        )

    def attachments(self, case_no: str) -> Sequence[AttachedFile]:
        """Return every file that was ever attached in a case, what was taken off too, by step and place.

        Raises:
            NotFoundError: no such case.
        """
        case = self._library.case(case_no).case
        with self._register.reading() as session:
            found = [one for some in attachments_of(session, [case.case_no]).values() for one in some]
        clips = self._library.clips_by_digest([one.digest for one in found])
        return [AttachedFile(one, clips[one.digest]) for one in found]

    def places_of(self, digest: Digest) -> Sequence[Attachment]:
        """Return the text records that an original is attached to now."""
        with self._register.reading() as session:
            return places_of(session, digest)

    def claimed(self, case_no: str) -> Sequence[ClaimedFile]:
        """Return the files that claims in a case rest on, in the order of the claims."""
        with self._register.reading() as session:
            return shown_in(session, case_no)

    def place(self, case_no: str, step_no: str, slot: str, document_no: str | None) -> Place:
        """Return the text record that a person means. Raises as `index.attachments.place_of` does."""
        with self._register.reading() as session:
            return place_of(session, self._library.pack(), step_key(case_no, step_no), slot, document_no)

    def standing(self, place: Place, digest: str) -> Attachment:
        """Return the one attached file of a text record whose digest begins so. Raises NotFoundError."""
        with self._register.reading() as session:
            return standing(session, self._library.pack(), place, digest)

    def _papers(self, case_no: CaseNo, slots: Mapping[str, Sequence[DocumentSlot]]) -> dict[StepKey, tuple[Paper, ...]]:
        with self._register.reading() as session:
            recorded, attached = documents_of(session, [case_no]), attachments_of(session, [case_no])
        keys = {key: slots.get(key[1], ()) for key in (*recorded, *attached)}
        return {key: papers_of(recorded.get(key, ()), attached.get(key, ()), mine) for key, mine in keys.items()}

    def _clips(self, steps: Sequence[StepView], papers: Mapping[StepKey, Sequence[Paper]]) -> Mapping[Digest, ClipView]:
        linked = [link.digest for step in steps for link in step.links]
        attached = [one.digest for some in papers.values() for paper in some for one in paper.files]
        return self._library.clips_by_digest([*linked, *attached])


def _step(
    number: int,
    view: StepView,
    slots: Sequence[DocumentSlot],
    papers: Mapping[StepKey, Sequence[Paper]],
    clips: Mapping[Digest, ClipView],
    pack: LawPack,
) -> FiledStep:
    mine = papers.get(step_key(view.step.case_no, view.step.step_no), ())
    here = [(slot, [paper for paper in mine if slot.holds(paper.document)]) for slot in slots]
    placed = {id(paper) for _, some in here for paper in some}
    footage = [clips[link.digest] for link in view.links if link.digest in clips]
    return FiledStep(
        number=number,
        step=view,
        slots=tuple(_slot(slot, some, view, clips, pack) for slot, some in here),
        others=tuple(filed(paper, None, clips) for paper in mine if id(paper) not in placed),
        recordings=tuple(sorted(footage, key=_in_time)),
    )


def _slot(
    slot: DocumentSlot, papers: Sequence[Paper], view: StepView, clips: Mapping[Digest, ClipView], pack: LawPack
) -> FiledSlot:
    version = version_of(pack, view.step.started_at)
    rule = version.rules.get(view.step.procedure) if version else None
    article = slot.article or (rule.article if rule else "")
    quote = slot.quote or (rule.quote if rule and not slot.article else "")
    documents: tuple[FiledDocument, ...] = tuple(filed(paper, slot, clips) for paper in papers)
    return FiledSlot(slot, article, quote, documents)


def _in_time(clip: ClipView) -> tuple[bool, str, str]:
    start = clip.clock.start
    return start is None, start.isoformat() if start else "", clip.digest
