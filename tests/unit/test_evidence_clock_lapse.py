"""Files that play faster than they were made: their neighbours tell."""

from datetime import UTC, datetime, timedelta

import pytest

from evidence import clock
from evidence.claims import Anchor, ClaimSource, TimeClaim, ZoneBasis
from evidence.clips import Kind
from evidence.clock import ClockVerdict
from evidence.ids import Digest

BEGIN = datetime(2026, 3, 2, 2, tzinfo=UTC)
MINUTE_S = 60.0


def file_at(number: int, after_s: float) -> clock.Recording:
    """Return a file of one minute with its counter, so long after the beginning."""
    at = BEGIN + timedelta(seconds=after_s)
    name = TimeClaim(ClaimSource.FILE_NAME, str(at), at, ZoneBasis.LOCAL, Anchor.START)
    received_at = BEGIN + timedelta(hours=10)
    stated = clock.state([name], kind=Kind.VIDEO, duration_s=MINUTE_S, received_at=received_at)
    return clock.Recording(Digest(str(number)), stated, received_at, number)


def verdicts(starts_s: list[float]) -> list[ClockVerdict]:
    """Judge files of one camera that begin then."""
    files = [file_at(number, at) for number, at in enumerate(starts_s, 1)]
    judged = clock.judge_camera(files, ()).judgements
    return [judged[file.digest].verdict for file in files]


def test_a_time_lapse_is_noticed() -> None:
    """Each file begins ten times its length after the one before: all that have a follower are doubted."""
    found = verdicts([600.0 * number for number in range(9)])
    assert found == [ClockVerdict.DISPUTED] * 8 + [ClockVerdict.TRUSTED]


@pytest.mark.parametrize(
    "starts_s",
    [
        [60.0 * number for number in range(6)],
        [0.0, 600.0, 1500.0, 2100.0, 3300.0, 3900.0],
        [600.0 * number for number in range(5)],
    ],
)
def test_segments_and_chance_are_no_time_lapse(starts_s: list[float]) -> None:
    """Segments that join, recordings apart by chance, and a few equal distances are as they say."""
    assert set(verdicts(starts_s)) == {ClockVerdict.TRUSTED}
