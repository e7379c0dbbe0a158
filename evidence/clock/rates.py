"""How fast a camera's clock runs off: measured between readings, learned from several.

A crystal keeps its rate but for the weather; what several stretches agree on is narrower than the standard allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from evidence.clock.offsets import DAY_S, LEAST_DAYS, STANDARD, STRAY_S_PER_DAY, Anchor, Bounds, middle

WEATHER = 0.8
"""How far a crystal's rate moves with the temperature it is worn in, in seconds a day."""

MANY = 3
"""From so many measurements of a rate on, their errors are taken to even out."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast a clock was measured to run off between two moments, in seconds a day, and how far that may be wrong."""

    drift: float
    error: float


def rate_between(left: Anchor, right: Anchor) -> Rate | None:
    """Return the rate between two anchors, read or assumed; None when they lie too close, or the clock jumped."""
    days = (right.at - left.at) / DAY_S
    if days < LEAST_DAYS:
        return None
    drift = (middle(right.offset) - middle(left.offset)) / days
    error = (width(left.offset) + width(right.offset)) / 2 / days
    return Rate(drift, error) if abs(drift) <= STRAY_S_PER_DAY else None


def rate_from(measured: Sequence[Rate]) -> Bounds:
    """Return the bounds of a camera's rate by what was measured around; the standard's where nothing was.

    A crystal keeps its rate but for the weather (`WEATHER`); few measurements are taken with all their error.
    """
    if not measured:
        return STANDARD
    if len(measured) < MANY:
        return (
            min(one.drift - one.error for one in measured) - WEATHER,
            max(one.drift + one.error for one in measured) + WEATHER,
        )
    mean = sum(one.drift for one in measured) / len(measured)
    error = sum(one.error for one in measured) / len(measured) ** 1.5
    return mean - error - 2 * WEATHER, mean + error + 2 * WEATHER


def width(bounds: Bounds) -> float:
    """Return how far apart bounds lie."""
    return bounds[1] - bounds[0]
