"""Programs hand records in over HTTP: who is let in, for what, and that every answer is that of the command line."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from dashboard.page_services import page_services
from dashboard.plant import Plant
from dashboard.token_desk import PREFIX, TokenDesk
from dashboard.web.app import create_app
from evidence.custody import EventType
from evidence.errors import NotFoundError, UsageError
from evidence.tokens import secret_digest
from index import schema
from ingest.records import MAX_BYTES
from tests.support.cli import json_lines, run_cli
from tests.support.imports import HEADINGS, told_home
from tests.support.retention import Bureau, bureau

YEAR = timedelta(days=365)
CASES = f"{HEADINGS['cases']}\nC1,案,处罚,执法大队,2026-11-01,,\n".encode()
WRONG = f"{HEADINGS['cases']}\nC1,案,处罚,执法大队,2026-02-30,,\n".encode()


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[Bureau]:
    with bureau(tmp_path) as office:
        yield office


@pytest.fixture(name="client")
def _client(office: Bureau) -> TestClient:
    """A program: it names no origin, as browsers do."""
    return TestClient(create_app(page_services(office.house, Plant(office.house))), base_url="http://127.0.0.1")


@pytest.fixture(name="bearer")
def _bearer(office: Bureau) -> dict[str, str]:
    _, secret = TokenDesk(office.house).create("案管系统", ["cases"], YEAR, "李", "对接")
    return {"Authorization": f"Bearer {secret}"}


def test_a_program_imports_as_the_command_line_does(office: Bureau, client: TestClient, bearer: dict[str, str]) -> None:
    """Dry, then in earnest, then again: the documented object each time; the entry names the token's holder."""
    before = told_home(office.house)
    dry = client.post("/api/import/cases?dry_run=1", content=CASES, headers=bearer)
    assert told_home(office.house) == before
    assert dry.status_code == 200
    assert (dry.json()["import"]["imported"], dry.json()["import"]["new"]) == (0, ["C1"])
    done = client.post("/api/import/cases?name=export.csv", content=CASES, headers=bearer).json()["import"]
    assert (done["imported"], done["rows"], done["new"], done["verdicts"]) == (1, 1, ["C1"], [])
    again = client.post("/api/import/cases", content=CASES, headers=bearer).json()["import"]
    assert (again["new"], again["changed"], again["unchanged"]) == ([], [], 1)
    [first, _] = office.told(EventType.IMPORTED)
    assert (first.actor, first.authenticated, first.detail["file_name"]) == ("案管系统", "token", "export.csv")


def test_the_answer_is_the_command_s(
    office: Bureau, client: TestClient, bearer: dict[str, str], tmp_path: Path
) -> None:
    """The same object, but for the entry that only one of them wrote."""
    file = tmp_path / "cases.csv"
    file.write_bytes(CASES)
    sent = client.post("/api/import/cases?dry_run=1&lang=en", content=CASES, headers=bearer).json()
    office.house.close()
    [printed] = json_lines(
        run_cli(office.house.home.root, "import", "cases", str(file), "--dry-run", "--json", "--lang", "en")
    )
    assert sent == printed


def test_a_wrong_row_refuses_the_file(office: Bureau, client: TestClient, bearer: dict[str, str]) -> None:
    """422 with the verdicts, and no byte has moved."""
    before = told_home(office.house)
    answer = client.post("/api/import/cases?lang=en", content=WRONG, headers=bearer)
    assert answer.status_code == 422
    [verdict] = answer.json()["import"]["verdicts"]
    assert (verdict["line"], verdict["column"], verdict["code"]) == (2, "opened_at", "time_impossible")
    assert verdict["cure"]
    assert told_home(office.house) == before


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Bearer evidock_", "Basic QTpC", "{secret}"])
def test_nobody_is_let_in_without_a_token(office: Bureau, client: TestClient, header: str) -> None:
    """401 in the words of the API, whatever else is sent; nothing of the body is judged."""
    _, secret = TokenDesk(office.house).create("案管系统", ["cases"], YEAR, "李", "对接")
    headers = {"Authorization": header.format(secret=secret)} if header else {}
    before = told_home(office.house)
    answer = client.post("/api/import/cases", content=CASES, headers=headers)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json()["error"]["kind"] == "TokenRefusedError"
    assert secret not in answer.text
    assert told_home(office.house) == before


def test_a_token_lets_in_for_its_own_nouns_alone(client: TestClient, bearer: dict[str, str]) -> None:
    """403 for another noun, 404 for what is none."""
    assert client.post("/api/import/officers", content=b"x", headers=bearer).status_code == 403
    assert client.post("/api/import/people", content=b"x", headers=bearer).status_code == 404


@pytest.mark.parametrize("end", ["revoked", "over"])
def test_a_token_that_stands_no_more_lets_nobody_in(
    office: Bureau, client: TestClient, bearer: dict[str, str], end: str
) -> None:
    """Revoked by a person, or over: 401 from then on."""
    if end == "revoked":
        TokenDesk(office.house).revoke("案管系统", "王", "停用")
    else:
        office.now += YEAR
    assert client.post("/api/import/cases", content=CASES, headers=bearer).status_code == 401


