"""Check an Evidock case file (pack) with nothing but this one file and Python 3.8 or newer. 用本文件核验案件证据包.

    python3 verify.py [PACK_DIR] [--key VKEY_OR_FINGERPRINT] [--json] [--lang zh|en]

It reads and never writes, needs no network and no installation, and shares no code with the program that made the pack.
Exit code: 0 everything holds, 1 something differs, 2 it was called wrongly.

Source: RFC 8493 (BagIt), RFC 9162 section 2.1 (Merkle tree), RFC 8032 (Ed25519), C2SP signed-note, tlog-checkpoint,
tlog-cosignature and tlog-proof; the entries are described in docs/ledger-format.md of Evidock.
"""

from __future__ import annotations

import argparse
import base64
import datetime as dt
import hashlib
import io
import json
import locale
import os
import re
import stat
import sys
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, NamedTuple, NoReturn  # noqa: UP035 - Python 3.8 cannot subscript dict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

# === stable: arithmetic and forms, also used by `evidock verify` =====================================================
#
# leaf_hash, node_hash, root_from_inclusion, consistency_holds, parse_vkey, parse_note, parse_checkpoint, parse_proof,
# note_signed_by, ed25519_verify, Malformed


class Malformed(Exception):  # noqa: N818 - it says what the bytes are, and is the only error the parsers raise
    """Bytes are not what they should be. ``str()`` says what is wrong with them."""


# --- tree: RFC 9162 --------------------------------------------------------------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256 of 0x00 and the entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256 of 0x01 and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that a leaf's hash and its audit path (from its sibling up) lead to.

    Walks the tree from the top: each level is split at the largest power of two below its size.

    Raises:
        Malformed: the tree has no such leaf, or the path has another length than its place needs.
    """
    if not 0 <= index < size:
        raise Malformed(f"leaf {index} cannot be in a tree of {size}")
    turns = []  # from the top down: whether the leaf lies to the right of the split
    while size > 1:
        split = 1 << ((size - 1).bit_length() - 1)
        turns.append(index >= split)
        index, size = (index - split, size - split) if index >= split else (index, split)
    if len(turns) != len(path):
        raise Malformed(f"the audit path has {len(path)} hashes where {len(turns)} are needed")
    found = leaf
    for sibling, is_right in zip(path, reversed(turns)):  # noqa: B905 - Python 3.8 knows no strict; lengths were compared
        found = node_hash(sibling, found) if is_right else node_hash(found, sibling)
    return found


def consistency_holds(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether a proof shows that the tree of ``old`` leaves is a prefix of the tree of ``new``. Never raises."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path
    left = list(path)
    try:
        roots = _roots_from_consistency(old, new, left, old_root, whole=True)
    except IndexError:
        return False  # the proof is too short
    return not left and roots == (old_root, new_root)


def _roots_from_consistency(
    old: int, new: int, left: list[bytes], old_root: bytes, *, whole: bool
) -> tuple[bytes, bytes]:
    """Return the roots of the old and the new tree, consuming the proof's hashes from its end (the top) on."""
    if old == new:
        same = old_root if whole else left.pop()
        return same, same
    split = 1 << ((new - 1).bit_length() - 1)
    sibling = left.pop()
    if old <= split:
        old_side, new_side = _roots_from_consistency(old, split, left, old_root, whole=whole)
        return old_side, node_hash(new_side, sibling)
    old_side, new_side = _roots_from_consistency(old - split, new - split, left, old_root, whole=False)
    return node_hash(sibling, old_side), node_hash(sibling, new_side)


