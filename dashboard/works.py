"""What runs while a home is served: the durable pipeline and the watched folders."""

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext

from dashboard.catching_up import catch_up
from dashboard.document_pages import UPLOADS
from dashboard.housekeeping import Housekeeping
from dashboard.late_sound import LateSound
from dashboard.lock import ServingLock
from dashboard.plant import Plant
from dashboard.retention import Keeper
from dashboard.rounds import Rounds
from dashboard.timekeeping import EVERY_S as CLOCK_S
from dashboard.timekeeping import timekeeper_of
from dashboard.wiring import House
from ingest.pipeline_engine import Journey

SEALING_S = 0.5
HOUSEKEEPING_S = 10.0
OLD_S = 86_400.0
SHADOWS = "verify-"
"""Folders that a verification which was killed left behind; one at work is not a day old."""

KEEPING_S = 2.0
LATE_SOUND_S = 5.0
RECEIPTS_S = 1.0


class Works:
    """Runs the pipeline of a house; at most one process per home does."""

    def __init__(self, house: House) -> None:
        """Prepare; nothing runs yet."""
        self._house = house
        self.plant = Plant(house)
        self._lock: ServingLock | None = None

    @contextmanager
    def serving(self, purpose: str) -> Iterator[None]:
        """Serve the home until left: pipeline, watched folders, housekeeping.

        The lock is freed by the end of the process, not by leaving: until then a step may still be at work.

        Raises:
            HomeBusyError: another process serves it.
        """
        self._lock = ServingLock(self._house.home.lock, purpose)
        self._lock.require()
        with self._running(watching=True):
            yield

    @contextmanager
    def helping(self, purpose: str) -> Iterator["Helper"]:
        """Have work done while inside: by whoever serves the home, or by this process while nobody does."""
        with ExitStack() as stack:
            helper = Helper(ServingLock(self._house.home.lock, purpose), stack, self)
            helper.step_in()
            yield helper

    @contextmanager
    def _running(self, *, watching: bool) -> Iterator[None]:
        self._house.sealer.require_agreement()
        sweep(self._house)
        timekeeper = timekeeper_of(self._house)
        timekeeper.tick()
        catch_up(self._house)
        journey = self.plant.journey()
        journey.start()
        try:
            with ExitStack() as rounds:
                rounds.enter_context(Rounds("clock", timekeeper.tick, CLOCK_S, last=timekeeper.tick))
                for one in self._rounds(journey, watching=watching):
                    rounds.enter_context(one)
                rounds.enter_context(self._watching() if watching else nullcontext())
                yield
        finally:
            journey.close()
            self.plant.close()

    def _rounds(self, journey: Journey, *, watching: bool) -> Iterator[Rounds]:
        """Yield what is done now and then; left in reverse order, so that the ledger is sealed last."""
        house, housekeeping = self._house, Housekeeping(self._house, self.plant, journey, watching=watching)
        yield Rounds("sealing", house.sealer.seal_if_due, SEALING_S, last=house.sealer.seal_if_due)
        yield Rounds("housekeeping", housekeeping.tick, HOUSEKEEPING_S)
        yield Rounds("keeping", Keeper(house).tick, KEEPING_S)
        yield Rounds("late sound", LateSound(house, self.plant).tick, LATE_SOUND_S)
        if watching:
            yield Rounds("upkeep", house.upkeep.tick, HOUSEKEEPING_S, last=house.upkeep.close)
            yield Rounds("receipts", house.upkeep.give_receipts, RECEIPTS_S)

    @contextmanager
    def _watching(self) -> Iterator[None]:
        self.plant.watcher.start()
        try:
            yield
        finally:
            self.plant.watcher.stop()


class Helper:
    """Steps in when nobody serves the home, also when the one who did has died meanwhile."""

    def __init__(self, lock: ServingLock, stack: ExitStack, works: Works) -> None:
        """Undo on ``stack`` what stepping in has begun."""
        self._lock = lock
        self._stack = stack
        self._works = works
        self._serves = False

    def step_in(self) -> None:
        """Serve the home if nobody does; asked now and then while waiting."""
        if self._serves or not self._lock.take():
            return
        self._serves = True
        self._stack.enter_context(self._works._running(watching=False))  # noqa: SLF001 – the other half of Works


def sweep(house: House) -> None:
    """Remove what a dead process left half-made; called under the serving lock, so nobody is making it."""
    for leftover in house.home.work.glob("derive-*"):
        shutil.rmtree(leftover)
    for leftover in house.home.work.glob("sound-*"):
        shutil.rmtree(leftover)
    for left in house.home.work.glob(f"{SHADOWS}*"):
        if left.stat().st_mtime < time.time() - OLD_S:
            shutil.rmtree(left, ignore_errors=True)
    for left in house.home.work.glob(f"{UPLOADS}/*"):
        if left.stat().st_mtime < time.time() - OLD_S:
            shutil.rmtree(left, ignore_errors=True)
    house.raw_vault.sweep()
    house.derivatives.sweep()
    house.sealer.sweep()
