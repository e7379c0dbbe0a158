"""Indicators in words: names, definitions, counts with their share, and what a row behind a figure is about."""

from datetime import datetime, time, timedelta

from dashboard.texts import Texts
from evidence.before_filing import days_left
from evidence.indicators import Counts, Figure, Indicator, Item, Part, UnitFrom
from evidence.law import LawPack
from evidence.zones import beijing


def name_and_definition(texts: Texts, indicator: Indicator) -> tuple[str, str]:
    """Return how an indicator is called, and what it counts out of what."""
    key = f"indicator.{indicator.code.value}"
    return texts.t(key), texts.t(f"{key}.says")


def amount(texts: Texts, indicator: Indicator, count: int) -> str:
    """Return how much that is: a number, or hours and minutes."""
    return texts.duration(count / 1000) if indicator.counts is Counts.TIME else f"{count:,}"


def share(texts: Texts, figure: Figure) -> str:
    """Return a figure's share in percent, rounded down; of few or no things the reason why there is none."""
    if figure.share is None:
        return texts.t("indicator.nothing")
    if figure.is_few:
        return texts.t("indicator.few")
    return f"{int(figure.share * 1000) / 10:.1f}%"


def counts(texts: Texts, figure: Figure) -> str:
    """Return what is met out of what."""
    indicator = figure.indicator
    return f"{amount(texts, indicator, figure.numerator)} / {amount(texts, indicator, figure.denominator)}"


def part_word(texts: Texts, indicator: Indicator, part: Part) -> str:
    """Return the word for a part; where indicators use one for different things, each has its own."""
    own = f"indicator.{indicator.code.value}.{part.value}"
    return texts.t(own) if texts.has(own) else texts.word(part)


def parts_in_words(texts: Texts, figure: Figure) -> str:
    """Return every part that is there with its amount, in one line."""
    indicator = figure.indicator
    told = [
        f"{part_word(texts, indicator, part)} {amount(texts, indicator, figure.of(part))}"
        for part in indicator.parts
        if figure.of(part)
    ]
    return texts.t("indicator.join").join(told)


def unit_name(texts: Texts, unit: str) -> str:
    """Return a unit's name, or that there is none."""
    return unit or texts.t("indicator.no_unit")


def procedure_name(texts: Texts, pack: LawPack, code: str) -> str:
    """Return a procedure's name, or that there is none."""
    rule = pack.rules.get(code)
    return texts.name(rule.names, code) if rule else code or texts.t("indicator.no_procedure")


def sources(texts: Texts, unit_from: tuple[UnitFrom, ...]) -> str:
    """Return by which records things belong to a unit."""
    return texts.t("indicator.join").join(texts.word(source) for source in unit_from)


def about(texts: Texts, pack: LawPack, item: Item) -> str:
    """Return what a row is about: step, recording, limit or finding."""
    place = f"{item.case_no}/{item.step_no}" if item.step_no else item.case_no
    deadline = pack.deadlines.get(item.name)
    name = texts.name(deadline.names, item.name) if deadline else item.name
    return " ".join(part for part in (place, item.digest[:12], name) if part)


def left(texts: Texts, end: datetime | None, now: datetime) -> str:
    """Return how many days are left to an end, or by how many it is over."""
    if end is None:
        return texts.t("filing.no_due")
    days = days_left(end, now)
    if days < 0:
        return texts.t("filing.overdue", days=-days)
    return texts.t("filing.days_left", days=days) if days else texts.t("filing.today")


def until(texts: Texts, end: datetime) -> str:
    """Return an end as people count: what ends with a day ends at its 24:00, not on the next."""
    local = beijing(end)
    if local.time() != time.min:
        return texts.at(end)
    return texts.t("filing.end_of_day", day=(local.date() - timedelta(days=1)).isoformat())
