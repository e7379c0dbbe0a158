"""A camera's clock through its history: small histories, made by hand, and what is believed of each file."""

from datetime import UTC, datetime, timedelta

import pytest

from evidence.clock import ClockVerdict, Correction
from evidence.docking import DockRecord
from tests.support.histories import Shot, codes, dock, evening, holds, hour, judged, whole, width_s

TRUSTED, ADJUSTED = ClockVerdict.TRUSTED, ClockVerdict.ADJUSTED
DISPUTED, UNKNOWN = ClockVerdict.DISPUTED, ClockVerdict.UNKNOWN
HOURS_2 = 7200.0
RESET = datetime(2000, 1, 1, tzinfo=UTC) - timedelta(hours=8)


def day_of(*names: str, day: int = 1, off_s: float = 0.0, first: int | None = None, gps: bool = False) -> list[Shot]:
    """Return files of a day, one an hour from nine on; ``first``: counter of the first."""
    return [
        Shot(name, hour(9 + n, day), off_s, number=None if first is None else first + n, gps=gps)
        for n, name in enumerate(names)
    ]


# --- what docks read and set ------------------------------------------------------------------------------------------


def test_drift_between_two_readings_is_interpolated() -> None:
    """A clock that ran off 30 s in ten days without being set was 15 s off in the middle, and bounds hold that."""
    middle = Shot("a", hour(19, 5), 15.0, came=hour(19.2, 10))
    one = judged([middle], [evening(0, 0.0, sets=False), evening(10, 30.0, sets=False)], docks_set=False)["a"]
    assert one.verdict is ADJUSTED
    assert one.offset_s == pytest.approx(15.0, abs=2.0)
    assert holds(one, middle.real)
    assert width_s(one) < 15


def test_a_clock_that_was_set_and_read_right_is_trusted_to_seconds() -> None:
    """Between a dock that set the clock and one that read it right, the start is known to a few seconds."""
    (shot,) = day_of("a")
    one = judged([shot], [evening(0), evening(1)])["a"]
    assert (one.verdict, one.offset_s) == (TRUSTED, 0.0)
    assert width_s(one) < 6
    assert {"clock.dock_set", "clock.dock_read_right"} <= codes(one)


def test_a_clock_read_forty_seconds_behind_is_set_right() -> None:
    """What a dock read before and after, up to ten minutes, is taken off."""
    (shot,) = day_of("a", off_s=-40.0)
    one = judged([shot], [evening(0, -40.0, sets=False), evening(1, -40.0, sets=False)], docks_set=False)["a"]
    assert (one.verdict, round(one.offset_s)) == (ADJUSTED, -40)
    assert one.start is not None
    assert abs((one.start - shot.real).total_seconds()) <= 1.0
    assert {"clock.dock_read_behind", "clock.adjusted_behind"} <= codes(one)


@pytest.mark.parametrize("off_s", [-601.0, 700.0, 3600.0])
def test_more_than_ten_minutes_is_for_a_person(off_s: float) -> None:
    """A machine takes off no more than 600 s: the file is disputed, the shift named, and bounds hold both."""
    (shot,) = day_of("a", off_s=off_s)
    one = judged([shot], [evening(0, off_s, sets=False), evening(1, off_s, sets=False)], docks_set=False)["a"]
    assert (one.verdict, one.offset_s) == (DISPUTED, 0.0)
    assert [abs(shift_s - off_s) <= 1 for shift_s in one.suspected_s] == [True]
    assert holds(one, shot.real)
    assert holds(one, shot.real + timedelta(seconds=off_s))


def test_a_camera_nobody_docks_may_have_drifted_a_week() -> None:
    """Without any docking 22 s either way are allowed, and it is said that nobody saw the clock."""
    one = judged(day_of("a"), docks_set=False)["a"]
    assert (one.verdict, one.uncertainty_s) == (TRUSTED, 23.0)
    assert "clock.unwitnessed" in codes(one)


