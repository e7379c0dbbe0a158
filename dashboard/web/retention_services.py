"""What the page on keeping and disposing needs of the house."""

from collections.abc import Sequence
from typing import Protocol

from evidence.disposal import Disposal
from evidence.holds import Hold, HoldScope
from evidence.ids import Digest
from evidence.retention_views import ClassView, KeptView
from evidence.schedules import Schedule


class RetentionServices(Protocol):
    """Retention, holds and disposals, to be read and decided on."""

    @property
    def schedule(self) -> Schedule:
        """The schedule in force here."""
        ...

    def classes(self) -> Sequence[ClassView]:
        """Return how much each class keeps."""
        ...

    def unpromised(self) -> int:
        """Return how many originals have no promise yet."""
        ...

    def due(self, days: int, limit: int) -> Sequence[KeptView]:
        """Return the originals whose promise ends within so many days, the earliest first."""
        ...

    def kept(self, digests: Sequence[Digest]) -> Sequence[KeptView]:
        """Return the retention of originals."""
        ...

    def gone(self, limit: int) -> Sequence[KeptView]:
        """Return the originals that were disposed of, the latest first."""
        ...

    def holds(self) -> Sequence[Hold]:
        """Return all holds, newest first."""
        ...

    def disposals(self) -> Sequence[Disposal]:
        """Return all disposals, newest first."""
        ...

    def place(self, scope: HoldScope, target: str, actor: str, reason: str) -> Hold:
        """Lay a hold. Raises EvidockError; its words go to the page."""
        ...

    def lift(self, hold_id: str, actor: str, reason: str) -> Hold:
        """Lift a hold. Raises EvidockError; its words go to the page."""
        ...

    def approve(self, disposal_id: str, actor: str, reason: str) -> Disposal:
        """Approve a disposal. Raises EvidockError; its words go to the page."""
        ...

    def refuse(self, disposal_id: str, actor: str, reason: str) -> None:
        """Refuse a disposal. Raises EvidockError; its words go to the page."""
        ...
