"""Measuring real files: what the bytes are, whatever the name says; a broken file is a result."""

import os
import struct
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.claims import ZoneBasis
from evidence.clips import Kind, Measurement
from evidence.errors import MediaError, ToolMissingError
from tests.support.transcode import NO_SAMPLES, SAMPLES, cut, ffmpeg, make_clip
from transcode import pictures
from transcode.probe import FfprobeProber
from transcode.runner import Runner


@pytest.fixture(scope="module", name="prober")
def _prober() -> FfprobeProber:
    return FfprobeProber(Runner())


@pytest.fixture(scope="module", name="clip")
def _clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clip")
    return make_clip(folder / "a.mp4", "-metadata", "creation_time=2026-11-23T08:52:07Z", duration_s=2)


def codes(measured: Measurement) -> list[str]:
    """Return the codes of the problems."""
    return [problem.code for problem in measured.problems]


def test_a_clip_is_measured(prober: FfprobeProber, clip: Path) -> None:
    """Kind, container, tracks, duration, playability, header times and the tool that said so."""
    measured = prober.measure(clip)
    assert (measured.kind, measured.media_type, measured.container) == (Kind.VIDEO, "video/mp4", "mov")
    assert measured.declared_duration_s == pytest.approx(2.0, abs=0.1)
    assert measured.video is not None
    assert measured.audio is not None
    assert (measured.video.codec, measured.video.width_px, measured.video.rate) == ("h264", 320, "25/1")
    assert (measured.audio.codec, measured.audio.sample_rate_hz) == ("aac", 48000)
    assert measured.playable_as_is
    assert not measured.damaged
    assert {(claim.at, claim.zone) for claim in measured.claims.times} == {
        (datetime(2026, 11, 23, 8, 52, 7, tzinfo=UTC), ZoneBasis.UTC_BY_FORMAT)
    }
    assert measured.tool.startswith("ffprobe ")
    assert "sha256:" in measured.tool


def test_the_suffix_is_not_trusted(prober: FfprobeProber, clip: Path, tmp_path: Path) -> None:
    """A movie called .txt is a movie, a text called .mp4 is a text, and a hostile playlist opens no other file."""
    movie, text, playlist = (tmp_path / name for name in ("movie.txt", "notes.mp4", "list.mp4"))
    movie.write_bytes(clip.read_bytes())
    text.write_text("2026-11-23 开机\n", "utf-8")
    playlist.write_text("#EXTM3U\n#EXTINF:10,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n")
    assert prober.measure(movie).kind is Kind.VIDEO
    for other in (text, playlist):
        measured = prober.measure(other)
        assert (measured.kind, measured.media_type, codes(measured)) == (Kind.OTHER, "text/plain", ["media.not_media"])
        assert not measured.damaged


def test_empty_and_blank_files_are_damaged(prober: FfprobeProber, tmp_path: Path) -> None:
    """Zero bytes, and nothing but zeros, are what power cuts leave."""
    empty, blank = tmp_path / "empty.mp4", tmp_path / "blank.mp4"
    empty.touch()
    blank.write_bytes(bytes(300_000))
    for path, code in ((empty, "media.empty"), (blank, "media.blank")):
        measured = prober.measure(path)
        assert (measured.kind, codes(measured), measured.damaged) == (Kind.OTHER, [code], True)


def test_a_movie_without_its_index_is_damaged_footage(prober: FfprobeProber, tmp_path: Path) -> None:
    """A recording cut off before its index was written is still footage by its looks, and says what is missing."""
    measured = prober.measure(cut(make_clip(tmp_path / "a.mp4", duration_s=1), 0.6))
    assert (measured.kind, codes(measured), measured.damaged) == (Kind.VIDEO, ["media.index_missing"], True)


def test_nested_boxes_are_a_result(prober: FfprobeProber, tmp_path: Path) -> None:
    """A thousand boxes inside each other open nothing and break nothing."""
    nested = b""
    for _ in range(1000):
        nested = struct.pack(">I4s", len(nested) + 8, b"moov") + nested
    path = tmp_path / "nested.mp4"
    path.write_bytes(struct.pack(">I4s4sI", 16, b"ftyp", b"isom", 0) + nested)
    measured = prober.measure(path)
    assert (measured.kind, measured.damaged, measured.playable_as_is) == (Kind.VIDEO, True, False)


