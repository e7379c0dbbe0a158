"""How a time limit stands at a moment: kept, missed, or still running."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evidence.audit_deadlines import Limit, limits_of
from evidence.case_file import CaseFile, version_of
from evidence.law import Direction, LawPack


class Standing(StrEnum):
    """How a limit stands. RUNNING: nothing has met it and it is not over."""

    KEPT = "kept"
    MISSED = "missed"
    RUNNING = "running"


@dataclass(frozen=True)
class StandingLimit:
    """A limit with how it stands, and the moment by which it belongs to a month, UTC."""

    limit: Limit
    standing: Standing
    at: datetime


def standing_of(limit: Limit, now: datetime) -> Standing | None:
    """Return how a limit stands; None of one that forbids an act which did not take place."""
    if limit.deadline.direction is Direction.NOT_BEFORE:
        if limit.met_at is None:
            return None
        return Standing.MISSED if limit.met_at < limit.ends else Standing.KEPT
    if limit.met_at is not None:
        return Standing.MISSED if limit.met_at > limit.ends else Standing.KEPT
    return Standing.MISSED if now > limit.ends else Standing.RUNNING


def standing_limits(file: CaseFile, pack: LawPack, now: datetime) -> Iterator[StandingLimit]:
    """Yield the limits of a case and its steps; a step's belongs to its start, a case's to when it begins to run."""
    opened_at = file.case.began_at or min((own.step.started_at for own in file.steps), default=None)
    version = version_of(pack, opened_at) if opened_at is not None else None
    for limit in limits_of(file, version, None) if version else ():
        standing = standing_of(limit, now)
        if standing is not None:
            yield StandingLimit(limit, standing, limit.begins)
    for own in file.steps:
        version = version_of(pack, own.step.started_at)
        for limit in limits_of(file, version, own) if version and own.step.procedure in version.rules else ():
            standing = standing_of(limit, now)
            if standing is not None:
                yield StandingLimit(limit, standing, own.step.started_at)
