"""Looking after a home, a little at each round: receipts, second copy, fixity checks and healing, clean-up of docks.

A part that fails is logged once for each reason and tried again at the next round; the others go on. Nothing here is
needed for a file to be sealed.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from config.settings import Settings
from dashboard.logs import LOG
from dashboard.receipts import ReceiptWriter
from dashboard.upkeep_copy import MACHINE, CopyKeeper, Mender
from dashboard.upkeep_fixity import FixityKeeper
from evidence.custody import Entry, EventType
from evidence.errors import ConfigError, EvidockError, IntegrityError, StorageError
from evidence.ids import Digest
from evidence.ports import LogStore, Pickup, PickupState, Vault, WallClock
from evidence.receipts import Receipt
from evidence.secrecy import Effect, permit
from evidence.views import Library
from index.engine import Register
from index.upkeep import UpkeepRegister
from ingest.clean_up import CleanUp, Cleared, Proofs
from ingest.faults import reached
from ingest.receipts import ReceiptFolder
from storage.examination import Condition, examine
from storage.fixity import Pace
from storage.healing import SECOND, VAULT, Healing
from storage.healing_vault import HealingVault
from storage.local_vault import LocalVault
from storage.second_copy import RecordNames, SecondCopy, local_record_names

RECORD_FOLDERS = ("sidecars", "decisions", "imports")
"""Folders of records that the program writes."""

SEALED_STATES = (PickupState.SEALED, PickupState.SEEN_AGAIN)


@dataclass(frozen=True)
class Limits:
    """How long each part of a round may last, seconds; how often docks are cleaned up; the pace of fixity checks."""

    receipts_s: float = 2.0
    second_copy_s: float = 3.0
    clean_up_s: float = 3.0
    clean_up_every_s: float = 60.0
    pace: Pace = field(default_factory=Pace)


@dataclass(frozen=True)
class Ground:
    """What upkeep stands on, as the wiring hands it out.

    Attributes:
        home: the home folder: ``dock/`` and ``receipts/`` lie in it, and ``vault.second`` is read from it.
        vault: the vault itself, not a wrapper that heals.
    """

    home: Path
    settings: Settings
    register: Register
    library: Library
    vault: Vault
    log: LogStore
    clock: WallClock

    @property
    def second_root(self) -> Path | None:
        """Folder of the second copy, None without one."""
        named = self.settings.vault.second
        return Path(os.path.abspath(self.home / Path(named).expanduser())) if named else None  # noqa: PTH100 - no links


class Upkeep:
    """All of it; every part can be driven by itself.

    Attributes:
        copies: keeps the second copy, None without one. mender: mends and records it.
        vault: what pages, pipeline and `verify` should read through: a failed read is mended.
    """

    def __init__(
        self, ground: Ground, *, limits: Limits = Limits(), clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        """Prepare; nothing runs and nothing is touched before `tick`."""
        self.ground = ground
        self._limits = limits
        self._clock_s = clock_s
        self.register = UpkeepRegister(ground.register)
        self.folder = ReceiptFolder(ground.home / "receipts")
        self.receipts = ReceiptWriter(self.register, ground.log, self.folder)
        self.copies = self._copies()
        healing = Healing(ground.vault, self._second_vault, self.register.is_disposed, reached=reached)
        self.mender = Mender(self.register, healing, ground.clock, ground.library.secrecy_of_clip)
        self.vault: Vault = HealingVault(ground.vault, self.mender.heal) if self.copies else ground.vault
        self._fixity: FixityKeeper | None = None
        self._clean_up = self._cleaner()
        self._next_clean_up_s = clock_s()
        self._began = False
        self._receipts_turn = threading.Lock()
        self._said: dict[str, str] = {}

    def tick(self) -> None:
        """Do a little of everything that is due. Errors of a part are logged and never raised."""
        if not self._began:
            with self._part("healing"):
                self.mender.record_kept(lambda copy: self.ground.vault if copy == VAULT else self._second_vault())
                self._began = True
        self.give_receipts()
        with self._part("second copy"):
            if self.copies:
                self.copies.round(self._deadline(self._limits.second_copy_s))
        with self._part("fixity"):
            if self.ground.settings.vault.fixity_days:
                self.fixity.round()
        with self._part("clean-up"):
            self._clean_up_due()

    def give_receipts(self) -> None:
        """Write the receipts that are due; also called by itself, so that a dock waits a second and not a round."""
        with self._receipts_turn, self._part("receipts"):
            if self.ground.settings.dock.receipts:
                self.receipts.round(self._deadline(self._limits.receipts_s))

    def close(self) -> None:
        """Record what a fixity check has read, and let go of files."""
        with self._part("fixity"):
            if self._fixity is not None:
                self._fixity.close()
        if self.copies:
            self.copies.close()

    @property
    def fixity(self) -> FixityKeeper:
        """The fixity check, begun where the last recorded one ended."""
        if self._fixity is None:
            ground = self.ground
            self._fixity = FixityKeeper(
                self.register,
                ground.vault,
                ground.log,
                self._second_vault,
                self.mender,
                ground.clock,
                days=ground.settings.vault.fixity_days,
                clock_s=self._clock_s,
                pace=self._limits.pace,
            )
        return self._fixity

    # --- the second copy ----------------------------------------------------------------------------------------------

    def _copies(self) -> CopyKeeper | None:
        root, ground = self.ground.second_root, self.ground
        if root is None:
            return None
        if isinstance(ground.vault, LocalVault):
            _refuse_inside(root, ground.vault.root)
        immutable = ground.settings.vault.immutable
        second = SecondCopy(root, ground.vault, ground.log, _names(ground.vault), immutable=immutable, reached=reached)
        return CopyKeeper(self.register, second, ground.log, ground.library.secrecy_of_clip)

    def _second_vault(self) -> LocalVault | None:
        return self.copies.vault() if self.copies else None

    # --- docks --------------------------------------------------------------------------------------------------------

    def clean_up(self) -> Cleared:
        """Remove the dock files that are proved to be safe now, for as long as a round may last."""
        return self._clean_up.round(self._deadline(self._limits.clean_up_s))

    def _clean_up_due(self) -> None:
        if not self.ground.settings.dock.clean_up or self._clock_s() < self._next_clean_up_s:
            return
        self._next_clean_up_s = self._clock_s() + self._limits.clean_up_every_s
        cleared = self.clean_up()
        for pickup in cleared.removed:
            LOG.info("a dock's file was removed after its sealing was verified", path=pickup.source_path)
        for path, error in cleared.kept:
            LOG.warning("a dock's file stays", path=path, reason=str(error))

    def _cleaner(self) -> CleanUp:
        ground = self.ground
        return CleanUp(
            ground.home / "dock",
            ground.vault,
            Proofs(self._receipt_for, self._is_sealed, self._read_back, self._record_cleared),
            ground.clock,
            timedelta(hours=ground.settings.dock.clean_up_after_h),
            never=[Path(os.path.abspath(root.path)) for root in ground.settings.watch.roots],  # noqa: PTH100 - no links
        )

    def _receipt_for(self, pickup: Pickup) -> Receipt | None:
        return self.folder.find(pickup.station, pickup.source_path, pickup.key)

    def _is_sealed(self, pickup: Pickup, digest: Digest) -> bool:
        outcome = self.ground.library.outcomes([pickup.key]).get(pickup.key)
        return outcome is not None and outcome.state in SEALED_STATES and outcome.digest == digest

    def _read_back(self, receipt: Receipt) -> None:
        vaults: dict[str, Vault | None] = {VAULT: self.ground.vault}
        if self.copies:
            vaults[SECOND] = self.copies.vault()
        for copy, vault in vaults.items():
            if vault is None or (copy == SECOND and self.copies and not self.copies.covers(receipt.entry.number)):
                cure = "connect its disk and let it catch up; the dock's file stays until then"
                raise StorageError("the second copy does not have this original", subject=receipt.digest, cure=cure)
            if copy == SECOND:
                permit(self.ground.library.secrecy_of_clip(receipt.digest), Effect.REPLICATION, receipt.digest)
            found = examine(vault, receipt.digest)
            if found is not Condition.WHOLE:
                mend = self.mender.try_heal if copy == VAULT else self.mender.try_mend_second
                mended = "was mended" if mend(receipt.digest) else "could not be mended"
                cure = f"it {mended}; the dock's file stays for now"
                raise IntegrityError(f"its original was {found.value} ({copy})", subject=receipt.digest, cure=cure)

    def _record_cleared(self, pickup: Pickup, digest: Digest, copy: str) -> None:
        """Record a removal, unless a crash came between its record and it."""
        told = self.register.told_of(digest, (EventType.CLEARED,))
        if any((one.detail.get("pickup_key"), one.detail.get("file")) == (pickup.key, copy) for one in told):
            return
        detail = {name: value for name, value in vars(pickup).items() if name != "key"}
        detail |= {"pickup_key": pickup.key, "file": copy}
        self.register.append(Entry(EventType.CLEARED, MACHINE, self.ground.clock(), digest, detail=detail))

    # --- parts --------------------------------------------------------------------------------------------------------

    def _deadline(self, length_s: float) -> Callable[[], bool]:
        end_s = self._clock_s() + length_s
        return lambda: self._clock_s() >= end_s

    @contextmanager
    def _part(self, name: str) -> Iterator[None]:
        """Log what a part raises, once for each reason, and when it works again."""
        try:
            yield
        except EvidockError as error:
            if self._said.get(name) != str(error):
                LOG.warning("upkeep could not be done, trying again", part=name, reason=str(error))
            self._said[name] = str(error)
        else:
            if self._said.pop(name, ""):
                LOG.info("upkeep works again", part=name)


def _names(vault: Vault) -> RecordNames:
    """Return what lists the records of a vault; of a bucket, those of the folders that the program writes."""
    if isinstance(vault, LocalVault):
        return local_record_names(vault.root)
    return lambda without: (
        (folder, name) for folder in RECORD_FOLDERS if folder not in without for name, _ in vault.records(folder)
    )


def _refuse_inside(root: Path, vault: Path) -> None:
    if root == vault or vault in root.parents or root in vault.parents:
        cure = "name a folder on another disk"
        raise ConfigError("vault and second copy lie in one another", subject=f"vault.second = {root}", cure=cure)
