"""`evidock key` and `evidock witness` as people run them: two machines, a stick between them, and a lost key."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evidence.tlog import checkpoint_of, signed_note, verifier_key
from storage.signing import fingerprint, verify_ed25519
from tests.support.cli import ROOT, json_lines, run_cli


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (tmp_path / "officers.csv").write_text("officer_id,name\nE001,Chen Jing\n")
    assert run_cli(home, "import", "officers", str(tmp_path / "officers.csv")).returncode == 0
    return home


def keys_of(home: Path) -> list[dict[str, object]]:
    """Return what `key --json` says of a home."""
    said = json_lines(run_cli(home, "key", "--json"))[0]["key"]
    assert isinstance(said, dict)
    return list(said["keys"])


def run_witness(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a witness with a state folder of its own, without any home."""
    command = [sys.executable, "-m", "dashboard", "witness", *map(str, words), "--state", str(folder), "--lang", "en"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def newest(home: Path) -> bytes:
    """Return the newest checkpoint of a home."""
    return (home / "vault" / "ledger" / "checkpoint").read_bytes()


def test_the_keys_are_shown_to_be_read_aloud(home: Path) -> None:
    """A table with fingerprints in groups, or one object; the private key is nowhere in it."""
    (key,) = keys_of(home)
    vkey = verifier_key(str(key["vkey"]))
    assert (key["fingerprint"], key["standing"], key["signs_until"]) == (fingerprint(vkey), "current", None)
    shown = run_cli(home, "key", "show", "--lang", "en")
    assert shown.returncode == 0, shown.stderr
    assert fingerprint(vkey) in shown.stdout
    secret = (home / "keys" / "ledger.key").read_text().strip().rsplit("+", 1)[1]
    assert secret not in shown.stdout + shown.stderr


def test_a_change_of_keys_is_a_decision_in_the_ledger(home: Path) -> None:
    """Rotation needs a reason, is an entry by a named person, and the next checkpoint carries both signatures."""
    (before,) = keys_of(home)
    assert run_cli(home, "key", "rotate").returncode == 2
    done = run_cli(home, "key", "rotate", "--reason", "yearly", "--actor", "Chen Jing", "--lang", "en")
    assert done.returncode == 0, done.stderr
    new, old = keys_of(home)
    assert (old["vkey"], old["standing"], new["standing"]) == (before["vkey"], "previous", "current")
    assert str(new["fingerprint"]) in done.stderr
    note = signed_note(newest(home))
    assert all(note.is_signed_by(verifier_key(str(key["vkey"])), verify_ed25519) for key in (new, old))
    bundles = b"".join(path.read_bytes() for path in (home / "vault/ledger/tile/entries").rglob("*") if path.is_file())
    entry = next(text for text in re.findall(rb"\{[^\0]*?\"v\":2\}", bundles) if b"Chen Jing" in text)
    said = json.loads(entry)
    assert (said["event"], said["reason"]) == ("digital signature generation", "yearly")
    assert said["detail"] == {"old": old["vkey"], "new": new["vkey"]}
    assert (home / "vault/ledger/keys" / f"{new['key_id']}.vkey").read_text() == f"{new['vkey']}\n"
    again = run_cli(home, "key", "rotate", "--reason", "again")
    assert (again.returncode, "still signs along" in again.stderr) == (2, True)


def test_a_carried_cosignature_comes_home(home: Path, tmp_path: Path) -> None:
    """Copy the ledger, witness it, be told the setting, put it there, and accept the note."""
    witness = tmp_path / "witness"
    done = run_witness(witness, home)
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stderr.split())
    assert "TAKEN ON TRUST" in words
    assert "evidock witness --accept" in words
    vkey = (witness / "witness.vkey").read_text().strip()
    assert vkey in words
    (note,) = (witness / "cosigned").iterdir()
    refused = run_cli(home, "witness", "--accept", str(note))
    assert (refused.returncode, "ledger.witnesses" in refused.stderr) == (10, True)
    (home / "evidock.toml").write_text(f'[ledger]\nwitnesses = ["{vkey}"]\n')
    kept = run_cli(home, "witness", "--accept", str(note), "--json")
    assert kept.returncode == 0, kept.stderr
    said = json_lines(kept)[0]["witness"]
    assert isinstance(said, dict)
    assert (home / "vault/ledger" / str(said["path"])).is_file()
    assert said["size"] == checkpoint_of(signed_note(newest(home))).size


