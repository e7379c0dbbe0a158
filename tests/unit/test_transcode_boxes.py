"""The boxes of a movie are read as the format has them, within bounds, and each statement is kept apart."""

import struct
from datetime import UTC, datetime
from io import BytesIO

import pytest

from evidence.claims import Anchor, ClaimSource, ZoneBasis
from tests.support.boxes import box, header, international, keyed, read, since_1904, stated
from transcode import boxes as walker
from transcode.boxes import TOOL, BoxFile
from transcode.timecode import timecode_of

AT = datetime(2026, 11, 23, 8, 52, 7, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 8, 57, 7, tzinfo=UTC)
HEAD = box(b"ftyp", b"isom", bytes(4))
MOVIE = HEAD + box(
    b"moov",
    header(b"mvhd", since_1904(AT), since_1904(LATER)),
    box(
        b"trak",
        header(b"tkhd", since_1904(AT), since_1904(AT)),
        box(b"mdia", header(b"mdhd", since_1904(LATER), since_1904(LATER))),
    ),
    box(b"trak", header(b"tkhd", 0, 0, version=1), box(b"mdia", header(b"mdhd", 2082844800, 0, version=1))),
)


def test_movie_track_and_media_headers_are_kept_apart() -> None:
    """Each header states for itself, in UTC by its format, with the number as written."""
    claims = stated(MOVIE)
    movie = claims["moov/mvhd (modified 2026-11-23T08:57:07Z)"]
    assert (movie.at, movie.raw) == (AT, f"2026-11-23T08:52:07Z ({since_1904(AT)})")
    assert (movie.source, movie.zone, movie.anchor) == (
        ClaimSource.CONTAINER,
        ZoneBasis.UTC_BY_FORMAT,
        Anchor.EITHER,
    )
    assert (claims["moov/trak[1]/tkhd"].at, claims["moov/trak[1]/mdia/mdhd"].at) == (AT, LATER)
    assert {claim.tool for claim in claims.values()} == {TOOL}
    assert read(MOVIE).has_movie


def test_a_modification_time_is_never_a_creation_time() -> None:
    """It is named beside the creation time where it differs, and no claim states it."""
    content = HEAD + box(b"moov", header(b"mvhd", 0, since_1904(LATER)))
    (claim,) = read(content).times
    assert (claim.at, claim.detail) == (None, "moov/mvhd (modified 2026-11-23T08:57:07Z)")


def test_zero_is_blank_and_1970_is_what_it_is() -> None:
    """A zero says nothing; the zero point of another clock is a time, for the judgement to disbelieve."""
    claims = stated(MOVIE)
    assert claims["moov/trak[2]/tkhd"].at is None
    assert claims["moov/trak[2]/tkhd"].raw == "1904-01-01T00:00:00Z (0)"
    assert claims["moov/trak[2]/mdia/mdhd (modified 1904-01-01T00:00:00Z)"].at == datetime(1970, 1, 1, tzinfo=UTC)


def test_a_header_beyond_the_calendar_has_no_instant() -> None:
    """64 bits reach further than any date."""
    (claim,) = read(box(b"moov", header(b"mvhd", 2**63, 2**63, version=1))).times
    assert (claim.at, claim.raw) == (None, str(2**63))


@pytest.mark.parametrize("meta_head", [b"", bytes(4)])
def test_an_apple_date_names_its_offset(meta_head: bytes) -> None:
    """Read by key, whether the list is written as QuickTime or as ISO has it."""
    meta = keyed("com.apple.quicktime.creationdate", "2016-02-02T10:51:27-0700")
    inside = meta[8:]
    claims = stated(box(b"moov", box(b"meta", meta_head, inside)))
    claim = claims["moov/meta/ilst/com.apple.quicktime.creationdate"]
    assert (claim.source, claim.zone, claim.anchor) == (ClaimSource.MAKER, ZoneBasis.EXPLICIT, Anchor.START)
    assert claim.at == datetime(2016, 2, 2, 17, 51, 27, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "detail", "source"),
    [
        (international(b"\xa9day", "2012-05-09T14:46:38-0400"), "moov/udta/©day", ClaimSource.MAKER),
        (international(b"\xa9day", "2012-05-09"), "moov/udta/©day", ClaimSource.CONTAINER),
        (box(b"date", b"2018-02-07T10:15:08-0500\x00"), "moov/udta/date", ClaimSource.MAKER),
        (
            box(b"meta", bytes(4), box(b"ilst", box(b"\xa9day", box(b"data", bytes(8), b"2026-11-23T16:52:07")))),
            "moov/udta/meta/ilst/©day",
            ClaimSource.CONTAINER,
        ),
    ],
)
def test_a_written_date_is_the_makers_when_it_names_an_offset(content: bytes, detail: str, source: ClaimSource) -> None:
    """Without one it is a wall clock's."""
    claim = stated(box(b"moov", box(b"udta", content)))[detail]
    assert claim.source is source
    assert (claim.zone is ZoneBasis.EXPLICIT) is (source is ClaimSource.MAKER)


