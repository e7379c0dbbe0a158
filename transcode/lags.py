"""Where a window of one sound lies in another, and how sure that is."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from transcode.flux import BANDS, STEP_S, Flux, FluxTrack

WINDOW = 1024
"""Frames of a window: 8.2 s."""

MATCH_RATIO = 1.5

_BLOCK = 1 << 15
_LOBE = 8  # frames on each side of a peak that belong to it
_LEAST_PLACES = 500
_LEAST_SIGMA = 7.0
_LEAST_CHANGE_DB = 0.3
_PARTS = 8
_LEAST_PARTS = 2.5

Curve = NDArray[np.float32]
"""float32[places]: how well a window fits at each place, −1 to 1."""


class Verdict(StrEnum):
    """What a window says."""

    MATCH = "match"
    UNSURE = "unsure"  # it fits, and nearly as well elsewhere, or by a single bang
    STEADY = "steady"  # nothing in it changes
    NOTHING = "nothing"


@dataclass(frozen=True)
class Vote:
    """What one window of b says.

    Attributes:
        at_s: middle of the window on b's time; lag_s: a's time of the same sound less b's.
        ratio: the match over the second best, its own repetitions included.
    """

    verdict: Verdict
    at_s: float
    lag_s: float = 0.0
    ratio: float = 0.0


def vote(a: FluxTrack, b: FluxTrack, first: int, lags_s: tuple[float, float]) -> Vote:
    """Look for the window of b that begins at frame ``first`` in a, at lags from the lesser to the greater."""
    begin_s = b.from_s + first * STEP_S
    at_s = begin_s + WINDOW * STEP_S / 2
    window = _standard(b.read(first, WINDOW))
    if not window.any():
        return Vote(Verdict.STEADY, at_s)
    places = _places(a, begin_s, lags_s)
    curve = _fits(window, a, places)
    if len(curve) < _LEAST_PLACES:
        return Vote(Verdict.NOTHING, at_s)
    best = int(np.argmax(curve))
    if curve[best] < _LEAST_SIGMA * _spread(curve):
        return Vote(Verdict.NOTHING, at_s)
    ratio = float(curve[best]) / max(_second(curve, best), _repetition(window, b, first, lags_s), 1e-6)
    lag_s = a.from_s + (places.start + best + _between(curve, best)) * STEP_S - begin_s
    sure = ratio >= MATCH_RATIO and _parts(window, a.read(places.start + best, WINDOW)) >= _LEAST_PARTS
    return Vote(Verdict.MATCH if sure else Verdict.UNSURE, at_s, lag_s, ratio)


def _places(a: FluxTrack, begin_s: float, lags_s: tuple[float, float]) -> range:
    """Return the frames of a at which a window that begins at ``begin_s`` of b may lie whole."""
    low, high = (round((begin_s + lag_s - a.from_s) / STEP_S) for lag_s in lags_s)
    return range(max(0, low), min(a.frames - WINDOW, high) + 1)


def _standard(window: Flux) -> Flux:
    """Return the window with mean 0 and variance 1 in each band; a band in which nothing changes becomes 0."""
    spread = window.std(axis=1, keepdims=True)
    level = window - window.mean(axis=1, keepdims=True)
    return np.where(spread > _LEAST_CHANGE_DB, level / np.maximum(spread, _LEAST_CHANGE_DB), 0).astype(np.float32)


def _fits(window: Flux, track: FluxTrack, places: range) -> Curve:
    """Return the mean correlation coefficient over the bands for each place of a window in a track."""
    spectrum = np.conj(np.fft.rfft(window, _BLOCK))
    return np.concatenate([np.empty(0, np.float32), *_curves(spectrum, track.read, places)])


def _curves(spectrum: NDArray[np.complexfloating], read: Callable[[int, int], Flux], places: range) -> Iterator[Curve]:
    step = _BLOCK - WINDOW + 1
    for start in range(places.start, places.stop, step):
        count = min(step, places.stop - start)
        stretch = read(start, count + WINDOW - 1)
        products = np.fft.irfft(np.fft.rfft(stretch, _BLOCK) * spectrum, _BLOCK)[:, :count]
        spread = np.maximum(_moving_std(stretch), _LEAST_CHANGE_DB)
        yield (products / (WINDOW * spread)).mean(axis=0, dtype=np.float32)


def _moving_std(stretch: Flux) -> NDArray[np.float64]:
    """Return the standard deviation of each band over a window at each place."""
    padded = np.pad(stretch.astype(np.float64), ((0, 0), (1, 0)))
    sums, squares = np.cumsum(padded, axis=1), np.cumsum(padded**2, axis=1)
    mean = (sums[:, WINDOW:] - sums[:, :-WINDOW]) / WINDOW
    return np.sqrt(np.maximum((squares[:, WINDOW:] - squares[:, :-WINDOW]) / WINDOW - mean**2, 0))


def _spread(curve: Curve) -> float:
    """Return the spread of chance, from the middle of the curve, but not below what so many numbers give."""
    measured = 1.4826 * float(np.median(np.abs(curve - np.median(curve))))
    return max(measured, 1 / math.sqrt(WINDOW * BANDS))


def _second(curve: Curve, best: int) -> float:
    """Return the best fit outside the lobe of the best."""
    left, right = curve[: max(0, best - _LOBE)], curve[best + _LOBE + 1 :]
    return max((float(side.max()) for side in (left, right) if len(side)), default=0.0)


def _repetition(window: Flux, b: FluxTrack, first: int, lags_s: tuple[float, float]) -> float:
    """Return how well the window fits anywhere else in its own track, as far around as lags were looked at.

    Sound that repeats itself – a siren, a looped announcement – would fit at a wrong lag just as well, and the other
    clip may be too short to show that.
    """
    reach = min(round((lags_s[1] - lags_s[0]) / STEP_S), _BLOCK)
    places = range(max(0, first - reach), min(b.frames - WINDOW, first + reach) + 1)
    return _second(_fits(window, b, places), first - places.start)


def _between(curve: Curve, best: int) -> float:
    """Return by what part of a frame the true peak lies beside the best frame: −0.5 to 0.5."""
    if not 0 < best < len(curve) - 1:
        return 0.0
    before, peak, after = (float(value) for value in curve[best - 1 : best + 2])
    bend = before - 2 * peak + after
    return 0.5 * (before - after) / bend if bend < 0 else 0.0


def _parts(window: Flux, found: Flux) -> float:
    """Return over how many of the window's eight parts the match is spread: 1 when a single one makes it."""
    gains = (window * _standard(found)).sum(axis=0).reshape(_PARTS, -1).sum(axis=1)
    total, power = float(np.maximum(gains, 0).sum()), float((gains**2).sum())
    return total**2 / power if power else 0.0
