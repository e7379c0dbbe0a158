"""Pages and API of clocks over a small world: what is shown, what is decided, what is refused, hostile names."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from dashboard.web.app import create_app
from dashboard.web.waiting import WaitingShifts
from evidence.claims import Anchor, Claims, ClaimSource, TimeClaim, ZoneBasis
from evidence.clips import Kind, Playable
from evidence.clock import ClockVerdict, Proposal, ShiftScope
from evidence.custody import Actor, Authenticated, EventType
from evidence.docking import DockedFile, DockRecord
from evidence.findings import FindingKind, StepState
from evidence.ids import DeviceId, Digest
from evidence.shift_names import shift_id
from evidence.spans import Span
from tests.support.web import CASE, DAY, World, build_world, digest_of

ORIGIN = "http://127.0.0.1"
HOSTILE = "D/<script>alert(1)</script>\u202e\"'&\udcff"
FORM = {"verdict": "confirm", "actor": "古丽·娜", "reason": "与采集站读数一致"}


@pytest.fixture(name="world")
def _world() -> World:
    world = build_world()
    first = world.clip_rows[0]
    assert first.clock.start is not None
    files = tuple(clip.digest for clip in world.clip_rows[:2])
    until = first.clock.start + timedelta(minutes=20)
    step = (CASE, world.step_rows[0].step.step_no)
    device = DeviceId("DEV-1")
    shift = Proposal(ShiftScope.DEVICE, device, -7200.0, files, (step,), first.clock.start, until, 2, (device,))
    record = replace(shift, scope=ShiftScope.UNIT, target=HOSTILE, shift_s=7200.0, of_record=True, witnessed=0)
    world.shifts = [record, shift]
    return world


@pytest.fixture(name="client")
def _client(world: World) -> TestClient:
    return TestClient(create_app(world.services()), base_url=ORIGIN, headers={"Origin": ORIGIN})


def text_of(page: str) -> str:
    """Return a page's words, one space between them."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        (
            "zh-CN",
            [
                "疑似偏移",
                "慢 2 小时（疑为新疆时间）",
                "文书时间比记录仪慢 2 小时",
                "更正下列环节的登记后重新导入",
                "北京时间",
            ],
        ),
        ("en", ["Suspected shifts", "2 h behind (Xinjiang time?)", "record is 2 h behind the cameras", "Beijing time"]),
    ],
)
def test_the_page_shows_what_waits(client: TestClient, locale: str, words: list[str]) -> None:
    """What, the shift in words, evidence with links, both times of an example; no word is missing."""
    page = client.get("/clocks", params={"lang": locale}).text
    said = text_of(page)
    assert [word for word in [*words, "2026-11-23 09:02:00", "2026-11-23 11:02:00"] if word not in said] == []
    assert f'href="/cases/{quote(CASE)}#step-1"' in page
    assert 'href="/devices/DEV-1/clock"' in page
    assert re.findall(r">\s*(?:shifts|camera|enum|claim|verdict|offset|drift)\.[a-z_.]+", page) == []


def test_the_menu_counts_what_waits(world: World, client: TestClient) -> None:
    """Every page's menu says how many shifts wait; the count follows a decision at once."""
    assert '<span class="nav-count" title="2 ' in client.get("/cases", params={"lang": "en"}).text
    name = shift_id(world.shifts.pop())
    assert client.post(f"/clocks/{name}", data=FORM).status_code == 404
    assert "nav-count" in client.get("/clocks").text
    world.shifts.clear()
    client.get("/clocks")
    assert "nav-count" not in client.get("/cases").text


def test_the_menu_does_not_ask_again_within_a_minute() -> None:
    """The count is kept for a minute by the clock, then asked for beside the page."""
    asked: list[int] = []
    now = [DAY]

    def ask() -> list[Proposal]:
        asked.append(1)
        return []

    waiting = WaitingShifts(ask, lambda: now[0])
    assert [waiting.count() for _ in range(3)] == [0, 0, 0]
    assert len(asked) == 1
    now[0] = DAY + timedelta(minutes=2)
    waiting.count()
    with waiting._asking:  # held while it is asked anew
        assert len(asked) == 2


