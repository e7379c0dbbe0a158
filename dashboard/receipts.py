"""Receipts, written behind the sealing: for every arrival that a signed checkpoint covers by now, never before."""

from collections.abc import Callable

from evidence.errors import NotFoundError
from evidence.merkle import Node
from evidence.ports import LogStore
from evidence.receipts import receipt_of
from evidence.tlog import checkpoint_of, signed_note
from index.upkeep import RECEIPTS, UpkeepRegister
from ingest.receipts import ReceiptFolder
from storage.proofs import tile_node
from storage.tile_log import CHECKPOINT

AT_ONCE = 64
"""Receipts between two notes of how far they are: so many are looked at again after a crash."""


class ReceiptWriter:
    """Writes the receipts that are due.

    Args:
        register: what arrived, and how far receipts are. log: the sealed ledger. folder: where they go.
    """

    def __init__(self, register: UpkeepRegister, log: LogStore, folder: ReceiptFolder) -> None:
        self._register = register
        self._log = log
        self._folder = folder

    def round(self, enough: Callable[[], bool]) -> int:
        """Write receipts until none is due or ``enough`` says so; return how many were written.

        Raises:
            IntegrityError: the sealed ledger does not prove an arrival; nothing was written for it. IntakeError: the
            folder refused. StorageError: the vault did.
        """
        try:
            checkpoint = self._log.read(CHECKPOINT)
        except NotFoundError:
            return 0
        size = checkpoint_of(signed_note(checkpoint)).size
        start, written, node = self._register.mark(RECEIPTS)[0], 0, tile_node(self._log, size)
        while start < size and not enough():
            start, fresh = self._page(start, size, checkpoint, node)
            written += fresh
        return written

    def behind(self, sealed: int) -> int:
        """Return how many sealed entries have not been looked at yet."""
        return max(0, sealed - self._register.mark(RECEIPTS)[0])

    def _page(self, start: int, size: int, checkpoint: bytes, node: Node) -> tuple[int, int]:
        arrivals = self._register.arrivals(start, size, limit=AT_ONCE)
        fresh = 0
        for arrival in arrivals:
            if "pickup_key" in arrival.told.detail:  # entries made before version 2 do not tell of the dock's file
                receipt = receipt_of(arrival.entry, arrival.told.detail, checkpoint, node)
                fresh += self._folder.write(receipt) is not None
        after = arrivals[-1].after if len(arrivals) >= AT_ONCE else size
        self._register.set_mark(RECEIPTS, after)
        return after, fresh
