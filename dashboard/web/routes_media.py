"""Addresses of media: originals and derivatives, each under the digest of its own bytes."""

from fastapi import Request
from starlette.responses import Response

from dashboard.web.media import BYTES, download_name, is_part_of_page, send_file, served_type
from dashboard.web.pages import Desk, desk_of
from dashboard.web.table import READ, Route
from evidence.clips import Role
from evidence.errors import NotFoundError
from evidence.ids import Digest
from evidence.secrecy import Effect, permit
from evidence.views import ClipView

HEAR_OR_SEE = frozenset({Role.PROXY, Role.POSTER, Role.SPRITE, Role.WAVEFORM})


def original(request: Request, digest: str, download: bool = False) -> Response:
    """Send an original, byte-exact; reading it outside a clip's page is a view of its own.

    Raises:
        WithheldError: confidentiality forbids to show it.
    """
    desk = desk_of(request)
    clip = desk.services.library.clip(digest)
    permit(clip.secrecy, Effect.VIEWING, clip.digest)
    _record_view(desk, request, clip)
    measured = clip.measurement.media_type if clip.measurement else BYTES
    path = desk.services.originals(clip.digest)
    name = download_name(clip) if download else ""
    return send_file(request, path, clip.digest, served_type(measured, clip.kind), attachment_name=name)


def derivative(request: Request, digest: str, role: Role, made: str) -> Response:
    """Send a derivative of a clip; the address names its digest, so that it never changes.

    Raises:
        NotFoundError: the clip has no such derivative, or has a newer one.
        WithheldError: confidentiality forbids to show it.
    """
    desk = desk_of(request)
    clip = desk.services.library.clip(digest)
    permit(clip.secrecy, Effect.VIEWING, clip.digest)
    found = clip.derivatives.get(role)
    if found is None or found.digest != made:
        raise NotFoundError("the clip has no such derivative", subject=f"{role.value} {made[:12]}")
    if role in HEAR_OR_SEE:
        _record_view(desk, request, clip)
    return send_file(request, desk.services.derivatives(Digest(made)), found.digest, found.media_type)


def _record_view(desk: Desk, request: Request, clip: ClipView) -> None:
    """Put a reading past the clip's page into the ledger, whichever bytes are asked for; HEAD reads none."""
    if request.method == "GET" and not is_part_of_page(request):
        desk.viewings.note(clip.digest, desk.reader(request).actor)


ROUTES = (
    Route("/media/{digest}/original", original, READ),
    Route("/media/{digest}/{role}/{made}", derivative, READ),
)
