"""Cosigned checkpoints: taken in when they are ours and a witness we know stands behind them, kept for ever.

Source: docs/ledger-format.md; C2SP tlog-cosignature.
"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from evidence.errors import ConfigError, EvidockError, IntegrityError, NotFoundError, UsageError
from evidence.merkle import root_at
from evidence.ports import LogStore
from evidence.tlog import Algorithm, Checkpoint, SignedNote, VerifierKey, checkpoint_of, signed_note
from storage.proofs import tile_node
from storage.signing import verify_ed25519

FOLDER = "cosigned"
LARGEST_NOTE_BYTES = 64 * 1024


@dataclass(frozen=True)
class Accepted:
    """A cosigned checkpoint that is kept. ``path``: below the log; ``new``: it was not there before."""

    path: str
    size: int
    witnesses: tuple[str, ...]
    new: bool


def accept(log: LogStore, ours: Collection[VerifierKey], witnesses: Collection[VerifierKey], body: bytes) -> Accepted:
    """Keep a cosigned checkpoint of this log; what is not the log's or a known witness's is left out of what is kept.

    Raises:
        UsageError: it is no signed checkpoint. ConfigError: no witness of this home cosigned it.
        IntegrityError: it is not of this log, or this log was never in that state. StorageError: it cannot be kept.
    """
    note, said = _read(body)
    signed = [made for key in ours if (made := note.by(key)) and note.is_signed_by(key, verify_ed25519)]
    if not signed:
        raise IntegrityError(
            "none of this home's keys has signed this checkpoint",
            subject=said.origin,
            cure="send it to the home whose ledger it is; `evidock key show` prints whose this is",
        )
    by = [key for key in witnesses if _has_cosigned(note, key)]
    if not by:
        raise _unknown(note, ours)
    _see_it_was_ours(log, said)
    return _kept(log, said, SignedNote(note.text, (*signed, *(made for key in by if (made := note.by(key))))), by)


def newest(log: LogStore) -> SignedNote:
    """Return the newest cosigned checkpoint, with the cosignatures of every witness that saw it.

    Raises:
        NotFoundError: no witness has cosigned yet.
    """
    paths = sorted(log.paths(FOLDER))
    if not paths:
        raise NotFoundError("no witness has cosigned this log yet", subject=FOLDER, cure="run `evidock witness`")
    size = paths[-1].rpartition("/")[2].partition(".")[0]
    notes = list(_notes_of(log, size))
    for other in notes[1:]:
        for made in other.signatures:
            notes[0] = notes[0].signed(made)
    return notes[0]


def cosigned_at(log: LogStore, key: VerifierKey) -> Checkpoint | None:
    """Return the newest checkpoint that a witness has cosigned here; None when there is none."""
    for path in sorted(log.paths(FOLDER), reverse=True):
        note = signed_note(log.read(path))
        if _has_cosigned(note, key):
            return checkpoint_of(note)
    return None


def _read(body: bytes) -> tuple[SignedNote, Checkpoint]:
    try:
        if len(body) > LARGEST_NOTE_BYTES:
            raise UsageError(f"it has {len(body)} bytes and no checkpoint is longer than {LARGEST_NOTE_BYTES}")
        note = signed_note(body)
        return note, checkpoint_of(note)
    except EvidockError as error:
        cure = "send the note as `evidock witness` wrote it"
        raise UsageError(error.message, subject="cosigned checkpoint", cure=cure) from error


def _has_cosigned(note: SignedNote, key: VerifierKey) -> bool:
    return key.algorithm is Algorithm.COSIGNATURE and note.is_signed_by(key, verify_ed25519)


def _see_it_was_ours(log: LogStore, said: Checkpoint) -> None:
    """See that this log had this root at this size."""
    head = checkpoint_of(signed_note(log.read("checkpoint")))
    if said.size > head.size:
        raise IntegrityError(
            f"our own key signed {said.size} entries, and this ledger has {head.size}: it was rolled back",
            subject=said.origin,
            cure="keep that note; run `evidock verify`, restore vault and register from backup, and report it",
        )
    if root_at(said.size, tile_node(log, head.size)) != said.root:
        raise IntegrityError(
            f"our own key signed another tree of {said.size} entries than the one that lies here: this log was forked",
            subject=said.origin,
            cure="keep that note; run `evidock verify --deep`, and report it",
        )


def _unknown(note: SignedNote, ours: Collection[VerifierKey]) -> ConfigError:
    own = {key.key_id for key in ours}
    others = [f"{made.name} (key id {made.key_id.hex()})" for made in note.signatures if made.key_id not in own]
    return ConfigError(
        "no witness of this home has cosigned it",
        subject=", ".join(others) or "cosigned checkpoint",
        cure="if you trust that witness, add the verifier key it prints to ledger.witnesses in evidock.toml",
    )


def _kept(log: LogStore, said: Checkpoint, note: SignedNote, by: Collection[VerifierKey]) -> Accepted:
    """Store the note, unless what is stored of this size has all of these witnesses."""
    names, size = tuple(key.name for key in by), f"{said.size:012}"
    there = [known for known in _notes_of(log, size) if all(_has_cosigned(known, key) for key in by)]
    body = there[0].to_bytes() if there else note.to_bytes()
    path = f"{FOLDER}/{size}.{hashlib.sha256(body).hexdigest()[:16]}.note"
    if not there:
        log.create(path, body)
    return Accepted(path, said.size, names, new=not there)


def _notes_of(log: LogStore, size: str) -> Iterator[SignedNote]:
    """Yield the cosigned notes of a size (twelve digits)."""
    for path in log.paths(FOLDER):
        if path.rpartition("/")[2].startswith(f"{size}."):
            yield signed_note(log.read(path))
