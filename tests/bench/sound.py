"""How surely and how exactly the offset of two cameras is found by their sound, and what it costs.

The pairs are a matrix of codecs, noise and clocks over seeded scenes, each with one pair that heard different things
or sound that repeats itself; the truth is known by construction.
"""

import itertools
import resource
import statistics
import sys
from functools import lru_cache
from pathlib import Path

import numpy as np

from evidence.sound import NoSoundOffset, SoundOffset
from tests.support.sound import RATE_HZ, Camera, Sound, compared_files, record, scene

ERROR_BAR_MS = 50.0
FOUND_BAR_PCT = 95.0
SCENE_S = 180.0
CODECS = ("aac", "alaw", "mp3", "ts")
NOISE_DB = (20.0, 6.0, 0.0)
WITHIN_S = 120.0
CLAIM_OFF_S = 70.0

Figure = dict[str, object]


def run(folder: Path | None = None, *, scenes: int = 1, codecs: tuple[str, ...] = CODECS) -> dict[str, Figure]:
    """Compare every pair of codecs at every noise in ``scenes`` scenes, and as many pairs with nothing in common."""
    place = folder or Path.cwd()
    errors_ms: list[float | None] = []
    costs_s: list[float] = []
    wrong = 0
    for seed, pair, noise_db in itertools.product(range(scenes), itertools.combinations(codecs, 2), NOISE_DB):
        a, b = _cameras(seed, pair, noise_db)
        whole = _scene(seed)
        found, cost_s = _compared(a, b, (whole, whole), place)
        costs_s.append(cost_s / _overlap_s(a, b) * 60)
        errors_ms.append(_error_ms(found, b.start_s - a.start_s))
        wrong += isinstance(_compared(a, b, _foreign(seed, noise_db), place)[0], SoundOffset)
    found_ms = [error_ms for error_ms in errors_ms if error_ms is not None]
    wrong += sum(error_ms > ERROR_BAR_MS for error_ms in found_ms)
    share_pct = 100 * len(found_ms) / len(errors_ms)
    worst_ms = max(found_ms, default=0.0)
    return {
        "sound_found": _figure(share_pct, "%", FOUND_BAR_PCT, ok=share_pct >= FOUND_BAR_PCT),
        "sound_worst_error": _figure(worst_ms, "ms", ERROR_BAR_MS, ok=worst_ms <= ERROR_BAR_MS),
        "sound_median_error": _figure(statistics.median(found_ms or [0.0]), "ms", None, ok=True),
        "sound_wrong_accepted": _figure(wrong, f"of {2 * len(errors_ms)} pairs", 0.0, ok=wrong == 0),
        "sound_cpu": _figure(statistics.median(costs_s), "CPU s per minute of overlap", None, ok=True),
    }


def _figure(value: float, unit: str, bar: float | None, *, ok: bool) -> Figure:
    return {"value": round(float(value), 2), "unit": unit, "bar": bar, "ok": ok}


@lru_cache(maxsize=4)
def _scene(seed: int) -> Sound:
    return scene(seed, SCENE_S)


def _cameras(seed: int, pair: tuple[str, str], noise_db: float) -> tuple[Camera, Camera]:
    rng = np.random.default_rng(seed * 1000 + round(noise_db) + len("".join(pair)))
    a = Camera(rng.uniform(0, 50), 120, pair[0], noise_db=noise_db, seed=1 + seed, picture=True)
    b = Camera(
        rng.uniform(0, 50), 120, pair[1], 0.2, noise_db, (300, 3400), rng.uniform(-50, 50), picture=True, seed=99
    )
    return a, b


def _foreign(seed: int, noise_db: float) -> tuple[Sound, Sound]:
    """Return two different scenes, or twice a siren, by turns."""
    if noise_db:
        return _scene(seed + 100), _scene(seed + 200)
    times = np.arange(round(SCENE_S * RATE_HZ)) / RATE_HZ
    siren = np.asarray(0.3 * np.sin(2 * np.pi * np.cumsum(900 + 500 * np.sin(2 * np.pi * times / 4)) / RATE_HZ))
    return siren, siren


def _compared(
    a: Camera, b: Camera, heard: tuple[Sound, Sound], place: Path
) -> tuple[SoundOffset | NoSoundOffset, float]:
    """Return what is found of two cameras whose claim is far off, and the processor time that takes in seconds."""
    one, other = record(a, heard[0], place / "a"), record(b, heard[1], place / "b")
    began_s = _cpu_s()
    found = compared_files(one, other, expected_s=b.start_s - a.start_s + CLAIM_OFF_S, within_s=WITHIN_S)
    used_s = _cpu_s() - began_s
    for path in (one, other):
        path.unlink()
    return found, used_s


def _error_ms(found: SoundOffset | NoSoundOffset, true_s: float) -> float | None:
    return abs(found.offset_s - true_s) * 1000 if isinstance(found, SoundOffset) else None


def _overlap_s(a: Camera, b: Camera) -> float:
    return min(a.start_s + a.length_s, b.start_s + b.length_s) - max(a.start_s, b.start_s)


def _cpu_s() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in used)


if __name__ == "__main__":
    for name, figure in run(Path(sys.argv[1]) if len(sys.argv) > 1 else None).items():
        print(name, figure)
