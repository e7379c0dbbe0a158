"""Media over HTTP: whole, in ranges, not again, never as something a browser would run."""

import hashlib
import json
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from dashboard.web.app import create_app
from dashboard.web.media import served_type
from dashboard.web.viewings import REMEMBERED, Viewings
from evidence.clips import Kind, Role
from evidence.custody import EventType
from evidence.errors import IntegrityError
from evidence.ids import Digest
from tests.support.web import DAY, Media, World, build_world, digest_of

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


PAGE = {"Sec-Fetch-Dest": "video", "Sec-Fetch-Site": "same-origin"}


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = DAY

    def __call__(self) -> datetime:
        return self.now


def views(world: World) -> list[tuple[str, str]]:
    """Return actor and clip of each view in the ledger."""
    bodies = [json.loads(entry.canonical) for entry in world.entries]
    return [(body["actor"], body["subject"]) for body in bodies if body["event"] == EventType.VIEWED]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"Range": "bytes=0-"},
        {"Range": "bytes=-256000"},
        {"Range": "bytes=1-"},
        {"Range": "bytes=1-", "If-Range": '"other"'},
        {"Range": "bytes=5-9, 20-30"},
        {"Range": "no range"},
        {"Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Dest": "video", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_reading_past_the_page_is_a_view(world: World, client: TestClient, address: str, asked: dict[str, str]) -> None:
    """An original asked for outside its page is a view of its own, whichever of its bytes are asked for."""
    before = len(views(world))
    client.get(address, headers=asked)
    assert views(world)[before:] == [("值班员", world.clip_rows[0].digest)]


def test_what_the_page_plays_is_no_second_view(world: World, client: TestClient, address: str) -> None:
    """What a clip's page itself loads, and a question for the size alone, leave no entry."""
    before = len(world.entries)
    client.get(address, headers={**PAGE, "Range": "bytes=0-"})
    client.head(address)
    assert len(world.entries) == before


@pytest.mark.parametrize("role", [Role.PROXY, Role.POSTER, Role.SPRITE, Role.WAVEFORM])
def test_what_shows_or_sounds_like_the_clip_is_a_view(world: World, client: TestClient, role: Role) -> None:
    """Copies and stills fetched outside the page are views; cues, which tell times only, are not."""
    clip, before = world.clip_rows[0], len(views(world))
    cues = clip.derivatives[Role.CUES]
    world.clip_rows[0] = replace(clip, derivatives={Role.CUES: cues, role: replace(cues, role=role)})
    assert client.get(f"/media/{clip.digest}/cues/{cues.digest}").status_code == 200
    assert len(views(world)) == before
    where = f"/media/{clip.digest}/{role.value}/{cues.digest}"
    assert client.get(where, headers={"Range": "bytes=1-"}).status_code == 206
    assert len(views(world)) == before + 1


def test_the_pieces_of_a_reading_are_one_view(world: World, address: str) -> None:
    """Seeking leaves one entry a minute for a person and a clip; another person or clip has its own."""
    clock = Clock()
    client = TestClient(create_app(replace(world.services(), clock=clock)), base_url=ORIGIN)
    before, first, other = len(views(world)), world.clip_rows[0].digest, world.clip_rows[1].digest
    for start in range(10):
        client.get(address, headers={"Range": f"bytes={start}-"})
        clock.now += timedelta(seconds=5.9)
    assert len(views(world)) == before + 1
    clock.now = DAY + timedelta(minutes=1)
    client.get(address)
    client.get(f"/media/{other}/original")
    client.get(address, headers={"Cookie": "evidock_actor=B"})
    assert views(world)[before + 1 :] == [("值班员", first), ("值班员", other), ("B", first)]


def test_a_clock_set_back_hides_no_reading() -> None:
    """After the clock was set back, the next piece is recorded again."""
    clock, seen = Clock(), list[str]()
    viewings = Viewings(lambda _, actor: seen.append(actor), clock)
    viewings.note(digest_of("a"), "A")
    clock.now -= timedelta(hours=1)
    viewings.note(digest_of("a"), "A")
    assert seen == ["A", "A"]


def test_remembered_readings_are_bounded() -> None:
    """Of more readings than are remembered, the oldest is recorded anew; none goes unrecorded."""
    seen: list[str] = []
    viewings = Viewings(lambda _, actor: seen.append(actor), Clock())
    for number in (*range(REMEMBERED + 1), REMEMBERED, 0):
        viewings.note(digest_of("a"), str(number))
    assert seen == [*map(str, range(REMEMBERED + 1)), "0"]


def test_many_pieces_at_once_are_one_view() -> None:
    """Pieces asked for at the same moment by many connections leave one entry."""
    seen: list[str] = []
    viewings = Viewings(lambda _, actor: seen.append(actor), Clock())
    together = threading.Barrier(8)

    def read() -> None:
        together.wait(timeout=20)
        viewings.note(digest_of("a"), "A")

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert seen == ["A"]


def test_bytes_are_not_sent_without_their_entry(world: World, address: str) -> None:
    """When the view cannot be written, no byte is sent, and the next piece is tried anew."""

    def refuse(digest: Digest, actor: str) -> None:
        raise IntegrityError("the ledger cannot be written", subject=digest, cure=f"tell {actor}")

    client = TestClient(create_app(replace(world.services(), record_view=refuse)), base_url=ORIGIN)
    for _ in range(2):
        assert client.get(address, headers={"Range": "bytes=1-"}).status_code == 500
