"""Whom else a clip that hangs nowhere may belong to: steps of its unit, of the place its path names, of its dock."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from evidence.company import Company, meets, reach_of
from evidence.documents import folded
from evidence.ids import OfficerId
from evidence.matching import Footage
from evidence.scoring import Tie
from evidence.spans import Span
from index.carriers import carriers_of
from index.reach import reach_class
from index.whole.filed import SHORT_CLASSES, WIDEST, ByTime, Filed

ALL = ""


class Neighbours:
    """Looks among the steps and clips of a stretch; says what `index.suggestions` would, of short steps."""

    def __init__(self, company: Company, filed: Sequence[Filed], clips: Iterable[Any]) -> None:
        """File the steps by time."""
        self._company = company
        longest = max((one.reach.end - one.reach.start for one in filed if is_short(one)), default=WIDEST)
        self._steps = ByTime(((ALL, one.reach, one) for one in filed), longest)
        self._long = any(not is_short(one) for one in filed)
        self._clips = clips
        self._docks: dict[str, list[tuple[str, Span]]] | None = None
        self._units: dict[tuple[tuple[OfficerId, ...], str | None], frozenset[str]] = {}

    def of(self, shot: Footage) -> list[tuple[Tie, Filed]]:
        """Return the steps that a clip shares time with and is tied to by anything but its officer, and the ties."""
        near = self._steps.near(ALL, reach_of(shot))
        if not near:
            return []
        units, path = self._units_of(shot), folded(shot.path)
        if shot.officer_id is not None:
            near = [one for one in near if units & one.units or any(map(path.__contains__, one.places))]
        return [(tie, one) for one in near if (tie := self._tie(shot, one)) is not None]

    def _units_of(self, shot: Footage) -> frozenset[str]:
        who = (shot.carriers, shot.device_id)
        if who not in self._units:
            self._units[who] = self._company.units_of_clip(shot)
        return self._units[who]

    def _tie(self, shot: Footage, one: Filed) -> Tie | None:
        if shot.is_of(one.step) or not meets(shot, one.step, one.margin):
            return None
        return self._company.tie(shot, one.step, one.margin, self._came() if shot.officer_id is None else {})

    def is_beyond(self, shot: Footage) -> bool:
        """Whether nobody's clip meets a long step, so that footage of other days may have come to its dock with it."""
        if shot.officer_id is not None or not self._long:
            return False
        return any(not is_short(one) for one in self._steps.near(ALL, reach_of(shot)))

    def _came(self) -> dict[str, list[tuple[str, Span]]]:
        """Return the docks that officers' footage came to; made when it is first asked for."""
        if self._docks is None:
            docks: dict[str, list[tuple[str, Span]]] = defaultdict(list)
            for clip in self._clips:
                for officer in carriers_of(clip) if clip.reach_start is not None else ():
                    docks[officer].append((clip.station, Span(clip.reach_start, clip.reach_end)))
            self._docks = dict(docks)
        return self._docks


def is_short(one: Filed) -> bool:
    """Whether a step is of a class of reach that stretches hold whole."""
    return reach_class(one.step.window) < SHORT_CLASSES