def test_encrypted_media_is_not_damaged(prober: FfprobeProber, clip: Path, tmp_path: Path) -> None:
    """Encrypted samples decode to noise: the file is said to be encrypted, and nothing else."""
    path = tmp_path / "encrypted.mp4"
    key = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "76" * 16, "-encryption_kid", "a7" * 16)
    ffmpeg("-i", clip, "-c", "copy", *key, path)
    measured = prober.measure(path)
    assert (codes(measured), measured.damaged, measured.playable_as_is) == (["media.encrypted"], False, False)


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("a.ts", ("-c:v", "libx264", "-c:a", "aac"), (Kind.VIDEO, "video/mp2t", False)),
        ("a.mkv", ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"), (Kind.VIDEO, "video/x-matroska", True)),
        ("a.avi", ("-c:v", "mjpeg", "-c:a", "pcm_s16le"), (Kind.VIDEO, "video/x-msvideo", False)),
        (
            "alaw.mov",
            ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "pcm_alaw"),
            (Kind.VIDEO, "video/quicktime", False),
        ),
        ("ten.mp4", ("-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-c:a", "aac"), (Kind.VIDEO, "video/mp4", False)),
        ("a.h264", ("-c:v", "libx264", "-an"), (Kind.VIDEO, "video/h264", False)),
        ("a.m4a", ("-vn", "-c:a", "aac"), (Kind.AUDIO, "audio/mp4", True)),
        ("sound.mp4", ("-vn", "-c:a", "aac"), (Kind.AUDIO, "audio/mp4", True)),
        ("a.wav", ("-vn", "-c:a", "pcm_s16le"), (Kind.AUDIO, "audio/wav", True)),
        ("alaw.wav", ("-vn", "-c:a", "pcm_alaw"), (Kind.AUDIO, "audio/wav", False)),
        ("a.aac", ("-vn", "-c:a", "aac"), (Kind.AUDIO, "audio/aac", True)),
        ("a.mp3", ("-vn", "-c:a", "libmp3lame"), (Kind.AUDIO, "audio/mpeg", True)),
    ],
)
def test_containers_and_codecs(
    prober: FfprobeProber,
    clip: Path,
    tmp_path: Path,
    name: str,
    options: tuple[str, ...],
    expected: tuple[Kind, str, bool],
) -> None:
    """Each container is known and the policy on what browsers play is applied to it."""
    path = tmp_path / name
    ffmpeg("-i", clip, "-ac", "1", *options, path)
    measured = prober.measure(path)
    assert (measured.kind, measured.media_type, measured.playable_as_is) == expected
    assert not measured.damaged


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "gif", "bmp", "tiff"])
def test_photos_whole_and_cut(prober: FfprobeProber, clip: Path, tmp_path: Path, suffix: str) -> None:
    """A whole photo is no problem; one that was cut off is damaged, though many decoders show what is left."""
    path = tmp_path / f"a.{suffix}"
    ffmpeg("-i", clip, "-frames:v", "1", path)
    whole = prober.measure(path)
    assert (whole.kind, whole.problems, whole.damaged) == (Kind.PHOTO, (), False)
    assert whole.playable_as_is is (suffix not in {"bmp", "tiff"})
    if suffix not in {"bmp", "tiff"}:
        measured = prober.measure(cut(path, 0.7))
        assert (measured.kind, codes(measured), measured.damaged) == (Kind.PHOTO, ["media.photo_truncated"], True)


AVIF_HEAD = b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00avifmif1"


