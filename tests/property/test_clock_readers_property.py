"""Whatever the bytes and letters are, the readers of clocks end with claims or without, and never raise."""

import random
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.claims import TimeClaim, ZoneBasis
from evidence.gps_fixes import Fix, track_claim, track_notes
from ingest.gps_tracks import fixes_of_text
from tests.support.boxes import box, header, international, keyed, read, since_1904
from tests.support.tags import sentence
from tests.support.transcode import make_clip
from transcode.dates import basis_of, read_date
from transcode.movie_times import movie_times
from transcode.probe import FfprobeProber
from transcode.runner import Runner

AT = datetime(2026, 11, 23, 8, 52, 7, tzinfo=UTC)
KINDS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"meta", b"keys", b"ilst", b"data", b"mvhd", b"tkhd")
MORE_KINDS = (b"mdhd", b"stsd", b"stco", b"co64", b"loci", b"date", b"\xa9day", b"\xa9xyz", b"\0\0\0\1", b"free")
SECONDS = timedelta(days=36500).total_seconds()


def is_sound(claim: TimeClaim) -> bool:
    """Whether a claim can be kept: an instant in UTC or none, a finite positive step."""
    return (claim.at is None or claim.at.utcoffset() == timedelta()) and 0 < claim.precision_s < float("inf")


def boxed() -> st.SearchStrategy[bytes]:
    """Return boxes of the kinds that are read, nested at will, with any content and sizes that may lie."""
    leaf = st.builds(box, st.sampled_from(KINDS + MORE_KINDS), st.binary(max_size=60))
    nested = st.recursive(
        leaf, lambda inner: st.builds(box, st.sampled_from(KINDS), st.lists(inner, max_size=4).map(b"".join))
    )
    return st.builds(lambda boxes, cut: b"".join(boxes)[cut:], st.lists(nested, max_size=4), st.integers(0, 3))


@given(st.binary(max_size=400))
def test_any_bytes_are_walked(content: bytes) -> None:
    """Bytes of no format at all."""
    assert all(is_sound(claim) for claim in read(content).times)


@given(boxed())
def test_any_boxes_are_walked(content: bytes) -> None:
    """Boxes of the right names in the wrong places."""
    assert all(is_sound(claim) for claim in read(box(b"moov", content)).times)
    assert all(is_sound(claim) for claim in read(content).times)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1), st.text(max_size=40), st.text(max_size=40))
def test_any_value_in_a_right_place_is_a_statement(narrow: int, wide: int, date: str, place: str) -> None:
    """Numbers beyond the calendar and words that are no date are kept as written."""
    movie = box(
        b"moov",
        header(b"mvhd", narrow, narrow),
        header(b"mvhd", wide, wide, version=1),
        keyed("com.apple.quicktime.creationdate", date),
        box(b"udta", international(b"\xa9day", date), international(b"\xa9xyz", place)),
    )
    claims = read(movie).times
    assert len(claims) >= 1
    assert all(is_sound(claim) for claim in claims)


@given(st.text(max_size=60), st.sampled_from(list(ZoneBasis)))
def test_any_text_is_a_date_or_none(text: str, basis: ZoneBasis) -> None:
    """Whichever zone it is read in."""
    at, precision_s = read_date(text, basis)
    assert at is None or at.utcoffset() == timedelta()
    assert precision_s > 0
    assert basis_of(text) in {ZoneBasis.EXPLICIT, ZoneBasis.LOCAL}


@given(st.text())
def test_any_text_is_a_log_or_none(text: str) -> None:
    """Letters of no format at all."""
    assert all(fix.at.utcoffset() == timedelta() for fix in fixes_of_text(text))


@given(st.lists(st.sampled_from("$GPRMC,NA*0123456789.<trkpt lat=\"'>time/Z:T+-\n"), max_size=200).map("".join))
def test_letters_of_a_log_in_any_order_are_a_log_or_none(text: str) -> None:
    """The alphabet of NMEA and GPX."""
    for log in (text, sentence(AT) + text, f'<gpx><trkpt lat="1" lon="2"><time>{text}'):
        assert all(fix.at.utcoffset() == timedelta() for fix in fixes_of_text(log))


