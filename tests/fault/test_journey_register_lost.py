"""The register is lost in the middle of the work: what the vault holds is enough to go on, and nothing is lost."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from dashboard.rebuilding import rebuild_register, register_disagreements
from dashboard.wiring import open_house
from evidence.custody import Actor, Authenticated, Entry, EventType, canonical_bytes
from evidence.tlog import bundle_path, to_bundle
from index import ledger
from index.agreement import LEFT_OUT
from index.schema import Base
from storage.sealed_entries import sealed_entries
from tests.support.cli import json_lines, run_cli
from tests.support.s3 import s3_server

LI = Actor("李", Authenticated.UNAUTHENTICATED)
DECISION = {"decision": "explain", "target": "f", "finding_id": "f", "record": "0" * 64}
POINTS = ("sealed-no-sidecar", "sealed-unrecorded", "recorded", "measured-unrecorded", "mid-ffmpeg", "mid-match")
OFFICERS = "officer_id,name,unit,valid_from,valid_to,short_codes\nE1,艾力,执法大队,,,XX0001\n"
CASES = "case_no,title,matter_type,unit,opened_at,concluded_at,confidentiality\nHJ-1,案,处罚,大队,2026-11-20T09:00,,\n"
STEPS = (
    "case_no,step_no,procedure,started_at,ended_at,place,officers,party,unsuitable_reason\n"
    "HJ-1,1,SITE_CHECK,2026-11-20T09:30,2026-11-20T09:31,厂区,E1,某厂,\n"
)


@pytest.fixture(scope="module", name="footage")
def _footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("card") / "card"
    folder.mkdir()
    for name, codec in (("AB00001_XX0001_20261120093000_0001.mp4", "libx264"), ("0002.avi", "mjpeg")):
        command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=10:duration=4"]
        subprocess.run([*command, "-pix_fmt", "yuv420p", "-c:v", codec, str(folder / name)], check=True)
    return folder


def lose_register(home: Path) -> None:
    """Take the register and all that lies beside it away."""
    for file in home.glob("register.sqlite*"):
        file.unlink()


@pytest.mark.parametrize("point", POINTS)
def test_killed_and_its_register_lost_it_goes_on(point: str, footage: Path, tmp_path: Path) -> None:
    """Killed at the point, the register gone: after `rebuild` every sealed file is there once and ends its journey."""
    home = tmp_path / "home"
    kill = {"EVIDOCK_KILL_AT": point, "EVIDOCK_KILL_MARK": str(tmp_path / "killed")}
    assert run_cli(home, "take-in", str(footage), "--json", env=kill).returncode == -9
    lose_register(home)
    made = run_cli(home, "rebuild", "--accept-unsigned", "--json")
    assert made.returncode == 0, made.stderr
    after = run_cli(home, "take-in", str(footage), "--json")
    assert after.returncode == 0, after.stderr
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in footage.iterdir()}
    assert {(line["sha256"], line["state"]) for line in json_lines(after)} == {(one, "reviewed") for one in digests}
    checked = run_cli(home, "verify", "--deep", "--json")
    assert checked.returncode == 0, checked.stdout


def lived_in(home: Path, footage: Path, folder: Path, env: Mapping[str, str]) -> None:
    """Let a home take files in, import records, and take a person's decisions."""
    for noun, text in (("officers", OFFICERS), ("cases", CASES), ("steps", STEPS)):
        (folder / f"{noun}.csv").write_text(text, encoding="utf-8")
        done = run_cli(home, "import", noun, str(folder / f"{noun}.csv"), env=env)
        assert done.returncode == 0, done.stderr
    taken = run_cli(home, "take-in", str(footage), "--json", env=env)
    assert taken.returncode == 0, taken.stderr
    digest = str(json_lines(taken)[0]["sha256"])
    for words in (("link", digest, "HJ-1/1"), ("unlink", digest, "HJ-1/1"), ("hold", "place", "--clip", digest)):
        done = run_cli(home, *words, "--reason", "核对", "--actor", "李", env=env)
        assert done.returncode == 0, done.stderr


