"""The one composition root: builds the rooms of a home and hands them out. Nobody else does."""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from config.device_profiles import default_profiles
from config.home import Home, default_home, make_home
from config.law_packs import default_pack, load_pack
from config.settings import Settings, load_settings
from dashboard.human import HumanDesk, actor_named
from dashboard.texts import Texts
from dashboard.version import program_version
from evidence.errors import UsageError
from evidence.ids import SYSTEM_ACTOR, StationId
from evidence.law import LawPack
from evidence.ports import Pickup, PickupState
from evidence.views import ClipFilter
from index.catalogue import Catalogue
from index.decisions import Decisions
from index.engine import Register, open_engine
from index.library import RegisterLibrary
from index.migrate import migrate
from index.review import RegisterReviewer
from ingest.claims import claims_of_sighting
from ingest.exif import claims_of_photo
from ingest.faults import reached
from ingest.intake import Intake
from ingest.pipeline_desk import Desk
from ingest.pipeline_engine import Journey, Limits
from ingest.pipeline_stages import Rooms, Stages
from ingest.progress import ProgressBoard
from ingest.settle import Settler
from ingest.stations import Root, WatchMode
from ingest.watch import Watcher
from storage.derivatives import LocalDerivatives
from storage.local_vault import LocalVault
from transcode.derive import FfmpegDeriver
from transcode.probe import FfprobeProber
from transcode.runner import Runner

EXECUTOR = "local"
"""Name under which the one process that serves an SQLite home finds its interrupted work again."""


EVERY = 1_000_000
"""Row limit of a list that has to be whole."""


def utc_now() -> datetime:
    """Return this machine's time in UTC; the only clock of the program."""
    return datetime.now(UTC)


class House:
    """One opened home with its rooms; each is built when first asked for."""

    def __init__(self, home: Home, settings: Settings, lang: str, actor: str) -> None:
        """Open the register and bring its schema up to date."""
        self.home = home
        self.settings = settings
        self.texts = Texts(lang)
        self.actor = actor_named(actor)
        self.clock = utc_now
        self.board = ProgressBoard(utc_now)
        self.register = Register(open_engine(home.register_url))
        migrate(self.register.engine)

    # --- rooms -----------------------------------------------------------------------------------------------------

    @cached_property
    def pack(self) -> LawPack:
        """The law pack in force here."""
        named = self.settings.law.pack
        return load_pack(self.home.root / named) if named else default_pack()

    @cached_property
    def library(self) -> RegisterLibrary:
        """The reading side of the register."""
        return RegisterLibrary(self.register, self.pack)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The writing side of the register."""
        return Catalogue()

    @cached_property
    def reviewer(self) -> RegisterReviewer:
        """The one way to a finding."""
        return RegisterReviewer(self.pack)

    @cached_property
    def vault(self) -> LocalVault:
        """Originals and records."""
        return LocalVault(self.home.vault, self.home.work, reached=reached)

    @cached_property
    def derivatives(self) -> LocalDerivatives:
        """Proxies and stills."""
        return LocalDerivatives(self.home.vault / "derivatives")

    @cached_property
    def runner(self) -> Runner:
        """The process runner."""
        return Runner(ffmpeg=self.settings.work.ffmpeg, ffprobe=self.settings.work.ffprobe)

    @cached_property
    def desk(self) -> Desk:
        """The counter of the durable engine."""
        return Desk(self.home.register_url)

    @cached_property
    def human(self) -> HumanDesk:
        """Where people decide."""
        return HumanDesk(self.register, self.vault, self.reviewer, Decisions(self.pack), self.clock)

    def journey(self) -> Journey:
        """Build the pipeline; at most one per process may be started."""
        cores = os.cpu_count() or 1
        derive = self.settings.work.derive or cores
        return Journey(
            Stages(self._rooms()),
            url=self.home.register_url,
            engine=self.register.engine,
            executor=EXECUTOR,
            limits=Limits(intake=max(1, cores // 2), measure=cores, derive=derive),
        )

    def watcher(self) -> Watcher:
        """Build the watcher of the dock folder and of the further roots."""
        watch = self.settings.watch
        roots = [Root(self.home.dock, mode=WatchMode(watch.mode))]
        roots += [Root(root.path, StationId(root.station), WatchMode(root.mode)) for root in watch.roots]
        settler = Settler(quiet_s=watch.quiet_s, clock=time.monotonic, known=self.is_known)
        return Watcher(
            roots, settler, lambda pickup: self.submit([pickup]), clock=time.monotonic, rescan_s=watch.rescan_s
        )

    def _rooms(self) -> Rooms:
        profiles = default_profiles()
        return Rooms(
            taker=Intake(self.vault, self.clock, tool=f"evidock {program_version()}"),
            vault=self.vault,
            prober=FfprobeProber(self.runner),
            deriver=FfmpegDeriver(self.derivatives, self.runner),
            intakes=self.catalogue,
            reviewer=self.reviewer,
            claims_of_path=lambda sighting: claims_of_sighting(sighting, profiles),
            claims_of_photo=claims_of_photo,
            clock=self.clock,
            board=self.board,
            scratch=self.home.work,
        )

    # --- work ------------------------------------------------------------------------------------------------------

    def submit(self, pickups: Sequence[Pickup], *, again: bool = False) -> None:
        """Hand files to the pipeline; each is noted as waiting in the same transaction."""
        if not pickups:
            return
        known = self.library.outcomes([pickup.key for pickup in pickups])
        with self.register.transaction() as tx:
            for pickup in pickups:
                if again or pickup.key not in known:
                    self.catalogue.note_pickup(tx, pickup, PickupState.WAITING, None, self.clock())
                    self.desk.submit(tx, pickup, again=again)

    def is_known(self, pickup: Pickup) -> bool:
        """Whether this state of a file was handed in before; a failed one is tried again when a person says so."""
        return pickup.key in self.library.outcomes([pickup.key])

    def retry(self, named: str | None) -> None:
        """Try one failed clip again, or (None) every clip and file that failed.

        Raises:
            NotFoundError: no such clip. UsageError: it has not failed.
        """
        clips = [self.library.clip(named)] if named else self.library.clips(ClipFilter(failed=True, limit=EVERY))
        if named and not clips[0].failure:
            raise UsageError("has not failed", subject=clips[0].digest, cure="`evidock clips --failed` lists what has")
        with self.register.transaction() as tx:
            for clip in clips:
                self.catalogue.clear_failure(tx, clip.digest)
                self.desk.retry_clip(tx, clip.digest, clip.source_path)
        if not named:
            self.submit(self.library.pickups_in(PickupState.FAILED), again=True)

    def pause(self, seconds: float) -> None:
        """Wait for other threads to get on; the terminal's polling, not a rule of the domain."""
        threading.Event().wait(seconds)

    def close(self) -> None:
        """Let go of the database."""
        if "desk" in self.__dict__:
            self.desk.close()
        self.register.close()

    def __enter__(self) -> Self:
        """Return the opened house."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go."""
        self.close()


def open_house(
    root: Path | None,
    *,
    lang: str | None = None,
    actor: str = SYSTEM_ACTOR,
    overrides: Mapping[str, object] | None = None,
) -> House:
    """Open a home, made on first use.

    Raises:
        ConfigError: the folder or its settings cannot be used.
    """
    home = make_home(root or default_home())
    settings = load_settings(home.root, overrides)
    return House(home, settings, lang or settings.language, actor)
