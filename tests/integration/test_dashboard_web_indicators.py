"""The page on indicators over a real register: every number leads to a list that is as long."""

import html
import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from dashboard.web.app import create_app
from dashboard.wiring import House
from tests.support.indicators import busy_house, services

NUMBER = re.compile(r'<a href="(/indicators/rows\?[^"]+)">([\d,]+)</a>')
CELL = re.compile(r'<a class="counts" href="(/indicators/rows\?[^"]+)"><span>([\d,]+)</span> <span>/ ([\d,]+)</span>')


@pytest.fixture(name="house", scope="module")
def _house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with busy_house(tmp_path_factory.mktemp("busy") / "home") as house:
        yield house


@pytest.fixture(name="site")
def _site(house: House) -> TestClient:
    return TestClient(create_app(services(house)), base_url="http://127.0.0.1")


def body(site: TestClient, address: str) -> str:
    """Return a page, which must be there."""
    answer = site.get(address)
    assert answer.status_code == 200, (address, answer.text[:400])
    return answer.text


@pytest.mark.parametrize("query", ["month=2026-11", "month=2026-11&unit=执法大队", "month=2026-11&procedure=SEIZE"])
def test_every_number_leads_to_a_list_as_long(site: TestClient, query: str) -> None:
    """Parts by themselves, and cells by what their parts come to."""
    page = body(site, f"/indicators?{query}")
    numbers = [(html.unescape(link), int(text.replace(",", ""))) for link, text in NUMBER.findall(page)]
    assert len(numbers) > 5
    for link, number in numbers:
        assert site.get(f"/api{link}").json()["total"] == number, link
        assert f"共 {number} 项" in body(site, link)
    for link, met, counted in CELL.findall(page):
        rows = site.get(f"/api{html.unescape(link)}&limit=1000").json()["rows"]
        definitions = site.get("/api/indicators").json()["indicators"]["definitions"]
        of = {one["indicator"]: one for one in definitions}
        judged = [row for row in rows if row["part"] in {*of[row["indicator"]]["met"], *of[row["indicator"]]["unmet"]}]
        assert sum(row["part"] in of[row["indicator"]]["met"] for row in judged) == int(met)
        assert len(judged) == int(counted)


def test_lengths_add_up_to_theirs(site: TestClient) -> None:
    """The seconds of a list come to the seconds of the figure."""
    found = site.get("/api/indicators?month=2026-11").json()["indicators"]["figures"]
    [whole] = [one for one in found if one["indicator"] == "recorded_time" and one["unit"] is None]
    for part, seconds in whole["parts"].items():
        rows = site.get(f"/api/indicators/rows?month=2026-11&indicator=recorded_time&part={part}&limit=1000").json()
        assert sum(row["seconds"] for row in rows["rows"]) == seconds


def test_few_things_have_counts_and_no_percentage(site: TestClient) -> None:
    """The thirteen and more steps of a unit have a share, the one seizure has only its counts."""
    page = body(site, "/indicators?month=2026-11&procedure=SEIZE")
    assert "数量少，不计比率" in page
    assert re.search(r"\d%</b>", body(site, "/indicators?month=2026-11"))
    assert not re.search(r"\d%</b>", page)


def test_an_empty_month_is_a_page(site: TestClient) -> None:
    """Nothing counts, and the page says so in both languages."""
    assert "本期没有可计的内容" in body(site, "/indicators?month=2001-02")
    assert "Nothing counts in this period" in body(site, "/indicators?month=2001-02&lang=en")


def test_what_is_no_month_is_an_error(site: TestClient) -> None:
    """A slip in the address is told, never another month."""
    assert site.get("/indicators?month=2026-13").status_code == 400
    assert site.get("/api/indicators/rows?month=2026-11&part=nonsense").status_code == 422


def test_page_names_definitions_and_no_person(site: TestClient) -> None:
    """Each definition stands beside its figure, and no officer is named anywhere."""
    page = body(site, "/indicators?month=2026-11") + body(site, "/indicators/rows?month=2026-11&limit=1000")
    assert "依法应当音像记录的环节中" in page
    assert "第 30 条" in page
    assert not [name for name in ("艾力", "古丽", "E1", "E2") if name in page]


def test_sheets_are_taken_away(site: TestClient) -> None:
    """Workbook and paper come as files with the month in their names, for the filter that is set."""
    book = site.get("/indicators/figures.xlsx?month=2026-11&unit=监测站")
    assert "filename=evidock-2026-11.xlsx" in book.headers["content-disposition"]
    units = {row[2] for row in load_workbook(BytesIO(book.content)).worksheets[2].iter_rows(values_only=True)}
    assert units == {"单位", "监测站"}
    paper = site.get("/indicators/figures.pdf?month=2026-11&lang=en")
    assert paper.content.startswith(b"%PDF")


def test_a_case_says_what_is_open(site: TestClient) -> None:
    """The case's page and the API tell the same; footage in the window that hangs nowhere is among it."""
    found = site.get("/api/before-filing/A").json()["before_filing"]
    assert found["open"] > 3
    assert f'<h2>归档前尚未办结的事项 <span class="count">{found["open"]}</span></h2>' in body(site, "/cases/A")
    assert [one["limit"] for one in found["limits"]] == ["SEIZURE_END", "FILING"]
    [clip] = site.get("/api/before-filing/C").json()["before_filing"]["unlinked"]
    assert (clip["step_no"], clip["officer_id"]) == ("1", "E2")
    assert clip["sha256"][:12] in body(site, "/cases/C")
    assert site.get("/api/before-filing/nothing").status_code == 404


def test_long_counts_are_shown_again_and_short_ones_made_anew(house: House) -> None:
    """What took long is kept for a minute; what is quick is always what is now."""
    from dataclasses import replace

    from dashboard.indicator_desk import QUICK_S, IndicatorDesk
    from evidence.periods import read_period

    desk, month = IndicatorDesk(house), read_period("2026-11")
    first = desk.recent(month)
    desk._kept[month, None, None] = replace(first, took_s=QUICK_S / 2)
    assert desk.recent(month) is not first
    slow = replace(first, took_s=QUICK_S * 10)
    desk._kept[month, None, None] = slow
    assert desk.recent(month) is slow
