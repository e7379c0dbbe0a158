"""Which files of a camera have to be judged together: the stretches between its dockings that a change touches.

A stretch depends on its own files, on the docking before it, and on the counters of the files that came then. Loading
a few stays on either side of the change therefore gives what judging the whole camera gives, at a bounded cost.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.clips import ClipState
from evidence.clock.dockings import COPYING_S, sessions
from evidence.docking import DockRecord
from evidence.ids import DeviceId
from index import schema
from index.docks import records_between

STAYS_BEFORE = 7
"""Anchored stays loaded before the one that changed: its own stretch, the one a late file falls into, and theirs."""

STAYS_AFTER = 6
"""And after it: the next stretch leans on it."""

STAYS_JUDGED = 1
"""Stays on either side of the change whose files are judged anew."""

MOST_FILES = 600
"""Files looked at on either side; a camera whose clock nobody reads or sets has no anchor to stop at."""

BEGINNING = datetime(1971, 1, 1, tzinfo=UTC)
END = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Window:
    """What to load of a camera, and what of it to judge; both by when files were docked, bounds included."""

    loaded: tuple[datetime, datetime]
    judged: tuple[datetime, datetime]
    records: tuple[DockRecord, ...]


@dataclass(frozen=True)
class Camera:
    """A camera by all its names."""

    session: Session
    device_id: DeviceId
    names: tuple[str, ...]
    docks_set: bool

    def whole(self) -> Window:
        """Return the window of everything."""
        everything = (BEGINNING, END)
        return Window(everything, everything, tuple(records_between(self.session, self.names, BEGINNING, END)))

    def around(self, moments: Sequence[datetime]) -> Window:
        """Return the window that a change at some arrivals, or dockings, touches."""
        first, last = min(moments), max(moments)
        before = self._arrivals(schema.Clip.docked_at < first, newest=True)
        after = self._arrivals(schema.Clip.docked_at >= first, newest=False)
        came = sorted([*before, *after])
        records = records_between(self.session, self.names, BEGINNING, END)
        stays = merged([*sessions(one.timestamp() for one in came), *(alone(one) for one in records)])
        anchored = [stay for stay in stays if self._is_anchor(stay, records)]
        if not anchored:
            return Window((BEGINNING, END), (BEGINNING, END), tuple(records))
        earliest, latest = (moment.timestamp() for moment in (first, last))
        at = sum(stay[0] <= earliest for stay in anchored) - 1
        to = sum(stay[0] <= latest for stay in anchored) - 1
        return Window(
            reach(anchored, at - STAYS_BEFORE, to + STAYS_AFTER),
            reach(anchored, at - STAYS_JUDGED, to + STAYS_JUDGED),
            tuple(records),
        )

    def _arrivals(self, side: sa.ColumnElement[bool], *, newest: bool) -> list[datetime]:
        clip = schema.Clip
        mine = (clip.device_id == self.device_id, clip.state != ClipState.SEALED, side)
        order = clip.docked_at.desc() if newest else clip.docked_at
        found = self.session.scalars(sa.select(clip.docked_at).where(*mine).order_by(order).limit(MOST_FILES))
        return [docked_at for docked_at in found if docked_at is not None]

    def _is_anchor(self, stay: tuple[float, float], records: Iterable[DockRecord]) -> bool:
        """Whether a stay tells of the clock, or a dock is known to have set it."""
        told = [one for one in records if stay[0] - COPYING_S <= one.dock_time.timestamp() <= stay[1]]
        return self.docks_set if not told else any(one.device_time is not None or one.clock_set for one in told)


def alone(record: DockRecord) -> tuple[float, float]:
    """Return the stay a record tells of by itself."""
    return record.dock_time.timestamp(), record.dock_time.timestamp()


def merged(stays: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return stays in order, those that a record tells of together with the files that came then."""
    found: list[tuple[float, float]] = []
    for first, last in sorted(stays):
        if found and first - COPYING_S <= found[-1][0] and found[-1][0] == found[-1][1]:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def reach(anchored: Sequence[tuple[float, float]], first: int, last: int) -> tuple[datetime, datetime]:
    """Return the arrivals from the beginning of one stay to just before the one after another."""
    since = BEGINNING if first <= 0 else datetime.fromtimestamp(anchored[first][0], UTC) - timedelta(seconds=COPYING_S)
    until = END if last + 1 >= len(anchored) else datetime.fromtimestamp(anchored[last + 1][0], UTC)
    return since, until - timedelta(microseconds=1)
