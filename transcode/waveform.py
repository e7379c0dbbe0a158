"""The waveform for the page: peak levels evenly over the clip, as a JSON list."""

import json
from collections.abc import Iterable
from pathlib import Path

_PER_S = 10
_MOST = 12_000
_DIGITS = 3


def write_waveform(levels: Iterable[tuple[float, float]], duration_s: float, path: Path) -> int:
    """Write peaks 0–1, ten per second and at most 12,000 over the clip; sound that is missing reads 0.

    Returns:
        How many peaks were written.
    """
    count = max(1, min(_MOST, round(duration_s * _PER_S)))
    peaks = [0.0] * count
    for at_s, level in levels:
        place = min(count - 1, max(0, int(at_s / duration_s * count))) if duration_s > 0 else 0
        peaks[place] = max(peaks[place], level)
    path.write_text(json.dumps([round(peak, _DIGITS) for peak in peaks], separators=(",", ":")), "ascii")
    return count
