"""Retention and disposal as rules: a table of cases for each, calendar arithmetic, promises nothing shortens."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.retention_schedules import default_schedule, load_schedule
from evidence.disposal import Candidate, Disposal, DisposalState, may_go, obstacles, require_approver, same_person
from evidence.errors import UsageError
from evidence.holds import Hold, HoldScope, case_of, covers, parted, step_name
from evidence.ids import CaseNo, Digest, StepNo
from evidence.notes import note
from evidence.ports import Lock
from evidence.retention import (
    CaseFacts,
    Endless,
    Facts,
    Retention,
    end_after,
    extended,
    last_day,
    lock_wanted,
    retention_of,
)
from evidence.schedules import Schedule
from tests.support.schedules import HARBOUR

DEFAULT = default_schedule()
NOW = datetime(2027, 6, 1, 4, tzinfo=UTC)


def noon(day: str) -> datetime:
    """Return noon in Beijing of a date."""
    return datetime.fromisoformat(f"{day}T12:00:00+08:00").astimezone(UTC)


def case(matter: str, concluded: str = "", *procedures: str, promised: int = 0, number: str = "C") -> CaseFacts:
    """Return a case; no day of conclusion leaves it open."""
    return CaseFacts(CaseNo(number), matter, frozenset(procedures), noon(concluded) if concluded else None, promised)


# received, settled, cases → class, last day or why there is none
RETENTION_TABLE = [
    ("2026-11-02", True, [], "unlinked", "2027-05-02"),
    ("2026-08-31", True, [], "unlinked", "2027-02-28"),
    ("2027-08-31", True, [], "unlinked", "2028-02-29"),
    ("2026-12-31", True, [], "unlinked", "2027-06-30"),
    ("2026-11-02", False, [], "unclassified", Endless.UNCLASSIFIED),
    ("2026-11-02", True, [case("检查", "2027-01-10")], "case_file", "2029-01-10"),
    ("2026-11-02", False, [case("检查", "2027-01-10")], "case_file", "2029-01-10"),
    ("2026-11-02", True, [case("检查")], "case_file", Endless.OPEN_CASE),
    ("2026-11-02", True, [case("检查", "2099-01-01")], "case_file", Endless.OPEN_CASE),
    ("2027-03-05", True, [case("检查", "2020-01-10")], "case_file", "2029-03-05"),
    ("2026-11-02", True, [case("处罚", "2027-01-10")], "appealable", "2032-01-10"),
    ("2026-11-02", True, [case("许可", "2027-01-10")], "appealable", "2032-01-10"),
    ("2026-11-02", True, [case("强制", "2027-01-10")], "appealable", "2032-01-10"),
    ("2026-11-02", True, [case("征收", "2027-01-10")], "appealable", "2032-01-10"),
    ("2026-11-02", True, [case("收费", "2027-01-10")], "appealable", "2032-01-10"),
    ("2026-11-02", True, [case("处罚", "2024-02-29")], "appealable", "2031-11-02"),
    ("2026-11-02", True, [case("检查", "2027-01-10", "SITE_CHECK", "SEIZE")], "appealable", "2032-01-10"),
    ("2026-11-02", True, [case("检查", "2027-01-10", "SITE_CHECK")], "case_file", "2029-01-10"),
    ("2026-11-02", True, [case("", "2027-01-10")], "unclassified", Endless.UNCLASSIFIED),
    ("2026-11-02", True, [case("协调", "2027-01-10", "SEIZE")], "unclassified", Endless.UNCLASSIFIED),
    (
        "2026-11-02",
        True,
        [case("检查", "2027-01-10"), case("处罚", "2026-12-01", number="D")],
        "appealable",
        "2031-12-01",
    ),
    ("2026-11-02", True, [case("检查", "2027-01-10"), case("处罚", number="D")], "appealable", Endless.OPEN_CASE),
    ("2026-11-02", True, [case("检查", "2027-01-10", promised=60)], "case_file", "2032-01-10"),
    ("2027-05-30", True, [case("检查", "2025-05-30")], "case_file", "2029-05-30"),
]


@pytest.mark.parametrize(("received", "settled", "cases", "schedule_class", "end"), RETENTION_TABLE)
def test_how_long(received: str, settled: bool, cases: list[CaseFacts], schedule_class: str, end: object) -> None:
    """Each row: what is known of an original, the class that decides, and the last day it is kept."""
    found = retention_of(Facts(noon(received), settled, tuple(cases)), DEFAULT, NOW)
    assert found.schedule_class == schedule_class
    assert (last_day(found.until) if found.until else found.endless) == end


@pytest.fixture(name="harbour")
def _harbour(tmp_path: Path) -> Schedule:
    file = tmp_path / "harbour.toml"
    file.write_text(HARBOUR, "utf-8")
    return load_schedule(file)


@pytest.mark.parametrize(
    ("cases", "at", "schedule_class", "end"),
    [
        ([], NOW, "short", "2027-02-02"),
        ([case("捞捕", "2026-12-01")], NOW, "short", "2027-02-02"),
        ([case("捞捕")], NOW, "dock", Endless.OPEN_CASE),
        ([case("沉船", "2026-12-01")], NOW, "wreck", Endless.FOREVER),
        ([case("捞捕", "2026-12-01", "SEIZE")], NOW, "long", "2036-12-01"),
        ([case("捞捕", "2026-12-01", "SEIZE")], noon("2026-12-31"), "nobody_knows", Endless.UNCLASSIFIED),
        ([case("处罚", "2026-12-01")], NOW, "nobody_knows", Endless.UNCLASSIFIED),
        ([], noon("2019-12-31"), "nobody_knows", Endless.UNCLASSIFIED),
    ],
)
def test_another_schedule_is_obeyed(
    harbour: Schedule, cases: list[CaseFacts], at: datetime, schedule_class: str, end: object
) -> None:
    """Other classes, other periods, a class that is not in force yet: nothing of the bureau's is wired in."""
    found = retention_of(Facts(noon("2026-11-02"), True, tuple(cases)), harbour, at)
    assert found.schedule_class == schedule_class
    assert (last_day(found.until) if found.until else found.endless) == end
    assert found.rule_version == "harbour/2020@7"


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-06-30", 1200, "2126-06-30"),
    ],
)
def test_months_are_calendar_months(start: str, months: int, last: str) -> None:
    """The day of the same number, else the last of the month; to the end of that Beijing day."""
    end = end_after(noon(start), months)
    assert last_day(end) == last
    assert (end + timedelta(hours=8)).strftime("%H:%M:%S") == "00:00:00"


