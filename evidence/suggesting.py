"""Clips that may belong to a step and that no machine links: put before a person, with a score and the reasons.

A suggestion that a person refused comes back only when the facts it rested on have changed, and says which.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum

from evidence.cases import Step
from evidence.ids import CaseNo, Digest, StepNo
from evidence.law import LinkPolicy
from evidence.matching import BELIEVED, Footage, Margin, overlap_of
from evidence.notes import Note, note
from evidence.scoring import Scored, Shares, Tie, score_of, shares_of
from evidence.spans import Span
from evidence.zones import exact_iso, from_iso

FOLLOWED = ("officer", "device", "verdict", "step_start_at", "step_end_at", "step_officers", "place")
"""Facts whose every change counts; a clip's own time counts once it has moved by more than its uncertainty."""

LEAST_MOVE_S = 60.0
"""Paper knows minutes: a clip that moved by less is where it was."""


class Ground(StrEnum):
    """Why a person is asked and no machine links."""

    CLOCK = "clock"  # its time is not believed
    BAR = "bar"  # the score is below the bureau's bar
    UNIT = "unit"  # its officer is of the unit and not in the record
    PLACE = "place"  # only the place speaks for it
    STATION = "station"  # nobody knows whose it is
    CHANGED = "changed"  # a person refused it, and facts have changed since


BY_TIE: Mapping[Tie, Ground] = {Tie.UNIT: Ground.UNIT, Tie.PLACE: Ground.PLACE, Tie.STATION: Ground.STATION}


@dataclass(frozen=True)
class LinkFacts:
    """The facts that a clip's place at a step rests on, as text, so that a refusal can be held against them later."""

    officer: str
    device: str
    verdict: str
    start_at: str
    uncertainty_s: float
    step_start_at: str
    step_end_at: str
    step_officers: str
    place: str

    def as_plain(self) -> dict[str, object]:
        """Return JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True)
class Pair:
    """A clip and a step that it may belong to."""

    digest: Digest
    case_no: CaseNo
    step_no: StepNo


@dataclass(frozen=True)
class Suggestion:
    """A clip that may belong to a step. ``overlap``: what both have in common, lead and lag included."""

    digest: Digest
    case_no: CaseNo
    step_no: StepNo
    ground: Ground
    score: float
    overlap: Span
    why: tuple[Note, ...]


@dataclass(frozen=True)
class SuggestionView:
    """A suggestion in a list. ``procedure``: the step's; ``suggested_at``: since when it waits as it stands."""

    suggestion: Suggestion
    procedure: str
    suggested_at: datetime


def link_facts(footage: Footage, step: Step) -> LinkFacts:
    """Return the facts of a clip and a step as they are now."""
    return LinkFacts(
        officer=", ".join(sorted(footage.carriers)),
        device=str(footage.device_id or ""),
        verdict=footage.verdict.value,
        start_at=exact_iso(footage.span.start),
        uncertainty_s=footage.uncertainty_s,
        step_start_at=exact_iso(step.started_at),
        step_end_at=exact_iso(step.ended_at),
        step_officers=", ".join(sorted(step.officers)),
        place=step.place,
    )


def facts_from(plain: Mapping[str, object]) -> LinkFacts:
    """Return the facts that `LinkFacts.as_plain` wrote.

    Raises:
        LookupError: one is missing. ValueError: one is not what it must be.
    """
    text = {one.name: str(plain[one.name]) for one in fields(LinkFacts) if one.name != "uncertainty_s"}
    return LinkFacts(**text, uncertainty_s=float(str(plain["uncertainty_s"])))


def changes(before: LinkFacts, now: LinkFacts) -> tuple[Note, ...]:
    """Return what has changed since, in sentences; nothing when the facts are the same in all that counts."""
    pairs = [(name, str(getattr(before, name)), str(getattr(now, name))) for name in FOLLOWED]
    notes = [_changed(name, old, new) for name, old, new in pairs if old != new]
    moved_s = abs((from_iso(now.start_at) - from_iso(before.start_at)).total_seconds())
    if moved_s > max(LEAST_MOVE_S, before.uncertainty_s, now.uncertainty_s):
        notes.append(_changed("start_at", before.start_at, now.start_at))
    return tuple(notes)


def _changed(name: str, old: str, new: str) -> Note:
    if name.endswith("_at"):
        return note(f"suggest.changed_{name}", old_at=from_iso(old), new_at=from_iso(new))
    if name == "verdict":
        return note(f"suggest.changed_verdict_{new}")
    return note(f"suggest.changed_{name}", old=old or "–", new=new or "–")


def suggest(
    footage: Footage,
    step: Step,
    margin: Margin,
    tie: Tie,
    policy: LinkPolicy,
    refused: LinkFacts | None = None,
) -> Suggestion | None:
    """Return what is to be put before a person, or None: it is linked, too weak, or refused on the same facts.

    ``refused`` are the facts on which a person refused it; None where nobody did.
    """
    overlap = overlap_of(footage, step, margin)
    if overlap is None:
        return None
    shares = shares_of(footage, step, margin)
    if not _is_worth_asking(footage, shares, tie, policy):
        return None
    scored = score_of(footage, step, margin, tie, shares)
    changed = changes(refused, link_facts(footage, step)) if refused else ()
    ground = Ground.CHANGED if changed else _ground(footage, tie, scored, policy)
    if ground is None or scored.score < policy.suggest_from or (refused and not changed):
        return None
    why = (note(f"suggest.{ground}", officer=footage.carried_by), *changed, *scored.parts)
    return Suggestion(footage.digest, step.case_no, step.step_no, ground, scored.score, overlap, why)


def links_by_itself(footage: Footage, tie: Tie, scored: Scored, policy: LinkPolicy) -> bool:
    """Whether a machine may link: officer of the record, believed time, and the bureau's bar."""
    return tie is Tie.RECORD and footage.verdict in BELIEVED and scored.score >= policy.automatic_from


def _ground(footage: Footage, tie: Tie, scored: Scored, policy: LinkPolicy) -> Ground | None:
    if links_by_itself(footage, tie, scored, policy):
        return None
    if tie in BY_TIE:
        return BY_TIE[tie]
    return Ground.BAR if footage.verdict in BELIEVED else Ground.CLOCK


def _is_worth_asking(footage: Footage, shares: Shares, tie: Tie, policy: LinkPolicy) -> bool:
    """Whether a clip of others than the step's officers is believed, and shares enough with the step."""
    return tie is Tie.RECORD or (footage.verdict in BELIEVED and shares.better >= policy.company_share)
