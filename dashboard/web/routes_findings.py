"""Findings: the list, one finding with its life, and the forms by which named persons move it on."""

from collections.abc import Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from dashboard.web.forms import MOST_FIELDS, MOST_FILES, asked_for, name_in, require_size, stated_in, text_of
from dashboard.web.pages import desk_of, done_word, remember_actor
from dashboard.web.queries import FindingQuery
from dashboard.web.services import WebServices
from dashboard.web.table import POST, READ, Route
from evidence.errors import UsageError
from evidence.findings import FindingKind, FindingState, Severity
from evidence.ids import Digest
from evidence.law import LawPack
from evidence.reasons import Reason
from evidence.views import FindingView, Life

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
    history = library.finding_history(view.finding.finding_id)
    return desk.page(
        request,
        "finding.html",
        view=view,
        history=history,
        clips=library.clips_by_digest([*view.finding.clips, *files_of(view, history)]),
        pack=pack,
        choices=choices_of(view, pack),
        reasons={Decision.EXPLAIN: pack.explanations(view.finding), Decision.EXEMPT: exemptions_of(view, pack)},
        done=done_word(request, Decision),
    )


async def decide(request: Request, finding_id: str) -> Response:
    """Take a decision on a finding in a named person's name; a claim comes with a reason of the list, and its files.

    Raises:
        UsageError: the decision is none, name or reason are missing, or the files are too large.
    """
    require_size(request, "evidock explain FINDING --reason CODE --attach FILE")
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS) as form:
        return await run_in_threadpool(_decide, request, finding_id, form)


def _decide(request: Request, finding_id: str, form: FormData) -> Response:
    decision = decision_in(form)
    services = desk_of(request).services
    view = services.library.finding(finding_id)
    name = _carry_out(services, view, decision, form)
    answer = RedirectResponse(f"/findings/{view.finding.finding_id}?done={decision.value}", HTTPStatus.SEE_OTHER)
    remember_actor(answer, name)
    return answer


def decision_in(form: FormData) -> Decision:
    """Return which decision a form asks for. Raises UsageError when it is none."""
    word = text_of(form, "decision")
    if word not in set(Decision):
        raise UsageError("is no decision on a finding", subject=word, cure="use the forms of the finding's page")
    return Decision(word)


def choices_of(view: FindingView, pack: LawPack) -> tuple[Decision, ...]:
    """Return what can be decided on a finding as it stands."""
    if view.state in CLAIMED:
        return (Decision.GRANT, Decision.REFUSE)
    if view.state not in MOVABLE:
        return ()
    return (Decision.EXPLAIN, Decision.EXEMPT) if exemptions_of(view, pack) else (Decision.EXPLAIN,)


def exemptions_of(view: FindingView, pack: LawPack) -> tuple[Reason, ...]:
    """Return the reasons for which the finding's step may be exempt; none where it is of no step or allows none."""
    finding = view.finding
    if finding.step_no is None or finding.window is None:
        return ()
    return pack.exemptions(finding.procedure, finding.window.start)


def files_of(view: FindingView, history: Sequence[Life]) -> list[Digest]:
    """Return the files that what was ever claimed of a finding rests on, each once."""
    claims = [view.claim, *(one.claim for one in history)]
    return list(dict.fromkeys(digest for claim in claims if claim for digest in claim.files))


def aliases_of(pack: LawPack) -> tuple[str, ...]:
    """Return the other words under which people look for procedures."""
    rules = (rule for version in pack.versions for rule in version.rules.values())
    return tuple(sorted({alias for rule in rules for alias in rule.aliases}))


def _carry_out(services: WebServices, view: FindingView, decision: Decision, form: FormData) -> str:
    """Take the decision and return in whose name."""
    finding = view.finding
    if decision in {Decision.GRANT, Decision.REFUSE}:
        name, why = asked_for(text_of(form, "actor"), text_of(form, "reason"))
        services.approve(finding.finding_id, name, why, granted=decision is Decision.GRANT)
        return name
    name, stated = name_in(form), stated_in(form)
    if decision is Decision.EXPLAIN:
        services.explain(finding.finding_id, name, stated)
    elif finding.case_no is None or finding.step_no is None:
        cure = "explain it instead"
        raise UsageError("only a finding about a step can be exempt", subject=finding.finding_id, cure=cure)
    else:
        services.exempt(finding.case_no, finding.step_no, name, stated)
    return name


ROUTES = (
    Route("/findings", findings, READ),
    Route("/findings/{finding_id}", finding, READ),
    Route("/findings/{finding_id}/decisions", decide, POST),
)
