"""Time limits of the law: what had to be done by a moment, or may not be done before it.

A limit that nothing has met is named shortly before it is over, as a notice, and after it, as the pack grades it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from evidence.case_file import CaseFile, StepFile
from evidence.deadlines import Unit, before, due
from evidence.findings import Severity
from evidence.law import Deadline, Direction, LawPack
from evidence.matters import Matter
from evidence.notes import Note, Parameter, in_languages, note
from evidence.zones import beijing


@dataclass(frozen=True)
class Limit:
    """A deadline that runs in a case.

    Attributes:
        own: the step it is of, None where it is of the case.
        begins, ends: the moment it runs from, and its end, UTC.
        met_at: when something met it first; None: nothing has.
        last_day: the Beijing day on which it ends.
        guessed: the calendar does not know every day of it, so that holidays may move its end.
    """

    deadline: Deadline
    own: StepFile | None
    begins: datetime
    ends: datetime
    met_at: datetime | None
    warned_at: datetime | None
    last_day: date
    guessed: bool


def limits_of(file: CaseFile, pack: LawPack, own: StepFile | None) -> Iterator[Limit]:
    """Yield the deadlines that run for a step, or (``own`` None) for the case."""
    procedure = own.step.procedure if own else ""
    for deadline in pack.deadlines.values():
        if deadline.of == procedure:
            limit = limit_of(deadline, file, pack, own)
            if limit is not None:
                yield limit


def limit_of(deadline: Deadline, file: CaseFile, pack: LawPack, own: StepFile | None) -> Limit | None:
    """Return how a deadline runs; None while the file does not state the moment it runs from."""
    if not concerns(deadline, file, own):
        return None
    begins = beginning(deadline, file, pack, own)
    if begins is None:
        return None
    end = due(deadline.term, begins, pack.calendar) if deadline.term else None
    ends = end.at if end else begins
    ends = prolonged(deadline, ends, pack, own)
    warned_at = before(deadline.warn, ends, pack.calendar).at if deadline.warn else None
    met_at = first_met(deadline, file, pack, own, begins if deadline.term or own is None else own.step.started_at)
    last_day = beijing(ends - timedelta(microseconds=1)).date()
    return Limit(deadline, own, begins, ends, met_at, warned_at, last_day, end is not None and end.calendar_incomplete)


def concerns(deadline: Deadline, file: CaseFile, own: StepFile | None) -> bool:
    """Whether a deadline is meant for such a case, as its steps stand, and for a step that could or could not wait."""
    type_of_matter = file.case.matter_type
    if deadline.matters and type_of_matter and not any(word in type_of_matter for word in deadline.matters):
        return False
    if deadline.without and any(one.step.procedure == deadline.without for one in file.steps):
        return False
    is_urgent = own is not None and bool(own.step.urgent_reason)
    return not (deadline.unless_urgent if is_urgent else deadline.urgent_only)


def prolonged(deadline: Deadline, ends: datetime, pack: LawPack, own: StepFile | None) -> datetime:
    """Return the end of a deadline as its step's record prolongs it, as far as the law lets it be prolonged."""
    if deadline.extension is None or own is None or own.step.extended_to is None:
        return ends
    last_moment = ends - timedelta(microseconds=1)
    longest = due(deadline.extension, last_moment, pack.calendar).at
    return max(ends, min(own.step.extended_to, longest))


def beginning(deadline: Deadline, file: CaseFile, pack: LawPack, own: StepFile | None) -> datetime | None:
    """Return when a deadline begins to run: of several moments the last before the step it is of, else the first."""
    stated = file.moments(deadline.starts, pack, own)
    if own is None or deadline.starts.of == "step":
        return stated[0] if stated else None
    earlier = [moment for moment in stated if moment <= own.step.started_at]
    return earlier[-1] if earlier else None


def first_met(
    deadline: Deadline, file: CaseFile, pack: LawPack, own: StepFile | None, since: datetime
) -> datetime | None:
    """Return the first moment that meets a deadline.

    What is dated by the day counts from that day's beginning on; another step of that day, if it did not come before.
    """
    if deadline.direction is Direction.NOT_BEFORE:
        return min((one for wanted in deadline.met_by for one in file.moments(wanted, pack, own)), default=None)
    day = beijing(since).date()
    stated = (
        moment
        for wanted in deadline.met_by
        for moment in file.moments(wanted, pack, own)
        if beijing(moment).date() >= day and not (wanted.of in pack.rules and own and moment < own.step.started_at)
    )
    return min(stated, default=None)


def matter_of(limit: Limit, now: datetime) -> Matter | None:
    """Judge a deadline at a moment; None while nothing is to be said."""
    if limit.deadline.direction is Direction.NOT_BEFORE:
        early = limit.met_at is not None and limit.met_at < limit.ends
        return written(limit, "early", limit.deadline.severity) if early else None
    if limit.met_at is not None:
        return written(limit, "late", limit.deadline.severity) if limit.met_at > limit.ends else None
    if now > limit.ends:
        return written(limit, "overdue", limit.deadline.severity)
    if limit.warned_at is not None and now >= limit.warned_at:
        return written(limit, "near", Severity.NOTICE)
    return None


def next_change(limit: Limit, now: datetime) -> datetime | None:
    """Return when a deadline has to be looked at again because time has passed; None: never for that."""
    if limit.deadline.direction is Direction.NOT_BEFORE or limit.met_at is not None or now > limit.ends:
        return None
    if limit.warned_at is not None and now < limit.warned_at:
        return limit.warned_at
    return limit.ends


def written(limit: Limit, form: str, severity: Severity) -> Matter:
    """Return what is the matter with a deadline: ``early``, ``late``, ``overdue`` or ``near``."""
    deadline = limit.deadline
    unit = deadline.term.unit.value if deadline.term else "date"
    facts: dict[str, Parameter] = {
        "deadline_names": in_languages(deadline.names),
        "begins_at": limit.begins,
        "ends_at": limit.ends,
        "last_day": limit.last_day.isoformat(),
    }
    if limit.met_at is not None:
        facts["met_at"] = limit.met_at
    what = Note(f"finding.deadline.what_{form}{'_hours' if unit == Unit.HOURS else ''}", facts)
    amount = deadline.term.amount if deadline.term else 0
    why = note(f"finding.deadline.why_{unit}{'_guessed' if limit.guessed else ''}", amount=amount)
    return Matter(deadline.kind, severity, what, why, note(f"finding.deadline.cure_{form}"), subject=(deadline.code,))
