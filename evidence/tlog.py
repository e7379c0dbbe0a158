"""The forms of a transparency log: tile paths, entry bundles, checkpoints, signed notes, cosignatures, proofs.

Pure text and bytes; who signs and who verifies a signature is handed in.

Source: C2SP tlog-tiles, tlog-checkpoint, signed-note, tlog-cosignature (version 1, Ed25519), tlog-proof.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from evidence.errors import IntegrityError

WIDTH = 256
"""Hashes in a full tile, entries in a full bundle."""

LARGEST_ENTRY_BYTES = 65_535
PROOF_HEAD = "c2sp.org/tlog-proof@v1"
MOST_SIGNATURES = 64
_EM_DASH = "\u2014"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_HASH_BYTES, _KEY_ID_BYTES, _ED25519_BYTES, _TIME_BYTES = 32, 4, 64, 8

Verify = Callable[[bytes, bytes, bytes], bool]
"""Whether a signature (64 bytes) over a message is by an Ed25519 public key (32 bytes): ``(public, message, sig)``."""


# --- tiles ------------------------------------------------------------------------------------------------------------


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Return ``tile/<level>/<index>``, with ``.p/<width>`` when it is not full."""
    return f"tile/{level}/{_elements(index)}{_partial(width)}"


def bundle_path(index: int, width: int = WIDTH) -> str:
    """Return ``tile/entries/<index>``, with ``.p/<width>`` when it is not full."""
    return f"tile/entries/{_elements(index)}{_partial(width)}"


def _elements(index: int) -> str:
    parts = [f"{index % 1000:03}"]
    while index := index // 1000:
        parts.insert(0, f"x{index % 1000:03}")
    return "/".join(parts)


def _partial(width: int) -> str:
    return "" if width == WIDTH else f".p/{width}"


def to_bundle(entries: Iterable[bytes]) -> bytes:
    """Return entries as a bundle: each after its length as two bytes, big-endian.

    Raises:
        ValueError: an entry is longer than 65,535 bytes.
    """
    parts = []
    for entry in entries:
        if len(entry) > LARGEST_ENTRY_BYTES:
            raise ValueError(f"an entry of {len(entry)} bytes does not fit into a bundle")
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def from_bundle(body: bytes) -> list[bytes]:
    """Return the entries of a bundle.

    Raises:
        IntegrityError: it ends inside an entry.
    """
    entries, at = [], 0
    while at < len(body):
        length, start = int.from_bytes(body[at : at + 2], "big"), at + 2
        if start + length > len(body):
            raise _malformed("a bundle ends inside an entry")
        entries.append(body[start : start + length])
        at = start + length
    return entries


# --- keys and signed notes --------------------------------------------------------------------------------------------


class Algorithm(IntEnum):
    """Signature types of the signed-note registry that are used here."""

    ED25519 = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True)
class VerifierKey:
    """A public key that notes are verified with. ``public``: 32 bytes, RFC 8032."""

    name: str
    algorithm: Algorithm
    public: bytes

    @property
    def key_id(self) -> bytes:
        """First four bytes of SHA-256 over name, newline, algorithm byte and key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public).digest()[:4]

    def __str__(self) -> str:
        """Return ``name+keyid+base64``, the vkey form."""
        material = bytes([self.algorithm]) + self.public
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(material).decode()}"


def verifier_key(text: str) -> VerifierKey:
    """Return the key a vkey states.

    Raises:
        IntegrityError: it is not a vkey of a known algorithm, or its key id does not agree.
    """
    name, _, rest = text.strip().partition("+")
    key_id, _, material = rest.partition("+")
    raw = _unbase64(material, "a verifier key")
    if len(raw) != 1 + _HASH_BYTES or raw[0] not in set(Algorithm) or not _is_key_name(name):
        raise _malformed("this is no Ed25519 verifier key")
    key = VerifierKey(name, Algorithm(raw[0]), raw[1:])
    if key.key_id.hex() != key_id:
        raise _malformed("the key id of a verifier key does not agree with its key")
    return key


@dataclass(frozen=True)
class NoteSignature:
    """One signature line. ``blob``: what follows the key id; for a cosignature 8 bytes of time, then 64."""

    name: str
    key_id: bytes
    blob: bytes

    def line(self) -> str:
        """Return the line, with its newline."""
        return f"{_EM_DASH} {self.name} {base64.b64encode(self.key_id + self.blob).decode()}\n"


@dataclass(frozen=True)
class SignedNote:
    """A text that ends in a newline, and its signatures."""

    text: str
    signatures: tuple[NoteSignature, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the note: text, an empty line, a line for each signature."""
        return (self.text + "\n" + "".join(one.line() for one in self.signatures)).encode()

    def signed(self, signature: NoteSignature) -> "SignedNote":
        """Return the note with one more signature; the same key signs once, with its newest."""
        key = (signature.name, signature.key_id)
        others = tuple(one for one in self.signatures if (one.name, one.key_id) != key)
        return replace(self, signatures=(*others, signature))

    def by(self, key: VerifierKey) -> NoteSignature | None:
        """Return the signature a key made, unverified; None when there is none."""
        made = (one for one in self.signatures if (one.name, one.key_id) == (key.name, key.key_id))
        return next(made, None)

    def is_signed_by(self, key: VerifierKey, verify: Verify) -> bool:
        """Whether the key signed this text. A cosignature key: whether it cosigned it, at whatever time."""
        made = self.by(key)
        if made is None:
            return False
        if key.algorithm is Algorithm.COSIGNATURE:
            time, blob = int.from_bytes(made.blob[:_TIME_BYTES], "big"), made.blob[_TIME_BYTES:]
            return len(blob) == _ED25519_BYTES and verify(key.public, cosigned_message(self.text, time), blob)
        return len(made.blob) == _ED25519_BYTES and verify(key.public, self.text.encode(), made.blob)


