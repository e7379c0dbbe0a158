"""Signed checkpoints, wherever they are from: the vault's own, cosigned and stamped ones, receipts, paper.

Source: docs/ledger-format.md, sections "Checkpoints" and "Cosignatures"; C2SP signed-note, tlog-checkpoint.
"""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from evidence.errors import NotFoundError, StorageError
from storage.pack_verify import (
    COSIGNS,
    SIGNS,
    Checkpoint,
    Malformed,
    Note,
    Vkey,
    note_signed_by,
    parse_checkpoint,
    parse_note,
    parse_proof,
    parse_vkey,
)
from storage.reading import VaultReader
from storage.verify import Difference, DifferenceKind

LINES = 3
NEWEST = 32
"""Of so many of the newest notes the signatures are checked also when not every one's is asked for."""

_NAMED = re.compile(r"ledger/(cosigned|stamped)/([0-9]{12})\.([0-9a-f]{16})\.(note|tsr)")

StampFault = Callable[[bytes, bytes], str]
"""What is wrong with a time stamp (its response) over a note, empty when nothing is."""


@dataclass(frozen=True)
class Head:
    """A checkpoint that the ledger is held against.

    Attributes:
        label: where it is from. path: below the vault; empty when it is from outside.
        note: None when it bears no signature: it was typed from paper by a person who vouches for it.
    """

    label: str
    checkpoint: Checkpoint
    note: Note | None
    path: str = ""


@dataclass
class Keys:
    """Who may have signed.

    Attributes:
        trusted: told from outside the vault. introduced: by entries of the ledger. witnesses: whose cosignatures count.
    """

    trusted: tuple[Vkey, ...]
    witnesses: tuple[Vkey, ...] = ()
    introduced: dict[bytes, Vkey] = field(default_factory=dict)

    def introduce(self, text: str) -> None:
        """Take in the key an entry introduces; what is no key is of no use to anybody."""
        try:
            key = parse_vkey(text)
        except Malformed:
            return
        self.introduced[key.key_id] = key

    @property
    def log(self) -> tuple[Vkey, ...]:
        """Every key that may have signed for the log."""
        return tuple(dict.fromkeys((*self.trusted, *self.introduced.values())))


def keys_from(texts: Iterable[str], algorithm: int) -> tuple[Vkey, ...]:
    """Return the keys among vkey texts that sign so; what is none is left out."""
    found = []
    for text in texts:
        try:
            key = parse_vkey(text)
        except Malformed:
            continue
        if key.algorithm == algorithm:
            found.append(key)
    return tuple(dict.fromkeys(found))


def log_keys(texts: Iterable[str]) -> tuple[Vkey, ...]:
    """Return the keys among vkey texts that sign checkpoints."""
    return keys_from(texts, SIGNS)


def witness_keys(texts: Iterable[str]) -> tuple[Vkey, ...]:
    """Return the keys among vkey texts that cosign."""
    return keys_from(texts, COSIGNS)


def is_signed(note: Note, keys: Iterable[Vkey]) -> bool:
    """Whether one of the keys signed a note."""
    return any(note_signed_by(note, key) for key in keys)


def false_lines(note: Note, keys: Collection[Vkey]) -> list[str]:
    """Return name and key id of each signature that does not hold under its key, or whose key is unknown."""
    known = {(key.name, key.key_id): key for key in keys}
    found = []
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is None or not note_signed_by(Note(note.text, (line,)), key):
            found.append(f"{line.name}+{line.key_id.hex()}")
    return found


# --- heads ------------------------------------------------------------------------------------------------------------


def outside_head(label: str, body: bytes) -> Head:
    """Return the checkpoint that a signed note, a receipt, a proof, or three typed lines state.

    Raises:
        Malformed: it states none.
    """
    text = body.decode("utf-8", "replace").strip()
    lines = text.splitlines()
    if len(lines) == LINES and "\u2014" not in text:
        return Head(label, parse_checkpoint(Note("".join(f"{line.strip()}\n" for line in lines), ())), None)
    if text.startswith("{"):
        note = parse_note(_in_receipt(body))
    elif text.startswith("c2sp.org/tlog-proof"):
        note = parse_note(parse_proof(body).checkpoint)
    else:
        note = parse_note(f"{text}\n".encode())
    return Head(label, parse_checkpoint(note), note)


def _in_receipt(body: bytes) -> bytes:
    try:
        said = json.loads(body)
        return str(said["checkpoint"]).encode()
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Malformed("this is no receipt") from None


@dataclass(frozen=True)
class SealedNotes:
    """What lies below ``cosigned/`` and ``stamped/``, read before the checkpoint, so that none is newer than it."""

    heads: tuple[Head, ...]
    differences: tuple[Difference, ...]
    paths: frozenset[str]


