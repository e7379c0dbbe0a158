"""The one composition root: builds the rooms of a home and hands them out. Nobody else does."""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from config.home import Home, default_home, make_home
from config.law_packs import default_pack, load_pack
from config.retention_schedules import default_schedule, load_schedule
from config.settings import Settings, load_settings
from dashboard.human import HumanDesk, actor_named
from dashboard.sealing import LedgerSealer
from dashboard.texts import Texts
from dashboard.upkeep import Ground, Upkeep
from evidence.errors import ConfigError, NotFoundError, StorageError
from evidence.ids import Digest, StationId
from evidence.law import LawPack
from evidence.ports import LogStore, PickupState, Vault
from evidence.schedules import Schedule
from index.case_file_views import CaseFiles
from index.catalogue import Catalogue
from index.decisions import Decisions
from index.engine import Register, open_engine
from index.imports import is_untold, tell_imports_of_before
from index.library import RegisterLibrary
from index.migrate import migrate
from index.review import RegisterReviewer
from index.secrecy import known
from index.sounds import SoundRegister
from index.tx import OpenTransaction
from ingest.faults import reached
from ingest.pipeline_schema import prepare_engine
from ingest.progress import ProgressBoard
from storage.derivatives import LocalDerivatives
from storage.local_log import LocalLog
from storage.local_vault import LocalVault
from storage.s3_client import S3Client, S3Place, make_client
from storage.s3_log import S3Log
from storage.s3_vault import LocalPlaces, S3Vault
from storage.signing import LogKeys
from storage.tile_log import CHECKPOINT

EXECUTOR = "local"
"""Name under which the one process that serves an SQLite home finds its interrupted work again."""


EVERY = 1_000_000
"""Row limit of a list that has to be whole."""


RETRYABLE = (None, PickupState.FAILED, PickupState.SETTLING)
"""States of a watched file in which handing it in makes sense; None is a file nobody has handed in."""


def utc_now() -> datetime:
    """Return this machine's time in UTC; the only clock of the program."""
    return datetime.now(UTC)


