"""All that a file's own bytes state of its time, from every reader at hand, each statement once.

Boxes come first: what ffprobe repeats of the same header is dropped, and so is what exiftool repeats of either.
Movie, track and media headers stay apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from evidence.claims import TimeClaim
from evidence.errors import MediaError
from evidence.notes import Note
from transcode.container_times import time_claims
from transcode.exiftool import tag_times
from transcode.ffprobe import Inspection
from transcode.movie_times import BoxTimes, movie_times
from transcode.runner import Runner

_FROM_BOXES = (":creation_time", ":timecode")
"""Endings of what ffprobe takes from the boxes that were read already."""


@dataclass(frozen=True)
class Stated:
    """What the bytes state, and what a person should know of it."""

    times: tuple[TimeClaim, ...] = ()
    notes: tuple[Note, ...] = ()


def stated_times(
    runner: Runner, path: Path, opened: Inspection | None, tool: str, *, length_s: float | None = None
) -> Stated:
    """Return every time the bytes of a file state.

    Args:
        runner: knows where exiftool is.
        path: the file; only read.
        opened: what ffprobe said, None when it did not open the file or was not asked.
        tool: ffprobe and its version.
        length_s: length of the recording in seconds, None when not known.

    Raises:
        MediaError: the file cannot be read from the disk.
    """
    boxes = _boxes(path)
    said = time_claims(opened, tool) if opened else ()
    if boxes.has_movie:
        said = tuple(claim for claim in said if not claim.detail.endswith(_FROM_BOXES))
    tags = tag_times(runner, path, length_s)
    times = without_repeats((boxes.times, said, tags.times))
    return Stated(times, tuple(dict.fromkeys((*boxes.notes, *tags.notes))))


def without_repeats(readers: Iterable[tuple[TimeClaim, ...]]) -> tuple[TimeClaim, ...]:
    """Return the claims of all readers, without what a later one repeats of an earlier one.

    A repeat has the same source, basis and instant; where neither states an instant, the same words.
    """
    kept: list[TimeClaim] = []
    for claims in readers:
        known = {_value(claim) for claim in kept}
        kept += [claim for claim in dict.fromkeys(claims) if _value(claim) not in known]
    return tuple(kept)


def _value(claim: TimeClaim) -> tuple[str, ...]:
    return (claim.source, claim.zone, claim.at.isoformat() if claim.at else f"“{claim.raw}”")


def _boxes(path: Path) -> BoxTimes:
    try:
        return movie_times(path)
    except OSError as error:
        cure = "check the disk, then retry"
        raise MediaError(f"cannot be read: {error.strerror}", subject=path.name, cure=cure) from error