@pytest.fixture(scope="module", name="avif")
def _avif(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("avif") / "a.avif"
    ffmpeg("-i", clip, "-frames:v", "1", "-c:v", "libaom-av1", "-cpu-used", "8", "-still-picture", "1", path)
    return path


def test_a_whole_avif_is_shown_as_it_is(prober: FfprobeProber, avif: Path) -> None:
    """Browsers show it, so nothing is wrong with it."""
    measured = prober.measure(avif)
    assert (measured.kind, measured.media_type, measured.playable_as_is) == (Kind.PHOTO, "image/avif", True)
    assert (measured.problems, measured.damaged) == ((), False)


@pytest.mark.parametrize("share", [0.3, 0.7, 0.98])
def test_an_avif_that_was_cut_off_is_damaged(prober: FfprobeProber, avif: Path, tmp_path: Path, share: float) -> None:
    """Wherever the cut is."""
    path = tmp_path / "cut.avif"
    path.write_bytes(avif.read_bytes()[: int(avif.stat().st_size * share)])
    measured = prober.measure(path)
    assert (codes(measured), measured.damaged, measured.playable_as_is) == (["media.photo_truncated"], True, False)


@pytest.mark.parametrize("reads_avif", [True, False])
def test_garbage_that_begins_as_an_avif_is_damaged(
    prober: FfprobeProber,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    reads_avif: bool,
) -> None:
    """No browser shows it; an OpenCV without AVIF leaves the verdict to the container, and it is the same."""
    monkeypatch.setattr(pictures, "reads_avif", lambda: reads_avif)
    path = tmp_path / "a.avif"
    path.write_bytes(AVIF_HEAD + bytes(range(256)) * 16)
    measured = prober.measure(path)
    assert (measured.kind, codes(measured)) == (Kind.PHOTO, ["media.photo_undecodable"])
    assert (measured.damaged, measured.playable_as_is) == (True, False)


def test_a_whole_avif_is_shown_also_by_its_container_alone(
    prober: FfprobeProber, avif: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An OpenCV without AVIF damages no evidence."""
    monkeypatch.setattr(pictures, "reads_avif", lambda: False)
    measured = prober.measure(avif)
    assert (measured.problems, measured.damaged, measured.playable_as_is) == ((), False, True)


@pytest.mark.parametrize(
    ("head", "code"), [(AVIF_HEAD, "media.photo_undecodable"), (b"\xff\xd8\xff\xe0", "media.over_limits")]
)
def test_a_photo_of_gigabytes_is_not_read_into_memory(tmp_path: Path, head: bytes, code: str) -> None:
    """Measured and derived in a process of its own, 3 GiB raise its peak by less than 100 MiB."""
    path = tmp_path / "a.avif"
    path.write_bytes(head)
    os.truncate(path, 3 << 30)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE_AND_DERIVE, path, tmp_path], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[:4] == [code, "True", "False", "no"], done.stdout
    assert int(done.stdout.split()[4]) < 100 << 10


ROOT = Path(__file__).resolve().parents[2]
MEASURE_AND_DERIVE = """
import re, sys
from pathlib import Path
from storage.derivatives import LocalDerivatives
from transcode.derive import FfmpegDeriver
from transcode import pictures
from transcode.probe import FfprobeProber
from transcode.runner import Runner
path, folder, runner = Path(sys.argv[1]), Path(sys.argv[2]), Runner()
peak_kib = lambda: int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])
before_kib = peak_kib()
measured = FfprobeProber(runner).measure(path)
deriver = FfmpegDeriver(LocalDerivatives(folder / "derivatives"), runner)
derived = deriver.derive(path, "0" * 64, measured, folder, lambda share: None, lambda: False)
grown_kib = peak_kib() - before_kib
print(measured.problems[0].code, derived.damaged, measured.playable_as_is, derived.playable.value, grown_kib)
"""
"""Prints the verdict and by how many KiB its own peak of memory rose; ``getrusage`` would tell its parent's, too."""


def test_a_motion_photo_is_one_whole_photo(prober: FfprobeProber, clip: Path, tmp_path: Path) -> None:
    """A JPEG with a movie behind its end is a photo, and whole."""
    path = tmp_path / "motion.jpg"
    ffmpeg("-i", clip, "-frames:v", "1", path)
    path.write_bytes(path.read_bytes() + clip.read_bytes())
    measured = prober.measure(path)
    assert (measured.kind, measured.damaged, measured.playable_as_is) == (Kind.PHOTO, False, True)


