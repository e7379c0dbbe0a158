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
from dashboard.logs import LOG
from dashboard.texts import Texts
from dashboard.version import program_version
from evidence.errors import UsageError
from evidence.ids import StationId
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
from ingest.pipeline_stages import Rooms, Stages, label_of
from ingest.progress import ProgressBoard
from ingest.settle import Settler, Waiting
from ingest.stations import Root, WatchMode
from ingest.watch import Trouble, Watcher
from storage.derivatives import LocalDerivatives
from storage.local_vault import LocalVault
from transcode.derive import FfmpegDeriver
from transcode.probe import FfprobeProber
from transcode.runner import Runner

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

    @cached_property
    def watcher(self) -> Watcher:
        """The watcher of the dock folder and of the further roots; the one who serves the home starts it."""
        watch = self.settings.watch
        roots = [Root(self.home.dock, mode=WatchMode(watch.mode))]
        roots += [Root(root.path, StationId(root.station), WatchMode(root.mode)) for root in watch.roots]
        settler = Settler(quiet_s=watch.quiet_s, clock=time.monotonic, known=self.is_known)
        return Watcher(
            roots,
            settler,
            lambda pickup: self.submit([pickup]),
            clock=time.monotonic,
            on_trouble=self._log_trouble,
            rescan_s=watch.rescan_s,
        )

    def _log_trouble(self, trouble: Trouble) -> None:
        LOG.warning(self.texts.say(trouble.what), path=trouble.path, cause=str(trouble.error or ""))

    @property
    def settling(self) -> Sequence[Waiting]:
        """Watched files that are not whole yet; empty in a process that does not watch."""
        return self.watcher.waiting() if "watcher" in self.__dict__ else ()

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

    def submit(self, pickups: Sequence[Pickup]) -> None:
        """Hand files to the pipeline, noted as waiting in the same transaction; what is under way or sealed stays."""
        if not pickups:
            return
        with self.register.transaction() as tx:
            for pickup in pickups:
                before = self.catalogue.pickup_state(tx, pickup.key)
                if before in RETRYABLE:
                    self.catalogue.note_pickup(tx, pickup, PickupState.WAITING, None, self.clock())
                    self.desk.submit(tx, pickup, again=before is not None)

    def is_known(self, pickup: Pickup) -> bool:
        """Whether the watcher need not offer this state of a file: it is sealed or on its way, or a person retries."""
        outcome = self.library.outcomes([pickup.key]).get(pickup.key)
        return outcome is not None and outcome.state is not PickupState.SETTLING

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
                self.desk.retry_clip(tx, clip.digest, label_of(clip.station, clip.source_path))
        if not named:
            self.submit(self.library.pickups_in(PickupState.FAILED))

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
    actor: str = "",
    overrides: Mapping[str, object] | None = None,
) -> House:
    """Open a home, made on first use.

    Raises:
        ConfigError: the folder or its settings cannot be used.
    """
    home = make_home(root or default_home())
    settings = load_settings(home.root, overrides)
    return House(home, settings, lang or settings.language, actor)
