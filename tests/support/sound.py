"""A scene of sound made from a seed, and the files that cameras at different places would have recorded of it."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evidence.sound import NoSoundOffset, SoundOffset
from tests.support.transcode import ffmpeg, never, unheard
from transcode.runner import Runner
from transcode.sound import SoundComparer

RATE_HZ = 16000
CODECS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "aac": ("mp4", ("-c:a", "aac", "-b:a", "48k")),
    "alaw": ("mov", ("-ar", "8000", "-c:a", "pcm_alaw")),
    "mp3": ("mp3", ("-c:a", "libmp3lame", "-b:a", "48k")),
    "ts": ("ts", ("-c:a", "aac", "-b:a", "48k")),
    "pcm": ("wav", ("-c:a", "pcm_s16le")),
    "amr": ("3gp", ("-ar", "8000", "-c:a", "libopencore_amrnb", "-b:a", "12.2k")),
}
"""Suffix and options of ffmpeg for each way a camera stores its sound."""

Sound = NDArray[np.float64]
"""float64[samples], full scale ±1, at `RATE_HZ`."""


def has_encoder(name: str) -> bool:
    """Tell whether this machine's ffmpeg can write a codec of `CODECS`."""
    listed = subprocess.run(["ffmpeg", "-v", "error", "-encoders"], check=True, capture_output=True, text=True).stdout
    return CODECS[name][1][CODECS[name][1].index("-c:a") + 1] in listed.split()


def scene(seed: int, length_s: float) -> Sound:
    """Return sound that never repeats: speech-like modulated noise, bangs and chirps over a quiet ground."""
    rng = np.random.default_rng(seed)
    heard = 0.01 * rng.standard_normal(round(length_s * RATE_HZ))
    at_s = 0.0
    while at_s < length_s:
        event = (_syllable, _syllable, _syllable, _syllable, _bang, _chirp)[rng.integers(6)](rng)
        begin = round(at_s * RATE_HZ)
        end = min(len(heard), begin + len(event))
        heard[begin:end] += event[: end - begin] * rng.uniform(0.1, 0.4)
        at_s += rng.exponential(0.22) + (rng.exponential(2.0) if rng.random() < 0.05 else 0.0)  # now and then a pause
    return heard


def _syllable(rng: np.random.Generator) -> Sound:
    """Return a voiced stretch: pulses through two resonances, fading in and out."""
    count = round(rng.uniform(0.08, 0.3) * RATE_HZ)
    times = np.arange(count) / RATE_HZ
    pitch_hz = rng.uniform(90, 260) * (1 + rng.uniform(-0.3, 0.3) * times)
    formants_hz = rng.uniform((250, 900), (900, 2800))
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    voice = np.zeros(count)
    for harmonic in range(1, 24):
        level = np.exp(-(((harmonic * pitch_hz[0] - formants_hz) / 250.0) ** 2)).sum() + 0.05
        voice += level * np.sin(harmonic * phase)
    voice += 0.3 * rng.standard_normal(count)
    return np.asarray(voice / np.abs(voice).max() * np.hanning(count))


def _bang(rng: np.random.Generator) -> Sound:
    count = round(rng.uniform(0.05, 0.4) * RATE_HZ)
    return rng.standard_normal(count) / 3 * np.exp(-np.arange(count) / (count * rng.uniform(0.1, 0.3)))


def _chirp(rng: np.random.Generator) -> Sound:
    count = round(rng.uniform(0.1, 0.8) * RATE_HZ)
    sweep_hz = np.linspace(rng.uniform(300, 3200), rng.uniform(300, 3200), count)
    return np.sin(2 * np.pi * np.cumsum(sweep_hz) / RATE_HZ) * np.hanning(count)


