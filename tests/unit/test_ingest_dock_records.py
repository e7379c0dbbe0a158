"""A dock's record is read whole or refused, each refusal naming the key and what to do."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboard.texts import Texts, catalogue
from evidence.docking import DockedFile, DockRecord
from evidence.ids import DeviceId
from ingest.dock_fields import MAX_NOTES, read_moment
from ingest.dock_records import (
    FORMAT,
    MAX_FILES,
    READ_LIMIT_BYTES,
    SUFFIX,
    is_dock_record,
    read_dock_record,
    record_of,
)

Json = dict[str, object]
DIGEST = "ab" * 32
LEAST: Json = {"format": FORMAT, "device_id": "AB00001", "connection": {"dock_time": "2026-11-23T18:02:11+08:00"}}
AT = datetime(2026, 11, 23, 10, 2, 11, tzinfo=UTC)
DOCUMENT = Path(__file__).parents[2] / "docs" / "dock-sidecar.md"


def with_(**changes: object) -> Json:
    """Return the smallest record with some keys changed or added."""
    return LEAST | changes


def connection(**changes: object) -> Json:
    """Return the smallest record with keys of its connection changed or added."""
    return with_(connection={"dock_time": "2026-11-23T18:02:11+08:00", **changes})


def files(*listed: object) -> Json:
    """Return the smallest record with files."""
    return with_(files=list(listed))


def named(name: object, **more: object) -> Json:
    """Return a record with one file."""
    return files({"name": name, **more})


def written(content: object) -> bytes:
    """Return JSON as dock software would write it."""
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")


def read(content: object) -> DockRecord:
    """Return the record that must come out."""
    record, notes = record_of(written(content))
    assert notes == ()
    assert record is not None
    return record


def test_the_smallest_record_is_read() -> None:
    """Format, camera and the dock's time are enough; nothing else is made up."""
    assert read(LEAST) == DockRecord(DeviceId("AB00001"), AT)


def test_the_documented_example_is_read_in_full() -> None:
    """The example of the documentation, with its digest written out, gives every field."""
    text = DOCUMENT.read_text("utf-8").partition("```json\n")[2].partition("```")[0]
    record = read(json.loads(text.replace("…64 hexadecimal digits…", DIGEST)))
    assert record == DockRecord(
        DeviceId("AB00001"),
        datetime(2026, 11, 23, 10, 2, 11, 250_000, tzinfo=UTC),
        datetime(2026, 11, 23, 10, 2, 9, tzinfo=UTC),
        clock_set=True,
        precision_s=1.0,
        officer_code="XX0001",
        files=(
            DockedFile(
                "AB00001_XX0001_20261123093621.MOV",
                17,
                "XX0001",
                datetime(2026, 11, 23, 1, 36, 21, tzinfo=UTC),
                (("sha256", DIGEST),),
            ),
        ),
        tool="DockSoft 4.2",
    )
    assert record.offset_s == -2.25


GOOD: list[tuple[str, object]] = [
    (
        "null stands for left out",
        connection(device_time=None, clock_set=None, device_time_step_s=None) | {"tool": None},
    ),
    ("unknown keys are passed over", with_(vendor={"firmware": [1, 2, {"x": None}]}, bay=3)),
    ("a camera whose clock fell back", connection(device_time="1970-01-01T00:03:12")),
    ("a camera far ahead", connection(device_time="2106-02-07T06:28:15")),
    ("folders below the record", named("100MEDIA/记录/MOV 0001.MP4")),
    ("no files at all", files()),
    ("a counter of nought", named("a.mp4", sequence=0)),
    ("a fine step", connection(device_time_step_s=0.001)),
    ("no digests", named("a.mp4", digests={})),
]


@pytest.mark.parametrize("content", [one for _, one in GOOD], ids=[name for name, _ in GOOD])
def test_a_good_record_is_read(content: object) -> None:
    """What the format leaves open is taken as it comes."""
    assert read(content).device_id == "AB00001"


