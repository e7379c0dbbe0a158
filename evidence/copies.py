"""Copies for a party: asked for, decided by the head, prepared, handed over. Source: article 31 (复制), article 32."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from evidence.disposal import same_person
from evidence.errors import UsageError
from evidence.ids import CaseNo, Digest, StepNo
from evidence.notes import note
from evidence.secrecy import Effect, Secrecy, stops, withheld

SecrecyOf = Callable[[Digest], Secrecy | None]
SAID_AT_REQUEST = ("case_no", "applicant", "ground", "purpose", "identified", "checked_by")
SAID_AT_HANDING_OVER = ("receipt", "receiver", "shown")


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


OPEN = frozenset(state for state in CopyState if not state.is_closed)


@dataclass(frozen=True)
class Said:
    """Who did what a request tells of, why, and when."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class OnCase:
    """An original that belongs to a case: footage that hangs on steps of it, or a file attached to a text record."""

    digest: Digest
    steps: frozenset[StepNo] = frozenset()
    is_record: bool = False


@dataclass(frozen=True)
class CopiedFile:
    """A file in the folder of copies. ``digest``: SHA-256 of its bytes; ``original``: of what it is a copy of."""

    path: str
    digest: Digest
    original: Digest
    size_bytes: int


@dataclass(frozen=True)
class CopyFolder:
    """The folder that was prepared: where, the SHA-256 of its list of digests, and what is listed."""

    path: str
    manifest: str
    files: tuple[CopiedFile, ...] = ()


@dataclass(frozen=True)
class Handing:
    """A handing over: number of the receipt, who signed it, and the document by which they were known."""

    receipt: str
    receiver: str
    shown: str


