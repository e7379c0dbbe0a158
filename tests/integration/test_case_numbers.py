"""One case with two numbers in a real home: what hung on the provisional one is found under the official one, too."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from dashboard.copies import Asked, CopyDesk
from dashboard.records import Imported, import_file
from evidence.case_numbers import UrgentCase, joined
from evidence.cases import Case
from evidence.errors import EvidockError, ImportRefusedError, NotFoundError, UsageError
from evidence.findings import FindingState
from evidence.holds import HoldScope
from evidence.ids import CaseNo, Digest, StepNo
from evidence.views import ClipFilter, FindingFilter
from index import schema
from index.before_filing import open_of_case
from index.copies import CopyFilter, copy_requests
from index.import_views import step_history
from ingest.records import RowsRefusedError
from tests.support.imports import handed_in
from tests.support.index import at
from tests.support.reasons import because, unsuitable
from tests.support.retention import Bureau, bureau, day

OFFICIAL = "新环罚〔2026〕17号"
STEP = "SITE_CHECK,2026-11-02 09:00,2026-11-02 09:30,厂区,E1,某厂,"
SEIZURE = "SEIZE,2026-11-02 10:00,2026-11-02 10:30,厂区,E1,某厂,"


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[Bureau]:
    with bureau(tmp_path) as office:
        office.now = day("2026-12-03")
        yield office


@pytest.fixture(name="begun")
def _begun(office: Bureau) -> CaseNo:
    """A case that a person began at nine, before its approval."""
    return office.house.human.open_case(UrgentCase("夜间偷排", at(0), "执法大队"), "李", "正在偷排，来不及报批")


def cases_csv(office: Bureau, folder: Path, heading: str, *rows: str, dry_run: bool = False) -> Imported:
    """Import cases under a heading."""
    file = folder / "cases.csv"
    file.write_text("\n".join((heading, *rows)) + "\n", encoding="utf-8")
    return import_file(office.house, "cases", file, dry_run=dry_run)


def number(office: Bureau, case_no: str, official: str = OFFICIAL) -> None:
    """Give a case its number as a person does."""
    office.house.human.number_case(case_no, official, None, "王", "已立案")


def test_a_case_that_is_begun_has_a_number_of_its_own(office: Bureau, begun: CaseNo) -> None:
    """Unit, Beijing day and the first free count; the next of the same day gets the next."""
    second = office.house.human.open_case(UrgentCase("另一起", at(10), "执法大队"), "李", "同时发现")
    assert (begun, second) == ("临-执法大队-20261102-1", "临-执法大队-20261102-2")
    view = office.library.case(begun)
    assert (view.case.is_provisional, view.case.urgent_at, view.case.opened_at) == (True, at(0), None)
    assert [one.case.case_no for one in office.library.cases(provisional=True)] == [second, begun]


@pytest.mark.parametrize(
    ("wanted", "actor", "reason"),
    [
        (UrgentCase(" ", at(0)), "李", "急"),
        (UrgentCase("案", at(0)), "李", " "),
        (UrgentCase("案", day("2027-01-01")), "李", "急"),
    ],
)
def test_who_begins_a_case_says_what_when_and_why(office: Bureau, wanted: UrgentCase, actor: str, reason: str) -> None:
    """Without a title or a reason, or with a time to come, nothing is opened."""
    with pytest.raises(UsageError):
        office.house.human.open_case(wanted, actor, reason)
    assert office.library.cases() == []


def test_what_hung_on_the_first_number_is_found_under_the_official_one(
    office: Bureau, begun: CaseNo, tmp_path: Path
) -> None:
    """Links, findings with their ids and answers, holds; every entry of before is what it was."""
    handed_in(office.house, tmp_path, "steps", f"{begun},1,{STEP}", f"{begun},2,{SEIZURE}")
    clip = office.clip("hung", (200, 210))
    office.house.human.link(clip, begun, StepNo("1"), "李", "同一现场")
    office.desk.place(HoldScope.CASE, begun, "李", "诉讼")
    [missing] = [
        one.finding for one in office.library.findings(FindingFilter(case_no=begun)) if one.finding.step_no == "2"
    ]
    office.house.human.explain(missing.finding_id, "李", because("电池耗尽"))
    before = [one.canonical for one in office.library.ledger(limit=10_000)]

    number(office, begun)

    assert [one.canonical for one in office.library.ledger(limit=10_000)][: len(before)] == before
    assert office.library.case(OFFICIAL).case == office.library.case(begun).case
    official = CaseNo(OFFICIAL)
    assert [one.digest for one in office.library.clips(ClipFilter(case_no=official))] == [clip]
    assert [one.step.step_no for one in office.library.steps(case_no=OFFICIAL)] == ["1", "2"]
    [kept] = [one for one in office.library.findings(FindingFilter(case_no=official)) if one.finding == missing]
    assert kept.state is FindingState.EXPLAIN_CLAIMED
    assert [one.case.case_no for one in office.library.cases(text="17号")] == [begun]
    assert office.library.cases(provisional=True) == []
    left = [open_of_case(office.register, office.house.pack, one, office.now) for one in (OFFICIAL, begun)]
    assert left[0] == left[1]


def test_copies_are_found_by_either_number(office: Bureau, begun: CaseNo) -> None:
    """Requests lie under the first number; a list asks for them by the one that people know."""
    office.clip("asked", (200, 210))
    asked = Asked(begun, "当事人", "法定代理人", "复议", "身份证 1234", "李")
    name = CopyDesk(office.house).request(asked, "李")
    number(office, begun)
    with office.house.register.reading() as session:
        for case_no in (OFFICIAL, begun):
            found = copy_requests(session, CopyFilter(case_no=case_no))
            assert [one.request_id for one in found] == [name]


def test_acts_under_the_official_number_are_acts_on_the_case(office: Bureau, begun: CaseNo, tmp_path: Path) -> None:
    """A link, an exemption, a hold and an import that name it hang where everything hangs."""
    handed_in(office.house, tmp_path, "steps", f"{begun},1,{STEP}")
    number(office, begun)
    clip = office.clip("later", (200, 210))
    office.house.human.link(clip, CaseNo(OFFICIAL), StepNo("1"), "李", "同一现场")
    office.house.human.exempt(CaseNo(OFFICIAL), StepNo("1"), "李", unsuitable("涉密场所"))
    assert office.desk.place(HoldScope.STEP, f"{OFFICIAL}/1", "李", "诉讼").target == f"{begun}/1"
    changed = handed_in(office.house, tmp_path, "steps", f"{OFFICIAL},1,{SEIZURE}", f"{OFFICIAL},2,{STEP}")
    assert (changed.diff.new, [one.key for one in changed.diff.changed]) == ((f"{begun}/2",), [f"{begun}/1"])
    assert {one["case_no"] for one in office.rows(schema.StepRow)} == {begun}
    assert {one["case_no"] for one in office.rows(schema.Link)} == {begun}
    assert {one["case_no"] for one in office.rows(schema.ExemptionRow)} == {begun}


def test_the_import_says_it_both_ways(office: Bureau, tmp_path: Path) -> None:
    """Provisional first and official after, in one file or two; the same rows again change nothing."""
    heading = "case_no,title,provisional,provisional_no,opened_at,urgent_at"
    first = cases_csv(office, tmp_path, heading, "L-1,偷排,是,,2026-11-02 09:00,")
    assert first.diff.new == ("L-1",)
    foreseen = cases_csv(office, tmp_path, heading, "HJ-7,,,L-1,2026-11-03 09:00,", dry_run=True)
    [change] = foreseen.diff.changed
    assert (change.key, set(change.columns)) == ("L-1", {"official_no", "opened_at"})
    cases_csv(office, tmp_path, heading, "HJ-7,,,L-1,2026-11-03 09:00,")
    case = office.library.case("HJ-7").case
    assert case == Case(
        CaseNo("L-1"), "偷排", opened_at=at(1440), provisional=True, official_no="HJ-7", urgent_at=at(0)
    )
    for row in ("L-1,偷排,是,,2026-11-02 09:00,", "HJ-7,,,L-1,2026-11-03 09:00,", "HJ-7,,,,,"):
        again = cases_csv(office, tmp_path, heading, row)
        assert (again.diff.new, again.diff.changed, again.diff.unchanged) == ((), (), 1)
    assert len(office.rows(schema.CaseRow)) == 1


def test_records_that_came_under_the_official_number_go_over(office: Bureau, begun: CaseNo, tmp_path: Path) -> None:
    """The case, its steps and what the program concluded are the provisional case's; nothing is left behind."""
    clip = office.clip("covers", (-1, 31))
    handed_in(office.house, tmp_path, "cases", f"{OFFICIAL},偷排案,处罚,执法大队,2026-11-03,,")
    handed_in(office.house, tmp_path, "steps", f"{OFFICIAL},1,{STEP}", f"{OFFICIAL},2,{SEIZURE}")
    assert [link.case_no for link in office.library.clip(clip).links] == [OFFICIAL]

    number(office, begun)

    [view] = office.library.cases()
    assert (view.case.case_no, view.case.matter_type, view.case.urgent_at) == (begun, "处罚", at(0))
    assert [(link.case_no, link.step_no) for link in office.library.clip(clip).links] == [(begun, "1")]
    open_ = office.library.findings(FindingFilter(open_only=True))
    assert {one.finding.case_no for one in open_} == {begun}
    gone = [one for one in office.rows(schema.FindingRow) if one["case_no"] == OFFICIAL]
    assert {one["state"] for one in gone} == {FindingState.RESOLVED}
    with office.register.reading() as session:
        assert len(step_history(session, OFFICIAL, "1")) == 1


