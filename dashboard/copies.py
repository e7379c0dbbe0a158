"""Copies for parties in a house: one desk for the acts of command line, pages and programs (article 31)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from dashboard.copy_folder import CopyPlan, planned, write_folder
from dashboard.wiring import House
from evidence.copies import (
    OPEN,
    CopyFolder,
    CopyRequest,
    CopyState,
    Handing,
    OnCase,
    Said,
    approved,
    asked_for,
    handed_over,
    preparable,
    prepared,
    refused,
    requested,
)
from evidence.custody import Actor, Entry, EventType
from evidence.ids import CaseNo, Digest, StepNo
from evidence.ports import Transaction
from evidence.secrecy import Effect, stops
from evidence.views import ClipView
from index import copies
from index.copies import CopyFilter
from index.decisions import Act, Decided
from index.holds import short_id
from storage.packs import Copied

Change = Callable[[CopyRequest, Said], CopyRequest]


@dataclass(frozen=True)
class CopyItem:
    """An original that a request is about, as people see it before they decide."""

    belongs: OnCase
    clip: ClipView
    granted: bool
    free: bool

    @property
    def is_protected(self) -> bool:
        """Whether its class of confidentiality stops copies."""
        return stops(self.clip.secrecy, Effect.COPIES)


@dataclass(frozen=True)
class Asked:
    """What a person or a program fills in to take a request in, as it came.

    Attributes:
        clips: digests or how they begin. steps: numbers. Both empty: the whole case.
    """

    case_no: str = ""
    applicant: str = ""
    ground: str = ""
    purpose: str = ""
    identified: str = ""
    checked_by: str = ""
    clips: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


class CopyDesk:
    """Takes requests in and on."""

    def __init__(self, house: House) -> None:
        """Work for a house."""
        self._house = house

    # --- reading ------------------------------------------------------------------------------------------------------

    def all(self, *, open_only: bool = False) -> Sequence[CopyRequest]:
        """Return requests, the newest first."""
        return self.some(CopyFilter(OPEN if open_only else None))

    def some(self, wanted: CopyFilter) -> Sequence[CopyRequest]:
        """Return the requests that are asked for, the newest first."""
        with self._house.register.reading() as session:
            return copies.copy_requests(session, wanted)

    def counts(self) -> Mapping[CopyState, int]:
        """Return how many requests are in each state."""
        with self._house.register.reading() as session:
            return copies.count_requests(session)

    def one(self, request_id: str) -> CopyRequest:
        """Return a request. Raises NotFoundError."""
        with self._house.register.reading() as session:
            return copies.copy_request(session, request_id)

    def items_of_case(self, case_no: str) -> Sequence[CopyItem]:
        """Return everything of a case that can be asked for. Raises NotFoundError."""
        return self._items(self._on_case(case_no), None)

    def items(self, request: CopyRequest) -> Sequence[CopyItem]:
        """Return what was granted, then what else the request asks for as the case stands now."""
        there = {one.digest: one for one in self._on_case(request.case_no)}
        wanted = dict.fromkeys((*request.granted, *asked_for(request, there.values())))
        return self._items([there.get(one, OnCase(one)) for one in wanted], request)

    def plan(self, request: CopyRequest, into: Path, *, originals: bool = False) -> CopyPlan:
        """Return what preparing a request would copy, and the room it takes.

        Raises:
            UsageError: it is not approved. WithheldError: a clip was marked since.
        """
        wanted = preparable(request, self._house.library.secrecy_of_clip)
        found = self._house.library.clips_by_digest(wanted)
        return planned(request.request_id, [found[one] for one in wanted], into, originals=originals)

    # --- acting -------------------------------------------------------------------------------------------------------

    def request(self, asked: Asked, actor: str | Actor, reason: str = "") -> str:
        """Take a request in; return its id. Raises UsageError, NotFoundError."""
        name = short_id("copies", asked.case_no, asked.applicant, self._house.clock().isoformat())
        clips = self._clips(asked.clips)

        def act(tx: Transaction, who: Actor, at: datetime) -> Decided:
            why = reason.strip() or asked.purpose.strip()
            whole = requested(_request(name, asked, clips, Said(who.name, why, at)))
            return copies.begin(tx, whole, Act(copies.REQUEST, who, why, at))

        self._house.human.take(actor, act)
        return name

    def _clips(self, named: Iterable[str]) -> tuple[Digest, ...]:
        return tuple(self._house.library.clip(one).digest for one in named)

    def approve(
        self,
        request_id: str,
        actor: str | Actor,
        reason: str,
        free: Sequence[str] = (),
        *,
        leave_out: bool = False,
    ) -> None:
        """Grant a request. Raises UsageError, WithheldError, NotFoundError."""
        there = [one for one in self.items(self.one(request_id)) if one.clip.disposed_at is None]
        given = partial(
            approved,
            wanted=tuple(one.clip.digest for one in there),
            secrecy_of=self._house.library.secrecy_of_clip,
            free=self._clips(free),
            leave_out=leave_out,
        )
        self._move(request_id, copies.APPROVE, actor, reason, lambda request, said: given(request, said=said))

    def refuse(self, request_id: str, actor: str | Actor, reason: str) -> None:
        """Refuse a request, or withdraw the consent to it. Raises UsageError, NotFoundError."""
        self._move(request_id, copies.REFUSE, actor, reason, refused)

    def hand_over(self, request_id: str, handing: Handing, actor: str | Actor, reason: str = "") -> None:
        """Close a request with its receipt. Raises UsageError, NotFoundError."""
        why = reason.strip() or handing.receipt.strip() or request_id
        secrecy_of = self._house.library.secrecy_of_clip

        def change(request: CopyRequest, said: Said) -> CopyRequest:
            return handed_over(request, handing, secrecy_of, said)

        self._move(request_id, copies.HAND_OVER, actor, why, change)

    def prepare(self, request: CopyRequest, plan: CopyPlan, actor: str | Actor, reason: str, copied: Copied) -> Path:
        """Make the folder of a plan; it is there whole, and in the ledger, or not at all.

        Raises:
            UsageError: not approved, or the folder is there. WithheldError: a clip was marked since. IntegrityError,
                StorageError: bytes are damaged or the disk refused; nothing is left there.
        """
        record = partial(self._record, request, actor, reason.strip() or request.request_id)
        return Path(write_folder(self._house, request, plan, copied, record).path)

    # --- parts --------------------------------------------------------------------------------------------------------

    def _on_case(self, case_no: str) -> Sequence[OnCase]:
        with self._house.register.reading() as session:
            return copies.on_case(session, case_no)

    def _items(self, there: Iterable[OnCase], request: CopyRequest | None) -> Sequence[CopyItem]:
        named = list(there)
        found = self._house.library.clips_by_digest([one.digest for one in named])
        granted, free = (request.granted, request.free) if request else ((), ())
        items = [
            CopyItem(one, found[one.digest], one.digest in granted, one.digest in free)
            for one in named
            if one.digest in found
        ]
        return sorted(items, key=_in_order(granted))

    def _move(self, request_id: str, verb: str, actor: str | Actor, reason: str, change: Change) -> None:
        def act(tx: Transaction, who: Actor, at: datetime) -> Decided:
            said = Said(who.name, reason, at)
            return copies.move(tx, request_id, lambda one: change(one, said), Act(verb, who, reason, at))

        self._house.human.take(actor, act)

    def _record(self, request: CopyRequest, actor: str | Actor, reason: str, made: CopyFolder) -> None:
        originals = [one.original for one in made.files]
        detail = {"case_no": request.case_no, "request_id": request.request_id, "originals": originals}

        def change(one: CopyRequest, said: Said) -> CopyRequest:
            preparable(one, self._house.library.secrecy_of_clip)
            return prepared(one, made, said)

        def act(tx: Transaction, who: Actor, at: datetime) -> Decided:
            entry = Entry(EventType.EXPORTED, who, at, made.manifest, reason=reason, detail=detail)
            self._house.catalogue.append(tx, entry)
            said = Said(who.name, reason, at)
            return copies.move(
                tx, request.request_id, lambda one: change(one, said), Act(copies.PREPARE, who, reason, at)
            )

        self._house.human.take(actor, act)


def _request(name: str, asked: Asked, clips: tuple[Digest, ...], said: Said) -> CopyRequest:
    return CopyRequest(
        name,
        CaseNo(asked.case_no.strip()),
        applicant=asked.applicant.strip(),
        purpose=asked.purpose.strip(),
        checked_by=asked.checked_by.strip(),
        clips=clips,
        requested=said,
        ground=asked.ground.strip(),
        identified=asked.identified.strip(),
        steps=tuple(StepNo(one.strip()) for one in asked.steps),
    )


def _in_order(granted: Sequence[Digest]) -> Callable[[CopyItem], tuple[int, bool, str, str]]:
    """Return a key that puts what was granted first, as it was, then footage in time, then text records."""
    rank = {digest: place for place, digest in enumerate(granted)}

    def key(item: CopyItem) -> tuple[int, bool, str, str]:
        start = item.clip.clock.start
        place = rank.get(item.clip.digest, len(rank))
        return place, item.belongs.is_record, start.isoformat() if start else "9", item.clip.digest

    return key
