"""Duties, documents and time limits of a law pack in English, for the page `dashboard.reports.law_coverage` makes."""

from collections.abc import Iterator
from datetime import date

from evidence.deadlines import Term, Unit
from evidence.documents import SIGNERS
from evidence.law import Coverage, Deadline, Direction, DocumentSlot, Duty, LawPack, Moment, Necessity, Rule

DUTIES = {
    Duty.SIMULTANEOUS: "recorded as it happens",
    Duty.ANY_FORM: "recorded in a suitable form: photo, sound or video",
    Duty.RECORD: "a record of any form; text will do",
    Duty.ALTERNATIVE: "one of several forms of record",
    Duty.OPTIONAL: "may be recorded",
    Duty.NONE: "not asked for",
}
UNITS = {
    Unit.HOURS: "hours",
    Unit.CALENDAR_DAYS: "calendar days",
    Unit.WORKING_DAYS: "working days",
    Unit.MONTHS: "months",
    Unit.YEARS: "years",
}
FIELDS = {
    "started_at": "beginning",
    "ended_at": "end",
    "due_at": "day set",
    "opened_at": "opening",
    "urgent_at": "urgent start",
    "concluded_at": "conclusion",
    "dated_at": "date",
}
ROLES = {
    "officers": "the officers",
    "party": "the party",
    "party_refused": "a note that the party refused",
    "recipient": "the recipient",
    "server": "who served it",
    "witness": "a witness",
    "head": "the head",
    "legal": "the legal office",
    "expert": "the expert",
    "present": "somebody present",
}


def day_of(day: date) -> str:
    """Return a day as the page writes it."""
    return day.isoformat()


def duty_words(rule: Rule) -> str:
    """Say what recording a procedure asks for, and how that is measured."""
    words = [DUTIES[rule.duty]]
    if rule.coverage:
        words.append(coverage_words(rule.coverage, each_place=rule.per_point))
    if rule.exemption_allowed:
        words.append("unless recording is not suitable, as a named person approves")
    return "; ".join(words)


def coverage_words(coverage: Coverage, *, each_place: bool) -> str:
    """Say how much footage meets a duty, and who set that."""
    if coverage.min_share is not None:
        measure = f"continuous video over at least {coverage.min_share:.0%} of the window"
    else:
        measure = f"at least {coverage.min_objects} recording{' for each place checked' if each_place else ''}"
    return f"{measure}, {coverage.lead_s:g} s before and {coverage.lag_s:g} s after it belong to it ({coverage.set_by})"


def documents_words(rule: Rule, pack: LawPack) -> Iterator[str]:
    """Yield the text records of a procedure, with who signs them and what asks for them."""
    for name in rule.documents:
        slot = pack.documents.get(name)
        if slot is None:
            yield name
            continue
        yield "; ".join(filter(None, (f"{name} ({slot.names['en']})", *particulars(slot))))


def particulars(slot: DocumentSlot) -> Iterator[str]:
    """Yield what is particular about a text record."""
    if slot.necessity is Necessity.IF_IT_HAPPENED:
        yield "only where it happened"
    if slot.signers:
        yield f"signed by {', and '.join(' or '.join(ROLES[role] for role in choice) for choice in slot.signers)}"
    articles = dict.fromkeys(filter(None, (slot.article, slot.signing.article if slot.signing else "")))
    if articles:
        yield f"asked for by {', '.join(articles)}"


def limit_words(limit: Deadline, pack: LawPack) -> str:
    """Say what a time limit asks for, in one sentence."""
    met_by = " or ".join(moment_words(moment, limit, pack) for moment in limit.met_by)
    begins = moment_words(limit.starts, limit, pack)
    if limit.direction is Direction.NOT_BEFORE:
        rule = f"{met_by} not before {term_words(limit.term)} after {begins} are over"
    elif limit.term is None:
        rule = f"{met_by} by {begins}"
    else:
        rule = f"{met_by} within {term_words(limit.term)} of {begins}"
    return "; ".join(
        [f"{limit.names['en']} ({limit.article}, `{limit.kind}`, {limit.severity}): {rule}", *conditions(limit)]
    )


def conditions(limit: Deadline) -> Iterator[str]:
    """Yield when a time limit runs, and how it may change."""
    if limit.matters:
        yield f"in cases of {'、'.join(limit.matters)}"
    if limit.without:
        yield f"while the case has no step `{limit.without}`"
    if limit.urgent_only:
        yield "where the step could not wait"
    if limit.unless_urgent:
        yield "unless the step could not wait"
    if limit.extension:
        yield f"prolonged by {term_words(limit.extension)} at most"
    if limit.warn:
        yield f"named {term_words(limit.warn)} before ({limit.set_by})"


def moment_words(moment: Moment, limit: Deadline, pack: LawPack) -> str:
    """Return a moment in words: the end of the step, the date of a document."""
    what = FIELDS[moment.field]
    if moment.of == "case":
        return f"the {what} of the case"
    if moment.of == "step":
        return f"the {what} of the step" if limit.of else f"the {what}"
    return f"the {what} of `{moment.of}`" if moment.of in pack.rules else f"the {what} of {moment.of}"


def term_words(term: Term | None) -> str:
    """Return a length of time in words."""
    if term is None:
        return ""
    unit = UNITS[term.unit]
    words = f"{term.amount} {unit.removesuffix('s') if term.amount == 1 else unit}"
    return f"{words} (a last day off gives way to the next working day)" if term.rolls_over else words


def roles_words() -> str:
    """Return the roles in which people sign, with their names in packs."""
    return ", ".join(f"`{role}` {ROLES[role]}" for role in SIGNERS)