def test_the_day_is_the_beijing_day() -> None:
    """One second before midnight in Beijing and midnight itself are different days, whatever UTC says."""
    before, after = datetime(2026, 11, 2, 15, 59, 59, tzinfo=UTC), datetime(2026, 11, 2, 16, 0, tzinfo=UTC)
    assert (last_day(end_after(before, 6)), last_day(end_after(after, 6))) == ("2027-05-02", "2027-05-03")


# --- promises ---------------------------------------------------------------------------------------------------------


def promise(until: str, endless: Endless | None = None, code: str = "unlinked", version: str = "s@1") -> Retention:
    """Return a promise whose floor is the end of a day."""
    return Retention(end_after(noon(until), 0), endless, code, note(f"why.{code}"), version)


def test_a_laxer_schedule_shortens_nothing() -> None:
    """A new version applies only where it is longer; where it is not, the promise stays as it was, word for word."""
    before = promise("2030-01-01", version="s@1")
    assert extended(before, promise("2029-01-01", version="s@2")) == before
    assert extended(before, promise("2030-01-01", version="s@2")) == before
    longer = promise("2031-01-01", version="s@2")
    assert extended(before, longer) == longer


def test_a_laxer_schedule_shortens_nothing_of_an_open_case() -> None:
    """The five years promised while the case was open hold when it is concluded under a schedule of one year."""
    lax = replace(
        DEFAULT, version="2", classes={k: replace(v, months=v.months and 1) for k, v in DEFAULT.classes.items()}
    )
    received = noon("2026-11-02")
    first = retention_of(Facts(received, True, (case("处罚"),)), DEFAULT, NOW)
    concluded = case("处罚", "2027-05-01", promised=first.cases[CaseNo("C")])
    then = extended(first, retention_of(Facts(received, True, (concluded,)), lax, NOW))
    assert last_day(then.until or NOW) == "2032-05-01"


