"""The sealed ledger: entries as tiles and bundles, and the signed checkpoint over them. Writes only, forward only.

Order of a sealing: bundles and tiles, each flushed; then the checkpoint; then the partial tiles that it has made
superfluous go. Cut off anywhere, the old checkpoint stands over what it needs, and the next sealing does it again.

Source: docs/ledger-format.md; C2SP tlog-tiles.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from evidence import tlog
from evidence.errors import IntegrityError, NotFoundError
from evidence.merkle import EMPTY_ROOT, folded, leaf_hash, root_of
from evidence.ports import LogStore
from evidence.tlog import WIDTH, Checkpoint, SignedNote, bundle_path, checkpoint_of, signed_note, tile_path

CHECKPOINT = "checkpoint"
HASH_BYTES = 32

Sign = Callable[[str], SignedNote]
"""Signs the text of a checkpoint with every key that signs now."""


@dataclass
class _Edge:
    """What may still grow: the last, partial tile of each level, and the last bundle."""

    size: int = 0
    levels: list[list[bytes]] = field(default_factory=list)
    bundle: list[bytes] = field(default_factory=list)

    def root(self) -> bytes:
        """Return the root of the tree: the partial tiles' roots, folded from the lowest level up."""
        parts = [peak for level in reversed(self.levels) for peak in _peaks(level)]
        return folded(parts) if parts else EMPTY_ROOT


class TileLog:
    """Seals entries behind those that are sealed already.

    Args:
        log: where tiles lie.
        origin: the log's name in every checkpoint.
        sign: signs a checkpoint's text.
        is_ours: whether a note carries a signature of this log's; asked of the checkpoint that is found.
    """

    def __init__(self, log: LogStore, origin: str, sign: Sign, is_ours: Callable[[SignedNote], bool]) -> None:
        self._log = log
        self._origin = origin
        self._sign = sign
        self._is_ours = is_ours
        self._edge: _Edge | None = None

    def head(self) -> Checkpoint:
        """Return the newest sealed checkpoint; that of the empty log when nothing was sealed.

        Raises:
            IntegrityError: what lies there is no checkpoint that this log signed.
        """
        try:
            note = signed_note(self._log.read(CHECKPOINT))
        except NotFoundError:
            return Checkpoint(self._origin, 0, EMPTY_ROOT)
        found = checkpoint_of(note)
        if found.origin != self._origin or not self._is_ours(note):
            raise _refused("the newest checkpoint is not signed by this home's key")
        return found

    def append(self, entries: Sequence[bytes]) -> Checkpoint:
        """Seal entries, flushed, under a new signed checkpoint, and return it.

        Raises:
            IntegrityError: the sealed tiles do not give the newest checkpoint's root: nothing was signed.
            StorageError: the storage refused; the earlier checkpoint stands, and the same call may be made again.
        """
        edge, self._edge = self._edge_now(), None
        before = _partials(edge)
        for start in range(0, len(entries), WIDTH):
            for path, body in self._grown(edge, entries[start : start + WIDTH]):
                self._log.create(path, body)
        after = _partials(edge)
        for path, body in after.items():
            self._log.create(path, body)
        head = Checkpoint(self._origin, edge.size, edge.root())
        self._log.replace(CHECKPOINT, self._sign(head.text).to_bytes())
        for path in sorted(before.keys() - after.keys()):
            self._log.drop(path)
        self._edge = edge
        return head

    def resign(self) -> Checkpoint:
        """Sign the newest checkpoint again, with the keys that sign now."""
        return self.append(())

    def sweep(self) -> int:
        """Remove partial tiles and bundles that the newest checkpoint does not need; return how many.

        A sealing that was cut off leaves them: too narrow before its end, too wide before its checkpoint.
        """
        needed = _partials(self._edge_now())
        stale = [path for path in self._log.paths("tile") if ".p/" in path and path not in needed]
        for path in stale:
            self._log.drop(path)
        return len(stale)

    def _edge_now(self) -> _Edge:
        head = self.head()
        if self._edge is not None and self._edge.size == head.size:
            return self._edge
        edge = self._read_edge(head.size)
        if edge.root() != head.root:
            raise _refused("its tiles do not give the root that was signed")
        return edge

    def _read_edge(self, size: int) -> _Edge:
        edge, rest, level = _Edge(size), size, 0
        while rest:
            width = rest % WIDTH
            body = self._read(tile_path(level, rest // WIDTH, width)) if width else b""
            edge.levels.append([body[at : at + HASH_BYTES] for at in range(0, len(body), HASH_BYTES)])
            rest, level = rest // WIDTH, level + 1
        if size % WIDTH:
            edge.bundle = tlog.from_bundle(self._read(bundle_path(size // WIDTH, size % WIDTH)))
            if [leaf_hash(entry) for entry in edge.bundle] != edge.levels[0]:
                raise _refused("its last entries do not give the hashes of their tile")
        return edge

    def _read(self, path: str) -> bytes:
        try:
            return self._log.read(path)
        except NotFoundError as error:
            raise _refused(f"{path} is missing") from error

    def _grown(self, edge: _Edge, entries: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
        """Add up to 256 entries; yield path and body of each tile and bundle that has become full."""
        for entry in entries:
            edge.bundle.append(entry)
            edge.size += 1
            if len(edge.bundle) == WIDTH:
                yield bundle_path(edge.size // WIDTH - 1), tlog.to_bundle(edge.bundle)
                edge.bundle = []
            yield from _raised(edge, leaf_hash(entry))


def _raised(edge: _Edge, digest: bytes) -> Iterator[tuple[str, bytes]]:
    """Add a hash to level 0, and the root of each tile that becomes full to the level above."""
    level, covered = 0, edge.size
    while True:
        if len(edge.levels) == level:
            edge.levels.append([])
        tile = edge.levels[level]
        tile.append(digest)
        if len(tile) < WIDTH:
            return
        covered //= WIDTH
        yield tile_path(level, covered - 1), b"".join(tile)
        digest, edge.levels[level] = root_of(tile), []
        level += 1


def _partials(edge: _Edge) -> dict[str, bytes]:
    """Return path and body of every partial tile and bundle that a tree of this size has, the bundle first.

    A tile that was written has its entries beside it, whatever happened then: see `sealed_entries.entries_ahead`.
    """
    found, rest = {}, edge.size
    if edge.bundle:
        found[bundle_path(edge.size // WIDTH, len(edge.bundle))] = tlog.to_bundle(edge.bundle)
    for level, tile in enumerate(edge.levels):
        if tile:
            found[tile_path(level, rest // WIDTH, len(tile))] = b"".join(tile)
        rest //= WIDTH
    return found


def _peaks(tile: Sequence[bytes]) -> list[bytes]:
    """Return the roots of the perfect subtrees that make up a partial tile, largest first."""
    found, start = [], 0
    for bit in reversed(range(len(tile).bit_length())):
        if len(tile) >> bit & 1:
            found.append(root_of(tile[start : start + (1 << bit)]))
            start += 1 << bit
    return found


def _refused(why: str) -> IntegrityError:
    cure = "run `evidock verify --deep`, restore vault/ledger from a copy, and report it"
    return IntegrityError(why, subject="ledger", cure=cure)
