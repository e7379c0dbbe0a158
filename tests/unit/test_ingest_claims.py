"""What paths, times and photos' tags state, row by row."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.device_profiles import default_profiles
from evidence.claims import Anchor, Claims, ClaimSource, IdentityKind, TimeClaim, ZoneBasis
from evidence.clips import Sighting
from evidence.ids import Digest, StationId
from ingest.claims import DAY_S, MINUTE_S, claims_of_path, claims_of_sighting, read_path
from ingest.exif import BoundedFile, BudgetSpentError, claims_of_photo, read_gps, read_moment, read_offset

PROFILES = default_profiles()
MTIME = datetime(2017, 6, 23, 1, 46, 21, tzinfo=UTC)
ARRIVAL = datetime(2017, 6, 23, 9, 0, tzinfo=UTC)

D, O, S, I = IdentityKind.DEVICE, IdentityKind.OFFICER_CODE, IdentityKind.SEQUENCE, IdentityKind.IMPORTANT  # noqa: E741

NAMES = [
    ("AB00001_XX0001_20170623093621.MOV", "gat-device-officer", "2017-06-23T01:36:21", {D: "AB00001", O: "XX0001"}),
    ("ab00001_xx0001_20170623093621.mov", "gat-device-officer", "2017-06-23T01:36:21", {D: "ab00001", O: "xx0001"}),
    (
        "8888888_000000_20160129205547_0001.mp4",
        "gat-device-officer",
        "2016-01-29T12:55:47",
        {D: "8888888*", O: "000000*", S: "0001"},
    ),
    (
        "AB00001_XX0001_20170623093621_0002_IMP.mp4",
        "gat-device-officer",
        "2017-06-23T01:36:21",
        {D: "AB00001", O: "XX0001", S: "0002", I: "IMP"},
    ),
    (
        "AB00001_XX0001_20170623093621 (1).mp4",
        "gat-device-officer",
        "2017-06-23T01:36:21",
        {D: "AB00001", O: "XX0001"},
    ),
    (
        "AB00001_XX0001_20170623093621 - 副本.mp4",
        "gat-device-officer",
        "2017-06-23T01:36:21",
        {D: "AB00001", O: "XX0001"},
    ),
    (
        "123456_1234567_20180101120000_0001IMP.mp4",
        "gat-officer-device",
        "2018-01-01T04:00:00",
        {O: "123456*", D: "1234567*", S: "0001", I: "IMP"},
    ),
    ("XX0001_AB00001_20180101120000.avi", "gat-officer-device", "2018-01-01T04:00:00", {O: "XX0001", D: "AB00001"}),
    ("99999_XX0001_20170623093621.mp4", "dock-tree", "2017-06-23T01:36:21", {D: "99999*", O: "XX0001"}),
    ("20180101120000IMP.wav", "time-only", "2018-01-01T04:00:00", {I: "IMP"}),
    ("20180101120000_0007.mp4", "time-only", "2018-01-01T04:00:00", {S: "0007"}),
    ("20180101120000_大门.jpg", "time-only", "2018-01-01T04:00:00", {}),
    ("2017_0101_060101_001A.MP4", "dashcam-derived", "2016-12-31T22:01:01", {S: "001"}),
    ("20170101_060101.mp4", "dashcam-derived", "2016-12-31T22:01:01", {}),
    ("AXON_Body_3_Video_2021-04-17_2212.mp4", "axon-download", "2021-04-17T14:12:00", {}),
    ("20181345120000_0001.mp4", "time-only", None, {S: "0001"}),
    ("20180230120000.mp4", "time-only", None, {}),
    ("20180101250000.mp4", "time-only", None, {}),
    ("00000000000000.mp4", "time-only", None, {}),
    ("19700101080000.mp4", "time-only", "1970-01-01T00:00:00", {}),
    ("20171231240000.mp4", "time-only", "2017-12-31T16:00:00", {}),
    ("20171231240001.mp4", "time-only", None, {}),
    ("99991231240000.mp4", "time-only", None, {}),
]


def identities(claims: Claims, source: ClaimSource) -> dict[IdentityKind, str]:
    """Return what a source says, placeholders starred."""
    return {
        each.kind: each.value + ("*" if each.placeholder else "") for each in claims.identities if each.source is source
    }


@pytest.mark.parametrize(("name", "profile", "at", "said"), NAMES)
def test_what_a_name_says(name: str, profile: str, at: str | None, said: dict[IdentityKind, str]) -> None:
    """Each family's name is read by its own profile: wall-clock time, codes as written, placeholders marked."""
    claims = read_path(f"any/{name}", PROFILES).claims
    (stated,) = claims.times
    assert stated.at == (datetime.fromisoformat(at).replace(tzinfo=UTC) if at else None)
    assert (stated.detail, stated.zone, stated.anchor) == (profile, ZoneBasis.LOCAL, Anchor.START)
    assert identities(claims, ClaimSource.FILE_NAME) == said


