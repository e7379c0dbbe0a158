"""The page of suggestions over a small world: what is shown, what is decided in one act, and what is not taken."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from dashboard.web.app import create_app
from dashboard.web.routes_suggestions import name_of
from evidence.ids import StepNo
from evidence.notes import note
from evidence.spans import Span
from evidence.suggesting import Ground, Pair, Suggestion, SuggestionView
from tests.support.web import CASE, DAY, World, build_world

ORIGIN = "http://127.0.0.1"
WHO = {"actor": "古丽·娜", "reason": "同车前往"}


@pytest.fixture(name="world")
def _world() -> World:
    world = build_world()
    span = Span(DAY + timedelta(minutes=2), DAY + timedelta(minutes=22))
    overlap = note("score.overlap", of_step_pct=50.0, of_clip_pct=100.0, uncertainty_s=5.0, value="1.00")
    for clip, ground, score in zip(world.clip_rows[4:6], (Ground.CLOCK, Ground.STATION), (0.45, 0.285), strict=True):
        said = (note(f"suggest.{ground}", officer="E002"), overlap)
        one = Suggestion(clip.digest, CASE, StepNo("1"), ground, score, span, said)
        world.suggested.append(SuggestionView(one, "SITE_CHECK", DAY))
    return world


@pytest.fixture(name="client")
def _client(world: World) -> TestClient:
    return TestClient(create_app(world.services()), base_url=ORIGIN, headers={"Origin": ORIGIN})


def text_of(page: str) -> str:
    """Return a page's words, one space between them."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def picks(world: World) -> list[str]:
    """Return what the form sends back for every suggestion."""
    return [name_of(one) for one in world.suggested]


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        (
            "zh-CN",
            ["待确认的关联", "时间不可信", "占环节 50%、占片段 100%", "不计入覆盖", "0.45", "确认所选", "驳回所选"],
        ),
        ("en", ["Suggested links", "time not believed", "50% of the step", "Confirm selected", "nobody named"]),
    ],
)
@pytest.mark.parametrize("address", ["/suggestions", f"/cases/{quote(CASE)}"])
def test_what_waits_is_shown_with_its_score_explained(
    client: TestClient, address: str, locale: str, words: list[str]
) -> None:
    """On the page of its own and on the case's: score, why a person is asked, each part in words; no word missing."""
    page = client.get(address, params={"lang": locale}).text
    said = text_of(page)
    assert [word for word in words if word not in said] == []
    assert page.count('type="checkbox"') == 2
    assert re.findall(r">\s*(?:suggest|score|enum)\.[a-z_.]+", page) == []


@pytest.mark.parametrize(("verdict", "word"), [("confirm", "confirm_link"), ("refuse", "refuse_link")])
def test_several_are_decided_in_one_act(client: TestClient, world: World, verdict: str, word: str) -> None:
    """Who, why and every pair reach the desk at once; the name is kept for the next form."""
    form = {**WHO, "verdict": verdict, "pick": picks(world)}
    answer = client.post("/suggestions", data=form, follow_redirects=False)
    assert answer.headers["location"] == f"/suggestions?done={verdict}&decided=2"
    pairs = tuple(Pair(one.suggestion.digest, CASE, StepNo("1")) for one in world.suggested)
    assert world.decided == [(word, pairs, "古丽·娜", "同车前往")]
    assert "evidock_actor" in answer.cookies
    assert "2" in text_of(client.get(answer.headers["location"]).text)


def test_from_a_case_one_comes_back_to_it(client: TestClient, world: World) -> None:
    """The form of a case's page leads back there, and nowhere else whatever it sends."""
    form = {**WHO, "verdict": "confirm", "pick": picks(world)[:1], "case_no": CASE}
    answer = client.post("/suggestions", data=form, follow_redirects=False)
    assert answer.headers["location"].startswith(f"/cases/{quote(CASE)}?done=confirm")
    form["case_no"] = "//evil.example/\r\nX: y"
    location = client.post("/suggestions", data=form, follow_redirects=False).headers["location"]
    assert location.startswith("/cases/")


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"verdict": "confirm"}, 404),
        ({"verdict": "confirm", "pick": ["nonsense"]}, 400),
        ({"verdict": "confirm", "pick": ["ab/1/C"]}, 404),
        ({"verdict": "confirm", "pick": ["ab/1/C"], "reason": ""}, 400),
        ({"verdict": "burn"}, 422),
    ],
)
def test_what_cannot_be_decided_is_refused(
    client: TestClient, world: World, form: dict[str, object], status: int
) -> None:
    """No choice, one that names nothing or does not wait, no reason, no such verdict: nothing is decided."""
    assert client.post("/suggestions", data={**WHO, **form}, follow_redirects=False).status_code == status
    assert world.decided == []


def test_a_foreign_page_decides_nothing(client: TestClient, world: World) -> None:
    """A form from another origin is refused at the door."""
    form = {**WHO, "verdict": "confirm", "pick": picks(world)}
    assert client.post("/suggestions", data=form, headers={"Origin": "http://evil.example"}).status_code == 403
    assert world.decided == []


def test_the_clip_says_where_it_may_belong(client: TestClient, world: World) -> None:
    """Its page leads to the case where somebody decides."""
    page = client.get(f"/clips/{world.suggested[0].suggestion.digest}", params={"lang": "en"}).text
    assert f'href="/cases/{quote(CASE)}#suggestions"' in page
    assert "waits for a person" in text_of(page)


def test_the_api_lists_what_waits(client: TestClient) -> None:
    """Under the names of the command line."""
    [first, second] = client.get("/api/suggestions", params={"case_no": CASE}).json()["suggestions"]
    assert (first["ground"], first["score"], first["step_no"]) == ("clock", 0.45, "1")
    assert second["overlap"]["start"] == "2026-11-23T01:02:00Z"