@pytest.mark.parametrize("verdict", ["confirm", "refuse"])
def test_a_shift_is_decided_in_one_act(world: World, client: TestClient, verdict: str) -> None:
    """The post hands on just the shift that was shown, with name and reason, and comes back with what moved."""
    shift = world.shifts[1]
    answer = client.post(f"/clocks/{shift_id(shift)}", data={**FORM, "verdict": verdict}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/clocks?done={verdict}&moved=0&files=2")
    assert world.decided == [(f"{verdict}_shift", shift.shift, "古丽·娜", "与采集站读数一致")]
    assert 'role="status"' in client.get(answer.headers["location"]).text


@pytest.mark.parametrize("query", ["done=<i>", "done=confirm&moved=<i>", "done=confirm&moved=-1", "moved=9e99"])
def test_what_the_address_says_was_done_is_checked(client: TestClient, query: str) -> None:
    """Only known words and counts come into the message."""
    page = client.get(f"/clocks?{query}")
    assert page.status_code in {200, 422}
    assert "<i>" not in page.text
    assert "notice ok" not in page.text


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"actor": ""}, 400), ({"reason": " "}, 400), ({"actor": "System"}, 400), ({"verdict": "maybe"}, 422)],
)
def test_a_decision_needs_name_reason_and_verdict(
    world: World, client: TestClient, changes: dict[str, str], status: int
) -> None:
    """Without them nothing is decided."""
    assert client.post(f"/clocks/{shift_id(world.shifts[1])}", data=FORM | changes).status_code == status
    assert world.decided == []


def test_a_record_can_only_be_refused(world: World, client: TestClient) -> None:
    """Where the record is off there is no button to confirm, and a post that tries is refused in words."""
    name = shift_id(world.shifts[0])
    page = client.get("/clocks", params={"lang": "en"}).text
    form = re.search(rf'action="/clocks/{name}".*?</form>', page, re.DOTALL)
    assert form is not None
    assert 'value="confirm"' not in form[0]
    assert 'value="refuse"' in form[0]
    answer = client.post(f"/clocks/{name}", data=FORM, params={"lang": "en"})
    assert (answer.status_code, "import the record again" in answer.text) == (400, True)
    assert client.post(f"/clocks/{name}", data={**FORM, "verdict": "refuse"}).status_code == 200
    assert [one[0] for one in world.decided] == ["refuse_shift"]


def test_a_changed_proposal_is_not_decided(world: World, client: TestClient) -> None:
    """When files outside the shown stretch have come meanwhile, the old form finds nothing to decide."""
    old = world.shifts[1]
    world.shifts[1] = replace(old, until=old.until + timedelta(days=1))
    answer = client.post(f"/clocks/{shift_id(old)}", data=FORM, params={"lang": "en"})
    assert (answer.status_code, world.decided) == (404, [])


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example"])
def test_a_foreign_post_decides_nothing(world: World, origin: str | None) -> None:
    """A form from another site is refused."""
    client = TestClient(create_app(world.services()), base_url=ORIGIN)
    headers = {} if origin is None else {"Origin": origin}
    assert client.post(f"/clocks/{shift_id(world.shifts[1])}", data=FORM, headers=headers).status_code == 403
    assert world.decided == []


def test_hostile_names_are_only_text(world: World, client: TestClient) -> None:
    """A unit or camera whose name is markup stays text, in the page, in links, and in its own page's address."""
    page = client.get("/clocks").text
    assert "<script>alert" not in page
    assert "\u202e" not in page
    named = DeviceId(HOSTILE.encode("utf-8", "replace").decode().replace("?", ""))
    world.clip_rows[0] = replace(world.clip_rows[0], device_id=named)
    link = re.search(r'href="(/devices/[^"]+/clock)"', client.get(f"/clips/{world.clip_rows[0].digest}").text)
    assert link is not None
    camera = client.get(unescape(link[1]))
    assert camera.status_code == 200
    assert "<script>alert" not in camera.text
    assert client.get("/devices/../../etc/clock").status_code == 404
    assert client.get("/devices/nobody/clock").status_code == 404


@pytest.mark.parametrize(("locale", "words"), [("zh-CN", "慢 40 秒"), ("en", "ran 40 s behind")])
def test_a_camera_has_its_plot_and_table(client: TestClient, locale: str, words: str) -> None:
    """The last docking in words, a plot drawn by the server with titles, and no script or style inside the page."""
    page = client.get("/devices/DEV-1/clock", params={"lang": locale}).text
    assert words in text_of(page)
    assert '<svg class="plot"' in page
    assert page.count("<title>") > 3
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page) == []
    assert re.findall(r">\s*(?:camera|enum|offset|drift|time)\.[a-z_.]+", page) == []
    assert client.get("/devices/DEV-1/clock", params={"show": "all"}).status_code == 200


def test_claims_stand_in_order_of_what_they_say(world: World, client: TestClient) -> None:
    """For the time comes first, against it next, then what is not believed, then what says nothing of it."""
    clip = world.clip_rows[0]
    start = clip.clock.start
    assert start is not None

    def claim(source: ClaimSource, seconds: float) -> TimeClaim:
        return TimeClaim(source, source.value, start + timedelta(seconds=seconds), ZoneBasis.LOCAL, Anchor.START)

    late = claim(ClaimSource.MAKER, 40 * 86_400)
    times = (*clip.claims.times[1:], late, claim(ClaimSource.ONSCREEN, -7200), claim(ClaimSource.FILE_NAME, 0))
    world.clip_rows[0] = replace(clip, claims=Claims(times, clip.claims.identities))
    page = client.get(f"/clips/{clip.digest}", params={"lang": "en"}).text
    assert re.findall(r'class="stance-row-(\w+)"', page) == ["for", "against", "unbelieved", "beside"]
    assert "2 h earlier" in page
    assert "The recording began" in page


