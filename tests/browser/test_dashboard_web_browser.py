"""The pages in a real Chromium, over a real server on loopback, with a real clip made by ffmpeg."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.web.app import create_app
from evidence.clips import Kind
from evidence.clock import Proposal, ShiftScope
from evidence.ids import DeviceId, Digest
from tests.support.browser import launch, opened
from tests.support.web import CASE, DAY, Media, World, build_world, digest_of, make_media, run_ffmpeg, served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", name="browser")
def _browser() -> Iterator[Browser]:
    with launch() as browser:
        yield browser


@pytest.fixture(scope="module", name="media")
def _media(tmp_path_factory: pytest.TempPathFactory) -> Media:
    return make_media(tmp_path_factory.mktemp("media"))


@pytest.fixture(name="world")
def _world(media: Media) -> World:
    return build_world(media)


@pytest.fixture(name="site")
def _site(world: World) -> Iterator[str]:
    with served(create_app(world.services())) as address:
        yield address


@pytest.fixture(name="tab")
def _tab(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    with opened(browser) as tab:
        yield tab


def add_broken_clip(world: World, folder: Path) -> Digest:
    """Add a clip that is said to play and holds no picture: a sound file, as browsers see HEVC."""
    path = folder / "sound.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=4", "-c:a", "aac", "-movflags", "+faststart", str(path))
    row = replace(world.clip_rows[0], digest=digest_of("sound only"), derivatives={}, kind=Kind.VIDEO)
    world.clip_rows.append(row)
    world.files[row.digest] = path
    return row.digest


def xinjiang_shift(world: World) -> Proposal:
    """Return a suspected shift of two clips of the first camera."""
    clips = world.clip_rows[:2]
    starts = [clip.clock.start or DAY for clip in clips]
    device = DeviceId("DEV-1")
    files = tuple(clip.digest for clip in clips)
    return Proposal(ShiftScope.DEVICE, device, -7200.0, files, (), starts[0], starts[1], 2, (device,))


def seconds_in(page: Page) -> float:
    """Return where the player stands."""
    return float(page.evaluate("document.querySelector('video').currentTime"))


def test_a_clip_plays_and_its_frames_advance(world: World, site: str, tab: tuple[Page, list[str]]) -> None:
    """The original plays, the page has seen frames advance and says so, and the label shows the real clock."""
    page, troubles = tab
    page.goto(f"{site}/clips/{world.clip_rows[0].digest}")
    page.evaluate("document.querySelector('video').play()")
    expect(page.locator("#picture")).to_have_attribute("data-picture", "ok", timeout=10_000)
    expect(page.locator("#real-time")).to_have_text("2026-11-23 09:02:02 北京时间", timeout=10_000)
    assert page.evaluate("document.querySelector('video').videoWidth") == 640
    assert seconds_in(page) > 1
    assert troubles == []


def test_a_missing_picture_is_said(world: World, tmp_path: Path, site: str, tab: tuple[Page, list[str]]) -> None:
    """A clip that loads without a picture and without an error is named as such by the page itself."""
    page, _ = tab
    page.goto(f"{site}/clips/{add_broken_clip(world, tmp_path)}")
    expect(page.locator("#picture")).to_have_attribute("data-picture", "missing", timeout=10_000)
    expect(page.locator("#picture")).to_contain_text("没有画面")


def test_a_broken_file_is_said(world: World, tmp_path: Path, site: str, tab: tuple[Page, list[str]]) -> None:
    """A file that cannot be decoded is named as such."""
    page, _ = tab
    clip = world.clip_rows[0]
    world.files[clip.digest] = tmp_path / "broken.mp4"
    world.files[clip.digest].write_bytes(b"\0\0\0\x20ftypisom" + bytes(4000))
    page.goto(f"{site}/clips/{clip.digest}")
    expect(page.locator("#picture")).to_have_attribute("data-picture", "error", timeout=10_000)


def test_the_scrub_bar_shows_stills_and_seeks(world: World, site: str, tab: tuple[Page, list[str]]) -> None:
    """Pointing at the bar shows the still of that place with its real time; pressing goes there."""
    page, troubles = tab
    page.goto(f"{site}/clips/{world.clip_rows[0].digest}", wait_until="networkidle")
    bar = page.locator("#scrub")
    box = bar.bounding_box()
    assert box is not None
    bar.hover(position={"x": box["width"] * 0.75, "y": 20})
    still = page.locator("#scrub .still")
    expect(still).to_be_visible()
    expect(still.locator(".when")).to_have_text("2026-11-23 09:02:04 北京时间")
    frame = still.locator(".frame")
    expect(frame).to_have_css("background-position", "-160px -90px")
    expect(frame).to_have_css("width", "160px")
    bar.click(position={"x": box["width"] * 0.5, "y": 20})
    assert seconds_in(page) == pytest.approx(3.0, abs=0.1)
    bar.press("ArrowRight")
    assert seconds_in(page) == pytest.approx(6.0, abs=0.1)
    assert troubles == []


def test_frames_are_stepped_one_by_one(world: World, site: str, tab: tuple[Page, list[str]]) -> None:
    """Each step shows just the next frame or the one before, by the media time the browser presents."""
    page, _ = tab
    page.goto(f"{site}/clips/{world.clip_rows[0].digest}", wait_until="networkidle")
    page.evaluate(
        """() => { const video = document.querySelector('video'); window.seen = [];
        const note = (_, frame) => { seen.push(Math.round(frame.mediaTime * 25)); watch(); };
        const watch = () => video.requestVideoFrameCallback(note);
        watch(); video.currentTime = 1.0; }"""
    )
    expect_seen(page, 25)
    for button, frame in (("forward", 26), ("forward", 27), ("back", 26), ("back", 25), ("back", 24)):
        page.locator(f"#frame-{button}").click()
        expect_seen(page, frame)


def expect_seen(page: Page, frame: int) -> None:
    """Wait until the last frame that was shown is this one."""
    seen: list[int] = []
    for _ in range(100):
        seen = page.evaluate("window.seen")
        if seen and seen[-1] == frame:
            return
        page.wait_for_timeout(50)
    pytest.fail(f"frame {frame} was not shown: {seen}")


def test_the_first_page_is_live(world: World, site: str, tab: tuple[Page, list[str]]) -> None:
    """Progress, figures and the ledger move on the page without a reload; what is done leaves the list."""
    page, troubles = tab
    page.goto(site)
    row = page.locator('#under-way li[data-key="key-seal"]')
    expect(row.locator(".share")).to_have_text("42%")
    page.evaluate("window.sameDocument = true")
    first = world.under_way[0]
    world.under_way[0] = replace(first, share=0.9, stage="measure", since=DAY + timedelta(hours=9, seconds=5))
    expect(row.locator(".share")).to_have_text("90%", timeout=5_000)
    expect(row.locator(".stage")).to_have_text("检测")
    assert row.locator("progress").evaluate("bar => bar.value") == 0.9
    world.under_way.clear()
    world.record_view(world.clip_rows[0].digest, "甲")
    expect(page.locator("#under-way")).to_have_text("当前没有正在处理的文件。", timeout=5_000)
    expect(page.locator("#feed tr").first).to_contain_text("甲")
    expect(page.locator("#freshness")).to_have_text("实时")
    assert page.evaluate("window.sameDocument") is True
    assert troubles == []


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_no_page_complains_or_overflows(world: World, site: str, browser: Browser, locale: str) -> None:
    """No page reports an error or a breach of the policy, and none is wider than a desk's or a tablet's screen."""
    finding = world.finding_rows[0].finding.finding_id
    clips = [f"/clips/{world.clip_rows[at].digest}" for at in (0, 3, 5, 6)]
    world.shifts = [xinjiang_shift(world)]
    plain = ["/", "/clips", "/cases", "/findings", "/stations", "/ledger", "/clocks", "/devices/DEV-1/clock"]
    with opened(browser, locale=locale) as (page, troubles):
        for address in [*plain, f"/cases/{quote(CASE)}", f"/findings/{finding}", *clips]:
            page.set_viewport_size({"width": 1440, "height": 900})
            page.goto(site + address, wait_until="load")
            assert page.evaluate("document.documentElement.lang") == locale
            for width in (1440, 820):
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert troubles == []


def test_pages_work_without_scripts(world: World, site: str, browser: Browser) -> None:
    """With scripts switched off the first page still shows what is under way, and a clip still has its player."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    expect(page.locator("#under-way li").first).to_contain_text("42%")
    page.goto(f"{site}/clips/{world.clip_rows[0].digest}")
    expect(page.locator("video[controls]")).to_be_visible()
    context.close()


