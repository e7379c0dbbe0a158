"""Matching, clip findings, counter jumps, awaited cameras, and names of findings that stay."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from config.law_packs import default_pack
from evidence.audit import ClipFacts, SequencePoint, audit_clip, audit_sequence, audit_step, cameras_awaited
from evidence.cases import Step
from evidence.claims import OfficerSource
from evidence.clips import Kind, QualityKind, QualitySpan
from evidence.clock import ClockJudgement, ClockVerdict
from evidence.errors import ConfigError
from evidence.findings import Finding, FindingKind
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId, StepNo
from evidence.matching import Footage, match_clip, max_lag_s, max_lead_s, may_belong
from evidence.people import Assignment
from evidence.roster import Roster
from evidence.spans import Span

PACK = default_pack()
T = datetime(2026, 3, 2, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CAM, ANN = DeviceId("CAM-1"), OfficerId("P1")
STEP = Step(CaseNo("C-1"), StepNo("1"), "SEIZE", T, T + 30 * MINUTE, officers=(ANN,))


def digest(mark: str) -> Digest:
    """Return a digest that differs by its mark."""
    return Digest(mark.rjust(64, "0"))


def video(mark: str, start_min: float, end_min: float, verdict: ClockVerdict = ClockVerdict.TRUSTED) -> Footage:
    """Return a video from and to minutes after the start of the step."""
    span = Span(T + start_min * MINUTE, T + end_min * MINUTE)
    return Footage(digest(mark), Kind.VIDEO, span, 0.0, verdict, CAM, ANN, True, True, OfficerSource.ASSIGNMENT)


def facts(**changes: object) -> ClipFacts:
    """Return the facts of a clip nothing is wrong with, changed as told."""
    clock = ClockJudgement(ClockVerdict.TRUSTED, Span(T, T + 10 * MINUTE), 1.0)
    whole = ClipFacts(
        digest=digest("a"),
        kind=Kind.VIDEO,
        clock=clock,
        device_id=CAM,
        officer_id=ANN,
        officer_source=OfficerSource.ASSIGNMENT,
        has_audio=True,
        duration_s=600.0,
        damaged=False,
        problems=(),
        quality=(),
        linked=True,
        analysed=True,
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def kinds(findings: tuple[Finding, ...]) -> list[FindingKind]:
    """Return the kinds of findings, in order."""
    return [finding.kind for finding in findings]


def quality(kind: QualityKind, *spans: tuple[float, float]) -> tuple[QualitySpan, ...]:
    """Return stretches of one quality."""
    return tuple(QualitySpan(kind, start, end) for start, end in spans)


def clock(verdict: ClockVerdict) -> ClockJudgement:
    """Return a clock judgement."""
    return ClockJudgement(verdict, Span(T, T + MINUTE), 1.0)


# --- matching -------------------------------------------------------------------------------------------------------


def test_a_match_says_who_when_and_how_wide() -> None:
    """Each link carries its reasons: officer and source, shared time, window with lead and lag."""
    (match,) = match_clip(video("a", 20, 40), [(STEP, PACK.rules["SEIZE"])])
    assert [reason.code for reason in match.why] == ["link.officer_by_assignment", "link.overlap", "link.window"]
    assert match.overlap == Span(T + 20 * MINUTE, T + 32 * MINUTE)
    assert (match.case_no, match.step_no) == ("C-1", "1")


def test_a_clip_can_belong_to_several_steps() -> None:
    """A long recording is linked to each step it runs through, and to no other."""
    later = replace(STEP, step_no=StepNo("2"), started_at=T + 40 * MINUTE, ended_at=T + 50 * MINUTE)
    after = replace(STEP, step_no=StepNo("3"), started_at=T + 90 * MINUTE, ended_at=T + 95 * MINUTE)
    found = match_clip(video("a", -5, 60), [(step, None) for step in (STEP, later, after)])
    assert [match.step_no for match in found] == ["1", "2"]


def test_without_a_rule_the_default_margins_hold() -> None:
    """A procedure the pack does not know is matched with two minutes of lead and one of lag."""
    assert match_clip(video("a", -5, -1.9), [(STEP, None)])
    assert not match_clip(video("a", -5, -2.1), [(STEP, None)])
    assert match_clip(video("a", 30.9, 32), [(STEP, None)])
    assert not match_clip(video("a", 31.1, 32), [(STEP, None)])


def test_only_the_uncertainty_joins_them() -> None:
    """Footage that meets the step only within its uncertainty is linked, and says so."""
    (match,) = match_clip(replace(video("a", 33, 40), uncertainty_s=120.0), [(STEP, PACK.rules["SEIZE"])])
    assert match.why[-1].code == "link.only_within_uncertainty"


@pytest.mark.parametrize("verdict", [ClockVerdict.UNKNOWN, ClockVerdict.DISPUTED])
def test_doubtful_time_never_links_by_machine(verdict: ClockVerdict) -> None:
    """It may belong, which is for a person to say."""
    doubtful = video("a", 0, 30, verdict)
    assert match_clip(doubtful, [(STEP, None)]) == ()
    assert may_belong(doubtful, STEP, None)
    assert not may_belong(video("a", 0, 30), STEP, None)


def test_nobody_matches_nothing() -> None:
    """Without an officer there is no link."""
    assert match_clip(replace(video("a", 0, 30), officer_id=None), [(STEP, None)]) == ()


def test_the_reach_of_a_pack() -> None:
    """The widest lead and lag of any rule bound a search by time."""
    assert (max_lead_s(PACK), max_lag_s(PACK)) == (300.0, 300.0)


# --- names of findings ----------------------------------------------------------------------------------------------


def test_a_hole_keeps_its_name() -> None:
    """The name of a hole rests on the clip before it: other holes, edges and step times do not change it."""
    rule = PACK.rules["SEIZE"]
    first = audit_step(STEP, rule, PACK, [video("a", 0, 10), video("b", 15, 30)], (), None).findings
    longer = replace(STEP, ended_at=T + 60 * MINUTE)
    footage = [video("a", 0, 10), video("b", 16, 30), video("c", 40, 50)]
    again = audit_step(longer, rule, PACK, footage, (), None).findings
    assert kinds(again) == [FindingKind.HOLE, FindingKind.HOLE, FindingKind.EARLY_STOP]
    assert again[0].finding_id == first[0].finding_id
    assert len({finding.finding_id for finding in again}) == 3


def test_one_edge_finding_per_step() -> None:
    """A late start keeps its name however late it is; another step's is another."""
    rule = PACK.rules["SEIZE"]
    ids = [audit_step(STEP, rule, PACK, [video("a", late, 31)], (), None).findings[0].finding_id for late in (5, 9)]
    other = audit_step(replace(STEP, step_no=StepNo("2")), rule, PACK, [video("a", 5, 31)], (), None).findings[0]
    assert ids[0] == ids[1] != other.finding_id


