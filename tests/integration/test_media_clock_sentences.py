"""A sentence that is true for every real camera file, word for word in both languages; see media_clock.toml."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.texts import Texts
from evidence.clock import ClockVerdict
from ingest.exif import claims_of_photo
from tests.support.media_clock import SAMPLES, Case, find_out, read_table
from tests.support.transcode import NO_SAMPLES, ffmpeg
from transcode.synthetic import ExifTimes, with_exif

MODIFIED, ARRIVED, CASES = read_table()

samples = pytest.mark.skipif(not SAMPLES, reason=NO_SAMPLES)
tags = pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed, so fewer times are read")


@samples
@tags
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_said_of_a_real_file_is_true(case: Case) -> None:
    """Claims, verdict, start, named offset, rules, and the decisive sentence."""
    path = Path(SAMPLES) / case.name
    if not path.exists():
        pytest.skip(f"{case.name} is not among the samples")
    found = find_out(path, MODIFIED, ARRIVED)
    judgement = found.judgement
    assert sorted(found.rows) == sorted(case.claims)
    assert judgement.verdict == case.verdict, found.said("en")
    assert found.offset_s == case.offset_s, found.said("en")
    assert set(case.rules) <= set(found.rules)
    if case.start:
        assert judgement.start == datetime.fromisoformat(case.start)
    for locale, sentence in case.sentences.items():
        assert sentence in found.said(locale)


@samples
def test_no_sample_is_left_out_of_the_table() -> None:
    """Every file of the folder has its row, the folder's own description aside."""
    files = {path.name for path in Path(SAMPLES).iterdir() if path.suffix != ".md"}
    assert files <= {case.name for case in CASES}


def test_a_photo_of_2099_is_not_believed(tmp_path: Path) -> None:
    """A date after the arrival of the file is impossible, whoever states it."""
    photo = tmp_path / "a.jpg"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x180", "-frames:v", "1", photo)
    photo.write_bytes(with_exif(photo.read_bytes(), ExifTimes("2099:09:29 10:10:10")))
    found = find_out(photo, MODIFIED, ARRIVED)
    assert found.judgement.verdict is ClockVerdict.UNKNOWN
    said = next(rule for rule in found.judgement.rules if rule.code == "clock.after_arrival.exif")
    assert Texts("en").say(said) == (
        "The EXIF tag says 2099-09-29 10:10:10 Beijing time, later than the arrival of the file at "
        "2026-11-24 08:00:00 Beijing time: that cannot be."
    )


@tags
def test_an_impossible_position_of_a_photo_is_said(tmp_path: Path) -> None:
    """Latitude 213° is no place; the satellites' time beside it counts."""
    photo = tmp_path / "a.jpg"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x180", "-frames:v", "1", photo)
    written = ("-GPSLatitude=213", "-GPSLongitude=89", "-GPSDateStamp=2026:11:23", "-GPSTimeStamp=08:52:07")
    subprocess.run(["exiftool", "-q", "-n", *written, photo], check=True)
    claims, notes = claims_of_photo(photo)
    assert [claim.at for claim in claims.times] == [datetime(2026, 11, 23, 8, 52, 7, tzinfo=UTC)]
    assert [(each.code, each.params["latitude"]) for each in notes] == [("clock.position_impossible", "213")]


def test_a_photo_that_names_its_offset_is_trusted(tmp_path: Path) -> None:
    """Set to local custom, UTC+6, and saying so: the instant is known."""
    photo = tmp_path / "a.jpg"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x180", "-frames:v", "1", photo)
    photo.write_bytes(with_exif(photo.read_bytes(), ExifTimes("2026:11:23 14:52:07", "+06:00")))
    judgement = find_out(photo, MODIFIED, ARRIVED).judgement
    assert judgement.verdict is ClockVerdict.TRUSTED
    assert judgement.start == datetime(2026, 11, 23, 8, 52, 7, tzinfo=UTC)
    assert judgement.span is not None
    assert judgement.span.end - judgement.span.start == timedelta()
