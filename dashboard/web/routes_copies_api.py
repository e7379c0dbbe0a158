"""Copies for parties as programs ask for them and take them on, let in by a token; the acts are those of the pages."""

import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Annotated, cast

from fastapi import Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from dashboard.copies import Asked, CopyItem
from dashboard.copy_folder import CopyPlan
from dashboard.copy_works import Preparing
from dashboard.web.bearer import bearer_of, require_scope
from dashboard.web.copy_forms import CopyQuery
from dashboard.web.pages import Json, Reader, desk_of
from dashboard.web.routes_copies import PREPARABLE, services_of
from dashboard.web.routes_import_api import bounded_body
from dashboard.web.table import GET, POST, Route
from evidence.copies import CopyState, Handing
from evidence.copy_views import copy_json
from evidence.custody import Actor, Authenticated
from evidence.errors import EvidockError, UsageError
from evidence.notes import note
from evidence.secrecy import secrecy_json
from evidence.tokens import Token, TokenScope
from evidence.zones import to_utc_iso

MOST_BYTES = 1 << 20
WORDS = ("case_no", "applicant", "ground", "purpose", "identified", "checked_by")
Said = Mapping[str, object]


def copies(request: Request, query: Annotated[CopyQuery, Query()]) -> Response:
    """List requests for copies: open ones unless ``state`` asks otherwise."""
    services, now = services_of(request), desk_of(request).services.clock()
    counts = services.counts()
    rows = [copy_json(one, now) for one in services.some(query.wanted(query.limit))]
    return Json({"copies": rows, "counts": {state.value: counts.get(state, 0) for state in CopyState}})


def copy(request: Request, request_id: str) -> Response:
    """Return one request, what it is about, the room it takes, and how far its preparation is."""
    return _whole(request, request_id)


def acting(scope: TokenScope) -> Callable[[Request], Awaitable[tuple[Actor, Said]]]:
    """Return what lets in who holds a token for this, before anything of their request is read."""

    async def acts(request: Request) -> tuple[Actor, Said]:
        token = await run_in_threadpool(_token, request, scope)
        return Actor(token.name, Authenticated.TOKEN), said_in(await bounded_body(request, MOST_BYTES))

    return acts


Handles = Annotated[tuple[Actor, Said], Depends(acting(TokenScope.HANDLE_COPIES))]
Decides = Annotated[tuple[Actor, Said], Depends(acting(TokenScope.DECIDE_COPIES))]


def take_in(request: Request, received: Handles) -> Response:
    """Take a request in."""
    (actor, said), named = received, {name: _word(received[1], name) for name in WORDS}
    only(said, *WORDS, "clips", "steps", "reason")
    asked = Asked(**named, clips=_words(said, "clips"), steps=_words(said, "steps"))
    name = services_of(request).request(asked, actor, _word(said, "reason"))
    answer = _whole(request, name, HTTPStatus.CREATED)
    answer.headers["Location"] = f"/api/copies/{name}"
    return answer


def approve(request: Request, request_id: str, received: Decides) -> Response:
    """Grant a request."""
    actor, said = received
    only(said, "reason", "free", "leave_out")
    free, leave_out = _words(said, "free"), _truth(said, "leave_out")
    services_of(request).approve(request_id, actor, _word(said, "reason"), free, leave_out=leave_out)
    return _whole(request, request_id)


def refuse(request: Request, request_id: str, received: Decides) -> Response:
    """Refuse a request."""
    actor, said = received
    only(said, "reason")
    services_of(request).refuse(request_id, actor, _word(said, "reason"))
    return _whole(request, request_id)


def prepare(request: Request, request_id: str, received: Handles) -> Response:
    """Begin to make the folder; ``preparing`` says how far it is, and ``state`` when it is done."""
    actor, said = received
    only(said, "reason", "originals")
    originals = _truth(said, "originals")
    services_of(request).start_preparing(request_id, actor, _word(said, "reason"), originals=originals)
    return _whole(request, request_id, HTTPStatus.ACCEPTED)


def hand_over(request: Request, request_id: str, received: Handles) -> Response:
    """Close a request with its receipt."""
    actor, said = received
    only(said, "reason", "receipt", "receiver", "shown")
    handing = Handing(_word(said, "receipt"), _word(said, "receiver"), _word(said, "shown"))
    services_of(request).hand_over(request_id, handing, actor, _word(said, "reason"))
    return _whole(request, request_id)


# --- what is sent -----------------------------------------------------------------------------------------------------