def test_a_finding_is_explained_in_the_page(world: World, site: str, tab: tuple[Page, list[str]]) -> None:
    """The form takes a name, a reason of the list, a note and a file, warns that names are not checked, and returns."""
    page, troubles = tab
    finding = world.finding_rows[0].finding.finding_id
    page.goto(f"{site}/findings/{finding}")
    form = page.locator("form.decision").first
    expect(form).to_contain_text("未认证")
    form.locator("[name=actor]").fill("阿依古丽")
    form.locator("[name=code]").select_option("其他说明")
    form.locator("[name=note]").fill("更换电池")
    form.locator("[name=file]").set_input_files({"name": "单.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"})
    form.locator("button").click()
    expect(page.locator(".notice.ok")).to_be_visible()
    assert world.decided == [("explain", finding, "阿依古丽", "TOLD", "更换电池", (("单.pdf", b"%PDF"),))]
    assert troubles == []


def test_a_shift_is_confirmed_in_one_act(world: World, site: str, tab: tuple[Page, list[str]]) -> None:
    """From the menu to the form: name and reason, one press, and the page says what was done."""
    page, troubles = tab
    world.shifts = [xinjiang_shift(world)]
    shift = world.shifts[0].shift
    page.goto(site)
    page.locator("nav a", has_text="时钟").click()
    row = page.locator(".shift")
    expect(row).to_contain_text("慢 2 小时（疑为新疆时间）")
    row.locator("summary").click()
    row.locator("[name=actor]").fill("阿依古丽")
    row.locator("[name=reason]").fill("采集站读数慢两小时")
    row.locator("button[value=confirm]").click()
    expect(page.locator(".notice.ok")).to_contain_text("已确认")
    assert world.decided == [("confirm_shift", shift, "阿依古丽", "采集站读数慢两小时")]
    assert troubles == []


def test_the_plot_is_walked_by_keyboard(site: str, tab: tuple[Page, list[str]]) -> None:
    """Marks of the drift plot take the focus one after another, each with words; nothing breaks the policy."""
    page, troubles = tab
    page.goto(f"{site}/devices/DEV-1/clock")
    marks = page.locator("svg.plot a, svg.plot [tabindex]")
    assert marks.count() >= 3
    titles = [marks.nth(at).locator("title").text_content() or "" for at in range(marks.count())]
    assert all(titles)
    marks.first.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('svg.plot')")
    assert any("北京时间" in title for title in titles)
    assert troubles == []