def test_doubtful_footage_is_named_in_the_finding() -> None:
    """NO_AV lists the clips whose clock a person should check first."""
    verdict = audit_step(STEP, PACK.rules["SEIZE"], PACK, (), (), None, [video("a", 0, 9, ClockVerdict.DISPUTED)])
    assert verdict.findings[0].clips == (digest("a"),)
    assert verdict.findings[0].cure.code == "finding.no_av.cure_doubtful"


def test_a_clip_given_twice_counts_once() -> None:
    """Two links of one clip are one object."""
    rule = PACK.rules["SEIZE"]
    once, twice = (audit_step(STEP, rule, PACK, [video("a", 0, 9)] * n, (), None) for n in (1, 2))
    assert once == twice


def test_a_duty_without_a_measure_is_refused() -> None:
    """A rule that demands footage and says not how much cannot be audited."""
    with pytest.raises(ConfigError, match="SEIZE"):
        audit_step(STEP, replace(PACK.rules["SEIZE"], coverage=None), PACK, (), (), None)


# --- clips ----------------------------------------------------------------------------------------------------------


def test_nothing_wrong_nothing_found() -> None:
    """A whole, linked clip of a known officer on a believed clock raises nothing."""
    assert audit_clip(facts(), PACK) == ()


@pytest.mark.parametrize(
    ("changes", "kind", "what"),
    [
        ({"damaged": True}, FindingKind.FILE_DAMAGED, "finding.file_damaged.what"),
        ({"officer_id": None}, FindingKind.OFFICER_UNKNOWN, "finding.officer_unknown.what"),
        ({"clock": clock(ClockVerdict.UNKNOWN)}, FindingKind.CLOCK_UNTRUSTED, "finding.clock_untrusted.what_unknown"),
        ({"clock": clock(ClockVerdict.DISPUTED)}, FindingKind.CLOCK_UNTRUSTED, "finding.clock_untrusted.what_disputed"),
        ({"linked": False}, FindingKind.UNLINKED_FOOTAGE, "finding.unlinked_footage.what"),
        ({"has_audio": False}, FindingKind.AUDIO_MISSING, "finding.audio_missing.what_no_track"),
        (
            {"quality": quality(QualityKind.SILENT, (0, 600))},
            FindingKind.AUDIO_MISSING,
            "finding.audio_missing.what_silent",
        ),
        (
            {"quality": quality(QualityKind.SILENT, (110, 300), (300.2, 599.9))},
            FindingKind.AUDIO_MISSING,
            "finding.audio_missing.what_silent",
        ),
        (
            {"quality": quality(QualityKind.BLACK, (60, 90))},
            FindingKind.PICTURE_BLOCKED,
            "finding.picture_blocked.what_black",
        ),
        (
            {"quality": quality(QualityKind.FROZEN, (60, 90))},
            FindingKind.PICTURE_BLOCKED,
            "finding.picture_blocked.what_frozen",
        ),
        (
            {"quality": (*quality(QualityKind.BLACK, (60, 66)), *quality(QualityKind.FROZEN, (66, 72)))},
            FindingKind.PICTURE_BLOCKED,
            "finding.picture_blocked.what_both",
        ),
        (
            {"quality": (*quality(QualityKind.BLACK, (60, 90)), *quality(QualityKind.FROZEN, (60, 90)))},
            FindingKind.PICTURE_BLOCKED,
            "finding.picture_blocked.what_black",
        ),
    ],
)
def test_one_fault_one_finding(changes: dict[str, object], kind: FindingKind, what: str) -> None:
    """Each fault raises its finding alone, with article, words, reason, cure and the clip."""
    (finding,) = audit_clip(facts(**changes), PACK)
    assert (finding.kind, finding.what.code, finding.clips) == (kind, what, (digest("a"),))
    assert finding.article
    assert finding.quote
    assert finding.why.code
    assert finding.cure.code


