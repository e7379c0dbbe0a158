"""SIGKILL while receipts are written: none is half written, and the next pass writes those that are missing."""

import signal
from pathlib import Path

import pytest

from evidence.receipts import check_receipt
from storage.signing import verify_ed25519
from tests.support.storage import files_below, run_child
from tests.support.upkeep import SmallHome

CHILD = """
import sys
from pathlib import Path
from tests.support.upkeep import SmallHome
SmallHome(Path(sys.argv[1]), durable=True).upkeep.receipts.round(lambda: False)
"""


@pytest.mark.parametrize("point", ["receipt-unnamed", "receipt-named", "receipt-unnamed:3", "receipt-named:5"])
def test_killed_while_writing_the_missing_receipts_come_next_time(tmp_path: Path, point: str) -> None:
    """Killed before or after a receipt has its name: every receipt there is whole; afterwards each file has one."""
    root = tmp_path / "home"
    home = SmallHome(root, durable=True)
    for number in range(5):
        home.take(home.dock(f"100/MOV{number}.mp4", b"%d" % number))
    home.sealer.seal()
    home.close()
    assert run_child(CHILD, str(root), kill_at=point) == -signal.SIGKILL
    for receipt in home.receipts().values():
        check_receipt(receipt, home.keys.vkeys, verify_ed25519)
    assert run_child(CHILD, str(root)) == 0
    assert len(home.receipts()) == 5
    assert len(files_below(root / "receipts")) == 5
