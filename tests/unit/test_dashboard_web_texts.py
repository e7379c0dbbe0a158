"""Words on the screen: both languages complete, times in Beijing time, nothing hidden in a file name."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import pytest

from dashboard.texts import FOLDER, LOCALES, Texts, catalogue, choose_locale, placeholders, read_domain, visible
from evidence.claims import Anchor, ClaimSource, IdentityKind, OfficerSource, ZoneBasis
from evidence.clips import ClipState, Kind, Playable, QualityKind, Role
from evidence.clock import ClockVerdict, ShiftScope, Stance
from evidence.custody import EventType
from evidence.disposal import DisposalState
from evidence.findings import FindingKind, FindingState, Severity, StepState
from evidence.holds import HoldScope
from evidence.indicators import Part, UnitFrom
from evidence.notes import Note, note
from evidence.ports import PickupState
from evidence.retention import Endless
from evidence.schedules import RunsFrom
from evidence.spans import Span

AT = datetime(2026, 11, 23, 8, 52, 7, tzinfo=UTC)
DOMAINS = sorted({file.name for locale in LOCALES for file in (FOLDER / locale).glob("*.po")})
LISTS: tuple[type[StrEnum], ...] = (
    Anchor,
    ClaimSource,
    ClipState,
    ClockVerdict,
    DisposalState,
    Endless,
    EventType,
    FindingKind,
    FindingState,
    HoldScope,
    IdentityKind,
    Kind,
    OfficerSource,
    Part,
    PickupState,
    Playable,
    QualityKind,
    Role,
    RunsFrom,
    Severity,
    ShiftScope,
    Stance,
    StepState,
    UnitFrom,
    ZoneBasis,
)


@pytest.mark.parametrize("domain", DOMAINS)
def test_both_languages_say_the_same_things(domain: str) -> None:
    """Every key of a catalogue is in both languages and names the same parameters."""
    zh, en = (read_domain(FOLDER / locale / domain) for locale in LOCALES)
    assert sorted(zh) == sorted(en)
    assert [key for key in zh if placeholders(zh[key]) != placeholders(en[key])] == []


def test_no_key_stands_in_two_catalogues() -> None:
    """A key belongs to one domain, so that none hides another's words."""
    counts = Counter(key for domain in DOMAINS for key in read_domain(FOLDER / "en" / domain))
    assert [key for key, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("members", LISTS, ids=lambda members: members.__name__)
def test_every_member_of_a_closed_list_has_a_word(members: type[StrEnum], locale: str) -> None:
    """Pages show words, never the values that programs use."""
    texts = Texts(locale)
    assert [str(member) for member in members if texts.word(member).startswith("enum.")] == []


def test_a_time_is_beijing_time_and_says_so() -> None:
    """A parameter ending in _at is printed in Beijing time with the zone's name."""
    assert Texts("zh-CN").say(Note("no.such", {"seen_at": AT})) == "no.such (seen_at 2026-11-23 16:52:07 北京时间)"
    assert Texts("en").at(AT) == "2026-11-23 16:52:07 Beijing time"
    assert Texts("en").at(None) == "time unknown"


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "0 秒", "0 s"),
        (2.25, "2.2 秒", "2.2 s"),
        (59.6, "1 分", "1 min"),
        (3661, "1 小时 1 分 1 秒", "1 h 1 min 1 s"),
        (-90, "−1 分 30 秒", "−1 min 30 s"),
        (4 * 86400 + 60, "4 天 1 分", "4 d 1 min"),
    ],
)
def test_a_duration_is_in_words(seconds: float, zh: str, en: str) -> None:
    """A length is given in hours, minutes and seconds, with tenths only when it is short."""
    assert (Texts("zh-CN").duration(seconds), Texts("en").duration(seconds)) == (zh, en)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (48_123_456, "48.1 MB"), (999_600, "1000 kB")]
)
def test_a_size_has_a_unit(count: int, text: str) -> None:
    """Sizes are in decimal units with the digits that matter."""
    assert Texts("en").size(count) == text