def test_no_end_yet_gives_way_to_an_end_and_never_below_the_floor() -> None:
    """Classified at last, an original gets its end; an end before what was promised says why it is later."""
    open_yet = promise("2031-01-01", Endless.OPEN_CASE, "case_file")
    assert extended(open_yet, promise("2032-01-01")).until == promise("2032-01-01").floor
    short = extended(open_yet, promise("2027-01-01"))
    assert (short.until, short.why.code) == (open_yet.floor, "retention.promised_before")
    assert extended(short, promise("2027-01-01")) == short


def test_for_ever_is_for_ever() -> None:
    """A class that keeps for ever is a promise; no later schedule takes it back."""
    for_ever = promise("2027-01-01", Endless.FOREVER, "wreck")
    assert extended(for_ever, promise("2090-01-01")).endless is Endless.FOREVER


@pytest.mark.parametrize(
    ("endless", "floor", "locked", "wanted"),
    [
        (None, "2027-12-01", None, "2027-12-01"),
        (None, "2027-12-01", "2027-11-30", "2027-12-01"),
        (None, "2027-12-01", "2027-12-01", None),
        (None, "2027-12-01", "2030-01-01", None),
        (None, "2027-05-01", None, None),
        (Endless.UNCLASSIFIED, "2027-05-01", None, "2028-06-01"),
        (Endless.UNCLASSIFIED, "2027-05-01", "2027-12-01", None),
        (Endless.UNCLASSIFIED, "2027-05-01", "2027-11-30", "2028-06-01"),
        (Endless.OPEN_CASE, "2032-05-01", "2028-06-01", "2032-05-01"),
    ],
)
def test_what_is_asked_of_the_storage(
    endless: Endless | None, floor: str, locked: str | None, wanted: str | None
) -> None:
    """The promise's end; what has none is locked a year ahead, and again when half of that is gone."""
    lock = Lock(end_after(noon(locked), 0) if locked else None, held=False)
    found = lock_wanted(promise(floor, endless), lock, NOW, 12)
    assert (last_day(found) if found else None) == wanted


# --- holds ------------------------------------------------------------------------------------------------------------

CLIP = Digest("a" * 64)


@pytest.mark.parametrize(
    ("scope", "target", "steps", "covered"),
    [
        (HoldScope.CLIP, CLIP, [], True),
        (HoldScope.CLIP, "b" * 64, ["A/1"], False),
        (HoldScope.CASE, "环罚/2026/17", ["环罚/2026/17/1"], True),
        (HoldScope.CASE, "环罚/2026", ["环罚/2026/17/1"], False),
        (HoldScope.CASE, "A", [], False),
        (HoldScope.STEP, "A/1", ["A/1", "B/1"], True),
        (HoldScope.STEP, "A/1", ["A/11", "B/1"], False),
    ],
)
def test_what_a_hold_covers(scope: HoldScope, target: str, steps: list[str], covered: bool) -> None:
    """A case covers its steps and no other case whose number begins alike; a step itself; a clip itself."""
    assert covers(Hold("h", scope, target, "r", "李", NOW), CLIP, steps) is covered


def test_a_step_is_named_by_case_and_number() -> None:
    """A case number may hold slashes; a name without any is refused."""
    assert parted(step_name("环罚/17", "2")) == (CaseNo("环罚/17"), StepNo("2"))
    assert case_of("环罚/17/2") == "环罚/17"
    with pytest.raises(UsageError, match="is not a step"):
        parted("17")


# --- disposal ---------------------------------------------------------------------------------------------------------

EXPIRED = promise("2027-05-01")
FREE = Candidate(CLIP, 1, EXPIRED, lock=Lock(None, held=False))
RAN_OUT = Lock(noon("2027-05-02"), held=False)

