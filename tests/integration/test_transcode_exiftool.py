"""Times that only exiftool reads, in recordings made as cameras make them; without it nothing else is missing."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evidence.claims import Anchor, ClaimSource, TimeClaim, ZoneBasis
from evidence.clips import Measurement
from tests.support.tags import avchd, with_gpmf, with_track, with_xmp
from tests.support.transcode import ffmpeg, make_clip
from transcode import exiftool
from transcode.exiftool import TagTimes, tag_times
from transcode.probe import FfprobeProber
from transcode.runner import Runner

AT = datetime(2026, 11, 23, 8, 52, 7, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")


@pytest.fixture(scope="module", name="prober")
def _prober() -> FfprobeProber:
    return FfprobeProber(Runner())


def read_by_exiftool(measured: Measurement) -> list[TimeClaim]:
    """Return the claims that exiftool alone read."""
    return [claim for claim in measured.claims.times if claim.tool.startswith("exiftool ")]


def after(*seconds: float) -> list[datetime]:
    """Return moments so many seconds after AT."""
    return [AT + timedelta(seconds=second) for second in seconds]


def test_an_avchd_date_is_read_from_the_pictures(prober: FfprobeProber, tmp_path: Path) -> None:
    """The stream's own time, with the zone it names; the suffix does not matter."""
    (claim,) = read_by_exiftool(prober.measure(avchd(tmp_path / "sealed", AT)))
    assert (claim.source, claim.zone, claim.anchor) == (ClaimSource.CONTAINER, ZoneBasis.EXPLICIT, Anchor.START)
    assert (claim.at, claim.raw, claim.detail) == (AT, "2026:11:23 16:52:07+08:00", "H264:DateTimeOriginal")
    assert "sha256:" in claim.tool


def test_a_riff_date_is_stated_once(prober: FfprobeProber, tmp_path: Path) -> None:
    """Two tools read the same chunk: one claim, a wall clock's day."""
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x180", "-t", "1", "-metadata", "date=2026-11-23", tmp_path / "a.avi")
    (claim,) = prober.measure(tmp_path / "a.avi").claims.times
    assert (claim.source, claim.zone, claim.precision_s) == (ClaimSource.CONTAINER, ZoneBasis.LOCAL, 86400.0)
    assert claim.detail == "format:date"


def test_an_xmp_date_with_an_offset_is_the_makers(prober: FfprobeProber, tmp_path: Path) -> None:
    """Known to the minute when it names no seconds; the dates of later changes are not read."""
    movie = with_xmp(
        make_clip(tmp_path / "a.mp4", duration_s=1),
        CreateDate="2026-11-23T16:52+08:00",
        ModifyDate="2026-11-24T16:52:09+08:00",
        MetadataDate="2026-11-24T16:52:09+08:00",
    )
    (claim,) = read_by_exiftool(prober.measure(movie))
    assert (claim.source, claim.zone, claim.anchor) == (ClaimSource.MAKER, ZoneBasis.EXPLICIT, Anchor.START)
    assert (claim.at, claim.precision_s) == (AT.replace(second=0), 60.0)


def test_an_xmp_date_without_an_offset_is_a_wall_clock(prober: FfprobeProber, tmp_path: Path) -> None:
    """Nobody stated a zone, so it is nobody's exact time."""
    movie = with_xmp(make_clip(tmp_path / "a.mp4", duration_s=1), CreateDate="2026-11-23T16:52:07")
    (claim,) = read_by_exiftool(prober.measure(movie))
    assert (claim.source, claim.zone, claim.at) == (ClaimSource.CONTAINER, ZoneBasis.LOCAL, AT)


def test_a_gps_track_inside_the_video_states_its_start(prober: FfprobeProber, tmp_path: Path) -> None:
    """The satellites' time at the first frame, though the first fix is stale."""
    movie = with_track(tmp_path / "a.mov", after(-101, -101, 2, 3, 4, 5))
    measured = prober.measure(movie)
    (claim,) = read_by_exiftool(measured)
    assert (claim.source, claim.zone, claim.anchor) == (ClaimSource.GPS_TRACK, ZoneBasis.EXPLICIT, Anchor.START)
    assert claim.at is not None
    assert abs((claim.at - AT).total_seconds()) < 0.1
    assert measured.problems == ()
    assert not measured.damaged


def test_an_action_cameras_track_is_read(tmp_path: Path) -> None:
    """GPMF: one time and its positions in each sample of the metadata track."""
    movie = with_gpmf(tmp_path / "a.mp4", after(0, 1, 2, 3))
    claims = tag_times(Runner(), movie, 4.0)
    assert [(claim.source, claim.at) for claim in claims.times] == [(ClaimSource.GPS_TRACK, AT)]
    assert claims.notes == ()


