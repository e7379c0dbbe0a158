"""Cases: the list, and one case with its timeline, steps and findings."""

from collections.abc import Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from dashboard.casefile_words import roles_words, signers_words, summary
from dashboard.indicator_words import left, until
from dashboard.texts import Texts
from dashboard.web.pages import Desk, desk_of, done_word
from dashboard.web.player import still_of
from dashboard.web.queries import CaseQuery
from dashboard.web.routes_case_numbers import Numbering
from dashboard.web.routes_claims import exemptible, exemptions_for
from dashboard.web.routes_documents import Acted
from dashboard.web.routes_findings import Decision
from dashboard.web.routes_marks import checklists
from dashboard.web.routes_secrecy import Classifying, classes_of, own_mark
from dashboard.web.routes_suggestions import ON_A_CASE, Asked, names_of, shown
from dashboard.web.table import READ, Route
from dashboard.web.timeline import draw, unplaced
from evidence.documents import SIGNERS
from evidence.findings import FindingState, StepState
from evidence.ids import CaseNo, Digest
from evidence.secrecy import Marked
from evidence.views import ClipFilter, ClipView, FindingFilter, FindingView, Library, LinkView, SuggestionFilter
from index.copies import CopyFilter

CASE_CLIPS = 2000
CASE_FINDINGS = 10_000
CLOSED = frozenset({FindingState.RESOLVED, FindingState.EXEMPT})


def together(links: Sequence[LinkView], clips: Mapping[Digest, ClipView]) -> list[list[LinkView]]:
    """Return the links of a step with those of one recording's parts together, in the order of the parts."""
    groups: dict[object, list[tuple[int, LinkView]]] = {}
    for number, link in enumerate(links):
        clip = clips.get(link.digest)
        place = clip.recording if clip is not None else None
        key, part = (place.recording_id, place.part) if place else (number, 0)
        groups.setdefault(key, []).append((part, link))
    return [[link for _, link in sorted(group, key=itemgetter(0))] for group in groups.values()]


def cases(request: Request, query: Annotated[CaseQuery, Query()]) -> Response:
    """List cases."""
    desk = desk_of(request)
    text, waiting = query.text.strip(), query.provisional is not None
    rows = desk.services.library.cases(text=text, provisional=waiting, limit=query.limit + 1, offset=query.offset)
    return desk.page(
        request,
        "cases.html",
        query=query,
        rows=rows[: query.limit],
        more=len(rows) > query.limit,
        states=tuple(StepState),
        opens=desk.services.case_numbers is not None,
    )


def case(request: Request, case_no: str) -> Response:
    """Show one case: timeline, steps, findings, footage without a believable time."""
    desk = desk_of(request)
    library, texts = desk.services.library, desk.reader(request).texts
    view = library.case(case_no)
    steps = library.steps(case_no=view.case.case_no)
    clips = library.clips(ClipFilter(case_no=view.case.case_no, limit=CASE_CLIPS))
    stated = [*of_case_alone(library, view.case.case_no), *(found for step in steps for found in step.findings)]
    can_be_exempt = exemptible(steps, library.pack())
    officers = {officer.officer_id: officer.name for officer in library.officers()}
    return desk.page(
        request,
        "case.html",
        view=view,
        steps=steps,
        clips={clip.digest: clip for clip in clips},
        together=together,
        officers=officers,
        sheets=draw(steps, clips, officers, texts.locale),
        unplaced=unplaced(clips),
        findings=[found for found in stated if found.state not in CLOSED],
        classes=classes_of(library.pack()),
        own_mark=own_mark(view.secrecy, Marked.CASE, view.case.case_no),
        closed=[found for found in stated if found.state in CLOSED],
        **_file(desk, view.case.case_no, texts),
        exemptible=can_be_exempt,
        exemptions=exemptions_for(can_be_exempt, library.pack()),
        filed=done_word(request, Acted),
        done=done_word(request, Decision) or done_word(request, Classifying) or done_word(request, Numbering),
        numbers=desk.services.case_numbers is not None,
        filing=desk.services.indicators.open_of_case(view.case.case_no) if desk.services.indicators else None,
        left=partial(left, texts),
        until_of=partial(until, texts),
        suggested=shown(desk, SuggestionFilter(case_no=view.case.case_no, limit=ON_A_CASE)),
        asked=done_word(request, Asked),
        checklists=checklists(library, view.case.case_no, steps),
        names=names_of(desk),
        copies=desk.services.copies.some(CopyFilter(case_no=view.case.case_no)) if desk.services.copies else None,
        still_of=still_of,
    )


def of_case_alone(library: Library, case_no: CaseNo) -> list[FindingView]:
    """Return the findings of a case that no step of it has: time limits of the whole."""
    asked = FindingFilter(case_no=case_no, limit=CASE_FINDINGS)
    return [found for found in library.findings(asked) if found.finding.step_no is None]


def _file(desk: Desk, case_no: CaseNo, texts: Texts) -> dict[str, object]:
    """Return what the list of the case file is made of."""
    services = desk.services.documents
    file = services.of(case_no) if services else None
    return {
        "file": file,
        "file_summary": summary(texts, file) if file else "",
        "signer_roles": SIGNERS,
        "whole_slots": tuple(desk.services.library.pack().documents.values()),
        "signers_of": partial(signers_words, texts),
        "roles_of": partial(roles_words, texts),
    }


ROUTES = (
    Route("/cases", cases, READ),
    Route("/cases/{case_no:path}", case, READ),
)