MAY_GO = [
    FREE,
    replace(FREE, lock=RAN_OUT),
    replace(FREE, important=True, spares_important=False),
    replace(FREE, promise=promise("2027-05-31")),
    replace(FREE, promise=replace(EXPIRED, cases={CaseNo("C"): 24})),
]
MAY_NOT_GO = [
    ("disposal.no_promise", replace(FREE, promise=None)),
    ("disposal.promised", replace(FREE, promise=promise("2027-06-01"))),
    ("disposal.promised", replace(FREE, promise=promise("2031-01-01"))),
    ("disposal.unclassified", replace(FREE, promise=promise("2027-05-01", Endless.UNCLASSIFIED))),
    ("disposal.for_ever", replace(FREE, promise=promise("2027-05-01", Endless.FOREVER))),
    ("disposal.open_case", replace(FREE, promise=promise("2027-05-01", Endless.OPEN_CASE), open_cases=(CaseNo("C"),))),
    ("disposal.open_case", replace(FREE, open_cases=(CaseNo("C"),))),
    ("disposal.no_end", replace(FREE, promise=promise("2027-05-01", Endless.OPEN_CASE))),
    ("disposal.held", replace(FREE, holds=("h1",))),
    ("disposal.important", replace(FREE, important=True)),
    ("disposal.locked", replace(FREE, lock=Lock(NOW + timedelta(seconds=1), held=False))),
    ("disposal.vault_hold", replace(FREE, lock=Lock(None, held=True))),
    ("disposal.vault_hold", replace(FREE, lock=replace(RAN_OUT, held=True))),
    ("disposal.lock_unknown", replace(FREE, lock=None)),
    ("disposal.gone", replace(FREE, disposed=True)),
]


@pytest.mark.parametrize("candidate", MAY_GO)
def test_what_may_go(candidate: Candidate) -> None:
    """An expired promise, no hold, no open case, no lock: nothing keeps it, and the reason says so."""
    assert obstacles(candidate, NOW) == ()
    assert may_go(candidate).code == "disposal.may_go"


@pytest.mark.parametrize(("code", "candidate"), MAY_NOT_GO)
def test_what_may_not_go(code: str, candidate: Candidate) -> None:
    """Each thing alone keeps an original."""
    assert [one.code for one in obstacles(candidate, NOW)] == [code]


def test_every_obstacle_is_named() -> None:
    """Somebody who wants to dispose learns everything that keeps an original at once."""
    kept = replace(FREE, holds=("h1", "h2"), important=True, promise=promise("2030-01-01"), lock=None)
    codes = [one.code for one in obstacles(kept, NOW)]
    assert codes == [
        "disposal.promised",
        "disposal.held",
        "disposal.held",
        "disposal.important",
        "disposal.lock_unknown",
    ]


PROPOSED = Disposal("d", (CLIP,), "s@1", "期满", "Zhang Wei", NOW)


@pytest.mark.parametrize(
    ("disposal", "name", "allowed"),
    [
        (PROPOSED, "Li", True),
        (PROPOSED, "zhang  wei", False),
        (PROPOSED, "ＺＨＡＮＧ ＷＥＩ", False),
        (PROPOSED, "SYSTEM", False),
        (replace(PROPOSED, proposed_by="system"), "Zhang Wei", True),
        (replace(PROPOSED, first_by="Li", state=DisposalState.APPROVED_ONCE), "li", False),
        (replace(PROPOSED, first_by="Li", state=DisposalState.APPROVED_ONCE), "Wang", True),
        (replace(PROPOSED, state=DisposalState.EXECUTED), "Wang", False),
        (replace(PROPOSED, state=DisposalState.REFUSED), "Wang", False),
    ],
)
def test_who_may_approve(disposal: Disposal, name: str, allowed: bool) -> None:
    """Never the proposer, never the same person twice, never the program, and only what still waits."""
    if allowed:
        require_approver(disposal, name)
        return
    with pytest.raises(UsageError):
        require_approver(disposal, name)


def test_names_are_compared_as_people_read_them() -> None:
    """Case, width and spaces make no second person; another name does."""
    assert same_person("李 明", "李明")
    assert not same_person("李明", "李敏")
