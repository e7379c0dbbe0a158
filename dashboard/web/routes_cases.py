"""Cases: the list, and one case with its timeline, steps and findings."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from dashboard.web.pages import desk_of, done_word
from dashboard.web.player import still_of
from dashboard.web.queries import CaseQuery
from dashboard.web.routes_marks import checklists
from dashboard.web.routes_suggestions import ON_A_CASE, Asked, names_of, shown
from dashboard.web.table import READ, Route
from dashboard.web.timeline import draw, unplaced
from evidence.findings import FindingState, StepState
from evidence.views import ClipFilter, SuggestionFilter

CASE_CLIPS = 2000
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
        findings=[found for step in steps for found in step.findings if found.state not in CLOSED],
        closed=[found for step in steps for found in step.findings if found.state in CLOSED],
        suggested=shown(desk, SuggestionFilter(case_no=view.case.case_no, limit=ON_A_CASE)),
        asked=done_word(request, Asked),
        checklists=checklists(library, view.case.case_no, steps),
        names=names_of(desk),
        still_of=still_of,
    )


ROUTES = (
    Route("/cases", cases, READ),
    Route("/cases/{case_no:path}", case, READ),
)
