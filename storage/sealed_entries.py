"""The sealed ledger, read back entry by entry: what the register is made again from."""

from collections.abc import Iterator

from evidence.custody import LedgerEntry, placed
from evidence.errors import IntegrityError, NotFoundError
from evidence.ports import LogStore
from evidence.tlog import WIDTH, bundle_path, from_bundle


def sealed_entries(log: LogStore, size: int, start: int = 0) -> Iterator[LedgerEntry]:
    """Iterate over the sealed entries from ``start`` up to ``size``, in order.

    Raises:
        IntegrityError: a bundle is missing or not whole. That the entries give the signed root is the caller's to see.
    """
    for bundle in range(start // WIDTH, -(-size // WIDTH)):
        first, width = bundle * WIDTH, min(WIDTH, size - bundle * WIDTH)
        entries = from_bundle(_bundle(log, bundle, width))
        if len(entries) < width:
            raise _lacking(bundle)
        for offset in range(max(0, start - first), width):
            yield placed(first + offset, entries[offset])


def entries_ahead(log: LogStore, size: int) -> Iterator[LedgerEntry]:
    """Iterate over entries that a sealing had written and not signed for when it was cut off, from ``size`` on.

    They were committed before they were written; a register that was lost since has them from here.
    """
    there = set(log.paths("tile/entries"))
    while True:
        bundle, covered = divmod(size, WIDTH)
        longest = max(
            (width for width in range(covered + 1, WIDTH + 1) if bundle_path(bundle, width) in there), default=0
        )
        if not longest:
            return
        entries = from_bundle(log.read(bundle_path(bundle, longest)))
        if len(entries) != longest or entries[:covered] != from_bundle(_bundle(log, bundle, covered))[:covered]:
            raise _lacking(bundle)
        yield from (placed(bundle * WIDTH + offset, entries[offset]) for offset in range(covered, longest))
        size = bundle * WIDTH + longest


def _bundle(log: LogStore, index: int, width: int) -> bytes:
    """Return a bundle of at least ``width`` entries: a newer checkpoint may have replaced the one that is asked for."""
    for path in dict.fromkeys((bundle_path(index, width), bundle_path(index))):
        try:
            return log.read(path)
        except NotFoundError:
            continue
    wider = (path for path in log.paths("tile/entries") if path.startswith(f"{bundle_path(index)}.p/"))
    found = max(wider, key=lambda path: int(path.rpartition("/")[2]), default=None)
    if found is None:
        raise _lacking(index)
    return log.read(found)


def _lacking(index: int) -> IntegrityError:
    cure = "restore vault/ledger from a copy, and report it"
    return IntegrityError("is not there in full", subject=bundle_path(index), cure=cure)
