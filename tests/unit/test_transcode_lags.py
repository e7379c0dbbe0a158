"""Where windows of changes lie in others, and what several of them say together; no sound is decoded here."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from transcode.agreement import agreed
from transcode.flux import BANDS, STEP_S, FluxTrack, measure
from transcode.lags import WINDOW, Verdict, Vote, vote
from transcode.soundtrack import RATE_HZ, Soundtrack

EVERYWHERE = (-1000.0, 1000.0)
MATCH = Vote(Verdict.MATCH, 0.0, 5.0, 3.0)


def track(path: Path, change: np.ndarray, from_s: float = 0.0) -> FluxTrack:
    """Keep changes, float[frames, BANDS], as measuring a sound would have."""
    path.write_bytes(change.astype(np.float16).tobytes())
    return FluxTrack(path, from_s, len(change), len(change))


def changes(seed: int, frames: int) -> np.ndarray:
    """Return changes that never repeat."""
    return np.random.default_rng(seed).standard_normal((frames, BANDS)) * 4


def line(*lags_s: float, apart_s: float = 10.0) -> list[Vote]:
    """Return matches at equal distances."""
    return [replace(MATCH, at_s=place * apart_s, lag_s=lag_s) for place, lag_s in enumerate(lags_s)]


@pytest.mark.parametrize("place", [0, 1, 700, 40_000, 69_000 - WINDOW])
def test_a_window_is_found_wherever_it_lies(tmp_path: Path, place: int) -> None:
    """At the edges, in the middle and beyond one block of the transform; times count from each clip's beginning."""
    whole = changes(1, 69_000)
    a = track(tmp_path / "a", whole, from_s=30.0)
    b = track(tmp_path / "b", whole[place : place + WINDOW], from_s=7.0)
    said = vote(a, b, 0, EVERYWHERE)
    assert said.verdict is Verdict.MATCH
    assert said.lag_s == pytest.approx(30 + place * STEP_S - 7, abs=STEP_S / 2)
    assert said.at_s == pytest.approx(7 + WINDOW * STEP_S / 2)


def test_only_the_lags_asked_for_are_looked_at(tmp_path: Path) -> None:
    """A window that lies in a at another lag is not found."""
    whole = changes(1, 9000)
    a, b = track(tmp_path / "a", whole), track(tmp_path / "b", whole[4000 : 4000 + WINDOW])
    true_s = 4000 * STEP_S
    assert vote(a, b, 0, (true_s - 5, true_s + 5)).verdict is Verdict.MATCH
    assert vote(a, b, 0, (true_s - 20, true_s - 5)).verdict is Verdict.NOTHING


def test_foreign_changes_say_nothing(tmp_path: Path) -> None:
    """Windows of one sound do not vote on another."""
    a, b = track(tmp_path / "a", changes(1, 20_000)), track(tmp_path / "b", changes(2, 20_000))
    said = {vote(a, b, first, EVERYWHERE).verdict for first in range(0, 18_000, WINDOW)}
    assert said == {Verdict.NOTHING}


def test_a_window_in_which_nothing_changes_is_steady(tmp_path: Path) -> None:
    """Digital silence and a tone fit everywhere."""
    a = track(tmp_path / "a", changes(1, 5000))
    assert vote(a, track(tmp_path / "b", np.zeros((WINDOW, BANDS))), 0, EVERYWHERE).verdict is Verdict.STEADY


def test_a_window_that_repeats_itself_is_unsure(tmp_path: Path) -> None:
    """A loop of which a holds a single turn is not believed, since b shows that it is one."""
    loop, rest = changes(1, 1500), changes(2, 3000)
    a = track(tmp_path / "a", np.concatenate([rest, loop]))
    b = track(tmp_path / "b", np.concatenate([loop, loop, loop]))
    assert vote(a, b, 200, EVERYWHERE).verdict is Verdict.UNSURE


def test_one_bang_alone_is_unsure(tmp_path: Path) -> None:
    """A single common event, such as the tone both cameras give, does not make a match."""
    a, b = changes(1, 6000) / 4, changes(2, 6000) / 4
    a[2000:2040] = b[500:540] = changes(3, 40) * 4
    said = vote(track(tmp_path / "a", a), track(tmp_path / "b", b), 0, EVERYWHERE)
    assert said.verdict in {Verdict.UNSURE, Verdict.NOTHING}


def test_three_votes_on_a_line_agree() -> None:
    """Fewer do not, and a line may be as steep as two clocks are apart."""
    assert agreed(line(5.0, 5.0)) is None
    found = agreed(line(5.0, 5.001, 5.002, apart_s=10))
    assert found is not None
    assert found.lag_at(10) == pytest.approx(5.001, abs=0.001)
    assert agreed(line(5.0, 5.5, 6.0, apart_s=10)) is None


def test_drift_is_told_when_votes_lie_far_apart() -> None:
    """80 ppm over two hours are 0.6 s; the lag at the beginning is the one that is extrapolated to."""
    times_s = np.arange(600, 7800, 900.0)
    votes = [replace(MATCH, at_s=float(at_s), lag_s=20 + 80e-6 * float(at_s)) for at_s in times_s]
    found = agreed(votes)
    assert found is not None
    assert found.drift == pytest.approx(80e-6, abs=2e-6)
    assert abs(found.lag_at(0) - 20) <= found.error_at(0) < 0.02


def test_votes_that_disagree_decide_nothing() -> None:
    """Three of six are no majority; two stray ones of ten are outvoted."""
    assert agreed(line(5, 5, 5, 9, 13, 17)) is None
    assert agreed(line(5, 5, 5, 5, 9, 5, 5, 13, 5, 5)) is not None


def test_many_unsure_windows_elsewhere_outweigh_a_few_matches() -> None:
    """Where sound repeats itself most windows are unsure and lie anywhere: three that agree may be chance."""
    unsure = [replace(MATCH, verdict=Verdict.UNSURE, at_s=100.0 + place, lag_s=7.0 * place) for place in range(6)]
    assert agreed(line(5, 5, 5) + unsure) is None
    assert agreed(line(5, 5, 5) + unsure[:2]) is not None


def test_changes_do_not_depend_on_blocks_or_gain(tmp_path: Path) -> None:
    """A burst shows at its time, a quarter as loud just the same, also beyond the first block; silence is counted."""
    rng = np.random.default_rng(1)
    samples = np.zeros(RATE_HZ * 150)
    for at_s in (10, 64, 65.536, 131.05, 140):
        samples[int(at_s * RATE_HZ) :][:2000] = rng.standard_normal(2000) * 3000
    loud, soft = (measured(tmp_path / name, samples * gain) for name, gain in (("loud", 1.0), ("soft", 0.25)))
    assert loud.length_s == pytest.approx(150, abs=0.05)
    assert loud.audible_s == pytest.approx(5 * 0.25, abs=0.3)
    heard, again = loud.read(0, loud.frames), soft.read(0, soft.frames)
    onsets_s = np.flatnonzero((heard > 14).all(axis=0)) * STEP_S
    assert {round(float(at_s)) for at_s in onsets_s} == {10, 64, 66, 131, 140}
    assert np.corrcoef(heard.ravel(), again.ravel())[0, 1] > 0.98


def measured(folder: Path, samples: np.ndarray) -> FluxTrack:
    """Measure samples as if a clip had been decoded into them."""
    folder.mkdir()
    raw = folder / "samples.raw"
    raw.write_bytes(samples.astype("<i2").tobytes())
    found = measure(Soundtrack(raw, 0.0), folder)
    assert not raw.exists()
    return found