def test_rates_beyond_the_standard_are_learned_from_neighbours() -> None:
    """A crystal that runs off 8 s a day between readings does so in the stretch that nobody read the end of."""
    days = range(8)
    docks = [evening(day, 0.0 if day == 0 else 8.0) for day in days]
    last = Shot("z", hour(19, 8), 8.0, came=hour(19.5, 8))
    shots = [*(Shot(f"{day}", hour(13, day), 6.0) for day in days[1:]), last]
    found = judged(shots, docks)
    assert holds(found["z"], last.real)
    assert not holds(judged([last], docks[-1:])["z"], last.real)


def test_a_clock_nobody_reads_is_thought_to_be_set() -> None:
    """Where the bureau's docks set clocks and write nothing, a docking gives bounds, and says that it is assumed."""
    shots = [*day_of("a", day=0), *day_of("b", day=1)]
    found = judged(shots)
    assert found["b"].verdict is TRUSTED
    assert "clock.dock_thought_to_set" in codes(found["b"])
    assert width_s(found["b"]) < width_s(judged(shots, docks_set=False)["b"])


def test_satellites_beat_an_assumed_setting() -> None:
    """A track that shows the clock five minutes off outweighs a dock that is only thought to have set it."""
    shots = [*day_of("a", day=0), *day_of("b", "c", day=1, off_s=300.0, gps=True)]
    found = judged(shots)
    assert [found[name].verdict for name in "bc"] == [ADJUSTED, ADJUSTED]
    assert found["b"].offset_s == pytest.approx(300.0, abs=3.0)
    assert holds(found["b"], shots[1].real)


# --- resets and jumps -------------------------------------------------------------------------------------------------


def fallen(name: str, hours: float, number: int | None, day: int = 1, lag_h: float = 0.1) -> Shot:
    """Return a file made on a clock that fell to 2000 so many hours before."""
    real = hour(hours, day)
    return Shot(name, real, number=number, named=RESET + timedelta(hours=lag_h))


@pytest.mark.parametrize("first", [1, None])
def test_a_reset_is_named_where_it_happened(first: int | None) -> None:
    """A clock that fell to 2000 between two files: they are named, what came before stays trusted, nothing after is."""
    before = day_of("1", "2", "3", "4", "5", first=first)
    numbers = [None, None] if first is None else [6, 7]
    after = [fallen("6", 15, numbers[0], lag_h=0.1), fallen("7", 16, numbers[1], lag_h=1.1)]
    off_s = (RESET - hour(14.9, 1)).total_seconds()
    result = whole([*before, *after], [evening(0), evening(1, off_s)])
    found = {str(name): one for name, one in result.judgements.items()}
    assert [(reset.before, reset.after) for reset in result.resets] == [("5", "6")]
    assert [found[shot.name].verdict for shot in before] == [TRUSTED] * 5
    for shot in after:
        assert found[shot.name].verdict is DISPUTED
        assert holds(found[shot.name], shot.real)
        assert found[shot.name].span is not None
        assert abs((found[shot.name].span.start - shot.real).total_seconds()) <= 3  # type: ignore[union-attr] # seen above


def moved_by(before: Shot, after: Shot) -> set[str]:
    """Return what is said of a clock that was moved between two files, while nobody reads or sets it."""
    found = judged([before, after], docks_set=False)
    return codes(found[after.name]) & {"clock.fell_back", "clock.was_moved"}


@pytest.mark.parametrize(
    ("numbers", "said"), [((1, 2), "clock.fell_back"), ((None, None), "clock.was_moved"), ((9, 9), "clock.was_moved")]
)
def test_only_a_counter_that_rose_is_said_to_have_risen(numbers: tuple[int | None, int | None], said: str) -> None:
    """Two files that overlap by their clock: it was moved; that a counter rose meanwhile is said where one did."""
    first = Shot("1", hour(9), 0.0, number=numbers[0], length_s=1200.0)
    assert moved_by(first, Shot("2", hour(10), -3300.0, number=numbers[1])) == {said}


def test_a_clock_that_left_a_reset_did_not_fall_back() -> None:
    """From 2000 to the present it ran on: it was moved, though the counter rose."""
    assert moved_by(fallen("1", 9, 1, day=0), Shot("2", hour(9, 1), number=2)) == {"clock.was_moved"}


