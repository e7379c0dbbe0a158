"""Whatever the lag, common sound is found where it is or not at all."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.sound import RATE_HZ, Camera, heard_by, scene
from transcode.flux import STEP_S, FluxTrack, measure
from transcode.lags import WINDOW, Verdict, vote
from transcode.soundtrack import RATE_HZ as HEARD_HZ
from transcode.soundtrack import Soundtrack

WHOLE = scene(7, 90.0)
EVERYWHERE = (-1000.0, 1000.0)


def heard(camera: Camera, folder: Path) -> FluxTrack:
    """Measure what a camera heard."""
    folder.mkdir()
    raw = folder / "samples.raw"
    raw.write_bytes((np.clip(heard_by(camera, WHOLE)[:: RATE_HZ // HEARD_HZ], -1, 1) * 32767).astype("<i2").tobytes())
    return measure(Soundtrack(raw, 0.0), folder)


@settings(max_examples=25, deadline=None)
@given(
    start_s=st.floats(0.0, 75.0),
    noise_db=st.floats(-3, 30),
    gain=st.floats(0.02, 1.0),
    fast_ppm=st.floats(-100, 100),
    seed=st.integers(1000, 9999),
)
def test_a_match_is_never_a_wrong_one(start_s: float, noise_db: float, gain: float, fast_ppm: float, seed: int) -> None:
    """A window of any place, loudness, noise and clock is placed within 25 ms, or it does not vote."""
    with TemporaryDirectory() as folder:
        a = heard(Camera(0, 90, noise_db=10, seed=1), Path(folder) / "a")
        other = Camera(start_s, WINDOW * STEP_S + 0.1, noise_db=noise_db, gain=gain, fast_ppm=fast_ppm, seed=seed)
        said = vote(a, heard(other, Path(folder) / "b"), 0, EVERYWHERE)
    if said.verdict is Verdict.MATCH:
        assert abs(said.lag_s - start_s) < 0.025
    else:
        assert noise_db < 6
