"""A request for copies as JSON, under the documented, stable names of docs/interfaces.md ("Copies")."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from evidence.copies import CopiedFile, CopyRequest, Said
from evidence.zones import to_utc_iso


def copy_json(request: CopyRequest, now: datetime) -> dict[str, object]:
    """Return the documented JSON of a request."""
    return {
        "request_id": request.request_id,
        "case_no": request.case_no,
        "state": request.state.value,
        "applicant": request.applicant,
        "ground": request.ground,
        "purpose": request.purpose,
        "identified": request.identified,
        "checked_by": request.checked_by,
        "clips": list(request.clips),
        "steps": list(request.steps),
        "granted": list(request.granted),
        "free": list(request.free),
        "requested": said_json(request.requested),
        "answered": said_json(request.answered),
        "prepared": said_json(request.prepared),
        "manifest_sha256": request.manifest or None,
        "folder": request.folder or None,
        "files": [copied_json(one) for one in request.files],
        "handed_over": said_json(request.handed_over),
        "receipt": request.receipt or None,
        "receiver": request.receiver or None,
        "shown": request.shown or None,
        "age_days": round(request.age(now) / timedelta(days=1), 2),
    }


def copied_json(one: CopiedFile) -> dict[str, object]:
    """Return the documented JSON of a file that was copied."""
    return {"path": one.path, "sha256": one.digest, "original": one.original, "size_bytes": one.size_bytes}


def said_json(said: Said | None) -> Mapping[str, str] | None:
    """Return who, why and when; None for what has not happened."""
    return {"by": said.by, "reason": said.reason, "at": to_utc_iso(said.at)} if said else None
