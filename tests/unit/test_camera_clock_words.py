"""How clocks are spoken of: one sentence a judge understands, offsets and shifts in words, no more exact than known."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.camera_clock_words import (
    interval_bare,
    is_by_satellite,
    is_rough,
    offset,
    offset_range,
    record_words,
    shift_words,
    spread,
    verdict_sentence,
)
from dashboard.texts import Texts
from evidence.clock import ClockJudgement, ClockVerdict
from evidence.notes import note
from evidence.spans import Span

AT = datetime(2026, 11, 23, 1, 30, 11, tzinfo=UTC)
SPAN = Span(AT, AT + timedelta(minutes=5))
EN, ZH = Texts("en"), Texts("zh-CN")
READ = note("clock.dock_read_behind", docked_at=AT, offset_s=40.0)


def judged(verdict: ClockVerdict, span: Span | None = SPAN, **changes: object) -> ClockJudgement:
    """Return a judgement whose start lies within a few seconds after `AT`."""
    bounds = {"earliest": AT, "latest": AT + timedelta(seconds=3.2)} | changes
    return ClockJudgement(verdict, span, 3.2, **bounds)  # type: ignore[arg-type] # named as its fields


def test_a_trusted_start_is_an_interval() -> None:
    """Both ends are said, rounded outwards, once with the date and with the zone."""
    words = "between 2026-11-23 09:30:11 and 09:30:15 Beijing time"
    assert words in verdict_sentence(EN, judged(ClockVerdict.TRUSTED))
    assert "在北京时间 2026-11-23 09:30:11 至 09:30:15 之间" in verdict_sentence(ZH, judged(ClockVerdict.TRUSTED))


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ((READ,), "ran 40 s behind, as the dock read it"),
        ((note("clock.dock_read_right", docked_at=AT), note("clock.satellite_behind")), "as the satellites' time"),
        ((READ, note("clock.confirmed_behind", offset_s=40, by="古丽")), "as 古丽 confirmed"),
        ((READ, note("clock.satellite_put_aside")), "as the dock read it"),
        ((), "as the history of this clock shows"),
    ],
)
def test_an_adjusted_start_names_its_witness(rules: tuple[object, ...], words: str) -> None:
    """How far the clock was off and who says so; a person's word goes before the measurement it rests on."""
    assert words in verdict_sentence(EN, judged(ClockVerdict.ADJUSTED, offset_s=-40.2, rules=rules))


def test_a_suspected_shift_is_a_condition() -> None:
    """The stated time, the shift, what it would come to, and that nobody has decided it."""
    said = verdict_sentence(EN, judged(ClockVerdict.DISPUTED, suspected_s=(-7200.0,)))
    assert "ran 2 h behind (Xinjiang time?), which nobody has decided yet, it began at 2026-11-23 11:30:11" in said
    assert "新疆时间" in verdict_sentence(ZH, judged(ClockVerdict.DISPUTED, suspected_s=(-7200.0,)))


def test_a_confirmed_start_that_is_still_disputed_is_not_the_files_own() -> None:
    """What a person confirmed is said as theirs, and that something speaks against it."""
    confirmed = note("clock.confirmed_behind", offset_s=7200, by="古丽")
    said = verdict_sentence(EN, judged(ClockVerdict.DISPUTED, offset_s=-7200.0, rules=(confirmed,)))
    assert said.startswith(
        "古丽 confirmed that the clock ran 2 h behind, and so the recording began at 2026-11-23 09:30:11"
    )
    assert "own statements" not in said


