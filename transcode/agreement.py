"""What several windows say together: one line of lags that clocks of slightly different rates explain, or none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transcode.flux import STEP_S
from transcode.lags import Verdict, Vote

LEAST_VOTES = 3

_TOLERANCE_S = 0.025
_MOST_DRIFT = 120e-6  # two clocks, 100 ppm apart, and what measuring adds
_USUAL_DRIFT = 40e-6
_LEAST_SCATTER_S = 0.002
_LEAST_SHARE = 0.75
_LEAST_HEARD = 0.5
_Z_95 = 2.0


@dataclass(frozen=True)
class Line:
    """The lag as it changes over b's time.

    Attributes:
        lag_s: at ``at_s`` of b; drift: seconds of lag per second; votes: those that lie on it.
        scatter_s: how far votes lie off it; drift_error: how far off the drift may be.
    """

    at_s: float
    lag_s: float
    drift: float
    scatter_s: float
    drift_error: float
    votes: tuple[Vote, ...]

    def lag_at(self, at_s: float) -> float:
        """Return the lag at a time of b."""
        return self.lag_s + self.drift * (at_s - self.at_s)

    def error_at(self, at_s: float) -> float:
        """Return how far off the lag may be there: scatter, drift that is not known, and the step of the measure."""
        mean_s = self.scatter_s / np.sqrt(len(self.votes))
        return float(_Z_95 * np.hypot(mean_s, self.drift_error * (at_s - self.at_s)) + STEP_S)

    def distance_s(self, vote: Vote) -> float:
        """Return how far a vote lies off the line."""
        return abs(vote.lag_s - self.lag_at(vote.at_s))

    @property
    def later_begins_s(self) -> float:
        """The time of b at which the clip that begins later begins: 0 when that is b."""
        return max(0.0, -self.lag_s)


def agreed(votes: Sequence[Vote]) -> Line | None:
    """Return the line that the votes decide on, None when they do not.

    At least three that match, and three quarters of those; and more than half of all that heard something, since sound
    that repeats itself makes windows unsure and some of them wrong.
    """
    matches = [vote for vote in votes if vote.verdict is Verdict.MATCH]
    heard = [vote for vote in votes if vote.verdict in {Verdict.MATCH, Verdict.UNSURE}]
    line = _best(matches)
    if line is None or len(line.votes) < _LEAST_SHARE * len(matches):
        return None
    on_it = [vote for vote in heard if line.distance_s(vote) <= _TOLERANCE_S]
    return line if len(on_it) > _LEAST_HEARD * len(heard) else None


def _best(votes: Sequence[Vote]) -> Line | None:
    groups = (tuple(other for other in votes if _may_agree(pivot, other)) for pivot in votes)
    largest = max(groups, key=len, default=())
    while len(largest) >= LEAST_VOTES:
        line = _fit(largest)
        on_it = tuple(vote for vote in largest if line.distance_s(vote) <= _TOLERANCE_S)
        if len(on_it) == len(largest):
            return line
        largest = on_it
    return None


def _may_agree(one: Vote, other: Vote) -> bool:
    return abs(one.lag_s - other.lag_s) <= _TOLERANCE_S + _MOST_DRIFT * abs(one.at_s - other.at_s)


def _fit(votes: tuple[Vote, ...]) -> Line:
    """Fit a line by least squares, its drift held near 0 as long as the votes lie too close together to tell."""
    times, lags = _array(vote.at_s for vote in votes), _array(vote.lag_s for vote in votes)
    at_s, lag_s = float(times.mean()), float(lags.mean())
    apart = times - at_s
    free = float(apart @ (lags - lag_s)) / max(float(apart @ apart), 1.0)
    drift = float(np.clip(free, -_MOST_DRIFT, _MOST_DRIFT))
    scatter_s = _scatter(lags - lag_s - drift * apart)
    weight = float(apart @ apart) + (scatter_s / _USUAL_DRIFT) ** 2
    drift = float(np.clip(apart @ (lags - lag_s) / weight, -_MOST_DRIFT, _MOST_DRIFT))
    return Line(at_s, lag_s, drift, _scatter(lags - lag_s - drift * apart), scatter_s / np.sqrt(weight), votes)


def _scatter(residuals: NDArray[np.float64]) -> float:
    return max(_LEAST_SCATTER_S, float(np.sqrt((residuals**2).sum() / max(1, len(residuals) - 2))))


def _array(values: Iterable[float]) -> NDArray[np.float64]:
    return np.fromiter(values, np.float64)
