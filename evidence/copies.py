"""Copies for a party: asked for, decided by the head, prepared, handed over. Source: article 31 (复制), article 32."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from evidence.disposal import same_person
from evidence.errors import UsageError
from evidence.ids import CaseNo, Digest
from evidence.secrecy import Effect, Secrecy, stops, withheld
from evidence.zones import to_utc_iso

SecrecyOf = Callable[[Digest], Secrecy | None]


class CopyState(StrEnum):
    """How far a request is."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    PREPARED = "prepared"
    HANDED_OVER = "handed_over"

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is to be done."""
        return self in {CopyState.REFUSED, CopyState.HANDED_OVER}


@dataclass(frozen=True)
class Said:
    """Who did what a request tells of, why, and when."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class CopyRequest:
    """A party's request for copies with its life; ``None`` stands for what has not happened.

    Attributes:
        request_id: eight hex digits. applicant: as the record names them. checked_by: who checked their identity.
        clips: what is asked for; empty: everything that hangs on the case.
        granted: what may be copied. free: of it, clips that the head says hold nothing protected.
        manifest: SHA-256 of the list of digests that went with the copies. receipt, receiver: of the handing over.
    """

    request_id: str
    case_no: CaseNo
    applicant: str
    purpose: str
    checked_by: str
    clips: tuple[Digest, ...]
    requested: Said
    state: CopyState = CopyState.REQUESTED
    answered: Said | None = None
    granted: tuple[Digest, ...] = ()
    free: tuple[Digest, ...] = ()
    prepared: Said | None = None
    manifest: str = ""
    handed_over: Said | None = None
    receipt: str = ""
    receiver: str = ""

    def age(self, now: datetime) -> timedelta:
        """Return how long it has waited, or took until it was closed."""
        end = self.handed_over or (self.answered if self.state is CopyState.REFUSED else None)
        return (end.at if end else now) - self.requested.at


def requested(request: CopyRequest) -> CopyRequest:
    """Return a request that says everything it has to.

    Raises:
        UsageError: applicant, purpose, or who checked the identity is missing.
    """
    for name in ("applicant", "purpose", "checked_by"):
        if not getattr(request, name).strip():
            raise UsageError(f"a request needs its {name.replace('_', ' ')}", cure=f"give --{name.replace('_', '-')}")
    return request


def approved(
    request: CopyRequest, wanted: tuple[Digest, ...], secrecy_of: SecrecyOf, said: Said, free: tuple[Digest, ...] = ()
) -> CopyRequest:
    """Grant a request.

    Args:
        request: as it stands.
        secrecy_of: the class that holds for a clip.
        said: who grants it, why, when.
        wanted: the clips that are asked for, as they hang on the case now.
        free: those of them that the head says hold nothing of what a class protects.

    Raises:
        UsageError: it was decided, or by the person who took it in; nothing is left to copy.
        WithheldError: a class forbids copies, and its clips were not named as free, or it knows no such thing.
    """
    _decidable(request, said.by)
    if unknown := set(free) - set(wanted):
        raise UsageError("is not asked for", subject=min(unknown), cure="name as free only clips of the request")
    protected = [one for one in wanted if is_protected(secrecy_of(one), is_free=one in free)]
    for one in protected:
        held = secrecy_of(one)
        if held is not None and (not held.held.separable or not free):
            raise withheld(held.held, Effect.COPIES, one)
    granted = tuple(one for one in wanted if one not in protected)
    if not granted:
        raise UsageError("no clip is left to copy", subject=request.request_id, cure="link the footage, or refuse it")
    return replace(request, state=CopyState.APPROVED, answered=said, granted=granted, free=tuple(free))


def is_protected(secrecy: Secrecy | None, *, is_free: bool) -> bool:
    """Whether a clip may not be copied; naming it as free helps only where its class knows that."""
    return stops(secrecy, Effect.COPIES) and not (is_free and secrecy is not None and secrecy.held.separable)


def refused(request: CopyRequest, said: Said) -> CopyRequest:
    """Refuse a request.

    Raises:
        UsageError: it was decided, or by the person who took it in.
    """
    _decidable(request, said.by)
    return replace(request, state=CopyState.REFUSED, answered=said)


def preparable(request: CopyRequest, secrecy_of: SecrecyOf) -> tuple[Digest, ...]:
    """Return the clips to copy, looked at again: a mark may have come since it was granted.

    Raises:
        UsageError: it is not approved. WithheldError: a clip was marked since.
    """
    _in_state(request, CopyState.APPROVED, "let the head approve it first")
    for one in request.granted:
        held = secrecy_of(one)
        if held is not None and is_protected(held, is_free=one in request.free):
            raise withheld(held.held, Effect.COPIES, one)
    return request.granted


def prepared(request: CopyRequest, manifest: str, said: Said) -> CopyRequest:
    """Note that the copies lie ready. Raises UsageError when it is not approved."""
    _in_state(request, CopyState.APPROVED, "let the head approve it first")
    return replace(request, state=CopyState.PREPARED, prepared=said, manifest=manifest)


def handed_over(request: CopyRequest, receipt: str, receiver: str, said: Said) -> CopyRequest:
    """Close a request with the receiver's receipt.

    Raises:
        UsageError: nothing is prepared, or receipt or receiver are missing.
    """
    _in_state(request, CopyState.PREPARED, "prepare the copies first: evidock copies prepare")
    if not receipt.strip() or not receiver.strip():
        cure = "give --receipt its number, and --receiver who signed it"
        raise UsageError("handing over needs a receipt", subject=request.request_id, cure=cure)
    return replace(request, state=CopyState.HANDED_OVER, handed_over=said, receipt=receipt, receiver=receiver)


def _decidable(request: CopyRequest, name: str) -> None:
    _in_state(request, CopyState.REQUESTED, "it was decided; take a new request in")
    if same_person(name, request.requested.by):
        cure = "let the head, another named person, decide"
        raise UsageError(f"{name} took it in and cannot decide on it", subject=request.request_id, cure=cure)


def _in_state(request: CopyRequest, wanted: CopyState, cure: str) -> None:
    if request.state is not wanted:
        raise UsageError(
            f"the request is {request.state.value.replace('_', ' ')}", subject=request.request_id, cure=cure
        )


def copy_json(request: CopyRequest, now: datetime) -> dict[str, object]:
    """Return the documented JSON of a request."""
    return {
        "request_id": request.request_id,
        "case_no": request.case_no,
        "state": request.state.value,
        "applicant": request.applicant,
        "purpose": request.purpose,
        "checked_by": request.checked_by,
        "clips": list(request.clips),
        "granted": list(request.granted),
        "free": list(request.free),
        "requested": said_json(request.requested),
        "answered": said_json(request.answered),
        "prepared": said_json(request.prepared),
        "manifest_sha256": request.manifest or None,
        "handed_over": said_json(request.handed_over),
        "receipt": request.receipt or None,
        "receiver": request.receiver or None,
        "age_days": round(request.age(now) / timedelta(days=1), 2),
    }


def said_json(said: Said | None) -> Mapping[str, str] | None:
    """Return who, why and when; None for what has not happened."""
    return {"by": said.by, "reason": said.reason, "at": to_utc_iso(said.at)} if said else None
