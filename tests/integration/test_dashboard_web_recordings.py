"""Pages over a session of four files of a shared camera: shown, walked, linked and confirmed as one."""

import re
from html import unescape
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from dashboard.web.app import create_app
from evidence.views import ClipView
from tests.support.sessions import recorded_world
from tests.support.web import CASE, World

ORIGIN = "http://127.0.0.1"
Site = tuple[TestClient, World, list[ClipView]]


@pytest.fixture(name="site")
def _site() -> Site:
    world, parts = recorded_world()
    return TestClient(create_app(world.services()), base_url=ORIGIN, headers={"Origin": ORIGIN}), world, parts


def text_of(page: str) -> str:
    """Return a page's words, one space between them."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["Part 2 of 4 of a recording", "previous part", "next part", "shared camera"]),
        ("zh-CN", ["同一次录制的第 2 段，共 4 段", "上一段", "下一段", "共用记录仪"]),
    ],
)
def test_a_part_shows_its_place_and_the_way_on(site: Site, lang: str, words: list[str]) -> None:
    """Which part of how many, from when to when; links to all the others, the one before and the one after."""
    client, _, parts = site
    page = client.get(f"/clips/{parts[1].digest}", params={"lang": lang}).text
    said = text_of(page)
    assert [word for word in words if word not in said] == []
    assert "陈静" in said
    assert "买买提·艾力" in said
    assert f'rel="prev" href="/clips/{parts[0].digest}"' in page
    assert f'rel="next" href="/clips/{parts[2].digest}"' in page
    assert all(f'href="/clips/{one.digest}"' in page for one in parts if one is not parts[1])


def test_the_first_and_the_last_part_lead_no_further(site: Site) -> None:
    """No way back before the first, none on after the last; a clip that stands alone has no such line."""
    client, world, parts = site
    first, last = (client.get(f"/clips/{one.digest}").text for one in (parts[0], parts[3]))
    assert ('rel="prev"' in first, 'rel="next"' in first) == (False, True)
    assert ('rel="prev"' in last, 'rel="next"' in last) == (True, False)
    alone = client.get(f"/clips/{world.clip_rows[4].digest}").text
    assert 'class="recording"' not in alone
    assert "whole_recording" not in alone


def test_a_list_heads_the_parts_of_one_recording(site: Site) -> None:
    """One heading over the four parts, each with its number; other clips stand as they did."""
    client, world, parts = site
    page = client.get("/clips", params={"lang": "en"}).text
    assert page.count('class="recording-head"') == 1
    assert page.count('class="recording-part"') == 4
    said = text_of(page)
    assert "One recording in 4 parts" in said
    assert [f"part {n} of 4" in said for n in range(1, 5)] == [True] * 4
    assert page.count("<tr") == len(world.clip_rows) + 2
    assert len(parts) == 4


def test_a_step_and_the_suggestions_show_the_recording_as_one(site: Site) -> None:
    """At the step two linked parts stand under one heading; two that wait are one row, one folded in it."""
    client, _, parts = site
    page = client.get(f"/cases/{quote(CASE)}", params={"lang": "en"}).text
    assert page.count('class="recording-links"') == 1
    assert ">1/4</a>" in page
    assert ">2/4</a>" in page
    waiting = client.get("/suggestions", params={"lang": "en"}).text
    assert waiting.count("Confirming links all 4 parts") == 1
    assert "more parts of it that wait: 1" in waiting
    assert parts[3].digest in waiting


@pytest.mark.parametrize(("ticked", "word"), [(True, "link_recording"), (False, "link")])
def test_the_form_links_the_whole_recording_unless_unticked(site: Site, ticked: bool, word: str) -> None:
    """The box is ticked where there are parts, and what is sent decides."""
    client, world, parts = site
    page = client.get(f"/clips/{parts[2].digest}").text
    assert re.search(r'name="whole_recording" value="true" checked', page)
    form = {"hanging": "link", "case_no": CASE, "step_no": "1", "actor": "古丽", "reason": "同一次录制"}
    form |= {"whole_recording": "true"} if ticked else {}
    answer = client.post(f"/clips/{parts[2].digest}/links", data=form, follow_redirects=False)
    assert answer.status_code == 303
    assert world.decided == [(word, parts[2].digest, CASE, "1", "古丽", "同一次录制")]


def test_the_json_names_the_recording_and_all_officers(site: Site) -> None:
    """`recording` with id, part, parts, start and end, nothing of a clip alone; `officers` of both."""
    client, _, parts = site
    found = client.get("/api/clips").json()["clips"]
    mine = next(one for one in found if one["sha256"] == parts[1].digest)
    assert (mine["officers"], mine["officer_id"]) == (["E001", "E002"], "E001")
    assert {name: mine["recording"][name] for name in ("id", "part", "parts")} == {
        "id": parts[0].digest,
        "part": 2,
        "parts": 4,
    }
    assert found[-1]["recording"] is None
