"""Papers for court: text that can be selected, in an embedded font, nothing cut however long it is."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.pack_contents import Contents, contents_of
from dashboard.reports import fonts as fonts_module
from dashboard.reports.cover_sheet import Vouched, cover_sheet
from dashboard.reports.custody_report import custody_report
from dashboard.reports.fonts import find_fonts
from dashboard.reports.paper import Paper
from dashboard.texts import LOCALES, Texts
from evidence.cases import Case
from evidence.errors import ToolMissingError
from evidence.ids import CaseNo, DeviceId
from evidence.packs import Pack
from storage.packs import sealed_head
from tests.support.packs import TITLE, ZHAO, PackHome

LONG_ZH = (
    "依法对擅自拆除闲置环境污染防治设施并通过暗管渗井渗坑灌注等逃避监管方式排放污染物的违法行为实施查封扣押的现场记录"
)
LONG_EN = "Unannounced inspection of the wastewater treatment facilities and sealing of discharge equipment, north"
KEY = re.compile(r"\b(?:export|enum)\.[a-zA-Z_]+\.")
"""A key of the catalogues that nobody has turned into words."""


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Contents, Vouched]]:
    """A case as it is gathered for export."""
    home = PackHome(tmp_path_factory.mktemp("home")).fill()
    head = sealed_head(home.log)
    vouched = Vouched(str(home.key.vkey), head.checkpoint, "ab" * 32, 1)
    yield contents_of(home.rooms(), "2026-001", ZHAO, "移送人民法院", "evidock test"), vouched
    home.close()


Words = Callable[[bytes], str]


@pytest.fixture
def words(tmp_path: Path) -> Words:
    """Return the text of a PDF without white space, as a reader selects it."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not here")

    def read(body: bytes) -> str:
        place = tmp_path / "paper.pdf"
        place.write_bytes(body)
        done = subprocess.run(["pdftotext", "-raw", str(place), "-"], capture_output=True, check=True, text=True)
        return re.sub(r"\s+", "", done.stdout)

    return read


def squeezed(text: str) -> str:
    """Return a text without white space."""
    return re.sub(r"\s+", "", text)


def reported(pack: Pack, contents: Contents, locale: str) -> bytes:
    """Return the custody report of a pack."""
    told = {item.number: contents.told(item.entries) for item in pack.items}
    return custody_report(pack, told, contents.told(pack.entries), Texts(locale), find_fonts())


@pytest.mark.parametrize("locale", LOCALES)
def test_the_cover_sheet_says_what_a_court_asks(contents: tuple[Contents, Vouched], words: Words, locale: str) -> None:
    """Case, maker, digests, three tests, key, root and signature lines can be read and selected in both languages."""
    gathered, vouched = contents
    pack, texts = gathered.pack, Texts(locale)
    said = words(cover_sheet(pack, vouched, texts, find_fonts()))
    expected = [TITLE, pack.made_by, pack.reason, vouched.vkey, vouched.checkpoint.root.hex(), vouched.verifier]
    expected += [item.clip.digest for item in pack.items]
    expected += [texts.t(f"export.test.{test}") for test in ("source", "procedure", "elements")]
    expected += [texts.t("export.cover.sign_maker"), texts.t("export.cover.sign_receiver"), texts.t("time.beijing")]
    assert [part for part in expected if squeezed(part) not in said] == []
    assert not KEY.search(said)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_custody_report_names_every_entry(contents: tuple[Contents, Vouched], words: Words, locale: str) -> None:
    """Every ledger number, person and reason stands there, and every finding with its article and quoted words."""
    gathered, _ = contents
    pack, texts = gathered.pack, Texts(locale)
    said = words(reported(pack, gathered, locale))
    for finding in pack.findings:
        assert squeezed(texts.say(finding.finding.what)) in said
        assert finding.finding.quote in said
    assert [number for number in pack.numbers if f"{number}2026-" not in said] == []
    assert all(reason in said for reason in ("画面为本案现场", "记录仪电量耗尽", "属实"))
    assert not KEY.search(said)


