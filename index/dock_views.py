"""Docks' records as people see them: the whole record, and which of its files have come."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.docking import DockedFile, DockRecord
from evidence.ids import Digest
from index import docks, schema


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
    return {
        digest: Docked(replace(docks.dock_record(row), files=tuple(files[digest])), arrivals(session, digest))
        for digest, row in found.items()
    }


def docked_file(row: schema.DockFileRow) -> DockedFile:
    """Return the entry a row keeps."""
    digests = tuple(sorted(row.digests.items()))
    return DockedFile(row.name, row.sequence, row.officer_code, row.recorded_at, digests)


def arrivals(session: Session, record: str) -> dict[str, Digest]:
    """Return which files of a record's list have come, seen where the record was seen."""
    return {name: Digest(clips[0]) for name, clips in docks.clips_listed(session, record).items() if clips}
