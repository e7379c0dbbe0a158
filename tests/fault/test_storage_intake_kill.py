"""SIGKILL at the named points of intake: the next run completes what the killed one began."""

import os
import signal
from pathlib import Path

import pytest

from evidence.sidecars import FOLDER
from ingest.source import CHUNK_BYTES
from storage.local_vault import LocalVault
from tests.support.storage import files_below, run_child, sha256

BODY = os.urandom(CHUNK_BYTES * 3 + 17)


@pytest.fixture(name="dock")
def _dock(tmp_path: Path) -> Path:
    dock = tmp_path / "dock"
    dock.mkdir()
    (dock / "clip.mp4").write_bytes(BODY)
    return dock


@pytest.fixture(name="vault")
def _vault(tmp_path: Path) -> LocalVault:
    return LocalVault(tmp_path / "vault", tmp_path / "work")


CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from ingest.intake import Intake
from storage.local_vault import LocalVault
from tests.support.storage import pickup_of
home = Path(sys.argv[1])
vault = LocalVault(home / "vault", home / "work")
vault.sweep()
Intake(vault, lambda: datetime(2026, 3, 2, tzinfo=UTC)).take(
    pickup_of(home / "dock", "clip.mp4"), lambda share: None, lambda: False)
"""


@pytest.mark.parametrize("point", ["mid-copy", "mid-copy:3", "sealed-no-sidecar"])
def test_killed_at_a_named_point_the_next_run_completes(
    dock: Path, vault: LocalVault, tmp_path: Path, point: str
) -> None:
    """SIGKILL, then the same again without it: one original, one sidecar, no scratch, the source as it was."""
    assert run_child(CHILD, str(tmp_path), kill_at=point) == -signal.SIGKILL
    assert list(vault.records(FOLDER)) == []
    assert run_child(CHILD, str(tmp_path)) == 0
    assert list(vault.originals()) == [sha256(BODY)]
    assert len(list(vault.records(FOLDER))) == 1
    assert files_below(tmp_path / "work") == []
    assert (dock / "clip.mp4").read_bytes() == BODY


def test_a_kill_with_a_mark_happens_once(dock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a mark file the second run lives, so a supervisor may restart with the same environment."""
    monkeypatch.setenv("EVIDOCK_KILL_MARK", str(tmp_path / "mark"))
    assert run_child(CHILD, str(dock.parent), kill_at="mid-copy") == -signal.SIGKILL
    assert run_child(CHILD, str(dock.parent), kill_at="mid-copy") == 0
