"""Figures out of a real register: they agree with their lists, by month, unit and procedure, and after a rebuild."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from config.law_packs import default_pack
from evidence.cases import Case, Step
from evidence.documents import Document
from evidence.findings import FindingState
from evidence.ids import CaseNo, FindingId, StepNo
from evidence.indicators import INDICATORS, Assessment, Figure, IndicatorCode, Part, Tally, UnitFrom, assessed
from evidence.periods import Period, months_up_to, read_period
from evidence.reasons import GivenReason
from index import schema
from index.decisions import Decisions
from index.indicators import RegisterIndicators
from index.review import RegisterReviewer
from tests.support.index import LATER, LI, NINE, WANG, World, at, step

NOVEMBER = read_period("2026-11")
PAIR = ("E1", "E2")


class Bureau(World):
    """The small bureau under the law that ships, with its figures."""

    def __init__(self, folder: Path) -> None:
        """Make the register and staff it."""
        super().__init__(folder)
        self.reviewer = RegisterReviewer(default_pack())
        self.decisions = Decisions(default_pack())
        self.indicators = RegisterIndicators(self.register, default_pack())
        self.staff()

    def case(self, case_no: str, *steps: Step, unit: str = "", now: datetime = LATER, **about: datetime) -> None:
        """Import a case with its steps."""
        case = Case(CaseNo(case_no), unit=unit, opened_at=about.get("opened"), concluded_at=about.get("concluded"))
        self.put(lambda tx: self.catalogue.put_cases(tx, [case]), now)
        self.put(lambda tx: self.catalogue.put_steps(tx, steps), now)

    def tallies(self, period: Period = NOVEMBER, now: datetime = LATER) -> Sequence[Tally]:
        """Return what counts as what."""
        return self.indicators.tallies(period, now)

    def assessed(self, period: Period = NOVEMBER, now: datetime = LATER) -> Assessment:
        """Return the figures of a period."""
        return assessed(self.tallies(period, now))

    def figure(self, code: IndicatorCode, period: Period = NOVEMBER, now: datetime = LATER) -> Figure:
        """Return one figure of all units."""
        return self.assessed(period, now).figures[code]


@pytest.fixture(name="bureau")
def _bureau(tmp_path: Path) -> Iterator[Bureau]:
    bureau = Bureau(tmp_path)
    yield bureau
    bureau.close()


def busy(bureau: Bureau) -> None:
    """Give a bureau something of every sort in November."""
    bureau.case("A", step("A"), step("A", "2", procedure="SEIZE", window=(60, 90)), unit="执法大队", opened=at(-60))
    bureau.case("B", step("B", window=(200, 230), officers=PAIR), step("B", "2", procedure="INQUIRY", officers=PAIR))
    bureau.case("C", step("C", "1", procedure="DECISION", window=(0, 20)), unit="监测站", concluded=at(30))
    bureau.clip("whole", (0, 30))
    bureau.clip("half", (60, 75), received=NINE + timedelta(days=4))
    bureau.clip("disputed", (200, 230), disputed=True)
    bureau.clip("nobody", (400, 410), device="UNKNOWN")


def parts(figure: Figure) -> dict[str, int]:
    """Return what a figure holds, without zeros."""
    return {part.value: amount for part, amount in figure.amounts.items() if amount}


def test_every_number_is_as_long_as_its_list(bureau: Bureau) -> None:
    """Whole, by unit and by procedure: what a number says is how much its list holds, piece by piece."""
    busy(bureau)
    for one in bureau.tallies():
        belongs = {"unit": one.belonging.unit, "procedure": one.belonging.procedure}
        listed = bureau.indicators.items(NOVEMBER, LATER, code=one.code, part=one.part, **belongs)
        mine = [item for item in listed if item.belonging == one.belonging]
        same = [
            tally
            for tally in bureau.tallies()
            if (tally.belonging, tally.code, tally.part) == (one.belonging, one.code, one.part)
        ]
        assert len(mine) == sum(tally.pieces for tally in same), one
        assert sum(item.amount for item in mine) == sum(tally.amount for tally in same), one
    counts = Counter((item.code, item.part) for item in bureau.indicators.items(NOVEMBER, LATER))
    for code, figure in bureau.assessed().figures.items():
        assert {part: n for part, n in figure.pieces.items() if n} == {
            part: n for (of, part), n in counts.items() if of is code
        }
        assert not figure.is_empty, f"nothing counts under {code}"


def test_a_list_names_what_it_counts(bureau: Bureau) -> None:
    """The step behind the one missing recording is that step."""
    busy(bureau)
    [item] = bureau.indicators.items(
        NOVEMBER, LATER, code=IndicatorCode.COVERAGE, part=Part.PARTLY_COVERED, unit="执法大队"
    )
    assert (item.case_no, item.step_no, item.belonging.procedure, item.at) == ("A", "2", "SEIZE", at(60))


def test_a_unit_is_the_cases_else_the_officers(bureau: Bureau) -> None:
    """A case without a unit counts for that of the first officer of its step, and the figure says so."""
    busy(bureau)
    units = {unit.unit: unit for unit in bureau.assessed().units}
    assert UnitFrom.OFFICERS in units["执法大队"].unit_from  # case B has no unit, and E1 is of this one
    covered = units["执法大队"].procedures["SITE_CHECK"][IndicatorCode.COVERAGE]
    assert covered.denominator == 2
    assert set(units) == {"执法大队", "监测站", ""}
    assert units[""].unit_from == (UnitFrom.NOBODY,)


def test_seconds_are_owed_covered_and_uncertain(bureau: Bureau) -> None:
    """Half of a seizure is recorded; a check whose only footage has a disputed clock is owed, and uncertain."""
    seizure = step("A", procedure="SEIZE", window=(60, 90), officers=("E2",))
    bureau.case("A", seizure, step("A", "2"))
    bureau.clip("half", (60, 75), device="D2")
    bureau.clip("a", (0, 30), disputed=True)
    minutes = {part: ms / 60_000 for part, ms in bureau.figure(IndicatorCode.RECORDED_TIME).amounts.items()}
    assert minutes == {Part.RECORDED: 15.0, Part.UNRECORDED: 45.0, Part.UNCERTAIN: 30.0}


def test_what_waits_for_upload_is_apart(bureau: Bureau) -> None:
    """While its camera is out a step counts neither way; once the grace is over it is missing."""
    bureau.case("A", step("A"), now=at(60))
    assert parts(bureau.figure(IndicatorCode.COVERAGE, now=at(60))) == {"waiting_upload": 1}
    assert bureau.figure(IndicatorCode.COVERAGE, now=at(60)).share is None
    assert parts(bureau.figure(IndicatorCode.RECORDED_TIME, now=at(60))) == {"awaited": 30 * 60_000}
    bureau.case("A", step("A"))
    assert parts(bureau.figure(IndicatorCode.COVERAGE)) == {"missing": 1}


def test_an_explained_gap_counts_and_an_exempt_step_does_not(bureau: Bureau) -> None:
    """An explanation that was granted leaves the step a gap, shown as explained; an exemption takes it out."""
    bureau.case("A", step("A"), step("A", "2", window=(60, 90)))
    first = next(f for f, s in bureau.standing().items() if kind_of(bureau, f) == ("NO_AV", "1") and s)
    told = GivenReason("OTHER_REASON", "设备故障")
    bureau.decide(lambda tx: bureau.decisions.claim_explanation(tx, FindingId(first), LI, told, LATER))
    assert parts(bureau.figure(IndicatorCode.COVERAGE)) == {"missing": 2}
    bureau.decide(lambda tx: bureau.decisions.decide(tx, FindingId(first), WANG, "属实", LATER, approve=True))
    assert parts(bureau.figure(IndicatorCode.COVERAGE)) == {"missing": 2, "explained": 1}
    key, gas = (CaseNo("A"), StepNo("2")), GivenReason("UNSUITABLE_EXPLOSIVE_PLACE", "爆炸危险")
    bureau.decide(lambda tx: bureau.decisions.claim_exemption(tx, *key, LI, gas, LATER))
    assert parts(bureau.figure(IndicatorCode.COVERAGE)) == {"missing": 1, "exempt_claimed": 1, "explained": 1}
    bureau.decide(lambda tx: bureau.decisions.decide(tx, key, WANG, "属实", LATER, approve=True))
    assert parts(bureau.figure(IndicatorCode.COVERAGE)) == {"missing": 1, "exempt": 1, "explained": 1}
    found = bureau.indicators.reasons(NOVEMBER, LATER)
    assert {one.code: (one.waiting, one.granted, one.refused) for one in found} == {
        told.code: (0, 1, 0),
        gas.code: (0, 1, 0),
    }
    assert bureau.indicators.reasons(NOVEMBER, LATER, procedure="SEIZE") == []


def kind_of(bureau: Bureau, finding_id: str) -> tuple[str, str | None]:
    """Return kind and step of a finding."""
    row = schema.FindingRow
    with bureau.register.reading() as session:
        kind, step_no = session.execute(sa.select(row.kind, row.step_no).where(row.finding_id == finding_id)).one()
        return kind.value, step_no


def test_recordings_are_docked_in_time_or_late(bureau: Bureau) -> None:
    """More than a day from recording to dock is late; a time nobody believes says neither, and has its own share."""
    bureau.case("A", step("A"))
    bureau.clip("soon", (0, 30))
    bureau.clip("late", (60, 75), received=NINE + timedelta(days=4))
    bureau.clip("disputed", (200, 230), disputed=True)
    assert parts(bureau.figure(IndicatorCode.UPLOADS)) == {"in_time": 1, "late": 1, "untimed": 1}
    assert parts(bureau.figure(IndicatorCode.CLOCKS)) == {"trusted": 2, "disputed": 1}


def test_two_officers_and_documents(bureau: Bureau) -> None:
    """One officer is too few where two are asked for; text records are looked for once their time is over."""
    bureau.case(
        "A", step("A", "1", procedure="INQUIRY"), step("A", "2", procedure="INQUIRY", officers=PAIR), now=at(60)
    )
    assert parts(bureau.figure(IndicatorCode.TWO_OFFICERS, now=at(60))) == {"too_few": 1, "enough": 1}
    assert parts(bureau.figure(IndicatorCode.DOCUMENTS, now=at(60))) == {"not_due": 2}
    record = Document(CaseNo("A"), StepNo("2"), "询问笔录", dated_at=at(10), signed_by=("officers", "party"))
    bureau.put(lambda tx: bureau.catalogue.put_documents(tx, [record]))
    assert parts(bureau.figure(IndicatorCode.DOCUMENTS)) == {"complete": 1, "lacking": 1}


def test_filing_is_kept_missed_or_running(bureau: Bureau) -> None:
    """A case counts in the month it was concluded: thirty days later it is filed, late, or nobody knows yet."""
    filed = step("KEPT", "9", procedure="FILE_CLOSE", window=(60 * 24 * 5, 60 * 24 * 5 + 10), officers=PAIR)
    tardy = step("LATE", "9", procedure="FILE_CLOSE", window=(60 * 24 * 40, 60 * 24 * 40 + 10), officers=PAIR)
    for name, done in (("KEPT", (filed,)), ("LATE", (tardy,)), ("OPEN", ())):
        bureau.case(name, *done, opened=at(-60), concluded=at(30), unit="执法大队")
    assert parts(bureau.figure(IndicatorCode.FILING, now=at(60 * 24 * 10))) == {"kept": 1, "missed": 1, "running": 1}
    assert parts(bureau.figure(IndicatorCode.FILING, now=NINE + timedelta(days=60))) == {"kept": 1, "missed": 2}
    assert bureau.figure(IndicatorCode.FILING, read_period("2026-12")).is_empty


def test_a_limit_is_kept_missed_or_running(bureau: Bureau) -> None:
    """A seizure's thirty days: running at first, missed after them, kept when released; filing is not among them."""
    seizure = step("A", "1", procedure="SEIZE", officers=PAIR)
    bureau.case("A", seizure, concluded=at(60))
    assert parts(bureau.figure(IndicatorCode.LIMITS, now=at(60))) == {"running": 1}
    assert parts(bureau.figure(IndicatorCode.LIMITS, now=NINE + timedelta(days=40))) == {"missed": 1}
    bureau.case("A", seizure, step("A", "2", procedure="UNSEIZE", window=(600, 610), officers=PAIR))
    assert parts(bureau.figure(IndicatorCode.LIMITS, now=NINE + timedelta(days=40))) == {"kept": 1}
    [item] = bureau.indicators.items(NOVEMBER, LATER, code=IndicatorCode.LIMITS)
    assert item.name == "SEIZURE_END"


