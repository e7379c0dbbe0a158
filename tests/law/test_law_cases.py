"""The regulation, case by case: the tables of ``cases/`` say what must be flagged and what must not."""

import pytest

from config.law_packs import default_pack
from evidence.findings import FindingKind
from tests.support.law_cases import LawCase, as_written, read_cases, run_case

CASES = tuple(read_cases())
STEP_KINDS = {
    FindingKind.NO_AV,
    FindingKind.LATE_START,
    FindingKind.EARLY_STOP,
    FindingKind.HOLE,
    FindingKind.NOT_CONTINUOUS_VIDEO,
    FindingKind.CLOCK_SHIFT_SUSPECTED,
    FindingKind.DOC_TIME_MISMATCH,
}


@pytest.mark.parametrize("case", CASES, ids=[f"{case.file}: {case.says}" for case in CASES])
def test_the_table(case: LawCase) -> None:
    """The facts of a row give the state, findings and remarks that the row states, and no others."""
    outcome = run_case(case, default_pack())
    verdict = outcome.verdict
    assert verdict.state == case.text("state")
    assert [as_written(finding) for finding in verdict.findings] == case.texts("findings")
    assert [remark.code for remark in verdict.why if remark.code != "finding.step.within_tolerance"] == case.texts(
        "remarks"
    )
    assert outcome.linked == case.facts.get("linked", outcome.linked)
    if "coverage" in case.facts:
        assert verdict.coverage == pytest.approx(case.facts["coverage"], abs=1e-4)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.file}: {case.says}" for case in CASES])
def test_a_finding_says_all_it_must(case: LawCase) -> None:
    """Each finding prints article, quoted words, window, what, why, cure and rule version."""
    pack = default_pack()
    for finding in run_case(case, pack).verdict.findings:
        rule = pack.rules[case.text("procedure")]
        assert (finding.article, finding.quote, finding.procedure) == (rule.article, rule.quote, rule.code)
        assert finding.quote
        assert finding.window is not None
        assert finding.rule_version == pack.rule_version
        assert all((finding.what.code, finding.why.code, finding.cure.code))


def test_every_procedure_has_its_cases() -> None:
    """Each rule is in the table; one with a duty both flagged and not flagged, one without never flagged."""
    pack = default_pack()
    flagged = {case.text("procedure") for case in CASES if case.texts("findings")}
    clear = {case.text("procedure") for case in CASES if not case.texts("findings")}
    with_duty = {code for code, rule in pack.rules.items() if rule.duty.requires_footage}
    assert flagged == with_duty
    assert clear >= pack.rules.keys()


def test_every_kind_of_step_finding_has_a_case() -> None:
    """No kind of finding about steps is left untested by the table."""
    assert {text.split()[0] for case in CASES for text in case.texts("findings")} == STEP_KINDS


def test_the_table_is_whole() -> None:
    """At least sixty cases, none stated twice."""
    assert len(CASES) >= 60
    assert len({case.says for case in CASES}) == len(CASES)
