"""Clips: the list, one clip with its player and papers, and the forms that link it by hand."""

from collections.abc import Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from dashboard.secrecy_words import earlier
from dashboard.web.activity import read_entry
from dashboard.web.forms import asked_for
from dashboard.web.pages import desk_of, done_word, remember_actor
from dashboard.web.player import player_of, still_of
from dashboard.web.queries import ClipQuery
from dashboard.web.routes_marks import Marked as MarkAct
from dashboard.web.routes_marks import panel_of
from dashboard.web.routes_secrecy import Classifying, classes_of, own_mark
from dashboard.web.table import POST, READ, Route
from evidence.clips import ClipState, Kind
from evidence.clock import ClaimStance, Stance, stances
from evidence.ids import CaseNo, StepNo
from evidence.secrecy import Marked
from evidence.views import ClipView, FindingFilter, Library, SuggestionFilter

LEDGER_ROWS = 200
Moment = Annotated[float | None, Query(ge=0, allow_inf_nan=False)]
"""Media time in seconds at which the page opens."""


class Hanging(StrEnum):
    """Whether a clip is hung on a step or taken off it."""

    LINK = "link"
    UNLINK = "unlink"


def clips(request: Request, query: Annotated[ClipQuery, Query()]) -> Response:
    """List clips."""
    desk = desk_of(request)
    library, wanted = desk.services.library, query.wanted()
    return desk.page(
        request,
        "clips.html",
        query=query,
        rows=grouped(library.clips(wanted)),
        total=library.count_clips(wanted),
        still_of=still_of,
        stations=[station.station for station in library.stations()],
        officers=library.officers(),
        devices=library.devices(),
        kinds=tuple(Kind),
        states=tuple(ClipState),
    )


def clip(request: Request, digest: str, at: Moment = None) -> Response:
    """Show one clip; opening its page is a view, and goes into the ledger before anything is shown."""
    desk = desk_of(request)
    library, reader, documents = desk.services.library, desk.reader(request), desk.services.documents
    view = library.clip(digest)
    if request.method == "GET":
        desk.services.record_view(view.digest, reader.actor)
    entries = library.ledger(subject=view.digest, limit=LEDGER_ROWS, newest=True)
    return desk.page(
        request,
        "clip.html",
        clip=view,
        parts=parts_of(library, view),
        player=player_of(view),
        claims=weighed(view),
        findings=library.findings(FindingFilter(digest=view.digest)),
        entries=[read_entry(entry, reader.texts) for entry in entries],
        done=done_word(request, Hanging) or done_word(request, MarkAct) or done_word(request, Classifying),
        classes=classes_of(library.pack()),
        own_mark=own_mark(view.secrecy, Marked.CLIP, view.digest),
        earlier=earlier(library, view, desk.services.in_second_copy, reader.texts),
        marking=panel_of(library, view),
        suggested=library.suggestions(SuggestionFilter(digest=view.digest)),
        attached_to=documents.places_of(view.digest) if documents else (),
        opens_at=at,
    )


def weighed(view: ClipView) -> list[ClaimStance]:
    """Return what states a clip's time, for the judged time first, then against it, then what is not believed."""
    rank = {stance: place for place, stance in enumerate(Stance)}
    return sorted(stances(view.claims.times, view.clock, view.received_at), key=lambda one: rank[one.stance])


def hang(
    request: Request,
    digest: str,
    hanging: Annotated[Hanging, Form()],
    case_no: Annotated[str, Form()] = "",
    step_no: Annotated[str, Form()] = "",
    whole_recording: Annotated[bool, Form()] = False,
    actor: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Link a clip to a step, alone or with its whole recording, or take the link off, in a named person's name.

    Raises:
        UsageError: name or reason are missing.
    """
    name, why = asked_for(actor, reason)
    services = desk_of(request).services
    view = services.library.clip(digest)
    link = services.link_recording if whole_recording else services.link
    act = link if hanging is Hanging.LINK else services.unlink
    act(view.digest, CaseNo(case_no.strip()), StepNo(step_no.strip()), name, why)
    answer = RedirectResponse(f"/clips/{view.digest}?done={hanging.value}#links", HTTPStatus.SEE_OTHER)
    remember_actor(answer, name)
    return answer


def parts_of(library: Library, view: ClipView) -> list[ClipView]:
    """Return the parts of the recording a clip is of, in order; nothing where it stands alone."""
    if view.recording is None:
        return []
    found = library.clips_by_digest(view.recording.digests)
    return [found[digest] for digest in view.recording.digests if digest in found]


def grouped(clips: Sequence[ClipView]) -> list[list[ClipView]]:
    """Return the clips of a page with one recording's parts together, in the page's order."""
    groups: dict[str, list[ClipView]] = {}
    for one in clips:
        groups.setdefault(one.recording.recording_id if one.recording else one.digest, []).append(one)
    return list(groups.values())


ROUTES = (
    Route("/clips", clips, READ),
    Route("/clips/{digest}", clip, READ),
    Route("/clips/{digest}/links", hang, POST),
)
