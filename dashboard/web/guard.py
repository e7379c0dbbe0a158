"""The door: which names the pages answer to, which posts they take, and what browsers may do with an answer.

There is no sign-in yet, so the pages stay on loopback: a Host that is none of its names is refused (DNS rebinding), and
a post must come from our own pages (cross-site request forgery). Three addresses also take posts that name no origin,
as programs send them: what a witness posts proves itself by its signatures, an import or an act on a request for
copies by the token that comes with it.

Source: Fetch Standard (Origin header); CSP Level 3; OWASP cheat sheets on CSRF and DNS rebinding.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("localhost", "127.0.0.1", "::1")
OPEN_POSTS = ("/log/cosigned", "/api/import/", "/api/copies")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class Guard:
    """ASGI middleware that refuses foreign hosts and foreign posts, and adds the security headers to every answer."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        """Answer to the loopback names and to ``hosts``."""
        self._app = app
        self._hosts = frozenset((*LOOPBACK, *hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or hand on with headers added to what comes back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        app = PlainTextResponse(refusal[1], refusal[0]) if refusal else self._app
        await app(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if host_name(host) not in self._hosts:
            return 421, "This address does not belong to Evidock. Open it under the name it was started with."
        is_program = origin is None and scope["path"].startswith(OPEN_POSTS)
        if scope["method"] not in SAFE_METHODS and not (is_program or is_own_origin(origin, scope["scheme"], host)):
            return 403, "Evidock takes posts from its own pages only. Open the page and send the form again."
        return None


def host_name(host: str) -> str:
    """Return the name in a Host header without port and brackets, lower case; empty when it is not one."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def is_own_origin(origin: str | None, scheme: str, host: str) -> bool:
    """Whether an Origin header is there and names the very address that was asked."""
    return origin is not None and origin.lower() == f"{scheme}://{host}".lower()


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return wrapped
