"""Receivers' logs and the videos they lie beside: same dock, same folder, same name but for its ending.

A log may come before or after its video, so that neither copies anything from the other: what a log states is looked
up when the video is judged. Where names recur from day to day, those belong together that came nearest to one another.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import PurePosixPath

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.claims import ClaimSource, TimeClaim
from evidence.clips import Kind
from evidence.gps_fixes import GPS_LOGS
from index import rows, schema
from index.batches import batched
from index.sightings import Place, Seen, nearest, places, seen_at

FROM_LOGS = (ClaimSource.GPS_TRACK, ClaimSource.GPS)


def claims_by_logs(session: Session, digests: Sequence[str]) -> dict[str, list[TimeClaim]]:
    """Return what the logs beside clips state, by the clips' digests."""
    logs: dict[str, set[str]] = defaultdict(set)
    for some in batched(digests):
        mine = set(some)
        beside = {place: _logs_of(place) for place in places(session, some) if not is_log(place[1])}
        seen = seen_at(session, {*beside, *chain.from_iterable(beside.values())})
        for place, log_places in beside.items():
            clips = seen.get(place, [])
            for log_place in log_places:
                for clip, log in paired(clips, seen.get(log_place, []), mine):
                    logs[clip].add(log)
    stated = _stated(session, set().union(*logs.values()))
    return {
        clip: list(dict.fromkeys(one for log in sorted(named) for one in stated[log])) for clip, named in logs.items()
    }


def paired(clips: Sequence[Seen], logs: Sequence[Seen], wanted: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield clips at one path that are wanted, each with the nearest log at another if no clip is nearer to that."""
    for clip in clips:
        log = nearest(logs, clip.at) if clip.digest in wanted else None
        back = nearest(clips, log.at) if log is not None else None
        if log is not None and back is not None and back.digest == clip.digest:
            yield clip.digest, log.digest


def clips_beside(session: Session, digests: Collection[str]) -> set[str]:
    """Return the clips that have another log, or none, for these having come."""
    changed, found = set(digests), set[str]()
    for station, stem in sorted(_stems_with_logs(session, changed)):
        by_path = _at_stem(session, station, stem)
        logs = [seen for path, seen in by_path.items() if is_log(path)]
        for clips in (seen for path, seen in by_path.items() if not is_log(path)):
            names = {one.digest for one in clips}
            for some in logs:
                now = set(paired(clips, some, names))
                before = set(paired(without(clips, changed), without(some, changed), names))
                found |= {clip for clip, _ in now ^ before}
    return found - changed


def _stems_with_logs(session: Session, digests: Collection[str]) -> set[Place]:
    """Return where files and logs lie side by side, without endings; those of these files."""
    here = places(session, digests)
    logs = seen_at(session, {log for place in here if not is_log(place[1]) for log in _logs_of(place)})
    named = {*logs, *(place for place in here if is_log(place[1]))}
    return {(station, stem_of(path)) for station, path in named}


def without(seen: Sequence[Seen], digests: Collection[str]) -> list[Seen]:
    """Return what else was seen."""
    return [one for one in seen if one.digest not in digests]


def is_log(path: str) -> bool:
    """Whether a file is named like a receiver's log."""
    return PurePosixPath(path).suffix.lower() in GPS_LOGS


def stem_of(path: str) -> str:
    """Return a path without its ending."""
    return str(PurePosixPath(path).with_suffix("")) if PurePosixPath(path).suffix else path


def _at_stem(session: Session, station: str, stem: str) -> dict[str, list[Seen]]:
    """Return what was seen by one name but for its ending, in order of time."""
    row = schema.SightingRow
    named = sa.and_(row.source_path > stem + ".", row.source_path < stem + "/")
    wanted = sa.select(row.source_path, row.received_at, row.digest).where(
        row.station == station, sa.or_(row.source_path == stem, named)
    )
    found: dict[str, list[Seen]] = defaultdict(list)
    for path, at, digest in session.execute(wanted.order_by(row.received_at, row.digest)):
        if stem_of(path) == stem:
            found[path].append(Seen(at, digest))
    return found


def _logs_of(place: Place) -> list[Place]:
    """Return where a log beside a file may lie."""
    station, path = place
    return [(station, stem_of(path) + ending) for suffix in sorted(GPS_LOGS) for ending in (suffix, suffix.upper())]


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
