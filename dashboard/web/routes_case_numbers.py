"""The forms by which a case is opened before its approval, and given its official number when that has come."""

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from dashboard.handed_in import exact_moment_of
from dashboard.web.case_number_services import CaseNumberServices
from dashboard.web.forms import asked_for
from dashboard.web.pages import desk_of, remember_actor
from dashboard.web.table import POST, Route
from evidence.case_numbers import UrgentCase
from evidence.errors import NotFoundError


class Numbering(StrEnum):
    """What a person has just done."""

    OPENED = "case_opened"
    NUMBERED = "case_numbered"


def open_case(
    request: Request,
    title: Annotated[str, Form()] = "",
    unit: Annotated[str, Form()] = "",
    matter_type: Annotated[str, Form()] = "",
    urgent_at: Annotated[str, Form()] = "",
    actor: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Open a case under a provisional number in a named person's name.

    Raises:
        UsageError: title, name or reason are missing, or the time is none.
    """
    name, why = asked_for(actor, reason)
    begun = exact_moment_of(urgent_at) or desk_of(request).services.clock()
    case_no = services_of(request).open_case(UrgentCase(title, begun, unit, matter_type), name, why)
    return _back(case_no, Numbering.OPENED, name)


def number_case(
    request: Request,
    case_no: Annotated[str, Form()],
    official_no: Annotated[str, Form()] = "",
    approved_at: Annotated[str, Form()] = "",
    actor: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Give a provisional case its official number in a named person's name.

    Raises:
        UsageError: number, name or reason are missing, or it cannot have that number.
    """
    name, why = asked_for(actor, reason)
    services_of(request).number_case(case_no, official_no, exact_moment_of(approved_at), name, why)
    return _back(official_no.strip(), Numbering.NUMBERED, name)


def services_of(request: Request) -> CaseNumberServices:
    """Return what opens and numbers cases.

    Raises:
        NotFoundError: cases are only imported here.
    """
    services = desk_of(request).services.case_numbers
    if services is None:
        raise NotFoundError("no cases are opened on these pages", cure="import them: evidock import cases")
    return services


def _back(case_no: str, done: Numbering, actor: str) -> Response:
    answer = RedirectResponse(f"/cases/{quote(case_no)}?done={done.value}", HTTPStatus.SEE_OTHER)
    remember_actor(answer, actor)
    return answer


ROUTES = (
    Route("/case-numbers/open", open_case, POST),
    Route("/case-numbers/official", number_case, POST),
)