def sealed_notes(reader: VaultReader, stamp_fault: StampFault) -> SealedNotes:
    """Read and compare with their names the cosigned and the stamped notes; signatures are looked at later."""
    heads: list[Head] = []
    wrong: list[Difference] = []
    paths: set[str] = set()
    for folder in ("ledger/cosigned/", "ledger/stamped/"):
        there = [found.path for found in reader.below(folder)]
        paths |= set(there)
        for path in there:
            try:
                head = _sealed_head(reader, path, stamp_fault, frozenset(there))
            except (Malformed, NotFoundError, StorageError) as error:
                wrong.append(Difference(_kind(path), path, found=str(error)))
            else:
                heads += [head] if head else []
    return SealedNotes(tuple(heads), tuple(wrong), frozenset(paths))


def _kind(path: str) -> DifferenceKind:
    return DifferenceKind.STAMP_DAMAGED if path.startswith("ledger/stamped/") else DifferenceKind.COSIGNED_DAMAGED


def _sealed_head(reader: VaultReader, path: str, stamp_fault: StampFault, there: frozenset[str]) -> Head | None:
    """Return the checkpoint of a note; None for a stamp's response, which was compared with its note."""
    named = _NAMED.fullmatch(path)
    if not named or (named[1] == "cosigned" and named[4] == "tsr"):
        raise Malformed("no such file belongs here")
    body = reader.read(path)
    if named[1] == "stamped" and named[4] == "note":
        if path.removesuffix("note") + "tsr" not in there:
            raise Malformed("its time stamp is not there")
    elif hashlib.sha256(body).hexdigest()[:16] != named[3]:
        raise Malformed("its bytes do not give the digest in its name")
    if named[4] == "tsr":
        fault = stamp_fault(reader.read(path.removesuffix("tsr") + "note"), body)
        if fault:
            raise Malformed(fault)
        return None
    note = parse_note(body)
    checkpoint = parse_checkpoint(note)
    if checkpoint.size != int(named[2]):
        raise Malformed("it is of another size than its name says")
    return Head(path, checkpoint, note, path)


def imprint_fault(note: bytes, response: bytes) -> str:
    """Return what is wrong with a time stamp as far as shows without certificates: it must name the note's digest.

    Source: RFC 3161, section 2.4.2: the message imprint carries the digest as it is.
    """
    return "" if hashlib.sha256(note).digest() in response else "it is a time stamp over something else"


# --- held against the tree --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tree:
    """What a walk has shown. ``roots``: by size; a size it could not reach is missing. ``origin``: the log's name."""

    origin: str
    size: int
    roots: Mapping[int, bytes]


def held_against(tree: Tree, heads: Collection[Head], keys: Keys, *, every_signature: bool) -> Iterator[Difference]:
    """Yield each head that the tree does not continue, or whose signature does not hold."""
    newest = {id(head) for head in sorted(heads, key=lambda head: head.checkpoint.size)[-NEWEST:]}
    for head in heads:
        wrong = list(_disagreement(tree, head))
        if head.note is not None and (wrong or every_signature or id(head) in newest):
            fault = _signature_fault(head, head.note, keys)
            if fault:
                wrong = [Difference(_untrusted_kind(head), head.label, found=fault)]
        yield from wrong


def cosigned_size(heads: Iterable[Head], keys: Keys) -> int:
    """Return the size of the newest checkpoint that a configured witness stands behind; 0 when there is none."""
    notes = sorted(
        (head for head in heads if head.path.startswith("ledger/cosigned/")), key=lambda h: h.checkpoint.size
    )
    for head in reversed(notes):
        if head.note is not None and is_signed(head.note, keys.witnesses):
            return head.checkpoint.size
    return 0


def _untrusted_kind(head: Head) -> DifferenceKind:
    return _kind(head.path) if head.path else DifferenceKind.AGAINST_UNTRUSTED


def _signature_fault(head: Head, note: Note, keys: Keys) -> str:
    """Return which signature does not hold; one of a witness that is not configured here is nobody's."""
    if not is_signed(note, keys.log):
        return "no known key of this log signed it"
    theirs = {(key.name, key.key_id) for key in keys.witnesses}
    lines = tuple(line for line in note.signatures if (line.name, line.key_id) in theirs)
    false = false_lines(Note(note.text, lines), keys.witnesses)
    return ", ".join(false) if head.path else ""


def _disagreement(tree: Tree, head: Head) -> Iterator[Difference]:
    said = head.checkpoint
    if tree.origin and said.origin != tree.origin:
        yield Difference(DifferenceKind.AGAINST_DAMAGED, head.label, tree.origin, said.origin)
    elif said.size > tree.size:
        yield Difference(DifferenceKind.ROLLED_BACK, head.label, str(said.size), str(tree.size))
    elif said.size in tree.roots and tree.roots[said.size] != said.root:
        yield Difference(DifferenceKind.FORKED, head.label, said.root.hex(), tree.roots[said.size].hex())
