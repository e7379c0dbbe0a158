"""What the pages on indicators need of the house."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from evidence.before_filing import BeforeFiling
from evidence.indicator_views import Head
from evidence.indicators import Assessment, Figure, IndicatorCode, Item, Part
from evidence.periods import Period
from evidence.reason_counts import ReasonCount


@dataclass(frozen=True)
class Counted:
    """Figures with their head, and the twelve months up to theirs.

    Attributes:
        took_s: how long counting took.
        reasons: how often each reason stands claimed, the most frequent first.
    """

    head: Head
    assessment: Assessment
    trend: tuple[tuple[Period, Figure], ...]
    took_s: float
    reasons: tuple[ReasonCount, ...] = ()


class IndicatorServices(Protocol):
    """Figures, the lists behind them, and what is open of a case."""

    def recent(self, period: Period, unit: str | None = None, procedure: str | None = None) -> Counted:
        """Return figures, at most a little older than now; None of unit and procedure is all."""
        ...

    def items(
        self,
        period: Period,
        *,
        code: IndicatorCode | None = None,
        part: Part | None = None,
        unit: str | None = None,
        procedure: str | None = None,
    ) -> Sequence[Item]:
        """Return the things behind figures, the earliest first."""
        ...

    def open_of_case(self, case_no: str) -> BeforeFiling:
        """Return what is still open of a case before it is filed. Raises NotFoundError."""
        ...
