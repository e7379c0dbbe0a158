"""A vault of several hundred entries, written by other means than the program's writer, and ways to harm it."""

import hashlib
import json
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence import tlog
from evidence.merkle import folded, leaf_hash, root_of
from evidence.tlog import Algorithm, Checkpoint, NoteSignature, SignedNote, VerifierKey
from storage.reading import FoundLock, LocalReader, VaultReader
from storage.verify import Difference
from storage.verify_expected import Expected
from storage.verify_ledger import Doubts, LedgerVerdict, verify_ledger
from storage.verify_notes import outside_head
from storage.verify_objects import verify_objects
from storage.verify_plan import Plan
from storage.verify_walk import Listeners

START = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
KEPT_UNTIL = datetime(2031, 3, 2, 4, 0, tzinfo=UTC)
ORIGIN = "evidock/0123456789abcdef"
ORIGINALS = 12
ENTRIES = 600
"""Entries of the whole vault: two full bundles and a partial one."""


@dataclass(frozen=True)
class TestKey:
    """A key that signs or cosigns."""

    __test__ = False
    private: Ed25519PrivateKey
    vkey: VerifierKey

    def signed(self, note: SignedNote, time_s: int = 1_772_424_000) -> SignedNote:
        """Return the note with its signature."""
        if self.vkey.algorithm is Algorithm.COSIGNATURE:
            blob = time_s.to_bytes(8, "big") + self.private.sign(tlog.cosigned_message(note.text, time_s))
        else:
            blob = self.private.sign(note.text.encode())
        return note.signed(NoteSignature(self.vkey.name, self.vkey.key_id, blob))


def new_key(seed: int, name: str = ORIGIN, algorithm: Algorithm = Algorithm.ED25519) -> TestKey:
    """Return the key of a seed."""
    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(str(seed).encode()).digest())
    return TestKey(private, VerifierKey(name, algorithm, private.public_key().public_bytes_raw()))


LOG = new_key(1)
NEXT = new_key(2)
THIEF = new_key(3)
WITNESS = new_key(4, "witness.example", Algorithm.COSIGNATURE)


def sha256(body: bytes) -> str:
    """Return a digest in hex."""
    return hashlib.sha256(body).hexdigest()


