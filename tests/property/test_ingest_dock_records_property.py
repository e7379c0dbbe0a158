"""Whatever lies under a record's name, reading it ends in a record or in words; what is written well comes back."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.demo.dock_records import dock_record_json
from dashboard.texts import Texts
from evidence.docking import DockedFile, DockRecord
from evidence.ids import DeviceId
from index.journal import MEASUREMENT
from ingest.dock_records import FORMAT, record_of
from tests.support.docking import measured_with

KEYS = ("format", "device_id", "connection", "dock_time", "device_time", "device_time_step_s", "clock_set")
NAMES = st.sampled_from(
    (*KEYS, "officer_code", "files", "name", "sequence", "recorded_at", "digests", "sha256", "tool")
)
TIMES = st.sampled_from(("2026-11-23T18:02:11+08:00", "2026-11-23T24:00:00", "9999-12-31T23:59:59-14:00", "x"))
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | TIMES
    | st.sampled_from((FORMAT, "a"))
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=6),
    max_leaves=25,
)
CODES = st.from_regex(r"[0-9A-Z]{1,12}", fullmatch=True)
PARTS = st.from_regex(r"[0-9A-Za-z文件_-][0-9A-Za-z文件_. -]{0,10}[0-9A-Za-z]", fullmatch=True)
MOMENTS = st.datetimes(datetime(2001, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - see timezones
FILES = st.builds(
    DockedFile,
    st.lists(PARTS, min_size=1, max_size=3).map("/".join),
    st.none() | st.integers(0, 10**9),
    st.just("") | CODES,
    st.none() | MOMENTS,
    st.dictionaries(st.sampled_from(["sha256", "sm3"]), st.binary(min_size=32, max_size=32).map(bytes.hex)).map(
        lambda digests: tuple(sorted(digests.items()))
    ),
)
RECORDS = st.builds(
    DockRecord,
    CODES.map(DeviceId),
    MOMENTS,
    st.none() | MOMENTS,
    st.none() | st.booleans(),
    st.floats(0.001, 3600),
    st.just("") | CODES,
    st.lists(FILES, max_size=4, unique_by=lambda file: file.name).map(tuple),
    st.just("") | PARTS,
)


def ends_well(data: bytes) -> None:
    """Reading gives a record that the ledger can keep, or notes with words, never both and never neither."""
    record, notes = record_of(data)
    assert (record is None) == bool(notes)
    for locale in ("zh-CN", "en"):
        said = [Texts(locale).say(one) for one in notes]
        assert all("%(" not in one and "intake." not in one for one in said)
    kept = measured_with(record, notes)
    assert MEASUREMENT.read(json.loads(json.dumps(MEASUREMENT.write(kept), allow_nan=False))) == kept


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_end_in_a_record_or_in_words(data: bytes) -> None:
    """No bytes make the reader fail."""
    ends_well(data)


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(NAMES, VALUES, max_size=10), st.booleans())
def test_any_json_ends_in_a_record_or_in_words(content: dict[str, object], claims_format: bool) -> None:
    """No JSON makes the reader fail, however much it looks like a record."""
    stated = {"format": FORMAT, "connection": {"dock_time": "2026-11-23T18:02:11"}, "device_id": "A"}
    ends_well(json.dumps((stated | content) if claims_format else content).encode())


@settings(deadline=None)
@given(RECORDS, st.integers(0, 4000), st.binary(min_size=1, max_size=3))
def test_a_record_torn_or_overwritten_anywhere_ends_well(record: DockRecord, at: int, wrong: bytes) -> None:
    """A file cut off, or with some bytes replaced, is a record or words."""
    whole = dock_record_json(record)
    ends_well(whole[:at])
    ends_well(whole[:at] + wrong + whole[at + len(wrong) :])


@settings(deadline=None)
@given(RECORDS)
def test_what_is_written_comes_back(record: DockRecord) -> None:
    """The example writer and the reader agree on every field."""
    assert record_of(dock_record_json(record)) == (record, ())


@settings(deadline=None)
@given(RECORDS, st.floats(-5, 5))
def test_the_difference_is_the_cameras_clock_minus_the_docks(record: DockRecord, offset_s: float) -> None:
    """A positive difference is a camera that ran ahead."""
    device_time = record.dock_time + timedelta(seconds=offset_s)
    told = DockRecord(record.device_id, record.dock_time, device_time)
    assert told.offset_s == (device_time - record.dock_time).total_seconds()
