"""The score of a clip and a step: its parts, its words, and what it may do by itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from evidence.cases import Step
from evidence.claims import OfficerSource
from evidence.clips import Kind
from evidence.clock import ClockVerdict
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId, StationId, StepNo
from evidence.law import LinkPolicy
from evidence.matching import BELIEVED, Footage, Margin
from evidence.scoring import LEAST_CERTAIN, Tie, score_of, shares_of
from evidence.spans import Span
from evidence.suggesting import Ground, changes, facts_from, link_facts, links_by_itself, suggest

NINE = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
MARGIN = Margin(120, 60)
POLICY = LinkPolicy()
STEP = Step(CaseNo("C"), StepNo("1"), "SITE_CHECK", NINE, NINE + timedelta(minutes=30), officers=(OfficerId("E1"),))


def shot(begin: float = 0, end: float = 30, **about: object) -> Footage:
    """Return a trusted clip of the step's officer, its window in minutes after nine."""
    span = Span(NINE + timedelta(minutes=begin), NINE + timedelta(minutes=end))
    plain = Footage(
        Digest("ab" * 32),
        Kind.VIDEO,
        span,
        0.0,
        ClockVerdict.TRUSTED,
        DeviceId("D1"),
        OfficerId("E1"),
        has_video=True,
        has_audio=True,
        officer_source=OfficerSource.ASSIGNMENT,
        station=StationId("A"),
        path="D1/20261102.mp4",
    )
    return replace(plain, **about)  # type: ignore[arg-type] # the caller's own words


def codes(parts: tuple[object, ...]) -> list[str]:
    """Return the codes of notes."""
    return [getattr(one, "code", "") for one in parts]


def test_a_perfect_pair_scores_one_and_says_why() -> None:
    """Everything overlaps, the register says who, the clock is trusted; no place speaks, so none is named."""
    scored = score_of(shot(), STEP, MARGIN, Tie.RECORD)
    assert scored.score == 1.0
    assert codes(scored.parts) == ["score.overlap", "score.officer_assignment", "score.clock_trusted"]
    assert scored.parts[0].params == {"of_step_pct": 100.0, "of_clip_pct": 100.0, "uncertainty_s": 0.0, "value": "1.00"}


def test_every_part_lowers_the_score_as_it_says() -> None:
    """A weaker source, a contradiction, a doubtful clock and less overlap each lower it; a named place raises it."""
    best = score_of(shot(), STEP, MARGIN, Tie.RECORD).score
    named = score_of(shot(officer_source=OfficerSource.NAME), STEP, MARGIN, Tie.RECORD)
    assert named.score < best
    assert score_of(shot(disagrees=True), STEP, MARGIN, Tie.RECORD).score < best
    disputed = score_of(shot(verdict=ClockVerdict.DISPUTED), STEP, MARGIN, Tie.RECORD)
    assert score_of(shot(verdict=ClockVerdict.UNKNOWN), STEP, MARGIN, Tie.RECORD).score < disputed.score < best
    assert score_of(shot(-60, 2), STEP, MARGIN, Tie.RECORD).score < best
    placed = replace(STEP, place="葡萄沟 12 号")
    path = "外勤/葡萄沟12号/a.mp4"
    with_place = score_of(shot(officer_source=OfficerSource.NAME, path=path), placed, MARGIN, Tie.RECORD)
    assert with_place.score > named.score
    assert codes(with_place.parts)[-1] == "score.place_named"


def test_a_short_clip_inside_a_long_step_fits_as_well() -> None:
    """Five minutes of a step of thirty: all of the clip is the step's."""
    shares = shares_of(shot(10, 15), STEP, MARGIN)
    assert shares.of_step == pytest.approx(1 / 6)
    assert shares.of_clip == 1.0
    assert score_of(shot(10, 15), STEP, MARGIN, Tie.RECORD).score == 1.0


def test_a_photo_and_a_step_of_one_moment_have_shares() -> None:
    """Instants are taken as one second; an uncertain photo at the edge fits half."""
    moment = replace(STEP, ended_at=NINE)
    assert shares_of(shot(0, 0), moment, MARGIN) == shares_of(shot(0, 0.01), moment, MARGIN)
    edge = shares_of(shot(31, 31, uncertainty_s=600.0), STEP, MARGIN)
    assert edge.of_clip == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("source", list(OfficerSource))
