"""The verdict over a recording's time, as a value that says how far it is believed and why."""

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
        span: judged start and end; of a disputed clip as it was stated. None when nothing believable states them.
        uncertainty_s: how far the true start may lie from ``span.start``, in seconds; None when nothing bounds it.
        rules: each rule that fired, in words a person reads.
        earliest, latest: the true start lies between them, UTC; None where nothing bounds that side.
        offset_s: what the camera's clock was found, or decided, to run ahead (+) or behind (−), and is taken off.
        suspected_s: shifts that witnesses or statements suggest, each what the camera's clock would run ahead (+) or
            behind (−), in seconds; a machine never takes them off.
    """

    verdict: ClockVerdict
    span: Span | None
    uncertainty_s: float | None
    rules: tuple[Note, ...] = ()
    earliest: datetime | None = None
    latest: datetime | None = None
    offset_s: float = 0.0
    suspected_s: tuple[float, ...] = ()

    @property
    def start(self) -> datetime | None:
        """Judged start, UTC."""
        return self.span.start if self.span else None
