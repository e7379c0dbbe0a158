"""The clock judgement: which statements are believed, which one places the recording, and what is disputed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from evidence.claims import Anchor, ClaimSource, TimeClaim, ZoneBasis
from evidence.clips import Kind
from evidence.clock import ClockJudgement, ClockVerdict, judge
from evidence.zones import BEIJING

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=BEIJING)
ARRIVED = NOON + timedelta(hours=30)
TEN_MINUTES = 600.0


def name(at: datetime | None = NOON, raw: str = "20260302120000") -> TimeClaim:
    """Return what a file name says."""
    return TimeClaim(ClaimSource.FILE_NAME, raw, at, ZoneBasis.LOCAL, Anchor.START)


def container(at: datetime | None, anchor: Anchor = Anchor.EITHER) -> TimeClaim:
    """Return what a movie header says."""
    return TimeClaim(ClaimSource.CONTAINER, str(at), at, ZoneBasis.UTC_BY_FORMAT, anchor)


def mtime(at: datetime) -> TimeClaim:
    """Return what the file system says."""
    return TimeClaim(ClaimSource.MTIME, str(at), at, ZoneBasis.SYSTEM, Anchor.END, 2.0)


def exif(at: datetime, zone: ZoneBasis = ZoneBasis.LOCAL) -> TimeClaim:
    """Return what a photo's tag says."""
    return TimeClaim(ClaimSource.EXIF, str(at), at, zone, Anchor.START)


def gps(at: datetime) -> TimeClaim:
    """Return what a GPS track says."""
    return TimeClaim(ClaimSource.GPS, str(at), at, ZoneBasis.EXPLICIT, Anchor.START)


def maker(at: datetime) -> TimeClaim:
    """Return what a maker's tag with its own offset says."""
    return TimeClaim(ClaimSource.MAKER, str(at), at, ZoneBasis.EXPLICIT, Anchor.START)


def folder_day(at: datetime) -> TimeClaim:
    """Return what a folder named by its day says."""
    return TimeClaim(ClaimSource.FOLDER, "20260302", at, ZoneBasis.LOCAL, Anchor.START, 86400.0)


def judged(
    *claims: TimeClaim, duration_s: float | None = TEN_MINUTES, received_at: datetime = ARRIVED
) -> ClockJudgement:
    """Judge a video."""
    return judge(claims, kind=Kind.VIDEO, duration_s=duration_s, received_at=received_at)


def codes(judgement: ClockJudgement) -> list[str]:
    """Return the codes of the rules that fired."""
    return [rule.code for rule in judgement.rules]


def hours(count: float) -> timedelta:
    """Return a number of hours."""
    return timedelta(hours=count)


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (None, "clock.blank.file_name"),
        (datetime(1904, 1, 1, tzinfo=UTC), "clock.not_set.file_name"),
        (datetime(1970, 1, 1, tzinfo=UTC), "clock.not_set.file_name"),
        (datetime(1980, 1, 1, tzinfo=BEIJING), "clock.not_set.file_name"),
        (datetime(1994, 12, 31, tzinfo=UTC), "clock.not_set.file_name"),
        (datetime(2000, 1, 1, 15, 30, tzinfo=BEIJING), "clock.not_set.file_name"),
        (datetime(2010, 1, 1, 0, 9, tzinfo=BEIJING), "clock.not_set.file_name"),
        (datetime(2012, 1, 1, 0, 0, 1, tzinfo=UTC), "clock.not_set.file_name"),
        (datetime(2015, 1, 1, 0, 5, tzinfo=BEIJING), "clock.not_set.file_name"),
        (datetime(2016, 1, 1, 0, 0, tzinfo=BEIJING), "clock.not_set.file_name"),
        (ARRIVED + timedelta(minutes=6), "clock.after_arrival.file_name"),
        (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), "clock.after_arrival.file_name"),
        (datetime(1, 1, 1, tzinfo=UTC), "clock.not_set.file_name"),
    ],
)
def test_what_cannot_be_believed(at: datetime | None, code: str) -> None:
    """Blank, factory-set, ancient and future times are put aside with a reason, and nothing is left to believe."""
    judgement = judged(name(at))
    assert (judgement.verdict, judgement.span, judgement.uncertainty_s) == (ClockVerdict.UNKNOWN, None, None)
    assert codes(judgement) == [code, "clock.nothing_states_time"]


