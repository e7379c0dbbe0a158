"""Watched roots, and which docking station a file below one belongs to."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from evidence.documents import DOCUMENT_STATION
from evidence.ids import StationId
from ingest.names import is_machine_folder
from ingest.pickups import to_native, to_text


class WatchMode(StrEnum):
    """How changes below a root are noticed; the periodic rescan comes on top of either."""

    AUTO = "auto"  # polling where the file system is known to send no events, else native
    NATIVE = "native"
    POLLING = "polling"


@dataclass(frozen=True)
class Root:
    """A watched folder.

    Attributes:
        path: need not exist yet, and may go away and come back.
        station: the station all files below belong to; None: each folder directly below is a station of its own.
    """

    path: Path
    station: StationId | None = None
    mode: WatchMode = WatchMode.AUTO


@dataclass(frozen=True, order=True)
class Place:
    """A file at a dock.

    Attributes:
        native: absolute path, as the file system spells it; base: of the watched root.
        root: folder of the station, as valid text; source_path: below it, as valid text.
    """

    native: str
    base: str
    station: StationId
    root: str
    source_path: str


TAKEN = f"{DOCUMENT_STATION} (dock)"
"""How a dock is called whose folder has the name that is kept for text records: its footage must not become one."""


def place_of(root: Root, native: str) -> Place:
    """Return the place of a file below ``root``.

    A file directly in a root of stations belongs to no station folder: it is filed under the root's own name, so that
    it is not lost.

    Raises:
        ValueError: the file does not lie below the root.
    """
    base = str(root.path).rstrip("/")
    below = native.removeprefix(f"{base}/")
    if below == native or not below:
        raise ValueError(f"{native!r} does not lie below {base!r}")
    if root.station is not None:
        return Place(native, base, _dock(root.station), to_text(base or "/"), to_text(below))
    head, slash, rest = below.partition("/")
    if not slash:
        return Place(native, base, _dock(to_text(root.path.name) or "root"), to_text(base or "/"), to_text(below))
    return Place(native, base, _dock(to_text(head)), to_text(f"{base}/{head}"), to_text(rest))


def native_of(root: Root, station: StationId, source_path: str) -> str | None:
    """Return where `place_of` found the file of this station and path, or None when it is none of this root's."""
    base, below = str(root.path).rstrip("/"), to_native(source_path)
    if root.station is not None:
        return f"{base}/{below}" if _dock(root.station) == station else None
    station = DOCUMENT_STATION if station == TAKEN else station
    in_station = f"{base}/{to_native(station)}/{below}"
    loose = f"{base}/{below}"
    return loose if station == to_text(root.path.name) and os.path.lexists(loose) else in_station


def list_stations(roots: Iterable[Root]) -> tuple[StationId, ...]:
    """Return the stations that have a folder now, in order of name; roots that are away count by their set name."""
    found: set[StationId] = set()
    for root in roots:
        found |= {_dock(root.station)} if root.station is not None else _folders_of(root.path)
    return tuple(sorted(found))


def _folders_of(path: Path) -> set[StationId]:
    try:
        with os.scandir(path) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:  # away or unreadable: the watcher reports that, a list of stations has none to show
        return set()
    return {_dock(to_text(name)) for name in names if not name.startswith(".") and not is_machine_folder(name)}


def _dock(name: str) -> StationId:
    return StationId(TAKEN if name == DOCUMENT_STATION else name)
