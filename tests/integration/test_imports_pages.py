"""The page of imports over a real house: judged first, confirmed by a named person, and what there was before."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from dashboard.page_services import page_services
from dashboard.plant import Plant
from dashboard.web.app import create_app
from evidence.custody import EventType
from ingest.records import MAX_BYTES
from tests.support.imports import HEADINGS, handed_in, told_home
from tests.support.retention import Bureau, bureau

ORIGIN = "http://127.0.0.1"
CASES = HEADINGS["cases"]
HOSTILE = "<script>alert(1)</script>\u202e.csv"


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[Bureau]:
    with bureau(tmp_path) as office:
        handed_in(office.house, tmp_path, "cases", "C1,案,处罚,执法大队,2026-11-01,,")
        yield office


@pytest.fixture(name="client")
def _client(office: Bureau) -> TestClient:
    app = create_app(page_services(office.house, Plant(office.house)))
    return TestClient(app, base_url=ORIGIN, headers={"Origin": ORIGIN})


def judged(client: TestClient, *rows: str, noun: str = "cases", name: str = "案件.csv", lang: str = "en") -> str:
    """Hand a file in and return the page that comes."""
    body = "\n".join((HEADINGS[noun], *rows)).encode()
    answer = client.post("/imports", params={"lang": lang}, data={"noun": noun}, files={"file": (name, body)})
    assert answer.status_code in {200, 422}
    return answer.text


def name_of(page: str) -> str:
    """Return the name under which a file waits."""
    found = re.search(r'action="/imports/([0-9a-f]+)/confirm"', page)
    assert found, page
    return found[1]


def words_of(page: str) -> str:
    """Return a page's words, one space between them."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["0 new, 1 changed, 0 unchanged", "Nothing has been written yet", "opened_at", "案 新案"]),
        ("zh-CN", ["新增 0，变更 1，未变 0", "目前尚未写入任何内容", "立案时间 opened_at", "案 新案"]),
    ],
)
def test_a_file_is_judged_first(office: Bureau, client: TestClient, lang: str, said: list[str]) -> None:
    """What stood and what is said now, column by column; nothing is written, and no word is missing."""
    before = told_home(office.house)
    page = judged(client, "C1,新案,处罚,执法大队,2026-11-02,,", lang=lang)
    assert [one for one in (*said, "2026-11-02 00:00:00") if one not in words_of(page)] == []
    assert re.findall(r">\s*(?:imports|import|cli|ledger|form)\.[a-z_.]+", page) == []
    assert told_home(office.house) == before


def test_a_named_person_confirms_what_was_shown(office: Bureau, client: TestClient) -> None:
    """The post comes back to the import's own page; entry, history and page name the person."""
    page = judged(client, "C1,新案,处罚,执法大队,2026-11-01,,", "C2,又一案,,,,,")
    answer = client.post(f"/imports/{name_of(page)}/confirm", data={"actor": "古丽·娜"}, follow_redirects=False)
    assert answer.status_code == 303
    one = words_of(client.get(f"{answer.headers['location']}&lang=en").text)
    assert [word for word in ("古丽·娜", "2 rows were imported", "案件.csv", "C2", "新案") if word not in one] == []
    listed = words_of(client.get("/imports", params={"lang": "en"}).text)
    assert "古丽·娜" in listed
    *_, entry = office.told(EventType.IMPORTED)
    assert (entry.actor, entry.authenticated) == ("古丽·娜", "unauthenticated")
    assert office.library.case("C1").case.title == "新案"
    assert client.post(f"/imports/{name_of(page)}/confirm", data={"actor": "古丽·娜"}).status_code == 404


@pytest.mark.parametrize("actor", ["", " ", "System"])
def test_without_a_name_nothing_is_imported(office: Bureau, client: TestClient, actor: str) -> None:
    """The file goes on waiting."""
    name = name_of(judged(client, "C2,案,,,,,"))
    before = told_home(office.house)
    assert client.post(f"/imports/{name}/confirm", data={"actor": actor}).status_code == 400
    assert told_home(office.house) == before
    assert client.post(f"/imports/{name}/confirm", data={"actor": "李"}, follow_redirects=False).status_code == 303


