"""Poster, sprite and cues from the stills one decode left in the scratch folder.

Source: WebVTT (W3C) for the cues; Media Fragments URI 1.0 for ``#xywh``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from transcode import pictures
from transcode.pictures import Frame, Layout

POSTER = "poster.jpg"
SPRITE = "sprite.jpg"
CUES = "cues.vtt"
_TILE_PX = 160
_POSTER_PX = 640
_MOST_TILES = 100
_NAME = re.compile(r"^still-(-?\d+)\.jpg$")
_MS_PER_S = 1000


@dataclass(frozen=True)
class Still:
    """One still: when it is from, in seconds of media time, and where it lies."""

    at_s: float
    path: Path


def stills_in(folder: Path) -> tuple[Still, ...]:
    """Return the stills of a folder in order of time, thinned evenly when there are more than fit a sprite."""
    named = ((_NAME.match(path.name), path) for path in folder.iterdir())
    found = sorted((Still(int(name.group(1)) / _MS_PER_S, path) for name, path in named if name), key=lambda s: s.at_s)
    step = -(-len(found) // _MOST_TILES)
    return tuple(found[:: max(1, step)])


def make_storyboard(folder: Path, end_s: float) -> bool:
    """Write poster, sprite and cues beside the stills; return False when there is no still to make them from."""
    shown = [(still, picture) for still in stills_in(folder) if (picture := _picture(still)) is not None]
    if not shown:
        return False
    frames = [picture for _, picture in shown]
    pictures.write_jpeg(poster_of(frames), folder / POSTER)
    sheet, layout = pictures.mosaic(frames, _TILE_PX)
    pictures.write_jpeg(sheet, folder / SPRITE)
    (folder / CUES).write_text(cues([still.at_s for still, _ in shown], end_s, layout), "utf-8")
    return True


def make_poster(photo: bytes, path: Path) -> bool:
    """Write the poster of a photo; return False when it does not decode."""
    picture = pictures.decode(photo)
    if picture is None:
        return False
    pictures.write_jpeg(pictures.fitted(picture, _POSTER_PX), path)
    return True


def poster_of(frames: Sequence[Frame]) -> Frame:
    """Return the first still that shows something; the first of all when none does."""
    return next((frame for frame in frames if not pictures.is_flat(frame)), frames[0])


def cues(starts_s: Sequence[float], end_s: float, layout: Layout) -> str:
    """Return WebVTT whose cues cover the clip without a gap, each naming its tile of ``sprite.jpg``."""
    edges_s = [0.0, *starts_s[1:], max(end_s, starts_s[-1] + 1 / _MS_PER_S)]
    blocks = [
        f"{_stamp(edges_s[index])} --> {_stamp(edges_s[index + 1])}\n"
        f"{SPRITE}#xywh={','.join(str(pixels) for pixels in layout.place(index))}\n"
        for index in range(len(starts_s))
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _picture(still: Still) -> Frame | None:
    return pictures.decode(still.path.read_bytes())


def _stamp(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * _MS_PER_S), _MS_PER_S)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{milliseconds:03d}"