def rows_of(register: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table that carries meaning, without the numbers the database gives by itself."""
    given = {"sighting_id", "claim_id", "history_id"}
    with sqlite3.connect(register) as connection:
        return {
            name: sorted(
                (tuple(row) for row in connection.execute(f"SELECT {_columns(table, given)} FROM {name}")),  # noqa: S608 - names of our own
                key=repr,
            )
            for name, table in Base.metadata.tables.items()
            if name not in LEFT_OUT - {"ledger_entry"}
        }


def _columns(table: object, left_out: set[str]) -> str:
    names = [column.name for column in table.columns if column.name not in left_out]  # type: ignore[attr-defined] # a table
    return ", ".join(f'"{name}"' for name in names)


@pytest.mark.parametrize("kind", ["local", "s3"])
def test_every_table_comes_back(kind: str, footage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a folder or from a bucket: each table that carries meaning is, row for row, what it was."""
    home, env = tmp_path / "home", dict[str, str]()
    if kind == "s3":
        server = s3_server()
        env = dict(server.environment)
        home.mkdir()
        lines = ["[vault]", 'kind = "s3"', f'bucket = "{server.make_bucket()}"', f'endpoint = "{server.endpoint}"']
        (home / "evidock.toml").write_text("\n".join(lines), encoding="utf-8")
        for name, value in env.items():
            monkeypatch.setenv(name, value)
    lived_in(home, footage, tmp_path, env)
    before = tmp_path / "before.sqlite"
    with sqlite3.connect(home / "register.sqlite") as source, sqlite3.connect(before) as target:
        source.backup(target)
    shutil.rmtree(home / "work")
    lose_register(home)
    made = run_cli(home, "rebuild", "--json", env=env)
    assert made.returncode == 0, made.stderr
    told, again = rows_of(before), rows_of(home / "register.sqlite")
    assert {name: rows for name, rows in again.items() if rows != told[name]} == {}
    assert min(len(told[name]) for name in ("original", "link", "decision", "hold", "import_batch", "finding")) > 0
    with open_house(home) as house:
        assert list(register_disagreements(house)) == []
    assert not {name for name in os.listdir(home) if name.startswith("register.rebuilding")}  # noqa: PTH208 - names alone


def test_a_register_that_is_there_is_kept(footage: Path, tmp_path: Path) -> None:
    """Rebuilding takes nothing away: the old register lies beside the new one, and the command says where."""
    home = tmp_path / "home"
    assert run_cli(home, "take-in", str(footage)).returncode == 0
    (home / "register.sqlite").write_bytes(b"no database at all")
    for beside in ("-wal", "-shm"):
        Path(f"{home / 'register.sqlite'}{beside}").unlink(missing_ok=True)
    [made] = json_lines(run_cli(home, "rebuild", "--json"))
    outcome = made["rebuild"]
    assert isinstance(outcome, dict)
    assert Path(outcome["kept_as"]).read_bytes() == b"no database at all"
    assert run_cli(home, "verify", "--deep").returncode == 0


def test_a_damaged_ledger_makes_no_register(footage: Path, tmp_path: Path) -> None:
    """When the sealed entries do not give the signed root, nothing is changed and the exit says integrity."""
    home = tmp_path / "home"
    assert run_cli(home, "take-in", str(footage)).returncode == 0
    before = (home / "register.sqlite").read_bytes()
    [bundle] = (home / "vault/ledger/tile/entries").rglob("*.p/*")
    bundle.chmod(0o644)
    body = bytearray(bundle.read_bytes())
    body[len(body) // 2] ^= 1
    bundle.write_bytes(body)
    refused = run_cli(home, "rebuild")
    assert refused.returncode == 60, refused.stderr
    assert (home / "register.sqlite").read_bytes() == before


def test_a_log_of_another_database_is_not_played_into_the_new_one(footage: Path, tmp_path: Path) -> None:
    """What SQLite left beside a register that is gone goes aside; the new register is whole."""
    home = tmp_path / "home"
    assert run_cli(home, "take-in", str(footage)).returncode == 0
    with sqlite3.connect(home / "register.sqlite") as held:
        held.execute("PRAGMA wal_autocheckpoint=0")
        held.execute("CREATE TABLE stray (x)")
        held.execute("INSERT INTO stray SELECT randomblob(400000)")
        held.commit()
        shutil.copy(home / "register.sqlite-wal", tmp_path / "wal")
    lose_register(home)
    shutil.copy(tmp_path / "wal", home / "register.sqlite-wal")
    assert run_cli(home, "rebuild").returncode == 0
    with sqlite3.connect(home / "register.sqlite") as made:
        assert made.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert run_cli(home, "verify", "--deep").returncode == 0


def test_what_is_committed_and_not_sealed_is_sealed_first(footage: Path, tmp_path: Path) -> None:
    """A register that is there and whole keeps all it had: its last entries are sealed before it is made again."""
    home = tmp_path / "home"
    assert run_cli(home, "take-in", str(footage)).returncode == 0
    with open_house(home) as house, house.register.transaction() as tx:
        number = ledger.append(tx, Entry(EventType.DECIDED, LI, house.clock(), reason="r", detail=DECISION))
    assert run_cli(home, "rebuild").returncode == 0
    with open_house(home) as house:
        [last] = house.library.ledger(start=number, limit=1)
        assert last.body["reason"] == "r"
        assert house.sealer.head().size > number


def test_entries_nobody_signed_for_are_not_taken_in_unasked(footage: Path, tmp_path: Path) -> None:
    """Whoever lays an entry beside the sealed ones gets it signed only when a person has said so."""
    home = tmp_path / "home"
    assert run_cli(home, "take-in", str(footage)).returncode == 0
    with open_house(home) as house:
        size = house.sealer.head().size
        forged = canonical_bytes(size, Entry(EventType.VIEWED, LI, house.clock(), "f" * 64))
        kept = [entry.canonical for entry in sealed_entries(house.log, size)][size // 256 * 256 :]
        house.log.create(bundle_path(size // 256, size % 256 + 1), to_bundle([*kept, forged]))
    lose_register(home)
    refused = run_cli(home, "rebuild")
    assert (refused.returncode, "--accept-unsigned" in refused.stderr) == (60, True), refused.stderr
    assert not (home / "register.sqlite").exists()
    assert run_cli(home, "rebuild", "--accept-unsigned").returncode == 0
    with open_house(home) as house:
        assert house.library.ledger(start=size, limit=1)[0].canonical == forged


def test_two_rebuilds_keep_both_registers(footage: Path, tmp_path: Path) -> None:
    """Each register that was there stays, also when two are made within a second."""
    home = tmp_path / "home"
    assert run_cli(home, "take-in", str(footage)).returncode == 0
    for _ in range(2):
        rebuild_register(home, lambda _done, _total: None)
    assert len(list(home.glob("register.before-*.sqlite"))) == 2