def test_what_agrees_only_by_the_clocks_own_offset_says_so(world: World, client: TestClient) -> None:
    """After a shift was taken off, the file name still stands for the time, and differs by just that shift."""
    clip = world.clip_rows[0]
    assert clip.clock.span is not None
    off = timedelta(hours=2)
    moved = Span(clip.clock.span.start + off, clip.clock.span.end + off)
    world.clip_rows[0] = replace(clip, clock=replace(clip.clock, span=moved, offset_s=-7200.0))
    said = text_of(client.get(f"/clips/{clip.digest}", params={"lang": "en"}).text)
    assert "2 h earlier: just what was taken off the camera's clock" in said


def test_the_ledger_tells_a_decision_in_words(world: World, client: TestClient) -> None:
    """Scope, shift and stretch of a decision on a clock are read as people say them."""
    detail = {"decision": "confirm_shift", "scope": "device", "target_name": "DEV-1", "shift_s": -7200}
    detail |= {"since": "2026-11-23T01:02:00Z", "until": None}
    world.log(EventType.DECIDED, actor=Actor("甲", Authenticated.UNAUTHENTICATED), detail=detail)
    said = text_of(client.get("/ledger", params={"lang": "en"}).text)
    expected = (
        "ran 2 h behind (Xinjiang time?)",
        "2026-11-23 09:02:00 Beijing time",
        "confirm a clock's shift",
        "camera",
    )
    assert [words for words in expected if words not in said] == []


def test_a_disputed_clip_does_not_look_exact(world: World, client: TestClient) -> None:
    """A start that is not believed is written to the minute with a mark, in the list; its spread in round words."""
    disputed = next(clip for clip in world.clip_rows if clip.clock.verdict is ClockVerdict.DISPUTED)
    at = world.clip_rows.index(disputed)
    world.clip_rows[at] = replace(disputed, clock=replace(disputed.clock, uncertainty_s=7203.4))
    said = text_of(client.get("/clips", params={"lang": "en"}).text)
    assert "≈ 2026-11-23 14:30 clock disputed ±2 h 1 min" in said
    assert "2026-11-23 14:30:00" not in said


def test_a_docks_record_shows_which_files_came(world: World, client: TestClient) -> None:
    """The page of a record lists its files, linked where they have come."""
    record = DockRecord(DeviceId("DEV-1"), DAY, files=(DockedFile("a.mp4", 1), DockedFile("b.mp4", 2)))
    digest = digest_of("record")
    row = replace(world.clip_rows[0], digest=digest, kind=Kind.OTHER, playable=Playable.NO, derivatives={})
    world.clip_rows.append(replace(row, docking=record, arrived={"a.mp4": Digest("a" * 64)}))
    page = client.get(f"/clips/{digest}", params={"lang": "en"}).text
    assert 'id="dock-record"' in page
    assert f'href="/clips/{"a" * 64}"' in page
    assert 'id="dock-record"' not in client.get(f"/clips/{world.clip_rows[0].digest}").text


def test_a_suspected_clock_leads_to_the_page(world: World, client: TestClient) -> None:
    """The finding and its case lead to where it is decided, and the step's state has a style of its own."""
    found = world.finding_rows[0]
    suspected = replace(found, finding=replace(found.finding, kind=FindingKind.CLOCK_SHIFT_SUSPECTED))
    world.finding_rows[0] = suspected
    world.step_rows[0] = replace(world.step_rows[0], state=StepState.SUSPECTED_CLOCK, findings=(suspected,))
    for address in (f"/findings/{found.finding.finding_id}", f"/cases/{quote(CASE)}"):
        assert 'href="/clocks#shifts"' in client.get(address).text
    styles = "".join(client.get(f"/static/css/{name}.css").text for name in ("house", "evidence"))
    assert ".step-suspected_clock" in styles
    assert ".step-box-suspected_clock" in styles


def test_the_api_has_both(world: World, client: TestClient) -> None:
    """A camera's clock under ``clock``, the shifts that wait under ``shifts`` with their names."""
    clock = client.get("/api/clock/DEV-1").json()["clock"]
    assert (clock["device_id"], clock["readings"][0]["offset_s"]) == ("DEV-1", -40.0)
    body = client.get("/api/shifts").json()
    assert [one["shift_id"] for one in body["shifts"]] == [shift_id(one) for one in world.shifts]
    assert body["decisions"] == []
    assert client.get("/api/clock/nobody").status_code == 404
