"""The web application: routes, the guard in front of them, and how errors are shown."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from dashboard.web import (
    routes_api,
    routes_case_numbers,
    routes_cases,
    routes_claims,
    routes_clips,
    routes_clocks,
    routes_copies,
    routes_copies_api,
    routes_documents,
    routes_findings,
    routes_house,
    routes_import_api,
    routes_imports,
    routes_indicators,
    routes_live,
    routes_log,
    routes_marks,
    routes_media,
    routes_metrics,
    routes_retention,
    routes_secrecy,
    routes_suggestions,
)
from dashboard.web.guard import HEADERS, Guard
from dashboard.web.pages import Desk, Json, desk_of
from dashboard.web.services import WebServices
from dashboard.web.statuses import status_of
from evidence.errors import EvidockError

WORDED_IN = "en"
"""The language in which the libraries word their errors: of use to a reader of that language only."""
STATIC = Path(__file__).parent / "static"
TABLES = (
    routes_house.ROUTES,
    routes_live.ROUTES,
    routes_clips.ROUTES,
    routes_clocks.ROUTES,
    routes_case_numbers.ROUTES,
    routes_documents.ROUTES,
    routes_claims.ROUTES,
    routes_cases.ROUTES,
    routes_findings.ROUTES,
    routes_api.ROUTES,
    routes_import_api.ROUTES,
    routes_copies.ROUTES,
    routes_copies_api.ROUTES,
    routes_imports.ROUTES,
    routes_media.ROUTES,
    routes_marks.ROUTES,
    routes_metrics.ROUTES,
    routes_log.ROUTES,
    routes_retention.ROUTES,
    routes_indicators.ROUTES,
    routes_suggestions.ROUTES,
    routes_secrecy.ROUTES,
)


class Files(StaticFiles):
    """Style sheets and modules: asked again each time, answered 304 when unchanged."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Add the caching rule."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def create_app(services: WebServices) -> FastAPI:
    """Return the application over the given services; it opens nothing and starts nothing by itself."""
    app = FastAPI(
        title="Evidock", version=services.version, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json"
    )
    app.state.desk = Desk(services)
    for route in (route for table in TABLES for route in table):
        app.add_api_route(
            route.path,
            route.answer,
            methods=list(route.methods),
            response_model=None,
            include_in_schema=route.described,
            operation_id=f"{route.answer.__module__.rpartition('.')[2]}_{route.answer.__name__}",
        )
    app.mount("/static", Files(directory=STATIC), name="static")
    for error, answer in HANDLERS.items():
        app.add_exception_handler(error, answer)
    app.add_middleware(Guard, hosts=services.allowed_hosts)
    return app


def on_evidock_error(request: Request, error: Exception) -> Response:
    """Show an error of ours with its own words and the status of its family."""
    status = status_of(error)
    subject = error.subject if isinstance(error, EvidockError) else ""
    words = desk_of(request).reader(request).refusal(error) if isinstance(error, EvidockError) else str(error)
    answer = _error(request, status, type(error).__name__, words, subject)
    if status is HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def on_http_error(request: Request, error: Exception) -> Response:
    """Show an address that is not there, or a method it does not take."""
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    return _error(request, HTTPStatus(status), f"http_{status}", HTTPStatus(status).phrase, request.url.path)


def on_bad_request(request: Request, error: Exception) -> Response:
    """Show which parameter of an address or form cannot be read."""
    wrong = error.errors() if isinstance(error, RequestValidationError) else ()
    words = "; ".join(f"{'.'.join(str(part) for part in item['loc'][1:])}: {item['msg']}" for item in wrong)
    return _error(request, HTTPStatus.UNPROCESSABLE_ENTITY, "http_422", words, request.url.path)


def on_fault(request: Request, error: Exception) -> Response:
    """Show that something broke, without its insides; the server raises it on into the log."""
    answer = _error(request, HTTPStatus.INTERNAL_SERVER_ERROR, "fault", type(error).__name__, request.url.path)
    answer.headers.update(HEADERS)  # this answer is made outside the guard
    return answer


def _error(request: Request, status: HTTPStatus, code: str, words: str, subject: str) -> Response:
    if request.url.path.startswith("/api/"):
        return Json({"error": {"kind": code, "message": words, "subject": subject}}, status)
    desk = desk_of(request)
    texts = desk.reader(request).texts
    key = f"error.{code}" if texts.has(f"error.{code}") else "error.EvidockError"
    message = "" if code.startswith("http_") and texts.locale != WORDED_IN else words
    return desk.page(request, "error.html", status, status=int(status), key=key, message=message, subject=subject)


HANDLERS: Mapping[type[Exception], Callable[[Request, Exception], Response]] = {
    EvidockError: on_evidock_error,
    HTTPException: on_http_error,
    RequestValidationError: on_bad_request,
    Exception: on_fault,
}
