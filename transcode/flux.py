"""What changes in a sound: how fast each band of its spectrum gets louder or quieter, 125 times a second.

Changes survive what cameras do to a sound – gain, band limits, codecs, their own noise – and a steady hum has none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from transcode.soundtrack import RATE_HZ, Soundtrack

HOP = 64
STEP_S = HOP / RATE_HZ
BANDS = 16

_FRAME = 256
_LAG = 4  # frames between which change is measured: one frame's length, so that they share no sample
_BLOCK = 1 << 13
_LOWEST_HZ, _HIGHEST_HZ = 250.0, 3400.0  # what G.711 and AMR keep
_FLOOR = 1e-6
_MOST_DB = 15.0  # so that one bang does not outweigh everything else
_FULL_SCALE = 32768.0
_AUDIBLE_POWER = 10 ** (-70 / 10)
_FILE = "flux.raw"

Flux = NDArray[np.float32]
"""float32[BANDS, frames]: change in dB over 32 ms."""


@dataclass(frozen=True)
class FluxTrack:
    """The changes of a soundtrack, kept in scratch as float16[frames, BANDS].

    Attributes:
        from_s: time of the first frame, counted from the clip's beginning.
        frames: how many there are, `STEP_S` apart; audible: how many of them are not silent.
    """

    path: Path
    from_s: float
    frames: int
    audible: int

    @property
    def length_s(self) -> float:
        """How long the sound lasts."""
        return self.frames * STEP_S

    @property
    def audible_s(self) -> float:
        """How long it can be heard."""
        return self.audible * STEP_S

    def read(self, first: int, count: int) -> Flux:
        """Return ``count`` frames from ``first`` on, fewer at the end."""
        raw = np.fromfile(self.path, np.float16, count * BANDS, offset=first * BANDS * 2)
        return np.ascontiguousarray(raw.reshape(-1, BANDS).T, np.float32)


def measure(track: Soundtrack, folder: Path) -> FluxTrack:
    """Measure a soundtrack block by block and remove its samples."""
    path, frames, audible = folder / _FILE, 0, 0
    with path.open("wb") as file:
        for change, heard in _blocks(track.path):
            file.write(change.astype(np.float16).tobytes())
            frames += len(change)
            audible += int(heard.sum())
    track.path.unlink()
    return FluxTrack(path, track.from_s, frames, audible)


def _blocks(path: Path) -> Iterator[tuple[NDArray[np.float32], NDArray[np.bool_]]]:
    """Yield changes in dB, float32[frames, BANDS], and whether each frame is audible."""
    before = np.full((_LAG, BANDS), np.nan, np.float32)
    for first in range(0, max(0, path.stat().st_size // 2 - _FRAME + 1), _BLOCK * HOP):
        samples = np.fromfile(path, "<i2", (_BLOCK - 1) * HOP + _FRAME, offset=first * 2)
        if len(samples) < _FRAME:
            return
        frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float32) / _FULL_SCALE, _FRAME)[::HOP]
        loudness = np.concatenate([before, _loudness(frames)])
        change = np.nan_to_num(loudness[_LAG:] - loudness[:-_LAG])
        yield np.clip(change, -_MOST_DB, _MOST_DB), np.mean(frames**2, axis=1) > _AUDIBLE_POWER
        before = loudness[-_LAG:]


def _loudness(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the power of each band in dB, float32[frames, BANDS]."""
    spectrum = np.fft.rfft(frames * _WINDOW, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2) @ _WEIGHTS
    return np.asarray(10 * np.log10(power + _FLOOR), np.float32)


def _weights() -> NDArray[np.float32]:
    """Return which line of the spectrum belongs to which band, bands as wide as hearing has them."""
    lines_hz = np.fft.rfftfreq(_FRAME, 1 / RATE_HZ)
    edges_hz = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, BANDS + 1)
    weights = ((lines_hz[:, None] >= edges_hz[:-1]) & (lines_hz[:, None] < edges_hz[1:])).astype(np.float32)
    for band in np.flatnonzero(weights.sum(axis=0) == 0):
        middle_hz = np.sqrt(edges_hz[band] * edges_hz[band + 1])
        weights[np.argmin(np.abs(lines_hz - middle_hz)), band] = 1
    return weights


_WINDOW = np.hanning(_FRAME).astype(np.float32)
_WEIGHTS = _weights()