@pytest.mark.parametrize("verdict", list(ClockVerdict))
@pytest.mark.parametrize("tie", list(Tie))
def test_the_bar_parts_what_links_itself_from_what_waits(
    source: OfficerSource, verdict: ClockVerdict, tie: Tie
) -> None:
    """Officer of the record and believed time score above one half however weak the rest; all else stays below."""
    placed = replace(STEP, place="葡萄沟")
    strong = shot(officer_source=source, verdict=verdict, path="葡萄沟/a.mp4")
    weak = shot(-60, -2, officer_source=source, verdict=verdict, disagrees=True, uncertainty_s=1.0)
    for footage in (strong, weak):
        scored = score_of(footage, placed, MARGIN, tie)
        certain = tie is Tie.RECORD and verdict in BELIEVED
        assert (scored.score >= LEAST_CERTAIN) is certain
        assert links_by_itself(footage, tie, scored, POLICY) is certain


def test_a_doubtful_clock_is_a_suggestion_with_its_reasons() -> None:
    """The pair waits; the reasons begin with why a person is asked."""
    found = suggest(shot(verdict=ClockVerdict.DISPUTED), STEP, MARGIN, Tie.RECORD, POLICY)
    assert found is not None
    assert (found.ground, found.score) == (Ground.CLOCK, 0.45)
    assert codes(found.why)[:2] == ["suggest.clock", "score.overlap"]


def test_a_higher_bar_asks_a_person_about_names() -> None:
    """A bureau that wants the register behind each link lets codes in names wait."""
    strict = LinkPolicy(automatic_from=0.97)
    found = suggest(shot(officer_source=OfficerSource.NAME), STEP, MARGIN, Tie.RECORD, strict)
    assert found is not None
    assert found.ground is Ground.BAR
    assert suggest(shot(), STEP, MARGIN, Tie.RECORD, strict) is None


def test_company_must_be_believed_and_share_enough() -> None:
    """A colleague who filmed a few minutes of a long clip at the edge was not along."""
    colleague = shot(officer_id=OfficerId("E3"))
    found = suggest(colleague, STEP, MARGIN, Tie.UNIT, POLICY)
    assert found is not None
    assert found.ground is Ground.UNIT
    assert suggest(replace(colleague, verdict=ClockVerdict.DISPUTED), STEP, MARGIN, Tie.UNIT, POLICY) is None
    edge = replace(colleague, span=Span(NINE - timedelta(hours=2), NINE + timedelta(minutes=2)))
    assert suggest(edge, STEP, MARGIN, Tie.UNIT, POLICY) is None


def test_a_refused_suggestion_comes_back_only_with_what_changed() -> None:
    """The same facts: nothing. A moved clock, another officer in the record: it waits again and says so."""
    footage = shot(verdict=ClockVerdict.DISPUTED, uncertainty_s=300.0)
    refused = facts_from(link_facts(footage, STEP).as_plain())
    assert suggest(footage, STEP, MARGIN, Tie.RECORD, POLICY, refused) is None
    nudged = replace(footage, span=footage.span.widened(-200, 200))
    assert suggest(nudged, STEP, MARGIN, Tie.RECORD, POLICY, refused) is None
    trusted = replace(footage, verdict=ClockVerdict.TRUSTED)
    found = suggest(trusted, STEP, MARGIN, Tie.RECORD, POLICY, refused)
    assert found is not None
    assert found.ground is Ground.CHANGED
    assert codes(found.why)[:2] == ["suggest.changed", "suggest.changed_verdict_trusted"]
    joined = replace(STEP, officers=(OfficerId("E1"), OfficerId("E2")), ended_at=NINE + timedelta(minutes=40))
    assert codes(changes(refused, link_facts(footage, joined))) == [
        "suggest.changed_step_end_at",
        "suggest.changed_step_officers",
    ]
    moved = replace(footage, span=footage.span.widened(-600, 600))
    assert codes(changes(refused, link_facts(moved, STEP))) == ["suggest.changed_start_at"]
