"""Retention schedules as data: which class of footage is kept how long, on what ground, and who set it.

The schedules themselves are files of ``config/retention/``. The recording regulation names no period: every figure is
the bureau's policy and says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

SHORTEST_MONTH_DAYS = 28


class RunsFrom(StrEnum):
    """From when a period runs; never from a camera's own time."""

    INTAKE = "intake"
    CONCLUSION = "conclusion"  # the later of intake and conclusion of the case


@dataclass(frozen=True)
class RetentionClass:
    """A row of a schedule.

    Attributes:
        names, words: locale → name, and the rule in a sentence.
        months: calendar months; None keeps for ever.
        basis: what the period rests on. policy: it is the bureau's own, not the regulation's.
        valid_from: first day on which the class is in force; before it, what would belong to it is unclassified.
    """

    code: str
    names: Mapping[str, str]
    words: Mapping[str, str]
    months: int | None
    runs_from: RunsFrom
    basis: str
    set_by: str
    policy: bool
    valid_from: date


@dataclass(frozen=True)
class Schedule:
    """A retention schedule.

    Attributes:
        unlinked: class of what hangs on no step. unclassified: of what nobody can place yet.
        matter_types, procedures: a word of the case record, a code of the law pack → classes.
        disposes_important: whether what a camera marked as important may be proposed for disposal.
        lock_ahead_months: how far ahead the storage is told to keep what has no end.
    """

    schedule_id: str
    version: str
    names: Mapping[str, str]
    classes: Mapping[str, RetentionClass]
    unlinked: str
    unclassified: str
    matter_types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    procedures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    disposes_important: bool = False
    lock_ahead_months: int = 12

    @property
    def rule_version(self) -> str:
        """Schedule and version as promises print it."""
        return f"{self.schedule_id}@{self.version}"

    @property
    def least_keep(self) -> timedelta:
        """How long everything is kept at the least, counted in the shortest months: no promise ends before."""
        months = (one.months for one in self.classes.values() if one.months)
        return timedelta(days=SHORTEST_MONTH_DAYS * min(months, default=0))

    def class_named(self, code: str, on: date) -> RetentionClass | None:
        """Return a class if it is in force on a day."""
        found = self.classes.get(code)
        return found if found is not None and found.valid_from <= on else None
