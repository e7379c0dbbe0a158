"""Whether two clocks agree with their common sound, and what is said of it."""

from datetime import UTC, datetime, timedelta

import pytest

from evidence.clock import ClockVerdict
from evidence.ids import DeviceId, Digest
from evidence.sound import SoundOffset
from evidence.sound_check import HeardPair, JudgedStart, SoundStand, check_sound, sound_remarks
from evidence.sound_views import turned

T = datetime(2026, 3, 2, 2, tzinfo=UTC)
HEARD = SoundOffset(10.0, 0.1, 3.0, 5, "ffmpeg", 2.0)


def start(
    after_s: float, uncertainty_s: float | None = 1.0, verdict: ClockVerdict = ClockVerdict.TRUSTED
) -> JudgedStart:
    """Return a judged start so many seconds after `T`."""
    return JudgedStart(T + timedelta(seconds=after_s), uncertainty_s, verdict)


@pytest.mark.parametrize(
    ("after_s", "stand", "beyond_s"),
    [
        (10.0, SoundStand.AGREES, 0.0),
        (12.1, SoundStand.AGREES, 0.0),
        (7.9, SoundStand.AGREES, 0.0),
        (12.15, SoundStand.AGREES, 0.0),
        (17.0, SoundStand.DISAGREES, 4.9),
        (3.0, SoundStand.DISAGREES, 4.9),
    ],
)
def test_clocks_agree_within_what_they_and_the_sound_may_be_off(
    after_s: float, stand: SoundStand, beyond_s: float
) -> None:
    """What uncertainties and error explain is no disagreement; what goes beyond is told in seconds."""
    check = check_sound(start(0), start(after_s), HEARD)
    assert check.stand is stand
    assert check.apart_s == pytest.approx(after_s - 10)
    assert check.beyond_s == pytest.approx(beyond_s)


def test_the_other_way_round_is_the_same() -> None:
    """Seen from the other clip the offset is turned, and the clocks stand as they stood."""
    one, other = check_sound(start(0), start(17), HEARD), check_sound(start(17), start(0), turned(HEARD))
    assert (one.stand, one.beyond_s) == (other.stand, other.beyond_s)
    assert turned(turned(HEARD)) == HEARD
    assert str(turned(SoundOffset(0.0, 0.1, 3.0, 5, "ffmpeg")).offset_s) == "0.0"


@pytest.mark.parametrize(
    "doubtful",
    [
        start(500, verdict=ClockVerdict.DISPUTED),
        start(500, verdict=ClockVerdict.UNKNOWN),
        start(500, uncertainty_s=None),
        JudgedStart(None, None, ClockVerdict.UNKNOWN),
    ],
)
def test_a_clock_that_is_not_believed_cannot_disagree(doubtful: JudgedStart) -> None:
    """Sound says something against a time only where one is believed."""
    assert check_sound(start(0), doubtful, HEARD).stand is SoundStand.OPEN


def test_only_disagreement_is_remarked_in_order_and_once() -> None:
    """Remarks name both cameras and the seconds, in order of digests, two alike as one."""
    apart, together = check_sound(start(0), start(17), HEARD), check_sound(start(0), start(10), HEARD)
    cam = DeviceId("CAM-1"), DeviceId("CAM-2")
    pairs = [
        HeardPair(Digest("b" * 64), Digest("d" * 64), None, cam[1], apart),
        HeardPair(Digest("a" * 64), Digest("c" * 64), *cam, apart),
        HeardPair(Digest("a" * 64), Digest("b" * 64), *cam, together),
        HeardPair(Digest("a" * 64), Digest("e" * 64), *cam, apart),
    ]
    said = sound_remarks(pairs)
    assert [one.code for one in said] == ["finding.step.sound_disagrees"] * 2
    assert [one.params["one"] for one in said] == ["CAM-1", "b" * 12]
    assert said[0].params["beyond_s"] == pytest.approx(4.9)
    assert sound_remarks(pairs[::-1]) == said