class House:
    """One opened home with its rooms; each is built when first asked for."""

    def __init__(self, home: Home, settings: Settings, lang: str, actor: str, *, begin: bool = True) -> None:
        """Open the register and bring its schema up to date; ``begin`` a ledger where there is none."""
        self.home = home
        self.settings = settings
        self.texts = Texts(lang)
        self.actor = actor_named(actor)
        self.clock = utc_now
        self.board = ProgressBoard(utc_now)
        self.settling_stations: Callable[[], Collection[StationId]] = tuple
        self.register = Register(open_engine(home.register_url))
        migrate(self.register.engine)
        prepare_engine(home.register_url, self.register.engine)
        self._tell_imports_of_before()
        if begin:
            self.sealer.introduce_first_key()

    def _tell_imports_of_before(self) -> None:
        """Give a register of an older version the rows of its imports, once."""
        with self.register.reading() as session:
            told = not is_untold(session)
        if not told:
            with self.register.transaction() as tx:
                tell_imports_of_before(tx, self.raw_vault.record)

    # --- rooms -----------------------------------------------------------------------------------------------------

    @cached_property
    def pack(self) -> LawPack:
        """The law pack in force here."""
        named = self.settings.law.pack
        return load_pack(self.home.root / named) if named else default_pack()

    @cached_property
    def library(self) -> RegisterLibrary:
        """The reading side of the register."""
        return RegisterLibrary(self.register, self.pack, docks_set=self.settings.dock.sets_clocks)

    @cached_property
    def case_files(self) -> CaseFiles:
        """The files of cases, with what is attached to their text records."""
        return CaseFiles(self.register, self.library)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The writing side of the register."""
        return Catalogue()

    @cached_property
    def sounds(self) -> SoundRegister:
        """Which clips are compared by their sound, and what came of it."""
        return SoundRegister(known(self.pack))

    @cached_property
    def reviewer(self) -> RegisterReviewer:
        """The one way to a finding."""
        return RegisterReviewer(self.pack, self._settling, docks_set=self.settings.dock.sets_clocks)

    def _settling(self) -> Collection[StationId]:
        """Ask late: who watches may begin to after the reviewer was built."""
        return self.settling_stations()

    @cached_property
    def raw_vault(self) -> LocalVault | S3Vault:
        """Originals and records, as they are; what reads them asks `vault`."""
        if self.bucket is None:
            immutable, keep = self.settings.vault.immutable, self.least_keep
            return LocalVault(self.home.vault, self.home.work, immutable=immutable, keep=keep, reached=reached)
        places = LocalPlaces(self.home.work, self.home.work / "cache")
        return S3Vault(self._client, self.bucket, places, keep=self.least_keep, clock=self.clock, reached=reached)

    @cached_property
    def vault(self) -> Vault:
        """Originals and records; where a second copy is set, a read that fails heals from it."""
        return self.upkeep.vault

    @cached_property
    def upkeep(self) -> Upkeep:
        """Receipts, fixity checks, the second copy and the cleaning of docks."""
        ground = Ground(
            self.home.root, self.settings, self.register, self.library, self.raw_vault, self.log, self.clock
        )
        return Upkeep(ground)

    @cached_property
    def bucket(self) -> S3Place | None:
        """The bucket that originals lie in; None where they lie in the home."""
        kept = self.settings.vault
        return S3Place(kept.bucket, kept.endpoint, kept.region, kept.prefix) if kept.kind == "s3" else None

    @cached_property
    def _client(self) -> S3Client:
        if self.bucket is None:
            raise ConfigError("no bucket is set", subject="vault.kind", cure='set vault.kind = "s3" and vault.bucket')
        return make_client(self.bucket)

    @cached_property
    def schedule(self) -> Schedule:
        """The retention schedule in force here."""
        named = self.settings.vault.retention
        procedures = frozenset(code for version in self.pack.versions for code in version.rules)
        return load_schedule(self.home.root / named, procedures) if named else default_schedule()

    @property
    def least_keep(self) -> timedelta:
        """How long every original is locked from its sealing on, whatever comes of it."""
        return self.schedule.least_keep

    @cached_property
    def log(self) -> LogStore:
        """Where the sealed ledger lies."""
        if self.bucket is None:
            return LocalLog(self.home.vault)
        return S3Log(self._client, self.bucket, keep=self.least_keep, clock=self.clock)

    @cached_property
    def keys(self) -> LogKeys:
        """The keys that sign the ledger."""
        return LogKeys(self.home.keys, self.clock).ensure(first=not has_checkpoint(self.log))

    @cached_property
    def sealer(self) -> LedgerSealer:
        """Seals the ledger into the vault."""
        return LedgerSealer(self.register, self.log, self.keys, self.clock, self.home.sealing_lock)

    @contextmanager
    def acting(self) -> Iterator[OpenTransaction]:
        """Open a transaction for an act of a person: register and vault agree before, and it is sealed after.

        Raises:
            IntegrityError: they do not agree; nothing was done. StorageError: it was done, and could not be sealed yet.
        """
        self.sealer.require_agreement()
        with self.register.transaction() as tx:
            yield tx
        try:
            self.sealer.seal()
        except StorageError as error:
            cure = "do not do it again: it is sealed as soon as the vault takes it"
            words = f"recorded, and not sealed yet ({error.message})"
            raise type(error)(words, subject=error.subject, cure=cure) from error

    @cached_property
    def derivatives(self) -> LocalDerivatives:
        """Proxies and stills."""
        return LocalDerivatives(self.home.vault / "derivatives")

    @cached_property
    def human(self) -> HumanDesk:
        """Where people decide."""
        decisions, recording = Decisions(self.pack), self.register.transaction
        key_of = self.library.key_of
        return HumanDesk(self.acting, recording, self.vault, self.reviewer, decisions, self.clock, key_of)

    def in_second_copy(self, digest: Digest) -> bool:
        """Whether the second copy has an original; False while there is none, or its disk is away."""
        vault = self.upkeep.copies.vault() if self.upkeep.copies else None
        return vault is not None and vault.has(digest)

    def pause(self, seconds: float) -> None:
        """Wait for other threads to get on; the terminal's polling, not a rule of the domain."""
        threading.Event().wait(seconds)

    def close(self) -> None:
        """Let go of the database and of the bucket."""
        self.register.close()
        if "_client" in self.__dict__:
            self._client.close()

    def __enter__(self) -> Self:
        """Return the opened house."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go."""
        self.close()


def has_checkpoint(log: LogStore) -> bool:
    """Whether a ledger was sealed here."""
    try:
        log.read(CHECKPOINT)
    except NotFoundError:
        return False
    return True


def open_house(
    root: Path | None,
    *,
    lang: str | None = None,
    actor: str = "",
    overrides: Mapping[str, object] | None = None,
    begin: bool = True,
) -> House:
    """Open a home, made on first use; ``begin`` its ledger where there is none.

    Raises:
        ConfigError: the folder or its settings cannot be used.
    """
    home = make_home(root or default_home())
    settings = load_settings(home.root, overrides)
    return House(home, settings, lang or settings.language, actor, begin=begin)
