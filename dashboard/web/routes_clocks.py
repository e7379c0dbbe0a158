"""Clocks: one camera's history, the shifts that wait for a person, and the form by which a named person decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from itertools import chain
from typing import Annotated

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from dashboard.camera_history import camera_history
from dashboard.shift_desk import ShiftDesk
from dashboard.web.clock_table import history_rows
from dashboard.web.drift import draw_drift
from dashboard.web.forms import asked_for
from dashboard.web.pages import desk_of, done_word, remember_actor
from dashboard.web.queries import NUMBER_MAX
from dashboard.web.table import POST, READ, Route
from evidence.clock import Proposal
from evidence.clock_drift import latest_drift
from evidence.ids import Digest
from evidence.shift_names import shift_id
from evidence.views import ClipView

FILES_SHOWN = 400
SHIFTS_SHOWN = 60
FILES_NAMED = 12
STEPS_NAMED = 30
DECISIONS_SHOWN = 100

Count = Annotated[int, Query(ge=0, le=NUMBER_MAX)]


class Decided(StrEnum):
    """What a person says to a suspected shift, and has just done."""

    CONFIRM = "confirm"
    REFUSE = "refuse"


class Shown(StrEnum):
    """How much of a camera's history is shown."""

    NEWEST = "newest"
    ALL = "all"


@dataclass(frozen=True)
class Example:
    """One clip of a proposal: its start as its camera showed it, and with the shift taken off."""

    clip: ClipView
    before: datetime
    after: datetime


@dataclass(frozen=True)
class Waiting:
    """A proposal as the page shows it."""

    name: str
    proposal: Proposal
    clips: Sequence[tuple[Digest, ClipView | None]]
    example: Example | None


def clocks(request: Request, moved: Count = 0, files: Count = 0) -> Response:
    """Show the shifts that wait, the decisions taken, and the cameras; ``moved`` of ``files`` clips have just moved."""
    desk = desk_of(request)
    library = desk.services.library
    found = desk.waiting.now()
    listed = found[:SHIFTS_SHOWN]
    named = list(dict.fromkeys(chain.from_iterable(one.files[:FILES_NAMED] for one in listed)))
    clips = library.clips_by_digest(named)
    return desk.page(
        request,
        "clocks.html",
        waiting=[shown(one, clips) for one in listed],
        beyond=len(found) - len(listed),
        decisions=library.shift_decisions()[:DECISIONS_SHOWN],
        devices=library.devices(),
        steps_named=STEPS_NAMED,
        done=done_word(request, Decided),
        moved=moved,
        files=files,
    )


def shown(proposal: Proposal, clips: Mapping[Digest, ClipView]) -> Waiting:
    """Return a proposal with the first of its clips."""
    named = [(digest, clips.get(digest)) for digest in proposal.files[:FILES_NAMED]]
    example = next((clip for _, clip in named if clip is not None and clip.digest == proposal.files[0]), None)
    after = proposal.since - timedelta(seconds=proposal.shift_s)
    shown_example = Example(example, proposal.since, after) if example is not None else None
    return Waiting(shift_id(proposal), proposal, named, shown_example)


def decide(
    request: Request,
    name: str,
    verdict: Annotated[Decided, Form()],
    actor: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Confirm or refuse a suspected shift in a named person's name.

    Raises:
        UsageError: name or reason are missing, or a record's times are off. NotFoundError: it waits no more.
    """
    who, why = asked_for(actor, reason)
    desk = desk_of(request)
    outcome = ShiftDesk(desk.services.library, desk.services.decide_shift).decide(
        name, who, why, confirm=verdict is Decided.CONFIRM
    )
    desk.waiting.now()
    said = f"done={verdict.value}&moved={outcome.moved}&files={len(outcome.proposal.files)}"
    answer = RedirectResponse(f"/clocks?{said}", HTTPStatus.SEE_OTHER)
    remember_actor(answer, who)
    return answer


def camera(request: Request, device: str, show: Shown = Shown.NEWEST) -> Response:
    """Show how a camera's clock went: the plot, and the same as a table."""
    desk = desk_of(request)
    clock = camera_history(desk.services.library, device)
    files = clock.files if show is Shown.ALL else clock.files[-FILES_SHOWN:]
    read = sorted(clock.readings, key=lambda one: one.at)
    return desk.page(
        request,
        "camera_clock.html",
        camera=clock,
        files=files,
        plot=draw_drift(clock, files),
        rows=history_rows(clock, files),
        last=read[-1] if read else None,
        drift=latest_drift(clock.readings),
    )


ROUTES = (
    Route("/clocks", clocks, READ),
    Route("/clocks/{name}", decide, POST),
    Route("/devices/{device:path}/clock", camera, READ),
)
