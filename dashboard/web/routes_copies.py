"""Copies for parties: the list, the form that takes a request in, one request with its life, and the acts on it."""

from collections.abc import Callable
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import Form as FormIn
from fastapi import Query, Request
from starlette.responses import RedirectResponse, Response

from dashboard.copy_folder import CopyPlan
from dashboard.reports.copy_receipt import copy_receipt
from dashboard.reports.fonts import find_fonts
from dashboard.web.copy_forms import ApproveForm, CopyQuery, Extent, Form, HandOverForm, PrepareForm, RequestForm
from dashboard.web.copy_services import CopyServices
from dashboard.web.pages import desk_of, done_word, remember_actor
from dashboard.web.statuses import status_of
from dashboard.web.table import GET, POST, READ, Route
from evidence.copies import OPEN, CopyRequest, CopyState
from evidence.errors import EvidockError, NotFoundError, UsageError
from evidence.notes import note

PREPARABLE = frozenset({CopyState.APPROVED, CopyState.PREPARED})


class CopyAct(StrEnum):
    """What a person has just done to a request."""

    REQUESTED = "copies_requested"
    APPROVED = "copies_approved"
    REFUSED = "copies_refused"
    STARTED = "copies_started"
    HANDED_OVER = "copies_handed_over"


def copies(request: Request, query: Annotated[CopyQuery, Query()]) -> Response:
    """List requests, open ones unless asked otherwise, with how many are in each state."""
    services = services_of(request)
    rows, counts = services.some(query.wanted(query.limit + 1)), services.counts()
    return desk_of(request).page(
        request,
        "copies.html",
        query=query,
        rows=rows[: query.limit],
        more=len(rows) > query.limit,
        counts=counts,
        states=(*sorted(OPEN, key=list(CopyState).index), CopyState.HANDED_OVER, CopyState.REFUSED),
        open_count=sum(count for state, count in counts.items() if not state.is_closed),
    )


def new(request: Request, case: str = "") -> Response:
    """Show the form that takes a request in; without a case it asks for one."""
    return _form(request, RequestForm(case_no=case.strip()))


def take_in(request: Request, form: Annotated[RequestForm, FormIn()]) -> Response:
    """Take a request in; what cannot be taken is said above the form, which keeps what was typed."""
    try:
        actor = form.person()
        name = services_of(request).request(form.asked(), actor, form.reason)
    except EvidockError as error:
        return _form(request, form, error)
    return _to(name, CopyAct.REQUESTED, actor)


def one(request: Request, request_id: str) -> Response:
    """Show a request: its life, what is in it, and what can be done with it now."""
    return _shown(request, request_id, None, Form())


def approve(request: Request, request_id: str, form: Annotated[ApproveForm, FormIn()]) -> Response:
    """Grant a request in the name of the head."""
    services = services_of(request)

    def act(actor: str) -> None:
        services.approve(request_id, actor, form.reason, form.free, leave_out=form.leave_out)

    return _act(request, request_id, form, CopyAct.APPROVED, act)


def refuse(request: Request, request_id: str, form: Annotated[Form, FormIn()]) -> Response:
    """Refuse a request in the name of the head."""
    services = services_of(request)

    def act(actor: str) -> None:
        services.refuse(request_id, actor, form.reason)

    return _act(request, request_id, form, CopyAct.REFUSED, act)


def prepare(request: Request, request_id: str, form: Annotated[PrepareForm, FormIn()]) -> Response:
    """Begin to make the folder; its progress is on the request's page."""
    services = services_of(request)

    def act(actor: str) -> None:
        services.start_preparing(request_id, actor, form.reason, originals=form.originals)

    return _act(request, request_id, form, CopyAct.STARTED, act)


def hand_over(request: Request, request_id: str, form: Annotated[HandOverForm, FormIn()]) -> Response:
    """Close a request with its receipt."""
    services = services_of(request)

    def act(actor: str) -> None:
        services.hand_over(request_id, form.handing, actor, form.reason)

    return _act(request, request_id, form, CopyAct.HANDED_OVER, act)