# --- signatures: RFC 8032, Ed25519 -----------------------------------------------------------------------------------

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT_OF_MINUS_ONE = pow(2, (_P - 1) // 4, _P)
_BASE_Y = 4 * pow(5, _P - 2, _P) % _P

_KEY_BYTES, _SIGNATURE_BYTES, _HASH_BYTES, _KEY_ID_BYTES, _TIME_BYTES = 32, 64, 32, 4, 8


class _Point(NamedTuple):
    """A point of edwards25519 in extended coordinates: x = X/Z, y = Y/Z, T = XY/Z."""

    x: int
    y: int
    z: int
    t: int


_NEUTRAL = _Point(0, 1, 1, 0)


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature over a message is by a public key. Never raises.

    Strict: S below the group's order, key and R in their one canonical encoding, the equation without the cofactor.
    """
    if len(public) != _KEY_BYTES or len(signature) != _SIGNATURE_BYTES:
        return False
    key = _decoded(public)
    factor = int.from_bytes(signature[32:], "little")
    if key is None or factor >= _ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % _ORDER
    minus_key = _Point(_P - key.x, key.y, key.z, _P - key.t)
    return _encoded(_added(_times(factor, _BASE), _times(challenge, minus_key))) == signature[:32]


def _decoded(raw: bytes) -> _Point | None:
    """Return the point that 32 bytes encode, None when they encode none or not in the canonical form."""
    sign, y = raw[31] >> 7, int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return _Point(x, y, 1, x * y % _P)


def _encoded(point: _Point) -> bytes:
    inverse = pow(point.z, _P - 2, _P)
    x, y = point.x * inverse % _P, point.y * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _added(one: _Point, two: _Point) -> _Point:
    """Return the sum. Source: RFC 8032, section 5.1.4."""
    a = (one.y - one.x) * (two.y - two.x) % _P
    b = (one.y + one.x) * (two.y + two.x) % _P
    c = 2 * one.t * two.t * _D % _P
    d = 2 * one.z * two.z % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return _Point(e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(factor: int, point: _Point) -> _Point:
    found = _NEUTRAL
    while factor:
        if factor & 1:
            found = _added(found, point)
        point, factor = _added(point, point), factor >> 1
    return found


_BASE = _decoded(_BASE_Y.to_bytes(32, "little")) or _NEUTRAL


# --- keys, notes, checkpoints, proofs: C2SP --------------------------------------------------------------------------

SIGNS, COSIGNS = 0x01, 0x04
"""Signature types: a log signs its checkpoints with the first, a witness cosigns them with the second."""

_DASH = "\u2014"
_MOST_SIGNATURES = 64
_CHECKPOINT_LINES = 3
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_FINGERPRINT = re.compile(r"[0-9a-f]{32}")
_PROOF_HEAD = "c2sp.org/tlog-proof@v1"


class Vkey(NamedTuple):
    """A public key with its name. ``algorithm``: `SIGNS` or `COSIGNS`; ``public``: 32 bytes."""

    name: str
    key_id: bytes
    algorithm: int
    public: bytes


class Signature(NamedTuple):
    """One signature line of a note. ``blob``: what follows the key id."""

    name: str
    key_id: bytes
    blob: bytes


class Note(NamedTuple):
    """A signed note. ``text`` ends in a newline."""

    text: str
    signatures: tuple[Signature, ...]


class Checkpoint(NamedTuple):
    """The head of a log: how many entries, and their root (32 bytes)."""

    origin: str
    size: int
    root: bytes


class Proof(NamedTuple):
    """That an entry is in a log. ``checkpoint``: the note's bytes, unread."""

    number: int
    path: tuple[bytes, ...]
    checkpoint: bytes


def parse_vkey(text: str) -> Vkey:
    """Return the key that ``name+keyid+base64`` states. Raises Malformed."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = _unbase64(encoded, "a verifier key")
    if not _is_key_name(name) or len(raw) != 1 + _KEY_BYTES or raw[0] not in (SIGNS, COSIGNS):
        raise Malformed("this is no Ed25519 verifier key")
    expected = hashlib.sha256(name.encode("utf-8", "surrogatepass") + b"\n" + raw).digest()[:_KEY_ID_BYTES]
    if key_id != expected.hex():
        raise Malformed("the key id of a verifier key does not agree with its key")
    return Vkey(name, expected, raw[0], raw[1:])


def fingerprint(key: Vkey) -> str:
    """Return the first 128 bits of the SHA-256 of algorithm byte and key, in hex: short enough to be typed."""
    return hashlib.sha256(bytes([key.algorithm]) + key.public).hexdigest()[:32]


def parse_note(body: bytes) -> Note:
    """Return the note that bytes hold; whether its signatures hold is another question. Raises Malformed."""
    text = _decoded_text(body, "a signed note")
    head, gap, tail = text.rpartition("\n\n")
    lines = tail.split("\n")
    if not gap or lines.pop() or not lines or len(lines) > _MOST_SIGNATURES:
        raise Malformed("this is no signed note")
    if _CONTROL.search(text):
        raise Malformed("a signed note holds control characters")
    return Note(head + "\n", tuple(_parse_signature(line) for line in lines))


def _parse_signature(line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    raw = _unbase64(encoded, "a signature")
    if dash != _DASH or not _is_key_name(name) or len(raw) <= _KEY_ID_BYTES:
        raise Malformed("a line of a signed note is no signature")
    return Signature(name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:])


def parse_checkpoint(note: Note) -> Checkpoint:
    """Return the checkpoint that a note's text states. Raises Malformed."""
    lines = note.text.split("\n")
    if lines.pop() or len(lines) < _CHECKPOINT_LINES or not all(lines) or not _NUMBER.fullmatch(lines[1]):
        raise Malformed("this note is no checkpoint")
    root = _unbase64(lines[2], "a root")
    if len(root) != _HASH_BYTES:
        raise Malformed("a root is not 32 bytes long")
    return Checkpoint(lines[0], int(lines[1]), root)


def parse_proof(body: bytes) -> Proof:
    """Return the proof that bytes hold; whether it holds is another question. Raises Malformed."""
    head, gap, checkpoint = body.partition(b"\n\n")
    lines = _decoded_text(head, "a proof").split("\n")
    if lines[1:2] and lines[1].startswith("extra "):
        del lines[1]
    word, _, number = lines[1].partition(" ") if lines[1:] else ("", "", "")
    if not gap or lines[0] != _PROOF_HEAD or word != "index" or not _NUMBER.fullmatch(number):
        raise Malformed("this is no tlog-proof")
    path = tuple(_unbase64(line, "a hash of a proof") for line in lines[2:])
    if any(len(one) != _HASH_BYTES for one in path):
        raise Malformed("a hash of a proof is not 32 bytes long")
    return Proof(int(number), path, checkpoint)


def note_signed_by(note: Note, key: Vkey) -> bool:
    """Whether the key signed the note; a cosigning key: whether it cosigned it, at whatever time. Never raises."""
    for made in note.signatures:
        if (made.name, made.key_id) == (key.name, key.key_id):
            return _holds(note.text, key, made.blob)
    return False


def cosigned_at(note: Note, key: Vkey) -> int | None:
    """Return when a witness says it cosigned the note, in POSIX seconds; None when its cosignature does not hold."""
    if key.algorithm != COSIGNS or not note_signed_by(note, key):
        return None
    made = [one.blob for one in note.signatures if (one.name, one.key_id) == (key.name, key.key_id)]
    return int.from_bytes(made[0][:_TIME_BYTES], "big")


def _holds(text: str, key: Vkey, blob: bytes) -> bool:
    message = text.encode()
    if key.algorithm == COSIGNS:
        time, blob = int.from_bytes(blob[:_TIME_BYTES], "big"), blob[_TIME_BYTES:]
        message = b"cosignature/v1\ntime %d\n" % time + message
    return ed25519_verify(key.public, message, blob)


def _is_key_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(sign.isspace() for sign in name)


def _decoded_text(body: bytes, what: str) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(what + " is not UTF-8") from None


def _unbase64(text: str, what: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise Malformed(what + " is not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise Malformed(what + " is not canonical base64")
    return raw


# === the pack ========================================================================================================

_CHUNK_BYTES = 1 << 20
_LARGEST_SMALL_BYTES = 256 << 20
_LARGEST_ENTRY_BYTES = 65535
_LARGEST_NOTE_BYTES = 1 << 20

_MANIFEST, _TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
_PACK, _LOG_KEY, _CHECKPOINT, _WITNESSES = (
    "data/pack.json",
    "data/ledger/log.vkey",
    "data/ledger/checkpoint",
    "data/ledger/witnesses.vkey",
)
_ENTRIES, _PROOFS, _COSIGNED = "data/ledger/entries/", "data/ledger/proofs/", "data/ledger/cosigned/"
_COVERS = ("data/cover-sheet.pdf", "data/cover-sheet-en.pdf")
_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

_SHA256 = re.compile(r"[0-9a-f]{64}")
_LINE = re.compile(r"([0-9a-f]{64})  (\S(?:.*\S)?)")
_OXUM = re.compile(r"^Payload-Oxum: ([0-9]{1,18})\.([0-9]{1,9})$", re.MULTILINE)

_RECEIVED, _SEEN_AGAIN, _SEALED = "ingestion", "appraisal", "message digest calculation"
_DERIVED, _LINKED, _DECIDED, _DISPOSED = "normalization", "linking", "decision", "deletion"
_EXPORTED = "information package creation"

_Json = Dict[str, Any]  # noqa: UP006 - Python 3.8 cannot subscript dict


class Difference(NamedTuple):
    """One thing that does not hold: which kind, about which file, and which items it concerns (all: every number)."""

    code: str
    path: str
    items: tuple[int, ...] = ()


class Playable(NamedTuple):
    """A copy for playing. ``about``: path of the file that says what it was made from and how."""

    path: str
    about: str
    sha256: str


class Item(NamedTuple):
    """An item as pack.json states it. ``path``: empty when the original was disposed of."""

    number: int
    sha256: str
    size_bytes: int
    path: str
    source_path: str
    station: str
    sidecars: tuple[tuple[str, str], ...]
    playable: Playable | None
    links: tuple[tuple[str, str], ...]
    entries: tuple[int, ...]


class Pack(NamedTuple):
    """pack.json, read. ``files``: path and digest of what it answers for; ``decisions``: entry, path and digest.

    ``official_no``: the number of a case whose entries name it by a provisional one; else empty.
    """

    case_no: str
    official_no: str
    origin: str
    items: tuple[Item, ...]
    files: dict[str, str]
    decisions: tuple[tuple[int, str, str], ...]
    entries: tuple[int, ...]


class Verdict(NamedTuple):
    """What the check found. ``key``: the vkey that was used, empty when there was none; ``key_from``: paper or pack."""

    pack: Pack | None
    differences: tuple[Difference, ...]
    key: str
    key_from: str
    checkpoint: Checkpoint | None
    cosigned: tuple[tuple[str, int, int], ...]
    proven: int
    bag_sha256: str


def check(root: str, paper_key: str = "", report: Callable[[float], None] = lambda _share: None) -> Verdict:
    """Check a pack and collect every difference; never raises for what lies in it.

    Args:
        root: the pack's folder.
        paper_key: the vkey from paper, or its fingerprint; empty when there is none.
        report: told the share of the bytes that were read, 0-1.
    """
    files = _Files(root, report)
    found = list(_check_bag(files))
    pack, malformed = _read_pack(files)
    found += malformed
    ledger = _Ledger(files, pack, paper_key, {one.path for one in found})
    found += ledger.differences
    if pack:
        found += _check_listed(files, pack, ledger)
        for item in pack.items:
            found += _check_item(files, item, ledger)
        found += _check_decisions(files, pack, ledger)
    return Verdict(
        pack,
        _told(found, pack),
        ledger.key_text,
        "paper" if paper_key else "pack",
        ledger.checkpoint,
        ledger.cosigned,
        sum(body is not None for body in ledger.bodies.values()),
        files.digest(_TAG_MANIFEST),
    )


def _told(found: Iterable[Difference], pack: Pack | None) -> tuple[Difference, ...]:
    """Return each difference once; of several about a file those that tell most: its own check before its manifest."""
    owners = _owners(pack)
    whole = [one if one.items else one._replace(items=owners.get(one.path, ())) for one in found]
    best: dict[str, int] = {}
    for one in whole:
        best[one.path] = min(_rank(one), best.get(one.path, _rank(one)))
    kept = {one for one in whole if _rank(one) == best[one.path]}
    return tuple(sorted(kept, key=lambda one: (one.items or (0,), one.path, one.code)))


def _rank(one: Difference) -> int:
    return 2 if one.code in ("pack.file", "pack.extra") else int(one.code.startswith("bag."))


def _owners(pack: Pack | None) -> dict[str, tuple[int, ...]]:
    """Return which items a file of the pack belongs to."""
    owned: dict[str, list[int]] = {}
    for item in pack.items if pack else ():
        paths = [item.path, *(path for path, _ in item.sidecars)]
        paths += [item.playable.path, item.playable.about] if item.playable else []
        paths += [path for number in item.entries for path in (_entry_path(number), _proof_path(number))]
        for path in paths:
            owned.setdefault(path, []).append(item.number)
    return {path: tuple(sorted(set(numbers))) for path, numbers in owned.items() if path}


def _entry_path(number: int) -> str:
    return f"{_ENTRIES}{number}.json"


def _proof_path(number: int) -> str:
    return f"{_PROOFS}{number}.tlog-proof"


# --- files -----------------------------------------------------------------------------------------------------------


class _Files:
    """The regular files below a folder, and their digests, each read once.

    Attributes:
        sizes: path below the folder -> size in bytes. odd: links, devices and what cannot be read or named.
    """

    def __init__(self, root: str, report: Callable[[float], None]) -> None:
        self._root = root
        self._report = report
        self._digests: dict[str, str] = {}
        self._read_bytes = 0
        self.sizes: dict[str, int] = {}
        self.odd: set[str] = set()
        for folder, folders, names in os.walk(root, onerror=self._note_unreadable):
            for name in [*names, *(one for one in folders if Path(folder, one).is_symlink())]:
                self._note(Path(folder, name))
        self._total_bytes = max(1, sum(self.sizes.values()))

    def _note(self, path: Path) -> None:
        shown = _relative(self._root, str(path))
        try:
            about = path.lstat()
        except OSError:
            self.odd.add(shown)
            return
        if stat.S_ISREG(about.st_mode):
            self.sizes[shown] = about.st_size
        else:
            self.odd.add(shown)

    def _note_unreadable(self, error: OSError) -> None:
        self.odd.add(_relative(self._root, error.filename))

    def digest(self, path: str) -> str:
        """Return the SHA-256 of a file, empty when it is not there or cannot be read."""
        if path not in self._digests:
            self._digests[path] = self._digested(path) if path in self.sizes else ""
        return self._digests[path]

    def _digested(self, path: str) -> str:
        taken = hashlib.sha256()
        try:
            with self._place(path).open("rb") as file:
                for chunk in iter(lambda: file.read(_CHUNK_BYTES), b""):
                    taken.update(chunk)
                    self._read_bytes += len(chunk)
                    self._report(min(1.0, self._read_bytes / self._total_bytes))
        except OSError:
            self.odd.add(path)
            return ""
        return taken.hexdigest()

    def read(self, path: str, most_bytes: int) -> bytes:
        """Return the bytes of a small file. Raises Malformed when it is not there, too large or cannot be read."""
        if path not in self.sizes or self.sizes[path] > most_bytes:
            raise Malformed(path + " is not there, or too large")
        try:
            with self._place(path).open("rb") as file:
                return file.read(most_bytes + 1)
        except OSError:
            raise Malformed(path + " cannot be read") from None

    def below(self, folder: str) -> list[str]:
        """Return the paths below a folder that ends in a slash, in order."""
        return sorted(path for path in self.sizes if path.startswith(folder))

    def _place(self, path: str) -> Path:
        return Path(self._root, *path.split("/"))


def _relative(root: str, path: str) -> str:
    below = os.path.relpath(path, root).replace(os.sep, "/")
    return below.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _is_safe(path: str) -> bool:
    """Whether a path names something below the pack, in the one way it can be written."""
    parts = path.split("/")
    return not any(part in ("", ".", "..") or "\\" in part or ":" in part or "\0" in part for part in parts)


# --- the bag: RFC 8493 -----------------------------------------------------------------------------------------------


def _check_bag(files: _Files) -> Iterator[Difference]:
    """Compare the folder with its manifests; one that is itself not what the other says of it is not compared with."""
    tags, payload = _manifest(files, _TAG_MANIFEST), _manifest(files, _MANIFEST)
    if tags is None:
        yield Difference("bag.manifest", _TAG_MANIFEST)
    if payload is None:
        yield Difference("bag.manifest", _MANIFEST)
    if _bytes_of(files, "bagit.txt") != _DECLARATION:
        yield Difference("bag.declaration", "bagit.txt")
    there = set(files.sizes) | files.odd
    if tags is not None:
        yield from _compared(files, tags, {path for path in there - {_TAG_MANIFEST} if not path.startswith("data/")})
        payload = payload if tags.get(_MANIFEST) == files.digest(_MANIFEST) else None
    if payload is not None:
        compared = list(_compared(files, payload, {path for path in there if path.startswith("data/")}))
        yield from compared
        if not compared and (tags is None or tags.get("bag-info.txt") == files.digest("bag-info.txt")):
            yield from _check_oxum(files, payload)


def _compared(files: _Files, said: dict[str, str], there: set[str]) -> Iterator[Difference]:
    for path in sorted(said.keys() - there):
        yield Difference("bag.missing", path)
    for path in sorted(there - said.keys()):
        yield Difference("bag.extra", path)
    for path in sorted(said.keys() & there):
        if files.digest(path) != said[path]:
            yield Difference("bag.digest", path)


def _manifest(files: _Files, name: str) -> dict[str, str] | None:
    """Return path -> digest; None when the manifest is not there or not written in its one form (sorted, whole)."""
    try:
        lines = _decoded_text(files.read(name, _LARGEST_SMALL_BYTES), name).split("\n")
    except Malformed:
        return None
    matches = [_LINE.fullmatch(line) for line in lines[:-1]]
    found = {one.group(2): one.group(1) for one in matches if one}
    whole = lines[-1] == "" and all(matches) and len(found) == len(matches) and all(map(_is_safe, found))
    return found if whole and list(found) == sorted(found) else None


def _check_oxum(files: _Files, payload: dict[str, str]) -> Iterator[Difference]:
    said = _OXUM.findall(_bytes_of(files, "bag-info.txt").decode("utf-8", "replace"))
    actual = (sum(files.sizes[path] for path in payload), len(payload))
    if [(int(size), int(count)) for size, count in said] != [actual]:
        yield Difference("bag.oxum", "bag-info.txt")


def _bytes_of(files: _Files, path: str) -> bytes:
    try:
        return files.read(path, _LARGEST_NOTE_BYTES)
    except Malformed:
        return b""


# --- pack.json -------------------------------------------------------------------------------------------------------


def _read_pack(files: _Files) -> tuple[Pack | None, list[Difference]]:
    try:
        return parse_pack(files.read(_PACK, _LARGEST_SMALL_BYTES)), []
    except Malformed:
        return None, [Difference("pack.malformed", _PACK)]


def parse_pack(body: bytes) -> Pack:
    """Return what pack.json states. Raises Malformed."""
    said = parse_json(body)
    if said.get("kind") != "evidock-pack" or not _same(said.get("v"), 1):
        raise Malformed("this is no pack.json of a known version")
    items = tuple(_parse_item(one) for one in _maps(said, "items"))
    if [item.number for item in items] != list(range(1, len(items) + 1)):
        raise Malformed("the items of a pack are not numbered in order")
    files = {path: _hex(digest) for path, digest in _map(said, "files").items()}
    if not all(map(_is_payload, files)):
        raise Malformed("a path of pack.json leads out of the payload")
    decisions = tuple(
        (_whole(one, "entry"), _path(one, "path"), _hex(one.get("sha256"))) for one in _maps(said, "decisions")
    )
    case = _map(said, "case")
    official_no = _text(case, "official_no") if case.get("official_no") is not None else ""
    numbers, origin = (_text(case, "case_no"), official_no), _text(said, "origin")
    return Pack(*numbers, origin, items, files, decisions, _numbers(said, "entries"))


def _parse_item(one: _Json) -> Item:
    playable = _map(one, "playable_copy") if one.get("playable_copy") is not None else None
    disposed = one.get("path") is None
    return Item(
        number=_whole(one, "number"),
        sha256=_hex(one.get("sha256")),
        size_bytes=_whole(one, "size_bytes"),
        path="" if disposed else _path(one, "path"),
        source_path=_text(one, "source_path"),
        station=_text(one, "station"),
        sidecars=tuple((_path(each, "path"), _hex(each.get("sha256"))) for each in _maps(one, "sidecars")),
        playable=Playable(_path(playable, "path"), _path(playable, "about"), _hex(playable.get("sha256")))
        if playable is not None
        else None,
        links=tuple((_text(each, "case_no"), _text(each, "step_no")) for each in _maps(one, "links")),
        entries=_numbers(one, "entries"),
    )


def parse_json(body: bytes) -> _Json:
    """Return a JSON object; names that come twice and numbers that are none are refused. Raises Malformed."""
    try:
        said = json.loads(
            _decoded_text(body, "a JSON file"), object_pairs_hook=_unique, parse_constant=_refuse, parse_int=_bounded
        )
    except (ValueError, RecursionError):
        raise Malformed("this is no JSON") from None
    if not isinstance(said, dict):
        raise Malformed("this is no JSON object")
    return said


def _unique(pairs: list[tuple[str, Any]]) -> _Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)


def _bounded(text: str) -> int:
    if len(text) > len(str(-(2**63))):
        raise ValueError("a number without end")
    return int(text)


def _same(one: object, two: object) -> bool:
    return type(one) is type(two) and one == two


def _whole(said: _Json, name: str) -> int:
    value = said.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Malformed(name + " is no whole number")
    return value


def _text(said: _Json, name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str):
        raise Malformed(name + " is no text")
    return value


def _path(said: _Json, name: str) -> str:
    value = _text(said, name)
    if not _is_payload(value):
        raise Malformed(name + " leads out of the payload")
    return value


def _is_payload(path: str) -> bool:
    return path.startswith("data/") and _is_safe(path)


def _hex(value: object) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise Malformed("a digest is not 64 lower-case hex digits")
    return value


def _map(said: _Json, name: str) -> _Json:
    value = said.get(name)
    if not isinstance(value, dict):
        raise Malformed(name + " is no object")
    return value


def _maps(said: _Json, name: str) -> list[_Json]:
    value = said.get(name)
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Malformed(name + " is no list of objects")
    return value


def _numbers(said: _Json, name: str) -> tuple[int, ...]:
    value = said.get(name)
    if not isinstance(value, list) or not all(isinstance(one, int) and not isinstance(one, bool) for one in value):
        raise Malformed(name + " is no list of numbers")
    if any(one < 0 for one in value) or value != sorted(set(value)):
        raise Malformed(name + " is not in order")
    return tuple(value)


# --- the ledger's part -----------------------------------------------------------------------------------------------


class _Ledger:
    """Key, checkpoint, cosignatures and entries of a pack.

    Attributes:
        bodies: number -> what a proven entry says; None for one that is not proven.
        told: entries as they were meant, long ones joined: (number, body).
    """

    def __init__(self, files: _Files, pack: Pack | None, paper_key: str, differing: set[str]) -> None:
        self._files = files
        self._differing = differing
        self._everything = tuple(item.number for item in pack.items) if pack else ()
        self._listed = {number for item in pack.items for number in item.entries} if pack else set()
        self._listed |= set(pack.entries) if pack else set()
        self.differences: list[Difference] = []
        self.cosigned: tuple[tuple[str, int, int], ...] = ()
        self.key_text, self._key = self._read_key(paper_key)
        self._note_body, self.checkpoint = self._read_checkpoint(pack)
        self._read_cosigned()
        self.bodies = {number: self._proven(number) for number in sorted(self._listed | self._lying())}
        self.told = list(_joined(self.bodies))

    @property
    def unlisted(self) -> list[int]:
        """Numbers of the entries that pack.json does not list: that of the export itself."""
        return sorted(self.bodies.keys() - self._listed)

    def about(self, item: Item) -> list[_Json]:
        """Return the proven entries about an item, in order."""
        mine = set(item.entries)
        return [body for number, body in self.told if number in mine and body.get("subject") == item.sha256]

    def all_proven(self, numbers: Iterable[int]) -> bool:
        """Whether every one of these entries is proven."""
        return all(self.bodies.get(number) is not None for number in numbers)

    def _differs(self, code: str, path: str, items: tuple[int, ...] = ()) -> None:
        self.differences.append(Difference(code, path, items))

    def _lying(self) -> set[int]:
        """Return the numbers of entries and proofs that lie in the pack, listed or not."""
        names = [path[len(_ENTRIES) : -5] for path in self._files.below(_ENTRIES) if path.endswith(".json")]
        names += [path[len(_PROOFS) : -11] for path in self._files.below(_PROOFS) if path.endswith(".tlog-proof")]
        return {int(name) for name in names if _NUMBER.fullmatch(name)}

    # --- key and checkpoint

    def _read_key(self, paper_key: str) -> tuple[str, Vkey | None]:
        """Return the key to check with: that of the paper, else that of the pack."""
        try:
            inside = self._vkey_of(_LOG_KEY)
        except Malformed:
            inside = None
            self._differs("ledger.key", _LOG_KEY, self._everything)
        if not paper_key:
            return _vkey_text(inside), inside
        if _FINGERPRINT.fullmatch(paper_key):
            if inside is not None and fingerprint(inside) != paper_key:
                self._differs("ledger.key", _LOG_KEY, self._everything)
            return _vkey_text(inside), inside
        key = parse_vkey(paper_key)
        if inside is not None and inside != key and not self._is_signed_by(key):
            self._differs("ledger.key", _LOG_KEY, self._everything)
        return _vkey_text(key), key

    def _vkey_of(self, path: str) -> Vkey:
        text = _decoded_text(self._files.read(path, _LARGEST_NOTE_BYTES), path)
        key = parse_vkey(text)
        if key.algorithm != SIGNS or text != _vkey_text(key) + "\n":
            raise Malformed("this is not the key of a log")
        return key

    def _is_signed_by(self, key: Vkey) -> bool:
        try:
            return note_signed_by(parse_note(self._files.read(_CHECKPOINT, _LARGEST_NOTE_BYTES)), key)
        except Malformed:
            return False

    def _read_checkpoint(self, pack: Pack | None) -> tuple[bytes, Checkpoint | None]:
        """Return bytes and meaning of the checkpoint; nothing when it does not hold under the key."""
        try:
            body = self._files.read(_CHECKPOINT, _LARGEST_NOTE_BYTES)
            note = parse_note(body)
            found = parse_checkpoint(note)
        except Malformed:
            self._differs("ledger.checkpoint", _CHECKPOINT, self._everything)
            return b"", None
        signed = self._key is None or (note_signed_by(note, self._key) and found.origin == self._key.name)
        if not signed or (pack and pack.origin != found.origin):
            self._differs("ledger.checkpoint", _CHECKPOINT, self._everything)
            return b"", None
        return body, found

    # --- witnesses

    def _read_cosigned(self) -> None:
        notes = [path for path in self._files.below(_COSIGNED) if path.endswith(".note")]
        witnesses = self._witnesses() if notes or _WITNESSES in self._files.sizes else []
        found: list[tuple[str, int, int]] = []
        for path in notes:
            seen = self._cosignatures(path, witnesses)
            found += seen
            if not seen:
                self._differs("ledger.cosignature", path)
        self.cosigned = tuple(sorted(found))

    def _witnesses(self) -> list[Vkey]:
        try:
            text = _decoded_text(self._files.read(_WITNESSES, _LARGEST_NOTE_BYTES), _WITNESSES)
            keys = [parse_vkey(line) for line in text.splitlines()]
        except Malformed:
            self._differs("ledger.cosignature", _WITNESSES)
            return []
        return [key for key in keys if key.algorithm == COSIGNS]

    def _cosignatures(self, path: str, witnesses: list[Vkey]) -> list[tuple[str, int, int]]:
        """Return witness, size and time of each cosignature on a head that our checkpoint continues."""
        try:
            note = parse_note(self._files.read(path, _LARGEST_NOTE_BYTES))
            head = parse_checkpoint(note)
            continued = self.checkpoint is None or self._is_continued(path, head, self.checkpoint)
        except Malformed:
            return []
        made = [(key.name, head.size, cosigned_at(note, key)) for key in witnesses]
        return [(name, size, time) for name, size, time in made if time is not None and continued]

    def _is_continued(self, path: str, head: Checkpoint, ours: Checkpoint) -> bool:
        proof: tuple[bytes, ...] = ()
        if head.size != ours.size:
            lines = _decoded_text(self._files.read(path[:-5] + ".consistency", _LARGEST_NOTE_BYTES), path).split("\n")
            if lines.pop() or lines[:1] != [f"consistency {head.size} {ours.size}"]:
                raise Malformed("this is no consistency proof")
            proof = tuple(_unbase64(line, "a hash of a proof") for line in lines[1:])
        return head.origin == ours.origin and consistency_holds(head.size, ours.size, proof, head.root, ours.root)

    # --- entries

    def _proven(self, number: int) -> _Json | None:
        """Return what an entry says when it is in the signed tree; else None, and the difference is noted."""
        entry_path, proof_path = _entry_path(number), _proof_path(number)
        try:
            entry = self._files.read(entry_path, _LARGEST_ENTRY_BYTES)
            body = parse_json(entry)
        except Malformed:
            self._differs("ledger.entry", entry_path)
            return None
        try:
            proof = parse_proof(self._files.read(proof_path, _LARGEST_NOTE_BYTES))
            head = self._head_of(proof)
            root = root_from_inclusion(leaf_hash(entry), number, head.size, proof.path)
            sound = proof.number == number
        except Malformed:
            self._differs("ledger.proof", proof_path)
            return None
        if not sound or root != head.root:
            blamed = not sound or (proof_path in self._differing and entry_path not in self._differing)
            self._differs(*(("ledger.proof", proof_path) if blamed else ("ledger.entry", entry_path)))
            return None
        if not _same(body.get("number"), number):
            self._differs("ledger.entry", entry_path)
            return None
        return body

    def _head_of(self, proof: Proof) -> Checkpoint:
        """Return the head a proof leads to: the pack's own checkpoint; where that does not hold, the one it carries."""
        if self.checkpoint is not None:
            if proof.checkpoint != self._note_body:
                raise Malformed("a proof is for another checkpoint than the pack's")
            return self.checkpoint
        note = parse_note(proof.checkpoint)
        if self._key is not None and not note_signed_by(note, self._key):
            raise Malformed("the checkpoint of a proof is not signed by the key")
        return parse_checkpoint(note)


def _vkey_text(key: Vkey | None) -> str:
    if key is None:
        return ""
    return f"{key.name}+{key.key_id.hex()}+{base64.b64encode(bytes([key.algorithm]) + key.public).decode()}"


def _joined(bodies: dict[int, _Json | None]) -> Iterator[tuple[int, _Json]]:
    """Yield the proven entries; one too long for a single place lies in parts that follow one another."""
    parts: list[str] = []
    for number, body in bodies.items():
        detail = body.get("detail") if body else None
        if body is None or not isinstance(detail, dict):
            parts = []
            continue
        if not {"part", "parts", "text"} <= detail.keys():
            parts = []
            yield number, body
            continue
        whole = bodies.get(number - 1) is not None if parts else True
        parts = [*parts, str(detail["text"])] if whole and _same(detail["part"], len(parts)) else []
        if parts and _same(detail["parts"], len(parts)):
            with suppress(Malformed):
                yield number, {**body, "detail": parse_json("".join(parts).encode("utf-8", "replace"))}
            parts = []


# --- items -----------------------------------------------------------------------------------------------------------


def _check_listed(files: _Files, pack: Pack, ledger: _Ledger) -> Iterator[Difference]:
    """See that pack.json is the one the ledger tells of, that its files are there, and that no others are."""
    for path, digest in pack.files.items():
        if files.digest(path) != digest:
            yield Difference("pack.file", path)
    expected = {*pack.files, _PACK, _LOG_KEY, _CHECKPOINT, *_COVERS}
    expected |= {path for number in ledger.bodies for path in (_entry_path(number), _proof_path(number))}
    for path in files.below("data/"):
        if path not in expected and not path.startswith(_COSIGNED) and path != _WITNESSES:
            yield Difference("pack.extra", path)
    pack_sha256 = files.digest(_PACK)
    exports = [body for _, body in ledger.told if _word(body, "event") == _EXPORTED]
    if not any(_detail(body).get("pack_sha256") == pack_sha256 for body in exports) and ledger.all_proven(
        ledger.unlisted
    ):
        yield Difference("pack.unrecorded", _PACK, tuple(item.number for item in pack.items))


def _check_item(files: _Files, item: Item, ledger: _Ledger) -> Iterator[Difference]:
    told = ledger.about(item)
    whole = ledger.all_proven(item.entries)
    yield from _check_original(files, item, told, whole=whole)
    yield from _check_statement(item, told, whole=whole)
    yield from _check_sidecars(files, item, told)
    yield from _check_playable(files, item, told, whole=whole)
    if whole and not all(_is_linked(told, *link) for link in item.links):
        yield Difference("item.link", _PACK, (item.number,))


def _check_original(files: _Files, item: Item, told: list[_Json], *, whole: bool) -> Iterator[Difference]:
    if not item.path:
        if whole and not any(_word(body, "event") == _DISPOSED for body in told):
            yield Difference("item.tombstone", _PACK, (item.number,))
    elif item.path not in files.sizes:
        yield Difference("item.missing", item.path, (item.number,))
    elif files.digest(item.path) != item.sha256 or files.sizes[item.path] != item.size_bytes:
        yield Difference("item.original", item.path, (item.number,))


def _check_statement(item: Item, told: list[_Json], *, whole: bool) -> Iterator[Difference]:
    """Compare what pack.json says of where an item came from with what the ledger recorded when it came."""
    stated = (item.size_bytes, item.source_path, item.station)
    recorded = [_detail(body) for body in told if _word(body, "event") in (_RECEIVED, _SEEN_AGAIN)]
    events = {_word(body, "event") for body in told}
    agree = any((one.get("size_bytes"), one.get("source_path"), one.get("station")) == stated for one in recorded)
    if whole and not (agree and {_RECEIVED, _SEALED} <= events):
        yield Difference("item.entry", _PACK, (item.number,))


def _check_sidecars(files: _Files, item: Item, told: list[_Json]) -> Iterator[Difference]:
    """See that every sidecar the ledger names is there, whole, and tells of this item."""
    named = [_word(_detail(body), "sidecar") for body in told if _word(body, "event") in (_RECEIVED, _SEEN_AGAIN)]
    known = {digest for digest in named if digest}
    for path, digest in item.sidecars:
        if files.digest(path) != digest or (known and digest not in known) or not _tells_of(files, path, item):
            yield Difference("item.sidecar", path, (item.number,))
    if known - {digest for _, digest in item.sidecars}:
        yield Difference("item.sidecar", _PACK, (item.number,))


def _tells_of(files: _Files, path: str, item: Item) -> bool:
    try:
        said = parse_json(files.read(path, _LARGEST_NOTE_BYTES))
    except Malformed:
        return False
    return said.get("sha256") == item.sha256 and _same(said.get("size_bytes"), item.size_bytes)


def _check_playable(files: _Files, item: Item, told: list[_Json], *, whole: bool) -> Iterator[Difference]:
    """See that a playable copy is the one the ledger recorded, and that it names its parent."""
    copy = item.playable
    if copy is None:
        return
    made = [_detail(body).get("derivatives") for body in told if _word(body, "event") == _DERIVED]
    recorded = any(copy.sha256 in one.values() for one in made if isinstance(one, dict))
    if files.digest(copy.path) != copy.sha256 or (whole and not recorded):
        yield Difference("item.playable", copy.path, (item.number,))
    try:
        about = parse_json(files.read(copy.about, _LARGEST_NOTE_BYTES))
    except Malformed:
        about = {}
    if (about.get("sha256"), about.get("parent")) != (copy.sha256, item.sha256):
        yield Difference("item.playable", copy.about, (item.number,))


def _is_linked(told: list[_Json], case_no: str, step_no: str) -> bool:
    """Whether the newest word on a link is that it stands."""
    words = [
        _word(detail, "action") or _word(detail, "decision")
        for detail in (_detail(body) for body in told if _word(body, "event") in (_LINKED, _DECIDED))
        if (detail.get("case_no"), detail.get("step_no")) == (case_no, step_no)
    ]
    said = [word for word in words if word in ("link", "unlink")]
    return said[-1:] == ["link"]


def _check_decisions(files: _Files, pack: Pack, ledger: _Ledger) -> Iterator[Difference]:
    """See that each sealed decision is the one its entry names."""
    by_number = dict(ledger.told)
    for number, path, digest in pack.decisions:
        body = by_number.get(number)
        named = (_word(_detail(body), "record") if body else "") or digest
        if files.digest(path) != digest or named != digest or (body and _word(body, "event") != _DECIDED):
            yield Difference("record.decision", path)


def _word(said: _Json, name: str) -> str:
    """Return a text that an entry carries, empty when it carries none under that name."""
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _detail(body: _Json) -> _Json:
    detail = body.get("detail")
    return detail if isinstance(detail, dict) else {}


# === words ===========================================================================================================

_WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "title": "电子数据证据包核验 案号 {case}",
        "unknown_case": "(未能读出)",
        "head": "序号|原件|核验无误|核验不符",
        "aspect.original": "原件",
        "aspect.tombstone": "处置记录",
        "aspect.statement": "来源",
        "aspect.sidecar": "接收记录",
        "aspect.ledger": "流转记录 {count} 条",
        "aspect.playable": "播放副本",
        "aspect.link": "关联",
        "disposed": "(原件已依规处置)",
        "none": "无",
        "differences": "不符之处 {count} 项:",
        "no_file": "(整包)",
        "items": "涉及原件 {items}",
        "what": "情况",
        "means": "含义",
        "do": "处理",
        "key.paper": "签名公钥已与您给出的核对: {key}\n  指纹: {print}",
        "key.pack": "签名公钥取自本包自身: {key}\n  指纹: {print}\n"
        "  本包如被整体伪造, 公钥也会被换掉。请将指纹与加盖印章的证据封面、或另行取得的指纹逐组比对,\n"
        "  也可重新运行: python3 verify.py --key '指纹或公钥'",
        "key.none": "没有可用的签名公钥, 不能证明任何一条记录。",
        "checkpoint": "存证账检查点: 前 {size} 条, 树根 {root}",
        "proven": "已证明在存证账中的记录: {count} 条",
        "cosigned": "见证人 {name} 于 {time} 会签了存证账的前 {size} 条",
        "not_cosigned": "本包没有见证人会签: 存证账是否曾被回退, 只能以纸质检查点比对。",
        "bag": "本包指纹 (tagmanifest-sha256.txt 的 SHA-256): {digest}\n  可请制作单位与其存证账中的导出记录比对。",
        "good": "结论: 全部相符。",
        "bad": "结论: 存在不符, 以上各项在查明之前不宜作为证据使用。",
        "beijing": "北京时间",
        "not_a_pack": "{path}: 不是证据包文件夹, 请指明含有 bagit.txt 的文件夹",
        "bad_key": "--key 之后不是公钥: {why}",
    },
    "en": {
        "title": "Check of an electronic evidence pack, case {case}",
        "unknown_case": "(cannot be read)",
        "head": "No.|Original|Holds|Does not hold",
        "aspect.original": "original",
        "aspect.tombstone": "record of disposal",
        "aspect.statement": "source",
        "aspect.sidecar": "intake record",
        "aspect.ledger": "{count} custody entries",
        "aspect.playable": "playable copy",
        "aspect.link": "links",
        "disposed": "(original disposed of under its schedule)",
        "none": "nothing",
        "differences": "{count} differences:",
        "no_file": "(the whole pack)",
        "items": "originals concerned: {items}",
        "what": "what",
        "means": "means",
        "do": "do",
        "key.paper": "The signing key was compared with the one you gave: {key}\n  fingerprint: {print}",
        "key.pack": "The signing key was taken from the pack itself: {key}\n  fingerprint: {print}\n"
        "  Whoever forged a whole pack would have changed the key as well. Compare the fingerprint, group by group,\n"
        "  with the sealed cover sheet or one you got elsewhere; or run: python3 verify.py --key 'FINGERPRINT OR KEY'",
        "key.none": "There is no signing key to check with: no entry is proven.",
        "checkpoint": "Checkpoint of the ledger: {size} entries, root {root}",
        "proven": "Entries proven to be in the ledger: {count}",
        "cosigned": "Witness {name} cosigned the first {size} entries on {time}",
        "not_cosigned": "No witness cosigned: a ledger that was rolled back shows only against a checkpoint on paper.",
        "bag": "Fingerprint of this pack (SHA-256 of tagmanifest-sha256.txt): {digest}\n"
        "  Its maker can compare it with the entry of the export in the ledger.",
        "good": "Result: everything holds.",
        "bad": "Result: there are differences; do not rely on what they concern until they are explained.",
        "beijing": "Beijing time",
        "not_a_pack": "{path}: this is no evidence pack; name the folder that holds bagit.txt",
        "bad_key": "what follows --key is no key: {why}",
    },
}