def canonical(body: object) -> bytes:
    """Return canonical JSON."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def entry(number: int, event: str, subject: str = "", detail: Mapping[str, object] | None = None) -> bytes:
    """Return the bytes of an entry of version 2."""
    at = (START + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")
    body = {"v": 2, "number": number, "at": at, "event": event, "actor": "system", "authenticated": "machine"}
    return canonical({**body, "subject": subject, "reason": "", "detail": detail or {}})


@dataclass
class TestVault:
    """A vault with its ledger as a list of entries; `seal` lays it down.

    Attributes:
        sizes: at which the ledger was sealed before; a witness cosigned each.
        locks: what the register would have heard of each lock.
    """

    __test__ = False
    root: Path
    entries: list[bytes] = field(default_factory=list)
    sizes: Sequence[int] = (200, 300)
    locks: dict[str, FoundLock] = field(default_factory=dict)

    def write(self, path: str, body: bytes, mode: int = 0o444) -> Path:
        """Write a file below the vault."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            place.chmod(0o644)
        place.write_bytes(body)
        place.chmod(mode)
        return place

    def tell(self, event: str, subject: str = "", detail: Mapping[str, object] | None = None) -> int:
        """Append an entry and return its number."""
        self.entries.append(entry(len(self.entries), event, subject, detail))
        return len(self.entries) - 1

    # --- what lies in it ----------------------------------------------------------------------------------------------

    def take_in(self, body: bytes, *, key: str = "") -> str:
        """Seal an original with its sidecar and return its digest."""
        digest = sha256(body)
        key = key or sha256(b"pickup" + body)
        self.write(f"originals/{digest[:2]}/{digest[2:4]}/{digest}", body)
        said = {"v": 1, "sha256": digest, "size_bytes": len(body), "station": "S1", "source_path": f"{digest[:6]}.mp4"}
        said |= {"mtime_ns": 1_700_000_000_000_000_123, "received_at": "2026-03-02T04:00:00Z", "tool": "evidock"}
        sidecar = canonical({**said, "pickup_key": key})
        self.write(f"records/sidecars/{digest}.{key[:16]}.json", sidecar)
        detail = {"station": "S1", "source_path": f"{digest[:6]}.mp4", "size_bytes": len(body), "pickup_key": key}
        self.tell("ingestion", digest, {**detail, "sidecar": sha256(sidecar)})
        self.tell("message digest calculation", digest, {"algorithm": "SHA-256"})
        return digest

    def derive(self, parent: str, *bodies: bytes) -> list[str]:
        """Lay down derivatives of an original."""
        made = [sha256(body) for body in bodies]
        for digest, body in zip(made, bodies, strict=True):
            self.write(f"derivatives/{digest[:2]}/{digest}", body)
        roles = dict(zip(("proxy", "poster", "sprite"), made, strict=False))
        sized = [{"digest": digest, "size_bytes": len(body)} for digest, body in zip(made, bodies, strict=True)]
        self.tell("normalization", parent, {"derivatives": roles, "derivation": {"derivatives": sized}})
        return made

    def lock(self, digest: str, until: datetime, *, held: bool = False) -> None:
        """Promise an original's retention, and keep it."""
        text = until.isoformat().replace("+00:00", "Z")
        self.tell("policy assignment", digest, {"until": text, "floor": text})
        place = f"locks/{digest[:2]}/{digest[2:4]}/{digest}.json"
        self.write(place, canonical({"held": held, "until": text, "v": 1}), 0o644)
        self.locks[digest] = FoundLock(until, held=held)

    def decide(self, reason: str) -> str:
        """Seal a decision and return the path of its record."""
        body = canonical({"decision": "link", "reason": reason})
        path = f"records/decisions/{len(self.entries):012}.{sha256(body)[:16]}.json"
        self.write(path, body)
        self.tell("decision", "", {"decision": "link", "record": sha256(body)})
        return path

    def import_rows(self, body: bytes) -> None:
        """Seal an imported file and the rows read from it."""
        digest, rows = sha256(body), canonical([{"officer_id": "A1"}, {"body": sha256(body)}])
        self.write(f"records/imports/{digest}.officers.csv", body)
        self.write(f"records/imports/{sha256(rows)}.officers_rows.json", rows)
        named = {"noun": "officers", "file_name": "o.csv", "name": f"{digest}.officers.csv", "rows": 1}
        self.tell("accession", digest, {**named, "rows_record": sha256(rows)})

    def dispose(self, digest: str) -> None:
        """Dispose of an original."""
        for path in (
            f"originals/{digest[:2]}/{digest[2:4]}/{digest}",
            f"locks/{digest[:2]}/{digest[2:4]}/{digest}.json",
        ):
            (self.root / path).unlink(missing_ok=True)
        self.locks.pop(digest, None)
        self.tell("deletion", digest, {"size_bytes": 1, "disposal": "d1", "approved_by": ["a", "b"]})

    # --- the sealed ledger --------------------------------------------------------------------------------------------

    def checkpoint(self, size: int | None = None, signers: Iterable[TestKey] = (LOG,)) -> SignedNote:
        """Return the signed head of the first entries."""
        some = self.entries if size is None else self.entries[:size]
        note = SignedNote(Checkpoint(ORIGIN, len(some), root_of(leaf_hash(one) for one in some)).text)
        for key in signers:
            note = key.signed(note)
        return note

    def seal(self, signers: Collection[TestKey] = (LOG,)) -> None:
        """Lay down the whole ledger: tiles, bundles, checkpoint, keys, cosigned and stamped notes."""
        for path, body in tiles(self.entries).items():
            self.write(f"ledger/{path}", body)
        self.write("ledger/checkpoint", self.checkpoint(signers=signers).to_bytes(), 0o644)
        for key in signers:
            self.write(f"ledger/keys/{key.vkey.key_id.hex()}.vkey", f"{key.vkey}\n".encode())
        for size in (one for one in self.sizes if one <= len(self.entries)):
            note = WITNESS.signed(self.checkpoint(size, signers)).to_bytes()
            self.write(f"ledger/cosigned/{size:012}.{sha256(note)[:16]}.note", note)
        self.stamp(len(self.entries), signers)

    def stamp(self, size: int, signers: Iterable[TestKey] = (LOG,)) -> None:
        """Lay down something like a time stamp: bytes that hold the digest of their note."""
        note = self.checkpoint(size, signers).to_bytes()
        response = b"\x30\x82" + hashlib.sha256(note).digest() + b"granted"
        for suffix, body in (("note", note), ("tsr", response)):
            self.write(f"ledger/stamped/{size:012}.{sha256(response)[:16]}.{suffix}", body)

    def files(self) -> list[Path]:
        """Return every file, in order of path."""
        return sorted(path for path in self.root.rglob("*") if path.is_file())