def receipt(request: Request, request_id: str) -> Response:
    """Return the receipt as PDF: to be signed before the handing over, filled in after it.

    Raises:
        UsageError: nothing was prepared yet.
    """
    desk, services = desk_of(request), services_of(request)
    found = services.one(request_id)
    if found.prepared is None:
        told = note("copies.no_receipt_yet")
        raise UsageError("nothing is prepared yet", subject=request_id, cure="prepare the copies first", reason=told)
    view = desk.services.library.case(found.case_no).case
    body = copy_receipt(found, view, services.items(found), desk.reader(request).texts, find_fonts())
    headers = {"Content-Disposition": f"inline; filename={quote(f'copies-{request_id}.pdf')}"}
    return Response(body, media_type="application/pdf", headers={**headers, "Cache-Control": "no-store"})


def services_of(request: Request) -> CopyServices:
    """Return the services of these pages.

    Raises:
        NotFoundError: this server has none.
    """
    services = desk_of(request).services.copies
    if services is None:
        raise NotFoundError("copies are not served here", cure="start the pages with `evidock up`")
    return services


# --- parts ------------------------------------------------------------------------------------------------------------


def _act(request: Request, request_id: str, form: Form, acted: CopyAct, act: Callable[[str], None]) -> Response:
    """Act in a named person's name; what is refused is said at its form, which keeps what was typed."""
    try:
        actor = form.person()
        act(actor)
    except EvidockError as error:
        return _shown(request, request_id, error, form, acted)
    return _to(request_id, acted, actor)


def _to(request_id: str, acted: CopyAct, actor: str) -> Response:
    answer = RedirectResponse(f"/copies/{quote(request_id)}?done={acted.value}", HTTPStatus.SEE_OTHER)
    remember_actor(answer, actor)
    return answer


def _form(request: Request, form: RequestForm, refused: EvidockError | None = None) -> Response:
    """Show the form; a case that is not there is refused as what was typed into it is."""
    desk, case_no = desk_of(request), form.case_no.strip()
    about: dict[str, object] = {"view": None, "items": (), "steps": ()}
    if case_no:
        try:
            about = _of_case(request, case_no)
        except NotFoundError as error:
            refused = refused or error
    return desk.page(
        request,
        "copies_new.html",
        status_of(refused) if refused else HTTPStatus.OK,
        form=form,
        **about,
        extents=Extent,
        refused=desk.reader(request).refusal(refused) if refused else "",
    )


def _of_case(request: Request, case_no: str) -> dict[str, object]:
    library, items = desk_of(request).services.library, services_of(request).items_of_case(case_no)
    view = library.case(case_no)
    return {"view": view, "items": items, "steps": library.steps(case_no=view.case.case_no)}


def _shown(
    request: Request, request_id: str, refused: EvidockError | None, form: Form, acted: CopyAct | None = None
) -> Response:
    desk, services = desk_of(request), services_of(request)
    found, reader = services.one(request_id), desk.reader(request)
    items, preparing = services.items(found), services.preparing(request_id)
    plans, withheld = _plans(services, found)
    return desk.page(
        request,
        "copies_one.html",
        status_of(refused) if refused else HTTPStatus.OK,
        one=found,
        items=items,
        files={file.original: file for file in found.files},
        protected=[item for item in items if item.is_protected],
        preparing=preparing,
        failure=reader.refusal(preparing.failure) if preparing and preparing.failure else "",
        plans=plans,
        withheld=reader.refusal(withheld) if withheld else "",
        form=form.model_dump(),
        acted=acted,
        acts=CopyAct,
        refused=reader.refusal(refused) if refused else "",
        done=done_word(request, CopyAct),
        age=found.age(desk.services.clock()).total_seconds(),
    )


def _plans(services: CopyServices, found: CopyRequest) -> tuple[list[CopyPlan], EvidockError | None]:
    """Return what preparing would copy, playable copies first, then originals; or why it may not be prepared."""
    if found.state not in PREPARABLE:
        return [], None
    try:
        return [services.plan(found, originals=originals) for originals in (False, True)], None
    except EvidockError as error:
        return [], error


ROUTES = (
    Route("/copies", copies, READ),
    Route("/copies", take_in, POST),
    Route("/copies/new", new, READ),
    Route("/copies/{request_id}", one, READ),
    Route("/copies/{request_id}/receipt.pdf", receipt, GET),
    Route("/copies/{request_id}/approve", approve, POST),
    Route("/copies/{request_id}/refuse", refuse, POST),
    Route("/copies/{request_id}/prepare", prepare, POST),
    Route("/copies/{request_id}/hand-over", hand_over, POST),
)