_AGAIN = ("请向制作单位重新索取一份, 保留本份备查。", "Ask its maker for the pack again, and keep this one.")
_REPORT = (
    "不要使用该件; 保留本包, 向制作单位提出, 由其以原始存储比对。",
    "Do not rely on it; keep this pack, tell its maker, and have it compared with the stored original.",
)

_CODES = {
    "bag.missing": (
        "清单所列文件不在包内 | 复制或传送中丢失, 或被人移走 | @again",
        "a file that the manifest lists is not there | lost while copying, or taken away | @again",
    ),
    "bag.extra": (
        "包内有清单未列的文件 | 制作之后被人放入, 不属于本证据包 | 请单独取出并查明来源, 不要当作证据。",
        (
            "a file is there that no manifest lists | it was put in later and is no part of the evidence | Set "
            "it aside and find out where it came from."
        ),
    ),
    "bag.digest": (
        "文件内容与清单不符 | 复制中损坏, 或制作之后被改动 | @again",
        "its bytes are not what the manifest states | damaged while copying, or changed later | @again",
    ),
    "bag.manifest": (
        "清单缺失或不是制作时的样子 | 无法据此清点文件; 其余核验不受影响 | @again",
        (
            "the manifest is missing, or not as it was made | files cannot be counted by it; the other checks "
            "stand | @again"
        ),
    ),
    "bag.declaration": (
        "bagit.txt 的声明不符 | 不是 BagIt 1.0 包的声明 | @again",
        "bagit.txt does not declare a BagIt 1.0 bag | the declaration was lost or changed | @again",
    ),
    "bag.oxum": (
        "bag-info.txt 所写的文件数或字节数不符 | 清单或说明在制作之后被改动 | @again",
        "bag-info.txt states another count or size of files | manifest or description were changed later | @again",
    ),
    "pack.malformed": (
        "pack.json 缺失或无法读懂 | 不知道包内应有哪些原件, 逐件核验未能进行 | @again",
        (
            "pack.json is missing or cannot be read | which originals should be here is unknown; they were not "
            "checked one by one | @again"
        ),
    ),
    "pack.unrecorded": (
        "存证账中没有这份 pack.json 的导出记录 | 目录在导出之后被改动: 可能有原件被增删, 或说明被改写 | @report",
        (
            "the ledger holds no export of this pack.json | the list was changed after the export: items added, "
            "removed or described otherwise | @report"
        ),
    ),
    "pack.file": (
        "文件与 pack.json 所列不符或缺失 | 该文件在导出之后被改动或移走 | @again",
        "a file is missing or not the one pack.json lists | it was changed or taken away after the export | @again",
    ),
    "pack.extra": (
        "包内有 pack.json 未列的文件 | 导出之后被人放入, 不属于本证据包 | 请单独取出并查明来源, 不要当作证据。",
        (
            "a file is there that pack.json does not list | it was put in after the export and is no part of the "
            "evidence | Set it aside and find out where it came from."
        ),
    ),
    "item.missing": (
        "原件不在包内 | 丢失或被人移走; 其流转记录仍在 | @again",
        "the original is not there | lost or taken away; its custody entries are still here | @again",
    ),
    "item.original": (
        "原件的字节与封存时的摘要不符 | 这不是当时封存的文件: 损坏、截断、被换或被改 | @report",
        (
            "the original does not give the digest it was sealed under | this is not the file that was sealed: "
            "damaged, cut, swapped or edited | @report"
        ),
    ),
    "item.tombstone": (
        "所述的处置没有存证账记录 | 原件缺失且无处置依据 | @report",
        "the ledger has no record of the stated disposal | the original is missing without a ground | @report",
    ),
    "item.entry": (
        "pack.json 对来源的说明与存证账不符 | 摘要、大小、采集站或原路径与接收时记录的不同 | @report",
        (
            "pack.json tells another source than the ledger | digest, size, station or path are not those "
            "recorded at intake | @report"
        ),
    ),
    "item.sidecar": (
        "接收记录缺失或不是存证账所指的那份 | 记录被改动、损坏或调换 | @report",
        "the intake record is missing, or not the one the ledger names | it was changed, damaged or swapped | @report",
    ),
    "item.playable": (
        "播放副本不是存证账所记的那份, 或未写明其母本 | 副本被改动或调换; 原件不受影响 | 以原件为准, 不要使用该副本。",
        (
            "the playable copy is not the recorded one, or does not name its parent | the copy was changed or "
            "swapped; the original is not concerned | Rely on the original, not on this copy."
        ),
    ),
    "item.link": (
        "存证账中没有与该执法环节的关联 | 该原件是否属于本环节没有依据 | @report",
        "the ledger does not link it to the stated step | nothing shows that it belongs to that step | @report",
    ),
    "record.decision": (
        "决定记录不是存证账所指的那份 | 决定的内容被改动、损坏或调换 | @report",
        "the record of a decision is not the one the ledger names | it was changed, damaged or swapped | @report",
    ),
    "ledger.key": (
        "公钥缺失、损坏, 或与纸质材料上的不一致 | 本包不能证明出自该存证账; 可能整包被伪造 | @report",
        (
            "the key is missing, damaged, or not the one from paper | the pack cannot be shown to come from that "
            "ledger; it may be forged as a whole | @report"
        ),
    ),
    "ledger.checkpoint": (
        "存证账检查点缺失、损坏, 或不是由该公钥签名 | 检查点不可信, 以其为依据的证明都不成立 | @report",
        (
            "the checkpoint is missing, damaged, or not signed by the key | it cannot be trusted, nor what is "
            "proven by it | @report"
        ),
    ),
    "ledger.cosignature": (
        "见证人会签无效, 或见证的不是这一存证账 | 少了一方佐证; 存证账可能被回退或改换 | 请向见证人核对其留存的会签。",
        (
            "a cosignature does not hold, or is for another ledger | one voucher less; the ledger may have been "
            "rolled back or replaced | Ask the witness for the cosigned checkpoint it kept."
        ),
    ),
    "ledger.entry": (
        "流转记录缺失, 或不是存证账中的那一条 | 记录被改动、损坏或调换 | @report",
        "a custody entry is missing, or not the one in the ledger | it was changed, damaged or swapped | @report",
    ),
    "ledger.proof": (
        "证明缺失、损坏, 或不能导出检查点的根 | 该条流转记录未能证明在存证账中 | @again",
        (
            "a proof is missing, damaged, or does not lead to the checkpoint's root | that custody entry is not "
            "shown to be in the ledger | @again"
        ),
    ),
}
"""Each code of a difference in Chinese and English: what it is | what it means | what to do."""