def test_findings_are_answered_or_grow_old(bureau: Bureau) -> None:
    """An open breach is in the band of its age; answered it counts as answered, and notices stand apart."""
    bureau.case("A", step("A", officers=PAIR))
    bureau.clip("nobody's", (400, 410))
    young = bureau.figure(IndicatorCode.ANSWERS, now=LATER)
    assert (young.of(Part.OPEN), young.of(Part.OPEN_WEEK)) == (young.denominator, young.denominator)
    assert young.of(Part.NOTICE)
    old = bureau.figure(IndicatorCode.ANSWERS, now=LATER + timedelta(days=31))
    assert (old.of(Part.OPEN_WEEK), old.of(Part.OPEN_LONGER)) == (0, old.denominator)
    row = schema.FindingRow
    with bureau.transaction() as tx:
        tx.execute(sa.update(row).where(row.case_no == "A").values(state=FindingState.RESOLVED))
    assert bureau.figure(IndicatorCode.ANSWERS).numerator


def test_months_begin_and_end_at_midnight_in_beijing(bureau: Bureau) -> None:
    """A step a minute before midnight is November's, one at midnight December's; the empty month after has no share."""
    december = read_period("2026-12")
    eve = (december.begins - NINE).total_seconds() / 60
    bureau.case("A", step("A", window=(eve - 1, eve + 20)), step("A", "2", window=(eve, eve + 20)))
    assert [bureau.figure(IndicatorCode.COVERAGE, m).denominator for m in (NOVEMBER, december)] == [1, 1]
    january = bureau.figure(IndicatorCode.COVERAGE, read_period("2027-01"))
    assert (january.share, january.is_empty) == (None, True)


def test_the_trend_agrees_with_the_months(bureau: Bureau) -> None:
    """Twelve months in a row, whole and of a unit and a procedure, are what each month says by itself."""
    busy(bureau)
    months = list(months_up_to(NOVEMBER.last, 12))
    trend = bureau.indicators.trend(months)
    assert [one.denominator for one in trend[:-1]] == [0] * 11
    assert parts(trend[-1]) == {
        name: n for name, n in parts(bureau.figure(IndicatorCode.COVERAGE)).items() if name != Part.EXPLAINED
    }
    [own] = bureau.indicators.trend([NOVEMBER], unit="执法大队", procedure="SEIZE")
    assert parts(own) == {"partly_covered": 1}


def test_every_indicator_is_read(bureau: Bureau) -> None:
    """A register with nothing in it has every figure, and each is empty."""
    assert {code for code, figure in bureau.assessed().figures.items() if figure.is_empty} == set(INDICATORS)
    assert bureau.indicators.items(NOVEMBER, LATER) == []
