"""The files of cases, one by one: the tables of ``files/`` say what must be found in each, and that nothing else is."""

import pytest

from config.law_packs import default_pack
from tests.support.case_tables import FileCase, read_files, run_file

FILES = tuple(read_files())


@pytest.mark.parametrize("case", FILES, ids=[f"{case.file}: {case.says}" for case in FILES])
def test_the_file(case: FileCase) -> None:
    """The facts of a row give the states and the findings it states, and no others."""
    outcome = run_file(case, default_pack())
    assert outcome.states == case.facts["states"]
    assert outcome.written == sorted(case.facts["findings"])  # type: ignore[call-overload] # a list, as read


@pytest.mark.parametrize("case", FILES, ids=[f"{case.file}: {case.says}" for case in FILES])
def test_a_finding_of_a_file_says_all_it_must(case: FileCase) -> None:
    """Each finding names case, article and words, what, why, cure and the version of the rules."""
    pack = default_pack()
    found = run_file(case, pack).findings
    for finding in found:
        assert finding.case_no
        assert finding.article
        assert finding.quote
        assert finding.rule_version == pack.rule_version
        assert all((finding.what.code, finding.why.code, finding.cure.code))
    assert len({finding.finding_id for finding in found}) == len(found)
