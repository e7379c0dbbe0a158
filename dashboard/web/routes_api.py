"""The HTTP API: the lists and single things as JSON, under the names the command line prints."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from dashboard.camera_history import camera_history
from dashboard.web.json_views import ledger_json, pickup_json, station_json, status_json
from dashboard.web.pages import Json, desk_of
from dashboard.web.queries import NUMBER_MAX, CaseQuery, ClipQuery, FindingQuery
from dashboard.web.table import GET, Route
from evidence.clock_views import camera_clock_json, shift_decision_json
from evidence.findings import StepState
from evidence.ids import CaseNo
from evidence.link_views import suggestion_json
from evidence.marker_views import mark_json
from evidence.shift_names import shift_json
from evidence.views import MarkFilter, SuggestionFilter, case_json, clip_json, finding_json, step_json


def clips(request: Request, query: Annotated[ClipQuery, Query()]) -> Response:
    """List clips."""
    desk = desk_of(request)
    words, wanted = desk.words(request), query.wanted()
    library = desk.services.library
    rows = [clip_json(clip, words) for clip in library.clips(wanted)]
    return Json({"clips": rows, "total": library.count_clips(wanted)})


def clip(request: Request, digest: str) -> Response:
    """Return one clip by digest or prefix."""
    desk = desk_of(request)
    return Json(clip_json(desk.services.library.clip(digest), desk.words(request)))


def cases(request: Request, query: Annotated[CaseQuery, Query()]) -> Response:
    """List cases."""
    library = desk_of(request).services.library
    waiting = query.provisional is not None
    found = library.cases(text=query.text, provisional=waiting, limit=query.limit, offset=query.offset)
    return Json({"cases": [case_json(case) for case in found]})


def case(request: Request, case_no: str) -> Response:
    """Return one case with its steps."""
    desk = desk_of(request)
    words, library = desk.words(request), desk.services.library
    view = library.case(case_no)
    steps = [step_json(step, words) for step in library.steps(case_no=view.case.case_no)]
    return Json({**case_json(view), "steps": steps})


def steps(request: Request, case_no: str = "", state: StepState | None = None) -> Response:
    """List steps."""
    desk = desk_of(request)
    words = desk.words(request)
    found = desk.services.library.steps(case_no=case_no, state=state)
    return Json({"steps": [step_json(step, words) for step in found]})


def suggestions(request: Request, case_no: str = "", min_score: float = 0.0) -> Response:
    """List the clips that may belong to a step and wait for a person."""
    desk = desk_of(request)
    words = desk.words(request)
    wanted = SuggestionFilter(case_no=CaseNo(case_no) if case_no else None, min_score=min_score)
    found = desk.services.library.suggestions(wanted)
    return Json({"suggestions": [suggestion_json(one, words) for one in found]})


def marks(request: Request, case_no: str = "", digest: str = "", *, withdrawn: bool = False) -> Response:
    """List the marks on the footage of a case, or of one clip."""
    library = desk_of(request).services.library
    wanted = MarkFilter(
        digest=library.clip(digest).digest if digest else None,
        case_no=CaseNo(case_no) if case_no else None,
        withdrawn=withdrawn,
    )
    return Json({"marks": [mark_json(one) for one in library.marks(wanted)]})


def findings(request: Request, query: Annotated[FindingQuery, Query()]) -> Response:
    """List findings: open ones unless ``state`` asks otherwise."""
    desk = desk_of(request)
    words = desk.words(request)
    found = desk.services.library.findings(query.wanted())
    return Json({"findings": [finding_json(finding, words) for finding in found]})


def finding(request: Request, finding_id: str) -> Response:
    """Return one finding."""
    desk = desk_of(request)
    return Json(finding_json(desk.services.library.finding(finding_id), desk.words(request)))


def clock(request: Request, device: str) -> Response:
    """Return how the clock of a camera went."""
    return Json({"clock": camera_clock_json(camera_history(desk_of(request).services.library, device))})


def shifts(request: Request) -> Response:
    """List the shifts that wait for a person, and what was decided."""
    library = desk_of(request).services.library
    return Json(
        {
            "shifts": [shift_json(one) for one in library.shift_proposals()],
            "decisions": [shift_decision_json(one) for one in library.shift_decisions()],
        }
    )


def stations(request: Request) -> Response:
    """List docking stations and the files that wait at them."""
    desk = desk_of(request)
    library, words = desk.services.library, desk.words(request)
    return Json(
        {
            "stations": [station_json(station) for station in library.stations()],
            "pickups": [pickup_json(pickup, words) for pickup in library.pickups()],
        }
    )


def status(request: Request) -> Response:
    """Return the figures of the whole house and what is under way."""
    services = desk_of(request).services
    library = services.library
    clock = services.timekeeping()
    return Json(status_json(library.totals(), library.stations(), services.progress(), services.disk(), clock))


def ledger(
    request: Request,
    start: Annotated[int, Query(ge=0, le=NUMBER_MAX)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    subject: str = "",
) -> Response:
    """List ledger entries with their canonical text."""
    entries = desk_of(request).services.library.ledger(subject=subject, start=start, limit=limit)
    return Json({"ledger": [ledger_json(entry) for entry in entries]})


ROUTES = (
    Route("/api/clips", clips, GET, described=True),
    Route("/api/clips/{digest}", clip, GET, described=True),
    Route("/api/cases", cases, GET, described=True),
    Route("/api/cases/{case_no:path}", case, GET, described=True),
    Route("/api/steps", steps, GET, described=True),
    Route("/api/suggestions", suggestions, GET, described=True),
    Route("/api/marks", marks, GET, described=True),
    Route("/api/findings", findings, GET, described=True),
    Route("/api/findings/{finding_id}", finding, GET, described=True),
    Route("/api/clock/{device:path}", clock, GET, described=True),
    Route("/api/shifts", shifts, GET, described=True),
    Route("/api/stations", stations, GET, described=True),
    Route("/api/status", status, GET, described=True),
    Route("/api/ledger", ledger, GET, described=True),
)
