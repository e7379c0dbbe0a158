"""Figures of a house: counted once for many readers, with what they are checked by."""

import threading
import time
from datetime import datetime, timedelta

from dashboard.web.indicator_services import Counted
from dashboard.wiring import House
from evidence.before_filing import BeforeFiling
from evidence.errors import NotFoundError
from evidence.indicator_views import Head
from evidence.indicators import IndicatorCode, Item, Part, assessed
from evidence.periods import Period, months_up_to
from index.before_filing import open_of_case
from index.indicators import RegisterIndicators
from storage.packs import sealed_head

KEPT_FOR = timedelta(seconds=60)
"""How long figures are shown without counting anew: of 100,000 steps a year a month takes about a second to count."""

MOST_KEPT = 48
QUICK_S = 0.15
"""What is counted faster than this is counted anew each time, so that a small house always sees what is now."""

TREND_MONTHS = 12
Asked = tuple[Period, str | None, str | None]


class IndicatorDesk:
    """Counts in one house; implements `dashboard.web.indicator_services.IndicatorServices`."""

    def __init__(self, house: House) -> None:
        """Work in this house."""
        self._house = house
        self._read = RegisterIndicators(house.register, house.pack)
        self._kept: dict[Asked, Counted] = {}
        self._under_way: set[Asked] = set()
        self._lock = threading.Lock()

    def count(self, period: Period, unit: str | None = None, procedure: str | None = None) -> Counted:
        """Return figures as they are now."""
        began, now = time.monotonic(), self._house.clock()
        tallies = self._read.tallies(period, now, unit=unit, procedure=procedure)
        months = list(months_up_to(period.last, TREND_MONTHS))
        trend = tuple(zip(months, self._read.trend(months, unit=unit, procedure=procedure), strict=True))
        reasons = tuple(self._read.reasons(period, now, unit=unit, procedure=procedure))
        head = self._head(period, unit, procedure, now)
        found = Counted(head, assessed(tallies), trend, time.monotonic() - began, reasons)
        with self._lock:
            self._kept[period, unit, procedure] = found
            while len(self._kept) > MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
        return found

    def recent(self, period: Period, unit: str | None = None, procedure: str | None = None) -> Counted:
        """Return figures for a page: what takes long is shown as last counted, and counted anew beside it."""
        kept = self._kept.get((period, unit, procedure))
        if kept is None or kept.took_s < QUICK_S:
            return self.count(period, unit, procedure)
        if not timedelta(0) <= self._house.clock() - kept.head.counted_at < KEPT_FOR:
            self._count_beside((period, unit, procedure))
        return kept

    def items(
        self,
        period: Period,
        *,
        code: IndicatorCode | None = None,
        part: Part | None = None,
        unit: str | None = None,
        procedure: str | None = None,
    ) -> list[Item]:
        """Return the things behind figures, the earliest first."""
        now = self._house.clock()
        return list(self._read.items(period, now, code=code, part=part, unit=unit, procedure=procedure))

    def open_of_case(self, case_no: str) -> BeforeFiling:
        """Return what is still open of a case before it is filed.

        Raises:
            NotFoundError: no such case.
        """
        return open_of_case(self._house.register, self._house.pack, case_no, self._house.clock())

    def _count_beside(self, asked: Asked) -> None:
        with self._lock:
            if asked in self._under_way:
                return
            self._under_way.add(asked)
        threading.Thread(target=self._count_anew, args=(asked,), name="evidock-indicators", daemon=True).start()

    def _count_anew(self, asked: Asked) -> None:
        try:
            self.count(*asked)
        finally:
            with self._lock:
                self._under_way.discard(asked)

    def _head(self, period: Period, unit: str | None, procedure: str | None, now: datetime) -> Head:
        bare = (period, unit, procedure, now, self._house.pack.rule_version)
        try:
            checkpoint = sealed_head(self._house.log).checkpoint
        except NotFoundError:
            return Head(*bare)
        return Head(*bare, checkpoint.size, checkpoint.root.hex())