@pytest.mark.parametrize(
    ("folder", "profile", "day", "said"),
    [
        ("DCIM/100ANDRO/AB00001/XX0001/20180101", "path-borne", "20180101", {D: "AB00001", O: "XX0001"}),
        (
            "DCIM/101ANDRO/1234567/123456/20180101",
            "path-borne",
            "20180101",
            {D: "1234567*", O: "123456*", I: "101ANDRO"},
        ),
        ("AB00001/XX0001/20180101", "path-borne", "20180101", {D: "AB00001", O: "XX0001"}),
        ("pedata/AB00001/20170623", "dock-tree", "20170623", {D: "AB00001"}),
        ("99999/20170623", "dock-tree", "20170623", {D: "99999*"}),
    ],
)
def test_what_folders_say(folder: str, profile: str, day: str, said: dict[IdentityKind, str]) -> None:
    """Folders are a source of their own: codes, and a day known to the day."""
    claims = read_path(f"{folder}/x.mp4", PROFILES).claims
    (stated,) = claims.times
    assert (stated.raw, stated.precision_s, stated.source) == (day, DAY_S, ClaimSource.FOLDER)
    assert stated.detail == profile
    assert identities(claims, ClaimSource.FOLDER) == said


@pytest.mark.parametrize(
    "path", ["holiday/photos/20180101/x.mp4", "DCIM/100MEDIA/x.mp4", "notes.txt", "x", "a/b/c.log"]
)
def test_ordinary_names_say_nothing(path: str) -> None:
    """A folder of seven letters is no device code."""
    assert read_path(path, PROFILES).claims.identities == ()


def test_folder_and_name_are_kept_apart() -> None:
    """A dock tree that disagrees with the name gives both statements."""
    claims = read_path("AB00002/20170623/AB00001_XX0001_20170623093621.MOV", PROFILES).claims
    assert identities(claims, ClaimSource.FOLDER)[D] == "AB00002"
    assert identities(claims, ClaimSource.FILE_NAME)[D] == "AB00001"


@pytest.mark.parametrize("codes", [("0AB0001", "0XX0001"), ("AB0001", "XX0001")])
def test_codes_of_one_length_are_claimed_both_ways(codes: tuple[str, str]) -> None:
    """Padded codes cannot be told apart: each is claimed as device and as officer, and a note says so."""
    reading = read_path(f"{codes[0]}_{codes[1]}_20180101120000.mp4", PROFILES)
    said = {(each.kind, each.value) for each in reading.claims.identities}
    assert said == {(kind, code) for kind in (D, O) for code in codes}
    assert [note.code for note in reading.notes] == ["intake.codes_either_order"]


def test_names_in_decomposed_unicode_are_read() -> None:
    """A Mac's decomposed file name matches like the composed one."""
    assert read_path("20180101120000_cafe\u0301.jpg", PROFILES).claims.times[0].at is not None


def test_modification_time_and_arrival_are_claims_of_the_system() -> None:
    """The mtime states the end, to 2 s; the arrival is an upper bound."""
    claims = claims_of_path("x.bin", MTIME, ARRIVAL, PROFILES)
    assert claims.times == (
        TimeClaim(ClaimSource.MTIME, "2017-06-23T01:46:21Z", MTIME, ZoneBasis.SYSTEM, Anchor.END, 2.0),
        TimeClaim(ClaimSource.ARRIVAL, "2017-06-23T09:00:00Z", ARRIVAL, ZoneBasis.SYSTEM, Anchor.NOT_AFTER),
    )
    sighting = Sighting(Digest("0" * 64), 1, StationId("S1"), "x.bin", MTIME, ARRIVAL)
    assert claims_of_sighting(sighting, PROFILES) == claims


def test_a_clock_without_seconds_is_known_to_the_minute() -> None:
    """A name that gives hours and minutes says so in its precision."""
    (stated,) = read_path("AXON_Body_3_Video_2021-04-17_2212.mp4", PROFILES).claims.times
    assert stated.precision_s == MINUTE_S


# --- photos -----------------------------------------------------------------------------------------------------------


def samples() -> Path:
    """Return the folder of real photos, or skip."""
    folder = Path(os.environ.get("EVIDOCK_SAMPLES", "/nowhere"))
    if not folder.is_dir():
        pytest.skip("EVIDOCK_SAMPLES names no folder of samples")
    return folder