def test_what_has_changed_meanwhile_is_shown_anew(office: Bureau, client: TestClient, tmp_path: Path) -> None:
    """Nobody confirms another change than the one they saw."""
    name = name_of(judged(client, "C1,新案,处罚,执法大队,2026-11-01,,"))
    handed_in(office.house, tmp_path, "cases", "C1,他案,处罚,执法大队,2026-11-01,,")
    before = told_home(office.house)
    answer = client.post(f"/imports/{name}/confirm", data={"actor": "李"}, params={"lang": "en"})
    assert answer.status_code == 409
    assert told_home(office.house) == before
    assert "他案 新案" in words_of(answer.text)
    again = client.post(f"/imports/{name_of(answer.text)}/confirm", data={"actor": "李"}, follow_redirects=False)
    assert (again.status_code, office.library.case("C1").case.title) == (303, "新案")


@pytest.mark.parametrize(("lang", "said"), [("en", "Nothing was imported"), ("zh-CN", "没有导入任何内容")])
def test_a_bad_file_is_shown_row_by_row(office: Bureau, client: TestClient, lang: str, said: str) -> None:
    """Line, column, value, what is wrong and the cure; there is nothing to confirm."""
    before = told_home(office.house)
    page = judged(client, "C2,案,,,2026-02-30,,", "C3,案,,,26-11-02,,", lang=lang)
    words = words_of(page)
    assert [one for one in (said, "2026-02-30", "26-11-02", "2026-11-23 09:05") if one not in words] == []
    assert "/confirm" not in page
    assert told_home(office.house) == before


def test_a_file_waits_for_an_hour(office: Bureau, client: TestClient) -> None:
    """Later it has to be handed in again."""
    name = name_of(judged(client, "C2,案,,,,,"))
    office.now = office.now.replace(hour=office.now.hour + 2)
    assert client.post(f"/imports/{name}/confirm", data={"actor": "李"}).status_code == 404


def test_what_a_step_said_before_is_asked_for(office: Bureau, client: TestClient, tmp_path: Path) -> None:
    """Each form with the import that made it so; a step nobody knows has none."""
    for end in ("09:30", "09:45"):
        row = f"C1,1,SITE_CHECK,2026-11-02 09:00,2026-11-02 {end},厂区,E1,,"
        handed_in(office.house, tmp_path, "steps", row, name=f"{end}.csv")
    first, last = client.get("/api/history", params={"case_no": "C1", "step_no": "1"}).json()["history"]
    assert (first["form"]["ended_at"], first["file"]) == ("2026-11-02T01:30:00Z", "09:30.csv")
    assert (last["form"]["ended_at"], last["file"], last["actor"]) == ("2026-11-02T01:45:00Z", "09:45.csv", "值班员")
    assert client.get("/api/history", params={"case_no": "C1", "step_no": "9"}).json() == {"history": []}


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example"])
def test_a_foreign_post_hands_nothing_in(office: Bureau, origin: str | None) -> None:
    """Neither to be judged nor to be confirmed."""
    app = create_app(page_services(office.house, Plant(office.house)))
    client = TestClient(app, base_url=ORIGIN, headers={"Origin": origin} if origin else {})
    files = {"file": ("a.csv", CASES.encode())}
    assert client.post("/imports", data={"noun": "cases"}, files=files).status_code == 403
    assert client.post("/imports/0123456789abcdef/confirm", data={"actor": "李"}).status_code == 403


def test_what_is_no_form_is_refused_in_words(client: TestClient) -> None:
    """No file, no kind of record, no form at all, too large: each has its status and leaves nothing behind."""
    assert client.post("/imports", data={"noun": "cases"}).status_code == 400
    files = {"file": ("a.csv", CASES.encode())}
    assert client.post("/imports", data={"noun": "people"}, files=files).status_code == 400
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert client.post("/imports", content=b"--y\r\n", headers=broken).status_code == 400
    large = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(MAX_BYTES * 2)}
    assert client.post("/imports", content=b"", headers=large).status_code == 413
    assert client.get("/imports/999999").status_code == 404
    assert client.get("/imports", params={"page": 99}).status_code == 200


def test_hostile_names_and_cells_are_only_text(client: TestClient) -> None:
    """A file or a cell whose name is markup stays text, on every page it comes to."""
    pages = [judged(client, "<img src=x onerror=alert(1)>,案,,,,,", name=HOSTILE)]
    pages.append(judged(client, "<b>,案,,,soon,,", name=HOSTILE))
    client.post(f"/imports/{name_of(pages[0])}/confirm", data={"actor": "<i>李</i>"})
    pages += [client.get("/imports").text, client.get("/ledger").text]
    for page in pages:
        assert re.findall(r"<script>alert|<img src=x|<i>李|<b>|\u202e", page) == []
