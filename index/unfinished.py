"""What a register that was just made again has to go on with."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.clips import ClipState
from index import schema


def sidecars(session: Session) -> set[str]:
    """Return the digest of every sidecar that a sighting names."""
    return set(session.scalars(sa.select(schema.SightingRow.sidecar)))


def clips(session: Session) -> list[tuple[str, str, str]]:
    """Return digest, station and source path of the clips that are under way and have not failed."""
    row = schema.Clip
    going = (row.state != ClipState.REVIEWED, row.failure_stage.is_(None))
    wanted = sa.select(row.digest, row.station, row.source_path).where(*going).order_by(row.digest)
    return [(digest, station, path) for digest, station, path in session.execute(wanted)]
