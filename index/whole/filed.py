"""Steps and clips of a stretch, filed so that what lies near a moment is found without a search."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from evidence.cases import Step
from evidence.law import LawPack, Rule
from evidence.matching import Margin
from evidence.spans import Span
from index import schema
from index.facts import StepKey
from index.reach import WIDTHS
from index.whole.forms import Reading
from index.whole.parts import CLIP_COLUMNS

SHORT_CLASSES = 3
"""Classes of reach that are judged by stretches of time; longer ones are rare, and taken one by one."""

WIDEST = WIDTHS[SHORT_CLASSES - 1]
STEP_COLUMNS = tuple(column.name for column in schema.StepRow.__table__.columns)


class ClipSeen(SimpleNamespace):
    """A clip as far as a stretch is concerned; the rest of its clock's judgement is asked by nobody here."""

    start_earliest = start_latest = clock_offset_s = None


CLIP = Reading(schema.Clip, CLIP_COLUMNS, late=("rules",), made=ClipSeen)
STEP = Reading(schema.StepRow, STEP_COLUMNS)


@dataclass(frozen=True)
class Filed:
    """A step with its rule, the longest stretch that any rule lets it reach over, and the units of its officers."""

    row: Any
    step: Step
    pack: LawPack
    rule: Rule | None
    margin: Margin
    reach: Span
    units: frozenset[str]
    places: tuple[str, ...]
    key: StepKey


class ByTime:
    """Stretches under names – officers, cameras, units –, found by time; none of the short ones is longer than told."""

    def __init__(self, filed: Iterable[tuple[str, Span, Any]], longest: timedelta) -> None:
        """Sort them."""
        self._short: dict[str, list[tuple[datetime, datetime, int, Any]]] = defaultdict(list)
        self._long: dict[str, list[tuple[datetime, datetime, int, Any]]] = defaultdict(list)
        self._longest = longest
        for number, (name, span, value) in enumerate(filed):
            side = self._short if span.end - span.start <= longest else self._long
            side[name].append((span.start, span.end, number, value))
        for some in self._short.values():
            some.sort()

    def near(self, name: str, window: Span) -> list[Any]:
        """Return what shares time with a window, bounds included, in the order in which it was filed."""
        some, found = self._short.get(name, ()), []
        place = bisect_left(some, (window.start - self._longest,)) if some else 0
        start, end = window.start, window.end
        while place < len(some) and some[place][0] <= end:
            if some[place][1] >= start:
                found.append(some[place][2:])
            place += 1
        for since, until, number, value in self._long.get(name, ()):
            if since <= end and until >= start:
                found.append((number, value))
        if len(found) > 1:
            found.sort(key=_number)
        return [value for _, value in found]


def _number(pair: tuple[int, Any]) -> int:
    return pair[0]