def test_two_resets_are_both_named() -> None:
    """A battery that gave up twice in a day leaves two places, told by the counters; nothing after them is trusted."""
    shots = [
        *day_of("1", "2", first=1),
        fallen("3", 11, 3, lag_h=0.5),
        fallen("4", 12, 4, lag_h=1.5),
        fallen("5", 15, 5, lag_h=0.1),
    ]
    result = whole(shots, [evening(0), evening(1, (RESET - hour(14.9, 1)).total_seconds())])
    assert [(reset.before, reset.after) for reset in result.resets] == [("2", "3"), ("4", "5")]
    assert not {result.judgements[name].verdict for name in list(result.judgements) if name in {"3", "4", "5"}} & {
        TRUSTED,
        ADJUSTED,
    }
    assert all(holds(result.judgements[shot.recording().digest], shot.real) for shot in shots)


@pytest.mark.parametrize(("jump_s", "verdict"), [(50.0, (TRUSTED, ADJUSTED)), (300.0, (DISPUTED,))])
def test_a_jump_only_the_anchors_show(jump_s: float, verdict: tuple[ClockVerdict, ...]) -> None:
    """Right in the morning, off in the evening: each file may lie on either side; more than a minute is disputed."""
    shots = [*day_of("1", "2", "3", first=1)]
    found = judged(shots, [evening(0), evening(1, jump_s)])
    for shot in shots:
        assert found[shot.name].verdict in verdict
        assert holds(found[shot.name], shot.real)
        assert holds(found[shot.name], shot.real - timedelta(seconds=jump_s))
        assert "clock.jump_either_side" in codes(found[shot.name])


# --- shifts, and what people decide -----------------------------------------------------------------------------------


def in_xinjiang() -> tuple[list[Shot], list[DockRecord]]:
    """Return three days of a camera two hours behind that docks set in vain."""
    shots = [shot for day in (1, 2, 3) for shot in day_of(f"{day}a", f"{day}b", day=day, off_s=-HOURS_2)]
    return shots, [evening(day, -HOURS_2) for day in range(4)]


def test_a_wrong_zone_set_in_vain_is_suspected() -> None:
    """Two hours behind at every docking, though each set the clock: disputed, the shift named, bounds hold both."""
    shots, docks = in_xinjiang()
    found = judged(shots, docks)
    for shot in shots:
        one = found[shot.name]
        assert (one.verdict, one.offset_s) == (DISPUTED, 0.0)
        assert [round(shift_s / 60) for shift_s in one.suspected_s] == [-120]
        assert holds(one, shot.real)
        assert holds(one, shot.real - timedelta(seconds=HOURS_2))
    assert "clock.set_without_effect" in codes(found["2a"])


def test_a_confirmed_shift_is_taken_off() -> None:
    """What a person confirmed of the camera is taken off, of its files and docks' readings; the reason names them."""
    shots, docks = in_xinjiang()
    found = judged(shots, docks, Correction(-HOURS_2, "李"))
    for shot in shots:
        one = found[shot.name]
        assert (one.verdict, one.offset_s, one.suspected_s) == (ADJUSTED, -HOURS_2, ())
        assert one.start is not None
        assert abs((one.start - shot.real).total_seconds()) <= 3
        assert any(rule.params.get("by") == "李" for rule in one.rules if rule.code == "clock.confirmed_behind")


def test_a_proposal_confirmed_as_it_stands_settles_its_files() -> None:
    """It reaches from the first file to the last; the dock that read the clock after that read the same shift."""
    shots, docks = in_xinjiang()
    first, last = (shot.real - timedelta(seconds=HOURS_2) for shot in (shots[0], shots[-1]))
    found = judged(shots, docks, Correction(-HOURS_2, "李", since=first, until=last))
    assert {(found[shot.name].verdict, found[shot.name].offset_s) for shot in shots} == {(ADJUSTED, -HOURS_2)}
    assert all(holds(found[shot.name], shot.real) for shot in shots)


def test_what_was_confirmed_of_one_clip_beats_what_was_of_its_camera() -> None:
    """The clip's own correction holds for it, the camera's for all others."""
    shots, docks = in_xinjiang()
    own = Correction(-300.0, "王", digest=shots[0].recording().digest)
    found = judged(shots, docks, own, Correction(-HOURS_2, "李"))
    assert [found[shot.name].offset_s for shot in shots] == [-300.0, *([-HOURS_2] * 5)]


