"""Which time do we believe, how far, and why: the judgement over a clip's time claims."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evidence.notes import Note
from evidence.spans import Span


class ClockVerdict(StrEnum):
    """How far the recorded time is believed."""

    TRUSTED = "trusted"
    ADJUSTED = "adjusted"
    DISPUTED = "disputed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ClockJudgement:
    """The judged start and end of a recording.

    Attributes:
        span: judged start and end, None when nothing believable states them.
        uncertainty_s: the true start lies within ± this of ``span.start``.
        rules: each rule that fired, in words a person reads.
    """

    verdict: ClockVerdict
    span: Span | None
    uncertainty_s: float | None
    rules: tuple[Note, ...] = ()

    @property
    def start(self) -> datetime | None:
        """Judged start, UTC."""
        return self.span.start if self.span else None
