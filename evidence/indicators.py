"""Indicators of how the regulation is carried out, by unit and procedure: what each counts, and out of how many.

They answer article 33, which puts the carrying out of the regulation into the assessment of a bureau's units. None is
about a person, and none is a rate without its counts: a figure knows what it counts as met and as not met, what stands
apart because nobody can say yet, and how many there are. Source: docs/law-reading.md ("Indicators").
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evidence.findings import FindingKind
from evidence.law import LawPack

FEW = 10
"""Of fewer than this a percentage says nothing; the counts are shown without one."""


class Counts(StrEnum):
    """What an indicator counts."""

    STEPS = "steps"
    TIME = "time"  # in milliseconds
    RECORDINGS = "recordings"
    CASES = "cases"
    LIMITS = "limits"
    FINDINGS = "findings"


class Part(StrEnum):
    """What something counts as."""

    COVERED = "covered"
    PARTLY_COVERED = "partly_covered"
    MISSING = "missing"
    SUSPECTED_CLOCK = "suspected_clock"
    EXEMPT_CLAIMED = "exempt_claimed"
    EXPLAINED = "explained"
    WAITING_UPLOAD = "waiting_upload"
    EXEMPT = "exempt"
    RECORDED = "recorded"
    UNRECORDED = "unrecorded"
    UNCERTAIN = "uncertain"
    AWAITED = "awaited"
    IN_TIME = "in_time"
    LATE = "late"
    UNTIMED = "untimed"
    TRUSTED = "trusted"
    ADJUSTED = "adjusted"
    DISPUTED = "disputed"
    UNKNOWN = "unknown"
    KEPT = "kept"
    MISSED = "missed"
    RUNNING = "running"
    COMPLETE = "complete"
    LACKING = "lacking"
    NOT_DUE = "not_due"
    ANSWERED = "answered"
    OPEN = "open"
    OPEN_WEEK = "open_week"
    OPEN_MONTH = "open_month"
    OPEN_LONGER = "open_longer"
    NOTICE = "notice"
    ENOUGH = "enough"
    TOO_FEW = "too_few"


class IndicatorCode(StrEnum):
    """Names of the indicators, in the order they are shown."""

    COVERAGE = "coverage"
    RECORDED_TIME = "recorded_time"
    UPLOADS = "uploads"
    CLOCKS = "clocks"
    TWO_OFFICERS = "two_officers"
    DOCUMENTS = "documents"
    LIMITS = "limits"
    FILING = "filing"
    ANSWERS = "answers"


@dataclass(frozen=True)
class Indicator:
    """The definition of an indicator.

    Attributes:
        met: parts of its numerator; met and unmet together are its denominator.
        apart: parts that are neither, because nobody can say yet or nothing was owed.
        within: parts that are counted in met or unmet already, and shown beside.
    """

    code: IndicatorCode
    counts: Counts
    met: tuple[Part, ...]
    unmet: tuple[Part, ...]
    apart: tuple[Part, ...] = ()
    within: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """All its parts, in the order they are shown."""
        return (*self.met, *self.unmet, *self.within, *self.apart)


INDICATORS: Mapping[IndicatorCode, Indicator] = {
    one.code: one
    for one in (
        Indicator(
            IndicatorCode.COVERAGE,
            Counts.STEPS,
            met=(Part.COVERED,),
            unmet=(Part.PARTLY_COVERED, Part.MISSING, Part.SUSPECTED_CLOCK, Part.EXEMPT_CLAIMED),
            within=(Part.EXPLAINED,),
            apart=(Part.WAITING_UPLOAD, Part.EXEMPT),
        ),
        Indicator(
            IndicatorCode.RECORDED_TIME,
            Counts.TIME,
            met=(Part.RECORDED,),
            unmet=(Part.UNRECORDED,),
            within=(Part.UNCERTAIN,),
            apart=(Part.AWAITED,),
        ),
        Indicator(
            IndicatorCode.UPLOADS,
            Counts.RECORDINGS,
            met=(Part.IN_TIME,),
            unmet=(Part.LATE,),
            apart=(Part.UNTIMED,),
        ),
        Indicator(
            IndicatorCode.CLOCKS,
            Counts.RECORDINGS,
            met=(Part.TRUSTED, Part.ADJUSTED),
            unmet=(Part.DISPUTED, Part.UNKNOWN),
        ),
        Indicator(IndicatorCode.TWO_OFFICERS, Counts.STEPS, met=(Part.ENOUGH,), unmet=(Part.TOO_FEW,)),
        Indicator(
            IndicatorCode.DOCUMENTS,
            Counts.STEPS,
            met=(Part.COMPLETE,),
            unmet=(Part.LACKING,),
            apart=(Part.NOT_DUE,),
        ),
        Indicator(
            IndicatorCode.LIMITS,
            Counts.LIMITS,
            met=(Part.KEPT,),
            unmet=(Part.MISSED,),
            apart=(Part.RUNNING,),
        ),
        Indicator(IndicatorCode.FILING, Counts.CASES, met=(Part.KEPT,), unmet=(Part.MISSED,), apart=(Part.RUNNING,)),
        Indicator(
            IndicatorCode.ANSWERS,
            Counts.FINDINGS,
            met=(Part.ANSWERED,),
            unmet=(Part.OPEN,),
            within=(Part.OPEN_WEEK, Part.OPEN_MONTH, Part.OPEN_LONGER),
            apart=(Part.NOTICE,),
        ),
    )
}
"""The definitions. The words of each stand in the catalogues under ``indicator.<code>``."""

BY_KIND: Mapping[IndicatorCode, FindingKind] = {
    IndicatorCode.UPLOADS: FindingKind.UPLOAD_LATE,
    IndicatorCode.CLOCKS: FindingKind.CLOCK_UNTRUSTED,
    IndicatorCode.TWO_OFFICERS: FindingKind.OFFICER_LT2,
}
"""Indicators that rest on what a pack cites for a kind of finding."""

FILED = frozenset({IndicatorCode.DOCUMENTS, IndicatorCode.FILING})
"""Indicators that rest on what a pack cites for the filing of a case."""


def article_of(code: IndicatorCode, pack: LawPack) -> str:
    """Return the articles an indicator rests on, as the pack cites them; "" where it cites none."""
    if code in BY_KIND:
        cited = pack.citations.get(BY_KIND[code])
        return cited.article if cited else ""
    if code is IndicatorCode.ANSWERS:
        return pack.assessment
    return ";".join(dict.fromkeys(part for article in _articles(code, pack) for part in article.split(";")[-1:]))


def _articles(code: IndicatorCode, pack: LawPack) -> Iterator[str]:
    """Yield the articles of the procedures, or of the time limits, that an indicator counts."""
    if code in {IndicatorCode.COVERAGE, IndicatorCode.RECORDED_TIME}:
        owed = (rule for rule in pack.rules.values() if rule.duty.requires_footage and rule.coverage)
        by_time = code is IndicatorCode.RECORDED_TIME
        yield from (rule.article for rule in owed if not by_time or (rule.coverage and rule.coverage.min_share))
        return
    for limit in pack.deadlines.values():
        if (limit.kind is FindingKind.FILING_OVERDUE) == (code in FILED):
            yield limit.article


class UnitFrom(StrEnum):
    """By which record something belongs to a unit."""

    CASE = "case"
    OFFICERS = "officers"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Belonging:
    """To which unit and procedure something belongs; both empty where no record says."""

    unit: str
    unit_from: UnitFrom
    procedure: str


@dataclass(frozen=True)
class Tally:
    """How much of one part a unit has in one procedure.

    Attributes:
        amount: pieces, or milliseconds where the indicator counts time.
        pieces: how many things that is.
    """

    belonging: Belonging
    code: IndicatorCode
    part: Part
    amount: int
    pieces: int


@dataclass(frozen=True)
class Item:
    """One thing that a figure counts, with what it counts for (``amount`` as of a `Tally`).

    Attributes:
        at: the moment that puts it into its month, UTC.
        name: code of the limit, or id of the finding; empty of others.
    """

    belonging: Belonging
    code: IndicatorCode
    part: Part
    amount: int
    at: datetime
    case_no: str = ""
    step_no: str = ""
    digest: str = ""
    name: str = ""


@dataclass(frozen=True)
class Figure:
    """An indicator's figure: counts first, a share only where there is something to share."""

    indicator: Indicator
    amounts: Mapping[Part, int]
    pieces: Mapping[Part, int]

    def of(self, part: Part) -> int:
        """Return how much counts as a part."""
        return self.amounts.get(part, 0)

    @property
    def numerator(self) -> int:
        """What is met."""
        return sum(map(self.of, self.indicator.met))

    @property
    def denominator(self) -> int:
        """What is met or not."""
        return self.numerator + sum(map(self.of, self.indicator.unmet))

    @property
    def aside(self) -> int:
        """What stands apart."""
        return sum(map(self.of, self.indicator.apart))

    @property
    def has_within(self) -> bool:
        """Whether anything counted is shown beside as well."""
        return any(map(self.of, self.indicator.within))

    @property
    def share(self) -> float | None:
        """Numerator out of denominator, 0–1; None where nothing was to be met."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def counted(self) -> int:
        """How many things the denominator is made of; of time the steps, each of which has a recorded part."""
        judged = (
            self.indicator.met if self.indicator.counts is Counts.TIME else (*self.indicator.met, *self.indicator.unmet)
        )
        return sum(self.pieces.get(part, 0) for part in judged)

    @property
    def is_few(self) -> bool:
        """Whether there are so few that a percentage says nothing."""
        return self.counted < FEW

    @property
    def is_empty(self) -> bool:
        """Whether nothing counts here, not even apart."""
        return not any(self.pieces.values())


Figures = Mapping[IndicatorCode, Figure]


@dataclass(frozen=True)
class UnitFigures:
    """The figures of a unit, whole and by procedure.

    Attributes:
        unit_from: by which records its things belong to it, in order.
    """

    unit: str
    unit_from: tuple[UnitFrom, ...]
    figures: Figures
    procedures: Mapping[str, Figures]


@dataclass(frozen=True)
class Assessment:
    """The figures of a period: of all units, and of each."""

    figures: Figures
    units: tuple[UnitFigures, ...]


def assessed(tallies: Iterable[Tally]) -> Assessment:
    """Return the figures that tallies come to: units by name, procedures by code, those without either last."""
    by_unit: dict[str, list[Tally]] = defaultdict(list)
    everything = list(tallies)
    for one in everything:
        by_unit[one.belonging.unit].append(one)
    units = (unit_figures(unit, by_unit[unit]) for unit in sorted(by_unit, key=_named_first))
    return Assessment(figures_of(everything), tuple(units))


def unit_figures(unit: str, tallies: Iterable[Tally]) -> UnitFigures:
    """Return the figures of one unit."""
    mine = list(tallies)
    by_procedure: dict[str, list[Tally]] = defaultdict(list)
    for one in mine:
        by_procedure[one.belonging.procedure].append(one)
    sources = tuple(sorted({one.belonging.unit_from for one in mine}))
    procedures = {code: figures_of(by_procedure[code]) for code in sorted(by_procedure, key=_named_first)}
    return UnitFigures(unit, sources, figures_of(mine), procedures)


def figures_of(tallies: Iterable[Tally]) -> Figures:
    """Return a figure for every indicator, also for those of which nothing was counted."""
    amounts: dict[IndicatorCode, dict[Part, int]] = {code: defaultdict(int) for code in INDICATORS}
    pieces: dict[IndicatorCode, dict[Part, int]] = {code: defaultdict(int) for code in INDICATORS}
    for one in tallies:
        amounts[one.code][one.part] += one.amount
        pieces[one.code][one.part] += one.pieces
    return {code: Figure(indicator, dict(amounts[code]), dict(pieces[code])) for code, indicator in INDICATORS.items()}


def _named_first(name: str) -> tuple[bool, str]:
    return not name, name