@dataclass(frozen=True)
class Camera:
    """How one camera hears the scene and what it writes.

    Attributes:
        start_s, length_s: which stretch of the scene it records.
        gain: of its microphone; noise_db: its own noise below (above, when negative) the scene's level.
        band_hz: what its microphone lets through.
        fast_ppm: how much faster than true its sample clock runs.
        mute_s: how long its head is without sound, as a pre-recorded buffer is.
        late_s: how much later than the picture its sound track starts in the file.
        base_s: time stamp of the first picture.
    """

    start_s: float
    length_s: float
    codec: str = "aac"
    gain: float = 1.0
    noise_db: float = 20.0
    band_hz: tuple[float, float] = (120.0, 6000.0)
    fast_ppm: float = 0.0
    mute_s: float = 0.0
    late_s: float = 0.0
    base_s: float = 0.0
    picture: bool = False
    seed: int = 1


def heard_by(camera: Camera, whole: Sound) -> Sound:
    """Return what the camera's microphone made of the scene, from the start of its picture on."""
    count = round(camera.length_s * RATE_HZ)
    places = camera.start_s * RATE_HZ + np.arange(count) / (1 + camera.fast_ppm * 1e-6)
    heard = _band(np.interp(places, np.arange(len(whole)), whole), camera.band_hz)
    own = _band(np.random.default_rng(camera.seed).standard_normal(count), camera.band_hz)
    heard += own * _level(heard) / _level(own) * 10 ** (-camera.noise_db / 20)
    heard[: round(camera.mute_s * RATE_HZ)] = 0.0
    return heard * camera.gain


def record(camera: Camera, whole: Sound, path: Path) -> Path:
    """Write the file that the camera would have left at ``path`` and the suffix of its codec."""
    heard = heard_by(camera, whole)[round(camera.late_s * RATE_HZ) :]
    return write_sound(heard, path, camera)


def write_sound(heard: Sound, path: Path, camera: Camera) -> Path:
    """Write samples as a camera of this kind does; a picture starts ``late_s`` before them."""
    suffix, coding = CODECS[camera.codec]
    raw, target = path.with_suffix(".raw"), path.with_suffix(f".{suffix}")
    raw.write_bytes((np.clip(heard, -1, 1) * 32767).astype("<i2").tobytes())
    sound = ["-itsoffset", str(camera.late_s), "-f", "s16le", "-ar", str(RATE_HZ), "-ac", "1", "-i", str(raw)]
    picture = ["-f", "lavfi", "-t", str(camera.length_s), "-i", "color=c=gray:s=64x36:r=10"] if camera.picture else []
    drawn = ["-c:v", "libx264", "-preset", "ultrafast"] if camera.picture else []
    base = ["-output_ts_offset", str(camera.base_s)] if camera.base_s else []
    ffmpeg(*sound, *picture, *drawn, *coding, *base, target)
    raw.unlink()
    return target


def _band(heard: Sound, band_hz: tuple[float, float]) -> Sound:
    spectrum = np.fft.rfft(heard)
    frequencies = np.fft.rfftfreq(len(heard), 1 / RATE_HZ)
    spectrum[(frequencies < band_hz[0]) | (frequencies > band_hz[1])] = 0
    return np.fft.irfft(spectrum, len(heard))


def _level(heard: Sound) -> float:
    return float(np.sqrt(np.mean(heard**2))) or 1e-9


def compared(
    a: Camera, b: Camera, whole: Sound | tuple[Sound, Sound], folder: Path, *, expected_s: float, within_s: float
) -> SoundOffset | NoSoundOffset:
    """Record one scene, or two, with two cameras and compare their files."""
    heard_a, heard_b = whole if isinstance(whole, tuple) else (whole, whole)
    one, other = record(a, heard_a, folder / "a"), record(b, heard_b, folder / "b")
    return compared_files(one, other, expected_s=expected_s, within_s=within_s)


def compared_files(one: Path, other: Path, *, expected_s: float, within_s: float) -> SoundOffset | NoSoundOffset:
    """Compare two files; decoded sound lies beside the first for as long as that takes."""
    comparer = SoundComparer(Runner(), one.parent)
    return comparer.offset(one, other, expected_s=expected_s, within_s=within_s, report=unheard, cancelled=never)
