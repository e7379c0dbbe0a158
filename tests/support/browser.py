"""A headless Chromium, and what went wrong in a page while it was open."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, sync_playwright

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> Path | None:
    """Return where this machine's Chromium is: ``EVIDOCK_CHROMIUM``, else the first found on PATH."""
    named = os.environ.get("EVIDOCK_CHROMIUM") or next((found for name in NAMES if (found := shutil.which(name))), "")
    return Path(named) if named else None


def chromium_or_skip() -> Path:
    """Return the browser; without one skip the test, or fail it where CI=true."""
    found = find_chromium()
    if found is None:
        message = "there is no Chromium on this machine: install the package chromium, or set EVIDOCK_CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


@contextmanager
def launch() -> Iterator[Browser]:
    """Start a headless browser; it is closed on leaving."""
    program = chromium_or_skip()
    with sync_playwright() as playwright:
        browser = _start(playwright, program)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, *, width: int = 1440, locale: str = "zh-CN") -> Iterator[tuple[Page, list[str]]]:
    """Open an empty page; yields it with the list that collects every error a page reports (policy breaches too)."""
    page = browser.new_page(viewport={"width": width, "height": 900}, locale=locale)
    troubles: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            troubles.append(f"{message.type}: {message.text}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: troubles.append(f"page error: {error}"))
    page.on("requestfailed", lambda request: _note_failure(troubles, request.url, request.failure))
    try:
        yield page, troubles
    finally:
        page.close()


def _note_failure(troubles: list[str], address: str, failure: str | None) -> None:
    if failure != "net::ERR_ABORTED":  # a range that the player needs no more, or a page that was left
        troubles.append(f"request failed: {address} {failure}")


def _start(playwright: Playwright, program: Path) -> Browser:
    return playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
