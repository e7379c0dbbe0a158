"""Writes record files of every form, good and bad, and what people do to workbooks."""

import io
import json
import struct
import zipfile
from collections.abc import Callable
from datetime import datetime

from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

Body = Callable[[], bytes]

OFFICER = "officer_id,name"
DEVICE = "device_id,model"
CARRIED = "device_id,officer_id,from,to"
CASE = "case_no,title,opened_at,concluded_at"
STEP = "case_no,step_no,procedure,started_at,ended_at,officers"
DOCUMENT = "case_no,step_no,document,document_no,dated_at,signed_by"
GOOD = "C1,1,SITE_CHECK,2026-11-02 09:00,2026-11-02 09:30,E1"


# --- how files are written --------------------------------------------------------------------------------------------


def text(*lines: str, encoding: str = "utf-8", end: str = "\n") -> Body:
    """Return a CSV file."""
    return lambda: (end.join(lines) + end).encode(encoding)


def raw(body: bytes) -> Body:
    """Return these bytes."""
    return lambda: body


def plain(value: object) -> Body:
    """Return a JSON file."""
    return lambda: json.dumps(value).encode()


def book(heading: str, *rows: tuple[object, ...], change: Callable[[Workbook], None] | None = None) -> Body:
    """Return an XLSX workbook with one sheet, changed at the end."""

    def written() -> bytes:
        made = Workbook()
        assert made.active is not None
        for row in (tuple(heading.split(",")), *rows):
            made.active.append(list(row))
        if change:
            change(made)
        packed = io.BytesIO()
        made.save(packed)
        return packed.getvalue()

    return written


def repacked(body: Body, change: Callable[[str, bytes], bytes], **more: bytes) -> Body:
    """Return a workbook whose parts were changed one by one, with further parts."""

    def written() -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(body())) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                new.writestr(name, change(name, old.read(name)))
            for name, part in more.items():
                new.writestr(name, part)
        return packed.getvalue()

    return written


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    """Return a change of the first sheet's XML."""
    return lambda name, part: part.replace(old, new) if name.endswith("sheet1.xml") else part


def bomb() -> bytes:
    """Return a workbook that unpacks to 300 MB out of 300 kB."""
    return repacked(book(OFFICER, ("E9", "n")), lambda _, part: part, **{"xl/media/a": b"\0" * (300 << 20)})()


def lying_bomb() -> bytes:
    """Return a workbook whose list of contents says that a part is smaller than it is."""
    body = bytearray(book(OFFICER, *((f"E{number}", "n" * 50) for number in range(2000)))())
    place = body.rindex(b"xl/worksheets/sheet1.xml") - 46
    body[place + 24 : place + 28] = struct.pack("<I", 100)
    return bytes(body)


def locked() -> bytes:
    """Return what Office writes for a workbook with a password, as far as its kind shows."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512


def many(bad: int, rows: int = 100_000) -> Body:
    """Return that many steps, one of which ends before it starts."""
    hours = {bad: "08:30"}
    lines = (f"C1,{n},SITE_CHECK,2026-11-02 09:00,2026-11-02 {hours.get(n, '09:30')},E1" for n in range(1, rows + 1))
    return lambda: "\n".join((STEP, *lines)).encode()


def at(hour: int, minute: int = 0) -> datetime:
    """Return a time of 2 November 2026 as a sheet has it, without a zone."""
    return datetime(2026, 11, 2, hour, minute)  # noqa: DTZ001 – cells have none


def another_sheet(made: Workbook) -> None:
    """Add a second sheet with content."""
    made.create_sheet("Sheet2").append(["E8", "n"])


def hidden(made: Workbook) -> None:
    """Hide the sheet with the rows behind one that is empty."""
    made.create_sheet("首页")
    made.worksheets[0].sheet_state = "hidden"
    made.active = 1


def hidden_beside(made: Workbook) -> None:
    """Add a hidden sheet with content."""
    made.create_sheet("选项").append(["执法大队"])
    made["选项"].sheet_state = "hidden"


def merged(made: Workbook) -> None:
    """Merge the names of two rows."""
    made.worksheets[0].merge_cells("B2:B3")


def title_above(made: Workbook) -> None:
    """Put a merged title above the heading, as offices like to."""
    made.worksheets[0].insert_rows(1)
    made.worksheets[0]["A1"] = "2026年人员登记表"
    made.worksheets[0].merge_cells("A1:B1")


def epoch_1904(made: Workbook) -> None:
    """Count days from 1904."""
    made.epoch = CALENDAR_MAC_1904


def formats(made: Workbook) -> None:
    """Show the number of the first row as a date with a time."""
    made.worksheets[0]["C2"].number_format = "yyyy-mm-dd hh:mm"


def empty_book() -> bytes:
    """Return a workbook without a row."""
    packed = io.BytesIO()
    Workbook().save(packed)
    return packed.getvalue()


def archive() -> bytes:
    """Return an archive that holds a CSV file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("officers.csv", "officer_id,name\nE9,n\n")
    return packed.getvalue()


def more_sheets(made: Workbook) -> None:
    """Add two sheets that hold nothing."""
    made.create_sheet("Sheet2")
    made.create_sheet("Sheet3").append([None, ""])


def named(made: Workbook) -> None:
    """Call the sheet after its noun, beside another."""
    made.worksheets[0].title = "人员"
    made.create_sheet("案件").append(["case_no"])