def test_a_share_has_a_percent_sign() -> None:
    """A parameter ending in _pct gets its sign, and a tenth only where there is one."""
    texts = Texts("en")
    assert [texts.value("_pct", 95), texts.value("_pct", 77.5)] == ["95%", "77.5%"]


@pytest.mark.parametrize(
    ("cited", "zh", "en"),
    [
        ("11", "第 11 条", "Article 11"),
        ("28(4)+28末款", "第 28(4) 条、第 28 条末款", "Article 28(4), Article 28, last paragraph"),
        ("10(3);11", "第 10(3) 条、第 11 条", "Article 10(3), Article 11"),
        ("not in the regulation", "not in the regulation", "not in the regulation"),
    ],
)
def test_an_article_is_cited_as_people_do(cited: str, zh: str, en: str) -> None:
    """The pack's short form of a citation is written out; one of another law is left as it is."""
    assert (Texts("zh-CN").article(cited), Texts("en").article(cited)) == (zh, en)


def test_a_missing_key_is_seen() -> None:
    """A key or code that no catalogue has is shown as it is, with what it names."""
    assert Texts("en").t("no.such.key") == "no.such.key"
    assert Texts("en").say(note("no.such.code", length_s=61)) == "no.such.code (length_s 1 min 1 s)"


def test_a_placeholder_nobody_filled_is_seen() -> None:
    """A sentence whose parameter is missing shows the gap instead of failing the page."""
    assert Texts("en").t("dashboard.disk_line", free="1 GB") == "1 GB free of %(total)s"


def test_a_span_names_the_second_day_only_where_it_differs() -> None:
    """A stretch within a day gives its date once."""
    texts = Texts("en")
    assert texts.span(Span(AT, AT + timedelta(minutes=5))) == "2026-11-23 16:52:07 – 16:57:07 Beijing time"
    assert texts.span(Span(AT, AT + timedelta(days=1))).count("2026-11-2") == 2


@pytest.mark.parametrize(
    ("header", "cookie", "query", "locale"),
    [
        ("", "", "", "zh-CN"),
        ("en-GB,en;q=0.9,zh;q=0.5", "", "", "en"),
        ("fr,zh-TW;q=0.4,en;q=0.1", "", "", "zh-CN"),
        ("en", "zh-CN", "", "zh-CN"),
        ("en", "zh-CN", "en", "en"),
        ("en", "tlh", "../..", "en"),
        ("en;q=zero, ;;;", "", "", "zh-CN"),
        ("en;q=0", "", "", "zh-CN"),
    ],
)
def test_the_locale_is_chosen(header: str, cookie: str, query: str, locale: str) -> None:
    """What the address asks for goes before the cookie, and the cookie before the browser's wish."""
    assert choose_locale(header, cookie, query) == locale


def test_a_hostile_name_hides_nothing() -> None:
    """Characters that turn the reading direction, are invisible, or are no text at all are spelled out."""
    assert visible("a\u202eb\udcffc\nd\u200b") == "a\\u202eb\\xffc\\u000ad\\u200b"
    assert visible("音像 文件.mp4") == "音像 文件.mp4"


def test_a_catalogue_is_plain_text(tmp_path: Path) -> None:
    """A catalogue needs no compiling: the .po file itself is read."""
    folder = tmp_path / "en"
    folder.mkdir()
    (folder / "x.po").write_text('msgid "a.b"\nmsgstr "%(share_pct)s of %(length_s)s at 100%"\n', "utf-8")
    assert read_domain(folder / "x.po") == {"a.b": "%(share_pct)s of %(length_s)s at 100%"}
    assert placeholders("%(share_pct)s of 100%% at 5%") == {"share_pct"}


def test_every_key_of_the_templates_is_in_the_catalogue() -> None:
    """No page asks for words that are not there."""
    import re

    folder = Path(__file__).parents[2] / "dashboard" / "web"
    sources = "\n".join(file.read_text("utf-8") for file in [*folder.glob("templates/*"), *folder.glob("*.py")])
    asked = set(re.findall(r"""\bt\(\s*["']([a-z_]+\.[a-z_.]+[a-z_])["']\s*[,)]""", sources))
    assert asked
    assert sorted(asked - set(catalogue("zh-CN"))) == []