def fixes() -> st.SearchStrategy[list[Fix]]:
    """Return logs with any times, places and media times."""
    moments = st.floats(-SECONDS, SECONDS).map(lambda second: AT + timedelta(seconds=second))
    near = st.integers(-200, 200).map(lambda second: AT + timedelta(seconds=second))
    degrees = st.none() | st.floats(-1000, 1000)
    media = st.none() | st.floats(-1e6, 1e9)
    return st.lists(st.builds(Fix, moments | near, degrees, degrees, st.booleans(), media), max_size=12)


@given(fixes(), st.none() | st.floats(-10, 1e9))
@settings(max_examples=300)
def test_any_log_is_a_track_a_fix_or_nothing(log: list[Fix], length_s: float | None) -> None:
    """Fixes in any order of time, repeated, void, and out of this world."""
    claim = track_claim(log, detail="x")
    assert (claim is None) is (log == [])
    assert claim is None or is_sound(claim)
    assert {each.code for each in track_notes(log, length_s)} <= {"clock.position_impossible", "clock.track_rate"}


@given(st.integers(3, 30), st.floats(0.1, 60), st.integers(0, 20), st.booleans())
def test_an_even_track_states_its_start_whatever_came_before(rows: int, step_s: float, stale: int, media: bool) -> None:
    """Stale rows before it do not move the start by more than the track's own step says."""
    log = [Fix(AT - timedelta(days=1), media_s=n * step_s if media else None) for n in range(stale)]
    seconds = [n * step_s for n in range(stale, stale + rows)]
    log += [Fix(AT + timedelta(seconds=second), media_s=second if media else None) for second in seconds]
    claim = track_claim(log, detail="x")
    assert claim is not None
    assert claim.at is not None
    assert abs((claim.at - AT).total_seconds()) <= claim.precision_s


@pytest.fixture(scope="module", name="whole")
def _whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("whole")
    stated = ("-metadata", "creation_time=2026-11-23T08:52:07Z", "-metadata", "date=2026-11-23T16:52:07+0800")
    timecode = ("-timecode", "16:52:07:12", "-movflags", "+faststart")
    return make_clip(folder / "a.mov", *stated, *timecode, duration_s=1).read_bytes()


def test_a_damaged_movie_states_what_is_left(whole: bytes, tmp_path: Path) -> None:
    """Cut anywhere, or with any bytes of its index overwritten, it is read without an error."""
    chance, damaged = random.Random(20261123), tmp_path / "a.mov"
    said = len(read(whole).times)
    assert said >= 5
    for _ in range(300):
        content = bytearray(whole[: chance.randrange(len(whole))] if chance.random() < 0.3 else whole)
        for _ in range(chance.randrange(12)):
            at = chance.randrange(max(1, min(len(content), 6000)))
            content[at : at + 1] = chance.randbytes(1)
        damaged.write_bytes(bytes(content))
        assert all(is_sound(claim) for claim in movie_times(damaged).times)


def test_a_damaged_movie_is_measured_with_every_reader(whole: bytes, tmp_path: Path) -> None:
    """The prober as it runs, exiftool too where it is installed."""
    chance, damaged, prober = random.Random(7), tmp_path / "a.mov", FfprobeProber(Runner())
    for share in (0.05, 0.2, 0.5, 0.95):
        content = bytearray(whole[: int(len(whole) * share)])
        for _ in range(8):
            content[chance.randrange(len(content))] = chance.randrange(256)
        damaged.write_bytes(bytes(content))
        assert all(is_sound(claim) for claim in prober.measure(damaged).claims.times)


def test_headers_cut_anywhere_state_nothing_wrong() -> None:
    """A movie cut at any byte states its true times or none."""
    movie = box(b"moov", header(b"mvhd", since_1904(AT), since_1904(AT)))
    for size in range(len(movie)):
        assert {claim.at for claim in read(BytesIO(movie).read(size)).times} <= {AT}
