"""Made clips are what their spec says, as ffprobe, exifread and ffmpeg's detectors see them."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import exifread
import pytest

from evidence.errors import MediaError
from tests.support.synthetic import detections, ffprobe
from transcode.runner import Runner
from transcode.synthetic import ClipSpec, Container, CreationTag, ExifTimes, Sound, make_clip, with_exif

START = datetime(2026, 11, 23, 2, 3, 4, tzinfo=UTC)
SMALL = ClipSpec(Container.MP4_H264, START, 6, width_px=320, height_px=180, device="EV00001", officer="010101")

CODECS = {
    Container.MP4_H264: ("mp4", "h264", "aac"),
    Container.MP4_HEVC: ("mp4", "hevc", "aac"),
    Container.TS: ("mpegts", "h264", "aac"),
    Container.AVI_MJPEG: ("avi", "mjpeg", "pcm_s16le"),
    Container.MOV_PCM: ("mov", "h264", "pcm_s16le"),
    Container.MOV_G711: ("mov", "h264", "pcm_alaw"),
    Container.THREE_GP: ("3gp", "mpeg4", "aac"),
    Container.WAV: ("wav", "", "pcm_s16le"),
}


def made(spec: ClipSpec, folder: Path) -> Path:
    """Make a clip in a folder."""
    path = folder / "clip.bin"
    make_clip(spec, path, Runner())
    return path


@pytest.mark.parametrize(("container", "expected"), CODECS.items())
def test_containers_hold_their_codecs(container: Container, expected: tuple[str, str, str], tmp_path: Path) -> None:
    """Each container has the codecs recorders put into it, and the length asked for."""
    said = ffprobe(made(replace(SMALL, container=container), tmp_path))
    form, video, audio = expected
    assert form in said.form.split(",")
    assert said.codecs == tuple(codec for codec in (video, audio) if codec)
    assert said.duration_s == pytest.approx(6, abs=0.2)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        (CreationTag.ABSENT, ""),
        (CreationTag.UTC, "2026-11-23T02:03:04.000000Z"),
        (CreationTag.LOCAL_AS_UTC, "2026-11-23T10:03:04.000000Z"),
        (CreationTag.XINJIANG_AS_UTC, "2026-11-23T08:03:04.000000Z"),
    ],
)
def test_creation_tag_says_what_was_asked(tag: CreationTag, expected: str, tmp_path: Path) -> None:
    """The container's time is absent, right, or shifted by a zone mistake."""
    assert ffprobe(made(replace(SMALL, creation_tag=tag), tmp_path)).creation_time == expected


def test_same_spec_gives_same_bytes(tmp_path: Path) -> None:
    """A spec has one digest on one ffmpeg; another seed has another."""
    first = made(SMALL, tmp_path).read_bytes()
    assert made(SMALL, tmp_path).read_bytes() == first
    assert made(replace(SMALL, seed=2), tmp_path).read_bytes() != first


def test_clean_clip_gives_the_detectors_nothing(tmp_path: Path) -> None:
    """A clip without faults is never black, still or silent for long enough to be noticed."""
    found = detections(made(replace(SMALL, duration_s=30), tmp_path))
    assert found == {"black": [], "frozen": [], "silent": []}


def test_faults_are_seen_by_the_detectors(tmp_path: Path) -> None:
    """A covered lens is black, a stalled picture frozen, a muted microphone silent, each from where it was asked."""
    spec = replace(SMALL, duration_s=24, black=(5, 12), frozen_tail_s=8, sound=Sound.SILENT)
    found = detections(made(spec, tmp_path))
    assert found["black"] == pytest.approx([5], abs=0.5)
    assert any(start == pytest.approx(16, abs=2) for start in found["frozen"])
    assert found["silent"] == pytest.approx([0], abs=0.1)


def test_no_audio_track(tmp_path: Path) -> None:
    """A camera without sound writes no audio track at all."""
    assert ffprobe(made(replace(SMALL, sound=Sound.NONE), tmp_path)).codecs == ("h264",)


def test_cut_file_still_declares_its_length(tmp_path: Path) -> None:
    """A cut MP4 opens, promises its full length and holds less."""
    whole = made(SMALL, tmp_path).stat().st_size
    cut = made(replace(SMALL, keep_share=0.5), tmp_path)
    assert cut.stat().st_size == whole // 2
    assert ffprobe(cut).duration_s == pytest.approx(6, abs=0.2)


def test_photo_carries_its_time(tmp_path: Path) -> None:
    """A made photo is a JPEG whose EXIF states Beijing wall-clock time and no offset."""
    with made(replace(SMALL, container=Container.JPEG), tmp_path).open("rb") as photo:
        tags = exifread.process_file(photo, details=False)
    assert str(tags["EXIF DateTimeOriginal"]) == "2026:11:23 10:03:04"
    assert "EXIF OffsetTimeOriginal" not in tags


def test_exif_offset_is_read_back(tmp_path: Path) -> None:
    """An offset is written where one is given."""
    path = made(replace(SMALL, container=Container.JPEG), tmp_path)
    plain = path.read_bytes()
    path.write_bytes(with_exif(plain, ExifTimes("2026:11:23 08:03:04", "+06:00")))
    with path.open("rb") as photo:
        tags = exifread.process_file(photo, details=False)
    assert str(tags["EXIF OffsetTimeOriginal"]) == "+06:00"


def test_only_a_jpeg_takes_exif() -> None:
    """Other bytes are refused."""
    with pytest.raises(ValueError, match="no start marker"):
        with_exif(b"RIFF", ExifTimes("2026:11:23 10:03:04"))


def test_a_failing_ffmpeg_is_told(tmp_path: Path) -> None:
    """A target that cannot be written is a MediaError."""
    with pytest.raises(MediaError):
        make_clip(SMALL, tmp_path / "nowhere" / "clip.mp4", Runner())
