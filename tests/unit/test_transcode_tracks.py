"""Which tracks of a container count, and what is said of those that do not."""

from dataclasses import replace

from transcode.ffprobe import Inspection, Track
from transcode.probe import _audio, _track_problems, _video

PICTURE = Track(
    index=0,
    type="video",
    codec="h264",
    codec_tag="avc1",
    profile="High",
    pixel_format="yuv420p",
    width_px=640,
    height_px=360,
    rotation_deg=0,
    rate="25/1",
    transfer="",
    sample_rate_hz=0,
    channels=0,
    duration_s=10.0,
    samples=250,
    attached_picture=False,
)
SOUND = replace(PICTURE, index=1, type="audio", codec="aac", width_px=0, sample_rate_hz=48000, channels=1)


def codes(*tracks: Track) -> list[str]:
    """Return the codes of what is wrong with a container of these tracks."""
    opened = Inspection("mov", 10.0, {}, tracks)
    return [problem.code for problem in _track_problems(opened, _video(tracks), _audio(tracks))]


def test_an_empty_track_before_the_real_one_is_passed_over() -> None:
    """The picture is the first track that has samples, wherever it stands."""
    empty = replace(PICTURE, samples=0)
    video = _video((empty, SOUND, replace(PICTURE, index=2)))
    assert video is not None
    assert video.index == 2


def test_a_cover_picture_is_no_footage() -> None:
    """A picture attached to a sound file does not make it a video."""
    assert _video((replace(PICTURE, attached_picture=True), SOUND)) is None


def test_a_track_without_description_is_told_from_a_foreign_one() -> None:
    """No sample description is damage; a coding this machine lacks is not."""
    assert codes(PICTURE, replace(SOUND, codec="", codec_tag="[0][0][0][0]")) == ["media.track_unreadable"]
    assert codes(PICTURE, replace(SOUND, codec="", codec_tag="xdca")) == ["media.track_foreign"]


def test_a_container_without_media_says_so() -> None:
    """An index of empty tracks is named, once."""
    assert codes(replace(PICTURE, samples=0), replace(SOUND, duration_s=0.0)) == ["media.no_samples"]
