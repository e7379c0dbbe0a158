"""Retention, holds, disposals and tombstones out of the ledger's entries: gathered as told, written at the end.

Whether an original that was disposed of is there again is a matter of the entries' order, never of their times.
``Projection`` hands entries over by the words of `extra`; `finish` is called once, when all originals are written.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.custody import EventType
from index import dialects, schema
from index.batches import batched
from index.disposals import APPROVE, PROPOSE, REFUSE, project_disposal, project_disposed
from index.holds import LIFT, PLACE, project_hold
from index.journal import Told
from index.projection import Projection
from index.retention import project_retention

Handler = Callable[[Any, Told], None]


class KeptProjection:
    """Gathers what entries tell of keeping; the newest of each key is its row."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._retention: dict[str, dict[str, object]] = {}
        self._holds: dict[str, dict[str, object]] = {}
        self._disposals: dict[str, dict[str, object]] = {}
        self._disposed: dict[str, datetime] = {}

    @property
    def extra(self) -> Mapping[str, Handler]:
        """The entries it takes in, by event word or ``decision:<verb>``."""
        decisions: dict[str, Handler] = dict.fromkeys((f"decision:{verb}" for verb in (PLACE, LIFT)), self._hold)
        decisions |= dict.fromkeys((f"decision:{verb}" for verb in (PROPOSE, APPROVE, REFUSE)), self._disposal)
        kept = {EventType.RETAINED.value: self._retained, EventType.DISPOSED.value: self._gone}
        return {**decisions, **kept, EventType.RECEIVED.value: self._came}

    def finish(self, session: Session) -> None:
        """Write what was told."""
        _put(session, schema.RetentionRow, self._retention)
        _put(session, schema.HoldRow, self._holds)
        _put(session, schema.DisposalRow, self._disposals)
        for digest, when in self._disposed.items():
            dead = sa.update(schema.Original).where(schema.Original.digest == digest)
            session.execute(dead.values(disposed_at=when))
        session.expire_all()

    def _retained(self, _projection: object, told: Told) -> None:
        self._retention[told.subject] = project_retention(told)

    def _hold(self, _projection: object, told: Told) -> None:
        row = project_hold(told)
        self._holds[str(row["hold_id"])] = row

    def _disposal(self, _projection: object, told: Told) -> None:
        row = project_disposal(told)
        self._disposals[str(row["disposal_id"])] = row

    def _gone(self, _projection: object, told: Told) -> None:
        row = project_disposed(told)
        when = row["disposed_at"]
        if isinstance(when, datetime):  # pragma: no branch - it is one; told to the type checker
            self._disposed[told.subject] = when

    def _came(self, projection: Projection, told: Told) -> None:
        """Take bytes in that were received: whatever tombstone stood before this entry, they are there again."""
        self._disposed.pop(told.subject, None)
        projection.seen(told)


def _put(session: Session, model: type[schema.Base], told: Mapping[str, Mapping[str, object]]) -> None:
    for some in batched(list(told.values())):
        dialects.upsert(session, model, some)