def test_a_clock_that_fell_disputes_nothing_when_the_file_is_closed() -> None:
    """Header and modification time of a fallen clock, minutes past the factory date, are put aside with its name."""
    fell = datetime(2015, 1, 1, 0, 5, tzinfo=BEIJING)
    ended = fell + timedelta(seconds=TEN_MINUTES)
    track = TimeClaim(ClaimSource.GPS_TRACK, str(NOON), NOON, ZoneBasis.EXPLICIT, Anchor.START)
    one = judged(name(fell, "20150101000500"), container(ended, Anchor.END), mtime(ended), track)
    assert (one.verdict, one.start) == (ClockVerdict.TRUSTED, NOON)
    assert {"clock.not_set.file_name", "clock.not_set.container", "clock.not_set.mtime"} <= set(codes(one))


@pytest.mark.parametrize(
    "at",
    [
        datetime(2015, 1, 1, 0, 10, tzinfo=BEIJING),
        datetime(2017, 1, 1, 0, 5, tzinfo=BEIJING),
        datetime(2000, 1, 3, tzinfo=BEIJING),
    ],
)
def test_what_can_be_believed(at: datetime) -> None:
    """A late hour of a reset day, or New Year's night of another year, may well be real."""
    assert judged(name(at)).verdict is ClockVerdict.TRUSTED


WEEKS = timedelta(weeks=1024)


@pytest.mark.parametrize("source", [ClaimSource.GPS, ClaimSource.GPS_TRACK])
@pytest.mark.parametrize("named", [NOON, NOON - timedelta(days=40), NOON - WEEKS, None])
def test_a_receiver_whose_weeks_ran_round_is_no_witness(source: ClaimSource, named: datetime | None) -> None:
    """A satellite's time 1024 weeks too early disputes no name, backs none that it set, and places nothing itself."""
    rolled = replace(gps(NOON - WEEKS), source=source)
    judgement = judged(*([] if named is None else [name(named)]), rolled)
    assert codes(judgement)[0] == f"clock.week_rollover.{source}"
    assert judgement.rules[0].params["meant_at"] == NOON
    assert judgement.suspected_s == ()
    assert (judgement.start, judgement.verdict) == (
        (None, ClockVerdict.UNKNOWN) if named is None else (named, ClockVerdict.TRUSTED)
    )


@pytest.mark.parametrize("after", [timedelta(days=40), timedelta(days=400)])
def test_old_footage_of_an_archive_keeps_its_satellites(after: timedelta) -> None:
    """A file of 2006 that is taken in years later is backed by its own name, and a rolled one is told by its name."""
    came = NOON + after
    old = judged(name(NOON - WEEKS), gps(NOON - WEEKS), received_at=came)
    assert "clock.agrees.gps" in codes(old)
    assert codes(judged(name(), gps(NOON - WEEKS), received_at=came))[0] == "clock.week_rollover.gps"


def test_a_name_alone_is_trusted() -> None:
    """A camera's file name places the recording; nobody having seen its clock, a week of drift is allowed."""
    judgement = judged(name())
    assert judgement.verdict is ClockVerdict.TRUSTED
    assert judgement.span is not None
    assert (judgement.span.start, judgement.span.length_s) == (NOON, TEN_MINUTES)
    assert judgement.uncertainty_s == 1 + 22
    assert (judgement.earliest, judgement.latest) == (NOON - timedelta(seconds=22), NOON + timedelta(seconds=23))
    assert codes(judgement) == ["clock.from.file_name", "clock.unwitnessed"]


def test_how_long_a_file_lay_on_a_card_does_not_matter() -> None:
    """What counts is when the clock was last set before the recording, not when the file arrived."""
    assert judged(name(), received_at=NOON + timedelta(days=400)).uncertainty_s == 1 + 22


