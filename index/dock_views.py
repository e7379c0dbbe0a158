"""Docks' records as people see them: the whole record, and which of its files have come."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.docking import DockedFile, DockRecord
from evidence.ids import Digest
from index import docks, schema
from index.batches import batched


@dataclass(frozen=True)
class Docked:
    """A dock's record, and the clips that came of it: name in its list → digest."""

    record: DockRecord
    arrived: Mapping[str, Digest]


def docked(session: Session, digests: Sequence[str]) -> dict[str, Docked]:
    """Return what is known of those files that are docks' records, by digest."""
    connection, listed = schema.DockConnectionRow, schema.DockFileRow
    found = {row.digest: row for row in session.scalars(sa.select(connection).where(connection.digest.in_(digests)))}
    if not found:
        return {}
    files: dict[str, list[DockedFile]] = defaultdict(list)
    wanted = sa.select(listed).where(listed.digest.in_(sorted(found))).order_by(listed.digest, listed.position)
    for row in session.scalars(wanted):
        files[row.digest].append(docked_file(row))
    homes = docks.folders(session, found)
    return {
        digest: Docked(
            replace(docks.dock_record(row), files=tuple(files[digest])), arrivals(session, homes[digest], files[digest])
        )
        for digest, row in found.items()
    }


def docked_file(row: schema.DockFileRow) -> DockedFile:
    """Return the entry a row keeps."""
    digests = tuple(sorted(row.digests.items()))
    return DockedFile(row.name, row.sequence, row.officer_code, row.recorded_at, digests)


def arrivals(session: Session, homes: Sequence[docks.Place], files: Collection[DockedFile]) -> dict[str, Digest]:
    """Return which files of a list have come, seen where the record was seen."""
    seen = schema.SightingRow
    found: dict[str, Digest] = {}
    for station, folder in homes:
        names = {str(PurePosixPath(folder) / one.name): one.name for one in files}
        for some in batched(sorted(names)):
            wanted = sa.select(seen.source_path, seen.digest).where(seen.station == station, seen.source_path.in_(some))
            for path, digest in session.execute(wanted.order_by(seen.received_at)):
                found.setdefault(names[path], Digest(digest))
    return found
