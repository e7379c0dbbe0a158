"""What receivers log beside a video, read as fixes: NMEA sentences and GPX points."""

from datetime import UTC, datetime, timedelta

import pytest

from evidence.claims import ClaimSource
from evidence.gps_fixes import track_claim
from ingest.gps_tracks import fixes_of_text
from tests.support.tags import sentence

START = datetime(2026, 11, 23, 8, 52, 7, tzinfo=UTC)


def nmea(*sentences: str) -> str:
    """Return a log as receivers write it, other sentences between."""
    return "\r\n".join(f"$GPGGA,ignored*00\r\n{one}" for one in sentences)


@pytest.mark.parametrize("talker", ["GP", "GN", "BD"])
def test_rmc_sentences_are_fixes(talker: str) -> None:
    """GPS, mixed and BeiDou receivers alike: time in UTC, degrees and minutes as decimal degrees."""
    fixes = fixes_of_text(nmea(*(sentence(START + timedelta(seconds=n), talker=talker) for n in range(3))))
    assert [fix.at for fix in fixes] == [START + timedelta(seconds=n) for n in range(3)]
    assert fixes[0].position == pytest.approx((42.952057, 89.176130), abs=1e-6)
    claim = track_claim(fixes, detail="x.nmea")
    assert claim is not None
    assert (claim.source, claim.at) == (ClaimSource.GPS_TRACK, START)


def test_a_void_sentence_is_not_valid() -> None:
    """Status V: the receiver's own clock, no satellites."""
    (fix,) = fixes_of_text(sentence(START, status="V"))
    assert not fix.valid


def test_a_sentence_with_a_wrong_checksum_is_passed_over() -> None:
    """Flipped bits on the wire are no fix; a missing checksum is not a wrong one."""
    assert fixes_of_text(sentence(START, wrong=True)) == ()
    assert len(fixes_of_text(sentence(START).partition("*")[0])) == 1


def test_an_impossible_latitude_keeps_its_time() -> None:
    """213 degrees are read as written, and are no position."""
    (fix,) = fixes_of_text(sentence(START, lat="21300.0000"))
    assert (fix.at, fix.latitude_deg, fix.position) == (START, 213.0, None)


@pytest.mark.parametrize(
    "text",
    [
        "$GPRMC,256199.00,A,,,,,,,231126,,",
        "$GPRMC,085207.00,A,4257.1234,N,08910.5678,E,0.5,10.0,310226,,",
        "$GPRMC,085207,A,4257.1234,N,08910.5678,E,0.5,10.0,,,",
        "",
        "2026-11-23 08:52:07 开机",
    ],
)
def test_what_is_no_fix_is_passed_over(text: str) -> None:
    """Impossible clocks and dates, missing dates, foreign text."""
    assert fixes_of_text(text) == ()


def test_sentences_may_stand_behind_a_stamp() -> None:
    """Some logs put their own time before each sentence."""
    assert len(fixes_of_text(f"[00:00:01.000] {sentence(START)} trailing")) == 1


GPX = """<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="42.95" lon="89.18"><ele>30</ele><time>2026-11-23T08:52:07Z</time></trkpt>
<trkpt lon='89.19' lat='-42.96'><time>2026-11-23T16:52:08+08:00</time><fix>3d</fix></trkpt>
<trkpt lat="213" lon="89.18"><time>2026-11-23T08:52:09.500Z</time></trkpt>
<trkpt lat="42.97" lon="89.18"><time>2026-11-23T08:52:10</time><fix>none</fix></trkpt>
<trkpt lat="42.97" lon="89.18"><ele>30</ele></trkpt>
<trkpt lat="42.97" lon="89.18"><time>2026-02-31T08:52:10Z</time></trkpt>
"""


def test_gpx_points_are_fixes() -> None:
    """In either order of attributes, with and without offset; points without a time are passed over."""
    fixes = fixes_of_text(GPX)
    assert [(fix.at - START).total_seconds() for fix in fixes] == [0.0, 1.0, 2.5, 3.0]
    assert [fix.position for fix in fixes[:3]] == [(42.95, 89.18), (-42.96, 89.19), None]
    assert [fix.valid for fix in fixes] == [True, True, True, False]


def test_a_gpx_track_that_was_cut_gives_what_it_holds() -> None:
    """A power failure leaves no closing tags."""
    assert len(fixes_of_text(GPX[: GPX.index("lon='89.19'")])) == 1


def test_no_entity_of_a_gpx_is_expanded() -> None:
    """A text that defines entities within entities is read in no time and states nothing."""
    entities = '<!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    assert fixes_of_text(f'{entities}<gpx><trkpt lat="&b;" lon="1"><time>&b;</time></trkpt>') == ()
