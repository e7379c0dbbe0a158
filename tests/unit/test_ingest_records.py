"""Imported record files: what is read, in every form, and what is refused, cell by cell."""

import io
import json
import time
import zipfile
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from openpyxl import Workbook

from evidence.cases import Case, Step
from evidence.errors import ImportRefusedError, SourceUnreadableError, UsageError
from evidence.people import Assignment, Device, Officer
from evidence.spans import Span
from evidence.zones import BEIJING
from ingest.records import COLUMNS, NOUNS, Known, Noun, RowsRefusedError, judge_rows, read_rows, template, zone_of

KNOWN = Known(
    procedures=frozenset({"SITE_CHECK", "SAMPLING", "SEIZE"}),
    officers=frozenset({"p1", "p2"}),
    devices=frozenset({"AB00001"}),
    cases=frozenset({"C1"}),
    profiles=frozenset({"gat-device-officer"}),
)
STEP = "case_no,step_no,procedure,started_at,ended_at,officers\n"
NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def written(folder: Path, content: str | bytes, name: str = "rows.csv") -> Path:
    """Write a file; text as UTF-8."""
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def sheet(*rows: tuple[object, ...], title: str = "Sheet") -> bytes:
    """Return an XLSX workbook with these rows."""
    book = Workbook()
    assert book.active is not None
    book.active.title = title
    for row in rows:
        book.active.append(list(row))
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


# --- what is read -----------------------------------------------------------------------------------------------------


def test_each_noun_is_read(tmp_path: Path) -> None:
    """A complete row of each kind becomes the noun, times in UTC."""
    officers = (
        "officer_id,name,unit,valid_from,valid_to,short_codes\np1,王某,一大队,2026-01-01,2026-12-31,XX0001;XX0002\n"
    )
    assert read_rows(written(tmp_path, officers), Noun.OFFICERS).records == (
        Officer(
            officer_id="p1",  # type: ignore[arg-type]
            name="王某",
            unit="一大队",
            valid_from=datetime(2025, 12, 31, 16, tzinfo=UTC),
            valid_to=datetime(2026, 12, 31, 16, tzinfo=UTC),
            short_codes=("XX0001", "XX0002"),
        ),
    )
    devices = "device_id,model,profile,unit,serial\nAB00001,DSJ,gat-device-officer,一大队,SN1\n"
    assert read_rows(written(tmp_path, devices), Noun.DEVICES).records == (
        Device("AB00001", "DSJ", "gat-device-officer", "一大队", "SN1"),  # type: ignore[arg-type]
    )
    handed = "device_id,officer_id,from,to\nAB00001,p1,2026-11-23 09:00,\n"
    assert read_rows(written(tmp_path, handed), Noun.ASSIGNMENTS).records == (
        Assignment("AB00001", "p1", NINE, None),  # type: ignore[arg-type]
    )
    cases = "case_no,title,matter_type,unit,opened_at,concluded_at,confidentiality\n新环罚〔2026〕1号,t,处罚,u,,,\n"
    assert read_rows(written(tmp_path, cases), Noun.CASES).records == (
        Case("新环罚〔2026〕1号", "t", "处罚", "u"),  # type: ignore[arg-type]
    )
    steps = STEP + "C1,1,site_check,2026-11-23 09:00,2026-11-23 10:00,p1；p2\n"
    (step,) = read_rows(written(tmp_path, steps), Noun.STEPS, known=KNOWN).records
    assert isinstance(step, Step)
    assert (step.procedure, step.officers) == ("SITE_CHECK", ("p1", "p2"))
    assert step.window == Span(NINE, NINE + timedelta(hours=1))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    """Files of Excel and of older systems are read alike, with Chinese headings."""
    text = delimiter.join(("人员编号", "姓名", "单位")) + "\r\n" + delimiter.join(("p1", "王某", "一大队")) + "\r\n"
    (officer,) = read_rows(written(tmp_path, text.encode(encoding)), Noun.OFFICERS).records
    assert (officer.officer_id, officer.name, officer.unit) == ("p1", "王某", "一大队")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-23T09:00:00+08:00", NINE),
        ("2026-11-23T01:00Z", NINE),
        ("2026-11-23 09:00", NINE),
        ("2026/11/23 9:00", NINE),
        ("2026.11.23 9:00:00", NINE),
        ("20261123090000", NINE),
        ("20261123T0900", NINE),
        ("２０２６－１１－２３　９：００", NINE),
        ("2026年11月23日9时00分", NINE),
        ("2026年11月23日 9时", NINE),
        ("2026-11-23 07:00 新疆时间", NINE),
        ("2026-11-23 09:00(北京时间)", NINE),
        ("2026-11-22 24:00", datetime(2026, 11, 22, 16, 0, tzinfo=UTC)),
        ("2026-11-23 09:00:00.25", NINE + timedelta(milliseconds=250)),
    ],
)
def test_times_as_people_write_them(tmp_path: Path, text: str, at: datetime) -> None:
    """A bare time is Beijing time; an offset or a word in the cell wins."""
    file = written(tmp_path, f"device_id,officer_id,from\nAB00001,p1,{text}\n")
    assert read_rows(file, Noun.ASSIGNMENTS).records[0].start == at