@pytest.mark.parametrize("title", [LONG_ZH, LONG_EN, "工" * 200, "x" * 200])
def test_a_long_title_is_not_cut(contents: tuple[Contents, Vouched], words: Words, title: str) -> None:
    """Titles of sixty signs and more, with and without places to break, stand there in full."""
    gathered, vouched = contents
    pack = replace(gathered.pack, case=Case(CaseNo(f"高环罚字〔2026〕第{title[:30]}号"), title, unit=title))
    said = words(cover_sheet(pack, vouched, Texts(), find_fonts()))
    assert said.count(squeezed(title)) >= 3
    assert squeezed(title) in words(reported(pack, gathered, "en"))


def test_nothing_is_drawn_beyond_the_margins(contents: tuple[Contents, Vouched], tmp_path: Path) -> None:
    """With an item that hangs on a hundred steps and words without end, every word lies within the printed area."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not here")
    gathered, vouched = contents
    item, step = gathered.pack.items[0], gathered.pack.steps[0]
    clip = replace(item.clip, officer_name="长" * 300, device_id=DeviceId("D" * 300))
    crowded = replace(item, clip=clip, links=item.links[:1] * 100)
    pack = replace(gathered.pack, items=(crowded,), steps=(step,) * 100, reason="y" * 3000)
    for number, body in enumerate(
        (cover_sheet(pack, vouched, Texts("en"), find_fonts()), reported(pack, gathered, "zh-CN"))
    ):
        place = tmp_path / f"{number}.pdf"
        place.write_bytes(body)
        command = ["pdftotext", "-bbox", str(place), "-"]
        drawn = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        boxes = re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"', drawn)
        edges = [tuple(map(float, box)) for box in boxes]
        assert len(edges) > 100
        assert [edge for edge in edges if edge[0] < 45 or edge[2] > 552 or edge[1] < 15 or edge[3] > 830] == []


def test_a_reason_longer_than_a_page_goes_on_over_pages(contents: tuple[Contents, Vouched], words: Words) -> None:
    """A reason of four thousand signs breaks across pages, and its last words stand there."""
    gathered, vouched = contents
    reason = "理由" * 2000 + "完"
    said = words(cover_sheet(replace(gathered.pack, reason=reason), vouched, Texts(), find_fonts()))
    assert said.count("理由") >= 2000
    assert "理由完" in said


def test_hostile_text_is_spelled_out(contents: tuple[Contents, Vouched], words: Words) -> None:
    """Signs that turn the reading direction or end lines in a name are shown and do nothing."""
    gathered, vouched = contents
    said = words(cover_sheet(replace(gathered.pack, made_by="a\u202eb\u0007"), vouched, Texts(), find_fonts()))
    assert "a\\u202eb\\u0007" in said


def test_the_font_is_embedded(contents: tuple[Contents, Vouched], tmp_path: Path) -> None:
    """Every font of the paper lies in it as a subset, so that it looks the same everywhere."""
    if shutil.which("pdffonts") is None:
        pytest.skip("pdffonts (poppler-utils) is not here")
    gathered, vouched = contents
    place = tmp_path / "paper.pdf"
    place.write_bytes(cover_sheet(gathered.pack, vouched, Texts(), find_fonts()))
    listed = subprocess.run(["pdffonts", str(place)], capture_output=True, check=True, text=True).stdout.splitlines()[
        2:
    ]
    assert len(listed) >= 3
    assert [line for line in listed if " yes yes yes " not in line] == []
    assert place.stat().st_size < 400_000


def test_without_a_chinese_font_the_cure_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where there is no Chinese font, the export says which package brings one."""
    monkeypatch.setattr(fonts_module, "FOLDERS", (str(tmp_path),))
    find_fonts.cache_clear()
    try:
        with pytest.raises(ToolMissingError, match="fonts-noto-cjk"):
            find_fonts()
    finally:
        find_fonts.cache_clear()


@pytest.mark.parametrize(
    ("text", "width_mm", "lines"),
    [
        ("一二三四五六，七八", 25.0, ["一二三四五", "六，七八"]),
        ("Article 11, as amended", 23.0, ["Article 11, as", "amended"]),
        ("北京时间北京时间", 20.0, ["北京时间", "北京时间"]),
    ],
)
def test_lines_break_as_people_write(text: str, width_mm: float, lines: list[str]) -> None:
    """No line begins with a comma, words stay whole, and the name of the zone is not parted."""
    paper = Paper(Texts(), find_fonts(), "t", "h")
    assert paper._broken(text, width_mm).split("\n") == lines
