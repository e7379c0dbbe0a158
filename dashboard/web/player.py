"""What the clip page needs to play a clip: which file, which stills, which stretches to mark."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from evidence.clips import Derivative, Kind, Playable, QualityKind, Role
from evidence.ids import Digest
from evidence.views import ClipView
from evidence.zones import to_utc_iso


@dataclass(frozen=True)
class Mark:
    """A stretch of poor quality on the scrub bar; ``x`` and ``width`` in percent of the clip's length."""

    kind: QualityKind
    start_s: float
    end_s: float
    x: float
    width: float


@dataclass(frozen=True)
class Player:
    """How a clip is played.

    Attributes:
        element: ``video``, ``audio``, ``img``, or empty when nothing of it can be shown.
        source: address of what is played; proxy: it is a playing copy and not the original.
        starts_at: judged start of the recording in UTC ISO 8601, empty when unknown.
        duration_s: length of what decodes, 0 when unknown; frame_s: length of a frame by the measured rate.
    """

    element: str
    source: str
    proxy: bool
    poster: str
    sprite: str
    cues: str
    waveform: str
    duration_s: float
    frame_s: float
    starts_at: str
    marks: Sequence[Mark]


ELEMENTS = {Kind.VIDEO: "video", Kind.AUDIO: "audio", Kind.PHOTO: "img"}
USUAL_FRAME_S = 0.04


def player_of(clip: ClipView) -> Player:
    """Decide how a clip is played: the original where a browser can, else its proxy, else not at all."""
    source = _source(clip)
    length = clip.decoded_duration_s or clip.duration_s or 0.0
    return Player(
        element=ELEMENTS.get(clip.kind, "") if source else "",
        source=source,
        proxy=clip.playable is Playable.PROXY,
        poster=still_of(clip),
        sprite=derivative_url(clip, Role.SPRITE),
        cues=derivative_url(clip, Role.CUES),
        waveform=derivative_url(clip, Role.WAVEFORM),
        duration_s=length,
        frame_s=_frame_s(clip),
        starts_at=to_utc_iso(clip.clock.span.start) if clip.clock.span else "",
        marks=marks_of(clip, length),
    )


def still_of(clip: ClipView) -> str:
    """Return the address of a still for lists, empty when there is none."""
    return derivative_url(clip, Role.POSTER)


def derivative_url(clip: ClipView, role: Role) -> str:
    """Return the address of a derivative, empty when the clip has none in that role or is confidential."""
    made: Derivative | None = None if clip.is_hidden else clip.derivatives.get(role)
    return f"/media/{clip.digest}/{role.value}/{made.digest}" if made else ""


def original_url(digest: Digest) -> str:
    """Return the address of an original."""
    return f"/media/{digest}/original"


def marks_of(clip: ClipView, length_s: float) -> Sequence[Mark]:
    """Return the black, frozen and silent stretches as places on a bar of the clip's length."""
    if length_s <= 0:
        return ()
    return [
        Mark(
            kind=span.kind,
            start_s=span.start_s,
            end_s=span.end_s,
            x=round(100 * span.start_s / length_s, 3),
            width=round(max(0.3, 100 * (min(span.end_s, length_s) - span.start_s) / length_s), 3),
        )
        for span in clip.quality
        if span.start_s < length_s
    ]


def _source(clip: ClipView) -> str:
    if clip.is_hidden:
        return ""
    if clip.playable is Playable.ORIGINAL:
        return original_url(clip.digest)
    return derivative_url(clip, Role.PROXY) if clip.playable is Playable.PROXY else ""


def _frame_s(clip: ClipView) -> float:
    rate = clip.measurement.video.rate if clip.measurement and clip.measurement.video else ""
    try:
        return round(float(1 / Fraction(rate)), 6)
    except (ValueError, ZeroDivisionError):
        return USUAL_FRAME_S
