"""Where tiles and bundles lie, what they hold, and the growing edge of the tree they make.

Source: docs/ledger-format.md, section "Where it lies"; RFC 9162, section 2.1.1.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from storage.pack_verify import leaf_hash, node_hash

WIDTH = 256
HASH_BYTES = 32
ENTRIES = -1
"""In place of a level: the bundles, which lie beside the tiles of level 0."""

_PATH = re.compile(r"ledger/tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True)
class Place:
    """A tile's place in the tree. ``level``: `ENTRIES` for a bundle; ``width``: hashes or entries in it, 1–256."""

    level: int
    index: int
    width: int

    @property
    def path(self) -> str:
        """Its path below the vault."""
        named = f"{self.index % 1000:03}"
        rest = self.index // 1000
        while rest:
            named, rest = f"x{rest % 1000:03}/{named}", rest // 1000
        part = "" if self.width == WIDTH else f".p/{self.width}"
        return f"ledger/tile/{'entries' if self.level == ENTRIES else self.level}/{named}{part}"


def place_of(path: str) -> Place | None:
    """Return the place that a path names, None when it is the path of no tile or bundle."""
    found = _PATH.fullmatch(path)
    if not found:
        return None
    level = ENTRIES if found[1] == "entries" else int(found[1])
    place = Place(level, int(re.sub(r"[x/]", "", found[2])), int(found[3] or WIDTH))
    return place if place.path == path else None


def hashes_in(body: bytes) -> list[bytes]:
    """Return the hashes of a tile; a rest that is no whole hash counts as one, so that it agrees with nothing."""
    return [body[at : at + HASH_BYTES] for at in range(0, len(body), HASH_BYTES)]


def entries_in(body: bytes) -> list[bytes] | None:
    """Return the entries of a bundle, None when it ends inside one."""
    entries, at, end = [], 0, len(body)
    while at < end:
        start = at + 2
        at = start + int.from_bytes(body[at:start], "big")
        if start > end or at > end:
            return None
        entries.append(body[start:at])
    return entries


def leaves_of(entries: Iterable[bytes]) -> list[bytes]:
    """Return the hashes of entries."""
    return [leaf_hash(entry) for entry in entries]


def root_over(hashes: Sequence[bytes]) -> bytes:
    """Return the root over a power of two of nodes, at least one."""
    row = hashes
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def _peaks(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the roots of the perfect subtrees that nodes make up, largest first."""
    found, start = [], 0
    for bit in reversed(range(len(hashes).bit_length())):
        if len(hashes) >> bit & 1:
            found.append(root_over(hashes[start : start + (1 << bit)]))
            start += 1 << bit
    return found


class Edge:
    """The tree as far as it has grown: of each level the hashes of its last tile, and how many tiles are full.

    Args:
        filled: told level, index and hashes of each tile above level 0 when it has become full; what it returns
            replaces the hashes, so that a tile whose lower part is lost can stand in for it.
    """

    def __init__(self, filled: Callable[[int, int, list[bytes]], list[bytes]] = lambda _l, _i, hashes: hashes) -> None:
        self.size = 0
        self.levels: list[list[bytes]] = []
        self._filled = filled

    def listen(self, filled: Callable[[int, int, list[bytes]], list[bytes]]) -> None:
        """Tell another of full tiles from now on."""
        self._filled = filled

    def add(self, leaves: list[bytes]) -> None:
        """Add the leaves of the next bundle: 256, or fewer for the last."""
        self.size += len(leaves)
        if len(leaves) == WIDTH:
            self.add_node(1, (self.size // WIDTH) - 1, root_over(leaves))
        self._level(0)[:] = [] if len(leaves) == WIDTH else leaves

    def add_node(self, level: int, index: int, node: bytes) -> None:
        """Add the node of this index to a level, and what becomes whole through it above."""
        tile = self._level(level)
        tile.append(node)
        if len(tile) == WIDTH:
            whole = self._filled(level, index // WIDTH, list(tile))
            tile.clear()
            self.add_node(level + 1, index // WIDTH, root_over(whole))

    def skip(self, node: bytes) -> None:
        """Add a full bundle of which nothing is left but the node above it."""
        self.size += WIDTH
        self.add_node(1, self.size // WIDTH - 1, node)

    def root(self, last: Sequence[bytes] | None = None) -> bytes:
        """Return the root of at least one leaf; with ``last`` in place of the leaves after the last full tile."""
        bottom = self._level(0) if last is None else last
        parts = [peak for tile in reversed(self.levels[1:]) for peak in _peaks(tile)] + _peaks(bottom)
        found = parts[-1]
        for left in reversed(parts[:-1]):
            found = node_hash(left, found)
        return found

    def _level(self, level: int) -> list[bytes]:
        while len(self.levels) <= level:
            self.levels.append([])
        return self.levels[level]