def test_a_file_name_is_never_read_as_a_protocol(prober: FfprobeProber, clip: Path, tmp_path: Path) -> None:
    """Colons, percent signs and leading dashes in names are part of the name."""
    for name in ("-v.mp4", "concat:a|b.mp4", "still-%03d.mp4", "开机 's.mp4"):
        path = tmp_path / name
        path.write_bytes(clip.read_bytes())
        assert prober.measure(path).kind is Kind.VIDEO


def test_a_missing_tool_is_named_with_its_cure(clip: Path) -> None:
    """Without ffprobe the caller learns which package brings it."""
    with pytest.raises(ToolMissingError, match="apt-get install ffmpeg"):
        FfprobeProber(Runner(ffprobe="/nowhere/ffprobe")).measure(clip)


def test_a_file_that_cannot_be_read_is_an_error_of_the_disk(prober: FfprobeProber, tmp_path: Path) -> None:
    """What is not there is no measurement."""
    with pytest.raises(MediaError, match=r"gone\.mp4"):
        prober.measure(tmp_path / "gone.mp4")


SAMPLE_TABLE = [
    ("EK000018.AVI", Kind.VIDEO, False, False),
    ("bottle-detection.mp4", Kind.VIDEO, False, True),
    ("car-detection.mp4", Kind.VIDEO, False, True),
    ("fixture-corrupt.mkv", Kind.VIDEO, True, False),
    ("fixture-mjpeg.mov", Kind.VIDEO, False, False),
    ("fixture2.3gp", Kind.VIDEO, False, False),
    ("hlg10-color-test.mp4", Kind.VIDEO, False, False),
    ("ios9.mov", Kind.VIDEO, False, True),
    ("nested_moov_1000.mp4", Kind.VIDEO, True, False),
    ("portrait_4k60.mp4", Kind.VIDEO, False, True),
    ("sample_ipcm_24le.mp4", Kind.VIDEO, False, True),
    ("sample_mdat_too_long.mp4", Kind.VIDEO, False, True),
    ("sample_missing_stsd.mp4", Kind.VIDEO, True, True),
    ("sample_partially_fragmented.mp4", Kind.VIDEO, False, True),
    ("sample_qt.mp4", Kind.VIDEO, False, False),
    ("sample_rotate_and_reflect.mp4", Kind.VIDEO, False, True),
    ("sideways_movie.mov", Kind.VIDEO, False, True),
    ("signed_test_h265.mp4", Kind.VIDEO, False, False),
    ("signed_vendor_axis.h264", Kind.VIDEO, False, False),
    ("video_1.mp4", Kind.VIDEO, False, True),
    ("video_desks.3gp", Kind.VIDEO, False, False),
    ("README.md", Kind.OTHER, False, False),
    *((f"{name}.jpg", Kind.PHOTO, False, True) for name in ("blank_date", "broken", "crash01", "gps_clock_plus2h")),
    *((f"{name}.jpg", Kind.PHOTO, False, True) for name in ("nikon_one_day_slow", "two_offsets", "year_2099")),
]


@pytest.mark.skipif(not SAMPLES, reason=NO_SAMPLES)
@pytest.mark.parametrize(("name", "kind", "damaged", "plays"), SAMPLE_TABLE)
def test_real_camera_files(prober: FfprobeProber, name: str, kind: Kind, damaged: bool, plays: bool) -> None:
    """Kind, damage and playability of each real file, as far as its container tells."""
    measured = prober.measure(Path(SAMPLES) / name)
    assert (measured.kind, measured.damaged, measured.playable_as_is) == (kind, damaged, plays)


@pytest.mark.skipif(not SAMPLES, reason=NO_SAMPLES)
def test_every_sample_is_in_the_table() -> None:
    """A sample that is added must be looked at and entered."""
    assert {path.name for path in Path(SAMPLES).iterdir()} == {row[0] for row in SAMPLE_TABLE}
