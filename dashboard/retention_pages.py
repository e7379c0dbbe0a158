"""The page on keeping and disposing, over a house; implements `dashboard.web.retention_services.RetentionServices`."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.retention import Keeper
from dashboard.retention_desk import RetentionDesk
from dashboard.wiring import House
from evidence.disposal import Disposal
from evidence.holds import Hold, HoldScope
from evidence.ids import Digest
from evidence.retention_views import ClassView, KeptView
from evidence.schedules import Schedule
from index import disposals, holds, retention_views

FIGURES_FOR = timedelta(seconds=60)
"""How long figures of the classes are shown without counting anew: a million originals take seconds to count."""


@dataclass(frozen=True)
class _Figures:
    """What was counted, and when."""

    at: datetime
    classes: Sequence[ClassView]
    unpromised: int


class HouseRetention:
    """Reads and decides in one house."""

    def __init__(self, house: House) -> None:
        """Work in this house."""
        self._house = house
        self._counted: _Figures | None = None
        self._counting = threading.Lock()
        self._keeper = Keeper(house)
        self._desk = RetentionDesk(house, self._keeper)

    @property
    def schedule(self) -> Schedule:
        return self._keeper.schedule

    def classes(self) -> Sequence[ClassView]:
        return self._figures().classes

    def unpromised(self) -> int:
        return self._figures().unpromised

    def _figures(self) -> _Figures:
        """Return what was counted last; what is older than a minute is shown once more while it is counted anew."""
        counted = self._counted
        if counted is None:
            return self._count()
        if not timedelta(0) <= self._house.clock() - counted.at < FIGURES_FOR and self._counting.acquire(
            blocking=False
        ):
            threading.Thread(target=self._count_anew, name="evidock-figures", daemon=True).start()
        return counted

    def _count(self) -> _Figures:
        with self._house.register.reading() as session:
            classes = retention_views.class_views(session)
            counted = _Figures(self._house.clock(), classes, retention_views.unpromised(session))
        self._counted = counted
        return counted

    def _count_anew(self) -> None:
        try:
            self._count()
        finally:
            self._counting.release()

    def due(self, days: int, limit: int) -> Sequence[KeptView]:
        end = self._house.clock() + timedelta(days=days)
        with self._house.register.reading() as session:
            return retention_views.kept_views(session, retention_views.due_before(session, end, limit))

    def kept(self, digests: Sequence[Digest]) -> Sequence[KeptView]:
        with self._house.register.reading() as session:
            return retention_views.kept_views(session, digests)

    def gone(self, limit: int) -> Sequence[KeptView]:
        with self._house.register.reading() as session:
            return retention_views.kept_views(session, retention_views.tombstones(session, limit))

    def holds(self) -> Sequence[Hold]:
        with self._house.register.reading() as session:
            return holds.holds(session)

    def disposals(self) -> Sequence[Disposal]:
        with self._house.register.reading() as session:
            return disposals.disposals(session)

    def place(self, scope: HoldScope, target: str, actor: str, reason: str) -> Hold:
        return self._desk.place(scope, target, actor, reason)

    def lift(self, hold_id: str, actor: str, reason: str) -> Hold:
        return self._desk.lift(hold_id, actor, reason)

    def approve(self, disposal_id: str, actor: str, reason: str) -> Disposal:
        self._counted = None
        return self._desk.approve(disposal_id, actor, reason).disposal

    def refuse(self, disposal_id: str, actor: str, reason: str) -> None:
        self._desk.refuse(disposal_id, actor, reason)
