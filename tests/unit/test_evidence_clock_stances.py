"""How statements stand to a judgement: for it, against it, unbelieved, or beside it."""

from datetime import UTC, datetime, timedelta

import pytest

from evidence.claims import Anchor, ClaimSource, TimeClaim, ZoneBasis
from evidence.clock import ClockJudgement, ClockVerdict, Stance, stances
from evidence.spans import Span

T = datetime(2026, 3, 2, 2, tzinfo=UTC)
CAME = T + timedelta(hours=12)
TWO_H = timedelta(hours=2)


def claim(source: ClaimSource, at: datetime | None, zone: ZoneBasis = ZoneBasis.LOCAL) -> TimeClaim:
    """Return what a source states of the start."""
    return TimeClaim(source, "x", at, zone, Anchor.START)


def judgement(offset_s: float = 0.0) -> ClockJudgement:
    """Return ten minutes from ``T`` on, with so much taken off the camera's clock."""
    return ClockJudgement(ClockVerdict.ADJUSTED, Span(T, T + timedelta(minutes=10)), 1.0, offset_s=offset_s)


@pytest.mark.parametrize(
    ("said", "offset_s", "stance"),
    [
        (claim(ClaimSource.FILE_NAME, T), 0.0, Stance.FOR),
        (claim(ClaimSource.FILE_NAME, T - TWO_H), 0.0, Stance.AGAINST),
        (claim(ClaimSource.FILE_NAME, T - TWO_H), -7200.0, Stance.FOR),
        (claim(ClaimSource.GPS, T - TWO_H, ZoneBasis.EXPLICIT), -7200.0, Stance.AGAINST),
        (claim(ClaimSource.GPS, T - timedelta(weeks=1024), ZoneBasis.EXPLICIT), 0.0, Stance.UNBELIEVED),
        (claim(ClaimSource.CONTAINER, T + timedelta(hours=8), ZoneBasis.UTC_BY_FORMAT), 0.0, Stance.FOR),
        (claim(ClaimSource.MTIME, T - TWO_H, ZoneBasis.SYSTEM), 0.0, Stance.BESIDE),
        (claim(ClaimSource.FILE_NAME, None), 0.0, Stance.UNBELIEVED),
        (claim(ClaimSource.FILE_NAME, CAME + TWO_H), 0.0, Stance.UNBELIEVED),
        (claim(ClaimSource.ARRIVAL, CAME, ZoneBasis.SYSTEM), 0.0, Stance.BESIDE),
    ],
)
def test_how_a_statement_stands(said: TimeClaim, offset_s: float, stance: Stance) -> None:
    """What was taken off the camera's own clock is no quarrel; a satellite's time never had it."""
    (one,) = stances([said], judgement(offset_s), CAME)
    assert (one.claim, one.stance) == (said, stance)


def test_without_a_span_statements_are_beside() -> None:
    """Where nothing is judged, nothing stands for or against it."""
    nothing = ClockJudgement(ClockVerdict.UNKNOWN, None, None)
    assert [one.stance for one in stances([claim(ClaimSource.FILE_NAME, T)], nothing, CAME)] == [Stance.BESIDE]


def test_how_far_apart_is_said() -> None:
    """Later than the judged start is positive; local time written for UTC is told apart."""
    late, habit = stances(
        [
            claim(ClaimSource.EXIF, T + TWO_H),
            claim(ClaimSource.CONTAINER, T + timedelta(hours=8), ZoneBasis.UTC_BY_FORMAT),
        ],
        judgement(),
        CAME,
    )
    assert (late.apart_s, late.local_as_utc) == (7200.0, False)
    assert (habit.apart_s, habit.local_as_utc) == (0.0, True)
