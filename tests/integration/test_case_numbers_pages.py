"""The pages of cases over a real house: one is begun before its approval, and given its official number."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from dashboard.page_services import page_services
from dashboard.plant import Plant
from dashboard.web.app import create_app
from evidence.case_numbers import UrgentCase
from evidence.ids import CaseNo, StepNo
from tests.support.imports import handed_in
from tests.support.index import at
from tests.support.retention import Bureau, bureau, day

ORIGIN = "http://127.0.0.1"
OFFICIAL = "新环罚〔2026〕17号"
WHO = {"actor": "李", "reason": "正在偷排，来不及报批"}
SAID = {
    "zh-CN": ("临时编号", "先行启动", "尚待正式案号", "原临时编号"),
    "en": ("provisional", "Begun before approval", "Waits for its official number", "Provisional number"),
}


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[Bureau]:
    with bureau(tmp_path) as office:
        yield office


@pytest.fixture(name="client")
def _client(office: Bureau) -> TestClient:
    app = create_app(page_services(office.house, Plant(office.house)))
    return TestClient(app, base_url=ORIGIN, headers={"Origin": ORIGIN})


@pytest.fixture(name="begun")
def _begun(office: Bureau, tmp_path: Path) -> CaseNo:
    """A case that was begun at nine, with a step and a clip that hangs on it."""
    first = office.house.human.open_case(UrgentCase("夜间偷排", at(0), "执法大队"), "李", "来不及报批")
    handed_in(office.house, tmp_path, "steps", f"{first},1,SITE_CHECK,2026-11-02 09:00,2026-11-02 09:30,厂区,E1,某厂,")
    office.house.human.link(office.clip("hung", (200, 210)), first, StepNo("1"), "李", "同一现场")
    return first


def words_of(page: str) -> str:
    """Return a page's words, one space between them."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.mark.parametrize("locale", SAID)
def test_a_person_begins_a_case_with_the_form(office: Bureau, client: TestClient, locale: str) -> None:
    """The form leads to the case under its provisional number, which says what it is and asks for the official one."""
    assert 'action="/case-numbers/open"' in client.get("/cases", params={"lang": locale}).text
    form = {"title": "夜间偷排", "unit": "执法大队", "urgent_at": "2026-11-02T09:00", **WHO}
    page = client.post("/case-numbers/open", params={"lang": locale}, data=form)
    [view] = office.library.cases()
    assert (view.case.case_no, view.case.urgent_at) == ("临-执法大队-20261102-1", at(0))
    assert page.url.path == f"/cases/{view.case.case_no}"
    for words in SAID[locale][:3]:
        assert words in words_of(page.text)
    assert 'action="/case-numbers/official"' in page.text


def test_a_form_without_a_time_begins_now(office: Bureau, client: TestClient) -> None:
    """Who leaves the time empty begins the case at this moment; who leaves the reason empty does not begin it."""
    assert client.post("/case-numbers/open", data={"title": "案", **WHO}).status_code == 200
    assert office.library.cases()[0].case.urgent_at == office.now
    refused = client.post("/case-numbers/open", data={"title": "案", **WHO, "reason": " "})
    assert (refused.status_code, len(office.library.cases())) == (400, 1)


@pytest.mark.parametrize("locale", SAID)
def test_the_official_number_is_shown_with_the_one_before(
    office: Bureau, client: TestClient, begun: CaseNo, locale: str
) -> None:
    """After the form both addresses lead to the case; every page says the official number, and which it had before."""
    form = {"case_no": begun, "official_no": OFFICIAL, "approved_at": "2026-11-02T20:00", **WHO}
    client.get("/cases", params={"lang": locale})  # a choice of language is remembered
    page = client.post("/case-numbers/official", data=form)
    assert page.url.path == f"/cases/{OFFICIAL}"
    said = words_of(page.text)
    assert OFFICIAL in said
    assert f"{SAID[locale][3]} {begun}" in said
    assert 'action="/case-numbers/official"' not in page.text
    asked = {"lang": locale}
    assert words_of(client.get(f"/cases/{begun}", params=asked).text) == words_of(
        client.get(f"/cases/{OFFICIAL}", params=asked).text
    )
    clip = office.library.clip(office.library.steps(case_no=begun)[0].links[0].digest).digest
    for address in ("/cases", "/findings?state=all", "/clips", f"/clips/{clip}"):
        shown = words_of(client.get(address, params=asked).text)
        assert OFFICIAL in shown, address
    assert client.get("/cases", params={"provisional": "yes"}).text.count("cases/%E4%B8%B4") == 0


def test_a_number_that_cannot_be_says_why_on_the_page(client: TestClient, office: Bureau, begun: CaseNo) -> None:
    """The refusal's sentence with its cure comes to the page, with 400; the case is what it was."""
    other = office.house.human.open_case(UrgentCase("另一起", at(5)), "李", "急")
    page = client.post("/case-numbers/official?lang=en", data={"case_no": begun, "official_no": other, **WHO})
    assert page.status_code == 400
    assert "belongs to another case already" in words_of(page.text)
    assert office.library.case(begun).case.is_provisional


def test_the_api_takes_either_number(client: TestClient, office: Bureau, begun: CaseNo) -> None:
    """Cases, steps, findings and clips are the same under both; the case says its two numbers."""
    assert [one["case_no"] for one in client.get("/api/cases?provisional=yes").json()["cases"]] == [begun]
    office.now = day("2026-11-20")
    office.house.human.number_case(begun, OFFICIAL, None, "李", "已立案")
    case = client.get(f"/api/cases/{OFFICIAL}").json()
    assert (case["case_no"], case["official_no"], case["provisional"]) == (begun, OFFICIAL, False)
    for address, name in (("/api/steps", "case_no"), ("/api/findings", "case"), ("/api/clips", "case")):
        both = [client.get(address, params={name: number}).json() for number in (begun, OFFICIAL)]
        assert both[0] == both[1]
    assert client.get("/api/cases?provisional=yes").json() == {"cases": []}
