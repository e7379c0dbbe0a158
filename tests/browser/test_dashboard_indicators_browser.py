"""The page on indicators in a real Chromium: no error, nothing beyond the window, numbers that open."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from dashboard.web.app import create_app
from tests.support.browser import launch, opened
from tests.support.indicators import busy_house, services
from tests.support.web import served

pytestmark = pytest.mark.browser
BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module", name="browser")
def _browser() -> Iterator[Browser]:
    with launch() as browser:
        yield browser


@pytest.fixture(scope="module", name="site")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with (
        busy_house(tmp_path_factory.mktemp("busy") / "home") as house,
        served(create_app(services(house))) as address,
    ):
        yield address


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("width", [1440, 820])
def test_the_page_fits_and_its_numbers_open(browser: Browser, site: str, width: int, locale: str) -> None:
    """In both languages at desktop and tablet width; the trend has twelve months, a number leads to its list."""
    with opened(browser, width=width, locale=locale) as (page, troubles):
        page.goto(f"{site}/indicators?month=2026-11")
        assert page.evaluate(BEYOND) <= 0
        expect(page.locator(".trend a")).to_have_count(12)
        number = page.locator("#coverage .part a").first
        counted = number.inner_text()
        number.click()
        expect(page.locator(".chips")).to_contain_text(counted)
        expect(page.locator("tbody tr")).to_have_count(int(counted))
        assert page.evaluate(BEYOND) <= 0
        page.goto(f"{site}/cases/A")
        expect(page.locator("#before-filing")).to_be_visible()
        assert page.evaluate(BEYOND) <= 0
        assert troubles == []
