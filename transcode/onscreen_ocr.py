"""The text recogniser: rapidocr-onnxruntime with the models of its own wheel, loaded when first asked for.

An optional extra: `version` says whether it is there. It works on this machine's processor alone, on one thread
(more would wait for each other at full load), one call at a time, and asks nothing of any network.
"""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata, util
from typing import Any

import cv2
import numpy as np

from transcode.pictures import Frame

NAME = "rapidocr-onnxruntime"
_MODULES = ("rapidocr_onnxruntime", "onnxruntime", "pyclipper", "shapely")
_THREADS = 1
_LOOK_WIDTH_PX = 1280
_GAP_OF_WORDS = 1.7

Box = tuple[int, int, int, int]
"""x, y, width and height in pixels."""


@dataclass(frozen=True)
class Line:
    """A line of text as it was read.

    Attributes:
        scores: how sure each character of ``text`` is, 0 to 1.
        places: where the middle of each character stands, 0 at the left end of the picture and 1 at the right.
    """

    text: str
    scores: tuple[float, ...]
    places: tuple[float, ...] = ()

    def score(self, begin: int = 0, end: int | None = None) -> float:
        """Return the score of the least sure letter or digit of a stretch; 0 when there is none."""
        part = zip(self.text[begin:end], self.scores[begin:end], strict=True)
        return min((score for char, score in part if char.isalnum()), default=0.0)


def version() -> str:
    """Return name and version of the recogniser, without loading it; empty when it is not installed whole."""
    if any(util.find_spec(module) is None for module in _MODULES):
        return ""
    return f"{NAME} {metadata.version(NAME)}"


class Recogniser:
    """Finds and reads lines of text; thread-safe, loaded at its first use (about a quarter of a second)."""

    def __init__(self) -> None:
        self._turn = threading.Lock()

    def find(self, picture: Frame) -> tuple[Box, ...]:
        """Return where text stands, in any order."""
        share = min(1.0, _LOOK_WIDTH_PX / picture.shape[1]) if picture.shape[1] > _LOOK_WIDTH_PX else 1.0
        small = cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA) if share < 1 else picture
        with self._turn:
            corners, _ = self._engine.text_det(small)
        return tuple(_box(np.asarray(each) / share) for each in (() if corners is None else corners))

    def read(self, crops: Sequence[Frame]) -> tuple[Line, ...]:
        """Return the text of each picture of one line."""
        if not crops:
            return ()
        with self._turn:
            read, _ = self._engine.text_rec(list(crops), return_word_box=True)
        return tuple(_line(text, details) for text, _, details in read)

    @cached_property
    def _engine(self) -> Any:  # noqa: ANN401 – the library ships no types
        import onnxruntime  # noqa: PLC0415 – an extra that costs memory: loaded only where it is used
        from rapidocr_onnxruntime import RapidOCR  # noqa: PLC0415 – as above

        onnxruntime.disable_telemetry_events()
        logging.getLogger("OrtInferSession").setLevel(logging.CRITICAL)
        return RapidOCR(intra_op_num_threads=_THREADS, inter_op_num_threads=1, det_limit_type="max", use_cls=False)


def _box(corners: np.ndarray[Any, np.dtype[Any]]) -> Box:
    (left, top), (right, foot) = corners.min(axis=0), corners.max(axis=0)
    return int(left), int(top), int(right - left) + 1, int(foot - top) + 1


def _line(text: str, details: Sequence[Any]) -> Line:
    """Return the line with the blanks that the recogniser saw as gaps and did not write."""
    length, _, columns, _, scores = details
    steps = [step for word in columns for step in word]
    if not text or len(steps) != len(text) or len(scores) != len(text):
        return Line("", ())
    usual = float(np.median(np.diff(steps))) if len(steps) > 1 else 0.0
    chars: list[tuple[str, float, float]] = []
    for at, (char, score) in enumerate(zip(text, scores, strict=True)):
        wide = at and steps[at] - steps[at - 1] > _GAP_OF_WORDS * usual
        place = (steps[at] + 0.5) / length
        if wide and char.isascii() and text[at - 1].isascii() and " " not in {char, text[at - 1]}:
            chars.append((" ", score, place))
        chars.append((char, score, place))
    written, sure, places = zip(*chars, strict=True)
    return Line("".join(written), sure, places)