def test_a_witness_with_a_key_from_paper_says_what_it_did(home: Path, tmp_path: Path) -> None:
    """--key ends the trust on first use; --json is one object under the command's name."""
    key = str(keys_of(home)[0]["vkey"])
    said = json_lines(run_witness(tmp_path / "witness", home, "--key", key, "--name", "court", "--json"))[0]["witness"]
    assert isinstance(said, dict)
    assert (said["look"], said["trusted_first"], said["before"]) == ("cosigned", [], None)
    assert str(said["witness_key"]).startswith("court+")
    again = run_witness(tmp_path / "witness", home, "--json")
    assert json.loads(again.stdout)["witness"]["look"] == "unchanged"


def test_a_rolled_back_home_ends_the_watch_with_60(home: Path, tmp_path: Path) -> None:
    """A ledger that has become shorter is refused in plain words, with the place of the evidence."""
    shutil.copytree(home / "vault", tmp_path / "backup")
    run_cli(home, "key", "rotate", "--reason", "more entries")
    assert run_witness(tmp_path / "witness", home).returncode == 0
    refused = run_witness(tmp_path / "witness", tmp_path / "backup")
    assert refused.returncode == 60
    assert "rolled back, or this is an old copy" in refused.stderr
    assert "conflict-" in refused.stderr


def test_a_lost_key_is_replaced_only_when_a_person_says_so(home: Path, tmp_path: Path) -> None:
    """Without its keys the home does not open; with --lost and a reason it goes on, and the ledger says so."""
    (before,) = keys_of(home)
    assert run_cli(home, "key", "rotate", "--lost", "--reason", "x").returncode == 2
    shutil.rmtree(home / "keys")
    stopped = run_cli(home, "clips")
    assert run_cli(home, "status", "--doctor").returncode == 1
    assert (stopped.returncode, "rotate --lost" in stopped.stderr) == (10, True)
    done = run_cli(home, "key", "rotate", "--lost", "--reason", "disk died", "--actor", "Chen Jing", "--lang", "en")
    assert done.returncode == 0, done.stderr
    keys = {str(key["standing"]): key for key in keys_of(home)}
    assert keys["retired"]["vkey"] == before["vkey"]
    assert signed_note(newest(home)).is_signed_by(verifier_key(str(keys["current"]["vkey"])), verify_ed25519)
    assert run_cli(home, "key", "rotate", "--lost", "--reason", "x").returncode == 2
    unfollowed = run_witness(tmp_path / "witness", home, "--key", str(before["vkey"]))
    assert (unfollowed.returncode, "--key" in unfollowed.stderr) == (60, True)
    assert run_witness(tmp_path / "witness", home, "--key", str(keys["current"]["vkey"])).returncode == 0


@pytest.mark.parametrize("words", [(), ("http://127.0.0.1:1", "--accept", "x"), ("nowhere",), ("--accept", "nowhere")])
def test_a_witness_called_wrongly_says_how(tmp_path: Path, words: tuple[str, ...]) -> None:
    """No source, two at once, or one that is not there: wrong use, with a cure."""
    done = run_witness(tmp_path / "witness", *words)
    assert (done.returncode, " – " in done.stderr) == (2, True), done.stderr


def test_a_home_that_is_not_there_now_is_asked_again_by_the_next_run(tmp_path: Path) -> None:
    """One look at a closed port ends with the error of its family."""
    done = run_witness(tmp_path / "witness", "http://127.0.0.1:1", "--once")
    assert (done.returncode, "gives no answer" in done.stderr) == (40, True)
