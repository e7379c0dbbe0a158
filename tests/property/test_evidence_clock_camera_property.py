"""A camera's clock judgement holds for any history: it never fails, never depends on order, and keeps to its bounds."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.claims import Anchor, ClaimSource, TimeClaim, ZoneBasis
from evidence.clips import Kind
from evidence.clock import ClockJudgement, ClockVerdict, Correction, Recording, judge_camera, state
from evidence.docking import DockRecord
from evidence.ids import DeviceId, Digest

START = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 12
NEAR = st.integers(0, DAYS * 86400).map(lambda seconds: START + timedelta(seconds=seconds))
ANY = st.one_of(NEAR, NEAR, st.datetimes(timezones=st.just(UTC)), st.sampled_from([datetime(2000, 1, 1, tzinfo=UTC)]))
OFF_S = st.sampled_from([0.0, 3.0, -40.0, 500.0, -7200.0, 28800.0, -86400.0, -8e8])
CLAIMS = st.builds(
    TimeClaim,
    st.sampled_from(list(ClaimSource)),
    st.just("x"),
    st.one_of(ANY, st.none()),
    st.sampled_from(list(ZoneBasis)),
    st.sampled_from(list(Anchor)),
    st.sampled_from([0.5, 1.0, 60.0, 86400.0]),
)


@st.composite
def recordings(draw: st.DrawFn) -> list[Recording]:
    """Draw the files of a camera, with whatever they claim."""
    found = []
    for number in range(draw(st.integers(0, 9))):
        came = draw(NEAR) + timedelta(days=1)
        named = TimeClaim(ClaimSource.FILE_NAME, "n", draw(ANY), ZoneBasis.LOCAL, Anchor.START)
        stated = state(
            [named, *draw(st.lists(CLAIMS, max_size=2))],
            kind=draw(st.sampled_from([Kind.VIDEO, Kind.PHOTO])),
            duration_s=draw(st.sampled_from([None, 5.0, 600.0, 7200.0])),
            received_at=came,
            head_s=draw(st.sampled_from([0.0, 30.0])),
        )
        counter = draw(st.one_of(st.none(), st.integers(0, 12), st.sampled_from([9998, 9999])))
        found.append(Recording(Digest(f"{number:03}"), stated, came, counter))
    return found


@st.composite
def records(draw: st.DrawFn) -> list[DockRecord]:
    """Draw what docks wrote."""
    found = []
    for at in draw(st.lists(NEAR, max_size=6)):
        shown = draw(st.one_of(st.none(), ANY, st.just(at + timedelta(seconds=draw(OFF_S)))))
        found.append(DockRecord(DeviceId("D1"), at, shown, draw(st.sampled_from([None, True, False]))))
    return found


CORRECTIONS = st.lists(
    st.builds(
        Correction,
        OFF_S.filter(bool),
        st.just("李"),
        st.one_of(st.none(), NEAR),
        st.none(),
        st.one_of(st.none(), st.just(Digest("001"))),
    ),
    max_size=2,
)


def is_within_bounds(one: ClockJudgement) -> bool:
    """Whether bounds are in order, and a believed start lies between them."""
    low, high = one.earliest, one.latest
    in_order = low is None or high is None or low <= high
    if one.verdict not in {ClockVerdict.TRUSTED, ClockVerdict.ADJUSTED} or one.start is None:
        return in_order
    step = timedelta(milliseconds=1)
    return in_order and (low is None or low - step <= one.start) and (high is None or one.start <= high + step)


@settings(deadline=None, max_examples=300)
@given(recordings(), records(), CORRECTIONS, st.booleans())
def test_any_history_is_judged(
    files: list[Recording], docks: list[DockRecord], corrections: list[Correction], docks_set: bool
) -> None:
    """Every file gets a judgement with a reason and bounds in order; what is believed lies within them."""
    result = judge_camera(files, docks, corrections, docks_set=docks_set)
    assert result.judgements.keys() == {file.digest for file in files}
    for one in result.judgements.values():
        assert one.rules
        assert is_within_bounds(one)
        assert one.uncertainty_s is None or one.uncertainty_s >= 0


@settings(deadline=None, max_examples=200)
@given(recordings(), records(), CORRECTIONS, st.booleans(), st.randoms(use_true_random=False))
def test_order_is_nothing(
    files: list[Recording],
    docks: list[DockRecord],
    corrections: list[Correction],
    docks_set: bool,
    dice: object,
) -> None:
    """Files and records in another order give the same judgements and the same resets."""
    shuffled, others = list(files), list(docks)
    dice.shuffle(shuffled)  # type: ignore[attr-defined] # a random.Random
    dice.shuffle(others)  # type: ignore[attr-defined] # a random.Random
    one = judge_camera(files, docks, corrections, docks_set=docks_set)
    other = judge_camera(shuffled, others, corrections, docks_set=docks_set)
    assert one.judgements == other.judgements
    assert one.resets == other.resets
