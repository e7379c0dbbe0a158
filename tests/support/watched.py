"""A sealed ledger for those who watch one: a real log in a folder, signed by real keys, served on loopback."""

import json
import shutil
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn

from dashboard.web.app import create_app
from evidence.custody import EventType
from evidence.tlog import SignedNote, VerifierKey, signed_note
from storage import cosigned
from storage.local_log import LocalLog
from storage.signing import LogKeys, verify_ed25519
from storage.tile_log import TileLog
from tests.support.web import World

DAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands until it is set."""

    now: datetime = DAY

    def __call__(self) -> datetime:
        """Return the time it stands at."""
        return self.now


def entry(number: int, word: str = "access", **detail: object) -> bytes:
    """Return the bytes of an entry, as far as a log looks at them."""
    body = {"number": number, "event": word, "detail": detail}
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


@dataclass
class WatchedLog:
    """A home's ledger: vault and keys below one folder.

    Attributes:
        size: how many entries are sealed.
        witnesses: whose cosignatures its home keeps.
    """

    folder: Path
    clock: Clock = field(default_factory=Clock)
    size: int = 0
    witnesses: list[VerifierKey] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the keys and the log."""
        self.keys = LogKeys(self.folder / "keys", self.clock).ensure()
        self.log = LocalLog(self.folder / "vault")
        self._tiles = TileLog(self.log, self.keys.origin, self.keys.sign, self._is_ours)
        self.publish(self.keys.vkey)

    def _is_ours(self, note: SignedNote) -> bool:
        return any(note.is_signed_by(key, verify_ed25519) for key in self.keys.vkeys)

    def publish(self, key: VerifierKey) -> None:
        """Lay a public key beside the log."""
        self.log.create(f"keys/{key.key_id.hex()}.vkey", f"{key}\n".encode())

    def grow(self, count: int, word: str = "access") -> None:
        """Seal more entries; ``word`` makes them others than another log's."""
        self.seal([entry(self.size + more, word) for more in range(count)])

    def seal(self, entries: Sequence[bytes]) -> None:
        """Seal entries under a new checkpoint."""
        self._tiles.append(entries)
        self.size += len(entries)

    def change_key(self, days: float = 30, *, introduced: bool = True) -> tuple[VerifierKey, VerifierKey]:
        """Change the key as a home does: the entry, the public half, then a checkpoint that both sign."""
        written: list[bytes] = []

        def introduce(old: VerifierKey, new: VerifierKey) -> None:
            if introduced:
                written.append(entry(self.size, EventType.KEYED.value, old=str(old), new=str(new)))
            self.publish(new)

        changed = self.keys.rotate(days, introduce)
        self.seal(written)
        return changed

    @property
    def newest(self) -> SignedNote:
        """The newest checkpoint."""
        return signed_note(self.log.read("checkpoint"))

    @property
    def ledger(self) -> Path:
        """The folder that would be carried on a stick."""
        return self.folder / "vault" / "ledger"

    def back_up(self, to: Path) -> None:
        """Copy the vault away."""
        shutil.copytree(self.folder / "vault", to)

    def roll_back(self, backup: Path) -> None:
        """Put a copy of earlier in the vault's place."""
        shutil.rmtree(self.folder / "vault")
        shutil.copytree(backup, self.folder / "vault")
        self.size = int(self.newest.text.split("\n")[1])
        self._tiles = TileLog(self.log, self.keys.origin, self.keys.sign, self._is_ours)

    def take_cosigned(self, body: bytes) -> cosigned.Accepted:
        """Keep a cosigned checkpoint as the home does."""
        return cosigned.accept(self.log, self.keys.vkeys, self.witnesses, body)


@contextmanager
def served(home: WatchedLog) -> Iterator[str]:
    """Serve the pages of a home with this log on loopback; yields their address."""
    services = replace(World().services(), log=home.log, take_cosigned=home.take_cosigned)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(services), log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def later(clock: Clock, **by: float) -> None:
    """Set a clock on."""
    clock.now += timedelta(**by)
