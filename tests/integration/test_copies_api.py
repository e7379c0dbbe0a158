"""Programs take copies on over HTTP: who is let in, for what, and that the rules are those of page and command line."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from dashboard.token_desk import TokenDesk
from evidence.copies import CopyState
from evidence.custody import EventType
from evidence.errors import StorageFullError
from evidence.notes import note
from storage.packs import Copied
from tests.support.cli import json_lines, run_cli
from tests.support.copies import ASKED, HANDED, CopyOffice, copy_office

YEAR = timedelta(days=365)
Bearer = dict[str, str]


@pytest.fixture(scope="module", name="office")
def _office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CopyOffice]:
    with copy_office(tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture(name="client")
def _client(office: CopyOffice) -> TestClient:
    """A program: it names no origin, as browsers do."""
    return TestClient(office.app, base_url="http://127.0.0.1")


def bearer(office: CopyOffice, name: str, *scopes: str) -> Bearer:
    """Return the header of a new token."""
    _, secret = TokenDesk(office.house).create(name, scopes, YEAR, "李", "对接")
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture(scope="module", name="clerk")
def _clerk(office: CopyOffice) -> Bearer:
    return bearer(office, "窗口系统", "copies:handle")


@pytest.fixture(scope="module", name="head")
def _head(office: CopyOffice) -> Bearer:
    return bearer(office, "局长", "copies:decide")


def taken_in(client: TestClient, clerk: Bearer, **more: object) -> str:
    """Take a request in; return its id."""
    done = client.post("/api/copies", json={**ASKED, **more}, headers=clerk)
    assert done.status_code == 201, done.text
    return str(done.json()["request_id"])


def test_a_program_takes_a_request_to_its_receipt(
    office: CopyOffice, client: TestClient, clerk: Bearer, head: Bearer
) -> None:
    """Each answer is the request with its items; the ledger names the holders of both tokens, as tokens."""
    made = client.post("/api/copies", json={**ASKED, "steps": ["2"]}, headers=clerk)
    name = made.json()["request_id"]
    assert made.headers["Location"] == f"/api/copies/{name}"
    assert (made.json()["state"], made.json()["steps"], made.json()["room"]) == ("requested", ["2"], None)
    granted = client.post(f"/api/copies/{name}/approve", json={"reason": "同意"}, headers=head).json()
    assert {one["sha256"] for one in granted["items"] if one["granted"]} == set(office.clips)
    assert granted["room"]["free_bytes"] > granted["room"]["needed_bytes"] > 0
    begun = client.post(f"/api/copies/{name}/prepare", json={"originals": True}, headers=clerk)
    assert begun.status_code == 202
    office.copies.works.wait(name)
    ready = client.get(f"/api/copies/{name}").json()
    assert (ready["state"], ready["preparing"]) == ("prepared", None)
    assert [Path(ready["folder"], one["path"]).stat().st_size for one in ready["files"]] == [
        one["size_bytes"] for one in ready["files"]
    ]
    closed = client.post(f"/api/copies/{name}/hand-over", json=HANDED, headers=clerk).json()
    assert (closed["state"], closed["receipt"], closed["shown"]) == ("handed_over", HANDED["receipt"], HANDED["shown"])
    told = [entry.body for entry in office.house.library.ledger(limit=1000) if name in entry.canonical.decode()]
    who = {(one["actor"], one["authenticated"]) for one in told if one["event"] == EventType.DECIDED.value}
    assert who == {("窗口系统", "token"), ("局长", "token")}


def test_the_list_is_the_command_s(office: CopyOffice, client: TestClient, clerk: Bearer) -> None:
    """The same objects under the same name, but for what time adds; the counts hold all of them."""
    taken_in(client, clerk, applicant="命令公司")
    listed = client.get("/api/copies").json()
    [printed] = json_lines(run_cli(office.house.home.root, "copies", "list", "--json"))
    rows = printed["copies"]
    assert isinstance(rows, list)
    assert [{**one, "age_days": 0} for one in listed["copies"]] == [{**one, "age_days": 0} for one in rows]
    everything = client.get("/api/copies", params={"state": "all"}).json()
    assert sum(listed["counts"].values()) == len(everything["copies"])
    assert client.get("/api/copies", params={"case": "没有"}).json()["copies"] == []


@pytest.mark.parametrize("path", ["", "/{name}/approve", "/{name}/refuse", "/{name}/prepare", "/{name}/hand-over"])
def test_nobody_acts_without_a_token(client: TestClient, clerk: Bearer, office: CopyOffice, path: str) -> None:
    """No token, a secret nobody gave and a revoked one are 401 in the reader's language; nothing has changed."""
    name = taken_in(client, clerk)
    gone = bearer(office, "旧系统", "copies:handle", "copies:decide")
    TokenDesk(office.house).revoke("旧系统", "李", "停用")
    before = office.copies.counts()
    for header in ({}, {"Authorization": "Bearer evidock_guess"}, gone):
        answer = client.post(
            f"/api/copies{path.format(name=name)}", json={**ASKED}, headers={**header, "Accept-Language": "zh"}
        )
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert "请求未附有效令牌" in answer.json()["error"]["message"]
    assert office.copies.counts() == before