def test_a_correction_holds_for_its_time_alone() -> None:
    """``since`` and ``until`` are of the camera's own clock, both included; outside the shift stays suspected."""
    shots, docks = in_xinjiang()
    own_clock = [shot.real - timedelta(seconds=HOURS_2) for shot in shots]
    found = judged(shots, docks, Correction(-HOURS_2, "李", since=own_clock[2], until=own_clock[3]))
    assert [found[shot.name].offset_s for shot in shots] == [0, 0, -HOURS_2, -HOURS_2, 0, 0]
    assert [found[shot.name].verdict for shot in shots].count(DISPUTED) == 4


# --- files out of place -----------------------------------------------------------------------------------------------


def test_a_renamed_file_stands_alone() -> None:
    """A name hours off between neighbours in order is that file's own fault: it is disputed, they stay trusted."""
    before, wrong, after = day_of("1", "2", "3", first=1)
    renamed = Shot(wrong.name, wrong.real, number=2, named=wrong.real - timedelta(hours=5))
    found = judged([before, renamed, after], [evening(0), evening(1)])
    assert [found[name].verdict for name in "123"] == [TRUSTED, DISPUTED, TRUSTED]
    assert "clock.out_of_order" in codes(found["2"])
    assert holds(found["2"], wrong.real)


@pytest.mark.parametrize("first", [1, None])
def test_a_file_left_on_the_card_for_a_day_keeps_its_time(first: int | None) -> None:
    """A file that came a day late is judged in the stretch it was made in, and is no reset."""
    left = Shot("1", hour(9, 1), came=hour(19.3, 2), number=first)
    others = [*day_of("2", day=1, first=first and 2), *day_of("3", day=2, first=first and 3)]
    others[0] = Shot("2", hour(11, 1), number=first and 2)
    result = whole([left, *others], [evening(0), evening(1), evening(2)])
    assert result.resets == ()
    assert {one.verdict for one in result.judgements.values()} == {TRUSTED}


def test_files_from_an_archive_are_no_resets() -> None:
    """Files taken in months after they left their camera, in any batch, keep their time: nobody was at a dock then."""
    first = [Shot(f"a{day}", hour(10, day), came=hour(3, 20)) for day in (-90, -60, -30)]
    second = [Shot(f"b{day}", hour(10, day), came=hour(3, 40)) for day in (-80, -50)]
    result = whole([*first, *second])
    assert result.resets == ()
    assert {one.verdict for one in result.judgements.values()} == {TRUSTED}
    assert all(holds(result.judgements[shot.recording().digest], shot.real) for shot in [*first, *second])


def of_a_week(first: int | None) -> list[Shot]:
    """Return three files a day of a week, as they come in each evening."""
    return [
        Shot(f"{day}{n}", hour(9 + n, day), number=None if first is None else first + 3 * day + n)
        for day in range(7)
        for n in range(3)
    ]


def from_archive(batches: int, first: int | None) -> list[Shot]:
    """Return files of months ago in batches that come in on the days of the week, from Tuesday on."""
    return [
        Shot(
            f"o{day}{n}",
            hour(9 + n, day - 100),
            came=hour(14, day),
            number=None if first is None else first + 3 * day + n,
        )
        for day in range(1, 1 + batches)
        for n in range(3)
    ]


@pytest.mark.parametrize("docks_set", [True, False])
@pytest.mark.parametrize("batches", [1, 2, 3, 5])
@pytest.mark.parametrize("numbers", [(1000, 10), (1000, None), (None, None), (1, 1)])
def test_an_archive_spoils_no_live_file(
    numbers: tuple[int | None, int | None], batches: int, *, docks_set: bool
) -> None:
    """Old files that are taken in beside those of the week leave the judgements of these as they were without them."""
    live, old = of_a_week(numbers[0]), from_archive(batches, numbers[1])
    both = judged([*live, *old], docks_set=docks_set)
    assert {both[shot.name].verdict for shot in live} == {TRUSTED}
    assert all(holds(both[shot.name], shot.real) for shot in [*live, *old])
    assert whole([*live, *old], docks_set=docks_set).resets == ()


