"""A witness: looks at a log from another machine, sees that it only ever grew, and cosigns its newest checkpoint.

It trusts nothing but the log's verifier key and its own memory. It fetches the tiles that a proof needs and no others,
keeps what it cosigned before anybody gets it, and never cosigns two trees of which one does not continue the other.

Source: RFC 9162, section 2.1.4; C2SP tlog-checkpoint, tlog-cosignature, tlog-tiles.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from evidence.errors import ConfigError, IntegrityError, NotFoundError, StorageError
from evidence.merkle import Node, check_consistency, consistency_path, root_at
from evidence.notes import Note
from evidence.ports import WallClock
from evidence.tlog import (
    Algorithm,
    Checkpoint,
    NoteSignature,
    SignedNote,
    VerifierKey,
    checkpoint_of,
    cosignature_time,
    signed_note,
)
from evidence.zones import to_utc_iso
from storage.key_learning import introduced
from storage.log_sources import Source
from storage.proofs import tile_node
from storage.signing import Signer, fingerprint, verify_ed25519
from storage.witness_state import WitnessState

TRIES = 3
"""A log may grow while it is read and drop a partial tile that was asked for; then its newer checkpoint is read."""


class Look(StrEnum):
    """What came of looking once."""

    COSIGNED = "cosigned"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Round:
    """What a witness did.

    Attributes:
        checkpoint: the one it stands behind. before: size of the one it stood behind until now; None for the first.
        note: where the cosigned note lies.
        witness_key: the witness's own public key.
        first_trusted: the log's keys that were taken on trust in this round.
        learned: keys that entries of the log introduced.
        unknown: key ids of signatures in the log's name that nothing introduces; they count for nothing.
        by_hand: what is left to do to bring the note home; None when its home has it.
    """

    look: Look
    checkpoint: Checkpoint
    before: int | None
    note: Path
    witness_key: VerifierKey
    first_trusted: tuple[VerifierKey, ...]
    learned: tuple[VerifierKey, ...]
    unknown: tuple[str, ...]
    by_hand: Note | None


@dataclass(frozen=True)
class _Tree:
    """A checkpoint whose tiles give its root. ``path``: from the last one seen, empty when there is none smaller."""

    note: SignedNote
    said: Checkpoint
    node: Node
    path: list[bytes]


class Witness:
    """Looks at one log.

    Args:
        source: where the log is read.
        open_state: gives the state folder for a log's name.
        clock: what time it cosigns at.
        key: the log's verifier key, told by a person; None trusts the first one it meets.
    """

    def __init__(
        self,
        source: Source,
        open_state: Callable[[str], WitnessState],
        clock: WallClock,
        key: VerifierKey | None = None,
    ) -> None:
        self._source = source
        self._open_state = open_state
        self._clock = clock
        self._key = key

    def look(self) -> Round:
        """Look once, cosign what is new, and bring it home.

        Raises:
            IntegrityError: the log does not continue what was seen, or its parts do not agree: nothing was cosigned.
            StorageError: it cannot be reached or read. ConfigError: the state or the key cannot be used.
        """
        note = self._newest()
        state = self._open_state(self._key.name if self._key else checkpoint_of(note).origin)
        signer = state.signer()
        with state.alone():
            last = state.last
            trusted, first = self._trusted(state, note)
            tree = self._read_tree(note, trusted, last)
            self._refuse_conflict(state, signer, tree, last)
            found = introduced(self._source, state, tree.note, tree.node, trusted)
            for key in (*trusted, *found.learned):
                state.trust(key)
            look, place = self._stand_behind(state, signer, tree, (*trusted, *found.learned))
            return Round(
                look,
                tree.said,
                checkpoint_of(last).size if last else None,
                place,
                signer.vkey,
                first,
                found.learned,
                found.unknown,
                self._delivered(state, tree.said.size),
            )

    def _newest(self) -> SignedNote:
        """Return the newest checkpoint as it is served; who signed it is another question.

        Raises:
            StorageError: there is none, or something else is served in its place.
        """
        try:
            note = signed_note(self._source.read("checkpoint"))
            checkpoint_of(note)
        except (IntegrityError, NotFoundError) as error:
            cure = "see that this is the address of an Evidock, or its ledger folder, and that it has sealed something"
            raise StorageError(
                f"shows no checkpoint ({error.message})", subject=self._source.label, cure=cure
            ) from error
        return note

    def _trusted(
        self, state: WitnessState, note: SignedNote
    ) -> tuple[tuple[VerifierKey, ...], tuple[VerifierKey, ...]]:
        """Return the keys that are trusted, and among them those that are only now taken on trust."""
        told = (self._key,) if self._key else ()
        trusted = tuple(dict.fromkeys((*state.trusted, *told)))
        if trusted:
            return trusted, ()
        origin, beside = checkpoint_of(note).origin, self._source.vkeys()
        by_id = {key.key_id: key for key in beside if key.name == origin and key.algorithm is Algorithm.ED25519}
        met = tuple(key for made in note.signatures if (key := by_id.get(made.key_id)))
        if not met:
            cure = "name the key with --key; `evidock key show` prints it at the log's home"
            raise ConfigError("no key that signed this log lies beside it", subject=self._source.label, cure=cure)
        return met, met

    def _read_tree(self, note: SignedNote, trusted: tuple[VerifierKey, ...], last: SignedNote | None) -> _Tree:
        """See that the log's key signed the checkpoint and that its tiles give its root."""
        for _ in range(TRIES):
            _require_signed(note, trusted)
            try:
                return self._tree(note, checkpoint_of(note), checkpoint_of(last).size if last else 0)
            except IntegrityError:
                newer = self._newest()
                if newer.text == note.text:
                    raise
                note = newer
        raise StorageError("grows faster than it can be read", subject=self._source.label, cure="try again later")

    def _tree(self, note: SignedNote, said: Checkpoint, before: int) -> _Tree:
        node = tile_node(self._source, said.size)
        if root_at(said.size, node) != said.root:
            cure = "nothing was cosigned; have its home run `evidock verify --deep`"
            raise IntegrityError("its tiles do not give the root that was signed", subject=said.origin, cure=cure)
        return _Tree(note, said, node, consistency_path(before, said.size, node) if before <= said.size else [])

    def _refuse_conflict(self, state: WitnessState, signer: Signer, tree: _Tree, last: SignedNote | None) -> None:
        """See that the log continues what was seen.

        Raises:
            IntegrityError: it does not; both checkpoints are kept.
        """
        if last is None:
            return
        seen, said = checkpoint_of(last), tree.said
        try:
            check_consistency(seen.size, said.size, tree.path, seen.root, said.root)
        except IntegrityError as error:
            what = _conflict(seen, said, _seen_at(last, signer))
            folder = state.keep_conflict(last, tree.note, what)
            cure = f"nothing was cosigned; both signed checkpoints are kept in {folder}: show them to whoever audits it"
            raise IntegrityError(what, subject=said.origin, cure=cure) from error

    def _stand_behind(
        self, state: WitnessState, signer: Signer, tree: _Tree, keys: tuple[VerifierKey, ...]
    ) -> tuple[Look, Path]:
        """Cosign the checkpoint unless it is cosigned already; return what was done and where the note lies."""
        last = state.last
        if last and last.text == tree.note.text:
            return Look.UNCHANGED, state.place_of(tree.said.size)
        cosignature = signer.cosign(tree.note.text, int(self._clock().timestamp()))
        note = SignedNote(tree.note.text, (*_valid(tree.note, keys), cosignature))
        return Look.COSIGNED, state.keep(note)

    def _delivered(self, state: WitnessState, size: int) -> Note | None:
        """Bring the newest note home unless it is there; return what is left to do."""
        last = state.last
        if last is None or state.delivered >= size:
            return None
        try:
            left = self._source.send(last.to_bytes())
        except StorageError as error:
            return Note("witness.not_sent", {"reason": str(error)})
        if left is None:
            state.note_delivered(size)
        return left


