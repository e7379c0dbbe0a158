"""Indicators: counts before shares, what is apart counts as neither, explained gaps are gaps, units and procedures."""

import dataclasses
from datetime import date, datetime, timedelta

import pytest

from config.law_packs import default_pack
from evidence.deadlines import Term, Unit
from evidence.indicator_rules import asked_by, documents_due_before
from evidence.indicators import (
    FEW,
    INDICATORS,
    Belonging,
    Counts,
    Figure,
    IndicatorCode,
    Part,
    Tally,
    UnitFrom,
    article_of,
    assessed,
    figures_of,
)
from evidence.periods import Period, midnight, month_at, month_of, months_up_to, read_period
from evidence.zones import BEIJING
from tests.support.index import PACK

SQUAD = Belonging("执法大队", UnitFrom.CASE, "SITE_CHECK")
STATION = Belonging("监测站", UnitFrom.OFFICERS, "SEIZE")
NOBODYS = Belonging("", UnitFrom.NOBODY, "")


def tally(part: Part, n: int, belonging: Belonging = SQUAD, code: IndicatorCode = IndicatorCode.COVERAGE) -> Tally:
    """Return so many pieces of a part."""
    return Tally(belonging, code, part, n, n)


def coverage(*tallies: Tally) -> Figure:
    """Return the first indicator's figure."""
    return figures_of(tallies)[IndicatorCode.COVERAGE]


def test_what_waits_or_is_exempt_counts_neither_way() -> None:
    """Waiting and exempt steps stand apart: neither numerator nor denominator moves by them."""
    bare = coverage(tally(Part.COVERED, 3), tally(Part.MISSING, 1))
    apart = coverage(
        tally(Part.COVERED, 3), tally(Part.MISSING, 1), tally(Part.WAITING_UPLOAD, 50), tally(Part.EXEMPT, 7)
    )
    assert (bare.numerator, bare.denominator) == (apart.numerator, apart.denominator) == (3, 4)
    assert apart.share == 0.75
    assert apart.of(Part.WAITING_UPLOAD) == 50


@pytest.mark.parametrize("part", [Part.PARTLY_COVERED, Part.MISSING, Part.SUSPECTED_CLOCK, Part.EXEMPT_CLAIMED])
def test_every_gap_counts_against(part: Part) -> None:
    """A claim nobody has decided, and a suspicion nobody has confirmed, do not yet meet the duty."""
    assert coverage(tally(Part.COVERED, 1), tally(part, 1)).share == 0.5


def test_an_explained_gap_is_still_a_gap() -> None:
    """Explained steps are shown beside and change neither count."""
    figure = coverage(tally(Part.COVERED, 1), tally(Part.MISSING, 2), tally(Part.EXPLAINED, 2))
    assert (figure.numerator, figure.denominator, figure.of(Part.EXPLAINED)) == (1, 3, 2)


def test_nothing_to_share_has_no_share() -> None:
    """An empty month, and one in which everything waits, has no share rather than 0 or 100 %."""
    assert coverage().share is None
    assert coverage().is_empty
    waiting = coverage(tally(Part.WAITING_UPLOAD, 2))
    assert (waiting.share, waiting.denominator, waiting.is_empty) == (None, 0, False)


def test_of_few_things_a_percentage_says_nothing() -> None:
    """Below ten a figure says so; of time it is the steps that are few, not the milliseconds."""
    assert coverage(tally(Part.COVERED, FEW - 1)).is_few
    assert not coverage(tally(Part.COVERED, FEW - 1), tally(Part.MISSING, 1)).is_few
    code = IndicatorCode.RECORDED_TIME
    time = figures_of(
        [Tally(SQUAD, code, Part.RECORDED, 5_400_000, 3), Tally(SQUAD, code, Part.UNRECORDED, 1_800_000, 2)]
    )[code]
    assert (time.share, time.counted, time.is_few) == (0.75, 3, True)


def test_units_and_procedures_add_up_to_the_whole() -> None:
    """Every tally is in the whole, in its unit and in its procedure; what belongs nowhere comes last and is kept."""
    found = assessed([tally(Part.COVERED, 5), tally(Part.MISSING, 2, STATION), tally(Part.COVERED, 1, NOBODYS)])
    assert [unit.unit for unit in found.units] == ["执法大队", "监测站", ""]
    assert [unit.unit_from for unit in found.units] == [
        (UnitFrom.CASE,),
        (UnitFrom.OFFICERS,),
        (UnitFrom.NOBODY,),
    ]
    whole = found.figures[IndicatorCode.COVERAGE]
    assert (whole.numerator, whole.denominator) == (6, 8)
    parts = [unit.procedures[code][IndicatorCode.COVERAGE] for unit in found.units for code in unit.procedures]
    assert (sum(one.numerator for one in parts), sum(one.denominator for one in parts)) == (6, 8)


