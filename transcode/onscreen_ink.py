"""Are the digits of a line whole: each has strokes and ground from top to foot, as its neighbours have.

A digit that something covers in part may look like another, and a recogniser fills in what it does not see. A bright
cover leaves no ground where the neighbours have some, a dark one no strokes. What covers less than a third of a digit's
height, or leaves an edge of it free, may pass.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from transcode.pictures import Frame

LEAST_STROKES = 0.7
"""Of made overlays that nothing covers, 26 of 27 have more; see tests/bench/onscreen.py for what both bounds cost."""

LEAST_GROUND = 0.62
"""Of made overlays that nothing covers, all have 0.75 or more."""

LEAST_DIGITS = 6
_STROKE_BANDS, _GROUND_BANDS = 3, 5
_STROKE_HALF, _GROUND_HALF = 0.4, 0.36
_STROKE_PCT, _GROUND_PCT = 94, 12
_BUSY = 0.4

Grey = NDArray[np.float32]


def is_whole(crop: Frame, places: Sequence[float]) -> bool:
    """Whether no digit lacks strokes or ground that its neighbours have.

    Args:
        crop: the line.
        places: where the middle of each digit stands, 0 to 1 of the width; fewer than `LEAST_DIGITS` cannot be judged.
    """
    if len(places) < LEAST_DIGITS:
        return True
    grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), np.float32)
    return strokes(grey, places) >= LEAST_STROKES and ground(grey, places) >= LEAST_GROUND


def strokes(grey: Grey, places: Sequence[float]) -> float:
    """Return how strong the weakest third of any digit is: 1 as its neighbours', 0 no brighter than the ground."""
    bright = _levels(grey, places, _STROKE_BANDS, _STROKE_HALF, _STROKE_PCT)
    dark = _levels(grey, places, _STROKE_BANDS, _STROKE_HALF, _GROUND_PCT)
    contrast = np.maximum(np.median(bright, axis=0) - np.median(dark, axis=0), 1.0)
    return float(((bright - np.median(dark, axis=0)) / contrast).min())


def ground(grey: Grey, places: Sequence[float]) -> float:
    """Return how open the ground of the most covered fifth of any digit is: 1 as its neighbours', 0 all stroke."""
    bright = _levels(grey, places, _GROUND_BANDS, _GROUND_HALF, 100 - _GROUND_PCT)
    dark = _levels(grey, places, _GROUND_BANDS, _GROUND_HALF, _GROUND_PCT)
    contrast = np.maximum(np.median(bright, axis=0) - np.median(dark, axis=0), 1.0)
    inked = contrast >= contrast.max() / 2
    return float(((np.median(bright, axis=0) - dark) / contrast)[:, inked].min())


def _levels(grey: Grey, places: Sequence[float], bands: int, half: float, percent: int) -> Grey:
    """Return the brightness below which a share of each cell lies: float32[digits, bands]."""
    middles = [place * grey.shape[1] for place in places]
    steps = [step for step in np.diff(middles) if step > 0]
    reach = half * float(np.median(steps)) if steps else 1.0
    top, foot = _text_rows(grey)
    edges = [round(top + (foot - top) * at / bands) for at in range(bands + 1)]
    return np.array([[_level(grey, x, reach, edges[at : at + 2], percent) for at in range(bands)] for x in middles])


def _level(grey: Grey, middle: float, reach: float, rows: Sequence[int], percent: int) -> float:
    top, foot = rows
    left = min(max(0, round(middle - reach)), grey.shape[1] - 1)
    return float(np.percentile(grey[top : max(foot, top + 1), left : max(round(middle + reach), left) + 1], percent))


def _text_rows(grey: Grey) -> tuple[int, int]:
    """Return the first row that letters fill and the one behind the last: where brightness changes most along it."""
    change = np.abs(np.diff(grey, axis=1)).mean(axis=1)
    busy = np.flatnonzero(change >= _BUSY * change.max())
    return int(busy[0]), int(busy[-1]) + 1
