"""Two cameras that heard the same scene are placed to each other within 50 ms, and no others are placed at all."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evidence.errors import MediaCancelledError
from evidence.sound import NoSoundOffset, SoundOffset
from tests.support.sound import (
    CODECS,
    RATE_HZ,
    Camera,
    Sound,
    compared,
    compared_files,
    has_encoder,
    record,
    scene,
    write_sound,
)
from tests.support.transcode import NO_SAMPLES, SAMPLES, cut, ffmpeg, make_clip, never
from transcode.runner import Runner
from transcode.sound import SoundComparer

BAR_S = 0.050
SCENE_S = 160.0
A = Camera(0.0, 100, noise_db=6, seed=101)
B = Camera(23.4567, 90, noise_db=6, seed=102, gain=0.2, band_hz=(300, 3400))
PAIRS = [*itertools.combinations(CODECS, 2), ("aac", "aac"), ("alaw", "alaw")]


@pytest.fixture(scope="module", name="whole")
def _whole() -> Sound:
    return scene(1, SCENE_S)


def placed(a: Camera, b: Camera, whole: Sound, folder: Path, within_s: float = 60.0) -> SoundOffset:
    """Compare two cameras whose claim is 11 s off and return the offset, which must be within its own error."""
    found = compared(a, b, whole, folder, expected_s=b.start_s - a.start_s + min(11.0, within_s), within_s=within_s)
    assert isinstance(found, SoundOffset), found
    off_s = abs(found.offset_s - (b.start_s - a.start_s))
    assert off_s < BAR_S
    assert off_s <= found.error_s + 0.005  # a clock of 50 ppm counts 100 s wrong by 5 ms
    assert found.windows >= 3
    return found


def refused(found: SoundOffset | NoSoundOffset) -> str:
    """Return the code of why there is no offset."""
    assert isinstance(found, NoSoundOffset), found
    return found.reason.code


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_every_pair_of_codecs(whole: Sound, tmp_path: Path, one: str, other: str) -> None:
    """Gain, band limits, codecs, 50 ppm between the clocks and noise of their own do not hide common sound."""
    if not (has_encoder(one) and has_encoder(other)):
        pytest.skip("this ffmpeg has no encoder for it")
    found = placed(
        replace(A, codec=one, picture=True), replace(B, codec=other, picture=True, fast_ppm=50), whole, tmp_path
    )
    assert "ffmpeg" in found.tool


@pytest.mark.parametrize("noise_db", [20, 3, 0, -2])
def test_noise_of_their_own(whole: Sound, tmp_path: Path, noise_db: float) -> None:
    """Each microphone's own noise may be as loud as the scene."""
    placed(replace(A, noise_db=noise_db), replace(B, noise_db=noise_db, fast_ppm=-50), whole, tmp_path)


def test_either_may_begin_first(whole: Sound, tmp_path: Path) -> None:
    """The offset changes its sign with the order."""
    there, back = placed(A, B, whole, tmp_path), placed(B, A, whole, tmp_path)
    assert there.offset_s == pytest.approx(-back.offset_s, abs=0.01)


@pytest.mark.parametrize("codec", ["aac", "alaw", "ts"])
def test_the_offset_is_that_of_the_first_pictures(whole: Sound, tmp_path: Path, codec: str) -> None:
    """A sound track that starts late and time stamps that start anywhere are accounted for."""
    late = replace(A, codec=codec, picture=True, late_s=1.5, base_s=40.0)
    placed(late, replace(B, picture=True, late_s=0.4), whole, tmp_path)


def test_a_silent_head(whole: Sound, tmp_path: Path) -> None:
    """Pre-recorded pictures without sound do not shift anything."""
    placed(replace(A, mute_s=45), replace(B, mute_s=30), whole, tmp_path)


def test_half_a_minute_in_common_is_enough(whole: Sound, tmp_path: Path) -> None:
    """Three windows of 8 s find place in it."""
    assert placed(replace(A, length_s=60), replace(B, start_s=30), whole, tmp_path).windows == 3


def test_a_gap_in_the_track_shifts_nothing(whole: Sound, tmp_path: Path) -> None:
    """Sound after a stretch without packets keeps the time that its stamps say."""
    one = record(replace(A, codec="pcm"), whole, tmp_path / "a")
    gap = tmp_path / "gap.mkv"
    ffmpeg("-i", one, "-af", "aselect='not(between(t,10,40))'", "-c:a", "pcm_s16le", gap)
    other = record(B, whole, tmp_path / "b")
    found = compared_files(gap, other, expected_s=20, within_s=10)
    assert isinstance(found, SoundOffset)
    assert found.offset_s == pytest.approx(B.start_s, abs=BAR_S)


# --- no offset -------------------------------------------------------------------------------------------------------


