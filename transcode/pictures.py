"""Every cv2 call: decode, scale, encode and lay out still pictures. Frames are uint8[H, W, 3], BGR.

Photos are untrusted. What bounds them: a cap on the file's size, OpenCV's own cap on pixels (set before it is loaded,
because it is read then), and that anything it refuses is an answer, not an error.
"""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_PIXELS = 200_000_000
MOST_BYTES = 256 << 20
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MOST_PIXELS))
os.environ.setdefault(
    "OPENCV_LOG_LEVEL", "OFF"
)  # what it says of a damaged picture is ours to say, with the file's name

import cv2  # noqa: E402 – after its limits are set
import numpy as np  # noqa: E402 – kept beside cv2, whose arrays these are
from numpy.typing import NDArray  # noqa: E402 – as above

Frame = NDArray[np.uint8]

LIBRARY = f"OpenCV {cv2.__version__}"
_JPEG_QUALITY = 80
_FLAT_DEVIATION = 6.0


@dataclass(frozen=True)
class Layout:
    """How a sprite is laid out: tiles of one size, row by row."""

    columns: int
    tile_width_px: int
    tile_height_px: int

    def place(self, index: int) -> tuple[int, int, int, int]:
        """Return x, y, width and height of a tile in pixels."""
        row, column = divmod(index, self.columns)
        width, height = self.tile_width_px, self.tile_height_px
        return column * width, row * height, width, height


def read(path: Path) -> bytes | None:
    """Return the bytes of a picture file; None, unread, when it is larger than `MOST_BYTES`.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as source:
        if os.fstat(source.fileno()).st_size > MOST_BYTES:
            return None
        content = source.read(MOST_BYTES + 1)
    return content if len(content) <= MOST_BYTES else None


def reads_avif() -> bool:
    """Whether this OpenCV was built with the AV1 still picture format."""
    return bool(cv2.haveImageWriter(".avif"))  # the one library both reads and writes it


def decode(content: bytes) -> Frame | None:
    """Return the picture, turned as its EXIF orientation says; None when it cannot be decoded."""
    if not content or len(content) > MOST_BYTES:
        return None
    try:
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    return None if picture is None else np.asarray(picture, np.uint8)


def fitted(picture: Frame, box_px: int) -> Frame:
    """Return the picture with its long side at most ``box_px``; never larger than it was."""
    height, width = picture.shape[:2]
    share = min(1.0, box_px / max(height, width))
    size = (max(1, round(width * share)), max(1, round(height * share)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def is_flat(picture: Frame) -> bool:
    """Whether the picture shows nearly nothing: black, or one colour."""
    return float(picture.std()) < _FLAT_DEVIATION


def write_jpeg(picture: Frame, path: Path) -> None:
    """Write a picture as JPEG; the same picture gives the same bytes."""
    done, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:  # pragma: no cover – a uint8 picture always encodes
        raise ValueError("a picture could not be encoded as JPEG")
    path.write_bytes(content.tobytes())


def mosaic(pictures: Sequence[Frame], box_px: int) -> tuple[Frame, Layout]:
    """Lay pictures out in a near-square mosaic of tiles of the first one's shape, long side ``box_px``."""
    height, width = fitted(pictures[0], box_px).shape[:2]
    layout = Layout(math.ceil(math.sqrt(len(pictures))), width, height)
    rows = math.ceil(len(pictures) / layout.columns)
    sheet = np.zeros((rows * height, layout.columns * width, 3), np.uint8)
    for index, picture in enumerate(pictures):
        x, y, _, _ = layout.place(index)
        sheet[y : y + height, x : x + width] = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return sheet, layout