@dataclass(frozen=True)
class CopyRequest:
    """A party's request for copies with its life; ``None`` stands for what has not happened.

    Attributes:
        request_id: eight hex digits. applicant: as the record names them. checked_by: who checked their identity.
        ground: as what they ask (the party, its agent, …). identified: the document by which they were known.
        clips, steps: what is asked for, by digest or by where it hangs; both empty: everything that is in the case.
        granted: what may be copied. free: of it, clips that the head says hold nothing protected.
        manifest, folder, files: of what was prepared; see `CopyFolder`.
        receipt, receiver, shown: of the handing over; see `Handing`.
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
    ground: str = ""
    identified: str = ""
    steps: tuple[StepNo, ...] = ()
    folder: str = ""
    files: tuple[CopiedFile, ...] = ()
    shown: str = ""

    def age(self, now: datetime) -> timedelta:
        """Return how long it has waited, or took until it was closed."""
        end = self.handed_over or (self.answered if self.state is CopyState.REFUSED else None)
        return (end.at if end else now) - self.requested.at


def requested(request: CopyRequest) -> CopyRequest:
    """Return a request that says everything it has to.

    Raises:
        UsageError: case, applicant, ground, purpose, or by what and by whom the identity was checked, is missing.
    """
    _require("a request", request, SAID_AT_REQUEST)
    return request


def _require(what: str, said: CopyRequest | Handing, names: Sequence[str]) -> None:
    for name in names:
        if not getattr(said, name).strip():
            plain, cure = name.replace("_", " "), f"give --{name.replace('_', '-')}"
            raise UsageError(f"{what} needs its {plain}", cure=cure, reason=note(f"copies.needs.{name}"))


def asked_for(request: CopyRequest, there: Iterable[OnCase]) -> tuple[Digest, ...]:
    """Return what a request asks for, of what belongs to its case now."""
    everything = not request.clips and not request.steps
    return tuple(
        one.digest
        for one in there
        if everything or one.digest in request.clips or not one.steps.isdisjoint(request.steps)
    )


def approved(
    request: CopyRequest,
    wanted: tuple[Digest, ...],
    secrecy_of: SecrecyOf,
    said: Said,
    free: tuple[Digest, ...] = (),
    *,
    leave_out: bool = False,
) -> CopyRequest:
    """Grant a request.

    Args:
        request: as it stands.
        secrecy_of: the class that holds for a clip.
        said: who grants it, why, when.
        wanted: the clips that are asked for, as they hang on the case now.
        free: those of them that the head says hold nothing of what a class protects.
        leave_out: the head says that what is protected and not free stays out; naming anything as free says so, too.

    Raises:
        UsageError: it was decided, or by the person who took it in; nothing is left to copy.
        WithheldError: a class forbids copies, and its clips were not named as free, or it knows no such thing.
    """
    _decidable(request, said.by)
    if unknown := set(free) - set(wanted):
        cure, told = "name as free only clips of the request", note("copies.not_asked_for", digest=min(unknown)[:12])
        raise UsageError("is not asked for", subject=min(unknown), cure=cure, reason=told)
    protected = [one for one in wanted if is_protected(secrecy_of(one), is_free=one in free)]
    for one in protected:
        held = secrecy_of(one)
        if held is not None and (not held.held.separable or not (free or leave_out)):
            raise withheld(held.held, Effect.COPIES, one)
    granted = tuple(one for one in wanted if one not in protected)
    if not granted:
        cure, told = "link the footage, or refuse it", note("copies.nothing_left")
        raise UsageError("no clip is left to copy", subject=request.request_id, cure=cure, reason=told)
    return replace(request, state=CopyState.APPROVED, answered=said, granted=granted, free=tuple(free))


def is_protected(secrecy: Secrecy | None, *, is_free: bool) -> bool:
    """Whether a clip may not be copied; naming it as free helps only where its class knows that."""
    return stops(secrecy, Effect.COPIES) and not (is_free and secrecy is not None and secrecy.held.separable)


def refused(request: CopyRequest, said: Said) -> CopyRequest:
    """Refuse a request, or withdraw the consent to one before it is handed over: a mark may have come.

    Raises:
        UsageError: it is closed, or by the person who took it in.
    """
    _decidable(request, said.by, OPEN)
    return replace(request, state=CopyState.REFUSED, answered=said)


def preparable(request: CopyRequest, secrecy_of: SecrecyOf) -> tuple[Digest, ...]:
    """Return the clips to copy, looked at again: a mark may have come since it was granted.

    What is prepared may be prepared again until it is handed over: a folder gets lost.

    Raises:
        UsageError: it is not approved. WithheldError: a clip was marked since.
    """
    _require_granted(request)
    _require_unmarked(request, secrecy_of)
    return request.granted


def _require_unmarked(request: CopyRequest, secrecy_of: SecrecyOf) -> None:
    for one in request.granted:
        held = secrecy_of(one)
        if held is not None and is_protected(held, is_free=one in request.free):
            raise withheld(held.held, Effect.COPIES, one)


def prepared(request: CopyRequest, folder: CopyFolder, said: Said) -> CopyRequest:
    """Note that the copies lie ready. Raises UsageError when it is not approved."""
    _require_granted(request)
    return replace(
        request,
        state=CopyState.PREPARED,
        prepared=said,
        manifest=folder.manifest,
        folder=folder.path,
        files=folder.files,
    )


def handed_over(request: CopyRequest, handing: Handing, secrecy_of: SecrecyOf, said: Said) -> CopyRequest:
    """Close a request with the receiver's receipt.

    Raises:
        UsageError: nothing is prepared; or receipt, receiver or the document they showed are missing.
        WithheldError: a clip was marked since.
    """
    _in_state(request, {CopyState.PREPARED}, "prepare the copies first: evidock copies prepare")
    _require("handing over", handing, SAID_AT_HANDING_OVER)
    _require_unmarked(request, secrecy_of)
    return replace(
        request,
        state=CopyState.HANDED_OVER,
        handed_over=said,
        receipt=handing.receipt,
        receiver=handing.receiver,
        shown=handing.shown,
    )


def _require_granted(request: CopyRequest) -> None:
    _in_state(request, {CopyState.APPROVED, CopyState.PREPARED}, "let the head approve it first")


def _decidable(request: CopyRequest, name: str, states: Iterable[CopyState] = (CopyState.REQUESTED,)) -> None:
    _in_state(request, states, "it was decided; take a new request in")
    if same_person(name, request.requested.by):
        words, cure = f"{name} took it in and cannot decide on it", "let the head, another named person, decide"
        told = note("copies.same_person", name=name)
        raise UsageError(words, subject=request.request_id, cure=cure, reason=told)


def _in_state(request: CopyRequest, wanted: Iterable[CopyState], cure: str) -> None:
    if request.state not in wanted:
        told = note("copies.wrong_state", state=request.state)
        words = f"the request is {request.state.value.replace('_', ' ')}"
        raise UsageError(words, subject=request.request_id, cure=cure, reason=told)
