"""Finding stretches of time that overlap a window, by index, whatever their lengths.

Stretches are filed in classes by length. Within a class none is longer than the class's width, so everything that
overlaps ``[lo, hi]`` begins in ``[lo - width, hi]``: a short range of the index ``(class, start)``. One day-long
stretch then costs nothing to the search among the minutes-long ones.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from evidence.spans import Span

WIDTHS = (
    timedelta(minutes=15),
    timedelta(hours=2),
    timedelta(hours=16),
    timedelta(days=5),
    timedelta(days=40),
    timedelta(days=400),
)
LONGEST = len(WIDTHS)
"""Class of what is longer than every width: searched whole, and rare."""


def reach_class(span: Span) -> int:
    """Return the class of a stretch of time."""
    length = span.end - span.start
    return next((number for number, width in enumerate(WIDTHS) if length <= width), LONGEST)


def overlapping(
    columns: tuple[
        InstrumentedAttribute[int | None] | InstrumentedAttribute[int],
        InstrumentedAttribute[datetime | None] | InstrumentedAttribute[datetime],
        InstrumentedAttribute[datetime | None] | InstrumentedAttribute[datetime],
    ],
    window: Span,
    of: sa.ColumnElement[bool] | None = None,
) -> sa.ColumnElement[bool]:
    """Return the condition that a filed stretch (class, start, end) shares time with the window, bounds included.

    ``of``: whose stretches; said with every class, so that an index that begins with it can serve each.
    """
    filed, start, end = columns
    ranges = [one if of is None else sa.and_(of, one) for one in _ranges(filed, start, window)]
    return sa.and_(sa.or_(*ranges), end >= window.start)


def _ranges(
    filed: sa.ColumnElement[int] | InstrumentedAttribute[int | None] | InstrumentedAttribute[int],
    start: InstrumentedAttribute[datetime | None] | InstrumentedAttribute[datetime],
    window: Span,
) -> Iterable[sa.ColumnElement[bool]]:
    for number, width in enumerate(WIDTHS):
        yield sa.and_(filed == number, start >= window.start - width, start <= window.end)
    yield sa.and_(filed == LONGEST, start <= window.end)
