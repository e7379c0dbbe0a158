"""Marks: what may be marked, when that was in real time, and how marks leave the program."""

from datetime import UTC, datetime, timedelta

import pytest

from evidence.clock import ClockJudgement, ClockVerdict
from evidence.errors import UsageError
from evidence.ids import Digest
from evidence.marker_views import chapters, marks_csv
from evidence.markers import Mark, MarkTemplate, MarkView, MarkWish, checklist, mark_view, media_time, offered
from evidence.spans import Span

NINE = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
CLIP = Digest("ab" * 32)
SHOWN = MarkTemplate("ID_SHOWN", {"zh-CN": "出示证件", "en": "ID shown"}, "8", "出示", ("SITE_CHECK",))
POINT = MarkTemplate("POINT", {"zh-CN": "采样点", "en": "point"}, "10", "", ("SAMPLING",), numbered=True)
END = MarkTemplate("END", {"zh-CN": "结束", "en": "end"}, "4", "")
TEMPLATES = {one.code: one for one in (SHOWN, POINT, END)}
CLOCK = ClockJudgement(ClockVerdict.ADJUSTED, Span(NINE, NINE + timedelta(minutes=10)), 4.0, ())


def view(number: int, at_s: float, template: str = "", text: str = "", *, counted: int = 0) -> MarkView:
    """Return a mark of a clip that began at nine."""
    return mark_view(Mark(number, CLIP, at_s, template, counted, text, "", "李", NINE), CLOCK, TEMPLATES)


@pytest.mark.parametrize(
    ("text", "at_s"), [("12", 12), ("12.3456", 12.346), ("1:05", 65), ("1:00:01.5", 3601.5), (" 0:00 ", 0)]
)
def test_media_time_is_read_as_people_write_it(text: str, at_s: float) -> None:
    """Seconds, minutes and hours, to the millisecond."""
    assert media_time(text) == at_s


@pytest.mark.parametrize("text", ["", "x", "-1", "1:2:3:4", "nan", "inf", "1:-5"])
def test_what_is_no_media_time_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(UsageError, match="is no media time"):
        media_time(text)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"at_s": -1.0, "text": "x"}, "no moment"),
        ({"at_s": float("nan"), "text": "x"}, "no moment"),
        ({"at_s": 1.0}, "template or words"),
        ({"at_s": 1.0, "text": " "}, "template or words"),
        ({"at_s": 1.0, "text": "x" * 501}, "longer than"),
    ],
)
def test_a_wish_must_mark_something(wish: dict[str, object], words: str) -> None:
    """No moment, nothing named, endless words: refused before anything is written."""
    with pytest.raises(UsageError, match=words):
        MarkWish(CLIP, **wish)  # type: ignore[arg-type] # the case's own words


def test_a_mark_has_its_moment_on_the_judged_clock() -> None:
    """Start of the clip and media time, with the clock's uncertainty and verdict; without a start there is none."""
    seen = view(7, 61.5, "ID_SHOWN")
    assert seen.real_at == NINE + timedelta(seconds=61.5)
    assert (seen.uncertainty_s, seen.clock, seen.names["en"]) == (4.0, ClockVerdict.ADJUSTED, "ID shown")
    nowhere = mark_view(seen.mark, ClockJudgement(ClockVerdict.UNKNOWN, None, None, ()), TEMPLATES)
    assert nowhere.real_at is None


def test_templates_are_offered_by_procedure() -> None:
    """Those of the footage's procedures and those for all; everything where no procedure is known."""
    assert offered(TEMPLATES, ["SITE_CHECK"]) == [SHOWN, END]
    assert offered(TEMPLATES, []) == [SHOWN, POINT, END]
    lines = checklist(TEMPLATES, "SAMPLING", [view(1, 5, "POINT", counted=1), view(2, 9, "POINT", counted=2)])
    assert [(line.template.code, len(line.marks)) for line in lines] == [("POINT", 2), ("END", 0)]


def test_chapters_last_to_the_next_mark() -> None:
    """In order of time whatever the order they were set in; text cannot break out of its cue."""
    marks = [view(3, 70, "POINT", counted=2), view(1, 5, text="<b>门口</b> -->\n& 看"), view(2, 70, "ID_SHOWN")]
    assert chapters(marks, 600.0, "zh-CN") == (
        "WEBVTT\n\n"
        "1\n00:00:05.000 --> 00:01:10.000\n&lt;b&gt;门口&lt;/b&gt; --&gt; &amp; 看\n\n"
        "2\n00:01:10.000 --> 00:10:00.000\n出示证件\n\n"
        "3\n00:01:10.000 --> 00:10:00.000\n采样点 2\n"
    )
    assert "00:00:05.000 --> 00:00:10.000" in chapters([view(1, 5, text="x")], None, "en")


def test_a_spreadsheet_takes_no_cell_for_a_formula() -> None:
    """Words that begin like one come with an apostrophe; figures stay figures."""
    head, row = marks_csv([view(1, 5, text='=HYPERLINK("a",1)')], "zh-CN").splitlines()
    assert head.startswith("marker_id,sha256,at_s,real_at")
    assert row.count('"\'=HYPERLINK(""a"",1)"') == 1
    assert row.startswith(f"1,{CLIP},5,2026-11-02T01:00:05Z,4.0,adjusted")
