"""Cases: the list, and one case with its timeline, steps and findings."""

from functools import partial
from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from dashboard.indicator_words import left, until
from dashboard.web.pages import desk_of
from dashboard.web.queries import CaseQuery
from dashboard.web.table import READ, Route
from dashboard.web.timeline import draw, unplaced
from evidence.findings import FindingState, StepState
from evidence.views import ClipFilter

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
        filing=desk.services.indicators.open_of_case(view.case.case_no) if desk.services.indicators else None,
        left=partial(left, texts),
        until_of=partial(until, texts),
        findings=[found for step in steps for found in step.findings if found.state not in CLOSED],
        closed=[found for step in steps for found in step.findings if found.state in CLOSED],
    )


ROUTES = (
    Route("/cases", cases, READ),
    Route("/cases/{case_no:path}", case, READ),
)