def test_a_zone_that_is_set_holds_for_bare_times_alone(tmp_path: Path) -> None:
    """`--zone +06:00` moves bare times, not those that name their offset."""
    rows = "device_id,officer_id,from\nA,p1,2026-11-23 07:00\nB,p1,2026-11-23T09:00+08:00\n"
    read = read_rows(written(tmp_path, rows), Noun.ASSIGNMENTS, zone_of("+06:00"))
    assert [each.start for each in read.records] == [NINE, NINE]


def test_zones_people_name() -> None:
    """Offsets and words are known; anything else is a usage error."""
    assert zone_of("北京时间") is BEIJING
    assert zone_of("+0600") == timezone(timedelta(hours=6))
    with pytest.raises(UsageError):
        zone_of("Asia/Urumqi")


def test_a_bare_date_ends_with_its_day(tmp_path: Path) -> None:
    """An assignment from a day to the same day is that whole day, in text and in a sheet."""
    text = written(tmp_path, "device_id,officer_id,from,to\nA,p1,2026-11-23,2026-11-23\n")
    day = date(2026, 11, 23)
    book = written(tmp_path, sheet(("device_id", "officer_id", "from", "to"), ("A", "p1", day, day)), "rows.xlsx")
    for file in (text, book):
        (assignment,) = read_rows(file, Noun.ASSIGNMENTS).records
        assert assignment.start == datetime(2026, 11, 22, 16, tzinfo=UTC)
        assert assignment.end == datetime(2026, 11, 23, 16, tzinfo=UTC)


def test_sheets_give_dates_numbers_and_text(tmp_path: Path) -> None:
    """Dates as dates, as text, and as bare day counts are the same moment; number cells are ids without a point."""
    heading = ("案号", "序号", "程序", "开始时间", "结束时间", "执法人员")
    wall = datetime(2026, 11, 23, 9, 0)  # noqa: DTZ001 - a sheet has no zones
    end = "2026-11-23 10:00"
    content = sheet(
        (None,),
        heading,
        ("C1", 1, "SITE_CHECK", wall, end, "p1"),
        ("C1", 2.0, "SITE_CHECK", "2026/11/23 9:00", end, "p1;p2"),
        (None, None),
        ("C1", 3, "SITE_CHECK", 46349.375, end, 7),
        title="steps",
    )
    read = read_rows(written(tmp_path, content, "rows.dat"), Noun.STEPS)
    assert [step.started_at for step in read.records] == [NINE] * 3
    assert [step.step_no for step in read.records] == ["1", "2", "3"]
    assert read.records[2].officers == ("7",)


