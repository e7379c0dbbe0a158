"""Pages of what is confidential: no picture, no player, whom to call, and the forms that mark and withdraw."""

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from dashboard.web.app import create_app
from evidence.clips import Role
from evidence.secrecy import Mark, Marked, Secrecy
from tests.support.secrecy import STATE
from tests.support.web import CASE, DAY, Media, World, build_world

ORIGIN = "http://127.0.0.1"


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> World:
    """Return a world whose first clip a person marked as a state secret after its still was made."""
    clip, poster = tmp_path / "clip.mp4", tmp_path / "poster.jpg"
    clip.write_bytes(b"moving")
    poster.write_bytes(b"still")
    world = build_world(Media(clip, {Role.POSTER: poster}))
    first = world.clip_rows[0]
    mark = Mark(Marked.CLIP, first.digest, STATE.code, STATE.code, "李", "军事设施", DAY)
    world.clip_rows[0] = replace(first, secrecy=Secrecy(STATE, (mark,)))
    return world


@pytest.fixture(name="client")
def _client(world: World) -> TestClient:
    return TestClient(create_app(world.services()), base_url=ORIGIN, headers={"Origin": ORIGIN})


@pytest.mark.parametrize(
    ("locale", "words"),
    [("zh-CN", ("国家秘密", "请先联系保密员")), ("en", ("state secret", "Call the secrecy officer"))],
)
def test_a_secret_clip_shows_what_it_is_and_nothing_of_it(
    world: World, client: TestClient, locale: str, words: tuple[str, ...]
) -> None:
    """Number, times and digest are there; still, player and every address of media are not; the mark is told."""
    secret = world.clip_rows[0]
    page = client.get(f"/clips/{secret.digest}", params={"lang": locale}).text
    assert all(word in page for word in (*words, secret.digest, "军事设施"))
    assert f"/media/{secret.digest}" not in page
    assert "<video" not in page
    assert ">secrecy." not in page
    listed = client.get("/clips", params={"lang": locale}).text
    assert f"/media/{secret.digest}" not in listed
    assert words[0] in listed


def test_media_of_a_secret_clip_are_refused(world: World, client: TestClient) -> None:
    """Whoever knows the address gets 403 and the officer to call, in their language; other clips still play."""
    secret, still = world.clip_rows[0], world.clip_rows[0].derivatives[Role.POSTER]
    for address in (f"/media/{secret.digest}/original", f"/media/{secret.digest}/poster/{still.digest}"):
        answer = client.get(address, params={"lang": "zh-CN"})
        assert answer.status_code == 403
        assert "请先联系保密员" in answer.text
    world.clip_rows[0] = replace(secret, secrecy=None)
    assert client.get(f"/media/{secret.digest}/original").content == b"moving"


def test_json_says_the_class(world: World, client: TestClient) -> None:
    """Of a clip that is confidential, and null of one that is not."""
    secret, plain = (client.get(f"/api/clips/{clip.digest}").json()["secrecy"] for clip in world.clip_rows[:2])
    assert (secret["class"], secret["marks"][0]["by"], plain) == ("STATE_SECRET", "李", None)


def test_the_forms_mark_and_withdraw(world: World, client: TestClient) -> None:
    """In the name of a person with a reason; without either nothing happens."""
    digest, said = world.clip_rows[0].digest, {"actor": "王", "reason": "已解密"}
    done = client.post(f"/clips/{digest}/secrecy", data={**said, "word": ""}, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, f"/clips/{digest}?done=declassified#secrecy")
    client.post("/secrecy/cases", data={**said, "case_no": CASE, "word": "TRADE_SECRET"})
    assert client.post(f"/clips/{digest}/secrecy", data={"word": "TRADE_SECRET"}).status_code == 400
    assert world.decided == [
        ("classify", Marked.CLIP, digest, "", "王", "已解密"),
        ("classify", Marked.CASE, CASE, "TRADE_SECRET", "王", "已解密"),
    ]
    case = client.get(f"/cases/{CASE}", params={"lang": "en"}).text
    assert 'action="/secrecy/cases"' in case
