"""Generated cameras and docks' records fed into a real register, and what it then says of each file's clock."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.claims import Claims, ClaimSource, IdentityClaim, IdentityKind
from evidence.clips import Kind, Measurement, QualityKind, QualitySpan, Sighting
from evidence.docking import DockRecord
from evidence.ids import Digest, StationId
from evidence.ports import Pickup, Scope
from evidence.sidecars import moment_of
from index import schema
from index.engine import Register
from index.library import RegisterLibrary
from index.review import RegisterReviewer
from tests.support.docking import measured_with
from tests.support.fleet_nouns import CameraFiles, Fleet, FleetClip, FleetDocking
from tests.support.index import LATER, MACHINE, PACK, World, derivation, digest_of

OUTSIDE = frozenset({ClaimSource.FILE_NAME, ClaimSource.FOLDER, ClaimSource.MTIME, ClaimSource.ARRIVAL})
"""What is claimed before anybody looks into a file."""

JUDGED = (
    "device_id",
    "sequence",
    "docked_at",
    "verdict",
    "span_start",
    "span_end",
    "uncertainty_s",
    "start_earliest",
    "start_latest",
    "clock_offset_s",
    "suspected_s",
    "rules",
    "officer_id",
    "disagreements",
)
"""Columns of a clip that its judgement writes."""

Judged = dict[str, dict[str, object]]


@dataclass(frozen=True)
class Came:
    """A camera with what came of it: its files, and docks' records with their place."""

    camera: CameraFiles
    records: tuple[FleetDocking, ...]

    @property
    def things(self) -> list[FleetClip | FleetDocking]:
        """Everything, in order of arrival."""
        return sorted([*self.camera.clips, *self.records], key=lambda one: one.received_at)


def cameras_of(fleet: Fleet) -> Iterator[Came]:
    """Return each camera of a fleet."""
    for camera in fleet.cameras():
        mine = [one for one in fleet.dock_records if one.record.device_id == camera.device_id]
        yield Came(camera, tuple(mine))


@contextmanager
def clock_world(*, docks_set: bool = True) -> Iterator[World]:
    """Open a register of its own; ``docks_set`` as in `evidence.clock.judge_camera`."""
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.reviewer = RegisterReviewer(PACK, docks_set=docks_set)
        world.library = RegisterLibrary(world.register, PACK, docks_set=docks_set)
        try:
            yield world
        finally:
            world.close()


def feed(world: World, things: Sequence[FleetClip | FleetDocking]) -> None:
    """Take things in one by one, each reviewed by itself."""
    for thing in things:
        with world.transaction() as tx:
            digest = take_in(world, tx, thing)
            world.reviewer.review(tx, Scope(clips=frozenset({digest})), MACHINE, LATER)


def feed_at_once(world: World, things: Sequence[FleetClip | FleetDocking]) -> None:
    """Take all things in, then review everything."""
    with world.transaction() as tx:
        for thing in things:
            take_in(world, tx, thing)
        world.reviewer.review(tx, Scope(everything=True), MACHINE, LATER)


def take_in(world: World, tx: Session, thing: FleetClip | FleetDocking) -> Digest:
    """Seal, measure and derive a clip or a dock's record; nothing is reviewed."""
    return take_in_clip(world, tx, thing) if isinstance(thing, FleetClip) else take_in_record(world, tx, thing)


def take_in_clip(world: World, tx: Session, clip: FleetClip) -> Digest:
    """Take in a generated clip, as often as it came."""
    names = [IdentityClaim(IdentityKind.DEVICE, ClaimSource.FILE_NAME, str(clip.device_id))]
    if clip.sequence is not None:
        names.append(IdentityClaim(IdentityKind.SEQUENCE, ClaimSource.FILE_NAME, str(clip.sequence)))
    outside = Claims(tuple(one for one in clip.claims if one.source in OUTSIDE), tuple(names))
    inside = Claims(tuple(one for one in clip.claims if one.source not in OUTSIDE))
    for number, arrival in enumerate(clip.arrivals):
        seen = Sighting(clip.digest, 1000, clip.station, clip.source_path, moment_of(1), arrival)
        pickup = Pickup(f"{clip.digest}-{number}", clip.station, "/dock", clip.source_path, 1000, 1)
        world.catalogue.record_sealed(tx, pickup, seen, outside, MACHINE)
    length_s = None if clip.kind is Kind.PHOTO else clip.duration_s
    measured = Measurement(clip.kind, "video/mp4", declared_duration_s=length_s, tool="probe 1")
    world.catalogue.record_measured(tx, clip.digest, measured, inside, MACHINE, clip.received_at)
    head = (QualitySpan(QualityKind.SILENT, 0.0, clip.head_s),) if clip.head_s else ()
    derived = derivation(clip.digest, length_s or 0.0, head)
    world.catalogue.record_derived(tx, clip.digest, derived, MACHINE, clip.received_at)
    return clip.digest


def take_in_record(world: World, tx: Session, docking: FleetDocking) -> Digest:
    """Take in a dock's record, in the folder its files lie below."""
    at = docking.received_at
    name = f"{docking.record.device_id}_{docking.record.dock_time:%Y%m%d%H%M%S%f}.evidock.json"
    digest = digest_of(f"{name}{docking.record}")
    seen = Sighting(digest, 1000, docking.station, name, moment_of(1), at)
    pickup = Pickup(f"key-{digest}", docking.station, "/dock", name, 1000, 1)
    world.catalogue.record_sealed(tx, pickup, seen, Claims(), MACHINE)
    world.catalogue.record_measured(tx, digest, measured_with(docking.record), Claims(), MACHINE, at)
    world.catalogue.record_derived(tx, digest, derivation(digest, 0.0), MACHINE, at)
    return digest


def put_record(world: World, record: DockRecord, station: str = "A", came_s: float = 30.0) -> Digest:
    """Take in and review a record that came so many seconds after the docking it tells of."""
    docking = FleetDocking(record, StationId(station), record.dock_time + timedelta(seconds=came_s))
    with world.transaction() as tx:
        digest = take_in_record(world, tx, docking)
        world.reviewer.review(tx, Scope(clips=frozenset({digest})), MACHINE, LATER)
    return digest


def judged_columns(register: Register) -> Judged:
    """Return what is judged of every clip that is of a camera."""
    clip = schema.Clip
    with register.reading() as session:
        rows = session.scalars(sa.select(clip).where(clip.device_id.is_not(None)))
        return {row.digest: {name: getattr(row, name) for name in JUDGED} for row in rows}


def unlike(one: Judged, other: Judged) -> dict[str, dict[str, tuple[object, object]]]:
    """Return the columns in which two registers differ, by digest."""
    found = {}
    for digest in sorted(one.keys() | other.keys()):
        mine, theirs = one.get(digest, {}), other.get(digest, {})
        differing = {name: (mine.get(name), theirs.get(name)) for name in JUDGED if mine.get(name) != theirs.get(name)}
        if differing:
            found[digest] = differing
    return found
