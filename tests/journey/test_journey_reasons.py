"""From a gap to a reason of the list, by command and by the page of a running home, to a pack and a rebuild."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest

from tests.support.casefile import CASE, PDF, RECORDS, write
from tests.support.cli import json_lines, run_cli, start_cli
from tests.support.packs import run_verify

LI, WANG = ("--actor", "李"), ("--actor", "王")


@pytest.fixture(scope="module", name="home")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reasons")
    for noun, text in RECORDS.items():
        done = run_cli(folder / "home", "import", noun, str(write(folder / f"{noun}.csv", text.encode())))
        assert done.returncode == 0, done.stderr
    return folder / "home"


def findings(home: Path, kind: str) -> list[dict[str, object]]:
    """Return the findings of a kind, whatever their state."""
    found = json_lines(run_cli(home, "findings", "--all", "--kind", kind, "--json"))[0]["findings"]
    assert isinstance(found, list)
    return found


@pytest.mark.slow
def test_a_gap_is_explained_with_a_reason_and_a_missing_record_on_the_page(home: Path, tmp_path: Path) -> None:
    """Listed, refused with the cure, claimed with a file, granted by another; a form alike; exported and rebuilt."""
    [gap] = findings(home, "NO_AV")
    name = str(gap["finding_id"])
    listed = json_lines(run_cli(home, "reasons", name, "--json"))[0]["reasons"]
    assert isinstance(listed, list)
    assert {"CAMERA_FAULT", "OTHER_REASON"} <= {one["code"] for one in listed}
    assert "UPLOAD_LATE" not in json.dumps([one["code"] for one in listed])
    assert "执法记录仪故障" in run_cli(home, "reasons", name, "--lang", "zh-CN").stdout
    assert "UNSUITABLE_DANGER" in run_cli(home, "reasons", f"{CASE}/2").stdout
    for words, says in (
        (("--reason", "摔坏了"), "CAMERA_FAULT"),
        ((), "a reason of the list is needed"),
        (("--reason", "CAMERA_FAULT", "--note", "摔坏"), "needs an attached file"),
    ):
        refused = run_cli(home, "explain", name, *words, *LI)
        assert (refused.returncode, says in refused.stderr) == (2, True)
    files = ("--attach", str(write(tmp_path / "维修单.pdf")), "--attach", str(write(tmp_path / "b.pdf", PDF + b"2")))
    done = run_cli(home, "explain", name, "--reason", "CAMERA_FAULT", "--note", "摔坏", *files, *LI)
    assert done.returncode == 0, done.stderr
    assert run_cli(home, "approve", name, "--reason", "属实", *LI).returncode == 2
    assert run_cli(home, "approve", name, "--reason", "属实", *WANG).returncode == 0
    [after] = findings(home, "NO_AV")
    claim = after["claim"]
    assert isinstance(claim, dict)
    assert (after["state"], after["claimed_by"], after["decided_by"]) == ("explained", "李", "王")
    assert (claim["code"], claim["note"], len(claim["files"])) == ("CAMERA_FAULT", "摔坏", 2)
    claimed_on_the_page(home, str(findings(home, "DOCUMENT_MISSING")[0]["finding_id"]))
    made = json_lines(run_cli(home, "export", CASE, "--to", str(tmp_path / "out"), *WANG, "--reason", "移送", "--json"))
    exported = made[0]["export"]
    assert isinstance(exported, dict)
    assert run_verify(Path(str(exported["path"]))).returncode == 0
    before = findings(home, "NO_AV"), findings(home, "DOCUMENT_MISSING")
    assert run_cli(home, "verify", "--deep").returncode == 0
    assert run_cli(home, "rebuild").returncode == 0
    assert (findings(home, "NO_AV"), findings(home, "DOCUMENT_MISSING")) == before


def claimed_on_the_page(home: Path, finding: str) -> None:
    """Serve the home, and claim a reason with a file by the form of a finding."""
    process = start_cli(home, "up", "--port", "0")
    try:
        assert process.stderr is not None
        address = ""
        while not address:
            line = process.stderr.readline()
            assert line, "up ended before it served"
            found = re.search(r"http://[^\s/]+", line)
            address = found[0] if found else ""
        form = {"decision": "explain", "actor": "王", "code": "RECORD_ON_PAPER", "note": "存于卷宗"}
        answer = httpx2.post(
            f"{address}/findings/{finding}/decisions",
            data=form,
            files={"file": ("卷宗目录.pdf", PDF + b"3")},
            headers={"Origin": address},
            timeout=60,
        )
        assert (answer.status_code, answer.headers["location"]) == (303, f"/findings/{finding}?done=explain")
        page = httpx2.get(f"{address}/findings/{finding}?lang=zh-CN", timeout=10).text
        assert [word for word in ("卷宗目录.pdf", "存于卷宗", "文书以纸质形式存于案卷") if word not in page] == []
        assert "卷宗目录.pdf" not in httpx2.get(f"{address}/cases/{quote(CASE)}", timeout=10).text
    finally:
        process.terminate()
        process.communicate(timeout=60)
