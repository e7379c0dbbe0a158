"""Parts for tests of watched folders: a clock moved by hand, a settler on it, and waiting for a condition."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from evidence.ids import StationId
from evidence.ports import Pickup
from ingest.settle import Known, Settler, nothing_known
from ingest.stations import Place, Root, place_of
from ingest.watch import Trouble, Watcher
from ingest.writers import Writing, WritingProbe

QUIET_S = 5.0


class HandClock:
    """Monotonic seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def pass_s(self, seconds: float) -> float:
        """Let time pass; return the new time."""
        self.now += seconds
        return self.now


def nobody_writes(native: str) -> Writing:
    """Answer for a file that nobody has open."""
    del native
    return Writing.NO


def settler(
    clock: Callable[[], float], *, known: Known = nothing_known, written: WritingProbe = nobody_writes
) -> Settler:
    """Return a settler with a quiet period of `QUIET_S`."""
    return Settler(quiet_s=QUIET_S, clock=clock, known=known, written=written)


def place(root: Path, below: str, station: str = "S1") -> Place:
    """Return the place of a file below a root of one station."""
    return place_of(Root(root, StationId(station)), f"{root}/{below}")


class Taken:
    """Collects what a watcher hands on and reports, and lets a test wait for it."""

    def __init__(self) -> None:
        self.pickups: list[Pickup] = []
        self.troubles: list[Trouble] = []
        self._changed = threading.Condition()

    def pickup(self, pickup: Pickup) -> None:
        """Take a file over."""
        with self._changed:
            self.pickups.append(pickup)
            self._changed.notify_all()

    def trouble(self, trouble: Trouble) -> None:
        """Hear of a trouble."""
        with self._changed:
            self.troubles.append(trouble)
            self._changed.notify_all()

    @property
    def paths(self) -> list[str]:
        """Source paths handed on, in order."""
        return [pickup.source_path for pickup in self.pickups]

    @property
    def codes(self) -> list[str]:
        """Codes of the troubles, in order."""
        return [trouble.what.code for trouble in self.troubles]

    def wait_for(self, condition: Callable[[], bool], *, at_most_s: float = 20.0) -> None:
        """Wait until a condition holds, looking at each change and now and then; fail when it does not in time."""
        deadline = time.monotonic() + at_most_s
        with self._changed:
            while not condition():
                assert time.monotonic() < deadline, (self.paths, self.troubles)
                self._changed.wait(0.02)


def live_watcher(root: Root, taken: Taken, *, rescan_s: float = 600.0, poll_s: float = 0.05) -> Watcher:
    """Return a watcher on the real clock and the real file system, with a short quiet period and no early rescan."""
    settle = Settler(quiet_s=0.1, clock=time.monotonic)
    return Watcher(
        [root],
        settle,
        taken.pickup,
        clock=time.monotonic,
        on_trouble=taken.trouble,
        rescan_s=rescan_s,
        poll_s=poll_s,
    )
