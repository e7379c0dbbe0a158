"""The file of a case in a real Chromium: a clerk attaches a file with the form and downloads it again."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from dashboard.document_pages import HouseDocuments
from dashboard.page_services import page_services
from dashboard.plant import Plant
from dashboard.web.app import create_app
from tests.support.browser import launch, opened
from tests.support.casefile import CASE, PDF, FileOffice, file_office, write
from tests.support.web import served

pytestmark = pytest.mark.browser


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
    with served(create_app(replace(services, documents=HouseDocuments(office.house, office.seal)))) as address:
        yield address


@pytest.mark.parametrize(("locale", "width"), [("zh-CN", 1440), ("en", 820)])
def test_a_clerk_completes_the_file(
    browser: Browser, office: FileOffice, site: str, tmp_path: Path, locale: str, width: int
) -> None:
    """Form, roles and file lead to a signed place and a download of the same bytes; nothing overflows or complains."""
    scan = write(tmp_path / "现场检查笔录（扫描件）.pdf")
    with opened(browser, width=width, locale=locale) as (page, troubles):
        page.goto(f"{site}/cases/{quote(CASE)}?lang={locale}#casefile")
        step = page.locator("article.file-step").nth(1)
        expect(step.locator(".slot-missing")).to_have_count(1)
        step.locator("details.attach > summary").click()
        step.locator("input[type=file]").set_input_files(scan)
        for role in ("officers", "party"):
            step.locator(f"input[value={role}]").check()
        step.locator(".attach input[name=actor]").fill("李")
        step.locator(".attach textarea").fill("归档")
        step.locator(".attach form button").click()
        step = page.locator("article.file-step").nth(1)
        expect(step.locator(".slot-present")).to_have_count(1)
        with page.expect_download() as download:
            step.locator("a[download]").click()
        assert download.value.suggested_filename == scan.name
        assert Path(download.value.path()).read_bytes() == PDF
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert troubles == []
    assert office.view.steps[1].slots[0].documents[0].lacking == ()