PHOTOS = [
    ("gps_clock_plus2h.jpg", "EXIF DateTimeOriginal", "2017-10-27T00:38:52", ZoneBasis.LOCAL),
    (
        "gps_clock_plus2h.jpg",
        "GPS GPSDate, GPS GPSTimeStamp, GPS GPSStatus A",
        "2017-10-27T06:38:52",
        ZoneBasis.EXPLICIT,
    ),
    ("two_offsets.jpg", "EXIF DateTimeOriginal", "2018-03-20T16:50:43", ZoneBasis.EXPLICIT),
    ("blank_date.jpg", "EXIF DateTimeOriginal", None, ZoneBasis.LOCAL),
    ("year_2099.jpg", "EXIF DateTimeOriginal", "2099-09-29T02:10:10", ZoneBasis.LOCAL),
    ("year_2099.jpg", "GPS GPSDate, GPS GPSTimeStamp", None, ZoneBasis.EXPLICIT),
    ("nikon_one_day_slow.jpg", "EXIF DateTimeOriginal", "2008-10-22T08:29:49", ZoneBasis.LOCAL),
    ("nikon_one_day_slow.jpg", "GPS GPSDate, GPS GPSTimeStamp", "2008-10-23T14:28:17.24", ZoneBasis.EXPLICIT),
    ("broken.jpg", "GPS GPSDate, GPS GPSTimeStamp", None, ZoneBasis.EXPLICIT),
    ("crash01.jpg", "EXIF DateTimeDigitized", "2002-05-08T09:28:03", ZoneBasis.LOCAL),
]


@pytest.mark.parametrize(("name", "tag", "at", "zone"), PHOTOS)
def test_what_real_photos_state(name: str, tag: str, at: str | None, zone: ZoneBasis) -> None:
    """Camera time without offset is local; the editor's offset is not the camera's; GPS is UTC; blanks are not set."""
    claims, problems = claims_of_photo(samples() / name)
    stated = next(each for each in claims.times if each.detail == tag)
    assert stated.at == (datetime.fromisoformat(at).replace(tzinfo=UTC) if at else None)
    assert stated.zone is zone
    assert stated.tool.startswith("exifread ")
    assert problems == ()


def test_no_sample_makes_the_reader_fail() -> None:
    """Videos, damaged and foreign files state nothing and raise nothing."""
    for file in samples().iterdir():
        claims_of_photo(file)


def test_a_photo_cut_anywhere_is_a_result(tmp_path: Path) -> None:
    """Whatever is left of a photo, and whichever of its bytes is wrong, reading it ends in claims or a note."""
    whole = (samples() / "gps_clock_plus2h.jpg").read_bytes()
    cut = tmp_path / "cut.jpg"
    for step in range(0, 1200, 31):
        cut.write_bytes(whole[:step])
        claims_of_photo(cut)
        cut.write_bytes(whole[:step] + b"\xff\xfe\xff" + whole[step + 3 : 4000])
        claims_of_photo(cut)


def test_a_damaged_heic_is_a_note(tmp_path: Path) -> None:
    """What exifread raises becomes a note with the reason."""
    file = tmp_path / "x.heic"
    file.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08meta")
    claims, problems = claims_of_photo(file)
    assert claims == Claims()
    assert [each.code for each in problems] == ["intake.photo_tags_unreadable"]


def test_a_directory_that_points_at_itself_ends(tmp_path: Path) -> None:
    """A TIFF whose directory is its own successor is read in bounded time."""
    file = tmp_path / "x.tif"
    file.write_bytes(b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x0f\x01\x02\0\xff\xff\xff\x7f\0\0\0\0" + b"\x08\0\0\0")
    began = time.perf_counter()
    claims_of_photo(file)
    assert time.perf_counter() - began < 5


def test_a_bounded_file_stops(tmp_path: Path) -> None:
    """Bytes and calls are both counted."""
    file = tmp_path / "x"
    file.write_bytes(b"x" * 100)
    with BoundedFile(file, limit_bytes=10) as bounded, pytest.raises(BudgetSpentError):
        bounded.read()
    with BoundedFile(file, limit_calls=2) as bounded:
        assert bounded.read(1) + bounded.read(1) == b"xx"
        with pytest.raises(BudgetSpentError):
            bounded.read(1)


@pytest.mark.parametrize("text", ["+15:00", "+08:60", "08:00", "", "   :  ", "Z"])
def test_an_offset_no_zone_has_is_none(text: str) -> None:
    """Only a well-formed offset makes a time explicit."""
    assert read_offset(text) is None


@pytest.mark.parametrize("clock", [[24, 0, 0], [1, 60, 0], [1, 2], [0.5, 0, 0], "010203", None])
def test_a_gps_clock_that_is_none_gives_no_time(clock: object) -> None:
    """Hours beyond the day, missing parts and odd types are no time."""
    assert read_gps("2017:10:27", clock) is None


def test_zeros_and_short_dates_are_not_set() -> None:
    """The zeros of a camera that was never set are no time."""
    assert read_moment("0000:00:00 00:00:00", UTC) is None
    assert read_moment("2017:10:27", UTC) is None
    assert read_moment("2017:10:27 08:00:00", UTC, "5") == datetime(2017, 10, 27, 8, 0, 0, 500_000, tzinfo=UTC)