def beeping(ground: Sound, first_s: float, every_s: float) -> Sound:
    """Return the scene with the same tone again and again."""
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(round(0.3 * RATE_HZ)) / RATE_HZ)
    return looped(ground, tone, first_s, every_s)


def looped(ground: Sound, turn: Sound, first_s: float, every_s: float) -> Sound:
    """Return the scene with a stretch of sound played again and again."""
    heard = ground.copy()
    for begin in (np.arange(first_s, SCENE_S, every_s) * RATE_HZ).astype(int):
        end = min(len(heard), begin + len(turn))
        heard[begin:end] += turn[: end - begin]
    return heard


def tone() -> Sound:
    """Return one frequency."""
    return 0.3 * np.sin(2 * np.pi * 440 * np.arange(round(SCENE_S * RATE_HZ)) / RATE_HZ)


def hum() -> Sound:
    """Return an engine: 27 strokes a second with their overtones, every other one louder."""
    times = np.arange(round(SCENE_S * RATE_HZ)) / RATE_HZ
    strokes = sum(np.sin(2 * np.pi * 27 * n * times + n) / n**0.5 for n in range(1, 50))
    return np.asarray(0.03 * strokes * (1 + 0.5 * np.sin(2 * np.pi * 13.5 * times)))


def siren(turn_s: float) -> Sound:
    """Return a tone that rises and falls."""
    times = np.arange(round(SCENE_S * RATE_HZ)) / RATE_HZ
    sweep_hz = 900 + 500 * np.sin(2 * np.pi * times / turn_s)
    return np.asarray(0.3 * np.sin(2 * np.pi * np.cumsum(sweep_hz) / RATE_HZ))


@pytest.mark.parametrize(
    "make", [tone, hum, lambda: siren(0.6), lambda: siren(4)], ids=["tone", "hum", "quick siren", "slow siren"]
)
@pytest.mark.parametrize("noise_db", [20, 90])
@pytest.mark.parametrize(("off_s", "within_s"), [(0.0, 30.0), (2.0, 1.5)])
def test_sound_that_repeats_gives_no_offset(
    tmp_path: Path, make: Callable[[], Sound], noise_db: float, off_s: float, within_s: float
) -> None:
    """A tone, an engine and a siren fit at many lags, also where the claim allows one turn of them only."""
    a, b = replace(A, noise_db=noise_db), replace(B, start_s=20.0, noise_db=noise_db)
    found = compared(a, b, make(), tmp_path, expected_s=20 + off_s, within_s=within_s)
    assert refused(found) in {"sound.ambiguous", "sound.no_common_sound"}


def test_a_siren_is_said_to_be_ambiguous(tmp_path: Path) -> None:
    """The reason names what is the matter."""
    assert refused(compared(A, B, siren(4), tmp_path, expected_s=20, within_s=30)) == "sound.ambiguous"


def test_a_short_clip_of_a_siren(tmp_path: Path) -> None:
    """That the other clip holds few turns does not make one of them the right one."""
    short = replace(A, start_s=30, length_s=40)
    assert refused(compared(short, B, siren(4), tmp_path, expected_s=-8, within_s=1)) == "sound.ambiguous"


@pytest.mark.parametrize("every_s", [2, 10, 30])
def test_cameras_that_beep_at_different_places(whole: Sound, tmp_path: Path, every_s: float) -> None:
    """The tones that two cameras give by themselves are alike and say nothing."""
    a, b = beeping(whole, 1.0, every_s), beeping(scene(2, SCENE_S), 1.7, every_s)
    for within_s in (0.9, 60.0):
        found = compared(A, B, (a, b), tmp_path, expected_s=B.start_s, within_s=within_s)
        assert refused(found) in {"sound.ambiguous", "sound.no_common_sound"}


@pytest.mark.parametrize("every_s", [12.5, 20.0])
def test_a_looped_announcement_at_different_places(whole: Sound, tmp_path: Path, every_s: float) -> None:
    """The same loudspeaker message in a loop, heard at two places, places nothing."""
    turn = scene(3, 12.0)
    a, b = looped(whole * 0.1, turn, 1.0, every_s), looped(scene(2, SCENE_S) * 0.1, turn, 4.7, every_s)
    found = compared(A, B, (a, b), tmp_path, expected_s=B.start_s, within_s=5.0)
    assert refused(found) in {"sound.ambiguous", "sound.no_common_sound"}


def test_different_scenes(whole: Sound, tmp_path: Path) -> None:
    """Two recordings of different things have nothing in common."""
    found = compared(A, B, (whole, scene(2, SCENE_S)), tmp_path, expected_s=20, within_s=60)
    assert refused(found) == "sound.no_common_sound"