def test_the_sheet_named_for_the_noun_is_taken(tmp_path: Path) -> None:
    """A workbook with a sheet for each noun serves five imports."""
    book = Workbook()
    assert book.active is not None
    book.active.append(("something", "else"))
    book.create_sheet("人员").append(("人员编号", "姓名"))
    book["人员"].append(("p1", "王某"))
    packed = io.BytesIO()
    book.save(packed)
    (officer,) = read_rows(written(tmp_path, packed.getvalue()), Noun.OFFICERS).records
    assert officer.name == "王某"


def test_json_lists_and_objects(tmp_path: Path) -> None:
    """A list, or an object with the list under the noun's name; several ids as a list."""
    row = {"officer_id": "p1", "name": "王某", "short_codes": ["XX0001", "XX0002"], "valid_to": None}
    for content in ([row], {"officers": [row]}):
        (officer,) = read_rows(written(tmp_path, json.dumps(content)), Noun.OFFICERS).records
        assert officer.short_codes == ("XX0001", "XX0002")


def test_quoted_cells_may_hold_delimiters_and_lines(tmp_path: Path) -> None:
    """A cell with a line break keeps the line numbers of what follows right."""
    rows = 'case_no,title\nC1,"a, b\nc"\nC2,d\nC2,e\n'
    with pytest.raises(RowsRefusedError) as caught:
        read_rows(written(tmp_path, rows), Noun.CASES)
    assert [each.line for each in caught.value.verdicts] == [5]


def test_a_line_that_excel_writes_for_itself_is_passed_over(tmp_path: Path) -> None:
    """`sep=;` names the delimiter; line numbers count it."""
    read = judge_rows(written(tmp_path, "sep=;\ncase_no;title\nC1;t\nC1;u\n"), Noun.CASES)
    assert [each.line for each in read.verdicts] == [4]


@pytest.mark.parametrize("noun", NOUNS)
def test_a_template_has_the_columns_and_nothing_else_is_missing(tmp_path: Path, noun: str) -> None:
    """Its columns are the documented ones, and reading it back complains of nothing but that there are no rows."""
    body = template(noun)
    assert body.decode("utf-8-sig").strip().split(",") == list(COLUMNS[Noun(noun)])
    read = judge_rows(written(tmp_path, body), Noun(noun))
    assert [(each.line, each.what.code) for each in read.verdicts] == [(1, "import.no_rows")]


# --- what is refused --------------------------------------------------------------------------------------------------

P, D, A, C, S = Noun.OFFICERS, Noun.DEVICES, Noun.ASSIGNMENTS, Noun.CASES, Noun.STEPS
GOOD_STEP = "C1,1,SITE_CHECK,2026-11-23 09:00,2026-11-23 10:00,p1\n"