CODES = frozenset(_CODES)
"""Every code of a difference."""

_ASPECTS = {
    "item.original": "original",
    "item.missing": "original",
    "item.tombstone": "tombstone",
    "item.entry": "statement",
    "item.sidecar": "sidecar",
    "ledger.entry": "ledger",
    "ledger.proof": "ledger",
    "ledger.key": "ledger",
    "ledger.checkpoint": "ledger",
    "pack.unrecorded": "statement",
    "item.playable": "playable",
    "item.link": "link",
}


def said_of(code: str, lang: str) -> tuple[str, str, str]:
    """Return what a difference is, what it means and what to do."""
    what, means, cure = _CODES[code][lang != "zh"].split(" | ")
    return what, means, {"@again": _AGAIN, "@report": _REPORT}[cure][lang != "zh"] if cure.startswith("@") else cure


def aspects(item: Item, differences: Iterable[Difference]) -> tuple[list[str], list[str]]:
    """Return what holds of an item and what does not, by name."""
    wrong = {_ASPECTS.get(one.code, "") for one in differences if item.number in one.items}
    names = ["original" if item.path else "tombstone", "statement", "ledger"]
    names += ["sidecar"] * bool(item.sidecars) + ["playable"] * bool(item.playable) + ["link"] * bool(item.links)
    return [name for name in names if name not in wrong], [name for name in names if name in wrong]


