"""A finding in a real Chromium: one officer claims a reason with a file, another sees all of it and decides."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.claim_pages import HouseClaims
from dashboard.page_services import page_services
from dashboard.plant import Plant
from dashboard.web.app import create_app
from evidence.findings import FindingKind, FindingState
from evidence.views import FindingFilter, FindingView
from tests.support.browser import launch, opened
from tests.support.casefile import CASE, PDF, FileOffice, file_office, write
from tests.support.web import served

pytestmark = pytest.mark.browser

NOTE = "现场检查途中记录仪掉落摔坏，当日送修。"


@pytest.fixture(scope="module", name="browser")
def _browser() -> Iterator[Browser]:
    with launch() as browser:
        yield browser


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[FileOffice]:
    with file_office(tmp_path) as office:
        yield office


@pytest.fixture(name="site")
def _site(office: FileOffice) -> Iterator[str]:
    services = page_services(office.house, Plant(office.house))
    claims = HouseClaims(office.house, office.seal)
    with served(create_app(replace(services, explain=claims.explain, exempt=claims.exempt))) as address:
        yield address


def gap_of(office: FileOffice) -> FindingView:
    """Return the one finding about footage nobody made."""
    [found] = office.house.library.findings(FindingFilter(kind=FindingKind.NO_AV))
    return found


def overflow_of(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize(("locale", "width"), [("zh-CN", 1440), ("zh-CN", 820), ("en", 1440), ("en", 820)])
def test_a_gap_is_explained_and_granted(
    browser: Browser, office: FileOffice, site: str, tmp_path: Path, locale: str, width: int
) -> None:
    """Reason, note and file lead to a claim; beside the buttons the other person finds all three and grants it."""
    slip = write(tmp_path / "执法记录仪维修单（2026-09-02）.pdf")
    address = f"{site}/findings/{gap_of(office).finding.finding_id}"
    with opened(browser, width=width, locale=locale) as (page, troubles):
        page.goto(f"{address}?lang={locale}")
        form = page.locator("form.decision").first
        form.locator("[name=actor]").fill("李")
        form.locator("[name=code]").select_option("CAMERA_FAULT")
        form.locator("[name=note]").fill(NOTE)
        form.locator("[name=file]").set_input_files(slip)
        assert overflow_of(page) <= 0
        form.locator("button").click()
        expect(page.locator(".notice.ok")).to_be_visible()
        claim = page.locator(".panel.claim")
        expect(claim).to_contain_text({"zh-CN": "执法记录仪故障", "en": "camera broken"}[locale])
        expect(claim).to_contain_text(NOTE)
        assert overflow_of(page) <= 0
        with page.expect_download() as download:
            claim.locator("a[download]").click()
        assert Path(download.value.path()).read_bytes() == PDF
        grant = page.locator("form.decision").first
        grant.locator("[name=actor]").fill("王")
        grant.locator("[name=reason]").fill("维修单已核")
        grant.locator("button").click()
        expect(page.locator(".panel.claim")).to_contain_text(NOTE)
        assert (gap_of(office).state, troubles) == (FindingState.EXPLAINED, [])


@pytest.mark.parametrize(("locale", "width"), [("zh-CN", 1440), ("en", 820)])
def test_an_exemption_is_claimed_on_the_page_of_the_case(
    browser: Browser, office: FileOffice, site: str, locale: str, width: int
) -> None:
    """The form under the steps names those whose article allows it, and the reasons of the list alone."""
    with opened(browser, width=width, locale=locale) as (page, troubles):
        page.goto(f"{site}/cases/{quote(CASE)}?lang={locale}")
        page.locator("details.exempting > summary").click()
        form = page.locator("details.exempting form")
        expect(form.locator("[name=step_no] option")).to_have_count(1)
        form.locator("[name=actor]").fill("李")
        form.locator("[name=code]").select_option("UNSUITABLE_EXPLOSIVE_PLACE")
        form.locator("[name=note]").fill("罐区禁用非防爆电子设备")
        assert overflow_of(page) <= 0
        form.locator("button").click()
        expect(page.locator(".notice.ok")).to_be_visible()
        assert (gap_of(office).state, troubles) == (FindingState.EXEMPT_CLAIMED, [])
