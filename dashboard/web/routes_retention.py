"""The page on keeping and disposing: what is kept until when and why, holds, and disposals that wait for approval."""

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from dashboard.web.forms import asked_for
from dashboard.web.pages import desk_of, done_word, remember_actor
from dashboard.web.retention_services import RetentionServices
from dashboard.web.table import POST, READ, Route
from evidence.disposal import Disposal
from evidence.errors import NotFoundError
from evidence.holds import HoldScope
from evidence.ids import Digest
from evidence.retention import last_day
from evidence.retention_views import KeptView

DUE_DAYS = 90
DUE_ROWS = 100
NAMED_ROWS = 100
GONE_ROWS = 50
DONE_ROWS = 20


class Acted(StrEnum):
    """What a person has just done here."""

    HELD = "held"
    LIFTED = "lifted"
    APPROVED = "approved"
    REFUSED = "refused_disposal"


class Verdict(StrEnum):
    """What a person says to a disposal."""

    APPROVE = "approve"
    REFUSE = "refuse"


def retention(request: Request) -> Response:
    """Show the schedule with what it keeps, what waits for approval, holds, what ends soon, and what is gone."""
    services = services_of(request)
    found = services.disposals()
    waiting = [one for one in found if one.state.waiting]
    holds = services.holds()
    return desk_of(request).page(
        request,
        "retention.html",
        schedule=services.schedule,
        classes=services.classes(),
        unpromised=services.unpromised(),
        waiting=[(one, named(services, one)) for one in waiting],
        named_rows=NAMED_ROWS,
        done_with=[one for one in found if not one.state.waiting][:DONE_ROWS],
        holds=[one for one in holds if one.active],
        lifted=[one for one in holds if not one.active][:DONE_ROWS],
        due=services.due(DUE_DAYS, DUE_ROWS),
        due_days=DUE_DAYS,
        gone=services.gone(GONE_ROWS),
        scopes=tuple(HoldScope),
        last_day=last_day,
        done=done_word(request, Acted),
    )


def named(services: RetentionServices, disposal: Disposal) -> list[KeptView]:
    """Return the first originals that a disposal names, as they are kept now."""
    return list(services.kept([Digest(one) for one in disposal.digests[:NAMED_ROWS]]))


def place(
    request: Request,
    scope: Annotated[HoldScope, Form()],
    target: Annotated[str, Form()] = "",
    actor: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Lay a hold in a named person's name.

    Raises:
        UsageError: name or reason are missing. NotFoundError: there is no such case, clip or step.
    """
    name, why = asked_for(actor, reason)
    services_of(request).place(scope, target.strip(), name, why)
    return _back(Acted.HELD, "holds", name)


def lift(
    request: Request, hold_id: str, actor: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = ""
) -> Response:
    """Lift a hold in a named person's name.

    Raises:
        UsageError: name or reason are missing, or it is lifted already.
    """
    name, why = asked_for(actor, reason)
    services_of(request).lift(hold_id, name, why)
    return _back(Acted.LIFTED, "holds", name)


def decide(
    request: Request,
    disposal_id: str,
    verdict: Annotated[Verdict, Form()],
    actor: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Approve or refuse a disposal in a named person's name.

    Raises:
        UsageError: name or reason are missing, or this person may not decide on it.
    """
    name, why = asked_for(actor, reason)
    if verdict is Verdict.APPROVE:
        services_of(request).approve(disposal_id, name, why)
        return _back(Acted.APPROVED, "disposals", name)
    services_of(request).refuse(disposal_id, name, why)
    return _back(Acted.REFUSED, "disposals", name)


def services_of(request: Request) -> RetentionServices:
    """Return the services of this page.

    Raises:
        NotFoundError: this server has none.
    """
    services = desk_of(request).services.retention
    if services is None:
        raise NotFoundError("retention is not served here", cure="start the pages with `evidock up`")
    return services


def _back(acted: Acted, part: str, actor: str) -> Response:
    answer = RedirectResponse(f"/retention?done={acted.value}#{part}", HTTPStatus.SEE_OTHER)
    remember_actor(answer, actor)
    return answer


ROUTES = (
    Route("/retention", retention, READ),
    Route("/retention/holds", place, POST),
    Route("/retention/holds/{hold_id}", lift, POST),
    Route("/retention/disposals/{disposal_id}", decide, POST),
)