def _require_signed(note: SignedNote, trusted: tuple[VerifierKey, ...]) -> None:
    origin = checkpoint_of(note).origin
    if any(key.name != origin for key in trusted):
        cure = "give each log a --state folder of its own, and the --key that belongs to it"
        raise IntegrityError(f"this is not the log {trusted[0].name}", subject=origin, cure=cure)
    if not _valid(note, trusted):
        marks = "; ".join(fingerprint(key) for key in trusted)
        raise IntegrityError(
            f"its newest checkpoint is not signed by the key that is trusted here ({marks})",
            subject=origin,
            cure="nothing was cosigned; if its key was changed long ago, give the new one, from paper, with --key",
        )


def _valid(note: SignedNote, keys: tuple[VerifierKey, ...]) -> tuple[NoteSignature, ...]:
    """Return the signatures of a note that hold under these keys."""
    return tuple(made for key in keys if (made := note.by(key)) and note.is_signed_by(key, verify_ed25519))


def _seen_at(last: SignedNote, signer: Signer) -> str:
    made = last.by(signer.vkey)
    try:
        return to_utc_iso(datetime.fromtimestamp(cosignature_time(made), UTC)) if made else "earlier"
    except (OverflowError, OSError, ValueError):
        return "earlier"  # a damaged state names no time


def _conflict(seen: Checkpoint, said: Checkpoint, when: str) -> str:
    had = f"it had {seen.size} entries when it was cosigned ({when})"
    if said.size < seen.size:
        return f"{had} and shows {said.size} now: it was rolled back, or this is an old copy of it"
    if said.size == seen.size:
        return f"{had}, and shows as many now, but others: it was forked"
    return f"{had}, and the {said.size} it shows now do not continue those: it was forked"
