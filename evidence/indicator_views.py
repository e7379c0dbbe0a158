"""Indicators as programs read them: the documented JSON (docs/interfaces.md, "Indicators")."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from evidence.indicators import Assessment, Figure, Figures, Indicator, Item, Part, UnitFrom, article_of
from evidence.law import LawPack
from evidence.periods import Period
from evidence.reason_counts import ReasonCount, reason_count_json
from evidence.zones import to_utc_iso

Says = Callable[[Indicator], tuple[str, str]]
"""Name and definition of an indicator in the reader's language."""


@dataclass(frozen=True)
class Head:
    """What stands above figures, so that they can be checked.

    Attributes:
        unit, procedure: only these were asked for; None is all.
        counted_at: trusted time, UTC.
        size, root: of the newest sealed checkpoint of the ledger, the root in hex; None and empty before the first.
    """

    period: Period
    unit: str | None
    procedure: str | None
    counted_at: datetime
    rule_version: str
    size: int | None = None
    root: str = ""


def assessment_json(
    head: Head, found: Assessment, says: Says, pack: LawPack, reasons: Sequence[ReasonCount] = ()
) -> dict[str, object]:
    """Return the documented JSON of figures."""
    return {
        "from": head.period.first.isoformat(),
        "to": head.period.last.isoformat(),
        "unit": head.unit,
        "procedure": head.procedure,
        "counted_at": to_utc_iso(head.counted_at),
        "rule_version": head.rule_version,
        "checkpoint": {"size": head.size, "root": head.root} if head.size is not None else None,
        "definitions": [definition_json(figure.indicator, says, pack) for figure in found.figures.values()],
        "figures": list(_rows(found)),
        "reasons": [reason_count_json(one) for one in reasons],
    }


def _rows(found: Assessment) -> Iterator[dict[str, object]]:
    """Yield the figures of all, of each unit, and of each procedure in it; empty ones are left out."""
    yield from _filled(found.figures, None, (), None)
    for unit in found.units:
        yield from _filled(unit.figures, unit.unit, unit.unit_from, None)
        for procedure, figures in unit.procedures.items():
            yield from _filled(figures, unit.unit, unit.unit_from, procedure)


def _filled(
    figures: Figures, unit: str | None, sources: Sequence[UnitFrom], procedure: str | None
) -> Iterator[dict[str, object]]:
    for figure in figures.values():
        if not figure.is_empty:
            yield figure_json(figure, unit, sources, procedure)


def definition_json(indicator: Indicator, says: Says, pack: LawPack) -> dict[str, object]:
    """Return the documented JSON of a definition."""
    name, words = says(indicator)
    return {
        "indicator": indicator.code.value,
        "name": name,
        "definition": words,
        "article": article_of(indicator.code, pack),
        "counts": indicator.counts.value,
        "met": [part.value for part in indicator.met],
        "unmet": [part.value for part in indicator.unmet],
        "within": [part.value for part in indicator.within],
        "apart": [part.value for part in indicator.apart],
    }


def figure_json(
    figure: Figure, unit: str | None, sources: Sequence[UnitFrom], procedure: str | None
) -> dict[str, object]:
    """Return the documented JSON of a figure; what counts time is in seconds."""
    indicator = figure.indicator
    return {
        "indicator": indicator.code.value,
        "unit": unit,
        "unit_from": [source.value for source in sources],
        "procedure": procedure,
        "numerator": in_units(figure, figure.numerator),
        "denominator": in_units(figure, figure.denominator),
        "share": round(figure.share, 6) if figure.share is not None else None,
        "few": figure.is_few,
        "parts": {part.value: in_units(figure, figure.of(part)) for part in indicator.parts},
    }


def in_units(figure: Figure, amount: int) -> int | float:
    """Return an amount in what people count: pieces, or seconds."""
    return amount / 1000 if figure.indicator.counts == "time" else amount


def item_json(item: Item) -> dict[str, object]:
    """Return the documented JSON of a thing that a figure counts."""
    return {
        "indicator": item.code.value,
        "part": item.part.value,
        "unit": item.belonging.unit,
        "unit_from": item.belonging.unit_from.value,
        "procedure": item.belonging.procedure,
        "at": to_utc_iso(item.at),
        "seconds": item.amount / 1000 if is_time(item.part) else None,
        "case_no": item.case_no or None,
        "step_no": item.step_no or None,
        "sha256": item.digest or None,
        "name": item.name or None,
    }


def is_time(part: Part) -> bool:
    """Whether a part is counted in time."""
    return part in {Part.RECORDED, Part.UNRECORDED, Part.UNCERTAIN, Part.AWAITED}
