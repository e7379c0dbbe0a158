"""More overlap never lowers a score, and the score is one number however often it is asked."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from evidence.claims import OfficerSource
from evidence.clock import ClockVerdict
from evidence.scoring import Tie, mean_common_s, score_of
from evidence.spans import Span
from tests.unit.test_evidence_scoring import MARGIN, NINE, STEP, shot

SECONDS = st.integers(0, 40_000)
UNCERTAIN = st.sampled_from([0.0, 0.5, 7.0, 60.0, 900.0, 36_000.0])


def lying(begin_s: float, length_s: float) -> Span:
    """Return a stretch by its beginning in seconds after nine."""
    return Span(NINE + timedelta(seconds=begin_s), NINE + timedelta(seconds=begin_s + length_s))


@given(SECONDS, SECONDS, st.integers(1, 20_000), UNCERTAIN, st.sampled_from(ClockVerdict), st.sampled_from(Tie))
def test_a_clip_nearer_to_the_step_never_scores_less(
    far_s: int, near_s: int, length_s: int, uncertainty_s: float, verdict: ClockVerdict, tie: Tie
) -> None:
    """Of two clips alike, the one whose middle lies nearer to the middle of the step scores at least as much."""
    near_s, far_s = sorted((near_s, far_s))
    middle_s = ((STEP.window.length_s + MARGIN.lag_s) - MARGIN.lead_s) / 2
    for side in (-1, 1):
        scores = [
            score_of(
                shot(
                    verdict=verdict,
                    uncertainty_s=uncertainty_s,
                    span=lying(middle_s + side * off_s - length_s / 2, length_s),
                ),
                STEP,
                MARGIN,
                tie,
            ).score
            for off_s in (far_s, near_s)
        ]
        assert scores[0] <= scores[1]


@given(SECONDS, SECONDS, st.integers(1, 20_000), UNCERTAIN)
def test_a_longer_step_around_a_clip_never_shares_less(
    begin_s: int, more_s: int, length_s: int, uncertainty_s: float
) -> None:
    """Widening the window keeps or raises what both share on average, and that is never more than either."""
    span = lying(begin_s - 20_000, length_s)
    narrow, wide = STEP.window, STEP.window.widened(more_s, more_s)
    shared = [mean_common_s(span, window, uncertainty_s) for window in (narrow, wide)]
    assert -1e-6 <= shared[0] <= shared[1] + 1e-3
    assert shared[1] <= min(span.length_s, wide.length_s) + 1e-6


@given(SECONDS, st.integers(0, 20_000), UNCERTAIN, st.sampled_from(OfficerSource), st.booleans())
def test_a_score_lies_between_nought_and_one_and_repeats(
    begin_s: int, length_s: int, uncertainty_s: float, source: OfficerSource, disagrees: bool
) -> None:
    """Asked twice it is the same, in thousandths."""
    footage = shot(span=lying(begin_s - 20_000, length_s), uncertainty_s=uncertainty_s, disagrees=disagrees)
    footage = replace(footage, officer_source=source)
    scored = score_of(footage, STEP, MARGIN, Tie.RECORD)
    assert 0 <= scored.score <= 1
    assert scored == score_of(footage, STEP, MARGIN, Tie.RECORD)
    assert scored.score == round(scored.score, 3)
