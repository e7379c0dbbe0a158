"""Media over HTTP: whole, in ranges, not again, never as something a browser would run."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from dashboard.web.app import create_app
from dashboard.web.media import served_type
from evidence.clips import Kind, Role
from tests.support.web import Media, World, build_world

BODY = bytes(range(256)) * 1000
ORIGIN = "http://127.0.0.1"


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> World:
    clip, cues = tmp_path / "clip.mp4", tmp_path / "cues.vtt"
    clip.write_bytes(BODY)
    cues.write_text("WEBVTT\n", "utf-8")
    return build_world(Media(clip, {Role.CUES: cues}))


@pytest.fixture(name="client")
def _client(world: World) -> TestClient:
    return TestClient(create_app(world.services()), base_url=ORIGIN)


@pytest.fixture(name="address")
def _address(world: World) -> str:
    return f"/media/{world.clip_rows[0].digest}/original"


def test_an_original_comes_byte_exact(world: World, client: TestClient, address: str) -> None:
    """The whole file, under its measured type, with its digest as the tag, to be kept for good by this reader."""
    answer = client.get(address)
    assert hashlib.sha256(answer.content).digest() == hashlib.sha256(BODY).digest()
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["ETag"] == f'"{world.clip_rows[0].digest}"'
    assert "immutable" in answer.headers["Cache-Control"]
    assert "private" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=1000-", 1000, 256_000),
        ("bytes=-10", 255_990, 256_000),
        ("bytes=5-9999999", 5, 256_000),
    ],
)
def test_a_range_is_that_range(client: TestClient, address: str, asked: str, start: int, end: int) -> None:
    """A range gives 206, just its bytes, and says where they lie."""
    answer = client.get(address, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == BODY[start:end]
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/256000"


def test_a_range_behind_the_end_is_416(client: TestClient, address: str) -> None:
    """A range that starts behind the end is refused with the size."""
    answer = client.get(address, headers={"Range": "bytes=256000-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */256000"


def test_if_range_keeps_pieces_together(world: World, client: TestClient, address: str) -> None:
    """A range is given only for the bytes that the reader already has a part of."""
    tag = f'"{world.clip_rows[0].digest}"'
    assert client.get(address, headers={"Range": "bytes=0-9", "If-Range": tag}).status_code == 206
    assert client.get(address, headers={"Range": "bytes=0-9", "If-Range": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("tag", "status"), [('"{}"', 304), ('W/"{}"', 304), ('"x", "{}"', 304), ('"x"', 200), ("*", 304)]
)
def test_what_the_reader_has_is_not_sent_again(
    world: World, client: TestClient, address: str, tag: str, status: int
) -> None:
    """A reader that names the digest gets 304 without a body."""
    answer = client.get(address, headers={"If-None-Match": tag.format(world.clip_rows[0].digest)})
    assert answer.status_code == status
    assert bool(answer.content) is (status == 200)


def test_head_tells_the_size(client: TestClient, address: str) -> None:
    """HEAD says what GET would send."""
    answer = client.head(address)
    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, "256000", b"")


def test_a_download_keeps_its_name(client: TestClient, address: str) -> None:
    """A download is offered under the name the file came with."""
    answer = client.get(address, params={"download": "true"})
    assert "DSJ_E00001_20261123090200_0001.mp4" in answer.headers["Content-Disposition"]


def test_a_hostile_name_can_be_downloaded(world: World, client: TestClient) -> None:
    """A name with quotes, line breaks or bytes that are no text stays inside its header."""
    answer = client.get(f"/media/{world.clip_rows[-1].digest}/original", params={"download": "true"})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert '"' not in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("measured", "kind", "served"),
    [
        ("video/quicktime", Kind.VIDEO, "video/mp4"),
        ("video/mp4", Kind.VIDEO, "video/mp4"),
        ("audio/mpeg", Kind.AUDIO, "audio/mpeg"),
        ("image/jpeg", Kind.PHOTO, "image/jpeg"),
        ("image/svg+xml", Kind.PHOTO, "application/octet-stream"),
        ("text/html", Kind.OTHER, "application/octet-stream"),
        ("text/html", Kind.VIDEO, "application/octet-stream"),
    ],
)
def test_nothing_is_served_that_a_browser_would_run(measured: str, kind: Kind, served: str) -> None:
    """Only what plays or shows keeps its type; the rest is bytes to save."""
    assert served_type(measured, kind) == served


def test_other_files_are_saved_not_shown(world: World, client: TestClient) -> None:
    """A file that is no medium comes as an attachment in a sandbox."""
    row = world.clip_rows[0]
    world.clip_rows[0] = replace(row, kind=Kind.OTHER)
    answer = client.get(f"/media/{row.digest}/original")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_derivative_is_named_by_its_digest(world: World, client: TestClient) -> None:
    """A derivative's address holds its digest; the address of one that was made again since is gone."""
    clip = world.clip_rows[0]
    made = clip.derivatives[Role.CUES]
    answer = client.get(f"/media/{clip.digest}/cues/{made.digest}")
    assert answer.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert answer.headers["ETag"] == f'"{made.digest}"'
    assert client.get(f"/media/{clip.digest}/cues/{'0' * 64}").status_code == 404
    assert client.get(f"/media/{clip.digest}/poster/{made.digest}").status_code == 404
    assert client.get(f"/media/{clip.digest}/no-role/{made.digest}").status_code == 422


def test_a_file_that_is_gone_is_said_to_be(world: World, client: TestClient, address: str) -> None:
    """An original that cannot be found is an answer with its reason, not a crash."""
    world.files.clear()
    assert client.get(address).status_code == 404


def test_reading_past_the_page_is_a_view(world: World, client: TestClient, address: str) -> None:
    """An original asked for outside its page is a view of its own; what the page itself plays is not a second one."""
    before = len(world.entries)
    page = {"Sec-Fetch-Dest": "video", "Sec-Fetch-Site": "same-origin"}
    client.get(address, headers={**page, "Range": "bytes=0-"})
    client.get(address, headers={"Range": "bytes=1000-"})
    assert len(world.entries) == before
    client.get(address)
    client.get(address, headers={"Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"})
    assert [json.loads(entry.canonical)["event"] for entry in world.entries[before:]] == ["access", "access"]