def test_a_second_in_common(whole: Sound, tmp_path: Path) -> None:
    """Where the claims allow a short overlap only, that is the reason; where they allow more, nothing is found."""
    late = replace(B, start_s=A.length_s - 1, length_s=60)
    assert refused(compared(A, late, whole, tmp_path, expected_s=99, within_s=5)) == "sound.too_short"
    assert refused(compared(A, late, whole, tmp_path, expected_s=60, within_s=60)) == "sound.no_common_sound"


def test_a_claim_that_is_wrong_is_said_to_be(whole: Sound, tmp_path: Path) -> None:
    """An offset outside the asked range is no answer, and it is named."""
    found = compared(A, B, whole, tmp_path, expected_s=0, within_s=5)
    assert refused(found) == "sound.unexpected"
    assert isinstance(found, NoSoundOffset)
    assert found.reason.params["found_s"] == pytest.approx(B.start_s, abs=0.1)


def test_silence(whole: Sound, tmp_path: Path) -> None:
    """A muted clip is named."""
    found = compared(A, replace(B, gain=0.0), whole, tmp_path, expected_s=20, within_s=60)
    assert (refused(found), isinstance(found, NoSoundOffset) and found.clip) == ("sound.silent", "b")


def test_no_track_and_no_media(whole: Sound, tmp_path: Path) -> None:
    """A clip without a sound track, and a file that does not open."""
    sounding = record(A, whole, tmp_path / "a")
    mute = make_clip(tmp_path / "mute.mp4", sound=False)
    broken = cut(record(B, whole, tmp_path / "b"), 0.5)  # its index comes last
    for path, code in ((mute, "sound.no_track"), (broken, "sound.unreadable")):
        found = compared_files(path, sounding, expected_s=0, within_s=60)
        assert (refused(found), isinstance(found, NoSoundOffset) and found.clip) == (code, "a")


@pytest.mark.parametrize("share", [0.2, 0.7])
def test_a_file_cut_off(whole: Sound, tmp_path: Path, share: float) -> None:
    """What is left of a file counts: enough of it is placed, too little is too short."""
    one = cut(record(replace(A, codec="pcm"), whole, tmp_path / "a"), share)
    other = record(B, whole, tmp_path / "b")
    found = compared_files(one, other, expected_s=23, within_s=1)
    if share < 0.5:
        assert refused(found) == "sound.too_short"
    else:
        assert isinstance(found, SoundOffset)
        assert found.offset_s == pytest.approx(B.start_s, abs=BAR_S)


# --- how it is called ------------------------------------------------------------------------------------------------


def test_progress_never_goes_back_and_scratch_is_left_empty(whole: Sound, tmp_path: Path) -> None:
    """It ends at 1, and nothing stays in scratch."""
    scratch, shares = tmp_path / "scratch", [0.0]
    scratch.mkdir()
    one, other = record(A, whole, tmp_path / "a"), record(B, whole, tmp_path / "b")
    comparer = SoundComparer(Runner(), scratch)
    comparer.offset(one, other, expected_s=20, within_s=60, report=shares.append, cancelled=never)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert list(scratch.iterdir()) == []


def test_cancelling_while_it_compares(whole: Sound, tmp_path: Path) -> None:
    """A stop is heeded after decoding too."""
    one, other = record(A, whole, tmp_path / "a"), record(B, whole, tmp_path / "b")
    shares: list[float] = []
    comparer = SoundComparer(Runner(), tmp_path)
    with pytest.raises(MediaCancelledError):
        comparer.offset(
            one, other, expected_s=20, within_s=60, report=shares.append, cancelled=lambda: max(shares, default=0) > 0.8
        )


@pytest.mark.skipif(not SAMPLES, reason=NO_SAMPLES)
def test_real_files_that_have_nothing_in_common(whole: Sound, tmp_path: Path) -> None:
    """Short, mute, damaged and nested files of real cameras give a reason, never an offset and never an exception."""
    samples = [path for path in sorted(Path(SAMPLES).resolve().iterdir()) if path.is_file()]
    sounding = record(A, whole, tmp_path / "a")
    for sample in samples:
        for one, other in ((sounding, sample), (sample, sounding)):
            found = SoundComparer(Runner(), tmp_path).offset(
                one, other, expected_s=0, within_s=60, report=lambda _share: None, cancelled=never
            )
            assert refused(found).startswith("sound."), sample.name


def test_made_sound_is_what_the_file_holds(whole: Sound, tmp_path: Path) -> None:
    """The files of these tests are real ones: their length is the camera's."""
    made = write_sound(whole[: 30 * RATE_HZ], tmp_path / "x", replace(A, codec="pcm"))
    assert made.stat().st_size == pytest.approx(30 * RATE_HZ * 2, abs=200)
