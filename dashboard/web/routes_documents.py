"""Files of text records: handed in on the case page, and taken off there."""

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from dashboard.handed_in import Wanted, moment_of
from dashboard.web.document_services import DocumentServices
from dashboard.web.forms import MOST_FIELDS, MOST_FILES, asked_for, files_in, require_size, text_of
from dashboard.web.pages import desk_of, remember_actor
from dashboard.web.table import POST, Route
from evidence.errors import NotFoundError, UsageError


class Acted(StrEnum):
    """What a person has just done here."""

    ATTACHED = "attached"
    DETACHED = "detached"


async def attach(request: Request, case_no: str) -> Response:
    """Seal the files of a form and attach each to the text record it names.

    Raises:
        UsageError: name, reason or file are missing, or it is too large.
    """
    require_size(request, "evidock attach CASE STEP SLOT FILE")
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS) as form:
        return await run_in_threadpool(_attach, request, case_no, form)


def _attach(request: Request, case_no: str, form: FormData) -> Response:
    name, why = asked_for(text_of(form, "actor"), text_of(form, "reason"))
    files = files_in(form)
    if not files:
        raise UsageError("no file was chosen", cure="choose a file and send the form again")
    services = services_of(request)
    wanted = wanted_in(case_no, form)
    for one in files:
        services.attach(wanted, one.name, one.content, name, why)
    return _back(case_no, wanted.step_no, Acted.ATTACHED, name)


def detach(
    request: Request,
    case_no: str,
    slot: Annotated[str, Form()],
    digest: Annotated[str, Form()],
    step_no: Annotated[str, Form()] = "",
    document_no: Annotated[str, Form()] = "",
    actor: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Take an attached file off in a named person's name.

    Raises:
        UsageError: name or reason are missing. NotFoundError: it is not attached there.
    """
    name, why = asked_for(actor, reason)
    services_of(request).detach(Wanted(case_no, step_no, slot, document_no), digest, name, why)
    return _back(case_no, step_no, Acted.DETACHED, name)


def wanted_in(case_no: str, form: FormData) -> Wanted:
    """Return what a form asks for. Raises UsageError when its date is none."""
    roles = tuple(role for role in form.getlist("signed_by") if isinstance(role, str))
    return Wanted(
        case_no,
        text_of(form, "step_no"),
        text_of(form, "slot"),
        text_of(form, "document_no") or None,
        text_of(form, "title"),
        moment_of(text_of(form, "dated_at")),
        roles,
    )


def services_of(request: Request) -> DocumentServices:
    """Return the services of this page.

    Raises:
        NotFoundError: this server has none.
    """
    services = desk_of(request).services.documents
    if services is None:
        raise NotFoundError("text records are not served here", cure="start the pages with `evidock up`")
    return services


def _back(case_no: str, step_no: str, acted: Acted, actor: str) -> Response:
    address = f"/cases/{quote(case_no)}?done={acted.value}#file-{quote(step_no, safe='')}"
    answer = RedirectResponse(address, HTTPStatus.SEE_OTHER)
    remember_actor(answer, actor)
    return answer


ROUTES = (
    Route("/cases/{case_no:path}/documents", attach, POST),
    Route("/cases/{case_no:path}/documents/detach", detach, POST),
)