BAD = [
    (P, "officer_id,name,colour\np1,n,red\n", 1, "colour", "column_unknown", "column_unknown"),
    (P, "officer_id,name,name\np1,n,m\n", 1, "name", "column_twice", "column_twice"),
    (P, "officer_id,姓名,name\np1,n,m\n", 1, "name", "column_twice", "column_twice"),
    (P, "officer_id,unit\np1,u\n", 1, "name", "column_missing", "column_missing"),
    (P, "", 0, "", "empty", "empty"),
    (P, "officer_id,name\np1,\n", 2, "name", "value_missing", "value_missing"),
    (P, "officer_id,name\n ,n\n", 2, "officer_id", "value_missing", "value_missing"),
    (P, "officer_id,name\np1,n\np2,m\np1,k\n", 4, "officer_id", "twice", "twice"),
    (P, "officer_id,name\np1,n,extra\n", 2, "", "cell_without_column", "cell_without_column"),
    (P, 'officer_id,name\n"p1,n\n', 2, "", "csv_broken", "quotes"),
    (P, "officer_id,name\n1.23457E+17,n\n", 2, "officer_id", "number_rounded", "format_as_text"),
    (P, "officer_id,name\np1;p2,n\n", 2, "officer_id", "id_characters", "id_characters"),
    (P, f"officer_id,name\n{'9' * 65},n\n", 2, "officer_id", "too_long", "shorten"),
    (P, "officer_id,name,short_codes\np1,n,XX0001 XX0002\n", 2, "short_codes", "ids_separator", "ids_separator"),
    (P, 'officer_id,name,short_codes\np1,n,"A,B"\n', 2, "short_codes", "ids_separator", "ids_separator"),
    (
        P,
        "officer_id,name,valid_from,valid_to\np1,n,2026-02-01,2026-01-01\n",
        2,
        "valid_to",
        "ends_before_start",
        "order",
    ),
    (P, "officer_id,name,valid_from\np1,n,soon\n", 2, "valid_from", "time_unreadable", "time"),
    (D, "model\nDSJ\n", 1, "device_id", "column_missing", "column_missing"),
    (D, "device_id\nA\nA\n", 3, "device_id", "twice", "twice"),
    (A, "device_id,officer_id,from\nA,p1,\n", 2, "from", "value_missing", "value_missing"),
    (A, "device_id,officer_id,from\nA,p1,2026-13-01 09:00\n", 2, "from", "time_impossible", "time"),
    (A, "device_id,officer_id,from\nA,p1,2026-02-30\n", 2, "from", "time_impossible", "time"),
    (A, "device_id,officer_id,from\nA,p1,2026-11-23 25:00\n", 2, "from", "time_impossible", "time"),
    (A, "device_id,officer_id,from\nA,p1,2026-11-23 24:01\n", 2, "from", "time_impossible", "time"),
    (A, "device_id,officer_id,from\nA,p1,2026-11-23 09:00:60\n", 2, "from", "time_impossible", "time"),
    (A, "device_id,officer_id,from\nA,p1,0226-11-23 09:00\n", 2, "from", "time_implausible", "time"),
    (A, "device_id,officer_id,from\nA,p1,26-11-23 09:00\n", 2, "from", "time_unreadable", "time"),
    (A, "device_id,officer_id,from\nA,p1,45000.5\n", 2, "from", "time_unreadable", "time"),
    (A, "device_id,officer_id,from\nA,p1,2026-11-23 09:00 CET\n", 2, "from", "zone_unknown", "zone"),
    (A, "device_id,officer_id,from\nA,p1,2026-11-23T09:00+25:00\n", 2, "from", "zone_unknown", "zone"),
    (
        A,
        "device_id,officer_id,from,to\nA,p1,2026-11-23 09:00,2026-11-23 08:00\n",
        2,
        "to",
        "ends_before_start",
        "order",
    ),
    (A, "device_id,officer_id,from\nA,p,2026-11-23\nA,p,2026-11-23\n", 3, "from", "twice", "twice"),
    (C, "case_no,title\nC1,t\nC1,u\n", 3, "case_no", "twice", "twice"),
    (C, f"case_no,title\nC1,{'t' * 4001}\n", 2, "title", "too_long", "shorten"),
    (C, "case_no,opened_at,concluded_at\nC1,2026-02-01,2026-01-01\n", 2, "concluded_at", "ends_before_start", "order"),
    (S, STEP + GOOD_STEP.replace("SITE_CHECK", "SITE_CHEK"), 2, "procedure", "procedure_unknown", "procedure_near"),
    (S, STEP + GOOD_STEP.replace("SITE_CHECK", "ZZ"), 2, "procedure", "procedure_unknown", "procedure"),
    (S, STEP + GOOD_STEP.replace(" 09:00", ""), 2, "started_at", "time_of_day_missing", "time"),
    (S, STEP + GOOD_STEP.replace("10:00", "08:00"), 2, "ended_at", "ends_before_start", "order"),
    (S, STEP + GOOD_STEP + GOOD_STEP, 3, "step_no", "twice", "twice"),
    (S, STEP + "C1,,SITE_CHECK,2026-11-23 09:00,2026-11-23 10:00,\n", 2, "step_no", "value_missing", "value_missing"),
    (S, "case_no,step_no,procedure,started_at\n", 1, "ended_at", "column_missing", "column_missing"),
    (P, "[1]", 1, "", "json_row", "json_shape"),
    (P, '{"people": []}', 0, "", "json_shape", "json_shape"),
    (P, '[{"officer_id": "p1",\n]', 2, "", "json_broken", "json_broken"),
    (P, '[{"officer_id": "p1", "officer_id": "p2"}]', 1, "officer_id", "column_twice", "column_twice"),
    (P, '[{"officer_id": NaN, "name": "n"}]', 1, "officer_id", "cell_error", "cell_error"),
    (P, "[" * 100_000, 0, "", "json_broken", "json_broken"),
    (P, '[{"officer_id": true, "name": "n"}]', 1, "officer_id", "not_text", "not_text"),
    (P, '[{"officer_id": "p1", "name": ["n"]}]', 1, "name", "not_text", "not_text"),
    (P, '[{"officer_id": "p1", "name": "n", "short_codes": [{}]}]', 1, "short_codes", "not_text", "not_text"),
    (P, '[{"officer_id": "p1", "name": "n", "rank": 1}]', 1, "rank", "column_unknown", "column_unknown"),
    (P, b"officer_id,name\np1,\xff\xff\n", 2, "", "encoding", "save_as_utf8"),
    (P, b"officer_id,name\np1,\0\n", 2, "", "encoding", "save_as_utf8"),
    (P, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, "", "old_excel", "save_as_xlsx"),
    (P, b"PK\x03\x04 no archive", 0, "", "xlsx_broken", "save_again"),
    (P, sheet(("officer_id", "name"), ("p1", "=A1")), 2, "name", "formula", "paste_values"),
    (P, sheet(("officer_id", "name"), ("p1", "#N/A")), 2, "name", "cell_error", "cell_error"),
    (P, sheet(("officer_id", "name"), (1.5, "n")), 2, "officer_id", "number_rounded", "format_as_text"),
    (P, sheet(("officer_id", "name"), (1e17, "n")), 2, "officer_id", "number_rounded", "format_as_text"),
    (P, sheet(("officer_id", "name"), (date(2026, 1, 2), "n")), 2, "officer_id", "date_in_id", "format_as_text"),
    (A, sheet(("device_id", "officer_id", "from"), ("A", "p", 3)), 2, "from", "time_unreadable", "time"),
    (
        A,
        sheet(("device_id", "officer_id", "from"), ("A", "p", timedelta(hours=9))),
        2,
        "from",
        "time_unreadable",
        "time",
    ),
]


