"""A small HTTP client for what others serve: bounded in size and time, no redirects, one error type out."""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from typing import IO

from evidence.errors import StorageError, UsageError

QUIET_S = 20.0
"""An answer may pause so long."""

WHOLE_S = 120.0
"""An answer may take so long altogether."""

CHUNK_BYTES = 64 * 1024
SHOWN_BYTES = 2048


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """An answer from elsewhere is not an answer: a redirect comes back as the status it is."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """Follow none."""
        del req, fp, code, msg, headers, newurl


@dataclass(frozen=True)
class Answer:
    """What came back. ``body``: at most as many bytes as were asked for."""

    status: int
    body: bytes

    @property
    def words(self) -> str:
        """The beginning of the body as one line of text, for people."""
        text = self.body[:SHOWN_BYTES].decode("utf-8", "replace")
        return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


@dataclass(frozen=True)
class HttpClient:
    """Asks one server. ``base``: its address, http or https."""

    base: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what is no address.

        Raises:
            UsageError: it is not one of http or https.
        """
        if not self.base.startswith(("http://", "https://")):
            raise UsageError(
                "this is no address", subject=self.base, cure="give one that begins with http:// or https://"
            )

    def get(self, path: str, limit_bytes: int) -> Answer:
        """Return the answer to a GET, whatever its status.

        Raises:
            StorageError: no whole answer came within the time, or it is longer than ``limit_bytes``.
        """
        return self._ask(path, None, {}, limit_bytes)

    def post(self, path: str, body: bytes, media_type: str, limit_bytes: int) -> Answer:
        """Return the answer to a POST. Raises as `get` does."""
        return self._ask(path, body, {"Content-Type": media_type}, limit_bytes)

    def _ask(self, path: str, body: bytes | None, headers: Mapping[str, str], limit_bytes: int) -> Answer:
        address = self.base + path
        try:
            request = urllib.request.Request(address, body, {**self.headers, **headers})  # noqa: S310 - http(s) only, above
            return self._answer(request, limit_bytes)
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = getattr(error, "reason", None) or error
            cure = "see that the address is right and the server runs, then try again"
            raise StorageError(
                f"gives no answer ({why or type(error).__name__})", subject=address, cure=cure
            ) from error

    def _answer(self, request: urllib.request.Request, limit_bytes: int) -> Answer:
        opener = urllib.request.build_opener(_NoRedirects)
        ends = time.monotonic() + WHOLE_S
        try:
            with opener.open(request, timeout=QUIET_S) as answer:
                return Answer(answer.status, _read(answer, limit_bytes, ends))
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, _read(refusal, limit_bytes, ends))


def phrase(status: int) -> str:
    """Return a status with its words."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _read(answer: IO[bytes], limit_bytes: int, ends: float) -> bytes:
    """Read all of an answer.

    Raises:
        OSError: it is too long, or takes too long.
    """
    parts, left = [], limit_bytes + 1
    while left and (part := answer.read(min(left, CHUNK_BYTES))):
        parts.append(part)
        left -= len(part)
        if time.monotonic() > ends:
            raise TimeoutError(f"not done after {WHOLE_S:.0f} s")
    if not left:
        raise OSError(f"more than {limit_bytes} bytes")
    return b"".join(parts)
