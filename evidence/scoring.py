"""How well a clip and a step fit each other: a score from 0 to 1, part by part, each with its value and its words.

The parts are factors: how much of each other clip and step share, what ties the clip to the step and how surely, how
far its clock is believed, and whether its path names the step's place. A part that nothing speaks of is left out.
What officer and believed time tie to a step stays above one half, everything else below: see `LEAST_CERTAIN`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from evidence.cases import Step
from evidence.claims import OfficerSource
from evidence.clock import ClockVerdict
from evidence.documents import folded
from evidence.matching import Footage, Margin
from evidence.notes import Note, Parameter
from evidence.spans import Span

LEAST_CERTAIN = 0.5
"""Between the least score of officer and believed time, and the greatest of anything less."""

BY_SOURCE: Mapping[OfficerSource, float] = {
    OfficerSource.DECIDED: 1.0,
    OfficerSource.ASSIGNMENT: 1.0,
    OfficerSource.PATH: 0.95,
    OfficerSource.NAME: 0.95,
    OfficerSource.SIDECAR: 0.9,
    OfficerSource.UNKNOWN: 0.9,
}
"""How strongly an officer of the step's record ties a clip to it, by what names the officer."""

SHARED = 0.95
"""How strongly a camera ties to a step that several officers carried together: the register does not say who filmed."""

DISAGREEMENT = 0.95
"""What is left of the strength when another source names another device or officer."""

BY_VERDICT: Mapping[ClockVerdict, float] = {
    ClockVerdict.TRUSTED: 1.0,
    ClockVerdict.ADJUSTED: 0.95,
    ClockVerdict.DISPUTED: 0.45,
    ClockVerdict.UNKNOWN: 0.3,
}
"""How far a clock verdict carries."""

NO_OVERLAP = 0.75
"""What is left where clip and step hardly share time."""

PLACE_NAMED = 1.1
"""What a path that names the step's place adds."""

SHORTEST_PLACE = 2
"""A place of fewer characters names nothing."""

NO_PARAMETERS: Mapping[str, Parameter] = {}

INSTANT_S = 1.0
"""How long a photo, or a step written as one moment, is taken to be."""


class Tie(StrEnum):
    """What ties a clip to a step."""

    RECORD = "record"  # its officer stands in the step's record
    UNIT = "unit"  # its officer is of the unit of one who does
    PLACE = "place"  # nothing but its path, which names the step's place
    STATION = "station"  # nobody knows whose it is; it came to the dock that footage of the step came to


BY_TIE: Mapping[Tie, float] = {Tie.UNIT: 0.45, Tie.PLACE: 0.4, Tie.STATION: 0.3}
"""How strongly anything but the record ties a clip to a step."""


@dataclass(frozen=True)
class Shares:
    """How much of a step and of a clip they have in common, 0 to 1: the mean over where the clip may lie."""

    of_step: float
    of_clip: float

    @property
    def better(self) -> float:
        """The greater of both: a short clip inside a long step fits as well as a long one around a short step."""
        return max(self.of_step, self.of_clip)


@dataclass(frozen=True)
class Scored:
    """A score from 0 to 1 in thousandths, and a sentence for each part of it."""

    score: float
    parts: tuple[Note, ...]


Factor = tuple[float, str, Mapping[str, Parameter]]
"""A part of a score: its value, and the code and parameters of its words."""


def score_of(footage: Footage, step: Step, margin: Margin, tie: Tie, shares: Shares | None = None) -> Scored:
    """Return how well a clip fits a step that something ties it to; ``shares``: what they share, where it is known."""
    factors = (
        _overlap(shares or shares_of(footage, step, margin), footage.uncertainty_s),
        *_tied(footage, step, tie),
        (BY_VERDICT[footage.verdict], f"score.clock_{footage.verdict}", NO_PARAMETERS),
        *_placed(footage, step),
    )
    product = 1.0
    for factor, _, _ in factors:
        product *= factor
    parts = tuple([Note(code, {**params, "value": f"{factor:.2f}"}) for factor, code, params in factors])
    return Scored(round(min(1.0, product), 3), parts)


def _overlap(shares: Shares, uncertainty_s: float) -> Factor:
    said = {
        "of_step_pct": round(100 * shares.of_step, 1),
        "of_clip_pct": round(100 * shares.of_clip, 1),
        "uncertainty_s": uncertainty_s,
    }
    return NO_OVERLAP + (1 - NO_OVERLAP) * shares.better, "score.overlap", said


def _tied(footage: Footage, step: Step, tie: Tie) -> tuple[Factor, ...]:
    who = footage.carried_by
    if tie is not Tie.RECORD:
        return ((BY_TIE[tie], f"score.tie_{tie}", {"officer": who, "place": step.place or step.party}),)
    if footage.is_shared:
        mine: Factor = (SHARED, "score.officer_shared", {"officers": who, "device": footage.device_id or ""})
    else:
        mine = (BY_SOURCE[footage.officer_source], f"score.officer_{footage.officer_source}", {"officer": who})
    return (mine, (DISAGREEMENT, "score.disagreement", NO_PARAMETERS)) if footage.disagrees else (mine,)


def _placed(footage: Footage, step: Step) -> tuple[Factor, ...]:
    named = place_named(footage, step)
    return ((PLACE_NAMED, "score.place_named", {"place": named}),) if named else ()


def place_named(footage: Footage, step: Step) -> str:
    """Return the place or party of a step that the clip's path names, empty when it names neither."""
    path = folded(footage.path)
    places = (place for place in (step.place, step.party) if len(folded(place)) >= SHORTEST_PLACE)
    return next((place for place in places if folded(place) in path), "")


def shares_of(footage: Footage, step: Step, margin: Margin) -> Shares:
    """Return what a clip and a step share on average, its start lying anywhere within the clock's uncertainty."""
    span, written = _lasting(footage.span), _lasting(step.window)
    common_s = mean_common_s(span, written.widened(margin.lead_s, margin.lag_s), footage.uncertainty_s)
    return Shares(min(1.0, common_s / written.length_s), min(1.0, common_s / span.length_s))


def mean_common_s(span: Span, window: Span, uncertainty_s: float) -> float:
    """Return the mean length in seconds that a stretch shares with a window when it is moved by up to ± a length.

    The length shared by ``[s, e]`` and ``[a, b]`` is ``r(e-a) - r(s-a) - r(e-b) + r(s-b)`` with ``r(x) = max(0, x)``;
    the mean over all moves is taken of its integral.
    """
    after_s = (span.start - window.start).total_seconds()
    before_s = (window.end - span.end).total_seconds()
    span_s, window_s = span.length_s, window.length_s
    if min(after_s, before_s) >= uncertainty_s:  # inside, wherever it lies
        return span_s
    ends = ((1, after_s + span_s), (-1, after_s), (-1, -before_s), (1, after_s - window_s))
    if uncertainty_s <= 0:
        return sum(sign * max(0.0, at) for sign, at in ends)
    area = sum(sign * (_ramp(at + uncertainty_s) - _ramp(at - uncertainty_s)) for sign, at in ends)
    return min(max(0.0, area / (2 * uncertainty_s)), span_s, window_s)


def _ramp(at_s: float) -> float:
    return max(0.0, at_s) ** 2 / 2


def _lasting(span: Span) -> Span:
    return span if span.length_s >= INSTANT_S else Span(span.start, span.start + timedelta(seconds=INSTANT_S))
