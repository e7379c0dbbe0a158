"""The register from the vault alone: to replace one that was lost, and to hold the one that is there against."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from config.device_profiles import default_profiles
from config.home import Home, default_home, make_home
from config.settings import load_settings
from dashboard.lock import ServingLock
from dashboard.wiring import House
from evidence.custody import Actor, Authenticated, LedgerEntry
from evidence.errors import IntegrityError, RegisterError
from evidence.ids import SYSTEM_ACTOR, Digest
from evidence.merkle import root_of
from evidence.ports import Pickup
from evidence.sidecars import FOLDER, Sidecar, from_bytes
from evidence.tlog import Checkpoint
from index import ledger, unfinished
from index.agreement import Disagreement, disagreements
from index.engine import Register, open_engine
from index.migrate import migrate
from index.rebuild import Rebuilt, rebuild
from ingest.claims import claims_of_sighting
from ingest.pipeline_desk import Desk
from ingest.pipeline_stages import label_of
from storage.durable import sync_folder
from storage.sealed_entries import entries_ahead, sealed_entries

MACHINE = Actor(SYSTEM_ACTOR, Authenticated.MACHINE)
FRESH = "register.rebuilding.sqlite"
SHADOWS = "verify-"
"""What the folders of registers that are made to compare begin with; swept when they are a day old."""

NAMED = 5
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


@dataclass(frozen=True)
class Consent:
    """What a person has said may happen.

    Attributes:
        accept_unsigned: take in entries that lie in the vault beyond the signed checkpoint.
        drop_unsealed: go on without entries of the old register that are not sealed and do not fit.
    """

    accept_unsigned: bool = False
    drop_unsealed: bool = False


def rebuild_register(root: Path | None, report: Report, consent: Consent = Consent()) -> Outcome:
    """Make the register of a home again from its vault; the one that was there is kept beside it.

    Raises:
        HomeBusyError: somebody serves the home. IntegrityError: the vault's ledger does not hold, or something would be
            taken in or lost that nobody has consented to; nothing was changed.
    """
    home = make_home(root or default_home())
    lock = ServingLock(home.lock, "evidock rebuild")
    lock.require()
    fresh = replace(home, register_name=FRESH)
    _remove(fresh.register)
    try:
        _seal_tail(home, consent)
        with House(fresh, load_settings(home.root), "en", "", begin=False) as house:
            rebuilt = _made(house, report, consent)
            adopted, resumed = adopt(house), resume(house)
            head, now = house.sealer.seal(), house.clock()
            with house.sealer.alone():
                house.close()
                _require_unchanged(house, head)
                kept_as = _put_in_place(fresh.register, home.register, now)
        return Outcome(rebuilt, adopted, resumed, kept_as)
    finally:
        _remove(fresh.register)
        lock.free()


def _seal_tail(home: Home, consent: Consent) -> None:
    """Seal what the register that is there has committed and the vault has not, if it can still be read.

    Raises:
        IntegrityError: it has entries that do not continue what is sealed.
    """
    if not home.register.exists():
        return
    unsealed = 0
    try:
        with House(home, load_settings(home.root), "en", "", begin=False) as house:
            unsealed = house.sealer.unsealed()
            house.sealer.seal()
    except RegisterError:
        return  # it cannot be read: what it had beyond the vault is lost with it
    except IntegrityError as error:
        if unsealed > 0 and not consent.drop_unsealed:
            words = f"the register that is there has {unsealed} entries that are not sealed and do not fit ({error})"
            cure = "look what they are; to go on without them: evidock rebuild --drop-unsealed"
            raise IntegrityError(words, subject=str(home.register), cure=cure) from error


def _made(house: House, report: Report, consent: Consent) -> Rebuilt:
    head = house.sealer.head()
    ahead = list(entries_ahead(house.log, head.size))
    if ahead and not consent.accept_unsigned:
        words = f"{len(ahead)} entries lie beyond the signed checkpoint, from {ahead[0].number} on: {_named(ahead)}"
        cure = "a sealing was cut off, or somebody put them there; to take them in: evidock rebuild --accept-unsigned"
        raise IntegrityError(words, subject="ledger", cure=cure)
    if root_of(entry.leaf for entry in sealed_entries(house.log, head.size)) != head.root:
        cure = "run `evidock verify --deep`; restore vault/ledger from a copy"
        raise IntegrityError("the entries do not give the root that was signed", subject="ledger", cure=cure)
    with house.register.transaction() as session:
        entries = chain(sealed_entries(house.log, head.size), ahead)
        made = rebuild(
            session,
            entries,
            house.vault.record,
            report=lambda done: report(done, head.size),
            docks_set=house.settings.dock.sets_clocks,
            gap_s=house.pack.thresholds.recording_gap_s,
        )
        ledger.note_sealed(session, head.size, head.root)
    return made


def _named(entries: Sequence[LedgerEntry]) -> str:
    events = ", ".join(str(entry.body.get("event")) for entry in entries[:NAMED])
    return f"{events}, …" if len(entries) > NAMED else events


def _require_unchanged(house: House, head: Checkpoint) -> None:
    """See that nobody sealed from the old register while the new one was made; called while nobody else can."""
    if house.sealer.head() != head:
        cure = "nothing was changed; run `evidock rebuild` again"
        raise IntegrityError("another command sealed meanwhile", subject="ledger", cure=cure)


def _put_in_place(fresh: Path, register: Path, now: datetime) -> Path | None:
    """Give the new register its name; the old one keeps its bytes under another.

    What SQLite laid beside the old one goes first: a log of another database would be played into the new one.
    """
    if any(Path(f"{fresh}{suffix}").exists() for suffix in SUFFIXES[1:]):
        cure = "nothing was changed; run `evidock rebuild` again"
        raise RegisterError("the new register could not be closed", subject=str(fresh), cure=cure)
    there = [suffix for suffix in (*SUFFIXES[1:], SUFFIXES[0]) if Path(f"{register}{suffix}").exists()]
    kept_as = _free_name(register, now)
    for suffix in there:
        Path(f"{register}{suffix}").replace(f"{kept_as}{suffix}")
    sync_folder(register.parent)
    fresh.replace(register)
    sync_folder(register.parent)
    return kept_as if SUFFIXES[0] in there else None


def _free_name(register: Path, now: datetime) -> Path:
    stem = f"register.before-{now:%Y%m%dT%H%M%SZ}"
    names = (register.with_name(f"{stem}{f'.{number}' if number else ''}.sqlite") for number in range(10_000))
    return next(name for name in names if not any(Path(f"{name}{suffix}").exists() for suffix in SUFFIXES))


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
    with (
        TemporaryDirectory(prefix=SHADOWS, dir=house.home.work) as folder,
        house.register.reading() as kept,
        _shadow(Path(folder, "register.sqlite")) as shadow,
    ):
        with shadow.transaction() as session:
            rebuild(
                session,
                ledger.entries(kept),
                house.vault.record,
                report=report,
                docks_set=house.settings.dock.sets_clocks,
                gap_s=house.pack.thresholds.recording_gap_s,
            )
        with shadow.reading() as derived:
            yield from disagreements(kept.connection(), derived.connection())


@contextmanager
def _shadow(path: Path) -> Iterator[Register]:
    register = Register(open_engine(path))
    try:
        migrate(register.engine)
        yield register
    finally:
        register.close()
