"""Media over HTTP: byte ranges, entity tags that are the SHA-256, and nothing a browser would run.

Source: RFC 9110 §13 (conditional requests), §14 (ranges); RFC 8246 (immutable).
"""

from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from fastapi import Request
from starlette.responses import FileResponse, Response

from evidence.clips import Kind
from evidence.ids import Digest
from evidence.views import ClipView

PLAYS_AS = {"video/quicktime": "video/mp4", "audio/x-m4a": "audio/mp4"}
SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/bmp"})
CACHE = "private, max-age=31536000, immutable"
BYTES = "application/octet-stream"
CHARSET = {"text/vtt": "text/vtt; charset=utf-8"}


def served_type(measured: str, kind: Kind) -> str:
    """Return the Content-Type an original is served under: its measured type where a browser only shows or plays it.

    A .mov is served as MP4, since browsers refuse ``video/quicktime`` yet play its H.264 (measured).
    """
    if kind in {Kind.VIDEO, Kind.AUDIO} and measured.startswith(("video/", "audio/")):
        return PLAYS_AS.get(measured, measured)
    return measured if kind is Kind.PHOTO and measured in SHOWN else BYTES


def send_file(request: Request, path: Path, digest: Digest, media_type: str, *, attachment_name: str = "") -> Response:
    """Answer with the file's bytes, the asked range of them, or 304 when the reader has them already."""
    headers = {"ETag": f'"{digest}"', "Cache-Control": CACHE, "Accept-Ranges": "bytes"}
    if attachment_name or media_type == BYTES:
        named = f"; filename*=utf-8''{quote(attachment_name.encode('utf-8', 'replace'))}" if attachment_name else ""
        headers["Content-Disposition"] = f"attachment{named}"
    if has_already(request.headers.get("if-none-match", ""), digest):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return FileResponse(path, media_type=CHARSET.get(media_type, media_type), headers=headers)


def has_already(if_none_match: str, digest: Digest) -> bool:
    """Whether an If-None-Match header names this digest (weak comparison, RFC 9110 §13.1.2)."""
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in {"*", f'"{digest}"'} for tag in tags)


def download_name(clip: ClipView) -> str:
    """Return the name an original is saved under: the one it came with."""
    return clip.source_path.rsplit("/", 1)[-1] or clip.digest


def is_part_of_page(request: Request) -> bool:
    """Whether a browser asks on behalf of one of our pages, whose opening is in the ledger already."""
    embedded = request.headers.get("sec-fetch-dest", "") in {"video", "audio", "image", "empty"}
    return embedded and request.headers.get("sec-fetch-site", "") == "same-origin"
