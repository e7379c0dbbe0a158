"""What the register hands to people of the common sound of two clips, as seen from one of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from evidence.ids import DeviceId, Digest
from evidence.notes import Note
from evidence.sound import FAILED, SoundOffset
from evidence.sound_check import SoundCheck
from evidence.zones import to_utc_iso


@dataclass(frozen=True)
class SoundMatchView:
    """What comparing a clip with another one gave.

    Attributes:
        other: the other clip; device_id, station and source_path: of it.
        offset: its beginning after this one's; None where ``refused`` says why there is none.
        refused_in: "this" or "other" when the reason lies in one of them, else empty.
    """

    other: Digest
    device_id: DeviceId | None
    station: str
    source_path: str
    offset: SoundOffset | None
    check: SoundCheck | None
    tool: str
    refused: Note | None
    refused_in: str
    compared_at: datetime

    @property
    def failed(self) -> bool:
        """Whether the comparison gave up, and may be tried again."""
        return self.refused is not None and self.refused.code == FAILED


def turned(offset: SoundOffset) -> SoundOffset:
    """Return the same offset as seen from the other clip."""
    return replace(offset, offset_s=0.0 - offset.offset_s, drift_ppm=0.0 - offset.drift_ppm)


def sound_match_json(match: SoundMatchView, words: Callable[[Note], str]) -> dict[str, object]:
    """Return the documented JSON of a comparison."""
    offset, check = match.offset, match.check
    return {
        "sha256": match.other,
        "device_id": match.device_id,
        "source_path": match.source_path,
        "offset_s": offset.offset_s if offset else None,
        "error_s": offset.error_s if offset else None,
        "score": offset.score if offset else None,
        "windows": offset.windows if offset else None,
        "drift_ppm": offset.drift_ppm if offset else None,
        "tool": match.tool,
        "clocks": check.stand.value if check else None,
        "beyond_s": round(check.beyond_s, 3) if check else None,
        "refused": words(match.refused) if match.refused else None,
        "compared_at": to_utc_iso(match.compared_at),
    }
