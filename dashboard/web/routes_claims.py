"""Claiming on the page of a case that recording a step was not suitable."""

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import quote

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from dashboard.web.forms import MOST_FIELDS, MOST_FILES, name_in, require_size, stated_in, text_of
from dashboard.web.pages import desk_of, remember_actor
from dashboard.web.routes_findings import Decision
from dashboard.web.table import POST, Route
from evidence.errors import UsageError
from evidence.findings import StepState
from evidence.ids import CaseNo, StepNo
from evidence.law import LawPack
from evidence.reasons import Reason
from evidence.views import StepView

SETTLED = frozenset({StepState.COVERED, StepState.NO_DUTY, StepState.OUTSIDE_PACK, StepState.EXEMPT})
"""Steps for which nobody has to claim anything."""


async def exempt(request: Request, case_no: str) -> Response:
    """Claim that recording a step was not suitable, in a named person's name.

    Raises:
        UsageError: name, step or reason are missing or do not fit, or the files are too large.
    """
    require_size(request, "evidock exempt CASE/STEP --reason CODE --attach FILE")
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS) as form:
        return await run_in_threadpool(_exempt, request, CaseNo(case_no), form)


def _exempt(request: Request, case_no: CaseNo, form: FormData) -> Response:
    name, step_no = name_in(form), text_of(form, "step_no")
    if not step_no:
        raise UsageError("no step was chosen", cure="choose the step and send the form again")
    desk_of(request).services.exempt(case_no, StepNo(step_no), name, stated_in(form))
    address = f"/cases/{quote(case_no)}?done={Decision.EXEMPT.value}#step-{quote(step_no, safe='')}"
    answer = RedirectResponse(address, HTTPStatus.SEE_OTHER)
    remember_actor(answer, name)
    return answer


def exemptible(steps: Sequence[StepView], pack: LawPack) -> list[StepView]:
    """Return the steps for which an exemption may be claimed."""
    return [view for view in steps if view.state not in SETTLED and exemptions_of(view, pack)]


def exemptions_of(view: StepView, pack: LawPack) -> tuple[Reason, ...]:
    """Return the reasons for which recording a step may have been unsuitable."""
    return pack.exemptions(view.step.procedure, view.step.started_at)


def exemptions_for(views: Sequence[StepView], pack: LawPack) -> list[Reason]:
    """Return the reasons that fit any of these steps, each once."""
    return list({one.code: one for view in views for one in exemptions_of(view, pack)}.values())


ROUTES = (Route("/cases/{case_no:path}/exemptions", exempt, POST),)
