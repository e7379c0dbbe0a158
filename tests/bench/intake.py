"""How long intake takes against ``cp`` + fsync of the same file, and how much memory it holds.

Both copy within one file system and in turns, several pairs; the figure is the median of the pairs' ratios. Two
conditions are measured, each the same for both: *cold*, the source not in the page cache (as after a camera's
upload to a busy station), and *warm*, the source read just before (as right after it).
"""

import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from evidence.ids import StationId
from evidence.ports import Pickup
from ingest.intake import Intake
from storage.local_vault import LocalVault

GIB = 1024**3
RATIO_BAR = 1.10
RSS_BAR_MB = 200.0
PAIRS = 3

Figure = dict[str, object]


def run(size_bytes: int = 2 * GIB, folder: Path | None = None, *, pairs: int = PAIRS) -> dict[str, Figure]:
    """Measure intake of a file of ``size_bytes`` in ``folder`` (default: the current one), and clean up.

    Needs three times ``size_bytes`` free on the disk.
    """
    with _workplace(folder or Path.cwd()) as place:
        source = place / "dock" / "source.mp4"
        _make_source(source, size_bytes)
        cold = [_pair(source, place, _make_cold) for _ in range(pairs)]
        warm = [_pair(source, place, _make_warm) for _ in range(pairs)]
        peak_mb = peak_rss_mb(source, place)
    return {
        "intake_cold_ratio": _ratio(cold),
        "intake_warm_ratio": _ratio(warm),
        "intake_rate": _plain(size_bytes / 1e6 / statistics.median(t for t, _ in cold + warm), "MB/s"),
        "cp_rate": _plain(size_bytes / 1e6 / statistics.median(t for _, t in cold + warm), "MB/s"),
        "intake_peak_rss": {"value": round(peak_mb, 1), "unit": "MB", "bar": RSS_BAR_MB, "ok": peak_mb < RSS_BAR_MB},
    }


def _ratio(pairs: list[tuple[float, float]]) -> Figure:
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    return {"value": round(ratio, 3), "unit": "× cp + fsync", "bar": RATIO_BAR, "ok": ratio <= RATIO_BAR}


def _plain(value: float, unit: str) -> Figure:
    return {"value": round(value, 1), "unit": unit, "bar": None, "ok": True}


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    place = folder / f"bench-intake-{os.getpid()}"
    (place / "dock").mkdir(parents=True)
    try:
        yield place
    finally:
        shutil.rmtree(place)


def _make_source(path: Path, size_bytes: int) -> None:
    with path.open("wb") as file:
        for start in range(0, size_bytes, 4 << 20):
            file.write(os.urandom(min(4 << 20, size_bytes - start)))
        file.flush()
        os.fsync(file.fileno())


def _make_cold(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def _make_warm(path: Path) -> None:
    with path.open("rb") as file:
        hashlib.file_digest(file, "sha256")


def _pair(source: Path, place: Path, prepare: Callable[[Path], None]) -> tuple[float, float]:
    """Return the seconds intake and ``cp`` + fsync take, one after the other on the same source."""
    prepare(source)
    theirs_s = _timed(lambda: _copy_as_cp(source, place / "copy"))
    (place / "copy").unlink()
    prepare(source)
    ours_s = _timed(lambda: take(source, place / "vault"))
    shutil.rmtree(place / "vault")
    return ours_s, theirs_s


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _copy_as_cp(source: Path, target: Path) -> None:
    subprocess.run(["cp", "--", str(source), str(target)], check=True)
    for path, flags in ((target, os.O_RDONLY), (target.parent, os.O_RDONLY | os.O_DIRECTORY)):
        descriptor = os.open(path, flags)
        os.fsync(descriptor)
        os.close(descriptor)


def take(source: Path, vault: Path) -> None:
    """Take one file in, exactly as the pipeline does."""
    found = source.stat()
    pickup = Pickup("0" * 64, StationId("bench"), str(source.parent), source.name, found.st_size, found.st_mtime_ns)
    intake = Intake(LocalVault(vault, vault / "work"), lambda: datetime.now(UTC))
    intake.take(pickup, lambda _share: None, lambda: False)


_CHILD = """
import resource, sys
from pathlib import Path
from tests.bench.intake import take
take(Path(sys.argv[1]), Path(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def peak_rss_mb(source: Path, place: Path) -> float:
    """Return the peak memory of a process that takes one file in, in MB; the vault is made below ``place``."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", _CHILD, str(source), str(place / "vault")]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root, timeout=1200)
    return float(done.stdout)


if __name__ == "__main__":
    for name, figure in run(folder=Path(sys.argv[1]) if len(sys.argv) > 1 else None).items():
        print(name, figure)