def as_json(verdict: Verdict, lang: str) -> _Json:
    """Return the verdict under the names of docs/interfaces.md."""
    head = verdict.checkpoint
    return {
        "ok": not verdict.differences,
        "case_no": verdict.pack.case_no if verdict.pack else None,
        "official_no": (verdict.pack.official_no or None) if verdict.pack else None,
        "items": [_item_json(item, verdict) for item in (verdict.pack.items if verdict.pack else ())],
        "differences": [_difference_json(one, lang) for one in verdict.differences],
        "key": verdict.key or None,
        "fingerprint": fingerprint(parse_vkey(verdict.key)) if verdict.key else None,
        "key_from": verdict.key_from,
        "checkpoint": {"origin": head.origin, "size": head.size, "root": head.root.hex()} if head else None,
        "cosigned": [{"witness": name, "size": size, "at": _utc(time)} for name, size, time in verdict.cosigned],
        "entries_proven": verdict.proven,
        "bag_sha256": verdict.bag_sha256 or None,
    }


def _item_json(item: Item, verdict: Verdict) -> _Json:
    holds, fails = aspects(item, verdict.differences)
    return {"number": item.number, "sha256": item.sha256, "path": item.path or None, "holds": holds, "fails": fails}


def _difference_json(one: Difference, lang: str) -> _Json:
    what, means, cure = said_of(one.code, lang)
    return {"code": one.code, "path": one.path, "items": list(one.items), "what": what, "means": means, "cure": cure}


