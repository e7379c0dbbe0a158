"""Entries of findings that are written at once say what the journal says, to the last byte."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from evidence.custody import canonical_json
from evidence.findings import Finding, FindingKind, FindingState, Severity
from evidence.notes import Note
from evidence.reasons import Claim
from evidence.spans import Span
from index import journal
from index.reconcile import Entered
from index.whole.texts import Life, found_text, said_by

AT = datetime(2026, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
NOTES = st.builds(Note, st.just("a.b"), st.dictionaries(st.just("party"), st.text()))
SPANS = st.builds(
    lambda start_s, length_s: Span(AT + timedelta(seconds=start_s), AT + timedelta(seconds=start_s + length_s)),
    st.integers(-(10**6), 10**6),
    st.floats(0, 10**5),
)
NAMES = st.none() | st.text()
FINDINGS = st.builds(
    Finding,
    finding_id=st.from_regex("[0-9a-f]{16}", fullmatch=True),
    kind=st.sampled_from(FindingKind),
    severity=st.sampled_from(Severity),
    what=NOTES,
    why=NOTES,
    cure=NOTES,
    rule_version=st.text(),
    article=st.text(),
    quote=st.text(),
    window=st.none() | SPANS,
    uncovered=st.lists(SPANS, max_size=3).map(tuple),
    clips=st.lists(st.text(), max_size=3).map(tuple),
    case_no=NAMES,
    step_no=NAMES,
    procedure=st.text(),
    device_id=NAMES,
)


CLAIMS = st.builds(Claim, st.text(), st.dictionaries(st.text(), st.text(), max_size=2), st.text())


@given(FINDINGS, st.text(), st.sampled_from(FindingState), st.text(), st.text(), st.none() | CLAIMS)
def test_an_entry_is_written_as_the_journal_tells_it(
    finding: Finding, owner: str, state: FindingState, claimed_by: str, by: str, claim: Claim | None
) -> None:
    """Whatever a finding names, and whoever answered it."""
    told = {"first_found_at": AT, "changed_at": AT, "claimed_by": claimed_by, "decided_by": by, "claim": claim}
    row: Any = SimpleNamespace(owner=owner, state=state, **told)
    answer = Entered(claimed_by, by, "", claim, by)
    expected = canonical_json({**journal.found(row, finding), "by": by})
    assert found_text(finding, said_by(finding), Life(owner, state, AT, answer)) == expected


def test_every_field_of_a_finding_is_tried() -> None:
    """A field that a finding gains must be written here, too."""
    assert {one.name for one in fields(Finding)} == {
        *("finding_id", "kind", "severity", "what", "why", "cure", "rule_version", "article", "quote", "window"),
        *("uncovered", "clips", "case_no", "step_no", "procedure", "device_id"),
    }
