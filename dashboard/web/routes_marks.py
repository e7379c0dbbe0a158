"""Marks on footage: what the clip page offers to mark, the forms that set and withdraw one, and a case's checklist."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from dashboard.web.forms import asked_for
from dashboard.web.pages import clean_name, desk_of, is_person, remember_actor
from dashboard.web.table import POST, Route
from evidence.clips import Kind
from evidence.errors import UsageError
from evidence.ids import Digest
from evidence.markers import Checked, MarkTemplate, MarkView, MarkWish, checklist, media_time, offered
from evidence.views import ClipView, Library, MarkFilter, StepView

KEYS = "123456789"


class Marked(StrEnum):
    """What a person has just done to a mark."""

    SET = "mark"
    WITHDRAWN = "unmark"


@dataclass(frozen=True)
class Offer:
    """A template as a button. ``key``: the key that presses it, empty beyond nine."""

    template: MarkTemplate
    key: str


@dataclass(frozen=True)
class Flag:
    """A mark on the scrub bar; ``x`` in percent of the clip's length."""

    view: MarkView
    x: float


@dataclass(frozen=True)
class MarkPanel:
    """What the clip page shows of marks."""

    offers: Sequence[Offer]
    standing: Sequence[MarkView]
    withdrawn: Sequence[MarkView]
    flags: Sequence[Flag]


@dataclass(frozen=True)
class StepMarks:
    """A step's checklist."""

    step: StepView
    lines: Sequence[Checked]


def panel_of(library: Library, clip: ClipView) -> MarkPanel | None:
    """Return what can be marked and is marked on a clip; None of a file that is no recording."""
    if clip.kind is Kind.OTHER:
        return None
    marks = library.marks(MarkFilter(digest=clip.digest, withdrawn=True))
    standing = [one for one in marks if one.mark.withdrawn_at is None]
    length_s = clip.decoded_duration_s or clip.duration_s or 0.0
    flags = [Flag(one, round(100 * min(1.0, one.mark.at_s / length_s), 3)) for one in standing if length_s > 0]
    templates = offered(library.pack().marks, procedures_of(library, clip))
    keys = [*KEYS, *("" for _ in templates)]
    return MarkPanel(
        [Offer(one, key) for one, key in zip(templates, keys, strict=False)],
        standing,
        [one for one in marks if one.mark.withdrawn_at is not None],
        flags,
    )


def procedures_of(library: Library, clip: ClipView) -> list[str]:
    """Return the procedures of the steps a clip hangs on."""
    hung = {(link.case_no, link.step_no) for link in clip.links}
    cases = sorted({case_no for case_no, _ in hung})
    steps = [view.step for case_no in cases for view in library.steps(case_no=case_no)]
    return [step.procedure for step in steps if (step.case_no, step.step_no) in hung]


def checklists(library: Library, case_no: str, steps: Sequence[StepView]) -> list[StepMarks]:
    """Return which marks are set on the footage of each step that has any footage."""
    marks = library.marks(MarkFilter(case_no=library.case(case_no).case.case_no))
    templates: Mapping[str, MarkTemplate] = library.pack().marks
    found: list[StepMarks] = []
    for view in steps:
        mine = {link.digest for link in view.links}
        lines = checklist(templates, view.step.procedure, [one for one in marks if one.mark.digest in mine])
        if mine and lines:
            found.append(StepMarks(view, lines))
    return found


def mark(
    request: Request,
    digest: str,
    at_s: Annotated[str, Form()] = "",
    template: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    actor: Annotated[str, Form()] = "",
) -> Response:
    """Mark a moment of a clip in a named person's name, and come back to that moment.

    Raises:
        UsageError: no name, no moment, or nothing is named.
    """
    name = clean_name(actor)
    if not is_person(name):
        raise UsageError("a mark needs a named person", cure="fill in the name and send the form again")
    services = desk_of(request).services
    view = services.library.clip(digest)
    wish = MarkWish(view.digest, media_time(at_s), template, "" if template else text, note)
    services.mark(wish, name)
    return back_to(view.digest, Marked.SET, name, wish.at_s)


def withdraw(
    request: Request,
    digest: str,
    marker_id: int,
    actor: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Withdraw a mark in a named person's name.

    Raises:
        UsageError: name or reason are missing, or it was withdrawn before.
    """
    name, why = asked_for(actor, reason)
    services = desk_of(request).services
    view = services.library.clip(digest)
    services.withdraw_mark(marker_id, name, why)
    return back_to(view.digest, Marked.WITHDRAWN, name)


def back_to(digest: Digest, done: Marked, actor: str, at_s: float | None = None) -> Response:
    """Return to the clip's marks, and to the moment."""
    moment = f"&at={at_s:g}" if at_s is not None else ""
    answer = RedirectResponse(f"/clips/{digest}?done={done.value}{moment}#marks", HTTPStatus.SEE_OTHER)
    remember_actor(answer, actor)
    return answer


ROUTES = (
    Route("/clips/{digest}/marks", mark, POST),
    Route("/clips/{digest}/marks/{marker_id}", withdraw, POST),
)
