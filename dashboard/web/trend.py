"""Geometry of the trend: a bar for each month. Across percentages of the width, down pixels; the template words it."""

from collections.abc import Sequence
from dataclasses import dataclass

from evidence.indicators import Figure
from evidence.periods import Period

TOP_PX, BOTTOM_PX = 14, 108
HEIGHT_PX = 146
BAR_SHARE = 0.56
"""Of a month's width the part its bar takes."""

LEAST_PX = 1.5
"""A share of nothing is drawn too: it is not the same as nothing to count."""


@dataclass(frozen=True)
class Bar:
    """A month. ``x``, ``width``: percent; ``middle``: of its words; a month without anything counted has no height."""

    x: float
    width: float
    middle: float
    y: float
    height: float
    period: Period
    figure: Figure


@dataclass(frozen=True)
class Trend:
    """The bars, and the lines of the scale (pixels from the top, percent)."""

    bars: Sequence[Bar]
    lines: Sequence[tuple[float, int]]
    height: int = HEIGHT_PX
    bottom: int = BOTTOM_PX


def draw_trend(months: Sequence[tuple[Period, Figure]]) -> Trend:
    """Return the trend of a figure over months."""
    each = 100 / max(1, len(months))
    bars = [bar(number * each, each, period, figure) for number, (period, figure) in enumerate(months)]
    return Trend(bars, [(place(share / 100), share) for share in (0, 50, 100)])


def bar(left: float, room: float, period: Period, figure: Figure) -> Bar:
    """Return the bar of a month in its room, percent from the left."""
    width = room * BAR_SHARE
    top = BOTTOM_PX if figure.share is None else min(place(figure.share), BOTTOM_PX - LEAST_PX)
    middle = round(left + room / 2, 3)
    return Bar(round(middle - width / 2, 3), round(width, 3), middle, top, round(BOTTOM_PX - top, 1), period, figure)


def place(share: float) -> float:
    """Return where a share lies, pixels from the top."""
    return round(BOTTOM_PX - share * (BOTTOM_PX - TOP_PX), 1)
