"""The first page and what keeps it fresh."""

from fastapi import Request
from starlette.responses import Response

from dashboard.web.live import figures, live_json, look, stage_word
from dashboard.web.pages import Json, desk_of
from dashboard.web.table import READ, Route


def dashboard(request: Request) -> Response:
    """Show the pipeline, the stations, the open findings and the latest entries."""
    desk = desk_of(request)
    texts = desk.reader(request).texts
    live = look(desk.services, texts)
    return desk.page(
        request,
        "dashboard.html",
        live=live,
        figures=figures(live, texts),
        stage_word=lambda stage: stage_word(stage, texts),
    )


def live(request: Request) -> Response:
    """Return what the first page shows, in the reader's words; the page asks once a second."""
    desk = desk_of(request)
    texts = desk.reader(request).texts
    return Json(live_json(look(desk.services, texts), texts), headers={"Cache-Control": "no-store"})


ROUTES = (
    Route("/", dashboard, READ),
    Route("/api/live", live, READ),
)
