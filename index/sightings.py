"""What was seen where and when: which of several files that came by one name another file speaks of.

Cameras that count from `0001` every day give many files one path; a file that names it means the one that came nearest.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

import sqlalchemy as sa
from sqlalchemy.orm import Session

from index import schema
from index.batches import batched

Place = tuple[str, str]
"""Station and path below its watched root."""


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """One time a file was seen at a place."""

    at: datetime
    digest: str


def places(session: Session, digests: Collection[str]) -> set[Place]:
    """Return where files were seen."""
    row = schema.SightingRow
    found: set[Place] = set()
    for some in batched(sorted(digests)):
        wanted = sa.select(row.station, row.source_path).where(row.digest.in_(some))
        found |= {(station, str(PurePosixPath(path))) for station, path in session.execute(wanted)}
    return found


def seen_at(session: Session, wanted: Collection[Place]) -> dict[Place, list[Seen]]:
    """Return what was seen at places, in order of time; places where nothing was are left out."""
    row = schema.SightingRow
    by_station: dict[str, list[str]] = defaultdict(list)
    for station, path in sorted(wanted):
        by_station[station].append(path)
    found: dict[Place, list[Seen]] = defaultdict(list)
    for station, paths in by_station.items():
        for some in batched(paths):
            chosen = sa.select(row.source_path, row.received_at, row.digest)
            here = chosen.where(row.station == station, row.source_path.in_(some))
            for path, at, digest in session.execute(here.order_by(row.received_at, row.digest)):
                found[station, path].append(Seen(at, digest))
    return dict(found)


def first_seen(session: Session, digests: Collection[str]) -> Mapping[str, Mapping[Place, datetime]]:
    """Return when files were first seen in each folder they were seen in, by digest and folder."""
    row = schema.SightingRow
    found: dict[str, dict[Place, datetime]] = defaultdict(dict)
    for some in batched(sorted(digests)):
        wanted = sa.select(row.digest, row.station, row.source_path, row.received_at).where(row.digest.in_(some))
        for digest, station, path, at in session.execute(
            wanted.order_by(row.received_at, row.station, row.source_path)
        ):
            found[digest].setdefault((station, str(PurePosixPath(path).parent)), at)
    return found


def nearest(seen: Sequence[Seen], at: datetime) -> Seen | None:
    """Return what was seen nearest to a moment, the earlier of equals; ``seen`` is in order of time."""
    after = bisect_left(seen, at, key=lambda one: one.at)
    beside = seen[max(0, after - 1) : after + 1]
    return min(beside, key=lambda one: abs(one.at - at), default=None)
