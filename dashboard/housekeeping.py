"""What has to happen as time passes: stranded work, waiting that ends, changed files, keys that retire, time stamps."""

from dashboard.plant import Plant
from dashboard.wiring import House
from dashboard.witnessing import stamping_of
from evidence.notes import note
from evidence.ports import Pickup, PickupState, Scope
from ingest.pipeline_engine import Journey
from ingest.pipeline_stages import MACHINE

EVERY_S = 10.0


class Housekeeping:
    """What is done every few seconds while a home is served."""

    def __init__(self, house: House, plant: Plant, journey: Journey, *, watching: bool) -> None:
        """Look after ``house``; ``watching`` says whether this process also watches the docks."""
        self._house = house
        self._plant = plant
        self._journey = journey
        self._watching = watching
        self._stamper = stamping_of(house)

    def tick(self) -> None:
        """Do all of it once."""
        self._journey.heal()
        self._review_due()
        self._house.keys.retire_due()
        if self._stamper is not None:
            self._stamper.tick()
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
