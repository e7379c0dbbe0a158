"""What people decided on a camera's clock: a shift confirmed for a clip, a camera or a unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from evidence.clock.shifts import is_same
from evidence.ids import Digest


@dataclass(frozen=True)
class Correction:
    """A confirmed shift of a camera's clock. Both times stay: what was stated, and what is believed since.

    Attributes:
        shift_s: camera's clock minus real time, in seconds; it is taken off.
        by: the person who confirmed it.
        since, until: stretch of the camera's own clock it holds for, UTC, both included; None is without end.
        digest: the one clip it holds for; None is every clip of the camera.
        files: the clips it was decided for; none is every clip of the stretch.
        refused: a later word that the clock was not shifted; nothing is taken off.
    """

    shift_s: float
    by: str
    since: datetime | None = None
    until: datetime | None = None
    digest: Digest | None = None
    files: frozenset[Digest] = frozenset()
    refused: bool = False

    def holds_for(self, shown: datetime, digest: Digest | None = None) -> bool:
        """Whether it holds for what the camera's clock showed, in a clip or (None) in a dock."""
        if self.digest is not None:
            return self.digest == digest
        if digest is not None and self.files and digest not in self.files:
            return False
        return (self.since is None or self.since <= shown) and (self.until is None or shown <= self.until)


def correction_for(
    corrections: Sequence[Correction], shown: datetime | None, digest: Digest | None = None
) -> Correction | None:
    """Return the correction that holds: one for the clip itself before one for its camera, the later of equals.

    Args:
        corrections: in the order they were decided.
        shown: what the camera's clock showed; nothing holds where it showed nothing.
        digest: of the clip; None for what a dock read.
    """
    if shown is None or not corrections:
        return None
    holding = [one for one in reversed(corrections) if one.holds_for(shown, digest)]
    refused: list[float] = []
    for one in sorted(holding, key=lambda each: each.digest is None):
        if one.refused:
            refused.append(one.shift_s)
        elif not any(is_same(shift_s, one.shift_s) for shift_s in refused):
            return one
    return None