def decided(office: Bureau, clip: Digest) -> None:
    """A person has hung a clip on a step of the official case."""
    office.house.human.link(clip, CaseNo(OFFICIAL), StepNo("1"), "李", "同一现场")


def test_what_people_decided_is_never_moved(office: Bureau, begun: CaseNo, tmp_path: Path) -> None:
    """Where somebody has hung footage on the official case by hand, the number is refused both ways, and both stay."""
    handed_in(office.house, tmp_path, "steps", f"{OFFICIAL},1,{STEP}")
    decided(office, office.clip("hung", (200, 210)))
    with pytest.raises(UsageError, match="people have decided"):
        number(office, begun)
    with pytest.raises(RowsRefusedError) as refused:
        cases_csv(office, tmp_path, "case_no,provisional_no", f"{OFFICIAL},{begun}")
    assert [one.what.code for one in refused.value.verdicts] == ["import.decided_under_both"]
    assert {one["case_no"] for one in office.rows(schema.CaseRow)} == {begun, OFFICIAL}


def test_two_records_of_one_step_must_agree(office: Bureau, begun: CaseNo, tmp_path: Path) -> None:
    """A step of one number that both say differently is refused; once both say the same the number is given."""
    handed_in(office.house, tmp_path, "steps", f"{begun},1,{STEP}", f"{OFFICIAL},1,{SEIZURE}")
    with pytest.raises(UsageError, match="different things"):
        number(office, begun)
    handed_in(office.house, tmp_path, "steps", f"{OFFICIAL},1,{STEP}", f"{OFFICIAL},2,{SEIZURE}")
    number(office, begun)
    assert [one.step.procedure for one in office.library.steps(case_no=OFFICIAL)] == ["SITE_CHECK", "SEIZE"]


