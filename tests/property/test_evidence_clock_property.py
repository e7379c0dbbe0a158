"""The clock judgement holds for any claims: it never fails, never depends on order, never outlasts arrival unsaid."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from evidence.claims import Anchor, ClaimSource, TimeClaim, ZoneBasis
from evidence.clips import Kind
from evidence.clock import ClockVerdict, judge

ARRIVED = datetime(2026, 3, 2, 2, tzinfo=UTC)
MOMENTS = st.one_of(
    st.none(),
    st.datetimes(timezones=st.just(UTC)),
    st.integers(-40 * 86400, 86400).map(lambda seconds: ARRIVED + timedelta(seconds=seconds)),
)
CLAIMS = st.lists(
    st.builds(
        TimeClaim,
        st.sampled_from(list(ClaimSource)),
        st.sampled_from(["a", "b"]),
        MOMENTS,
        st.sampled_from(list(ZoneBasis)),
        st.sampled_from(list(Anchor)),
        st.sampled_from([0.001, 1.0, 2.0, 60.0, 86400.0]),
    ),
    max_size=6,
)
DURATIONS = st.one_of(st.none(), st.floats(0, 20000), st.floats())


@given(CLAIMS, st.sampled_from(list(Kind)), DURATIONS)
def test_any_claims_are_judged(claims: list[TimeClaim], kind: Kind, duration_s: float | None) -> None:
    """Whatever files state, the judgement has a reason; what is believed lies in bounds and ended before it arrived."""
    judgement = judge(claims, kind=kind, duration_s=duration_s, received_at=ARRIVED)
    assert judgement.rules
    if judgement.verdict is ClockVerdict.TRUSTED:
        assert judgement.span is not None
        assert judgement.span.end <= ARRIVED + timedelta(minutes=5)
        assert judgement.uncertainty_s is not None
        assert judgement.uncertainty_s >= 1
    bounds = (judgement.earliest, judgement.latest)
    assert judgement.uncertainty_s is not None or None in bounds or judgement.span is None
    assert None in bounds or bounds[0] <= bounds[1]  # type: ignore[operator] # neither is None here


@given(CLAIMS, DURATIONS, st.data())
def test_order_is_nothing(claims: list[TimeClaim], duration_s: float | None, data: st.DataObject) -> None:
    """The same claims in another order, or stated twice, give the same judgement."""
    again = data.draw(st.permutations([*claims, *claims[:1]]))
    one, other = (judge(some, kind=Kind.VIDEO, duration_s=duration_s, received_at=ARRIVED) for some in (claims, again))
    assert one == other
