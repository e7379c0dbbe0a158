"""Reading the sealed ledger by address, as anybody may ask for it: only what its format knows, and at any width it had.

Source: docs/ledger-format.md; C2SP tlog-tiles.
"""

import re

from evidence.errors import IntegrityError, NotFoundError
from evidence.ports import LogStore
from evidence.tlog import (
    WIDTH,
    VerifierKey,
    bundle_path,
    from_bundle,
    signed_note,
    tile_path,
    to_bundle,
    verifier_key,
)
from storage.signing import verify_ed25519

HASH_BYTES = 32
LOOKS = 3
"""How often a tile is looked for: a sealing may replace it between being listed and being read."""

_TILE = re.compile(
    r"tile/(?P<level>entries|[0-9]{1,2})/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[0-9]{1,3}))?"
)
_NAMED = re.compile(
    r"keys/[0-9a-f]{8}\.vkey|cosigned/[0-9]{12}\.[0-9a-f]{16}\.note|stamped/[0-9]{12}\.[0-9a-f]{16}\.(?:tsr|note)"
)


def object_at(log: LogStore, path: str) -> bytes:
    """Return the object that an address below the log names, other than the checkpoint.

    A partial tile or bundle that a newer one has made superfluous is answered with the prefix that it was.

    Raises:
        NotFoundError: there is none, or the log's format knows no such address. StorageError: it cannot be read.
    """
    if _NAMED.fullmatch(path):
        return log.read(path)
    level, index, width = _tile_named(path)
    wide = tile_path(int(level), index) if level.isdecimal() else bundle_path(index)
    for _ in range(LOOKS):
        try:
            return _cut(level, width, _widest(log, wide, width))
        except NotFoundError:
            continue
    raise _none(path)


def keys_of_newest(log: LogStore) -> list[VerifierKey]:
    """Return the public keys, of those that lie beside the log, that signed its newest checkpoint, in its order.

    Raises:
        NotFoundError: nothing is sealed yet. IntegrityError: the checkpoint or a key cannot be read.
    """
    note = signed_note(log.read("checkpoint"))
    keys = [verifier_key(log.read(path).decode("utf-8", "replace")) for path in log.paths("keys")]
    by_id = {key.key_id: key for key in keys if note.is_signed_by(key, verify_ed25519)}
    return [by_id[made.key_id] for made in note.signatures if made.key_id in by_id]


def is_tile(path: str) -> bool:
    """Whether an address is that of a tile or bundle: what it names never changes."""
    return path.startswith("tile/")


def _tile_named(path: str) -> tuple[str, int, int]:
    """Return level (or ``entries``), index and width; only the one way to write each of them is known."""
    found = _TILE.fullmatch(path)
    if not found:
        raise _none(path)
    level, width = found["level"], int(found["width"] or WIDTH)
    index = int(found["index"].replace("x", "").replace("/", ""))
    known = tile_path(int(level), index, width) if level.isdecimal() else bundle_path(index, width)
    if known != path or not 0 < width <= WIDTH:
        raise _none(path)
    return level, index, width


def _widest(log: LogStore, wide: str, width: int) -> bytes:
    """Return the tile of exactly this width, else the full one, else the widest partial one that has it as a prefix."""
    for path in (f"{wide}.p/{width}", wide) if width < WIDTH else (wide,):
        try:
            return log.read(path)
        except NotFoundError:
            continue
    wider = [int(name) for at in log.paths(f"{wide}.p") if (name := at.rpartition("/")[2]).isdecimal()]
    if max(wider, default=0) < width:
        raise _none(wide)
    return log.read(f"{wide}.p/{max(wider)}")


def _cut(level: str, width: int, body: bytes) -> bytes:
    """Return the first ``width`` hashes or entries.

    Raises:
        IntegrityError: there are fewer.
    """
    parts = (
        from_bundle(body)
        if level == "entries"
        else [body[at : at + HASH_BYTES] for at in range(0, len(body), HASH_BYTES)]
    )
    if len(parts) < width or (level != "entries" and len(body) % HASH_BYTES):
        cure = "run `evidock verify`; restore it from the second copy or a backup"
        raise IntegrityError("a tile of the sealed ledger is not there in full", subject=f"level {level}", cure=cure)
    return to_bundle(parts[:width]) if level == "entries" else b"".join(parts[:width])


def _none(path: str) -> NotFoundError:
    return NotFoundError("the log has no such object", subject=path, cure="see docs/ledger-format.md for what it has")