@pytest.mark.parametrize(("noun", "content", "line", "column", "code", "cure"), BAD)
def test_a_wrong_file_is_refused_by_row_column_and_cure(
    tmp_path: Path, noun: Noun, content: str | bytes, line: int, column: str, code: str, cure: str
) -> None:
    """Nothing is returned; the verdict names line, column, value, what is wrong and what cures it."""
    file = written(tmp_path, content)
    with pytest.raises(ImportRefusedError) as caught:
        read_rows(file, noun, known=KNOWN)
    assert isinstance(caught.value, RowsRefusedError)
    said = [(each.line, each.column, each.what.code, each.cure.code) for each in caught.value.verdicts]
    assert (line, column, f"import.{code}", f"import.cure.{cure}") in said
    assert str(file) in str(caught.value)


def test_who_is_unknown_is_said_once(tmp_path: Path) -> None:
    """The first row that names an officer nobody knows warns of it; a file of many rows stays readable."""
    rows = STEP + GOOD_STEP.replace("p1", "p9") + GOOD_STEP.replace("C1,1", "C1,2").replace("p1", "p9;p8")
    said = [(each.line, each.value) for each in judge_rows(written(tmp_path, rows), Noun.STEPS, known=KNOWN).verdicts]
    assert said == [(2, "p9"), (3, "p8")]


