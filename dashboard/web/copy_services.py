"""What the pages and the API on copies for parties need of the house."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from dashboard.copies import Asked, CopyItem
from dashboard.copy_folder import CopyPlan
from dashboard.copy_works import Preparing
from evidence.copies import CopyRequest, CopyState, Handing
from evidence.custody import Actor
from evidence.tokens import Token
from index.copies import CopyFilter


class CopyServices(Protocol):
    """Requests for copies, to be read and taken on; every act raises EvidockError, its words go to the reader."""

    def holder(self, secret: str) -> Token | None:
        """Return the token that a secret belongs to, if it stands now."""
        ...

    def some(self, wanted: CopyFilter) -> Sequence[CopyRequest]:
        """Return the requests that are asked for, the newest first."""
        ...

    def counts(self) -> Mapping[CopyState, int]:
        """Return how many requests are in each state."""
        ...

    def one(self, request_id: str) -> CopyRequest:
        """Return a request. Raises NotFoundError."""
        ...

    def items(self, request: CopyRequest) -> Sequence[CopyItem]:
        """Return what a request is about."""
        ...

    def items_of_case(self, case_no: str) -> Sequence[CopyItem]:
        """Return everything of a case that can be asked for. Raises NotFoundError."""
        ...

    def plan(self, request: CopyRequest, *, originals: bool) -> CopyPlan:
        """Return what preparing would copy, and the room it takes. Raises UsageError, WithheldError."""
        ...

    def preparing(self, request_id: str) -> Preparing | None:
        """Return the preparation of a request that runs, or the last that failed."""
        ...

    def request(self, asked: Asked, actor: str | Actor, reason: str) -> str:
        """Take a request in; return its id."""
        ...

    def approve(
        self, request_id: str, actor: str | Actor, reason: str, free: Sequence[str], *, leave_out: bool
    ) -> None:
        """Grant a request."""
        ...

    def refuse(self, request_id: str, actor: str | Actor, reason: str) -> None:
        """Refuse a request."""
        ...

    def start_preparing(self, request_id: str, actor: str | Actor, reason: str, *, originals: bool) -> None:
        """Begin to make the folder; what cannot be begun is refused before a byte is written."""
        ...

    def hand_over(self, request_id: str, handing: Handing, actor: str | Actor, reason: str) -> None:
        """Close a request with its receipt."""
        ...
