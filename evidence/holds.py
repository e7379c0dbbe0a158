"""Legal holds: what a named person has said must not go, whatever a schedule says."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evidence.errors import UsageError
from evidence.ids import CaseNo, Digest, StepNo


class HoldScope(StrEnum):
    """What a hold is laid on."""

    CASE = "case"
    CLIP = "clip"
    STEP = "step"


@dataclass(frozen=True)
class Hold:
    """A hold.

    Attributes:
        hold_id: eight hex digits.
        target: case number, digest, or ``CASE/STEP``.
        lifted_by, lifted_at, lift_reason: None while it is on.
    """

    hold_id: str
    scope: HoldScope
    target: str
    reason: str
    set_by: str
    set_at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None
    lift_reason: str | None = None

    @property
    def active(self) -> bool:
        """Whether it is still on."""
        return self.lifted_at is None


def covers(hold: Hold, digest: Digest, steps: Collection[str]) -> bool:
    """Whether a hold is laid on an original, be it on or lifted.

    Args:
        hold: the hold.
        digest: of the original.
        steps: ``CASE/STEP`` of every step it hangs on or was promised to follow: an unlinking frees nothing.
    """
    if hold.scope is HoldScope.CLIP:
        return hold.target == digest
    if hold.scope is HoldScope.STEP:
        return hold.target in steps
    return any(case_of(step) == hold.target for step in steps)


def step_name(case_no: str, step_no: str) -> str:
    """Return ``CASE/STEP``."""
    return f"{case_no}/{step_no}"


def case_of(step: str) -> str:
    """Return the case of ``CASE/STEP``; a case number may hold slashes itself."""
    return step.rpartition("/")[0]


def parted(step: str) -> tuple[CaseNo, StepNo]:
    """Return case and step of ``CASE/STEP``.

    Raises:
        UsageError: there is no slash.
    """
    case_no, slash, step_no = step.rpartition("/")
    if not slash:
        raise UsageError("is not a step", subject=step, cure="write CASE/STEP as `evidock steps` prints it")
    return CaseNo(case_no), StepNo(step_no)
