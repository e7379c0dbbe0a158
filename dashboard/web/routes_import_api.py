"""Record files that programs send: let in by a token, judged and answered as the command line does."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from dashboard.import_words import imported_json, refused_json
from dashboard.records import ZONE, Handed
from dashboard.texts import visible
from dashboard.web.bearer import bearer_of
from dashboard.web.import_services import ImportServices
from dashboard.web.pages import Json, desk_of
from dashboard.web.table import GET, POST, Route
from evidence.changes import imported_form_json
from evidence.errors import NotFoundError, ScopeRefusedError
from evidence.tokens import Token
from ingest.records import MAX_BYTES, NOUNS, Noun, RecordFile, RowsRefusedError, too_large

NAME_CHARACTERS = 120


async def sent(request: Request, noun: str) -> tuple[Token, bytes | None]:
    """Return who sends, and the body; nobody is read who is not let in. None: it is longer than a file may be.

    Raises:
        TokenRefusedError, ScopeRefusedError: they are not let in. NotFoundError: there is no such noun.
    """
    holder = await run_in_threadpool(holder_of, request, noun)
    return holder, await bounded_body(request)


async def bounded_body(request: Request, most_bytes: int = MAX_BYTES) -> bytes | None:
    """Return the body of a request; None as soon as it shows to be longer than it may be, as a record file else."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most_bytes:
        return None
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most_bytes:
            return None
        parts.append(part)
    return b"".join(parts)


def holder_of(request: Request, noun: str) -> Token:
    """Return the token that came with a request and lets its holder hand in records of this noun.

    Raises:
        TokenRefusedError, ScopeRefusedError: none did. NotFoundError: there is no such noun.
    """
    token = bearer_of(request, services_of(request).holder)
    if noun not in NOUNS:
        raise NotFoundError("is not a kind of record", subject=visible(noun), cure=f"name one of {', '.join(NOUNS)}")
    if not token.may_import(noun):
        cure = f"ask for one with `evidock token create NAME --for {noun}`"
        raise ScopeRefusedError(f"its token does not let it hand in {noun}", subject=token.name, cure=cure)
    return token


def import_records(
    request: Request,
    noun: str,
    received: Annotated[tuple[Token, bytes | None], Depends(sent)],
    dry_run: bool = False,
    zone: str = ZONE,
    name: str = "",
) -> Response:
    """Take in a file of records, or (``dry_run``) say what it would change; refused as a whole by a verdict per row."""
    holder, body = received
    services, words = services_of(request), desk_of(request).words(request)
    if body is None:
        return Json(refused_json(words, too_large(noun).verdicts), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    handed = Handed(Noun(noun), RecordFile(visible(name)[:NAME_CHARACTERS] or noun, body), zone_in_query(zone))
    try:
        done = services.judge(handed) if dry_run else services.take_sent(handed, holder)
    except RowsRefusedError as refused:
        return Json(refused_json(words, refused.verdicts), HTTPStatus.UNPROCESSABLE_ENTITY)
    return Json(imported_json(words, done))


def history(request: Request, case_no: str, step_no: str) -> Response:
    """List what a step said before, and which import made it say so."""
    found = services_of(request).step_history(case_no, step_no)
    return Json({"history": [imported_form_json(one) for one in found]})


def zone_in_query(zone: str) -> str:
    """Return a zone as it was meant: a plus sign that was not written ``%2B`` comes out of an address as a blank."""
    return f"+{zone[1:]}" if zone.startswith(" ") else zone


def services_of(request: Request) -> ImportServices:
    """Return the services by which files are taken in.

    Raises:
        NotFoundError: this server has none.
    """
    services = desk_of(request).services.imports
    if services is None:
        raise NotFoundError("imports are not served here", cure="start the pages with `evidock up`")
    return services


ROUTES = (
    Route("/api/import/{noun}", import_records, POST, described=True),
    Route("/api/history", history, GET, described=True),
)