def test_a_token_is_for_what_it_was_given(office: CopyOffice, client: TestClient, clerk: Bearer, head: Bearer) -> None:
    """The clerk's does not decide, the head's takes nothing in, one for imports does neither: 403."""
    name = taken_in(client, clerk)
    imports = bearer(office, "案管系统", "cases")
    acts = {"": head, f"/{name}/approve": clerk, f"/{name}/refuse": clerk, f"/{name}/prepare": head}
    for path, wrong in acts.items():
        for header in (wrong, imports):
            answer = client.post(f"/api/copies{path}", json={"reason": "x"}, headers=header)
            assert (answer.status_code, answer.json()["error"]["kind"]) == (403, "ScopeRefusedError")
    assert client.post("/api/import/cases", content=b"", headers=clerk).status_code == 403
    assert office.request(name).state is CopyState.REQUESTED


def test_one_token_for_both_lets_nobody_decide_on_its_own_request(office: CopyOffice, client: TestClient) -> None:
    """The rule that another person decides holds for programs, too."""
    both = bearer(office, "万能系统", "copies:handle", "copies:decide")
    name = taken_in(client, both)
    answer = client.post(f"/api/copies/{name}/approve?lang=zh-CN", json={"reason": "同意"}, headers=both)
    assert answer.status_code == 400
    assert "万能系统 是受理人，不能自行审批" in answer.json()["error"]["message"]


def test_a_page_s_script_of_elsewhere_is_refused(client: TestClient, clerk: Bearer) -> None:
    """A post with a foreign origin is refused at the door, also with a token that stands."""
    answer = client.post("/api/copies", json=ASKED, headers={**clerk, "Origin": "http://evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "请求正文不是 JSON 对象"),
        (b"[]", "请求正文不是 JSON 对象"),
        (b"\xff{", "请求正文不是 JSON 对象"),
        (b'{"purpose": "' + b"x" * (1 << 20) + b'"}', "请求正文不是 JSON 对象"),
        (b'{"clip": []}', "没有“clip”这一项"),
        (b'{"applicant": 7}', "“applicant”必须是文本"),
        (b'{"steps": "2"}', "“steps”必须是文本列表"),
        (b"{}", "请填写案号。"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_words(
    client: TestClient, clerk: Bearer, body: bytes, said: str
) -> None:
    """No JSON, no object, too long, a name nobody reads, another kind of value, nothing said."""
    answer = client.post("/api/copies?lang=zh-CN", content=body, headers=clerk)
    assert answer.status_code in {400, 404}
    assert said in answer.json()["error"]["message"]


@pytest.mark.parametrize(("locale", "said"), [("zh-CN", "请填写申请人。"), ("en", "Say who asks for the copies.")])
def test_what_is_missing_is_said_in_the_language_asked_for(
    client: TestClient, clerk: Bearer, locale: str, said: str
) -> None:
    """As on the page."""
    answer = client.post(f"/api/copies?lang={locale}", json={**ASKED, "applicant": ""}, headers=clerk)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, said)


def test_a_preparation_says_how_far_it_is_and_is_not_begun_twice(
    office: CopyOffice, client: TestClient, clerk: Bearer, head: Bearer
) -> None:
    """A second call while one runs is refused in words; a failure is told until it is begun again."""
    name, go_on = taken_in(client, clerk), threading.Event()
    client.post(f"/api/copies/{name}/approve", json={"reason": "同意"}, headers=head)
    begun = threading.Event()

    def work(copied: Copied) -> None:
        copied(25)
        begun.set()
        go_on.wait()
        raise StorageFullError("no space is left", reason=note("export.disk_full"))

    office.copies.works.start(name, 100, office.house.clock(), work)
    begun.wait()
    preparing = client.get(f"/api/copies/{name}").json()["preparing"]
    assert (preparing["under_way"], preparing["share"], preparing["failure"]) == (True, 0.25, None)
    again = client.post(f"/api/copies/{name}/prepare?lang=zh-CN", json={}, headers=clerk)
    assert (again.status_code, "正在制作" in again.json()["error"]["message"]) == (400, True)
    go_on.set()
    office.copies.works.wait(name)
    failed = client.get(f"/api/copies/{name}?lang=zh-CN").json()["preparing"]
    assert (failed["under_way"], failed["failure"]) == (False, "磁盘已满，已写的内容已清除。请腾出空间后重试。")
    assert client.post(f"/api/copies/{name}/prepare", json={}, headers=clerk).status_code == 202
    office.copies.works.wait(name)
    assert office.request(name).state is CopyState.PREPARED


def test_what_is_not_there_is_404(client: TestClient, head: Bearer) -> None:
    """A request nobody took in."""
    assert client.get("/api/copies/ffffffff").status_code == 404
    assert client.post("/api/copies/ffffffff/refuse", json={"reason": "x"}, headers=head).status_code == 404
