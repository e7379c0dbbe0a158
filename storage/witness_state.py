"""What a witness keeps: its key, the log's keys it trusts, the last checkpoint it cosigned, and all before.

::

    <state>/                       mode 0700
      witness.key, witness.vkey    its own key; the private one mode 0600
      log.vkeys                    the log's verifier keys it trusts, a line each
      checkpoint                   the newest note it cosigned
      cosigned/<size>.note         every note it cosigned
      delivered                    size of the newest note that its home has taken
      sought                       for a key that nothing introduced yet: up to which size that was looked for
      conflict-<seen>-<found>-…/   both checkpoints of a log that did not continue
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evidence.errors import ConfigError, EvidockError
from evidence.tlog import SignedNote, VerifierKey, checkpoint_of, signed_note, verifier_key
from storage.failures import storage_errors
from storage.key_files import PUBLIC, KeyFolder
from storage.signing import Signer, WitnessKey

LAST, TRUSTED, DELIVERED, SOUGHT = "checkpoint", "log.vkeys", "delivered", "sought"
CURE = "restore the witness's state from backup; without it, begin a new state folder and say so to the log's home"


class WitnessState:
    """A witness's folder.

    Args:
        folder: made when first needed.
        name: what a key made now is called.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self._files = KeyFolder(folder)
        self._key = WitnessKey(folder, name)

    def signer(self) -> Signer:
        """Return the witness's own key, made on first use. Raises as `WitnessKey.ensure` does."""
        return self._key.ensure()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let one process at a time look and cosign: two could each sign what the other would have refused."""
        self._files.make()
        with self._files.locked():
            yield

    @property
    def trusted(self) -> tuple[VerifierKey, ...]:
        """The log's keys.

        Raises:
            ConfigError: the file is damaged.
        """
        lines = self._files.text(TRUSTED).splitlines()
        try:
            return tuple(verifier_key(line) for line in lines)
        except EvidockError as error:
            raise ConfigError(error.message, subject=str(self.folder / TRUSTED), cure=CURE) from error

    def trust(self, key: VerifierKey) -> None:
        """Trust a key of the log from now on."""
        keys = dict.fromkeys((*self.trusted, key))
        self._files.write(TRUSTED, "".join(f"{one}\n" for one in keys), PUBLIC)

    @property
    def last(self) -> SignedNote | None:
        """The newest note it cosigned; None before the first.

        Raises:
            ConfigError: the file is damaged.
        """
        path = self.folder / LAST
        try:
            with storage_errors(str(path)):
                note = signed_note(path.read_bytes()) if path.exists() else None
            if note:
                checkpoint_of(note)
        except EvidockError as error:
            raise ConfigError(error.message, subject=str(path), cure=CURE) from error
        return note

    def keep(self, note: SignedNote) -> Path:
        """Keep a note as the newest, and for ever; return where. On the disk when this returns."""
        text, place = note.to_bytes().decode(), self.place_of(checkpoint_of(note).size)
        self._files.write(place.relative_to(self.folder).as_posix(), text, PUBLIC)
        self._files.write(LAST, text, PUBLIC)
        return place

    def place_of(self, size: int) -> Path:
        """Return where the cosigned note of a size lies."""
        return self.folder / "cosigned" / f"{size:012}.note"

    @property
    def delivered(self) -> int:
        """Size of the newest note that its home has taken; -1 when it has taken none."""
        text = self._files.text(DELIVERED)
        return int(text) if text.isdecimal() and text.isascii() else -1

    def note_delivered(self, size: int) -> None:
        """Remember that the home has taken a note."""
        self._files.write(DELIVERED, f"{size}\n", PUBLIC)

    def sought_until(self, key_id: bytes) -> int:
        """Return up to which size an introduction of this key was looked for, in vain."""
        return self._sought().get(key_id.hex(), 0)

    def note_sought(self, key_id: bytes, size: int) -> None:
        """Remember that nothing before ``size`` introduces this key."""
        self._files.write(SOUGHT, json.dumps({**self._sought(), key_id.hex(): size}) + "\n", PUBLIC)

    def _sought(self) -> dict[str, int]:
        try:
            said = json.loads(self._files.text(SOUGHT) or "{}")
        except ValueError:
            return {}  # it saves work and proves nothing: look again
        return {key: size for key, size in said.items() if isinstance(size, int)} if isinstance(said, dict) else {}

    def keep_conflict(self, seen: SignedNote, found: SignedNote, what: str) -> Path:
        """Keep two checkpoints that cannot both be of one log, and what that means; return their folder."""
        sizes = f"{checkpoint_of(seen).size}-{checkpoint_of(found).size}"
        name = f"conflict-{sizes}-{hashlib.sha256(found.text.encode()).hexdigest()[:8]}"
        for file, text in (("seen.note", seen), ("found.note", found)):
            self._files.write(f"{name}/{file}", text.to_bytes().decode(), PUBLIC)
        self._files.write(f"{name}/what.txt", f"{what}\n", PUBLIC)
        return self.folder / name
