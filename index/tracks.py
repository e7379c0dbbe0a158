"""Receivers' logs and the videos they lie beside: same dock, same folder, same name but for its ending.

A log may come before or after its video, so that neither copies anything from the other: what a log states is looked
up when the video is judged.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePosixPath

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.claims import ClaimSource, TimeClaim
from evidence.clips import Kind
from evidence.gps_fixes import GPS_LOGS
from index import rows, schema
from index.batches import batched

FROM_LOGS = (ClaimSource.GPS_TRACK, ClaimSource.GPS)

Place = tuple[str, str]
"""Station and path below its watched root."""


def claims_by_logs(session: Session, digests: Sequence[str]) -> dict[str, list[TimeClaim]]:
    """Return what the logs beside clips state, by the clips' digests."""
    wanted: dict[Place, list[str]] = defaultdict(list)
    for station, path, digest in _seen(session, digests):
        if PurePosixPath(path).suffix.lower() not in GPS_LOGS:
            for log in _logs_of(path):
                wanted[station, log].append(digest)
    logs = _at(session, wanted)
    stated = _stated(session, {log for log, _ in logs})
    found: dict[str, list[TimeClaim]] = defaultdict(list)
    for log, place in logs:
        for digest in wanted[place]:
            found[digest] += [claim for claim in stated[log] if claim not in found[digest]]
    return found


def clips_beside(session: Session, digests: Collection[str]) -> set[str]:
    """Return the clips that logs among these lie beside."""
    stems: dict[Place, None] = {}
    for station, path, _ in _seen(session, sorted(digests)):
        if PurePosixPath(path).suffix.lower() in GPS_LOGS:
            stems[station, str(PurePosixPath(path).with_suffix(""))] = None
    seen, found = schema.SightingRow, set[str]()
    for station, stem in stems:
        beside = sa.select(seen.digest, seen.source_path).where(
            seen.station == station, seen.source_path > stem + ".", seen.source_path < stem + "/"
        )
        for digest, path in session.execute(beside):
            if str(PurePosixPath(path).with_suffix("")) == stem:
                found.add(digest)
    return found - set(digests)


def _seen(session: Session, digests: Sequence[str]) -> list[tuple[str, str, str]]:
    seen = schema.SightingRow
    return [
        (station, path, digest)
        for some in batched(digests)
        for station, path, digest in session.execute(
            sa.select(seen.station, seen.source_path, seen.digest)
            .where(seen.digest.in_(some))
            .order_by(seen.digest, seen.station, seen.source_path)
        )
    ]


def _logs_of(path: str) -> list[str]:
    """Return the names a log beside a file may have."""
    bare = str(PurePosixPath(path).with_suffix("")) if PurePosixPath(path).suffix else path
    return [bare + ending for suffix in sorted(GPS_LOGS) for ending in (suffix, suffix.upper())]


def _at(session: Session, places: Mapping[Place, Sequence[str]]) -> list[tuple[str, Place]]:
    """Return the originals seen at places, each with its place."""
    seen = schema.SightingRow
    by_station: dict[str, list[str]] = defaultdict(list)
    for station, path in places:
        by_station[station].append(path)
    return [
        (digest, (station, path))
        for station, paths in sorted(by_station.items())
        for some in batched(sorted(paths))
        for digest, path in session.execute(
            sa.select(seen.digest, seen.source_path)
            .where(seen.station == station, seen.source_path.in_(some))
            .order_by(seen.digest, seen.source_path)
        )
    ]


def _stated(session: Session, logs: Collection[str]) -> Mapping[str, list[TimeClaim]]:
    """Return what logs state; a video that is named like one states nothing of others."""
    claim, clip = schema.TimeClaimRow, schema.Clip
    found: dict[str, list[TimeClaim]] = defaultdict(list)
    for some in batched(sorted(logs)):
        wanted = sa.select(claim).join(clip, clip.digest == claim.digest)
        wanted = wanted.where(claim.digest.in_(some), claim.source.in_(FROM_LOGS), clip.kind == Kind.OTHER)
        for row in session.scalars(wanted.order_by(claim.digest, claim.raw)):
            found[row.digest].append(rows.time_claim(row))
    return found
