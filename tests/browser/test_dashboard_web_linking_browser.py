"""Suggestions and marks in a real Chromium: decided in one act; set by a click or key where the clip plays."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.web.app import create_app
from evidence.ids import StepNo
from evidence.notes import note
from evidence.spans import Span
from evidence.suggesting import Ground, Suggestion, SuggestionView
from tests.support.browser import launch, opened
from tests.support.web import CASE, DAY, Media, World, build_world, make_media, served

pytestmark = pytest.mark.browser

Tab = tuple[Page, list[str]]


@pytest.fixture(scope="module", name="browser")
def _browser() -> Iterator[Browser]:
    with launch() as browser:
        yield browser


@pytest.fixture(scope="module", name="media")
def _media(tmp_path_factory: pytest.TempPathFactory) -> Media:
    return make_media(tmp_path_factory.mktemp("media"))


@pytest.fixture(name="world")
def _world(media: Media) -> World:
    world = build_world(media)
    span = Span(DAY + timedelta(minutes=2), DAY + timedelta(minutes=22))
    part = note("score.clock_disputed", value="0.45")
    for clip in world.clip_rows[4:7]:
        said = (note("suggest.clock", officer="E002"), part)
        one = Suggestion(clip.digest, CASE, StepNo("1"), Ground.CLOCK, 0.45, span, said)
        world.suggested.append(SuggestionView(one, "SITE_CHECK", DAY))
    return world


@pytest.fixture(name="site")
def _site(world: World) -> Iterator[str]:
    with served(create_app(world.services())) as address:
        yield address


@pytest.fixture(name="tab")
def _tab(browser: Browser) -> Iterator[Tab]:
    with opened(browser) as tab:
        yield tab


def seconds_in(page: Page) -> float:
    """Return where the player stands."""
    return float(page.evaluate("document.querySelector('video').currentTime"))


def test_two_of_three_are_refused_in_one_act(world: World, site: str, tab: Tab) -> None:
    """Tick two, read why, say who and why, refuse: the desk hears of those two and of no other."""
    page, troubles = tab
    page.goto(f"{site}/suggestions")
    rows = page.locator(".suggestions-table tbody tr")
    expect(rows).to_have_count(3)
    rows.nth(0).locator("summary").click()
    expect(rows.nth(0).locator(".reasons")).to_contain_text("×0.45")
    for row in (0, 2):
        rows.nth(row).locator("input[type=checkbox]").check()
    page.fill("input[name=actor]", "古丽")
    page.fill("textarea[name=reason]", "在别处")
    page.click("button[value=refuse]")
    expect(page.locator(".notice.ok")).to_contain_text("2")
    [(word, pairs, actor, reason)] = world.decided
    assert (word, actor, reason) == ("refuse_link", "古丽", "在别处")
    assert isinstance(pairs, tuple)
    assert [pair.digest for pair in pairs] == [world.suggested[n].suggestion.digest for n in (0, 2)]
    assert troubles == []


def test_a_key_marks_the_moment_that_plays(world: World, site: str, tab: Tab) -> None:
    """The key of a template sets it where the clip stands; the page opens there again, and a mark leads there."""
    page, troubles = tab
    page.goto(f"{site}/clips/{world.clip_rows[0].digest}", wait_until="networkidle")
    page.evaluate("document.querySelector('video').currentTime = 3.5")
    expect(page.locator("#mark-at")).to_have_value("0:03.5")
    page.keyboard.press("2")
    expect(page.locator(".marks-table tbody tr")).to_have_count(1)
    [mark] = world.mark_rows
    assert (mark.template, mark.at_s, mark.actor) == ("SAMPLING_POINT", 3.5, "值班员")
    expect(page.locator("#real-time")).to_have_text("2026-11-23 09:02:03 北京时间")
    assert seconds_in(page) == pytest.approx(3.5, abs=0.1)
    expect(page.locator("#scrub rect.flag")).to_have_count(1)
    page.evaluate("document.querySelector('video').currentTime = 0.5")
    page.click("a.jump-to")
    assert seconds_in(page) == pytest.approx(3.5, abs=0.1)
    assert troubles == []


def test_enter_in_a_field_sets_no_template(world: World, site: str, tab: Tab) -> None:
    """Own words and Enter are a mark in own words; digits typed there press no button."""
    page, troubles = tab
    page.goto(f"{site}/clips/{world.clip_rows[0].digest}", wait_until="networkidle")
    page.click("input[name=text]")
    page.keyboard.type("1 号排口")
    assert world.mark_rows == []
    page.keyboard.press("Enter")
    expect(page.locator(".marks-table tbody tr")).to_have_count(1)
    [mark] = world.mark_rows
    assert (mark.template, mark.text) == ("", "1 号排口")
    assert troubles == []


@pytest.mark.parametrize("width", [1440, 820])
@pytest.mark.parametrize("address", ["suggestions", "clip"])
def test_nothing_runs_over_the_edge(browser: Browser, world: World, site: str, width: int, address: str) -> None:
    """Wide and narrow, in both languages, no page scrolls sideways."""
    path = "suggestions" if address == "suggestions" else f"clips/{world.clip_rows[0].digest}"
    for locale in ("zh-CN", "en"):
        with opened(browser, width=width) as (page, _):
            page.goto(f"{site}/{path}?lang={locale}", wait_until="networkidle")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), locale
