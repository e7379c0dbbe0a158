"""How much memory processes hold together at their peak, looked at while they work."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

PROC = Path("/proc")
EVERY_S = 0.1
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def descendants(pid: int) -> list[int]:
    """Return the processes below one, as they are now."""
    found: list[int] = []
    for task in (PROC / str(pid) / "task").glob("*/children"):
        for child in _read(task).split():
            found += [int(child), *descendants(int(child))]
    return found


def resident_bytes(pid: int) -> int:
    """Return what a process holds, pages that it shares with others too; 0 when it is gone."""
    pages = _read(PROC / str(pid) / "statm").split()
    return int(pages[1]) * PAGE_BYTES if pages else 0


def share_bytes(pid: int) -> int:
    """Return what a process holds, its share alone of pages that others hold too: servers share one large cache."""
    lines = _read(PROC / str(pid) / "smaps_rollup").splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


class Peak:
    """The largest sum that was seen, in bytes."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.bytes = 0

    @property
    def mb(self) -> float:
        """In megabytes of 10^6 bytes."""
        return self.bytes / 1e6


@contextmanager
def peak_of(held: Callable[[], int]) -> Iterator[Peak]:
    """Look again and again at what ``held`` returns, while the block runs."""
    peak, done = Peak(), Event()

    def look() -> None:
        while not done.wait(EVERY_S):
            peak.bytes = max(peak.bytes, held())

    looking = Thread(target=look)
    looking.start()
    try:
        yield peak
    finally:
        done.set()
        looking.join()
