"""SIGKILL while a file is on its way into the vault: it is sealed whole or not there, and a second run completes it."""

import signal
from pathlib import Path

import pytest

from storage.local_vault import LocalVault
from tests.support.storage import files_below, read, run_child, seal, sha256

BODY = bytes(range(256)) * 16384  # 4 MiB

CHILD = """
import os, signal, sys
from pathlib import Path
from storage.local_vault import LocalVault
home, point = Path(sys.argv[1]), sys.argv[2]
def reached(name):
    if name == point:
        os.kill(os.getpid(), signal.SIGKILL)
body = bytes(range(256)) * 16384
with LocalVault(home / "vault", home / "work", reached=reached).stage() as staging:
    staging.write(body[:1 << 20])
    reached("mid-write")
    staging.write(body[1 << 20:])
    reached("before-seal")
    staging.seal()
    reached("after-seal")
"""


@pytest.mark.parametrize("point", ["mid-write", "before-seal", "before-link", "after-link", "after-seal"])
def test_killed_anywhere_the_original_is_whole_or_absent(tmp_path: Path, point: str) -> None:
    """Never half an original; the sweep takes the scratch, and sealing again ends with exactly one."""
    assert run_child(CHILD, str(tmp_path), point) == -signal.SIGKILL
    vault = LocalVault(tmp_path / "vault", tmp_path / "work")
    named = point in {"after-link", "after-seal"}
    assert list(vault.originals()) == ([sha256(BODY)] if named else [])
    assert vault.sweep() == (0 if point == "after-seal" else 1)
    assert seal(vault, BODY).already_there is named
    assert read(vault, sha256(BODY)) == BODY
    assert vault.locate(sha256(BODY)).stat().st_nlink == 1
    assert files_below(tmp_path / "work") == []
