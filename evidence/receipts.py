"""Receipts: what a dock gets back for a file, so that whoever holds one can prove offline what was sealed, and where.

A receipt carries the ledger entry that tells of the file, the proof that this entry is in the tree of a signed
checkpoint, and that checkpoint: a ledger or a vault that is rolled back later no longer continues it.

Source: docs/ledger-format.md; docs/interfaces.md, section "Receipt".
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from evidence.custody import EventType, LedgerEntry, placed
from evidence.errors import IntegrityError
from evidence.ids import Digest, StationId
from evidence.merkle import Node, check_inclusion, inclusion_path
from evidence.tlog import Checkpoint, Proof, VerifierKey, Verify, checkpoint_of, proof_from, signed_note
from evidence.zones import exact_iso, from_iso

VERSION = 1
ARRIVALS = frozenset({EventType.RECEIVED.value, EventType.SEEN_AGAIN.value})
"""Events a receipt is written for: the file came, or came again."""


@dataclass(frozen=True)
class Receipt:
    """That a dock's file is sealed and in the ledger.

    Attributes:
        source_path: below the station's folder, bytes that are no UTF-8 as ``%XX``; mtime_ns: as the dock had it.
        pickup_key: what tells this state of the file at this place from every other.
        entry: the ledger entry of its arrival. proof: that the entry is in the tree of ``proof.checkpoint``.
    """

    digest: Digest
    size_bytes: int
    station: StationId
    source_path: str
    mtime_ns: int
    received_at: datetime
    pickup_key: str
    entry: LedgerEntry
    proof: Proof

    @property
    def checkpoint(self) -> Checkpoint:
        """The head of the ledger that the receipt stands on; whether its signature holds is another question."""
        return checkpoint_of(signed_note(self.proof.checkpoint))


def receipt_of(entry: LedgerEntry, detail: Mapping[str, object], checkpoint: bytes, node: Node) -> Receipt:
    """Return the receipt for an arrival.

    ``detail`` is what the entry tells, whole, also when it takes several places in the ledger; ``checkpoint`` a signed
    note, and ``node`` gives the nodes of the tree it is the head of.

    Raises:
        IntegrityError: the entry is not in that tree, or tells of no arrival. ValueError: the tree is not so long yet.
    """
    head = checkpoint_of(signed_note(checkpoint))
    path = tuple(inclusion_path(entry.number, head.size, node))
    check_inclusion(entry.leaf, entry.number, head.size, path, head.root)
    try:
        return Receipt(
            digest=Digest(str(entry.body["subject"])),
            size_bytes=_whole(detail["size_bytes"]),
            station=StationId(str(detail["station"])),
            source_path=str(detail["source_path"]),
            mtime_ns=_whole(detail["mtime_ns"]),
            received_at=from_iso(str(detail["received_at"])),
            pickup_key=str(detail["pickup_key"]),
            entry=entry,
            proof=Proof(entry.number, path, checkpoint),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _refused(f"entry {entry.number} tells of no file that came", "ledger") from error


# --- its bytes --------------------------------------------------------------------------------------------------------


def receipt_json(receipt: Receipt) -> dict[str, object]:
    """Return the documented JSON of a receipt."""
    return {
        "v": VERSION,
        "origin": receipt.checkpoint.origin,
        "sha256": receipt.digest,
        "size_bytes": receipt.size_bytes,
        "station": receipt.station,
        "source_path": receipt.source_path,
        "mtime_ns": receipt.mtime_ns,
        "received_at": exact_iso(receipt.received_at),
        "pickup_key": receipt.pickup_key,
        "entry": receipt.entry.number,
        "leaf_hash": receipt.entry.leaf.hex(),
        "canonical": receipt.entry.canonical.decode(),
        "checkpoint": receipt.proof.checkpoint.decode(),
        "proof": receipt.proof.to_bytes().decode(),
    }


def to_bytes(receipt: Receipt) -> bytes:
    """Return the receipt as its file holds it: JSON on one line, UTF-8, keys sorted, a newline at the end."""
    text = json.dumps(receipt_json(receipt), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() + b"\n"


def receipt_from(name: str, body: bytes) -> Receipt:
    """Return the receipt a file holds; whether what it says is true, `check_receipt` tells.

    Raises:
        IntegrityError: the file of that name holds no receipt, or one that contradicts itself.
    """
    try:
        said = json.loads(body)
        receipt = _parsed(said)
        agrees = receipt_json(receipt) == {key: said[key] for key in receipt_json(receipt)}
    except (ValueError, KeyError, TypeError) as error:
        raise _refused("this is no receipt", name) from error
    if not agrees:
        raise _refused("this receipt contradicts itself", name)
    return receipt


def _parsed(said: Mapping[str, object]) -> Receipt:
    if said["v"] != VERSION:
        raise ValueError(f"unknown receipt version {said['v']!r}")
    return Receipt(
        digest=Digest(str(said["sha256"])),
        size_bytes=_whole(said["size_bytes"]),
        station=StationId(str(said["station"])),
        source_path=str(said["source_path"]),
        mtime_ns=_whole(said["mtime_ns"]),
        received_at=from_iso(str(said["received_at"])),
        pickup_key=str(said["pickup_key"]),
        entry=placed(_whole(said["entry"]), str(said["canonical"]).encode()),
        proof=proof_from(str(said["proof"]).encode()),
    )


# --- whether it is true -----------------------------------------------------------------------------------------------


def check_receipt(receipt: Receipt, keys: Collection[VerifierKey], verify: Verify, name: str = "receipt") -> Checkpoint:
    """See that a receipt proves what it says, offline; return the checkpoint it stands on.

    ``keys`` are the log's verifier keys that are trusted: told on paper or by other means, never by the receipt itself.

    Raises:
        IntegrityError: no trusted key signed its checkpoint, its entry is not in that tree or tells of another file.
    """
    note = signed_note(receipt.proof.checkpoint)
    if not any(note.is_signed_by(key, verify) for key in keys):
        raise _refused("no trusted key signed the checkpoint of this receipt", name)
    head = checkpoint_of(note)
    if receipt.proof.index != receipt.entry.number:
        raise _refused("its proof is of another entry", name)
    check_inclusion(receipt.entry.leaf, receipt.entry.number, head.size, receipt.proof.path, head.root)
    if not _tells_of(receipt):
        raise _refused("its ledger entry tells of another file", name)
    return head


def _tells_of(receipt: Receipt) -> bool:
    try:
        body = receipt.entry.body
        detail = body["detail"]
        whole = not isinstance(detail, Mapping) or "parts" not in detail
    except (KeyError, ValueError):
        return False
    told = (body.get("number"), body.get("subject"), body.get("event") in ARRIVALS)
    return told == (receipt.entry.number, receipt.digest, True) and (not whole or _same(detail, receipt))


def _same(detail: object, receipt: Receipt) -> bool:
    said = {
        "size_bytes": receipt.size_bytes,
        "station": receipt.station,
        "source_path": receipt.source_path,
        "mtime_ns": receipt.mtime_ns,
        "pickup_key": receipt.pickup_key,
        "received_at": exact_iso(receipt.received_at),
    }
    return isinstance(detail, Mapping) and all(detail.get(key) == value for key, value in said.items())


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"a whole number was expected, not {value!r}")
    return value


def _refused(why: str, subject: str) -> IntegrityError:
    cure = "free no card on its word: compare it with the ledger, and have it written again"
    return IntegrityError(why, subject=subject, cure=cure)
