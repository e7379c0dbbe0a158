"""The door: foreign names, foreign posts, and what browsers are told."""

import pytest
from fastapi.testclient import TestClient

from dashboard.web.app import create_app
from dashboard.web.guard import host_name
from tests.support.web import World, build_world

FORM = {"decision": "explain", "actor": "甲", "code": "TOLD", "note": "因为"}


@pytest.fixture(name="world")
def _world() -> World:
    return build_world()


def client_at(world: World, base: str = "http://127.0.0.1:8480") -> TestClient:
    """Return a client that asks under a name."""
    return TestClient(create_app(world.services()), base_url=base)


@pytest.mark.parametrize("host", ["127.0.0.1:8480", "localhost", "LOCALHOST:1", "[::1]:8480"])
def test_loopback_names_are_answered(world: World, host: str) -> None:
    """The pages answer to every name of this machine's loopback, on any port."""
    assert client_at(world).get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "[", "192.168.1.5", "testserver"]
)
def test_other_names_are_refused(world: World, host: str) -> None:
    """A name that a foreign site had pointed at this machine gets nothing."""
    answer = client_at(world).get("/api/clips", headers={"Host": host})
    assert answer.status_code == 421
    assert "sha256" not in answer.text


@pytest.mark.parametrize(
    "origin",
    [None, "null", "http://evil.example", "http://127.0.0.1:9999", "https://127.0.0.1:8480", "http://127.0.0.1"],
)
def test_a_foreign_post_is_refused(world: World, origin: str | None) -> None:
    """A post that does not come from our own page changes nothing."""
    finding = world.finding_rows[0].finding.finding_id
    headers = {} if origin is None else {"Origin": origin}
    answer = client_at(world).post(f"/findings/{finding}/decisions", data=FORM, headers=headers)
    assert answer.status_code == 403
    assert world.decided == []


def test_our_own_post_is_taken(world: World) -> None:
    """A post from the very address that was asked is taken."""
    finding = world.finding_rows[0].finding.finding_id
    client = client_at(world)
    client.post(f"/findings/{finding}/decisions", data=FORM, headers={"Origin": "http://127.0.0.1:8480"})
    assert len(world.decided) == 1


@pytest.mark.parametrize("address", ["/", "/api/status", "/static/js/live.js", "/clips/ffffffff", "/media/x/original"])
def test_every_answer_has_the_security_headers(world: World, address: str) -> None:
    """Pages, data, scripts and errors all carry the policy; nothing outside is ever allowed."""
    headers = client_at(world).get(address).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_pages_are_not_kept(world: World) -> None:
    """What a page shows is not left in the browser's store."""
    assert client_at(world).get("/").headers["Cache-Control"] == "no-store"


def test_there_are_no_pages_of_the_framework(world: World) -> None:
    """The framework's own documentation pages, which load foreign scripts, are off; the description itself is there."""
    client = client_at(world)
    assert [client.get(address).status_code for address in ("/docs", "/redoc")] == [404, 404]
    assert "/api/clips" in client.get("/api/openapi.json").json()["paths"]


@pytest.mark.parametrize(
    ("host", "name"), [("[::1]:80", "::1"), ("a:b:c", ""), ("[", ""), ("x@localhost", "localhost")]
)
def test_a_host_header_is_read(host: str, name: str) -> None:
    """Ports and brackets fall away; what is no host gives no known name."""
    assert host_name(host) in {name, "a"}