@pytest.mark.parametrize(
    "changes",
    [
        {"quality": quality(QualityKind.SILENT, (0, 120))},
        {"quality": quality(QualityKind.SILENT, (0, 500))},
        {"quality": quality(QualityKind.SILENT, (0, 60)), "duration_s": 60.0},
        {"quality": quality(QualityKind.SILENT, (0, 600)), "duration_s": None},
        {"quality": quality(QualityKind.BLACK, (60, 69), (80, 89))},
        {"quality": quality(QualityKind.BLACK, (0, 600)), "analysed": False},
        {"has_audio": False, "analysed": False},
        {"has_audio": False, "kind": Kind.PHOTO},
        {"quality": quality(QualityKind.FROZEN, (0, 600)), "kind": Kind.AUDIO},
        {"kind": Kind.OTHER, "officer_id": None, "linked": False, "clock": clock(ClockVerdict.UNKNOWN)},
    ],
)
def test_what_is_no_fault(changes: dict[str, object]) -> None:
    """A silent head, short black, a clip not yet analysed, a photo without sound and a log raise nothing."""
    assert audit_clip(facts(**changes), PACK) == ()


def test_a_damaged_log_is_named() -> None:
    """A file that is no recording raises its damage and nothing else."""
    assert kinds(audit_clip(facts(kind=Kind.OTHER, damaged=True, linked=False, officer_id=None), PACK)) == [
        FindingKind.FILE_DAMAGED
    ]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"officer_id": None}, "finding.unlinked_footage.why_officer"),
        ({"clock": clock(ClockVerdict.DISPUTED)}, "finding.unlinked_footage.why_clock"),
        ({}, "finding.unlinked_footage.why_no_step"),
    ],
)
def test_unlinked_footage_says_why(changes: dict[str, object], why: str) -> None:
    """Nobody known, a doubtful clock, or no step there: each needs another cure."""
    found = audit_clip(facts(linked=False, **changes), PACK)
    assert found[-1].kind is FindingKind.UNLINKED_FOOTAGE
    assert found[-1].why.code == why


