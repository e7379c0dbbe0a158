"""The sealed ledger checked from its bytes up: keys, checkpoint, every entry, every tile, and what others saw of it.

Keys are trusted because the caller hands them in, never because they lie in the vault. Nothing here is shared with what
writes the ledger; the arithmetic is that of the file every export pack carries.

Source: docs/ledger-format.md, section "Checking it".
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from evidence.errors import NotFoundError, StorageError
from storage.pack_verify import Checkpoint, Malformed, Note, parse_checkpoint, parse_note, parse_vkey
from storage.reading import Found, VaultReader
from storage.verify import Difference, DifferenceKind
from storage.verify_ahead import ahead
from storage.verify_entries import Told
from storage.verify_notes import (
    Head,
    Keys,
    SealedNotes,
    StampFault,
    Tree,
    cosigned_size,
    false_lines,
    held_against,
    imprint_fault,
    is_signed,
    log_keys,
    sealed_notes,
    witness_keys,
)
from storage.verify_tile_files import FOLDER, TileFiles
from storage.verify_tiles import ENTRIES, WIDTH, place_of
from storage.verify_walk import Listeners, Walk

CHECKPOINT = "ledger/checkpoint"
KEYS = "ledger/keys/"
EMPTY_ROOT = hashlib.sha256(b"").digest()
KEYED = "digital signature generation"


@dataclass(frozen=True)
class Doubts:
    """What a ledger is checked against beside itself.

    Attributes:
        trusted: vkeys of the log, from outside the vault. known: vkeys that signed for it before.
        witnesses: vkeys whose cosignatures count.
        heads: checkpoints from outside: receipts, a witness's note, paper.
        unsealed: entries of the register from a number on, which a sealing may have begun to lay down.
        stamp_fault: what is wrong with a time stamp.
        every_signature: check that of every note; otherwise of the newest, and of each that disagrees.
        wanted: sizes whose roots the caller asks for.
    """

    trusted: Sequence[str]
    known: Sequence[str] = ()
    witnesses: Sequence[str] = ()
    heads: Sequence[Head] = ()
    unsealed: Callable[[int], Iterator[bytes]] = lambda _start: iter(())
    stamp_fault: StampFault = imprint_fault
    every_signature: bool = True
    wanted: Collection[int] = ()


@dataclass
class LedgerVerdict:
    """What was found.

    Attributes:
        origin, size, root: of the checkpoint; size is 0 and root that of the empty tree when nothing is sealed.
        trusted: whether a trusted key signed it.
        roots: of the sizes that were asked for, as the entries give them.
        cosigned: size of the newest checkpoint a configured witness stands behind.
    """

    origin: str = ""
    size: int = 0
    root: bytes = EMPTY_ROOT
    trusted: bool = False
    roots: dict[int, bytes] = field(default_factory=dict)
    cosigned: int = 0
    differences: list[Difference] = field(default_factory=list)


def verify_ledger(reader: VaultReader, doubts: Doubts, listeners: Listeners | None = None) -> LedgerVerdict:
    """Check everything below ``ledger/`` and return what was found; it never raises over what lies there.

    Raises:
        StorageError: the vault cannot be listed at all.
    """
    return _Check(reader, doubts, listeners or Listeners()).run()


class _Check:
    """One check of one ledger."""

    def __init__(self, reader: VaultReader, doubts: Doubts, listeners: Listeners) -> None:
        self._reader = reader
        self._doubts = doubts
        self._keys = Keys(log_keys(doubts.trusted), witness_keys(doubts.witnesses))
        for text in doubts.known:
            self._keys.introduce(text)
        self._outer = listeners
        self._listeners = replace(listeners, on_told=self._on_told)
        self._verdict = LedgerVerdict()
        self._named_keys: set[bytes] = set()

    def run(self) -> LedgerVerdict:
        """Notes first, then the checkpoint, then what lies there: so that nothing is taken for newer than it is."""
        notes = sealed_notes(self._reader, self._doubts.stamp_fault)
        note, checkpoint = self._checkpoint()
        files = TileFiles(self._reader, [found.path for found in self._reader.below(FOLDER) if not _was_dropped(found)])
        self._differ(*notes.differences)
        if not self._keys.trusted:
            self._differ(Difference(DifferenceKind.NO_KEY, "keys"))
        self._walk(files, checkpoint, notes)
        if note is not None:
            self._see_every_line(note)
        self._see_keys()
        self._see_the_rest()
        self._verdict.differences = list({(one.kind, one.subject): one for one in self._verdict.differences}.values())
        return self._verdict

    def _differ(self, *differences: Difference) -> None:
        self._verdict.differences += differences

    def _on_told(self, told: Told) -> None:
        if told.event == KEYED:
            for side in ("old", "new"):
                self._keys.introduce(str(told.detail.get(side) or ""))
            self._named_keys |= {key.key_id for key in log_keys([str(told.detail.get("new") or "")])}
        self._outer.on_told(told)

    # --- the checkpoint -----------------------------------------------------------------------------------------------

    def _checkpoint(self) -> tuple[Note | None, Checkpoint | None]:
        try:
            body = self._reader.read(CHECKPOINT)
            note = parse_note(body)
            checkpoint = parse_checkpoint(note)
        except NotFoundError:
            if any(self._reader.below("ledger/")):
                self._differ(Difference(DifferenceKind.CHECKPOINT_MISSING, CHECKPOINT))
            return None, None
        except (Malformed, StorageError) as error:
            self._differ(Difference(DifferenceKind.CHECKPOINT_DAMAGED, CHECKPOINT, found=str(error)))
            return None, None
        self._verdict.trusted = is_signed(note, self._keys.trusted)
        if not self._verdict.trusted:
            names = ", ".join(f"{line.name}+{line.key_id.hex()}" for line in note.signatures)
            self._differ(Difference(DifferenceKind.CHECKPOINT_UNTRUSTED, CHECKPOINT, found=names))
        return note, checkpoint

    def _see_every_line(self, note: Note) -> None:
        """See that each signature holds; keys that the ledger itself introduces are known by now."""
        false = false_lines(note, self._keys.log)
        if false and self._verdict.trusted:
            self._differ(Difference(DifferenceKind.CHECKPOINT_SIGNATURE, CHECKPOINT, found=", ".join(false)))

    # --- the tree -----------------------------------------------------------------------------------------------------

    def _walk(self, files: TileFiles, checkpoint: Checkpoint | None, notes: SealedNotes) -> None:
        """Walk as far as was signed; without a signature that holds, as far as entries lie there."""
        verdict = self._verdict
        signed = checkpoint if verdict.trusted else None
        size = signed.size if signed else _laid(files)
        verdict.origin, verdict.size = (checkpoint.origin, size) if checkpoint else ("", size)
        heads = [*notes.heads, *self._doubts.heads]
        wanted = {head.checkpoint.size for head in heads} | set(self._doubts.wanted)
        walk = Walk(files, size, signed.root if signed else None, wanted, self._listeners)
        verdict.differences += walk.differences()
        found = walk.root if size else EMPTY_ROOT
        verdict.root = signed.root if signed else found or EMPTY_ROOT
        if signed and found is not None and found != signed.root:
            self._differ(Difference(DifferenceKind.ROOT, CHECKPOINT, signed.root.hex(), found.hex()))
        verdict.roots = {0: EMPTY_ROOT, **walk.roots}
        tree = Tree(checkpoint.origin if signed and checkpoint else "", size, verdict.roots)
        every = self._doubts.every_signature
        verdict.differences += held_against(tree, heads, self._keys, every_signature=every)
        verdict.cosigned = cosigned_size(notes.heads, self._keys)
        rest = files.unaccounted()
        stray = ahead(files, walk.edge, rest, self._doubts.unsealed) if rest else ()
        self._differ(*(Difference(DifferenceKind.LEDGER_UNEXPECTED, path) for path in stray))

    # --- keys, and what else lies there -------------------------------------------------------------------------------

    def _see_keys(self) -> None:
        there = set()
        known = {key.key_id for key in self._keys.log}
        for found in self._reader.below(KEYS):
            try:
                key = parse_vkey(self._reader.read(found.path).decode("utf-8", "replace"))
                self._require_as_written(found.path, key.key_id.hex())
            except (Malformed, NotFoundError, StorageError) as error:
                self._differ(Difference(DifferenceKind.KEY_DAMAGED, found.path, found=str(error)))
                continue
            there.add(key.key_id)
            if key.key_id not in known:
                self._differ(Difference(DifferenceKind.KEY_UNTRUSTED, found.path))
        damaged = {d.subject for d in self._verdict.differences if d.kind is DifferenceKind.KEY_DAMAGED}
        for key_id in sorted(self._named_keys - there):
            path = f"{KEYS}{key_id.hex()}.vkey"
            if path not in damaged:
                self._differ(Difference(DifferenceKind.KEY_MISSING, path))

    def _require_as_written(self, path: str, key_id: str) -> None:
        body = self._reader.read(path)
        line = body.decode("utf-8", "replace").strip()
        if body != f"{line}\n".encode() or path != f"{KEYS}{key_id}.vkey":
            raise Malformed("it is not one line with the key that its name says")

    def _see_the_rest(self) -> None:
        """Name what is neither tile nor key nor note; notes that came after the look at them are newer than it."""
        newer = ("ledger/cosigned/", "ledger/stamped/", KEYS, FOLDER)
        for found in self._reader.below("ledger/"):
            if found.path != CHECKPOINT and not found.path.startswith(newer):
                self._differ(Difference(DifferenceKind.LEDGER_UNEXPECTED, found.path))
            elif found.odd:
                self._differ(Difference(DifferenceKind.LEDGER_UNREADABLE, found.path, found=found.odd))
            elif found.versions_text and _never_changes(found.path):
                self._differ(Difference(DifferenceKind.VERSIONS, found.path, "1", found.versions_text))


def _laid(files: TileFiles) -> int:
    """Return how many entries lie there, by the names of their bundles."""
    places = (place_of(path) for path in files.unaccounted())
    return max((p.index * WIDTH + p.width for p in places if p and p.level == ENTRIES), default=0)


def _was_dropped(found: Found) -> bool:
    """Whether a bucket that lets nothing go hides a partial tile that was superfluous."""
    return found.hidden and not _never_changes(found.path)


def _never_changes(path: str) -> bool:
    return path != CHECKPOINT and ".p/" not in path
