"""What runs while a home is served: the durable pipeline and the watched folders."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from dashboard.housekeeping import Housekeeping
from dashboard.lock import ServingLock
from dashboard.wiring import House


class Works:
    """Runs the pipeline of a house; at most one process per home does."""

    def __init__(self, house: House) -> None:
        """Prepare; nothing runs yet."""
        self._house = house

    @contextmanager
    def serving(self, purpose: str, *, watch: bool = True) -> Iterator[None]:
        """Serve the home until left: pipeline, and watched folders where ``watch``.

        Raises:
            HomeBusyError: another process serves it.
        """
        with ServingLock(self._house.home.lock, purpose), self._running(watch=watch):
            yield

    @contextmanager
    def helping(self) -> Iterator[bool]:
        """Serve the home when nobody does, else leave the work to whoever does; yields whether this process serves."""
        lock = ServingLock(self._house.home.lock, "evidock take-in")
        if not lock.take():
            yield False
            return
        try:
            with self._running(watch=False):
                yield True
        finally:
            lock.free()

    @contextmanager
    def _running(self, *, watch: bool) -> Iterator[None]:
        house = self._house
        sweep(house)
        journey = house.journey()
        journey.start()
        try:
            with self._watching() if watch else nullcontext():
                yield
        finally:
            journey.close()

    @contextmanager
    def _watching(self) -> Iterator[None]:
        with Housekeeping(self._house):
            self._house.watcher.start()
            try:
                yield
            finally:
                self._house.watcher.stop()


def sweep(house: House) -> None:
    """Remove what a dead process left half-made; called under the serving lock, so nobody is making it."""
    for leftover in house.home.work.glob("derive-*"):
        shutil.rmtree(leftover)
    house.vault.sweep()
    house.derivatives.sweep()
