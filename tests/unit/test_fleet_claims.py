"""What a generated fleet states of its files is what the readers would state, and follows from its truth."""

from functools import cache
from random import Random

import pytest

from config.device_profiles import default_profiles
from evidence.claims import ClaimSource, IdentityKind, TimeClaim
from evidence.zones import BEIJING
from ingest.claims import claims_of_path
from ingest.exif import read_moment
from tests.support.fleet import make_fleet
from tests.support.fleet_claims import intake_claims
from tests.support.fleet_nouns import Fault, Fleet, FleetClip
from transcode.container_times import time_claims
from transcode.ffprobe import Inspection

FROM_PATH = {ClaimSource.FILE_NAME, ClaimSource.FOLDER, ClaimSource.MTIME, ClaimSource.ARRIVAL}
CAMERAS_CLOCK = {ClaimSource.FILE_NAME, ClaimSource.ONSCREEN}

fleet_of = cache(make_fleet)


@pytest.fixture(scope="module", params=(1, 2))
def fleet(request: pytest.FixtureRequest) -> Fleet:
    """Return a fleet of full size."""
    return fleet_of(request.param)


def shown_minus_real_s(clip: FleetClip, source: ClaimSource = ClaimSource.FILE_NAME) -> float:
    """Return how far a claim lies from the real press."""
    at = next(claim.at for claim in clip.claims if claim.source is source)
    assert at is not None
    return (at - clip.press_at).total_seconds()


def test_paths_say_what_the_reader_reads(fleet: Fleet) -> None:
    """Path, modification time and arrival give the very claims that the fleet states, and the device and counter."""
    profiles = default_profiles()
    for clip in Random(0).sample(fleet.clips, k=600):
        read: list[TimeClaim] = []
        for mtime, arrival in zip(clip.mtimes, clip.arrivals, strict=True):
            read += claims_of_path(clip.source_path, mtime, arrival, profiles).times
        assert list(dict.fromkeys(read)) == [claim for claim in clip.claims if claim.source in FROM_PATH]
        stated = {one.kind: one.value for one in claims_of_path(clip.source_path, mtime, arrival, profiles).identities}
        assert stated[IdentityKind.DEVICE] == clip.device_id
        counter = stated.get(IdentityKind.SEQUENCE)
        assert (None if counter is None else int(counter)) == clip.sequence


def test_headers_say_what_the_reader_reads(fleet: Fleet) -> None:
    """A header's text gives the very claim that the fleet states, blank ones included."""
    stated = {claim for clip in fleet.clips for claim in clip.claims if claim.source is ClaimSource.CONTAINER}
    assert any(claim.at is None for claim in stated)
    for claim in stated:
        if claim.detail == "format:creation_time":
            inspection = Inspection("mov", 1.0, {"creation_time": claim.raw}, ())
            assert time_claims(inspection, claim.tool) == (claim,)


def test_photo_tags_say_what_the_reader_reads(fleet: Fleet) -> None:
    """The text of a photo's tag is the moment that the fleet states."""
    stated = [claim for clip in fleet.clips for claim in clip.claims if claim.source is ClaimSource.EXIF]
    assert stated
    assert all(read_moment(claim.raw, BEIJING) == claim.at for claim in stated)


def test_a_sound_clock_is_right(fleet: Fleet) -> None:
    """Without a fault, at a dock that sets clocks, names and overlays are off by drift and buffer alone."""
    for clip in fleet.clips:
        if clip.fault is None and fleet.station_of[clip.device_id].sets:
            buffer_s = (clip.press_at - clip.true_start).total_seconds()
            assert 0 <= buffer_s <= 60.001
            for claim in (claim for claim in clip.claims if claim.source in CAMERAS_CLOCK and claim.at):
                off_s = (claim.at - clip.true_start).total_seconds() if claim.at else 0.0
                assert -40 < off_s < 40 + buffer_s


def test_renamed_files_keep_what_is_inside(fleet: Fleet) -> None:
    """A renamed file's name is off by minutes to days, while its other statements stay with the camera's clock."""
    clips = {clip.digest: clip for clip in fleet.clips}
    assert fleet.renames
    for rename in fleet.renames:
        clip = clips[rename.digest]
        assert clip.fault is Fault.RENAMED
        assert abs(shown_minus_real_s(clip) - rename.off_s) < 250
        if any(claim.source is ClaimSource.ONSCREEN for claim in clip.claims):
            assert abs(shown_minus_real_s(clip, ClaimSource.ONSCREEN)) < 250


def test_satellites_are_right_or_stale(fleet: Fleet) -> None:
    """Tracks start within a second of the first frame; one fix in ten is half a minute to three hours old."""
    fixes = []
    for clip in fleet.clips:
        for claim in clip.claims:
            if claim.source is ClaimSource.GPS_TRACK:
                assert claim.at is not None
                assert abs((claim.at - clip.true_start).total_seconds()) <= 1.001
            if claim.source is ClaimSource.GPS and claim.at:
                fixes.append((clip.press_at - claim.at).total_seconds())
    assert max(fixes) <= 3 * 3600 + 1
    assert 0.03 < sum(age_s > 29 for age_s in fixes) / len(fixes) < 0.25


def test_a_second_arrival_states_itself(fleet: Fleet) -> None:
    """A file that came twice carries the arrival claims of both times."""
    for clip in fleet.clips:
        if len(clip.arrivals) == 2:
            both = [c for pair in zip(clip.mtimes, clip.arrivals, strict=True) for c in intake_claims(*pair)]
            assert set(both) <= set(clip.claims)