@pytest.mark.parametrize(
    ("earliest", "latest", "words"),
    [
        (None, AT, "before 2026-11-23 09:30:11 Beijing time"),
        (AT, None, "after 2026-11-23 09:30:11 Beijing time"),
        (None, None, "at a time that nothing bounds"),
        (AT, AT + timedelta(days=1), "09:30:11 and 2026-11-24 09:30:11"),
    ],
)
def test_what_bounds_nothing_is_said_so(earliest: datetime | None, latest: datetime | None, words: str) -> None:
    """An open side is not closed by words, whatever the verdict."""
    for verdict, span in ((ClockVerdict.UNKNOWN, None), (ClockVerdict.UNKNOWN, SPAN), (ClockVerdict.DISPUTED, SPAN)):
        assert words in verdict_sentence(EN, judged(verdict, span, earliest=earliest, latest=latest))
    assert ("…" in interval_bare(EN, earliest, latest)) is ((earliest is None) is not (latest is None))


@pytest.mark.parametrize(
    ("verdict", "uncertainty_s", "rough"),
    [
        (ClockVerdict.TRUSTED, 5.0, False),
        (ClockVerdict.ADJUSTED, 61.0, True),
        (ClockVerdict.DISPUTED, 5.0, True),
        (ClockVerdict.TRUSTED, None, False),
    ],
)
def test_what_is_not_certain_is_not_written_to_the_second(
    verdict: ClockVerdict, uncertainty_s: float | None, rough: bool
) -> None:
    """A disputed start, or one off by a minute or more, is marked."""
    assert is_rough(ClockJudgement(verdict, SPAN, uncertainty_s)) is rough


def test_a_spread_is_rounded_up() -> None:
    """Seconds below a minute, minutes above, never less than it is."""
    assert [spread(EN, one) for one in (3.2, 59.0, 60.0, 7204.0)] == ["4 s", "59 s", "1 min", "2 h 1 min"]


@pytest.mark.parametrize(
    ("offset_s", "words"),
    [
        (0.4, "was right"),
        (40.0, "ran 40 s ahead"),
        (-3661.0, "ran 1 h 1 min 1 s behind"),
        (-8.3e8, "ran 26.3 y behind"),
    ],
)
def test_an_offset_is_in_words(offset_s: float, words: str) -> None:
    """Ahead or behind, and no digit that tells nothing."""
    assert offset(EN, offset_s) == words


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ((-0.5, 0.9), "was right"),
        ((-41.0, -38.0), "ran 38 s to 41 s behind"),
        ((38.0, 38.2), "ran 38 s ahead"),
        ((-2.2, 0.1), "ran up to 2 s behind"),
        ((0.0, 40.0), "ran up to 40 s ahead"),
        ((-20.0, 30.0), "ran between 20 s behind and 30 s ahead"),
        ((float("-inf"), 3.0), "not known"),
        (None, "not known"),
    ],
)
def test_a_range_of_offsets_is_in_words(bounds: tuple[float, float] | None, words: str) -> None:
    """Both ends with their side; one word where they are the same."""
    assert offset_range(EN, bounds) == words


@pytest.mark.parametrize(
    ("shift_s", "words"),
    [
        (-7200.0, "Xinjiang time?"),
        (28_800.0, "Beijing time written as UTC?"),
        (-28_800.0, "set to UTC?"),
        (21_600.0, "Urumqi zone time written as UTC?"),
        (86_400.0, "wrong day?"),
        (-365 * 86_400.0, "wrong year?"),
        (-8.3e8, "reset to its factory date?"),
        (7200.0, "2 h ahead"),
    ],
)
def test_a_shift_says_what_setting_it_may_come_of(shift_s: float, words: str) -> None:
    """Zone, day, year and factory date are named as questions; what is none of them stays a number."""
    assert words in shift_words(EN, shift_s)
    assert shift_words(ZH, shift_s).startswith(("快", "慢"))


def test_a_record_is_off_the_other_way() -> None:
    """Cameras that run ahead of a record mean a record that is behind."""
    assert "2 h behind the cameras (written in Xinjiang time?)" in record_words(EN, 7200.0)
    assert "8 h ahead of the cameras" in record_words(EN, -28_800.0)


def test_satellites_put_aside_are_no_witness() -> None:
    """A track that contradicts everything else does not mark its file."""
    track = note("clock.agrees.gps_track")
    assert is_by_satellite([track])
    assert not is_by_satellite([track, note("clock.satellite_put_aside")])
