"""What is open of a case before it is filed: limits with days left, missing records, findings, claims."""

from datetime import datetime, timedelta

import pytest

from config.law_packs import default_pack
from evidence.before_filing import before_filing, days_left
from evidence.case_file import CaseFile, StepFile
from evidence.cases import Case, Step
from evidence.documents import Document
from evidence.finding_ids import finding_id
from evidence.findings import Finding, FindingKind, FindingState, Severity
from evidence.ids import CaseNo, StepNo
from evidence.notes import note
from evidence.views import FindingView
from evidence.zones import BEIJING

CASE = Case(CaseNo("A"), opened_at=datetime(2026, 11, 2, 8, 0, tzinfo=BEIJING))
NOW = datetime(2026, 11, 5, 12, 0, tzinfo=BEIJING)


def own(step_no: str, procedure: str, hour: int = 9, *documents: str) -> StepFile:
    """Return a step of the second of November with text records."""
    began = datetime(2026, 11, 2, hour, 0, tzinfo=BEIJING)
    step = Step(CASE.case_no, StepNo(step_no), procedure, began, began + timedelta(minutes=30))
    return StepFile(step, tuple(Document(CASE.case_no, step.step_no, name) for name in documents))


def view(kind: FindingKind, state: FindingState, severity: Severity = Severity.BREACH) -> FindingView:
    """Return a finding of the case."""
    words = note("finding.no_av.what")
    found = Finding(finding_id(kind, state), kind, severity, words, words, words, "test@1", CASE.case_no)
    return FindingView(found, state, NOW, NOW)


@pytest.mark.parametrize(
    ("end", "left"),
    [
        (datetime(2026, 11, 6, 0, 0, tzinfo=BEIJING), 0),  # 24:00 of the same day
        (datetime(2026, 11, 7, 0, 0, tzinfo=BEIJING), 1),
        (datetime(2026, 11, 5, 12, 0, tzinfo=BEIJING), 0),
        (datetime(2026, 11, 5, 11, 59, tzinfo=BEIJING), -1),  # over since a minute is over
        (datetime(2026, 11, 5, 0, 0, tzinfo=BEIJING), -1),
        (datetime(2026, 11, 3, 0, 0, tzinfo=BEIJING), -3),
    ],
)
def test_days_left_are_beijing_days(end: datetime, left: int) -> None:
    """What ends with today has no day left; what is over is over by a day at least."""
    assert days_left(end, NOW) == left


def test_limits_run_until_something_meets_them() -> None:
    """A seizure's limit is listed while nothing ends it, and gone once it is released."""
    seizure, release = own("1", "SEIZE"), own("2", "UNSEIZE", 14)
    running = before_filing(CaseFile(CASE, (seizure,)), default_pack(), NOW)
    assert [one.limit.deadline.code for one in running.limits] == ["SEIZURE_END"]
    assert days_left(running.limits[0].limit.ends, NOW) == 27
    assert before_filing(CaseFile(CASE, (seizure, release)), default_pack(), NOW).limits == ()


def test_missing_records_are_named_before_they_are_due() -> None:
    """A record of questioning that is not in the file is listed with its term, and not once it is there."""
    lacking = before_filing(CaseFile(CASE, (own("1", "INQUIRY"),)), default_pack(), NOW)
    assert [(one.step_no, one.slot.slot) for one in lacking.documents] == [("1", "询问笔录")]
    assert lacking.documents[0].due_at is not None
    assert lacking.documents[0].due_at > NOW
    there = before_filing(CaseFile(CASE, (own("1", "INQUIRY", 9, "询问笔录"),)), default_pack(), NOW)
    assert (there.documents, there.count) == ((), 0)


def test_findings_that_ask_something_are_open() -> None:
    """Open and refused ones are; explained, resolved and notices are not; claims wait for a decision."""
    findings = [
        view(FindingKind.NO_AV, FindingState.OPEN),
        view(FindingKind.HOLE, FindingState.REFUSED),
        view(FindingKind.LATE_START, FindingState.EXPLAINED),
        view(FindingKind.EARLY_STOP, FindingState.RESOLVED),
        view(FindingKind.UNLINKED_FOOTAGE, FindingState.OPEN, Severity.NOTICE),
        view(FindingKind.OFFICER_LT2, FindingState.EXPLAIN_CLAIMED),
        view(FindingKind.DOCUMENT_MISSING, FindingState.OPEN),
    ]
    found = before_filing(CaseFile(CASE), default_pack(), NOW, findings)
    assert [one.finding.kind for one in found.findings] == [FindingKind.NO_AV, FindingKind.HOLE]
    assert [one.finding.kind for one in found.claims] == [FindingKind.OFFICER_LT2]
    assert found.count == 3
