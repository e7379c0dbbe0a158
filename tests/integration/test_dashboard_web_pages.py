"""Pages and API over a small world: every page in both languages, forms, errors, hostile names."""

import json
import re
from dataclasses import replace
from html import unescape
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from dashboard.web.app import create_app
from evidence.errors import IntegrityError
from evidence.findings import FindingState
from evidence.ids import Digest
from evidence.reasons import Claim
from tests.support.reasons import BROKEN
from tests.support.web import CASE, HOSTILE, World, build_world, digest_of

ORIGIN = "http://127.0.0.1"


@pytest.fixture(name="world")
def _world() -> World:
    return build_world()


@pytest.fixture(name="client")
def _client(world: World) -> TestClient:
    return TestClient(create_app(world.services()), base_url=ORIGIN, headers={"Origin": ORIGIN})


def clip_of(world: World) -> Digest:
    """Return the digest of the first clip."""
    return world.clip_rows[0].digest


def addresses(world: World) -> list[str]:
    """Return an address of every page."""
    finding = world.finding_rows[0].finding.finding_id
    clips = [f"/clips/{clip.digest}" for clip in world.clip_rows]
    plain = ["/", "/clips", "/cases", "/findings", "/stations", "/ledger", "/clocks", "/devices/DEV-1/clock"]
    return [*plain, *clips, f"/cases/{quote(CASE)}", "/cases/2026/检-004", f"/findings/{finding}"]


@pytest.mark.parametrize(("locale", "words"), [("zh-CN", "北京时间"), ("en", "Beijing time")])
def test_every_page_speaks_the_language(world: World, client: TestClient, locale: str, words: str) -> None:
    """Every page answers in the language asked for, says which time it shows, and misses no word."""
    for address in addresses(world):
        answer = client.get(address, params={"lang": locale})
        assert answer.status_code == 200, address
        assert f'<html lang="{locale}">' in answer.text
        assert words in answer.text
        missing = [key for key in ("page.", "clip.", "case.", "enum.", "dashboard.") if f">{key}" in answer.text]
        assert missing == [], address


def test_the_choice_of_language_is_kept(client: TestClient) -> None:
    """A language chosen once holds for the next page."""
    client.get("/", params={"lang": "en"})
    assert '<html lang="en">' in client.get("/clips").text


def test_the_browser_is_asked_first(client: TestClient) -> None:
    """Without a choice the browser's wish decides, and Chinese is what is left."""
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "en-US"}).text
    assert '<html lang="zh-CN">' in client.get("/", headers={"Accept-Language": "fr"}).text


def test_a_hostile_file_name_is_only_text(client: TestClient) -> None:
    """A file name cannot become markup, turn the reading direction, or break the page with bytes that are no text."""
    page = client.get(f"/clips/{digest_of(HOSTILE)}").text
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert "\\u202egpj.\\xff" in unescape(page)
    assert "<script>alert" not in client.get("/clips").text
    listed = json.loads(client.get("/api/clips").content)
    assert HOSTILE in [clip["source_path"] for clip in listed["clips"]]


def test_a_clip_page_is_a_view(world: World, client: TestClient) -> None:
    """Opening a clip's page puts an entry in the ledger, under the acting person's name, before it is shown."""
    before = len(world.entries)
    page = client.get(f"/clips/{clip_of(world)}")
    assert len(world.entries) == before + 1
    body = json.loads(world.entries[-1].canonical)
    expected = ("access", "值班员", "unauthenticated", clip_of(world))
    assert (body["event"], body["actor"], body["authenticated"], body["subject"]) == expected
    assert f"entry-{before}" in page.text


def test_nobody_views_as_the_machine(world: World) -> None:
    """Where nobody gave a name, or gave the program's own, the ledger does not say that the machine viewed."""
    app = create_app(replace(world.services(), actor="system"))
    TestClient(app, base_url=ORIGIN, cookies={"evidock_actor": "system"}).get(f"/clips/{clip_of(world)}")
    body = json.loads(world.entries[-1].canonical)
    assert (body["actor"], body["authenticated"]) == ("anonymous", "unauthenticated")


def test_no_ledger_no_view(world: World) -> None:
    """When the view cannot be written, the clip is not shown."""

    def refuse(digest: Digest, actor: str) -> None:
        raise IntegrityError("the ledger cannot be written", subject=digest, cure=f"tell {actor}")

    client = TestClient(create_app(replace(world.services(), record_view=refuse)), base_url=ORIGIN)
    answer = client.get(f"/clips/{clip_of(world)}")
    assert answer.status_code == 500
    assert "<video" not in answer.text


@pytest.mark.parametrize("address", ["/clips/ffffffff", "/cases/none", "/findings/none", "/nowhere", "/static/none.js"])
def test_what_is_not_there_is_404(client: TestClient, address: str) -> None:
    """An unknown thing or page is answered with 404 and a page of ours."""
    answer = client.get(address)
    assert answer.status_code == 404
    assert "Evidock" in answer.text


