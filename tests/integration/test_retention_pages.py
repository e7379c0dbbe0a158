"""The page on keeping and disposing over a real house: both languages, forms, refusals, and tombstones."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from dashboard.page_services import page_services
from dashboard.plant import Plant
from dashboard.web.app import create_app
from evidence.clips import Playable
from evidence.ids import Digest
from index.holds import holds
from tests.support.index import CASE, step
from tests.support.retention import Bureau, bureau, day
from tests.support.web import build_world

ORIGIN = "http://127.0.0.1"


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[Bureau]:
    with bureau(tmp_path) as office:
        office.steps(step())
        office.case(CASE, "处罚")
        yield office


@pytest.fixture(name="client")
def _client(office: Bureau) -> TestClient:
    app = create_app(page_services(office.house, Plant(office.house)))
    return TestClient(app, base_url=ORIGIN, headers={"Origin": ORIGIN})


def waiting(office: Bureau) -> tuple[str, Digest]:
    """Return a disposal that waits for approval, and the one clip it names."""
    digest = office.clip("old", (300, 310))
    office.keep(digest)
    office.now = day("2027-05-03")
    return office.desk.propose([digest], "档案员", "保存期满").disposal_id, digest


@pytest.mark.parametrize(("locale", "words"), [("zh-CN", "等待批准的销毁"), ("en", "Disposals waiting for approval")])
def test_the_page_says_what_is_kept_and_why(office: Bureau, client: TestClient, locale: str, words: str) -> None:
    """Schedule with basis and policy mark, figures, what ends soon and what waits, and no word is missing."""
    name, digest = waiting(office)
    answer = client.get("/retention", params={"lang": locale})
    assert answer.status_code == 200
    for expected in (words, name, digest[:12], "2027-05-02", "公通字", "cn-xj-turpan-gaochang/retention@1"):
        assert expected in answer.text
    assert [key for key in ("retention.", "enum.", "disposal.", "page.") if f">{key}" in answer.text] == []


def test_two_people_approve_on_the_page(office: Bureau, client: TestClient) -> None:
    """Two posts by two people; the clip then shows its tombstone, plays nowhere, and says who agreed."""
    name, digest = waiting(office)
    for actor in ("李", "王"):
        form = {"verdict": "approve", "actor": actor, "reason": "同意"}
        answer = client.post(f"/retention/disposals/{name}", data=form, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/retention?done=approved#disposals")
    view = office.library.clip(digest)
    assert (view.disposed_at, view.playable, dict(view.derivatives)) == (office.now, Playable.NO, {})
    clip = client.get(f"/clips/{digest}", params={"lang": "en"}).text
    assert "disposed of at 2027-05-03" in clip
    assert "<video" not in clip
    assert client.get(f"/media/{digest}/original").status_code == 404
    assert digest[:12] in client.get("/retention").text
    assert client.get(f"/api/clips/{digest}").json()["disposed_at"] == "2027-05-03T04:00:00Z"


def test_the_same_person_twice_is_refused_in_words(office: Bureau, client: TestClient) -> None:
    """A second approval by the same person is a 400 that says so; nothing goes."""
    name, digest = waiting(office)
    form = {"verdict": "approve", "actor": "李", "reason": "同意"}
    client.post(f"/retention/disposals/{name}", data=form)
    answer = client.post(f"/retention/disposals/{name}", data=form, params={"lang": "en"})
    assert (answer.status_code, "approved it once" in answer.text) == (400, True)
    assert office.house.vault.has(digest)


def test_a_disposal_is_refused_on_the_page(office: Bureau, client: TestClient) -> None:
    """The refusal is kept with its reason and shown among what is done with."""
    name, _ = waiting(office)
    form = {"verdict": "refuse", "actor": "王", "reason": "尚有投诉"}
    assert client.post(f"/retention/disposals/{name}", data=form).status_code == 200
    assert "尚有投诉" in client.get("/retention").text


def test_holds_on_the_page(office: Bureau, client: TestClient) -> None:
    """Laid on a case with a reason, lifted with another; without a name or on nothing, refused."""
    digest = office.clip("check", (0, 30))
    form = {"scope": "case", "target": CASE, "actor": "李", "reason": "诉讼"}
    assert client.post("/retention/holds", data=form).status_code == 200
    assert office.lock(digest).held
    with office.register.reading() as session:
        (hold,) = holds(session)
    lifted = client.post(f"/retention/holds/{hold.hold_id}", data={"actor": "王", "reason": "撤诉"})
    assert (lifted.status_code, office.lock(digest).held) == (200, False)
    assert client.post("/retention/holds", data={**form, "target": "没有"}).status_code == 404
    assert client.post("/retention/holds", data={**form, "actor": ""}).status_code == 400
    assert client.post("/retention/holds", data={**form, "scope": "house"}).status_code == 422


def test_a_foreign_post_is_refused(office: Bureau, client: TestClient) -> None:
    """A form from another site approves nothing."""
    name, digest = waiting(office)
    form = {"verdict": "approve", "actor": "李", "reason": "同意"}
    answer = client.post(f"/retention/disposals/{name}", data=form, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert office.house.vault.has(digest)


def test_a_server_without_retention_says_so() -> None:
    """Where the page is not served, it is not there."""
    client = TestClient(create_app(build_world().services()), base_url=ORIGIN)
    assert client.get("/retention").status_code == 404
