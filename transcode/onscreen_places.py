"""Where the overlay's lines stand: places at which text was found in most frames, and how they are cut out to be read.

What moves with the scene is found at another place in each frame; an overlay keeps its place.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from transcode.onscreen_ocr import Box
from transcode.pictures import Frame

MOST_PLACES = 8
_LEAST_HEIGHT_PX = 8
_LEAST_ASPECT = 2.0
_READ_HEIGHT_PX = 48
_CLIP_LIMIT = 2.0


def steady_places(found: Sequence[Sequence[Box]], shape: tuple[int, int]) -> tuple[Box, ...]:
    """Return the places where at least half of the frames have text, neighbours on a line made one.

    Args:
        found: the boxes of each frame.
        shape: height and width of the frames, in pixels.
    """
    votes = np.zeros(shape, np.uint8)
    for boxes in found:
        votes += _mask(boxes, shape)
    steady = np.asarray(votes * 2 >= len(found), np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(steady)
    boxes = [(int(x), int(y), int(w), int(h)) for x, y, w, h, _ in stats[1:count]]
    lines = _joined(sorted(box for box in boxes if box[3] >= _LEAST_HEIGHT_PX))
    long = [box for box in lines if box[2] >= _LEAST_ASPECT * box[3]]
    return tuple(sorted(sorted(long, key=lambda box: -box[2])[:MOST_PLACES], key=lambda box: (box[1], box[0])))


def cut_out(picture: Frame, place: Box) -> Frame:
    """Return a line with a margin around it."""
    x, y, width, height = place
    beside, above = max(4, height // 2), max(2, height // 8)
    top, left = max(0, y - above), max(0, x - beside)
    return picture[top : y + height + above, left : x + width + beside]


def second_look(crop: Frame) -> Frame:
    """Return the line in grey, its contrast spread and at another scale: what was misread in one rarely is in both."""
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    spread = cv2.createCLAHE(_CLIP_LIMIT, (1, 4)).apply(grey)
    scale = _READ_HEIGHT_PX * 1.25 / crop.shape[0]
    padded = cv2.copyMakeBorder(spread, 2, 2, 6, 6, cv2.BORDER_REPLICATE)
    larger = cv2.resize(padded, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.cvtColor(larger, cv2.COLOR_GRAY2BGR), np.uint8)


def _mask(boxes: Sequence[Box], shape: tuple[int, int]) -> Frame:
    mask = np.zeros(shape, np.uint8)
    for x, y, width, height in boxes:
        mask[y : y + height, x : x + width] = 1
    return mask


def _joined(boxes: Sequence[Box]) -> list[Box]:
    """Return the boxes, those side by side on one line made one; ``boxes`` from left to right."""
    lines: list[Box] = []
    for box in boxes:
        at = next((at for at, line in enumerate(lines) if _side_by_side(line, box)), None)
        if at is None:
            lines.append(box)
        else:
            lines[at] = _around(lines[at], box)
    return lines


def _side_by_side(left: Box, right: Box) -> bool:
    overlap = min(left[1] + left[3], right[1] + right[3]) - max(left[1], right[1])
    lower, higher = sorted((left[3], right[3]))
    gap = right[0] - (left[0] + left[2])
    return overlap >= lower // 2 and higher <= 2 * lower and gap <= 2 * higher


def _around(one: Box, two: Box) -> Box:
    left, top = min(one[0], two[0]), min(one[1], two[1])
    right, foot = max(one[0] + one[2], two[0] + two[2]), max(one[1] + one[3], two[1] + two[3])
    return left, top, right - left, foot - top
