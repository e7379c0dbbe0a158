"""What docks' records say, kept in tables of their own, and what follows from it for the files they list.

A record may come before or after the files it speaks of, and be seen at more than one dock: what it says of a file is
looked up when the file is judged, never copied into the file's own rows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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

Place = tuple[str, str]
"""Station and path below its watched root."""


def claims_by_docks(session: Session, digests: Sequence[str]) -> dict[str, Claims]:
    """Return what docks' records say of clips that they list, by digest."""
    found: dict[str, Claims] = {}
    for clip, listed, connection in listings(session, digests):
        found[clip] = found.get(clip, Claims()).joined(claims_of_listing(listed, connection))
    return found


def docked_by(session: Session, digests: Sequence[str]) -> dict[str, datetime]:
    """Return when the first dock's record that lists a clip was made: the clip had left its camera by then."""
    found: dict[str, datetime] = {}
    for clip, _, connection in listings(session, digests):
        found[clip] = min(connection.dock_time, found.get(clip, connection.dock_time))
    return found


def digests_by_docks(session: Session, digests: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return what docks or cameras computed of the bytes of clips: by digest, algorithm and value."""
    found: dict[str, dict[str, str]] = {}
    for clip, listed, _ in listings(session, digests):
        found.setdefault(clip, {}).update(listed.digests)
    return found


def listings(
    session: Session, digests: Sequence[str]
) -> Iterator[tuple[str, schema.DockFileRow, schema.DockConnectionRow]]:
    """Yield the entries of records that name clips, by where both were seen."""
    listed, connection = schema.DockFileRow, schema.DockConnectionRow
    for some in batched(digests):
        seen = places(session, some)
        leaves = sorted({PurePosixPath(path).name.casefold() for _, path in seen})
        for part in batched(leaves):
            joined = sa.select(listed, connection).join(connection, connection.digest == listed.digest)
            pairs = session.execute(joined.where(listed.leaf.in_(part)).order_by(listed.digest, listed.position)).all()
            homes = folders(session, {row.digest for row, _ in pairs})
            for row, of in pairs:
                for station, folder in homes[row.digest]:
                    for clip in seen.get((station, str(PurePosixPath(folder) / row.name)), ()):
                        yield clip, row, of


def places(session: Session, digests: Sequence[str]) -> Mapping[Place, Sequence[str]]:
    """Return where clips were seen, and which."""
    row = schema.SightingRow
    found: dict[Place, list[str]] = defaultdict(list)
    wanted = sa.select(row.station, row.source_path, row.digest).where(row.digest.in_(digests))
    for station, path, digest in session.execute(wanted.order_by(row.digest)):
        found[station, str(PurePosixPath(path))].append(digest)
    return found


def folders(session: Session, digests: Collection[str]) -> Mapping[str, Sequence[Place]]:
    """Return the folders in which records were seen."""
    row = schema.SightingRow
    found: dict[str, list[Place]] = defaultdict(list)
    for some in batched(sorted(digests)):
        wanted = sa.select(row.station, row.source_path, row.digest).where(row.digest.in_(some))
        for station, path, digest in session.execute(wanted.order_by(row.station, row.source_path)):
            place = (station, str(PurePosixPath(path).parent))
            if place not in found[digest]:
                found[digest].append(place)
    return found


def clips_listed(session: Session, record: str) -> set[str]:
    """Return the clips that a record lists, as far as they have come."""
    listed, seen = schema.DockFileRow, schema.SightingRow
    names = list(session.scalars(sa.select(listed.name).where(listed.digest == record)))
    found: set[str] = set()
    for station, folder in folders(session, {record})[record]:
        paths = [str(PurePosixPath(folder) / name) for name in names]
        for some in batched(paths):
            wanted = sa.select(seen.digest).where(seen.station == station, seen.source_path.in_(some))
            found.update(session.scalars(wanted))
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
