"""Coverage arithmetic holds for any footage: nothing is counted twice or lost, order is nothing, more is never less."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.law_packs import default_pack
from evidence.audit import audit_step
from evidence.cases import Step
from evidence.clips import Kind
from evidence.clock import ClockVerdict
from evidence.coverage import measure
from evidence.findings import FindingKind, Severity, StepState, StepVerdict
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId, StepNo
from evidence.matching import Footage
from evidence.spans import Span, subtract, total_s, union

PACK = default_pack()
T = datetime(2026, 3, 2, 2, tzinfo=UTC)
LONGEST_S = 900


@st.composite
def footage(draw: st.DrawFn) -> Footage:
    """Draw a clip of any kind, clock and camera around the window, to the second."""
    start = draw(st.integers(-400, LONGEST_S))
    kind = draw(st.sampled_from(list(Kind)))
    length = 0 if kind is Kind.PHOTO else draw(st.integers(0, 600))
    begun = T + timedelta(seconds=start)
    return Footage(
        digest=Digest(f"{draw(st.integers(0, 2**64)):064x}"),
        kind=kind,
        span=Span(begun, begun + timedelta(seconds=length)),
        uncertainty_s=draw(st.sampled_from([0.0, 1.0, 30.0])),
        verdict=draw(st.sampled_from(list(ClockVerdict))),
        device_id=draw(st.sampled_from([None, DeviceId("CAM-1"), DeviceId("CAM-2")])),
        officer_id=OfficerId("P1"),
        has_video=draw(st.booleans()),
        has_audio=draw(st.booleans()),
    )


CLIPS = st.lists(footage(), max_size=8, unique_by=lambda clip: clip.digest)
WINDOWS = st.integers(0, LONGEST_S).map(lambda length: Span(T, T + timedelta(seconds=length)))
STRICT = st.sampled_from(["SITE_CHECK", "SAMPLING", "SEIZE", "SVC_LIEN", "ENF_RESTORE"])


def audited(window: Span, code: str, clips: list[Footage]) -> StepVerdict:
    """Audit an unexempted step none of whose cameras is awaited."""
    step = Step(CaseNo("C"), StepNo("1"), code, window.start, window.end, officers=(OfficerId("P1"),))
    return audit_step(step, PACK.rules[code], PACK, clips, (), None)


@given(WINDOWS, STRICT, CLIPS)
def test_every_second_is_covered_or_uncovered_once(window: Span, code: str, clips: list[Footage]) -> None:
    """Covered and uncovered stretches together are the window, and share no second."""
    policy = PACK.rules[code].coverage
    assert policy is not None
    cover = measure(window, policy, clips)
    if window.length_s == 0:
        return
    seconds = [window.start + timedelta(seconds=n) for n in range(int(window.length_s))]
    for second in seconds:
        held = [part for part in (*cover.covered, *cover.uncovered) if part.start <= second < part.end]
        assert len(held) == 1
    assert total_s(cover.covered) + total_s(cover.uncovered) == window.length_s


@given(WINDOWS, STRICT, CLIPS)
def test_every_second_is_certain_unsure_or_bare_once(window: Span, code: str, clips: list[Footage]) -> None:
    """What clocks leave open is a class of its own; what is certain is covered, what is covered is possible."""
    policy = PACK.rules[code].coverage
    assert policy is not None
    cover = measure(window, policy, clips)
    unsure = [part for span in cover.possible for part in subtract(span, cover.certain)]
    bare = subtract(window, cover.possible)
    held = union((*cover.certain, *unsure, *bare))
    assert total_s((*cover.certain, *unsure, *bare)) == pytest.approx(window.length_s)
    assert held == ((window,) if window.length_s else held)
    assert total_s(cover.certain) <= total_s(cover.covered) + 1e-6
    assert total_s(cover.covered) <= total_s(cover.possible) + 1e-6


@given(WINDOWS, STRICT, CLIPS, st.data())
def test_the_order_of_footage_does_not_matter(
    window: Span, code: str, clips: list[Footage], data: st.DataObject
) -> None:
    """The same clips in another order give the same verdict, to the last parameter."""
    shuffled = data.draw(st.permutations(clips))
    one, other = audited(window, code, clips), audited(window, code, shuffled)
    assert (one.state, one.coverage, one.findings, one.why) == (other.state, other.coverage, other.findings, other.why)


@given(WINDOWS, STRICT, CLIPS, footage())
def test_more_footage_never_covers_less(window: Span, code: str, clips: list[Footage], more: Footage) -> None:
    """Adding a clip never lowers coverage and never uncovers a stretch."""
    policy = PACK.rules[code].coverage
    assert policy is not None
    before, after = measure(window, policy, clips), measure(window, policy, [*clips, more])
    assert after.share >= before.share
    assert total_s((*before.uncovered, *after.uncovered)) == total_s(before.uncovered)


@given(WINDOWS, STRICT, CLIPS)
def test_state_and_findings_agree(window: Span, code: str, clips: list[Footage]) -> None:
    """A covered step has no breach, one that is not covered has a finding, and names of findings are unique."""
    verdict = audited(window, code, clips)
    if verdict.state is StepState.COVERED:
        assert all(finding.severity is Severity.WEAKNESS for finding in verdict.findings)
    else:
        assert verdict.findings
    assert len({finding.finding_id for finding in verdict.findings}) == len(verdict.findings)
    assert verdict.coverage is not None
    assert 0 <= verdict.coverage <= 1


@given(WINDOWS, STRICT, CLIPS)
def test_a_finding_names_only_the_window(window: Span, code: str, clips: list[Footage]) -> None:
    """Uncovered stretches lie inside the step's window, whatever the footage around it."""
    for finding in audited(window, code, clips).findings:
        assert all(window.start <= part.start <= part.end <= window.end for part in finding.uncovered)


@given(WINDOWS, STRICT, CLIPS)
def test_below_the_share_nothing_is_excused(window: Span, code: str, clips: list[Footage]) -> None:
    """A step below its share is never covered, and without gaps that count each uncovered stretch does."""
    policy = PACK.rules[code].coverage
    assert policy is not None
    assert policy.min_share is not None
    verdict, cover = audited(window, code, clips), measure(window, policy, clips)
    if cover.share >= policy.min_share:
        assert verdict.state is StepState.COVERED
        return
    assert verdict.state in {StepState.PARTLY_COVERED, StepState.MISSING}
    if window.length_s:
        assert cover.gaps
        if all(gap.allowance_s == 0 for gap in cover.gaps):
            assert tuple(gap.span for gap in cover.gaps) == cover.uncovered


@given(WINDOWS, STRICT, CLIPS)
def test_missing_means_that_nothing_reaches_into_the_step(window: Span, code: str, clips: list[Footage]) -> None:
    """A step is missing, with NO_AV alone, exactly when no believed clip meets it and no doubtful one is linked."""
    verdict = audited(window, code, clips)
    doubtful = {ClockVerdict.UNKNOWN, ClockVerdict.DISPUTED}
    counted = [clip for clip in clips if clip.kind is not Kind.OTHER]
    nothing = not any(clip.verdict in doubtful or clip.span.overlaps(window) for clip in counted)
    assert (verdict.state is StepState.MISSING) == nothing
    assert ([finding.kind for finding in verdict.findings] == [FindingKind.NO_AV]) == nothing
