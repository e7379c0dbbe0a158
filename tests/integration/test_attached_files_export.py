"""The pack of a case with text records: payload, catalogue, and checks that need nothing of the house."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.commands.export import rooms_of
from dashboard.packs import export_case
from tests.support.casefile import APPROVAL, CASE, PDF, SITE_RECORD, FileOffice, file_office, write, write_docx
from tests.support.packs import by_house, by_verify, copy_of, remanifest, run_verify

NASTY = "<script>alert(1)</script>.pdf"


@pytest.fixture(scope="module", name="office")
def _office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileOffice]:
    with file_office(tmp_path_factory.mktemp("house")) as office:
        folder = office.folder
        approval = write_docx(folder / "审批.docx")
        office.attach("1", APPROVAL, approval, signed_by=("head",), title="立案审批表（2026）")
        office.attach("2", SITE_RECORD, write(folder / "笔录.pdf"), signed_by=("officers", "party"))
        office.attach("-", "案卷", write(folder / "笔录.pdf"))
        office.attach("2", SITE_RECORD, write(folder / NASTY.replace("/", "／"), b"%PDF-1 %%EOF"), title="<b>粗</b>")
        gone = office.attach("1", APPROVAL, write(folder / "错.pdf", b"%PDF-9 %%EOF"))
        office.detach("1", APPROVAL, gone.digest)
        yield office


@pytest.fixture(scope="module", name="pack")
def _pack(office: FileOffice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("out")
    return export_case(rooms_of(office.house), CASE, into, office.house.actor, "移送", lambda _share: None).path


def listed(pack: Path) -> list[dict[str, object]]:
    """Return the items of the pack."""
    items = json.loads((pack / "data/pack.json").read_bytes())["items"]
    assert isinstance(items, list)
    return items


def test_attached_files_are_payload_under_readable_names(pack: Path) -> None:
    """Each file lies there once with its own bytes, named by step and place, and says which records it is."""
    items = listed(pack)
    assert [Path(str(one["path"])).suffix for one in items] == [".docx", ".pdf", ".pdf"]
    assert all(str(one["path"]).startswith("data/documents/") for one in items)
    places = [[(place["step_no"], place["slot"]) for place in one["documents"]] for one in items]  # type: ignore[attr-defined]
    assert places == [[("1", APPROVAL)], [("2", SITE_RECORD), ("", "案卷(文字+音像)")], [("2", SITE_RECORD)]]
    body = (pack / str(items[1]["path"])).read_bytes()
    assert (body, hashlib.sha256(body).hexdigest()) == (PDF, items[1]["sha256"])


def test_the_catalogue_lists_what_is_there_and_what_is_missing(pack: Path) -> None:
    """For programs the documented names with a path per digest; for people a page in each language, without script."""
    said = json.loads((pack / "data/catalogue.json").read_bytes())
    assert (said["casefile"]["missing"], said["casefile"]["unsigned"]) == (0, 0)
    assert {str(one["sha256"]): one["path"] for one in listed(pack)} == said["paths"]
    for name, words in (("catalogue.html", ("卷内目录", "已归卷", "应录未录")), ("catalogue-en.html", ("present",))):
        page = (pack / "data" / name).read_text("utf-8")
        assert [word for word in (*words, "&lt;b&gt;粗&lt;/b&gt;") if word not in page] == []
        assert "<script" not in page
        assert "default-src 'none'" in page
        targets = re.findall(r'href="([^"]+)"', page)
        assert len(targets) == 4


def test_the_pack_holds_for_anybody(pack: Path) -> None:
    """The bare verifier, the second opinion and the public library call it whole."""
    assert run_verify(pack).returncode == 0, run_verify(pack).stdout
    assert by_verify(pack) == by_house(pack) == set()
    command = [sys.executable, "-m", "bagit", "--quiet", "--validate", str(pack)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize(("path", "code"), [("data/documents", "item.original"), ("data/catalogue.html", "pack.file")])
def test_a_changed_record_is_found_out(pack: Path, tmp_path: Path, path: str, code: str) -> None:
    """Who swaps a text record or edits the catalogue, manifests and all, is named by both checks."""
    copy = copy_of(pack, tmp_path)
    target = copy / path
    target = min(target.iterdir()) if target.is_dir() else target
    target.write_bytes(target.read_bytes() + b" ")
    remanifest(copy)
    found = by_verify(copy)
    assert found == by_house(copy)
    assert {one for one, _, _ in found} == {code}


def test_what_was_taken_off_is_told_and_not_given(office: FileOffice, pack: Path) -> None:
    """A detached file is no payload; the decisions that attached it and took it off are in the pack with proofs."""
    [gone] = [one for one in office.house.case_files.attachments(CASE) if not one.attachment.active]
    assert gone.attachment.digest not in {one["sha256"] for one in listed(pack)}
    entries = [json.loads(path.read_bytes()) for path in (pack / "data/ledger/entries").iterdir()]
    decided = [one["detail"]["decision"] for one in entries if one["subject"] == gone.attachment.digest]
    assert sorted(decided) == ["attach", "detach"]
