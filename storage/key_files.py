"""Key files: Ed25519 private keys in a folder closed to others, written whole, read only while they are private.

A private key is one line, ``PRIVATE+KEY+<name>+<key id>+<base64 of algorithm byte and 32-byte seed>``.

Source: RFC 8032; C2SP signed-note, tlog-cosignature; the text form of a private key is that of Go's note package.
"""

import base64
import binascii
import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.errors import ConfigError, EvidockError, UsageError
from evidence.tlog import Algorithm, NoteSignature, VerifierKey, cosigned_message, verifier_key
from storage.durable import sync_folder, write_all
from storage.failures import storage_errors
from storage.scratch import Scratch

PRIVATE, PUBLIC = 0o600, 0o644
FOR_OTHERS = 0o077
SEED_BYTES = 32
LARGEST_FILE_BYTES = 4096
GROUP = 4
_PRIVATE_HEAD = "PRIVATE+KEY+"
_NAME = re.compile(r"[^\s+]+")


def fingerprint(key: VerifierKey) -> str:
    """Return the first 128 bits of the SHA-256 of algorithm byte and key, in groups of four digits to be read aloud."""
    digits = hashlib.sha256(bytes([key.algorithm]) + key.public).hexdigest()[: 8 * GROUP]
    return " ".join(digits[at : at + GROUP] for at in range(0, len(digits), GROUP))


@dataclass(frozen=True)
class Signer:
    """A private key. ``seed``: 32 bytes, RFC 8032; never printed."""

    name: str
    algorithm: Algorithm
    seed: bytes = field(repr=False)

    @property
    def vkey(self) -> VerifierKey:
        """Its public half."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return VerifierKey(self.name, self.algorithm, public)

    def sign(self, text: str) -> NoteSignature:
        """Return its signature line over a note's text."""
        return NoteSignature(self.name, self.vkey.key_id, self._over(text.encode()))

    def cosign(self, text: str, time_s: int) -> NoteSignature:
        """Return its cosignature line over a checkpoint's text. ``time_s``: POSIX seconds."""
        made = self._over(cosigned_message(text, time_s))
        return NoteSignature(self.name, self.vkey.key_id, time_s.to_bytes(8, "big") + made)

    def _over(self, message: bytes) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)

    def to_text(self) -> str:
        """Return the line of its key file."""
        material = base64.b64encode(bytes([self.algorithm]) + self.seed).decode()
        return f"{_PRIVATE_HEAD}{self.name}+{self.vkey.key_id.hex()}+{material}\n"


def new_signer(name: str, algorithm: Algorithm) -> Signer:
    """Return a new private key, from the system's randomness.

    Raises:
        UsageError: a key cannot be called that.
    """
    if not _NAME.fullmatch(name):
        raise UsageError("a key's name has no spaces and no +", subject=name, cure="take letters, digits, . / and -")
    return Signer(name, algorithm, secrets.token_bytes(SEED_BYTES))


class KeyFolder:
    """A folder of key files: written whole and flushed, read only while they are private."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._scratch = Scratch(folder, "keys")

    def make(self) -> None:
        """Make the folder, closed to others, and sweep what a crash left in it."""
        with storage_errors(str(self.folder)):
            self.folder.mkdir(0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
        self._scratch.sweep()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let one process at a time change keys."""
        with storage_errors(str(self.folder)):
            descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def write(self, name: str, text: str, mode: int) -> None:
        """Make ``name`` hold ``text``; a reader sees the old text or the new one, whole."""
        path = self.folder / name
        descriptor, part = self._scratch.create()
        try:
            with storage_errors(str(path)):
                path.parent.mkdir(0o700, exist_ok=True)
                write_all(descriptor, memoryview(text.encode()))
                os.fchmod(descriptor, mode)
                os.fsync(descriptor)
                part.replace(path)
                sync_folder(path.parent)
                sync_folder(self.folder)
        finally:
            os.close(descriptor)
            self._scratch.remove(part)

    def rename(self, name: str, target: str) -> None:
        """Give a file another's name, in one step."""
        with storage_errors(str(self.folder / target)):
            (self.folder / name).replace(self.folder / target)
            sync_folder(self.folder)

    def destroy(self, name: str) -> None:
        """Remove a file; gone already is fine."""
        with storage_errors(str(self.folder / name)):
            (self.folder / name).unlink(missing_ok=True)
            sync_folder(self.folder)

    def signer(self, name: str) -> Signer | None:
        """Return the private key of a file; None when there is no such file.

        Raises:
            ConfigError: others may read it, or it holds no private key.
        """
        path = self.folder / name
        try:
            with path.open("rb") as file:
                _refuse_public(path, os.fstat(file.fileno()).st_mode)
                body = file.read(LARGEST_FILE_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            cure = "give the account Evidock runs under the right to read it"
            raise ConfigError(f"cannot be read ({error.strerror})", subject=str(path), cure=cure) from error
        return _signer_of(path, body)

    def text(self, name: str) -> str:
        """Return the text of a public file without its newline; empty when there is none."""
        with storage_errors(str(self.folder / name)):
            try:
                return (self.folder / name).read_text("utf-8", "replace").strip()
            except FileNotFoundError:
                return ""

    def vkeys(self, below: str = "") -> list[VerifierKey]:
        """Return the public keys that lie in a folder, in order of name.

        Raises:
            ConfigError: a file is no vkey.
        """
        return [_vkey_of(path) for path in sorted((self.folder / below).glob("*.vkey"))]

    def stamp(self, *names: str) -> tuple[tuple[int, int], ...]:
        """Return what changes whenever one of these files is replaced or removed."""
        return tuple(_stamp(self.folder / name) for name in names)


def _refuse_public(path: Path, mode: int) -> None:
    if mode & FOR_OTHERS:
        raise ConfigError("others may read this private key", subject=str(path), cure=f"chmod 600 {path}")


def _signer_of(path: Path, body: bytes) -> Signer:
    name, key_id, material = _parts(body.decode("utf-8", "replace"))
    try:
        raw = base64.b64decode(material, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) == 1 + SEED_BYTES and raw[0] in set(Algorithm):
        signer = Signer(name, Algorithm(raw[0]), raw[1:])
        if signer.vkey.key_id.hex() == key_id:
            return signer
    raise ConfigError("this is no private key of ours", subject=str(path), cure="restore it from backup")


def _parts(text: str) -> tuple[str, str, str]:
    """Return name, key id and material; a name may hold no +, but base64 does."""
    head, _, rest = text.strip().partition(_PRIVATE_HEAD)
    name, _, rest = rest.partition("+")
    key_id, _, material = rest.partition("+")
    return ("", "", "") if head else (name, key_id, material)


def _vkey_of(path: Path) -> VerifierKey:
    try:
        with storage_errors(str(path)):
            return verifier_key(path.read_text("utf-8", "replace"))
    except EvidockError as error:
        raise ConfigError("this is no public key", subject=str(path), cure="restore it from backup") from error


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_ino, found.st_mtime_ns)
