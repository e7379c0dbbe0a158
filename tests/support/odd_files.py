"""Record files that are odd and can only be meant in one way: a table of names, nouns, bytes, and what they say."""

from dataclasses import dataclass
from datetime import date

from tests.support.record_files import (
    CARRIED,
    CASE,
    DOCUMENT,
    GOOD,
    OFFICER,
    STEP,
    Body,
    at,
    book,
    formats,
    hidden_beside,
    in_sheet,
    more_sheets,
    named,
    plain,
    repacked,
    text,
)


@dataclass(frozen=True)
class Odd:
    """A file that is taken: how many rows, what one column of the last then says, and the warning that comes."""

    name: str
    noun: str
    body: Body
    rows: int
    column: str
    says: object
    warning: str = ""


ODD = (
    Odd("GB18030", "officers", text("警号,姓名", "E9,艾力江", encoding="gb18030"), 1, "name", "艾力江"),
    Odd("UTF-8 with its mark", "officers", text("警号,姓名", "E9,艾力江", encoding="utf-8-sig"), 1, "name", "艾力江"),
    Odd("UTF-16 with its mark", "officers", text("警号,姓名", "E9,艾力江", encoding="utf-16"), 1, "name", "艾力江"),
    Odd("lines of Windows", "officers", text(OFFICER, "E9,n", end="\r\n"), 1, "name", "n"),
    Odd("lines of old Macs", "officers", text(OFFICER, "E9,n", end="\r"), 1, "name", "n"),
    Odd("semicolons", "officers", text("sep=;", "officer_id;name", "E9;n"), 1, "name", "n"),
    Odd("blank lines", "officers", text("", OFFICER, "", "E9,n", ","), 1, "name", "n"),
    Odd("headings in full width", "officers", text("Ｏｆｆｉｃｅｒ－ＩＤ, NAME", "E9,n"), 1, "name", "n"),
    Odd("an id in full width", "officers", text(OFFICER, "Ｅ００９,n"), 1, "officer_id", "E009"),
    Odd("brackets of a case number", "cases", text(CASE, "环罚（2026）9号,t,,"), 1, "case_no", "环罚（2026）9号"),
    Odd("a text that begins with a minus", "cases", text(CASE, "C9,-,,"), 1, "title", "-"),
    Odd("a telephone number", "steps", text(STEP + ",party", GOOD + ",+86 995 1234567"), 1, "party", "+86 995 1234567"),
    Odd("24:00", "steps", text(STEP, GOOD.replace("09:30", "24:00")), 1, "ended_at", "2026-11-02T16:00:00Z"),
    Odd("digits in full width", "steps", text(STEP, GOOD.replace("2026-11-02 09:30", "２０２６-１１-０２ ０９：３０")),
        1, "ended_at", "2026-11-02T01:30:00Z"),
    Odd("an offset", "steps", text(STEP, GOOD.replace("2026-11-02 09:30", "2026-11-02T03:30+02:00")), 1, "ended_at",
        "2026-11-02T01:30:00Z"),
    Odd("Xinjiang time", "steps", text(STEP, GOOD.replace("09:30", "07:30 新疆时间")), 1, "ended_at",
        "2026-11-02T01:30:00Z"),
    Odd("a date in words", "steps", text(STEP, GOOD.replace("2026-11-02 09:30", "2026年11月2日9时30分")), 1, "ended_at",
        "2026-11-02T01:30:00Z"),
    Odd("a day count of Excel", "assignments", book(CARRIED, ("D1", "E1", 46328.375, None)), 1, "from",
        "2026-11-02T01:00:00Z"),
    Odd("a date of Excel", "assignments", book(CARRIED, ("D1", "E1", at(9), None), change=formats), 1, "from",
        "2026-11-02T01:00:00Z"),
    Odd("a date of Excel without a time of day", "steps",
        book(STEP, ("C1", "1", "SITE_CHECK", date(2026, 11, 2), at(9), "E1")), 1, "started_at",
        "2026-11-01T16:00:00Z", "midnight"),
    Odd("an id as a number", "officers", book(OFFICER, (654321, "n")), 1, "officer_id", "654321"),
    Odd("an id whose zeros another has", "officers", book(OFFICER, (123, "n")), 1, "officer_id", "123", "zeros_lost"),
    Odd("a list with blanks and full-width semicolons", "steps", text(STEP, GOOD.replace("E1", " E1 ；; E2；")), 1,
        "officers", ["E1", "E2"]),
    Odd("an officer nobody knows", "steps", text(STEP, GOOD.replace("E1", "E77")), 1, "officers", ["E77"],
        "officer_unknown"),
    Odd("a camera that two carry together", "assignments",
        text(CARRIED, "D1,E1,2026-11-02 08:00,", "D1,E2,2026-11-02 08:00,"), 2, "officer_id", "E2",
        "carried_twice"),
    Odd("a camera nobody knows", "assignments", text(CARRIED, "D77,E1,2026-11-02 08:00,"), 1, "device_id", "D77",
        "device_unknown"),
    Odd("a case nobody knows", "steps", text(STEP, GOOD.replace("C1", "C77")), 1, "case_no", "C77", "case_unknown"),
    Odd("a document the law does not name", "documents", text(DOCUMENT, "C1,1,便条,N1,2026-11-02,party"), 1, "document",
        "便条", "document_unknown"),
    Odd("a small letter in a procedure", "steps", text(STEP, GOOD.replace("SITE_CHECK", "site_check")), 1, "procedure",
        "SITE_CHECK"),
    Odd("empty sheets beside", "officers", book(OFFICER, ("E9", "n"), change=more_sheets), 1, "name", "n"),
    Odd("a hidden list of choices", "officers", book(OFFICER, ("E9", "n"), change=hidden_beside), 1, "name", "n",
        "sheet_passed_over"),
    Odd("the sheet named for its noun", "officers", book(OFFICER, ("E9", "n"), change=named), 1, "name", "n"),
    Odd("a wrong size written in the sheet", "officers",
        repacked(book(OFFICER, ("E8", "m"), ("E9", "n")), in_sheet(b'ref="A1:B3"', b'ref="A1:A1"')), 2, "name", "n"),
    Odd("a JSON object with the list", "officers", plain({"officers": [{"officer_id": "E9", "name": "n"}]}), 1, "name",
        "n"),
    Odd("a number in JSON", "officers", plain([{"officer_id": 654321, "name": "n", "short_codes": None}]), 1,
        "officer_id", "654321"),
)  # fmt: skip
