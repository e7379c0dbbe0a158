"""What a receipt says, and that nothing of it can be changed without being noticed."""

import json
from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.custody import Actor, Authenticated, Entry, EventType, LedgerEntry, place
from evidence.errors import IntegrityError
from evidence.merkle import CompactRange, Node, root_of
from evidence.receipts import Receipt, check_receipt, receipt_from, receipt_json, receipt_of, to_bytes
from evidence.tlog import Algorithm, Checkpoint, NoteSignature, SignedNote, VerifierKey
from storage.signing import verify_ed25519
from tests.support.upkeep import START

ORIGIN = "evidock/0123456789abcdef"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VKEY = VerifierKey(ORIGIN, Algorithm.ED25519, KEY.public_key().public_bytes_raw())
DETAIL = {
    "station": "S1",
    "root": "/home/dock/S1",
    "source_path": "100/MOV0001.mp4",
    "size_bytes": 7,
    "mtime_ns": 1_770_000_000_123_456_789,
    "pickup_key": "ab" * 32,
    "received_at": "2026-03-02T04:00:00.000007Z",
    "claims": {},
}


def signed(checkpoint: Checkpoint) -> bytes:
    """Return a checkpoint as the log signs it."""
    signature = NoteSignature(ORIGIN, VKEY.key_id, KEY.sign(checkpoint.text.encode()))
    return SignedNote(checkpoint.text, (signature,)).to_bytes()


def arrival(number: int, detail: Mapping[str, object] = DETAIL, event: EventType = EventType.RECEIVED) -> LedgerEntry:
    """Return the entry of an arrival in its place."""
    return place(number, Entry(event, Actor("system", Authenticated.MACHINE), START, "cd" * 32, detail=detail))


def tree(entries: list[LedgerEntry]) -> tuple[bytes, Node]:
    """Return the signed head over entries, and the nodes below it."""
    leaves = [entry.leaf for entry in entries]

    def node(level: int, index: int) -> bytes:
        return root_of(leaves[index << level : index + 1 << level])

    grown = CompactRange()
    for leaf in leaves:
        grown.append(leaf)
    return signed(Checkpoint(ORIGIN, len(leaves), grown.root())), node


def receipt(size: int = 5, number: int = 3) -> Receipt:
    """Return the receipt for one of several arrivals."""
    entries = [arrival(n) for n in range(size)]
    checkpoint, node = tree(entries)
    return receipt_of(entries[number], DETAIL, checkpoint, node)


@pytest.mark.parametrize(("size", "number"), [(1, 0), (5, 0), (5, 4), (257, 256), (300, 17)])
def test_a_receipt_proves_its_file_offline(size: int, number: int) -> None:
    """What was written reads back the same, and holds under the log's key, wherever the entry is in the tree."""
    made = receipt(size, number)
    read = receipt_from("x", to_bytes(made))
    assert read == made
    assert check_receipt(read, [VKEY], verify_ed25519).size == size
    assert (read.digest, read.source_path, read.mtime_ns) == ("cd" * 32, DETAIL["source_path"], DETAIL["mtime_ns"])


def test_no_receipt_is_made_for_what_no_checkpoint_covers() -> None:
    """An entry behind the signed head, or one that is not what is sealed there, gets none."""
    entries = [arrival(n) for n in range(3)]
    checkpoint, node = tree(entries)
    with pytest.raises(ValueError, match="no leaf"):
        receipt_of(arrival(3), DETAIL, checkpoint, node)
    other = arrival(1, {**DETAIL, "size_bytes": 8})
    with pytest.raises(IntegrityError, match="not in the tree"):
        receipt_of(other, DETAIL, checkpoint, node)


def test_an_entry_that_tells_of_no_arrival_gets_no_receipt() -> None:
    """A detail without what names a dock's file is refused, not guessed at."""
    entries = [arrival(0)]
    checkpoint, node = tree(entries)
    with pytest.raises(IntegrityError, match="no file that came"):
        receipt_of(entries[0], {"station": "S1"}, checkpoint, node)


CHANGES: Mapping[str, object] = {
    "sha256": "ef" * 32,
    "size_bytes": 8,
    "station": "S2",
    "source_path": "100/MOV0002.mp4",
    "mtime_ns": 1_770_000_000_123_456_780,
    "received_at": "2026-03-02T04:00:01Z",
    "pickup_key": "cd" * 32,
    "entry": 2,
    "leaf_hash": "00" * 32,
    "origin": "evidock/fedcba9876543210",
    "v": 2,
}


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_no_field_can_be_changed(name: str) -> None:
    """A receipt in which a field was changed is refused when it is read or when it is checked."""
    said = json.loads(to_bytes(receipt()))
    assert said[name] != CHANGES[name]
    with pytest.raises(IntegrityError):
        check_receipt(receipt_from("x", json.dumps({**said, name: CHANGES[name]}).encode()), [VKEY], verify_ed25519)


@pytest.mark.parametrize("name", sorted(receipt_json(receipt())))
def test_no_field_can_be_missing(name: str) -> None:
    """A receipt without one of its fields is no receipt."""
    said = json.loads(to_bytes(receipt()))
    del said[name]
    with pytest.raises(IntegrityError):
        receipt_from("x", json.dumps(said).encode())


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff\xfe", b"{", b'{"v":1}', b'"x"'])
def test_what_is_no_receipt_is_named_as_such(body: bytes) -> None:
    """Whatever bytes it is fed, the reader raises one kind of error."""
    with pytest.raises(IntegrityError):
        receipt_from("S1/x.receipt.json", body)


def test_another_log_s_receipt_does_not_hold() -> None:
    """A receipt that somebody else's key signed is refused."""
    other = VerifierKey(ORIGIN, Algorithm.ED25519, Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    with pytest.raises(IntegrityError, match="no trusted key"):
        check_receipt(receipt(), [other], verify_ed25519)


def test_an_entry_that_is_no_arrival_proves_no_file() -> None:
    """A receipt built over the entry of a view does not pass for one of a sealed file."""
    entries = [arrival(0, event=EventType.VIEWED)]
    checkpoint, node = tree(entries)
    with pytest.raises(IntegrityError, match="another file"):
        check_receipt(receipt_of(entries[0], DETAIL, checkpoint, node), [VKEY], verify_ed25519)
