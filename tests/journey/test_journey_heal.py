"""An original is damaged and a second copy is set: verifying names it, heals it, and the ledger tells of it."""

import os
from pathlib import Path

from tests.support.cli import json_lines, run_cli, start_cli
from tests.support.storage import eventually, sha256


def verified(home: Path, *words: str) -> dict[str, object]:
    """Return what ``evidock verify --json`` says."""
    [said] = json_lines(run_cli(home, "verify", "--deep", "--json", *words))
    body = said["verify"]
    assert isinstance(body, dict)
    return body


def test_a_damaged_original_is_healed_and_told_of(tmp_path: Path) -> None:
    """With --heal the right bytes are back in their place, the damaged file is kept, and the next run is clean."""
    home, second = tmp_path / "home", tmp_path / "second"
    home.mkdir()
    second.mkdir()
    (home / "evidock.toml").write_text(f'[vault]\nsecond = "{second}"\n', encoding="utf-8")
    (home / "dock" / "hall").mkdir(parents=True)
    body = os.urandom(4096)
    source = tmp_path / "a.log"
    source.write_bytes(body)
    assert run_cli(home, "take-in", str(source)).returncode == 0
    digest = sha256(body)
    copy = second / "originals" / digest[:2] / digest[2:4] / digest
    serving = start_cli(home, "up", "--port", "0")
    try:
        assert eventually(lambda: copy.exists() and copy.read_bytes() == body)
    finally:
        serving.terminate()
        serving.communicate(timeout=60)
    original = home / "vault" / "originals" / digest[:2] / digest[2:4] / digest
    original.chmod(0o644)
    original.write_bytes(body[:-1] + bytes([body[-1] ^ 1]))
    original.chmod(0o444)
    found = verified(home, "--heal")
    assert found["healed"] == [digest]
    assert original.read_bytes() == body
    assert [path.read_bytes()[-1] for path in (home / "vault" / "damaged").iterdir()] == [body[-1] ^ 1]
    assert (verified(home)["differences"], verified(home)["healed"]) == ([], [])


def test_without_a_second_copy_it_says_what_to_do(tmp_path: Path) -> None:
    """Asked to heal where no second copy is set, the command says so after it has verified."""
    source = tmp_path / "a.log"
    source.write_bytes(b"x")
    assert run_cli(tmp_path / "home", "take-in", str(source)).returncode == 0
    refused = run_cli(tmp_path / "home", "verify", "--heal")
    assert (refused.returncode, "vault.second" in refused.stderr) == (10, True)
