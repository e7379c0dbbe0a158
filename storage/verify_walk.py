"""One walk over the sealed entries: bundle by bundle, up to the root, naming what does not agree on the way.

Three statements meet at each full tile: the entries of its bundle, the hashes in it, and the hash in the tile above.
The one that disagrees with the other two is at fault. Memory: a tile of each level, whatever the size of the ledger.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from storage.verify import Difference, DifferenceKind
from storage.verify_entries import EntryReader, Told
from storage.verify_tile_files import TileFiles
from storage.verify_tiles import ENTRIES, WIDTH, Edge, Place, leaves_of, root_over

Recall = Callable[[int, int], Iterable[tuple[int, bytes]]]
"""Entries from elsewhere (the register) from one number up to another; used only where they fit the tree."""

OnEntry = Callable[[int, bytes, bytes | None], None]
"""Told number, leaf hash and bytes of each sealed entry, in order; no bytes where none are left that fit."""

UNKNOWN = b""
"""In place of a hash of which everything below is lost."""


@dataclass(frozen=True)
class Listeners:
    """Who is told of a walk.

    Attributes:
        recall: where else an entry may be found that the vault has lost.
        on_entry, on_told: told of each entry, and of what each tells.
        report: told how many entries are done.
    """

    recall: Recall = lambda _start, _stop: ()
    on_entry: OnEntry = lambda _number, _leaf, _raw: None
    on_told: Callable[[Told], None] = lambda _told: None
    report: Callable[[int], None] = lambda _done: None


class Walk:
    """Walks the ledger once; afterwards ``root`` and ``roots`` say what its entries give.

    Args:
        files: tiles and bundles of the vault.
        size: how many entries are sealed. signed: the root that was signed over them; None when no signature holds.
        wanted: sizes at which the root is to be kept in ``roots``.
    """

    def __init__(
        self, files: TileFiles, size: int, signed: bytes | None, wanted: Collection[int], listeners: Listeners
    ) -> None:
        self.root: bytes | None = None
        self.roots: dict[int, bytes] = {}
        self.edge = Edge(self._merged)
        self._files = files
        self._size = size
        self._signed = signed
        self._wanted = sorted(wanted)
        self._tell = listeners
        self._reader = EntryReader()
        self._found: list[Difference] = []
        self._is_whole = True

    def differences(self) -> Iterator[Difference]:
        """Walk, and yield what does not agree."""
        for index in range(-(-self._size // WIDTH)):
            width = min(WIDTH, self._size - index * WIDTH)
            self._bundle(index, width)
            self._tell.report(index * WIDTH + width)
            yield from self._drained()
        for level in range(1, len(self.edge.levels)):
            self._close(level)
            yield from self._drained()
        if self._is_whole and self._size:
            self.root = self.edge.root()

    def _drained(self) -> list[Difference]:
        found, self._found = [*self._files.found, *self._found], []
        self._files.found.clear()
        return found

    # --- the lowest level ---------------------------------------------------------------------------------------------

    def _bundle(self, index: int, width: int) -> None:
        entries = self._files.entries(Place(ENTRIES, index, width))
        hashes = self._files.hashes(Place(0, index, width))
        leaves = leaves_of(entries) if entries is not None else None
        believed = self._believed(Place(0, index, width), leaves, hashes)
        if believed is None:
            believed = self._restored(Place(0, index, width))
        if believed is None:
            self._skip(width)
            return
        raws: Sequence[bytes | None] | None = entries
        if raws is None or leaves != believed:
            raws = self._recalled(index * WIDTH, entries, leaves, believed)
        for offset, (leaf, raw) in enumerate(zip(believed, raws, strict=True)):
            self._tell.on_entry(index * WIDTH + offset, leaf, raw)
            self._read(index * WIDTH + offset, raw)
        self._files.see_prefixes(Place(0, index, width), believed)
        self._files.see_prefixes(Place(ENTRIES, index, width), believed)
        self._keep_roots(index * WIDTH, believed)
        self.edge.add(list(believed))

    def _believed(self, tile: Place, leaves: list[bytes] | None, hashes: list[bytes] | None) -> list[bytes] | None:
        """Return the leaves of a bundle that the rest of the tree stands behind."""
        if leaves is None or hashes is None or leaves == hashes:
            return hashes if leaves is None else leaves
        fits_leaves, fits_hashes = self._fits(tile, leaves), self._fits(tile, hashes)
        if fits_leaves or not fits_hashes:
            self._found.append(Difference(DifferenceKind.TILE_CHANGED, tile.path))
        return leaves if fits_leaves else hashes

    def _fits(self, tile: Place, leaves: list[bytes]) -> bool:
        """Whether leaves give what is stated above them: in the tile of level 1, or in the signature over all."""
        if tile.width == WIDTH:
            above = self._above(tile.index)
            return above is not None and root_over(leaves) == above
        return self._is_whole and self.edge.root(leaves) == self._signed

    def _above(self, index: int) -> bytes | None:
        """Return the hash that the tile of level 1 states of a full tile; None when it is lost."""
        place = self._place(1, index // WIDTH)
        stated = self._files.hashes(place)
        return stated[index % WIDTH] if stated is not None else None

    def _restored(self, tile: Place) -> list[bytes] | None:
        """Return the leaves of entries from elsewhere, where the vault has lost theirs, if they fit the tree."""
        first = tile.index * WIDTH
        leaves = leaves_of(raw for _, raw in self._tell.recall(first, first + tile.width))
        return leaves if len(leaves) == tile.width and self._fits(tile, leaves) else None

    def _skip(self, width: int) -> None:
        """Go on behind a bundle of which nothing is left."""
        self._reader.lost()
        if width == WIDTH:
            self.edge.skip(UNKNOWN)
        else:
            self._is_whole = False

    def _read(self, number: int, raw: bytes | None) -> None:
        if raw is None:
            self._reader.lost()
            return
        told, fault = self._reader.read(number, raw)
        if fault:
            self._found.append(Difference(DifferenceKind.ENTRY_MALFORMED, str(number), found=fault))
        elif told is not None:
            self._tell.on_told(told)

    def _recalled(
        self, first: int, entries: list[bytes] | None, leaves: list[bytes] | None, believed: list[bytes]
    ) -> list[bytes | None]:
        """Return the bytes of each entry that fit, from the bundle or from elsewhere; name those that do not."""
        raws: list[bytes | None] = [None] * len(believed)
        for offset, leaf in enumerate(believed):
            if entries is not None and leaves is not None and leaves[offset] == leaf:
                raws[offset] = entries[offset]
            elif entries is not None:
                path = Place(ENTRIES, first // WIDTH, len(believed)).path
                self._found.append(Difference(DifferenceKind.ENTRY_CHANGED, str(first + offset), found=path))
        for number, raw in self._tell.recall(first, first + len(believed)):
            if raws[number - first] is None and leaves_of([raw]) == [believed[number - first]]:
                raws[number - first] = raw
        return raws

    def _keep_roots(self, first: int, believed: Sequence[bytes]) -> None:
        if self._is_whole:
            start, stop = (bisect_right(self._wanted, size) for size in (first, first + len(believed)))
            for size in self._wanted[start:stop]:
                self.roots[size] = self.edge.root(believed[: size - first])

    # --- the levels above ---------------------------------------------------------------------------------------------

    def _place(self, level: int, index: int) -> Place:
        """Return the place of a tile above level 0, as wide as the size requires."""
        return Place(level, index, min(WIDTH, self._size // WIDTH**level - index * WIDTH))

    def _merged(self, level: int, index: int, hashes: list[bytes]) -> list[bytes]:
        """Compare what the tiles below give with the tile that states it, which fills in for what is lost below."""
        place = self._place(level, index)
        stated = self._files.hashes(place)
        if stated is not None:
            if any(ours not in {UNKNOWN, theirs} for ours, theirs in zip(hashes, stated, strict=True)):
                self._found.append(Difference(DifferenceKind.TILE_CHANGED, place.path))
            hashes = [ours or theirs for ours, theirs in zip(hashes, stated, strict=True)]
        self._files.see_prefixes(place, hashes)
        self._is_whole = self._is_whole and UNKNOWN not in hashes
        return hashes

    def _close(self, level: int) -> None:
        """See to the partial tile of a level."""
        tile = self.edge.levels[level]
        if tile:
            tile[:] = self._merged(level, self._size // WIDTH**level // WIDTH, tile)