@pytest.mark.parametrize(
    "content",
    [
        international(b"\xa9xyz", "+213.7388-074.0002+035.880/"),
        box(b"loci", bytes(6), "现场".encode(), b"\0", b"\0", struct.pack(">ii", -74 * 65536, 213 * 65536), bytes(8)),
        box(b"loci", bytes(6), "\ufeff现场".encode("utf-16-be"), bytes(3), struct.pack(">ii", -74 << 16, 213 << 16)),
    ],
)
def test_an_impossible_place_is_said(content: bytes) -> None:
    """Latitude 213° is no place; the dates beside it are read all the same."""
    said = read(box(b"moov", header(b"mvhd", since_1904(AT), since_1904(AT)), box(b"udta", content)))
    assert [each.code for each in said.notes] == ["clock.position_impossible"]
    assert float(str(said.notes[0].params["latitude"])) == pytest.approx(213, abs=1)
    assert len(said.times) == 1


def test_a_place_on_earth_is_no_news() -> None:
    """Nothing is said of it."""
    said = read(box(b"moov", box(b"udta", international(b"\xa9xyz", "+40.7388-074.0002/"))))
    assert said.notes == ()


def timecode_movie(frame: int, *, flags: int = 0, scale: int = 25, step: int = 1, rate: int = 25) -> bytes:
    """Return a movie with a timecode track whose one sample lies before the index."""
    sample = box(b"mdat", struct.pack(">I", frame))
    entry = struct.pack(">I4s6xHIIIIBx", 34, b"tmcd", 1, 0, flags, scale, step, rate)
    table = box(
        b"stbl",
        box(b"stsd", bytes(4), struct.pack(">I", 1), entry),
        box(b"stco", bytes(4), struct.pack(">II", 1, 8)),
    )
    return sample + box(b"moov", box(b"trak", box(b"mdia", box(b"minf", table))))


def test_a_timecode_is_kept_without_an_instant() -> None:
    """A time of day without a date places nothing; its rate is kept with it."""
    frames = ((16 * 60 + 52) * 60 + 7) * 25 + 12
    (claim,) = read(timecode_movie(frames)).times
    assert (claim.at, claim.raw, claim.zone) == (None, "16:52:07:12 @ 25", ZoneBasis.LOCAL)
    assert (claim.detail, claim.precision_s) == ("moov/trak[1]/tmcd", 0.04)


@pytest.mark.parametrize(
    ("frames", "expected"),
    [(0, "00:00:00;00"), (1799, "00:00:59;29"), (1800, "00:01:00;02"), (17982, "00:10:00;00"), (107892, "01:00:00;00")],
)
def test_drop_frame_code_leaves_out_numbers(frames: int, expected: str) -> None:
    """Two a minute, none in each tenth: an hour of code is an hour."""
    assert timecode_of(frames, 30, drop=True) == expected
    assert timecode_of(frames, 30, drop=False).count(":") == 3


def test_a_timecode_without_a_rate_is_none() -> None:
    """Zeros where numbers are divided by."""
    assert read(timecode_movie(1, scale=0)).times == read(timecode_movie(1, rate=0)).times == ()


def test_boxes_within_themselves_lead_nowhere() -> None:
    """A thousand movies inside each other are one movie that holds nothing."""
    nested = b""
    for _ in range(1000):
        nested = box(b"moov", nested)
    assert read(HEAD + nested).times == ()


def test_the_budget_of_boxes_ends_the_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million empty boxes cost no more than the budget."""
    monkeypatch.setattr(walker, "MOST_BOXES", 100)
    assert len(list(BoxFile(BytesIO(box(b"free") * 1000)).boxes())) == 100


def test_the_budget_of_bytes_ends_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is over is not read, and that is no error."""
    monkeypatch.setattr(walker, "MOST_READ_BYTES", 64)
    assert len(list(BoxFile(BytesIO(box(b"free") * 1000)).boxes())) == 4


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (struct.pack(">I4s", 0, b"mdat") + bytes(40), [b"mdat"]),
        (struct.pack(">I4sQ", 1, b"mdat", 24) + bytes(8) + box(b"free"), [b"mdat", b"free"]),
        (struct.pack(">I4sQ", 1, b"mdat", 3) + bytes(8) + box(b"free"), []),
        (struct.pack(">I4s", 7, b"mdat") + box(b"free"), []),
        (struct.pack(">I4s", 10_000, b"mdat") + bytes(8), [b"mdat"]),
        (struct.pack(">I4sI", 1, b"mdat", 0), []),
    ],
)
def test_sizes_that_lie(content: bytes, kinds: list[bytes]) -> None:
    """To the end, 64 bits, less than a header, more than the file."""
    assert [each.kind for each in BoxFile(BytesIO(content)).boxes()] == kinds