def test_digests_are_told_apart_by_their_plain_names() -> None:
    """Capitals and the hyphen of SHA-256 do not matter; algorithms come in order; unknown ones are kept."""
    stated = {"SM3": "CD" * 32, "SHA-256": DIGEST.upper(), "md5": "0a" * 16, "blake2b-8": "ff"}
    (file,) = read(named("a.mp4", digests=stated)).files
    assert file.digests == (("blake2b-8", "ff"), ("md5", "0a" * 16), ("sha256", DIGEST), ("sm3", "cd" * 32))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-23T18:02:11+08:00", "2026-11-23T10:02:11"),
        ("2026-11-23T18:02:11", "2026-11-23T10:02:11"),
        ("2026-11-23 18:02:11", "2026-11-23T10:02:11"),
        ("2026-11-23t10:02:11z", "2026-11-23T10:02:11"),
        ("2026-11-23T10:02:11,5Z", "2026-11-23T10:02:11.500"),
        ("2026-11-23T10:02:11.123456789Z", "2026-11-23T10:02:11.123456"),
        ("2026-11-23T16:02:11+06", "2026-11-23T10:02:11"),
        ("2026-11-23T16:02:11+0600", "2026-11-23T10:02:11"),
        ("2026-11-23T05:02:11-05:00", "2026-11-23T10:02:11"),
        ("2026-11-23T24:00:00", "2026-11-23T16:00:00"),
        ("".join(chr(ord(one) + 0xFEE0) for one in "2026-11-23T18:02:11"), "2026-11-23T10:02:11"),
    ],
)
def test_a_time_is_read_as_it_is_meant(text: str, at: str) -> None:
    """Offsets count, a bare time is Beijing time, 24:00:00 ends the day, full-width digits are digits."""
    assert read_moment(text) == datetime.fromisoformat(at).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-23",
        "2026-11-23T18:02",
        "18:02:11",
        "2026-11-23T24:00:01",
        "2026-11-23T23:59:60",
        "2026-02-30T00:00:00",
        "0000-01-01T00:00:00",
        "0001-01-01T00:00:00",
        "9999-12-31T24:00:00Z",
        "2026-11-23T18:02:11+15:00",
        "2026-11-23T18:02:11+08:60",
        "2026-11-23T18:02:11 CST",
        "20261123180211",
        "1763892131",
        "2026/11/23 18:02:11",
        "二〇二六年",
        "\ufdfa" * 40,
        "2026-11-23T18:02:11" + " " * 1000,
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """A date alone, a leap second, days no calendar has, zones nobody lives in and other forms are no time."""
    with pytest.raises(ValueError, match=r"\w"):
        read_moment(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_record_is_read_in_the_codings_of_dock_programs(encoding: str) -> None:
    """UTF-8 with and without mark, and the code page of a Chinese PC."""
    text = json.dumps(with_(tool="采集站软件"), ensure_ascii=False)
    record, notes = record_of(text.encode(encoding))
    assert notes == ()
    assert record is not None
    assert record.tool == "采集站软件"


BAD: list[tuple[str, str, object]] = [
    ("missing", "format", {"device_id": "AB00001"}),
    ("format", "format", with_(format="evidock-dock/2")),
    ("format", "format", with_(format="Evidock-Dock/1")),
    ("not_text", "format", with_(format=1)),
    ("missing", "device_id", {key: value for key, value in LEAST.items() if key != "device_id"}),
    ("missing", "device_id", with_(device_id="  ")),
    ("not_text", "device_id", with_(device_id=1234567)),
    ("too_long", "device_id", with_(device_id="A" * 65)),
    ("characters", "device_id", with_(device_id="AB 0001")),
    ("characters", "device_id", with_(device_id="AB\u202e0001")),
    ("characters", "device_id", with_(device_id="AB\ud8000001")),
    ("missing", "connection", {key: value for key, value in LEAST.items() if key != "connection"}),
    ("not_object", "connection", with_(connection="2026-11-23T18:02:11")),
    ("not_object", "connection", with_(connection=[])),
    ("missing", "connection.dock_time", with_(connection={})),
    ("not_text", "connection.dock_time", connection(dock_time=1763892131)),
    ("time", "connection.dock_time", connection(dock_time="2026-11-23")),
    ("time", "connection.dock_time", connection(dock_time="")),
    ("year", "connection.dock_time", connection(dock_time="1999-11-23T18:02:11")),
    ("time", "connection.device_time", connection(device_time="2026-13-23T18:02:09")),
    ("year", "connection.device_time", connection(device_time="9026-11-23T18:02:09")),
    ("number", "connection.device_time_step_s", connection(device_time_step_s=0)),
    ("number", "connection.device_time_step_s", connection(device_time_step_s=-1)),
    ("number", "connection.device_time_step_s", connection(device_time_step_s=10**400)),
    ("not_number", "connection.device_time_step_s", connection(device_time_step_s="1")),
    ("not_number", "connection.device_time_step_s", connection(device_time_step_s=True)),
    ("not_truth", "connection.clock_set", connection(clock_set="yes")),
    ("not_truth", "connection.clock_set", connection(clock_set=1)),
    ("characters", "officer_code", with_(officer_code="XX\n0001")),
    ("characters", "tool", with_(tool="Dock\x07Soft")),
    ("too_long", "tool", with_(tool="D" * 201)),
    ("not_list", "files", with_(files={"name": "a.mp4"})),
    ("too_many", "files", files(*[{"name": "a"}] * (MAX_FILES + 1))),
    ("not_object", "files[1]", files({"name": "a.mp4"}, "b.mp4")),
    ("missing", "files[0].name", files({})),
    ("not_text", "files[0].name", named(7)),
    ("too_long", "files[0].name", named("a" * 1025)),
    ("characters", "files[0].name", named("a\0.mp4")),
    ("path_outside", "files[0].name", named("../b/a.mp4")),
    ("path_outside", "files[0].name", named("b/../../a.mp4")),
    ("path_outside", "files[0].name", named("/etc/passwd")),
    ("path_outside", "files[0].name", named("C:/DCIM/a.mp4")),
    ("path_outside", "files[0].name", named("C:\\DCIM\\a.mp4")),
    ("path_form", "files[0].name", named("..\\a.mp4")),
    ("path_form", "files[0].name", named("DCIM//a.mp4")),
    ("path_form", "files[0].name", named("./a.mp4")),
    ("path_form", "files[0].name", named("DCIM/")),
    ("file_twice", "files[1].name", files({"name": "\u00e9.mp4"}, {"name": "e\u0301.mp4"})),
    ("number", "files[0].sequence", named("a.mp4", sequence=-1)),
    ("number", "files[0].sequence", named("a.mp4", sequence=1.5)),
    ("number", "files[0].sequence", named("a.mp4", sequence=10**300)),
    ("not_number", "files[0].sequence", named("a.mp4", sequence="0017")),
    ("time", "files[0].recorded_at", named("a.mp4", recorded_at="20261123093621")),
    ("not_object", "files[0].digests", named("a.mp4", digests=DIGEST)),
    ("digest", "files[0].digests.sha256", named("a.mp4", digests={"sha256": DIGEST[:-2]})),
    ("digest", "files[0].digests.md5", named("a.mp4", digests={"md5": "xy" * 16})),
    ("not_text", "files[0].digests.crc32", named("a.mp4", digests={"crc32": 12345678})),
    ("algorithm", "files[0].digests.", named("a.mp4", digests={"": "00"})),
    ("algorithm", "files[0].digests.\\ud800", named("a.mp4", digests={"\ud800": "00"})),
    ("algorithm", "files[0].digests.SHA-256", named("a.mp4", digests={"SHA-256": DIGEST, "sha256": DIGEST})),
    ("too_many", "files[0].digests.*", named("a.mp4", digests={f"x{n}": "00" for n in range(9)})),
]


@pytest.mark.parametrize(
    ("what", "key", "content"), BAD, ids=[f"{what}-{key}-{n}" for n, (what, key, _) in enumerate(BAD)]
)
def test_a_bad_value_is_named_with_its_key_and_a_cure(what: str, key: str, content: object) -> None:
    """Nothing of the record is believed; the first sentence names the key and, after a semicolon, what to do."""
    record, notes = record_of(json.dumps(content).encode())
    assert record is None
    assert (notes[0].code, notes[0].params["key"]) == (f"intake.dock_record.{what}", key)
    assert_said(notes[0].params, Texts("en").say(notes[0]), Texts("zh-CN").say(notes[0]))


def assert_said(params: Mapping[str, object], english: str, chinese: str) -> None:
    """Both sentences fill every gap and end in a cure; the key stands in both."""
    for said, mark in ((english, "; "), (chinese, ";")):
        assert "%(" not in said
        assert str(params.get("key", "")) in said
        assert len(said.rpartition(mark)[2]) >= 3
        assert mark in said


WHOLE: list[tuple[str, bytes]] = [
    ("empty", b""),
    ("empty", b"\xef\xbb\xbf \r\n"),
    ("empty", b"\0" * 4096),
    ("encoding", json.dumps(LEAST).encode("utf-16")),
    ("encoding", b'{"tool": "\xd6"}'),
    ("encoding", b'\xef\xbb\xbf{"tool": "\xb2\xc9"}'),
    ("encoding", b'{"tool": "a\0"}'),
    ("json", b"{"),
    ("json", written(LEAST)[:-5]),
    ("json", b'{"format": "evidock-dock/1",}'),
    ("json", b"format=evidock-dock/1"),
    ("json", b'{"tool": "a\nb"}'),
    ("json", written(LEAST) + b"{}"),
    ("nested", b"[" * 200_000),
    ("nested", b'{"a":' * 100_000),
    ("digits", b'{"a": ' + b"9" * 5000 + b"}"),
    ("not_finite", b'{"a": NaN}'),
    ("not_finite", b'{"a": -Infinity}'),
    ("shape", b"[]"),
    ("shape", b'"evidock-dock/1"'),
    ("shape", b"null"),
    ("key_twice", b'{"format": "evidock-dock/1", "format": "evidock-dock/1"}'),
    ("key_twice", b'{"files": [{"name": "a", "name": "b"}]}'),
    ("number", written(connection())[:-2] + b', "device_time_step_s": 1e999}}'),
    ("too_large", b" " * (READ_LIMIT_BYTES + 1)),
]


@pytest.mark.parametrize(("what", "data"), WHOLE, ids=[f"{what}-{n}" for n, (what, _) in enumerate(WHOLE)])
def test_a_file_that_is_no_record_is_told_why(what: str, data: bytes) -> None:
    """Torn, foreign and hostile files are one sentence with a cure, in both languages."""
    record, notes = record_of(data)
    assert record is None
    assert [one.code for one in notes] == [f"intake.dock_record.{what}"]
    assert_said(notes[0].params, Texts("en").say(notes[0]), Texts("zh-CN").say(notes[0]))


def test_all_mistakes_are_told_at_once_up_to_a_number() -> None:
    """Whoever writes such files sees every mistake; of thousands the rest is counted."""
    _, some = record_of(written(connection(dock_time="?", clock_set=0) | {"device_id": ""}))
    assert [one.params["key"] for one in some] == ["device_id", "connection.dock_time", "connection.clock_set"]
    _, many = record_of(written(files(*[{"name": ""}] * 5000)))
    assert len(many) == MAX_NOTES + 1
    assert (many[-1].code, many[-1].params["count"]) == ("intake.dock_record.more", 5000 - MAX_NOTES)


def test_a_record_of_as_many_files_as_are_allowed_is_read() -> None:
    """A full card is no mistake."""
    assert len(read(files(*({"name": f"{n}.mp4", "sequence": n} for n in range(MAX_FILES)))).files) == MAX_FILES


@pytest.mark.parametrize("source_path", [f"x{SUFFIX}", f"DCIM/AB00001{SUFFIX.upper()}"])
def test_a_record_is_known_by_its_name(tmp_path: Path, source_path: str) -> None:
    """The name it came under tells, in either case, whatever is in it."""
    kept = tmp_path / "0a1b"
    kept.write_bytes(b"torn")
    assert is_dock_record(kept, source_path)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (written(LEAST), True),
        (b"\xef\xbb\xbf \n" + written(LEAST), True),
        (json.dumps(LEAST | {"format": "evidock-dock/9"}, indent=1).encode(), True),
        (written({"filler": "x" * 5000} | LEAST), True),
        (b'{"format": "another/1"}', False),
        (b'the key "format": "evidock-dock/1" of the manual', False),
        (b"", False),
    ],
)
def test_a_record_under_another_name_is_known_by_what_it_says(tmp_path: Path, data: bytes, told: bool) -> None:
    """A copy that Windows renamed is still a record; a text that mentions the format is none."""
    kept = tmp_path / "0a1b"
    kept.write_bytes(data)
    assert is_dock_record(kept, "AB00001.evidock (1).json") is told


def test_a_file_is_read_within_its_bound(tmp_path: Path) -> None:
    """However large a file is, no more than the bound is read of it."""
    huge = tmp_path / "huge.evidock.json"
    with huge.open("wb") as file:
        file.truncate(1 << 33)
    record, notes = read_dock_record(huge)
    assert record is None
    assert [one.code for one in notes] == ["intake.dock_record.too_large"]


def test_every_refusal_is_documented() -> None:
    """Whoever writes records finds each sentence's code in the format's page."""
    text = DOCUMENT.read_text("utf-8")
    codes = [code for code in catalogue("en") if code.startswith("intake.dock_record.")]
    assert len(codes) > 20
    assert [code for code in codes if f".{code.rpartition('.')[2]}`" not in text] == []
