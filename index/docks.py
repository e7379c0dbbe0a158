"""What docks' records say, kept in tables of their own, and what follows from it for the files they list.

A record may come before or after the files it speaks of, and be seen at more than one dock: what it says of a file is
looked up when the file is judged, never copied into the file's own rows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.claims import Anchor, Claims, ClaimSource, IdentityClaim, IdentityKind, TimeClaim, ZoneBasis
from evidence.docking import DockRecord
from evidence.ids import DeviceId, Digest
from evidence.zones import to_utc_iso
from index import dialects, rows, schema
from index.batches import batched
from index.sightings import Place, Seen, first_seen, nearest, places, seen_at

FORMAT = "evidock-dock/1"
"""Named as the profile of what a record states; see docs/dock-sidecar.md."""


DOCK_AHEAD = timedelta(seconds=60)
"""A record that came so long before its own time was written by a dock whose clock is wrong: it witnesses nothing."""


def put_dock_record(session: Session, digest: Digest, record: DockRecord | None) -> None:
    """Keep what a file says as a dock's record; a file that is none has no rows here."""
    connection, listed = schema.DockConnectionRow, schema.DockFileRow
    session.execute(sa.delete(listed).where(listed.digest == digest))
    if record is None:
        session.execute(sa.delete(connection).where(connection.digest == digest))
        return
    dialects.upsert(session, connection, [connection_values(digest, record)])
    dialects.upsert(session, listed, list(file_values(digest, record)))


def connection_values(digest: Digest, record: DockRecord) -> rows.Values:
    """Return the columns of a connection."""
    return {
        "digest": digest,
        "device_id": record.device_id,
        "folded": record.device_id.casefold(),
        "dock_time": record.dock_time,
        "device_time": record.device_time,
        "clock_set": record.clock_set,
        "precision_s": record.precision_s,
        "officer_code": record.officer_code,
        "tool": record.tool,
    }


def file_values(digest: Digest, record: DockRecord) -> Iterator[rows.Values]:
    """Yield the columns of the files a record lists."""
    for position, one in enumerate(record.files):
        yield {
            "digest": digest,
            "position": position,
            "name": one.name,
            "leaf": PurePosixPath(one.name).name.casefold(),
            "sequence": one.sequence,
            "officer_code": one.officer_code,
            "recorded_at": one.recorded_at,
            "digests": dict(one.digests),
        }


def dock_record(row: schema.DockConnectionRow) -> DockRecord:
    """Return the connection a row keeps, without its files."""
    return DockRecord(
        DeviceId(row.device_id),
        row.dock_time,
        row.device_time,
        row.clock_set,
        row.precision_s,
        row.officer_code,
        tool=row.tool,
    )


def records_between(session: Session, names: Collection[str], since: datetime, until: datetime) -> list[DockRecord]:
    """Return what docks recorded of a camera, by any of its names, in order of the dock's time."""
    row, seen = schema.DockConnectionRow, schema.Original
    folded = sorted({name.casefold() for name in names if name})
    wanted = sa.select(row, seen.received_at).join(seen, seen.digest == row.digest)
    wanted = wanted.where(row.folded.in_(folded), row.dock_time >= since, row.dock_time <= until)
    pairs = session.execute(wanted.order_by(row.dock_time, row.digest)).all()
    return [dock_record(one) for one, received_at in pairs if one.dock_time <= received_at + DOCK_AHEAD]


# --- what a record says of a file -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listing:
    """An entry of a record and everything that was seen where it names a file.

    Attributes:
        seen: in order of time. at: when the record came there.
    """

    entry: schema.DockFileRow
    connection: schema.DockConnectionRow
    seen: Sequence[Seen]
    at: datetime

    def meant(self, without: Collection[str] = ()) -> str | None:
        """Return the clip that it speaks of: the one of its SHA-256, else the one that came nearest to the record."""
        seen = [one for one in self.seen if one.digest not in without] if without else self.seen
        found = nearest([one for one in seen if one.digest == self.stated] or seen, self.at)
        return found.digest if found else None

    @property
    def stated(self) -> str:
        """SHA-256 that dock or camera computed; empty when they did not."""
        return self.entry.digests.get("sha256", "").casefold()

    def differs(self, clip: str) -> bool:
        """Whether it was other bytes that the dock listed."""
        return self.stated not in {"", clip}


def claims_by_docks(session: Session, digests: Sequence[str]) -> dict[str, Claims]:
    """Return what docks' records say of clips that they list, by digest."""
    found: dict[str, Claims] = {}
    for clip, listing in listings(session, digests):
        if not listing.differs(clip):
            said = claims_of_listing(listing.entry, listing.connection)
            found[clip] = found.get(clip, Claims()).joined(said)
    return found


