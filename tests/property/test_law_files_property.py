"""Findings hold for any file of a case: nothing is lost or said twice, order is nothing, more is never worse."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from config.law_packs import default_pack
from evidence.audit import SequencePoint, audit_sequence, audit_step
from evidence.audit_case import audit_case
from evidence.case_file import CaseFile, StepFile
from evidence.cases import Case, Step
from evidence.clips import Kind
from evidence.clock import ClockVerdict
from evidence.coverage import measure
from evidence.documents import SIGNERS, Document
from evidence.findings import Finding, Severity, StepVerdict
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId, StepNo
from evidence.matching import Footage
from evidence.shifted import Stray
from evidence.spans import Span
from evidence.step_findings import stretches_within

PACK = default_pack()
T = datetime(2026, 9, 28, 2, tzinfo=UTC)
LONGEST_S = 900
STRICT = sorted(code for code, rule in PACK.rules.items() if rule.coverage and rule.coverage.min_share)


def moments(days: int) -> st.SearchStrategy[datetime]:
    """Draw moments around the first, to the second."""
    return st.integers(0, days * 86_400).map(lambda second: T + timedelta(seconds=second))


@st.composite
def footage(draw: st.DrawFn, *, believed: bool = False) -> Footage:
    """Draw a clip around the window; ``believed``: on a clock that is right to the second."""
    begun = T + timedelta(seconds=draw(st.integers(-400, LONGEST_S)))
    kind = draw(st.sampled_from(list(Kind)))
    return Footage(
        digest=Digest(f"{draw(st.integers(0, 2**64)):064x}"),
        kind=kind,
        span=Span(begun, begun + timedelta(seconds=0 if kind is Kind.PHOTO else draw(st.integers(0, 600)))),
        uncertainty_s=0.0 if believed else draw(st.sampled_from([0.0, 1.0, 30.0])),
        verdict=ClockVerdict.TRUSTED if believed else draw(st.sampled_from(list(ClockVerdict))),
        device_id=draw(st.sampled_from([None, DeviceId("CAM-1"), DeviceId("CAM-2")])),
        officer_id=OfficerId("P1"),
        has_video=draw(st.booleans()),
        has_audio=draw(st.booleans()),
    )


CLIPS = st.lists(footage(), max_size=7, unique_by=lambda clip: clip.digest)
BELIEVED = st.lists(footage(believed=True), max_size=7, unique_by=lambda clip: clip.digest)
WINDOWS = st.integers(1, LONGEST_S).map(lambda length: Span(T, T + timedelta(seconds=length)))
CODES = st.sampled_from(STRICT)


def audited(window: Span, code: str, clips: list[Footage], strays: list[Stray] | None = None) -> StepVerdict:
    """Audit a step; clips of doubtful time stand beside it."""
    step = Step(CaseNo("C"), StepNo("1"), code, window.start, window.end, officers=(OfficerId("P1"),))
    doubtful = [clip for clip in clips if clip.verdict in {ClockVerdict.UNKNOWN, ClockVerdict.DISPUTED}]
    linked = [clip for clip in clips if clip not in doubtful]
    return audit_step(step, PACK.rules[code], PACK, linked, (), None, doubtful, strays or [])


def seconds_of(spans: tuple[Span, ...], window: Span) -> list[int]:
    """Return the seconds of a window that stretches hold, as often as they hold them."""
    first = [int((part.start - window.start).total_seconds()) for part in spans]
    last = [int((part.end - window.start).total_seconds()) for part in spans]
    return sorted(second for start, end in zip(first, last, strict=True) for second in range(start, end))


@given(WINDOWS, CODES, CLIPS)
def test_every_second_is_covered_uncovered_or_uncertain_once(window: Span, code: str, clips: list[Footage]) -> None:
    """A second is covered by believed video, missing in a gap that counts, or too short to say: one of the three."""
    policy = PACK.rules[code].coverage
    assert policy is not None
    cover = measure(window, policy, clips)
    missing = tuple(gap.span for gap in cover.gaps)
    unsure = stretches_within(cover.gaps, cover.uncovered)
    held = seconds_of((*cover.covered, *missing, *unsure), window)
    assert held == list(range(int(window.length_s)))


@given(WINDOWS, CODES, CLIPS)
def test_no_second_is_named_twice(window: Span, code: str, clips: list[Footage]) -> None:
    """No two findings of a step name the same second as uncovered, and none names a covered one."""
    policy = PACK.rules[code].coverage
    assert policy is not None
    named = seconds_of(tuple(part for one in audited(window, code, clips).findings for part in one.uncovered), window)
    assert len(named) == len(set(named))
    linked = [clip for clip in clips if clip.verdict in {ClockVerdict.TRUSTED, ClockVerdict.ADJUSTED}]
    assert not set(named) & set(seconds_of(measure(window, policy, linked).covered, window))


@given(WINDOWS, CODES, CLIPS, st.lists(footage(), max_size=3))
def test_more_footage_uncovers_nothing(window: Span, code: str, clips: list[Footage], more: list[Footage]) -> None:
    """Whatever is added, no second that was covered is left uncovered."""
    policy = PACK.rules[code].coverage
    assert policy is not None
    before, after = measure(window, policy, clips), measure(window, policy, [*clips, *more])
    assert set(seconds_of(after.uncovered, window)) <= set(seconds_of(before.uncovered, window))


@given(WINDOWS, CODES, BELIEVED, st.lists(footage(believed=True), max_size=3))
def test_more_footage_makes_no_gap(window: Span, code: str, clips: list[Footage], more: list[Footage]) -> None:
    """A step without a finding has none after footage on a sure clock is added, and one without a breach no breach."""
    before, after = audited(window, code, clips), audited(window, code, [*clips, *more])
    if not before.findings:
        assert not after.findings
    if all(one.severity is not Severity.BREACH for one in before.findings) and before.coverage:
        assert all(one.severity is not Severity.BREACH for one in after.findings)


@st.composite
def strays(draw: st.DrawFn) -> Stray:
    """Draw a clip that hangs nowhere, some hours from the step."""
    begun = T + timedelta(hours=draw(st.sampled_from([-24, -8, -6, -2, 2, 6, 8, 24])))
    return Stray(
        digest=Digest(f"{draw(st.integers(0, 2**64)):064x}"),
        device_id=DeviceId("CAM-1"),
        span=Span(begun, begun + timedelta(seconds=draw(st.integers(60, 900)))),
        received_at=T + timedelta(days=2),
        witnessed=draw(st.booleans()),
        suspected_s=(),
        refused_s=(),
    )


@given(WINDOWS, CODES, CLIPS, st.lists(strays(), max_size=4, unique_by=lambda one: one.digest), st.data())
def test_footage_in_any_order_gives_the_same_findings(
    window: Span, code: str, clips: list[Footage], hanging: list[Stray], data: st.DataObject
) -> None:
    """Clips, doubtful clips and strays in another order give the same state and findings, to the last word."""
    one = audited(window, code, clips, hanging)
    other = audited(window, code, data.draw(st.permutations(clips)), data.draw(st.permutations(hanging)))
    assert (one.state, one.findings, one.why) == (other.state, other.findings, other.why)


SLOTS = sorted(PACK.documents)
OFFICERS = [OfficerId(f"P{number}") for number in range(4)]


@st.composite
def documents(draw: st.DrawFn, step_no: str) -> Document:
    """Draw a text record of a step, signed by anybody."""
    signed = draw(st.lists(st.sampled_from(SIGNERS), max_size=3, unique=True))
    number = str(draw(st.integers(0, 99)))
    dated_at = draw(st.none() | moments(20))
    return Document(CaseNo("C"), StepNo(step_no), draw(st.sampled_from(SLOTS)), number, "", dated_at, tuple(signed))


@st.composite
def step_files(draw: st.DrawFn, number: int) -> StepFile:
    """Draw a step of any procedure with whatever its file may hold."""
    started_at = draw(moments(20))
    names = draw(st.lists(st.sampled_from(OFFICERS), max_size=3, unique=True))
    code = draw(st.sampled_from(sorted(PACK.rules)))
    wanted = PACK.rules[code].documents
    step = Step(
        CaseNo("C"),
        StepNo(str(number)),
        code,
        started_at,
        started_at + timedelta(seconds=draw(st.integers(0, 7200))),
        officers=tuple(names),
        due_at=draw(st.none() | moments(30)),
        extended_to=draw(st.none() | moments(90)),
        urgent_reason=draw(st.sampled_from(["", "紧急"])),
        witness=draw(st.sampled_from(["", "某人"])),
    )
    held = draw(st.lists(documents(str(number)), max_size=3, unique_by=lambda one: (one.slot, one.document_no)))
    own = [Document(CaseNo("C"), step.step_no, slot) for slot in wanted if draw(st.booleans())]
    hung = draw(st.lists(st.sampled_from([(Digest(f"{n:064x}"), OfficerId("P9")) for n in range(3)]), unique=True))
    return StepFile(step, (*held, *own), tuple(names[:1]), tuple(hung), draw(st.booleans()), draw(st.booleans()))


@st.composite
def case_files(draw: st.DrawFn) -> CaseFile:
    """Draw the file of a case with up to six steps."""
    case = Case(
        CaseNo("C"),
        matter_type=draw(st.sampled_from(["", "处罚", "强制"])),
        opened_at=draw(st.none() | moments(5)),
        concluded_at=draw(st.none() | moments(60)),
    )
    steps = [draw(step_files(number)) for number in range(draw(st.integers(0, 6)))]
    papers = draw(st.lists(documents(""), max_size=3, unique_by=lambda one: (one.slot, one.document_no)))
    return CaseFile(case, tuple(steps), tuple(papers))


def by_name(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    """Return findings by their names, of which no two are alike."""
    named = {str(finding.finding_id): finding for finding in findings}
    assert len(named) == len(findings)
    return named


@given(case_files(), moments(200), st.data())
def test_a_file_in_any_order_gives_the_same_findings(file: CaseFile, now: datetime, data: st.DataObject) -> None:
    """Steps, officers, documents and clips of a file in another order give the same findings and next look."""
    shuffled = [
        replace(
            own,
            step=replace(own.step, officers=tuple(data.draw(st.permutations(own.step.officers)))),
            documents=tuple(data.draw(st.permutations(own.documents))),
            strangers=tuple(data.draw(st.permutations(own.strangers))),
        )
        for own in data.draw(st.permutations(file.steps))
    ]
    other = CaseFile(file.case, tuple(shuffled), tuple(data.draw(st.permutations(file.documents))))
    one, two = audit_case(file, PACK, now), audit_case(other, PACK, now)
    assert by_name(one.findings) == by_name(two.findings)
    assert one.next_at == two.next_at


@given(case_files(), moments(200))
def test_nothing_changes_before_the_next_look(file: CaseFile, now: datetime) -> None:
    """Until the moment at which a case has to be looked at again, its findings are the same."""
    verdict = audit_case(file, PACK, now)
    later = now + timedelta(days=400) if verdict.next_at is None else verdict.next_at - timedelta(seconds=1)
    if later > now:
        assert by_name(audit_case(file, PACK, later).findings) == by_name(verdict.findings)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.data())
def test_files_of_a_camera_in_any_order_give_the_same_jumps(counters: list[int], data: st.DataObject) -> None:
    """The counter of a camera is read in the order of recording, not of arrival."""
    points = [
        SequencePoint(
            Digest(f"{n:064x}"), counter, T + n * timedelta(minutes=9), T + n * timedelta(minutes=9, seconds=9)
        )
        for n, counter in enumerate(counters)
    ]
    shuffled = data.draw(st.permutations(points))
    camera = DeviceId("CAM-1")
    assert audit_sequence(camera, points, PACK) == audit_sequence(camera, shuffled, PACK)
