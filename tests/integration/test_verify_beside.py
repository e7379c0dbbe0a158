"""Verifying beside a ledger that is being sealed raises no false alarm: tiles change, the answer does not."""

import random
import threading
from pathlib import Path

from evidence.tlog import SignedNote
from storage.local_log import LocalLog
from storage.reading import LocalReader
from storage.tile_log import TileLog
from storage.verify_ledger import Doubts, verify_ledger
from storage.verify_walk import Listeners
from tests.support.tampering import LOG, ORIGIN, entry

LOOKS = 25


def test_a_ledger_that_grows_meanwhile_has_no_difference(tmp_path: Path) -> None:
    """The program's own writer seals as fast as it can while the verifier reads."""
    log = LocalLog(tmp_path)
    tiles = TileLog(log, ORIGIN, lambda text: LOG.signed(SignedNote(text)), lambda _note: True)
    told, over = [entry(0, "access")], threading.Event()
    log.create(f"keys/{LOG.vkey.key_id.hex()}.vkey", f"{LOG.vkey}\n".encode())
    tiles.append(told)

    def seal() -> None:
        chance = random.Random(7)
        while not over.is_set():
            fresh = [entry(len(told) + offset, "access") for offset in range(chance.randrange(1, 200))]
            told.extend(fresh)
            tiles.append(fresh)

    sealing = threading.Thread(target=seal)
    sealing.start()
    try:
        sizes = [looked_at(tmp_path, told) for _ in range(LOOKS)]
    finally:
        over.set()
        sealing.join()
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]
    assert looked_at(tmp_path, told) == len(told)


def looked_at(root: Path, told: list[bytes]) -> int:
    """Verify the ledger, see that nothing differs, and return how many entries were sealed."""
    doubts = Doubts([str(LOG.vkey)], unsealed=lambda start: iter(told[start:]))
    listeners = Listeners(recall=lambda start, stop: list(enumerate(told[start:stop], start)))
    verdict = verify_ledger(LocalReader(root), doubts, listeners)
    assert verdict.differences == []
    assert verdict.trusted
    return verdict.size
