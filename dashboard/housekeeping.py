"""What has to happen as time passes: stranded work is taken up, waiting ends, changed files are looked at again."""

import threading
from types import TracebackType
from typing import Self

from dashboard.logs import LOG
from dashboard.plant import Plant
from dashboard.wiring import House
from evidence.notes import note
from evidence.ports import Pickup, PickupState, Scope
from ingest.pipeline_engine import Journey
from ingest.pipeline_stages import MACHINE

EVERY_S = 10.0


class Housekeeping:
    """A thread that looks every few seconds while a home is served; leaving it stops it."""

    def __init__(
        self, house: House, plant: Plant, journey: Journey, *, watching: bool, every_s: float = EVERY_S
    ) -> None:
        """Look every ``every_s`` seconds; ``watching`` says whether this process also watches the docks."""
        self._house = house
        self._plant = plant
        self._journey = journey
        self._watching = watching
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

    def tick(self) -> None:
        """Do all of it once."""
        self._journey.heal()
        self._review_due()
        if self._watching:
            for pickup in self._house.library.pickups_in(PickupState.SETTLING):
                self._look_again(pickup)

    def _review_due(self) -> None:
        now = self._house.clock()
        with self._house.register.transaction() as tx:
            scope = self._house.reviewer.due(tx, now)
            if scope != Scope():
                self._house.reviewer.review(tx, scope, MACHINE, now)

    def _look_again(self, pickup: Pickup) -> None:
        """Have a file that changed while it was read offered again; one that is gone has failed, until it is back."""
        if self._plant.watcher.take_again(pickup.station, pickup.source_path):
            return
        reason = note("intake.vanished", path=pickup.source_path, station=pickup.station)
        with self._house.register.transaction() as tx:
            self._house.catalogue.note_pickup(tx, pickup, PickupState.FAILED, reason, self._house.clock())

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            try:
                self.tick()
            except Exception as error:  # noqa: BLE001 – logged; a thread that ended would let steps wait for ever
                LOG.warning("housekeeping failed, trying again", reason=str(error), error=type(error).__name__)
