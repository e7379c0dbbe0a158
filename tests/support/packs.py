"""A case to export: real bytes in a vault, a real register, and a ledger sealed by a log writer of the tests' own."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dashboard.pack_contents import PackRooms
from dashboard.packs import Exported, export_case
from evidence import merkle, tlog
from evidence.cases import Case
from evidence.clips import Derivation, Derivative, Playable, Role, Sighting
from evidence.custody import Actor, Authenticated, Entry, EventType
from evidence.errors import NotFoundError
from evidence.ids import Digest, StationId
from evidence.ports import Pickup, Scope
from evidence.sidecars import FOLDER, Sidecar, moment_of, to_bytes
from evidence.tlog import Algorithm, NoteSignature, SignedNote, VerifierKey
from index.case_file_views import CaseFiles
from storage import pack_verify
from storage.derivatives import LocalDerivatives
from storage.local_vault import LocalVault
from storage.pack_check import check_pack
from tests.support.index import (
    CASE,
    EVENING,
    LATER,
    LI,
    MACHINE,
    ONE,
    WANG,
    World,
    at,
    derivation,
    digest_of,
    measurement,
    path_claims,
    step,
)
from tests.support.reasons import because
from tests.support.storage import seal

ROOT = Path(__file__).resolve().parents[2]
ZHAO = Actor("赵", Authenticated.UNAUTHENTICATED)
ORIGIN = "evidock/0123456789abcdef"
WITNESS = "upper-bureau"
TITLE = "高昌区某化工有限责任公司未按规定运行污染防治设施超标排放大气污染物案关于查封扣押的现场执法音像记录"


class DictLog:
    """A ledger in memory; implements `evidence.ports.LogStore`."""

    def __init__(self) -> None:
        """Begin empty."""
        self.objects: dict[str, bytes] = {}

    def create(self, path: str, body: bytes) -> None:
        """Keep an object."""
        self.objects[path] = body

    def replace(self, path: str, body: bytes) -> None:
        """Keep an object in place of another."""
        self.objects[path] = body

    def drop(self, path: str) -> None:
        """Forget an object."""
        self.objects.pop(path, None)

    def read(self, path: str) -> bytes:
        """Return an object."""
        if path not in self.objects:
            raise NotFoundError("no such object", subject=path)
        return self.objects[path]

    def paths(self, below: str) -> Iterator[str]:
        """Iterate over the paths below a folder."""
        return iter(sorted(path for path in self.objects if path.startswith(f"{below}/")))

    def seal(self, entries: Sequence[bytes], sign: Callable[[str], SignedNote]) -> None:
        """Write the tiles and the checkpoint of these entries, from nothing, leaving no older partial tile."""
        hashes = [merkle.leaf_hash(entry) for entry in entries]
        kept = {path: body for path, body in self.objects.items() if not path.startswith("tile/")}
        self.objects = kept | dict(tiles_of(hashes))
        head = tlog.Checkpoint(ORIGIN, len(hashes), merkle.root_of(hashes))
        self.replace("checkpoint", sign(head.text).to_bytes())


def tiles_of(hashes: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield path and body of every tile of the tree over the hashes of leaves."""
    level = 0
    while hashes:
        for start in range(0, len(hashes), tlog.WIDTH):
            row = hashes[start : start + tlog.WIDTH]
            yield tlog.tile_path(level, start // tlog.WIDTH, len(row)), b"".join(row)
        full = range(0, len(hashes) - tlog.WIDTH + 1, tlog.WIDTH)
        hashes = [merkle.root_of(hashes[start : start + tlog.WIDTH]) for start in full]
        level += 1


@dataclass
class TestKey:
    """A signing key of a log or of a witness."""

    __test__ = False
    name: str
    algorithm: Algorithm = Algorithm.ED25519
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def vkey(self) -> VerifierKey:
        """Its public half."""
        return VerifierKey(self.name, self.algorithm, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> SignedNote:
        """Return a checkpoint's text with this key's signature alone."""
        return SignedNote(text, (self.signature(text),))

    def signature(self, text: str, time_s: int = 1_790_000_000) -> NoteSignature:
        """Return this key's signature; a witness's says when."""
        if self.algorithm is Algorithm.ED25519:
            return NoteSignature(self.name, self.vkey.key_id, self.private.sign(text.encode()))
        made = self.private.sign(tlog.cosigned_message(text, time_s))
        return NoteSignature(self.name, self.vkey.key_id, time_s.to_bytes(8, "big") + made)


class PackHome:
    """A small home with one case to export."""

    def __init__(self, folder: Path) -> None:
        """Build it from nothing."""
        self.folder = folder
        self.world = World(folder)
        self.vault = LocalVault(folder / "vault", folder / "work")
        self.derivatives = LocalDerivatives(folder / "vault" / "derivatives")
        self.log = DictLog()
        self.key = TestKey(ORIGIN)
        self.witness = TestKey(WITNESS, Algorithm.COSIGNATURE)
        self.world.staff()
        self.now = LATER

    def close(self) -> None:
        """Let go of the register."""
        self.world.close()

    def rooms(self, *, witnessed: bool = True) -> PackRooms:
        """Return what an export asks for."""
        files = CaseFiles(self.world.register, self.world.library)
        return PackRooms(
            library=self.world.library,
            vault=self.vault,
            derivatives=self.derivatives,
            log=self.log,
            vkey=self.key.vkey,
            witnesses=(self.witness.vkey,) if witnessed else (),
            decisions=self._decisions,
            record=self.record,
            seal=self.seal,
            clock=lambda: self.now,
            case_file=files.of,
            claimed=files.claimed,
        )

    def export(self, into: Path, *, case_no: str = CASE, witnessed: bool = True) -> Exported:
        """Export the case."""
        rooms = self.rooms(witnessed=witnessed)
        return export_case(rooms, case_no, into, ZHAO, "移送人民法院", lambda _share: None)

    # --- ledger ------------------------------------------------------------------------------------------------------

    def record(self, entry: Entry) -> int:
        """Append an entry and seal it."""
        with self.world.transaction() as tx:
            number = self.world.catalogue.append(tx, entry)
        self.seal()
        return number

    def entries(self) -> list[bytes]:
        """Return every entry of the register's ledger."""
        return [entry.canonical for entry in self.world.library.ledger(limit=1_000_000)]

    def seal(self) -> None:
        """Seal every entry."""
        self.log.seal(self.entries(), self.key.sign)

    def cosign(self) -> None:
        """Let the witness cosign what is sealed now."""
        self.seal()
        note = tlog.signed_note(self.log.read("checkpoint"))
        body = note.signed(self.witness.signature(note.text)).to_bytes()
        size = tlog.checkpoint_of(note).size
        self.log.create(f"cosigned/{size:012}.{hashlib.sha256(body).hexdigest()[:16]}.note", body)

    def _decisions(self) -> list[int]:
        said = (json.loads(entry) for entry in self.entries())
        return [entry["number"] for entry in said if entry["event"] == EventType.DECIDED]

    # --- the case ----------------------------------------------------------------------------------------------------

    def take_in(
        self,
        body: bytes,
        source_path: str,
        window: tuple[float, float],
        *,
        device: str = "D1",
        proxy: bytes = b"",
        gone: bool = False,
    ) -> Digest:
        """Take a file in, from its bytes to its links; ``gone``: disposed of since."""
        digest = Digest(hashlib.sha256(body).hexdigest())
        if not gone:
            seal(self.vault, body)
        pickup = Pickup(digest_of(source_path), StationId("西门站"), "/dock/A", source_path, len(body), 1)
        seen = Sighting(digest, len(body), pickup.station, source_path, moment_of(1), EVENING)
        sidecar = Sidecar(seen, pickup.key, 1, "evidock test")
        seen = Sighting(**{**vars(seen), "sidecar": self.vault.put_record(FOLDER, sidecar.name, to_bytes(sidecar))})
        length_s = (window[1] - window[0]) * 60
        with self.world.transaction() as tx:
            catalogue = self.world.catalogue
            catalogue.record_sealed(tx, pickup, seen, path_claims(device, at(window[0])), MACHINE)
            catalogue.record_measured(
                tx, digest, measurement(length_s), path_claims(device, at(window[0])), MACHINE, EVENING
            )
            catalogue.record_derived(tx, digest, self._derived(digest, length_s, proxy), MACHINE, EVENING)
            self.world.reviewer.review(tx, Scope(clips=frozenset({digest})), MACHINE, LATER)
        if gone:
            detail = {"size_bytes": len(body), "approved_by": ["李", "王"]}
            self.record(Entry(EventType.DISPOSED, MACHINE, LATER, digest, detail=detail))
        return digest

    def _derived(self, digest: Digest, length_s: float, proxy: bytes) -> Derivation:
        if not proxy:
            return derivation(digest, length_s)
        scratch = self.folder / "proxy.mp4"
        scratch.write_bytes(proxy)
        made, size_bytes = self.derivatives.publish(scratch)
        parameters = {"height": "540"}
        copy = Derivative(made, digest, Role.PROXY, "video/mp4", size_bytes, "ffmpeg 7", parameters)
        return Derivation((copy,), Playable.PROXY, length_s, int(length_s * 25), tool="ffmpeg 7")

    def decide(self) -> None:
        """Link a clip by hand, and explain a finding by one person and approve it by another."""
        world = self.world
        self._decide(lambda tx: world.decisions.link(tx, self.third, CASE, ONE, LI, "画面为本案现场", LATER))
        for found in sorted(world.standing()):
            if world.library.finding(found).finding.case_no == CASE:
                self._decide(
                    lambda tx, one=found: world.decisions.claim_explanation(
                        tx, one, LI, because("记录仪电量耗尽"), LATER
                    )
                )
                self._decide(lambda tx, one=found: world.decisions.decide(tx, one, WANG, "属实", LATER, approve=True))
                break

    def _decide(self, decide: Callable[..., object]) -> None:
        decided = self.world.decide(decide)  # type: ignore[arg-type] # what the lambda gives is a Decided
        self.vault.put_record("decisions", decided.name, decided.body)

    def fill(self) -> "PackHome":
        """Make a case with three originals, one of them with a playable copy, and one disposed of."""
        self.world.put(
            lambda tx: self.world.catalogue.put_cases(tx, [Case(CASE, TITLE, "强制", "高昌区生态环境局", at(0))])
        )
        steps = (step(window=(0, 30)), step(step_no="2", procedure="SEIZE", window=(60, 90), officers=("E2",)))
        self.world.put(lambda tx: self.world.catalogue.put_steps(tx, steps))
        self.first = self.take_in(b"first" * 700, "2026/11/first.MP4", (0, 12))
        self.second = self.take_in(b"second" * 900, "2026/11/第二段.avi", (13, 28), proxy=b"proxy" * 300)
        self.third = self.take_in(b"third" * 1100, "x/third.mp4", (200, 210), device="D2")
        self.gone = self.take_in(b"gone" * 100, "2026/11/gone.mp4", (61, 80), device="D2", gone=True)
        self.cosign()
        self.decide()
        return self


# --- checking, both ways ----------------------------------------------------------------------------------------------

Named = set[tuple[str, str, tuple[int, ...]]]
"""Differences as code, path and items."""


def by_verify(pack: Path, key: str = "") -> Named:
    """Return what the pack's verifier finds, called as a function."""
    return {(one.code, one.path, one.items) for one in pack_verify.check(str(pack), key).differences}


def by_house(pack: Path, key: VerifierKey | str | None = None) -> Named:
    """Return what the second opinion finds."""
    return {(one.kind.value, one.path, one.items) for one in check_pack(pack, key).differences}


def run_verify(pack: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the verify.py that lies in a pack, by a bare interpreter that sees neither our code nor any library."""
    command = [sys.executable, "-I", "-S", str(pack / "verify.py"), str(pack), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd="/")


def copy_of(pack: Path, into: Path) -> Path:
    """Return a copy of a pack that may be tampered with."""
    made = into / "pack"
    shutil.copytree(pack, made, copy_function=shutil.copyfile)
    return made


def remanifest(pack: Path) -> None:
    """Write both manifests and the oxum anew, as a forger who knows the format would."""
    payload = sorted(path for path in (pack / "data").rglob("*") if path.is_file())
    size = sum(path.stat().st_size for path in payload)
    info = (pack / "bag-info.txt").read_text("utf-8").splitlines()
    info = [line for line in info if not line.startswith("Payload-Oxum")] + [f"Payload-Oxum: {size}.{len(payload)}"]
    (pack / "bag-info.txt").write_text("\n".join(info) + "\n", "utf-8")
    _write_manifest(pack, "manifest-sha256.txt", payload)
    tags = [path for path in pack.iterdir() if path.is_file() and path.name != "tagmanifest-sha256.txt"]
    _write_manifest(pack, "tagmanifest-sha256.txt", tags)


def _write_manifest(pack: Path, name: str, files: Sequence[Path]) -> None:
    rows = sorted((path.relative_to(pack).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files)
    (pack / name).write_text("".join(f"{digest}  {path}\n" for path, digest in rows), "utf-8")


def forge(pack: Path) -> TestKey:
    """Sign the whole pack anew by another key of the same name, consistently; return that key."""
    forger = TestKey(ORIGIN)
    ledger = pack / "data" / "ledger"
    note = tlog.signed_note((ledger / "checkpoint").read_bytes())
    body = forger.sign(note.text).to_bytes()
    (ledger / "checkpoint").write_bytes(body)
    (ledger / "log.vkey").write_text(f"{forger.vkey}\n", "utf-8")
    for path in (ledger / "proofs").iterdir():
        proof = tlog.proof_from(path.read_bytes())
        path.write_bytes(tlog.Proof(proof.index, proof.path, body).to_bytes())
    remanifest(pack)
    return forger


def flipped(body: bytes, at_byte: int, bit: int = 0) -> bytes:
    """Return bytes with one bit turned."""
    return body[:at_byte] + bytes([body[at_byte] ^ (1 << bit)]) + body[at_byte + 1 :]
