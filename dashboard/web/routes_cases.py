"""Cases: the list, and one case with its timeline, steps and findings."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from dashboard.web.pages import desk_of, done_word
from dashboard.web.queries import CaseQuery
from dashboard.web.routes_secrecy import Classifying, classes_of, own_mark
from dashboard.web.table import READ, Route
from dashboard.web.timeline import draw, unplaced
from evidence.findings import FindingState, StepState
from evidence.ids import CaseNo
from evidence.secrecy import Marked
from evidence.views import ClipFilter, FindingFilter, FindingView, Library

CASE_CLIPS = 2000
CASE_FINDINGS = 10_000
CLOSED = frozenset({FindingState.RESOLVED, FindingState.EXEMPT})


def cases(request: Request, query: Annotated[CaseQuery, Query()]) -> Response:
    """List cases."""
    desk = desk_of(request)
    rows = desk.services.library.cases(text=query.text.strip(), limit=query.limit + 1, offset=query.offset)
    return desk.page(
        request,
        "cases.html",
        query=query,
        rows=rows[: query.limit],
        more=len(rows) > query.limit,
        states=tuple(StepState),
    )


def case(request: Request, case_no: str) -> Response:
    """Show one case: timeline, steps, findings, footage without a believable time."""
    desk = desk_of(request)
    library, texts = desk.services.library, desk.reader(request).texts
    view = library.case(case_no)
    steps = library.steps(case_no=view.case.case_no)
    clips = library.clips(ClipFilter(case_no=view.case.case_no, limit=CASE_CLIPS))
    stated = [*of_case_alone(library, view.case.case_no), *(found for step in steps for found in step.findings)]
    officers = {officer.officer_id: officer.name for officer in library.officers()}
    return desk.page(
        request,
        "case.html",
        view=view,
        steps=steps,
        clips={clip.digest: clip for clip in clips},
        officers=officers,
        sheets=draw(steps, clips, officers, texts.locale),
        unplaced=unplaced(clips),
        findings=[found for found in stated if found.state not in CLOSED],
        classes=classes_of(library.pack()),
        own_mark=own_mark(view.secrecy, Marked.CASE, view.case.case_no),
        done=done_word(request, Classifying),
        closed=[found for found in stated if found.state in CLOSED],
    )


def of_case_alone(library: Library, case_no: CaseNo) -> list[FindingView]:
    """Return the findings of a case that no step of it has: time limits of the whole."""
    asked = FindingFilter(case_no=case_no, limit=CASE_FINDINGS)
    return [found for found in library.findings(asked) if found.finding.step_no is None]


ROUTES = (
    Route("/cases", cases, READ),
    Route("/cases/{case_no:path}", case, READ),
)