def test_a_tag_that_names_its_offset_does_not_drift() -> None:
    """A maker's tag with an offset is better than the name and has its step alone for uncertainty."""
    judgement = judged(name(NOON + timedelta(seconds=30)), maker(NOON))
    assert (judgement.start, judgement.uncertainty_s) == (NOON, 1.0)
    assert codes(judgement) == ["clock.from.maker", "clock.agrees.file_name"]


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (container(NOON), "clock.agrees.container"),
        (container(NOON + timedelta(seconds=TEN_MINUTES)), "clock.agrees.container"),
        (container(NOON + hours(8)), "clock.local_as_utc.container"),
        (container(NOON + hours(8) + timedelta(seconds=TEN_MINUTES)), "clock.local_as_utc.container"),
        (exif(NOON + timedelta(seconds=119)), "clock.agrees.exif"),
        (gps(NOON - timedelta(seconds=101)), "clock.agrees.gps"),
        (folder_day(datetime(2026, 3, 2, tzinfo=BEIJING)), "clock.agrees.folder"),
        (mtime(NOON + timedelta(seconds=TEN_MINUTES + 1)), "clock.agrees.mtime"),
    ],
)
def test_what_agrees_with_the_name(other: TimeClaim, code: str) -> None:
    """Start or end, UTC or Beijing time written as UTC, within two minutes: no dispute, and it says how it was read."""
    judgement = judged(name(), other)
    assert (judgement.verdict, judgement.start) == (ClockVerdict.TRUSTED, NOON)
    assert codes(judgement) == ["clock.from.file_name", code, "clock.unwitnessed"]


@pytest.mark.parametrize(
    ("other", "code", "offset_s"),
    [
        (container(NOON + hours(3), Anchor.START), "clock.later.container", 3 * 3600.0),
        (exif(NOON + timedelta(seconds=121)), "clock.later.exif", 121.0),
        (exif(NOON - timedelta(minutes=30)), "clock.earlier.exif", 1799.0),
        (gps(NOON + timedelta(minutes=3)), "clock.later.gps", 180.0),
        (folder_day(datetime(2026, 3, 1, tzinfo=BEIJING)), "clock.earlier.folder", 12 * 3600.0),
    ],
)
def test_what_disputes_the_name(other: TimeClaim, code: str, offset_s: float) -> None:
    """More than two minutes apart is a dispute that names the offset; the name still places the recording."""
    judgement = judged(name(), other)
    assert (judgement.verdict, judgement.start) == (ClockVerdict.DISPUTED, NOON)
    found = next(rule for rule in judgement.rules if rule.code == code)
    assert found.params["offset_s"] == offset_s


def test_a_container_eight_hours_early_is_no_habit() -> None:
    """Only Beijing time written as UTC lies eight hours ahead; eight hours behind is a dispute."""
    assert judged(name(), container(NOON - hours(8))).verdict is ClockVerdict.DISPUTED


def test_two_hours_suggest_xinjiang_time() -> None:
    """A difference of two hours is named as what it looks like, and nothing is shifted."""
    judgement = judged(maker(NOON), name(NOON - hours(2)))
    assert "clock.xinjiang_time" in codes(judgement)
    assert (judgement.verdict, judgement.start) == (ClockVerdict.DISPUTED, NOON)


def test_two_hours_ahead_are_not_xinjiang_time() -> None:
    """Xinjiang time lies behind Beijing time, so a wall clock that runs ahead was set to something else."""
    assert "clock.xinjiang_time" not in codes(judged(maker(NOON), name(NOON + hours(2))))
    assert "clock.xinjiang_time" in codes(judged(name(NOON - hours(2)), gps(NOON)))


def test_mtime_never_disputes() -> None:
    """Copying changes a modification time, so one that differs says nothing."""
    judgement = judged(name(), mtime(NOON + hours(20)))
    assert (judgement.verdict, codes(judgement)) == (
        ClockVerdict.TRUSTED,
        ["clock.from.file_name", "clock.unwitnessed"],
    )


def test_mtime_alone_proves_nothing() -> None:
    """The span ends at the modification time; the verdict stays unknown."""
    judgement = judged(mtime(NOON))
    assert judgement.span is not None
    assert (judgement.span.end, judgement.span.length_s) == (NOON, TEN_MINUTES)
    assert (judgement.verdict, judgement.uncertainty_s) == (ClockVerdict.UNKNOWN, None)


def test_a_container_alone_has_two_readings() -> None:
    """When both UTC and Beijing time are possible it is a dispute that names both; the span is the UTC reading."""
    judgement = judged(container(NOON, Anchor.START))
    assert (judgement.verdict, judgement.start) == (ClockVerdict.DISPUTED, NOON)
    both = next(rule for rule in judgement.rules if rule.code == "clock.two_readings")
    assert (both.params["utc_at"], both.params["local_at"]) == (NOON, NOON - hours(8))


def test_arrival_settles_a_container() -> None:
    """A file cannot have been recorded after it arrived, so the container holds Beijing time."""
    judgement = judged(container(NOON + hours(8), Anchor.START), received_at=NOON + hours(2))
    assert (judgement.verdict, judgement.start) == (ClockVerdict.TRUSTED, NOON)
    assert "clock.read_as_local_by_arrival" in codes(judgement)


