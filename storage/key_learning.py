"""How one who trusts a log's old key comes to trust its new one: an entry of the tree that both signed introduces it.

Source: docs/ledger-format.md, Checkpoints.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from evidence.custody import EventType
from evidence.errors import EvidockError, NotFoundError
from evidence.merkle import Node, check_inclusion, inclusion_path, leaf_hash
from evidence.ports import LogStore
from evidence.tlog import (
    WIDTH,
    Algorithm,
    Checkpoint,
    SignedNote,
    VerifierKey,
    bundle_path,
    checkpoint_of,
    from_bundle,
    verifier_key,
)
from storage.log_reading import object_at
from storage.signing import verify_ed25519

_WORD = EventType.KEYED.value.encode()


class Sought(Protocol):
    """Remembers up to which size a key's introduction was looked for in vain: what is behind that never changes."""

    def sought_until(self, key_id: bytes) -> int:
        """Return that size, 0 when it was never looked for."""
        ...

    def note_sought(self, key_id: bytes, size: int) -> None:
        """Remember that size."""
        ...


@dataclass(frozen=True)
class Introduced:
    """Keys that signed a checkpoint and that entries of its tree introduce, and key ids that none does."""

    learned: tuple[VerifierKey, ...]
    unknown: tuple[str, ...]


def introduced(
    log: LogStore, sought: Sought, note: SignedNote, node: Node, trusted: tuple[VerifierKey, ...]
) -> Introduced:
    """Look for the entries that introduce the further signatures, in the log's own name, of a checkpoint.

    A trusted key must have signed ``note``, and the tree of ``node`` must have been seen to have its root.

    Raises:
        IntegrityError: an entry that introduces a key is not in that tree. StorageError: the log cannot be read.
    """
    said = checkpoint_of(note)
    known = {key.key_id for key in trusted}
    ids = dict.fromkeys(one.key_id for one in note.signatures if one.name == said.origin and one.key_id not in known)
    learned, unknown = [], []
    for key_id in ids:
        key = _introduction(log, said, sought.sought_until(key_id), key_id, {str(one) for one in trusted}, node)
        if key and note.is_signed_by(key, verify_ed25519):
            learned.append(key)
        else:
            unknown.append(key_id.hex())
            sought.note_sought(key_id, said.size)
    return Introduced(tuple(learned), tuple(unknown))


def _introduction(
    log: LogStore, said: Checkpoint, start: int, key_id: bytes, olds: set[str], node: Node
) -> VerifierKey | None:
    """Return the key of this id that the newest such entry from ``start`` on introduces, seen to be in the tree."""
    for number, entry in _newest_first(log, said.size, start):
        key = _key_of(entry, olds) if _WORD in entry else None
        if key and (key.name, key.key_id) == (said.origin, key_id):
            check_inclusion(leaf_hash(entry), number, said.size, inclusion_path(number, said.size, node), said.root)
            return key
    return None


def _newest_first(log: LogStore, size: int, start: int) -> Iterator[tuple[int, bytes]]:
    for index in range((size - 1) // WIDTH, start // WIDTH - 1, -1):
        width = min(WIDTH, size - index * WIDTH)
        try:
            entries = from_bundle(object_at(log, bundle_path(index, width)))
        except NotFoundError:
            continue  # what is not there introduces nothing
        yield from reversed(list(enumerate(entries[:width], index * WIDTH)))


def _key_of(entry: bytes, olds: set[str]) -> VerifierKey | None:
    """Return the key that an entry introduces in place of a trusted one; None when it does not."""
    try:
        said = json.loads(entry)
        detail = said["detail"]
        if said["event"] != EventType.KEYED.value or detail["old"] not in olds:
            return None
        key = verifier_key(detail["new"])
    except (EvidockError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None  # whatever it is, it introduces no key
    return key if key.algorithm is Algorithm.ED25519 else None