def docked_by(session: Session, digests: Sequence[str]) -> dict[str, datetime]:
    """Return when the first dock's record that lists a clip was made: the clip had left its camera by then."""
    found: dict[str, datetime] = {}
    for clip, listing in listings(session, digests):
        if not listing.differs(clip):
            dock_time = listing.connection.dock_time
            found[clip] = min(dock_time, found.get(clip, dock_time))
    return found


def other_digests(session: Session, digests: Sequence[str]) -> dict[str, str]:
    """Return the SHA-256 that docks or cameras computed of the bytes of clips, of those that none computed right."""
    found: dict[str, str] = {}
    right: set[str] = set()
    for clip, listing in listings(session, digests):
        if listing.differs(clip):
            found.setdefault(clip, listing.entry.digests["sha256"])
        elif listing.stated:
            right.add(clip)
    return {clip: stated for clip, stated in found.items() if clip not in right}


def listings(session: Session, digests: Sequence[str]) -> Iterator[tuple[str, Listing]]:
    """Yield the entries of records that speak of clips, by where both were seen."""
    for some in batched(digests):
        mine = set(some)
        for listing in listings_at(session, places(session, some)):
            clip = listing.meant()
            if clip in mine:
                yield clip, listing


def listings_at(session: Session, at_places: Collection[Place]) -> Iterator[Listing]:
    """Yield the entries of records that name places."""
    listed, connection = schema.DockFileRow, schema.DockConnectionRow
    seen = seen_at(session, at_places)
    leaves = sorted({PurePosixPath(path).name.casefold() for _, path in at_places})
    for part in batched(leaves):
        joined = sa.select(listed, connection).join(connection, connection.digest == listed.digest)
        pairs = session.execute(joined.where(listed.leaf.in_(part)).order_by(listed.digest, listed.position)).all()
        homes = first_seen(session, {row.digest for row, _ in pairs})
        for row, of in pairs:
            for (station, folder), at in homes.get(row.digest, {}).items():
                here = seen.get((station, str(PurePosixPath(folder) / row.name)))
                if here:
                    yield Listing(row, of, here, at)


def clips_listed(session: Session, record: str) -> dict[str, list[str]]:
    """Return the clips that a record lists, by name, as far as they have come."""
    listed = schema.DockFileRow
    connection = session.get_one(schema.DockConnectionRow, record)
    entries = session.scalars(sa.select(listed).where(listed.digest == record).order_by(listed.position)).all()
    found: dict[str, list[str]] = defaultdict(list)
    for (station, folder), at in first_seen(session, {record}).get(record, {}).items():
        paths = {(station, str(PurePosixPath(folder) / entry.name)): entry for entry in entries}
        for place, seen in seen_at(session, paths).items():
            clip = Listing(paths[place], connection, seen, at).meant()
            found[paths[place].name] += [clip] if clip else []
    return found


def clips_passed_over(session: Session, digests: Collection[str]) -> set[str]:
    """Return the clips that records would be thought to list if these had not come by the same names."""
    found: set[str] = set()
    for listing in listings_at(session, places(session, digests)):
        if listing.meant() in digests:
            found |= {other for other in [listing.meant(without=digests)] if other is not None}
    return found


def claims_of_listing(listed: schema.DockFileRow, connection: schema.DockConnectionRow) -> Claims:
    """Return what one entry of a record claims of its file."""
    return Claims(tuple(_times(listed, connection)), tuple(_identities(listed, connection)))


def _times(listed: schema.DockFileRow, connection: schema.DockConnectionRow) -> Iterable[TimeClaim]:
    if listed.recorded_at is not None:
        raw = to_utc_iso(listed.recorded_at)
        yield TimeClaim(
            ClaimSource.SIDECAR,
            raw,
            listed.recorded_at,
            ZoneBasis.LOCAL,
            Anchor.START,
            connection.precision_s,
            FORMAT,
            connection.tool,
        )


def _identities(listed: schema.DockFileRow, connection: schema.DockConnectionRow) -> Iterable[IdentityClaim]:
    said = (
        (IdentityKind.DEVICE, connection.device_id),
        (IdentityKind.OFFICER_CODE, listed.officer_code or connection.officer_code),
        (IdentityKind.SEQUENCE, "" if listed.sequence is None else str(listed.sequence)),
    )
    for kind, value in said:
        if value:
            yield IdentityClaim(kind, ClaimSource.SIDECAR, value, detail=FORMAT)
