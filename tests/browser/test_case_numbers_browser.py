"""A case begun before its approval in a real Chromium: the forms of both pages, at two widths, in two languages."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.page_services import page_services
from dashboard.plant import Plant
from dashboard.web.app import create_app
from tests.support.browser import launch, opened
from tests.support.imports import handed_in
from tests.support.retention import Bureau, bureau
from tests.support.web import served

pytestmark = pytest.mark.browser
FIRST, OFFICIAL = "临-执法大队-20261102-1", "新环罚〔2026〕17号"


@pytest.fixture(scope="module", name="browser")
def _browser() -> Iterator[Browser]:
    with launch() as browser:
        yield browser


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[Bureau]:
    with bureau(tmp_path) as office:
        yield office


@pytest.fixture(name="site")
def _site(office: Bureau) -> Iterator[str]:
    with served(create_app(page_services(office.house, Plant(office.house)))) as address:
        yield address


def fits(page: Page) -> bool:
    """Whether nothing of a page lies beyond the window's right edge."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(("locale", "width"), [("zh-CN", 1440), ("en", 820)])
def test_a_case_is_begun_and_numbered(
    browser: Browser, office: Bureau, site: str, tmp_path: Path, locale: str, width: int
) -> None:
    """The forms lead from a title to a provisional case and from there to the official number; nothing overflows."""
    with opened(browser, width=width, locale=locale) as (page, troubles):
        page.goto(f"{site}/cases?lang={locale}")
        begin = page.locator("form[action='/case-numbers/open']")
        page.locator("details:has(form[action='/case-numbers/open']) > summary").click()
        begin.locator("[name=title]").fill("高昌区某纺织印染有限责任公司夜间利用暗管偷排废水案")
        begin.locator("[name=unit]").fill("执法大队")
        begin.locator("[name=urgent_at]").fill("2026-11-02T09:00")
        begin.locator("textarea").fill("正在偷排，来不及报批")
        assert fits(page)
        begin.locator("button").click()
        page.wait_for_url(f"**/cases/{quote(FIRST)}**")
        expect(page.locator("h1 .tag.warn")).to_have_count(1)
        handed_in(office.house, tmp_path, "steps", f"{FIRST},1,SITE_CHECK,2026-11-02 09:00,2026-11-02 09:30,,E1,,")
        page.locator("#numbering summary").click()
        page.locator("#numbering [name=official_no]").fill(OFFICIAL)
        page.locator("#numbering textarea").fill("已立案")
        assert fits(page)
        page.locator("#numbering button").click()
        page.wait_for_url(f"**/cases/{quote(OFFICIAL)}**")
        expect(page.locator("dl.facts").first).to_contain_text(FIRST)
        expect(page.locator("#numbering")).to_have_count(0)
        for address in ("/cases", f"/cases/{quote(FIRST)}"):
            page.goto(f"{site}{address}")
            expect(page.locator("main")).to_contain_text(OFFICIAL)
            assert fits(page), address
        assert troubles == []
