"""The register from the vault alone: to replace one that was lost, and to hold the one that is there against."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path

from config.device_profiles import default_profiles
from config.home import Home, default_home, make_home
from config.settings import load_settings
from dashboard.lock import ServingLock
from dashboard.wiring import House
from evidence.custody import Actor, Authenticated, LedgerEntry
from evidence.errors import IntegrityError
from evidence.ids import SYSTEM_ACTOR, Digest
from evidence.merkle import CompactRange
from evidence.ports import Pickup
from evidence.sidecars import FOLDER, Sidecar, from_bytes
from index import ledger, unfinished
from index.agreement import Disagreement, disagreements
from index.engine import Register, open_engine
from index.migrate import migrate
from index.rebuild import Rebuilt, rebuild
from ingest.claims import claims_of_sighting
from ingest.pipeline_desk import Desk
from ingest.pipeline_stages import label_of
from storage.sealed_entries import entries_ahead, sealed_entries

MACHINE = Actor(SYSTEM_ACTOR, Authenticated.MACHINE)
FRESH = "register.rebuilding.sqlite"
SHADOW = "register.verifying.sqlite"
SUFFIXES = ("", "-wal", "-shm")
"""What SQLite lays beside a database, by what its name ends in."""

Report = Callable[[int, int], None]
"""Told how many entries and clips are done, and how many entries there are."""


@dataclass(frozen=True)
class Outcome:
    """What a rebuilding gave.

    Attributes:
        adopted: originals that were sealed and not in the ledger. resumed: clips the pipeline goes on with.
        kept_as: where the register that was there lies now; None when there was none.
    """

    rebuilt: Rebuilt
    adopted: int
    resumed: int
    kept_as: Path | None


def rebuild_register(root: Path | None, report: Report) -> Outcome:
    """Make the register of a home again from its vault; the one that was there is kept beside it.

    Raises:
        HomeBusyError: somebody serves the home. IntegrityError: the vault's ledger does not hold; nothing was changed.
    """
    home = make_home(root or default_home())
    lock = ServingLock(home.lock, "evidock rebuild")
    lock.require()
    try:
        fresh = replace(home, register_name=FRESH)
        _remove(fresh.register)
        with House(fresh, load_settings(home.root), "en", "", begin=False) as house:
            rebuilt = _made(house, report)
            adopted, resumed = adopt(house), resume(house)
            house.sealer.seal()
            now = house.clock()
        return Outcome(rebuilt, adopted, resumed, _put_in_place(fresh, home, now))
    finally:
        lock.free()


def _made(house: House, report: Report) -> Rebuilt:
    head = house.sealer.head()
    with house.register.transaction() as session:
        entries = chain(sealed_entries(house.log, head.size), entries_ahead(house.log, head.size))
        signed: list[bytes] = []
        made = rebuild(
            session,
            _watched(entries, head.size, signed.append),
            house.vault.record,
            report=lambda done: report(done, head.size),
        )
        if signed != [head.root]:
            cure = "run `evidock verify --deep`; restore vault/ledger from a copy"
            raise IntegrityError("the entries do not give the root that was signed", subject="ledger", cure=cure)
        ledger.note_sealed(session, head.size, head.root)
    return made


def _watched(entries: Iterable[LedgerEntry], size: int, told: Callable[[bytes], None]) -> Iterator[LedgerEntry]:
    """Pass entries on; tell the root that the first ``size`` give."""
    tree = CompactRange()
    for entry in entries:
        if tree.size == size:
            told(tree.root())
        tree.append(entry.leaf)
        yield entry
    if tree.size == size:
        told(tree.root())


def _put_in_place(fresh: Home, home: Home, now: datetime) -> Path | None:
    """Give the new register its name; the old one keeps its bytes under another."""
    kept_as = home.root / f"register.before-{now:%Y%m%dT%H%M%SZ}.sqlite" if home.register.exists() else None
    for suffix in SUFFIXES if kept_as else ():
        _move(home.register, kept_as or home.register, suffix)
    for suffix in SUFFIXES:
        _move(fresh.register, home.register, suffix)
    folder = os.open(home.root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return kept_as


def _move(source: Path, target: Path, suffix: str) -> None:
    if Path(f"{source}{suffix}").exists():
        Path(f"{source}{suffix}").replace(f"{target}{suffix}")


def _remove(path: Path) -> None:
    for suffix in SUFFIXES:
        Path(f"{path}{suffix}").unlink(missing_ok=True)


# --- what the ledger does not tell ------------------------------------------------------------------------------------


def adopt(house: House) -> int:
    """Record the originals whose sidecar is sealed and that no entry tells of: an intake cut off. Return how many."""
    with house.register.reading() as session:
        known = unfinished.sidecars(session)
    profiles = default_profiles()
    fresh = [one for digest, one in _sidecars(house) if digest not in known and house.vault.has(one.sighting.digest)]
    for sidecar in fresh:
        seen = sidecar.sighting
        pickup = Pickup(sidecar.pickup_key, seen.station, "", seen.source_path, seen.size_bytes, sidecar.mtime_ns)
        with house.register.transaction() as tx:
            house.catalogue.record_sealed(tx, pickup, seen, claims_of_sighting(seen, profiles), MACHINE)
    return len(fresh)


def _sidecars(house: House) -> Iterator[tuple[str, Sidecar]]:
    for name, body in house.vault.records(FOLDER):
        digest = sha256(body).hexdigest()
        sidecar = from_bytes(name, body)
        yield digest, replace(sidecar, sighting=replace(sidecar.sighting, sidecar=digest))


def resume(house: House) -> int:
    """Hand the clips that the pipeline had not come to an end with in again; return how many."""
    with house.register.reading() as session:
        going = unfinished.clips(session)
    desk = Desk(house.home.register_url)
    try:
        with house.register.transaction() as tx:
            for digest, station, source_path in going:
                desk.retry_clip(tx, Digest(digest), label_of(station, source_path))
    finally:
        desk.close()
    return len(going)


# --- holding a register against the vault -----------------------------------------------------------------------------


def register_disagreements(house: House, report: Callable[[int], None] = lambda _done: None) -> Iterator[Disagreement]:
    """Make the register a second time from its ledger and the vault, and yield every cell in which the two differ.

    One consistent view is taken; that its ledger is the sealed one is for others to see.
    """
    path = house.home.work / SHADOW
    _remove(path)
    try:
        with house.register.reading() as kept, _shadow(path) as shadow:
            with shadow.transaction() as session:
                rebuild(session, ledger.entries(kept), house.vault.record, report=report)
            with shadow.reading() as derived:
                yield from disagreements(kept.connection(), derived.connection())
    finally:
        _remove(path)


@contextmanager
def _shadow(path: Path) -> Iterator[Register]:
    register = Register(open_engine(path))
    try:
        migrate(register.engine)
        yield register
    finally:
        register.close()
