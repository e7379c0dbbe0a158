"""The numbers of a case: a provisional one while it is urgent, the official one afterwards; both name the same case.

Source: article 6, second sentence: in an urgent situation the procedure is started first and reported afterwards.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from evidence.cases import Case
from evidence.errors import UsageError
from evidence.ids import CaseNo
from evidence.zones import beijing

PREFIX = "临"
"""How a provisional number begins (临时)."""

UNIT_SIGNS = 24
_NOT_IN_NUMBER = re.compile(r"[\s/;；、,，\-\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class UrgentCase:
    """A case that is begun before it is approved, as a person states it. ``urgent_at``: when, UTC."""

    title: str
    urgent_at: datetime
    unit: str = ""
    matter_type: str = ""


def provisional_number(unit: str, urgent_at: datetime, taken: Collection[str]) -> CaseNo:
    """Return the first free number ``临-<unit>-<Beijing day>-<n>``; the unit is left out where none is known.

    ``taken``: the numbers that begin so, provisional and official.
    """
    stem = provisional_stem(unit, urgent_at)
    number = next(n for n in range(1, len(taken) + 2) if f"{stem}{n}" not in taken)
    return CaseNo(f"{stem}{number}")


def provisional_stem(unit: str, urgent_at: datetime) -> str:
    """Return what the provisional numbers of a unit begin with on a Beijing day."""
    named = _NOT_IN_NUMBER.sub("", unit)[:UNIT_SIGNS]
    return "-".join(part for part in (PREFIX, named, f"{beijing(urgent_at):%Y%m%d}") if part) + "-"


def joined(standing: Case, stated: Case) -> Case:
    """Return a case of which two records speak, the one under its provisional and the one under its official number.

    Each is silent on what only the other knows, so that an empty cell takes nothing away, and neither takes back that
    it was begun provisionally or the official number it has.
    """
    return replace(
        stated,
        case_no=standing.case_no,
        title=stated.title or standing.title,
        matter_type=stated.matter_type or standing.matter_type,
        unit=stated.unit or standing.unit,
        opened_at=stated.opened_at or standing.opened_at,
        concluded_at=stated.concluded_at or standing.concluded_at,
        confidentiality=stated.confidentiality or standing.confidentiality,
        provisional=True,
        official_no=standing.official_no or stated.official_no,
        urgent_at=stated.urgent_at or standing.urgent_at,
    )


class NumberFault(StrEnum):
    """Why a provisional case cannot be given an official number."""

    TAKEN = "number_taken"  # that number belongs to another case that was begun provisionally
    TWICE = "numbered_twice"  # the case has another official number
    NOT_PROVISIONAL = "not_provisional"
    DECIDED = "decided_under_both"  # people have decided on the case that is known by the official number
    STEPS_DIFFER = "records_differ"  # both have a step or a text record of one number, and they say different things


@dataclass(frozen=True)
class NumberRefusal:
    """Why a number is refused. ``about``: the case, step or number that stands in the way."""

    fault: NumberFault
    about: str


_WORDS = {
    NumberFault.TAKEN: (
        "belongs to another case already ({about})",
        "see which of the two is right: `evidock cases --text` and the number; each case has one number of its own",
    ),
    NumberFault.TWICE: (
        "has the official number {about} already",
        "use that number; if it is wrong, the record with the right one must come as a case of its own",
    ),
    NumberFault.NOT_PROVISIONAL: (
        "is not a provisional case",
        "it keeps its number: only a provisional case is given another; `evidock cases --provisional` lists them",
    ),
    NumberFault.DECIDED: (
        "is a case of its own by now, on which people have decided ({about})",
        "keep both cases, and hang the footage on the official one: evidock link",
    ),
    NumberFault.STEPS_DIFFER: (
        "is recorded under both numbers, and both records say different things ({about})",
        "import it alike under both numbers, or give one of the two another step number; then number the case again",
    ),
}


def refusal_error(refusal: NumberRefusal, subject: str) -> UsageError:
    """Return the error that says why a number is refused and what to do."""
    message, cure = _WORDS[refusal.fault]
    return UsageError(message.format(about=refusal.about), subject=subject, cure=cure)
