"""What a clip's page can show of a dock's record, in both languages."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dashboard.texts import Texts
from dashboard.web.pages import TEMPLATES, _sayings
from evidence.docking import DockedFile, DockRecord
from evidence.ids import DeviceId

AT = datetime(2026, 11, 23, 10, 2, 11, tzinfo=UTC)
CAME, LOST = "DCIM/AB00001_XX0001_20261123093621.MOV", "DCIM/<b>\u202egpj.MOV"
RECORD = DockRecord(
    DeviceId("AB00001"),
    AT,
    AT - timedelta(seconds=2.25),
    clock_set=True,
    officer_code="XX0001",
    files=(DockedFile(CAME, 17, "XX0001", AT, (("sha256", "ab" * 32), ("sm3", "cd" * 32))), DockedFile(LOST)),
    tool="DockSoft 4.2",
)


def rendered(record: DockRecord, locale: str = "en", arrived: Mapping[str, str] | None = None) -> str:
    """Return the section as a page would show it; a name or word that is missing fails."""
    pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    page = pages.from_string(
        '{% import "dock_record.html" as d with context %}{{ d.dock_record(record, arrived) }}',
    )
    return page.render(_sayings(Texts(locale)) | {"record": record, "arrived": arrived})


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("zh-CN", ["记录仪慢 2.2 秒", "2026-11-23 18:02:11 北京时间", "已由采集站校准", "警员编号", "摘要值"]),
        ("en", ["ran behind by 2.2 s", "2026-11-23 18:02:11 Beijing time", "set by the dock", "Counter", "Digests"]),
    ],
)
def test_a_record_is_shown_in_words(locale: str, words: list[str]) -> None:
    """Camera, both clocks, their difference, whether the clock was set, and each file with what is listed of it."""
    page = rendered(RECORD, locale)
    assert [
        word for word in (*words, "AB00001", "XX0001", "DockSoft 4.2", CAME, "abababababab") if word not in page
    ] == []
    assert "dock." not in page
    assert "%(" not in page


def test_arrival_is_shown_only_once_the_register_was_asked() -> None:
    """A listed file that came links to its clip, another is marked; without the register nothing is said."""
    digest = "0f" * 32
    page = rendered(RECORD, arrived={CAME: digest})
    assert f'href="/clips/{digest}"' in page
    assert page.count("not arrived") == 1
    assert "arrived" not in rendered(RECORD)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (DockRecord(DeviceId("A"), AT), ["not read", "the dock does not say", "listed no files"]),
        (DockRecord(DeviceId("A"), AT, AT, clock_set=False), ["none", "left as it was", "steps of 1 s"]),
        (DockRecord(DeviceId("A"), AT, AT + timedelta(hours=8)), ["ran ahead by 8 h"]),
    ],
)
def test_what_the_dock_does_not_know_is_said(record: DockRecord, words: list[str]) -> None:
    """A clock nobody read has no difference; silence of the dock is no claim."""
    page = rendered(record)
    assert [word for word in words if word not in page] == []
    assert ("Difference" in page) is (record.device_time is not None)


def test_a_hostile_name_in_a_record_is_only_text() -> None:
    """A listed name cannot become markup or turn the reading direction."""
    page = rendered(RECORD)
    assert "<b>" not in page
    assert "\u202e" not in page
    assert "\\u202egpj" in unescape(page)
