"""Whether the clocks of two cameras agree with the sound that both recorded.

A witness of relative time alone: it says how two clips lie to each other, never when either was made, and it moves no
clock. A recording that was played twice sounds the same both times (docs/media.md, "Common sound").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evidence.clock import ClockVerdict
from evidence.ids import DeviceId, Digest
from evidence.matching import BELIEVED
from evidence.notes import Note, note
from evidence.sound import SoundOffset

SHOWN_S = 0.1
"""To how many seconds a disagreement is stated."""


class SoundStand(StrEnum):
    """How the clocks of two clips stand to their common sound."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    OPEN = "open"  # one of the clocks is not believed, so there is nothing to disagree with


@dataclass(frozen=True)
class JudgedStart:
    """When a clip began, as it is judged: the instant, how far off it may be in seconds, and whether it is believed."""

    at: datetime | None
    uncertainty_s: float | None
    verdict: ClockVerdict


@dataclass(frozen=True)
class SoundCheck:
    """How two clocks stand to a sound offset.

    Attributes:
        apart_s: by how much the judged offset of the two is greater than that of the sound; None without two starts.
        beyond_s: how much of that neither the clocks' uncertainties nor the sound's error explain; 0 when they do.
    """

    stand: SoundStand
    apart_s: float | None = None
    beyond_s: float = 0.0


@dataclass(frozen=True)
class HeardPair:
    """Two clips of one step with common sound, and how their clocks stand to it, ``a`` the first by digest."""

    a: Digest
    b: Digest
    device_a: DeviceId | None
    device_b: DeviceId | None
    check: SoundCheck


def check_sound(a: JudgedStart, b: JudgedStart, sound: SoundOffset) -> SoundCheck:
    """Hold the judged starts of two clips against their common sound."""
    if a.at is None or b.at is None:
        return SoundCheck(SoundStand.OPEN)
    apart_s = (b.at - a.at).total_seconds() - sound.offset_s
    if a.uncertainty_s is None or b.uncertainty_s is None or not {a.verdict, b.verdict} <= BELIEVED:
        return SoundCheck(SoundStand.OPEN, apart_s)
    beyond_s = max(0.0, abs(apart_s) - a.uncertainty_s - b.uncertainty_s - sound.error_s)
    stand = SoundStand.DISAGREES if beyond_s >= SHOWN_S else SoundStand.AGREES
    return SoundCheck(stand, apart_s, beyond_s if stand is SoundStand.DISAGREES else 0.0)


def sound_remarks(pairs: Sequence[HeardPair]) -> tuple[Note, ...]:
    """Say which clocks of a step differ by more than they can, in order of digests."""
    apart = sorted((one for one in pairs if one.check.stand is SoundStand.DISAGREES), key=lambda one: (one.a, one.b))
    said = (
        note(
            "finding.step.sound_disagrees",
            beyond_s=round(one.check.beyond_s, 1),
            one=one.device_a or one.a[:12],
            other=one.device_b or one.b[:12],
        )
        for one in apart
    )
    return tuple(dict.fromkeys(said))
