"""The Chinese font that papers are set in, embedded so that they look the same on every machine."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont, TTLibError  # type: ignore[import-untyped]  # ships no types

from evidence.errors import ToolMissingError

FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
    "/opt/homebrew/share/fonts",
)
REGULAR = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "SourceHanSansSC-Regular.otf",
)
BOLD = ("NotoSansCJK-Bold.ttc", "NotoSansCJKsc-Bold.otf", "NotoSansSC-Bold.otf", "SourceHanSansSC-Bold.otf")
MONO = ("DejaVuSansMono.ttf",)
OTHER_SCRIPTS = ("DejaVuSans.ttf",)
"""For letters the Chinese font does not have, such as those of Uyghur names."""

SIMPLIFIED = ("CJK SC", "Sans SC")
"""How the face with the mainland's shapes is called; the others of a collection draw the same characters otherwise."""


@dataclass(frozen=True)
class Face:
    """A font file, and which face of it when it is a collection."""

    path: Path
    number: int = 0


@dataclass(frozen=True)
class Fonts:
    """What papers are set in.

    Attributes:
        mono: for digests and keys: its l, I, 1, O and 0 cannot be mistaken for each other.
        other: for letters that ``regular`` lacks; None where there is no such font.
    """

    regular: Face
    bold: Face
    mono: Face
    other: Face | None


@lru_cache(maxsize=1)
def find_fonts() -> Fonts:
    """Find the fonts of this machine.

    Raises:
        ToolMissingError: there is no Chinese font.
    """
    regular = _first(REGULAR)
    if regular is None:
        raise ToolMissingError(
            "no Chinese font is on this machine, so no paper for court can be set",
            subject="Noto Sans CJK",
            cure="install it once: apt-get install fonts-noto-cjk (or put NotoSansCJK-Regular.ttc into ~/.fonts)",
        )
    mono = _first(MONO) or (_face(regular.path, mono=True) if regular.path.suffix == ".ttc" else None)
    return Fonts(regular, _first(BOLD) or regular, mono or regular, _first(OTHER_SCRIPTS))


def _first(names: tuple[str, ...]) -> Face | None:
    wanted = {name: rank for rank, name in enumerate(names)}
    found = sorted((wanted[path.name], str(path)) for path in _files() if path.name in wanted)
    return _face(Path(found[0][1]), mono=False) if found else None


def _files() -> Iterator[Path]:
    """Yield the files of the system's font folders; a folder that may not be read has none."""
    for folder in FOLDERS:
        for below, _, names in os.walk(Path(folder).expanduser()):
            yield from (Path(below, name) for name in names)


def _face(path: Path, *, mono: bool) -> Face | None:
    """Return the mainland face of a font file; None when it is no font, or has no such face."""
    try:
        if path.suffix.lower() != ".ttc":
            TTFont(path, lazy=True).close()
            return Face(path)
        with TTCollection(path, lazy=True) as collection:
            names = [str(font["name"].getDebugName(4)) for font in collection.fonts]
    except (TTLibError, OSError):
        return None
    fitting = [
        number for number, name in enumerate(names) if ("Mono" in name) is mono and any(s in name for s in SIMPLIFIED)
    ]
    return Face(path, fitting[0]) if fitting else None
