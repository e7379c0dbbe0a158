"""What ties a clip to a step whose record does not name its officer: unit, place, or the dock they came to.

Such a tie is never enough for a machine (`evidence.suggesting`); it says whom a person is asked about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evidence.cases import Step
from evidence.ids import OfficerId
from evidence.matching import Footage, Margin
from evidence.roster import Roster
from evidence.scoring import Tie, place_named
from evidence.spans import Span

Docks = Mapping[str, Sequence[tuple[str, Span]]]
"""By officer: the docks that footage of theirs came to, each with the stretch that a clip may lie in."""


@dataclass(frozen=True)
class Company:
    """Knows who is of whose unit, by the roster."""

    roster: Roster

    def tie(self, shot: Footage, step: Step, margin: Margin, docks: Docks) -> Tie | None:
        """Return what ties a clip to a step that is of none of its carriers; None where nothing does."""
        if shot.is_of(step):
            return None
        if self.units_of_clip(shot) & self.units_of_step(step):
            return Tie.UNIT
        if place_named(shot, step):
            return Tie.PLACE
        return Tie.STATION if shot.officer_id is None and came_beside(shot, step, margin, docks) else None

    def units_of_clip(self, shot: Footage) -> frozenset[str]:
        """Return the units of those who carried a clip's camera; of nobody's clip that of the camera."""
        if shot.carriers:
            return frozenset(map(self._unit_of, shot.carriers)) - {""}
        device = self.roster.device(shot.device_id) if shot.device_id is not None else None
        return frozenset({device.unit} if device is not None else ()) - {""}

    def units_of_step(self, step: Step) -> frozenset[str]:
        """Return the units of a step's officers."""
        return frozenset(map(self._unit_of, step.officers)) - {""}

    def _unit_of(self, officer_id: OfficerId) -> str:
        officer = self.roster.officer(officer_id)
        return officer.unit if officer is not None else ""


def came_beside(shot: Footage, step: Step, margin: Margin, docks: Docks) -> bool:
    """Whether footage of a step's officers, of its time, came to the dock that a clip came to."""
    window = step.window.widened(margin.lead_s, margin.lag_s)
    beside = (one for officer in step.officers for one in docks.get(officer, ()))
    return any(station == shot.station and reach.overlaps(window) for station, reach in beside)


def reach_of(shot: Footage) -> Span:
    """Return the stretch that a clip may lie in, by its uncertainty."""
    return shot.span.widened(shot.uncertainty_s, shot.uncertainty_s)


def meets(shot: Footage, step: Step, margin: Margin) -> bool:
    """Whether a clip may share time with a step, lead and lag included."""
    return reach_of(shot).overlaps(step.window.widened(margin.lead_s, margin.lag_s))
