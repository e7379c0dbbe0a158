"""A log of satellite fixes is a track only where three of them advance; the rest is a lone, doubtful fix."""

from datetime import UTC, datetime, timedelta

import pytest

from evidence.claims import Anchor, ClaimSource, TimeClaim, ZoneBasis
from evidence.gps_fixes import Fix, advancing, is_on_earth, track_claim, track_notes

START = datetime(2026, 11, 23, 8, 52, 7, tzinfo=UTC)


def log(*seconds: float, media: bool = True, valid: bool = True) -> list[Fix]:
    """Return one fix per row, a row a second: its satellite time in seconds after START."""
    return [
        Fix(START + timedelta(seconds=second), 42.95, 89.18, valid=valid, media_s=float(row) if media else None)
        for row, second in enumerate(seconds)
    ]


def claim_of(fixes: list[Fix]) -> TimeClaim:
    """Return the claim of a log that is not empty."""
    claim = track_claim(fixes, detail="x")
    assert claim is not None
    return claim


def test_three_advancing_fixes_are_a_track() -> None:
    """The track states the start, to its own step, in the satellites' time."""
    claim = claim_of(log(0, 1, 2))
    assert (claim.source, claim.zone, claim.anchor) == (ClaimSource.GPS_TRACK, ZoneBasis.EXPLICIT, Anchor.START)
    assert (claim.at, claim.precision_s, claim.detail) == (START, 1.0, "x")
    assert claim.raw == "2026-11-23T08:52:07Z – 2026-11-23T08:52:09Z (3)"


def test_two_fixes_are_no_track() -> None:
    """The last fresh fix is kept as a fix, counted back to the first frame."""
    claim = claim_of(log(0, 1))
    assert (claim.source, claim.at) == (ClaimSource.GPS, START)


def test_a_repeated_fix_is_stale() -> None:
    """However often the receiver repeats it, it is one fix."""
    claim = claim_of(log(*([-101] * 60)))
    assert (claim.source, claim.at) == (ClaimSource.GPS, START - timedelta(seconds=101))


@pytest.mark.parametrize("media", [True, False])
def test_a_stale_fix_before_the_track_does_not_move_it(media: bool) -> None:
    """A fix 101 s old, repeated until the satellites are seen, is passed over; the start is counted back from there."""
    claim = claim_of(log(-101, -101, -101, 3, 4, 5, 6, media=media))
    assert (claim.source, claim.at) == (ClaimSource.GPS_TRACK, START)


@pytest.mark.parametrize("wrong_s", [-86400.0, -101.0, 3600.0])
@pytest.mark.parametrize("media", [True, False])
def test_a_wrong_first_sample_does_not_move_the_track(wrong_s: float, media: bool) -> None:
    """Whether it lies before or after the truth."""
    claim = claim_of(log(wrong_s, 1, 2, 3, 4, media=media))
    assert (claim.source, claim.at) == (ClaimSource.GPS_TRACK, START)


def test_rows_counted_back_make_the_start_coarser() -> None:
    """Ten rows without satellites before the first good fix cost a second of precision."""
    lost = log(*range(10), media=False, valid=False)
    claim = claim_of(lost + [Fix(START + timedelta(seconds=10 + n)) for n in range(5)])
    assert (claim.at, claim.precision_s) == (START, 2.0)


def test_a_tunnel_does_not_break_a_track_whose_media_time_goes_on() -> None:
    """A minute without satellites passes in the recording as well."""
    fixes = log(0, 1)
    fixes += [Fix(START + timedelta(seconds=s), media_s=float(s)) for s in (62, 63)]
    run = advancing(fixes)
    assert run is not None
    assert len(run.fixes) == 4


def test_a_log_without_satellites_states_no_time() -> None:
    """It is kept as written."""
    claim = claim_of(log(0, 1, 2, 3, valid=False))
    assert (claim.source, claim.at, claim.raw) == (ClaimSource.GPS, None, "2026-11-23T08:52:07Z (V)")
    assert track_claim([], detail="x") is None


@pytest.mark.parametrize(("latitude", "longitude"), [(213.0, 89.0), (-90.1, 0.0), (42.9, 180.1)])
def test_an_impossible_position_is_rejected_and_its_time_kept(latitude: float, longitude: float) -> None:
    """Latitude 213° was seen: the position is none, the fix still counts."""
    fixes = [Fix(START + timedelta(seconds=n), latitude, longitude) for n in range(3)]
    assert not is_on_earth(latitude, longitude)
    assert fixes[0].position is None
    assert claim_of(fixes).at == START
    assert [each.code for each in track_notes(fixes, 3.0)] == ["clock.position_impossible"]


def test_a_place_on_earth_is_kept() -> None:
    """Both figures, in degrees."""
    assert log(0)[0].position == (42.95, 89.18)
    assert Fix(START).position is None
    assert track_notes(log(0, 1, 2), 3.0) == ()


def test_a_time_lapse_is_named_with_its_ratio() -> None:
    """A frame every 30 s, played at 30 a second: the start holds, and 900 s pass in each second."""
    fixes = [Fix(START + timedelta(seconds=30 * n), media_s=n / 30) for n in range(60)]
    assert claim_of(fixes).at == START
    (said,) = track_notes(fixes, 2.0)
    assert (said.code, said.params) == ("clock.track_rate", {"ratio": "900"})


def test_a_longer_log_than_recording_is_a_time_lapse_without_media_times() -> None:
    """A shorter one is not: the satellites may have been found late."""
    fixes = log(*range(600), media=False)
    assert [str(each.params["ratio"]) for each in track_notes(fixes, 60.0)] == ["10"]
    assert track_notes(fixes, 1200.0) == track_notes(fixes, 599.0) == track_notes(fixes, None) == ()