@pytest.mark.parametrize("docks_set", [True, False])
def test_a_clock_that_fell_years_back_is_no_archive(*, docks_set: bool) -> None:
    """Files of 2018 whose counters go on from those of the day belong to it: what follows is doubted as before."""
    fell = [
        Shot(f"f{n}", hour(12 + n, 3), named=datetime(2018, 5, 1, 4 + n, tzinfo=UTC), number=1012 + n) for n in range(2)
    ]
    after = [Shot(f"l{n}", hour(15 + n, 3), number=1014 + n) for n in range(2)]
    before = [shot for shot in of_a_week(1000) if shot.real < hour(12, 3)]
    found = judged([*before, *fell, *after], docks_set=docks_set)
    assert {found[shot.name].verdict for shot in fell} == {DISPUTED}
    assert TRUSTED not in {found[shot.name].verdict for shot in after}


def test_a_clip_cannot_end_after_it_arrived() -> None:
    """The latest start is the arrival less the length, however wide the clock's bounds."""
    came = hour(12)
    shot = Shot("a", came - timedelta(seconds=605), came=came)
    one = judged([shot])["a"]
    assert one.latest is not None
    assert one.latest + timedelta(seconds=shot.length_s) <= came + timedelta(seconds=4)


def test_neighbours_cannot_overlap() -> None:
    """Two files that follow each other by their counters at once tighten each other's bounds."""
    tight = [Shot("1", hour(9), number=1), Shot("2", hour(9) + timedelta(seconds=600), number=2, gps=True)]
    alone = judged(tight[:1], docks_set=False)["1"]
    both = judged(tight, docks_set=False)["1"]
    assert alone.latest is not None
    assert both.latest is not None
    assert both.latest < alone.latest
    assert holds(both, tight[0].real)


def test_a_silent_head_widens_the_early_side_alone() -> None:
    """Thirty silent seconds may be a buffer: it may have begun so much earlier, and no later."""
    plain, silent = (judged([Shot("a", hour(9), head_s=head_s)])["a"] for head_s in (0.0, 30.0))
    assert plain.earliest is not None
    assert silent.earliest is not None
    assert (plain.earliest - silent.earliest).total_seconds() == pytest.approx(30.5)
    assert silent.latest == plain.latest


def test_a_file_written_at_another_time_is_disputed_where_copying_keeps_times() -> None:
    """Where nearly all files were last written as they ended, one that was not is disputed; else none is."""
    ten = timedelta(minutes=10)
    kept = [Shot(str(n), hour(9 + n), written=hour(9 + n) + ten) for n in range(6)]
    odd = Shot("odd", hour(16), written=hour(12) + ten)
    found = judged([*kept, odd], [evening(-1), evening(0)])
    assert (found["odd"].verdict, found["0"].verdict) == (DISPUTED, TRUSTED)
    assert "clock.written_apart" in codes(found["odd"])
    copied = [Shot(str(n), hour(9 + n), written=hour(19.1)) for n in range(6)]
    assert judged([*copied, odd], [evening(-1), evening(0)])["0"].verdict is TRUSTED


def test_a_camera_without_files_is_judged() -> None:
    """Records alone give no judgement and no reset."""
    result = whole([], [dock(hour(9), -5.0), dock(hour(10), None, sets=None)])
    assert (dict(result.judgements), result.resets) == ({}, ())


def test_a_file_whose_own_satellites_contradict_it_is_disputed() -> None:
    """A hand moved a clock by six minutes where no dock reads it: the files whose tracks show that are not trusted."""
    right = [*day_of("0", day=0, first=1), *day_of("1", "2", first=2, gps=True)]
    moved = [Shot("3", hour(12, 1), 360.0, number=4, gps=True), Shot("4", hour(13, 1), 360.0, number=5, gps=True)]
    found = judged([*right, *moved])
    assert [found[name].verdict for name in "1234"] == [TRUSTED, TRUSTED, DISPUTED, DISPUTED]
    assert all(holds(found[shot.name], shot.real) for shot in [*right, *moved])
