"""From records to a complete case file, through the command line and the page of a running home."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest

from tests.support.casefile import APPROVAL, CASE, PDF, RECORDS, SITE_RECORD, write, write_docx
from tests.support.cli import json_lines, run_cli, start_cli
from tests.support.packs import run_verify

WHO_FORM = {"actor": "王", "reason": "归档"}
WHO = ("--actor", "李", "--reason", "归档")


@pytest.fixture(scope="module", name="home")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attach")
    for noun, text in RECORDS.items():
        done = run_cli(folder / "home", "import", noun, str(write(folder / f"{noun}.csv", text.encode())))
        assert done.returncode == 0, done.stderr
    return folder / "home"


def missing(home: Path) -> list[str]:
    """Return the steps with a text record that is missing or unsigned."""
    [body] = json_lines(run_cli(home, "findings", "--json"))
    found = body["findings"]
    assert isinstance(found, list)
    return sorted(one["step_no"] for one in found if one["kind"] in {"DOCUMENT_MISSING", "SIGNATURE_MISSING"})


def attached(body: dict[str, object]) -> list[dict[str, object]]:
    """Return the list that ``attach`` and ``attachments`` print."""
    found = body["attachments"]
    assert isinstance(found, list)
    return found


@pytest.mark.slow
def test_a_case_file_is_completed(home: Path, tmp_path: Path) -> None:
    """Attached by command and by form while the home is served; found, kept, exported, verified and rebuilt."""
    assert missing(home) == ["1", "2"]
    wrong = run_cli(home, "attach", CASE, "1", "没有", str(write(tmp_path / "a.pdf")), *WHO)
    assert (wrong.returncode, APPROVAL in wrong.stderr) == (2, True)
    approval = str(write_docx(tmp_path / "审批.docx"))
    done = run_cli(home, "attach", CASE, "1", APPROVAL, approval, "--signed-by", "head", *WHO, "--json")
    assert done.returncode == 0, done.stderr
    held = attached(json_lines(done)[0])[0]
    assert (held["file_name"], held["signed_by"], held["actor"], held["problems"]) == ("审批.docx", ["head"], "李", [])
    assert missing(home) == ["2"]
    upload(home)
    assert missing(home) == []
    [body] = json_lines(run_cli(home, "casefile", CASE, "--json"))
    said = body["casefile"]
    assert isinstance(said, dict)
    assert (said["missing"], said["unsigned"], said["complete"]) == (0, 0, False)
    made = json_lines(run_cli(home, "export", CASE, "--to", str(tmp_path / "out"), *WHO, "--json"))[0]["export"]
    assert isinstance(made, dict)
    assert run_verify(Path(str(made["path"]))).returncode == 0
    before = run_cli(home, "attachments", CASE, "--json").stdout
    assert run_cli(home, "verify", "--deep").returncode == 0
    assert run_cli(home, "rebuild").returncode == 0
    assert json.loads(run_cli(home, "attachments", CASE, "--json").stdout) == json.loads(before)
    assert missing(home) == []
    off = run_cli(home, "detach", CASE, "1", APPROVAL, str(held["sha256"])[:8], *WHO)
    assert (off.returncode, missing(home)) == (0, ["1"])


def upload(home: Path) -> None:
    """Serve the home and hand a file in with the form of its case page; its receipt is given like a dock's."""
    process = start_cli(home, "up", "--port", "0")
    try:
        assert process.stderr is not None
        address = ""
        while not address:
            line = process.stderr.readline()
            assert line, "up ended before it served"
            found = re.search(r"http://[^\s/]+", line)
            address = found[0] if found else ""
        form = {
            "step_no": "2",
            "slot": SITE_RECORD,
            "signed_by": ["officers", "party"],
            "actor": "王",
            "reason": "归档",
        }
        answer = httpx2.post(
            f"{address}/cases/{quote(CASE)}/documents",
            data=form,
            files={"file": ("笔录.pdf", PDF)},
            headers={"Origin": address},
            timeout=60,
        )
        assert (answer.status_code, answer.headers["location"].endswith("done=attached#file-2")) == (303, True)
        receipts = home / "receipts" / "text-records"
        for _ in range(600):
            if list(receipts.rglob("*笔录*")):
                break
            httpx2.get(f"{address}/findings", timeout=10)
        assert list(receipts.rglob("*笔录*"))
        page = httpx2.get(f"{address}/cases/{quote(CASE)}", timeout=10).text
        assert "笔录.pdf" in page
    finally:
        process.terminate()
        process.communicate(timeout=60)
