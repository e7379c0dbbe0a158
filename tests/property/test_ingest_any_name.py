"""Names nobody thought of: reading a path never fails, and text leads back to the bytes."""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from config.device_profiles import default_profiles
from evidence.zones import BEIJING
from ingest.claims import read_path
from ingest.names import standing_of
from ingest.pickups import to_native, to_text
from ingest.records.times import NotATimeError, read_time

PROFILES = default_profiles()
NAME_BYTES = st.binary(min_size=1, max_size=60).filter(lambda name: b"\0" not in name)
NEAR_NAMES = st.from_regex(
    r"[0-9A-Z]{6,7}_[0-9A-Z]{6,7}_[0-9]{13,15}(_[0-9]{0,7})?(IMP)?\.[A-Za-z0-9]{1,4}", fullmatch=True
)
NEAR_TIMES = st.from_regex(
    r"[0-9]{1,5}[-/年.][0-9]{1,3}[-/月][0-9]{1,3}[ T日]?[0-9]{0,3}[:时]?[0-9]{0,3}.{0,6}", fullmatch=True
)


@settings(deadline=None)
@given(st.text(max_size=200) | NEAR_NAMES)
def test_reading_a_path_never_fails(path: str) -> None:
    """Any text is a path, and every statement in it has a time or says that it has none."""
    reading = read_path(path, PROFILES)
    assert all(claim.at is None or claim.at.tzinfo for claim in reading.claims.times)
    standing_of(path or "x")


@settings(deadline=None)
@given(NAME_BYTES)
def test_any_bytes_become_text_and_lead_back(name: bytes) -> None:
    """Whatever bytes a file system holds as a name: valid UTF-8 text, and the same bytes again."""
    text = to_text(os.fsdecode(name))
    text.encode("utf-8")
    assert os.fsencode(to_native(text)) == name


@settings(deadline=None)
@given(st.text(max_size=40) | NEAR_TIMES)
def test_a_time_is_read_or_refused(text: str) -> None:
    """A cell of a record file is a time in UTC, or is refused with one of the known reasons."""
    try:
        moment, _ = read_time(text, BEIJING)
    except NotATimeError:
        return
    assert moment.tzinfo is not None