def test_samples_without_satellites_are_no_fixes(tmp_path: Path) -> None:
    """An action camera writes its own clock until it sees satellites, and says so in each sample."""
    movie = with_gpmf(tmp_path / "a.mp4", after(-3600, -3599, -3598, 3, 4, 5), locked_from=3)
    (claim,) = tag_times(Runner(), movie, 6.0).times
    assert (claim.source, claim.at) == (ClaimSource.GPS_TRACK, AT)


def test_two_fixes_inside_a_video_are_no_track(prober: FfprobeProber, tmp_path: Path) -> None:
    """They are a GPS statement, which may be stale."""
    (claim,) = read_by_exiftool(prober.measure(with_track(tmp_path / "a.mov", after(0, 1))))
    assert (claim.source, claim.at) == (ClaimSource.GPS, AT)


def test_a_time_lapse_says_so(prober: FfprobeProber, tmp_path: Path) -> None:
    """Half a minute by the satellites in each second of the recording."""
    measured = prober.measure(with_track(tmp_path / "a.mov", after(0, 30, 60, 90, 120)))
    (claim,) = read_by_exiftool(measured)
    assert (claim.source, claim.at) == (ClaimSource.GPS_TRACK, AT)
    assert [(each.code, each.params["ratio"]) for each in measured.problems] == [("clock.track_rate", "30")]
    assert not measured.damaged


def test_an_impossible_position_inside_a_video_is_said(prober: FfprobeProber, tmp_path: Path) -> None:
    """The time of its fixes counts all the same."""
    measured = prober.measure(with_track(tmp_path / "a.mov", after(0, 1, 2), lat="21300.0000"))
    assert [claim.source for claim in read_by_exiftool(measured)] == [ClaimSource.GPS_TRACK]
    assert [each.code for each in measured.problems] == ["clock.position_impossible"]


@pytest.mark.parametrize("program", ["", "/nowhere/exiftool"])
def test_without_exiftool_the_rest_is_measured(tmp_path: Path, program: str) -> None:
    """Switched off or not installed, it is not missed."""
    movie = with_track(tmp_path / "a.mov", after(0, 1, 2))
    measured = FfprobeProber(Runner(exiftool=program)).measure(movie)
    assert read_by_exiftool(measured) == []
    assert (len(measured.claims.times), measured.problems) == (5, ())


def test_what_takes_too_long_is_given_up_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stage goes on with what the other readers found."""
    monkeypatch.setattr(exiftool, "TIMEOUT_S", 0.01)
    read = tag_times(Runner(poll_s=0.01), make_clip(tmp_path / "a.mp4", duration_s=1), 1.0)
    assert (read.times, [each.code for each in read.notes]) == ((), ["clock.tags_over_limits"])


def test_output_that_is_cut_is_read_without_the_tracks(tmp_path: Path) -> None:
    """A track too long to hold is given up; the tags beside it are not."""
    movie = with_xmp(with_track(tmp_path / "a.mov", after(*range(8))), CreateDate="2026-11-23T16:52:07+08:00")
    read = tag_times(Runner(keep_bytes=400), movie, 8.0)
    assert [claim.detail for claim in read.times] == ["XMP-xmp:CreateDate"]
    assert [each.code for each in read.notes] == ["clock.tags_over_limits"]


def test_a_large_file_is_read_by_its_index_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The track that the index names is found all the same."""
    monkeypatch.setattr(exiftool, "SEARCHED_BYTES", 100)
    movie = with_track(tmp_path / "a.mov", after(0, 1, 2))
    assert [claim.source for claim in tag_times(Runner(), movie, 3.0).times] == [ClaimSource.GPS_TRACK]


@pytest.mark.parametrize("name", ["-ver", "-if.mp4", "a|", "%d.mp4", "@list", "开机 's.mp4"])
def test_a_file_name_is_never_read_as_an_option(tmp_path: Path, name: str) -> None:
    """Dashes, pipes and percent signs are part of the name."""
    movie = with_xmp(make_clip(tmp_path / "a.mp4", duration_s=1), CreateDate="2026-11-23T16:52:07+08:00")
    path = movie.rename(tmp_path / name)
    assert [claim.at for claim in tag_times(Runner(), path, 1.0).times] == [AT]


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"not media", b"\xff\xd8\xff\xe1\xff\xff"])
def test_bytes_that_are_nothing_state_nothing(tmp_path: Path, content: bytes) -> None:
    """And raise nothing."""
    path = tmp_path / "x"
    path.write_bytes(content)
    assert tag_times(Runner(), path, None) == TagTimes()
