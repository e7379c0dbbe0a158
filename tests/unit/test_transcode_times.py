"""Times that containers state are kept apart, with what their zone rests on."""

from datetime import UTC, datetime

import pytest

from evidence.claims import Anchor, ClaimSource, TimeClaim, ZoneBasis
from transcode.container_times import time_claims
from transcode.ffprobe import Inspection


def claims_of(**tags: str) -> tuple[TimeClaim, ...]:
    """Return the claims of a container with these tags (``__`` stands for a dot)."""
    named = {name.replace("__", "."): value for name, value in tags.items()}
    return time_claims(Inspection("mov", 1.0, named, ()), "ffprobe 5.1")


def test_a_movie_header_is_utc_by_format() -> None:
    """The header's Z is the format's habit: the basis says so, and either end may be meant."""
    (claim,) = claims_of(creation_time="2018-04-19T22:46:00.000000Z")
    assert claim.at == datetime(2018, 4, 19, 22, 46, tzinfo=UTC)
    assert (claim.source, claim.zone) == (ClaimSource.CONTAINER, ZoneBasis.UTC_BY_FORMAT)
    assert (claim.anchor, claim.detail, claim.tool) == (Anchor.EITHER, "format:creation_time", "ffprobe 5.1")


def test_an_apple_date_names_its_offset() -> None:
    """The maker's own tag carries an explicit offset and states the start."""
    (claim,) = claims_of(com__apple__quicktime__creationdate="2016-02-02T10:51:27-0700")
    assert claim.at == datetime(2016, 2, 2, 17, 51, 27, tzinfo=UTC)
    assert (claim.source, claim.zone, claim.anchor) == (ClaimSource.MAKER, ZoneBasis.EXPLICIT, Anchor.START)


@pytest.mark.parametrize(
    ("raw", "at", "precision_s"),
    [
        ("2026-11-23 16:52:07", datetime(2026, 11, 23, 8, 52, 7, tzinfo=UTC), 1.0),
        ("2026-11-23", datetime(2026, 11, 22, 16, tzinfo=UTC), 86400.0),
        ("20261123", datetime(2026, 11, 22, 16, tzinfo=UTC), 86400.0),
        ("2026:11:23 16:52", datetime(2026, 11, 23, 8, 52, tzinfo=UTC), 60.0),
    ],
)
def test_a_riff_date_is_the_devices_wall_clock(raw: str, at: datetime, precision_s: float) -> None:
    """A date without an offset is read as Beijing time and says how coarse it is."""
    (claim,) = claims_of(date=raw)
    assert (claim.at, claim.zone, claim.precision_s) == (at, ZoneBasis.LOCAL, precision_s)


@pytest.mark.parametrize(
    "raw",
    [
        "1904-01-01T00:00:00Z",
        "1970-01-01T00:00:00.000000Z",
        "0000-00-00T00:00:00Z",
        "    -  -  ",
        "",
        "2026-13-40T00:00:00Z",
    ],
)
def test_what_means_not_set_has_no_instant(raw: str) -> None:
    """Epochs, zeros, blanks and impossible dates are kept as written and state no time."""
    (claim,) = claims_of(creation_time=raw)
    assert claim.at is None
    assert claim.raw == raw


def test_a_time_code_is_kept_without_an_instant() -> None:
    """A time code has no date: it is a statement, not an instant."""
    (claim,) = claims_of(timecode="16:52:07:12")
    assert (claim.at, claim.detail) == (None, "format:timecode")
