"""The pages on copies for parties, over a house; implements `dashboard.web.copy_services.CopyServices`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from dashboard.copies import Asked, CopyDesk, CopyItem
from dashboard.copy_folder import CopyPlan
from dashboard.copy_works import CopyWorks, Preparing
from dashboard.wiring import House
from evidence.copies import CopyRequest, CopyState, Handing
from evidence.custody import Actor
from evidence.tokens import Token
from index import tokens
from index.copies import CopyFilter
from storage.packs import require_new, require_room

FOLDER = "copies"
"""In the home: where copies lie that were prepared on a page. Once handed over, they may be taken away."""


class HouseCopies:
    """Reads and acts in one house."""

    def __init__(self, house: House) -> None:
        """Work in this house."""
        self._house = house
        self._desk = CopyDesk(house)
        self.works = CopyWorks()

    @property
    def _folder(self) -> Path:
        return self._house.home.root / FOLDER

    def holder(self, secret: str) -> Token | None:
        with self._house.register.reading() as session:
            return tokens.holder(session, secret, self._house.clock())

    def some(self, wanted: CopyFilter) -> Sequence[CopyRequest]:
        return self._desk.some(wanted)

    def counts(self) -> Mapping[CopyState, int]:
        return self._desk.counts()

    def one(self, request_id: str) -> CopyRequest:
        return self._desk.one(request_id)

    def items(self, request: CopyRequest) -> Sequence[CopyItem]:
        return self._desk.items(request)

    def items_of_case(self, case_no: str) -> Sequence[CopyItem]:
        return self._desk.items_of_case(case_no)

    def plan(self, request: CopyRequest, *, originals: bool) -> CopyPlan:
        return self._desk.plan(request, self._folder, originals=originals)

    def preparing(self, request_id: str) -> Preparing | None:
        return self.works.of(request_id)

    def request(self, asked: Asked, actor: str | Actor, reason: str) -> str:
        return self._desk.request(asked, actor, reason)

    def approve(
        self, request_id: str, actor: str | Actor, reason: str, free: Sequence[str], *, leave_out: bool
    ) -> None:
        self._desk.approve(request_id, actor, reason, free, leave_out=leave_out)

    def refuse(self, request_id: str, actor: str | Actor, reason: str) -> None:
        self._desk.refuse(request_id, actor, reason)

    def start_preparing(self, request_id: str, actor: str | Actor, reason: str, *, originals: bool) -> None:
        request = self._desk.one(request_id)
        plan = self.plan(request, originals=originals)
        require_new(plan.folder)
        require_room(plan.folder.parent, plan.copied_bytes)
        self.works.start(
            request_id,
            plan.copied_bytes,
            self._house.clock(),
            lambda copied: self._desk.prepare(request, plan, actor, reason, copied),
        )

    def hand_over(self, request_id: str, handing: Handing, actor: str | Actor, reason: str) -> None:
        self._desk.hand_over(request_id, handing, actor, reason)
