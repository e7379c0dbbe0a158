"""What has to happen as time passes: steps stop waiting for a camera, files that changed are looked at again."""

import threading
from types import TracebackType
from typing import Self

from dashboard.logs import LOG
from dashboard.plant import Plant
from dashboard.wiring import House
from evidence.errors import EvidockError
from evidence.ports import PickupState, Scope
from ingest.pipeline_stages import MACHINE

EVERY_S = 30.0


class Housekeeping:
    """A thread that reviews what has become due; leaving it stops it."""

    def __init__(self, house: House, plant: Plant, every_s: float = EVERY_S) -> None:
        """Look every ``every_s`` seconds."""
        self._house = house
        self._plant = plant
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="evidock-housekeeping", daemon=True)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop looking."""
        self._stopping.set()
        self._thread.join()

    def tick(self) -> Scope:
        """Review what is due now and return what that was; have files that changed under the reader offered again."""
        now = self._house.clock()
        with self._house.register.transaction() as tx:
            scope = self._house.reviewer.due(tx, now)
            if scope != Scope():
                self._house.reviewer.review(tx, scope, MACHINE, now)
        for pickup in self._house.library.pickups_in(PickupState.SETTLING):
            self._plant.watcher.take_again(pickup.station, pickup.source_path)
        return scope

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            try:
                self.tick()
            except EvidockError as error:
                LOG.warning("housekeeping failed, trying again", reason=str(error))
