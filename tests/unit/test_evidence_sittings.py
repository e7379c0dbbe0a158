"""Steps that were broken off: each sitting is owed its recording, and the nights between them are not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from config.law_packs import default_pack
from evidence.audit import audit_step
from evidence.cases import Step
from evidence.claims import OfficerSource
from evidence.clips import Kind
from evidence.clock import ClockVerdict
from evidence.findings import FindingKind, StepState, StepVerdict
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId, StepNo
from evidence.matching import Footage, match_clip
from evidence.spans import Span

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SITTINGS = (Span(NINE, NINE + HOUR), Span(NINE + DAY, NINE + DAY + 2 * HOUR))
CHECK = Step(
    *(CaseNo("C"), StepNo("1"), "SITE_CHECK", NINE, NINE + DAY + 2 * HOUR),
    officers=(OfficerId("E1"), OfficerId("E2")),
    sittings=SITTINGS,
)


def film(name: str, start: datetime, length: timedelta) -> Footage:
    """Return video of one of the officers on a believed clock."""
    return Footage(
        digest=Digest(name * 64),
        kind=Kind.VIDEO,
        span=Span(start, start + length),
        uncertainty_s=1.0,
        verdict=ClockVerdict.TRUSTED,
        device_id=DeviceId("D1"),
        officer_id=OfficerId("E1"),
        has_video=True,
        has_audio=True,
        officer_source=OfficerSource.ASSIGNMENT,
    )


def audited(*footage: Footage, step: Step = CHECK) -> StepVerdict:
    """Return how the step stands with this footage."""
    pack = default_pack()
    return audit_step(step, pack.rules[step.procedure], pack, footage, (), None)


def test_both_sittings_recorded_is_all_recorded() -> None:
    """The night between them is owed nothing; the same footage leaves most of an unbroken window bare."""
    both = (film("a", NINE, HOUR), film("b", NINE + DAY, 2 * HOUR))
    assert (audited(*both).state, audited(*both).coverage, audited(*both).findings) == (StepState.COVERED, 1.0, ())
    assert audited(*both, step=replace(CHECK, sittings=())).state is StepState.PARTLY_COVERED


def test_a_sitting_without_footage_is_named_alone() -> None:
    """The share is that of all sittings together; the finding names the one that is bare."""
    verdict = audited(film("a", NINE, HOUR))
    assert verdict.coverage == pytest.approx(1 / 3)
    assert [(one.kind, one.uncovered) for one in verdict.findings] == [(FindingKind.HOLE, SITTINGS[1:])]


def test_each_sitting_has_findings_of_its_own() -> None:
    """Two late starts are two findings."""
    late = (film("a", NINE + HOUR / 2, HOUR / 2), film("b", NINE + DAY + HOUR, HOUR))
    found = audited(*late).findings
    assert [one.kind for one in found] == [FindingKind.LATE_START] * 2
    assert len({one.finding_id for one in found}) == 2


def test_footage_of_the_night_between_is_not_the_steps() -> None:
    """A clip is linked by the sittings, not by the window around them."""
    rule = default_pack().rules["SITE_CHECK"]
    assert not match_clip(film("n", NINE + 12 * HOUR, HOUR), [(CHECK, rule)])
    assert match_clip(film("d", NINE + DAY, HOUR), [(CHECK, rule)])
