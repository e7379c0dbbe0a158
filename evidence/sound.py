"""What the sound of two clips says of when one began after the other."""

from dataclasses import dataclass

from evidence.ids import Digest
from evidence.notes import Note


@dataclass(frozen=True)
class SoundOffset:
    """When one clip begins after another, by the sound that both recorded.

    A clip begins with its first picture; one without pictures with its first sound.

    Attributes:
        offset_s: beginning of b minus beginning of a in seconds, negative when b begins first; counted by the clock of
            the clip that begins earlier, whose own rate no comparison tells.
        error_s: how far off that may be. The way of sound through air comes on top: 3 ms per metre.
        score: the least distinct window's match over its second best; 1 would be no better than that.
        windows: how many stretches of sound, none overlapping another, agree.
        tool: what measured it, with version.
        drift_ppm: how much faster a's clock runs than b's, in millionths, as far as the overlap shows it: ``t`` seconds
            after the later clip's beginning, the two are ``t * drift_ppm / 1e6`` further apart.
    """

    offset_s: float
    error_s: float
    score: float
    windows: int
    tool: str
    drift_ppm: float = 0.0


@dataclass(frozen=True)
class NoSoundOffset:
    """Why the sound of two clips says nothing of their offset.

    Attributes:
        reason: ``sound.unreadable``, ``sound.no_track``, ``sound.silent``, ``sound.too_short``,
            ``sound.no_common_sound``, ``sound.ambiguous`` or ``sound.unexpected``.
        clip: "a" or "b" when the reason lies in one of them, else empty.
        tool: what looked, with version.
    """

    reason: Note
    clip: str = ""
    tool: str = ""


FAILED = "sound.failed"
"""Code of the reason that a comparison gave up on: it may be tried again, while every other reason stands."""


@dataclass(frozen=True)
class SoundQuestion:
    """Two clips to compare, ``a`` the one whose digest comes first.

    Attributes:
        expected_s: judged start of b minus judged start of a; within_s: how far off that may be.
        label: how the pair is named while it is worked on: the first sighting of b.
    """

    a: Digest
    b: Digest
    expected_s: float
    within_s: float
    label: str = ""


@dataclass(frozen=True)
class SoundComparison:
    """What the sound of two clips says, ``a`` the one whose digest comes first."""

    a: Digest
    b: Digest
    found: SoundOffset | NoSoundOffset


def in_order(one: Digest, other: Digest) -> tuple[Digest, Digest]:
    """Return a pair in the order in which it is compared and kept."""
    return (one, other) if one < other else (other, one)
