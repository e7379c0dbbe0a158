"""The ledger's part of a pack: key, checkpoint, cosignatures, and every entry proven to be in the signed tree.

The second opinion: core arithmetic and the crypto library, where the pack's own ``verify.py`` brings its own.

Source: docs/ledger-format.md ("Proofs").
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from evidence import merkle, tlog
from evidence.custody import joined
from evidence.errors import IntegrityError
from evidence.packs import (
    CHECKPOINT,
    COSIGNED,
    LOG_KEY,
    WITNESSES,
    Difference,
    DifferenceKind,
    Witnessed,
    entry_path,
    proof_path,
)
from evidence.tlog import Algorithm, Checkpoint, SignedNote, VerifierKey
from storage.pack_bag import PackFiles
from storage.pack_stated import Stated, object_of
from storage.proofs import consistency_from
from storage.signing import fingerprint, verify_ed25519

LAST = datetime.max.replace(tzinfo=UTC)


@dataclass
class LedgerPart:
    """What was found of the ledger's part.

    Attributes:
        key: the key that was used. checkpoint: that which holds, with its bytes in ``note``.
        proven: number → what a proven entry says; None where the entry is not proven.
        told: (last number, body) of proven entries, long ones whole.
    """

    key: VerifierKey | None = None
    checkpoint: Checkpoint | None = None
    note: bytes = b""
    witnessed: list[Witnessed] = field(default_factory=list)
    proven: dict[int, Mapping[str, object] | None] = field(default_factory=dict)
    told: list[tuple[int, Mapping[str, object]]] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    def holds(self, numbers: Collection[int]) -> bool:
        """Whether all of these entries are proven."""
        return all(self.proven.get(number) is not None for number in numbers)


def check_ledger(
    files: PackFiles, stated: Stated | None, trusted: VerifierKey | str | None, suspects: Collection[str]
) -> LedgerPart:
    """Check the ledger's part. ``suspects``: paths that differ from their manifest, blamed first."""
    part = LedgerPart()
    everything = tuple(item.number for item in stated.items) if stated else ()
    inside = _key_inside(files)
    if inside is None or not _is_trusted(files, inside, trusted):
        part.differences.append(Difference(DifferenceKind.LEDGER_KEY, LOG_KEY, everything))
    part.key = trusted if isinstance(trusted, VerifierKey) else inside
    _read_checkpoint(files, stated, part, everything)
    _read_cosigned(files, part)
    numbers = {*(stated.numbers if stated else ()), *_lying(files)}
    for number in sorted(numbers):
        part.proven[number] = _proven(files, number, part, suspects)
    part.told = list(_told(part.proven))
    return part


# --- key and checkpoint ----------------------------------------------------------------------------------------------


def _is_trusted(files: PackFiles, inside: VerifierKey, trusted: VerifierKey | str | None) -> bool:
    """Whether the pack's key is the one from paper; while keys change, that one may have signed the checkpoint too."""
    if isinstance(trusted, str):
        return fingerprint(inside).replace(" ", "") == trusted
    return trusted is None or trusted == inside or _is_signed_by(files, trusted)


def _key_inside(files: PackFiles) -> VerifierKey | None:
    try:
        text = files.read(LOG_KEY).decode()
        key = tlog.verifier_key(text)
    except (IntegrityError, UnicodeDecodeError):
        return None
    return key if key.algorithm is Algorithm.ED25519 and text == f"{key}\n" else None


def _is_signed_by(files: PackFiles, key: VerifierKey) -> bool:
    try:
        return tlog.signed_note(files.read(CHECKPOINT)).is_signed_by(key, verify_ed25519)
    except IntegrityError:
        return False


def _read_checkpoint(files: PackFiles, stated: Stated | None, part: LedgerPart, everything: tuple[int, ...]) -> None:
    try:
        body = files.read(CHECKPOINT)
        note = tlog.signed_note(body)
        found = tlog.checkpoint_of(note)
    except IntegrityError:
        part.differences.append(Difference(DifferenceKind.LEDGER_CHECKPOINT, CHECKPOINT, everything))
        return
    names = {found.origin, *([part.key.name] if part.key else []), *([stated.origin] if stated else [])}
    if len(names) == 1 and (part.key is None or note.is_signed_by(part.key, verify_ed25519)):
        part.checkpoint, part.note = found, body
    else:
        part.differences.append(Difference(DifferenceKind.LEDGER_CHECKPOINT, CHECKPOINT, everything))


# --- witnesses -------------------------------------------------------------------------------------------------------


def _read_cosigned(files: PackFiles, part: LedgerPart) -> None:
    notes = files.below(COSIGNED, ".note")
    witnesses: list[VerifierKey] = []
    if notes or files.size(WITNESSES) is not None:
        try:
            lines = files.read(WITNESSES).decode().splitlines()
            witnesses = [key for key in map(tlog.verifier_key, lines) if key.algorithm is Algorithm.COSIGNATURE]
        except (IntegrityError, UnicodeDecodeError):
            part.differences.append(Difference(DifferenceKind.LEDGER_COSIGNATURE, WITNESSES))
    for path in notes:
        seen = list(_witnessed(files, path, witnesses, part.checkpoint))
        part.witnessed += seen
        if not seen:
            part.differences.append(Difference(DifferenceKind.LEDGER_COSIGNATURE, path))


