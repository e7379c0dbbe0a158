"""The sealed ledger for everybody to read: checkpoint, tiles, bundles, keys; and the one thing taken in, a cosignature.

Source: docs/ledger-format.md; C2SP tlog-tiles.
"""

import gzip
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from dashboard.web.pages import desk_of
from dashboard.web.table import POST, READ, Route
from evidence.errors import (
    ConfigError,
    EvidockError,
    IntegrityError,
    NotFoundError,
    StorageFullError,
    UsageError,
)
from evidence.ports import LogStore
from storage import cosigned
from storage.log_reading import is_tile, keys_of_newest, object_at
from storage.proofs import proof_of
from storage.tile_log import CHECKPOINT

TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
KEPT = "public, max-age=31536000, immutable"
NOT_KEPT = "no-store"
PROOF = re.compile(r"proof/(0|[1-9][0-9]{0,17})")
BUNDLES = "tile/entries/"
GZIP_LEVEL = 6

STATUS: Mapping[type[EvidockError], HTTPStatus] = {
    NotFoundError: HTTPStatus.NOT_FOUND,
    UsageError: HTTPStatus.BAD_REQUEST,
    ConfigError: HTTPStatus.FORBIDDEN,
    IntegrityError: HTTPStatus.CONFLICT,
    StorageFullError: HTTPStatus.INSUFFICIENT_STORAGE,
}
"""What a refused cosignature is answered with."""


def read(request: Request, path: str) -> Response:
    """Send an object of the log; a sentence where there is none."""
    try:
        return _object(request, _log_of(request), path)
    except NotFoundError as error:
        return _sentence(error, HTTPStatus.NOT_FOUND)
    except EvidockError as error:
        return _sentence(error, HTTPStatus.INTERNAL_SERVER_ERROR)


async def bounded_body(request: Request) -> bytes:
    """Return the body of a request, as far as it is no longer than a note can be; one byte more says that it is."""
    body = b""
    async for part in request.stream():
        body += part[: cosigned.LARGEST_NOTE_BYTES + 1 - len(body)]
        if len(body) > cosigned.LARGEST_NOTE_BYTES:
            break
    return body


def take_cosigned(request: Request, body: Annotated[bytes, Depends(bounded_body)]) -> Response:
    """Keep a cosigned checkpoint; say what to do where it cannot be kept."""
    take = desk_of(request).services.take_cosigned
    if len(body) > cosigned.LARGEST_NOTE_BYTES:
        words = f"A cosigned checkpoint is at most {cosigned.LARGEST_NOTE_BYTES} bytes long; this one is longer.\n"
        return PlainTextResponse(words, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        if take is None:
            raise _no_log()
        kept = take(body)
    except EvidockError as error:
        found = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), None)
        return _sentence(error, found or HTTPStatus.INTERNAL_SERVER_ERROR)
    said = {"path": kept.path, "size": kept.size, "witnesses": list(kept.witnesses)}
    return JSONResponse(said, HTTPStatus.CREATED if kept.new else HTTPStatus.OK)


def _object(request: Request, log: LogStore, path: str) -> Response:
    if path == CHECKPOINT:
        return _text(log.read(CHECKPOINT))
    if path == "key":
        return _text("".join(f"{key}\n" for key in keys_of_newest(log)).encode())
    if path == f"{cosigned.FOLDER}/":
        return _text(cosigned.newest(log).to_bytes())
    if asked := PROOF.fullmatch(path):
        return _text(proof_of(log, int(asked[1])))
    body = object_at(log, path)
    headers = {"Cache-Control": KEPT}
    if path.startswith(BUNDLES):
        headers["Vary"] = "Accept-Encoding"
        if accepts_gzip(request.headers.get("accept-encoding", "")):
            body, headers["Content-Encoding"] = gzip.compress(body, GZIP_LEVEL, mtime=0), "gzip"
    is_text = not is_tile(path) and not path.endswith(".tsr")
    return Response(body, media_type=TEXT if is_text else BYTES, headers=headers)


def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header allows gzip. Source: RFC 9110, section 12.5.3."""
    allowed = {}
    for part in header.lower().split(","):
        coding, _, parameter = part.strip().partition(";")
        allowed[coding.strip()] = parameter.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return allowed.get("gzip", allowed.get("x-gzip", allowed.get("*", False)))


def _text(body: bytes) -> Response:
    return Response(body, media_type=TEXT, headers={"Cache-Control": NOT_KEPT})


def _sentence(error: EvidockError, status: HTTPStatus) -> Response:
    return PlainTextResponse(f"{error}\n", status, headers={"Cache-Control": NOT_KEPT})


def _log_of(request: Request) -> LogStore:
    log = desk_of(request).services.log
    if log is None:
        raise _no_log()
    return log


def _no_log() -> NotFoundError:
    return NotFoundError("there is no sealed ledger here", subject="log", cure="ask the home that has one")


ROUTES = (
    Route("/log/cosigned", take_cosigned, POST),
    Route("/log/{path:path}", read, READ),
)
