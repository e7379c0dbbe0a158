"""The forms by which named persons mark clips and cases as confidential, or take the mark away."""

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from dashboard.web.forms import asked_for
from dashboard.web.pages import desk_of, remember_actor
from dashboard.web.table import POST, Route
from evidence.law import LawPack
from evidence.secrecy import Mark, Marked, Secrecy, SecrecyClass


class Classifying(StrEnum):
    """What a person has just done."""

    CLASSIFIED = "classified"
    DECLASSIFIED = "declassified"


def classes_of(pack: LawPack) -> tuple[SecrecyClass, ...]:
    """Return the classes that can be chosen, the strictest first."""
    return tuple(sorted(pack.versions[-1].secrecy, key=lambda one: -one.rank))


def own_mark(secrecy: Secrecy | None, scope: Marked, target: str) -> Mark | None:
    """Return the mark that a person set on a clip or case itself, None without one."""
    marks = secrecy.marks if secrecy else ()
    return next((one for one in marks if one.by and (one.scope, one.target) == (scope, target)), None)


def classify_clip(
    request: Request,
    digest: str,
    word: Annotated[str, Form()] = "",
    actor: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Mark a clip in a named person's name; no word takes its mark away.

    Raises:
        UsageError: name or reason are missing, or this person may not lower the mark.
    """
    target = desk_of(request).services.library.clip(digest).digest
    return _classify(request, (Marked.CLIP, target), word, asked_for(actor, reason), f"/clips/{target}")


def classify_case(
    request: Request,
    case_no: Annotated[str, Form()],
    word: Annotated[str, Form()] = "",
    actor: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Mark a case in a named person's name; no word takes its mark away.

    Raises:
        UsageError: name or reason are missing, or this person may not lower the mark.
    """
    target = desk_of(request).services.library.case(case_no).case.case_no
    return _classify(request, (Marked.CASE, target), word, asked_for(actor, reason), f"/cases/{quote(target, safe='')}")


def _classify(request: Request, what: tuple[Marked, str], word: str, who: tuple[str, str], page: str) -> Response:
    desk_of(request).services.classify(*what, word.strip(), *who)
    done = Classifying.CLASSIFIED if word.strip() else Classifying.DECLASSIFIED
    answer = RedirectResponse(f"{page}?done={done.value}#secrecy", HTTPStatus.SEE_OTHER)
    remember_actor(answer, who[0])
    return answer


ROUTES = (
    Route("/clips/{digest}/secrecy", classify_clip, POST),
    Route("/secrecy/cases", classify_case, POST),
)
