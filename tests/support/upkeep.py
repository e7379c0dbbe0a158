"""A small home with real parts: dock, vault, register, sealed ledger; files come through the real intake."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from config.settings import Settings
from dashboard.sealing import LedgerSealer
from dashboard.upkeep import Ground, Limits, Upkeep
from evidence.claims import Claims
from evidence.custody import Entry, EventType
from evidence.ids import Digest, StationId
from evidence.ports import LogStore, Pickup, PickupState, Vault
from evidence.receipts import Receipt, receipt_from
from index import ledger
from index.catalogue import Catalogue
from index.engine import Register, open_engine
from index.journal import Told, told_by
from index.library import RegisterLibrary
from ingest.intake import Intake
from ingest.pickups import pickup_of
from ingest.receipts import SUFFIX
from storage.fixity import Pace
from storage.local_log import LocalLog
from storage.local_vault import LocalVault
from storage.signing import LogKeys
from tests.support.index import MACHINE, PACK, forget_durability, migrated

START = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
STATION = "S1"


@dataclass
class Time:
    """Both clocks, turned by hand."""

    now: datetime = START
    passed_s: float = 0.0

    def clock(self) -> datetime:
        """Return the wall clock."""
        return self.now

    def clock_s(self) -> float:
        """Return the monotonic clock."""
        return self.passed_s

    def pass_(self, **length: float) -> None:
        """Let time pass on both."""
        self.now += timedelta(**length)
        self.passed_s += timedelta(**length).total_seconds()


@dataclass
class SmallHome:
    """A home folder and what works on it; opening one again finds what an earlier one left."""

    root: Path
    second: Path | None = None
    settings: dict[str, dict[str, object]] = field(default_factory=dict)
    time: Time = field(default_factory=Time)
    durable: bool = False
    limits: Callable[[], Limits] = lambda: Limits(clean_up_every_s=0.0, pace=Pace(1e9, 1.0))
    immutable: bool = False

    def __post_init__(self) -> None:
        """Make what is missing and open it."""
        for name in ("dock", "vault", "receipts", "work"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        path = self.root / "register.sqlite"
        if not path.exists():
            path.write_bytes(migrated())
        engine = open_engine(path)
        if not self.durable:
            sa.event.listen(engine, "connect", forget_durability)
        self.register = Register(engine)
        keep = timedelta(days=180)
        self.keys = LogKeys(self.root / "keys", self.time.clock).ensure()
        self.catalogue = Catalogue()
        local = LocalVault(self.root / "vault", self.root / "work", keep=keep, immutable=self.immutable)
        self.stand_on(local, LocalLog(self.root / "vault"))

    def stand_on(self, vault: Vault, log: LogStore) -> None:
        """Use this vault and this sealed ledger."""
        self.vault, self.log = vault, log
        self.sealer = LedgerSealer(self.register, log, self.keys, self.time.clock, self.root / "work" / "lock")
        self.upkeep = self.opened_upkeep()

    def opened_upkeep(self) -> Upkeep:
        """Return a fresh upkeep, as the next process would have it."""
        vault = {"second": str(self.second or ""), "immutable": self.immutable, **self.settings.get("vault", {})}
        settings = Settings(**{**self.settings, "vault": vault})  # type: ignore[arg-type] # pydantic reads the maps
        library = RegisterLibrary(self.register, PACK)
        ground = Ground(self.root, settings, self.register, library, self.vault, self.log, self.time.clock)
        return Upkeep(ground, limits=self.limits(), clock_s=self.time.clock_s)

    def close(self) -> None:
        """Let go of the register."""
        self.upkeep.close()
        self.register.close()

    # --- files --------------------------------------------------------------------------------------------------------

    def dock(self, source_path: str, body: bytes, station: str = STATION) -> Pickup:
        """Put a file at a dock and say how it would be picked up."""
        file = self.root / "dock" / station / source_path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
        stamp = START.timestamp() - 3600
        os.utime(file, (stamp, stamp))
        return pickup_of(StationId(station), self.root / "dock" / station, file)

    def take(self, pickup: Pickup) -> Digest:
        """Seal a dock's file and record it; the ledger entry is not sealed yet."""
        intake = Intake(self.vault, self.time.clock)
        sighting = intake.take(pickup, lambda _share: None, lambda: False)
        with self.register.transaction() as tx:
            self.catalogue.note_pickup(tx, pickup, PickupState.WAITING, None, self.time.now)
            self.catalogue.record_sealed(tx, pickup, sighting, Claims(), MACHINE)
        return sighting.digest

    def arrive(self, source_path: str, body: bytes, station: str = STATION) -> Digest:
        """Dock, take and seal a file with its ledger entry."""
        digest = self.take(self.dock(source_path, body, station))
        self.sealer.seal()
        return digest

    def place(self, digest: str, root: Path | None = None) -> Path:
        """Return where an original lies in the vault, or in the second copy at ``root``."""
        return (root or self.root / "vault") / "originals" / digest[:2] / digest[2:4] / digest

    def damage(self, digest: str, root: Path | None = None, body: bytes = b"damaged") -> None:
        """Change the bytes of an original behind everybody's back."""
        place = self.place(digest, root)
        place.chmod(0o644)
        place.write_bytes(body)
        place.chmod(0o444)

    # --- what came of it ----------------------------------------------------------------------------------------------

    def receipts(self) -> dict[str, Receipt]:
        """Return every receipt by its path below the folder of receipts."""
        folder = self.root / "receipts"
        return {
            str(path.relative_to(folder)): receipt_from(path.name, path.read_bytes())
            for path in sorted(folder.rglob(f"*{SUFFIX}"))
            if path.is_file() and not path.is_symlink()
        }

    def told(self, *events: EventType) -> list[Told]:
        """Return what the ledger tells of these events, in order."""
        with self.register.reading() as session:
            return [told for told in told_by(ledger.entries(session)) if told.event in events]

    def append(self, entry: Entry) -> int:
        """Append an entry and seal it."""
        with self.register.transaction() as tx:
            number = ledger.append(tx, entry)
        self.sealer.seal()
        return number