def test_blocked_stretches_are_named() -> None:
    """The finding names each stretch in the clip, and those too short are left out."""
    blocked = quality(QualityKind.BLACK, (5, 8), (65.4, 80), (3600, 3700))
    (finding,) = audit_clip(facts(quality=blocked, duration_s=4000.0), PACK)
    assert finding.what.params["spans"] == "1:05–1:20, 1:00:00–1:01:40"


# --- counters -------------------------------------------------------------------------------------------------------


def point(sequence: int, start_min: float) -> SequencePoint:
    """Return a five-minute file with its counter."""
    start = T + start_min * MINUTE
    return SequencePoint(digest(f"{sequence}{int(start_min)}"), sequence, start, start + 5 * MINUTE)


@pytest.mark.parametrize(
    ("points", "missing"),
    [
        ([point(1, 0), point(2, 5), point(3, 10)], []),
        ([point(1, 0), point(4, 15)], [2]),
        ([point(4, 15), point(1, 0)], [2]),
        ([point(1, 0), point(3, 10), point(6, 30)], [1, 2]),
        ([point(9999, 0), point(1, 5)], []),
        ([point(5, 0), point(5, 5)], []),
        ([point(7, 0)], []),
        ([], []),
    ],
)
def test_jumps_of_the_counter(points: list[SequencePoint], missing: list[int]) -> None:
    """A rise by more than one says how many files are missing; a fall is a reset, in whatever order they come."""
    found = audit_sequence(CAM, points, PACK)
    assert [finding.what.params["missing"] for finding in found] == missing
    assert all(finding.kind is FindingKind.SEQ_JUMP and finding.quote and finding.device_id == CAM for finding in found)


# --- awaited cameras ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handed_in", "docked", "now", "awaited"),
    [
        (None, None, 10_000, True),
        (None, 25, 10_000, True),
        (None, 31, 40, False),
        (100, None, 99, True),
        (100, None, 100 + 24 * 60 - 1, True),
        (100, None, 100 + 24 * 60, False),
        (100, 31, 110, False),
        (10, None, 60, True),
        (0, None, 60, False),
    ],
)
def test_which_cameras_are_awaited(handed_in: int | None, docked: int | None, now: int, awaited: bool) -> None:
    """A camera in an officer's hands during the step is awaited until it docks, or until a day after hand-in."""
    end = T + handed_in * MINUTE if handed_in is not None else None
    roster = Roster((), (), [Assignment(CAM, ANN, T - 60 * MINUTE, end)])
    received = {CAM: T + docked * MINUTE} if docked is not None else {}
    assert cameras_awaited(STEP, roster, received, T + now * MINUTE, 24) == ((CAM,) if awaited else ())


def test_a_camera_at_a_dock_that_is_still_read_is_awaited() -> None:
    """Its first file came after the step; while others are on their way the one that covers it may be among them."""
    roster = Roster((), (), [Assignment(CAM, ANN, T - 60 * MINUTE, None)])
    received, now = {CAM: T + 31 * MINUTE}, T + 40 * MINUTE
    assert cameras_awaited(STEP, roster, received, now, 24) == ()
    assert cameras_awaited(STEP, roster, received, now, 24, docking=(CAM,)) == (CAM,)