def _witnessed(
    files: PackFiles, path: str, witnesses: list[VerifierKey], ours: Checkpoint | None
) -> Iterator[Witnessed]:
    """Yield the cosignatures of a note that hold, on a head that our checkpoint continues."""
    try:
        note = tlog.signed_note(files.read(path))
        head = tlog.checkpoint_of(note)
        if ours is not None:
            _require_continued(files, path, head, ours)
    except (IntegrityError, UnicodeDecodeError):
        return
    for key in witnesses:
        if note.is_signed_by(key, verify_ed25519):
            yield Witnessed(key.name, head.size, _cosigned_at(note, key))


def _require_continued(files: PackFiles, path: str, head: Checkpoint, ours: Checkpoint) -> None:
    if head.origin != ours.origin or head.size > ours.size:
        raise IntegrityError("was cosigned for another log", subject=path)
    proof: list[bytes] = []
    if head.size != ours.size:
        body = files.read(f"{path.removesuffix('.note')}.consistency")
        proof = consistency_from(body, head.size, ours.size)
    merkle.check_consistency(head.size, ours.size, proof, head.root, ours.root)


def _cosigned_at(note: SignedNote, key: VerifierKey) -> datetime:
    made = note.by(key)
    try:
        return datetime.fromtimestamp(tlog.cosignature_time(made), UTC) if made else LAST
    except (OverflowError, ValueError, OSError):
        return LAST


# --- entries ---------------------------------------------------------------------------------------------------------


def _lying(files: PackFiles) -> set[int]:
    """Return the numbers of entries and proofs that lie in the pack, listed or not."""
    places = (("data/ledger/entries", ".json"), ("data/ledger/proofs", ".tlog-proof"))
    names = [
        path.removeprefix(f"{folder}/").removesuffix(suffix)
        for folder, suffix in places
        for path in files.below(folder, suffix)
    ]
    return {int(name) for name in names if name.isascii() and name.isdecimal() and str(int(name)) == name}


def _proven(files: PackFiles, number: int, part: LedgerPart, suspects: Collection[str]) -> Mapping[str, object] | None:
    """Return what an entry says when it is in the signed tree; else None, and the difference is noted."""
    entry_at, proof_at = entry_path(number), proof_path(number)
    try:
        entry = files.read(entry_at, tlog.LARGEST_ENTRY_BYTES)
        said = object_of(entry)
    except IntegrityError:
        part.differences.append(Difference(DifferenceKind.LEDGER_ENTRY, entry_at))
        return None
    try:
        proof = tlog.proof_from(files.read(proof_at))
        head = _head_for(proof, number, part)
        root = merkle.root_from_inclusion(merkle.leaf_hash(entry), number, head.size, proof.path)
    except IntegrityError:
        part.differences.append(Difference(DifferenceKind.LEDGER_PROOF, proof_at))
        return None
    if root == head.root and type(said.get("number")) is int and said["number"] == number:
        return said
    proof_is_to_blame = root != head.root and proof_at in suspects and entry_at not in suspects
    kind = DifferenceKind.LEDGER_PROOF if proof_is_to_blame else DifferenceKind.LEDGER_ENTRY
    part.differences.append(Difference(kind, proof_at if proof_is_to_blame else entry_at))
    return None


def _head_for(proof: tlog.Proof, number: int, part: LedgerPart) -> Checkpoint:
    """Return the head a proof has to lead to: the pack's; where that does not hold, the signed one it carries."""
    if proof.index != number:
        raise IntegrityError("is the proof of another entry", subject=proof_path(number))
    if part.checkpoint is not None:
        if proof.checkpoint != part.note:
            raise IntegrityError("is for another checkpoint", subject=proof_path(number))
        return part.checkpoint
    note = tlog.signed_note(proof.checkpoint)
    if part.key is not None and not note.is_signed_by(part.key, verify_ed25519):
        raise IntegrityError("carries a checkpoint that is not signed", subject=proof_path(number))
    return tlog.checkpoint_of(note)


def _told(proven: Mapping[int, Mapping[str, object] | None]) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the proven entries, those in parts as one; parts that do not follow one another tell nothing."""
    parts: list[Mapping[str, object]] = []
    last = -1
    for number, said in proven.items():
        detail = said.get("detail") if said else None
        if said is None or not isinstance(detail, Mapping):
            parts = []
            continue
        if not {"part", "parts", "text"} <= detail.keys():
            parts = []
            yield number, said
            continue
        follows = not parts or number == last + 1
        parts = [*parts, detail] if follows and detail["part"] == len(parts) else []
        last = number
        if parts and detail["parts"] == len(parts):
            with suppress(ValueError):
                yield number, {**said, "detail": joined(parts)}
            parts = []