def tiles(entries: Sequence[bytes]) -> dict[str, bytes]:
    """Return path and body of every tile and bundle over entries."""
    found = {}
    for start in range(0, len(entries), 256):
        some = entries[start : start + 256]
        found[tlog.bundle_path(start // 256, len(some))] = tlog.to_bundle(some)
    level, hashes = 0, [leaf_hash(one) for one in entries]
    while hashes:
        for start in range(0, len(hashes), 256):
            some = hashes[start : start + 256]
            found[tlog.tile_path(level, start // 256, len(some))] = b"".join(some)
        whole = len(hashes) // 256
        hashes = [root_of(hashes[at * 256 : at * 256 + 256]) for at in range(whole)]
        level += 1
    return found


def make_vault(root: Path, entries: int = ENTRIES) -> TestVault:
    """Return a sealed vault with something of everything in it."""
    vault = TestVault(root)
    vault.tell("digital signature generation", LOG.vkey.key_id.hex(), {"old": "", "new": str(LOG.vkey)})
    clips = [vault.take_in(f"clip {number} ".encode() * (number * 40 + 1)) for number in range(ORIGINALS)]
    for number, digest in enumerate(clips[:6]):
        vault.derive(digest, f"proxy {number}".encode() * 9, f"poster {number}".encode())
    vault.derive(clips[0], b"a better proxy", b"poster 0")
    for digest in clips[:8]:
        vault.lock(digest, KEPT_UNTIL, held=digest == clips[1])
    vault.lock(clips[2], KEPT_UNTIL + timedelta(days=365))
    vault.import_rows(b"officer_id,name\nA1,\xe6\x9d\x8e\n")
    for number in range(3):
        vault.decide(f"reason {number}")
    vault.dispose(clips[-1])
    while len(vault.entries) < entries:
        vault.tell("access", clips[len(vault.entries) % ORIGINALS])
    vault.seal()
    return vault


# --- verified ---------------------------------------------------------------------------------------------------------


def check(
    vault: TestVault,
    *,
    reader: VaultReader | None = None,
    heads: Iterable[bytes] = (),
    register: Sequence[bytes] | None = None,
    trusted: Sequence[str] = (str(LOG.vkey),),
    deep: bool = True,
) -> list[Difference]:
    """Verify ledger and objects, with what the register would say, and return every difference."""
    told = vault.entries if register is None else register
    expected = Expected()
    verdict = check_ledger(vault, expected, reader=reader, heads=heads, register=told, trusted=trusted)
    plan = Plan(deep=deep, now=START, said=vault.locks.get)
    there = reader or LocalReader(vault.root)
    objects = verify_objects(there, LocalReader(vault.root) if reader else there, expected, plan)
    return [*verdict.differences, *objects]


def check_ledger(
    vault: TestVault,
    expected: Expected | None = None,
    *,
    reader: VaultReader | None = None,
    heads: Iterable[bytes] = (),
    register: Sequence[bytes] = (),
    trusted: Sequence[str] = (str(LOG.vkey),),
) -> LedgerVerdict:
    """Verify the ledger alone."""
    outside = [outside_head(f"note {number}", body) for number, body in enumerate(heads)]
    doubts = Doubts(
        trusted,
        witnesses=[str(WITNESS.vkey)],
        heads=outside,
        unsealed=lambda start: iter(register[start:]),
        wanted=(1, 256, 300),
    )
    listeners = Listeners(
        recall=lambda start, stop: list(enumerate(register[start:stop], start)),
        on_told=expected.take if expected else lambda _told: None,
    )
    return verify_ledger(reader or LocalReader(vault.root), doubts, listeners)


def kinds(differences: Iterable[Difference]) -> list[str]:
    """Return the kinds of differences, in order."""
    return sorted({one.kind.value for one in differences})


def flip(path: Path, at: int | None = None, bit: int = 0) -> None:
    """Flip a bit of a file, as a dying disk would; mode and times stay."""
    status = path.stat()
    body = bytearray(path.read_bytes())
    body[len(body) // 2 if at is None else at] ^= 1 << bit
    path.chmod(0o644)
    path.write_bytes(body)
    path.chmod(status.st_mode & 0o777)


def flip_at_random(files: Sequence[Path], chance: random.Random) -> tuple[Path, int, int]:
    """Flip a random bit of a random file and return which."""
    path = chance.choice(files)
    at, bit = chance.randrange(path.stat().st_size), chance.randrange(8)
    flip(path, at, bit)
    return path, at, bit


Change = Callable[[TestVault], Any]


def trials(root: Path, seeds: Iterable[int]) -> Iterator[tuple[str, list[Difference]]]:
    """Flip one bit of a whole vault for each seed, verify, put it back; yield what was flipped and what was found."""
    vault = make_vault(root)
    files = vault.files()
    for seed in seeds:
        path, at, bit = flip_at_random(files, random.Random(seed))
        yield f"{path.relative_to(root)} byte {at} bit {bit}", check(vault)
        flip(path, at, bit)


def lay_ledger(root: Path, count: int) -> bytes:
    """Lay down a sealed ledger of so many entries, tile by tile, and return its root; for figures at scale.

    Its entries are as long as those of a real home: an arrival, its digest, a measurement, a view, in turn.
    """
    vault = TestVault(root)
    levels: list[list[bytes]] = [[] for _ in range(4)]
    for start in range(0, count, 256):
        some = [_long_entry(number) for number in range(start, min(start + 256, count))]
        vault.write(f"ledger/{tlog.bundle_path(start // 256, len(some))}", tlog.to_bundle(some))
        levels[0] += [leaf_hash(one) for one in some]
        _settle(vault, levels, start + len(some))
    parts = [peak for level in reversed(levels) for peak in _perfect(level)]
    for level, hashes in enumerate(levels):
        if hashes:
            width = tlog.tile_path(level, count // 256 ** (level + 1), len(hashes))
            vault.write(f"ledger/{width}", b"".join(hashes))
    note = LOG.signed(SignedNote(Checkpoint(ORIGIN, count, folded(parts)).text))
    vault.write("ledger/checkpoint", note.to_bytes(), 0o644)
    vault.write(f"ledger/keys/{LOG.vkey.key_id.hex()}.vkey", f"{LOG.vkey}\n".encode())
    return folded(parts)


def _settle(vault: TestVault, levels: list[list[bytes]], size: int) -> None:
    """Write the tiles that are full and let their roots rise."""
    covered = size
    for level, hashes in enumerate(levels):
        covered //= 256
        if len(hashes) < 256:
            return
        vault.write(f"ledger/{tlog.tile_path(level, covered - 1)}", b"".join(hashes))
        levels[level + 1].append(root_of(hashes))
        hashes.clear()


def _perfect(hashes: Sequence[bytes]) -> Iterator[bytes]:
    start = 0
    for bit in reversed(range(9)):
        if len(hashes) >> bit & 1:
            yield root_of(hashes[start : start + (1 << bit)])
            start += 1 << bit


def _long_entry(number: int) -> bytes:
    subject = sha256(str(number // 4).encode())
    where = {"station": "西门", "root": "/dock/west", "source_path": f"DCIM/{number:08}.mp4", "size_bytes": number}
    seen = {**where, "mtime_ns": 1_700_000_000_000_000_000 + number, "pickup_key": subject, "sidecar": subject}
    told: Sequence[tuple[str, Mapping[str, object]]] = (
        ("ingestion", {**seen, "received_at": "2026-03-02T04:00:00Z"}),
        ("message digest calculation", {"algorithm": "SHA-256"}),
        (
            "metadata extraction",
            {"kind": "video", "media_type": "video/mp4", "tool": "ffprobe 7", "claims": {"n": [1.5]}},
        ),
        ("access", {}),
    )
    return entry(number, told[number % 4][0], subject, told[number % 4][1])
