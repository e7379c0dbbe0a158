"""What a law pack asks that indicators count by: per version, which procedures owe what, and what is due by now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from evidence.deadlines import Unit, due
from evidence.law import LawPack, Necessity, Rule
from evidence.periods import midnight
from evidence.zones import beijing

DAY = timedelta(days=1)
LONGEST = 400
"""Days back in which the last due day is looked for; text records are due sooner."""


@dataclass(frozen=True)
class Asked:
    """What one version of a pack asks.

    Attributes:
        since, until: the stretch in which acts began that it judges, UTC; until None is open.
        timed: procedures of which a share of the window has to be recorded.
        documented: procedures with a text record that is always due.
        paired: procedures that need two officers.
        documents_due_before: text records of steps that ended before this are due; None: they are not looked for.
        upload_within_s: seconds from the end of a recording to its docking; None: nothing is asked.
    """

    since: datetime
    until: datetime | None
    timed: frozenset[str]
    documented: frozenset[str]
    paired: frozenset[str]
    documents_due_before: datetime | None
    upload_within_s: float | None


def asked_by(pack: LawPack, now: datetime) -> tuple[Asked, ...]:
    """Return what the versions of a pack ask, in order of their force."""
    return tuple(_asked(version, until, now) for version, until in _versions(pack))


def _versions(pack: LawPack) -> Iterator[tuple[LawPack, datetime | None]]:
    """Yield each version with the moment its force ends."""
    versions = (pack, *pack.later)
    for at, version in enumerate(versions):
        ends = [midnight(version.in_force_to + DAY)] if version.in_force_to else []
        ends += [midnight(versions[at + 1].in_force_from)] if at + 1 < len(versions) else []
        yield version, min(ends, default=None)


def _asked(version: LawPack, until: datetime | None, now: datetime) -> Asked:
    rules = version.rules.items()
    hours = version.thresholds.upload_within_h
    return Asked(
        since=midnight(version.in_force_from),
        until=until,
        timed=frozenset(code for code, rule in rules if is_timed(rule)),
        documented=frozenset(code for code, rule in rules if is_documented(rule, version)),
        paired=frozenset(code for code, rule in rules if (rule.officers_min or 0) >= 2),  # noqa: PLR2004 - "two"
        documents_due_before=documents_due_before(version, now),
        upload_within_s=hours * 3600 if hours is not None else None,
    )


def is_timed(rule: Rule) -> bool:
    """Whether a share of the window has to be recorded."""
    return rule.duty.requires_footage and rule.coverage is not None and rule.coverage.min_share is not None


def is_documented(rule: Rule, pack: LawPack) -> bool:
    """Whether a text record is always due."""
    slots = (pack.documents[slot] for slot in rule.documents if slot in pack.documents)
    return any(slot.necessity is Necessity.ALWAYS for slot in slots)


def documents_due_before(pack: LawPack, now: datetime) -> datetime | None:
    """Return the moment before which a step must have ended for its text records to be due; None: not looked for.

    All days of a term but hours end together, so that the steps of one Beijing day become due at one moment.
    """
    within = pack.thresholds.documents_within
    if within is None:
        return None
    if within.unit is Unit.HOURS:
        return now - timedelta(hours=within.amount)
    day = beijing(now).date()
    for _ in range(LONGEST):
        if now > due(within, midnight(day), pack.calendar).at:
            return midnight(day + DAY)
        day -= DAY
    return midnight(day)
