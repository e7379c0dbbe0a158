"""Proofs out of the sealed ledger: its tiles as nodes of the tree, whatever partial tiles are there by now."""

import base64
from collections.abc import Sequence
from functools import lru_cache

from evidence.errors import IntegrityError, NotFoundError
from evidence.merkle import Node, inclusion_path, node_hash
from evidence.ports import LogStore
from evidence.tlog import WIDTH, Proof, checkpoint_of, signed_note, tile_path

CHECKPOINT = "checkpoint"
HASH_BYTES = 32
LEVELS = 8
"""Levels of the tree in one tile: 2⁸ hashes at its bottom."""

LOOKS = 3
"""How often a tile is looked for: it may be replaced by a wider one between being listed and being read."""

KEPT_TILES = 1024
"""Tiles held in memory at once, about 16 KiB each with their inner nodes."""


def tile_node(log: LogStore, size: int) -> Node:
    """Return the nodes of the tree of the first ``size`` sealed entries, each tile read once.

    The node raises IntegrityError when a tile is not there in full, StorageError when it cannot be read, and ValueError
    for a node that is not complete in a tree of that size.
    """

    @lru_cache(maxsize=KEPT_TILES)
    def rows(level: int, index: int) -> list[list[bytes]]:
        return _rows(_hashes(log, level, index, min(WIDTH, (size >> LEVELS * level) - index * WIDTH)))

    def node(level: int, index: int) -> bytes:
        if level < 0 or index < 0 or index + 1 << level > size:
            raise ValueError(f"node {index} of level {level} is not complete in a tree of {size}")
        tile_level, row = divmod(level, LEVELS)
        tile, place = divmod(index, WIDTH >> row)
        return rows(tile_level, tile)[row][place]

    return node


def proof_of(log: LogStore, number: int) -> bytes:
    """Return the ``tlog-proof`` of an entry under the newest checkpoint.

    Raises:
        NotFoundError: nothing is sealed, or not that far. IntegrityError: a tile is not there in full.
    """
    checkpoint = log.read(CHECKPOINT)
    size = checkpoint_of(signed_note(checkpoint)).size
    if number >= size:
        cure = "ask again in a second if it is new"
        raise NotFoundError(
            f"{size} entries are sealed, and this is none of them", subject=f"entry {number}", cure=cure
        )
    path = inclusion_path(number, size, tile_node(log, size))
    return Proof(number, tuple(path), checkpoint).to_bytes()


def _rows(hashes: list[bytes]) -> list[list[bytes]]:
    """Return the bottom row of a tile and the rows of complete nodes above it within the tile."""
    found = [hashes]
    for _ in range(LEVELS - 1):
        below = found[-1]
        found.append([node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)])
    return found


def _hashes(log: LogStore, level: int, index: int, width: int) -> list[bytes]:
    body = _tile(log, level, index, width)
    if len(body) < width * HASH_BYTES:
        raise _lacking(tile_path(level, index, width))
    return [body[at : at + HASH_BYTES] for at in range(0, width * HASH_BYTES, HASH_BYTES)]


def _tile(log: LogStore, level: int, index: int, width: int) -> bytes:
    """Return a tile of at least ``width`` hashes: a newer checkpoint may have replaced the one that is asked for."""
    for _ in range(LOOKS):
        wider = [one for one in _partials(log, level, index) if one > width]
        for found in (width, WIDTH, *wider):
            try:
                return log.read(tile_path(level, index, found))
            except NotFoundError:
                continue
    raise _lacking(tile_path(level, index, width))


def _partials(log: LogStore, level: int, index: int) -> list[int]:
    below = tile_path(level, index) + ".p"
    names = (path.rpartition("/")[2] for path in log.paths(below))
    return [int(name) for name in names if name.isdecimal()]


def _lacking(path: str) -> IntegrityError:
    cure = "run `evidock verify`; restore the tile from the second copy or a backup"
    return IntegrityError("a tile of the sealed ledger is not there in full", subject=f"ledger/{path}", cure=cure)


# --- consistency proofs as files of a pack ---------------------------------------------------------------------------


def consistency_bytes(old: int, new: int, path: Sequence[bytes]) -> bytes:
    """Return a consistency proof as text: ``consistency <old> <new>``, then a hash in base64 a line."""
    hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in path)
    return f"consistency {old} {new}\n{hashes}".encode()


def consistency_from(body: bytes, old: int, new: int) -> list[bytes]:
    """Return the hashes of a consistency proof between two sizes.

    Raises:
        IntegrityError: the bytes are no such proof.
    """
    head, *lines = body.split(b"\n")
    try:
        hashes = [base64.b64decode(line, validate=True) for line in lines[:-1]]
    except ValueError:
        hashes = []
    if body != consistency_bytes(old, new, hashes) or head.split() != [b"consistency", b"%d" % old, b"%d" % new]:
        raise IntegrityError("this is no consistency proof", subject="ledger", cure="ask for the pack again")
    return hashes