def test_an_unknown_thing_in_the_api_is_json(client: TestClient) -> None:
    """The API says what was wrong as JSON, with the sentence a person can act on."""
    answer = client.get("/api/clips/ffffffff")
    assert answer.status_code == 404
    assert answer.json()["error"]["kind"] == "NotFoundError"
    assert client.get("/api/findings", params={"kind": "NO_SUCH"}).status_code == 422
    assert client.get("/clips", params={"page": 0}).status_code == 422


def test_a_fault_shows_no_insides(world: World) -> None:
    """An error nobody foresaw gives a page without its insides, under the security headers."""

    def break_down() -> list[object]:
        raise RuntimeError("secret detail")

    app = create_app(replace(world.services(), progress=break_down))  # type: ignore[arg-type]
    answer = TestClient(app, base_url=ORIGIN, raise_server_exceptions=False).get("/")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_filters_reach_the_register(world: World, client: TestClient) -> None:
    """The list shows what the filters leave, and says how many there are."""
    assert "MOV00012" in client.get("/clips", params={"linked": "no", "kind": "", "station": ""}).text
    photos = client.get("/api/clips", params={"kind": "photo"}).json()
    assert (photos["total"], photos["clips"][0]["kind"]) == (1, "photo")
    assert client.get("/api/clips", params={"limit": 2, "page": 2}).json()["clips"][0]["sha256"] == (
        world.clip_rows[2].digest
    )


def test_lien_finds_service_by_leaving(client: TestClient) -> None:
    """The word people use finds the findings of the procedures it may mean."""
    found = client.get("/api/findings", params={"alias": "lien"}).json()["findings"]
    assert [finding["procedure"] for finding in found] == ["SVC_LIEN"]


def test_a_claim_is_taken_in_a_name_with_reason_note_and_files(world: World, client: TestClient) -> None:
    """Explaining a finding hands all of the form on, returns to the finding, and remembers the name."""
    finding = world.finding_rows[0].finding.finding_id
    form = {"decision": "explain", "actor": "古丽·娜", "code": "TOLD", "note": "电池耗尽"}
    files = [("file", ("报修单.pdf", b"%PDF-1", "application/pdf")), ("file", ("", b"", "application/octet-stream"))]
    answer = client.post(f"/findings/{finding}/decisions", data=form, files=files)
    assert answer.status_code == 200
    assert world.decided == [("explain", finding, "古丽·娜", "TOLD", "电池耗尽", (("报修单.pdf", b"%PDF-1"),))]
    assert "古丽·娜" in client.get("/findings").text


def test_an_exemption_is_claimed_for_the_step(world: World, client: TestClient) -> None:
    """Claiming an exemption, on a finding or on the page of the case, claims it for the step."""
    finding = world.finding_rows[0].finding.finding_id
    form = {"actor": "甲", "code": "UNSUITABLE", "note": "防爆区"}
    client.post(f"/findings/{finding}/decisions", data={**form, "decision": "exempt"})
    answer = client.post(f"/cases/{CASE}/exemptions", data={**form, "step_no": "1"})
    assert answer.status_code == 200
    assert world.decided == [("exempt", CASE, "1", "甲", "UNSUITABLE", "防爆区", ())] * 2
    assert client.post(f"/cases/{CASE}/exemptions", data=form).status_code == 400
    assert len(world.decided) == 2


def test_the_forms_offer_the_reasons_that_fit_and_no_other(world: World, client: TestClient) -> None:
    """A finding's own reasons, those of an exemption where its article allows one; no field for free words alone."""
    early, missing = (world.finding_rows[place].finding.finding_id for place in (0, 1))
    page = client.get(f"/findings/{early}", params={"lang": "zh-CN"}).text
    assert re.findall(r'<option value="([A-Z]+)"', page) == ["TOLD", "UNSUITABLE"]
    assert 'name="reason"' not in page
    page = client.get(f"/findings/{missing}", params={"lang": "zh-CN"}).text
    assert re.findall(r'<option value="([A-Z]+)"', page) == ["BROKEN", "TOLD"]
    assert "执法记录仪损坏 · 须附材料" in page


def test_who_decides_sees_reason_note_and_files(world: World, client: TestClient) -> None:
    """Beside the buttons: the reason in the reader's language, the note, each file for download, and the claimant."""
    view, clip = world.finding_rows[0], world.clip_rows[0]
    claim = Claim("BROKEN", BROKEN.names, "<b>摔坏</b>", (clip.digest,), "", "test@1")
    world.finding_rows[0] = replace(view, state=FindingState.EXPLAIN_CLAIMED, claimed_by="李", claim=claim, reason="r")
    for lang, words in (("zh-CN", ("提出的理由", "执法记录仪损坏")), ("en", ("What is claimed", "camera broken"))):
        page = client.get(f"/findings/{view.finding.finding_id}", params={"lang": lang}).text
        assert [word for word in (*words, "&lt;b&gt;摔坏&lt;/b&gt;", "李") if word not in page] == []
        assert page.count(f"/media/{clip.digest}/original?download=true") == 2  # beside the buttons, and in its life
        assert re.findall(r'name="decision" value="(\w+)"', page) == ["grant", "refuse"]
    found = client.get("/api/findings", params={"state": "explain_claimed"}).json()["findings"][0]
    assert (found["claimed_by"], found["claim"]) == ("李", claim.as_plain())