def test_definitions_hold_together() -> None:
    """No indicator counts a part twice, and each cites an article."""
    for indicator in INDICATORS.values():
        assert len(set(indicator.parts)) == len(indicator.parts), indicator.code
        assert indicator.met
        assert indicator.unmet
        assert article_of(indicator.code, default_pack()), indicator.code


def test_nothing_here_is_about_a_person() -> None:
    """Article 33 assesses units: no figure, tally or item has a place for an officer."""
    names = {field.name for noun in (Belonging, Tally, Figure) for field in dataclasses.fields(noun)}
    assert not {name for name in names if "officer" in name or "person" in name}
    assert Counts.STEPS in {indicator.counts for indicator in INDICATORS.values()}


# --- months -----------------------------------------------------------------------------------------------------------


def test_a_month_is_a_beijing_month() -> None:
    """It begins at midnight in Beijing, eight hours before UTC's, and its last moment is not the next one's first."""
    november = read_period("2026-11")
    first, last = datetime(2026, 11, 1, tzinfo=BEIJING), datetime(2026, 11, 30, 23, 59, 59, 999_999, tzinfo=BEIJING)
    assert november.holds(first)
    assert november.holds(last)
    assert not november.holds(first - timedelta(microseconds=1))
    assert not november.holds(last + timedelta(microseconds=1))
    assert month_at(datetime(2026, 10, 31, 16, 0, tzinfo=BEIJING)) == read_period("2026-10")
    assert november.text == november.month == "2026-11"


def test_a_period_of_days_says_its_days() -> None:
    """A stretch that is no whole month is written by its first and last day."""
    week = Period(date(2026, 11, 2), date(2026, 11, 8))
    assert (week.month, week.text) == ("", "2026-11-02 – 2026-11-08")
    assert read_period("2026-11-23") == Period(date(2026, 11, 23), date(2026, 11, 23))


@pytest.mark.parametrize("text", ["2026", "2026-13", "11-2026", "2026-11-31", "", "2026-11 "])
def test_what_is_no_month_is_refused(text: str) -> None:
    """A slip is an error, never another month."""
    with pytest.raises(ValueError, match=r"month|day|range|format"):
        read_period(text)


def test_months_go_back_over_the_new_year() -> None:
    """Twelve months up to February 2026 begin with March 2025."""
    months = list(months_up_to(date(2026, 2, 14), 12))
    assert [months[0].month, months[-2].month, months[-1].month] == ["2025-03", "2026-01", "2026-02"]
    assert months[-1] == month_of(date(2026, 2, 1))


# --- what is due ------------------------------------------------------------------------------------------------------


def test_documents_become_due_with_the_end_of_their_term() -> None:
    """Seven calendar days after the 2nd end with the 9th: from the 10th on its steps are due, those of the 3rd not."""
    thresholds = dataclasses.replace(PACK.thresholds, documents_within=Term(7, Unit.CALENDAR_DAYS))
    pack = dataclasses.replace(PACK, thresholds=thresholds)
    just_after = midnight(date(2026, 11, 10)) + timedelta(seconds=1)
    assert documents_due_before(pack, just_after) == midnight(date(2026, 11, 3))
    assert documents_due_before(pack, just_after - timedelta(seconds=2)) == midnight(date(2026, 11, 2))
    assert documents_due_before(PACK, just_after) is None


def test_each_version_of_a_pack_asks_in_its_own_time() -> None:
    """An amendment takes over on its first day in Beijing, and what it drops is not asked from then on."""
    rules = {code: rule for code, rule in PACK.rules.items() if code != "SEIZE"}
    later = dataclasses.replace(PACK, rules=rules, in_force_from=date(2026, 6, 1))
    first, second = asked_by(dataclasses.replace(PACK, later=(later,)), midnight(date(2026, 11, 1)))
    assert (first.until, second.since, second.until) == (midnight(date(2026, 6, 1)),) * 2 + (None,)
    assert "SEIZE" in first.timed
    assert "SEIZE" not in second.timed
    assert "DECISION" not in second.timed
