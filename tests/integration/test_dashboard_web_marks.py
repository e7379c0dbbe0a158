"""Marks on the pages over a small world: what is offered, set and withdrawn, and the reviewer's checklist of a case."""

import re
from html import unescape
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from dashboard.web.app import create_app
from evidence.ids import Digest
from tests.support.web import CASE, World, build_world

ORIGIN = "http://127.0.0.1"


@pytest.fixture(name="world")
def _world() -> World:
    return build_world()


@pytest.fixture(name="client")
def _client(world: World) -> TestClient:
    return TestClient(create_app(world.services()), base_url=ORIGIN, headers={"Origin": ORIGIN})


@pytest.fixture(name="clip")
def _clip(world: World) -> Digest:
    """Return a clip of a site check."""
    return world.clip_rows[0].digest


def text_of(page: str) -> str:
    """Return a page's words, one space between them."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_the_clip_page_offers_what_its_procedure_asks_for(client: TestClient, clip: Digest) -> None:
    """Buttons with their keys for the marks of a site check and for those of all; not those of a seizure."""
    page = client.get(f"/clips/{clip}", params={"lang": "zh-CN"}).text
    assert re.findall(r'name="template" value="(\w+)"', page) == ["ID_SHOWN", "SAMPLING_POINT", "END"]
    assert re.findall(r'data-key="(\d)"', page) == ["1", "2", "3"]
    assert re.findall(r">\s*(?:marks|enum)\.[a-z_.]+", page) == []


@pytest.mark.parametrize(("locale", "name"), [("zh-CN", "出示执法证件"), ("en", "ID shown")])
def test_a_mark_is_set_shown_and_withdrawn(
    client: TestClient, world: World, clip: Digest, locale: str, name: str
) -> None:
    """It comes back to its moment, stands on the scrub bar, in the table with its real time, and in the checklist."""
    form = {"at_s": "0:03.5", "template": "ID_SHOWN", "actor": "古丽·娜", "note": "<b>双方</b>", "text": ""}
    answer = client.post(f"/clips/{clip}/marks", data=form, follow_redirects=False)
    assert answer.headers["location"] == f"/clips/{clip}?done=mark&at=3.5#marks"
    page = client.get(f"/clips/{clip}", params={"lang": locale, "at": "3.5"}).text
    assert 'data-at="3.5"' in page
    assert page.count('class="flag"') == 1
    assert "&lt;b&gt;双方&lt;/b&gt;" in page
    said = text_of(page)
    assert name in said
    assert "2026-11-23 09:02:03" in said
    case = client.get(f"/cases/{quote(CASE)}", params={"lang": locale}).text
    assert f'href="/clips/{clip}?at=3.5#player"' in case
    assert "1 / 3" in text_of(case)
    [mark] = world.mark_rows
    gone = {"actor": "李", "reason": "看错了"}
    client.post(f"/clips/{clip}/marks/{mark.marker_id}", data=gone, follow_redirects=False)
    after = client.get(f"/clips/{clip}", params={"lang": locale}).text
    assert 'class="flag"' not in after
    assert "看错了" in text_of(after)
    assert "0 / 3" in text_of(client.get(f"/cases/{quote(CASE)}").text)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"at_s": "x", "template": "END", "actor": "李"}, 400),
        ({"at_s": "1", "actor": "李"}, 400),
        ({"at_s": "1", "template": "END", "actor": ""}, 400),
        ({"at_s": "1", "template": "END", "actor": "system"}, 400),
    ],
)
def test_what_cannot_be_marked_is_refused(
    client: TestClient, world: World, clip: Digest, form: dict[str, str], status: int
) -> None:
    """No moment, nothing named, nobody named, the program itself: nothing is set."""
    assert client.post(f"/clips/{clip}/marks", data=form).status_code == status
    assert world.mark_rows == []


def test_a_foreign_page_marks_nothing(client: TestClient, world: World, clip: Digest) -> None:
    """A form from another origin is refused at the door."""
    form = {"at_s": "1", "template": "END", "actor": "李"}
    assert client.post(f"/clips/{clip}/marks", data=form, headers={"Origin": "http://evil.example"}).status_code == 403
    assert world.mark_rows == []


def test_the_api_lists_marks(client: TestClient, clip: Digest) -> None:
    """Under the names of the command line, by clip and by case."""
    client.post(f"/clips/{clip}/marks", data={"at_s": "2", "text": "排污口", "actor": "李"}, follow_redirects=False)
    [mark] = client.get("/api/marks", params={"digest": clip}).json()["marks"]
    assert (mark["text"], mark["template"], mark["real_at"]) == ("排污口", "", "2026-11-23T01:02:02Z")
    assert client.get("/api/marks", params={"case_no": CASE}).json()["marks"] == [mark]
