"""Which files of a camera have to be judged again: those of the stretches between its anchors that a change touches.

What anchors say of a stretch depends on no file, only on when files came; a file depends on its own stretch, on the
docking before it, and on the counters of the files that came then. So the dockings around a change are laid out with it
and without it: the stretches that differ, and those whose files may have moved, are judged, and nothing else of the
camera need be looked at. The outcome is that of judging the whole camera, to the last digit.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from math import inf

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from evidence.clips import ClipState, Kind
from evidence.clock import Correction
from evidence.clock.dockings import COPYING_S, Docking, dockings_of
from evidence.clock.files import shifted
from evidence.clock.order import MOST_LEFT, SLACK_S
from evidence.clock.stretches import Stretch, clocked_stretches
from evidence.docking import DockRecord
from evidence.ids import DeviceId
from index import schema
from index.docks import records_between

ANCHORS_AROUND = 10
"""Anchors that must be known beyond what is judged, so that they say of it what all of them would."""

STAYS_LEANING = 3
"""Stays after one that came or went whose files lean on it: it tells since when they can have lain on their card."""

FILLED_LEANING = 3
"""Stays with files before what is judged that tell which of its old files came out of an archive."""

NEAR_FILES = 400
NEAR_RECORDS = 32
"""What is looked up on either side of a change at first; more where that does not reach."""

FARTHER = (1, 8)

RECORDINGS = (schema.Clip.state != ClipState.SEALED, schema.Clip.kind != Kind.OTHER)
"""Files that tell of their camera's clock: measured, and a recording; a dock's record or a log is none."""

BEGINNING = datetime(1971, 1, 1, tzinfo=UTC)
END = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Window:
    """What to load of a camera, and what of it to judge.

    Attributes:
        loaded: files to load by when they were docked, bounds included.
        judged: stretches to judge by when they end, in seconds since 1970, bounds included.
        records: of its docks, as far as they matter.
        arrivals: when its files came, as far as that matters, in seconds since 1970.
    """

    loaded: tuple[datetime, datetime]
    judged: tuple[float, float]
    records: tuple[DockRecord, ...]
    arrivals: tuple[float, ...] = ()


@dataclass(frozen=True)
class Near:
    """Arrivals and records around a change. ``edges``: before and after these moments there may be more."""

    arrivals: tuple[float, ...]
    records: tuple[DockRecord, ...]
    edges: tuple[float, float]


@dataclass(frozen=True)
class Camera:
    """A camera by all its names. ``corrections``: what people confirmed of its clock."""

    session: Session
    device_id: DeviceId
    names: tuple[str, ...]
    docks_set: bool
    corrections: Sequence[Correction] = ()

    def whole(self) -> Window:
        """Return the window of everything."""
        records = records_between(self.session, self.names, BEGINNING, END)
        return Window((BEGINNING, END), (-inf, inf), tuple(records))

    def around(self, moments: Sequence[datetime]) -> Window:
        """Return the window that a change at some arrivals, or dockings, touches."""
        for times in FARTHER:
            near = self._near((min(moments), max(moments)), times)
            window = window_of(self._laid_out, near, sorted(one.timestamp() for one in moments))
            if window is not None:
                return window
        return self.whole()

    def _laid_out(self, records: Iterable[DockRecord], arrivals: Iterable[float]) -> "Layout":
        told = [shifted(record, self.corrections) for record in records]
        stays = dockings_of(told, arrivals)
        return Layout(stays, clocked_stretches((), stays, docks_set=self.docks_set), docks_set=self.docks_set)

    def _near(self, between: tuple[datetime, datetime], times: int) -> Near:
        clip, record = schema.Clip, schema.DockConnectionRow
        mine = sa.and_(clip.device_id == self.device_id, *RECORDINGS)
        named = record.folded.in_(sorted({name.casefold() for name in self.names if name}))
        came, came_edges = self._moments(clip.docked_at, mine, between, times * NEAR_FILES)
        told, told_edges = self._moments(record.dock_time, named, between, times * NEAR_RECORDS)
        records = records_between(self.session, self.names, told[0], told[-1]) if told else []
        edges = max(came_edges[0], told_edges[0]), min(came_edges[1], told_edges[1])
        return Near(tuple(one.timestamp() for one in came), tuple(records), edges)

    def _moments(
        self,
        column: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
        mine: sa.ColumnElement[bool],
        between: tuple[datetime, datetime],
        limit: int,
    ) -> tuple[list[datetime], tuple[float, float]]:
        """Return so many moments before and after a stretch, and all within; and where more of them may be missing."""
        wanted = sa.select(column).where(mine)
        before = wanted.where(column < between[0]).order_by(column.desc()).limit(limit)
        after = wanted.where(column > between[1]).order_by(column).limit(limit)
        within = wanted.where(column.between(*between)).order_by(column)
        old, new = list(self.session.scalars(before)), list(self.session.scalars(after))
        found = [one for one in (*old[::-1], *self.session.scalars(within), *new) if one is not None]
        low = found[0].timestamp() if len(old) == limit else -inf
        return found, (low, found[-1].timestamp() if len(new) == limit else inf)


@dataclass
class Layout:
    """Dockings and the stretches between those that are anchors.

    Attributes:
        begins: when each docking began. parts: per docking, the stretch that its files lie in.
        last: per stretch, the docking it ends in.
    """

    stays: Sequence[Docking]
    stretches: Sequence[Stretch]
    docks_set: bool
    begins: list[float] = field(init=False)
    parts: list[int] = field(init=False)
    last: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        """Number them."""
        self.begins = [stay.at for stay in self.stays]
        anchors = [stay.before() is not None or bool(stay.after(docks_set=self.docks_set)) for stay in self.stays]
        self.parts = list(accumulate(anchors, initial=0))[:-1]
        self.last = {part: index for index, part in enumerate(self.parts)}

    def stay(self, at: float) -> int:
        """Return the docking that a file came out of, as far as its arrival tells."""
        return max(0, bisect_right(self.begins, at + SLACK_S) - 1)

    def first(self, part: int) -> int:
        """Return the docking that a stretch begins with."""
        return self.last.get(part - 1, -1) + 1

    def looks(self) -> list[tuple[object, ...]]:
        """Return what anchors say of each stretch, to be compared; where one without an end ends is nothing."""
        return [(one.since, one.until if one.right else None, one.left, one.right, one.rate) for one in self.stretches]


LaidOut = Callable[[Iterable[DockRecord], Iterable[float]], Layout]


def window_of(lay_out: LaidOut, near: Near, moments: Sequence[float]) -> Window | None:
    """Return the window that a change at some moments touches; None when too little of the camera is known for it."""
    now = lay_out(near.records, near.arrivals)
    changed = frozenset(moments)
    without = lay_out(
        [record for record in near.records if record.dock_time.timestamp() not in changed],
        [at for at in near.arrivals if at not in changed],
    )
    others = [without, lay_out(near.records, [*near.arrivals, *moments])]
    if not now.stays:
        return None
    filled = sorted({now.stay(at) for at in near.arrivals})
    first, last = touched(now, others, filled, moments)
    begin = now.first(first)
    lean = bisect_left(filled, begin) - FILLED_LEANING
    low, high = (min(filled[lean], begin) if lean >= 0 else 0), now.last.get(last + 1, len(now.stays) - 1) + 1
    if not reaches(now, near.edges, (max(0, min(low, begin - STAYS_LEANING)), min(high, len(now.stays) - 1))):
        return None
    since = BEGINNING if low <= 0 else moment(now.begins[low] - SLACK_S)
    until = END if high + 1 >= len(now.stays) else moment(now.begins[high + 1])
    judged = (now.stretches[first].until, now.stretches[last].until)
    return Window((since, until), judged, near.records, near.arrivals)


def touched(now: Layout, others: Sequence[Layout], filled: Sequence[int], moments: Sequence[float]) -> tuple[int, int]:
    """Return the first and the last stretch whose files may be judged otherwise.

    Of files that came, those at dockings before may be meant; and the next files after them lean on their counters,
    as the next but one do where those belong to a docking before.
    """
    begin, end = now.stay(moments[0]), now.stay(moments[-1])
    after = bisect_right(filled, end)
    later = filled[after : after + 2]
    leaning = [stay - left for stay in later for left in (0, 1, MOST_LEFT)]
    touches = {max(0, stay) for stay in (begin - MOST_LEFT, end, *leaning)}
    if any(other.stays != now.stays for other in others):
        touches.add(min(end + STAYS_LEANING, len(now.stays) - 1))
    parts = {now.parts[index] for index in touches}
    for other in others:
        known = set(other.looks())
        parts |= {part for part, looks in enumerate(now.looks()) if looks not in known}
    return min(parts), max(parts)


def reaches(now: Layout, edges: tuple[float, float], between: tuple[int, int]) -> bool:
    """Whether enough anchors are known beyond two dockings."""
    low = bisect_right(now.begins, edges[0] + COPYING_S) if edges[0] > -inf else None
    high = bisect_left(now.begins, edges[1] - COPYING_S) - 1 if edges[1] < inf else None
    enough = low is None or (low < between[0] and now.parts[between[0]] - now.parts[low] >= ANCHORS_AROUND)
    return enough and (
        high is None or (high > between[1] and now.parts[high] - now.parts[between[1]] >= ANCHORS_AROUND)
    )


def moment(at: float) -> datetime:
    """Return a time from seconds since 1970, a microsecond early: what rounding takes is given back."""
    return datetime.fromtimestamp(at, UTC) - timedelta(microseconds=1)
