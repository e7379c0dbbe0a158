"""Tiles and bundles beyond the checkpoint: a sealing lays them down before it signs, and may have been cut off.

They are in order when they hold what the register's unsealed entries give behind the sealed ones; anything else is not.
"""

from collections.abc import Callable, Iterator, Sequence

from storage.verify_tile_files import TileFiles
from storage.verify_tiles import ENTRIES, WIDTH, Edge, Place, leaves_of, place_of


def ahead(files: TileFiles, edge: Edge, paths: Sequence[str], unsealed: Callable[[int], Iterator[bytes]]) -> list[str]:
    """Return which of the paths hold anything but what comes next.

    Args:
        files: of the vault.
        edge: of the sealed tree, as the walk has left it; it grows here.
        paths: of what the sealed tree does not require.
        unsealed: the register's entries from a number on.
    """
    places = {path: place_of(path) for path in paths}
    watch = _Watch(files, {place for place in places.values() if place})
    edge.listen(watch.filled)
    pending = list(edge.levels[0]) if edge.levels else []
    start = edge.size - len(pending)
    first, edge.size = start // WIDTH, start
    for entry in unsealed(start + len(pending)) if watch.wanted else ():
        pending += leaves_of([entry])
        if len(pending) == WIDTH:
            watch.see(ENTRIES, first, pending)
            watch.see(0, first, pending)
            edge.add(pending)
            pending, first = [], first + 1
    watch.see(ENTRIES, first, pending)
    watch.see(0, first, pending)
    for level, tile in enumerate(edge.levels[1:], 1):
        watch.see(level, edge.size // WIDTH**level // WIDTH, tile)
    wrong = [path for path, place in places.items() if place is None or place not in watch.right]
    return [path for path in wrong if not files.is_gone(path)]


class _Watch:
    """Compares what grows with what lies there."""

    def __init__(self, files: TileFiles, wanted: set[Place]) -> None:
        self.wanted = wanted
        self.right: set[Place] = set()
        self._files = files

    def see(self, level: int, index: int, hashes: Sequence[bytes]) -> None:
        """Compare files of a place with its hashes, as many as there are by now."""
        for place in [one for one in self.wanted if (one.level, one.index) == (level, index)]:
            if place.width <= len(hashes) and self._files.holds(place, hashes[: place.width]):
                self.right.add(place)

    def filled(self, level: int, index: int, hashes: list[bytes]) -> list[bytes]:
        """Compare a tile that has become full."""
        self.see(level, index, hashes)
        return hashes
