"""What people decided on a camera's clock: a shift confirmed for a clip, a camera or a unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from evidence.ids import Digest


@dataclass(frozen=True)
class Correction:
    """A confirmed shift of a camera's clock. Both times stay: what was stated, and what is believed since.

    Attributes:
        shift_s: camera's clock minus real time, in seconds; it is taken off.
        by: the person who confirmed it.
        since, until: stretch of the camera's own clock it holds for, UTC, both included; None is without end.
        digest: the one clip it holds for; None is every clip of the camera.
    """

    shift_s: float
    by: str
    since: datetime | None = None
    until: datetime | None = None
    digest: Digest | None = None

    def holds_for(self, shown: datetime, digest: Digest | None = None) -> bool:
        """Whether it holds for what the camera's clock showed, in a clip or (None) in a dock."""
        if self.digest is not None:
            return self.digest == digest
        return (self.since is None or self.since <= shown) and (self.until is None or shown <= self.until)


def correction_for(
    corrections: Sequence[Correction], shown: datetime | None, digest: Digest | None = None
) -> Correction | None:
    """Return the correction that holds, one for the clip itself before one for its camera; the later of equals."""
    if shown is None:
        return None
    holding = [one for one in corrections if one.holds_for(shown, digest)]
    return max(holding, key=lambda one: one.digest is not None, default=None)