@pytest.mark.parametrize(("shift", "zone"), [(0, "utc"), (8, "local")])
def test_mtime_settles_a_container(shift: int, zone: str) -> None:
    """A modification time on the end of one reading picks it."""
    end = NOON + timedelta(seconds=TEN_MINUTES)
    judgement = judged(container(NOON + hours(shift), Anchor.START), mtime(end))
    assert (judgement.verdict, judgement.start) == (ClockVerdict.TRUSTED, NOON)
    assert f"clock.read_as_{zone}_by_mtime" in codes(judgement)


@pytest.mark.parametrize(
    ("marked", "start", "code"),
    [
        (NOON + timedelta(seconds=TEN_MINUTES), NOON, "clock.mtime_marks_start"),
        (NOON, NOON - timedelta(seconds=TEN_MINUTES), "clock.mtime_marks_end"),
    ],
)
def test_mtime_tells_start_from_end(marked: datetime, start: datetime, code: str) -> None:
    """Makers stamp start or end; the modification time shows which."""
    judgement = judged(container(NOON), mtime(marked))
    assert judgement.start == start
    assert code in codes(judgement)


def test_start_or_end_widens_the_uncertainty() -> None:
    """Where nothing tells start from end, the length of the recording is part of the uncertainty."""
    judgement = judged(container(NOON + hours(8)), received_at=NOON + hours(2))
    assert "clock.start_or_end" in codes(judgement)
    assert judgement.uncertainty_s is not None
    assert judgement.uncertainty_s > TEN_MINUTES


def test_a_clip_cannot_end_after_it_arrived() -> None:
    """A start before and an end after arrival is disputed: the clock ran ahead."""
    judgement = judged(name(), received_at=NOON + timedelta(minutes=2))
    assert judgement.verdict is ClockVerdict.DISPUTED
    assert "clock.ends_after_arrival" in codes(judgement)


def test_arrival_turns_start_into_end() -> None:
    """A time that may be either is the end when as a start the recording would outlast its arrival."""
    either = TimeClaim(ClaimSource.EXIF, "x", NOON, ZoneBasis.LOCAL, Anchor.EITHER)
    judgement = judged(either, received_at=NOON + timedelta(minutes=1))
    assert (judgement.verdict, judgement.start) == (ClockVerdict.TRUSTED, NOON - timedelta(seconds=TEN_MINUTES))


def test_gps_places_what_only_a_container_states() -> None:
    """GPS is better than a container and tells how the container is to be read."""
    judgement = judged(container(NOON + hours(8)), gps(NOON))
    assert (judgement.verdict, judgement.start) == (ClockVerdict.TRUSTED, NOON)
    assert "clock.local_as_utc.container" in codes(judgement)


def test_a_day_alone_places_nothing() -> None:
    """A folder's day is too coarse to place a recording."""
    assert judged(folder_day(NOON)).span is None


def test_a_photo_is_an_instant() -> None:
    """A photo has no length, whatever was measured, and none is missed."""
    judgement = judge([exif(NOON)], kind=Kind.PHOTO, duration_s=None, received_at=ARRIVED)
    assert judgement.span is not None
    assert (judgement.span.length_s, codes(judgement)) == (0.0, ["clock.from.exif", "clock.unwitnessed"])


@pytest.mark.parametrize("duration_s", [None, -1.0, float("nan"), float("inf"), 1e12])
def test_an_unknown_length_is_said(duration_s: float | None) -> None:
    """Without a usable length the span is an instant, and a note says so."""
    judgement = judged(name(), duration_s=duration_s)
    assert judgement.span is not None
    assert judgement.span.length_s == 0
    assert "clock.length_unknown" in codes(judgement)


def test_arrival_is_no_statement_of_the_recording() -> None:
    """The intake time bounds the others and places nothing."""
    arrival = TimeClaim(ClaimSource.ARRIVAL, "x", ARRIVED, ZoneBasis.SYSTEM, Anchor.NOT_AFTER)
    assert judged(arrival).span is None


def test_the_order_of_claims_does_not_matter() -> None:
    """The same claims in any order give the same judgement, rules included."""
    claims = [name(), container(NOON + hours(8)), gps(NOON + timedelta(minutes=3)), mtime(NOON + hours(1))]
    assert len({judged(*order) for order in permutations(claims)}) == 1