def test_too_large_is_refused_before_it_is_read(office: Bureau, client: TestClient, bearer: dict[str, str]) -> None:
    """413 by what the header says, and by what comes where it says nothing; with a verdict and its cure."""
    before = told_home(office.house)
    said = client.post("/api/import/cases", content=b"x", headers={**bearer, "Content-Length": str(MAX_BYTES + 1)})

    def parts() -> Iterator[bytes]:
        for _ in range((MAX_BYTES >> 20) + 1):
            yield b"x" * (1 << 20)

    streamed = client.post("/api/import/cases", content=parts(), headers=bearer)
    for answer in (said, streamed):
        assert answer.status_code == 413
        assert answer.json()["import"]["verdicts"][0]["code"] == "too_large"
    assert told_home(office.house) == before


def test_a_zone_survives_the_address(client: TestClient, bearer: dict[str, str]) -> None:
    """A plus sign that an address turns into a blank is meant as a plus sign; an unknown zone is 400."""
    for zone in ("+06:00", "%2B06:00"):
        told = client.post(f"/api/import/cases?dry_run=1&zone={zone}", content=CASES, headers=bearer)
        assert told.status_code == 200
    assert client.post("/api/import/cases?zone=Mars", content=CASES, headers=bearer).status_code == 400


def test_a_foreign_page_sends_nothing(client: TestClient, bearer: dict[str, str]) -> None:
    """A browser on another site names its origin, and is refused although it has a token."""
    headers = {**bearer, "Origin": "http://evil.example"}
    assert client.post("/api/import/cases", content=CASES, headers=headers).status_code == 403


def test_only_the_hash_of_a_secret_is_kept(office: Bureau) -> None:
    """Neither register, ledger, vault nor log holds the secret; what is kept leads nobody back to it."""
    token, secret = TokenDesk(office.house).create("考勤系统", ["officers", "assignments"], YEAR, "李", "对接")
    assert secret.startswith(PREFIX)
    assert len(secret) >= len(PREFIX) + 43
    assert token.secret_sha256 == secret_digest(secret)
    held = told_home(office.house)
    assert [name for name, value in held.items() if secret in str(value) or secret.encode() in _bytes(value)] == []


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def test_granting_and_revoking_are_decisions_of_named_persons(office: Bureau) -> None:
    """Each is an entry of the ledger with name, reason and scope; a name is taken once, and free again afterwards."""
    desk = TokenDesk(office.house)
    desk.create("考勤系统", ["officers"], YEAR, "李", "对接")
    with pytest.raises(UsageError, match="stands already"):
        desk.create("考勤系统", ["officers"], YEAR, "李", "对接")
    desk.revoke("考勤系统", "王", "停用")
    with pytest.raises(NotFoundError):
        desk.revoke("考勤系统", "王", "停用")
    granted, revoked = office.told(EventType.DECIDED)
    assert (granted.actor, granted.reason, granted.detail["decision"]) == ("李", "对接", "grant_token")
    assert (revoked.actor, revoked.reason, revoked.detail["decision"]) == ("王", "停用", "revoke_token")
    assert (desk.tokens(), len(desk.tokens(everything=True))) == ([], 1)
    assert [row["scopes"] for row in office.rows(schema.TokenRow)] == [["import:officers"]]
    desk.create("考勤系统", ["officers"], YEAR, "李", "再次对接")


@pytest.mark.parametrize(
    ("name", "nouns", "days", "reason"),
    [("", ["cases"], 1, "r"), ("a", [], 1, "r"), ("a", ["people"], 1, "r"), ("a", ["cases"], 0, "r"),
     ("a", ["cases"], 1, " "), ("system", ["cases"], 1, "r"), ("a\nb", ["cases"], 1, "r")],
)  # fmt: skip
def test_a_token_that_cannot_be_is_refused(office: Bureau, name: str, nouns: list[str], days: int, reason: str) -> None:
    """Without name, noun, length or reason nothing is granted."""
    with pytest.raises(UsageError):
        TokenDesk(office.house).create(name, nouns, timedelta(days=days), "李", reason)
    assert office.rows(schema.TokenRow) == []


def test_the_command_line_grants_lists_and_revokes(tmp_path: Path) -> None:
    """The secret is on stdout once; the list shows who may hand in what; a reason is demanded."""
    home = tmp_path / "home"
    shared = ("--actor", "李", "--reason", "对接")
    made = run_cli(home, "token", "create", "案管系统", "--for", "cases", "--for", "steps", *shared)
    assert made.returncode == 0, made.stderr
    [secret] = made.stdout.split()
    assert secret.startswith(PREFIX)
    assert run_cli(home, "token", "create", "b", "--for", "cases").returncode == 2
    [listed] = json_lines(run_cli(home, "token", "list", "--json"))
    tokens = listed["token"]
    assert isinstance(tokens, list)
    [token] = tokens
    assert (token["name"], token["scopes"], token["stands"]) == ("案管系统", ["import:cases", "import:steps"], True)
    assert "secret" not in token
    assert run_cli(home, "token", "revoke", "案管系统", *shared).returncode == 0
    shown = run_cli(home, "token", "list", "--all", "--lang", "en").stdout
    assert all(word in shown for word in ("案管系统", "cases, steps", "李"))
    assert run_cli(home, "verify", "--deep").returncode == 0
    assert run_cli(home, "rebuild").returncode == 0
    [again] = json_lines(run_cli(home, "token", "list", "--all", "--json"))
    assert again["token"][0]["revoked_by"] == "李"  # type: ignore[index] # as documented
