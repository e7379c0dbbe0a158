"""What we call playable plays: every original we leave alone and every proxy we make, in a real Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.clips import Derivation, Kind, Measurement, Playable, Role
from tests.support.browser import launch, opened
from tests.support.transcode import NO_SAMPLES, SAMPLES, Played, Room, Theatre, by_role, ffmpeg, make_clip

pytestmark = pytest.mark.browser

HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p")
ENOUGH_FRAMES = 2
CLIPS = [
    ("h264.mp4", ("-c", "copy")),
    ("h264.mkv", ("-c", "copy")),
    ("h264.mov", ("-c", "copy")),
    ("h264.ts", ("-c", "copy")),
    ("mp3.mp4", ("-c:v", "copy", "-c:a", "libmp3lame")),
    ("pcm.mov", ("-c:v", "copy", "-c:a", "pcm_s16le")),
    ("alaw.mov", ("-c:v", "copy", "-c:a", "pcm_alaw", "-ar", "8000")),
    ("full.mp4", ("-c:v", "libx264", "-pix_fmt", "yuvj420p", "-c:a", "copy")),
    ("ten.mp4", ("-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-c:a", "copy")),
    ("hevc.mp4", (*HEVC, "-c:a", "copy")),
    ("mjpeg.avi", ("-c:v", "mjpeg", "-c:a", "pcm_s16le")),
    ("mpeg4.3gp", ("-c:v", "mpeg4", "-c:a", "copy")),
    ("vp8.webm", ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libvorbis")),
    ("vp9.webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus")),
    ("raw.h264", ("-c:v", "copy", "-an", "-bsf:v", "h264_mp4toannexb")),
    ("a.wav", ("-vn", "-c:a", "pcm_s16le")),
    ("alaw.wav", ("-vn", "-c:a", "pcm_alaw")),
    ("a.mp3", ("-vn", "-c:a", "libmp3lame")),
    ("a.aac", ("-vn", "-c:a", "copy")),
    ("a.ogg", ("-vn", "-c:a", "libopus")),
]
SAMPLE_FILES = sorted(path for path in Path(SAMPLES).iterdir() if path.is_file()) if SAMPLES else []


@pytest.fixture(scope="module", name="theatre")
def _theatre() -> Iterator[Theatre]:
    with launch() as browser, opened(browser) as (page, _), Theatre(page).opened() as theatre:
        yield theatre


@pytest.fixture(scope="module", name="clip")
def _clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "a.mp4", duration_s=2)


def shown(theatre: Theatre, room: Room, path: Path, measured: Measurement, derivation: Derivation) -> Played | int:
    """Play what the page would play: the original where it plays, else the proxy."""
    content, media_type = path.read_bytes(), measured.media_type
    if derivation.playable is Playable.PROXY:
        content, media_type = room.content(derivation, Role.PROXY), by_role(derivation)[Role.PROXY].media_type
    if measured.kind is Kind.PHOTO:
        return theatre.show(content, media_type)
    return theatre.play(content, media_type)


def check(theatre: Theatre, room: Room, path: Path) -> None:
    """Assert that a file that is said to play does: picture, advancing frames, and sound where it has any."""
    measured, derivation = room.derive(path)
    if derivation.playable is Playable.NO:
        assert derivation.damaged or measured.kind is Kind.OTHER
        return
    played = shown(theatre, room, path, measured, derivation)
    if isinstance(played, int):
        assert played > 0
        return
    assert played.ended in {"advances", "ended"}, played
    if measured.video:
        assert played.width_px > 0, played
        assert played.frames >= ENOUGH_FRAMES, played
    if measured.audio:
        assert played.sound_bytes > 0, played


@pytest.mark.parametrize(("name", "options"), CLIPS)
def test_made_clips_play(theatre: Theatre, clip: Path, tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    """Each container and codec plays, as it is or by its proxy; none is given up."""
    path = tmp_path / name
    ffmpeg("-i", clip, *options, path)
    room = Room.at(tmp_path)
    assert room.derive(path)[1].playable is not Playable.NO
    check(theatre, room, path)


@pytest.mark.skipif(not SAMPLES, reason=NO_SAMPLES)
@pytest.mark.parametrize("path", SAMPLE_FILES, ids=lambda path: path.name)
def test_real_camera_files_play(theatre: Theatre, tmp_path: Path, path: Path) -> None:
    """What real cameras wrote plays, as it is or by its proxy; what does not is damaged and says so."""
    check(theatre, Room.at(tmp_path), path)
