"""Sealing the ledger: what was committed to the register goes into the vault under a signed checkpoint.

One process at a time seals, under a lock the kernel frees. Before anything is signed the register must continue what is
sealed: a register that was rolled back, or a vault that was, stops every act until somebody has looked.
"""

import fcntl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from evidence.custody import Actor, Authenticated, Entry, EventType
from evidence.errors import IntegrityError, NotFoundError
from evidence.ids import SYSTEM_ACTOR
from evidence.ports import LogStore, WallClock
from evidence.tlog import Checkpoint, SignedNote, VerifierKey
from index import ledger
from index.engine import Register
from storage.signing import LogKeys, verify_ed25519
from storage.tile_log import TileLog

AT_ONCE = 16_384
"""Entries sealed under one checkpoint; more than that wait for the next one, a moment later."""

EVERY_S = 0.5
MACHINE = Actor(SYSTEM_ACTOR, Authenticated.MACHINE)

Sealed = Callable[[Checkpoint], None]
"""Told of each new checkpoint, after everything of it is in the vault."""


class LedgerSealer:
    """Seals what the register holds and the vault does not.

    Args:
        register: where entries are committed. log: where they are sealed.
        keys: who signs. lock: file that processes of this home take turns by.
    """

    def __init__(self, register: Register, log: LogStore, keys: LogKeys, clock: WallClock, lock: Path) -> None:
        self._register = register
        self._log = log
        self._keys = keys
        self._clock = clock
        self._lock = lock
        self.tiles = TileLog(log, keys.origin, keys.sign, self._is_ours)
        self._turn = threading.Lock()
        self._opened = _identity(register.file) if register.file else None
        self.sealed: list[Sealed] = []

    def introduce_first_key(self) -> None:
        """Let the ledger begin with the key that signs it; done once in a home's life."""
        with self.alone():
            if self._heads().sealed or self._has_key(self._keys.vkey):
                return
            self.introduce(None, self._keys.vkey, MACHINE, "")
            self._note(self.tiles.append(self._fresh(0)))

    def introduce(self, old: VerifierKey | None, new: VerifierKey, actor: Actor, reason: str) -> None:
        """Record a new key in the ledger and lay its public half beside the tiles."""
        detail = {"old": str(old) if old else "", "new": str(new)}
        with self._register.transaction() as session:
            entry = Entry(EventType.KEYED, actor, self._clock(), new.key_id.hex(), reason=reason, detail=detail)
            ledger.append(session, entry)
        self._log.create(f"keys/{new.key_id.hex()}.vkey", f"{new}\n".encode())

    def head(self) -> Checkpoint:
        """Return the newest sealed checkpoint. Raises IntegrityError when this home's keys did not sign it."""
        return self.tiles.head()

    def require_agreement(self) -> None:
        """See that the register continues what is sealed.

        Raises:
            IntegrityError: it does not: one of the two was rolled back or replaced.
        """
        try:
            self._agreed(self.tiles.head())
        except IntegrityError:
            with self.alone():  # a sealing between the two looks would seem to be a rollback
                self._agreed(self.tiles.head())

    def seal(self) -> Checkpoint:
        """Seal every entry that is committed by now; return the newest checkpoint.

        Raises:
            IntegrityError: register and vault do not agree; nothing was signed. StorageError: the vault refused.
        """
        with self.alone():
            head = self._agreed(self.tiles.head())
            while True:
                fresh = self._fresh(head.size)
                if not fresh:
                    return head
                head = self._seal(fresh)

    def resign(self) -> Checkpoint:
        """Sign the newest checkpoint with the keys that sign now; after a change of keys."""
        with self.alone():
            return self.tiles.resign()

    def sweep(self) -> int:
        """Remove what an interrupted sealing left; return how many partial tiles."""
        with self.alone():
            return self.tiles.sweep()

    def unsealed(self) -> int:
        """Return how many entries are committed and not sealed."""
        heads = self._heads()
        return heads.size - heads.sealed

    def seal_if_due(self) -> None:
        """Seal when there is something to seal; looked at twice a second while a home is served."""
        if self.unsealed():
            self.seal()

    def _fresh(self, start: int) -> list[bytes]:
        with self._register.reading() as session:
            return [entry.canonical for entry in ledger.entries(session, start=start, stop=start + AT_ONCE)]

    def _seal(self, fresh: list[bytes]) -> Checkpoint:
        head = self.tiles.append(fresh)
        self._note(head)
        for told in self.sealed:
            told(head)
        return head

    def _note(self, head: Checkpoint) -> None:
        with self._register.transaction() as session:
            ledger.note_sealed(session, head.size, head.root)

    def _agreed(self, head: Checkpoint) -> Checkpoint:
        heads = self._heads()
        if (heads.sealed, heads.sealed_root) == (head.size, head.root.hex()) or head.size == heads.sealed == 0:
            return head
        if heads.sealed > head.size or (heads.sealed == head.size and heads.sealed_root):
            raise _disagree("the vault's ledger is not the one this register sealed: it was rolled back or replaced")
        if heads.size < head.size:
            raise _disagree(f"the register knows {heads.size} entries and {head.size} are sealed: it was rolled back")
        with self._register.reading() as session:
            root = ledger.tree_of(session, head.size).root()
        if root != head.root:
            raise _disagree("the register's entries are not those that are sealed")
        self._note(head)  # cut off between the checkpoint and the note of it
        return head

    def _heads(self) -> ledger.Heads:
        with self._register.reading() as session:
            return ledger.heads(session)

    def _has_key(self, key: VerifierKey) -> bool:
        try:
            self._log.read(f"keys/{key.key_id.hex()}.vkey")
        except NotFoundError:
            return False
        return True

    def _is_ours(self, note: SignedNote) -> bool:
        return any(note.is_signed_by(key, verify_ed25519) for key in self._keys.vkeys)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other process of this home from sealing.

        Raises:
            IntegrityError: the register was replaced by another since this process opened it.
        """
        with self._turn, self._lock.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if self._is_replaced():
                cure = "what this command did is not in the new register: do it again"
                raise IntegrityError("the register was rebuilt meanwhile", subject="ledger", cure=cure)
            yield

    def _is_replaced(self) -> bool:
        """Whether another file lies now where this process's register lay; looked at while nobody can replace it."""
        file = self._register.file
        return file is not None and self._opened is not None and _identity(file) != self._opened


def _identity(file: Path) -> tuple[int, int]:
    """Return what tells one file from another that takes its name; zeros when none is there."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return (0, 0)
    return found.st_dev, found.st_ino


def _disagree(why: str) -> IntegrityError:
    cure = "nothing was written; run `evidock verify`, restore the newer one from backup, or run `evidock rebuild`"
    return IntegrityError(why, subject="ledger", cure=cure)
