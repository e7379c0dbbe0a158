"""Cases and their procedure steps. All are `recorded` facts (imported)."""

from dataclasses import dataclass
from datetime import datetime

from evidence.ids import CaseNo, OfficerId, StepNo
from evidence.spans import Span


@dataclass(frozen=True)
class Case:
    """A case of the bureau.

    Attributes:
        matter_type: 许可, 处罚, 强制, 征收, 收费 or 检查 (article 2), as the record says.
        confidentiality: empty, or a class of article 32 as the record says.
        provisional: it was begun under a provisional number, before it was approved (article 6).
        official_no: the number it was given then; empty: none yet, or it never had another than ``case_no``.
        urgent_at: when it was begun before it was approved, UTC.

    ``case_no`` is the number a case had first; it stays, and everything that hangs on a case hangs on it.
    """

    case_no: CaseNo
    title: str = ""
    matter_type: str = ""
    unit: str = ""
    opened_at: datetime | None = None
    concluded_at: datetime | None = None
    confidentiality: str = ""
    provisional: bool = False
    official_no: str = ""
    urgent_at: datetime | None = None

    @property
    def is_provisional(self) -> bool:
        """Whether it still waits for its official number."""
        return self.provisional and not self.official_no

    @property
    def number(self) -> str:
        """The number people know it by now: the official one, else the first."""
        return self.official_no or self.case_no

    @property
    def former_no(self) -> str:
        """The provisional number it had before; empty of a case that never changed its number."""
        return self.case_no if self.number != self.case_no else ""

    @property
    def began_at(self) -> datetime | None:
        """When it was opened, else when it was begun before that; None while nobody said."""
        return self.opened_at or self.urgent_at


@dataclass(frozen=True)
class Step:
    """One procedure step of a case.

    Attributes:
        procedure: a code of the law pack (``SITE_CHECK``, ``SEIZE`` …).
        started_at: UTC, as written in the record of the step.
        unsuitable_reason: why recording was not suitable, as the record claims; it closes a finding only when
            a named person has approved it and the rule allows it (article 11).
        witness: who witnessed it, as the record names them (article 23).
        due_at: until when the record orders it to be done (article 26), UTC.
        extended_to: until when its time limit was prolonged, UTC.
        urgent_reason: why it could not wait (article 6; a night or a holiday).
        points: how many places were checked; 0 where the record does not say.
        sittings: the stretches in which people were at work, in order, where the step was broken off; empty: all of it.
    """

    case_no: CaseNo
    step_no: StepNo
    procedure: str
    started_at: datetime
    ended_at: datetime
    place: str = ""
    officers: tuple[OfficerId, ...] = ()
    party: str = ""
    unsuitable_reason: str = ""
    witness: str = ""
    due_at: datetime | None = None
    extended_to: datetime | None = None
    urgent_reason: str = ""
    points: int = 0
    sittings: tuple[Span, ...] = ()

    @property
    def window(self) -> Span:
        """The step's stretch of time as the record states it."""
        return Span(self.started_at, self.ended_at)

    @property
    def parts(self) -> tuple[Span, ...]:
        """The stretches in which the step went on: its sittings, else its window."""
        return self.sittings or (self.window,)
