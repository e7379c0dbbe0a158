"""Copies for parties in a real Chromium: a clerk, the head and the receipt, and a menu that fits its window."""

import re
import threading
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.copies import Asked
from evidence.copies import CopyState
from storage.packs import Copied
from tests.support.browser import launch, opened
from tests.support.casefile import CASE
from tests.support.copies import ASKED, HANDED, CopyOffice, copy_office
from tests.support.web import served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", name="browser")
def _browser() -> Iterator[Browser]:
    with launch() as browser:
        yield browser


@pytest.fixture(scope="module", name="office")
def _office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CopyOffice]:
    with copy_office(tmp_path_factory.mktemp("copies"), moving=True) as office:
        yield office


@pytest.fixture(scope="module", name="site")
def _site(office: CopyOffice) -> Iterator[str]:
    with served(office.app) as address:
        yield address


def fits(page: Page) -> bool:
    """Whether nothing is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def fill(page: Page, within: str, **words: str) -> None:
    """Fill fields of a form in."""
    for name, text in words.items():
        page.locator(f"{within} [name={name}]").first.fill(text)


@pytest.mark.parametrize(("locale", "width"), [("zh-CN", 1440), ("en", 820)])
def test_a_request_is_taken_to_its_receipt(
    browser: Browser, office: CopyOffice, site: str, locale: str, width: int
) -> None:
    """From the case's page to the closed request: chosen by step, granted by the head, prepared, signed for."""
    with opened(browser, width=width, locale=locale) as (page, troubles):
        page.goto(f"{site}/cases/{quote(CASE)}?lang={locale}")
        page.locator("#copies header a").click()
        expect(page.locator(".pick")).to_be_hidden()
        page.locator("input[value=chosen]").check()
        page.locator("input[name=step][value='2']").check()
        fill(page, ".copy-form", **{name: text for name, text in ASKED.items() if name != "case_no"}, actor="张")
        assert fits(page)
        page.locator(".copy-form button").click()
        expect(page.locator(".tag.copy-requested")).to_be_visible()
        expect(page.locator("#decide [name=actor]").first).to_have_value("")
        fill(page, "#decide", actor="局长", reason="同意")
        assert fits(page)
        page.locator("#decide details[open] button").click()
        expect(page.locator("#prepare .room")).to_be_visible()
        fill(page, "#prepare", actor="张")
        page.locator("#prepare button").click()
        expect(page.locator("#hand-over")).to_be_visible(timeout=20_000)
        assert fits(page)
        fill(page, "#hand-over", **HANDED, actor="张")
        page.locator("#hand-over button").click()
        expect(page.locator(".tag.copy-handed_over")).to_be_visible()
        assert page.request.get(f"{site}{page.locator('#receipt a').first.get_attribute('href')}").ok
        assert fits(page)
        assert troubles == []
        made = office.request(office.newest())
    assert (made.state, set(made.granted)) == (CopyState.HANDED_OVER, set(office.clips))


@pytest.mark.parametrize(("locale", "width"), [("zh-CN", 1440), ("en", 820)])
def test_a_long_preparation_is_followed(
    browser: Browser, office: CopyOffice, site: str, locale: str, width: int
) -> None:
    """The bar moves while the page stays, and at the end the page shows what is to be done next."""
    name = office.copies.request(Asked(CASE, "某某公司", "当事人本人", "复议", "营业执照", "张"), "张", "")
    office.copies.approve(name, "局长", "同意", (), leave_out=False)
    halfway, end = threading.Event(), threading.Event()

    def work(copied: Copied) -> None:
        copied(250)
        halfway.wait()
        copied(500)
        end.wait()

    office.copies.works.start(name, 1000, office.house.clock(), work)
    with opened(browser, width=width, locale=locale) as (page, troubles):
        page.goto(f"{site}/copies/{name}?lang={locale}")
        expect(page.locator("#preparing .share")).to_have_text(re.compile(r"25(\.0)?%"))
        expect(page.locator("#prepare")).to_have_count(0)
        halfway.set()
        expect(page.locator("#preparing .share")).to_have_text(re.compile(r"75(\.0)?%"))
        assert fits(page)
        end.set()
        expect(page.locator("#prepare")).to_be_visible()
        assert troubles == []


def test_a_refused_form_keeps_what_was_typed(browser: Browser, site: str) -> None:
    """Blank words pass the browser and not the desk: the error is read out, and nothing has to be typed again."""
    with opened(browser) as (page, _):
        page.goto(f"{site}/copies/new?case={quote(CASE)}&lang=zh-CN")
        fill(page, ".copy-form", **{name: text for name, text in ASKED.items() if name != "case_no"}, actor="张")
        fill(page, ".copy-form", purpose="  ")
        page.locator(".copy-form button").click()
        expect(page.locator("[role=alert]")).to_have_text("请填写用途。")
        expect(page.locator("[name=applicant]")).to_have_value(ASKED["applicant"])


@pytest.mark.parametrize(("locale", "width"), [("en", 1280), ("zh-CN", 1280), ("en", 820), ("zh-CN", 820)])
def test_the_menu_fits_on_one_line(browser: Browser, site: str, locale: str, width: int) -> None:
    """No entry wraps; the rarely used pages lie under one disclosure that Escape and a click elsewhere close."""
    with opened(browser, width=width, locale=locale) as (page, troubles):
        page.goto(f"{site}/ledger?lang={locale}")
        tops = page.locator(".top nav > a, .top nav > details").evaluate_all("all => all.map(one => one.offsetTop)")
        assert len(set(tops)) == 1
        expect(page.locator("details.more a").first).to_be_hidden()
        page.locator("details.more > summary").click()
        expect(page.locator("details.more a[aria-current=page]")).to_be_visible()
        assert fits(page)
        page.keyboard.press("Escape")
        expect(page.locator("details.more a").first).to_be_hidden()
        page.locator("details.more > summary").click()
        page.locator(".foot").click()
        expect(page.locator("details.more a").first).to_be_hidden()
        assert troubles == []
