"""Comparisons by sound that nobody's derivation asks for: links made later, by a person, a late case, or a rebuilding.

Every link is an entry of the ledger, so following its numbers finds them all, at the cost of reading what is new.
"""

from dashboard.plant import Plant
from dashboard.wiring import House

BACKLOG = 32
"""From so many waiting comparisons on no more are handed in; the ledger is followed on when they are done."""

AT_ONCE = 16
"""Clips whose pairs are looked up in one round."""


class LateSound:
    """Hands comparisons in for clips that were linked since the last round."""

    def __init__(self, house: House, plant: Plant) -> None:
        """Look after the links of ``house``."""
        self._house = house
        self._plant = plant

    def tick(self) -> None:
        """Follow the ledger a little further, unless enough comparisons wait already."""
        if self._plant.desk.comparisons(BACKLOG) >= BACKLOG:
            return
        with self._house.register.transaction() as tx:
            for digest in self._house.sounds.newly_linked(tx, AT_ONCE):
                for a, b, attempt in self._house.sounds.wanted(tx, digest):
                    self._plant.desk.compare(tx, a, b, attempt)
