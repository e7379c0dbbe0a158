"""Findings: the list, one finding with its life, and the forms by which named persons move it on."""

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from dashboard.web.pages import clean_name, desk_of, done_word, is_person, remember_actor
from dashboard.web.queries import FindingQuery
from dashboard.web.services import WebServices
from dashboard.web.table import POST, READ, Route
from evidence.errors import UsageError
from evidence.findings import FindingKind, FindingState, Severity
from evidence.ids import FindingId
from evidence.law import LawPack
from evidence.notes import note
from evidence.views import FindingView

CLAIMED = frozenset({FindingState.EXPLAIN_CLAIMED, FindingState.EXEMPT_CLAIMED})
MOVABLE = frozenset({FindingState.OPEN, FindingState.REFUSED})


class Decision(StrEnum):
    """What a person can say to a finding."""

    EXPLAIN = "explain"
    EXEMPT = "exempt"
    GRANT = "grant"
    REFUSE = "refuse"


def findings(request: Request, query: Annotated[FindingQuery, Query()]) -> Response:
    """List findings, open ones unless asked otherwise."""
    desk = desk_of(request)
    library = desk.services.library
    rows = library.findings(query.wanted(limit=query.limit + 1))
    pack = library.pack()
    return desk.page(
        request,
        "findings.html",
        query=query,
        rows=rows[: query.limit],
        more=len(rows) > query.limit,
        pack=pack,
        kinds=tuple(FindingKind),
        severities=tuple(Severity),
        states=tuple(FindingState),
        aliases=aliases_of(pack),
    )


def finding(request: Request, finding_id: str) -> Response:
    """Show one finding: what, why, the article's words, its clips, its life, and what can be decided."""
    desk = desk_of(request)
    library = desk.services.library
    view = library.finding(finding_id)
    pack = library.pack()
    return desk.page(
        request,
        "finding.html",
        view=view,
        history=library.finding_history(view.finding.finding_id),
        clips=library.clips_by_digest(view.finding.clips),
        pack=pack,
        choices=choices_of(view, pack),
        done=done_word(request, Decision),
    )


def decide(
    request: Request,
    finding_id: str,
    decision: Annotated[Decision, Form()],
    actor: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Take a decision on a finding in a named person's name.

    Raises:
        UsageError: name or reason are missing.
    """
    name, why = asked_for(actor, reason)
    services = desk_of(request).services
    view = services.library.finding(finding_id)
    _carry_out(services, view, decision, name, why)
    answer = RedirectResponse(f"/findings/{view.finding.finding_id}?done={decision.value}", HTTPStatus.SEE_OTHER)
    remember_actor(answer, name)
    return answer


def asked_for(actor: str, reason: str) -> tuple[str, str]:
    """Return name and reason as they will be kept.

    Raises:
        UsageError: one of them is missing.
    """
    name, why = clean_name(actor), reason.strip()
    if not is_person(name):
        words = "a decision needs the name of the person who takes it"
        raise UsageError(words, cure="fill in your own name", reason=note("form.needs_actor"))
    if not why:
        words = "a decision needs a reason"
        raise UsageError(words, cure="say why in a sentence", reason=note("form.needs_reason"))
    return name, why


def choices_of(view: FindingView, pack: LawPack) -> tuple[Decision, ...]:
    """Return what can be decided on a finding as it stands."""
    if view.state in CLAIMED:
        return (Decision.GRANT, Decision.REFUSE)
    if view.state not in MOVABLE:
        return ()
    window = view.finding.window
    rule = (pack.at(window.start) if window else pack).rules.get(view.finding.procedure)
    exempt = view.finding.step_no is not None and rule is not None and rule.exemption_allowed
    return (Decision.EXPLAIN, Decision.EXEMPT) if exempt else (Decision.EXPLAIN,)


def aliases_of(pack: LawPack) -> tuple[str, ...]:
    """Return the other words under which people look for procedures."""
    rules = (rule for version in pack.versions for rule in version.rules.values())
    return tuple(sorted({alias for rule in rules for alias in rule.aliases}))


def _carry_out(services: WebServices, view: FindingView, decision: Decision, actor: str, reason: str) -> None:
    finding_id: FindingId = view.finding.finding_id
    if decision is Decision.EXPLAIN:
        services.explain(finding_id, actor, reason)
    elif decision is Decision.EXEMPT:
        if view.finding.case_no is None or view.finding.step_no is None:
            raise UsageError("only a finding about a step can be exempt", subject=finding_id, cure="explain it instead")
        services.exempt(view.finding.case_no, view.finding.step_no, actor, reason)
    else:
        services.approve(finding_id, actor, reason, granted=decision is Decision.GRANT)


ROUTES = (
    Route("/findings", findings, READ),
    Route("/findings/{finding_id}", finding, READ),
    Route("/findings/{finding_id}/decisions", decide, POST),
)
