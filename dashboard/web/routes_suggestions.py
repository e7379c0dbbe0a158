"""Suggestions: the clips that may belong to a step, and the form by which a named person decides on several."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from dashboard.web.forms import asked_for
from dashboard.web.pages import Desk, desk_of, done_word, remember_actor
from dashboard.web.player import still_of
from dashboard.web.queries import NUMBER_MAX
from dashboard.web.table import POST, READ, Route
from evidence.errors import UsageError
from evidence.ids import CaseNo, Digest, StepNo
from evidence.suggesting import Pair, SuggestionView
from evidence.views import ClipView, SuggestionFilter

PER_PAGE = 50
ON_A_CASE = 100

Page = Annotated[int, Query(ge=1, le=NUMBER_MAX)]
Count = Annotated[int, Query(ge=0, le=NUMBER_MAX)]


class Asked(StrEnum):
    """What a person says to suggestions, and has just done."""

    CONFIRM = "confirm"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Shown:
    """A suggestion as the pages show it.

    Attributes:
        name: what the form sends back for it.
        others: the other parts of its recording that wait for the same step, the best score first.
    """

    view: SuggestionView
    clip: ClipView | None
    name: str
    others: tuple["Shown", ...] = ()


def suggestions(request: Request, page: Page = 1, decided: Count = 0) -> Response:
    """Show what waits, the best score first; ``decided``: so many have just been."""
    desk = desk_of(request)
    wanted = SuggestionFilter(limit=PER_PAGE, offset=PER_PAGE * (page - 1))
    return desk.page(
        request,
        "suggestions.html",
        waiting=shown(desk, wanted),
        total=desk.services.library.count_suggestions(wanted),
        page=page,
        per_page=PER_PAGE,
        names=names_of(desk),
        still_of=still_of,
        done=done_word(request, Asked),
        decided=decided,
    )


def shown(desk: Desk, wanted: SuggestionFilter) -> list[Shown]:
    """Return what waits, each with its clip; parts of one recording that wait for one step are shown as one."""
    found = desk.services.library.suggestions(wanted)
    clips = desk.services.library.clips_by_digest([view.suggestion.digest for view in found])
    together: dict[tuple[str, ...], list[SuggestionView]] = {}

    def each(view: SuggestionView) -> Shown:
        return Shown(view, clips.get(view.suggestion.digest), name_of(view))

    for view in found:
        together.setdefault(whole_of(view, clips.get(view.suggestion.digest)), []).append(view)
    return [
        replace(first, others=tuple(others))
        for first, *others in ([each(view) for view in found] for found in together.values())
    ]


def whole_of(view: SuggestionView, clip: ClipView | None) -> tuple[str, ...]:
    """Return what a suggestion is about, the clip's recording in place of the clip."""
    one = view.suggestion
    whole = clip.recording.recording_id if clip is not None and clip.recording else one.digest
    return whole, one.case_no, one.step_no


def names_of(desk: Desk) -> dict[str, dict[str, str]]:
    """Return the names of procedures by code."""
    return {code: dict(rule.names) for code, rule in desk.services.library.pack().rules.items()}


def name_of(view: SuggestionView) -> str:
    """Return digest, step number and case number in one word; only the last may hold spaces or slashes."""
    one = view.suggestion
    return f"{one.digest}/{quote(one.step_no, safe='')}/{one.case_no}"


def decide(
    request: Request,
    verdict: Annotated[Asked, Form()],
    pick: Annotated[Sequence[str], Form()] = (),
    case_no: Annotated[str, Form()] = "",
    actor: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Confirm or refuse the chosen suggestions in a named person's name, all in one act.

    Raises:
        UsageError: name, reason or choice are missing. NotFoundError: one waits no more; then none is decided.
    """
    name, why = asked_for(actor, reason)
    pairs = [pair_of(one) for one in pick]
    desk_of(request).services.decide_suggestions(pairs, name, why, confirm=verdict is Asked.CONFIRM)
    said = f"done={verdict.value}&decided={len(pairs)}"
    back = f"/cases/{quote(case_no)}?{said}#suggestions" if case_no else f"/suggestions?{said}"
    answer = RedirectResponse(back, HTTPStatus.SEE_OTHER)
    remember_actor(answer, name)
    return answer


def pair_of(name: str) -> Pair:
    """Return what `name_of` named.

    Raises:
        UsageError: it is no such name.
    """
    digest, _, rest = name.partition("/")
    step_no, _, case_no = rest.partition("/")
    if not (digest and step_no and case_no):
        raise UsageError("names no suggestion", subject=name[:80], cure="open the page again and send the form")
    return Pair(Digest(digest), CaseNo(case_no), StepNo(unquote(step_no)))


ROUTES = (
    Route("/suggestions", suggestions, READ),
    Route("/suggestions", decide, POST),
)
