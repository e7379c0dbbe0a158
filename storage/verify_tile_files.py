"""Tiles and bundles as files of a vault: each read once, its length seen to, and which files were accounted for."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from evidence.errors import NotFoundError, StorageError
from storage.reading import VaultReader
from storage.verify import Difference, DifferenceKind
from storage.verify_tiles import ENTRIES, HASH_BYTES, WIDTH, Place, entries_in, hashes_in, leaves_of, place_of

FOLDER = "ledger/tile/"


class TileFiles:
    """The tiles and bundles below ``ledger/tile``.

    Args:
        reader: the vault.
        paths: everything that lies there.

    Attributes:
        found: what does not agree; whoever takes them clears the list.
        accounted: paths that the tree requires, or that are prefixes of what it requires.
    """

    def __init__(self, reader: VaultReader, paths: Iterable[str]) -> None:
        self.found: list[Difference] = []
        self.accounted: set[str] = set()
        self._reader = reader
        self._paths = set(paths)
        self._partials: dict[tuple[int, int], list[Place]] = defaultdict(list)
        for path in self._paths:
            place = place_of(path)
            if place is not None and place.width < WIDTH:
                self._partials[place.level, place.index].append(place)
        self._kept: dict[int, tuple[Place, list[bytes] | None]] = {}

    def entries(self, place: Place) -> list[bytes] | None:
        """Return the entries of a bundle, None when it is missing or damaged."""
        body = self._body(place)
        if body is None:
            return None
        found = entries_in(body)
        if found is None or len(found) != place.width:
            self.found.append(Difference(DifferenceKind.BUNDLE_DAMAGED, place.path))
            return None
        return found

    def hashes(self, place: Place) -> list[bytes] | None:
        """Return the hashes of a tile, None when it is missing or of the wrong length; the last of a level is kept."""
        kept = self._kept.get(place.level)
        if kept is None or kept[0] != place:
            kept = self._kept[place.level] = (place, self._hashes(place))
        return kept[1]

    def see_prefixes(self, place: Place, leaves: Sequence[bytes]) -> None:
        """See that narrower partial tiles or bundles of a place hold the beginning of its hashes (of its leaves)."""
        for narrow in self._partials.get((place.level, place.index), ()):
            if narrow.width < place.width and narrow.path not in self.accounted:
                self.accounted.add(narrow.path)
                self._see_prefix(narrow, leaves[: narrow.width])

    def is_gone(self, path: str) -> bool:
        """Whether a file that was listed is no longer there: a sealing removes what it has made superfluous."""
        found = self._reader.look(path)
        return found is None or found.hidden

    def unaccounted(self) -> list[str]:
        """Return the paths that the tree does not require, in order."""
        return sorted(self._paths - self.accounted)

    def holds(self, place: Place, hashes: Sequence[bytes]) -> bool:
        """Whether a file holds exactly these hashes, a bundle entries that give them; one that is gone by now does."""
        try:
            body = self._reader.read(place.path)
        except NotFoundError:
            return True
        except StorageError:
            return False
        if place.level == ENTRIES:
            found = entries_in(body)
            return found is not None and leaves_of(found) == list(hashes)
        return body == b"".join(hashes)

    def _hashes(self, place: Place) -> list[bytes] | None:
        body = self._body(place)
        if body is None:
            return None
        if len(body) != place.width * HASH_BYTES:
            self.found.append(Difference(DifferenceKind.TILE_CHANGED, place.path))
            return None
        return hashes_in(body)

    def _see_prefix(self, narrow: Place, hashes: Sequence[bytes]) -> None:
        if not self.is_gone(narrow.path) and not self.holds(narrow, hashes):
            kind = DifferenceKind.BUNDLE_DAMAGED if narrow.level == ENTRIES else DifferenceKind.TILE_CHANGED
            self.found.append(Difference(kind, narrow.path))

    def _body(self, place: Place) -> bytes | None:
        """Return the bytes of a tile or bundle; of one a newer checkpoint has replaced meanwhile, what it was."""
        self.accounted.add(place.path)
        try:
            return self._reader.read(place.path)
        except NotFoundError:
            found = self._wider(place)
            if found is None:
                kind = DifferenceKind.BUNDLE_MISSING if place.level == ENTRIES else DifferenceKind.TILE_MISSING
                self.found.append(Difference(kind, place.path))
            return found
        except StorageError as error:
            self.found.append(Difference(DifferenceKind.LEDGER_UNREADABLE, place.path, found=error.message))
            return None

    def _wider(self, place: Place) -> bytes | None:
        full = replace(place, width=WIDTH).path
        there = [place_of(found.path) for found in self._reader.below(f"{full}.p/")]
        widths = [WIDTH, *sorted((one.width for one in there if one and one.width > place.width), reverse=True)]
        for width in widths:
            body = self._read(replace(place, width=width).path)
            if body is not None and place.width < width:
                return _cut(place, body)
        return None

    def _read(self, path: str) -> bytes | None:
        try:
            return self._reader.read(path)
        except (NotFoundError, StorageError):
            return None


def _cut(place: Place, body: bytes) -> bytes:
    if place.level != ENTRIES:
        return body[: place.width * HASH_BYTES]
    entries = (entries_in(body) or [])[: place.width]
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
