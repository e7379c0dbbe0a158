"""The file of a case on its page: what it lacks, the forms that complete it, and downloads the ledger tells of."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from dashboard.document_pages import HouseDocuments, file_name
from dashboard.page_services import page_services
from dashboard.plant import Plant
from dashboard.web.app import create_app
from tests.support.casefile import APPROVAL, CASE, PDF, SITE_RECORD, FileOffice, file_office

ORIGIN = "http://127.0.0.1"
PAGE = f"/cases/{quote(CASE)}"
WHO = {"actor": "李", "reason": "归档"}


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[FileOffice]:
    with file_office(tmp_path) as office:
        yield office


@pytest.fixture(name="client")
def _client(office: FileOffice) -> TestClient:
    services = page_services(office.house, Plant(office.house))
    services = replace(services, documents=HouseDocuments(office.house, office.seal))
    return TestClient(create_app(services), base_url=ORIGIN, headers={"Origin": ORIGIN}, follow_redirects=False)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        (
            "zh-CN",
            (
                "案卷材料",
                "缺文书 2 份",
                "现场检查(勘验)笔录",
                "须由执法人员、当事人或",
            ),
        ),
        ("en", ("Case file", "2 text record(s) missing", "record of the site check", "to be signed by officers")),
    ],
)
def test_the_page_lists_every_place(client: TestClient, locale: str, words: tuple[str, ...]) -> None:
    """Each step shows the text records it asks for, who must sign and what is missing, and no word is left out."""
    answer = client.get(PAGE, params={"lang": locale})
    assert answer.status_code == 200
    assert [one for one in words if one not in answer.text] == []
    assert [key for key in ("casefile.", "document.", "enum.", "role.") if f">{key}" in answer.text] == []


def test_an_upload_is_sealed_attached_and_shown(office: FileOffice, client: TestClient) -> None:
    """One form with two files fills a place and signs it; the page then offers them, and nothing is left in work/."""
    form = {"step_no": "2", "slot": SITE_RECORD, "signed_by": ["officers", "party"], "dated_at": "2026-09-02", **WHO}
    files = [("file", ("C:\\扫描\\一 页.pdf", PDF, "application/pdf")), ("file", ("b.pdf", b"no pdf", "text/html"))]
    answer = client.post(f"{PAGE}/documents", data=form, files=files)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?done=attached#file-2")
    page = client.get(f"{PAGE}?done=attached&lang=zh-CN").text
    for words in ("一 页.pdf", "b.pdf", "文件名以 .pdf 结尾，内容却是 text/plain", "文件已封存并归卷", "缺文书 1 份"):
        assert words in page
    assert list((office.house.home.work / "uploads").glob("*")) == []


def test_a_download_is_in_the_ledger_and_runs_nowhere(office: FileOffice, client: TestClient) -> None:
    """A file that would be a page is sent as bytes to be saved under its name, in a sandbox; the ledger tells of it."""
    form = {"step_no": "1", "slot": APPROVAL, **WHO}
    files = {"file": ("脚本.html", b"<script>alert(1)</script>", "text/html")}
    client.post(f"{PAGE}/documents", data=form, files=files)
    [held] = office.house.case_files.attachments(CASE)
    answer = client.get(f"/media/{held.attachment.digest}/original", params={"download": "true"})
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == f"attachment; filename*=utf-8''{quote('脚本.html')}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    told = office.house.library.ledger(subject=held.attachment.digest)
    assert [entry.body["event"] for entry in told].count("access") == 1


def test_taking_off_on_the_page(office: FileOffice, client: TestClient) -> None:
    """The form beside a file takes it off; the place is empty again."""
    client.post(f"{PAGE}/documents", data={"step_no": "1", "slot": APPROVAL, **WHO}, files={"file": ("a.pdf", PDF)})
    [held] = office.house.case_files.attachments(CASE)
    form = {"step_no": "1", "slot": APPROVAL, "digest": held.attachment.digest, **WHO}
    answer = client.post(f"{PAGE}/documents/detach", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?done=detached#file-1")
    assert "a.pdf" not in client.get(PAGE).text


def test_a_record_of_the_whole_case(office: FileOffice, client: TestClient) -> None:
    """The last form takes in what belongs to no step."""
    form = {"step_no": "", "slot": "案卷(文字+音像)", **WHO}
    answer = client.post(f"{PAGE}/documents", data=form, files={"file": ("全卷.pdf", PDF)})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?done=attached#file-")
    assert [one.document.slot for one in office.view.documents] == ["案卷(文字+音像)"]
    assert "全卷.pdf" in client.get(PAGE).text


@pytest.mark.parametrize(
    ("form", "files", "status"),
    [
        ({"step_no": "1", "slot": APPROVAL, "actor": "李"}, {"file": ("a.pdf", PDF)}, 400),
        ({"step_no": "1", "slot": APPROVAL, **WHO}, {}, 400),
        ({"step_no": "1", "slot": "没有", **WHO}, {"file": ("a.pdf", PDF)}, 400),
        ({"step_no": "8", "slot": APPROVAL, **WHO}, {"file": ("a.pdf", PDF)}, 404),
        ({"step_no": "1", "slot": APPROVAL, "dated_at": "soon", **WHO}, {"file": ("a.pdf", PDF)}, 400),
    ],
)
def test_what_cannot_be_attached_is_refused(
    office: FileOffice, client: TestClient, form: dict[str, str], files: dict[str, tuple[str, bytes]], status: int
) -> None:
    """Without a reason, a file, a place, a step or a date that is one, nothing is sealed."""
    answer = client.post(f"{PAGE}/documents", data=form, files=files or None)
    assert answer.status_code == status
    assert office.house.case_files.attachments(CASE) == []


def test_a_foreign_page_attaches_nothing(office: FileOffice, client: TestClient) -> None:
    """A post from another site is refused by the door, as every post is."""
    form = {"step_no": "1", "slot": APPROVAL, **WHO}
    headers = {"Origin": "http://evil.example"}
    answer = client.post(f"{PAGE}/documents", data=form, files={"file": ("a.pdf", PDF)}, headers=headers)
    assert answer.status_code == 403
    assert office.house.case_files.attachments(CASE) == []


def test_an_endless_upload_is_refused_before_it_is_read(client: TestClient) -> None:
    """What is larger than the form takes, or does not say how large it is, is refused with the command to use."""
    headers = {"Content-Length": str(300 << 20), "Content-Type": "multipart/form-data; boundary=x"}
    answer = client.post(f"{PAGE}/documents?lang=en", content=b"--x--", headers=headers)
    assert answer.status_code == 400
    assert "evidock attach" in answer.text


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\a\\b.pdf", "b.pdf"),
        ("", "file"),
        ("..", "file"),
        ("a\x00\u202eb.pdf", "ab.pdf"),
        ("字" * 100 + ".pdf", "字" * 65 + ".pdf"),
    ],
)
def test_a_stated_name_becomes_a_plain_one(stated: str, kept: str) -> None:
    """Folders, signs nobody sees and endless names are left out; the suffix stays."""
    assert file_name(stated) == kept
