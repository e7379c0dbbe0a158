"""The log's keys and the witness's key: who signs checkpoints, and how the one gives way to the next.

::

    keys/                    mode 0700
      origin                 the log's name, for ever
      ledger.key             the private key that signs checkpoints, mode 0600
      ledger.vkey            its public half
      next.key               made, not yet in use: a change of keys is under way, or was cut off
      previous.key           signs along until the time in previous.until, is then destroyed
      retired/<key id>.vkey  public halves of keys that have gone

At every instant of a change ``ledger.key`` is whole and usable; a change that was cut off is done again from its start.

Source: RFC 8032; C2SP signed-note.
"""

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from evidence.errors import ConfigError, UsageError
from evidence.ports import WallClock
from evidence.tlog import Algorithm, SignedNote, VerifierKey
from evidence.zones import exact_iso, from_iso
from storage.key_files import PRIVATE, PUBLIC, KeyFolder, Signer, fingerprint, new_signer

__all__ = ["LogKeys", "Signer", "WitnessKey", "fingerprint", "verify_ed25519"]

Introduce = Callable[[VerifierKey, VerifierKey], None]
"""Told the old and the new key before the new one signs anything; what it raises stops the change."""


def verify_ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature over a message is by a public key; implements `evidence.tlog.Verify`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class LogKeys:
    """The keys that sign the log of a home.

    Args:
        folder: ``keys`` of the home.
        now: the clock by which an old key's time runs out.
    """

    def __init__(self, folder: Path, now: WallClock) -> None:
        self._files = KeyFolder(folder)
        self._now = now
        self._loaded: tuple[object, tuple[Signer, ...]] = (None, ())

    def ensure(self, origin: str | None = None, *, first: bool = True) -> Self:
        """See that there is a key, and destroy one whose overlap is over; return the keys.

        Args:
            origin: the log's name. Without it a new log is called ``evidock/`` and 16 random hex digits.
            first: make the first key when there is none. False for a log that has checkpoints already.

        Raises:
            ConfigError: the private key is gone, may be read by others, or signs for another log.
        """
        self._files.make()
        with self._files.locked():
            if not (self._files.folder / "ledger.key").exists():
                self._refuse_lost(first=first)
                self._make_first(origin or self._files.text("origin") or f"evidock/{secrets.token_hex(8)}")
            self._see_to_public_files(origin)
        self.retire_due()
        return self

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.signers[0].name

    @property
    def signers(self) -> tuple[Signer, ...]:
        """The keys that sign now: the current one, and during an overlap the one before.

        Read again when another process has changed them.
        """
        stamp = self._files.stamp("ledger.key", "previous.key")
        if self._loaded[0] != stamp:
            self._loaded = (stamp, self._read_signers())
        return self._loaded[1]

    @property
    def vkey(self) -> VerifierKey:
        """The public half of the current key."""
        return self.signers[0].vkey

    @property
    def vkeys(self) -> tuple[VerifierKey, ...]:
        """Every key that may have signed for this log, the current first."""
        known = [signer.vkey for signer in self.signers] + self._files.vkeys() + self._files.vkeys("retired")
        return tuple(dict.fromkeys(known))

    def sign(self, text: str) -> SignedNote:
        """Return a checkpoint's text signed by every key that signs now."""
        return SignedNote(text, tuple(signer.sign(text) for signer in self.signers))

    def rotate(self, overlap_days: float, introduce: Introduce) -> tuple[VerifierKey, VerifierKey]:
        """Change to a new key; the old one signs along for ``overlap_days``. Return the old and the new one.

        The new key is on the disk before ``introduce`` is told of it, and signs only after that returned. Cut off
        anywhere, the old key goes on; called again, the same new key is introduced again and put to use.

        Raises:
            UsageError: the key before this one still signs along.
        """
        with self._files.locked():
            old = self.signers[0]
            self._refuse_third(old)
            new = self._files.signer("next.key") or new_signer(old.name, Algorithm.ED25519)
            self._files.write("next.key", new.to_text(), PRIVATE)
            introduce(old.vkey, new.vkey)
            self._put_to_use(old, new, overlap_days)
        return old.vkey, new.vkey

    def replace_lost(self, origin: str, known: Iterable[VerifierKey] = ()) -> VerifierKey:
        """Make a new key where the private one is lost for good, and return it; one that is there is returned as it is.

        Nobody who trusts only the old key can follow: they must be told the new one, on paper.

        Args:
            origin: the log's name, which stays.
            known: public keys that signed for it, as far as the keys folder has lost them too.
        """
        self._files.make()
        with self._files.locked():
            if not (self._files.folder / "ledger.key").exists():
                for lost in dict.fromkeys([*self._files.vkeys(), *known]):
                    self._retire(lost)
                self._make_first(origin)
            self._see_to_public_files(origin)
        return self.vkey

    def retire_due(self) -> bool:
        """Destroy the previous private key when its overlap is over; return whether one was destroyed."""
        until = self.previous_until
        if until is None or self._now() < until:
            return False
        was_there = (self._files.folder / "previous.key").exists()
        self._files.destroy("previous.key")
        self._files.destroy("previous.until")
        return was_there

    @property
    def previous_until(self) -> datetime | None:
        """When the previous key stops signing along; None when there is none."""
        text = self._files.text("previous.until")
        try:
            return from_iso(text) if text else None
        except ValueError as error:
            subject = str(self._files.folder / "previous.until")
            raise ConfigError("holds no time", subject=subject, cure="write one there, or restore it") from error

    # --- steps -------------------------------------------------------------------------------------------------------

    def _refuse_lost(self, *, first: bool) -> None:
        if first and not self._files.vkeys() and not self._files.vkeys("retired"):
            return
        raise ConfigError(
            "the private key of the ledger is not there",
            subject=str(self._files.folder / "ledger.key"),
            cure="restore the keys folder from backup; if it is lost for good: evidock key rotate --lost",
        )

    def _make_first(self, origin: str) -> None:
        signer = new_signer(origin, Algorithm.ED25519)
        self._files.write("origin", f"{origin}\n", PUBLIC)
        self._files.write("ledger.key", signer.to_text(), PRIVATE)

    def _see_to_public_files(self, origin: str | None) -> None:
        """Have ``origin`` and ``ledger.vkey`` say what the private key says."""
        signer = self.signers[0]
        if origin and signer.name != origin:
            cure = "put the keys folder of this home back"
            raise ConfigError(f"these keys sign for {signer.name}, not for {origin}", subject="keys", cure=cure)
        for name, text in (("origin", signer.name), ("ledger.vkey", str(signer.vkey))):
            if self._files.text(name) != text:
                self._files.write(name, f"{text}\n", PUBLIC)

    def _read_signers(self) -> tuple[Signer, ...]:
        current, previous = self._files.signer("ledger.key"), self._files.signer("previous.key")
        if current is None:
            self._refuse_lost(first=False)
        return tuple(dict.fromkeys(signer for signer in (current, previous) if signer))

    def _refuse_third(self, current: Signer) -> None:
        self.retire_due()
        previous = self._files.signer("previous.key")
        if previous and previous != current:
            raise UsageError(
                f"the key before this one still signs along, until {self._files.text('previous.until')}",
                subject="keys",
                cure="wait until then; if that key may be in other hands, remove keys/previous.key first",
            )

    def _put_to_use(self, old: Signer, new: Signer, overlap_days: float) -> None:
        self._retire(old.vkey)
        self._files.write("previous.until", f"{exact_iso(self._now() + timedelta(days=overlap_days))}\n", PUBLIC)
        self._files.write("previous.key", old.to_text(), PRIVATE)
        self._files.rename("next.key", "ledger.key")
        self._files.write("ledger.vkey", f"{new.vkey}\n", PUBLIC)

    def _retire(self, key: VerifierKey) -> None:
        self._files.write(f"retired/{key.key_id.hex()}.vkey", f"{key}\n", PUBLIC)


class WitnessKey:
    """The key of a witness, made on first use: ``witness.key`` and ``witness.vkey`` in its state folder.

    Args:
        folder: the witness's own; made when first needed.
        name: how a key made now is called; one that is there keeps its name.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._files = KeyFolder(folder)
        self._name = name

    def ensure(self) -> Signer:
        """Return the key, made now when there is none.

        Raises:
            ConfigError: others may read it, or the file holds no private key. UsageError: the name cannot be one.
        """
        self._files.make()
        with self._files.locked():
            signer = self._files.signer("witness.key") or self._made()
            if self._files.text("witness.vkey") != str(signer.vkey):
                self._files.write("witness.vkey", f"{signer.vkey}\n", PUBLIC)
        return signer

    def _made(self) -> Signer:
        signer = new_signer(self._name, Algorithm.COSIGNATURE)
        self._files.write("witness.key", signer.to_text(), PRIVATE)
        return signer