def _utc(time: int) -> str:
    return _moment(time, 0).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(time: int, hours: int) -> dt.datetime:
    """Return a POSIX time at an offset from UTC; one that no calendar holds becomes its last day."""
    epoch = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - only to be counted from and printed
    try:
        return epoch + dt.timedelta(seconds=time, hours=hours)
    except OverflowError:
        return dt.datetime.max  # noqa: DTZ901 - as above


def as_text(verdict: Verdict, lang: str) -> str:
    """Return the verdict as a person reads it."""
    words = _WORDS[lang]
    case = (verdict.pack.official_no or verdict.pack.case_no) if verdict.pack else words["unknown_case"]
    lines = [words["title"].format(case=_shown(case)), "", *_table(verdict, words), ""]
    if verdict.differences:
        lines += [words["differences"].format(count=len(verdict.differences)), *_listed(verdict, lang), ""]
    lines += [_key_line(verdict, words), *_ledger_lines(verdict, words)]
    lines += [words["bag"].format(digest=verdict.bag_sha256 or words["none"]), ""]
    return "\n".join([*lines, words["bad" if verdict.differences else "good"], ""])


def _key_line(verdict: Verdict, words: dict[str, str]) -> str:
    if not verdict.key:
        return words["key.none"]
    digits = fingerprint(parse_vkey(verdict.key))
    groups = " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
    return words["key." + verdict.key_from].format(key=verdict.key, print=groups)