def test_a_claim_of_before_the_list_is_shown_in_its_words(world: World, client: TestClient) -> None:
    """What was claimed in free words stays readable, and says that it is of no list."""
    view = world.finding_rows[0]
    world.finding_rows[0] = replace(view, state=FindingState.EXPLAIN_CLAIMED, claimed_by="李", reason="电池耗尽了")
    page = client.get(f"/findings/{view.finding.finding_id}", params={"lang": "zh-CN"}).text
    assert "电池耗尽了" in page
    assert "未对应清单中的理由" in page


@pytest.mark.parametrize("actor", ["", "   ", "System"])
def test_a_claim_needs_a_name(world: World, client: TestClient, actor: str) -> None:
    """Without the name of a person nothing is claimed."""
    finding = world.finding_rows[0].finding.finding_id
    form = {"decision": "explain", "actor": actor, "code": "TOLD", "note": "why"}
    assert client.post(f"/findings/{finding}/decisions", data=form).status_code == 400
    assert world.decided == []


def test_a_decision_needs_a_reason_and_is_one_of_four(client: TestClient, world: World) -> None:
    """Approving without words, or doing what there is not, is refused."""
    finding = world.finding_rows[0].finding.finding_id
    for form in ({"decision": "grant", "actor": "乙", "reason": " \n "}, {"decision": "forget", "actor": "乙"}, {}):
        assert client.post(f"/findings/{finding}/decisions", data=form).status_code == 400


def test_what_the_house_refuses_is_shown(world: World, client: TestClient) -> None:
    """An error of a decision comes back with its own words and the status of its family."""
    finding = world.finding_rows[0].finding.finding_id
    answer = client.post(f"/findings/{finding}/decisions", data={"decision": "grant", "actor": "乙", "reason": "好"})
    assert answer.status_code == 400
    assert "nothing is claimed" in answer.text


def test_a_clip_is_linked_by_hand(world: World, client: TestClient) -> None:
    """The forms of a clip hang it on a step and take it off."""
    address = f"/clips/{clip_of(world)}/links"
    form = {"case_no": f" {CASE} ", "step_no": "2", "actor": "甲", "reason": "同一现场"}
    assert client.post(address, data={**form, "hanging": "link"}).status_code == 200
    assert client.post(address, data={**form, "hanging": "unlink"}).status_code == 200
    assert [decision[0] for decision in world.decided] == ["link", "unlink"]
    assert client.post(address, data={**form, "hanging": "link", "step_no": "77"}).status_code == 404


def test_the_live_answer_names_what_the_page_shows(client: TestClient) -> None:
    """Each place that the first page marks for a live figure gets one from the live answer."""
    import re

    marked = set(re.findall(r'data-live="([^"]+)"', client.get("/").text))
    live = client.get("/api/live").json()
    assert marked
    assert marked - set(live["figures"]) == set()
    assert [(item["share"], item["stage_word"]) for item in live["under_way"]] == [
        (0.42, "复制并封存"),
        (0.87, "转码与质检"),
    ]


def test_the_timeline_is_drawn_by_the_server(client: TestClient) -> None:
    """Without any script the case page shows steps, footage, and the uncovered stretch in red with its article."""
    page = client.get(f"/cases/{CASE}").text
    assert page.count('class="gap"') == 2
    assert page.count('class="footage ') >= 3
    assert "第 23 条" in page


def test_the_api_uses_the_documented_names(world: World, client: TestClient) -> None:
    """Lists stand under the command's own name, and single things are as in the lists."""
    for name in ("clips", "cases", "steps", "findings", "stations", "ledger"):
        assert client.get(f"/api/{name}").json()[name], name
    case = client.get(f"/api/cases/{CASE}").json()
    assert [step["step_no"] for step in case["steps"]] == ["1", "2", "3", "4", "5"]
    assert client.get(f"/api/clips/{clip_of(world)[:12]}").json()["sha256"] == clip_of(world)
    assert client.get("/api/status").json()["disk"]["free_bytes"] == 130_000_000_000
    assert client.get("/healthz").json()["ok"] is True


def test_the_ledger_pages_back(world: World, client: TestClient) -> None:
    """The ledger shows the newest entries first and pages to older ones; one thing's entries can be asked for."""
    first = client.get("/ledger").text
    assert first.index(f"entry-{len(world.entries) - 1}") < first.index("entry-0")
    assert "entry-9" not in client.get("/ledger", params={"before": 5}).text
    assert client.get("/ledger", params={"subject": clip_of(world)}).text.count('id="entry-') == 5


def test_no_page_carries_script_or_style_inside(world: World, client: TestClient) -> None:
    """Scripts and styles come from our own files only, so the policy needs no exception."""
    import re

    for address in addresses(world):
        page = client.get(address).text
        assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
        assert re.findall(r"<style|\sstyle=|\son[a-z]+=", page) == []
        assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []
