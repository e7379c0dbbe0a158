"""Copies for parties on their pages, from the request to the receipt; wrong input is told and keeps the form."""

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from evidence.copies import CopyState
from evidence.ids import CaseNo
from evidence.secrecy import Marked
from tests.support.casefile import CASE
from tests.support.copies import ASKED, HANDED, CopyOffice, copy_office
from tests.support.storage import small_disk

ORIGIN = "http://127.0.0.1"
LOCALES = ("zh-CN", "en")
KEYS = ("copies.", "form.", "enum.", "export.", "done.", "page.")


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[CopyOffice]:
    with copy_office(tmp_path) as office:
        yield office


@pytest.fixture(scope="module", name="common")
def _common(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CopyOffice]:
    """A house for the tests that leave its case as it is."""
    with copy_office(tmp_path_factory.mktemp("common")) as office:
        yield office


@pytest.fixture(name="visitor")
def _visitor(common: CopyOffice) -> TestClient:
    return TestClient(common.app, base_url=ORIGIN, headers={"Origin": ORIGIN}, follow_redirects=False)


@pytest.fixture(name="client")
def _client(office: CopyOffice) -> TestClient:
    return TestClient(office.app, base_url=ORIGIN, headers={"Origin": ORIGIN}, follow_redirects=False)


def bare_keys(page: str) -> list[str]:
    """Return the beginnings of catalogue keys that stand where words should."""
    return [key for key in KEYS if f">{key}" in page or f'"{key}' in page]


def taken_in(office: CopyOffice, client: TestClient, **more: object) -> str:
    """Take a request in by its form, in Zhang's name; return its id."""
    done = client.post("/copies", data={**ASKED, "actor": "张", **more})
    assert done.status_code == 303, done.text
    return office.newest()


def approved(office: CopyOffice, client: TestClient, **more: object) -> str:
    """Take a request in and let the head grant it."""
    name = taken_in(office, client, **more)
    done = client.post(f"/copies/{name}/approve", data={"actor": "局长", "reason": "同意"})
    assert done.status_code == 303, done.text
    return name


def ready(office: CopyOffice, client: TestClient) -> str:
    """Bring a request to where the copies lie ready."""
    name = approved(office, client)
    assert client.post(f"/copies/{name}/prepare", data={"actor": "张"}).status_code == 303
    office.copies.works.wait(name)
    return name


def test_a_request_goes_from_the_form_to_the_signed_receipt(common: CopyOffice, visitor: TestClient) -> None:
    """Form, consent of another person, folder with its digests, receipt; each act is on the page with who and when."""
    name = ready(common, visitor)
    made = common.request(name)
    folder = common.house.home.root / "copies" / f"copies-{name}"
    assert made.folder == str(folder)
    assert {one.original for one in made.files} == {*common.clips, common.record}
    for one in made.files:
        assert hashlib.sha256((folder / one.path).read_bytes()).hexdigest() == one.digest
    assert hashlib.sha256((folder / "manifest-sha256.txt").read_bytes()).hexdigest() == made.manifest
    done = visitor.post(f"/copies/{name}/hand-over", data={**HANDED, "actor": "张"})
    assert done.headers["location"] == f"/copies/{name}?done=copies_handed_over"
    page = visitor.get(f"/copies/{name}", params={"lang": "zh-CN", "done": "copies_handed_over"}).text
    for words in ("已交付，申请办结。", "局长", "同意", "回2026-07", "阿不都·某某", made.manifest, "北京时间", "文书"):
        assert words in page
    assert common.request(name).state is CopyState.HANDED_OVER


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("zh-CN", ("复制申请", "未办结", "待审批", "某某公司", "申请行政复议")),
        ("en", ("Copies for parties", "Open", "waiting for approval", "某某公司")),
    ],
)
def test_the_list_counts_and_filters(
    common: CopyOffice, visitor: TestClient, locale: str, words: tuple[str, ...]
) -> None:
    """Open ones by default; a state or a case narrows it; no key stands where words should."""
    visitor.get("/", params={"lang": locale})
    name = taken_in(common, visitor)
    refused = taken_in(common, visitor, applicant="另一公司")
    visitor.post(f"/copies/{refused}/refuse", data={"actor": "局长", "reason": "与本案无关"})
    page = visitor.get("/copies").text
    assert [one for one in words if one not in page] == []
    assert (name in page, refused in page) == (True, False)
    assert (bare_keys(page), page.count('aria-current="true"') >= 1) == ([], True)
    of_state = visitor.get("/copies", params={"state": "refused"}).text
    assert (name in of_state, refused in of_state) == (False, True)
    assert name not in visitor.get("/copies", params={"case": "没有"}).text
    assert name in visitor.get("/copies", params={"state": "all", "case": CASE}).text


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_of_a_life_is_worded(common: CopyOffice, visitor: TestClient, locale: str) -> None:
    """The form and the request in each of its states show no key of a catalogue."""
    visitor.get("/", params={"lang": locale})
    pages = [visitor.get(address).text for address in ("/copies/new", f"/copies/new?case={quote(CASE)}")]
    name = taken_in(common, visitor)
    pages.append(visitor.get(f"/copies/{name}").text)
    visitor.post(f"/copies/{name}/approve", data={"actor": "局长", "reason": "同意"})
    pages.append(visitor.get(f"/copies/{name}").text)
    visitor.post(f"/copies/{name}/prepare", data={"actor": "张"})
    common.copies.works.wait(name)
    pages.append(visitor.get(f"/copies/{name}").text)
    visitor.post(f"/copies/{name}/hand-over", data={**HANDED, "actor": "张"})
    pages.append(visitor.get(f"/copies/{name}").text)
    assert [bare_keys(page) for page in pages] == [[]] * len(pages)


@pytest.mark.parametrize(
    ("locale", "said"),
    [("zh-CN", "请填写申请人出示的证件。"), ("en", "Say by which document the applicant was known.")],
)
def test_a_form_that_lacks_something_keeps_what_was_typed(visitor: TestClient, locale: str, said: str) -> None:
    """The error is in the reader's language, above a form that still holds every word and tick; nothing is recorded."""
    form = {
        **ASKED,
        "applicant": "空白公司",
        "identified": " ",
        "actor": "张",
        "extent": "chosen",
        "step": "2",
        "reason": "加急",
    }
    answer = visitor.post("/copies", params={"lang": locale}, data=form)
    assert answer.status_code == 400
    assert said in answer.text
    for kept in ("空白公司", "申请行政复议", "加急"):
        assert kept in answer.text
    assert 'name="step" value="2" checked' in answer.text
    assert 'value="chosen" checked' in answer.text
    assert "空白公司" not in visitor.get("/copies", params={"state": "all"}).text


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"case_no": "没有这一案"}, 404, "没有案号为 没有这一案 的案件"),
        ({"actor": ""}, 400, "请填写您的姓名"),
        ({"extent": "chosen"}, 400, "尚未勾选任何内容"),
        ({"extent": "chosen", "step": "9"}, 404, "本案没有环节 9"),
        ({"extent": "chosen", "clip": "0" * 64}, 404, ""),
    ],
)
def test_what_cannot_be_asked_for_is_refused(
    visitor: TestClient, changed: dict[str, str], status: int, said: str
) -> None:
    """A case, step or clip that is not there, no name, or nothing ticked."""
    answer = visitor.post("/copies", params={"lang": "zh-CN"}, data={**ASKED, "actor": "张", **changed})
    assert (answer.status_code, said in answer.text) == (status, True)


def test_only_what_is_chosen_is_copied(common: CopyOffice, visitor: TestClient) -> None:
    """A clip by its digest and a text record by its step; the other clip is not among them."""
    name = taken_in(common, visitor, extent="chosen", step="1", clip=common.clips[0])
    visitor.post(f"/copies/{name}/approve", data={"actor": "局长", "reason": "同意"})
    assert set(common.request(name).granted) == {common.record, common.clips[0]}


def test_who_took_it_in_does_not_decide(common: CopyOffice, visitor: TestClient) -> None:
    """The same person, also written otherwise, is refused in words; the reason that was typed stays in its form."""
    name = taken_in(common, visitor)
    for path in ("approve", "refuse"):
        answer = visitor.post(
            f"/copies/{name}/{path}", params={"lang": "zh-CN"}, data={"actor": " 张 ", "reason": "行"}
        )
        assert answer.status_code == 400
        assert "张 是受理人，不能自行审批" in answer.text
        assert ">行</textarea>" in answer.text
    assert common.request(name).state is CopyState.REQUESTED


def test_out_of_order_is_refused(office: CopyOffice, client: TestClient) -> None:
    """Nothing is prepared before consent, nor handed over before it lies ready, nor decided twice."""
    name = taken_in(office, client)
    early = client.post(f"/copies/{name}/prepare", params={"lang": "zh-CN"}, data={"actor": "张"})
    assert (early.status_code, client.get(f"/copies/{name}/receipt.pdf").status_code) == (400, 400)
    assert client.post(f"/copies/{name}/hand-over", data={**HANDED, "actor": "张"}).status_code == 400
    assert client.post(f"/copies/{name}/approve", data={"actor": "局长", "reason": "同意"}).status_code == 303
    assert client.post(f"/copies/{name}/approve", data={"actor": "局长", "reason": "不"}).status_code == 400
    assert not (office.house.home.root / "copies").exists()


def test_a_handing_over_that_lacks_something_keeps_what_was_typed(common: CopyOffice, visitor: TestClient) -> None:
    """The receiver's document is missing: said in Chinese, and receipt and receiver stay in the form."""
    name = ready(common, visitor)
    form = {**HANDED, "shown": "", "actor": "张"}
    answer = visitor.post(f"/copies/{name}/hand-over", params={"lang": "zh-CN"}, data=form)
    assert answer.status_code == 400
    for words in ("请填写领取人出示的证件。", 'value="阿不都·某某"', 'value="回2026-07"'):
        assert words in answer.text


def test_a_disk_without_room_refuses_before_a_byte_is_written(office: CopyOffice, client: TestClient) -> None:
    """The page says beforehand what is needed and free; starting anyway is refused in words, and nothing is there."""
    name = approved(office, client)
    with small_disk(office.house.home.root / "copies", 4 << 20) as disk:
        page = client.get(f"/copies/{name}", params={"lang": "zh-CN"}).text
        assert "空间不足" in page
        assert "可用空间 4.19 MB" in page
        answer = client.post(f"/copies/{name}/prepare", data={"actor": "张"})
        assert answer.status_code == 507
        assert "请先腾出空间" in answer.text
        assert list(disk.iterdir()) == []
    assert office.request(name).state is CopyState.APPROVED


def test_damaged_bytes_fail_the_preparation_and_the_page_says_so(office: CopyOffice, client: TestClient) -> None:
    """The folder is there whole or not at all; the page shows why, and preparing again works once it is mended."""
    name = approved(office, client)
    file = Path(office.house.vault.locate(office.record))
    body = file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(b"x" * len(body))
    assert client.post(f"/copies/{name}/prepare", data={"actor": "张"}).status_code == 303
    office.copies.works.wait(name)
    page = client.get(f"/copies/{name}", params={"lang": "zh-CN"}).text
    assert "制作未完成" in page
    assert not (office.house.home.root / "copies" / f"copies-{name}").exists()
    file.write_bytes(body)
    assert client.post(f"/copies/{name}/prepare", data={"actor": "张"}).status_code == 303
    office.copies.works.wait(name)
    assert office.request(name).state is CopyState.PREPARED


def test_a_lost_folder_is_prepared_again_and_a_standing_one_is_not(office: CopyOffice, client: TestClient) -> None:
    """A folder is never written over; moved away, it is made again."""
    name = ready(office, client)
    folder = Path(office.request(name).folder)
    again = client.post(f"/copies/{name}/prepare", params={"lang": "zh-CN"}, data={"actor": "张"})
    assert (again.status_code, "已存在，不会被覆盖" in again.text) == (400, True)
    folder.rename(folder.with_name("moved"))
    assert client.post(f"/copies/{name}/prepare", data={"actor": "张"}).status_code == 303
    office.copies.works.wait(name)
    assert folder.is_dir()


def test_a_trade_secret_stays_out_and_a_state_secret_stops_all(office: CopyOffice, client: TestClient) -> None:
    """What is confidential is flagged; the head leaves it out or names it free, but never a state secret."""
    office.house.human.classify(Marked.CLIP, office.clips[0], "TRADE_SECRET", "李", "工艺配方")
    form = client.get("/copies/new", params={"case": CASE, "lang": "zh-CN"}).text
    assert "其中 1 件属于应保密材料" in form
    name = taken_in(office, client)
    said = {"actor": "局长", "reason": "同意"}
    refused = client.post(f"/copies/{name}/approve", data=said)
    assert (refused.status_code, "商业秘密" in refused.text) == (403, True)
    assert client.post(f"/copies/{name}/approve", data={**said, "leave_out": "true"}).status_code == 303
    assert office.clips[0] not in office.request(name).granted
    assert "不在复制范围" in client.get(f"/copies/{name}").text
    office.house.human.classify(Marked.CLIP, office.clips[1], "STATE_SECRET", "李", "军事设施")
    late = client.post(f"/copies/{name}/prepare", data={"actor": "张"})
    assert (late.status_code, "国家秘密" in late.text) == (403, True)
    assert client.post(f"/copies/{name}/refuse", data={"actor": "局长", "reason": "已定密"}).status_code == 303
    assert office.request(name).state is CopyState.REFUSED


def test_a_text_record_of_a_secret_case_is_secret_too(office: CopyOffice, client: TestClient) -> None:
    """A file that is only attached is reached by the mark of its case; the request is refused outright."""
    name = taken_in(office, client, extent="chosen", step="1")
    office.house.human.classify(Marked.CASE, CaseNo(CASE), "STATE_SECRET", "李", "军事设施")
    refused = client.post(f"/copies/{name}/approve", data={"actor": "局长", "reason": "同意", "leave_out": "true"})
    assert refused.status_code == 403


def test_a_foreign_page_cannot_act(office: CopyOffice, client: TestClient) -> None:
    """A post of another site, or of nobody, is refused at the door; nothing was taken in."""
    for origin in ("http://evil.example", "null"):
        answer = client.post("/copies", data={**ASKED, "actor": "张"}, headers={"Origin": origin})
        assert answer.status_code == 403
    assert "某某公司" not in client.get("/copies", params={"state": "all"}).text
    assert office.copies.counts() == {}


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("zh-CN", ("执法记录复制件交付回执", "领取人", "回2026-07", "北京时间")),
        ("en", ("Receipt for copies", "Beijing time")),
    ],
)
def test_the_receipt_is_a_paper_with_its_own_font(
    common: CopyOffice, visitor: TestClient, locale: str, words: tuple[str, ...]
) -> None:
    """To be signed before the handing over, filled in after it; every font is embedded."""
    name = ready(common, visitor)
    blank = visitor.get(f"/copies/{name}/receipt.pdf", params={"lang": locale})
    assert (blank.status_code, blank.headers["content-type"]) == (200, "application/pdf")
    visitor.post(f"/copies/{name}/hand-over", data={**HANDED, "actor": "张"})
    filled = visitor.get(f"/copies/{name}/receipt.pdf", params={"lang": locale}).content
    text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=filled, capture_output=True, check=True).stdout
    said = "".join(text.decode().split())
    assert [one for one in words if "".join(one.split()) not in said] == []
    assert common.request(name).manifest in said
    fonts = subprocess.run(["pdffonts", "-"], input=filled, capture_output=True, check=True).stdout.decode()
    rows = [line.split() for line in fonts.splitlines()[2:]]
    assert rows
    assert all(row[-5] == "yes" for row in rows)


def test_the_case_page_leads_to_its_requests(common: CopyOffice, visitor: TestClient) -> None:
    """The panel lists the requests of the case, and the form opens with the case filled in."""
    page = visitor.get(f"/cases/{quote(CASE)}", params={"lang": "zh-CN"}).text
    assert f"/copies/new?case={quote(CASE, safe='')}" in page
    name = taken_in(common, visitor)
    assert f"/copies/{name}" in visitor.get(f"/cases/{quote(CASE)}").text


def test_a_text_record_is_not_called_unlinked(office: CopyOffice, client: TestClient) -> None:
    """The page of an attached file names the place it has; once taken off it is unlinked again."""
    page = client.get(f"/clips/{office.record}", params={"lang": "zh-CN"}).text
    assert "文书：立案审批表" in page
    assert ">未关联案件</span>" not in page
    office.office.detach("1", "立案审批表", office.record)
    assert ">未关联案件</span>" in client.get(f"/clips/{office.record}").text