def numbers(*given: tuple[str, str], office: Bureau, first: str) -> None:
    """Give numbers one after the other; "" is the case that was begun first."""
    for case_no, official in given:
        number(office, case_no or first, official)


REFUSED: dict[str, tuple[Callable[..., None], type[EvidockError], str]] = {
    "not provisional": (partial(numbers, ("HJ-1", "HJ-2")), UsageError, "is not a provisional case"),
    "nobody knows it": (partial(numbers, ("HJ-404", OFFICIAL)), NotFoundError, "no case of that number"),
    "no number": (partial(numbers, ("", " ")), UsageError, "no official number"),
    "numbered twice": (
        partial(numbers, ("", OFFICIAL), ("", "HJ-3")),
        UsageError,
        "has the official number",
    ),
    "the same number again": (
        partial(numbers, ("", OFFICIAL), (OFFICIAL, OFFICIAL)),
        UsageError,
        "has the official number",
    ),
    "two cases to one number": (
        partial(numbers, ("", OFFICIAL), ("临-20261102-1", OFFICIAL)),
        UsageError,
        "belongs to another case",
    ),
    "the number of another provisional case": (
        partial(numbers, ("", "临-20261102-1")),
        UsageError,
        "belongs to another case",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_number_that_cannot_be_is_refused_with_what_to_do(
    office: Bureau, begun: CaseNo, tmp_path: Path, name: str
) -> None:
    """Each error says what stands in the way and its cure; the case that was refused is what it was."""
    handed_in(office.house, tmp_path, "cases", "HJ-1,案,处罚,,2026-11-01,,")
    office.house.human.open_case(UrgentCase("无单位", at(5)), "李", "急")
    act, error, said = REFUSED[name]
    with pytest.raises(error, match=said) as refused:
        act(office=office, first=begun)
    assert refused.value.cure
    assert office.library.case("临-20261102-1").case.official_no == ""


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (("HJ-9,HJ-1",), "not_provisional"),
        (("HJ-8,L-1", "HJ-9,L-1"), "numbered_twice"),
        (("HJ-9,L-2",), "numbered_twice"),
        (("HJ-2,L-1",), "number_taken"),
    ],
)
def test_an_import_is_refused_on_the_same_grounds(
    office: Bureau, tmp_path: Path, rows: tuple[str, ...], code: str
) -> None:
    """The verdict names the row; nothing of the file is imported."""
    handed_in(office.house, tmp_path, "cases", "HJ-1,案,处罚,,2026-11-01,,")
    heading = "case_no,provisional,provisional_no,urgent_at"
    cases_csv(office, tmp_path, heading, "L-1,是,,2026-11-02 09:00", "L-2,是,,2026-11-02 09:00", "HJ-2,,L-2,")
    before = office.rows(schema.CaseRow)
    with pytest.raises(ImportRefusedError) as refused:
        cases_csv(office, tmp_path, "case_no,provisional_no", *rows)
    assert isinstance(refused.value, RowsRefusedError)
    assert [one.what.code for one in refused.value.verdicts if one.weight == "refused"][-1:] == [f"import.{code}"]
    assert office.rows(schema.CaseRow) == before


def test_a_provisional_number_may_become_the_official_one(office: Bureau, begun: CaseNo) -> None:
    """It is confirmed by giving it to the case itself; the case waits no more, and has no former number."""
    number(office, begun, begun)
    case = office.library.case(begun).case
    assert (case.is_provisional, case.number, case.former_no) == (False, begun, "")


def test_an_empty_cell_of_one_record_takes_nothing_from_the_other() -> None:
    """Whichever of the two records comes last, the case says what either knows, and keeps key and numbers."""
    first = Case(CaseNo("L-1"), "偷排", unit="大队", provisional=True, urgent_at=at(0))
    second = Case(CaseNo("HJ-7"), matter_type="处罚", opened_at=at(60))
    both = joined(replace(first, official_no="HJ-7"), second)
    assert both == joined(joined(Case(CaseNo("L-1"), provisional=True, official_no="HJ-7"), second), first)
    assert (both.case_no, both.official_no, both.title, both.matter_type) == ("L-1", "HJ-7", "偷排", "处罚")
