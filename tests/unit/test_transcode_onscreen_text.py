"""What the text of an overlay states: moments, zones and codes, also where characters were misread."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.claims import ZoneBasis
from transcode.onscreen_text import read_codes, read_stamp, shows_clock

MOMENT = datetime(2026, 11, 23, 8, 52, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23 16:52:07",
        "2026/11/23 16:52:07 AB00001 XX0001",
        "2026.11.23 16:52:07",
        "23-11-2026 16:52:07",
        "11/23/2026 16:52:07",
        "2026年11月23日 16:52:07 警号XX0001",
        "2026年11月23日16时52分07秒",
        "2026年11月23日星期一16:52:07",
        "2026-11-23 MON 16:52:07",
        "20261123165207",
        "20261123 165207",
        "2026-11-2316:52:07",
        "2026-11-23 16：52：07",
        "2026-11-23 16.52.07",
        "2026-11-23 04:52:07 PM",
        "2026-11-23 下午04:52:07",
        "设备AB00001 2026-11-23 16:52:07",
    ],
)
def test_the_usual_styles_are_read_as_beijing_time(text: str) -> None:
    """A wall clock in any usual style gives the moment in UTC and says that no zone was stated."""
    stamp = read_stamp(text)
    assert stamp
    assert (stamp.at, stamp.zone) == (MOMENT, ZoneBasis.LOCAL)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T08:52:07Z",
        "2026-11-23T08:52:07.123Z AXON BODY 3 X60A12345",
        "2026-11-23T08:52:07.123ZAXON",
        "2026-11-23 16:52:07 +08:00",
        "2026-11-23 16:52:07 UTC+8",
        "2026-11-23 10:52:07 GMT+2",
        "2026-11-23T03:22:07-05:30",
    ],
)
def test_a_stated_zone_is_kept(text: str) -> None:
    """A clock that names its zone gives that very moment."""
    stamp = read_stamp(text)
    assert stamp
    assert (stamp.at, stamp.zone) == (MOMENT, ZoneBasis.EXPLICIT)


@pytest.mark.parametrize("text", ["2O26-1I-23 l6:52:O7", "2026%11-23 16:52:07", "2026-11-23 M0N 16:52:07"])
def test_letters_that_look_like_digits_are_read_as_digits(text: str) -> None:
    """O for 0 and I or l for 1 are taken for what they were, and a spoilt mark does no harm."""
    stamp = read_stamp(text)
    assert stamp
    assert stamp.at == MOMENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NO PARKING 08:00-18:00",
        "2026-11-23",
        "2026-1-23 16:52:07",  # a digit may be lost
        "2026-02-30 16:52:07",
        "2026-11-23 25:52:07",
        "05-06-2026 16:52:07",  # May or June
        "2026-11-23T08:52:07.123",  # its zone was lost
        "2026-11-23T08:52:07",
        "2026-11-23 星期二 16:52:07",  # a Monday
        "2026-11-23 TUE 16:52:07",
        "202611231652071",
        "2026-11-23 16:52:07 2026-11-23 16:52:09",
        "2026-11-23 14:52:07 PM",
        "9999999-9999 99:99:99",
    ],
)
def test_what_is_no_time_or_may_be_two_gives_none(text: str) -> None:
    """Nothing is guessed: an incomplete, impossible, ambiguous or doubled statement is none."""
    assert read_stamp(text) is None


@given(st.one_of(st.text(), st.text(alphabet="0123456789-:/ .TZ年月日OIl：+星期一AMPUC")))
def test_no_text_raises(text: str) -> None:
    """Whatever a recogniser returns, reading it ends with an answer."""
    stamp = read_stamp(text)
    read_codes(text, stamp)
    shows_clock(text)
    assert stamp is None or stamp.at.utcoffset() is not None


@given(st.datetimes(datetime(2000, 1, 1), datetime(2098, 12, 31)))  # noqa: DTZ001 – hypothesis wants naive bounds
def test_every_second_written_is_read_back(moment: datetime) -> None:
    """A moment written in ISO form with its zone comes back to the second."""
    stamp = read_stamp(f"cam {moment:%Y-%m-%dT%H:%M:%S}Z 12")
    assert stamp
    assert stamp.at == moment.replace(microsecond=0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("2026-11-23 16:52:07 AB00001 XX0001", {("device", "AB00001"), ("officer_code", "XX0001")}),
        ("XX0203 AB00017 2026-11-23 16:52:07", {("device", "AB00017"), ("officer_code", "XX0203")}),
        ("2026-11-23 16:52:07 设备AB00001警号XX0001", {("device", "AB00001"), ("officer_code", "XX0001")}),
        ("20261123 165207 XX0203", {("officer_code", "XX0203")}),
        ("2026-11-23 16:52:07 AB00001XX0001", set()),
        ("2026-11-23 16:52:07 ABO0001 XXl001", set()),
        ("2026-11-23 16:52:07 AB00001 AB00002", set()),
        ("2026-11-23 16:52:07 TRAFFIC STREET", set()),
        ("43.123456 N 1920x10801", set()),
    ],
)
def test_codes_are_read_only_where_their_form_is_sure(text: str, codes: set[tuple[str, str]]) -> None:
    """Seven and six characters with digits are codes; glued, doubled or mistakable ones are none."""
    assert {(code.kind.value, code.value) for code in read_codes(text, read_stamp(text))} == codes


def test_a_line_full_of_digits_may_be_a_clock() -> None:
    """Eight digits are what a date has; fewer make no unread clock."""
    assert shows_clock("2026 11 2? 16.5")
    assert not shows_clock("AB00001")