def _ledger_lines(verdict: Verdict, words: dict[str, str]) -> Iterator[str]:
    if verdict.checkpoint:
        yield words["checkpoint"].format(size=verdict.checkpoint.size, root=verdict.checkpoint.root.hex())
    yield words["proven"].format(count=verdict.proven)
    for name, size, time in verdict.cosigned:
        at = _moment(time, 8).strftime("%Y-%m-%d %H:%M:%S ") + words["beijing"]
        yield words["cosigned"].format(name=_shown(name), size=size, time=at)
    if not verdict.cosigned:
        yield words["not_cosigned"]


def _table(verdict: Verdict, words: dict[str, str]) -> Iterator[str]:
    rows = [words["head"].split("|")]
    for item in verdict.pack.items if verdict.pack else ():
        holds, fails = (_named(names, item, words) for names in aspects(item, verdict.differences))
        name = item.path.rpartition("/")[2] if item.path else words["disposed"]
        rows.append([str(item.number), _shown(name), holds, fails])
    widths = [max(_width(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths)]  # noqa: B905 - Python 3.8
        yield "  ".join(cells).rstrip()


def _named(names: list[str], item: Item, words: dict[str, str]) -> str:
    said = [words["aspect." + name].format(count=len(item.entries)) for name in names]
    return ", ".join(said) or words["none"]


def _listed(verdict: Verdict, lang: str) -> Iterator[str]:
    words = _WORDS[lang]
    for number, one in enumerate(verdict.differences, 1):
        what, means, cure = said_of(one.code, lang)
        concerned = words["items"].format(items=", ".join(map(str, one.items))) if one.items else ""
        yield f"{number:>4}. {_shown(one.path) or words['no_file']}  {concerned}".rstrip()
        for name, said in (("what", what), ("means", means), ("do", cure)):
            yield f"      {words[name]}: {said}"


def _shown(text: str) -> str:
    """Return text with control and direction-changing characters spelled out."""
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


# === command line ====================================================================================================


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a pack and print the verdict; return the exit code."""
    asked = _parser().parse_args(arguments)
    lang = asked.lang or ("zh" if _speaks_chinese() else "en")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    key = "".join((asked.key or "").split())  # on paper it is printed in groups
    try:
        if _FINGERPRINT.fullmatch(key.lower()):
            key = key.lower()
        elif key:
            parse_vkey(key)
    except Malformed as why:
        return _misused(_WORDS[lang]["bad_key"].format(why=why))
    if not Path(asked.pack, "bagit.txt").is_file() and not Path(asked.pack, "data").is_dir():
        return _misused(_WORDS[lang]["not_a_pack"].format(path=_shown(asked.pack)))
    verdict = check(asked.pack, key, _progress if sys.stderr.isatty() else lambda _share: None)
    if sys.stderr.isatty():
        sys.stderr.write("\r    \r")
    if asked.json:
        sys.stdout.write(json.dumps({"verify_pack": as_json(verdict, lang)}, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(as_text(verdict, lang))
    return 1 if verdict.differences else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="verify.py", description="核验案件证据包. Check an evidence pack, offline.")
    here = str(Path(__file__).resolve().parent)
    parser.add_argument("pack", nargs="?", default=here, metavar="PACK_DIR", help="证据包文件夹; folder of the pack")
    parser.add_argument(
        "--key", metavar="VKEY", help="纸质材料上的公钥或其指纹; the key as printed on paper, or its fingerprint"
    )
    parser.add_argument("--json", action="store_true", help="一行 JSON; one JSON object on one line")
    parser.add_argument("--lang", choices=("zh", "en"), help="语言; language, else that of the system")
    return parser


def _speaks_chinese() -> bool:
    asked = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    with suppress(ValueError):
        asked.append(locale.getlocale()[0] or "")
    first = next((one for one in asked if one), "")
    return first.lower().startswith(("zh", "chinese"))


def _misused(why: str) -> int:
    sys.stderr.write("verify.py: " + why + "\n")
    return 2


def _progress(share: float) -> None:
    sys.stderr.write(f"\r{share:4.0%}")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