def said_in(body: bytes | None) -> Said:
    """Return the JSON object of a body.

    Raises:
        UsageError: it is none, or longer than it may be.
    """
    try:
        found = json.loads(body) if body is not None else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        cure, told = "send an object as in docs/interfaces.md, UTF-8, at most 1 MiB", note("api.no_object")
        raise UsageError("the body is no JSON object", cure=cure, reason=told)
    return cast("Said", found)


def only(said: Said, *names: str) -> None:
    """Raises UsageError when a name is sent that nobody reads: it was meant to say something."""
    if unknown := set(said) - set(names):
        first = min(unknown)
        told = note("api.unknown_name", name=first, names=", ".join(names))
        raise UsageError("is not a name of this act", subject=first, cure=f"send {', '.join(names)}", reason=told)


def _word(said: Said, name: str) -> str:
    found = said.get(name, "")
    return found.strip() if isinstance(found, str) else _wrong(name, "text")


def _words(said: Said, name: str) -> tuple[str, ...]:
    found = said.get(name, [])
    fits = isinstance(found, list) and all(isinstance(one, str) for one in found)
    return tuple(cast("list[str]", found)) if fits else (_wrong(name, "list"),)


def _truth(said: Said, name: str) -> bool:
    found = said.get(name, False)
    return found if isinstance(found, bool) else bool(_wrong(name, "truth"))


def _wrong(name: str, kind: str) -> str:
    kinds = {"text": "a text", "list": "a list of texts", "truth": "true or false"}
    told = note(f"api.not_{kind}", name=name)
    raise UsageError(f"must be {kinds[kind]}", subject=name, cure="see docs/interfaces.md", reason=told)


def _token(request: Request, scope: TokenScope) -> Token:
    token = bearer_of(request, services_of(request).holder)
    require_scope(token, scope)
    return token


# --- what is answered -------------------------------------------------------------------------------------------------


def _whole(request: Request, request_id: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    desk, services = desk_of(request), services_of(request)
    found, reader = services.one(request_id), desk.reader(request)
    items, preparing = services.items(found), services.preparing(request_id)
    more = {
        "items": [item_json(item) for item in items],
        "room": _room(request, request_id),
        "preparing": preparing_json(preparing, reader) if preparing else None,
    }
    return Json({**copy_json(found, desk.services.clock()), **more}, status)


def _room(request: Request, request_id: str) -> dict[str, object] | None:
    services = services_of(request)
    found = services.one(request_id)
    if found.state not in PREPARABLE:
        return None
    try:
        return room_json(services.plan(found, originals=False), services.plan(found, originals=True))
    except EvidockError:
        return None  # a mark came since it was granted: preparing says so


def item_json(item: CopyItem) -> dict[str, object]:
    """Return the documented JSON of an original that a request is about."""
    return {
        "sha256": item.clip.digest,
        "kind": item.clip.kind.value,
        "size_bytes": item.clip.size_bytes,
        "source_path": item.clip.source_path,
        "recorded_start": to_utc_iso(item.clip.clock.start) if item.clip.clock.start else None,
        "step_nos": sorted(item.belongs.steps),
        "is_record": item.belongs.is_record,
        "granted": item.granted,
        "protected": item.is_protected,
        "secrecy": secrecy_json(item.clip.secrecy),
    }


def room_json(playable: CopyPlan, originals: CopyPlan) -> dict[str, object]:
    """Return the documented JSON of the room that preparing takes."""
    return {
        "folder": str(playable.folder),
        "needed_bytes": playable.needed_bytes,
        "originals_bytes": originals.needed_bytes,
        "free_bytes": playable.free_bytes,
    }


def preparing_json(preparing: Preparing, reader: Reader) -> dict[str, object]:
    """Return the documented JSON of a preparation."""
    return {
        "under_way": preparing.under_way,
        "share": round(preparing.share, 4),
        "copied_bytes": preparing.copied_bytes,
        "total_bytes": preparing.total_bytes,
        "since": to_utc_iso(preparing.since),
        "failure": reader.refusal(preparing.failure) if preparing.failure else None,
    }


ROUTES = (
    Route("/api/copies", copies, GET, described=True),
    Route("/api/copies", take_in, POST, described=True),
    Route("/api/copies/{request_id}", copy, GET, described=True),
    Route("/api/copies/{request_id}/approve", approve, POST, described=True),
    Route("/api/copies/{request_id}/refuse", refuse, POST, described=True),
    Route("/api/copies/{request_id}/prepare", prepare, POST, described=True),
    Route("/api/copies/{request_id}/hand-over", hand_over, POST, described=True),
)