def test_all_verdicts_come_at_once(tmp_path: Path) -> None:
    """One run names every wrong cell of the file, in order."""
    rows = STEP + "C1,1,ZZ,soon,2026-11-23 10:00,p1\n" + GOOD_STEP + "C1,2,SEIZE,,later,p9\n"
    with pytest.raises(RowsRefusedError) as caught:
        read_rows(written(tmp_path, rows), Noun.STEPS, known=KNOWN)
    refused = [(each.line, each.column) for each in caught.value.verdicts if each.weight == "refused"]
    assert refused == [(2, "started_at"), (2, "procedure"), (4, "started_at"), (4, "ended_at")]


@pytest.mark.parametrize(
    ("noun", "content", "code"),
    [
        (Noun.STEPS, STEP + GOOD_STEP.replace("p1", "p1;p9"), "officer_unknown"),
        (Noun.STEPS, STEP + GOOD_STEP.replace("C1", "C9"), "case_unknown"),
        (Noun.STEPS, STEP + GOOD_STEP.replace("10:00", "09:00"), "no_length"),
        (Noun.ASSIGNMENTS, "device_id,officer_id,from\nZZ00001,p1,2026-11-23\n", "device_unknown"),
        (Noun.DEVICES, "device_id,profile\nAB00001,none\n", "profile_unknown"),
        (Noun.OFFICERS, "officer_id,name,short_codes\np1,n,123\n", "short_code_form"),
        (Noun.OFFICERS, "officer_id,name,short_codes\np1,n,XX0001\np2,m,XX0001\n", "code_shared"),
        (
            Noun.ASSIGNMENTS,
            "device_id,officer_id,from,to\nAB00001,p1,2026-11-23 09:00,\nAB00001,p2,2026-11-23 10:00,\n",
            "carried_twice",
        ),
        (
            Noun.STEPS,
            sheet(
                ("case_no", "step_no", "procedure", "started_at", "ended_at"),
                ("C1", "1", "SEIZE", date(2026, 11, 23), "2026-11-23 10:00"),
            ),
            "midnight",
        ),
    ],
)
def test_doubts_are_warnings_and_the_import_goes_on(
    tmp_path: Path, noun: Noun, content: str | bytes, code: str
) -> None:
    """Files arrive in any order, so what they refer to may come later; a person is told."""
    read = read_rows(written(tmp_path, content), noun, known=KNOWN)
    assert read.records
    assert [each.what.code for each in read.warnings] == [f"import.{code}"]


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    """A small archive with a huge sheet is not unpacked."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/x.xml", "w") as part:
        for _ in range(513):
            part.write(bytes(1024 * 1024))
    with pytest.raises(RowsRefusedError):
        read_rows(written(tmp_path, packed.getvalue()), Noun.OFFICERS)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    """A wrong path is not a wrong row."""
    with pytest.raises(SourceUnreadableError):
        read_rows(tmp_path / "none.csv", Noun.OFFICERS)


def test_a_hundred_thousand_rows_are_read_and_one_more_is_refused(tmp_path: Path) -> None:
    """The limit is read in seconds; what is beyond asks for smaller files."""
    row = "C{0},1,SITE_CHECK,2026-11-23 09:{1:02d},2026-11-23 10:00,p1;p2\n"
    rows = STEP + "".join(row.format(number, number % 60) for number in range(100_000))
    file = written(tmp_path, rows)
    began = time.process_time()
    read = read_rows(file, Noun.STEPS)
    took_s = time.process_time() - began
    assert len(read.records) == 100_000
    assert took_s < 10, took_s
    with pytest.raises(RowsRefusedError) as caught:
        read_rows(written(tmp_path, rows + row.format("x", 0)), Noun.STEPS)
    assert caught.value.verdicts[0].what.code == "import.too_many_rows"