def signed_note(body: bytes) -> SignedNote:
    """Return the note that bytes hold.

    Raises:
        IntegrityError: they are not a signed note.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise _malformed("a signed note is not UTF-8") from error
    head, gap, tail = text.rpartition("\n\n")
    lines = tail.splitlines(keepends=True)
    if not gap or not lines or len(lines) > MOST_SIGNATURES or any(ord(sign) < 32 and sign != "\n" for sign in text):  # noqa: PLR2004 - below the space
        raise _malformed("this is no signed note")
    return SignedNote(head + "\n", tuple(_signature(line) for line in lines))


def _signature(line: str) -> NoteSignature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    raw = _unbase64(encoded.removesuffix("\n"), "a signature")
    if dash != _EM_DASH or not line.endswith("\n") or not _is_key_name(name) or len(raw) <= _KEY_ID_BYTES:
        raise _malformed("a line of a signed note is no signature")
    return NoteSignature(name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:])


def _is_key_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(sign.isspace() for sign in name)


def cosigned_message(text: str, time_s: int) -> bytes:
    """Return what a witness signs over a checkpoint's text. ``time_s``: POSIX seconds."""
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()


def cosignature_time(signature: NoteSignature) -> int:
    """Return when a cosignature says it was made, POSIX seconds."""
    return int.from_bytes(signature.blob[:_TIME_BYTES], "big")


# --- checkpoints ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log at a size. ``root``: 32 bytes."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The note text: origin, size, root, a line each."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def checkpoint_of(note: SignedNote) -> Checkpoint:
    """Return the checkpoint a note's text states; whether its signatures hold is another question.

    Raises:
        IntegrityError: the text is no checkpoint.
    """
    lines = note.text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]) or not _NUMBER.fullmatch(lines[1]):  # noqa: PLR2004 - three lines and the end
        raise _malformed("this note is no checkpoint")
    root = _unbase64(lines[2], "a root")
    if len(root) != _HASH_BYTES:
        raise _malformed("a root is not 32 bytes long")
    return Checkpoint(lines[0], int(lines[1]), root)


# --- proofs -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proof:
    """That an entry is in the log. ``path``: hashes of 32 bytes, from the leaf's sibling up."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes

    def to_bytes(self) -> bytes:
        """Return the ``tlog-proof``."""
        hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in self.path)
        return f"{PROOF_HEAD}\nindex {self.index}\n{hashes}\n".encode() + self.checkpoint


def proof_from(body: bytes) -> Proof:
    """Return the proof that bytes hold; whether it holds is another question.

    Raises:
        IntegrityError: they are no tlog-proof.
    """
    head, gap, checkpoint = body.partition(b"\n\n")
    lines = head.decode("utf-8", "replace").split("\n")
    if len(lines) > 1 and lines[1].startswith("extra "):
        del lines[1]
    number = lines[1].removeprefix("index ") if len(lines) > 1 and lines[1].startswith("index ") else ""
    if not gap or lines[0] != PROOF_HEAD or not _NUMBER.fullmatch(number):
        raise _malformed("this is no tlog-proof")
    return Proof(int(number), _hashes(lines[2:]), checkpoint)


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    found = tuple(_unbase64(line, "a hash of a proof") for line in lines)
    if any(len(one) != _HASH_BYTES for one in found):
        raise _malformed("a hash of a proof is not 32 bytes long")
    return found


def _unbase64(text: str, what: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _malformed(f"{what} is not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise _malformed(f"{what} is not canonical base64")
    return raw


def _malformed(why: str) -> IntegrityError:
    return IntegrityError(why, subject="ledger", cure="restore it from a copy, and report it")
